"""What becomes of a lockbox file: its cheques, the documents that they pay, its totals."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts.advices import AdviceBatch, AdviceKind
from receivables.receipts.model import Payer, ReceiptMethod, ReferredDocument
from receivables_plugins.lockbox import receivables_advice_readers
from receivables_plugins.lockbox.reader import LockboxReader


def test_cheque_is_an_advice(lockbox, cheque, advices):
    """A cheque has its amount, its day of deposit, its writer's account and its number."""
    content = lockbox([cheque(700_000, rest="051626BOB E SMITH        MY COMPANY")])
    (advice,) = advices(content)

    assert (advice.kind, advice.method) == (AdviceKind.DEPOSIT, ReceiptMethod.CHEQUE)
    assert str(advice.amount.amount) == "7000.00"
    assert advice.date == dt.date(2026, 10, 30)
    assert advice.payer == Payer(account="055002707/0012345555")
    assert advice.references == (("cheque-number", "180"),)
    assert advice.remittance.text == ("051626BOB E SMITH", "MY COMPANY")
    assert (advice.account, advice.source.line) == ("0022222", 4)
    assert advice.raw == content.decode().split("\n")[3]


def test_layout_is_a_setting(lockbox, cheque, advices):
    """The places of the free part are a table; what it does not name stays where it was."""
    content = lockbox([cheque(700_000, rest=f"051626{'BOB E SMITH':30}INV-1")])
    table = {"date": "47-52", "payer": "53-82", "document": "83-", "text": ""}
    (advice,) = advices(content, cheque=table)

    assert advice.payer.name == "BOB E SMITH"
    assert advice.references[-1] == ("cheque-date", "2026-05-16")
    assert advice.remittance.text == ("INV-1",)
    assert advice.amount_minor == 700_000


def test_batch_has_its_totals(lockbox, cheque, collected):
    """A batch is named by lockbox, day and number, and its totals prove its cheques."""
    *_, batch = collected(lockbox([cheque(1), cheque(2, item=2)])).rows

    assert batch == AdviceBatch(
        batch="0022222/2026-10-30/001",
        currency="USD",
        advices=2,
        credits_minor=3,
        declared_advices=2,
        declared_minor=3,
        compared_minor=3,
        created_at="2026-10-30T09:30:00",
        sender="ORIGINBANK",
        account="0022222",
    )
    assert (batch.difference_minor, batch.difference_count) == (0, 0)


def test_documents_of_the_overflow_are_what_is_paid(lockbox, cheque, advices, codes):
    """Documents may fill several records; where they add up to the cheque, they are what it pays."""
    content = lockbox([cheque(100_00, [("A-1", 50_00, 0), ("A-2", 30_00, 0)], [("A-3", 20_00, 0)])])
    (advice,) = advices(content)

    assert advice.remittance.documents == tuple(
        ReferredDocument(number=number, amount_minor=minor, gross_minor=minor)
        for number, minor in (("A-1", 50_00), ("A-2", 30_00), ("A-3", 20_00))
    )
    assert advice.raw.count("\n") == 2
    assert codes(content) == []


@pytest.mark.parametrize(
    ("paid", "amount", "gross"),
    [(98_00, 98_00, 100_00), (100_00, 100_00, 102_00), (9, 100_00, None)],
)
def test_discount_is_inside_or_beside_the_amount(
    lockbox, cheque, advices, codes, paid, amount, gross
):
    """Whether amounts are before or after the discount is proved by the cheque, or left open."""
    content = lockbox([cheque(paid, [("A-1", 100_00, 2_00)])])
    (document,) = advices(content)[0].remittance.documents

    assert (document.amount_minor, document.gross_minor) == (amount, gross)
    assert document.discount_minor == 2_00
    assert ("lockbox.documents-differ", "document-amount") in codes(content) or gross is not None


def test_overflow_without_amount_is_text(lockbox, cheque, advices):
    """A memo in the place of a document, without any amount, is kept as text."""
    lines = [*cheque(100_00), "40010016019CE554"]
    (advice,) = advices(lockbox([lines]))

    assert advice.remittance.documents == ()
    assert advice.remittance.text == ("CE554",)


def test_account_filled_with_zeros_is_none(lockbox, cheque, advices):
    """A part of the account that the bank left at zero is no part of it."""
    (advice,) = advices(lockbox([cheque(1, transit="000000000")]))

    assert advice.payer.account == "0012345555"


def test_other_currency_is_a_setting(lockbox, cheque, advices):
    """The file has no currency; the settings say which it is."""
    (advice,) = advices(lockbox([cheque(1)]), currency="CAD")

    assert advice.currency == "CAD"


