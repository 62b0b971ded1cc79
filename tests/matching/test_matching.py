"""Matching: references, payers, amounts; each proposal with its evidence; doubt is never applied."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from receivables.documents import Document, OpenItem, open_items
from receivables.matching import (
    EvidenceKind,
    MatchingPolicy,
    MatchProposal,
    Outcome,
    match,
)
from receivables.matching.rules import document_keys, name_key
from receivables.money import money
from receivables.receipts import Payer, Receipt, ReferredDocument, Remittance
from receivables.testing.builders import a_credit_note, a_customer, a_receipt, an_invoice
from receivables.testing.company import generate

D = dt.date
IBAN = "FR1420041010050500013M02606"
DUPONT = a_customer(customer="C-1", name="Quincaillerie Dupont SARL", ibans=[IBAN])
TREMBLAY = a_customer(customer="C-2", name="Les Luthiers Tremblay inc.", locale="fr-CA")
BRANCH = a_customer(customer="C-3", name="Dupont Ouest", payer_group="dupont")
HEAD = a_customer(customer="C-4", name="Dupont Holding", payer_group="dupont", ibans=["DE02"])
CUSTOMERS = [DUPONT, TREMBLAY, BRANCH, HEAD]


def invoice(number: str, amount: str, customer: str = "C-1", **fields: Any) -> Document:
    return an_invoice(number=number, customer=customer, total=money(amount, "EUR"), **fields)


def items(*documents: Document) -> list[OpenItem]:
    return [item for document in documents for item in open_items(document)]


def paid(amount: str, *text: str, payer: Payer | None = None, **remittance: Any) -> Receipt:
    return a_receipt(
        receipt="r-1",
        customer="",
        amount=money(amount, "EUR"),
        payer=payer or Payer(),
        remittance=Remittance(text=text, **remittance),
    )


def proposed(receipt: Receipt, opens: list[OpenItem], **options: Any) -> MatchProposal:
    (proposal,) = match([receipt], items=opens, customers=CUSTOMERS, **options)
    return proposal


def parts(proposal: MatchProposal) -> dict[str, int]:
    return {part.item: part.amount_minor for part in proposal.parts}


def kinds(proposal: MatchProposal) -> set[EvidenceKind]:
    return {evidence.kind for evidence in proposal.evidence}


TWO = items(invoice("FA-2026-00117", "120.00"), invoice("FA-2026-00118", "80.00"))

TEXTS = {
    "as printed": "FA-2026-00117",
    "spaces": "REGLT FA 2026 00117",
    "run together": "FACTURE FA202600117 MERCI",
    "prefix dropped": "VIR 2026-00117",
    "lower case": "fa-2026-00117",
}


@pytest.mark.parametrize("why", TEXTS)
def test_a_number_is_found_in_free_text(why: str) -> None:
    """However a payer writes the number, exact amount and reference make it certain."""
    found = proposed(paid("120.00", TEXTS[why]), TWO)

    named = EvidenceKind.DOCUMENT_SHORTENED if "dropped" in why else EvidenceKind.DOCUMENT_IN_TEXT
    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"FA-2026-00117": 12000})
    assert {named, EvidenceKind.AMOUNT_EXACT} <= kinds(found)


def test_several_numbers_are_paid_together() -> None:
    """A receipt that names two documents and equals their sum pays both."""
    found = proposed(paid("200.00", "FA-2026-00117", "FA-2026-00118"), TWO)

    assert parts(found) == {"FA-2026-00117": 12000, "FA-2026-00118": 8000}
    assert Outcome.CERTAIN is found.outcome


def test_a_credit_note_is_netted_where_it_is_named() -> None:
    """Invoice less credit note is what the payer sent."""
    note = a_credit_note(number="AV-9", customer="C-1", total=money("20.00", "EUR"))

    found = proposed(paid("100.00", "FA-2026-00117 - AV-9"), [*TWO, *items(note)], policy=SHORT)

    assert parts(found) == {"FA-2026-00117": 12000, "AV-9": -2000}


SHORT = MatchingPolicy(shortest_reference=3)


def test_a_credit_note_that_is_not_named_is_found_by_the_shortfall() -> None:
    """What the amount falls short by is one open credit note: the payer deducted it."""
    note = items(a_credit_note(number="AV-9", customer="C-1", total=money("20.00", "EUR")))
    receipt = paid("100.00", "FA-2026-00117", payer=Payer(account=IBAN))

    found = proposed(receipt, [*TWO, *note])
    twice = proposed(
        receipt,
        [*TWO, *note, *items(a_credit_note("AV-8", customer="C-1", total=money("20.00", "EUR")))],
    )

    assert (found.outcome, parts(found)) == (
        Outcome.CERTAIN,
        {"FA-2026-00117": 12000, "AV-9": -2000},
    )
    assert (twice.outcome, len(twice.alternatives)) == (Outcome.AMBIGUOUS, 2)


def test_a_structured_reference_names_a_document() -> None:
    """A creditor reference that the document carries is evidence of its own kind."""
    opens = items(invoice("F-1", "10.00", references=["RF18539007547034"]))

    found = proposed(paid("10.00", references=["RF18 5390 0754 7034"]), opens)

    assert Outcome.CERTAIN is found.outcome
    assert EvidenceKind.STRUCTURED_REFERENCE in kinds(found)


def test_a_referred_document_names_a_document() -> None:
    """What the payer names in a structured way counts as named."""
    found = proposed(
        paid("120.00", documents=[ReferredDocument(number="FA-2026-00117", kind="CINV")]), TWO
    )

    assert EvidenceKind.REFERRED_DOCUMENT in kinds(found)
    assert Outcome.CERTAIN is found.outcome


def test_less_money_of_a_known_payer_is_a_partial_payment() -> None:
    """One named document, a payer known by account: the part is applied, the rest stays open."""
    found = proposed(paid("50.00", "FA-2026-00117", payer=Payer(account=IBAN)), TWO)

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"FA-2026-00117": 5000})
    assert EvidenceKind.AMOUNT_PARTIAL in kinds(found)


def test_less_money_of_an_unknown_payer_is_only_proposed() -> None:
    """A part of a document, from nobody known, is for a person to see."""
    assert Outcome.PROPOSED is proposed(paid("50.00", "FA-2026-00117"), TWO).outcome


def test_more_money_is_applied_only_where_the_policy_says_so() -> None:
    """An overpayment is proposed: a number may have been missed; a policy may apply it."""
    receipt = paid("150.00", "FA-2026-00117", payer=Payer(account=IBAN))

    found = proposed(receipt, TWO, policy=MatchingPolicy(apply_overpayment=True))

    assert proposed(receipt, TWO).outcome is Outcome.PROPOSED
    assert (found.outcome, found.unapplied_minor) == (Outcome.CERTAIN, 3000)


def test_another_payer_is_only_proposed() -> None:
    """A payer who is known to be somebody else makes a person look, whatever the amount."""
    found = proposed(
        paid("120.00", "FA-2026-00117", payer=Payer(name="LES LUTHIERS TREMBLAY")), TWO
    )

    assert Outcome.PROPOSED is found.outcome
    assert EvidenceKind.PAYER_DIFFERS in kinds(found)


def test_a_head_office_pays_for_its_branch() -> None:
    """A member of the same payer group is no stranger."""
    opens = items(invoice("F-0007", "10.00", customer="C-3"))

    found = proposed(paid("10.00", "F-0007", payer=Payer(account="DE02")), opens)

    assert (found.outcome, found.customer) == (Outcome.CERTAIN, "C-4")


def test_a_unique_amount_of_a_known_account_is_certain() -> None:
    """Without a reference, a known account and one item of exactly this amount is enough."""
    found = proposed(paid("80.00", payer=Payer(account=IBAN)), TWO)

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"FA-2026-00118": 8000})


def test_a_unique_amount_of_a_name_is_applied_where_the_policy_lets_it() -> None:
    """A whole name and an amount are enough, unless the policy leaves them to a person."""
    receipt = paid("80.00", payer=Payer(name="QUINCAILLERIE DUPONT"))
    careful = MatchingPolicy(apply_amount_of_name=False)

    assert Outcome.CERTAIN is proposed(receipt, TWO).outcome
    assert Outcome.PROPOSED is proposed(receipt, TWO, policy=careful).outcome


def test_all_that_is_open_is_paid_at_once() -> None:
    """The whole balance of a known account is one answer."""
    found = proposed(paid("200.00", payer=Payer(account=IBAN)), TWO)

    assert Outcome.CERTAIN is found.outcome
    assert EvidenceKind.AMOUNT_OF_ALL in kinds(found)


def test_all_that_is_due_up_to_a_day_is_paid_at_once() -> None:
    """A payment run takes everything due up to a day, and leaves what is due later."""
    opens = items(
        invoice("F-0001", "80.00", due_date=D(2026, 10, 1)),
        invoice("F-0002", "50.00", due_date=D(2026, 10, 10)),
        invoice("F-0003", "30.00", due_date=D(2026, 11, 30)),
    )

    found = proposed(paid("130.00", payer=Payer(account=IBAN)), opens)

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"F-0001": 8000, "F-0002": 5000})
    assert EvidenceKind.AMOUNT_OF_ALL_DUE in kinds(found)


def test_half_of_what_is_due_on_a_day_is_no_run() -> None:
    """Of two items due on one day, a run takes both; one of them and another is for a person."""
    opens = items(
        invoice("F-0001", "80.00", due_date=D(2026, 10, 1)),
        invoice("F-0002", "50.00", due_date=D(2026, 10, 10)),
        invoice("F-0003", "30.00", due_date=D(2026, 10, 10)),
    )

    found = proposed(paid("130.00", payer=Payer(account=IBAN)), opens)

    assert Outcome.PROPOSED is found.outcome
    assert EvidenceKind.AMOUNT_OF_ALL_DUE not in kinds(found)


def test_equal_amounts_are_ambiguous() -> None:
    """The oldest of equal amounts is right one time in five: it is never chosen."""
    opens = items(invoice("F-0001", "80.00"), invoice("F-0002", "80.00"))

    found = proposed(paid("80.00", payer=Payer(account=IBAN)), opens)

    assert (found.outcome, found.alternatives) == (Outcome.AMBIGUOUS, (("F-0001",), ("F-0002",)))
    assert parts(found) == {}


def test_two_answers_are_ambiguous() -> None:
    """One item of this amount, and everything due together of this amount: nobody can tell."""
    opens = items(
        invoice("F-0001", "80.00", due_date=D(2026, 12, 1)),
        invoice("F-0002", "50.00", due_date=D(2026, 10, 1)),
        invoice("F-0003", "30.00", due_date=D(2026, 10, 2)),
    )

    found = proposed(paid("80.00", payer=Payer(account=IBAN)), opens)

    assert Outcome.AMBIGUOUS is found.outcome
    assert {("F-0001",), ("F-0002", "F-0003")} == set(found.alternatives)


def test_a_number_of_two_documents_is_ambiguous() -> None:
    """A reference that fits two customers' documents decides nothing by itself."""
    opens = items(invoice("A-2026117", "80.00"), invoice("B-2026117", "80.00", customer="C-2"))

    assert Outcome.AMBIGUOUS is proposed(paid("80.00", "2026117"), opens).outcome


