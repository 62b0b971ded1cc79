"""A referral: the file that goes out, what is missing in it, how it stands, and what comes back."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import Role, chart, journal
from receivables.casework import (
    Dispute,
    DisputedPart,
    PaymentPlan,
    PlanInstallment,
    ReferralEnd,
    ReferralKind,
)
from receivables.casework.contacts import ContactNote, ContactOutcome
from receivables.collection import referral_holdbacks as holdbacks
from receivables.documents import Line
from receivables.errors import DocumentError, EventError, PolicyError
from receivables.i18n import words
from receivables.interest import InterestPolicy, RateSeries, RateTable, jurisdiction
from receivables.ledger import (
    ContactLogged,
    DisputeOpened,
    DocumentIssued,
    Ledger,
    PlanAccepted,
    PlanOffered,
    ReceiptRecorded,
)
from receivables.money import from_minor, money, to_minor
from receivables.parties import Channel
from receivables.referral import (
    DoubtKind,
    Evidence,
    EvidenceKind,
    bundle,
    compose_file,
    needed_for,
    plain_file,
    propose_referral,
    recovered,
    referral_ended,
    referral_file,
    referral_reported,
    referred,
    standings,
)
from receivables.testing.builders import (
    a_creditor,
    a_customer,
    a_debit_note,
    a_receipt,
    an_invoice,
    recorded,
)

_DUE = dt.date(2026, 7, 1)
_DAY = dt.date(2026, 11, 2)
_WHEN = {"creditor": "MIRA", "on": _DAY, "recorded_at": recorded(10)}
_MRO = RateSeries.stepwise("ecb.mro", {"2025-06-11": "2.15", "2026-06-17": "2.40"}, source="ECB")
_LAW = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([_MRO]))


def _invoice(number, amount="100.00", **changes):
    facts = {"customer": "C-1", "document_date": dt.date(2026, 6, 1), "due_date": _DUE}
    document = an_invoice(number, total=amount, **{**facts, **changes})
    return DocumentIssued.of(document, recorded_at=recorded())


@pytest.fixture
def ledger():
    """Two invoices past due, one that is not, in two currencies."""
    return Ledger().record(
        _invoice("F-1", "1000.00"),
        _invoice("F-2", "500.00"),
        _invoice("F-3", "70.00", due_date=dt.date(2026, 12, 1)),
        _invoice("F-4", "90.00", currency="CAD"),
    )


def _propose(ledger, **changes):
    facts = {"referral": "X-1", "kind": "agency", "to": "Atlantique", "creditor": "MIRA"}
    return propose_referral(ledger, **{**facts, "customer": "C-1", "as_of": _DAY, **changes})


def _file(ledger, referral, **changes):
    parties = {"creditor": a_creditor(), "customer": a_customer("C-1")}
    return referral_file(ledger, referral, **{**parties, "as_of": _DAY, **changes})


def _dispute(item="F-2", amount="120.00"):
    dispute = Dispute(
        dispute="D-1",
        customer="C-1",
        parts=[DisputedPart(item=item, amount=money(amount, "EUR"))],
        reason="quality",
        owner="quality",
    )
    facts = {"event": "d", "effective_on": _DAY, "recorded_at": recorded(1), "creditor": "MIRA"}
    return DisputeOpened(dispute=dispute, **facts)


def _cash(amount, name="R-1"):
    receipt = a_receipt(name, amount=amount, customer="C-1", booking_date=_DAY)
    return ReceiptRecorded.of(receipt, recorded_at=recorded(10))


def test_all_that_is_past_due_is_referred(ledger):
    """What is not due yet stays, and every currency goes along."""
    referral = _propose(ledger)

    assert [(one.item, one.amount) for one in referral.items] == [
        ("F-1", money("1000.00", "EUR")),
        ("F-2", money("500.00", "EUR")),
        ("F-4", money("90.00", "CAD")),
    ]
    assert [one.item for one in _propose(ledger, items=["F-3"]).items] == ["F-3"]


def test_disputed_part_is_not_for_an_order_to_pay(ledger):
    """A court is asked for what nobody contests; an agency is told of the rest."""
    contested = ledger.record(_dispute())

    order = _propose(contested, kind="payment-order")
    agency = _propose(contested)

    assert {one.item: to_minor(one.amount) for one in order.items}["F-2"] == 38_000
    assert {one.item: to_minor(one.amount) for one in agency.items}["F-2"] == 50_000
    doubts = _file(contested, agency).doubts
    assert ("disputed", "F-2") in {(one.kind.value, one.item) for one in doubts}


def test_nothing_to_refer_is_refused(ledger):
    """An empty file is a mistake."""
    with pytest.raises(DocumentError, match="items of C-2 must have something to refer"):
        _propose(ledger, customer="C-2")


def test_file_has_interest_to_the_day(ledger):
    """Interest runs to the day of the file, with its segments and the fixed compensation."""
    file = _file(ledger, _propose(ledger, items=["F-1"]), interest=_LAW)
    (item,) = file.items

    # 124 days at 12.40 % (2.40 + 10) on 1,000.00: C. com. art. L441-10.
    assert item.interest_minor == round(100_000 * 1240 * 124 / 10_000 / 365)
    assert item.compensation_minor == 4_000
    (total,) = file.totals
    assert total.claim_minor == 100_000 + item.interest_minor + 4_000
    assert sum(one.days for one in item.interest.segments) == item.days_past_due == 124


def test_file_without_a_law_has_no_interest(ledger):
    """Nothing is reckoned that nobody asked for."""
    (total, _) = _file(ledger, _propose(ledger)).totals

    assert total.claim_minor == total.principal_minor == 90_00


def test_file_says_what_is_missing(ledger):
    """The evidence that the court asks for, each with its article, until it is there."""
    referral = _propose(ledger, kind="payment-order", items=["F-1"])
    file = _file(ledger, referral)
    missing = {(one.evidence, one.detail) for one in file.doubts if one.evidence}

    assert (EvidenceKind.ORDER, "CPC art. 1405, 1407") in missing
    proofs = [
        Evidence(kind=one.evidence, name=f"{one.evidence.value}.pdf")
        for one in needed_for("payment-order", country="FR")
    ]
    assert _file(ledger, referral, evidence=proofs).is_complete


def test_every_kind_says_what_it_needs():
    """No kind of referral is without a list, and what nobody read is marked."""
    for kind in ReferralKind:
        assert needed_for(kind, country="FR")
    unverified = {one.source for one in needed_for("payment-order", country="ES")}
    assert all(one.is_unverified for one in needed_for("payment-order", country="ES")), unverified


def test_file_shows_payments_and_the_log(ledger):
    """What was paid before, and what was said, go along."""
    note = ContactNote(
        contact="K-1", customer="C-1", channel="phone", outcome="reached", said="no money"
    )
    paid = ledger.record(_cash("300.00"))
    referral = _propose(paid, items=["F-1"])
    paid = paid.record(referred(referral, **_WHEN))
    paid = paid.record(
        *recovered(paid, "X-1", receipt="R-1", **_WHEN),
        ContactLogged(
            event="k", contact=note, effective_on=_DAY, recorded_at=recorded(11), creditor="MIRA"
        ),
    )
    file = _file(paid, referral)

    assert [(one.amount_minor, one.receipts) for one in file.items[0].payments] == [
        (30_000, ("R-1",))
    ]
    assert [one.said for one in file.log] == ["no money"]
    assert ("settled", "F-1") in {(one.kind.value, one.item) for one in file.doubts}
    assert file.totals[0].principal_minor == 70_000


def test_referred_items_are_held_back_until_they_come_back(ledger):
    """Nobody else asks for what an agency collects; a recall gives it back."""
    referral = _propose(ledger)
    out = ledger.record(referred(referral, **_WHEN))
    back = out.record(
        referral_ended(out, "X-1", end=ReferralEnd.RECALLED, **{**_WHEN, "reason": "paid to us"})
    )

    assert [one.item for one in holdbacks(out, "MIRA", as_of=_DAY)] == ["F-1", "F-2", "F-4"]
    assert tuple(holdbacks(out, "MIRA", as_of=_DAY - dt.timedelta(days=1))) == ()
    assert tuple(holdbacks(back, "MIRA", as_of=_DAY)) == ()
    assert standings(back, "MIRA", as_of=_DAY)[0].end is ReferralEnd.RECALLED


def test_recovery_settles_in_full_and_books_the_fee(ledger):
    """The customer paid 400 to the agency, 352 came: 48 are our cost, and the journal says so."""
    out = ledger.record(referred(_propose(ledger), **_WHEN), _cash("352.00"))
    fee = money("48.00", "EUR")
    done = out.record(*recovered(out, "X-1", receipt="R-1", fee=fee, **_WHEN))

    assert done.item("MIRA", "F-1", as_of=_DAY).open_minor == 60_000
    assert done.item("MIRA", "R-1", as_of=_DAY).open_minor == 0
    (standing,) = standings(done, "MIRA", as_of=_DAY)
    assert (standing.recovered["EUR"], standing.fees["EUR"]) == (40_000, 4_800)
    in_euros = [event for event in done.events if getattr(event, "event", "") != "issued:MIRA:F-4"]
    made = journal(in_euros, chart=chart("fr-pcg"), functional_currency="EUR")
    fees = [
        line.amount_minor
        for entry in made
        for line in entry.lines
        if line.role is Role.COLLECTION_FEE
    ]
    assert fees == [4_800]


def test_recovery_that_does_not_fit_is_refused(ledger):
    """No receipt, another customer's, or a fee as large as what came in."""
    out = ledger.record(referred(_propose(ledger), **_WHEN), _cash("10.00"))

    with pytest.raises(EventError, match="item must be on the ledger"):
        recovered(out, "X-1", receipt="R-9", **_WHEN)
    with pytest.raises(EventError, match="referral must be on the ledger of MIRA"):
        recovered(out, "X-2", receipt="R-1", **_WHEN)
    with pytest.raises(EventError, match="fee must be zero or more in EUR"):
        recovered(out, "X-1", receipt="R-1", fee=money("1", "CAD"), **_WHEN)


