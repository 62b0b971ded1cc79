"""What a receipt can say, how it is understood, and what it proves."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.allocation import ResidualKind
from receivables.documents import DiscountOffer, open_items
from receivables.matching import EvidenceKind, MatchingPolicy, Outcome, ShortageRule, match
from receivables.money import money
from receivables.receipts import (
    Payer,
    ReferenceScheme,
    ReferredDocument,
    Remittance,
    make_reference,
)
from receivables.receipts.facts import Fact
from receivables.testing.builders import (
    a_credit_note,
    a_customer,
    a_receipt,
    an_invoice,
    an_open_item,
)

D = dt.date
IBAN = "FR1420041010050500013M02606"
OTHER = "DE89370400440532013000"
CUSTOMERS = [
    a_customer(customer="C-1", name="Quincaillerie Dupont SARL", ibans=[IBAN]),
    a_customer(customer="C-2", name="Les Luthiers Tremblay inc."),
    a_customer(customer="C-3", name="Dupont Ouest", payer_group="dupont"),
    a_customer(customer="C-4", name="Dupont Holding", payer_group="dupont", ibans=[OTHER]),
]
KNOWN = Payer(name="QUINCAILLERIE DUPONT", account=IBAN)


def invoice(number, amount, customer="C-1", **fields):
    """The items of one invoice."""
    made = an_invoice(number=number, customer=customer, total=money(amount, "EUR"), **fields)
    return list(open_items(made))


def paid(amount, *text, payer=KNOWN, receipt="r-1", account="", **remittance):
    """A receipt in euros."""
    return a_receipt(
        receipt=receipt,
        customer="",
        amount=money(amount, "EUR"),
        payer=payer,
        account=account,
        remittance=Remittance(text=text, **remittance),
    )


def proposed(receipt, opens, **options):
    """The proposal for one receipt."""
    (found,) = match([receipt], items=opens, customers=CUSTOMERS, **options)
    return found


def parts(proposal):
    """What it pays, by item."""
    return {part.item: part.amount_minor for part in proposal.parts}


def kinds(proposal):
    """The kinds of evidence it has."""
    return {one.kind for one in proposal.evidence}


SEVERAL = [
    *invoice("FA-2026-00117", "1234.56"),
    *invoice("FA-2026-00118", "877.03"),
    *invoice("FA-2026-00119", "412.90"),
    *invoice("FA-2026-00245", "96.11"),
]
WRITTEN = {
    "zeros lost": ("REGLT FA-2026-117 FA-2026-118", EvidenceKind.DOCUMENT_SHORTENED),
    "prefix dropped": ("2026-00117 2026-00118", EvidenceKind.DOCUMENT_SHORTENED),
    "run together": ("FA-2026-00117FA-2026-00118", EvidenceKind.DOCUMENT_IN_TEXT),
    "last figures": ("FACT 117 118", EvidenceKind.DOCUMENT_SHORTENED),
    "other separators": ("FA/2026/00117 FA.2026.00118", EvidenceKind.DOCUMENT_IN_TEXT),
    "blanks": ("FA 2026 00117 FA 2026 00118", EvidenceKind.DOCUMENT_IN_TEXT),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_numbers_are_understood_as_payers_write_them(how):
    """Zeros, prefixes and separators may be missing: the amount decides what is meant."""
    text, kind = WRITTEN[how]

    found = proposed(paid("2111.59", text), SEVERAL)

    assert parts(found) == {"FA-2026-00117": 123456, "FA-2026-00118": 87703}
    assert kind in kinds(found)


def test_a_number_split_over_lines_is_one_number():
    """A bank cuts lines where they end, not where words do."""
    found = proposed(paid("2111.59", "REGLEMENT FA-2026-00117 FA-20", "26-00118"), SEVERAL)

    assert parts(found) == {"FA-2026-00117": 123456, "FA-2026-00118": 87703}


def test_a_wrong_figure_is_recognized_by_the_amount():
    """A number that is one figure off is the document whose amount it is."""
    found = proposed(paid("877.03", "FA-2026-00188"), SEVERAL)

    assert parts(found) == {"FA-2026-00118": 87703}
    assert EvidenceKind.DOCUMENT_MISSPELT in kinds(found)


@pytest.mark.parametrize("text", ["FA-2026-00117 A FA-2026-00119", "FA-2026-00117 AU 00119"])
def test_a_range_names_what_lies_between(text):
    """From the first to the last number, the ones in between are meant."""
    found = proposed(paid("2524.49", text), SEVERAL)

    assert parts(found) == {"FA-2026-00117": 123456, "FA-2026-00118": 87703, "FA-2026-00119": 41290}
    assert EvidenceKind.DOCUMENT_IN_RANGE in kinds(found)


def test_an_order_number_of_the_customer_is_a_reference():
    """A reference that the document carries stands for it."""
    opens = invoice("FA-2026-00300", "512.40", references=["PO-88123"])

    found = proposed(paid("512.40", "COMMANDE PO 88123"), opens)

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"FA-2026-00300": 51240})
    assert EvidenceKind.ORDER_IN_TEXT in kinds(found)


def test_what_the_text_left_out_is_found_by_the_amount():
    """A text that was cut names some; the one that makes up the amount is the other."""
    found = proposed(paid("1647.46", "FA-2026-00117 FA-2026-0"), SEVERAL)

    assert parts(found) == {"FA-2026-00117": 123456, "FA-2026-00119": 41290}
    assert EvidenceKind.OTHERS_UNNAMED in kinds(found)


def test_stated_amounts_are_paid_as_stated():
    """Who says how much it pays of each document is believed where it adds up."""
    documents = [
        ReferredDocument(number="FA-2026-00117", amount_minor=100000),
        ReferredDocument(number="FA-2026-00118", amount_minor=87703),
    ]

    found = proposed(paid("1877.03", documents=documents), SEVERAL)

    assert (found.outcome, parts(found)) == (
        Outcome.CERTAIN,
        {"FA-2026-00117": 100000, "FA-2026-00118": 87703},
    )


def test_a_twin_that_is_not_named_keeps_it_from_being_applied():
    """A set with an item that has an equal outside could be another set: a person decides."""
    opens = [*SEVERAL[:2], *invoice("FA-2026-00400", "877.03", due_date=D(2026, 12, 24))]

    found = proposed(paid("2111.59"), opens)

    assert Outcome.CERTAIN is not found.outcome


def discounted():
    """An item with two per cent off until the end of October."""
    offer = DiscountOffer(
        until=D(2026, 10, 31), amount=money("24.69", "EUR"), tax=money("4.12", "EUR")
    )
    return [an_open_item("FA-2026-00117", customer="C-1", amount="1234.56", discounts=(offer,))]


def test_an_offered_discount_closes_the_item():
    """Paid in time less the discount: the item is closed, and the discount is a residual of it."""
    found = proposed(paid("1209.87", "FA-2026-00117"), discounted())
    (residual,) = found.residuals

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"FA-2026-00117": 120987})
    assert (residual.kind, residual.amount_minor, residual.tax_minor) == (
        ResidualKind.SETTLEMENT_DISCOUNT,
        2469,
        412,
    )


def test_a_discount_taken_late_is_what_the_policy_says():
    """After its day a discount is not earned: a rule says what the shortfall is then."""
    late = [
        an_open_item(
            "FA-2026-00117",
            customer="C-1",
            amount="1234.56",
            discounts=(DiscountOffer(until=D(2026, 9, 30), amount=money("24.69", "EUR")),),
        )
    ]
    rule = ShortageRule(kind="deduction", reason="discount-late", bps=200)

    plain = proposed(paid("1209.87", "FA-2026-00117"), late)
    ruled = proposed(
        paid("1209.87", "FA-2026-00117"), late, policy=MatchingPolicy(shortages=[rule])
    )
    graced = proposed(
        paid("1209.87", "FA-2026-00117"), late, policy=MatchingPolicy(discount_grace_days=30)
    )

    assert plain.residuals == ()
    assert [(one.kind, one.reason) for one in ruled.residuals] == [
        (ResidualKind.DEDUCTION, "discount-late")
    ]
    assert [one.kind for one in graced.residuals] == [ResidualKind.SETTLEMENT_DISCOUNT]


def test_a_foreign_payer_may_be_short_by_a_bank_charge():
    """A transfer from another country that lacks a little lacks what a bank kept."""
    found = proposed(paid("1219.56", "FA-2026-00117", account="CA1", payer=KNOWN), SEVERAL)

    assert parts(found) == {"FA-2026-00117": 121956}
    assert [(one.kind, one.amount_minor) for one in found.residuals] == [
        (ResidualKind.BANK_CHARGE, 1500)
    ]


def test_a_tolerance_closes_what_is_nearly_paid():
    """Within the tolerance of the policy the rest is a small difference."""
    policy = MatchingPolicy(tolerance_minor=100, tolerance_bps=50)

    found = proposed(paid("1234.06", "FA-2026-00117"), SEVERAL, policy=policy)

    assert [(one.kind, one.amount_minor) for one in found.residuals] == [
        (ResidualKind.SMALL_DIFFERENCE, 50)
    ]


def test_words_in_the_text_say_what_a_deduction_is():
    """A rule with words gives a shortfall its reason."""
    rule = ShortageRule(kind="deduction", reason="damaged", words=["avarie", "damage"])

    found = proposed(
        paid("1134.56", "FA-2026-00117 RETENUE AVARIE"),
        SEVERAL,
        policy=MatchingPolicy(shortages=[rule]),
    )

    assert [(one.kind, one.reason, one.amount_minor) for one in found.residuals] == [
        (ResidualKind.DEDUCTION, "damaged", 10000)
    ]


def test_several_credits_are_taken_off_together():
    """The amount falls short by two credit notes: both are used."""
    notes = [
        *open_items(a_credit_note("AV-1", customer="C-1", total=money("33.17", "EUR"))),
        *open_items(a_credit_note("AV-2", customer="C-1", total=money("12.09", "EUR"))),
        *open_items(a_credit_note("AV-3", customer="C-1", total=money("99.99", "EUR"))),
    ]

    found = proposed(paid("1189.30", "FA-2026-00117"), [*SEVERAL, *notes])

    assert parts(found) == {"FA-2026-00117": 123456, "AV-1": -3317, "AV-2": -1209}


def test_two_receipts_pay_one_invoice_between_them():
    """One names two documents and is short of what the other names one of them with."""
    first = paid("1611.59", "FA-2026-00117 FA-2026-00118")
    second = paid("500.00", "FA-2026-00118", receipt="r-2")

    one, other = match([first, second], items=SEVERAL, customers=CUSTOMERS)

    assert parts(one) == {"FA-2026-00117": 123456, "FA-2026-00118": 37703}
    assert parts(other) == {"FA-2026-00118": 50000}
    assert EvidenceKind.AMOUNT_SHARED in kinds(one) & kinds(other)


def test_the_surer_claim_wins_over_the_first_comer():
    """An invoice that a later receipt names is not taken by the bare amount of an earlier one."""
    bare = paid("877.03", receipt="r-1")
    named = paid("877.03", "FA-2026-00118", receipt="r-2")

    first, second = match([bare, named], items=SEVERAL, customers=CUSTOMERS)

    assert (parts(first), parts(second)) == ({}, {"FA-2026-00118": 87703})


def test_a_payment_made_twice_pays_once():
    """Of two receipts that name the same document the first pays it; the other waits."""
    twice = [paid("877.03", "FA-2026-00118", receipt=name) for name in ("r-1", "r-2")]

    first, second = match(twice, items=SEVERAL, customers=CUSTOMERS)

    assert (first.outcome, second.outcome) == (Outcome.CERTAIN, Outcome.UNMATCHED)
    assert parts(second) == {}


def test_no_item_is_paid_beyond_what_is_open():
    """However many receipts claim an invoice, no more of it is paid than is open."""
    many = [paid("600.00", "FA-2026-00117", receipt=f"r-{n}") for n in range(9)]

    proposals = match(many, items=SEVERAL, customers=CUSTOMERS)

    assert sum(parts(one).get("FA-2026-00117", 0) for one in proposals) <= 123456


def test_a_name_nearly_right_is_similar():
    """A misspelt name is recognized where nothing else is as near."""
    pytest.importorskip("rapidfuzz")
    found = proposed(paid("877.03", payer=Payer(name="QUINCAILERIE DUPOND SARL")), SEVERAL)

    assert (found.outcome, parts(found)) == (Outcome.PROPOSED, {"FA-2026-00118": 87703})
    assert (found.customer, EvidenceKind.PAYER_NAME_SIMILAR in kinds(found)) == ("C-1", True)


def test_a_confirmed_account_is_known_from_then_on():
    """A fact makes a stranger's account the customer's."""
    stranger = Payer(name="HOLDING NN", account="ES7921000813610123456789")
    fact = Fact(
        kind="payer-account",
        value=stranger.account,
        customer="C-1",
        learned_on=D(2026, 9, 1),
        source="review",
    )

    before = proposed(paid("877.03", payer=stranger), SEVERAL)
    after = proposed(paid("877.03", payer=stranger), SEVERAL, facts=[fact])

    assert Outcome.CERTAIN is not before.outcome
    assert (after.outcome, after.customer) == (Outcome.CERTAIN, "C-1")
    assert EvidenceKind.PAYER_CONFIRMED in kinds(after)


def test_a_known_deduction_is_explained():
    """A customer that keeps back two and a half per cent each time is understood."""
    fact = Fact(
        kind="deduction-habit",
        value="250",
        customer="C-1",
        meaning="advertising",
        learned_on=D(2026, 9, 1),
        source="review",
    )

    found = proposed(paid("855.10", "FA-2026-00118"), SEVERAL, facts=[fact])

    assert [(one.kind, one.reason, one.amount_minor) for one in found.residuals] == [
        (ResidualKind.DEDUCTION, "advertising", 2193)
    ]


def test_a_confirmed_reference_names_a_document():
    """What a customer's own number stands for was confirmed once."""
    fact = Fact(
        kind="reference-habit",
        value="BON 4711",
        customer="C-1",
        meaning="FA-2026-00118",
        learned_on=D(2026, 9, 1),
        source="review",
    )
    value = Fact(
        kind="reference-habit",
        value="PIECE4711",
        customer="C-1",
        meaning="FA-2026-00118",
        learned_on=D(2026, 9, 1),
        source="review",
    )

    found = proposed(paid("877.03", "PIECE4711", payer=Payer()), SEVERAL, facts=[fact, value])

    assert parts(found) == {"FA-2026-00118": 87703}


