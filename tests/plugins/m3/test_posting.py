"""Batches of ARS040 and GLS840: what is sent, what is met again, what is refused."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import pytest

from receivables.accounting.model import GlAccount, JournalEntry, JournalLine, Role
from receivables.casework import LineOutcome
from receivables.errors import PolicyError
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, PostingResult, ReceiptPosting
from receivables.testing.builders import an_invoice
from receivables.testing.services import Serving
from receivables.transports import Request, Response
from receivables_plugins import m3 as plugin

_LAYOUT = [
    {"holds": "account", "start": 1, "length": 8},
    {"holds": "amount", "start": 9, "length": 12, "align": "right"},
    {"holds": "value", "start": 22, "length": 3, "value": "REC"},
    {"holds": "date", "start": 25, "length": 8},
    {"holds": "dimension:COST", "start": 33, "length": 4},
]
_SETTINGS = {
    "ionapi": "m3-ionapi",
    "company": "1",
    "payment_type": "10",
    "on_account_type": "CU",
    "receipt_table": "XARPBL",
    "receipt_prefix": "XA",
    "journal_interface": "RECEIVABLES",
    "journal_layout": _LAYOUT,
    "keeps_batches": True,
}


def _target(m3: SimpleNamespace, fake: Any, **settings: Any) -> Any:
    [spec] = plugin.receivables_posting_targets()
    runtime = m3.cloud_case().runtime(transport=fake)
    return spec.build({**_SETTINGS, **settings}, runtime=runtime)


def _receipt(
    name: str = "R-1", customer: str = "C-017", *numbers: str, **more: Any
) -> ReceiptPosting:
    parts = [AppliedPart(document=number, amount_minor=4000) for number in numbers or ("7-2026",)]
    usual: dict[str, Any] = {
        "receipt": name,
        "customer": customer,
        "amount": money("40.00", "EUR") * len(parts),
        "booking_date": dt.date(2026, 10, 5),
        "applications": parts,
    }
    return ReceiptPosting(**(usual | more))


def _entry(account: str = "512000", **more: Any) -> JournalEntry:
    lines = [
        JournalLine(
            account=GlAccount(number, "Account"),
            role=Role.BANK,
            amount_minor=minor,
            currency="EUR",
            functional_minor=minor,
            dimensions=[("COST", "C100")],
        )
        for number, minor in [(account, 1250), ("411000", -1250)]
    ]
    usual: dict[str, Any] = {
        "entry": "J-1",
        "creditor": "MIRA",
        "date": dt.date(2026, 10, 5),
        "kind": "Allocated",
        "functional_currency": "EUR",
        "lines": lines,
    }
    return JournalEntry(**(usual | more))


def _batch(*records: Any) -> PostingBatch:
    return PostingBatch.of(records, creditor="MIRA", target="m3")


def _outcomes(result: PostingResult) -> list[str]:
    return [answer.outcome.value for answer in result.answers]


def test_the_record_is_the_one_of_the_site(m3: SimpleNamespace) -> None:
    """Fields stand where the layout says, and a gap between them is blank."""
    fake = m3.cloud()
    _target(m3, fake).post(_batch(_entry()))
    [journal] = fake.journals.values()

    assert [row["PARM"] for row in journal.rows.values()] == [
        "512000         12.50 REC20261005C100",
        "411000        -12.50 REC20261005C100",
    ]
    assert journal.head["INTN"] == "RECEIVABLES"
    assert journal.is_checked
    assert journal.is_booked


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("signed", "-12.50"),
        ("trailing-sign", "12.50-"),
        ("unsigned", "12.50"),
        ("implied", "-1250"),
    ],
)
def test_amounts_have_the_form_of_the_site(m3: SimpleNamespace, form: str, text: str) -> None:
    """An amount is written with its sign where the interface wants it."""
    fake = m3.cloud()
    layout = [{"holds": "amount", "start": 1, "length": 10, "form": form}]
    _target(m3, fake, journal_layout=layout).post(_batch(_entry()))
    [journal] = fake.journals.values()

    assert journal.rows["2"]["PARM"] == text


def test_an_account_that_does_not_fit_is_not_cut(m3: SimpleNamespace) -> None:
    """A line that the layout cannot hold is refused in the proposal, and nothing of it is sent."""
    fake = m3.cloud()
    target = _target(m3, fake)
    batch = _batch(_entry("512000000000"), _receipt())
    proposal = target.propose(batch)

    assert [problem.place.field for problem in proposal.problems] == ["entry:J-1"]
    assert not proposal.is_sendable
    assert _outcomes(target.post(batch)) == ["refused", "posted"]
    assert fake.journals == {}


def test_receipts_of_a_day_share_a_payment_batch(m3: SimpleNamespace) -> None:
    """Receipts of one row share a batch by account and day, one of several rows has its own."""
    fake = m3.cloud()
    batch = _batch(_receipt("R-1"), _receipt("R-2"), _receipt("R-3", "C-017", "8-2026", "9-2026"))
    result = _target(m3, fake).post(batch)

    assert _outcomes(result) == ["posted"] * 3
    assert sorted(len(each.rows) for each in fake.receipts.values()) == [2, 2]
    assert all(len(number) <= 10 for number in fake.receipts)
    assert all(each.is_checked for each in fake.receipts.values())


def test_what_stays_on_account_has_a_row(m3: SimpleNamespace) -> None:
    """The rest of a receipt goes in with the payment type of money on account, or not at all."""
    fake = m3.cloud()
    receipt = _receipt(amount=money("50.00", "EUR"))
    _target(m3, fake).post(_batch(receipt))
    [batch] = fake.receipts.values()

    assert [(row["PYAM"], row.get("PYTP")) for row in batch.rows.values()] == [
        ("40.00", None),
        ("10.00", "CU"),
    ]
    without = _target(m3, m3.cloud(), on_account_type="").propose(_batch(receipt))
    assert [problem.code for problem in without.problems] == ["posting.refused"]


def test_half_a_receipt_is_never_booked(m3: SimpleNamespace) -> None:
    """Where a later row is refused, its batch is not booked, and the answer says what is left there."""
    fake = _Refusing(m3.cloud(), after=1)
    batch = _batch(_receipt("R-1", "C-017", "7-2026", "8-2026"))
    [answer] = _target(m3, fake).post(batch).answers

    assert answer.outcome is LineOutcome.REFUSED
    assert "Delete batch" in answer.message
    assert not any(each.is_checked for each in fake.real.receipts.values())


class _Refusing:
    """M3 that refuses the rows of receipts after so many."""

    def __init__(self, real: Any, *, after: int) -> None:
        self.real = real
        self._left = after

    def __call__(self, request: Request) -> Response:
        if "AddBatchLine" in request.url:
            self._left -= 1
            if self._left < 0:
                said = {"results": [{"errorMessage": "no", "errorCode": "WCI0203", "records": []}]}
                return Response(200, body=json.dumps(said).encode())
        response: Response = self.real(request)
        return response


def test_a_number_that_is_taken_is_not_added_to(m3: SimpleNamespace) -> None:
    """A payment batch that holds something else under our number is left alone."""
    fake = m3.cloud()
    batch = _batch(_receipt())
    target = _target(m3, fake)
    target.post(batch)
    [there] = fake.receipts.values()
    there.rows = {"1": {**there.rows["1"], "CINO": "OTHER"}}
    [answer] = target.post(batch).answers

    assert (answer.outcome, answer.code) == (LineOutcome.REFUSED, "m3.batch-taken")
    assert len(there.rows) == 1


def test_what_m3_finds_wrong_waits_there(m3: SimpleNamespace) -> None:
    """A batch that is in M3 and that it does not book is unknown, never refused."""
    fake = m3.cloud()
    real = fake._programs["GLS840MI.CtrlBatch"]  # the fake has no other door for it
    assert real
    batch = _batch(_entry())
    blocked = _Blocking(fake, "CtrlBatch")
    [answer] = _target(m3, blocked).post(batch).answers

    assert answer.outcome is LineOutcome.UNKNOWN
    assert "was not booked" in answer.message


class _Blocking:
    """M3 that refuses one transaction."""

    def __init__(self, real: Any, transaction: str) -> None:
        self._real = real
        self._transaction = transaction

    def __call__(self, request: Request) -> Response:
        if self._transaction in request.url:
            said = {"results": [{"errorMessage": "account 512000 is closed", "records": []}]}
            return Response(200, body=json.dumps(said).encode())
        response: Response = self._real(request)
        return response


def test_a_missing_batch_is_refused_only_where_batches_stay(m3: SimpleNamespace) -> None:
    """What is not there was certainly not booked only where M3 keeps what it booked."""
    batch = _batch(_entry())

    assert _outcomes(_target(m3, m3.cloud()).status(batch)) == ["refused"]
    unsure = _target(m3, m3.cloud(), keeps_batches=False)
    assert _outcomes(unsure.status(batch)) == ["unknown"]
    assert _outcomes(_target(m3, m3.cloud(), receipt_table="").status(_batch(_receipt()))) == [
        "unknown"
    ]


def test_a_status_that_is_cut_short_is_unknown(m3: SimpleNamespace) -> None:
    """Rows that M3 leaves out in silence make no line refused."""
    fake = m3.cloud()
    batch = _batch(_entry())
    _target(m3, fake).post(batch)
    fake._serving = Serving(truncates_at=1)  # it changes its habits meanwhile

    assert _outcomes(_target(m3, fake).status(batch)) == ["unknown"]


@pytest.mark.parametrize(
    ("record", "settings"),
    [
        (an_invoice(), {}),
        (_receipt("R", "C-017", "no-year"), {}),
        (_receipt("R", "C-017", "1234567890123456-2026"), {}),
        (_receipt(), {"payment_type": ""}),
        (
            _receipt(
                applications=[AppliedPart(document="7-2026", amount_minor=1, discount_minor=1)]
            ),
            {},
        ),
        (_entry(), {"journal_layout": [], "journal_interface": ""}),
    ],
)
def test_what_m3_cannot_take_is_said_before(
    m3: SimpleNamespace, record: Any, settings: dict[str, Any]
) -> None:
    """A line that cannot be sent is a problem of the proposal, and reaches nobody."""
    fake = m3.cloud()
    target = _target(m3, fake, **settings)
    batch = _batch(record)

    assert [problem.code for problem in target.propose(batch).problems] == ["posting.refused"]
    assert _outcomes(target.post(batch)) == ["refused"]
    assert fake.requests == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"journal_interface": ""}, "together"),
        ({"journal_layout": [*_LAYOUT, {"holds": "text", "start": 2, "length": 5}]}, "overlap"),
        ({"journal_layout": [{"holds": "rumour", "start": 1, "length": 5}]}, "holds must be"),
        ({"journal_layout": [{"holds": "text", "start": 0, "length": 5}]}, "start and length"),
        ({"receipt_table": "A; B"}, "letters and digits"),
        ({"discount_field": "a b"}, "name of a field"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    m3: SimpleNamespace, more: dict[str, Any], said: str
) -> None:
    """A setting that makes no sense is refused where the target is built."""
    with pytest.raises(PolicyError, match=said):
        _target(m3, m3.cloud(), **more)