def test_the_payer_decides_between_two_documents() -> None:
    """A reference that fits two documents is clear once the payer is known."""
    opens = items(invoice("A-2026117", "80.00"), invoice("B-2026117", "80.00", customer="C-2"))

    found = proposed(paid("80.00", "2026117", payer=Payer(account=IBAN)), opens)

    assert (found.outcome, parts(found)) == (Outcome.CERTAIN, {"A-2026117": 8000})


def test_a_settled_document_is_not_paid_twice() -> None:
    """A second payment of a settled document stays unapplied, and says so."""
    found = proposed(paid("10.00", "F-0009"), TWO, settled=["F-0009"])

    assert (found.outcome, parts(found)) == (Outcome.UNMATCHED, {})
    assert EvidenceKind.ALREADY_SETTLED in kinds(found)


def test_nothing_known_is_unidentified() -> None:
    """Neither reference nor payer: the receipt waits, with what was tried."""
    found = proposed(paid("77.77", "MERCI"), TWO)

    assert (found.outcome, found.customer) == (Outcome.UNMATCHED, "")
    assert {EvidenceKind.PAYER_UNKNOWN} == kinds(found)


def test_a_later_invoice_is_not_paid_by_its_amount() -> None:
    """An invoice that did not exist when the money came is not chosen by its amount alone."""
    opens = items(invoice("F-0001", "80.00", document_date=D(2026, 11, 1)))

    assert Outcome.UNMATCHED is proposed(paid("80.00", payer=Payer(account=IBAN)), opens).outcome


