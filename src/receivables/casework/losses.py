"""What is expected to be lost, and what was given up: insolvencies, specific allowances, write-offs."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from receivables.casework._checks import check_above_zero, check_named, item_ids
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import Money, exact
from receivables.parties import CustomerId

__all__ = [
    "AllowanceReason",
    "Insolvency",
    "InsolvencyKind",
    "InsurerNotice",
    "InsurerNoticeKind",
    "SpecificAllowance",
    "WriteOffOutcome",
    "WriteOffReason",
    "WriteOffRequest",
    "WrittenOffPart",
]

_WHOLE_BPS = 10_000


class InsolvencyKind(enum.Enum):
    """Which proceedings a customer is in."""

    CONCILIATION = "conciliation"
    """Talks with creditors before insolvency: *conciliation*, *mandat ad hoc*, a proposal."""
    SAFEGUARD = "safeguard"
    """*Sauvegarde*; protection from creditors before payments have stopped."""
    REORGANIZATION = "reorganization"
    """*Redressement judiciaire*, *concurso* with a plan, chapter 11, administration."""
    LIQUIDATION = "liquidation"
    """*Liquidation judiciaire*, chapter 7, bankruptcy, winding up."""


@attrs.frozen(kw_only=True)
class Insolvency:
    """Proceedings that were opened: the day of the judgment, the court, and by when to file a claim.

    >>> Insolvency(insolvency="I-1", customer="C-017", kind="liquidation",
    ...            opened_on=dt.date(2026, 9, 1)).kind.value
    'liquidation'
    """

    insolvency: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    kind: InsolvencyKind = attrs.field(converter=InsolvencyKind)
    opened_on: dt.date
    court: str = ""
    administrator: str = ""
    file_claim_by: dt.date | None = None
    claim_filed_on: dt.date | None = None
    reference: str = ""
    note: str = ""


class AllowanceReason(enum.Enum):
    """Why a claim has an allowance of its own."""

    INSOLVENCY = "insolvency"
    LITIGATION = "litigation"
    DISPUTE = "dispute"
    DEFAULT = "default"
    """It is long past due, and nothing helps."""
    FORBEARANCE = "forbearance"
    """A plan for a debtor in difficulties."""
    DISAPPEARED = "disappeared"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class SpecificAllowance:
    """What is expected to be lost of one customer, or of some of its items, by a person's judgment.

    `rate_bps` is the part that is expected to be lost, in basis points of what is open.  The items
    it names, or all of the customer's where it names none, leave the pools of the matrix and are
    credit-impaired.  Raises `DocumentError` for a rate outside 0 to 10,000.

    >>> SpecificAllowance(specific="A-1", customer="C-017", rate_bps=6_000,
    ...                   reason="insolvency").items
    ()
    """

    specific: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    rate_bps: int = attrs.field(validator=attrs.validators.instance_of(int))
    reason: AllowanceReason = attrs.field(converter=AllowanceReason)
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=item_ids)
    expected_on: dt.date | None = None
    """When the rest is expected to come in, for what is discounted."""
    by: str = ""
    note: str = ""

    @rate_bps.validator
    def _check_rate(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= _WHOLE_BPS:
            msg = f"rate_bps must be from 0 to {_WHOLE_BPS}, got {value}"
            raise DocumentError(msg)


class WriteOffReason(enum.Enum):
    """Why a claim is given up."""

    INSOLVENCY = "insolvency"
    LIMITATION = "limitation"
    """No court would hear it any more."""
    UNTRACEABLE = "untraceable"
    UNECONOMIC = "uneconomic"
    """To collect it would cost more than it brings."""
    SETTLEMENT = "settlement"
    """The rest after an agreement."""
    SMALL_BALANCE = "small-balance"
    COURT_LOST = "court-lost"
    DECEASED = "deceased"
    FRAUD = "fraud"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class WrittenOffPart:
    """What of an item is given up, tax included."""

    item: ItemId = attrs.field(converter=ItemId)
    amount: Money = attrs.field(converter=exact, validator=check_above_zero)


def _parts(values: Iterable[WrittenOffPart]) -> tuple[WrittenOffPart, ...]:
    return tuple(values)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class WriteOffRequest:
    """Somebody asks to give up claims: which, why, and what was tried before.

    `efforts` are what was done, as texts that name it (``"notice dunned:MIRA:C-017:3"``).  Raises
    `DocumentError` where there is no part, or one item twice.
    """

    write_off: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    parts: tuple[WrittenOffPart, ...] = attrs.field(converter=_parts)
    reason: WriteOffReason = attrs.field(converter=WriteOffReason)
    efforts: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    proof: str = ""
    """The certificate, the judgment, the returned letter."""
    policy: str = ""
    by: str = ""
    note: str = ""

    @parts.validator
    def _check_parts(self, _attribute: object, value: tuple[WrittenOffPart, ...]) -> None:
        items = [one.item for one in value]
        if not items or len(set(items)) != len(items):
            msg = f"parts of write-off {self.write_off} must be one or more, each item once, got {items}"
            raise DocumentError(msg)

    @property
    def items(self) -> tuple[ItemId, ...]:
        """The items that it names."""
        return tuple(part.item for part in self.parts)


class WriteOffOutcome(enum.Enum):
    """What became of a request to write off."""

    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class InsurerNoticeKind(enum.Enum):
    """What an insurer was told."""

    OVERDUE = "overdue"
    """A payment is late beyond what the policy allows."""
    EXTENSION = "extension"
    """The customer was given more time."""
    INSOLVENCY = "insolvency"
    RECOVERY = "recovery"


@attrs.frozen(kw_only=True)
class InsurerNotice:
    """An insurer was told something about a customer's items, as its policy asks."""

    insurer_notice: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    policy: str = attrs.field(validator=check_named)
    kind: InsurerNoticeKind = attrs.field(converter=InsurerNoticeKind)
    items: tuple[ItemId, ...] = attrs.field(converter=item_ids)
    reference: str = ""
    by: str = ""
    note: str = ""
