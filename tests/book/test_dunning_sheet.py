"""The worksheet of a dunning run: written, edited as spreadsheets do, and read back with its faults."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping

import attrs
import pytest

from receivables.documents import Invoice
from receivables.documents.objects import open_items
from receivables.dunning import DunningRun, review
from receivables.dunning.model import DunningLevel, DunningProcedure
from receivables.dunning.objects import propose
from receivables.errors import DocumentError
from receivables.money import money
from receivables.parties import Customer
from receivables.reviewing import DunningSheet, dunning_worksheet, read_dunning_worksheet

AS_OF = dt.date(2026, 10, 31)
MOMENT = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
FEES = DunningProcedure(
    name="fees",
    version="1",
    levels=[DunningLevel(days_past_due=8, letter="reminder-1", fees_minor={"EUR": 1500})],
)
Rows = list[dict[str, str]]


@pytest.fixture
def run() -> DunningRun:
    """Two notices with a fee: one about two invoices, one about a third."""
    owed = [("F-1", "C-1"), ("F-2", "C-1"), ("=F-3", "C-2")]
    items = [
        item
        for number, customer in owed
        for item in open_items(
            Invoice(
                number=number,
                creditor="MIRA",
                customer=customer,
                document_date=dt.date(2026, 9, 1),
                due_date=dt.date(2026, 10, 1),
                total=money("1200.50", "EUR"),
            )
        )
    ]
    customers = {name: Customer(customer=name, name=name) for name in ("C-1", "C-2")}
    return propose(
        items, notices=(), procedure=FEES, as_of=AS_OF, recorded_at=MOMENT, customers=customers
    )


def written(run: DunningRun) -> bytes:
    """The worksheet of a run."""
    return dunning_worksheet(run, names={"C-1": "Éts Dupont; fils", "C-2": "@Harfang"})


def rows_of(content: bytes) -> Rows:
    """The rows of a worksheet."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def saved(rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as a spreadsheet saves them."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


def read(run: DunningRun, content: bytes) -> DunningSheet:
    """What a worksheet says of a run."""
    return read_dunning_worksheet(content, name="run.csv", run=run)


def test_a_row_for_each_item(run: DunningRun) -> None:
    """Invoices and fees stand below one another, in units, and texts are no formulas."""
    rows = rows_of(written(run))

    assert [row["item"] for row in rows] == [*("F-1", "F-2", "FEE-F-1-1", "'=F-3", "FEE-=F-3-1")]
    assert (rows[0]["open"], rows[0]["asked"], rows[2]["open"]) == ("1200.50", "1200.50", "15.00")
    assert (rows[0]["name"], rows[3]["name"]) == ("Éts Dupont; fils", "'@Harfang")
    assert {row["run"] for row in rows} == {run.fingerprint}


def test_a_worksheet_as_it_was_written_leaves_nothing_out(run: DunningRun) -> None:
    """Nothing was edited: the whole run is approved."""
    said = read(run, written(run))

    assert said.problems == said.exclusions == ()
    assert said.notices == said.left_whole == tuple(one.event for one in run.notices)
    assert review(run, by="Lea", fingerprint=said.fingerprint).notices == run.notices


def semicolons(rows: Rows) -> bytes:
    """French Excel: semicolons, decimal commas, Windows-1252."""
    for row in rows:
        row |= {name: row[name].replace(".", ",") for name in ("open", "held_back", "asked")}
    return saved(rows, delimiter=";", encoding="cp1252")


def other_columns(rows: Rows) -> bytes:
    """Columns in another order, headings as somebody typed them, one more, and empty rows."""
    turned = [dict(reversed(row.items())) | {"Note": "x"} for row in rows]
    empty = dict.fromkeys(turned[0], "")
    text = saved([*turned, empty]).decode()
    return text.replace("leave_out", " Leave_Out ", 1).encode()


SPREADSHEETS: Mapping[str, Callable[[Rows], bytes]] = {
    "as it was": saved,
    "in UTF-16": lambda rows: saved(rows, delimiter="\t", encoding="utf-16"),
    "with a mark": lambda rows: saved(rows, encoding="utf-8-sig"),
    "in a French Excel": semicolons,
    "with other columns": other_columns,
}


