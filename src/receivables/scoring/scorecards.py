"""Scorecards: bins, weight of evidence, points and reasons, as data that anyone can read.

A card says of each characteristic which bin a value falls into and what that gives; the score is
the sum.  Nothing is scored in silence: what is missing, unknown or undefined has a bin of its own.
The same rule scores data frames (`receivables.scoring.scorecard_columns`).

>>> margin = Characteristic(
...     name="margin", unit="% of sales",
...     bins=[
...         Bin(kind="interval", upper="0", points=-25),
...         Bin(kind="interval", lower="0", upper="5.5", points=0),
...         Bin(kind="interval", lower="5.5", points=18),
...         Bin(kind="missing", points=-10),
...     ],
... )
>>> card = Scorecard(name="suppliers", characteristics=[margin], base_points=580)
>>> result = score({"margin": "5.5"}, scorecard=card)
>>> result.points, result.contributions[0].bin, result.bad_bps
(598, '[5.5, +inf)', 210)
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from receivables.errors import DocumentError
from receivables.scoring._scorecard_evidence import (
    IvBand,
    WoeSign,
    WoeTable,
    iv_band,
    woe_table,
)
from receivables.scoring._scorecard_model import (
    Bin,
    BinKind,
    CardSource,
    Characteristic,
    Direction,
    Scorecard,
    Slot,
    category_of,
    number_of,
    shared_of,
)
from receivables.scoring._scorecard_rules import added, placed
from receivables.scoring._scorecard_scaling import Scaling, classic_points
from receivables.scoring._scorecard_tables import dump_scorecard, load_scorecard
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "Against",
    "Bin",
    "BinKind",
    "CardSource",
    "Characteristic",
    "Contribution",
    "Direction",
    "IvBand",
    "Scaling",
    "Score",
    "ScoreReason",
    "Scorecard",
    "WoeSign",
    "WoeTable",
    "classic_points",
    "dump_scorecard",
    "iv_band",
    "load_scorecard",
    "score",
    "woe_table",
]


class Against(enum.Enum):
    """What a reason measures the points of a characteristic against."""

    BEST = "best"
    """The best bin of the characteristic: what could be gained."""
    NEUTRAL = "neutral"
    """The average row of fitting: what sets this one apart."""


@attrs.frozen(kw_only=True)
class Contribution:
    """What one characteristic gave: its value, its bin, its points in the unit of the card."""

    characteristic: str
    label: str
    value: str
    """The value as it was read; empty where it is missing."""
    bin: str
    """The bin in signs, such as ``[0.05, 0.12)`` or ``missing``."""
    kind: BinKind
    points: int
    best_points: int
    neutral_points: int
    is_beyond: bool = False
    """Whether the value lies beyond every one that the card was fitted on."""


@attrs.frozen(kw_only=True)
class ScoreReason:
    """Why a score is not higher: what a characteristic costs, best for risk first."""

    characteristic: str
    label: str
    value: str
    bin: str
    kind: BinKind
    cost: int
    """Points lost against the best bin, or against the average row; above zero."""
    points: int


def _parts(values: Iterable[Contribution]) -> tuple[Contribution, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Score(ShowsTable):
    """A score with everything that made it, and what it stands for."""

    scorecard: str
    version: str
    points: int
    """In the unit of the card; `shown` is how it is read."""
    shown: Decimal
    odds: Decimal
    """Good ones to a bad one, to six decimals."""
    bad_bps: int
    """The probability of being bad, in basis points."""
    base_points: int
    contributions: tuple[Contribution, ...] = attrs.field(converter=_parts)
    higher_is_better: bool = True

    @property
    def reasons(self) -> tuple[ScoreReason, ...]:
        """What costs most against the best bin of each characteristic, dearest first."""
        return self.reasons_against(Against.BEST)

    def reasons_against(self, against: Against) -> tuple[ScoreReason, ...]:
        """What costs most against the best bin or the average row, dearest first.

        Of two that cost the same the one that stands first on the card comes first.
        """
        turn = 1 if self.higher_is_better else -1
        found = []
        for one in self.contributions:
            target = one.best_points if against is Against.BEST else one.neutral_points
            cost = turn * (target - one.points)
            if cost > 0:
                found.append(
                    ScoreReason(
                        characteristic=one.characteristic,
                        label=one.label,
                        value=one.value,
                        bin=one.bin,
                        kind=one.kind,
                        cost=cost,
                        points=one.points,
                    )
                )
        return tuple(sorted(found, key=lambda reason: -reason.cost))

    def to_table(self) -> ResultTable:
        """A row per characteristic: its value, its bin, its points and what it costs."""
        from receivables.scoring._tables import score_table  # noqa: PLC0415  # stands on this

        return score_table(self)

    @property
    def unusual(self) -> tuple[Contribution, ...]:
        """What was missing, unknown, undefined, or beyond every value of fitting."""
        plain = (BinKind.INTERVAL, BinKind.GROUP)
        return tuple(one for one in self.contributions if one.kind not in plain or one.is_beyond)


def score(values: Mapping[str, object], *, scorecard: Scorecard) -> Score:
    """The score of one row of values by the names of columns.

    A value is a whole number, a decimal, a float, or text that is one; None, empty text and what is
    not finite are missing.  A column that is not there at all is a mistake of the caller, never a
    missing value.  Raises `DocumentError` for that, and for text where a number must be.
    """
    absent = [name for name in scorecard.columns if name not in values]
    if absent:
        msg = f"values must include {', '.join(scorecard.columns)}, got no {', '.join(absent)}; say None for what is missing"
        raise DocumentError(msg)
    parts = [_contribution(one, values, scorecard) for one in scorecard.characteristics]
    points = added(scorecard.base_points, (one.points for one in parts))
    return Score(
        scorecard=scorecard.name,
        version=scorecard.version,
        points=points,
        shown=scorecard.shown(points),
        odds=scorecard.odds(points).quantize(Decimal("1e-6")),
        bad_bps=scorecard.bad_bps(points),
        base_points=scorecard.base_points,
        contributions=parts,
        higher_is_better=scorecard.higher_is_better,
    )


def _contribution(
    one: Characteristic, values: Mapping[str, object], card: Scorecard
) -> Contribution:
    known = one.known
    slot, value, is_beyond = _found(one, [values[name] for name in one.columns])
    return Contribution(
        characteristic=one.name,
        label=one.label,
        value=value,
        bin=slot.sign,
        kind=slot.bin.kind,
        points=slot.bin.points,
        best_points=known.best if card.higher_is_better else known.worst,
        neutral_points=known.neutral,
        is_beyond=is_beyond,
    )


def _found(one: Characteristic, given: Sequence[object]) -> tuple[Slot, str, bool]:
    """The bin of a value, the value as text, and whether it is beyond what was seen."""
    special = one.known.special
    if not one.known.is_numeric:
        category = category_of(given[0])
        if category is None:
            return special[BinKind.MISSING], "", False
        groups = one.known.group_of
        return groups.get(category, special[BinKind.OTHER]), category, False
    numbers = [number for number in map(number_of, given) if number is not None]
    if len(numbers) < len(given):
        return special[BinKind.MISSING], "", False
    number = shared_of(*numbers) if one.over else numbers[0]
    if number is None:
        return special[BinKind.UNDEFINED], "", False
    return _interval(one, number), _text(number, one.decimals), _is_beyond(one, number)


def _is_beyond(one: Characteristic, number: Decimal | Fraction) -> bool:
    low, high = one.seen_from, one.seen_to
    return (low is not None and number < _like(low, number)) or (
        high is not None and number > _like(high, number)
    )


def _interval(one: Characteristic, number: Decimal | Fraction) -> Slot:
    steps = one.known.steps
    if not isinstance(number, Decimal):
        steps = tuple((Fraction(cut), each) for cut, each in steps)  # type: ignore[misc]
    chosen: Slot = placed(number, first=one.known.first, steps=steps, closed_above=one.closed_above)
    return chosen


def _like(cut: Decimal, number: Decimal | Fraction) -> Decimal | Fraction:
    """A cut as the kind of number that it is compared with."""
    return cut if isinstance(number, Decimal) else Fraction(cut)


def _text(number: Decimal | Fraction, decimals: int) -> str:
    if isinstance(number, Fraction):
        scaled = round(number * 10**decimals)
        return f"{Decimal(scaled).scaleb(-decimals):f}"
    return f"{number:f}"
