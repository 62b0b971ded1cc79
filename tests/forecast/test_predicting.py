"""Predictions from two lists: any usual headings, nothing known later, and never half a file."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from receivables.errors import PolicyError
from receivables.predicting import BUCKETS, Days, main, predict_payments

HISTORY = (
    "doc_id;cust_number;document_create_date;due_in_date;clear_date;total_open_amount;days_late\n"
)
DAY = dt.timedelta(days=1)


def _history(count=20, *, late=4, first=dt.date(2026, 1, 7)):
    lines = [HISTORY]
    for number in range(count):
        due = first + number * 7 * DAY
        paid = due + late * DAY
        start = due - 30 * DAY
        lines.append(
            f"{number}.0;0140;{start:%Y%m%d}.0;{due:%Y%m%d}.0;{paid:%Y-%m-%d 00:00:00};10.5;{late}\n"
        )
    return "".join(lines)


def _open(*rows, headings="invoice_id,customer,invoice_date,due_date,amount"):
    return "\n".join((headings, *rows)) + "\n"


@pytest.fixture
def lists(tmp_path):
    """Write two lists, and give their paths."""

    def write(history, asked):
        paths = tmp_path / "history.csv", tmp_path / "open.csv"
        for path, text in zip(paths, (history, asked), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return write


def _rows(prediction):
    return list(csv.DictReader(io.StringIO(prediction.text)))


def _codes(prediction):
    return sorted(problem.code for problem in prediction.problems)


def test_two_lists_of_different_programs_make_a_third(lists):
    """Other headings, separators and dates are read; the identity comes back as it was given."""
    found = predict_payments(*lists(_history(), _open("991818786.0,0140,2026-06-01,2026-07-01,7")))
    [row] = _rows(found)

    assert list(row)[:4] == ["invoice_id", "customer", "as_of", "due_date"]
    assert (row["invoice_id"], row["predicted_on"]) == ("991818786.0", "2026-07-06")
    assert row["bucket"] in BUCKETS
    assert 0 <= float(row["late_probability"]) <= 1
    assert _codes(found) == []


def test_each_row_has_its_own_day(lists):
    """Said by the row, or else the later of its date and of the last day of the history."""
    rows = (
        "A,0140,2026-03-01,2026-04-01,1,",
        "B,0140,2026-07-15,2026-08-01,1,",
        "C,0140,2026-07-15,2026-08-01,1,2026-07-20",
    )
    asked = _open(*rows, headings="invoice_id,customer,invoice_date,due_date,amount,as_of")
    found = predict_payments(*lists(_history(), asked))

    assert [row["as_of"] for row in _rows(found)] == ["2026-05-24", "2026-07-15", "2026-07-20"]


def test_the_past_is_asked_for_what_it_knew(lists):
    """On a document's date only payments until then count, so that a later habit changes nothing."""
    asked = _open("A,0140,2026-03-01,2026-04-02,1")
    days = Days(on_document_date=True)
    early = predict_payments(*lists(_history(8), asked), days=days)
    later = _history(8) + _history(12, late=40, first=dt.date(2026, 4, 8)).removeprefix(HISTORY)
    late = predict_payments(*lists(later, asked), days=days)

    assert early.text == late.text


def test_what_the_history_shows_as_paid_is_predicted_on_its_own_date(lists):
    """An item that is paid by the day is taken back to its document's date, and it is said."""
    found = predict_payments(*lists(_history(), _open("7.0,0140,2026-01-26,2026-02-25,10.5")))

    assert _rows(found)[0]["as_of"] == "2026-01-26"
    assert _codes(found) == ["forecast.paid-already"]


def test_columns_that_tell_the_outcome_are_not_looked_at(lists):
    """A day of payment in the open list changes no prediction, and a warning says so."""
    headings = "invoice_id,customer,invoice_date,due_date,clear_date,days_late"
    texts = {
        predict_payments(
            *lists(
                _history(), _open(f"A,0140,2026-06-01,2026-07-01,{paid},{late}", headings=headings)
            )
        ).text
        for paid, late in (("", ""), ("2026-09-09", "70"))
    }

    assert len(texts) == 1


def test_doubtful_cells_are_listed_and_every_row_goes_on(lists):
    """Bad and ambiguous dates are noted and not used, with line and heading; no row is lost."""
    rows = (
        "A,0140,03/04/2026,2026-07-01,1",
        "B,0140,2026-02-30,2026-07-01,1",
        "C,,2026-06-01,2026-07-01,1",
        "D,0140,2026-06-01,,abc",
    )
    found = predict_payments(*lists(_history(), _open(*rows)))

    assert [row["invoice_id"] for row in _rows(found)] == ["A", "B", "C", "D"]
    assert _codes(found) == [
        *("amount.invalid", "customer.missing", "date.invalid", "date.missing", "date.missing"),
        "locale.ambiguous",
    ]


def test_one_date_proves_the_order_of_its_column(lists):
    """Where a column has the thirtieth of a month first, so do its doubtful dates."""
    rows = ("A,0140,30/06/2026,30/07/2026,1", "B,0140,03/07/2026,04/08/2026,1")
    found = predict_payments(*lists(_history(), _open(*rows)))

    assert [row["due_date"] for row in _rows(found)] == ["2026-07-30", "2026-08-04"]


def test_the_command_writes_a_whole_file_or_none(lists, tmp_path, capsys):
    """It returns 0 with a file, and 2 without one where nothing could be predicted."""
    history, asked = lists(_history(), _open("A,0140,2026-06-01,2026-07-01,1"))
    out = tmp_path / "out.csv"
    good = main([str(history), str(asked), str(out), "--as-of", "2026-06-02"])
    asked.write_text("number;name\n1;x\n", encoding="utf-8")
    bad = main([str(history), str(asked), str(tmp_path / "none.csv")])
    missing = main([str(tmp_path / "no.csv"), str(asked), str(out)])

    assert (good, bad, missing) == (0, 2, 2)
    assert out.read_text(encoding="utf-8").count("\n") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "history.csv",
        "open.csv",
        "out.csv",
    ]
    assert "columns must include one for the customer" in capsys.readouterr().err


def test_a_model_that_there_is_not_is_refused(lists):
    """Only the models with a name can be asked."""
    with pytest.raises(PolicyError, match="model must be one of"):
        predict_payments(
            *lists(_history(), _open("A,0140,2026-06-01,2026-07-01,1")), model="oracle"
        )
