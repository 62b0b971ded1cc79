"""What the contact log says on a day, as the rules want it: without what was withdrawn.

>>> from receivables.ledger import Ledger
>>> logged_contacts(Ledger(), creditor="MIRA", customer="C-017", as_of=dt.date(2026, 11, 2))
()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from receivables.conduct.contacts import LoggedContact
from receivables.ledger.casework import CaseEvent, ContactLogged, ContactWithdrawn
from receivables.ledger.objects import Ledger

__all__ = ["contacts_in", "logged_contacts"]


def contacts_in(events: Iterable[CaseEvent], *, customer: str = "") -> tuple[LoggedContact, ...]:
    """The contacts of some events, those withdrawn left out, in the order of their days."""
    known = tuple(events)
    gone = {
        (one.creditor, one.contact, one.customer)
        for one in known
        if isinstance(one, ContactWithdrawn)
    }
    found = [
        LoggedContact(on=one.effective_on, note=one.contact)
        for one in known
        if isinstance(one, ContactLogged)
        and (one.creditor, one.contact.contact, one.contact.customer) not in gone
        and (not customer or one.contact.customer == customer)
    ]
    return tuple(sorted(found, key=lambda one: (one.on, one.note.local_time, one.note.contact)))


def logged_contacts(
    ledger: Ledger,
    *,
    creditor: str,
    customer: str,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> tuple[LoggedContact, ...]:
    """What the log of a customer says on a day, as known at a moment."""
    events = ledger.casework(
        creditor, as_of=as_of, known_at=known_at, kinds=(ContactLogged, ContactWithdrawn)
    )
    return contacts_in(events, customer=customer)
