"""Extracts: delimited and fixed-width files, archives, local amounts, and what is wrong in them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from receivables.documents import Document, Invoice
from receivables.importing import import_records
from receivables.ledger import Ledger
from receivables.parties import Customer
from receivables.reading import Collected
from receivables.testing.ledger_service import open_minor
from receivables_plugins import m3 as plugin

_LAYOUT = [
    {"field": "ESPYNO", "start": 1, "length": 10},
    {"field": "ESCINO", "start": 11, "length": 15},
    {"field": "ESINYR", "start": 26, "length": 4},
    {"field": "ESTRCD", "start": 30, "length": 2},
    {"field": "ESCUCD", "start": 32, "length": 3},
    {"field": "ESACDT", "start": 35, "length": 8},
    {"field": "ESCUAM", "start": 43, "length": 12, "decimals": 2},
]
_HEAD = "ESPYNO;ESCINO;ESINYR;ESTRCD;ESCUCD;ESACDT;ESCUAM"
_ROW = "C-017;0042;2026;10;EUR;20260801;120.00"


def _source(**settings: Any) -> Any:
    [spec] = plugin.receivables_ledger_sources()
    return spec.build({"creditor": "MIRA", **settings})


def _read(content: str | bytes, name: str = "FSLEDG.csv", **settings: Any) -> Collected[Any]:
    raw = content.encode() if isinstance(content, str) else content
    read: Collected[Any] = _source(**settings).read(io.BytesIO(raw), name=name).collect()
    return read


def _codes(read: Collected[Any]) -> list[str]:
    return [problem.code for problem in read.report.problems]


def _fixed(amount: str, trcd: str = "10") -> str:
    return f"{'C-017':<10}{'0042':<15}2026{trcd}EUR20260801{amount:>12}"


@pytest.mark.parametrize("delimiter", [";", "|", "\t", ","])
@pytest.mark.parametrize("prefix", ["ES", "", "es"])
def test_headings_tell_what_a_file_is(delimiter: str, prefix: str) -> None:
    """The mark between fields is found, and names come with the prefix of the table or without."""
    text = f"{_HEAD}\n{_ROW}\n".replace("ES", prefix).replace(";", delimiter)
    read = _read(text)

    assert [row.number for row in read.rows] == ["0042-2026"]
    assert read.report.complete
    assert _source().recognizes(text.encode(), name="anything.txt")


def test_lines_of_exportmi_have_no_quotes() -> None:
    """A quotation mark is a character like any other in lines of EXPORTMI, padded as they are."""
    text = f'{_HEAD};ESCUNO\n{_ROW}   ;10" PIPES LTD   \n'

    assert open_minor(_read(text, quotes=False).rows) == {"EUR": 120_00}


def test_amounts_may_be_written_as_sites_do() -> None:
    """A comma for the decimals and a minus after them are read where they are declared."""
    text = f"{_HEAD}\n{_ROW}\nC-017;0042;2026;20;EUR;20260810;1.000,50-\n".replace(
        "120.00", "2.120,00"
    )

    assert open_minor(_read(text, decimal=",", grouping=".").rows) == {"EUR": 1119_50}
    assert _codes(_read(text)) == ["amount.invalid"] * 2


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12345", 123_45),
        ("-12345", -123_45),
        ("12345-", -123_45),
        ("1234N", -123_45),
        ("1234E", 123_45),
    ],
)
def test_fixed_width_has_numbers_without_a_point(text: str, minor: int) -> None:
    """Decimals come from the layout, and a sign may stand before, after or in the last digit."""
    read = _read(f"{_fixed(text)}\n", name="FSLEDG.TXT", record="ledger", layout=_LAYOUT)

    assert open_minor(read.rows) == {"EUR": minor}
    assert read.report.complete


@pytest.mark.parametrize("count", [1, 2, 90, 5_000])
def test_fixed_width_without_line_ends(count: int) -> None:
    """Records that follow each other without line ends are parted by their length, every one."""
    numbers = range(count)
    text = "".join(_fixed(str(100 + each)).replace("0042", f"{each:04}") for each in numbers)
    settings = {"record": "ledger", "layout": _LAYOUT, "record_length": 54}
    read = _read(text, name="FSLEDG.TXT", **settings)

    assert len(read.rows) == count
    assert open_minor(read.rows) == {"EUR": sum(100 + each for each in numbers)}
    assert read.report.complete


def test_fixed_width_in_ebcdic() -> None:
    """A file of IBM i in its own encoding, signs in the last digits, is read by its length."""
    text = (_fixed("1234E") + _fixed("1000}", "20")).encode("cp037")
    settings = {"record": "ledger", "layout": _LAYOUT, "record_length": 54, "encoding": "cp037"}
    read = _read(text, name="FSLEDG.DAT", **settings)

    assert open_minor(read.rows) == {"EUR": 123_45 - 100_00}
    assert read.report.complete


def test_a_file_without_line_ends_needs_its_length() -> None:
    """Where nothing says how long a record is, the second one is not lost in silence."""
    read = _read(_fixed("100") * 2, name="FSLEDG.TXT", record="ledger", layout=_LAYOUT)

    assert _codes(read) == ["settings.invalid"]
    assert not read.report.complete


def test_a_line_that_ends_in_its_amount_is_refused() -> None:
    """Half of an amount is not taken for the amount."""
    text = f"{_fixed('12345')}\n{_fixed('12345').replace('0042', '0043')[:-2]}"
    read = _read(text, name="FSLEDG.TXT", record="ledger", layout=_LAYOUT)

    assert _codes(read) == ["row.length"]
    assert open_minor(read.rows) == {"EUR": 123_45}


def test_an_archive_holds_a_file_of_each_kind(m3: SimpleNamespace) -> None:
    """Customers come before their invoices, which have the local amounts of the general ledger."""
    files = {
        "FSLEDG.csv": f"{_HEAD};ESYEA4;ESJRNO;ESJSNO\n{_ROW};2026;0007;1\n".replace("EUR", "USD"),
        "OCUSMA.csv": "OKCUNO;OKCUNM\nC-017;O'Neil\n",
        "FGLEDG.csv": "EGYEA4;EGJRNO;EGJSNO;EGACAM\n2026;7;1;110.23\n",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    customer, invoice = _read(packed.getvalue(), name="m3.zip", currency="EUR").rows

    assert type(customer) is Customer
    assert type(invoice) is Invoice
    assert (invoice.exchange_rate.base, invoice.exchange_rate.quote) == ("USD", "EUR")
    assert round(invoice.exchange_rate.rate * 120, 2) == Decimal("110.23")
    assert _source().recognizes(packed.getvalue()[:4096], name="m3.zip")


def test_local_amounts_may_stand_in_the_same_row() -> None:
    """A joined extract has both amounts; the fields of the sub-ledger come before those joined."""
    text = f"EGCINO;{_HEAD};EGACAM\nX;{_ROW};110.23\n".replace("EUR", "USD")
    [invoice] = _read(text, currency="EUR").rows

    assert invoice.number == "0042-2026"
    assert invoice.exchange_rate is not None


def test_heads_are_documents_by_the_amount_that_is_named() -> None:
    """A file of OINVOH gives documents where the settings say which field is the amount."""
    text = "UHIVNO;UHYEA4;UHPYNO;UHIDAT;UHDUDT;UHCUCD;UHIVAM\n7;2026;C-017;20260801;20260831;EUR;5.00\n"
    [invoice] = _read(text, head_amount="IVAM").rows

    assert isinstance(invoice, Document)
    assert invoice.number == "7-2026"
    assert _codes(_read(text)) == ["settings.invalid"]


def test_later_rows_do_not_count() -> None:
    """With the day of the extract, what was booked after it is left out."""
    text = f"{_HEAD}\n{_ROW}\nC-017;0042;2026;20;EUR;20260910;-120.00\n"

    assert open_minor(_read(text, snapshot_date="2026-08-31").rows) == {"EUR": 120_00}
    assert open_minor(_read(text).rows) == {}


def test_each_payment_settles_its_part_on_its_day() -> None:
    """Several payments of an invoice are as many settlements, each with a name."""
    text = (
        f"{_HEAD}\n{_ROW}\nC-017;0042;2026;20;EUR;20260910;-20.00\n"
        "C-017;0042;2026;20;EUR;20260920;-30.00\n"
    )
    _, first, second = _read(text).rows

    assert (first.settled_minor, first.settled_on.day) == (20_00, 10)
    assert (second.settled_minor, second.settled_on.day) == (30_00, 20)
    assert first.label != second.label


@pytest.mark.parametrize(
    ("text", "settings", "code"),
    [
        ("", {}, "file.empty"),
        ("Name;City\nA;B\n", {}, "file.format"),
        ("ESCINO;ESCUAM\n1;2\n", {"record": "ledger"}, "column.missing"),
        (f"{_HEAD}\n{_ROW};more\n", {}, "row.length"),
        (f'{_HEAD}\n"{_ROW}', {}, "file.format"),
        (f"ESCONO;{_HEAD}\n1;{_ROW}\n2;{_ROW}\n", {}, "m3.company-mixed"),
        ("OKCUNO;OKCUNM\nC-1;A\nC-1;B\n", {}, "customer.duplicate"),
        ("OKCUNO;OKCUNM\n;A\n", {}, "customer.missing"),
        ("EGYEA4;EGJRNO;EGJSNO;EGACAM\n2026;7;1;1.00\n", {}, "settings.invalid"),
        ("PK\x03\x04 and no more", {}, "file.format"),
        ("", {"record": "ledger", "layout": _LAYOUT}, "file.empty"),
    ],
)
def test_what_is_wrong_is_said(text: str, settings: dict[str, Any], code: str) -> None:
    """Each thing that is wrong with a file is an error with its code, and nothing is raised."""
    read = _read(text, **settings)

    assert code in _codes(read)
    assert not read.report.complete


def test_a_file_of_one_company_is_read_by_it() -> None:
    """Rows of other companies and divisions are left out where the settings name one."""
    text = f"ESCONO;ESDIVI;{_HEAD}\n001;AAA;{_ROW}\n2;AAA;{_ROW}\n1;BBB;{_ROW}\n"

    assert open_minor(_read(text, company="1", division="AAA").rows) == {"EUR": 120_00}


_FULL = "ESPYNO;ESCINO;ESINYR;ESTRCD;ESCUCD;ESACDT;ESCUAM;ESYEA4;ESJRNO;ESJSNO"


def _open_on(*texts: str, day: int) -> dict[str, int]:
    """What is open of each item on a day of September, after extracts one after another."""
    ledger = Ledger()
    for place, text in enumerate(texts):
        noon = dt.datetime(2026, 10, 1 + place, 12, tzinfo=dt.UTC)
        imported = import_records(_read(text).rows, ledger=ledger, recorded_at=noon)
        assert imported.problems == ()
        ledger = imported.ledger
    found = ledger.open_items(as_of=dt.date(2026, 9, day))
    return {str(item.item): item.open_minor for item in found}


def test_money_on_account_is_used_part_by_part() -> None:
    """Each row that uses a payment on account counts from its own day, and none of them twice."""
    first = (
        f"{_FULL}\nC-1;P7;2026;20;EUR;20260901;-100.00;2026;1;1\n"
        "C-1;P7;2026;20;EUR;20260905;40.00;2026;2;1\n"
    )
    second = f"{first}C-1;P7;2026;20;EUR;20260910;30.00;2026;3;1\n"
    third = f"{second}C-1;P7;2026;20;EUR;20260915;-5.00;2026;4;1\n"

    [(name, _)] = _open_on(first, day=1).items()
    assert _open_on(first, second, day=9) == {name: -60_00}
    assert _open_on(first, second, day=10) == {name: -30_00}
    assert sum(_open_on(first, second, third, day=15).values()) == -35_00
    assert sum(_open_on(third, day=14).values()) == -30_00


def test_what_is_paid_too_much_leaves_the_days_before_as_they_were() -> None:
    """An invoice is settled by each payment on its day, and the last one leaves money on account."""
    text = (
        f"{_FULL}\nC-1;17;2026;10;EUR;20260901;100.00;2026;1;1\n"
        "C-1;17;2026;20;EUR;20260905;-60.00;2026;2;1\nC-1;17;2026;20;EUR;20260910;-50.00;2026;3;1\n"
    )
    more = f"{text}C-1;17;2026;20;EUR;20260912;-7.00;2026;4;1\n"

    assert list(_open_on(text, day=5).values()) == [40_00]
    assert list(_open_on(text, day=10).values()) == [-10_00]
    assert sum(_open_on(text, more, day=12).values()) == -17_00


def test_rows_without_a_journal_have_names_that_stay() -> None:
    """A payment that is booked later for an earlier day changes no name of the others."""
    first = f"{_HEAD}\n{_ROW}\nC-017;0042;2026;20;EUR;20260910;-20.00\n"
    second = (
        f"{first}C-017;0042;2026;20;EUR;20260905;-30.00\nC-017;0042;2026;20;EUR;20260910;-20.00\n"
    )

    assert list(_open_on(first, second, day=10).values()) == [50_00]
