"""In a notebook: what one would type without looking anything up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import receivables as ar
from receivables.errors import PolicyError

MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)


def test_days_may_be_typed(folder: Path) -> None:
    """A day typed as text is the day itself, in every verb of the book."""
    book = ar.open(folder, plugins=["csv", "iso20022"], recorded_at=MOMENT)
    day = dt.date(2026, 10, 31)

    assert book.aging(as_of="2026-10-31") == book.aging(as_of=day)
    assert book.open_items(as_of="2026-10-31") == book.open_items(as_of=day)
    assert book.match(as_of="2026-10-31") == book.match(as_of=day)
    assert book.dun(as_of="2026-10-31", recorded_at=MOMENT) == book.dun(
        as_of=day, recorded_at=MOMENT
    )


@pytest.mark.parametrize("day", ["31/10/2026", "2026-02-30", "today", ""])
def test_a_day_that_is_none_is_refused(folder: Path, day: str) -> None:
    """What is no day is refused with the form that is expected."""
    book = ar.open(folder, plugins=["csv", "iso20022"], recorded_at=MOMENT)

    with pytest.raises(PolicyError, match="as_of must be a date"):
        book.aging(as_of=day)


def test_an_aging_shows_itself(folder: Path) -> None:
    """The aging is a table in a notebook and in a terminal, and becomes a frame."""
    book = ar.open(folder, plugins=["csv", "iso20022"], recorded_at=MOMENT)

    aging = book.aging(as_of="2026-10-31")

    assert "<table>" in aging._repr_html_()
    assert "not yet due" in str(aging)
    assert aging.to_frame().shape[0] == len(aging.rows)
