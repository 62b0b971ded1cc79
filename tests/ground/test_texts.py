"""Amounts, dates and lines are read in one way, or refused."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables.errors import DocumentError, MoneyError, PolicyError
from receivables.reading import ReadNotes
from receivables.texts import (
    DECIMALS,
    GROUPINGS,
    TextLines,
    amount_readings,
    check_date_format,
    check_encoding,
    check_number_format,
    date_readings,
    parse_amount,
    parse_date,
)

CONVENTIONS = [(mark, group) for mark in DECIMALS for group in GROUPINGS if group != mark]

AMOUNTS = {
    "plain": ("1234", None, None, "1234"),
    "decimal comma": ("12,34", None, None, "12.34"),
    "decimal point": ("12.34", None, None, "12.34"),
    "proved by both marks": ("1.234.567,89", None, None, "1234567.89"),
    "grouped twice": ("1,234,567", None, None, "1234567"),
    "no group begins with zero": ("0,123", None, None, "0.123"),
    "too long for one group": ("1234,567", None, None, "1234.567"),
    "declared point": ("1,234", ".", ",", "1234"),
    "declared comma": ("1,234", ",", ".", "1.234"),
    "only the decimal declared": ("1.234", ",", None, "1234"),
    "no-break space": ("1\u00a0234,50", ",", " ", "1234.50"),
    "narrow no-break space": ("1\u202f234,50", ",", " ", "1234.50"),
    "Swiss": ("1\u2019234.50", ".", "'", "1234.50"),
    "parentheses": ("(1,234.50)", None, None, "-1234.50"),
    "trailing minus": ("3500,00-", None, None, "-3500.00"),
    "typographic minus": ("\u221217.00", None, None, "-17.00"),
    "explicit plus": ("+17.00", None, None, "17.00"),
    "zero-filled": ("0000000069,60", ",", "", "69.60"),
    "Odoo's padding": (" 000000000001000,00", ",", "", "1000.00"),
    "no whole part": (".50", ".", "", "0.50"),
}

NO_AMOUNTS = {
    "empty": "",
    "blank": "  ",
    "word": "abc",
    "not a number": "NaN",
    "infinity": "inf",
    "exponent": "1e5",
    "two signs": "-5-",
    "minus in parentheses": "(-5)",
    "currency symbol": "€ 5",
    "percent": "5%",
    "groups of two": "12,34,567",
    "two kinds of group": "1 234'567",
    "two points": "1.2.3",
    "nothing but a mark": ",",
    "trailing mark": "12.",
    "figures of another script": "\u0661\u0662",
    "hexadecimal": "0x10",
    "underscore": "1_000",
    "longer than any amount": "1" * 61,
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_amount_has_one_reading(case):
    """An amount that can be read in one way under what is declared is read so."""
    text, decimal, grouping, expected = AMOUNTS[case]

    assert amount_readings(text, decimal=decimal, grouping=grouping) == (Decimal(expected),)
    assert str(parse_amount(text, decimal=decimal, grouping=grouping)) == expected


@pytest.mark.parametrize("case", NO_AMOUNTS)
def test_what_is_no_amount_has_no_reading(case):
    """Whatever is declared, a text that is no amount is not read as one."""
    for decimal, grouping in [(None, None), *CONVENTIONS]:
        assert amount_readings(NO_AMOUNTS[case], decimal=decimal, grouping=grouping) == ()


@pytest.mark.parametrize("text", ["1,234", "1.234", "-12.345", "(1,000)"])
def test_undeclared_thousand_is_ambiguous(text):
    """One mark with three figures after it can be a thousand or a decimal mark."""
    assert len(amount_readings(text)) == 2
    with pytest.raises(MoneyError, match="readable in one way"):
        parse_amount(text)


@given(
    minor=st.integers(-(10**14), 10**14),
    convention=st.sampled_from(CONVENTIONS),
    is_grouped=st.booleans(),
)
@settings(max_examples=50)
def test_what_a_convention_writes_it_reads(minor, convention, is_grouped):
    """Under its own convention every amount comes back, grouped or not."""
    mark, group = convention
    amount = Decimal(minor).scaleb(-2)
    written = f"{amount:,.2f}" if is_grouped else f"{amount:.2f}"
    text = written.translate({ord(","): group, ord("."): mark})

    assert parse_amount(text, decimal=mark, grouping=group) == amount


@given(st.text(alphabet="0123456789.,' -()+", max_size=12))
@settings(max_examples=50)
def test_a_declared_convention_never_says_more(text):
    """What is read under a convention is among the readings without one."""
    open_readings = set(amount_readings(text))

    for decimal, grouping in CONVENTIONS:
        assert set(amount_readings(text, decimal=decimal, grouping=grouping)) <= open_readings


@pytest.mark.parametrize(
    ("decimal", "grouping"), [(";", None), (None, "_"), (",", ","), (".", "."), ("", None)]
)
def test_impossible_number_format_is_refused(decimal, grouping):
    """Marks must be known, and a group must not look like a decimal."""
    with pytest.raises(PolicyError):
        check_number_format(decimal, grouping)


DATES = {
    "ISO 8601": ("2026-10-31", None, "2026-10-31"),
    "year first": ("2026/04/03", None, "2026-04-03"),
    "day proves itself": ("31/12/2026", None, "2026-12-31"),
    "month first proves itself": ("12/31/2026", None, "2026-12-31"),
    "same day either way": ("05.05.2026", None, "2026-05-05"),
    "day first": ("03/04/2026", "%d/%m/%Y", "2026-04-03"),
    "month first": ("03/04/2026", "%m/%d/%Y", "2026-03-04"),
    "with a time": ("03.04.2026 23:59:59", "%d.%m.%Y %H:%M:%S", "2026-04-03"),
    "two figures": ("31.12.99", "%d.%m.%y", "1999-12-31"),
    "run together": ("20260403", "%Y%m%d", "2026-04-03"),
    "outer blanks": (" 2026-10-31 ", None, "2026-10-31"),
    "leap day": ("29/02/2028", None, "2028-02-29"),
}

NO_DATES = {
    "empty": ("", None),
    "does not exist": ("2026-02-30", None),
    "no leap year": ("29/02/2026", None),
    "week date": ("2026-W01-1", None),
    "run together, undeclared": ("20260403", None),
    "two figures, undeclared": ("31/12/26", None),
    "two separators": ("31/12.2026", None),
    "year zero": ("0000-01-01", None),
    "another format": ("2026-10-31", "%d/%m/%Y"),
    "rest after the date": ("31/12/2026x", "%d/%m/%Y"),
    "figures of another script": ("\u0661\u0662/12/2026", "%d/%m/%Y"),
    "word": ("today", None),
}


@pytest.mark.parametrize("case", DATES)
def test_date_has_one_reading(case):
    """A date that can be read in one way is read so."""
    text, form, expected = DATES[case]

    assert parse_date(text, format=form) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize("case", NO_DATES)
def test_what_is_no_date_is_refused(case):
    """A text that is no date in the format has no reading, and parsing it raises."""
    text, form = NO_DATES[case]

    assert date_readings(text, format=form) == ()
    with pytest.raises(DocumentError, match="no day"):
        parse_date(text, format=form)


def test_undeclared_day_and_month_are_ambiguous():
    """The third of April is the fourth of March elsewhere."""
    assert date_readings("03/04/2026") == (dt.date(2026, 3, 4), dt.date(2026, 4, 3))
    with pytest.raises(DocumentError, match="2026-03-04 or 2026-04-03"):
        parse_date("03/04/2026")


@pytest.mark.parametrize("format", ["%d %B %Y", "%d/%m", "%m/%Y", "%x", "", "%d/%m/%Y %Z", "%"])
def test_date_format_that_needs_a_locale_or_lacks_a_part_is_refused(format):
    """A format has day, month and year, all in figures."""
    with pytest.raises(PolicyError, match="date format"):
        check_date_format(format)


@given(st.dates())
@settings(max_examples=50)
def test_iso_dates_come_back(day):
    """Every day is read from its ISO form."""
    assert parse_date(day.isoformat()) == day


def _lines(content, encoding=None):
    notes = ReadNotes("a.txt")
    lines = TextLines(io.BytesIO(content), notes=notes, encoding=encoding)
    return list(lines), notes, lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-15", "cp1252"])
def test_encoding_is_found(encoding):
    """Without a declaration, UTF-8 and the two Latin encodings of French exports are found."""
    found, notes, _ = _lines("heading\nBœuf à 5 €\n".encode(encoding))

    assert found == ["heading\n", "Bœuf à 5 €\n"]
    assert notes.problem_count == 0


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-16-le", "cp850"])
def test_declared_encoding_is_used(encoding):
    """A declared encoding is taken at its word, one byte a letter or more."""
    found, notes, lines = _lines("Zoë\r\n2\n".encode(encoding), encoding)

    assert found == ["Zoë\r\n", "2\n"]
    assert (notes.problem_count, lines.number) == (0, 2)


def test_two_encodings_in_one_file_are_noted():
    """A line in another encoding than the lines before it is damage, and has its number."""
    _, notes, lines = _lines("é\n".encode() + "é\n".encode("cp1252") + b"e\n")

    assert [(one.code, one.place.line) for one in notes.problems] == [("encoding.invalid", 2)]
    assert lines.damaged == {2}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a\n\xff\n", "utf-8"),
        (b"\x81\n", None),
        (b"\xe9\n", "ascii"),
        (b"a\x00\n\x00\xd8", "utf-16"),
    ],
)
def test_bytes_that_are_no_text_are_noted(content, encoding):
    """What the encoding cannot say is noted, and the reading goes on or ends, without an exception."""
    _, notes, lines = _lines(content, encoding)

    assert {problem.code for problem in notes.problems} == {"encoding.invalid"}
    assert lines.damaged


@pytest.mark.parametrize("encoding", [None, "utf-16-le"])
def test_endless_line_is_refused(encoding):
    """A line beyond the bound ends the reading, so that memory does not."""
    found, notes, _ = _lines(b"a\0" * (limits.LINE_BYTES_MAX + 1), encoding)

    assert found == []
    assert [problem.code for problem in notes.problems] == ["file.too-large"]


def test_stream_is_left_open():
    """The stream belongs to whoever opened it."""
    stream = io.BytesIO("a\n".encode("utf-16"))

    assert list(TextLines(stream, notes=ReadNotes("a"), encoding="utf-16")) == ["a\n"]
    assert not stream.closed


@pytest.mark.parametrize("encoding", ["no-such", "base64", "hex"])
def test_unknown_encoding_is_refused(encoding):
    """An encoding must be one of text that Python knows."""
    with pytest.raises(PolicyError, match="encoding"):
        check_encoding(encoding)
