"""The roll-rate matrix: where each bucket of a day stood on a later one, and what left it by what.

The cohort is what was open on the first day, so that what came since moves no rate.

>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice(due_date=dt.date(2026, 10, 10))))
>>> table = roll_matrices(ledger, first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31),
...                       scheme=AgingScheme(30, 60))
>>> [matrix] = table
>>> matrix.rolls[0], matrix.matrix[0]
(Fraction(1, 1), (0, 10000, 0, 0))
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from receivables.aging.model import AgingScheme
from receivables.allowance.rates import product_of_rolls, rolled_on
from receivables.allowance.rules import gone_part, stays_part
from receivables.days import check_day
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.objects import Ledger
from receivables.measures._moves import (
    NAMES,
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
    "RollMatrix",
    "RollSeries",
    "RollTable",
    "RollWarning",
    "bucket_width",
    "parts_left",
    "roll_days",
    "roll_matrices",
    "roll_series",
]

_DAYS_MAX: Final = 400
"""How many days a series may have."""
_LEFT: Final = ("paid", "credited", "written_off", "other")


class RollWarning(enum.Enum):
    """Why the rolls of a matrix are not rates from one bucket to the next."""

    UNEVEN_BUCKETS = "uneven-buckets"
    """The buckets of the scheme are of several widths, so that no lag fits them all."""
    LAG_IS_NOT_WIDTH = "lag-is-not-width"
    """The two days do not lie a bucket's width apart: items skip a bucket, or stay in theirs."""


def bucket_width(scheme: AgingScheme) -> int | None:
    """How many days each closed bucket is wide; None where they differ, and where there is none.

    A scheme of one bound has no closed bucket past due, so that any lag fits it.

    >>> bucket_width(AgingScheme(30, 60, 90)), bucket_width(AgingScheme(15, 60))
    (30, None)
    """
    widths = {high - low for low, high in itertools.pairwise(scheme.upper_bounds)}
    return next(iter(widths)) if len(widths) == 1 else None


def roll_days(last: dt.date, *, scheme: AgingScheme, count: int = 12) -> tuple[dt.date, ...]:
    """The days of a series, a bucket's width apart, up to a day: `count` steps, one day more.

    Raises `PolicyError` for a scheme whose buckets differ in width, and for an impossible count.

    >>> [day.isoformat() for day in roll_days(dt.date(2026, 10, 31), scheme=AgingScheme(30, 60), count=2)]
    ['2026-09-01', '2026-10-01', '2026-10-31']
    """
    check_day(last, name="last")
    width = bucket_width(scheme)
    if width is None:
        msg = f"scheme must have buckets of one width, got the bounds {scheme.upper_bounds}"
        raise PolicyError(msg)
    if not 1 <= count < _DAYS_MAX:
        msg = f"count must be from 1 to {_DAYS_MAX - 1}, got {count}"
        raise PolicyError(msg)
    return tuple(last - dt.timedelta(days=width * back) for back in range(count, -1, -1))