def test_evidence_can_be_left_out_and_weighed_otherwise():
    """A policy without bare amounts proposes nothing on one, and its weights are its own."""
    bare = paid("877.03")

    without = proposed(bare, SEVERAL, policy=MatchingPolicy(without=["amount-unique"]))
    lighter = proposed(bare, SEVERAL, policy=MatchingPolicy(weights={"amount-unique": -400}))

    assert (parts(without), parts(lighter)) == ({}, {})


def test_a_search_that_ended_early_is_said():
    """Where the budget was not enough, the reasons say so."""
    opens = [
        item
        for n in range(14)
        for item in invoice(f"FA-2026-{n:05}", f"{1000 + 7**n % 997}.{n:02}")
    ]

    found = proposed(paid("5000.01"), opens, policy=MatchingPolicy(search_budget=10))

    assert EvidenceKind.AMOUNT_SEARCH_ENDED in kinds(found)


@pytest.mark.parametrize("wrong", [{"apply_from_bp": 10_001}, {"propose_from_bp": 9_999}])
def test_thresholds_must_make_sense(wrong):
    """What is applied must be at least as sure as what is proposed."""
    with pytest.raises(ValueError, match="propose_from_bp must be"):
        MatchingPolicy(**wrong)


STRUCTURED = {
    "ISO 11649": make_reference(ReferenceScheme.ISO_11649, "202600117"),
    "Belgian": make_reference(ReferenceScheme.OGM_VCS, "0202600117"),
    "Swiss": make_reference(ReferenceScheme.QRR, "202600117".rjust(26, "0")),
    "Finnish": make_reference(ReferenceScheme.FI_VIITE, "202600117"),
    "Norwegian": make_reference(ReferenceScheme.NO_KID_10, "202600117"),
}


