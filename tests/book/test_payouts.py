"""Payouts in a folder: receipts in gross, no bank line counted twice on any day, books that balance."""

from __future__ import annotations

import datetime as dt
import operator
import re
from decimal import Decimal

import attrs
import pytest

from receivables.cycle import run_cycle
from receivables.ledger import PeriodClosed, ReceiptReturned
from receivables.ledger.payouts import PayoutSettled
from receivables.opening import open_folder, read_journal
from receivables.plugins import load_plugins
from receivables.transports import Response, Runtime

from .conftest import ENTRIES, ENTRY, SETTINGS, STATEMENT
from .payout_plugin import K, Processor, movement, payout

NOW = dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC)
NOON = dt.date(2026, 10, 31)
FILES = '\n[[payouts]]\nreader = "acme-pay"\nfiles = ["pay/*.txt"]\n'
SERVICE = '\n[[payout-services]]\nservice = "acme-pay"\n'
PAID = movement("p1", 25_050, 750, reference="F-0002")
PAYOUT = payout([PAID])


def line(amount, text="ACME-PAY po_1", *, reference="B9", day="2026-10-05", name="ACME-PAY"):
    """A bank line of a payout."""
    return ENTRY.format(
        amount=amount, day=day, reference=reference, name=name, iban="", text=text
    ).replace("<DbtrAcct><Id><IBAN></IBAN></Id></DbtrAcct>", "")


@pytest.fixture
def processor():
    """The processor, which has reported nothing yet."""
    return Processor()


@pytest.fixture
def plugins(processor):
    """What the folder needs, and the processor."""
    wanted = ("csv", "iso20022", "sql", "eml", "reports")
    return load_plugins(only=wanted, extra={"acme-pay": processor})


@pytest.fixture
def report(folder, processor):
    """Put a report of records into the folder."""

    def reported(name, *records):
        (folder / "pay" / name).write_text("report", encoding="utf-8")
        processor.files[f"pay/{name}"] = records

    return reported


@pytest.fixture
def bank(folder):
    """Write the statement with more lines."""

    def wrote(*lines):
        text = STATEMENT.format(entries=ENTRIES + "".join(lines))
        amounts = [Decimal(re.findall(r">([0-9.]+)</Amt>", each)[0]) for each in lines]
        signs = [-1 if "DBIT" in each else 1 for each in lines]
        total = sum(map(operator.mul, amounts, signs), Decimal(1153))
        text = text.replace("1153.00", f"{total:.2f}")
        (folder / "october.xml").write_text(text, encoding="utf-8")

    return wrote


@pytest.fixture
def open_at(folder, plugins):
    """Open the folder with its settings, on top of a ledger, on a day of November."""
    (folder / "receivables.toml").write_text(SETTINGS + FILES, encoding="utf-8")
    (folder / "pay").mkdir()
    (folder / "pay" / "empty.txt").write_text("nothing yet", encoding="utf-8")
    invoices = (folder / "invoices.csv").read_text(encoding="utf-8")
    (folder / "invoices.csv").write_text(invoices.replace("CAD", "EUR"), encoding="utf-8")

    def opened(ledger=None, day=0, **more):
        moment = NOW + dt.timedelta(days=day)
        return open_folder(folder, plugins=plugins, ledger=ledger, recorded_at=moment, **more)

    return opened


def receipts(book):
    """What came in, by account of the house, and what went back."""
    gone = {event.receipt for event in book.ledger.events if isinstance(event, ReceiptReturned)}
    return sorted(
        (receipt.account[:8], str(receipt.amount.amount), receipt.receipt in gone)
        for receipt in book.ledger.receipts().values()
    )


BANKED = [("FR769999", "100.00", False), ("FR769999", "53.00", False)]
GROSS = ("acme-pay", "250.50", False)


def balances(book, role):
    """What the journal says of the accounts of a role."""
    lines = [each for entry in book.journal() for each in entry.lines]
    return sum(each.functional_minor for each in lines if each.role.value == role)