def test_running_plan_makes_a_referral_wait(ledger):
    """Court and agency pause while a plan is kept, unless the plan says otherwise."""
    plan = PaymentPlan(
        plan="E-1",
        customer="C-1",
        items=["F-1"],
        installments=[
            PlanInstallment(due_on=dt.date(2026, 12, 1), principal=money("1000.00", "EUR"))
        ],
    )
    facts = {"effective_on": _DAY, "recorded_at": recorded(11), "creditor": "MIRA"}
    out = ledger.record(referred(_propose(ledger), **_WHEN))
    running = out.record(
        PlanOffered(event="o", plan=plan, **facts),
        PlanAccepted(event="a", plan="E-1", customer="C-1", **facts),
    )

    assert standings(running, "MIRA", as_of=_DAY)[0].paused_by == ("E-1",)
    kinds = {one.kind for one in _file(running, _propose(running)).doubts}
    assert DoubtKind.PLAN_RUNNING in kinds


def test_reports_add_up(ledger):
    """What is reported without a receipt is counted as it is said."""
    out = ledger.record(referred(_propose(ledger), **_WHEN))
    for amount in ("10.00", "15.00"):
        report = referral_reported(out, "X-1", recovered=money(amount, "EUR"), **_WHEN)
        out = out.record(report)

    assert standings(out, "MIRA", as_of=_DAY)[0].recovered == {"EUR": 2_500}


