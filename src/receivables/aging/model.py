"""How receivables are aged: the scheme as data, and the result as values.

>>> scheme = AgingScheme(30, 60, 90)
>>> scheme.labels
('not yet due', '1-30', '31-60', '61-90', 'over 90')
>>> AgingScheme(30, 60, basis=AgeBasis.DOCUMENT_DATE).labels
('0-30', '31-60', 'over 60')
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import attrs

from receivables import limits
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.parties import CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "AgeBasis",
    "AgedItem",
    "Aging",
    "AgingRow",
    "AgingScheme",
    "Credits",
    "Undated",
]


class AgeBasis(enum.Enum):
    """The date that age is counted from."""

    DUE_DATE = "due-date"
    DOCUMENT_DATE = "document-date"
    POSTING_DATE = "posting-date"


class Credits(enum.Enum):
    """What becomes of credit notes and unapplied cash."""

    APART = "apart"
    """In a column of their own; the buckets hold debits only."""
    NETTED = "netted"
    """Set against the oldest bucket first, per customer and currency; a rest stays apart."""
    IN_BUCKETS = "in-buckets"
    """In the bucket of their own date, negative."""


class Undated(enum.Enum):
    """What becomes of an item without a due date when age counts from the due date."""

    REFUSE = "refuse"
    DOCUMENT_DATE = "document-date"


@attrs.frozen(init=False)
class AgingScheme:
    """Buckets by their upper bounds in days, inclusive; the last bucket is open.

    By due date a bucket always ends at 0 days past due, so an item due on the day itself is not
    past due, and no bucket mixes what is past due with what is not; bounds below 0 divide what is
    not yet due.  By document or posting date the first bucket starts at day 0.

    Credits without a due date count from their document date; `undated` says what becomes of
    debits without one.

    Raises `PolicyError` unless the bounds are whole days that rise, at most `limits.BUCKETS_MAX`.

    >>> AgingScheme(-30, 30).labels
    ('due in 30 or more', 'due in 0-29', '1-30', 'over 30')
    """

    upper_bounds: tuple[int, ...]
    basis: AgeBasis
    credits: Credits
    undated: Undated

    def __init__(
        self,
        *upper_bounds: int,
        basis: AgeBasis = AgeBasis.DUE_DATE,
        credits: Credits = Credits.APART,
        undated: Undated = Undated.REFUSE,
    ) -> None:
        bounds = _with_zero(upper_bounds) if basis is AgeBasis.DUE_DATE else upper_bounds
        _check_bounds(bounds, basis)
        self.__attrs_init__(bounds, basis, credits, undated)

    @property
    def bucket_count(self) -> int:
        """How many buckets there are: one more than bounds."""
        return len(self.upper_bounds) + 1

    @property
    def labels(self) -> tuple[str, ...]:
        """One label per bucket, in English and in days; reports translate "not yet due"."""
        lower = [None, *(bound + 1 for bound in self.upper_bounds)]
        spans = zip(lower, (*self.upper_bounds, None), strict=True)
        return tuple(self._label(low, high) for low, high in spans)

    def _label(self, low: int | None, high: int | None) -> str:
        if high is None:
            return f"over {self.upper_bounds[-1]}"
        if self.basis is not AgeBasis.DUE_DATE:
            return _span(low or 0, high)
        if low is None:
            return "not yet due" if high == 0 else f"due in {-high} or more"
        return f"due in {_span(-high, -low)}" if high <= 0 else _span(low, high)


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _with_zero(bounds: tuple[int, ...]) -> tuple[int, ...]:
    """The bounds with the edge between not yet due and past due in its place."""
    if 0 in bounds:
        return bounds
    place = next((index for index, bound in enumerate(bounds) if bound > 0), len(bounds))
    return (*bounds[:place], 0, *bounds[place:])


def _check_bounds(bounds: tuple[int, ...], basis: AgeBasis) -> None:
    if any(isinstance(bound, bool) or not isinstance(bound, int) for bound in bounds):
        msg = f"upper bounds must be whole days, got {bounds}"
        raise PolicyError(msg)
    if not 1 <= len(bounds) < limits.BUCKETS_MAX:
        msg = f"upper bounds must be 1 to {limits.BUCKETS_MAX - 1}, got {len(bounds)}"
        raise PolicyError(msg)
    if list(bounds) != sorted(set(bounds)):
        msg = f"upper bounds must rise, got {bounds}"
        raise PolicyError(msg)
    if max(map(abs, bounds)) > limits.DAYS_MAX:
        msg = f"upper bounds must be at most {limits.DAYS_MAX} days, got {bounds}"
        raise PolicyError(msg)
    if basis is not AgeBasis.DUE_DATE and bounds[0] < 0:
        msg = f"upper bounds must be 0 or more by {basis.value}, got {bounds}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class AgedItem:
    """An open item with its age in days on the day asked for, and the index of its bucket."""

    item: OpenItem
    days: int
    bucket: int


@attrs.frozen(kw_only=True)
class AgingRow:
    """What one customer owes in one currency, by bucket, in minor units.

    ``sum(buckets_minor) + credits_minor == total_minor``, always.  `credits_minor` is negative or
    zero, and zero where the scheme puts credits in the buckets.
    """

    creditor: CreditorId
    customer: CustomerId
    currency: str
    buckets_minor: tuple[int, ...]
    credits_minor: int
    total_minor: int
    items: int
    """How many open items stand behind the row, credits included."""


@attrs.frozen(kw_only=True)
class Aging(ShowsTable):
    """An aging as of a day: a row per customer and currency, and the aged items behind them.

    Rows are sorted by creditor, customer and currency; amounts of different currencies are never
    added.
    """

    as_of: dt.date
    scheme: AgingScheme
    rows: tuple[AgingRow, ...]
    items: tuple[AgedItem, ...] = attrs.field(default=(), repr=False)

    @property
    def totals(self) -> Mapping[str, AgingRow]:
        """One row per currency, summed over creditors and customers (both left empty)."""
        by_currency: dict[str, list[AgingRow]] = {}
        for row in self.rows:
            by_currency.setdefault(row.currency, []).append(row)
        return {currency: _total(currency, rows) for currency, rows in sorted(by_currency.items())}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`, the same as those of an aging over data frames."""
        buckets = [f"bucket_{index}" for index in range(self.scheme.bucket_count)]
        return (
            "creditor",
            "customer",
            "currency",
            *buckets,
            "credits_minor",
            "total_minor",
            "items",
        )

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The rows as tuples, in the order of `columns`, amounts in minor units."""
        return [
            (
                row.creditor,
                row.customer,
                row.currency,
                *row.buckets_minor,
                row.credits_minor,
                row.total_minor,
                row.items,
            )
            for row in self.rows
        ]

    def to_dicts(self) -> list[dict[str, str | int]]:
        """The rows as dictionaries by the names of `columns`."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.to_rows()]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        from receivables import frames  # noqa: PLC0415  # policies must be cheap to import

        rows = self.to_rows()
        columns = {name: [row[index] for row in rows] for index, name in enumerate(self.columns)}
        return frames.frame_of(columns, backend=backend)

    def to_table(self) -> ResultTable:
        """A row per customer and currency, one total per currency."""
        from receivables.aging import _tables  # noqa: PLC0415  # stands on this

        return _tables.table_of(self)


def _total(currency: str, rows: list[AgingRow]) -> AgingRow:
    return AgingRow(
        creditor=CreditorId(""),
        customer=CustomerId(""),
        currency=currency,
        buckets_minor=tuple(map(sum, zip(*(row.buckets_minor for row in rows), strict=True))),
        credits_minor=sum(row.credits_minor for row in rows),
        total_minor=sum(row.total_minor for row in rows),
        items=sum(row.items for row in rows),
    )