def test_a_payment_is_a_receipt_in_gross_and_its_bank_line_is_none(report, bank, open_at):
    """The customer paid the whole; what reached the bank counts once."""
    report("a.txt", PAID, PAYOUT)
    bank(line("243.00"))
    book = open_at()

    assert receipts(book) == sorted([*BANKED, GROSS])
    assert [one.entry.bank_reference for one in book.payouts] == ["B9"]
    assert book.errors == ()
    assert [one.code for one in book.problems if one.code.startswith("payout")] == []


def test_the_journal_has_the_fee_and_the_processor_owes_nothing(report, bank, open_at):
    """Bank, fee and processor balance; what is not paid out yet stays on the processor's account."""
    later = movement("p2", 1_000, payout="", day=9)
    report("a.txt", PAID, PAYOUT, later)
    bank(line("243.00"))
    book = open_at()

    assert balances(book, "bank") == 15_300 + 24_300
    assert balances(book, "processor-fee") == 750
    assert balances(book, "processor") == 1_000


def test_a_payout_of_nothing_books_its_fees(report, bank, open_at):
    """Refunds can eat up a payout; its fee is an expense all the same, and no bank line is awaited."""
    back = movement("r1", -24_300, kind=K.REFUND, original="p1", day=2)
    report("a.txt", PAID, back, payout([PAID, back]))
    bank()
    book = open_at()

    assert balances(book, "processor-fee") == 750
    assert balances(book, "processor") == 0
    assert [one.code for one in book.problems if one.code.startswith("payout")] == []


def test_a_payout_below_nothing_is_drawn_from_the_bank(report, bank, open_at):
    """The debit is the payout, and no return of anybody's payment."""
    report("a.txt", movement("f1", -500, kind=K.FEE), payout([movement("f1", -500, kind=K.FEE)]))
    drawn = line("5.00").replace("<CdtDbtInd>CRDT", "<CdtDbtInd>DBIT")
    bank(drawn)
    book = open_at()

    assert balances(book, "processor-fee") == 500
    assert balances(book, "bank") == 15_300 - 500
    assert book.returns == ()


def test_a_refund_opens_the_invoice_again(report, bank, open_at):
    """What went back to the customer is owed again, and the processor's account knows it."""
    report("a.txt", PAID, PAYOUT)
    bank(line("243.00"))
    paid = open_at().apply_certain(as_of=NOON, recorded_at=NOW).book
    assert "F-0002" not in {item.document for item in paid.open_items(as_of=NOON)}

    back = movement("r1", -25_050, kind=K.REFUND, original="p1", day=20, payout="po_2")
    report("b.txt", back)
    book = open_at(paid.ledger, day=1)

    (item,) = (each for each in book.open_items(as_of=NOON) if each.document == "F-0002")
    assert item.open_minor == 25_050
    assert open_at(book.ledger, day=2).ledger.since(book.ledger) == ()


def test_a_refund_that_failed_is_money_again(report, bank, open_at):
    """The refund came back to the processor: the customer has paid after all."""
    records = [
        PAID,
        movement("r1", -25_050, kind=K.REFUND, original="p1", day=2),
        movement("r2", 25_050, kind=K.REFUND, original="r1", day=3),
    ]
    report("a.txt", *records, payout(records))
    bank(line("243.00"))
    book = open_at()

    assert book.errors == ()
    assert receipts(book) == sorted([*BANKED, GROSS, ("acme-pay", "250.50", True)])


def test_reading_the_folder_again_changes_nothing(report, bank, open_at):
    """Not on the same day, not later, not with a report that overlaps and says less."""
    report("b.txt", PAID, PAYOUT)
    bank(line("243.00"))
    first = open_at()
    assert open_at(first.ledger, day=1).ledger.since(first.ledger) == ()

    report("a.txt", attrs.evolve(PAID, text="by card", occurred_on=dt.date(2026, 10, 2), payout=""))
    again = open_at(first.ledger, day=2)

    assert again.ledger.since(first.ledger) == ()
    assert again.errors == ()


