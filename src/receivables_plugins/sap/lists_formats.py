"""How amounts and days of a list are written: declared, or proved by the values themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Final, TypeVar

import attrs

from receivables.texts import amount_readings, date_readings

__all__ = ["AmountFormat", "Formats", "proved_amounts", "proved_days"]

T = TypeVar("T")
F = TypeVar("F")


@attrs.frozen
class AmountFormat:
    """The mark before the decimals, and the one between thousands."""

    decimal: str
    grouping: str


_AMOUNTS: Final = (
    AmountFormat(",", "."),
    AmountFormat(".", ","),
    AmountFormat(",", " "),
    AmountFormat(".", " "),
    AmountFormat(".", "'"),
    AmountFormat(",", ""),
    AmountFormat(".", ""),
)
"""The ways in which users of SAP can have their amounts, and the two without grouping."""

_DAYS: Final = (
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%Y.%m.%d",
    "%Y/%m/%d",
    "%Y-%m-%d",
    "%Y%m%d",
    "%d.%m.%y",
)
"""The ways in which users of SAP can have their days, and some of their spreadsheets."""

NO_DAYS: Final = frozenset({"", "00.00.0000", "00/00/0000", "0000-00-00", "00000000"})
"""What stands where there is no day."""


@attrs.frozen
class Formats:
    """The one way to read amounts, and the one way to read days."""

    amounts: AmountFormat
    days: str

    def amount(self, text: str) -> Decimal | None:
        """An amount, or None where it is none in this form."""
        found = amount_readings(text, decimal=self.amounts.decimal, grouping=self.amounts.grouping)
        return found[0] if len(found) == 1 else None

    def day(self, text: str) -> dt.date | None:
        """A day, or None where it is none in this form."""
        found = date_readings(text, format=self.days)
        return found[0] if len(found) == 1 else None


def proved_amounts(texts: Collection[str]) -> tuple[AmountFormat, ...]:
    """The forms in which every text is an amount, of which those that agree on all are one.

    One is a proof, none means that something is no amount, and more that it must be declared.

    >>> proved_amounts({"1.234,50", "7,00-"})
    (AmountFormat(decimal=',', grouping='.'),)
    >>> len(proved_amounts({"1.234"}))
    2
    """

    def value(form: AmountFormat, text: str) -> Decimal | None:
        return Formats(form, "").amount(text)

    return _proved(_AMOUNTS, texts, value)


def proved_days(texts: Collection[str]) -> tuple[str, ...]:
    """The forms in which every text is a day, of which those that agree on all are one.

    >>> proved_days({"31.01.2026"}), len(proved_days({"01/02/2026"}))
    (('%d.%m.%Y',), 2)
    """
    return _proved(_DAYS, texts, lambda form, text: Formats(_AMOUNTS[0], form).day(text))


def _proved(
    forms: Collection[F], texts: Collection[str], value: Callable[[F, str], T | None]
) -> tuple[F, ...]:
    found: dict[tuple[T, ...], F] = {}
    for form in forms:
        values = []
        for text in texts:
            one = value(form, text)
            if one is None:
                break
            values.append(one)
        else:
            found.setdefault(tuple(values), form)
    return tuple(found.values())
