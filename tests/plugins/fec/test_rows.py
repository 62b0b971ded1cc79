"""Exports are read whatever program wrote them, and refused where they cannot be."""

from __future__ import annotations

import pytest

from receivables.documents import Document
from receivables.testing.ledger_source import balances


def _without(line, *names):
    return {name: value for name, value in line.items() if name not in names}


FORMS = {
    "tab": {},
    "pipe": {"delimiter": "|"},
    "carriage returns": {"end": "\r\n"},
    "byte order mark": {"encoding": "utf-8-sig"},
    "ISO 8859-15": {"encoding": "iso-8859-15"},
    "cp1252": {"encoding": "cp1252"},
    "separator after each line": {"delimiter": "|", "end": "|\n"},
    "blank lines": {"end": "\n\n"},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records(form, export, sale, payment, read):
    """Separator, encoding, line ends and trailing separators change nothing."""
    lines = [*sale(CompAuxLib="Bœuf & Forêt €"), *payment()]
    plain = read(export(*lines))

    found = read(export(*lines, **FORMS[form]))

    assert found.report.problems == ()
    assert found.rows == plain.rows


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda name: f" {name} ", lambda name: name.replace("e", "é")]
)
def test_headings_are_read_whatever_their_case(change, export, sale, read, headings):
    """Case, blanks and accents of a heading do no harm."""
    content = export(*sale()).decode()
    first, _, rest = content.partition("\n")
    changed = "\t".join(change(name) for name in first.split("\t"))

    assert balances(read(f"{changed}\n{rest}".encode()).rows) == {"EUR": 120_00}


def test_more_columns_in_another_order_are_read(export, sale, read, headings):
    """Columns of cash-basis exports stand anywhere."""
    order = ["DateRglt", *reversed(headings), "ModeRglt", "NatOp", "IdClient"]

    assert read(export(*sale(), headings=order)).rows == read(export(*sale())).rows


SIDES = [("D", "C"), ("d", "c"), ("+1", "-1"), ("1", "-1"), ("+", "-")]


@pytest.mark.parametrize("sides", SIDES)
def test_amount_and_side_are_debit_and_credit(sides, export, sale, read, headings):
    """*Montant* and *Sens* say the same as two columns."""
    order = [{"Debit": "Montant", "Credit": "Sens"}.get(name, name) for name in headings]
    lines = [
        line | {"Montant": line["Debit"], "Sens": sides[0]}
        if line["Debit"] != "0,00"
        else line | {"Montant": line["Credit"], "Sens": sides[1]}
        for line in sale()
    ]

    assert read(export(*lines, headings=order)).rows == read(export(*sale())).rows


AMOUNTS = {
    "0000000120,00": 120_00,
    " 000000000120,00": 120_00,
    "120": 120_00,
    "120,0": 120_00,
    "+120,00": 120_00,
    "120,000": 120_00,
    ",50": 50,
    "": 0,
}


@pytest.mark.parametrize("text", AMOUNTS)
def test_amount_is_read_as_programs_write_it(text, export, line, read):
    """Padding, zero-filling and missing decimals change nothing."""
    pair = [line("VE", "1", "411", Debit=text), line("VE", "1", "706", Credit=text)]

    found = read(export(*pair))

    assert found.report.problems == ()
    assert sum(balances(found.rows).values()) == AMOUNTS[text]


def test_negative_debit_is_a_credit(export, line, read):
    """A correction written with a minus lowers what is owed."""
    pair = [line("VE", "1", "411", Debit="-50,00"), line("VE", "1", "706", Credit="-50,00")]

    assert balances(read(export(*pair)).rows) == {"EUR": -50_00}


def test_declared_decimal_point_is_read(export, line, read):
    """Some programs write a point, against the arrêté; then it is declared."""
    pair = [
        line("VE", "1", "411", Debit="1234.50", Credit="0.00"),
        line("VE", "1", "706", Debit="0.00", Credit="1234.50"),
    ]

    assert balances(read(export(*pair), decimal=".").rows) == {"EUR": 1234_50}
    assert not read(export(*pair)).report.complete


REFUSED_AMOUNTS = {
    "1.234,00": "amount.invalid",
    "1 234,00": "amount.invalid",
    "12,345": "amount.inexact",
    "abc": "amount.invalid",
    "NaN": "amount.invalid",
    "1e3": "amount.invalid",
    "9" * 20: "amount.limit",
}


@pytest.mark.parametrize("text", REFUSED_AMOUNTS)
def test_amount_that_cannot_be_read_is_noted(text, export, line, sale, read, codes):
    """A bad amount is noted with its line, and the other lines are read."""
    found = read(export(line("VE", "9", "411", Debit=text), *sale()))

    assert codes(found) == [(REFUSED_AMOUNTS[text], 2)]
    assert balances(found.rows) == {"EUR": 120_00}