def test_a_payout_stays_one_when_its_report_is_gone(folder, report, bank, open_at):
    """The bank line is read again for years; it is never a receipt, and the journal stays the same."""
    report("a.txt", PAID, PAYOUT)
    bank(line("243.00"))
    first = open_at()
    (folder / "receivables.toml").write_text(SETTINGS, encoding="utf-8")
    later = open_at(first.ledger, day=40)

    assert later.ledger.since(first.ledger) == ()
    assert list(later.journal()) == list(first.journal())


def test_a_line_that_was_a_receipt_is_taken_off_when_its_report_comes(report, bank, open_at):
    """Yesterday it was an unknown payer's; today it is a payout, and no day has both."""
    bank(line("243.00"))
    yesterday = open_at()
    assert ("FR769999", "243.00", False) in receipts(yesterday)

    report("a.txt", PAID, PAYOUT)
    today = open_at(yesterday.ledger, day=1)

    assert receipts(today) == sorted([*BANKED, GROSS, ("FR769999", "243.00", True)])
    assert [one.code for one in today.problems if one.code.startswith("payout")] == [
        "payout.was-receipt"
    ]
    assert balances(today, "bank") == 15_300 + 24_300
    for day in range(1, 32):
        unapplied = -sum(
            item.open_minor
            for item in today.open_items(as_of=dt.date(2026, 10, day))
            if item.open_minor < 0 and item.kind.value == "unapplied-cash"
        )
        assert unapplied <= 15_300 + 25_050
    assert open_at(today.ledger, day=2).ledger.since(today.ledger) == ()
    assert len(today.receipt_postings(first="2026-10-01", last="2026-10-31")) == 0


def test_a_closed_period_keeps_what_it_had(report, bank, open_at):
    """The line is taken off on the first open day, and the payout is posted there."""
    report("a.txt", attrs.evolve(PAID, payout=""))
    bank(line("243.00"))
    yesterday = open_at()
    closed = PeriodClosed(
        event="closed", effective_on=NOON, recorded_at=NOW, creditor="MIRA", through=NOON
    )
    report("b.txt", PAID, PAYOUT)
    today = open_at(yesterday.ledger.record(closed), day=1)

    november = dt.date(2026, 11, 1)
    new = [
        each for each in today.ledger.events if isinstance(each, ReceiptReturned | PayoutSettled)
    ]
    assert [each.effective_on for each in new] == [november, november]
    october = list(yesterday.journal(last=NOON))
    assert list(today.journal(last=NOON)) == october


def test_two_lines_that_look_the_same_keep_their_names(report, bank, open_at):
    """One is a payout today, the other tomorrow; neither becomes a receipt in between."""
    other = movement("p2", 25_050, 750, payout="po_2", reference="F-0001", day=2)
    twice = [line("243.00", "ACME-PAY", reference=""), line("243.00", "ACME-PAY", reference="")]
    lines = [each.replace("<AcctSvcrRef></AcctSvcrRef>", "") for each in twice]
    report("a.txt", PAID, PAYOUT, other, payout([other], "po_2", day=4))
    bank(*lines)
    book = open_at()

    assert receipts(book) == sorted([*BANKED, GROSS, GROSS])
    assert open_at(book.ledger, day=1).ledger.since(book.ledger) == ()


def test_two_processors_may_use_one_name(report, bank, open_at):
    """A payout that does not hold leaves that of another processor alone."""
    theirs = movement("p1", 700, processor="other-pay")
    wrong = payout([theirs], processor="other-pay", amount_minor=600)
    report("a.txt", PAID, PAYOUT, theirs, wrong)
    bank(line("243.00"))
    book = open_at()

    assert receipts(book) == sorted([*BANKED, GROSS])
    assert {one.code for one in book.errors} == {"payout.unbalanced"}


def test_a_movement_is_in_one_payout(report, bank, open_at):
    """A payment that two payouts claim is an error, because its money came once."""
    again = attrs.evolve(PAID, payout="po_2")
    report("a.txt", PAID, PAYOUT, again, payout([again], "po_2"))
    bank(line("243.00"))

    assert {one.code for one in open_at().errors} == {"payout.duplicate"}


