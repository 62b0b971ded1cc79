"""What is booked in Online is booked once, under a name of its own, or refused with a reason."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest

from receivables.casework.postings import LineOutcome
from receivables.documents import Installment, Invoice, Line, Tax
from receivables.errors import OutcomeUnknownError, PolicyError
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch
from receivables_plugins import quickbooks

from .test_conformance import ACCOUNTS, DAY, ITEMS, document, entry, receipt


@pytest.fixture
def target_of(company_case):
    """The posting target over a fake, with more settings; without one, it reaches nobody twice."""

    def build(fake, *, is_bare=False, **more):
        spec = quickbooks.receivables_posting_targets()[0]
        settings = {**company_case.settings, "items": ITEMS, "accounts": ACCOUNTS, **more}
        runtime = company_case.runtime(transport=fake)
        if is_bare:
            runtime = attrs.evolve(runtime, transport=fake)
        return spec.build(settings, runtime=runtime)

    return build


def batch_of(*records):
    """A batch of records."""
    return PostingBatch.of(records, creditor="MIRA", target="quickbooks")


def refusals(result):
    """What was refused, with the code."""
    return [(answer.line, answer.code) for answer in result.of(LineOutcome.REFUSED)]


def test_a_payment_names_what_it_settles(make_fake, target_of):
    """The document that is paid is found by its number, and its balance goes down."""
    fake = make_fake()
    [answer] = target_of(fake).post(batch_of(receipt())).answers
    [written] = fake.booked
    invoice = next(row for row in fake.rows["Invoice"] if row["Id"] == "130")

    assert answer.reference == written["Id"]
    assert written["Line"][0]["LinkedTxn"] == [{"TxnId": "130", "TxnType": "Invoice"}]
    assert (str(invoice["Balance"]), str(written["UnappliedAmt"])) == ("380.00", "30.00")


def test_a_write_whose_answer_is_lost_is_unknown_until_asked(make_fake, target_of):
    """Without a transport that tries again, a lost answer is unknown; the status finds the line."""
    fake = make_fake()

    def losing(request):
        response = fake(request)
        if request.method == "POST" and "/payment" in request.url:
            msg = "the answer is lost"
            raise OutcomeUnknownError(msg)
        return response

    batch = batch_of(receipt())
    first = target_of(losing, is_bare=True).post(batch)
    known = target_of(fake).status(batch)
    again = target_of(fake).post(batch)

    assert [answer.outcome for answer in first.answers] == [LineOutcome.UNKNOWN]
    assert [answer.reference for answer in known.answers] == [fake.booked[0]["Id"]]
    assert again.answers == known.answers
    assert len(fake.booked) == 1


def test_a_number_of_our_own_that_is_taken_is_no_refusal(make_fake, target_of):
    """A document that is there under the same mark is posted, though its number is taken."""
    fake = make_fake()
    batch = batch_of(document(Invoice, "2026-0117"))
    target_of(fake).post(batch)
    fake._replies.clear()
    again = target_of(fake, **{"looks-first": False}).post(batch)

    assert [answer.outcome for answer in again.answers] == [LineOutcome.POSTED]
    assert len(fake.booked) == 1


def test_the_key_of_a_line_is_its_request_identifier(make_fake, target_of):
    """Each write carries an identifier that is made of the line, and is the same each time."""
    first, second = make_fake(), make_fake()
    for fake in (first, second):
        target_of(fake).post(batch_of(receipt(), entry()))
    posts = [
        [request.url.partition("?")[2] for request in fake.requests if request.method == "POST"]
        for fake in (first, second)
    ]

    assert posts[0] == posts[1]
    assert len(set(posts[0])) == 3


def taxed(**tax):
    """An invoice of one line with a tax."""
    line = Line(
        description="cakes",
        net=money("100.00", "CAD"),
        taxes=[Tax(base=money("100.00", "CAD"), amount=money("5.00", "CAD"), **tax)],
    )
    return Invoice(number="T-1", creditor="MIRA", customer="58", document_date=DAY, lines=[line])


def test_taxes_go_by_their_codes(make_fake, target_of):
    """A line with a tax has the code there, and the whole comes to our total."""
    fake = make_fake()
    target = target_of(fake, **{"tax-codes": {"GST": "7"}})
    [answer] = target.post(batch_of(taxed(code="GST"))).answers

    assert (answer.outcome, answer.code) == (LineOutcome.POSTED, "")
    assert str(fake.booked[0]["TotalAmt"]) == "105.00"


def test_another_amount_there_is_said(make_fake, target_of):
    """What came to another amount is booked, and the answer says so."""
    fake = make_fake()

    def dearer(request):
        response = fake(request)
        if request.method == "POST" and "/invoice" in request.url:
            body = json.loads(response.body)
            body["Invoice"]["TotalAmt"] = 100
            return attrs.evolve(response, body=json.dumps(body).encode())
        return response

    [answer] = target_of(dearer).post(batch_of(document(Invoice, "N-1"))).answers

    assert (answer.outcome, answer.code) == (LineOutcome.POSTED, "quickbooks.amount-differs")


PARTS = [Installment(dt.date(2026, 11, 30), money("40.00", "CAD"))] * 2
DISCOUNT = AppliedPart(document="0042", amount_minor=100_00, discount_minor=2_00)

REFUSED = [
    (receipt(document="none"), "", "a document that is not there"),
    (attrs.evolve(receipt(), applications=[DISCOUNT]), "posting.refused", "a discount"),
    (attrs.evolve(receipt(), customer=""), "posting.refused", "a receipt of nobody"),
    (document(Invoice, "N" * 22), "posting.refused", "a number that is too long"),
    (document(Invoice, "0042"), "6140", "a number that is taken by somebody else"),
    (document(Invoice, "N-2", customer="999"), "2500", "a customer that is not there"),
    (taxed(code="QST"), "posting.refused", "a tax without a code there"),
    (
        Invoice(
            number="I-1",
            creditor="MIRA",
            customer="58",
            document_date=DAY,
            total=money("80.00", "CAD"),
            installments=PARTS,
        ),
        "posting.refused",
        "installments",
    ),
]


@pytest.mark.parametrize(("record", "code", "why"), REFUSED, ids=lambda each: "")
def test_what_cannot_be_booked_is_refused_alone(make_fake, target_of, record, code, why):
    """A line that cannot be booked is refused with its reason, and the other one is booked."""
    fake = make_fake()
    batch = batch_of(record, entry())
    result = target_of(fake).post(batch)

    assert refusals(result) == [(batch.lines[0].line, code)], why
    assert len(fake.booked) == 1


def test_proposal_says_what_is_refused(make_fake, target_of):
    """A proposal names the lines that cannot be sent, and shows the others."""
    proposal = target_of(make_fake()).propose(batch_of(taxed(code="QST"), receipt()))
    content = json.loads(proposal.payloads[0].content)

    assert [problem.code for problem in proposal.problems] == ["posting.refused"]
    assert not proposal.is_sendable
    assert content["Line"][0]["LinkedTxn"][0]["TxnId"] == "(identifier of 0042)"


def test_numbers_that_say_their_identifier_are_not_asked_for(make_fake, target_of):
    """A journal line is paid by the name that we gave it, and nobody is asked for it."""
    fake = make_fake()
    target_of(fake).post(batch_of(receipt(document="JournalEntry-160-0", minor=90_00)))

    assert fake.booked[0]["Line"][0]["LinkedTxn"] == [
        {"TxnId": "160", "TxnType": "JournalEntry", "TxnLineId": "0"}
    ]


def test_batches_must_look_first(make_fake, target_of):
    """Several writes together are only sent by a target that knows which are there."""
    with pytest.raises(PolicyError, match="looks_first"):
        target_of(make_fake(), **{"batch-size": 2, "looks-first": False})


def test_files_are_imported_by_a_person():
    """The target that writes files sends nothing, and knows of nothing."""
    spec = quickbooks.receivables_posting_targets()[1]
    target = spec.build({"accounts": {"411000": "A/R", "512000": "Bank"}})
    proposal = target.propose(batch_of(entry(), document(Invoice, "N-1"), receipt()))
    text = proposal.payloads[0].content.decode("cp1252")

    assert [problem.place.field for problem in proposal.problems] == ["invoice:N-1"]
    assert "\tGENERAL JOURNAL\t10/30/2026\tA/R\t58\t12.50\t" in text
    assert text.count("ENDTRNS") == 3
    for verb in (target.post, target.status):
        with pytest.raises(PolicyError, match="by a person"):
            verb(batch_of(entry()))


def test_letters_beyond_the_code_page_are_refused():
    """A name that the code page does not have would be a new customer there, so it is refused."""
    spec = quickbooks.receivables_posting_targets()[1]
    target = spec.build({"customers": {"58": "Пекарня"}})
    proposal = target.propose(batch_of(receipt()))

    assert [problem.code for problem in proposal.problems] == ["posting.refused"]
    assert proposal.payloads == ()
