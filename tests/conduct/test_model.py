"""Packs and rules say what they need, and are refused where they lack it."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.conduct import (
    ConductPack,
    ConductRule,
    RuleKind,
    Window,
    WordingRule,
    load_pack,
    logged_contacts,
    pack,
    packs,
)
from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.ledger.casework import ContactLogged, ContactWithdrawn

from .worlds import logged

_RULE = {
    "id": "own.rule",
    "kind": "act",
    "article": "our manual",
    "text": "be kind",
    "source": "house",
    "status": "verified",
}
_WORDS = {
    "id": "own.words",
    "claim": "that we are kind",
    "patterns": ["kind"],
    "article": "our manual",
    "source": "house",
    "status": "verified",
}
_PACK = {"name": "own", "title": "Our own", "version": dt.date(2026, 11, 1)}


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("call-frequency", "contacts_max"),
        ("rest-after-conversation", "days"),
        ("hours", "windows"),
        ("notice-first", "days"),
        ("wish", "wish"),
        ("language", "languages"),
        ("charge", "charges"),
        ("validation-notice", "days"),
        ("mention", "mention"),
    ],
)
def test_a_rule_has_the_figures_of_its_kind(kind, needed):
    """A kind without its figures would never speak."""
    with pytest.raises(PolicyError, match=f"{needed} of rule own.rule must be given for {kind}"):
        ConductRule(**{**_RULE, "kind": kind})


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: ConductRule(**{**_RULE, "article": ""}), "article must be given"),
        (lambda: ConductRule(**{**_RULE, "kind": "joke"}), "joke"),
        (lambda: ConductRule(**_RULE, languages="fr"), "texts must be a list of texts"),
        (lambda: ConductRule(**_RULE, unsure_weekdays=[7]), "weekdays must be 0"),
        (lambda: Window(first="8:00", last="20:00"), "first must look like"),
        (lambda: Window(first="20:00", last="08:00"), "last must not be before 20:00"),
        (lambda: Window(weekdays=[9], first="08:00", last="20:00"), "weekdays must be 0"),
        (lambda: WordingRule(**{**_WORDS, "patterns": []}), "must be one or more"),
        (lambda: WordingRule(**{**_WORDS, "patterns": ["("]}), "regular expressions"),
        (lambda: ConductPack(**{**_PACK, "version": "2026"}), "version must be a date"),
        (lambda: ConductPack(**_PACK, rules=[ConductRule(**_RULE)] * 2), "own.rule twice"),
        (lambda: ConductPack(**_PACK, wording=[WordingRule(**_WORDS)] * 2), "own.words twice"),
        (lambda: pack("atlantis"), "pack must be one of canada"),
        (lambda: load_pack("[", name="x.toml"), "x.toml must be TOML"),
        (lambda: load_pack("x = 1", name="x.toml"), "unknown keys x"),
        (lambda: load_pack('name = "x"', name="x.toml"), "x.toml must hold a pack"),
        (lambda: load_pack("[[rule]]\nhour = 1", name="x.toml"), "x.toml must hold a pack"),
        (lambda: load_pack("x" * 1_000_001, name="x.toml"), "at most 1000000 characters"),
    ],
)
def test_what_is_impossible_is_refused(build, words):
    """Each refusal names the field and what it got."""
    with pytest.raises(ValueError, match=words):
        build()


def test_names_of_rules_are_unique_over_all_packs():
    """A rule is set aside by its name alone."""
    names = [rule.id for one in packs().values() for rule in (*one.rules, *one.wording)]

    assert sorted(set(names)) == sorted(names)


def test_the_packs_cover_every_kind():
    """No kind of rule is there for nothing."""
    assert set(RuleKind) == {rule.kind for one in packs().values() for rule in one.rules}


def test_the_log_of_a_ledger_is_without_what_was_withdrawn():
    """On the day, and as known at a moment."""
    learned = dt.datetime(2026, 11, 3, 9, 0, tzinfo=dt.UTC)
    later = learned + dt.timedelta(days=1)
    events = [
        ContactLogged(
            event=f"contact:MIRA:{name}",
            effective_on=dt.date(2026, 11, number),
            recorded_at=learned,
            creditor="MIRA",
            contact=logged(learned.date(), name).note,
        )
        for number, name in enumerate(("K-1", "K-2"), start=1)
    ]
    gone = ContactWithdrawn(
        event="contact-withdrawn:MIRA:K-1",
        effective_on=dt.date(2026, 11, 3),
        recorded_at=later,
        creditor="MIRA",
        customer="C-017",
        contact="K-1",
    )
    ledger = Ledger()
    for event in (*events, gone):
        ledger = ledger.record(event)

    def log(on, known_at=None, customer="C-017"):
        found = logged_contacts(
            ledger, creditor="MIRA", customer=customer, as_of=on, known_at=known_at
        )
        return [one.note.contact for one in found]

    assert ["K-2"] == log(dt.date(2026, 11, 3))
    assert ["K-1", "K-2"] == log(dt.date(2026, 11, 3), known_at=learned)
    assert ["K-1"] == log(dt.date(2026, 11, 1))
    assert [] == log(dt.date(2026, 11, 3), customer="C-2")
