"""Loss rates from history: what was finally lost over what reached a bucket, and never over less.

Nothing after the last day of the window is looked at, and what is still open then counts neither as
paid nor, unless one says so, as lost.

>>> [percent_text(rate) for rate in rates_of([100_000, 50_000, 23_000, 8_000, 2_000], lost=2_000)]
['2 %', '4 %', '8.6957 %', '25 %', '100 %']
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from receivables.aging.model import AgeBasis, AgingScheme
from receivables.aging.rules import bucket as bucket_of
from receivables.allowance._exact import percent_text
from receivables.allowance._history import ItemPast, pasts
from receivables.allowance.policies import SegmentRates
from receivables.allowance.rules import gone_part, stays_part
from receivables.currencies.model import AppliedRate, ExchangeRates, RateKind
from receivables.days import add_months, check_day, days_past, month_end
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "LossRateCell",
    "LossRates",
    "RateMethod",
    "RatePolicy",
    "RollRates",
    "StillOpen",
    "ThinBuckets",
    "ThinWay",
    "Vintage",
    "VintageTable",
    "loss_rates",
    "product_of_rolls",
    "rates_of",
    "roll_rates",
    "rolled_on",
    "simple_loss_rate",
    "vintages",
]

_MONTHS_MAX: Final = 240
_ONE_DAY: Final = dt.timedelta(days=1)

_Cells: TypeAlias = dict[tuple[str, int], "_Sums"]


class StillOpen(enum.Enum):
    """What becomes of what is still open at the end of the window; it never counts as paid."""

    LEFT_OUT = "left-out"
    """Of both numbers: what is not decided says nothing."""
    AS_LOST = "as-lost"
    """As a loss: the most prudent reading."""


class ThinWay(enum.Enum):
    """What becomes of a bucket with too little behind it."""

    POOLED = "pooled"
    """It takes the rate of all segments together, or else that of the next older bucket."""
    CREDIBILITY = "credibility"
    """Every bucket has its own rate by n / (n + k), and that of all segments for the rest (Bühlmann)."""
    KEPT = "kept"
    """It keeps its own rate, and the cell says how little is behind it."""


@attrs.frozen(kw_only=True)
class ThinBuckets:
    """How many items, and how much, a rate needs behind it, and what happens with less.

    `credibility_items` is the k of n / (n + k).  Raises `PolicyError` for numbers below zero.
    """

    items_min: int = attrs.field(default=0)
    amount_minor_min: int = attrs.field(default=0)
    way: ThinWay = attrs.field(default=ThinWay.POOLED, converter=ThinWay)
    credibility_items: int = attrs.field(default=0)

    @items_min.validator
    @amount_minor_min.validator
    @credibility_items.validator
    def _check(self, attribute: attrs.Attribute[int], value: int) -> None:
        if type(value) is not int or value < 0:
            msg = f"{attribute.name} must be a whole number, zero or more, got {value!r}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class RatePolicy:
    """How rates are drawn from history: segments, what is undecided, what is thin, one currency.

    `segments` are those of customers by their identifier.  Amounts in several currencies need
    `currency` and `rates`: all are converted at the closing rate of the last day of the window, so
    that a rate of loss never moves because a currency did.
    """

    segments: Mapping[str, str] = attrs.field(factory=dict)
    still_open: StillOpen = attrs.field(default=StillOpen.LEFT_OUT, converter=StillOpen)
    thin: ThinBuckets = attrs.field(factory=ThinBuckets)
    currency: str = ""
    rates: ExchangeRates = attrs.field(factory=ExchangeRates)


class RateMethod(enum.Enum):
    """How loss rates were worked out."""

    REACHED = "reached"
    """Finally lost over what reached the bucket."""
    ROLL = "roll"
    """From one month end to the next, and on to the end."""
    SIMPLE = "simple"
    """Lost over what was invoiced."""


@attrs.frozen(kw_only=True)
class LossRateCell:
    """The rate of one bucket of a segment with the two numbers behind it, in minor units."""

    segment: str
    bucket: int
    label: str
    reached_minor: int
    """What reached the bucket: what was open of each item on its first day there."""
    lost_minor: int
    """What of it was given up by the end of the window."""
    still_open_minor: int
    """What of it was neither paid nor given up by then."""
    items: int
    rate: Fraction
    basis: str
    """Whose experience the rate is: its own, or in words what stood in for it."""

    @property
    def decided_minor(self) -> int:
        """What reached the bucket and was paid or lost since."""
        return self.reached_minor - self.still_open_minor


def _cells(values: Iterable[LossRateCell]) -> tuple[LossRateCell, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class LossRates(ShowsTable):
    """Loss rates by segment and bucket, from which window, by which method, with their evidence."""

    method: RateMethod
    first: dt.date
    last: dt.date
    until: dt.date
    """The last day that was looked at."""
    currency: str
    cells: tuple[LossRateCell, ...] = attrs.field(converter=_cells)

    def rates(self, segment: str = "") -> tuple[Fraction, ...]:
        """The rates of a segment, one per bucket."""
        return tuple(cell.rate for cell in self.cells if cell.segment == segment)

    @property
    def segments(self) -> tuple[SegmentRates, ...]:
        """The rates as a matrix takes them."""
        source = f"{self.method.value}, {self.first} to {self.last}, seen until {self.until}"
        names = dict.fromkeys(cell.segment for cell in self.cells)
        return tuple(SegmentRates(name, self.rates(name), source=source) for name in names)

    def to_table(self) -> ResultTable:
        """A row per segment and bucket: the rate, and the numbers behind it."""
        from receivables.allowance._rate_tables import loss_rate_table  # noqa: PLC0415  # stands on this

        return loss_rate_table(self)


def rates_of(
    reached: Sequence[int], *, lost: int | Sequence[int], still_open: Sequence[int] = ()
) -> tuple[Fraction, ...]:
    """Loss rates from a table of one's own: what was lost over what reached each bucket and is decided.

    `lost` is one amount for all buckets, where nothing is given up before the last, or one for each.
    A bucket that nothing reached has a rate of zero.  Raises `PolicyError` where more was lost than
    reached a bucket.

    >>> rates_of([1_000, 400], lost=100, still_open=[200, 200])
    (Fraction(1, 8), Fraction(1, 2))
    """
    losses = [lost] * len(reached) if isinstance(lost, int) else list(lost)
    open_ones = list(still_open) or [0] * len(reached)
    rates = []
    for arrived, gone, left in zip(reached, losses, open_ones, strict=True):
        decided = arrived - left
        if not 0 <= gone <= max(decided, 0):
            msg = f"lost must be from 0 to what reached the bucket and is decided, {decided}, got {gone}"
            raise PolicyError(msg)
        rates.append(Fraction(gone, decided) if decided else Fraction(0))
    return tuple(rates)


def product_of_rolls(rolls: Sequence[Fraction | int]) -> tuple[Fraction, ...]:
    """The loss rate of each bucket as the product of its roll rate and all those after it.

    The last is the part of the last bucket that is lost.

    >>> product_of_rolls([Fraction(1, 2), Fraction(1, 4), Fraction(1, 10)])
    (Fraction(1, 80), Fraction(1, 40), Fraction(1, 10))
    """
    found: list[Fraction] = []
    product = Fraction(1)
    for roll in reversed(rolls):
        product *= roll
        found.append(product)
    return tuple(reversed(found))


@attrs.define
class _Sums:
    reached: int = 0
    lost: int = 0
    still_open: int = 0
    items: int = 0

    def add(self, reached: int, lost: int, still_open: int) -> None:
        self.reached += reached
        self.lost += lost
        self.still_open += still_open
        self.items += 1

    def rate(self, still_open: StillOpen) -> Fraction | None:
        """Lost over decided; None where nothing is decided."""
        if still_open is StillOpen.AS_LOST:
            return Fraction(self.lost + self.still_open, self.reached) if self.reached else None
        decided = self.reached - self.still_open
        return Fraction(self.lost, decided) if decided > 0 else None


@attrs.frozen(kw_only=True)
class _Window:
    """What is looked at: whose items, issued when, up to which day, in which currency."""

    items: tuple[ItemPast, ...]
    first: dt.date
    last: dt.date
    until: dt.date
    currency: str
    used: Mapping[str, AppliedRate]
    policy: RatePolicy

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        creditor: str,
        *,
        span: tuple[dt.date, dt.date],
        until: dt.date | None,
        known_at: dt.datetime | None,
        policy: RatePolicy,
        issued: bool = True,
    ) -> _Window:
        first, last = span
        end = last if until is None else until
        for name, day in (("first", first), ("last", last), ("until", end)):
            check_day(day, name=name)
        if not first <= last <= end:
            msg = f"first, last and until must follow each other, got {first}, {last} and {end}"
            raise PolicyError(msg)
        every = pasts(ledger, creditor, until=end, known_at=known_at)
        kept = tuple(one for one in every if not issued or first <= one.posting_date <= last)
        codes = sorted({one.currency for one in kept})
        currency = policy.currency or (codes[0] if codes else "")
        if not policy.currency and len(codes) > 1:
            msg = f"currency must be named where there are several, got {', '.join(codes)}"
            raise PolicyError(msg)
        used = {
            code: policy.rates.rate(code, currency, on=end, kind=RateKind.CLOSING)
            for code in codes
            if code != currency
        }
        return cls(
            items=kept,
            first=first,
            last=last,
            until=end,
            currency=currency,
            used=used,
            policy=policy,
        )

    def worth(self, one: ItemPast, minor: int) -> int:
        rate = self.used.get(one.currency)
        return minor if rate is None else rate.convert_minor(minor)

    def segment(self, one: ItemPast) -> str:
        return self.policy.segments.get(one.customer, "")

    @property
    def segment_names(self) -> list[str]:
        return sorted({self.segment(one) for one in self.items} | {""})


def loss_rates(
    ledger: Ledger,
    creditor: str,
    *,
    scheme: AgingScheme,
    first: dt.date,
    last: dt.date,
    until: dt.date | None = None,
    known_at: dt.datetime | None = None,
    policy: RatePolicy | None = None,
) -> LossRates:
    """What was finally lost over what reached each bucket, of the items posted from `first` to `last`.

    An item reaches a bucket on the first day that it would be aged into it, with what is open at the
    end of that day; what is given up later, by the end of `until`, is lost of it.  An item that is
    posted late reaches no bucket that it had left by then.  Raises `PolicyError` for days out of
    order and for several currencies without one to count in.
    """
    window = _Window.of(
        ledger,
        creditor,
        span=(first, last),
        until=until,
        known_at=known_at,
        policy=policy or RatePolicy(),
    )
    sums: _Cells = {}
    for one in window.items:
        for bucket in range(scheme.bucket_count):
            entered = _entered(one, scheme, bucket)
            if entered is None or entered > window.until:
                continue
            reached = one.open_on(entered)
            if reached <= 0:
                continue
            lost = min(max(one.lost_between(entered, window.until), 0), reached)
            left = min(max(one.open_on(window.until), 0), reached - lost)
            parts = [window.worth(one, minor) for minor in (reached, lost, left)]
            sums.setdefault((window.segment(one), bucket), _Sums()).add(*_within(parts))
    return _finished(window, scheme, sums, RateMethod.REACHED)


def _within(parts: Sequence[int]) -> tuple[int, int, int]:
    """Converted parts of one amount, which rounding must not make more than the whole."""
    reached, lost, left = parts
    lost = min(lost, reached)
    return reached, lost, min(left, reached - lost)


def _entered(one: ItemPast, scheme: AgingScheme, bucket: int) -> dt.date | None:
    """The first day at whose end an item is aged into a bucket; None where it never is."""
    bounds = scheme.upper_bounds
    start = _counted_from(one, scheme)
    lowest = bounds[bucket - 1] + 1 if bucket else None
    opens = one.starts_on if lowest is None else start + dt.timedelta(days=lowest)
    entered = max(opens, one.starts_on)
    is_over = bucket < len(bounds) and days_past(start, as_of=entered) > bounds[bucket]
    return None if is_over else entered


def _counted_from(one: ItemPast, scheme: AgingScheme) -> dt.date:
    if scheme.basis is AgeBasis.POSTING_DATE:
        return one.posting_date
    if scheme.basis is AgeBasis.DOCUMENT_DATE or one.due_date is None:
        return one.document_date
    return one.due_date


def _finished(window: _Window, scheme: AgingScheme, sums: _Cells, method: RateMethod) -> LossRates:
    """Every cell with its rate: its own, or what stands in for it."""
    overall = [_Sums() for _ in range(scheme.bucket_count)]
    for (_, bucket), one in sums.items():
        total = overall[bucket]
        total.reached += one.reached
        total.lost += one.lost
        total.still_open += one.still_open
        total.items += one.items
    shared = _shared(overall, window.policy)
    cells = []
    for segment in window.segment_names:
        for bucket, label in enumerate(scheme.labels):
            own = sums.get((segment, bucket), _Sums())
            rate, basis = _rate(own, shared[bucket], window.policy)
            cells.append(
                LossRateCell(
                    segment=segment,
                    bucket=bucket,
                    label=label,
                    reached_minor=own.reached,
                    lost_minor=own.lost,
                    still_open_minor=own.still_open,
                    items=own.items,
                    rate=rate,
                    basis=basis,
                )
            )
    return LossRates(
        method=method,
        first=window.first,
        last=window.last,
        until=window.until,
        currency=window.currency,
        cells=cells,
    )


def _is_thin(sums: _Sums, thin: ThinBuckets) -> bool:
    decided = sums.reached - sums.still_open
    return sums.items < thin.items_min or decided < thin.amount_minor_min


def _shared(overall: Sequence[_Sums], policy: RatePolicy) -> list[tuple[Fraction, str]]:
    """The rate of all segments together for each bucket; a thin one takes that of the next older."""
    found: list[tuple[Fraction, str]] = []
    # Nothing is known of what is older than the last bucket: it is taken as lost.
    after = (Fraction(1), "nothing is decided: taken as lost")
    for sums in reversed(overall):
        rate = sums.rate(policy.still_open)
        if rate is not None and not _is_thin(sums, policy.thin):
            after = (rate, "all segments")
        elif found:
            after = (after[0], "the next older bucket")
        elif rate is not None:
            after = (rate, "all segments, thin")
        found.append(after)
    return list(reversed(found))


def _rate(own: _Sums, shared: tuple[Fraction, str], policy: RatePolicy) -> tuple[Fraction, str]:
    rate, thin = own.rate(policy.still_open), policy.thin
    if rate is None:
        return shared
    if thin.way is ThinWay.CREDIBILITY:
        weight = Fraction(own.items, max(own.items + thin.credibility_items, 1))
        mixed = weight * rate + (1 - weight) * shared[0]
        return mixed, f"credibility {percent_text(weight)}"
    if thin.way is ThinWay.POOLED and _is_thin(own, thin):
        return shared
    return rate, "own, thin" if _is_thin(own, thin) else "own"


def simple_loss_rate(
    ledger: Ledger,
    creditor: str,
    *,
    first: dt.date,
    last: dt.date,
    until: dt.date | None = None,
    known_at: dt.datetime | None = None,
    policy: RatePolicy | None = None,
) -> LossRates:
    """What was lost of everything that was invoiced in a window, whatever its age: one rate a segment."""
    window = _Window.of(
        ledger,
        creditor,
        span=(first, last),
        until=until,
        known_at=known_at,
        policy=policy or RatePolicy(),
    )
    sums: _Cells = {}
    for one in window.items:
        lost = min(max(one.lost_between(dt.date.min, window.until), 0), one.amount_minor)
        left = min(max(one.open_on(window.until), 0), one.amount_minor - lost)
        parts = [window.worth(one, minor) for minor in (one.amount_minor, lost, left)]
        sums.setdefault((window.segment(one), 0), _Sums()).add(*_within(parts))
    # By posting date everything is in one of two buckets, of which the second stays empty.
    found = _finished(window, AgingScheme(0), sums, RateMethod.SIMPLE)
    kept = [attrs.evolve(cell, label="all") for cell in found.cells if cell.bucket == 0]
    return attrs.evolve(found, cells=kept)


def rolled_on(
    matrix: Sequence[Sequence[int]], *, opening: Sequence[int], lost: Sequence[int]
) -> tuple[Fraction | None, ...]:
    """The part of each bucket that stood in an older one later, or was lost; None of an empty one.

    >>> rolled_on([[80, 10], [0, 5]], opening=[100, 10], lost=[0, 1])
    (Fraction(1, 10), Fraction(1, 10))
    """
    return tuple(
        Fraction(sum(matrix[row][row + 1 :]) + lost[row], whole) if whole else None
        for row, whole in enumerate(opening)
    )


@attrs.frozen(kw_only=True)
class RollRates(ShowsTable):
    """What became of each bucket from one month end to the next, and the loss rates that follow.

    ``matrix[i][j]`` is what of bucket i stood in bucket j a month later, in minor units, summed over
    the months; `paid` and `lost` are what left it.  ``opening[i]`` is all of it.  By customer, by
    currency, between any two days and with what was credited apart: `receivables.measures.RollMatrix`.
    """

    rates: LossRates
    days: tuple[dt.date, ...]
    opening: tuple[int, ...]
    matrix: tuple[tuple[int, ...], ...]
    paid: tuple[int, ...]
    lost: tuple[int, ...]

    @property
    def rolls(self) -> tuple[Fraction, ...]:
        """The part of each bucket that was in an older one a month later, or lost."""
        found = rolled_on(self.matrix, opening=self.opening, lost=self.lost)
        return tuple(Fraction(0) if roll is None else roll for roll in found)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the buckets, the first segment's, which are those of every one."""
        found = [cell for cell in self.rates.cells if cell.segment == self.rates.cells[0].segment]
        return tuple(cell.label for cell in found)

    def shares(self, bucket: int) -> tuple[Fraction | None, ...]:
        """What became of a bucket as parts of it: in each bucket a month later, paid, and lost.

        None where nothing stood in it.
        """
        opening = self.opening[bucket]
        moved = (*self.matrix[bucket], self.paid[bucket], self.lost[bucket])
        return tuple(Fraction(minor, opening) if opening else None for minor in moved)

    def to_table(self) -> ResultTable:
        """A row per bucket: what of it was in each bucket a month later, paid or lost."""
        from receivables.allowance._rate_tables import roll_rate_table  # noqa: PLC0415  # stands on this

        return roll_rate_table(self)


