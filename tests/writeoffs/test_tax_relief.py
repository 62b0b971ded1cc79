"""Tax on bad debts: amounts to the cent, conditions met and missing, first and last days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation.model import Allocation, Leg
from receivables.casework import WrittenOffPart
from receivables.errors import CurrencyMismatchError, EventError
from receivables.money import money
from receivables.testing.builders import a_customer, recorded
from receivables.writeoffs import (
    Effort,
    ReliefFacts,
    TaxReliefRule,
    recovery,
    relief_rules,
    tax_relief,
    written_off,
)

from .worlds import DAY, MIRA, asked, given_up, invoice, ledger_of, money_in, taxed

RULES = {rule.name: rule for rule in relief_rules()}
DUE = dt.date(2026, 10, 30)


def proof(kind, on=dt.date(2026, 11, 20)):
    """Something that shows that a claim is lost."""
    return Effort(kind=kind, on=on, reference="I-1")


def found_for(rule, *, as_of=DAY, net="100.00", tax="20.00", given=None, **facts):
    """The relief of an invoice that is wholly unpaid, by one rule."""
    ledger = ledger_of(taxed(net=net, taxes=(("VAT", tax),), **(given or {})))
    item = ledger.item(MIRA, "FA-1", as_of=DAY)
    parts = [WrittenOffPart(item="FA-1", amount=item.amount)]
    (found,) = tax_relief(
        ledger,
        parts,
        creditor=MIRA,
        rules=[RULES[rule] if isinstance(rule, str) else rule],
        facts=ReliefFacts(**facts),
        as_of=as_of,
    )
    return found


def missing(found):
    """The words of what is missing."""
    return [condition.value for condition in found.missing]


def quebec(case, *events):
    """A ledger with the invoice of a published case, partly paid, and the part that is given up."""
    inputs = case["inputs"]
    ledger = ledger_of(
        taxed(
            net=inputs["consideration"],
            taxes=(("GST", inputs["gst"]), ("QST", inputs["qst"])),
            currency="CAD",
        ),
        *events,
    )
    return ledger, WrittenOffPart(item="FA-1", amount=money(inputs["written_off"], "CAD"))


def test_gst_and_qst_come_back_to_the_cent(oracle):
    """A x B / C of each tax, and the same fraction is due again on what comes in."""
    case = oracle("qc-gst-qst-baddebt")
    after = dt.date(2027, 1, 31)
    cash = money_in(amount=money("60.00", "CAD"), on=after)
    ledger, part = quebec(case, cash)
    found = tax_relief(
        ledger,
        [part],
        creditor=MIRA,
        rules=relief_rules("CA"),
        facts=ReliefFacts(written_off_on=DAY),
        as_of=DAY,
    )

    expected = case["expected"]
    assert [expected["gst_adjustment"], expected["qst_adjustment"]] == [
        f"{one.claimable_minor // 100}.{one.claimable_minor % 100:02d}" for one in found
    ]
    assert "6.50 x 119.46 / 149.46 = 5.20" == found[0].formula
    ledger = given_up(ledger, amounts={"FA-1": part.amount}, relief=found)
    ledger = ledger.record(
        recovery(ledger, "r-1", creditor=MIRA, on=after, recorded_at=recorded(50))
    )
    (left,) = written_off(ledger, MIRA, as_of=after)
    assert 520 + 1_037 - 261 - 521 == left.tax_minor


def test_only_the_tax_that_came_back_is_due_again(oracle):
    """Where one of two taxes came back, what comes in brings none of the other."""
    after = dt.date(2027, 1, 31)
    cash = money_in(amount=money("60.00", "CAD"), on=after)
    ledger, part = quebec(oracle("qc-gst-qst-baddebt"), cash)
    found = tax_relief(
        ledger,
        [part],
        creditor=MIRA,
        rules=[RULES["ca-gst"]],
        facts=ReliefFacts(written_off_on=DAY),
        as_of=DAY,
    )
    ledger = given_up(ledger, amounts={"FA-1": part.amount}, relief=found)

    event = recovery(ledger, "r-1", creditor=MIRA, on=after, recorded_at=recorded(50))

    assert ["GST"] == [one.code for one in found]
    assert -261 == event.allocation.residuals[0].tax_minor


def test_france_gives_tax_back_at_the_judgment():
    """The opening of a liquidation is enough, and the customer gets a duplicate with the mention."""
    waiting = found_for("fr-vat")
    told = found_for("fr-vat", proofs=[proof("liquidation")], debtor_told_on=DAY)

    assert ["irrecoverable", "debtor-told"] == missing(waiting)
    assert (0, None) == (waiting.claimable_minor, waiting.earliest_on)
    assert (2_000, DAY) == (told.claimable_minor, told.earliest_on)
    assert dt.date(2028, 12, 31) == told.latest_on
    assert (
        "Facture demeurée impayée pour la somme de 100.00 € (prix net) et pour la somme de 20.00 €"
        " (taxe correspondante) qui ne peut faire l'objet d'une déduction (article 272 du CGI)"
        == told.mention
    )


def test_the_united_kingdom_waits_six_months():
    """They count from the later of due date and supply, and the claim is made within 54 months."""
    early = found_for("gb-vat", written_off_on=DAY)
    late = found_for("gb-vat", written_off_on=DAY, as_of=dt.date(2027, 4, 30))
    over = found_for("gb-vat", written_off_on=DAY, as_of=dt.date(2031, 5, 1))

    assert ["period"] == missing(early)
    assert (dt.date(2027, 4, 30), dt.date(2031, 4, 30)) == (early.earliest_on, early.latest_on)
    assert 2_000 == late.claimable_minor
    assert ["limit"] == missing(over)
    assert not late.is_verified


def test_spain_wants_a_claim_and_a_corrective_invoice_in_time():
    """Twelve months from the supply, then six to correct; consumers only above 50 euros."""
    facts = {"proofs": [proof("registered-letter")], "debtor_told_on": dt.date(2027, 10, 15)}
    day = dt.date(2027, 10, 20)

    good = found_for("es-iva", as_of=day, **facts)
    consumer = found_for("es-iva", as_of=day, net="50.00", tax="10.50", is_consumer=True, **facts)
    large = found_for("es-iva", as_of=day, net="50.01", tax="10.50", is_consumer=True, **facts)
    tied = found_for("es-iva", as_of=day, is_connected=True, is_secured=True, **facts)

    assert ((), 2_000) == (good.missing, good.claimable_minor)
    assert dt.date(2028, 3, 30) == good.latest_on
    assert ["not-consumer"] == missing(consumer)
    assert [] == missing(large)
    assert ["not-connected", "not-secured"] == missing(tied)


CASES = [
    ({"rule": "us-income-tax", "written_off_on": DAY}, ["tax-on-document"], 0),
    ({"rule": "de-vat", "proofs": [proof("insolvency")]}, [], 2_000),
    (
        {"rule": "de-vat", "proofs": [proof("insolvency", DAY + dt.timedelta(1))]},
        ["irrecoverable"],
        2_000,
    ),
    (
        {"rule": "de-vat", "proofs": [proof("insolvency")], "is_declared": False},
        ["declared"],
        2_000,
    ),
    (
        {"rule": "de-vat", "proofs": [proof("insolvency")], "is_on_receipts": True},
        ["tax-on-document"],
        0,
    ),
]


@pytest.mark.parametrize(("facts", "lacking", "minor"), CASES)
def test_each_condition_is_named(facts, lacking, minor):
    """What is missing keeps the whole relief back; what it would be is shown."""
    found = found_for(**facts)

    assert (lacking, minor) == (missing(found), found.relief_minor)
    assert found.claimable_minor == (0 if lacking else minor)


def test_a_consumer_is_one_by_its_master_data():
    """Facts may be begun from the customer."""
    assert ReliefFacts.of(a_customer(is_consumer=True)).is_consumer
    assert not ReliefFacts.of(a_customer(), is_connected=True).is_consumer


def test_without_taxes_nothing_comes_back():
    """An invoice of which only the total is known, and a tax that no rule is about."""
    known = ledger_of(invoice(), taxed("FA-2", taxes=(("ECO", "1.00"),)))
    parts = [
        WrittenOffPart(item="FA-1", amount=money("100.00", "EUR")),
        WrittenOffPart(item="FA-2", amount=money("1.00", "EUR")),
    ]

    assert () == tax_relief(
        known,
        parts,
        creditor=MIRA,
        rules=relief_rules("CA"),
        facts={"FA-1": ReliefFacts()},
        as_of=DAY,
    )


REFUSED = [
    (("FA-9", "1.00", "EUR"), EventError, "must be on the ledger"),
    (("FA-1", "120.01", "EUR"), EventError, "at most what is open or written off"),
    (("FA-1", "1.00", "USD"), CurrencyMismatchError, "must be in EUR"),
]


@pytest.mark.parametrize(("part", "error", "said"), REFUSED)
def test_a_part_that_cannot_be_is_refused(part, error, said):
    """No item, too much, another currency."""
    item, amount, currency = part
    ledger = ledger_of(taxed(net="100.00", taxes=(("VAT", "20.00"),)))

    with pytest.raises(error, match=said):
        tax_relief(
            ledger,
            [WrittenOffPart(item=item, amount=money(amount, currency))],
            creditor=MIRA,
            rules=relief_rules("FR"),
            facts=ReliefFacts(),
            as_of=DAY,
        )


ANY = TaxReliefRule(
    name="any", country="XA", article="1", source="a test", status="verified", written_off=True
)


@given(
    net=st.integers(1, 5_000),
    tax=st.integers(1, 1_000),
    parts=st.lists(st.integers(1, 900), min_size=1, max_size=8),
)
def test_never_more_than_the_tax_of_the_document(net, tax, parts):
    """However often a document is given up in part, no more than its tax comes back in all."""
    ledger = ledger_of(taxed(net=_text(net), taxes=(("VAT", _text(tax)),)))
    left, back = net + tax, 0
    for number, part in enumerate(parts):
        amount = min(part, left)
        if not amount:
            break
        parts_now = [WrittenOffPart(item="FA-1", amount=money(_text(amount), "EUR"))]
        relief = tax_relief(
            ledger,
            parts_now,
            creditor=MIRA,
            rules=[ANY],
            facts=ReliefFacts(written_off_on=DAY),
            as_of=DAY,
        )
        back += sum(one.claimable_minor for one in relief)
        ledger = given_up(
            ledger,
            write_off=f"W-{number}",
            amounts={"FA-1": parts_now[0].amount},
            relief=relief,
            minute=22 + 3 * number,
        )
        left -= amount

    (item,) = written_off(ledger, MIRA, as_of=DAY)
    assert back == item.tax_minor <= tax


def _text(minor):
    return f"{minor // 100}.{minor % 100:02d}"


def test_each_tax_comes_back_no_more_than_once():
    """Rounding a part of one tax up takes nothing of another, and never more than its own."""
    taxes = (("GST", "0.01"), ("QST", "0.03"))
    ledger = ledger_of(taxed(net="0.96", taxes=taxes, currency="CAD"))
    back = {}
    for number in (1, 2):
        parts = [WrittenOffPart(item="FA-1", amount=money("0.50", "CAD"))]
        relief = tax_relief(
            ledger,
            parts,
            creditor=MIRA,
            rules=[ANY],
            facts=ReliefFacts(written_off_on=DAY),
            as_of=DAY,
        )
        for one in relief:
            back[one.code] = back.get(one.code, 0) + one.claimable_minor
        ledger = given_up(
            ledger,
            write_off=f"W-{number}",
            amounts={"FA-1": parts[0].amount},
            relief=relief,
            minute=22 + 3 * number,
        )

    assert {"GST": 1, "QST": 3} == back


@pytest.mark.parametrize(
    ("kinds", "rule"),
    [
        ([], "es-iva"),
        (["legal-claim"], "es-iva"),
        (["insolvency"], "es-iva-concurso"),
    ],
)
def test_of_several_rules_that_counts_whose_proof_is_there(kinds, rule):
    """An insolvency in Spain has a rule of its own, and a small turnover is never supposed."""
    ledger = ledger_of(taxed(net="100.00", taxes=(("IVA", "21.00"),)))
    facts = ReliefFacts(proofs=[proof(kind) for kind in kinds])

    (found,) = tax_relief(
        ledger,
        [WrittenOffPart(item="FA-1", amount=money("121.00", "EUR"))],
        creditor=MIRA,
        rules=relief_rules("ES"),
        facts=facts,
        as_of=DAY,
    )

    assert rule == found.rule.name


def test_what_was_paid_brings_no_relief():
    """Of an item that is partly paid, what is open or was given up counts, and no more."""
    ledger = ledger_of(taxed(net="100.00", taxes=(("VAT", "20.00"),)), money_in(on=DUE))
    pays = Allocation(
        allocation="a-1",
        creditor=MIRA,
        currency="EUR",
        legs=[Leg("FA-1", 10_000), Leg("r-1", -10_000)],
    )
    ledger = ledger.record(ledger.allocated(pays, effective_on=DUE, recorded_at=recorded(10)))
    after = given_up(ledger)

    def relief(ledger, amount):
        parts = [WrittenOffPart(item="FA-1", amount=money(amount, "EUR"))]
        (found,) = tax_relief(
            ledger, parts, creditor=MIRA, rules=[ANY], facts=ReliefFacts(), as_of=DAY
        )
        return found.relief_minor

    assert (333, 333) == (relief(ledger, "20.00"), relief(after, "20.00"))
    for book in (ledger, after):
        with pytest.raises(EventError, match="at most what is open or written off"):
            relief(book, "20.01")


def test_a_relief_of_another_amount_is_refused():
    """What was reckoned on the whole claim is not taken for a part of it."""
    ledger = ledger_of(taxed(net="100.00", taxes=(("VAT", "20.00"),)))
    _, what = asked(ledger, amounts={"FA-1": money("60.00", "EUR")})
    whole = [WrittenOffPart(item="FA-1", amount=money("120.00", "EUR"))]
    relief = tax_relief(ledger, whole, creditor=MIRA, rules=[ANY], facts=ReliefFacts(), as_of=DAY)

    assert "60.00" == str(what.parts[0].amount.amount)
    with pytest.raises(EventError, match="must be of the 6000"):
        given_up(ledger, amounts={"FA-1": money("60.00", "EUR")}, relief=relief)
