"""What a reader of accounting exports must be told, because the file does not say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.money import digits
from receivables.parties import CreditorId
from receivables.texts import DECIMALS, check_encoding

__all__ = ["JOURNAL_KINDS", "FecSettings"]

JOURNAL_KINDS: Final = ("sales", "cash", "opening", "other")
"""What a journal can be declared to hold; see `FecSettings.journals`."""

_LETTERINGS: Final = ("balanced", "ignore")


def _prefixes(values: Iterable[str]) -> tuple[str, ...]:
    # A lone text is a likely slip, and would otherwise be taken letter by letter.
    return (values,) if isinstance(values, str) else tuple(str(value) for value in values)


def _table(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


def _encoding(value: str | None) -> str | None:
    return None if value is None else check_encoding(value)


@attrs.frozen(kw_only=True)
class FecSettings:
    """The settings of the ledger source ``fec``.

    `accounts` are prefixes of *CompteNum* that hold receivables: add ``413`` for bills of exchange
    or ``416`` for doubtful customers.  `lettering` is ``balanced`` (use a group if it adds up to
    zero) or ``ignore``.  `journals` says what a journal holds (``sales``, ``cash``, ``opening`` or
    ``other``), by its code, where the other accounts of its entries do not tell.  `encoding` is
    detected where it is not given.

    Raises `PolicyError` for a value that is not possible.

    >>> FecSettings(creditor="MIRA", accounts=["411", "416"]).accounts
    ('411', '416')
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = attrs.field(default="EUR")
    accounts: tuple[str, ...] = attrs.field(default=("411",), converter=_prefixes)
    lettering: str = attrs.field(default="balanced")
    journals: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    locale: str = "fr-FR"
    """The language of the customers, which the file does not give."""
    decimal: str = attrs.field(default=",")
    encoding: str | None = attrs.field(default=None, converter=_encoding)

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @accounts.validator
    def _check_accounts(self, _attribute: object, value: tuple[str, ...]) -> None:
        if not value or not all(prefix.isdigit() for prefix in value):
            msg = f"accounts must be prefixes of account numbers, got {value!r}"
            raise PolicyError(msg)

    @lettering.validator
    def _check_lettering(self, _attribute: object, value: str) -> None:
        if value not in _LETTERINGS:
            msg = f"lettering must be one of {', '.join(_LETTERINGS)}, got {value!r}"
            raise PolicyError(msg)

    @journals.validator
    def _check_journals(self, _attribute: object, value: Mapping[str, str]) -> None:
        if unknown := sorted(set(value.values()) - set(JOURNAL_KINDS)):
            msg = f"journals must be {', '.join(JOURNAL_KINDS)}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @decimal.validator
    def _check_decimal(self, _attribute: object, value: str) -> None:
        if value not in DECIMALS:
            msg = f"decimal must be one of {DECIMALS}, got {value!r}"
            raise PolicyError(msg)
