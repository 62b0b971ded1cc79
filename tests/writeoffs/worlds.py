"""Ledgers, requests and frames for the tests of write-offs."""

from __future__ import annotations

import datetime as dt

from receivables.casework import (
    ContactNote,
    Dispute,
    DisputedPart,
    Insolvency,
    PromiseToPay,
    Referral,
    ReferralEnd,
    ReferredItem,
    WriteOffRequest,
    WrittenOffPart,
)
from receivables.collection import contact_logged
from receivables.documents import Line, Tax
from receivables.ledger import (
    DisputeOpened,
    Ledger,
    PromiseMade,
    ReferralEnded,
    Referred,
)
from receivables.ledger.credit import InsolvencyEnded, InsolvencyReported
from receivables.money import money
from receivables.testing.builders import a_receipt, an_invoice, issued, received, recorded
from receivables.writeoffs import (
    ApprovalLevel,
    WriteOffPolicy,
    book_write_off,
    propose_write_off,
    write_off_approved,
    write_off_requested,
)

MIRA = "MIRA"
CUSTOMER = "C-017"
DAY = dt.date(2026, 12, 31)
"""The day on which the worlds of these tests are judged."""

LENIENT = WriteOffPolicy(
    name="lenient", levels=[ApprovalLevel(role="head of credit")], efforts=(), credits_first=False
)
"""One person agrees, and nothing has to be tried."""


def euros(amount):
    """An amount in euros."""
    return money(amount, "EUR")


def taxed(number="FA-1", *, net="10000.00", taxes=(("VAT", "2000.00"),), currency="EUR", **given):
    """The event of an invoice with one line and its taxes."""
    base = money(net, currency)
    line = Line(
        description="goods",
        net=base,
        taxes=[Tax(code=code, base=base, amount=money(each, currency)) for code, each in taxes],
    )
    return issued(an_invoice(number, lines=[line], **given))


def invoice(number="FA-1", *, total="100.00", **given):
    """The event of an invoice without taxes, due on 30 October 2026 unless told otherwise."""
    return issued(an_invoice(number, total=total, **given))


def money_in(receipt="r-1", *, amount="100.00", on=DAY, minute=9, **given):
    """The event of a receipt."""
    fields = {"booking_date": on, **given}
    return received(a_receipt(receipt, amount=amount, **fields), minute=minute)


def ledger_of(*events):
    """A ledger of events, in the order of their recording."""
    return Ledger().record(*sorted(events, key=lambda event: event.recorded_at))


def request(name="W-1", *, parts=(("FA-1", "100.00"),), currency="EUR", **given):
    """A request to give up some items."""
    fields = {"customer": CUSTOMER, "reason": "untraceable", "by": "A. Ito", **given}
    return WriteOffRequest(
        write_off=name,
        parts=[WrittenOffPart(item=item, amount=money(amount, currency)) for item, amount in parts],
        **fields,
    )


def asked(ledger, what=None, *, on=DAY, minute=20, **given):
    """A ledger on which somebody asked to give up what a customer owes, and what was asked."""
    what = what or propose_write_off(
        ledger,
        **{
            "write_off": "W-1",
            "creditor": MIRA,
            "customer": CUSTOMER,
            "reason": "untraceable",
            "by": "A. Ito",
            "as_of": on,
            "policy": LENIENT,
            **given,
        },
    )
    event = write_off_requested(what, creditor=MIRA, on=on, recorded_at=recorded(minute))
    return ledger.record(event), what


def agreed(ledger, what, *, by="J. Roy", on=DAY, minute=21):
    """The ledger once somebody agreed."""
    event = write_off_approved(what, creditor=MIRA, by=by, on=on, recorded_at=recorded(minute))
    return ledger.record(event)


def given_up(ledger, *, on=DAY, minute=22, relief=(), **given):
    """The ledger once all that a customer owes was asked for, agreed to and booked."""
    ledger, what = asked(ledger, on=on, minute=minute - 2, **given)
    ledger = agreed(ledger, what, on=on, minute=minute - 1)
    events = book_write_off(
        ledger,
        what.write_off,
        creditor=MIRA,
        on=on,
        recorded_at=recorded(minute),
        policy=LENIENT,
        relief=relief,
    )
    return ledger.record(*events)


def _case(cls, name, *, on=dt.date(2026, 11, 15), minute=8, **given):
    return cls(event=name, effective_on=on, recorded_at=recorded(minute), creditor=MIRA, **given)


def insolvent(kind="liquidation", *, on=dt.date(2026, 11, 20), **given):
    """The event of proceedings against the customer."""
    case = Insolvency(insolvency="I-1", customer=CUSTOMER, kind=kind, opened_on=on, **given)
    return _case(InsolvencyReported, "insolvency:I-1", on=on, insolvency=case)


def insolvency_ended(*, on=dt.date(2026, 12, 10), irrecoverable_on=None):
    """The event of their end, with the day of the certificate where there is one."""
    return _case(
        InsolvencyEnded,
        "insolvency-ended:I-1",
        on=on,
        minute=9,
        customer=CUSTOMER,
        insolvency="I-1",
        irrecoverable_on=irrecoverable_on,
    )


def dispute(item="FA-1", *, amount="30.00", on=dt.date(2026, 11, 15)):
    """The event of a dispute about a part of an item."""
    parts = [DisputedPart(item=item, amount=euros(amount))]
    case = Dispute(dispute="D-1", customer=CUSTOMER, parts=parts, reason="quality", owner="quality")
    return _case(DisputeOpened, "dispute:D-1", on=on, dispute=case)


def promise(item="FA-1", *, due=dt.date(2026, 11, 25)):
    """The event of a promise."""
    made = PromiseToPay(
        promise="P-1", customer=CUSTOMER, amount=euros("100.00"), due_on=due, items=[item]
    )
    return _case(PromiseMade, "promise:P-1", promise=made)


def referred(kind="agency", *, item="FA-1"):
    """The event of a file that was handed over."""
    case = Referral(
        referral="X-1",
        customer=CUSTOMER,
        kind=kind,
        to="Agence du Port",
        items=[ReferredItem(item=item, amount=euros("100.00"))],
    )
    return _case(Referred, "referred:X-1", referral=case)


def returned(end="uncollectible", *, on=dt.date(2026, 12, 15)):
    """The event of its end."""
    return _case(
        ReferralEnded,
        "referral-ended:X-1",
        on=on,
        minute=10,
        customer=CUSTOMER,
        referral="X-1",
        end=ReferralEnd(end),
    )


def call(name="K-1", *, on=dt.date(2026, 11, 18), **given):
    """The event of a call to the customer."""
    fields = {"channel": "phone", "outcome": "reached", **given}
    note = ContactNote(contact=name, customer=CUSTOMER, **fields)
    return contact_logged(note, creditor=MIRA, on=on, recorded_at=recorded(8))
