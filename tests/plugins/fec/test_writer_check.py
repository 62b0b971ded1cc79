"""The check of any export: each rule of the article, and the exports of two real firms."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from receivables_plugins.fec.check import check_fec


def _found(content, *, name=""):
    problems = check_fec(io.BytesIO(content), name=name)
    return [(one.severity.value, one.code, one.place.line, one.place.field) for one in problems]


def test_valid_file_has_no_problem(sale, payment, export):
    """A sale and its payment, lettered, are as the article wants them."""
    lettered = {"EcritureLet": "A", "DateLet": "20260211"}
    content = export(*sale(**lettered), *payment(**lettered))

    assert [] == _found(content, name="123456789FEC20261231.txt")


LINES = [
    # the field that is wrong on line 2, what is found there
    ({"JournalCode": ""}, ("error", "fec.blank", 2, "JournalCode")),
    ({"PieceRef": " "}, ("error", "fec.blank", 2, "PieceRef")),
    ({"ValidDate": ""}, ("error", "fec.blank", 2, "ValidDate")),
    ({"EcritureLib": ""}, ("error", "fec.blank", 2, "EcritureLib")),
    ({"PieceDate": "15/01/2026"}, ("error", "date.invalid", 2, "PieceDate")),
    ({"PieceDate": "20260230"}, ("error", "date.invalid", 2, "PieceDate")),
    ({"Debit": "120.00"}, ("error", "amount.invalid", 2, "Debit")),
    ({"Debit": "1 120,00"}, ("error", "amount.invalid", 2, "Debit")),
    ({"Credit": "1e3"}, ("error", "amount.invalid", 2, "Credit")),
    ({"Credit": "5,00"}, ("warning", "fec.amount", 2, "Debit")),
    ({"Debit": "0,00"}, ("warning", "fec.amount", 2, "Debit")),
    ({"Debit": "0,00", "Credit": "-120,00"}, ("warning", "fec.amount", 2, "Debit")),
    ({"CompteNum": "CLI001"}, ("error", "fec.account", 2, "CompteNum")),
    ({"CompteNum": "41"}, ("error", "fec.account", 2, "CompteNum")),
    ({"CompteNum": "900000"}, ("error", "fec.account", 2, "CompteNum")),
    ({"CompAuxLib": ""}, ("warning", "fec.pair", 2, "CompAuxLib")),
    ({"EcritureLet": "A"}, ("warning", "fec.pair", 2, "DateLet")),
    ({"DateLet": "20260131"}, ("warning", "fec.pair", 2, "EcritureLet")),
    ({"Montantdevise": "1,00"}, ("warning", "fec.pair", 2, "Idevise")),
    ({"Idevise": "USD"}, ("warning", "fec.pair", 2, "Montantdevise")),
    ({"Montantdevise": "1,00", "Idevise": "$"}, ("warning", "currency.unknown", 2, "Idevise")),
    ({"EcritureLib": "a\x07b"}, ("error", "fec.text", 2, "EcritureLib")),
]


@pytest.mark.parametrize(("wrong", "expected"), LINES, ids=lambda row: str(row)[:40])
def test_each_rule_of_a_line(wrong, expected, sale, export):
    """What is wrong with a field is found on its line, under its name."""
    first, *rest = sale()

    assert expected in _found(export({**first, **wrong}, *rest))


SOUND = [
    {"Debit": "0000000120,00"},
    {"Debit": "120,00+"},
    {"Debit": "120"},
    {"CompteNum": "411ABC"},
    {"Montantdevise": "-130,00", "Idevise": "USD"},
    {"Montantdevise": "000,00"},
    {"EcritureLib": 'said "so"; é €'},
]


@pytest.mark.parametrize("given", SOUND, ids=str)
def test_what_the_article_allows_is_no_problem(given, sale, export):
    """Zeros on the left, a sign, whole figures, letters in an account and quotes are allowed."""
    first, *rest = sale()

    assert [] == _found(export({**first, **given}, *rest))


def test_amount_and_side_are_allowed(export, headings, sale):
    """The article lets books have an amount and a side instead (VII 2°)."""
    names = [
        "Montant" if one == "Debit" else "Sens" if one == "Credit" else one for one in headings
    ]
    lines = [
        {**line, "Montant": amount, "Sens": side}
        for line, amount, side in zip(sale(), ("120", "100", "20"), "DCC", strict=True)
    ]

    assert [] == _found(export(*lines, headings=names))
    assert ("error", "amount.invalid", 2, "Sens") in _found(
        export({**lines[0], "Sens": "X"}, *lines[1:], headings=names)
    )


def test_names_of_fields_are_compared(export, headings, sale):
    """Another order and a missing field are errors, another spelling a remark."""
    moved = [headings[1], headings[0], *headings[2:]]
    spelled = [one.replace("Montantdevise", "MontantDevise") for one in headings]

    assert ("error", "fec.columns", 1, None) in _found(export(*sale(), headings=moved))
    assert ("error", "fec.columns", 1, None) in _found(export(*sale(), headings=headings[:-1]))
    assert [("warning", "fec.columns", 1, None)] == _found(export(*sale(), headings=spelled))


def test_more_fields_are_allowed(export, headings, sale):
    """The eighteen fields are the first, and others may follow."""
    assert [] == _found(export(*sale(), headings=[*headings, "DateRglt"]))


def test_separator_behind_the_last_field_is_overlooked(export, sale):
    """Some programs end every line with a separator."""
    assert [] == _found(export(*sale(), delimiter="|", end="|\r\n"))


WHOLE = [
    # what is in the file, what is found
    (b"a;b;c\n", ("error", "file.format", 1, None)),
    (b"", ("error", "file.format", 1, None)),
]


@pytest.mark.parametrize(("content", "expected"), WHOLE, ids=["semicolons", "nothing"])
def test_other_file_is_no_export(content, expected):
    """A file that has neither separator is not taken further."""
    assert [expected] == _found(content)


def test_file_without_entries_is_empty(export):
    """A heading alone is no year."""
    assert [("error", "file.empty", None, None)] == _found(export())


def test_line_of_another_length_is_found(export, sale):
    """A separator within a text moves every field behind it."""
    first, *rest = sale()
    content = export({**first, "EcritureLib": "a|b"}, *rest, delimiter="|")

    assert ("error", "row.length", 2, None) in _found(content)


def test_unbalanced_entry_is_found(export, sale, payment):
    """An entry must balance, and so must the file."""
    (_, *rest), other = sale(), payment()
    found = _found(export(*rest, *other))

    assert ("error", "fec.entry", 2, None) in found
    assert ("error", "entries.unbalanced", None, None) in found


def test_entry_of_two_days_is_found(export, sale):
    """The lines of an entry are booked on one day."""
    first, *rest = sale()
    found = _found(export({**first, "EcritureDate": "20260116"}, *rest))

    assert [("warning", "fec.entry", 2, "EcritureDate")] == found


def test_gap_in_the_numbers_is_found(export, sale, payment):
    """Numbers run on in the file, or else in each journal."""
    gap = [("warning", "fec.numbering", None, "EcritureNum")]

    assert [] == _found(export(*sale("1"), *payment("2")))
    assert [] == _found(export(*sale("VE-001"), *payment("BQ-001")))
    assert gap == _found(export(*sale("1"), *sale("3")))
    assert gap == _found(export(*sale("one"), *sale("two")))


def test_numbers_of_zero_are_found(export, sale, payment):
    """A file whose entries are all called 0 cannot be taken apart."""
    found = _found(export(*sale("0"), *payment("0")))

    assert [("error", "fec.numbering", None, "EcritureNum")] == found


def test_disorder_is_found(export, sale, payment):
    """Lines come in the order of their validation, and the first one that does not is named."""
    early = [{**line, "ValidDate": "20260131"} for line in payment()]

    assert [("warning", "fec.order", 5, "ValidDate")] == _found(export(*sale(), *early))


def test_other_name_is_found(export, sale):
    """A file is called after the SIREN and the end of the year."""
    assert [("warning", "fec.name", None, None)] == _found(export(*sale()), name="fec.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-15", "utf-8-sig"])
def test_character_sets_of_the_article_are_read(export, sale, encoding):
    """ISO 8859-15 and UTF-8 are allowed, with or without a byte order mark."""
    assert [] == _found(export(*sale(EcritureLib="Œuvre à 5 €"), encoding=encoding))


def test_other_character_set_is_found(export, sale):
    """Windows-1252 is not allowed, nor two character sets in one file."""
    windows = export(*sale(EcritureLib="5 € – net"), encoding="cp1252")
    mixed = export(*sale(EcritureLib="é")) + export(*sale("2", EcritureLib="é"), encoding="latin-1")

    assert ("error", "encoding.invalid", 2, None) in _found(windows)
    assert "encoding.invalid" in {code for _, code, *_ in _found(mixed)}


FIRMS = [
    # file, what is found in it and how often
    (
        "000000000FEC20231231.txt",
        {("error", "fec.blank", "ValidDate"): 2102, ("error", "fec.numbering", "EcritureNum"): 1},
    ),
    ("111111111FEC20221231.txt", {("warning", "fec.columns", None): 1}),
]


@pytest.mark.parametrize(("name", "expected"), FIRMS, ids=[row[0] for row in FIRMS])
def test_exports_of_real_firms(name, expected, shared):
    """One firm's program leaves the validation out and numbers nothing; the other's is sound."""
    with (shared / name).open("rb") as stream:
        problems = check_fec(stream, name=name)

    assert expected == Counter((one.severity.value, one.code, one.place.field) for one in problems)