def _ints(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def _rows(values: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in values)


def _zeros(self: RollMatrix) -> tuple[int, ...]:
    return (0,) * len(self.opening_minor)


@attrs.frozen(kw_only=True)
class RollMatrix:
    """What of each bucket of a group stood where on a later day, in minor units; debits only.

    ``matrix[i][j]`` is what of bucket i stood in bucket j; what did not was paid, credited, written
    off, or went otherwise.  Raises `DocumentError` where a row does not add up to its opening.
    """

    scheme: AgingScheme
    first: dt.date
    last: dt.date
    lags: tuple[int, ...] = attrs.field(converter=_ints)
    """The days between the two days, of each pair of days that was added up."""
    creditor: str = ""
    segment: str = ""
    customer: str = ""
    currency: str
    opening_minor: tuple[int, ...] = attrs.field(converter=_ints)
    matrix: tuple[tuple[int, ...], ...] = attrs.field(converter=_rows)
    paid_minor: tuple[int, ...] = attrs.field(
        converter=_ints, default=attrs.Factory(_zeros, takes_self=True)
    )
    credited_minor: tuple[int, ...] = attrs.field(
        converter=_ints, default=attrs.Factory(_zeros, takes_self=True)
    )
    written_off_minor: tuple[int, ...] = attrs.field(
        converter=_ints, default=attrs.Factory(_zeros, takes_self=True)
    )
    other_minor: tuple[int, ...] = attrs.field(
        converter=_ints, default=attrs.Factory(_zeros, takes_self=True)
    )
    """Discounts, differences, what was kept back; and what went to another group."""
    entered_minor: tuple[int, ...] = attrs.field(
        converter=_ints, default=attrs.Factory(_zeros, takes_self=True)
    )
    """What stood in each bucket on the last day and was not there on the first."""
    items: tuple[int, ...] = attrs.field(
        converter=_ints, default=attrs.Factory(_zeros, takes_self=True)
    )
    """How many items stood in each bucket on the first day."""

    @matrix.validator
    def _check_shape(self, _attribute: object, value: tuple[tuple[int, ...], ...]) -> None:
        count = self.scheme.bucket_count
        widths = {len(row) for row in value} | {len(value), len(self.opening_minor)}
        if widths != {count}:
            msg = f"matrix must have {count} rows and columns, got {sorted(widths)}"
            raise DocumentError(msg)

    @items.validator
    def _check_rows(self, _attribute: object, _value: tuple[int, ...]) -> None:
        for bucket, opening in enumerate(self.opening_minor):
            found = sum(self.matrix[bucket]) + self.left_minor[bucket]
            if found != opening:
                label = self.scheme.labels[bucket]
                msg = f"row {label} must add up to its opening {opening}, got {found}"
                raise DocumentError(msg)

    @property
    def group(self) -> GroupKey:
        """Creditor, segment, customer and currency, as those of `MeasureFigure`."""
        return (self.creditor, self.segment, self.customer, self.currency)

    @property
    def left_minor(self) -> tuple[int, ...]:
        """What left each bucket, by whatever."""
        parts = (self.paid_minor, self.credited_minor, self.written_off_minor, self.other_minor)
        return tuple(map(sum, zip(*parts, strict=True)))

    @property
    def closing_minor(self) -> tuple[int, ...]:
        """What stood in each bucket on the last day."""
        stood = zip(*self.matrix, self.entered_minor, strict=True)
        return tuple(map(sum, stood))

    @property
    def warnings(self) -> tuple[RollWarning, ...]:
        """Why the rolls are not rates from one bucket to the next; nothing where they are."""
        width = bucket_width(self.scheme)
        if width is None:
            has_one_bound = len(self.scheme.upper_bounds) == 1
            return () if has_one_bound else (RollWarning.UNEVEN_BUCKETS,)
        return (RollWarning.LAG_IS_NOT_WIDTH,) if set(self.lags) != {width} else ()

    @property
    def rolls(self) -> tuple[Fraction | None, ...]:
        """The part of each bucket that stood in an older one later or was written off.

        None of a bucket that held nothing, which says nothing.
        """
        return rolled_on(self.matrix, opening=self.opening_minor, lost=self.written_off_minor)

    def share(self, row: int, column: int) -> Fraction | None:
        """The part of a bucket that stood in another one later; None of one that held nothing."""
        opening = self.opening_minor[row]
        return Fraction(self.matrix[row][column], opening) if opening else None

    def loss_rates(self, *, lost_from: int | None = None) -> tuple[Fraction | None, ...]:
        """The part of each bucket that is lost in the end: the product of the rolls downstream.

        `lost_from` is the bucket whose items count as lost, by default the last.  None where a
        bucket on the way held nothing.  For buckets a month wide over months, with what stands still
        taken for decided later, see `receivables.allowance.roll_rates`.

        Raises `PolicyError` for a bucket that is none, or the first.
        """
        end = self.scheme.bucket_count - 1 if lost_from is None else lost_from
        if not 1 <= end < self.scheme.bucket_count:
            msg = f"lost_from must be from 1 to {self.scheme.bucket_count - 1}, got {end}"
            raise PolicyError(msg)
        rolls = self.rolls[:end]
        unknown = max((place for place, roll in enumerate(rolls) if roll is None), default=-1)
        known = [roll for roll in rolls[unknown + 1 :] if roll is not None]
        return (*(None,) * (unknown + 1), *product_of_rolls(known))

    @classmethod
    def added(cls, matrices: Iterable[RollMatrix]) -> RollMatrix:
        """Several matrices of one group and one scheme as one, such as those of twelve months.

        Raises `PolicyError` for none, for several groups and for several schemes.
        """
        found = tuple(matrices)
        kinds = {(one.group, one.scheme) for one in found}
        if len(kinds) != 1:
            msg = f"matrices must be of one group and one scheme, got {len(kinds)}"
            raise PolicyError(msg)
        sums: dict[str, Any] = {
            name: tuple(map(sum, zip(*(getattr(one, name) for one in found), strict=True)))
            for name in ("opening_minor", *(f"{left}_minor" for left in _LEFT), "items")
        }
        # What entered in one step is opening of the next, so that only the last step's is told.
        latest = max(found, key=lambda one: one.last)
        return attrs.evolve(
            latest,
            first=min(one.first for one in found),
            lags=[lag for one in found for lag in one.lags],
            matrix=[
                map(sum, zip(*rows, strict=True))
                for rows in zip(*(one.matrix for one in found), strict=True)
            ],
            **sums,
        )

    def to_table(self) -> ResultTable:
        """A row for each bucket: what it held, and the parts of it that went where."""
        return RollTable(
            first=self.first,
            last=self.last,
            scheme=self.scheme,
            by=[name for name, value in zip(NAMES, self.group, strict=True) if value],
            matrices=[self],
        ).to_table()

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _matrices(values: Iterable[RollMatrix]) -> tuple[RollMatrix, ...]:
    return tuple(values)


def _groups(values: Iterable[GroupBy | str]) -> tuple[GroupBy, ...]:
    return Groups(by=values).by


@attrs.frozen(kw_only=True)
class RollTable:
    """The matrices of all groups between two days, by group."""

    first: dt.date
    last: dt.date
    scheme: AgingScheme
    by: tuple[GroupBy, ...] = attrs.field(default=(), converter=_groups)
    matrices: tuple[RollMatrix, ...] = attrs.field(converter=_matrices, repr=False)

    def __iter__(self) -> Iterator[RollMatrix]:
        return iter(self.matrices)

    def get(self, *, currency: str = "", **group: str) -> RollMatrix | None:
        """The matrix of a group; what leaves one only may be left out.  None where there is none.

        Raises `PolicyError` where several fit.
        """
        return one_of(self.matrices, name="matrix", group={"currency": currency, **group})

    @property
    def warnings(self) -> tuple[RollWarning, ...]:
        """Those of the matrices, each once."""
        return tuple(dict.fromkeys(each for one in self.matrices for each in one.warnings))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`, which are those of the column function."""
        return (
            *Groups(by=self.by).keys,
            "bucket",
            "opening_minor",
            *(f"to_{bucket}" for bucket in range(self.scheme.bucket_count)),
            *(f"{name}_minor" for name in _LEFT),
            "items",
        )

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """A row for each bucket of a group that held something, amounts in minor units."""
        keys = Groups(by=self.by).keys
        return [
            (
                *cells_of(one.group, keys),
                bucket,
                opening,
                *one.matrix[bucket],
                *(getattr(one, f"{name}_minor")[bucket] for name in _LEFT),
                one.items[bucket],
            )
            for one in self.matrices
            for bucket, opening in enumerate(one.opening_minor)
            if opening
        ]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        return frame_of_rows(self.columns, self.to_rows(), backend=backend)

    def to_table(self) -> ResultTable:
        """A row for each bucket of a group: what it held, and the parts of it that went where."""
        keys = Groups(by=self.by).keys
        labels = self.scheme.labels
        columns = [TableColumn(name=key) for key in keys]
        columns += [
            TableColumn(name="bucket", heading=Phrase("from bucket")),
            TableColumn(name="opening_minor", heading=Phrase("opening"), kind=CellKind.MONEY),
            *(
                TableColumn(name=f"to_{place}", heading=label_of(label), kind=CellKind.SHARE)
                for place, label in enumerate(labels)
            ),
            *(
                TableColumn(name=name, heading=Phrase(name.replace("_", " ")), kind=CellKind.SHARE)
                for name in _LEFT
            ),
        ]
        return ResultTable(
            title=Phrase("roll rates, {first} to {last}", span_of(self.first, self.last)),
            columns=columns,
            rows=[row for one in self.matrices for row in _table_rows(one, keys)],
            notes=[_NOTES[warning] for warning in self.warnings],
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


_NOTES: Final[Mapping[RollWarning, Phrase]] = {
    RollWarning.UNEVEN_BUCKETS: Phrase("the buckets differ in width, so that no lag fits them all"),
    RollWarning.LAG_IS_NOT_WIDTH: Phrase("the days do not lie a bucket's width apart"),
}


def _table_rows(matrix: RollMatrix, keys: Sequence[str]) -> Iterator[list[Any]]:
    for bucket, opening in enumerate(matrix.opening_minor):
        if not opening:
            continue
        went = [*matrix.matrix[bucket], *(getattr(matrix, f"{one}_minor")[bucket] for one in _LEFT)]
        yield [
            *cells_of(matrix.group, keys),
            label_of(matrix.scheme.labels[bucket]),
            opening,
            *(Fraction(minor, opening) for minor in went),
        ]


@attrs.define
class _Sums:
    """A matrix under way."""

    count: int
    rows: list[list[int]] = attrs.field(init=False)
    opening: list[int] = attrs.field(init=False)
    entered: list[int] = attrs.field(init=False)
    items: list[int] = attrs.field(init=False)
    left: dict[MoveCause, list[int]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rows = [[0] * self.count for _ in range(self.count)]
        self.opening, self.entered, self.items = ([0] * self.count for _ in range(3))
        self.left = {cause: [0] * self.count for cause in MoveCause}

    def start(self, row: int, opening: int) -> None:
        self.opening[row] += opening
        self.items[row] += 1

    def matrix(
        self, group: GroupKey, scheme: AgingScheme, days: tuple[dt.date, dt.date]
    ) -> RollMatrix:
        creditor, segment, customer, currency = group
        first, last = days
        return RollMatrix(
            scheme=scheme,
            first=first,
            last=last,
            lags=[(last - first).days],
            creditor=creditor,
            segment=segment,
            customer=customer,
            currency=currency,
            opening_minor=self.opening,
            matrix=self.rows,
            paid_minor=self.left[MoveCause.PAID],
            credited_minor=self.left[MoveCause.CREDITED],
            written_off_minor=self.left[MoveCause.WRITTEN_OFF],
            other_minor=self.left[MoveCause.OTHER],
            entered_minor=self.entered,
            items=self.items,
        )


def parts_left(opening: int, left: int, moved: Mapping[MoveCause, int]) -> dict[MoveCause, int]:
    """What of an opening amount left it by what, so that with what stays it is all of it.

    Write-offs first, then credits, then money: where amounts went back and forth, what one cause
    took is never below zero and never more than what is gone.
    """
    room = opening - stays_part(opening, left)
    parts = {}
    for cause in (MoveCause.WRITTEN_OFF, MoveCause.CREDITED, MoveCause.PAID):
        parts[cause] = gone_part(-moved.get(cause, 0), room)
        room -= parts[cause]
    return {**parts, MoveCause.OTHER: room}


def _add(sums: dict[GroupKey, _Sums], passage: Passage, scheme: AgingScheme, of: _Pair) -> None:
    opening, closing = max(passage.opening_minor, 0), max(passage.closing_minor, 0)
    stays = stays_part(opening, closing)
    start = None if passage.before is None else of.groups.of(passage.before)
    end = None if passage.after is None else of.groups.of(passage.after)
    column = -1
    if closing and passage.after is not None:
        column = bucket_on(passage.after, scheme=scheme, as_of=of.last)
    if opening and passage.before is not None and start is not None:
        row = bucket_on(passage.before, scheme=scheme, as_of=of.first)
        held = sums.setdefault(start, _Sums(scheme.bucket_count))
        held.start(row, opening)
        for cause, minor in parts_left(opening, closing, passage.moved).items():
            held.left[cause][row] += minor
        if start == end and stays:
            held.rows[row][column] += stays
        else:
            held.left[MoveCause.OTHER][row] += stays
    if end is not None and closing:
        entered = closing - (stays if start == end else 0)
        sums.setdefault(end, _Sums(scheme.bucket_count)).entered[column] += entered


@attrs.frozen(kw_only=True)
class _Pair:
    first: dt.date
    last: dt.date
    groups: Groups


def _table(watch: Watch, pair: _Pair, scheme: AgingScheme) -> RollTable:
    sums: dict[GroupKey, _Sums] = {}
    for passage in watch.between(pair.first, pair.last):
        _add(sums, passage, scheme, pair)
    days = (pair.first, pair.last)
    return RollTable(
        first=pair.first,
        last=pair.last,
        scheme=scheme,
        by=pair.groups.by,
        matrices=[
            one.matrix(group, scheme, days)
            for group, one in sorted(sums.items())
            if any(one.opening) or any(one.entered)
        ],
    )


def roll_matrices(
    ledger: Ledger,
    creditor: str | None = None,
    *,
    first: dt.date,
    last: dt.date,
    scheme: AgingScheme,
    by: Iterable[GroupBy | str] = (),
    segments: Mapping[str, str] | None = None,
    known_at: dt.datetime | None = None,
) -> RollTable:
    """Where what was open at the end of `first` stood at the end of `last`, by group and currency.

    The days should lie a bucket's width apart; where they do not, the matrices say so in their
    `RollMatrix.warnings`.  What went to another group of the table went otherwise.  `segments` are
    those of customers; without a `creditor` all of them are looked at.

    Raises `PolicyError` for days out of order, and `DocumentError` for a debit without a due date
    where the scheme refuses it.
    """
    watch = Watch(ledger=ledger, creditor=creditor or "", known_at=known_at)
    groups = Groups.asked(by, segments)
    return _table(watch, _Pair(first=first, last=last, groups=groups), scheme)


def _tables(values: Iterable[RollTable]) -> tuple[RollTable, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class RollSeries:
    """The roll tables of several steps, in order of days."""

    tables: tuple[RollTable, ...] = attrs.field(converter=_tables, repr=False)

    def __iter__(self) -> Iterator[RollTable]:
        return iter(self.tables)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The last day of each step."""
        return tuple(one.last for one in self.tables)

    @property
    def warnings(self) -> tuple[RollWarning, ...]:
        """Those of the tables, each once."""
        return tuple(dict.fromkeys(each for one in self.tables for each in one.warnings))

    def rolls(
        self, bucket: int, *, currency: str = "", **group: str
    ) -> tuple[tuple[dt.date, Fraction | None], ...]:
        """The part of a bucket of a group that rolled on, step by step."""
        found = [(one.last, one.get(currency=currency, **group)) for one in self.tables]
        return tuple((day, None if one is None else one.rolls[bucket]) for day, one in found)

    def added(self) -> RollTable:
        """All steps as one: the rates of a year, say, rather than those of a month.

        Raises `PolicyError` for a series of no steps.
        """
        if not self.tables:
            msg = "tables must be at least one, got none"
            raise PolicyError(msg)
        by_group: dict[GroupKey, list[RollMatrix]] = {}
        for table in self.tables:
            for matrix in table:
                by_group.setdefault(matrix.group, []).append(matrix)
        head, tail = self.tables[0], self.tables[-1]
        return attrs.evolve(
            tail,
            first=head.first,
            matrices=[RollMatrix.added(found) for _, found in sorted(by_group.items())],
        )

    def to_table(self) -> ResultTable:
        """A row for each step and group, and the part of each bucket that rolled on."""
        head = self.tables[0] if self.tables else None
        keys = Groups(by=head.by).keys if head else ("currency",)
        labels = head.scheme.labels if head else ()
        columns = [
            TableColumn(name="last", heading=Phrase("day"), kind=CellKind.DATE),
            *(TableColumn(name=key) for key in keys),
            *(
                TableColumn(name=f"bucket_{place}", heading=label_of(label), kind=CellKind.SHARE)
                for place, label in enumerate(labels)
            ),
        ]
        rows = [
            [table.last, *cells_of(one.group, keys), *one.rolls]
            for table in self.tables
            for one in table
        ]
        return ResultTable(
            title=Phrase("roll rates"),
            columns=columns,
            rows=rows,
            notes=[_NOTES[warning] for warning in self.warnings],
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def roll_series(
    ledger: Ledger,
    creditor: str | None = None,
    *,
    days: Iterable[dt.date],
    scheme: AgingScheme,
    by: Iterable[GroupBy | str] = (),
    segments: Mapping[str, str] | None = None,
    known_at: dt.datetime | None = None,
) -> RollSeries:
    """The roll tables from each of some days to the next; `roll_days` lays them out.

    Raises what `roll_matrices` raises, and `PolicyError` for fewer than two days.
    """
    wanted = tuple(days)
    if not 2 <= len(wanted) <= _DAYS_MAX:  # noqa: PLR2004  # from one to the next
        msg = f"days must be 2 to {_DAYS_MAX}, got {len(wanted)}"
        raise PolicyError(msg)
    watch = Watch(ledger=ledger, creditor=creditor or "", known_at=known_at)
    groups = Groups.asked(by, segments)
    return RollSeries(
        tables=[
            _table(watch, _Pair(first=first, last=last, groups=groups), scheme)
            for first, last in itertools.pairwise(wanted)
        ]
    )
