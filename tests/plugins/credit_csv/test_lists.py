"""Lists of credit information: every field, three languages, and what is refused with its place."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.casework import (
    FIGURES,
    Collateral,
    CreditLimit,
    ExternalScore,
    FinancialStatement,
    Insolvency,
)
from receivables.credit.model import Commitment
from receivables.errors import PolicyError
from receivables.money import money
from receivables_plugins.credit_csv.headings import figure_field, find_header
from receivables_plugins.credit_csv.settings import FIELDS, CreditCsvSettings

DAY = dt.date(2026, 1, 31)


def test_a_score_keeps_all_it_says(read):
    """Every field of a score is read, and a number is its points."""
    text = (
        "score id,customer,source,score,rated on,valid until,limit,currency,comment\n"
        "S-1,0042,Coface DRA,7,2026-01-31,2026-12-31,1000.00,EUR,stable\n"
    )

    (row,) = read(text).rows

    assert row == ExternalScore(
        score="S-1",
        customer="0042",
        source="coface-dra",
        value="7",
        points=7,
        rated_on=DAY,
        valid_until=dt.date(2026, 12, 31),
        limit=money("1000.00", "EUR"),
        note="stable",
    )


def test_a_score_without_a_name_has_one_of_its_own(read):
    """Whose, of whom and when: the same list read twice names a score alike."""
    text = "client;note;date du score\n0042;B+;2026-01-31\n"

    (row,) = read(text, source="ellipro").rows

    assert ("ellipro:0042:2026-01-31", "B+", None) == (row.score, row.value, row.points)


def test_a_limit_keeps_all_it_says(read):
    """Every field of a limit is read, the collateral that it rests on among them."""
    names = FIELDS["limits"]
    values = {
        "id": "L-1",
        "customer": "0042",
        "amount": "70000.00",
        "currency": "EUR",
        "kind": "collateral",
        "since": "2026-01-31",
        "until": "2026-12-31",
        "cover": "87.5",
        "collateral": "hipoteca",
        "collateral-value": "100000.00",
        "rank": "2",
        "prior": "40000.00",
        "haircut": "30 %",
        "valued-on": "2026-01-31",
        "provider": "Notaire",
        **dict.fromkeys(("policy", "reference", "by", "reason"), "x"),
    }
    text = "\n".join([",".join(names), ",".join(values.get(name, "") for name in names)])

    (row,) = read(text).rows

    deed = Collateral(
        kind="mortgage",
        value=money("100000.00", "EUR"),
        rank=2,
        prior=money("40000.00", "EUR"),
        haircut_bps=3_000,
        valued_on=DAY,
        provider="Notaire",
    )
    assert row == CreditLimit(
        limit="L-1",
        customer="0042",
        amount=money("70000.00", "EUR"),
        kind="collateral",
        since=DAY,
        until=dt.date(2026, 12, 31),
        cover_bps=8_750,
        collateral=deed,
        policy="x",
        reference="x",
        by="x",
        reason="x",
    )


def test_commitments_and_insolvencies_keep_all_they_say(read):
    """Every field of both is read."""
    order = (
        "order,customer,kind,amount,currency,since,until,expected on,creditor\n"
        "SO-7,0042,bills,800.00,EUR,2026-01-31,2026-02-28,2026-02-10,MIRA\n"
    )
    case = (
        "Insolvency,Client,Procédure,Ouverte le,Tribunal,Liquidateur,Délai de déclaration,"
        "Déclarée le,Référence,Note\n"
        "I-1,0042,Liquidation judiciaire,2026-01-31,Nantes,Me Roy,2026-03-31,2026-02-10,R,n\n"
    )

    assert read(order).rows == (
        Commitment(
            commitment="SO-7",
            customer="0042",
            kind="bills",
            amount=money("800.00", "EUR"),
            since=DAY,
            until=dt.date(2026, 2, 28),
            expected_on=dt.date(2026, 2, 10),
            creditor="MIRA",
        ),
    )
    assert read(case).rows == (
        Insolvency(
            insolvency="I-1",
            customer="0042",
            kind="liquidation",
            opened_on=DAY,
            court="Nantes",
            administrator="Me Roy",
            file_claim_by=dt.date(2026, 3, 31),
            claim_filed_on=dt.date(2026, 2, 10),
            reference="R",
            note="n",
        ),
    )


def test_every_figure_is_read(read):
    """A wide list with all the figures gives them all."""
    head = ["customer", "period-end", "currency", "months", "unit", "audited", "consolidated"]
    names = [*head, *(name.replace("_", "-") for name in FIGURES)]
    figures = {name: 1_000 + place for place, name in enumerate(FIGURES)}
    values = ["0042", "2025-12-31", "EUR", "18", "thousands", "yes", "non", *figures.values()]

    (row,) = read("\n".join([",".join(names), ",".join(map(str, values))])).rows

    assert row == FinancialStatement(
        financials="0042:2025-12-31",
        customer="0042",
        currency="EUR",
        period_end=dt.date(2025, 12, 31),
        months=18,
        unit=1_000,
        is_audited=True,
        **figures,
    )


def test_long_and_wide_say_the_same(read):
    """A figure a row or a figure a column: the statement is one."""
    wide = "customer,period end,total assets,equity\n0042,2025-12-31,900,300\n"
    long = (
        "customer,period end,figure,value\n"
        "0042,2025-12-31,total assets,900\n0042,2025-12-31,equity,300\n"
    )

    assert read(wide, currency="EUR").rows == read(long, currency="EUR").rows


def test_a_long_statement_with_a_bad_row_is_left_out(read, problems):
    """What a statement lacks could be what matters, so none of it is given."""
    text = (
        "customer,period end,figure,value\n"
        "0042,2025-12-31,total assets,900\n0042,2025-12-31,good will,3\n"
        "007,2025-12-31,equity,1\n007,2025-12-31,equity,2\n"
        "008,2025-12-31,equity,1\n"
    )

    found = read(text, currency="EUR")

    assert [row.customer for row in found.rows] == ["008"]
    assert [code for code, _, _ in problems(found)] == ["credit.value-unknown", "credit.duplicate"]


def test_what_does_not_add_up_is_noted_and_given(read, problems):
    """The file was read as it stands: the accounts are in doubt, and the read is complete."""
    text = "customer,period end,total assets,equity,liabilities\n0042,2025-12-31,900,300,500\n"

    found = read(text, currency="EUR")

    assert len(found.rows) == 1
    assert problems(found) == [("financials.unbalanced", 2, "total_assets")]
    assert found.report.complete


BAD_ROWS = {
    "no customer": (",7,2026-01-31,x", ("customer.missing", 2, "customer")),
    "no value": ("1,,2026-01-31,x", ("credit.value-missing", 2, "score")),
    "no day": ("1,7,,x", ("date.missing", 2, "rated on")),
    "a day of two readings": ("1,7,03/04/2026,x", ("locale.ambiguous", 2, "rated on")),
    "a day that is none": ("1,7,2026-02-30,x", ("date.invalid", 2, "rated on")),
    "no source": ("1,7,2026-01-31,", ("credit.value-missing", 2, "source")),
    "a cell too many": ("1,7,2026-01-31,x,y", ("row.length", 2, None)),
    "an open quote": ('1,7,2026-01-31,"x', ("file.truncated", 2, None)),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_a_problem_with_its_place(name, read, problems):
    """A row that cannot be read is noted with file, line and heading; the others are given."""
    row, expected = BAD_ROWS[name]
    good = "2,7,2026-01-31,x\n" if name != "an open quote" else ""

    found = read(f"customer,score,rated on,source\n{row}\n{good}")

    assert problems(found) == [expected]
    assert len(found.rows) == bool(good)
    assert not found.report.complete


BAD_AMOUNTS = {
    "two readings": ("5,000", "EUR", "locale.ambiguous"),
    "three decimals": ("5.0005", "EUR", "amount.inexact"),
    "decimals of a yen": ("5.5", "JPY", "amount.inexact"),
    "a formula": ("=1+1", "EUR", "amount.invalid"),
    "an exponent": ("1e9", "EUR", "amount.invalid"),
    "huge": ("9" * 30, "EUR", "amount.limit"),
    "endless": ("9" * 5_000, "EUR", "amount.invalid"),
    "below zero": ("-5.00", "EUR", "credit.invalid"),
    "no currency": ("5.00", "", "currency.missing"),
    "no such currency": ("5.00", "XXX", "currency.unknown"),
}


@pytest.mark.parametrize("name", BAD_AMOUNTS)
def test_an_impossible_limit_is_refused(name, read, problems):
    """Amounts are exact or refused, whatever stands in the cell."""
    text, currency, code = BAD_AMOUNTS[name]

    found = read(f"customer;limit;currency\n0042;{text};{currency}\n")

    assert found.rows == ()
    assert [one for one, _, _ in problems(found)] == [code]


BAD_FIGURES = {
    "decimals": ("12.5", "amount.inexact"),
    "two readings": ("1,234", "locale.ambiguous"),
    "huge": ("9" * 20, "amount.limit"),
    "a word": ("n/a", "amount.invalid"),
}


@pytest.mark.parametrize("name", BAD_FIGURES)
def test_an_impossible_figure_is_refused(name, read, problems):
    """A figure is a whole number of units that can be read in one way."""
    text, code = BAD_FIGURES[name]

    found = read(f"customer;period end;sales;equity\n1;2025-12-31;{text};1\n", currency="EUR")

    assert found.rows == ()
    assert problems(found) == [(code, 2, "sales")]


def test_figures_with_decimals_may_be_rounded(read):
    """Where the settings say so, half-even."""
    text = "customer;period end;sales;equity\n1;2025-12-31;12.5;13.5\n"

    (row,) = read(text, currency="EUR", round_figures=True).rows

    assert (row.sales, row.equity) == (12, 14)


def test_a_name_that_comes_twice_is_refused(read, problems):
    """The first of two is given, the second named with its line."""
    text = "order,customer,kind,amount\nSO-7,1,orders,8.00\nSO-7,1,orders,9.00\n"

    found = read(text, currency="EUR")

    assert [row.amount for row in found.rows] == [money("8.00", "EUR")]
    assert problems(found) == [("credit.duplicate", 3, "order")]


def test_texts_are_kept_as_they_are(read):
    """What looks like a formula is a text: whoever writes it out again makes it safe."""
    text = "customer,score,rated on,comment\n=HYPERLINK(0),7,2026-01-31,@SUM(A1)\n"

    (row,) = read(text, source="x").rows

    assert (row.customer, row.note) == ("=HYPERLINK(0)", "@SUM(A1)")


@pytest.mark.parametrize(
    "raw",
    [
        "\ufeffclient;note;date du score\n0042;é;2026-01-31\n".encode(),
        "client;note;date du score\n0042;é;2026-01-31\n".encode("iso-8859-15"),
        "client;note;date du score\n0042;é;2026-01-31\n".encode("utf-16"),
        "Report of Ellipro\n\nclient;note;date du score\r\n0042;é;2026-01-31\r\n".encode(),
    ],
)
def test_however_it_is_encoded(raw, read, spec):
    """A byte-order mark, another encoding, a title above the headings: the row is the same."""
    found = read(raw, source="x")

    assert [(row.customer, row.value) for row in found.rows] == [("0042", "é")]
    assert spec.build({"source": "x"}).recognizes(raw, name="a.csv")


def test_columns_that_are_not_read_are_named(read, problems):
    """Nothing is lost in silence: an unknown heading is a warning."""
    found = read("customer,score,rated on,Segment\n1,7,2026-01-31,B\n", source="x")

    assert problems(found) == [("credit.column-unread", 1, "Segment")]
    assert found.report.complete


def test_a_column_that_comes_twice_is_refused(read, problems):
    """Two headings of one field: nobody knows which."""
    found = read("customer,score,rating,rated on\n1,7,8,2026-01-31\n", source="x")

    assert problems(found) == [("column.duplicate", 1, "score")]
    assert found.rows == ()


def test_headings_and_words_may_be_declared(read):
    """A list of other words is read by its map."""
    text = "Konto;Bonität;Stand\n0042;300;31.01.2026\n"

    (row,) = read(
        text,
        record="scores",
        columns={"customer": "Konto", "value": "Bonität", "rated-on": "Stand"},
        date_format="%d.%m.%Y",
        source="creditreform",
    ).rows
    (limit,) = read(
        "customer,limit,kind\n1,5.00,KV\n", currency="EUR", kinds={"KV": "insured"}
    ).rows

    assert (row.customer, row.points) == ("0042", 300)
    assert limit.kind.value == "insured"


UNREADABLE = {
    "nothing": (b"", "file.empty"),
    "blanks": (b"\n\n \n", "file.empty"),
    "headings alone": (b"customer,score,rated on\n", "file.empty"),
    "other headings": (b"number,customer,document-date,amount\n1,2,3,4\n", "column.missing"),
    "bytes": (b"\x00\x01\x02\xff\xfe" * 20, "column.missing"),
    "any amounts": (b"customer,date,amount\n1,2026-01-31,3\n", "column.missing"),
    "any values": (b"customer,date,value\n1,2026-01-31,3\n", "column.missing"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_such_list_is_said(name, read, problems):
    """A file that is none of the five kinds is a problem, and no guess."""
    content, code = UNREADABLE[name]

    found = read(content, source="x")

    assert found.rows == ()
    assert code in [one for one, _, _ in problems(found)]
    assert not found.report.complete


BAD_SETTINGS = [
    {"record": "grades"},
    {"columns": {"value": "x"}},
    {"record": "scores", "columns": {"court": "x"}},
    {"currency": "XXX"},
    {"unit": 10},
    {"delimiter": ":"},
    {"decimal": ",", "grouping": ","},
    {"date_format": "%B"},
    {"encoding": "klingon"},
]


@pytest.mark.parametrize("settings", BAD_SETTINGS)
def test_impossible_settings_are_refused(settings, spec):
    """A setting that cannot be is the configuration's fault, before any file is read."""
    with pytest.raises(PolicyError):
        spec.build(settings)


@pytest.mark.parametrize("record", FIELDS)
def test_our_own_words_are_headings(record):
    """Every field is known by its own name."""
    (header,) = find_header(list(FIELDS[record]), CreditCsvSettings(record=record))

    assert set(header.columns) == set(FIELDS[record])
    assert header.doubled == ()


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_has_its_word(figure):
    """A figure is known by its own name."""
    assert figure_field(figure) == figure.replace("_", "-")
