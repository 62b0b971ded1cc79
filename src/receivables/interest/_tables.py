"""Interest on an item as a table for people."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from receivables.money import digits
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.interest.accrual import Interest

__all__ = ["interest_table"]

_MORE_PLACES: Final = 2
"""Decimals beyond those of the currency: enough to see what was rounded."""


def interest_table(interest: Interest) -> ResultTable:
    """A row per days of one rate and one balance; what is charged, rounded once, below."""
    places = digits(interest.currency)
    unit = 10**places
    return ResultTable(
        title=Phrase("interest on {item}", {"item": interest.item}),
        as_of=interest.as_of,
        subtitle=Phrase("by {basis}", {"basis": interest.jurisdiction}),
        currency=interest.currency,
        columns=[
            TableColumn(name="first", heading=Phrase("from"), kind=CellKind.DATE),
            TableColumn(name="last", heading=Phrase("to"), kind=CellKind.DATE),
            TableColumn(name="days", kind=CellKind.DAYS),
            TableColumn(name="balance_minor", heading=Phrase("balance"), kind=CellKind.MONEY),
            TableColumn(name="rate", kind=CellKind.SHARE, places=2),
            TableColumn(name="interest", kind=CellKind.RATIO, places=places + _MORE_PLACES),
        ],
        rows=[
            [
                *(one.first, one.last, one.days, one.balance_minor),
                *(Fraction(one.rate) / 100, Fraction(one.amount_minor, unit)),
            ]
            for one in interest.segments
        ],
        totals=[
            [
                Phrase("to be charged"),
                None,
                interest.days,
                None,
                None,
                Fraction(interest.amount_minor, unit),
            ]
        ],
    )