def test_a_customers_own_transfer_is_not_taken_by_its_amount(folder, report, bank, open_at):
    """The customer's account is known, so its money is no payout that happens to be as large."""
    own = movement("p1", 10_000)
    report("a.txt", own, payout([own], day=5))
    bank()
    book = open_at()

    assert ("FR769999", "100.00", False) in receipts(book)
    assert "payout.unmatched" in {one.code for one in book.problems}


def test_a_service_is_asked_for_the_days_of_unknown_lines(folder, processor, bank, open_at):
    """The first time it goes back to the first line, later a month from the newest."""
    (folder / "receivables.toml").write_text(SETTINGS + SERVICE, encoding="utf-8")
    processor.told = [PAID, PAYOUT]
    bank(line("243.00"))
    way = Runtime(transport=lambda _request: Response(404))
    late = open_at(day=300, runtime=way)

    assert receipts(late) == sorted([*BANKED, GROSS])
    again = open_at(late.ledger, day=301, runtime=way)
    assert again.ledger.since(late.ledger) == ()
    assert processor.asked[0][0] == dt.date(2026, 9, 4)
    assert processor.asked[1][0] > dt.date(2027, 7, 1)


def test_a_payout_line_recorded_without_the_service_is_mended_with_it(
    folder, processor, bank, open_at
):
    """Without a way to the processor the line is a receipt for now; with one it is taken off."""
    (folder / "receivables.toml").write_text(SETTINGS + SERVICE, encoding="utf-8")
    processor.told = [PAID, PAYOUT]
    bank(line("243.00"))
    blind = open_at()
    way = Runtime(transport=lambda _request: Response(404))
    seen = open_at(blind.ledger, day=1, runtime=way)

    assert "service.unread" in {one.code for one in blind.problems}
    assert receipts(seen) == sorted([*BANKED, GROSS, ("FR769999", "243.00", True)])
    assert open_at(seen.ledger, day=2).ledger.since(seen.ledger) == ()


def test_what_the_accounting_export_has_is_left_out(folder, report, bank, open_at):
    """Payments up to a day are no receipts; their payout, which came later, is none either."""
    (folder / "receivables.toml").write_text(
        SETTINGS + FILES + "after = 2026-10-01\n", encoding="utf-8"
    )
    later = movement("p2", 1_000, day=2)
    report("a.txt", PAID, later, payout([PAID, later]))
    bank(line("253.00"))
    book = open_at()

    assert receipts(book) == sorted([*BANKED, ("acme-pay", "10.00", False)])
    assert [one.entry.bank_reference for one in book.payouts] == ["B9"]


def test_the_kept_name_of_a_line_survives_more_lines(report, bank, open_at):
    """Another line of the same look, a day later, is a receipt of its own and takes no name."""
    report("a.txt", PAID, PAYOUT)
    first = line("243.00", "ACME-PAY", reference="")
    first = first.replace("<AcctSvcrRef></AcctSvcrRef>", "")
    bank(first)
    book = open_at()
    bank(first, first)
    again = open_at(book.ledger, day=1)

    new = again.ledger.since(book.ledger)
    assert [type(each).__name__ for each in new] == ["ReceiptRecorded"]
    assert receipts(again) == sorted([*receipts(book), ("FR769999", "243.00", False)])


def test_a_cycle_and_another_one(report, bank, folder, plugins, open_at):
    """The journal takes what was settled once, and a second cycle adds nothing."""
    report("a.txt", PAID, PAYOUT)
    bank(line("243.00"))
    said = {"as_of": NOON, "out": folder.parent / "out", "plugins": plugins}
    done = run_cycle(folder, recorded_at=NOW, **said)
    again = run_cycle(folder, recorded_at=NOW + dt.timedelta(hours=1), **said)

    assert (done.is_done, again.is_done, again.added) == (True, True, 0)
    assert read_journal(folder, plugins=plugins).get("payout:MIRA:acme-pay:po_1") is not None
