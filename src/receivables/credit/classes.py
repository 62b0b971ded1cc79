"""From a score to a risk class: bands of points, and the words of bureaus, checked for gaps.

>>> classes = RiskClasses(names=("A", "B", "C"), bands={
...     "points": [ScoreBand("A", low=600), ScoreBand("B", low=540, high=599), ScoreBand("C", high=539)],
...     "paydex": [ScoreBand("A", low=80, high=100), ScoreBand("B", low=50, high=79),
...                ScoreBand("C", low=1, high=49)]})
>>> classes.of_points(584), classes.of_points(None), classes.of_points(101, scale="paydex")
('B', 'unrated', 'unrated')
>>> classes.rate({"points": 640, "paydex": 62}).risk_class
'B'
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.credit import recommendation_rules as rules
from receivables.credit._credit_tables import built, fields_of
from receivables.errors import PolicyError

__all__ = [
    "STANDARD_CLASSES",
    "UNRATED",
    "RiskClasses",
    "RiskRating",
    "ScoreBand",
    "ScoreChoice",
]

UNRATED: Final = "unrated"
"""The class of a customer of whom no score is known; a class of its own, and never the worst one."""

_CLASSES_MAX: Final = 50
"""Classes: the longest scales of agencies have 22."""
_BANDS_MAX: Final = 1_000


@attrs.frozen
class ScoreBand:
    """The points from `low` to `high`, both included, that make a class; None is an open end."""

    risk_class: str
    low: int | None = attrs.field(default=None, kw_only=True)
    high: int | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for end in (self.low, self.high):
            if end is not None and (isinstance(end, bool) or not isinstance(end, int)):
                msg = f"ends of band {self.risk_class} must be whole numbers, got {end!r}"
                raise PolicyError(msg)
        if self.low is not None and self.high is not None and self.high < self.low:
            msg = f"high of band {self.risk_class} must be {self.low} or more, got {self.high}"
            raise PolicyError(msg)

    @property
    def text(self) -> str:
        """The band as a person writes it.

        >>> ScoreBand("B", low=50, high=79).text, ScoreBand("A", low=80).text
        ('50 to 79', '80 or more')
        """
        if self.low is None and self.high is None:
            return "any"
        if self.high is None:
            return f"{self.low} or more"
        return f"{self.high} or less" if self.low is None else f"{self.low} to {self.high}"


class ScoreChoice(enum.Enum):
    """Which score decides where a customer has several."""

    WORST = "worst"
    BEST = "best"
    FIRST = "first"
    """That of the scale which the bands name first."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _considered(values: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple(values)


def _bands(
    values: Mapping[str, Iterable[ScoreBand]],
) -> Mapping[str, tuple[ScoreBand, ...]]:
    found = {}
    for scale, bands in values.items():
        in_order = sorted(bands, key=lambda band: (band.low is not None, band.low or 0))
        _check_bands(scale, in_order)
        found[scale] = tuple(in_order)
    return MappingProxyType(found)


def _check_bands(scale: str, bands: list[ScoreBand]) -> None:
    """Refuse bands with a gap or an overlap, and none at all."""
    if not 0 < len(bands) <= _BANDS_MAX:
        msg = f"bands of {scale} must be 1 to {_BANDS_MAX}, got {len(bands)}"
        raise PolicyError(msg)
    for lower, upper in itertools.pairwise(bands):
        if lower.high is None or upper.low is None or upper.low <= lower.high:
            msg = f"bands of {scale} must not overlap, got {lower.risk_class} {lower.text} and {upper.risk_class} {upper.text}"
            raise PolicyError(msg)
        if upper.low > lower.high + 1:
            msg = f"bands of {scale} must have no gap, got none for {lower.high + 1} to {upper.low - 1}"
            raise PolicyError(msg)


def _words(values: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {
            scale: MappingProxyType({_folded(word): name for word, name in words.items()})
            for scale, words in values.items()
        }
    )


def _folded(word: str) -> str:
    return " ".join(word.split()).casefold()


@attrs.frozen(kw_only=True)
class RiskRating:
    """The class that a customer's scores come to, the score that decided, and what each says alone.

    `scale` and `value` are empty where the customer is unrated.
    """

    risk_class: str
    scale: str = ""
    value: str = ""
    considered: tuple[tuple[str, str, str], ...] = attrs.field(default=(), converter=_considered)
    """Scale, value and class of every score that was looked at, as texts."""
    policy: str = ""

    @property
    def is_rated(self) -> bool:
        """Whether any score said something."""
        return self.risk_class != UNRATED


