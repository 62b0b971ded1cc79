"""The statistics of disputes day by day.

>>> from receivables.ledger import Ledger
>>> days = [dt.date(2026, 9, 30), dt.date(2026, 10, 31)]
>>> dispute_series(Ledger(), "MIRA", days=days).days == tuple(days)
True
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from receivables.disputes.model import DisputePolicy
from receivables.disputes.objects import standings
from receivables.disputes.statistics import DisputeGrouping, DisputeStatistics, dispute_statistics
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = ["DisputeSeries", "dispute_series"]

_DAYS_MAX: Final = 400
_FIGURES: Final[tuple[tuple[str, str, CellKind], ...]] = (
    ("disputes", "disputes", CellKind.COUNT),
    ("decided", "decided", CellKind.COUNT),
    ("stated_minor", "contested", CellKind.MONEY),
    ("held_minor", "held back", CellKind.MONEY),
    ("accepted_minor", "accepted", CellKind.MONEY),
    ("refused_minor", "refused", CellKind.MONEY),
    ("median_days", "median days", CellKind.DAYS),
)


def _days(values: Iterable[tuple[dt.date, DisputeStatistics]]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DisputeSeries:
    """What `dispute_statistics` says at the end of each of some days: all that was opened by then."""

    by: tuple[DisputeGrouping, ...]
    tables: tuple[tuple[dt.date, DisputeStatistics], ...] = attrs.field(converter=_days, repr=False)

    def __iter__(self) -> Iterator[tuple[dt.date, DisputeStatistics]]:
        return iter(self.tables)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days."""
        return tuple(day for day, _ in self.tables)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        names = (name for name, _, _ in _FIGURES)
        return ("as_of", *(one.value for one in self.by), "currency", *names)

    def to_rows(self) -> list[tuple[Any, ...]]:
        """A row for each day, group and currency, amounts in minor units."""
        names = [name for name, _, _ in _FIGURES]
        return [
            (day, *row.group, row.currency, *(getattr(row, name) for name in names))
            for day, table in self.tables
            for row in table.rows
        ]

    def to_table(self) -> ResultTable:
        """A row for each day, group and currency."""
        return ResultTable(
            title=Phrase("disputes by day"),
            columns=[
                TableColumn(name="as_of", heading=Phrase("day"), kind=CellKind.DATE),
                *(TableColumn(name=one.value) for one in self.by),
                TableColumn(name="currency"),
                *(
                    TableColumn(name=name, heading=Phrase(heading), kind=kind)
                    for name, heading, kind in _FIGURES
                ),
            ],
            rows=self.to_rows(),
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def dispute_series(
    ledger: Ledger,
    creditor: str,
    *,
    days: Iterable[dt.date],
    by: Sequence[DisputeGrouping | str] = (DisputeGrouping.REASON,),
    known_at: dt.datetime | None = None,
    policy: DisputePolicy | None = None,
) -> DisputeSeries:
    """The disputes of a creditor as they stood at the end of each day, counted by groupings.

    Raises `PolicyError` for no days, too many, and what `dispute_statistics` refuses.
    """
    wanted = tuple(days)
    if not 1 <= len(wanted) <= _DAYS_MAX:
        msg = f"days must be 1 to {_DAYS_MAX}, got {len(wanted)}"
        raise PolicyError(msg)
    own = DisputePolicy() if policy is None else policy
    tables = []
    for day in wanted:
        found = standings(ledger, creditor, as_of=day, known_at=known_at, policy=own)
        tables.append((day, dispute_statistics(found, by=by)))
    return DisputeSeries(by=tables[0][1].by, tables=tables)
