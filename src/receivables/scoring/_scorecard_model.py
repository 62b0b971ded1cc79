"""The workshop of `receivables.scoring.scorecards`: bins, characteristics, cards, scores."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import itertools
import math
import numbers
import operator
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.scoring._scorecard_evidence import IvBand, WoeSign, iv_band
from receivables.scoring._scorecard_scaling import Scaling

__all__ = [
    "DIGITS_MAX",
    "Bin",
    "BinKind",
    "CardSource",
    "Characteristic",
    "Direction",
    "Scorecard",
    "Slot",
    "category_of",
    "number_of",
    "quotient_of",
    "shared_of",
]

DIGITS_MAX: Final = 15
"""Digits of a cut: so many decimal digits survive a 64-bit float, so that a float of a frame and
the decimal of a value fall on the same side of it."""
_EXPONENT_MAX: Final = 300
"""Powers of ten of a cut, either way: within the range of a 64-bit float."""
_BINS_MAX: Final = 64
_DECIMALS_MAX: Final = 330
_POINT_DECIMALS_MAX: Final = 3
_POINTS_MAX: Final = 10**9
_NAME: Final = re.compile(r"\S(.*\S)?", re.DOTALL)


class BinKind(enum.Enum):
    """What falls into a bin."""

    INTERVAL = "interval"
    """Numbers from a cut to the next one."""
    GROUP = "group"
    """Categories that are named."""
    OTHER = "other"
    """Categories that no group names."""
    MISSING = "missing"
    """No value, or none that is a finite number."""
    UNDEFINED = "undefined"
    """A quotient whose denominator is zero or less."""


class Direction(enum.Enum):
    """How the points go as the value rises."""

    RISING = "rising"
    FALLING = "falling"
    FREE = "free"
    """Up and down; or the values have no order."""


class CardSource(enum.Enum):
    """Where the points of a card come from."""

    FITTED = "fitted"
    EXPERT = "expert"


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _cut(value: Any) -> Decimal | None:  # noqa: ANN401  # checked here
    if value is None:
        return None
    try:
        cut = Decimal(value) if isinstance(value, (int, str, Decimal)) else Decimal("NaN")
    except InvalidOperation:
        cut = Decimal("NaN")
    is_usable = cut.is_finite() and abs(cut.adjusted()) <= _EXPONENT_MAX
    if not is_usable or len(cut.normalize().as_tuple().digits) > DIGITS_MAX:
        msg = f"a cut must be a decimal of at most {DIGITS_MAX} digits, got {value!r}"
        raise PolicyError(msg)
    return cut


def _categories(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Bin:
    """One bin of a characteristic: what falls into it, what it gives, whom it was seen with.

    `points` are in the unit of the card (`Scorecard.point_decimals`).  `lower` and `upper` are the
    ends of an interval, None where it is open to infinity; which of them belongs to it is said by
    the characteristic.  `good` and `bad` are counts of rows in fitting, None where nobody counted.
    """

    kind: BinKind = attrs.field(converter=BinKind)
    points: int
    lower: Decimal | None = attrs.field(default=None, converter=_cut)
    upper: Decimal | None = attrs.field(default=None, converter=_cut)
    categories: tuple[str, ...] = attrs.field(default=(), converter=_categories)
    good: int | None = None
    bad: int | None = None
    woe: Decimal | None = None
    """The weight of evidence of the counts, with the sign that the card states."""

    def __attrs_post_init__(self) -> None:
        if isinstance(self.points, bool) or not isinstance(self.points, int):
            msg = f"points must be a whole number, got {self.points!r}"
            raise PolicyError(msg)
        if abs(self.points) > _POINTS_MAX:
            msg = f"points must be at most {_POINTS_MAX}, got {self.points}"
            raise PolicyError(msg)
        if (self.kind is BinKind.GROUP) != bool(self.categories):
            msg = f"a bin must name categories where it is a group, and only there, got {self.kind.value}"
            raise PolicyError(msg)
        has_end = self.lower is not None or self.upper is not None
        if has_end and self.kind is not BinKind.INTERVAL:
            msg = f"only an interval has ends, got {self.kind.value}"
            raise PolicyError(msg)
        for name in ("good", "bad"):
            count = getattr(self, name)
            if count is not None and count < 0:
                msg = f"{name} must be zero or more, got {count}"
                raise PolicyError(msg)

    @property
    def rows(self) -> int | None:
        """How many rows fell into it in fitting."""
        return None if self.good is None or self.bad is None else self.good + self.bad

    @property
    def bad_bps(self) -> int | None:
        """The share of bad rows in fitting, in basis points, half-even; None without rows."""
        if not self.rows or self.bad is None:
            return None
        return round(Fraction(self.bad * 10_000, self.rows))


def number_of(value: object) -> Decimal | None:
    """A value as an exact decimal, None where there is none or none that is finite.

    A float is the shortest decimal that reads back as it.  Raises `DocumentError` for what is no
    number.

    >>> number_of("12.50"), number_of(None), number_of("")
    (Decimal('12.50'), None, None)
    """
    if value is None or value == "":
        return None
    # The usual kinds first: asking an abstract class costs ten times as much.
    if type(value) is float:
        return Decimal(repr(value)) if math.isfinite(value) else None
    if type(value) is int:
        return Decimal(value)
    number = _unusual(value)
    if number is None:
        msg = f"a value must be a number, got {value!r}"
        raise DocumentError(msg)
    return number if number.is_finite() else None


def _unusual(value: object) -> Decimal | None:
    """Text, decimals, and the numbers of other libraries; None for what is no number."""
    if isinstance(value, (str, Decimal)):
        return _parsed(value)
    if isinstance(value, numbers.Integral):
        return Decimal(int(value))
    if isinstance(value, numbers.Real):
        # The sum is the value as a double, whatever kind of float it was.
        return Decimal(repr(math.fsum((value,)))) if math.isfinite(value) else Decimal("NaN")
    return None


def _parsed(value: str | Decimal) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def quotient_of(over: object, under: object) -> Decimal | Fraction | None:
    """The quotient of two values; None where one is missing, or the denominator zero or less.

    Two whole numbers give it exactly; anything else is divided as 64-bit floats are, as in a frame.

    >>> quotient_of(1, 3), quotient_of("0.3", "0.1"), quotient_of(1, 0)
    (Fraction(1, 3), Decimal('2.9999999999999996'), None)
    """
    above, below = number_of(over), number_of(under)
    return None if above is None or below is None else shared_of(above, below)


def shared_of(above: Decimal, below: Decimal) -> Decimal | Fraction | None:
    """The quotient of two numbers; None where the denominator is zero or less."""
    if below <= 0:
        return None
    if _is_whole(above) and _is_whole(below):
        return Fraction(int(above), int(below))
    try:
        shared = operator.truediv(math.fsum((above,)), math.fsum((below,)))
    except (OverflowError, ZeroDivisionError):
        return None
    return Decimal(repr(shared)) if math.isfinite(shared) else None


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def category_of(value: object) -> str | None:
    """A value as the name of a category: text as it is, whole numbers without decimals.

    >>> category_of(3), category_of(True), category_of("rent"), category_of("")
    ('3', 'true', 'rent', None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    number = number_of(value)
    if number is None:
        return None
    return str(int(number)) if number == number.to_integral_value() else str(number)


def _bins(values: Iterable[Bin]) -> tuple[Bin, ...]:
    return tuple(values)


def _iv(value: Any) -> Decimal | None:  # noqa: ANN401  # None stays None
    return None if value is None else Decimal(value)


@attrs.frozen(eq=False)
class Slot:
    """A bin, and how it is written in signs."""

    bin: Bin
    sign: str


@attrs.frozen(kw_only=True, eq=False)
class Lookup:
    """What scoring asks of a characteristic: its bins by kind, its points to compare."""

    is_numeric: bool
    first: Slot | None
    steps: tuple[tuple[Decimal, Slot], ...]
    group_of: Mapping[str, Slot]
    special: Mapping[BinKind, Slot]
    best: int
    worst: int
    neutral: int


def _lookup(made: Characteristic) -> Lookup:
    slots = [Slot(each, made.describe(each)) for each in made.bins]
    intervals = [slot for slot in slots if slot.bin.kind is BinKind.INTERVAL]
    special = (BinKind.OTHER, BinKind.MISSING, BinKind.UNDEFINED)
    return Lookup(
        is_numeric=bool(intervals),
        first=intervals[0] if intervals else None,
        steps=tuple((slot.bin.lower, slot) for slot in intervals if slot.bin.lower is not None),
        group_of={name: slot for slot in slots for name in slot.bin.categories},
        special={slot.bin.kind: slot for slot in slots if slot.bin.kind in special},
        best=made.best_points,
        worst=made.worst_points,
        neutral=made.neutral_points,
    )


@attrs.frozen(kw_only=True)
class Characteristic:
    """One line of questions of a scorecard: a column, or a quotient of two, and its bins.

    The intervals cover every number: each begins where the one before ends, the first and the last
    are open.  A cut belongs to the interval above it, unless `closed_above`.  There is a bin for
    what is missing, one for other categories where there are groups, and one for an undefined
    quotient where there is a denominator: nothing is scored in silence.
    """

    name: str
    column: str = ""
    """The column, or the numerator; the name where it is left out."""
    over: str = ""
    """The column that it is divided by; empty where there is none."""
    label: str = ""
    unit: str = ""
    decimals: int = 0
    """Decimals of the cuts, and of a value where it is shown; a value itself is never rounded."""
    bins: tuple[Bin, ...] = attrs.field(converter=_bins)
    closed_above: bool = False
    """Whether the upper end of an interval belongs to it, and not the lower one."""
    direction: Direction = attrs.field(default=Direction.FREE, converter=Direction)
    iv: Decimal | None = attrs.field(default=None, converter=_iv)
    seen_from: Decimal | None = attrs.field(default=None, converter=_cut)
    """The lowest value in fitting, and in `seen_to` the highest: a value beyond is marked."""
    seen_to: Decimal | None = attrs.field(default=None, converter=_cut)
    known: Lookup = attrs.field(init=False, eq=False, repr=False, default=None)
    """What scoring a row asks again and again, worked out once."""

    def __attrs_post_init__(self) -> None:
        if not self.column:
            object.__setattr__(self, "column", self.name)
        if not self.label:
            shown = f"{self.column} / {self.over}" if self.over else self.column
            object.__setattr__(self, "label", shown)
        _check_name("a characteristic", self.name)
        if not 0 <= self.decimals <= _DECIMALS_MAX:
            msg = f"decimals of {self.name} must be 0 to {_DECIMALS_MAX}, got {self.decimals}"
            raise PolicyError(msg)
        _check_bins(self)
        object.__setattr__(self, "known", _lookup(self))

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers, and not categories."""
        return any(one.kind is BinKind.INTERVAL for one in self.bins)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (self.column, self.over) if self.over else (self.column,)

    def bin_of_kind(self, kind: BinKind) -> Bin:
        """The one bin of a kind; raises `LookupError` where there is none."""
        for one in self.bins:
            if one.kind is kind:
                return one
        msg = f"{self.name} must have a bin of kind {kind.value}, got none"
        raise LookupError(msg)

    @property
    def intervals(self) -> tuple[Bin, ...]:
        """The intervals, lowest first."""
        return tuple(one for one in self.bins if one.kind is BinKind.INTERVAL)

    @property
    def groups(self) -> tuple[Bin, ...]:
        """The groups of categories."""
        return tuple(one for one in self.bins if one.kind is BinKind.GROUP)

    @property
    def best_points(self) -> int:
        """The most points that a value which is there and known can have."""
        return max(one.points for one in (*self.intervals, *self.groups))

    @property
    def worst_points(self) -> int:
        """The fewest points of such a value."""
        return min(one.points for one in (*self.intervals, *self.groups))

    @property
    def neutral_points(self) -> int:
        """The points of the average row of fitting, half-even; of the average bin without counts."""
        seen = [(one.points, one.rows or 0) for one in self.bins]
        if not any(rows for _, rows in seen):
            seen = [(one.points, 1) for one in (*self.intervals, *self.groups)]
        whole = sum(rows for _, rows in seen)
        return round(Fraction(sum(points * rows for points, rows in seen), whole))

    @property
    def band(self) -> IvBand | None:
        """How much it says by its information value; None where that is not known."""
        return None if self.iv is None else iv_band(self.iv)

    def describe(self, one: Bin) -> str:
        """A bin in signs: ``[0.05, 0.12)``, ``rent, own``, ``missing``."""
        if one.kind is BinKind.GROUP:
            return ", ".join(one.categories)
        if one.kind is not BinKind.INTERVAL:
            return str(one.kind.value)
        lower = "-inf" if one.lower is None else f"{one.lower:f}"
        upper = "+inf" if one.upper is None else f"{one.upper:f}"
        opening = "(" if self.closed_above or one.lower is None else "["
        closing = "]" if self.closed_above and one.upper is not None else ")"
        return f"{opening}{lower}, {upper}{closing}"


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        msg = f"the name of {what} must be text without spaces around it, got {name!r}"
        raise PolicyError(msg)


def _check_bins(made: Characteristic) -> None:
    kinds = [one.kind for one in made.bins]
    if len(kinds) > _BINS_MAX:
        msg = f"{made.name} must have at most {_BINS_MAX} bins, got {len(kinds)}"
        raise PolicyError(msg)
    if (BinKind.INTERVAL in kinds) == (BinKind.GROUP in kinds):
        msg = f"{made.name} must have intervals or groups, and not both"
        raise PolicyError(msg)
    wanted = {BinKind.MISSING}
    if BinKind.GROUP in kinds:
        wanted.add(BinKind.OTHER)
    if made.over:
        wanted.add(BinKind.UNDEFINED)
    singles = (BinKind.MISSING, BinKind.OTHER, BinKind.UNDEFINED)
    for kind in singles:
        if kinds.count(kind) != (kind in wanted):
            wish = "one" if kind in wanted else "no"
            msg = f"{made.name} must have {wish} bin of kind {kind.value}, got {kinds.count(kind)}"
            raise PolicyError(msg)
    _check_intervals(made)
    _check_groups(made)


def _check_intervals(made: Characteristic) -> None:
    intervals = made.intervals
    if not intervals:
        return
    if intervals[0].lower is not None or intervals[-1].upper is not None:
        msg = f"the first and the last interval of {made.name} must be open to infinity"
        raise PolicyError(msg)
    for below, above in itertools.pairwise(intervals):
        if below.upper is None or above.lower is None or below.upper != above.lower:
            msg = f"the intervals of {made.name} must follow each other without a gap, got {made.describe(below)} before {made.describe(above)}"
            raise PolicyError(msg)
    cuts = [one.lower for one in intervals if one.lower is not None]
    if any(first >= second for first, second in itertools.pairwise(cuts)):
        msg = f"the cuts of {made.name} must rise, got {', '.join(map(str, cuts))}"
        raise PolicyError(msg)
    if any(_places(cut) > made.decimals for cut in cuts):
        object.__setattr__(made, "decimals", max(_places(cut) for cut in cuts))


def _check_groups(made: Characteristic) -> None:
    named = [category for one in made.groups for category in one.categories]
    twice = sorted({category for category in named if named.count(category) > 1})
    if twice:
        msg = f"a category of {made.name} must be in one group, got {', '.join(twice)} in several"
        raise PolicyError(msg)
    if "" in named:
        msg = f"a category of {made.name} must have a name, got an empty one; an empty text is missing"
        raise PolicyError(msg)


@functools.lru_cache(maxsize=65_536)
def _meaning(scaling: Scaling, points: Decimal) -> tuple[Decimal, int]:
    """Odds and probability of points, kept: a book has thousands of customers and few scores."""
    return scaling.odds(points), scaling.bad_bps(points)


def _characteristics(values: Iterable[Characteristic]) -> tuple[Characteristic, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Scorecard:
    """A scorecard: plain data that anyone can read, compare, keep and add up by hand.

    The score is `base_points` and the points of one bin of each characteristic.  Points are whole
    numbers of 10 ** -`point_decimals`.  What they stand for as odds is the `scaling`.
    """

    name: str
    version: str = "1"
    characteristics: tuple[Characteristic, ...] = attrs.field(converter=_characteristics)
    base_points: int = 0
    point_decimals: int = 0
    scaling: Scaling = attrs.field(factory=Scaling)
    higher_is_better: bool = True
    """Whether more points are less risk; where False the scaling counts odds of bad to good."""
    woe_sign: WoeSign = attrs.field(default=WoeSign.GOOD_OVER_BAD, converter=WoeSign)
    intercept: Decimal | None = attrs.field(default=None, converter=_iv)
    """The log odds of being bad of the average row, as fitted, before points were rounded."""
    source: CardSource = attrs.field(default=CardSource.EXPERT, converter=CardSource)
    target: str = ""
    """What being bad means."""
    population: str = ""
    """Whom it was fitted on, or is meant for."""
    fitted_from: dt.date | None = None
    fitted_to: dt.date | None = None
    fitted_rows: int | None = None
    fitted_bad: int | None = None
    notes: tuple[str, ...] = attrs.field(default=(), converter=_categories)

    def __attrs_post_init__(self) -> None:
        _check_name("a scorecard", self.name)
        if not self.characteristics:
            msg = f"scorecard {self.name} must have characteristics, got none"
            raise PolicyError(msg)
        names = [one.name for one in self.characteristics]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            msg = f"the characteristics of {self.name} must have names of their own, got {', '.join(twice)} twice"
            raise PolicyError(msg)
        if not 0 <= self.point_decimals <= _POINT_DECIMALS_MAX:
            msg = f"point_decimals must be 0 to {_POINT_DECIMALS_MAX}, got {self.point_decimals}"
            raise PolicyError(msg)
        if isinstance(self.base_points, bool) or not isinstance(self.base_points, int):
            msg = f"base_points must be a whole number, got {self.base_points!r}"
            raise PolicyError(msg)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it reads, each once."""
        return tuple(dict.fromkeys(name for one in self.characteristics for name in one.columns))

    @property
    def points_range(self) -> tuple[int, int]:
        """The least and the most that a row with all its values can have."""
        least = sum(one.worst_points for one in self.characteristics)
        most = sum(one.best_points for one in self.characteristics)
        return self.base_points + least, self.base_points + most

    def characteristic(self, name: str) -> Characteristic:
        """A characteristic by its name; raises `PolicyError` for another."""
        for one in self.characteristics:
            if one.name == name:
                return one
        msg = f"characteristic must be one of {', '.join(c.name for c in self.characteristics)}, got {name!r}"
        raise PolicyError(msg)

    def shown(self, points: int) -> Decimal:
        """Points as they are read: 6123 with one decimal is 612.3."""
        return Decimal(points).scaleb(-self.point_decimals)

    def odds(self, points: int) -> Decimal:
        """How many good ones to a bad one a score stands for."""
        return _meaning(self.scaling, self._plain(points))[0]

    def bad_bps(self, points: int) -> int:
        """The probability of being bad that a score stands for, in basis points, half-even."""
        return _meaning(self.scaling, self._plain(points))[1]

    def _plain(self, points: int) -> Decimal:
        shown = self.shown(points)
        return shown if self.higher_is_better else self._turned(shown)

    def _turned(self, shown: Decimal) -> Decimal:
        return 2 * self.scaling.offset - shown

    def to_table(self) -> dict[str, Any]:
        """The card as text, numbers, truth values, lists and tables, for TOML or JSON."""
        from receivables.scoring._scorecard_tables import table_of  # noqa: PLC0415  # stands on this

        return table_of(self)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "scorecard") -> Scorecard:
        """The card of a table that `to_table` or a person wrote; raises `PolicyError` with the key."""
        from receivables.scoring._scorecard_tables import card_of  # noqa: PLC0415  # stands on this

        return card_of(table, name=name)