@attrs.frozen(kw_only=True)
class RiskClasses:
    """Risk classes by name, the best first, and which scores make each of them.

    `bands` say for each scale of numbers which points belong to which class; a scale has no gap, no
    two bands for one score, and its classes only rise or only fall with the points.  `words` say the
    same for scales of words (``"coface-dra"``, ``"DRA 5"``), whatever their case.  A score that is
    unknown, outside its scale or of a scale that is not named makes nobody better or worse: without
    another one the customer is `UNRATED`.

    Raises `PolicyError` for a class that is not named, or that is called *unrated*.
    """

    name: str = "risk classes"
    version: str = "1"
    names: tuple[str, ...] = attrs.field(converter=_texts)
    bands: Mapping[str, tuple[ScoreBand, ...]] = attrs.field(factory=dict, converter=_bands)
    words: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict, converter=_words)
    choice: ScoreChoice = attrs.field(default=ScoreChoice.WORST, converter=ScoreChoice)
    source: str = ""

    def __attrs_post_init__(self) -> None:
        names = self.names
        if not 0 < len(names) <= _CLASSES_MAX or len(set(names)) != len(names):
            msg = f"names must be 1 to {_CLASSES_MAX} classes, each once, got {list(names)}"
            raise PolicyError(msg)
        if UNRATED in names or not all(names):
            msg = f"names must be other words than {UNRATED!r}, got {list(names)}"
            raise PolicyError(msg)
        for scale, bands in self.bands.items():
            self._check_known(scale, (band.risk_class for band in bands))
            places = [self.place(band.risk_class) for band in bands]
            if places not in (sorted(places), sorted(places, reverse=True)):
                said = ", ".join(band.risk_class for band in bands)
                msg = f"classes of {scale} must only rise or only fall with the score, got {said}"
                raise PolicyError(msg)
        for scale, words in self.words.items():
            self._check_known(scale, words.values())

    def _check_known(self, scale: str, given: Iterable[str]) -> None:
        if unknown := sorted(set(given) - {*self.names, UNRATED}):
            msg = f"classes of {scale} must be among {', '.join(self.names)}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, data: Mapping[str, Any], *, name: str = "risk classes") -> RiskClasses:
        """The classes of a table of a file; raises `PolicyError` naming what is wrong.

        A band is a table with ``class`` and, unless it is an open end, ``from`` and ``to``.

        >>> RiskClasses.from_table({"names": ["A", "B"], "bands": {"points": [
        ...     {"class": "A", "from": 600}, {"class": "B", "to": 598}]}})
        Traceback (most recent call last):
            ...
        receivables.errors.PolicyError: risk classes: bands of points must have no gap, got none for 599 to 599
        """
        return built(lambda: _from_table(data, name), name)

    @property
    def title(self) -> str:
        """The name and the version, as decisions keep them."""
        return f"{self.name} {self.version}"

    def place(self, risk_class: str) -> int:
        """The place of a class, 0 for the best; that of `UNRATED` is after the last.

        Raises `PolicyError` for a class that is not named.
        """
        if risk_class == UNRATED:
            return len(self.names)
        try:
            return self.names.index(risk_class)
        except ValueError:
            msg = f"class must be among {', '.join((*self.names, UNRATED))}, got {risk_class!r}"
            raise PolicyError(msg) from None

    def is_worse(self, one: str, *, than: str) -> bool:
        """Whether a class is worse than another; of *unrated* nobody knows.

        >>> STANDARD_CLASSES.is_worse("D", than="B"), STANDARD_CLASSES.is_worse("unrated", than="B")
        (True, False)
        """
        return UNRATED not in (one, than) and self.place(one) > self.place(than)

    def of_points(self, points: int | None, *, scale: str = "points") -> str:
        """The class of a score in points; *unrated* where it is None or outside the scale.

        Raises `PolicyError` for a scale without bands.
        """
        bands = self.bands_of(scale)
        place = rules.place_of(
            rules.Known(points is not None, points or 0), bands, unrated=len(self.names)
        )
        return self.all_names[int(place)]

    def bands_of(self, scale: str) -> tuple[tuple[int | None, int | None, int], ...]:
        """The bands of a scale as low, high and place of the class."""
        if scale not in self.bands:
            msg = f"scale must be among {', '.join(self.bands) or 'none'}, got {scale!r}"
            raise PolicyError(msg)
        return tuple((one.low, one.high, self.place(one.risk_class)) for one in self.bands[scale])

    @property
    def all_names(self) -> tuple[str, ...]:
        """The classes, and *unrated* after them: the order of `place`."""
        return (*self.names, UNRATED)

    def of_value(self, value: str, *, scale: str, points: int | None = None) -> str:
        """The class of an external score: by its word where the scale has it, else by its points."""
        if (found := self.words.get(scale, {}).get(_folded(value))) is not None:
            return found
        if scale not in self.bands:
            return UNRATED
        if points is None and _folded(value).removeprefix("-").isdecimal():
            points = int(value)
        return self.of_points(points, scale=scale)

    def rate(self, scores: Mapping[str, int | str | None]) -> RiskRating:
        """The class of a customer from its scores by scale, points or words; the policy's choice.

        >>> STANDARD_CLASSES.rate({"points": None}).risk_class
        'unrated'
        """
        considered = [
            (scale, "" if value is None else str(value), self._class_of(scale, value))
            for scale, value in scores.items()
        ]
        rated = [one for one in considered if one[2] != UNRATED]
        if not rated:
            return RiskRating(risk_class=UNRATED, considered=considered, policy=self.title)
        scale, value, risk_class = self._chosen(rated)
        return RiskRating(
            risk_class=risk_class,
            scale=scale,
            value=value,
            considered=considered,
            policy=self.title,
        )

    def _class_of(self, scale: str, value: int | str | None) -> str:
        if value is None:
            return UNRATED
        points = None if isinstance(value, str) else value
        return self.of_value(str(value), scale=scale, points=points)

    def _chosen(self, rated: list[tuple[str, str, str]]) -> tuple[str, str, str]:
        # Of equals the one that was given first, whichever rule decides.
        if self.choice is ScoreChoice.FIRST:
            order = [*self.bands, *self.words]
            return min(rated, key=lambda one: order.index(one[0]))
        if self.choice is ScoreChoice.BEST:
            return min(rated, key=lambda one: self.place(one[2]))
        return max(rated, key=lambda one: self.place(one[2]))