REFUSALS = {
    "amount of a batch": (b"0010000012000", b"0010000012001", "lockbox.total-differs"),
    "count of a batch": (
        b"7001000002222226103000",
        b"7001000002222226103001",
        "lockbox.count-differs",
    ),
    "amount of the lockbox": (b"00010000012000", b"00010000012001", "lockbox.total-differs"),
    "count of the file": (b"9000008", b"9000009", "lockbox.count-differs"),
    "total in letters": (b"9000008", b"90000X8", "amount.invalid"),
    "amount of a cheque": (b"60010010000012000", b"600100100000X2000", "amount.invalid"),
    "amount of a document": (
        b"A-1             0000012000",
        b"A-1             00000120X0",
        "amount.invalid",
    ),
    "date": (b"0022222261030\n6", b"0022222261331\n6", "date.invalid"),
    "overflow of another item": (b"4001001601", b"4001002601", "lockbox.record-order"),
    "overflow that goes on": (b"40010016019", b"40010016010", "lockbox.overflow-gap"),
    "overflow that lacks its first": (b"40010016019", b"40010016029", "lockbox.overflow-gap"),
    "no total of the batch": (b"7001000002222226103000100000120", b"2", "lockbox.record-order"),
    "total of another batch": (b"7001000", b"7002000", "lockbox.record-order"),
    "no deposit": (b"5000000002222", b"2000000002222", "lockbox.record-order"),
    "another record": (b"2DEST", b"XDEST", "lockbox.record-unknown"),
    "another file": (b"100DEST", b"500DEST", "file.format"),
    "no end": (b"9000008\n", b"", "file.truncated"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_does_not_hold_is_an_error(lockbox, cheque, collected, what):
    """What does not hold is said with its code, and the read is not complete."""
    before, after, code = REFUSALS[what]
    content = lockbox([cheque(120_00, [("A-1", 120_00, 0)])])
    assert before in content
    read = collected(content.replace(before, after, 1))

    assert code in {error.code for error in read.report.errors}
    assert not read.report.complete


def test_document_without_a_number_is_a_warning(lockbox, cheque, codes):
    """An amount beside no number explains nothing, and the report says so."""
    content = lockbox([cheque(120_00, [("", 120_00, 0)])])

    assert codes(content) == [("document.missing", "document")]


def test_same_batch_twice_is_two_batches(lockbox, cheque, collected):
    """Two batches of one number on one day are told apart in a file."""
    content = lockbox([cheque(1)], [cheque(2)]).replace(b"7002000", b"7001000")
    batches = [row.batch for row in collected(content).rows if isinstance(row, AdviceBatch)]

    assert batches == ["0022222/2026-10-30/001", "0022222/2026-10-30/001#2"]


REFUSED_SETTINGS = {
    "unknown field": {"cheque": {"colour": "1-2"}},
    "no place": {"cheque": {"amount": "first"}},
    "from zero": {"cheque": {"amount": "0-4"}},
    "backwards": {"overflow": {"document": "9-4"}},
    "currency": {"currency": "XQX"},
    "date format": {"date_format": "%B"},
}


@pytest.mark.parametrize("settings", REFUSED_SETTINGS.values(), ids=REFUSED_SETTINGS)
def test_wrong_settings_are_refused(settings):
    """A setting that cannot be is refused before any file is read."""
    (spec,) = receivables_advice_readers()

    with pytest.raises(PolicyError):
        spec.build(settings)


@given(st.binary(max_size=300), st.integers(0, 200))
def test_any_bytes_give_problems(noise, cut):
    """Any bytes, alone or behind the beginning of a file, are read without an exception."""
    head = (
        b"100DESTINATIOORIGINBANK2610300930\n2X\n50000000022222261030\n"
        b"60010010000012000055002707001234555500000001801026AB\n40010016019A-1             0000012000"
    )
    read = LockboxReader().read(io.BytesIO(head[:cut] + noise), name="x").collect()

    assert not read.report.complete


def test_shared_files_are_those_of_their_authors(shared, collected):
    """The files of another project have the figures that its tests find in them."""
    folder = shared / "bai-lockbox" / "FundersClub+bai-lockbox" / "lockbox" / "tests"
    table = {"date": "47-52", "payer": "53-82", "text": "83-"}
    advice, batch = collected((folder / "test_lockbox.bai").read_bytes(), cheque=table).rows
    (empty,) = collected((folder / "test_empty_lockbox.bai").read_bytes()).rows

    assert str(advice.amount.amount) == "7000.00"
    assert advice.payer.name == "BOB E SMITH"
    assert dict(advice.references)["cheque-number"] == "180"
    assert dict(advice.references)["cheque-date"] == "2016-05-16"
    assert advice.date == dt.date(2016, 5, 23)
    assert advice.remittance.text == ("MY BUSINESS COMPANY", "CE554")
    assert (batch.difference_minor, batch.difference_count) == (0, 0)
    assert empty.advices == 0