def test_bundle_is_whole_and_proves_itself(ledger):
    """The archive has values, tables and evidence, and the same bytes each time."""
    proof = Evidence(kind=EvidenceKind.INVOICE, name="F-1.pdf", item="F-1", content=b"%PDF")
    file = _file(ledger, _propose(ledger), interest=_LAW, evidence=[proof])
    written = bundle(file, {"letter.pdf": b"%PDF letter"})

    assert written == bundle(file, {"letter.pdf": b"%PDF letter"})
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        names = set(archive.namelist())
        plain = json.loads(archive.read("referral.json"))
    assert {"evidence/F-1.pdf", "items.csv", "interest.csv", "SHA256SUMS", "letter.pdf"} <= names
    assert plain == plain_file(file)
    assert plain["items"][0]["open"] == "1000.00"
    assert plain["totals"][1]["currency"] == "EUR"
    with pytest.raises(PolicyError, match="plain name of its own"):
        bundle(file, {"items.csv": b""})


@given(amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=4), cents=st.data())
def test_recovery_conserves_money(amounts, cents):
    """Law: what comes off the items is the money that came and the fee, to the cent."""
    ledger = Ledger().record(
        *(_invoice(f"F-{place}", from_minor(minor, "EUR")) for place, minor in enumerate(amounts))
    )
    net = cents.draw(st.integers(1, 2 * 10**6))
    fee = cents.draw(st.integers(0, min(sum(amounts), 10**5) - 1))
    out = ledger.record(referred(_propose(ledger), **_WHEN), _cash(from_minor(net, "EUR")))
    done = out.record(*recovered(out, "X-1", receipt="R-1", fee=from_minor(fee, "EUR"), **_WHEN))
    left = sum(done.item("MIRA", f"F-{n}", as_of=_DAY).open_minor for n in range(len(amounts)))
    unapplied = -done.item("MIRA", "R-1", as_of=_DAY).open_minor

    assert sum(amounts) - left == net - unapplied + fee
    assert left == 0 or unapplied == 0