@pytest.mark.parametrize("end", ["\n", "|\n"])
@pytest.mark.parametrize("text", ["Loyer|janvier", "Loyer|2026", "|", "a|b|120,00", "1|2|3|4"])
def test_separator_inside_a_text_is_put_back(text, end, export, sale, read):
    """Odoo lets a pipe into EcritureLib; dates and amounts around it say where the columns are."""
    lines = sale(EcritureLib=text)
    clean = read(export(*sale(), delimiter="|"))

    found = read(export(*lines, delimiter="|", end=end))

    assert found.rows == clean.rows
    assert found.report.complete
    assert [problem.code for problem in found.report.problems] == ["row.length"]


def test_separators_after_lines_but_not_after_the_headings_do_no_harm(export, sale, read):
    """Some programs end every line but the first with a separator."""
    first, rest = export(*sale(), delimiter="|").decode().split("\n", 1)
    content = "\n".join([first, rest.replace("\n", "|\n")]).encode()

    assert read(content).report.problems == ()
    assert read(content).rows == read(export(*sale())).rows


def test_separator_that_could_stand_in_two_texts_is_refused(export, sale, read, codes):
    """Between two names beside each other nothing says where the columns are."""
    found = read(export(*sale(CompAuxLib="Martin|Fils"), delimiter="|"))

    assert codes(found) == [("row.length", 2), ("entries.unbalanced", None)]


def test_short_line_is_refused(export, sale, read, codes):
    """A line that lacks fields is noted, and not padded."""
    content = export(*sale()).replace(b"\t20261231\t\t\n", b"\n", 1)

    assert ("row.length", 2) in codes(read(content))


NEEDED = ["EcritureDate", "CompteNum", "PieceRef", "Debit", "EcritureLet", "CompAuxNum"]


@pytest.mark.parametrize("name", NEEDED)
def test_missing_column_is_noted_and_nothing_is_read(name, export, sale, read, headings):
    """Without one of the columns that carry meaning nothing is read."""
    found = read(export(*sale(), headings=[each for each in headings if each != name]))
    codes = {problem.code for problem in found.report.problems}

    assert found.rows == ()
    assert codes in ({"column.missing"}, {"file.format"})


def test_column_that_stands_twice_is_noted(export, sale, read, headings, codes):
    """Two columns of one heading would be a guess."""
    found = read(export(*sale(), headings=[*headings, "debit"]))

    assert (found.rows, codes(found)) == ((), [("column.duplicate", 1)])


NO_EXPORTS = {
    "nothing": (b"", "file.empty"),
    "blank lines": (b"\n\n\n", "file.empty"),
    "another file": (b"number,customer,amount\n1,2,3\n", "file.format"),
    "XML": (b'<?xml version="1.0"?><a/>', "file.format"),
    "UTF-16": ("JournalCode\tCompteNum\tEcritureDate\n".encode("utf-16"), "file.format"),
}


@pytest.mark.parametrize("case", NO_EXPORTS)
def test_what_is_no_export_is_noted(case, read):
    """Another file is a problem of the report."""
    content, code = NO_EXPORTS[case]
    found = read(content)

    assert found.rows == ()
    assert code in [problem.code for problem in found.report.problems]


def test_export_without_entries_is_not_complete(export, read, codes):
    """The accounts of a year have entries, so headings alone are a lost file."""
    assert codes(read(export())) == [("file.empty", None)]


BAD_DATES = {"EcritureDate": "20260230", "PieceDate": "2026-01-15", "DateLet": "99999999"}


@pytest.mark.parametrize("name", BAD_DATES)
def test_impossible_date_is_noted(name, export, sale, read, codes):
    """A date that does not exist is noted with its line, and its line is not an item."""
    lines = sale(**({"EcritureLet": "A"} | {name: BAD_DATES[name]}))

    found = read(export(*lines, *sale("2", "F002")))

    assert codes(found) == [("date.invalid", 2)]
    assert found.report.problems[0].place.field == name
    assert [row.number for row in found.rows if isinstance(row, Document)] == ["F002"]


def test_unbalanced_export_is_not_complete(export, sale, read, codes):
    """Debit and credit of the whole file must agree, or a part of it is missing."""
    found = read(export(*sale()[:-1]))

    assert codes(found) == [("entries.unbalanced", None)]
    assert "120.00" in found.report.problems[0].message


def test_damaged_line_is_left_out(export, sale, read, codes):
    """A line that is not text in the encoding of the others is noted and left out."""
    content = export(*sale(CompAuxLib="Été"), *sale("2", "F002"))
    damaged = content.replace(b"\tF002\t", b"\tF\xff02\t", 1)

    assert ("encoding.invalid", 5) in codes(read(damaged))
