"""The commands of losses: what they print, what they record, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ON = ("--on", "2026-10-01")
DAY = ("--as-of", "2026-10-01")

Lend = Callable[..., Any]
Kinds = Callable[[], list[str]]

ASK = ("write-off", "ask", "{}", "C-1", "--reason", "untraceable", *ON, "--by", "A. Ito")
APPROVE = ("write-off", "approve", "{}", "W-1", *ON, "--by", "J. Roy")
BOOK = ("write-off", "book", "{}", "W-1", *ON)


def test_allowance_shows_what_is_expected_to_be_lost(lend: Lend, kinds: Kinds) -> None:
    """The allowance, its movement and its entries are printed, and nothing is recorded."""
    done = lend("allowance", "show", "{}", *DAY, "--since", "2026-08-31", "--entries")

    assert (done.status, done.err) == (0, "")
    assert "loss allowance as of 2026-10-01" in done.out
    assert "loss allowance from 2026-08-31 to 2026-10-01" in done.out
    assert "Allowance for credit losses" in done.out
    assert kinds() == []


def test_allowance_needs_a_matrix(lend: Lend, lending: Path) -> None:
    """Without a matrix in the settings the command says which table is missing."""
    path = lending / "receivables.toml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[allowance]"), text.index("[[write-offs.levels]]")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    done = lend("allowance", "show", "{}", *DAY)

    assert done.status == 2
    assert "table allowance" in done.err


def test_a_specific_allowance_takes_the_place_of_the_matrix(lend: Lend) -> None:
    """What was judged by itself is shown as such until it is released."""
    judge = ("allowance", "specific", "{}", "C-1", "--percent", "80", "--reason", "insolvency")
    lend(*judge, *ON)
    judged = lend("allowance", "show", "{}", *DAY).out
    released = lend("allowance", "release", "{}", "A-1", "--on", "2026-10-03")
    again = lend("allowance", "release", "{}", "A-1", "--on", "2026-10-03")

    assert "over 60, specific" in judged
    assert (released.status, again.status) == (0, 2)
    assert "specific" not in lend("allowance", "show", "{}", "--as-of", "2026-10-03").out


def test_a_write_off_says_what_was_not_tried(lend: Lend, kinds: Kinds) -> None:
    """Whoever asks is told which efforts are missing, and the request is recorded all the same."""
    done = lend(*ASK)

    assert done.status == 0
    assert "not done yet: 0 of 3 notice (reminded)" in done.out
    assert kinds().count("WriteOffRequested") == 1


def test_a_write_off_is_agreed_to_before_it_is_booked(lend: Lend, kinds: Kinds) -> None:
    """Without agreement, or without efforts and without a reason, nothing is booked."""
    lend(*ASK)
    early = lend(*BOOK, "--despite", "too small to sue")
    lend(*APPROVE)
    bare = lend(*BOOK)

    assert (early.status, bare.status) == (2, 2)
    assert "waiting for head of credit" in early.err
    assert "explained by despite" in bare.err
    assert "Allocated" not in kinds()


def test_whoever_asks_cannot_agree(lend: Lend) -> None:
    """Four eyes: the agreement of who asked leaves the request waiting."""
    lend(*ASK)
    lend(*APPROVE[:-1], "A. Ito")

    assert lend(*BOOK, "--despite", "too small to sue").status == 2


def test_a_write_off_is_booked_once(lend: Lend, kinds: Kinds) -> None:
    """What is booked is no longer open, and the second booking says that nothing is left."""
    lend(*ASK)
    agreed, twice = lend(*APPROVE), lend(*APPROVE)
    first = lend(*BOOK, "--despite", "too small to sue")
    second = lend(*BOOK, "--despite", "too small to sue")

    assert (agreed.status, twice.status, first.status, second.status) == (0, 0, 0, 2)
    assert "Nothing new" in twice.out
    assert kinds().count("Allocated") == 2
    assert "1,250.50 EUR" in lend("write-off", "list", "{}", *DAY).out
    assert "Quincaillerie" not in lend("credit", "{}", *DAY).out


def test_a_refused_write_off_stays_refused(lend: Lend) -> None:
    """A refusal ends the request."""
    lend(*ASK)
    lend("write-off", "refuse", "{}", "W-1", *ON, "--by", "J. Roy", "--reason", "sue them")
    lend(*APPROVE[:-1], "N. Blanc")

    assert lend(*BOOK, "--despite", "too small to sue").status == 2
    assert "refused" in lend("write-off", "list", "{}", *DAY).out


def test_small_balances_are_shown_before_they_are_booked(lend: Lend, kinds: Kinds) -> None:
    """A preview records nothing, a booking does, and the second one finds nothing."""
    seen = lend("write-off", "small", "{}", *ON)
    shown = kinds()
    booked = lend("write-off", "small", "{}", *ON, "--book-them")
    again = lend("write-off", "small", "{}", *ON, "--book-them")

    assert "4.50 EUR" in seen.out
    assert shown == []
    assert "added to the journal" in booked.out
    assert "Nothing new" in again.out


REFUSED = {
    "a write-off that nobody asked for": ("write-off", "approve", "{}", "W-9", *ON, "--by", "J"),
    "a booking that nobody asked for": ("write-off", "book", "{}", "W-9", *ON),
    "a receipt that nobody got": ("write-off", "recover", "{}", "R-9", *ON),
    "a release of nothing": ("allowance", "release", "{}", "A-9", *ON),
    "a concentration by nothing known": ("concentration", "{}", *DAY, "--by", "colour"),
    "a customer that nobody knows": (
        "allowance",
        "specific",
        "{}",
        "C-9",
        "--percent",
        "80",
        "--reason",
        "insolvency",
        *ON,
    ),
    "more than everything": (
        "allowance",
        "specific",
        "{}",
        "C-1",
        "--percent",
        "101",
        "--reason",
        "insolvency",
        *ON,
    ),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_wrong_use_is_said_in_a_line(arguments: tuple[str, ...], lend: Lend, kinds: Kinds) -> None:
    """What cannot be is refused with 2, in a line, and nothing is recorded."""
    done = lend(*arguments)

    assert done.status == 2
    assert done.err.startswith("error: ")
    assert kinds() == []


def test_concentration_says_who_owes_most(lend: Lend) -> None:
    """The largest come first, by customer and by country."""
    done = lend("concentration", "{}", *DAY, "--top", "1")

    assert "Quincaillerie Dupont SARL" in done.out
    assert "Harfang" not in done.out
    assert "FR" in lend("concentration", "{}", *DAY, "--by", "country").out


def test_stress_says_what_the_largest_would_cost(lend: Lend) -> None:
    """The largest five cost what they owe, less what is provided for already."""
    done = lend("stress", "{}", *DAY)

    assert done.status == 0
    assert "the largest five fail" in done.out