def test_another_currency_is_not_matched() -> None:
    """Money in another currency pays nothing here before somebody says at which rate."""
    receipt = a_receipt(
        customer="", amount=money("120.00", "CAD"), remittance=Remittance(text=["FA-2026-00117"])
    )

    assert Outcome.UNMATCHED is proposed(receipt, TWO).outcome


def test_what_one_receipt_uses_is_not_offered_to_the_next() -> None:
    """Two receipts that name the same document do not both pay it."""
    first = paid("120.00", "FA-2026-00117")
    second = a_receipt(
        receipt="r-2",
        customer="",
        amount=money("120.00", "EUR"),
        remittance=Remittance(text=["FA-2026-00117"]),
    )

    proposals = match([second, first], items=TWO)

    assert [each.outcome for each in proposals] == [Outcome.CERTAIN, Outcome.UNMATCHED]
    assert (
        len(proposals.certain),
        len(proposals.proposed),
        len(proposals.ambiguous),
        len(proposals.unmatched),
    ) == (1, 0, 0, 1)


def test_the_policy_decides_what_is_applied() -> None:
    """Partial payments and bare amounts can each be left to a person."""
    careful = MatchingPolicy(apply_partial=False, apply_amount_of_known_account=False)
    receipts = [
        paid("50.00", "FA-2026-00117", payer=Payer(account=IBAN)),
        paid("80.00", payer=Payer(account=IBAN)),
    ]

    outcomes = [proposed(receipt, TWO, policy=careful).outcome for receipt in receipts]

    assert outcomes == [Outcome.PROPOSED] * 2


