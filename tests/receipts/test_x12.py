"""Segments of X12 and the open items of an 820, as adapters share them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables.errors import DocumentError, InexactAmountError, LimitError, MoneyError
from receivables.receipts.x12 import (
    Delimiters,
    OpenItemReading,
    element,
    find_delimiters,
    parse_x12_amount,
    parse_x12_date,
    split_segments,
)


def _reading(text, *, currency="USD"):
    problems = []
    reading = OpenItemReading(currency, note=lambda *said: problems.append(said))
    delimiters = find_delimiters(text)
    for elements in split_segments(text, delimiters):
        reading.take(elements)
    return reading, problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RMR*IV*1**5\\REF*PO*2\\", ("*", "\\")),
        ("RMR*IV*1**5~REF*PO*2~", ("*", "~")),
        ("RMR|IV|1||5\nREF|PO|2\n", ("|", "\n")),
        ("RMR*IV*1**5~\r\nREF*PO*2~\r\n", ("*", "~")),
        ("RMR*IV*1**5", ("*", "\n")),
        ("RMR*IV*1**5\\", ("*", "\\")),
        ("RMR\u00a6IV\u00a61~SE\u00a62\u00a61~", ("\u00a6", "~")),
    ],
)
def test_delimiters_are_those_that_stand_there(text, expected):
    """Without an ISA, the marks around the segments that are known are the delimiters."""
    found = find_delimiters(text)

    assert expected == (found.element, found.segment)


@pytest.mark.parametrize(
    "text", ["", "Invoice 26801", "RMR IV 1", "REFUND", "ISA*00*", "ISA" + "*" * 16 + ":A"]
)
def test_other_texts_have_no_delimiters(text):
    """What begins with no segment, or with a broken ISA, is no X12."""
    assert None is find_delimiters(text)


def test_an_isa_that_is_badly_padded_declares_its_marks():
    """The marks are found by counting elements, so that lost blanks do not matter."""
    isa = "ISA*00**00**ZZ*A*ZZ*B*261031*0915*U*00401*1*0*P*>!GS*RA!"

    assert Delimiters(element="*", component=">", segment="!") == find_delimiters(isa)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", MoneyError),
        ("1,00", MoneyError),
        ("1e5", MoneyError),
        ("--1", MoneyError),
        ("1.2.3", MoneyError),
        ("\u0661", MoneyError),
        ("NaN", MoneyError),
        ("1.005", InexactAmountError),
        ("9" * 16, LimitError),
        ("9" * 4000, LimitError),
    ],
)
def test_what_is_no_amount_is_refused(text, error):
    """Only plain decimals with the decimals of the currency are amounts."""
    with pytest.raises(error):
        parse_x12_amount(text, "USD")


@settings(max_examples=50)
@given(minor=st.integers(-limits.AMOUNT_MINOR_MAX, limits.AMOUNT_MINOR_MAX))
def test_amounts_are_exact(minor):
    """An amount that is written out is read back, to the minor unit."""
    assert minor == parse_x12_amount(f"{Decimal(minor) / 100:f}", "USD")
    assert minor == parse_x12_amount(f"{minor}.000", "JPY")


@pytest.mark.parametrize("text", ["", "20260230", "2026", "260230", "2026-01-01", "\u0662" * 8])
def test_what_is_no_day_is_refused(text):
    """A date is eight figures, or six, of a day that exists."""
    with pytest.raises(DocumentError):
        parse_x12_date(text)


def test_years_of_two_figures_are_near():
    """X12 began in 1979."""
    assert (1985, 2026) == (parse_x12_date("850101").year, parse_x12_date("260101").year)


def test_missing_elements_are_empty():
    """An element beyond the last is the same as an empty one."""
    assert ("", "A") == (element(["N1"], 2), element(["N1", " A "], 1))


def test_adjustments_of_one_item_are_added_up():
    """Several ADX of an item are one adjustment with all reasons."""
    reading, problems = _reading("RMR*IV*1**70*100~ADX*-20*01~ADX*-15*L5~ADX*5*01~")
    (document,) = reading.finish()

    assert [] == problems
    assert (70_00, 30_00, "01 L5") == (
        reading.total_minor,
        document.adjustment_minor,
        document.adjustment_reason,
    )


def test_the_date_of_the_invoice_comes_before_that_of_its_making():
    """DTM*003 is the invoice's date; DTM*097 stands for it where it is alone."""
    both = _reading("RMR*IV*1~DTM*003*20260904~DTM*097*20260905~")[0].finish()
    alone = _reading("RMR*IV*1~DTM*097*20260905~DTM*036*20261231~")[0].finish()

    assert (dt.date(2026, 9, 4), dt.date(2026, 9, 5)) == (both[0].date, alone[0].date)


def test_orders_are_kept_and_departments_are_not():
    """Of the references of an item, those that name a document are kept."""
    reading, _ = _reading("RMR*IV*1~REF*PO*P-9~REF*DP*00040~REF*BM*~")

    assert [("PO", "P-9")] == reading.references


def test_problems_name_the_element():
    """What cannot be read is told with its code and its element, and the rest is read."""
    reading, problems = _reading("RMR*IV*1**abc*1.005~ADX*x*01~DTM*003*20269999~ADX**01~")
    (document,) = reading.finish()

    assert ["RMR04", "RMR05", "ADX01", "DTM02"] == [field for _, _, field in problems]
    assert (None, None, False) == (
        document.amount_minor,
        document.gross_minor,
        reading.has_amounts,
    )


def test_open_items_have_a_bound(monkeypatch):
    """More open items than an allocation may have legs are an error, once, and are not kept."""
    monkeypatch.setattr(limits, "LEGS_MAX", 2)
    reading, problems = _reading("RMR*IV*1**1~RMR*IV*2**1~RMR*IV*3**1~RMR*IV*4**1~")

    assert 2 == len(reading.finish())
    assert ["file.too-large"] == [code for code, _, _ in problems]
    assert 4_00 == reading.total_minor
