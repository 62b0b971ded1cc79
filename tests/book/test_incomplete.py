"""What was not read whole: no verb that counts on it works before somebody says that it may."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.casework import Referral, ReferredItem
from receivables.errors import IncompleteReadError
from receivables.money import money
from receivables.opening import open_folder
from receivables.plugins import load_plugins

DAY = "2026-10-31"
NOW = dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC)
DAYS = {"first": "2026-10-01", "last": DAY}


def _referral(book):
    referral = Referral(
        referral="REF-1",
        customer="C-1",
        kind="agency",
        to="Agence",
        items=[ReferredItem(item="F-0001", amount=money("100.00", "EUR"))],
    )
    return book.referral_file(referral, as_of=DAY)


REFUSED = {
    "aging": lambda book: book.aging(as_of=DAY),
    "dun": lambda book: book.dun(as_of=DAY, recorded_at=NOW),
    "journal": lambda book: book.journal(),
    "late_interest": lambda book: book.late_interest(as_of=DAY, number="{}-{}".format),
    "losses": lambda book: book.losses(as_of=DAY),
    "own_documents": lambda book: book.own_documents(**DAYS),
    "receipt_postings": lambda book: book.receipt_postings(**DAYS),
    "referral_file": _referral,
    "require_complete": lambda book: book.require_complete(),
}
"""Every verb that ages, duns, charges, hands over or posts."""

ALLOWED = {
    "contact_log": lambda book: book.contact_log(as_of=DAY),
    "credit": lambda book: book.credit(as_of=DAY),
    "disputes": lambda book: book.disputes(as_of=DAY),
    "facts": lambda book: book.facts(as_of=DAY),
    "match": lambda book: book.match(as_of=DAY),
    "open_items": lambda book: book.open_items(as_of=DAY),
    "plans": lambda book: book.plans(as_of=DAY),
    "promises": lambda book: book.promises(as_of=DAY),
    "referrals": lambda book: book.referrals(as_of=DAY),
    "requests": lambda book: book.requests(as_of=DAY),
    "statement": lambda book: book.statement("C-1", as_of=DAY),
    "statements_of": lambda book: list(book.statements_of(as_of=DAY)),
    "warning_signs": lambda book: book.warning_signs(as_of=DAY),
    "worklist": lambda book: book.worklist(as_of=DAY),
}
"""Every verb that only looks."""


@pytest.fixture
def plugins():
    """What the folder needs."""
    return load_plugins(only=("csv", "iso20022", "sql", "eml", "reports"))


@pytest.fixture
def broken(folder, change, plugins):
    """The folder with one amount that is none."""
    change("invoices.csv", "60,00", "sixty")
    return open_folder(folder, plugins=plugins, recorded_at=NOW)


@pytest.mark.parametrize("verb", REFUSED)
def test_what_counts_on_the_data_is_refused(broken, verb):
    """It raises, names the first problem, and says the way out."""
    with pytest.raises(IncompleteReadError, match="mend it, or say accepting_incomplete") as raised:
        REFUSED[verb](broken)

    assert "invoices.csv:5" in str(raised.value)


@pytest.mark.parametrize("verb", ALLOWED)
def test_what_only_looks_is_not(broken, verb):
    """A person may look at what came, to mend it."""
    ALLOWED[verb](broken)


@pytest.mark.parametrize("verb", ["aging", "dun", "losses", "own_documents", "receipt_postings"])
def test_what_somebody_accepted_works(folder, broken, plugins, verb):
    """The book says so itself, or the folder is opened so, and what is recorded keeps the word."""
    applied = broken.accepting_incomplete().apply_certain(as_of=DAY, recorded_at=NOW).book
    opened = open_folder(folder, plugins=plugins, recorded_at=NOW, accept_incomplete=True)
    for book in (broken.accepting_incomplete(), applied.record(), opened):
        REFUSED[verb](book)

    assert not broken.accepts_incomplete


def test_a_whole_read_needs_no_word(folder, plugins):
    """Warnings stop nothing."""
    book = open_folder(folder, plugins=plugins, recorded_at=NOW)

    assert book.errors == ()
    assert REFUSED["aging"](book)