@pytest.mark.parametrize("scheme", STRUCTURED)
def test_a_structured_reference_holds_a_number(scheme):
    """A reference whose check digits hold names the document whose number is inside."""
    found = proposed(paid("1234.56", references=[STRUCTURED[scheme]]), SEVERAL)

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"FA-2026-00117": 123456})
    assert EvidenceKind.STRUCTURED_REFERENCE in kinds(found)


def test_a_reference_that_fails_its_check_names_nothing():
    """A wrong check digit is a hint that another digit is wrong."""
    wrong = STRUCTURED["Finnish"][:-1] + str((int(STRUCTURED["Finnish"][-1]) + 1) % 10)

    found = proposed(paid("99.99", references=[wrong], payer=Payer()), SEVERAL)

    assert EvidenceKind.STRUCTURED_REFERENCE not in kinds(found)


def test_it_stays_open_which_of_several_falls_short():
    """Two documents are named and too little is paid: they are listed, and no amounts proposed."""
    found = proposed(paid("2000.00", "FA-2026-00117 FA-2026-00118"), SEVERAL)

    assert (found.outcome, parts(found)) == (Outcome.AMBIGUOUS, {})
    assert found.alternatives[0] == ("FA-2026-00117", "FA-2026-00118")
    assert EvidenceKind.AMOUNT_SHORT in kinds(found)


