"""Worlds of the conduct tests: debtors of some places, a log of calls, contacts that are planned."""

from __future__ import annotations

import datetime as dt

from receivables.casework import ContactNote
from receivables.conduct import DebtFacts, LoggedContact, PlannedContact
from receivables.parties import Address
from receivables.testing.builders import a_customer

AGREED = DebtFacts(validation_sent=dt.date(2026, 1, 5), notice_sent=dt.date(2026, 1, 5))
"""The notices went out long ago."""


def day(text):
    """A day from its text."""
    return dt.date.fromisoformat(text)


def an_american(**fields):
    """A consumer in the United States."""
    known = {"country": "US", "is_consumer": True, "address": Address(country="US")}
    return a_customer(**{**known, **fields})


def a_quebecer(**fields):
    """A customer in Québec."""
    return a_customer(**fields)


def in_france(**fields):
    """A customer in France."""
    return a_customer(**{"country": "FR", "address": Address(country="FR"), **fields})


def in_ontario(**fields):
    """A customer in Ontario."""
    address = Address(region="ON", country="CA")
    return a_customer(**{"country": "CA", "address": address, **fields})


def logged(on, contact="K", **fields):
    """A call of the agency that nobody answered, unless it is told otherwise."""
    known = {
        "customer": "C-017",
        "channel": "phone",
        "outcome": "no-answer",
        "actor": "agency",
        **fields,
    }
    when = day(on) if isinstance(on, str) else on
    return LoggedContact(on=when, note=ContactNote(contact=contact, **known))


def calls(days, **fields):
    """A call on each of some days."""
    return [logged(one, contact=f"K-{number}", **fields) for number, one in enumerate(days)]


def planned(on, **fields):
    """A call by the agency at eleven."""
    known = {"channel": "phone", "actor": "agency", "local_time": "11:00", **fields}
    when = day(on) if isinstance(on, str) else on
    return PlannedContact(on=when, **known)


def spoke(verdict):
    """The rules for which a contact was refused."""
    return [reason.rule for reason in verdict.refusals]
