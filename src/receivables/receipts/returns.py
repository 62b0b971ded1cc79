"""Why money went back: the schemes' codes in one vocabulary, and what each reason means for us.

>>> return_reason("iso20022", "AM04"), return_reason("nacha", "R01"), return_reason("cpa005", "901")
(<ReturnReason.INSUFFICIENT_FUNDS: 'insufficient-funds'>, <ReturnReason.INSUFFICIENT_FUNDS: 'insufficient-funds'>, <ReturnReason.INSUFFICIENT_FUNDS: 'insufficient-funds'>)
>>> may_retry(ReturnReason.INSUFFICIENT_FUNDS), may_retry(ReturnReason.MANDATE_REVOKED)
(True, False)
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.receipts._return_codes import FAMILIES, MEMORY, ROWS, SOURCES
from receivables.receipts.model import ReturnReason

__all__ = [
    "CONSEQUENCES",
    "RETURN_CODES",
    "SCHEMES",
    "CodeStatus",
    "Consequence",
    "Fault",
    "Retry",
    "ReturnCode",
    "ends_mandate",
    "fault",
    "find_return_code",
    "may_retry",
    "return_reason",
]


class CodeStatus(enum.Enum):
    """How sure we are of what a code means."""

    VERIFIED = "verified"
    """Read in the source of its scheme."""
    FAMILY = "family"
    """The code itself is not listed; its reason is that of the group it belongs to."""
    MEMORY = "memory"
    """From general knowledge, and unverified."""
    UNKNOWN = "unknown"


class Retry(enum.Enum):
    """When the same collection may be tried again."""

    AS_IT_IS = "as-it-is"
    AFTER_CORRECTION = "after-correction"
    """With other data: another account, another amount, a repaired file."""
    AFTER_CONTACT = "after-contact"
    """Once the payer has said what is the matter."""
    NEVER = "never"


class Fault(enum.Enum):
    """On whose side the cause lies, and so who is asked first."""

    PAYER = "payer"
    CREDITOR = "creditor"
    BANK = "bank"
    DISPUTED = "disputed"
    """Payer and creditor see it differently."""
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Consequence:
    """What a reason means for the claim; conventions of practice, to be replaced where yours differ.

    `ends_mandate` says whether nothing more may be collected until the payer gives or amends a
    mandate.
    """

    retry: Retry
    fault: Fault
    ends_mandate: bool = False


@attrs.frozen(kw_only=True)
class ReturnCode:
    """A code of a scheme: the reason that it stands for, and its meaning in our own words."""

    scheme: str
    code: str
    reason: ReturnReason
    meaning: str = ""
    status: CodeStatus = CodeStatus.UNKNOWN


SCHEMES: Final[Mapping[str, str]] = MappingProxyType(dict(SOURCES))
"""The schemes by name, each with where its codes were read.