def test_a_number_that_was_not_understood_keeps_a_part_from_being_proposed():
    """Less than one document, and another number beside it: something else may be paid as well."""
    found = proposed(paid("500.00", "FA-2026-00117+FA-2026-99999"), SEVERAL)

    assert (found.outcome, parts(found)) == (Outcome.AMBIGUOUS, {})
    assert EvidenceKind.NUMBERS_UNREAD in kinds(found)


def test_what_a_discount_closes_is_not_paid_by_another():
    """An item that one receipt closes with its discount has nothing left for the next one."""
    opens = discounted()
    whole = paid("1209.87", "FA-2026-00117", receipt="r-1")
    little = paid("24.69", "FA-2026-00117", receipt="r-2")

    proposals = match([whole, little], items=opens, customers=CUSTOMERS)
    taken = sum(parts(one).get("FA-2026-00117", 0) for one in proposals)
    closed = sum(residual.amount_minor for one in proposals for residual in one.residuals)

    assert taken + closed <= 123456


@pytest.mark.parametrize("kind", ["document-in-text", "amount-exact"])
def test_evidence_that_does_not_count_makes_no_proposal(kind):
    """Whatever kind a policy leaves out, no claim stands on it."""
    found = proposed(
        paid("877.03", "FA-2026-00118"), SEVERAL, policy=MatchingPolicy(without=[kind])
    )

    assert EvidenceKind(kind) not in kinds(found)
