"""What encloses the details: files, groups, accounts, their balances and their control totals."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts.model import BankStatement


def _statement(collected):
    (statement,) = [row for row in collected.rows if isinstance(row, BankStatement)]
    return statement


def test_statement_has_its_identity(report, collected):
    """A statement is known by its account and by the moment that the group reports."""
    statement = _statement(collected(report("16,175,12000,Z,,,/")))

    assert statement.account == "0123456789"
    assert statement.statement == "2026-10-30T23:59:00"
    assert statement.created_at == "2026-10-31T02:00:00"
    assert [(one.type, one.date) for one in statement.balances] == [
        ("OPBD", dt.date(2026, 10, 30)),
        ("CLBD", dt.date(2026, 10, 30)),
    ]


@pytest.mark.parametrize("time", ["2400", "9999"])
def test_end_of_day_is_written_in_two_ways(report, collected, time):
    """2400 and 9999 both mean the end of the day, and shift no date."""
    content = report("16,175,12000,Z,,,/", group=f"BANK,ME,1,261030,{time},USD,2")
    statement = _statement(collected(content))

    assert statement.statement == "2026-10-30T23:59:59"


def test_same_account_twice_is_two_statements(collected):
    """Two reports of an account in one group are told apart, in their order."""
    account = "03,77,,010,0,,,015,1,,/\n16,175,1,Z,,,/\n49,2,3/\n"
    content = (
        "01,B,M,261031,0200,1,,,2/\n02,B,M,1,261030,,USD,2/\n"
        f"{account}{account}98,4,2,8/\n99,4,1,10/\n"
    )
    read = collected(content.encode())

    assert read.report.problems == ()
    assert {(row.account, row.statement) for row in read.rows} == {
        ("77", "2026-10-30"),
        ("77", "2026-10-30#2"),
    }


SUMMARIES = {
    "010,500,,,015,500,,/": (500, 500),
    "010,500,,,015,500,,,/": (500, 500),
    "010,500,,,/\n88,015,500,,/": (500, 500),
    "010,+0000500,,,015/\n88,-500,,/": (500, -500),
    "010,500,2,V,261030,2400,015,500,,/": (500, 500),
    "010,500,,S,1,2,3,015,500,,/": (500, 500),
    "010,500,4,D,3,0,100,1,200,3,200/\n88,015,500,,/": (500, 500),
    ",,,,010,500,,,015,500,,": (500, 500),
    "015,500,,/": (None, 500),
    "100,000,0,,400,000,0,/": (None, None),
    "/": (None, None),
}


@pytest.mark.parametrize(("summary", "balances"), SUMMARIES.items())
def test_summary_is_read_through_its_funds_types(report, collected, summary, balances):
    """Balances stand where they stand, after any funds type and over any continuation."""
    statement = _statement(collected(report(summary=summary, tail=False) + b"49,0,0/\n"))

    assert (statement.opening_minor, statement.closing_minor) == balances


def test_other_balances_have_their_names(report, collected):
    """Available balances have the names of ISO 20022, others keep their code."""
    content = report(summary="010,1,,,015,1,,,040,2,,,045,3,,,060,4,,,072,5,,/", amounts=16)
    statement = _statement(collected(content))

    assert [one.type for one in statement.balances] == [
        "OPBD", "CLBD", "OPAV", "CLAV", "ITAV", "072",
    ]  # fmt: skip


def test_several_records_stand_on_one_line(collected):
    """A file that breaks no lines between its records is read as if it did."""
    content = (
        b"01,B,M,261031,0200,1,,,2/   02,B,M,1,261030,,USD,2/ 03,77,,010,0,,,015,3,,/  "
        b"16,175,1,Z,,,PAID 22/ 10/ 16,175,2,Z,,,A/ 88,B/  49,6,5/ 98,6,1,7/99,6,1,9/"
    )
    read = collected(content)

    assert read.report.problems == ()
    assert [row.text for row in read.rows[:2]] == ["PAID 22/ 10", "AB"]


def test_line_break_inside_of_a_text_is_a_warning(report, collected):
    """A line that begins with no code goes on with the text before it, and is no record."""
    broken = report("16,175,12000,Z,,,ONE\nTWO", "16,890,,Z,,,/", sums=12_000)
    broken = broken.replace(b"49,24000,5", b"49,24000,4").replace(b"98,24000,1,7", b"98,24000,1,6")
    read = collected(broken.replace(b"99,24000,1,9", b"99,24000,1,8"))

    assert [problem.code for problem in read.report.problems] == ["bai2.record-broken"]
    assert read.rows[0].text == "ONE TWO"
    assert read.report.complete


def test_partial_detail_is_a_warning(report, codes):
    """Where the bank totals more than it details, the report says which side lacks something."""
    content = report(
        "16,175,12000,Z,,,/", summary="010,0,,,015,12000,,,100,15000,2,/", amounts=27_000
    )

    assert codes(content) == [("bai2.detail-partial", "credits")]


def test_interim_report_needs_no_balance(report, codes):
    """A report of the day under way is no whole statement, and proves nothing yet."""
    content = report(
        "16,175,100,Z,,,/", group="B,M,1,261030,1200,USD,3", summary="040,1,,/", amounts=1
    )

    assert codes(content) == []


REFUSALS = {
    "control total": (b"49,24000,3", b"49,24001,3", "bai2.total-differs"),
    "records": (b"49,24000,3", b"49,24000,4", "bai2.count-differs"),
    "total of the group": (b"98,24000", b"98,1", "bai2.total-differs"),
    "accounts": (b"98,24000,1", b"98,24000,2", "bai2.count-differs"),
    "groups": (b"99,24000,1", b"99,24000,3", "bai2.count-differs"),
    "total in letters": (b"49,24000,3", b"49,2A000,3", "amount.invalid"),
    "deletion": (b"ME,1,261030", b"ME,2,261030", "bai2.group-status"),
    "test": (b"ME,1,261030", b"ME,4,261030", "bai2.group-status"),
    "as-of date": (b"261030,2359", b"261331,2359", "date.invalid"),
    "no currency": (b"USD", b"XQX", "currency.unknown"),
    "no direction": (b"16,175,", b"16,015,", "bai2.type-unknown"),
    "no type": (b"16,175,", b"16,17,", "bai2.type-unknown"),
    "funds type": (b"12000,Z", b"12000,Q", "bai2.funds-type-unknown"),
    "distribution": (b"12000,Z", b"12000,D", "bai2.funds-type-unknown"),
    "decimal point": (b"175,12000", b"175,120.0", "amount.invalid"),
    "no amount": (b"175,12000", b"175,", "amount.invalid"),
    "sign": (b"175,12000", b"175,-12000", "entry.direction-invalid"),
    "huge amount": (b"175,12000", b"175,1000000000000001", "amount.limit"),
    "value date": (b"12000,Z", b"12000,V,261399,", "date.invalid"),
    "summary": (b"010,0", b"010,1.5", "bai2.summary-invalid"),
    "no account": (b"03,0123456789", b"16,195,1,Z", "bai2.record-order"),
    "no group": (b"02,BANK", b"16,BANK", "bai2.record-order"),
    "no trailer of the account": (b"49,24000,3/\n", b"", "bai2.record-order"),
    "no trailer of the group": (b"98,24000,1,5/\n", b"", "bai2.record-order"),
    "no trailer of the file": (b"99,24000,1,7/\n", b"", "file.truncated"),
    "trailer twice": (b"98,24000", b"49,1,1/\n98,24000", "bai2.record-order"),
    "another file": (b"01,BANK", b"MT940", "file.format"),
    "broken before its text": (b"16,175,12000,Z,,,/", b"16,175\n12000,Z,,,/", "bai2.record-broken"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_does_not_hold_is_an_error(report, collected, what):
    """What does not hold is said with its code and its line, and the read is not complete."""
    before, after, code = REFUSALS[what]
    content = report("16,175,12000,Z,,,/")
    assert before in content
    read = collected(content.replace(before, after))

    assert code in {error.code for error in read.report.errors}
    assert not read.report.complete


def test_nothing_is_booked_from_a_withdrawn_group(report, entries):
    """The entries of a group that is deleted, or a test, are shown and not booked."""
    (entry,) = entries(report("16,175,12000,Z,,,/").replace(b"ME,1,261030", b"ME,2,261030"))

    assert not entry.is_booked


def test_credit_without_any_date_is_refused(report, entries, codes):
    """A credit that has neither the group's date nor a value date cannot be taken."""
    content = report("16,175,12000,Z,,,/", "16,495,1,Z,,,/", group="B,M,1,,,USD,2")

    assert [entry.amount_minor for entry in entries(content)] == [-1]
    assert ("date.missing", "as-of date") in codes(content)


def test_cut_record_is_not_read(report, entries, codes):
    """The last record of a file that is cut may lack its end, and is left away with an error."""
    content = report("16,175,12000,Z,,,INVOICE 4711", "16,175,1,Z,,,INVOI", tail=False)

    assert [entry.text for entry in entries(content)] == ["INVOICE 4711"]
    assert codes(content) == [("file.truncated", None)]


def test_huge_record_ends_the_reading(report, codes):
    """A record that never ends is given up at its bound."""
    content = report("16,175,12000,Z,,,A\n" + "\n".join(["88," + "x" * 9_000] * 120))

    assert ("file.too-large", None) in codes(content)