@pytest.mark.parametrize("how", SPREADSHEETS)
def test_an_edited_worksheet_is_read_from_every_spreadsheet(run: DunningRun, how: str) -> None:
    """The reason comes back with its item, whatever saved the worksheet."""
    rows = rows_of(written(run))
    rows[1]["leave_out"] = "promis à Léa; lundi"

    said = read(run, SPREADSHEETS[how](rows))

    assert said.problems == ()
    (left,) = said.exclusions
    assert (left.item, left.reason) == ("F-2", "promis à Léa; lundi")
    assert said.left_whole == (run.notices[1].event,)
    after = review(run, said.exclusions, by="Lea", fingerprint=said.fingerprint)
    assert [item.item for item in after.notices[0].items] == ["F-1", "FEE-F-1-1"]


def test_a_notice_is_left_out_as_a_whole(run: DunningRun) -> None:
    """A reason in each of its rows, the fee among them, keeps the notice and its fee from going out."""
    rows = rows_of(written(run))
    for row in rows[:3]:
        row["leave_out"] = "insolvent"
    rows[3]["leave_out"] = ""

    said = read(run, saved(rows))
    after = review(run, said.exclusions, by="Lea", fingerprint=said.fingerprint)

    (left,) = said.exclusions
    assert (left.notice, left.item, left.reason) == (run.notices[0].event, "", "insolvent")
    assert [notice.customer for notice in after.notices] == ["C-2"]
    assert [document.customer for document in after.documents] == ["C-2"]


def test_a_row_that_was_deleted_leaves_nothing_out(run: DunningRun) -> None:
    """Of a notice whose other rows are gone the one that is marked is left out, and it alone."""
    rows = rows_of(written(run))
    rows[0]["leave_out"] = "called"

    said = read(run, saved([rows[0], rows[3]]))

    assert [one.item for one in said.exclusions] == ["F-1"]


def test_a_charge_alone_cannot_be_left_out(run: DunningRun) -> None:
    """Whoever marks the fee is told to leave out what it is charged on."""
    rows = rows_of(written(run))
    rows[2]["leave_out"] = "too much"

    said = read(run, saved(rows))

    with pytest.raises(DocumentError, match="exclude what it is charged on"):
        review(run, said.exclusions, by="Lea")


def test_a_worksheet_of_other_books_is_refused(run: DunningRun) -> None:
    """The fingerprint says that something has changed since it was looked at."""
    said = read(run, written(run))
    changed = attrs.evolve(run, notices=run.notices[:1])

    with pytest.raises(DocumentError, match="books have changed"):
        review(changed, said.exclusions, by="Lea", fingerprint=said.fingerprint)


def without(rows: Rows, heading: str) -> bytes:
    """The worksheet without a column."""
    return saved([{key: cell for key, cell in row.items() if key != heading} for row in rows])


FAULTS: Mapping[str, tuple[Callable[[Rows], bytes], str, int | None]] = {
    "nothing at all": (lambda _rows: b"", "has the columns", 1),
    "a heading alone": (
        lambda rows: saved(rows)[: saved(rows).index(b"\n") + 1],
        "of one run",
        None,
    ),
    "another file": (lambda _rows: b"number;customer\nF-1;C-1\n", "has the columns run", 1),
    "no column of reasons": (lambda rows: without(rows, "leave_out"), "columns leave_out", 1),
    "a picture": (lambda _rows: b"\x89PNG\r\n\x1a\n\x00\x00", "has the columns", 1),
    "two runs": (
        lambda rows: saved([rows[0], {**rows[1], "run": "0" * 64}]),
        "is of one run, got 2",
        None,
    ),
    "a row of nothing": (lambda rows: saved([rows[0], {**rows[1], "item": ""}]), "names its", 3),
    "an item said twice": (
        lambda rows: saved([*rows, {**rows[0], "leave_out": "no"}]),
        "F-1 is said once",
        7,
    ),
    "a quote that never ends": (
        lambda rows: saved(rows) + b'"' + b"x" * 200_000,
        "table of separated values",
        None,
    ),
}


@pytest.mark.parametrize("why", FAULTS)
def test_a_fault_is_named_with_its_row(run: DunningRun, why: str) -> None:
    """What is no worksheet, or contradicts itself, is a problem, and nothing of it counts."""
    make, said, line = FAULTS[why]

    found = read(run, make(rows_of(written(run))))

    (problem,) = found.problems
    assert found.exclusions == ()
    assert problem.code == "dunning.worksheet-invalid"
    assert said in problem.message
    assert (problem.place.source, problem.place.line) == ("run.csv", line)


def test_cells_that_are_missing_are_empty(run: DunningRun) -> None:
    """A spreadsheet that saves no empty cells at the end of a row leaves nothing out by that."""
    lines = written(run).decode("utf-8-sig").splitlines()
    short = "\n".join([lines[0], *(line.rstrip(",") for line in lines[1:])])

    said = read(run, short.encode())

    assert said.problems == said.exclusions == ()