``iso20022`` are the external codes of returns and rejects (SEPA among others), ``nacha`` those of
ACH, ``cpa005`` those of Canadian transfers and debits, ``cfonb`` the two digits of French debits
and bills, ``bacs`` those of ARUDD, ``x9`` those of checks in the United States; ``visa``,
``mastercard`` and ``amex`` are reasons of chargebacks.
"""


def _rows() -> Mapping[tuple[str, str], ReturnCode]:
    codes = {}
    for scheme, rows in ROWS.items():
        unsure = MEMORY.get(scheme, frozenset())
        for code, reason, meaning in rows:
            status = CodeStatus.MEMORY if code in unsure else CodeStatus.VERIFIED
            codes[scheme, code] = ReturnCode(
                scheme=scheme, code=code, reason=reason, meaning=meaning, status=status
            )
    return MappingProxyType(codes)


RETURN_CODES: Final[Mapping[tuple[str, str], ReturnCode]] = _rows()
"""Every code that is listed, by scheme and code."""

CONSEQUENCES: Final[Mapping[ReturnReason, Consequence]] = MappingProxyType(
    {
        ReturnReason.UNSPECIFIED: Consequence(retry=Retry.AFTER_CONTACT, fault=Fault.UNKNOWN),
        ReturnReason.INSUFFICIENT_FUNDS: Consequence(retry=Retry.AS_IT_IS, fault=Fault.PAYER),
        ReturnReason.ACCOUNT_CLOSED: Consequence(
            retry=Retry.AFTER_CORRECTION, fault=Fault.PAYER, ends_mandate=True
        ),
        ReturnReason.ACCOUNT_INVALID: Consequence(
            retry=Retry.AFTER_CORRECTION, fault=Fault.CREDITOR
        ),
        ReturnReason.ACCOUNT_BLOCKED: Consequence(retry=Retry.AFTER_CONTACT, fault=Fault.PAYER),
        ReturnReason.PAYER_DECEASED: Consequence(
            retry=Retry.NEVER, fault=Fault.PAYER, ends_mandate=True
        ),
        ReturnReason.MANDATE_MISSING: Consequence(
            retry=Retry.AFTER_CORRECTION, fault=Fault.CREDITOR, ends_mandate=True
        ),
        ReturnReason.MANDATE_REVOKED: Consequence(
            retry=Retry.NEVER, fault=Fault.PAYER, ends_mandate=True
        ),
        ReturnReason.UNAUTHORIZED: Consequence(
            retry=Retry.NEVER, fault=Fault.DISPUTED, ends_mandate=True
        ),
        ReturnReason.REFUND_REQUESTED: Consequence(retry=Retry.AFTER_CONTACT, fault=Fault.PAYER),
        ReturnReason.STOPPED: Consequence(retry=Retry.AFTER_CONTACT, fault=Fault.PAYER),
        ReturnReason.DUPLICATE: Consequence(retry=Retry.NEVER, fault=Fault.CREDITOR),
        ReturnReason.AMOUNT_WRONG: Consequence(retry=Retry.AFTER_CORRECTION, fault=Fault.CREDITOR),
        ReturnReason.INSTRUMENT_IRREGULAR: Consequence(
            retry=Retry.AFTER_CORRECTION, fault=Fault.PAYER
        ),
        ReturnReason.FRAUD: Consequence(retry=Retry.NEVER, fault=Fault.DISPUTED, ends_mandate=True),
        ReturnReason.GOODS_DISPUTED: Consequence(retry=Retry.AFTER_CONTACT, fault=Fault.DISPUTED),
        ReturnReason.PROCESSING_ERROR: Consequence(
            retry=Retry.AFTER_CORRECTION, fault=Fault.CREDITOR
        ),
        ReturnReason.TECHNICAL: Consequence(retry=Retry.AS_IT_IS, fault=Fault.BANK),
        ReturnReason.REGULATORY: Consequence(retry=Retry.AFTER_CONTACT, fault=Fault.UNKNOWN),
    }
)
"""What each reason means; a test sees that none is left out."""

_PREFIXED: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "cfonb": re.compile(r"0*([0-9]{1,2})"),
        "cpa005": re.compile(r"(?:R|0)?(9[0-9]{2})(?:-.*)?"),
        "nacha": re.compile(r"R?0*([0-9]{1,2})"),
    }
)
_SHAPES: Final[Mapping[str, str]] = MappingProxyType(
    {"cfonb": "{:0>2}", "cpa005": "{}", "nacha": "R{:0>2}"}
)


def find_return_code(scheme: str, code: str) -> ReturnCode:
    """What a scheme's code means; one that is not listed is kept as it came, without a reason.

    Its reason is `ReturnReason.UNSPECIFIED` then, and its status says that it is not known.  Blanks
    around the code and its case do not matter, nor the zeros and letters that banks put before it
    (``R901``, ``4`` for ``04``).  Raises `PolicyError` for a scheme that is not known.

    >>> find_return_code("bacs", "b").meaning
    'the account is closed'
    >>> find_return_code("nacha", "R99")
    ReturnCode(scheme='nacha', code='R99', reason=<ReturnReason.UNSPECIFIED: 'unspecified'>, meaning='', status=<CodeStatus.UNKNOWN: 'unknown'>)
    """
    if scheme not in SCHEMES:
        msg = f"scheme must be one of {', '.join(sorted(SCHEMES))}, got {scheme!r}"
        raise PolicyError(msg)
    known = _normal(scheme, code)
    if (scheme, known) in RETURN_CODES:
        return RETURN_CODES[scheme, known]
    # A scheme may divide a code further (Visa 12.6.1): the whole says enough.
    whole = known.rpartition(".")[0]
    if known.count(".") > 1 and (scheme, whole) in RETURN_CODES:
        return attrs.evolve(RETURN_CODES[scheme, whole], code=known)
    for start, reason, meaning in FAMILIES.get(scheme, ()):
        if known.startswith(start):
            return ReturnCode(
                scheme=scheme, code=known, reason=reason, meaning=meaning, status=CodeStatus.FAMILY
            )
    return ReturnCode(scheme=scheme, code=code.strip(), reason=ReturnReason.UNSPECIFIED)


def _normal(scheme: str, code: str) -> str:
    """A code as it is listed."""
    plain = code.strip().upper()
    shape = _PREFIXED.get(scheme)
    found = shape.fullmatch(plain) if shape is not None else None
    return plain if found is None else _SHAPES[scheme].format(found[1])


def return_reason(scheme: str, code: str) -> ReturnReason:
    """The reason that a scheme's code stands for; `ReturnReason.UNSPECIFIED` where it is not listed.

    >>> return_reason("visa", "13.1")
    <ReturnReason.GOODS_DISPUTED: 'goods-disputed'>
    """
    return find_return_code(scheme, code).reason


def may_retry(reason: ReturnReason) -> bool:
    """Whether the same collection may be tried again without anything changed.

    How often and how long is the scheme's: ACH allows two more tries within 180 days (from memory,
    unverified).
    """
    return CONSEQUENCES[reason].retry is Retry.AS_IT_IS


def fault(reason: ReturnReason) -> Fault:
    """On whose side the cause lies."""
    return CONSEQUENCES[reason].fault


def ends_mandate(reason: ReturnReason) -> bool:
    """Whether nothing more may be collected until the payer gives or amends a mandate."""
    return CONSEQUENCES[reason].ends_mandate
