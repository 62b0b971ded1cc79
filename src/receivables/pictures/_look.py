"""Colours of the pictures: told apart by lightness first, so that grey print and the colour-blind lose nothing."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["LOOKS", "SHAPES", "STROKES", "Look", "Theme", "ramp"]


class Theme(enum.Enum):
    """Where a picture will stand."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"
    """On nobody knows what: without a background, in inks that light and dark pages both bear."""
    PRINT = "print"
    """On paper, in black and greys."""


@attrs.frozen(kw_only=True)
class Look:
    """The colours of a theme."""

    background: str
    ink: str
    """Words, axes, and what matters most."""
    faint: str
    """The lines of the grid."""
    not_due: tuple[str, str]
    """From the furthest from its due date to the nearest."""
    past_due: tuple[str, ...]
    """From just past due to the oldest, each further from the background than the one before."""
    credits: str
    main: str
    """What a picture of one thing is drawn in."""
    band: str
    """What is uncertain around it."""
    better: str
    worse: str
    heat: tuple[str, str]
    """From nothing to everything."""
    heat_inks: tuple[str, str]
    """What is written on the first part of it, and on the second."""
    heat_turn: int
    """Where the second part begins, in parts per million: either ink can be read there."""
    lines: tuple[str, ...]


_OKABE_ITO: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Masataka Okabe and Kei Ito, Color Universal Design, 2008; the yellow is too light for a line."""

LOOKS: Final[Mapping[Theme, Look]] = MappingProxyType(
    {
        Theme.LIGHT: Look(
            background="#ffffff",
            ink="#1b1f24",
            faint="#dfe3e8",
            not_due=("#e3eff8", "#cfe3f2"),
            past_due=("#f2a65a", "#d9782d", "#a84a12", "#5c1f0a"),
            credits="#8a929b",
            main="#0072B2",
            band="#9ecae1",
            better="#0072B2",
            worse="#D55E00",
            heat=("#f3f8fc", "#08306b"),
            heat_inks=("#1b1f24", "#ffffff"),
            heat_turn=620_000,
            lines=_OKABE_ITO,
        ),
        Theme.DARK: Look(
            background="#15191e",
            ink="#e6e9ec",
            faint="#333a42",
            not_due=("#1a3a52", "#2a5f87"),
            past_due=("#a4622d", "#cc8440", "#eeb36d", "#ffe6bd"),
            credits="#8a929b",
            main="#56B4E9",
            band="#2f5f7d",
            better="#56B4E9",
            worse="#E69F00",
            heat=("#1c2530", "#cfe8fb"),
            heat_inks=("#e6e9ec", "#10151a"),
            heat_turn=405_000,
            lines=("#56B4E9", "#E69F00", "#2fc79a", "#e39ac4", "#f0e442", "#7fa8ff"),
        ),
        Theme.AUTO: Look(
            background="transparent",
            ink="#767676",
            faint="#a0a0a0",
            not_due=("#b4d3ea", "#86b6d9"),
            past_due=("#e39a4f", "#cc7428", "#a85512", "#8a4210"),
            credits="#8a929b",
            main="#2b83ba",
            band="#7fb1d3",
            better="#2b83ba",
            worse="#cc6f1d",
            heat=("#d5e4f0", "#1f5b92"),
            heat_inks=("#1b1f24", "#ffffff"),
            heat_turn=720_000,
            lines=("#2b83ba", "#cc6f1d", "#12876a", "#b5669a", "#a9800a", "#5a6fd0"),
        ),
        Theme.PRINT: Look(
            background="#ffffff",
            ink="#000000",
            faint="#d9d9d9",
            not_due=("#ffffff", "#f2f2f2"),
            past_due=("#c8c8c8", "#989898", "#5f5f5f", "#1a1a1a"),
            credits="#e2e2e2",
            main="#404040",
            band="#c8c8c8",
            better="#b0b0b0",
            worse="#303030",
            heat=("#ffffff", "#202020"),
            heat_inks=("#000000", "#ffffff"),
            heat_turn=600_000,
            lines=("#000000", "#5a5a5a", "#8a8a8a"),
        ),
    }
)

# Lines are told apart by their strokes and points too.
STROKES: Final = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4])
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def ramp(stops: Sequence[str], count: int) -> list[str]:
    """So many colours from the first stop to the last.

    >>> ramp(["#000000", "#ffffff"], 3), ramp(["#000000", "#ffffff"], 1)
    (['#000000', '#808080', '#ffffff'], ['#ffffff'])
    """
    if count == 1:
        return [stops[-1]]
    return [_between(stops, place, count - 1) for place in range(count)]


def _between(stops: Sequence[str], place: int, steps: int) -> str:
    # How far along all stops, in whole numbers of a step.
    at, rest = divmod(place * (len(stops) - 1), steps)
    if not rest:
        return stops[at]
    pairs = zip(_parts(stops[at]), _parts(stops[at + 1]), strict=True)
    mixed = (low + ((high - low) * rest * 2 + steps) // (2 * steps) for low, high in pairs)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
