"""Proposals for receipts as a table for people."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.matching.model import MatchProposal, Proposals

__all__ = ["proposals_table"]


def proposals_table(proposals: Proposals) -> ResultTable:
    """A row per receipt, totals per currency."""
    amounts = {"amount_minor": "amount", "applied_minor": "applied", "unapplied_minor": "unapplied"}
    by_currency: dict[str, list[MatchProposal]] = {}
    for one in proposals:
        by_currency.setdefault(one.currency, []).append(one)
    return ResultTable(
        title="proposals for receipts",
        columns=[
            *(TableColumn(name=name) for name in ("receipt", "customer", "outcome")),
            TableColumn(name="items", heading=Phrase("pays")),
            TableColumn(name="sure", kind=CellKind.SHARE),
            TableColumn(name="currency"),
            *(
                TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)
                for name, heading in amounts.items()
            ),
        ],
        rows=[_row(one) for one in proposals],
        totals=[
            [
                Phrase("total"),
                "",
                "",
                "",
                None,
                currency,
                *map(sum, zip(*map(_amounts, found), strict=True)),
            ]
            for currency, found in sorted(by_currency.items())
        ],
    )


def _row(one: MatchProposal) -> list[Cell]:
    items = ", ".join(part.item for part in one.parts)
    sure = Fraction(one.probability_bp, 10_000) if one.parts else None
    return [
        *(one.receipt, one.customer, Phrase(one.outcome.value), items, sure),
        *(one.currency, *_amounts(one)),
    ]


def _amounts(one: MatchProposal) -> tuple[int, int, int]:
    return one.amount_minor, one.amount_minor - one.unapplied_minor, one.unapplied_minor