def roll_rates(
    ledger: Ledger,
    creditor: str,
    *,
    scheme: AgingScheme,
    first: dt.date,
    last: dt.date,
    known_at: dt.datetime | None = None,
    policy: RatePolicy | None = None,
) -> RollRates:
    """Loss rates from month ends: what rolled on, what was paid and what was lost of each bucket.

    The month ends are those from `first` to `last`.  The loss rate of a bucket is what of it is lost
    within the month, and what moves to a bucket times the loss rate of that one; where each bucket
    is a month wide that is the product of the roll rates downstream.  Only moves that were seen
    count, so that what is still open at the end says nothing.  A bucket that nothing ever left has
    no rate of its own and takes that of the next older one, the last 100 %.
    """
    own = policy or RatePolicy()
    days = _month_ends(first, last)
    window = _Window.of(
        ledger,
        creditor,
        span=(days[0], days[-1]),
        until=days[-1],
        known_at=known_at,
        policy=own,
        issued=False,
    )
    tables = {name: _Moves.empty(scheme.bucket_count) for name in (None, *window.segment_names)}
    for one in window.items:
        for table in (tables[None], tables[window.segment(one)]):
            table.follow(one, days, scheme, window)
    total = tables.pop(None)
    shared = _resolved(total.loss_rates())
    cells: list[LossRateCell] = []
    for name, table in tables.items():
        assert name is not None  # noqa: S101  # the table of all segments was taken out
        cells += table.cells(name, scheme, shared, own)
    return RollRates(
        rates=LossRates(
            method=RateMethod.ROLL,
            first=days[0],
            last=days[-1],
            until=days[-1],
            currency=window.currency,
            cells=cells,
        ),
        days=days,
        opening=tuple(total.opening),
        matrix=tuple(tuple(row) for row in total.moved),
        paid=tuple(total.paid),
        lost=tuple(total.lost),
    )


