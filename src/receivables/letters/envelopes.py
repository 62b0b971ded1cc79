"""Envelopes with a window: which part of a folded sheet shows, wherever the sheet has slid.

A sheet is smaller than its envelope and slides in it, to every side.  What must be read through the
window, the address, has to lie where the window is in every position of the sheet.  Lengths are
micrometers, because a tenth of an inch is 2,540 of them.

>>> ENVELOPES["dl-right"].visible(A4)
Area(left_um=105000, top_um=55000, width_um=85000, height_um=24000)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError

__all__ = ["A4", "ENVELOPES", "SHEETS", "US_LETTER", "Area", "Envelope", "Sheet", "address_area"]

_MM: Final = 1_000


@attrs.frozen(kw_only=True)
class Sheet:
    """A sheet, and the height of its upper part once it is folded in three."""

    width_um: int
    height_um: int
    panel_um: int


A4: Final = Sheet(width_um=210 * _MM, height_um=297 * _MM, panel_um=99 * _MM)
"""ISO 216."""

US_LETTER: Final = Sheet(width_um=215_900, height_um=279_400, panel_um=93_133)
"""8½ by 11 inches."""


@attrs.frozen(kw_only=True)
class Area:
    """A rectangle of a sheet, from its left and upper edges."""

    left_um: int
    top_um: int
    width_um: int
    height_um: int


@attrs.frozen(kw_only=True)
class Envelope:
    """An envelope as it lies before its reader, and where its window is."""

    name: str
    summary: str
    width_um: int
    height_um: int
    window_left_um: int
    """From the left edge of the envelope."""
    window_bottom_um: int
    """From its lower edge."""
    window_width_um: int
    window_height_um: int
    source: str
    unverified: bool = True
    """Whether nobody has checked the figures against the standard itself."""

    def visible(self, sheet: Sheet) -> Area:
        """The part of a sheet that shows wherever it has slid.

        Raises `PolicyError` where the folded sheet does not go into the envelope, or is so much
        smaller that nothing of it shows for certain.
        """
        play_um = self.width_um - sheet.width_um
        drop_um = self.height_um - sheet.panel_um
        width_um = self.window_width_um - play_um
        height_um = self.window_height_um - drop_um
        if min(play_um, drop_um) < 0 or min(width_um, height_um) <= 0:
            msg = f"sheet must fit the envelope {self.name}, got {sheet.width_um} by {sheet.panel_um} um"
            raise PolicyError(msg)
        return Area(
            left_um=self.window_left_um,
            top_um=self.height_um - self.window_bottom_um - self.window_height_um,
            width_um=width_um,
            height_um=height_um,
        )


_ALL: Final = (
    Envelope(
        name="dl-right",
        summary="DL, window on the right: France, Spain",
        width_um=220 * _MM,
        height_um=110 * _MM,
        # What the windows of 35 and of 45 by 100 mm have in common, 15 or 20 mm from the edge.
        window_left_um=105 * _MM,
        window_bottom_um=20 * _MM,
        window_width_um=95 * _MM,
        window_height_um=35 * _MM,
        source="makers' tables of French window envelopes; ISO 269 for the size",
    ),
    Envelope(
        name="dl-left",
        summary="DL, window on the left: Germany, United Kingdom",
        width_um=220 * _MM,
        height_um=110 * _MM,
        # What the British window (35 by 90 mm) and that of DIN 680 (45 by 90) have in common.
        window_left_um=20 * _MM,
        window_bottom_um=20 * _MM,
        window_width_um=90 * _MM,
        window_height_um=33 * _MM,
        source="DIN 680 and makers' tables of British window envelopes; ISO 269 for the size",
    ),
    Envelope(
        name="c5-6-left",
        summary="C5/6, window on the left: the larger one of machines",
        width_um=229 * _MM,
        height_um=114 * _MM,
        window_left_um=20 * _MM,
        window_bottom_um=15 * _MM,
        window_width_um=90 * _MM,
        window_height_um=45 * _MM,
        source="DIN 680; DIN 678 for the size",
    ),
    Envelope(
        name="swiss-left",
        summary="C5/6, window on the left: Switzerland",
        width_um=229 * _MM,
        height_um=114 * _MM,
        window_left_um=22 * _MM,
        window_bottom_um=20 * _MM,
        window_width_um=100 * _MM,
        window_height_um=45 * _MM,
        source="SN 010130, from general knowledge",
    ),
    Envelope(
        name="swiss-right",
        summary="C5/6, window on the right: Switzerland",
        width_um=229 * _MM,
        height_um=114 * _MM,
        window_left_um=117 * _MM,
        window_bottom_um=20 * _MM,
        window_width_um=100 * _MM,
        window_height_um=45 * _MM,
        source="SN 010130, from general knowledge",
    ),
    Envelope(
        name="number-10",
        summary="#10, window on the left: United States, Canada",
        width_um=241_300,
        height_um=104_775,
        # 1 1/8 by 4 1/2 inches, 7/8 from the left and 1/2 from below: what the makers call standard.
        window_left_um=22_225,
        window_bottom_um=12_700,
        window_width_um=114_300,
        window_height_um=28_575,
        source="makers' tables of #10 window envelopes, as universities and mailers repeat them",
    ),
)

ENVELOPES: Final[Mapping[str, Envelope]] = MappingProxyType({one.name: one for one in _ALL})
"""Every envelope that letters are laid out for, by name."""

SHEETS: Final[Mapping[str, Sheet]] = MappingProxyType({"a4": A4, "us-letter": US_LETTER})
"""Every sheet that letters are laid out for, by the name that settings use."""

_USUAL: Final = {"a4": "dl-right", "us-letter": "number-10"}
_SIDES: Final = {"left": "dl-left", "right": "dl-right"}


def address_area(*, paper: str, window: str = "") -> Area:
    """Where the address goes: `window` names an envelope, or the side of the window of one of size DL.

    Without it the envelope is the usual one of the sheet.  Raises `PolicyError` for a name that is
    unknown, and for a sheet that does not fit.

    >>> address_area(paper="us-letter") == ENVELOPES["number-10"].visible(US_LETTER)
    True
    """
    _check_name("paper", paper, SHEETS)
    name = window or _USUAL[paper]
    _check_name("window", name, (*_SIDES, *ENVELOPES))
    return ENVELOPES[_SIDES.get(name, name)].visible(SHEETS[paper])


def _check_name(field: str, name: str, known: Iterable[str]) -> None:
    if name not in (names := tuple(known)):
        msg = f"{field} must be one of {', '.join(names)}, got {name!r}"
        raise PolicyError(msg)
