"""The aging of two days with what happened between: the weekly aging, and any other.

Bucket by bucket the opening and the movements are the closing, to the cent.

>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice(due_date=dt.date(2026, 10, 29))))
>>> found = weekly_aging(ledger, as_of=dt.date(2026, 10, 31), scheme=AgingScheme(30))
>>> [row] = found
>>> row.opening_minor, row.movements[AgingMovementKind.ROLLED_IN], row.closing_minor  # the last is the total
((10000, 0, 0, 0, 10000), (0, 10000, 0, 0, 10000), (0, 10000, 0, 0, 10000))
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.aging.model import AgingRow, AgingScheme, Credits
from receivables.aging.objects import age
from receivables.days import check_day
from receivables.documents.model import OpenItem
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.objects import Ledger
from receivables.measures._moves import (
    GroupKey,
    Groups,
    MoveCause,
    Passage,
    Watch,
    bucket_on,
    cells_of,
)
from receivables.measures._tables import frame_of_rows, label_of, one_of, span_of
from receivables.measures.model import GroupBy
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "AgingMovement",
    "AgingMovementKind",
    "AgingMovementRow",
    "aging_movement",
    "weekly_aging",
]

_WEEK: Final = 7

_Places: TypeAlias = tuple[int, ...]
"""Minor units by bucket, and of credits last."""


class AgingMovementKind(enum.Enum):
    """What changed a bucket between two days, in the order of the lines of a table."""

    RECORDED_LATE = "recorded-late"
    """What was learned after the opening had been reported, and counts before it."""
    INVOICED = "invoiced"
    PAID = "paid"
    CREDITED = "credited"
    WRITTEN_OFF = "written-off"
    ROLLED_IN = "rolled-in"
    """What came from another bucket by getting older, or by a new due date."""
    ROLLED_OUT = "rolled-out"
    OTHER = "other"
    """Discounts, differences, what was kept back, refunds; and what went from group to group."""
    NETTED = "netted"
    """How far credits reach into the buckets, where the scheme sets them against those."""


_CAUSES: Final[Mapping[MoveCause, AgingMovementKind]] = MappingProxyType(
    {
        MoveCause.INVOICED: AgingMovementKind.INVOICED,
        MoveCause.PAID: AgingMovementKind.PAID,
        MoveCause.CREDITED: AgingMovementKind.CREDITED,
        MoveCause.WRITTEN_OFF: AgingMovementKind.WRITTEN_OFF,
        MoveCause.OTHER: AgingMovementKind.OTHER,
    }
)


def _places(values: Iterable[int]) -> _Places:
    return tuple(values)


def _movements(
    values: Mapping[AgingMovementKind, Iterable[int]],
) -> Mapping[AgingMovementKind, _Places]:
    given = {kind: tuple(values[kind]) for kind in AgingMovementKind if kind in values}
    return MappingProxyType({kind: places for kind, places in given.items() if any(places)})


@attrs.frozen(kw_only=True)
class AgingMovementRow:
    """The aging of one group on two days and what lies between, in minor units.

    Every tuple has a place for each bucket, one for credits, and their total.  Raises
    `DocumentError` where the opening and the movements of a place are not its closing.
    """

    creditor: str = ""
    segment: str = ""
    customer: str = ""
    currency: str
    opening_minor: _Places = attrs.field(converter=_places)
    movements: Mapping[AgingMovementKind, _Places] = attrs.field(converter=_movements)
    closing_minor: _Places = attrs.field(converter=_places)

    @closing_minor.validator
    def _check_foots(self, _attribute: object, value: _Places) -> None:
        parts = (self.opening_minor, *self.movements.values())
        expected = tuple(map(sum, zip(*parts, strict=False)))
        if value != expected or {len(part) for part in parts} != {len(value)}:
            msg = f"closing of {self.customer or 'all'} in {self.currency} must be {expected}, got {value}"
            raise DocumentError(msg)

    @property
    def group(self) -> GroupKey:
        """Creditor, segment, customer and currency, as those of `MeasureFigure`."""
        return (self.creditor, self.segment, self.customer, self.currency)

    @property
    def change_minor(self) -> _Places:
        """The closing less the opening, place by place."""
        pairs = zip(self.opening_minor, self.closing_minor, strict=True)
        return tuple(after - before for before, after in pairs)

    def lines(self) -> Iterator[tuple[str, _Places]]:
        """The opening, each movement and the closing, by name."""
        yield "opening", self.opening_minor
        yield from ((kind.value, places) for kind, places in self.movements.items())
        yield "closing", self.closing_minor


def _rows(values: Iterable[AgingMovementRow]) -> tuple[AgingMovementRow, ...]:
    return tuple(values)


def _groups(values: Iterable[GroupBy | str]) -> tuple[GroupBy, ...]:
    return Groups(by=values).by


@attrs.frozen(kw_only=True)
class AgingMovement:
    """The aging of two days by group and currency, with what moved each bucket between."""

    first: dt.date
    """The day of the opening, whose own movements are in it."""
    last: dt.date
    scheme: AgingScheme
    by: tuple[GroupBy, ...] = attrs.field(default=(), converter=_groups)
    rows: tuple[AgingMovementRow, ...] = attrs.field(converter=_rows, repr=False)

    def __iter__(self) -> Iterator[AgingMovementRow]:
        return iter(self.rows)

    def get(self, *, currency: str = "", **group: str) -> AgingMovementRow | None:
        """The row of a group; what leaves one only may be left out.  None where there is none.

        Raises `PolicyError` where several fit.
        """
        return one_of(self.rows, name="row", group={"currency": currency, **group})

    @property
    def totals(self) -> tuple[AgingMovementRow, ...]:
        """One row per currency, over all groups."""
        by_currency: dict[str, list[AgingMovementRow]] = {}
        for row in self.rows:
            by_currency.setdefault(row.currency, []).append(row)
        return tuple(_total(currency, rows) for currency, rows in sorted(by_currency.items()))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        buckets = [f"bucket_{place}" for place in range(self.scheme.bucket_count)]
        return (*Groups(by=self.by).keys, "kind", *buckets, "credits_minor", "total_minor")

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """A row for the opening, each movement and the closing of a group, in minor units."""
        keys = Groups(by=self.by).keys
        return [
            (*cells_of(row.group, keys), line, *places)
            for row in self.rows
            for line, places in row.lines()
        ]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        return frame_of_rows(self.columns, self.to_rows(), backend=backend)

    def to_table(self) -> ResultTable:
        """The opening, each movement and the closing of each group, bucket by bucket."""
        keys = Groups(by=self.by).keys
        labels = [label_of(label) for label in self.scheme.labels]
        names = self.columns[len(keys) + 1 :]
        headings = [*labels, Phrase("credits"), Phrase("total")]
        return ResultTable(
            title=Phrase("aging with movement, {first} to {last}", span_of(self.first, self.last)),
            columns=[
                *(TableColumn(name=key) for key in keys),
                TableColumn(name="kind", heading=Phrase("movement")),
                *(
                    TableColumn(name=name, heading=heading, kind=CellKind.MONEY)
                    for name, heading in zip(names, headings, strict=True)
                ),
            ],
            rows=[
                [*cells_of(row.group, keys), Phrase(line.replace("-", " ")), *places]
                for row in self.rows
                for line, places in row.lines()
            ],
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _total(currency: str, rows: Sequence[AgingMovementRow]) -> AgingMovementRow:
    width = len(rows[0].opening_minor)
    kinds = dict.fromkeys(kind for row in rows for kind in row.movements)
    none = (0,) * width
    return AgingMovementRow(
        currency=currency,
        opening_minor=_added([row.opening_minor for row in rows]),
        movements={kind: _added([row.movements.get(kind, none) for row in rows]) for kind in kinds},
        closing_minor=_added([row.closing_minor for row in rows]),
    )


def _added(parts: Iterable[_Places]) -> _Places:
    return tuple(map(sum, zip(*parts, strict=True)))


_Sums: TypeAlias = dict[tuple[GroupKey, AgingMovementKind], list[int]]
_Totals: TypeAlias = dict[GroupKey, list[int]]


@attrs.define(kw_only=True)
class _Reading:
    """What is put together: sums of movements by group, kind and place."""

    scheme: AgingScheme
    groups: Groups
    first: dt.date
    last: dt.date
    sums: _Sums = attrs.field(factory=dict)

    def place(self, item: OpenItem, day: dt.date) -> int:
        """The bucket of an item, or the place of credits after the last."""
        is_apart = self.scheme.credits is not Credits.IN_BUCKETS
        if item.amount_minor < 0 and is_apart:
            return self.scheme.bucket_count
        return bucket_on(item, scheme=self.scheme, as_of=day)

    def put(self, group: GroupKey, kind: AgingMovementKind, place: int, minor: int) -> None:
        """Add to the sum of a group, a kind and a place."""
        none = [0] * (self.scheme.bucket_count + 1)
        self.sums.setdefault((group, kind), none)[place] += minor

    def add(self, passage: Passage) -> None:
        """Add what moved one item, and where its rest went."""
        before, after = passage.before, passage.after
        was_open = before is not None and before.open_minor != 0
        at, day = (before, self.first) if was_open else (after, self.last)
        if at is None:
            return
        group, place = self.groups.of(at), self.place(at, day)
        for cause, minor in passage.moved.items():
            self.put(group, _CAUSES[cause], place, minor)
        if not was_open or after is None or not after.open_minor:
            return
        end, later = self.groups.of(after), self.place(after, self.last)
        if (end, later) == (group, place):
            return
        is_older = end == group
        rolled = (AgingMovementKind.ROLLED_OUT, AgingMovementKind.ROLLED_IN)
        out, into = rolled if is_older else (AgingMovementKind.OTHER,) * 2
        self.put(group, out, place, -after.open_minor)
        self.put(end, into, later, after.open_minor)

    def totals(self, items: Iterable[OpenItem], day: dt.date) -> _Totals:
        """The aging of a day, which `age` makes, by group."""
        found: _Totals = {}
        for row in age(items, scheme=self.scheme, as_of=day).rows:
            sums = found.setdefault(self._group(row), [0] * (self.scheme.bucket_count + 1))
            for place, minor in enumerate((*row.buckets_minor, row.credits_minor)):
                sums[place] += minor
        return found

    def _group(self, row: AgingRow) -> GroupKey:
        by = self.groups.by
        return (
            str(row.creditor) if GroupBy.CREDITOR in by else "",
            self.groups.segments.get(row.customer, "") if GroupBy.SEGMENT in by else "",
            str(row.customer) if GroupBy.CUSTOMER in by else "",
            row.currency,
        )


def aging_movement(  # noqa: PLR0913  # one door: each of them is named where it is called
    ledger: Ledger,
    creditor: str | None = None,
    *,
    first: dt.date,
    last: dt.date,
    scheme: AgingScheme,
    by: Iterable[GroupBy | str] = (),
    segments: Mapping[str, str] | None = None,
    known_at: dt.datetime | None = None,
    reported_at: dt.datetime | None = None,
) -> AgingMovement:
    """The aging at the end of `first` and of `last`, and what moved each bucket between.

    Movements of an item stand in the bucket that it was in on the first day, those of one that was
    not open then in the bucket of the last; what is left of it has rolled.  With `known_at` all is
    as known then.  With `reported_at`, the moment of an earlier report, the opening is as it was
    known then, and what was learned since is *recorded late*.

    Raises `PolicyError` for days out of order, and `DocumentError` for a debit without a due date
    where the scheme refuses it.
    """
    watch = Watch(ledger=ledger, creditor=creditor or "", known_at=known_at)
    reading = _Reading(scheme=scheme, groups=Groups.asked(by, segments), first=first, last=last)
    for passage in watch.between(first, last):
        reading.add(passage)
    opening = reading.totals(watch.open_on(first).values(), first)
    closing = reading.totals(watch.open_on(last).values(), last)
    reported = opening
    if reported_at is not None:
        seen = ledger.open_items(as_of=first, known_at=reported_at)
        own = (item for item in seen if creditor in (None, item.creditor))
        reported = reading.totals(own, first)
        _put_difference(reading, AgingMovementKind.RECORDED_LATE, reported, opening)
    if scheme.credits is Credits.NETTED:
        _put_difference(reading, AgingMovementKind.NETTED, _moved(reading, reported), closing)
    return AgingMovement(
        first=first,
        last=last,
        scheme=scheme,
        by=reading.groups.by,
        rows=_found(reading, reported, closing),
    )


def _moved(reading: _Reading, opening: _Totals) -> _Totals:
    """The opening with all movements so far."""
    found = {group: list(places) for group, places in opening.items()}
    for (group, _), places in reading.sums.items():
        sums = found.setdefault(group, [0] * len(places))
        for place, minor in enumerate(places):
            sums[place] += minor
    return found


def _put_difference(
    reading: _Reading, kind: AgingMovementKind, before: _Totals, after: _Totals
) -> None:
    none = [0] * (reading.scheme.bucket_count + 1)
    for group in {*before, *after}:
        pairs = zip(before.get(group, none), after.get(group, none), strict=True)
        for place, (was, now) in enumerate(pairs):
            reading.put(group, kind, place, now - was)


def _found(reading: _Reading, opening: _Totals, closing: _Totals) -> list[AgingMovementRow]:
    by_group: dict[GroupKey, dict[AgingMovementKind, list[int]]] = {}
    for (group, kind), places in reading.sums.items():
        if any(places):
            by_group.setdefault(group, {})[kind] = places
    none = [0] * (reading.scheme.bucket_count + 1)
    rows = []
    for group in sorted({*opening, *closing, *by_group}):
        creditor, segment, customer, currency = group
        rows.append(
            AgingMovementRow(
                creditor=creditor,
                segment=segment,
                customer=customer,
                currency=currency,
                opening_minor=_with_total(opening.get(group, none)),
                movements={
                    kind: _with_total(places) for kind, places in by_group.get(group, {}).items()
                },
                closing_minor=_with_total(closing.get(group, none)),
            )
        )
    return rows


def _with_total(places: Sequence[int]) -> _Places:
    return (*places, sum(places))


def weekly_aging(  # see above
    ledger: Ledger,
    creditor: str | None = None,
    *,
    as_of: dt.date,
    scheme: AgingScheme,
    by: Iterable[GroupBy | str] = (),
    segments: Mapping[str, str] | None = None,
    known_at: dt.datetime | None = None,
    reported_at: dt.datetime | None = None,
) -> AgingMovement:
    """The aging at the end of a day, of a week before, and what moved each bucket in the week.

    See `aging_movement`, which this is for a week.
    """
    check_day(as_of, name="as_of")
    if as_of.toordinal() <= _WEEK:
        msg = f"as_of must be a week after {dt.date.min} or later, got {as_of}"
        raise PolicyError(msg)
    return aging_movement(
        ledger,
        creditor,
        first=as_of - dt.timedelta(days=_WEEK),
        last=as_of,
        scheme=scheme,
        by=by,
        segments=segments,
        known_at=known_at,
        reported_at=reported_at,
    )
