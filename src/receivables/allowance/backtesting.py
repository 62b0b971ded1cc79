"""The matrix of a past day against what was finally lost: was enough provided, bucket by bucket.

>>> from receivables.aging import AgingScheme
>>> from receivables.testing.builders import an_invoice, issued
>>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(30),
...                          segments={"": ["0", "2 %", "25 %"]})
>>> ledger = Ledger().record(issued(an_invoice("FA-1", total="1200.00")))
>>> [found] = backtest(ledger, "MIRA", matrix=matrix, days=[dt.date(2026, 11, 15)],
...                    until=dt.date(2027, 3, 31))
>>> row = found.rows[1]
>>> row.label, row.allowance_minor, row.lost_minor, row.still_open_minor
('1-30', 2400, 0, 120000)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.allowance._history import ItemPast, pasts
from receivables.allowance.from_ledger import ledger_allowance
from receivables.allowance.model import AllowanceFacts, AssessedItem, LineKind, LossAllowance
from receivables.allowance.policies import AllowanceBase, ProvisionMatrix
from receivables.days import check_day
from receivables.disputes.model import DisputePolicy
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.tables import ResultTable, ShowsTable

__all__ = ["BackTest", "BackTestRow", "backtest", "compared"]

_Place: TypeAlias = tuple[str, str, LineKind, int]
"""Currency, segment, kind and bucket."""


@attrs.frozen(kw_only=True)
class BackTestRow:
    """What was expected of one bucket, and what became of its items, in minor units.

    Where the matrix is net of tax, every amount is.
    """

    currency: str
    segment: str
    kind: LineKind
    bucket: int
    label: str
    gross_minor: int
    allowance_minor: int
    lost_minor: int
    """What was given up of its items since, by the last day that was looked at."""
    still_open_minor: int
    """What was neither paid nor given up by then."""
    items: int

    @property
    def ratio(self) -> Fraction | None:
        """Lost so far over what was provided; None where nothing was."""
        if not self.allowance_minor:
            return None
        return Fraction(self.lost_minor, self.allowance_minor)

    @property
    def worst_ratio(self) -> Fraction | None:
        """The same if all that is still open is lost too."""
        if not self.allowance_minor:
            return None
        return Fraction(self.lost_minor + self.still_open_minor, self.allowance_minor)

    @property
    def realized_rate(self) -> Fraction | None:
        """Lost over what was open and is decided; None where nothing is."""
        decided = self.gross_minor - self.still_open_minor
        return Fraction(self.lost_minor, decided) if decided > 0 else None

    @property
    def is_enough(self) -> bool | None:
        """Whether what was provided bears the loss; None while what is open may still decide it."""
        if self.lost_minor > self.allowance_minor:
            return False
        if self.lost_minor + self.still_open_minor <= self.allowance_minor:
            return True
        return None


def _rows(values: Iterable[BackTestRow]) -> tuple[BackTestRow, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class BackTest(ShowsTable):
    """One past day of a matrix against what came after it, up to a last day."""

    as_of: dt.date
    until: dt.date
    matrix: ProvisionMatrix
    rows: tuple[BackTestRow, ...] = attrs.field(converter=_rows)

    @property
    def totals(self) -> tuple[BackTestRow, ...]:
        """One row per currency, over everything."""
        groups: dict[str, list[BackTestRow]] = {}
        for row in self.rows:
            groups.setdefault(row.currency, []).append(row)
        return tuple(_total(rows) for _, rows in sorted(groups.items()))

    def to_table(self) -> ResultTable:
        """A row per currency, segment and bucket: what was provided, and what was lost since."""
        from receivables.allowance._backtest_tables import backtest_table  # noqa: PLC0415  # stands on this

        return backtest_table(self)


def _total(rows: list[BackTestRow]) -> BackTestRow:
    names = ("gross_minor", "allowance_minor", "lost_minor", "still_open_minor", "items")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    return attrs.evolve(rows[0], segment="", kind=LineKind.POOL, bucket=-1, label="total", **sums)


def backtest(
    ledger: Ledger,
    creditor: str,
    *,
    matrix: ProvisionMatrix,
    days: Iterable[dt.date],
    until: dt.date,
    known_then: bool = True,
    facts: AllowanceFacts | None = None,
    disputes: DisputePolicy | None = None,
) -> tuple[BackTest, ...]:
    """What the matrix would have said on each past day, and what became of those items by `until`.

    With `known_then` the allowance of a day knows only what was recorded by its end in UTC: nothing
    is provided with hindsight, and what was backdated later is missing from it, as it was then.
    Raises `PolicyError` for a day after `until`.
    """
    check_day(until, name="until")
    wanted = sorted(set(days))
    if wanted and wanted[-1] > until:
        msg = f"until must be {wanted[-1]} or later, got {until}"
        raise PolicyError(msg)
    since = pasts(ledger, creditor, until=until)
    return tuple(
        compared(
            ledger_allowance(
                ledger,
                creditor,
                matrix=matrix,
                as_of=day,
                known_at=_end_of(day) if known_then else None,
                facts=facts,
                disputes=disputes,
            ),
            since,
            until=until,
        )
        for day in wanted
    )


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.max, tzinfo=dt.UTC)


@attrs.define
class _Sums:
    items: int = 0
    gross: int = 0
    lost: int = 0
    still_open: int = 0


def compared(allowance: LossAllowance, since: Iterable[ItemPast], *, until: dt.date) -> BackTest:
    """An allowance against what became of its items by a day.

    What an item lost is at most what it had open on the day of the allowance.
    """
    by_item = {one.item: one for one in since}
    sums: dict[_Place, _Sums] = {}
    for item in allowance.items:
        if item.open_minor > 0 and item.item in by_item:
            _add(sums.setdefault(_place(item), _Sums()), item, by_item[item.item], allowance, until)
    provided: dict[_Place, int] = {}
    for line in allowance.lines:
        if line.kind is not LineKind.CREDIT:
            kind = LineKind.SPECIFIC if line.kind is LineKind.SPECIFIC else LineKind.POOL
            place = (line.currency, line.segment, kind, line.bucket)
            provided[place] = provided.get(place, 0) + line.allowance_minor
    labels = allowance.matrix.scheme.labels
    every = sorted({*sums, *provided}, key=lambda place: (*place[:2], place[2].value, place[3]))
    rows = []
    for place in every:
        one = sums.get(place, _Sums())
        rows.append(
            BackTestRow(
                currency=place[0],
                segment=place[1],
                kind=place[2],
                bucket=place[3],
                label=labels[place[3]],
                gross_minor=one.gross,
                allowance_minor=provided.get(place, 0),
                lost_minor=one.lost,
                still_open_minor=one.still_open,
                items=one.items,
            )
        )
    return BackTest(
        as_of=allowance.as_of, until=until, matrix=allowance.matrix, rows=_every(rows, labels)
    )


def _every(rows: list[BackTestRow], labels: tuple[str, ...]) -> list[BackTestRow]:
    """The rows, with an empty one for a bucket of a pool that held nothing."""
    there = {(row.currency, row.segment, row.kind, row.bucket) for row in rows}
    missing = [
        attrs.evolve(
            row,
            bucket=bucket,
            label=label,
            gross_minor=0,
            allowance_minor=0,
            lost_minor=0,
            still_open_minor=0,
            items=0,
        )
        for row in {(one.currency, one.segment, one.kind): one for one in rows}.values()
        for bucket, label in enumerate(labels)
        if (row.currency, row.segment, row.kind, bucket) not in there
    ]
    return sorted(
        [*rows, *missing],
        key=lambda row: (row.currency, row.segment, row.kind.value, row.bucket),
    )


def _place(item: AssessedItem) -> _Place:
    return (item.currency, item.segment, item.kind, item.bucket)


def _add(
    sums: _Sums, item: AssessedItem, past: ItemPast, allowance: LossAllowance, until: dt.date
) -> None:
    is_net = allowance.matrix.base is AllowanceBase.NET_OF_TAX
    whole = max(item.base_minor, 0) if is_net else item.open_minor
    gone = past.lost_between(allowance.as_of, until, net=is_net)
    lost = min(max(gone, 0), whole)
    left = min(max(past.open_on(until), 0), item.open_minor)
    # Of what is open the same part counts as on the day of the allowance.
    left = mul_div(left, whole, item.open_minor, rounding=Rounding.HALF_UP)
    sums.items += 1
    sums.gross += whole
    sums.lost += lost
    sums.still_open += min(left, whole - lost)
