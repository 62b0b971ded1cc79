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

import attrs

from receivables import limits
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.parties import CreditorId, CustomerId

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

    By due date a first bucket "not yet due" ends at 0 days past due, so an item due on the day
    itself is not past due; give bounds of 0 or less to divide that bucket.  By document or posting
    date the first bucket starts at day 0.

    Raises `PolicyError` unless the bounds rise and stay within `limits.BUCKETS_MAX`.
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
        bounds = tuple(upper_bounds)
        if any(isinstance(bound, bool) or not isinstance(bound, int) for bound in bounds):
            msg = f"upper bounds must be whole days, got {bounds}"
            raise PolicyError(msg)
        if basis is AgeBasis.DUE_DATE and not any(bound <= 0 for bound in bounds):
            bounds = (0, *bounds)
        if list(bounds) != sorted(set(bounds)):
            msg = f"upper bounds must rise, got {bounds}"
            raise PolicyError(msg)
        if not 1 <= len(bounds) < limits.BUCKETS_MAX:
            msg = f"upper bounds must be 1 to {limits.BUCKETS_MAX - 1}, got {len(bounds)}"
            raise PolicyError(msg)
        self.__attrs_init__(bounds, basis, credits, undated)  # type: ignore[attr-defined]

    @property
    def labels(self) -> tuple[str, ...]:
        """One label per bucket, in English and in days; reports translate "not yet due"."""
        lower = [None, *(bound + 1 for bound in self.upper_bounds)]
        spans = zip(lower, (*self.upper_bounds, None), strict=True)
        return tuple(self._label(low, high) for low, high in spans)

    def _label(self, low: int | None, high: int | None) -> str:
        if high is None:
            return f"over {low - 1 if low is not None else 0}"
        if low is None:
            if self.basis is AgeBasis.DUE_DATE:
                return "not yet due" if high == 0 else f"due in {-high} or more"
            return f"0-{high}"
        if high <= 0:
            return f"due in {-high}-{-low}"
        return f"{low}-{high}"


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
class Aging:
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
