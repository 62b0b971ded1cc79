"""Colours that keep their order without hue: what is not due is blue, what is past due darkens.

Blue against yellow to brown is told apart under every common colour-vision deficiency (after
ColorBrewer's Blues and YlOrBr, C. Brewer and M. Harrower), and grey print keeps the order too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from receivables.aging.model import AgeBasis, AgingScheme

__all__ = ["colours", "ink_on"]

_Colour: TypeAlias = tuple[int, int, int]

_NOT_DUE: Final[tuple[_Colour, ...]] = ((158, 202, 225), (107, 174, 214))
_PAST_DUE: Final[tuple[_Colour, ...]] = (
    (254, 217, 118),
    (254, 153, 41),
    (204, 76, 2),
    (102, 37, 6),
)


def colours(scheme: AgingScheme) -> tuple[str, ...]:
    """One colour per bucket of a scheme.

    >>> colours(AgingScheme(30, 60, 90))
    ('#6baed6', '#fed976', '#fe9929', '#cc4c02', '#662506')
    """
    by_due_date = scheme.basis is AgeBasis.DUE_DATE
    calm = sum(bound <= 0 for bound in scheme.upper_bounds) if by_due_date else 0
    late = len(scheme.labels) - calm
    return (*_ramp(_NOT_DUE, calm), *_ramp(_PAST_DUE, late))


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour (WCAG 2.2, contrast ratio).

    >>> ink_on("#fed976"), ink_on("#662506")
    ('#000', '#fff')
    """
    luminance = sum(
        weight * _linear(int(colour[start : start + 2], 16))
        for weight, start in ((2126, 1), (7152, 3), (722, 5))
    )
    # Both ratios are equal where (L + 0.05)² = 1.05 × 0.05, that is at L = 0.179.
    return "#000" if luminance > 1790 else "#fff"  # noqa: PLR2004  # the figure of the line above


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # IEC 61966-2-1


def _ramp(anchors: Sequence[_Colour], count: int) -> tuple[str, ...]:
    if count == 1:
        return (_hex(anchors[-1]),)
    return tuple(_hex(_between(anchors, step, count - 1)) for step in range(count))


def _between(anchors: Sequence[_Colour], step: int, steps: int) -> _Colour:
    """The colour `step` of `steps` along the anchors, in whole numbers."""
    index, rest = divmod(step * (len(anchors) - 1), steps)
    here, there = anchors[index], anchors[min(index + 1, len(anchors) - 1)]
    red, green, blue = (
        start + (end - start) * rest // steps for start, end in zip(here, there, strict=True)
    )
    return red, green, blue


def _hex(colour: _Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