def _from_table(data: Mapping[str, Any], name: str) -> RiskClasses:
    values = fields_of(data, RiskClasses, name)
    values["bands"] = {
        scale: [_band(row, f"{name}: bands of {scale}") for row in rows]
        for scale, rows in values.get("bands", {}).items()
    }
    return RiskClasses(**values)


def _band(row: Any, name: str) -> ScoreBand:  # noqa: ANN401  # what a file holds
    if not isinstance(row, Mapping) or "class" not in row or row.keys() - {"class", "from", "to"}:
        msg = f"{name} must be tables of class, from and to, got {row!r}"
        raise PolicyError(msg)
    return ScoreBand(row["class"], low=row.get("from"), high=row.get("to"))


STANDARD_CLASSES: Final = RiskClasses(
    name="standard",
    names=("A", "B", "C", "D", "E", "F"),
    bands={
        # Odds of good to bad at 600 points 50 to 1, doubled every 20 points: 200, 50, 12.5, 3.1, 0.8.
        "points": [
            ScoreBand("A", low=640),
            ScoreBand("B", low=600, high=639),
            ScoreBand("C", low=560, high=599),
            ScoreBand("D", low=520, high=559),
            ScoreBand("E", low=480, high=519),
            ScoreBand("F", high=479),
        ],
        "paydex": [
            ScoreBand("A", low=80, high=100),
            ScoreBand("B", low=70, high=79),
            ScoreBand("C", low=50, high=69),
            ScoreBand("D", low=40, high=49),
            ScoreBand("E", low=20, high=39),
            ScoreBand("F", low=1, high=19),
        ],
        # Very low, low, moderate, high, very high risk.
        "creditsafe": [
            ScoreBand("A", low=71, high=100),
            ScoreBand("B", low=51, high=70),
            ScoreBand("C", low=30, high=50),
            ScoreBand("D", low=21, high=29),
            ScoreBand("F", low=0, high=20),
        ],
    },
    source=(
        "bands of creditsafe: help.creditsafe.com 7000038283; points of paydex in days: dandb.com; "
        "which class a band is called, and the bands of points, are a choice of this library"
    ),
)
"""Six classes for scorecards of 600 points at odds of 50 to 1, PAYDEX-like and Creditsafe scores."""
