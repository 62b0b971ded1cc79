"""How many disputes there are, why, who answers them, how long it takes, and who was right.

>>> dispute_statistics([]).to_rows()
[]
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import attrs

from receivables.disputes.model import DisputeStanding
from receivables.errors import PolicyError
from receivables.money import to_minor
from receivables.tables import ResultTable, ShowsTable

__all__ = ["DisputeGrouping", "DisputeStatistics", "DisputeStatisticsRow", "dispute_statistics"]


class DisputeGrouping(enum.Enum):
    """By what disputes are counted; the currency is always part of it."""

    CUSTOMER = "customer"
    REASON = "reason"
    OWNER = "owner"
    OUTCOME = "outcome"
    """An undecided dispute has the outcome ``open``."""


_STANDARD: Final = (DisputeGrouping.REASON, DisputeGrouping.OWNER, DisputeGrouping.OUTCOME)
_UNDECIDED: Final = "open"
_MEASURES: Final = (
    "disputes",
    "decided",
    "stated_minor",
    "held_minor",
    "accepted_minor",
    "refused_minor",
    "median_days",
    "most_days",
)

_Group: TypeAlias = tuple[str, ...]


def _days(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(values))


@attrs.frozen(kw_only=True)
class DisputeStatisticsRow:
    """The disputes of one group in one currency, amounts in minor units.

    A dispute over two currencies counts in each.  Of what was decided,
    ``accepted_minor + refused_minor`` is what had been stated.
    """

    group: tuple[str, ...]
    """The values that the row is for, in the order of the groupings."""
    currency: str
    disputes: int
    stated_minor: int
    held_minor: int
    """What is held back still."""
    accepted_minor: int
    """What customers were right about: credit notes."""
    refused_minor: int
    """What they were not right about, or took back: chased again."""
    days_to_decide: tuple[int, ...] = attrs.field(converter=_days)
    """The days from opening to decision of each that was decided, the shortest first."""

    @property
    def decided(self) -> int:
        """How many have been decided."""
        return len(self.days_to_decide)

    @property
    def median_days(self) -> int | None:
        """The days within which half of the decisions fell; None where there is none."""
        return self.days_to_decide[(self.decided - 1) // 2] if self.days_to_decide else None

    @property
    def most_days(self) -> int | None:
        """The days of the slowest decision; None where there is none."""
        return self.days_to_decide[-1] if self.days_to_decide else None


@attrs.frozen(kw_only=True)
class DisputeStatistics(ShowsTable):
    """Rows by group and currency, sorted."""

    by: tuple[DisputeGrouping, ...]
    rows: tuple[DisputeStatisticsRow, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return (*(one.value for one in self.by), "currency", *_MEASURES)

    def to_rows(self) -> list[tuple[str | int | None, ...]]:
        """The rows as tuples, in the order of `columns`, amounts in minor units."""
        return [
            (*row.group, row.currency, *(getattr(row, name) for name in _MEASURES))
            for row in self.rows
        ]

    def to_dicts(self) -> list[dict[str, str | int | None]]:
        """The rows as dictionaries by the names of `columns`."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.to_rows()]

    def to_table(self) -> ResultTable:
        """A row per group and currency, totals per currency."""
        from receivables.disputes._tables import statistics_table  # noqa: PLC0415  # stands on this

        return statistics_table(self)


def dispute_statistics(
    standings: Iterable[DisputeStanding],
    *,
    by: Sequence[DisputeGrouping | str] = _STANDARD,
) -> DisputeStatistics:
    """Count disputes by reason, owner and outcome, or by other groupings; nothing across currencies.

    Raises `PolicyError` for a grouping that stands twice.
    """
    groupings = tuple(map(DisputeGrouping, by))
    if len(set(groupings)) != len(groupings):
        msg = f"by must name each grouping once, got {[one.value for one in groupings]}"
        raise PolicyError(msg)
    groups: dict[tuple[_Group, str], list[DisputeStanding]] = {}
    for standing in standings:
        key = tuple(_value(standing, one) for one in groupings)
        for currency in {part.currency for part in standing.parts}:
            groups.setdefault((key, currency), []).append(standing)
    rows = tuple(
        _row(*key, found) for key, found in sorted(groups.items(), key=lambda each: each[0])
    )
    return DisputeStatistics(by=groupings, rows=rows)


def _value(standing: DisputeStanding, grouping: DisputeGrouping) -> str:
    if grouping is DisputeGrouping.CUSTOMER:
        return str(standing.customer)
    if grouping is DisputeGrouping.REASON:
        return standing.dispute.reason.value
    if grouping is DisputeGrouping.OWNER:
        return standing.dispute.owner.value
    return _UNDECIDED if standing.outcome is None else standing.outcome.value


def _row(group: _Group, currency: str, found: Sequence[DisputeStanding]) -> DisputeStatisticsRow:
    decided = [standing for standing in found if not standing.is_open]
    accepted = sum(_accepted(decided, currency))
    stated_of_decided = sum(_stated(decided, currency))
    return DisputeStatisticsRow(
        group=group,
        currency=currency,
        disputes=len(found),
        stated_minor=sum(_stated(found, currency)),
        held_minor=sum(standing.held_minor.get(currency, 0) for standing in found),
        accepted_minor=accepted,
        refused_minor=stated_of_decided - accepted,
        days_to_decide=[standing.days_open for standing in decided],
    )


def _stated(found: Iterable[DisputeStanding], currency: str) -> Iterator[int]:
    for standing in found:
        yield from (part.stated_minor for part in standing.parts if part.currency == currency)


def _accepted(found: Iterable[DisputeStanding], currency: str) -> Iterator[int]:
    for standing in found:
        for part in standing.accepted:
            if part.amount.currency.code == currency:
                yield to_minor(part.amount)
