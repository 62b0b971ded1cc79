"""Envelopes: what shows in a window however the sheet slides."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.letters.envelopes import A4, ENVELOPES, SHEETS, US_LETTER, address_area

_PAIRS = [(name, US_LETTER if name == "number-10" else A4) for name in ENVELOPES]


@given(pair=st.sampled_from(_PAIRS), data=st.data())
def test_visible_part_is_always_in_the_window(pair, data):
    """Law: push the sheet anywhere, and the visible part is still behind the window."""
    envelope, sheet = ENVELOPES[pair[0]], pair[1]
    area = envelope.visible(sheet)
    across = data.draw(st.integers(0, envelope.width_um - sheet.width_um))
    down = data.draw(st.integers(0, envelope.height_um - sheet.panel_um))
    top = envelope.height_um - envelope.window_bottom_um - envelope.window_height_um

    assert envelope.window_left_um <= area.left_um + across
    assert top <= area.top_um + down
    right = envelope.window_left_um + envelope.window_width_um
    assert area.left_um + across + area.width_um <= right
    assert area.top_um + down + area.height_um <= top + envelope.window_height_um


@pytest.mark.parametrize(("name", "sheet"), _PAIRS)
def test_address_has_room(name, sheet):
    """Every window shows at least five lines of eight points, eighty millimeters wide or nearly so."""
    area = ENVELOPES[name].visible(sheet)

    assert area.height_um >= 16_000
    assert area.width_um >= 70_000


def test_sheet_that_is_too_wide_is_refused():
    """A sheet that does not go into the envelope is refused."""
    wide = attrs.evolve(A4, width_um=225_000)

    with pytest.raises(PolicyError, match="sheet must fit the envelope dl-right"):
        ENVELOPES["dl-right"].visible(wide)


def test_sheet_that_is_too_small_is_refused():
    """A sheet that could slide out of the window is refused."""
    small = attrs.evolve(A4, width_um=100_000)

    with pytest.raises(PolicyError, match="sheet must fit the envelope"):
        ENVELOPES["dl-right"].visible(small)


@pytest.mark.parametrize(
    ("paper", "window", "name"),
    [
        ("a4", "", "dl-right"),
        ("a4", "left", "dl-left"),
        ("a4", "swiss-left", "swiss-left"),
        ("us-letter", "", "number-10"),
        ("us-letter", "right", "dl-right"),
    ],
)
def test_window_is_named(paper, window, name):
    """A window is an envelope, a side of the usual one, or the usual one of the sheet."""
    assert address_area(paper=paper, window=window) == ENVELOPES[name].visible(SHEETS[paper])


@pytest.mark.parametrize(
    ("paper", "window", "reason"),
    [("a3", "", "paper must be one of"), ("a4", "top", "window must be one of left, right")],
)
def test_unknown_name_is_refused(paper, window, reason):
    """A name that is unknown is refused with those that are known."""
    with pytest.raises(PolicyError, match=reason):
        address_area(paper=paper, window=window)
