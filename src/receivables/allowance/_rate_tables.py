"""Rates from history as tables for people: loss rates, roll rates, vintages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.aging.labels import bucket_cell, bucket_phrase
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.allowance.rates import LossRateCell, LossRates, RollRates, VintageTable

__all__ = ["loss_rate_table", "roll_rate_table", "vintage_table"]

_RATE_PLACES = 2


def _amount(name: str, heading: str) -> TableColumn:
    return TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)


def _share(name: str, heading: Phrase) -> TableColumn:
    return TableColumn(name=name, heading=heading, kind=CellKind.SHARE)


def loss_rate_table(rates: LossRates) -> ResultTable:
    """A row per segment and bucket."""
    return ResultTable(
        title="loss rates",
        as_of=rates.until,
        subtitle=Phrase(
            "{method}, {first} to {last}",
            {"method": Phrase(rates.method.value), "first": rates.first, "last": rates.last},
        ),
        currency=rates.currency,
        columns=[
            TableColumn(name="segment"),
            TableColumn(name="bucket"),
            _amount("reached_minor", "reached"),
            _amount("lost_minor", "lost"),
            _amount("still_open_minor", "still open"),
            TableColumn(name="items", kind=CellKind.COUNT),
            TableColumn(
                name="rate", heading=Phrase("rate"), kind=CellKind.SHARE, places=_RATE_PLACES
            ),
        ],
        rows=[_loss_row(cell) for cell in rates.cells],
    )


def _loss_row(cell: LossRateCell) -> list[Cell]:
    amounts = (cell.reached_minor, cell.lost_minor, cell.still_open_minor)
    return [cell.segment, bucket_cell(cell.label), *amounts, cell.items, cell.rate]


def roll_rate_table(rolls: RollRates) -> ResultTable:
    """A row per bucket, a column for each place where it can be a month later."""
    labels = rolls.labels
    places = [_share(f"bucket_{index}", bucket_phrase(label)) for index, label in enumerate(labels)]
    ends = [_share("paid", Phrase("paid")), _share("lost", Phrase("lost"))]
    return ResultTable(
        title="roll rates",
        as_of=rolls.rates.until,
        subtitle=Phrase(
            "from one month end to the next, {first} to {last}",
            {"first": rolls.days[0], "last": rolls.days[-1]},
        ),
        currency=rolls.rates.currency,
        columns=[
            TableColumn(name="bucket"),
            _amount("opening_minor", "at the beginning"),
            *places,
            *ends,
        ],
        rows=[
            [bucket_phrase(label), rolls.opening[index], *rolls.shares(index)]
            for index, label in enumerate(labels)
        ],
    )


def vintage_table(table: VintageTable) -> ResultTable:
    """A row per month of issue, a column per age; the rates of all months stand below."""
    ages = len(table.rates)
    return ResultTable(
        title="losses by month of issue",
        as_of=table.until,
        subtitle="share lost by age in months",
        currency=table.currency,
        columns=[
            TableColumn(name="month"),
            _amount("issued_minor", "issued"),
            *(
                _share(f"age_{age}", Phrase("{months} months", {"months": age}))
                for age in range(ages)
            ),
            _amount("still_open_minor", "still open"),
        ],
        rows=[
            [
                f"{one.month:%Y-%m}",
                one.issued_minor,
                *_parts(one.lost_minor, of=one.issued_minor, ages=ages),
                one.still_open_minor,
            ]
            for one in table.vintages
        ],
        totals=[
            [
                Phrase("total"),
                sum(one.issued_minor for one in table.vintages),
                *table.rates,
                sum(one.still_open_minor for one in table.vintages),
            ]
        ]
        if table.vintages
        else (),
    )


def _parts(lost: Sequence[int | None], *, of: int, ages: int) -> list[Cell]:
    known = [*lost, *([None] * (ages - len(lost)))]
    return [None if minor is None or not of else Fraction(minor, of) for minor in known]