@pytest.mark.parametrize("locale", ["fr-FR", "fr-CA", "en-US", "en-GB", "es-ES", "es-MX"])
def test_file_is_a_letter_in_every_language(ledger, locale):
    """Every word is there, the claim is in it, and what is missing too."""
    contested = ledger.record(_dispute())
    file = _file(contested, _propose(contested, kind="court"), interest=_LAW)
    letter = compose_file(file, locale=locale)
    claims = letter.tables[:2]

    assert [row.cells[0] for table in claims for row in table.rows] == ["F-4", "F-1", "F-2"]
    assert letter.annex[0].rows[0].cells[3] == "124"
    assert len([line for line in letter.after if "F-2" in line]) == 1
    assert "report" not in letter.salutation


def test_every_word_of_a_file_is_known():
    """A kind of evidence, doubt, channel or outcome that has no word would stop a file."""
    kinds = {
        "report": DoubtKind,
        "evidence kind": EvidenceKind,
        "channel": Channel,
        "contact outcome": ContactOutcome,
    }
    for locale in ("en", "fr", "es"):
        for context, members in kinds.items():
            for member in members:
                assert words(locale).text(context, member.value)


def test_nobody_else_is_given_what_somebody_has(ledger):
    """What one agency has is not proposed to another; a file that names it says so."""
    first = _propose(ledger, items=["F-1"])
    ledger = ledger.record(referred(first, **_WHEN))

    rest, again = _propose(ledger, referral="X-2"), _propose(ledger, referral="X-2", items=["F-1"])

    assert [one.item for one in rest.items] == ["F-2", "F-4"]
    doubts = {(one.kind, one.item, one.detail) for one in _file(ledger, again).doubts}
    assert (DoubtKind.REFERRED_ALREADY, "F-1", "X-1") in doubts
    recalled = referral_ended(ledger, "X-1", end=ReferralEnd.RECALLED, **_WHEN)
    assert "F-1" in {one.item for one in _propose(ledger.record(recalled)).items}


def test_money_that_nobody_applied_is_said(ledger):
    """Who is asked for the whole has paid a part."""
    ledger = ledger.record(_cash("400.00"))

    doubts = {(one.kind, one.item) for one in _file(ledger, _propose(ledger)).doubts}

    assert (DoubtKind.CREDITS_OPEN, "R-1") in doubts


def test_consumer_has_no_interest_by_the_law_of_businesses(ledger):
    """Neither the rate nor the fixed sum between businesses is asked of a consumer."""
    consumer = a_customer("C-1", is_consumer=True)
    file = _file(ledger, _propose(ledger, items=["F-1"]), interest=_LAW, customer=consumer)

    assert (file.items[0].interest_minor, file.items[0].compensation_minor) == (0, 0)
    assert DoubtKind.OTHER_LAW in {one.kind for one in file.doubts}


def test_charges_of_the_file_bear_nothing(ledger):
    """A fee that was charged for a reminder is referred, and bears neither interest nor a sum."""
    fee = a_debit_note(
        "FEE-1",
        customer="C-1",
        document_date=dt.date(2026, 7, 2),
        due_date=dt.date(2026, 7, 2),
        lines=[Line(description="fee", net=money("15.00", "EUR"), category="dunning-fee")],
    )
    ledger = ledger.record(DocumentIssued.of(fee, recorded_at=recorded(1)))

    (item,) = _file(ledger, _propose(ledger, items=["FEE-1"]), interest=_LAW).items

    assert (item.interest_minor, item.compensation_minor) == (0, 0)
