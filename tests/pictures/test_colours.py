"""Colours can be told apart by everybody: by lightness in grey, and by those who see no red or no green."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from receivables.pictures._look import LOOKS, Theme, ramp

# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision
# Deficiency, IEEE TVCG 2009, severity 1.0, over linear RGB.
_SEEN = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "everything": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
_OPAQUE = [theme for theme in Theme if theme is not Theme.AUTO]


def _linear(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]


def _luminance(colour):
    """WCAG 2.2, relative luminance."""
    return sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), _linear(colour), strict=True))


def _contrast(one, two):
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


def _lab(colour, seen):
    rgb = [max(0, sum(m * c for m, c in zip(row, _linear(colour), strict=True))) for row in seen]
    white = (0.95047, 1.0, 1.08883)
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [
        sum(m * c for m, c in zip(row, rgb, strict=True)) / w
        for row, w in zip(rows, white, strict=True)
    ]
    x, y, z = (one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116 for one in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _apart(one, two, seen):
    """The distance of two colours as somebody sees them (CIE76)."""
    pairs = zip(_lab(one, _SEEN[seen]), _lab(two, _SEEN[seen]), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


@pytest.mark.parametrize("seen", _SEEN)
@pytest.mark.parametrize("theme", Theme)
def test_buckets_next_to_each_other_differ(theme, seen):
    """Not due, four buckets past due: each differs from the next, whoever looks."""
    look = LOOKS[theme]
    colours = [*ramp(look.not_due, 1), *ramp(look.past_due, 4)]

    least = 7 if theme is Theme.AUTO else 12
    assert [pair for pair in pairwise(colours) if _apart(*pair, seen) < least] == []


@pytest.mark.parametrize("theme", _OPAQUE)
def test_buckets_rise_in_lightness(theme):
    """The older, the further from the background: grey print keeps the order."""
    look = LOOKS[theme]
    steps = [_contrast(colour, look.background) for colour in ramp(look.past_due, 4)]

    assert steps == sorted(steps)
    assert _contrast(look.past_due[-1], look.background) >= 3


@pytest.mark.parametrize("theme", _OPAQUE)
def test_words_can_be_read(theme):
    """Ink on its background has 7 to 1 (WCAG 2.2, 1.4.6), lines and bars 3 to 1 (1.4.11)."""
    look = LOOKS[theme]

    assert _contrast(look.ink, look.background) >= 7
    assert [one for one in look.lines if _contrast(one, look.background) < 2.2] == []
    assert _contrast(look.main, look.background) >= 3


def test_unknown_pages_are_borne():
    """The ink of `auto` has 4.5 to 1 on white, and nearly so on the black of dark pages."""
    ink = LOOKS[Theme.AUTO].ink

    assert _contrast(ink, "#ffffff") >= 4.5
    assert _contrast(ink, "#15191e") >= 3.8


@pytest.mark.parametrize("seen", ["deuteranopia", "protanopia", "everything"])
@pytest.mark.parametrize("theme", Theme)
def test_better_and_worse_differ(theme, seen):
    """The two colours of a waterfall differ for everybody; signs say the same."""
    look = LOOKS[theme]

    assert _apart(look.better, look.worse, seen) >= 25


@pytest.mark.parametrize("seen", ["deuteranopia", "protanopia"])
@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_the_first_three_lines_differ(theme, seen):
    """Three lines can be told apart by colour alone; strokes and points tell all of them apart."""
    assert [
        pair for pair in combinations(LOOKS[theme].lines[:3], 2) if _apart(*pair, seen) < 15
    ] == []


@pytest.mark.parametrize("theme", Theme)
def test_figures_in_cells_can_be_read(theme):
    """Whatever the share, what is written in a cell of the heat map has 3.8 to 1."""
    look = LOOKS[theme]
    cells = dict(zip(range(0, 1_000_001, 20_000), ramp(look.heat, 51), strict=True))
    first, second = look.heat_inks

    assert [
        share
        for share, colour in cells.items()
        if _contrast(second if share > look.heat_turn else first, colour) < 3.8
    ] == []
