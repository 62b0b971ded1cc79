"""Scales of bureaus and insurers as data: what a value of theirs means, in words, or a refusal.

>>> import datetime as dt
>>> said = ExternalScore(score="S-1", customer="C-017", source="creditsafe", value="72",
...                      rated_on=dt.date(2026, 10, 1))
>>> reading(said).band.risk
'very low'
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.casework.credit import ExternalScore
from receivables.errors import PolicyError

__all__ = [
    "SCALES",
    "ExternalScale",
    "NotOnScale",
    "NotOnScaleReason",
    "ScaleBand",
    "ScaleReading",
    "reading",
    "scale",
]

_DIGITS_MAX: Final = 9


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"values must be a list of texts, got the text {values!r}"
        raise PolicyError(msg)
    return tuple(values)


@attrs.frozen(kw_only=True)
class ScaleBand:
    """A part of a scale: from which number to which, or the grades in it, and what it is called.

    Raises `PolicyError` for a band of neither numbers nor grades.
    """

    risk: str
    lowest: int | None = None
    highest: int | None = None
    grades: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __attrs_post_init__(self) -> None:
        is_range = self.lowest is not None and self.highest is not None
        if is_range == bool(self.grades) or (is_range and self._is_upside_down()):
            msg = (
                f"band {self.risk} must be of numbers, lowest to highest, or of grades, got {self}"
            )
            raise PolicyError(msg)

    def _is_upside_down(self) -> bool:
        return (self.lowest or 0) > (self.highest or 0)

    def holds(self, points: int) -> bool:
        """Whether a number lies in it.

        >>> ScaleBand(risk="low", lowest=51, highest=70).holds(51)
        True
        """
        return self.lowest is not None and self.lowest <= points <= (self.highest or 0)


def _bands(values: Iterable[ScaleBand]) -> tuple[ScaleBand, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ExternalScale:
    """The scale of a bureau or an insurer: its bands from the least risk to the most.

    `is_verified` is false where no source at hand confirms the bands.  Raises `PolicyError` for bands
    that overlap.
    """

    name: str
    title: str
    bands: tuple[ScaleBand, ...] = attrs.field(converter=_bands)
    higher_is_better: bool = True
    source: str = ""
    is_verified: bool = True
    note: str = ""

    def __attrs_post_init__(self) -> None:
        ranges = sorted(
            (one.lowest, one.highest or 0) for one in self.bands if one.lowest is not None
        )
        grades = [grade for one in self.bands for grade in one.grades]
        overlap = any(one[1] >= after[0] for one, after in itertools.pairwise(ranges))
        if not self.bands or overlap or len(set(grades)) < len(grades):
            msg = f"bands of {self.name} must be one or more and not overlap, got {self.bands}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str) -> ExternalScale:
        """A scale from a TOML table; raises `PolicyError` naming the key that is wrong.

        >>> ExternalScale.from_table({"title": "House grades", "bands": [
        ...     {"risk": "low", "grades": ["A", "B"]}, {"risk": "high", "grades": ["C"]}]},
        ...     name="house").bands[1].grades
        ('C',)
        """
        plain = {str(key).replace("-", "_"): value for key, value in table.items()}
        known = {field.name for field in attrs.fields(cls)} - {"name"}
        if unknown := sorted(set(plain) - known):
            msg = f"keys of scale {name} must be among {', '.join(sorted(known))}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        try:
            bands = [ScaleBand(**dict(band)) for band in plain.pop("bands", ())]
            return cls(name=name, bands=bands, **plain)
        except (TypeError, ValueError) as error:
            msg = f"scale {name} must be a title and bands, got {error}"
            raise PolicyError(msg) from error


class NotOnScaleReason(enum.Enum):
    """Why a value of a bureau means nothing here."""

    SCALE_UNKNOWN = "scale-unknown"
    VALUE_UNKNOWN = "value-unknown"
    """The scale has no such value: 0 of PAYDEX, a letter where there are numbers."""
    CONTRADICTORY = "contradictory"
    """The value as given and its points are two numbers."""


@attrs.frozen(kw_only=True)
class ScaleReading:
    """What a value means: the band of its scale, and where the value stands on it.

    `points` is the number, where the scale has numbers.  `rank` counts the bands from the least risk,
    which is 0.
    """

    scale: ExternalScale
    band: ScaleBand
    points: int | None = None

    @property
    def rank(self) -> int:
        """The place of the band, the least risk first."""
        return self.scale.bands.index(self.band)


@attrs.frozen(kw_only=True)
class NotOnScale:
    """A refusal: a value that its scale does not have, or a scale that nobody knows."""

    source: str
    value: str
    reason: NotOnScaleReason


_EVERY: Final = (
    ExternalScale(
        name="paydex",
        title="Dun & Bradstreet PAYDEX",
        bands=(
            ScaleBand(risk="low", lowest=80, highest=100),
            ScaleBand(risk="moderate", lowest=50, highest=79),
            ScaleBand(risk="high", lowest=1, highest=49),
        ),
        source="Dun & Bradstreet; the numbers are of dandb.com, the words general knowledge",
        is_verified=False,
        note="1 to 100; 80 is prompt payment; a zero is no score",
    ),
    ExternalScale(
        name="creditsafe",
        title="Creditsafe",
        bands=(
            ScaleBand(risk="very low", lowest=71, highest=100),
            ScaleBand(risk="low", lowest=51, highest=70),
            ScaleBand(risk="moderate", lowest=30, highest=50),
            ScaleBand(risk="high", lowest=21, highest=29),
            ScaleBand(risk="very high", lowest=0, highest=20),
        ),
        source="help.creditsafe.com 7000038283",
        note="countries have scales of their own beside this one",
    ),
)

SCALES: Final[Mapping[str, ExternalScale]] = MappingProxyType({one.name: one for one in _EVERY})
"""The scales that are known, by name; others come from tables."""


def scale(name: str, *, scales: Mapping[str, ExternalScale] = SCALES) -> ExternalScale:
    """A scale by its name; raises `PolicyError` listing those there are.

    >>> scale("creditsafe").title
    'Creditsafe'
    """
    if name not in scales:
        msg = f"scale must be one of {', '.join(sorted(scales)) or 'none'}, got {name!r}"
        raise PolicyError(msg)
    return scales[name]


def reading(
    said: ExternalScore, *, scales: Mapping[str, ExternalScale] = SCALES
) -> ScaleReading | NotOnScale:
    """What a score from outside means on its scale, or why it means nothing.

    The scale is the one named like the score's source.  A grade is compared as it is written, and a
    number is that of `points`, or of the value where that is a whole number.

    >>> import datetime as dt
    >>> said = ExternalScore(score="S-1", customer="C-017", source="paydex", value="0",
    ...                      rated_on=dt.date(2026, 10, 1))
    >>> reading(said).reason.value
    'value-unknown'
    """
    found = scales.get(said.source)
    if found is None:
        return _refused(said, NotOnScaleReason.SCALE_UNKNOWN)
    for band in found.bands:
        if said.value in band.grades:
            return ScaleReading(scale=found, band=band, points=said.points)
    written = _whole(said.value)
    points = written if said.points is None else said.points
    if None not in (written, points) and written != points:
        return _refused(said, NotOnScaleReason.CONTRADICTORY)
    holding = [] if points is None else [one for one in found.bands if one.holds(points)]
    if not holding:
        return _refused(said, NotOnScaleReason.VALUE_UNKNOWN)
    return ScaleReading(scale=found, band=holding[0], points=points)


def _refused(said: ExternalScore, reason: NotOnScaleReason) -> NotOnScale:
    return NotOnScale(source=said.source, value=said.value, reason=reason)


def _whole(text: str) -> int | None:
    """The whole number that a text is, and nothing else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else None
