"""What is wrong in a file is a problem with its line and its columns, and never an exception."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables_plugins.aeb43 import receivables_statement_readers
from receivables_plugins.aeb43.reader import Aeb43Reader
from receivables_plugins.aeb43.values import Days, currency_of, iban_of


def _codes(collected):
    return [problem.code for problem in collected.report.problems]


MOVEMENTS = {
    "a sign that is none": ({"sign": "3"}, "entry.direction-invalid"),
    "no sign with an amount": ({"sign": "0"}, "entry.direction-invalid"),
    "a day that does not exist": ({"day": "260230"}, "date.invalid"),
    "a value date that is no date": ({"value": "26AB01"}, "date.invalid"),
    "no operation date": ({"day": "000000"}, "date.missing"),
    "no value date": ({"value": "      "}, "date.missing"),
}


@pytest.mark.parametrize("case", MOVEMENTS)
def test_movement(case, head, movement, foot, file, read):
    """A movement that cannot be read wholly is an error at its line."""
    changes, code = MOVEMENTS[case]
    report = read(file(head(), movement(**changes), foot())).report

    assert (code, 2) == (report.errors[0].code, report.errors[0].place.line)
    assert report.errors[0].place.field
    assert not report.complete


def test_amount_that_is_none(head, movement, foot, file, read):
    """An amount of other characters than digits leaves the movement out, and the controls say so."""
    broken = movement().replace("00000000010000", "0000000001000O")
    collected = read(file(head(), broken, foot()))

    assert _codes(collected)[0] == "amount.invalid"
    assert {"aeb43.count-differs", "aeb43.sum-differs"} <= set(_codes(collected))
    assert len(collected.rows) == 1


@pytest.mark.parametrize(("sign", "entries"), [("1", 1), ("2", 0)])
def test_movement_without_any_day(sign, entries, head, movement, foot, file, read):
    """A credit without a day cannot become a receipt and is left out; a debit is kept."""
    collected = read(file(head(), movement(sign=sign, day="000000", value="000000"), foot()))

    assert len(collected.rows) == entries + 1


CONTROLS = {
    "too few credits": ({"credits": 0}, "aeb43.count-differs"),
    "too many debits": ({"debits": 1}, "aeb43.count-differs"),
    "a count that is none": ({"debits": 0, "credits": 1}, ""),
    "a sum of credits": ({"credited": 99_99}, "aeb43.sum-differs"),
    "a sum of debits": ({"debited": 1}, "aeb43.sum-differs"),
    "another account": ({"number": "0200051333"}, "aeb43.account-differs"),
    "another currency": ({"currency": "840"}, "aeb43.currency-differs"),
    "another balance": ({"closing": 1099_99}, "statement.unbalanced"),
    "a balance without a sign": ({"sign": "0"}, "aeb43.sign-invalid"),
    "a balance of the other sign": ({"sign": "1"}, "statement.unbalanced"),
}


@pytest.mark.parametrize("case", CONTROLS)
def test_controls_of_record_33(case, head, movement, foot, file, read):
    """Counts, sums, account, currency and balance of record 33 are compared with what came."""
    changes, code = CONTROLS[case]
    report = read(file(head(), movement(), foot(**changes))).report

    assert [one.code for one in report.errors] == ([code] if code else [])
    assert all(one.place.line == 3 for one in report.errors)


def test_movements_of_zero_count_on_either_side(head, movement, foot, file, read):
    """Banks count a movement of zero as a debit, as a credit or not at all."""
    for count in ({}, {"debits": 1}, {"credits": 2}):
        content = file(head(), movement(), movement(0, sign="0"), foot(**count))

        assert read(content).report.complete


@pytest.mark.parametrize(("count", "is_complete"), [(3, True), (4, True), (5, False), (2, False)])
def test_count_of_record_88(count, is_complete, head, movement, foot, file, read):
    """The records are counted without record 88, and with record 00 or without it."""
    content = file(head(), movement(), foot(), count=count, head="0021002610310")

    assert is_complete is read(content).report.complete


def test_opening_without_a_sign(head, movement, foot, file, read, statements):
    """An opening balance whose sign is not said is not guessed, so the sum cannot be proved."""
    collected = read(file(head(sign="0"), movement(), foot()))

    assert _codes(collected) == ["aeb43.sign-invalid", "statement.incomplete"]
    assert statements(collected)[0].opening_minor is None


def test_balances_of_zero_need_no_sign(head, movement, foot, file, read):
    """Zero has either sign or none."""
    content = file(head(sign="0", opening=0), movement(), foot(closing=100_00))

    assert read(content).report.complete


@pytest.mark.parametrize("number", ["000", "   ", "999"])
def test_unknown_currency(number, head, movement, foot, file, read):
    """An account in no known currency has no amounts; the others of the file are read."""
    content = file(
        head(currency=number), movement(), foot(currency=number), head(), movement(), foot()
    )
    collected = read(content)

    assert _codes(collected) == ["currency.unknown"]
    assert len(collected.rows) == 2


ORDERS = {
    "a movement before any account": (lambda r: (r["foot"], r["movement"]), "aeb43.record-order"),
    "a text before any movement": (lambda r: (r["head"], r["text"]), "aeb43.record-order"),
    "an account in an account": (lambda r: (r["head"], r["movement"]), "aeb43.record-order"),
    "a record of no known kind": (lambda r: (r["head"], "77 OWN"), "aeb43.record-unknown"),
}


@pytest.mark.parametrize("case", ORDERS)
def test_order(case, head, movement, text, foot, file, read):
    """A record that stands where none can is an error, and reading goes on."""
    chosen, code = ORDERS[case]
    records = chosen({"head": head(), "movement": movement(), "text": text("A"), "foot": foot()})
    content = file(head(opening=0), foot(credits=0, credited=0, closing=0), *records)

    assert code in _codes(read(content))


def test_file_without_its_end(head, movement, foot, file, read, statements):
    """A file that ends early keeps what is whole; the last statement has no closing balance."""
    collected = read(file(head(), movement(), movement(), is_closed=False))

    assert len(collected.rows) == 3
    assert statements(collected)[0].closing_minor is None
    assert _codes(collected) == ["file.truncated", "statement.incomplete"]


def test_cut_record_is_left_out(head, movement, file, read):
    """A movement that is cut at the end of the file is not given with half of what it said."""
    content = file(head(), movement(), movement(second="PEDIDO"), is_closed=False)

    assert len(read(content[:-20]).rows) == 2


def test_record_that_is_too_long(head, movement, foot, file, read):
    """A record with more than its characters is read as far as it goes, with a warning."""
    report = read(file(head(), f"{movement():<80}XX", foot())).report

    assert [one.code for one in report.problems] == ["aeb43.record-length"]
    assert report.complete


def test_movement_without_end(head, movement, text, file, read):
    """More records than a movement can have end the reading before memory does."""
    collected = read(file(head(), movement(), *[text("MAS")] * 6_000))

    assert _codes(collected) == ["file.too-large"]


def test_amount_in_no_known_currency(head, movement, foot, file, read):
    """A record 24 that says nothing usable is a warning; the movement stands."""
    collected = read(file(head(), movement(), "2401000XX", foot()))

    assert _codes(collected) == ["aeb43.equivalent-invalid"]
    assert collected.report.complete


NOT_OURS = {
    "nothing": (b"", "file.empty"),
    "blank lines": (b"\r\n \r\n", "file.empty"),
    "another format": (b":20:STARTUMSE\n:25:10020030/1234567\n", "file.format"),
    "a movement": (b"22    0418261005", "file.format"),
}


@pytest.mark.parametrize("case", NOT_OURS)
def test_other_files(case, read):
    """A file of another kind is refused at its first record."""
    content, code = NOT_OURS[case]

    assert _codes(read(content)) == [code]
    assert not Aeb43Reader().recognizes(content, name="october.n43")


def test_heads_that_are_recognized(whole, file, head):
    """The record of a file may come first, with a line end or without."""
    for content in (whole, b"\xef\xbb\xbf" + whole, file(head(), head="0021002610310", end="")):
        assert Aeb43Reader().recognizes(content[:4096], name="download.txt")


def test_settings_are_checked():
    """An encoding that Python does not know, and a switch that is none, are refused."""
    (spec,) = receivables_statement_readers()

    for settings in ({"encoding": "klingon"}, {"sepa-records": "yes"}, {"unknown": 1}):
        with pytest.raises(PolicyError):
            spec.build(settings)


@given(st.binary(max_size=400))
def test_any_bytes(content):
    """Any bytes at all give rows and a report."""
    read = Aeb43Reader().read(io.BytesIO(content), name="x").collect()

    assert not read.report.complete


@given(st.lists(st.text("0123456789 A\n", max_size=90), max_size=12), st.sampled_from(["11", "22"]))
def test_any_records(rests, last):
    """Records of any contents after a good first one give rows and a report."""
    kinds = ["11", "22", "23", "24", "33", "88", "00"]
    lines = [f"{kinds[at % 7]}{rest}" for at, rest in enumerate(rests)]
    content = "\n".join(("11" + "0" * 45 + "978", *lines, last)).encode()

    assert not Aeb43Reader().read(io.BytesIO(content), name="x").collect().report.complete


@given(st.dates(min_value=dt.date(1980, 1, 1), max_value=dt.date(2079, 12, 31)))
def test_every_day_is_read_back(day):
    """Each day of the hundred years from 1980 is the day that its six digits mean."""
    assert Days()[f"{day:%y%m%d}"] == day


@given(st.from_regex(r"[0-9]{18}", fullmatch=True))
def test_accounts_get_the_digits_that_stdnum_gives(digits):
    """The rebuilt IBAN is the one of an independent library."""
    ccc = pytest.importorskip("stdnum.es.ccc")
    bank, branch, account = digits[:4], digits[4:8], digits[8:]
    code = f"{bank}{branch}{ccc.calc_check_digits(f'{bank}{branch}00{account}')}{account}"

    assert iban_of(bank, branch, account) == ccc.to_iban(code).replace(" ", "")


def test_account_that_is_no_number_stays_as_it_is():
    """What has other characters than digits has no control digits."""
    assert iban_of("2100", "0418", "02000X1332") == "2100041802000X1332"
    assert [currency_of(number) for number in ("978", "97", "EUR")] == ["EUR", "", ""]