def test_a_name_cut_by_the_bank_is_recognized() -> None:
    """Eighteen characters of a name are enough where one name begins so."""
    found = proposed(paid("80.00", payer=Payer(name="QUINCAILLERIE DUPO")), TWO)

    assert found.customer == "C-1"


def test_names_are_compared_without_their_clothes() -> None:
    """Case, accents, punctuation and legal forms make no difference; a bare form stays."""
    assert name_key("Société Générale S.A.") == name_key("SOCIETE GENERALE")
    assert name_key("SA") == "SA"
    assert name_key("…") == ""


def test_document_keys_keep_the_whole_number() -> None:
    """A number without digits, or made of zeros, has its own form only."""
    assert {"ABC"} == document_keys("a-b-c")
    assert {"000"} == document_keys("000")


def test_short_numbers_do_not_count() -> None:
    """A number shorter than the policy allows is not searched in free text."""
    opens = items(invoice("12", "80.00"))

    assert Outcome.UNMATCHED is proposed(paid("70.00", "fact 12"), opens).outcome


@pytest.mark.parametrize(("noise", "applied_percent"), [("easy", 80), ("medium", 65), ("hard", 40)])
def test_an_invented_company_is_matched_and_hardly_ever_wrongly(
    noise: str, applied_percent: int
) -> None:
    """Against the truth of an invented company, what is applied is right but for one in 200."""
    company = generate(invoices=900, noise=noise)
    truth = company.truth_of()
    opens = [item for document in company.documents() for item in open_items(document)]

    proposals = match(company.receipts(), items=opens, customers=company.customers)

    applied = proposals.certain
    wrong = [
        each.receipt for each in applied if parts(each) != dict(_truth(truth[each.receipt].legs))
    ]
    assert 100 * len(applied) >= applied_percent * len(proposals)
    assert 200 * len(wrong) <= len(applied)


def _truth(legs: Any) -> list[tuple[str, int]]:
    return [(leg.item, leg.amount_minor) for leg in legs]
