"""What is wrong in a file is a problem with its line and its columns, and never an exception."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts.model import BankEntry
from receivables_plugins.coda import receivables_statement_readers
from receivables_plugins.coda.reader import CodaReader
from receivables_plugins.coda.values import Days, account_of


def _codes(collected):
    return [problem.code for problem in collected.report.problems]


MOVEMENTS = {
    "a sign that is none": ({"sign": "2"}, "entry.direction-invalid"),
    "a day that does not exist": ({"day": "300226"}, "date.invalid"),
    "a value date that is no date": ({"value": "31AB26"}, "date.invalid"),
    "no entry date": ({"day": "000000"}, "date.missing"),
}


@pytest.mark.parametrize("case", MOVEMENTS)
def test_movement(case, movement, statement, read):
    """A movement that cannot be read wholly is an error at its line."""
    changes, code = MOVEMENTS[case]
    report = read(statement(movement(**changes))).report

    assert (code, 3) == (report.errors[0].code, report.errors[0].place.line)
    assert report.errors[0].place.field
    assert not report.complete


def test_amount_that_is_none(movement, statement, read):
    """An amount of other characters than digits leaves the movement out, and the controls say so."""
    broken = movement().replace("000000000100000", "00000000010000O")
    collected = read(statement(broken))

    assert _codes(collected)[0] == "amount.invalid"
    assert {"coda.sum-differs", "statement.unbalanced"} <= set(_codes(collected))
    assert len(collected.rows) == 1


def test_tenth_of_a_cent(movement, statement, read):
    """What the currency cannot say is refused, and not rounded; the controls are still held."""
    broken = movement().replace("000000000100000", "000000000100005")
    collected = read(statement(broken))

    assert _codes(collected) == ["amount.inexact", "coda.sum-differs", "statement.unbalanced"]


@pytest.mark.parametrize(("sign", "entries"), [("1", 1), ("0", 0)])
def test_movement_without_any_day(sign, entries, movement, statement, read):
    """A credit without a day cannot become a receipt and is left out; a debit is kept."""
    collected = read(statement(movement(sign=sign, day="000000", value="000000")))

    assert len(collected.rows) == entries + 1


def _around(new, **changes):
    return {"new": new(**changes)}


CONTROLS = {
    "a count": (lambda _: {"count": 4}, ["coda.count-differs"]),
    "a sum of credits": (lambda _: {"credits": 99_99}, ["coda.sum-differs"]),
    "a sum of debits": (lambda _: {"debits": 1}, ["coda.sum-differs"]),
    "another balance": (lambda new: _around(new, balance=1099_99), ["statement.unbalanced"]),
    "the other sign": (lambda new: _around(new, sign="1"), ["statement.unbalanced"]),
    "another account": (lambda new: _around(new, account="BE43"), ["coda.account-differs"]),
    "no sign": (lambda new: _around(new, sign="X"), ["amount.invalid", "statement.incomplete"]),
    "no new balance": (lambda _: {"new": "", "count": 2}, ["statement.incomplete"]),
    "another to come": (lambda _: {"more": "1"}, ["coda.more-expected"]),
}


@pytest.mark.parametrize("case", CONTROLS)
def test_controls(case, movement, new, statement, read):
    """Count, sums, account and balances are compared with what came."""
    changed, codes = CONTROLS[case]

    assert codes == _codes(read(statement(movement(), **changed(new))))


def test_tenth_of_a_cent_in_a_balance(movement, new, statement, read, statements):
    """A balance that is no whole cents proves nothing."""
    broken = new().replace("000000001100000", "000000001100005")
    collected = read(statement(movement(), new=broken))

    assert _codes(collected) == ["amount.inexact", "statement.incomplete"]
    assert statements(collected)[0].closing_minor is None


@pytest.mark.parametrize("currency", ["XXX", "   ", "BEF"])
def test_unknown_currency(currency, old, movement, statement, read):
    """An account in no known currency has no amounts; the next statement is read."""
    account = f"{'BE68539007547034':<34}{currency}"
    content = statement(movement(), old=old(account=account)) + statement(movement())
    collected = read(content)

    assert _codes(collected) == ["currency.unknown", "coda.account-differs"]
    assert len(collected.rows) == 2


def test_unknown_version(head, movement, statement, read):
    """A version that is not known may stand otherwise, so its movements are left out."""
    collected = read(statement(movement(), head=head(version="3")))

    assert _codes(collected) == ["coda.version-unknown"]
    assert collected.rows == ()


def test_detail_without_its_movement(movement, statement, read):
    """A detail that explains nothing is no entry of its own."""
    collected = read(statement(movement(), movement(place="00020001", code="60150000")))

    assert _codes(collected) == ["coda.detail-alone"]
    assert len(collected.rows) == 2


def test_records_of_another_movement(movement, second, statement, read):
    """A record whose number is not that of the movement before it is not added to it."""
    collected = read(statement(movement(more="1"), second(client="E2E", place="00070000")))

    assert _codes(collected) == ["coda.record-order"]
    assert collected.rows[0].details[0].remittance.end_to_end == ""


ORDERS = {
    "a movement before the old balance": (0, "coda.record-order"),
    "an old balance again": (1, "coda.record-order"),
    "a record of no known kind": (2, "coda.record-unknown"),
    "a new balance again": (3, "coda.record-order"),
    "a record after the last one": (4, "coda.record-order"),
    "a statement in a statement": (5, "coda.record-order"),
}


@pytest.mark.parametrize("case", ORDERS)
def test_order(case, head, old, movement, new, statement, read):
    """A record that stands where none can is an error, and reading goes on."""
    at, code = ORDERS[case]
    stray = [movement(), old(), f"{'7':<128}", new(), movement(), head()][at]
    lines = statement(movement()).decode().split("\r\n")
    lines.insert([1, 2, 2, 4, 5, 2][at], stray)

    assert code in _codes(read("\r\n".join(lines).encode()))


def test_file_without_its_end(movement, statement, read, statements):
    """A file that ends early keeps what is whole; the last statement has no closing balance."""
    content = statement(movement(), movement(place="00020000"))
    collected = read(content[: 130 * 4])

    assert len(collected.rows) == 3
    assert statements(collected)[0].closing_minor is None
    assert _codes(collected) == ["file.truncated", "statement.incomplete"]


def test_no_cut_changes_an_entry(whole, read):
    """Wherever a file is cut, the entries that come are those of the whole file."""
    entries = [row for row in read(whole).rows if isinstance(row, BankEntry)]
    for end in range(1, len(whole), 3):
        cut = [row for row in read(whole[:end]).rows if isinstance(row, BankEntry)]

        assert cut == entries[: len(cut)]


def test_record_of_another_length(movement, statement, read):
    """A record of more characters is read as far as it goes, with a warning."""
    content = statement(movement()).replace(b"\r\n8", b"XX\r\n8")
    report = read(content).report

    assert [(one.code, one.place.line) for one in report.problems] == [("coda.record-length", 3)]
    assert report.complete


def test_movement_without_end(movement, notice, old, head, read):
    """More records than a movement can have end the reading before memory does."""
    lines = [head(), old(), movement(link="1"), *[notice("0MORE", link="1")] * 102_500]
    collected = read("\n".join(lines).encode())

    assert _codes(collected) == ["file.too-large"]


NOT_OURS = {
    "nothing": (b"", "file.empty"),
    "blank lines": (b"\r\n \r\n", "file.empty"),
    "another format": (b":20:STARTUMSE\n:25:10020030/1234567\n", "file.format"),
    "AEB43": (b"0021002610310" + b" " * 67 + b"\n11" + b"0" * 78, "file.format"),
    "an old balance": (b"12217BE68539007547034", "file.format"),
}


@pytest.mark.parametrize("case", NOT_OURS)
def test_other_files(case, read):
    """A file of another kind is refused at its first record."""
    content, code = NOT_OURS[case]

    assert _codes(read(content)) == [code]
    assert not CodaReader().recognizes(content, name="october.cod")


def test_heads_that_are_recognized(whole):
    """The record of the file is enough, whatever the file is called."""
    for content in (whole, b"\xef\xbb\xbf" + whole, whole.replace(b"\r\n", b""), whole[:128]):
        assert CodaReader().recognizes(content[:4096], name="download.txt")


def test_settings_are_checked():
    """An encoding that Python does not know is refused."""
    (spec,) = receivables_statement_readers()

    with pytest.raises(PolicyError):
        spec.build({"encoding": "klingon"})


@given(st.binary(max_size=400))
def test_any_bytes(content):
    """Any bytes at all give rows and a report."""
    read = CodaReader().read(io.BytesIO(content), name="x").collect()

    assert not read.report.complete


@given(data=st.data())
def test_any_records(data, whole):
    """A file with any characters changed gives rows and a report."""
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 30))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read = CodaReader().read(io.BytesIO(bytes(content)), name="x").collect()

    assert read.report.complete is not bool(read.report.errors)


@given(st.dates(min_value=dt.date(1980, 1, 1), max_value=dt.date(2079, 12, 31)))
def test_every_day_is_read_back(day):
    """Each day of the hundred years from 1980 is the day that its six digits mean."""
    assert Days()[f"{day:%d%m%y}"] == day


@given(st.integers(1, 9_999_999_999))
def test_accounts_get_the_iban_that_stdnum_gives(number):
    """The rebuilt IBAN has the check digits of an independent library."""
    iban = pytest.importorskip("stdnum.iban")
    written = f"{number:010}{number % 97 or 97:02}"

    assert account_of(written) == f"BE{iban.calc_check_digits(f'BE00{written}')}{written}"