def _month_ends(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    check_day(first, name="first")
    check_day(last, name="last")
    days: list[dt.date] = []
    day = month_end(first)
    while day <= last and len(days) <= _MONTHS_MAX:
        days.append(day)
        day = month_end(add_months(day.replace(day=1), 1))
    if not 2 <= len(days) <= _MONTHS_MAX:  # noqa: PLR2004  # from one to the next
        msg = f"there must be 2 to {_MONTHS_MAX} month ends from {first} to {last}, got {len(days)}"
        raise PolicyError(msg)
    return tuple(days)


@attrs.define
class _Moves:
    """What of each bucket went where in a month, added up over months and items."""

    opening: list[int]
    moved: list[list[int]]
    paid: list[int]
    lost: list[int]
    items: list[int]

    @classmethod
    def empty(cls, count: int) -> _Moves:
        rows = [[0] * count for _ in range(count)]
        return cls([0] * count, rows, [0] * count, [0] * count, [0] * count)

    def follow(
        self, one: ItemPast, days: Sequence[dt.date], scheme: AgingScheme, window: _Window
    ) -> None:
        """Add the moves of one item from each month end to the next."""
        start = _counted_from(one, scheme)
        before: tuple[dt.date, int, int] | None = None
        for day in days:
            minor = one.open_on(day)
            bucket = bucket_of(days_past(start, as_of=day), scheme=scheme)
            if before is not None:
                self._step(one, before, (day, bucket, minor), window)
            before = (day, bucket, minor) if minor > 0 else None

    def _step(
        self,
        one: ItemPast,
        before: tuple[dt.date, int, int],
        after: tuple[dt.date, int, int],
        window: _Window,
    ) -> None:
        (earlier, row, minor), (day, column, left) = before, after
        stays = stays_part(minor, left)
        lost = gone_part(one.lost_between(earlier, day), minor - stays)
        worth = [window.worth(one, part) for part in (minor, stays, lost)]
        self.opening[row] += worth[0]
        self.moved[row][column] += worth[1]
        self.lost[row] += worth[2]
        self.paid[row] += worth[0] - worth[1] - worth[2]
        self.items[row] += 1

    def loss_rates(self) -> list[Fraction | None]:
        """The part of each bucket that is lost in the end; None where nothing ever leaves it."""
        count = len(self.opening)
        rows = [row for row in range(count) if self._leaves(row)]
        place = {row: index for index, row in enumerate(rows)}
        system = []
        for row in rows:
            stays = [Fraction(self.moved[row][column], self.opening[row]) for column in rows]
            line = [-part for part in stays]
            line[place[row]] += 1
            # What moves to a bucket that nothing leaves is taken as lost.
            stuck = sum(self.moved[row][column] for column in range(count) if column not in place)
            system.append([*line, Fraction(self.lost[row] + stuck, self.opening[row])])
        solved = _solved(system)
        return [solved[place[row]] if row in place else None for row in range(count)]

    def _leaves(self, row: int) -> bool:
        """Whether anything of a bucket is ever paid or lost, there or where it moves to."""
        seen, waiting = {row}, [row]
        while waiting:
            at = waiting.pop()
            if self.paid[at] or self.lost[at]:
                return True
            onward = [to for to, minor in enumerate(self.moved[at]) if minor and to not in seen]
            seen.update(onward)
            waiting += onward
        return False

    def cells(
        self,
        segment: str,
        scheme: AgingScheme,
        shared: Sequence[tuple[Fraction, str]],
        policy: RatePolicy,
    ) -> list[LossRateCell]:
        """The cells of a segment; a thin bucket takes the rate of all segments."""
        found = []
        for bucket, rate in enumerate(self.loss_rates()):
            sums = _Sums(self.opening[bucket], self.lost[bucket], 0, self.items[bucket])
            if rate is None or (policy.thin.way is ThinWay.POOLED and _is_thin(sums, policy.thin)):
                rate, basis = shared[bucket]  # noqa: PLW2901  # what stands in for it
            elif policy.thin.way is ThinWay.CREDIBILITY:
                weight = Fraction(sums.items, max(sums.items + policy.thin.credibility_items, 1))
                rate = weight * rate + (1 - weight) * shared[bucket][0]  # noqa: PLW2901  # mixed
                basis = f"credibility {percent_text(weight)}"
            else:
                basis = "own"
            stays = sum(self.moved[bucket])
            found.append(
                LossRateCell(
                    segment=segment,
                    bucket=bucket,
                    label=scheme.labels[bucket],
                    reached_minor=sums.reached,
                    lost_minor=sums.lost,
                    still_open_minor=stays,
                    items=sums.items,
                    rate=rate,
                    basis=basis,
                )
            )
        return found


def _resolved(own: Sequence[Fraction | None]) -> list[tuple[Fraction, str]]:
    """The rate of all segments for each bucket; one that nothing left takes that of the next older."""
    found: list[tuple[Fraction, str]] = []
    after = (Fraction(1), "nothing ever left it: taken as lost")
    for rate in reversed(own):
        if rate is not None:
            after = (rate, "all segments")
        elif found:
            after = (after[0], "the next older bucket")
        found.append(after)
    return list(reversed(found))


def _solved(system: list[list[Fraction]]) -> list[Fraction]:
    """The solution of a system of linear equations, exactly; each row ends with its right side.

    Every bucket of it leads to an end, so that the system has one solution.
    """
    count = len(system)
    rows = [list(row) for row in system]
    for place in range(count):
        pivot = next(row for row in range(place, count) if rows[row][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        head = rows[place][place]
        rows[place] = [value / Fraction(head) for value in rows[place]]
        for row in range(count):
            factor = rows[row][place]
            if row != place and factor:
                rows[row] = [
                    value - factor * top for value, top in zip(rows[row], rows[place], strict=True)
                ]
    return [min(max(row[-1], Fraction(0)), Fraction(1)) for row in rows]


@attrs.frozen(kw_only=True)
class Vintage:
    """The invoices of one month, and what of them was lost by their age in months."""

    month: dt.date
    """Its first day."""
    issued_minor: int
    lost_minor: tuple[int | None, ...]
    """Lost in all by the end of the month of issue, of the next, and so on; None where not yet seen."""
    still_open_minor: int


def _vintages(values: Iterable[Vintage]) -> tuple[Vintage, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class VintageTable(ShowsTable):
    """Losses by month of issue and by age, as far as they were seen.

    What is unpaid of the sales of a month by age in days is `receivables.measures.PaidVintage`.
    """

    until: dt.date
    currency: str
    vintages: tuple[Vintage, ...] = attrs.field(converter=_vintages)

    @property
    def rates(self) -> tuple[Fraction | None, ...]:
        """For each age what was lost by then, over what was issued in the months that are that old."""
        ages = max((len(one.lost_minor) for one in self.vintages), default=0)
        return tuple(self._rate(age) for age in range(ages))

    def _rate(self, age: int) -> Fraction | None:
        seen = [(one.issued_minor, one.lost_minor[age]) for one in self.vintages]
        known = [(issued, lost) for issued, lost in seen if lost is not None]
        issued = sum(minor for minor, _ in known)
        return Fraction(sum(lost for _, lost in known), issued) if issued else None

    def to_table(self) -> ResultTable:
        """A row per month of issue: what of it was lost by each age, in months."""
        from receivables.allowance._rate_tables import vintage_table  # noqa: PLC0415  # stands on this

        return vintage_table(self)


def vintages(
    ledger: Ledger,
    creditor: str,
    *,
    first: dt.date,
    last: dt.date,
    until: dt.date | None = None,
    months: int = 12,
    known_at: dt.datetime | None = None,
    policy: RatePolicy | None = None,
) -> VintageTable:
    """The losses of what was posted in each month from `first` to `last`, by age in months.

    An age is seen once its month has ended by `until`.  Raises `PolicyError` for months that cannot
    be, and what `loss_rates` raises.
    """
    if not 0 <= months <= _MONTHS_MAX:
        msg = f"months must be from 0 to {_MONTHS_MAX}, got {months}"
        raise PolicyError(msg)
    window = _Window.of(
        ledger,
        creditor,
        span=(first, last),
        until=until,
        known_at=known_at,
        policy=policy or RatePolicy(),
    )
    groups: dict[dt.date, list[ItemPast]] = {}
    for one in window.items:
        groups.setdefault(one.posting_date.replace(day=1), []).append(one)
    rows = [_vintage(window, month, group, months) for month, group in sorted(groups.items())]
    return VintageTable(until=window.until, currency=window.currency, vintages=rows)


def _vintage(window: _Window, month: dt.date, group: Sequence[ItemPast], months: int) -> Vintage:
    ends = [month_end(add_months(month, age)) for age in range(months + 1)]
    lost = [
        sum(window.worth(one, max(one.lost_between(dt.date.min, end), 0)) for one in group)
        if end <= window.until
        else None
        for end in ends
    ]
    return Vintage(
        month=month,
        issued_minor=sum(window.worth(one, one.amount_minor) for one in group),
        lost_minor=tuple(lost),
        still_open_minor=sum(window.worth(one, max(one.open_on(window.until), 0)) for one in group),
    )
