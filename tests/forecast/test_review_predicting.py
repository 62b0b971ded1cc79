"""Lists as they come: each row has its prediction, and what the file tells of later days does nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random

import pytest

from receivables.predicting import main, predict_payments

DAY = dt.timedelta(days=1)
HEADINGS = "invoice_id,customer,invoice_date,due_date,clear_date"
ASKED = "invoice_id,customer,invoice_date,due_date"


def _history(count=30, *, late=4):
    rows = []
    for number in range(count):
        due = dt.date(2026, 1, 7) + number * 7 * DAY
        paid = due + (late + number % 3) * DAY
        rows.append(f"{number},C-{number % 2},{due - 30 * DAY},{due},{paid}")
    return rows


def _text(rows, headings=HEADINGS):
    return "\n".join((headings, *rows)) + "\n"


@pytest.fixture
def predicted(tmp_path):
    """Predict from two texts, and give the rows and the codes of the problems."""

    def run(history, asked, **given):
        paths = tmp_path / "history.csv", tmp_path / "open.csv"
        for path, text in zip(paths, (history, asked), strict=True):
            path.write_text(text, encoding="utf-8", newline="")
        found = predict_payments(*paths, **given)
        return list(csv.DictReader(io.StringIO(found.text))), [one.code for one in found.problems]

    return run


ROWS = {
    "no customer": ("A,,2026-07-20,2026-08-19", "customer.missing"),
    "no dates": ("A,C-1,,", "date.missing"),
    "a date nobody can read": ("A,C-1,soon,2026-08-19", "date.invalid"),
    "a date that can be read in two ways": ("A,C-1,03/04/2026,2026-08-19", "locale.ambiguous"),
    "a date of another age": ("A,C-1,0001-01-01,2026-08-19", "date.invalid"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_with_a_gap_is_predicted_all_the_same(predicted, name):
    """The portfolio speaks for nobody known, the day of the prediction for a lost date; it is said."""
    row, code = ROWS[name]
    rows, codes = predicted(_text(_history()), _text([row, "B,C-1,2026-08-03,2026-09-02"], ASKED))

    assert [one["invoice_id"] for one in rows] == ["A", "B"]
    assert rows[0]["as_of"] <= rows[0]["low_on"] <= rows[0]["predicted_on"]
    assert code in codes


def test_a_list_without_any_date_or_number_is_predicted(predicted):
    """On the last day of the history, each row under the number of its line."""
    rows, _ = predicted(_text(_history()), _text(["C-1,", "C-0,"], "customer,invoice_date"))

    assert [(one["item"], one["as_of"]) for one in rows] == [
        ("2", "2026-08-04"),
        ("3", "2026-08-04"),
    ]


def test_only_ends_of_lines_end_lines(predicted):
    """Other marks that some programs take for the end of a line stand within cells."""
    name = "A\u2028B\x85C\x0cD"
    asked = _text([f"A,C-1,2026-08-10,2026-09-09,{name}"], f"{ASKED},name")
    rows, codes = predicted(
        _text([f"{row},{name}" for row in _history()], f"{HEADINGS},name"), asked
    )

    assert (len(rows), codes) == (1, [])


@pytest.mark.parametrize("blank", ["99991231", "00000000", "9999-12-31 00:00:00", "NaT", "NULL"])
def test_a_date_that_means_none_is_a_gap(predicted, blank):
    """An item whose day of payment is the end of all time is open, like one with a blank."""
    rows = _history()
    opened = [row.rsplit(",", 1)[0] + "," for row in rows[20:]]
    filled = [row + blank for row in opened]
    asked = _text(["A,C-1,2026-08-10,2026-09-09"], ASKED)

    one, two = (predicted(_text([*rows[:20], *more]), asked) for more in (opened, filled))
    assert one == two


def test_an_absurd_day_of_one_row_does_not_stop_the_others(predicted):
    """The end of all time is no day of a prediction: the row gets the day that it had without it."""
    asked = ["A,C-1,2026-08-10,2026-09-09,9999-12-31", "B,C-1,2026-08-10,2026-09-09,"]
    rows, _ = predicted(_text(_history()), _text(asked, f"{ASKED},as_of"))

    assert [one["as_of"] for one in rows] == ["2026-08-10", "2026-08-10"]


def test_a_list_of_the_past_is_predicted_in_the_past(predicted):
    """Where the history shows most of a list as paid, the rest is asked on its own date too."""
    history = _history()
    history[24] = history[24].rsplit(",", 1)[0] + ","
    asked = _text([row.rsplit(",", 1)[0] for row in history[20:26]], ASKED)
    rows, codes = predicted(_text(history), asked)

    dates = [row.split(",")[2] for row in history[20:26]]
    assert [one["as_of"] for one in rows] == dates
    assert codes == ["forecast.paid-already"]


def test_numbers_of_two_programs_name_the_same_item(predicted):
    """One writes 7 and the other 7.0: the history knows the item, and that it was paid."""
    rows, codes = predicted(_text(_history()), _text(["7.0,C-1,2026-01-26,2026-02-25"], ASKED))

    assert (rows[0]["as_of"], codes) == ("2026-01-26", ["forecast.paid-already"])


def test_the_order_of_the_lists_does_not_matter(predicted):
    """A shuffled history says the same, also where an item stands twice with two days of payment."""
    history = [*_history(), "3,C-1,2025-12-29,2026-01-28,2026-03-15"]
    asked = [f"A{number},C-{number % 3},2026-08-1{number},2026-09-09" for number in range(5)]
    mixed = list(history)
    random.Random(1).shuffle(mixed)  # noqa: S311  # an order

    assert predicted(_text(history), _text(asked, ASKED)) == predicted(
        _text(mixed), _text(asked, ASKED)
    )


def test_what_comes_later_changes_no_row_of_the_past(predicted):
    """Other payments and items after the day of each row leave every prediction as it was."""
    history = _history()
    asked = _text([row.rsplit(",", 1)[0] for row in history[10:12]], ASKED)
    last = dt.date.fromisoformat(history[11].split(",")[2])
    other = []
    for row in history:
        *cells, issued, due, paid = row.split(",")
        if dt.date.fromisoformat(paid) > last:
            paid = str(max(dt.date.fromisoformat(paid), dt.date.fromisoformat(due)) + 20 * DAY)
        if dt.date.fromisoformat(issued) <= last or cells[0] == "29":
            other.append(",".join((*cells, issued, due, paid)))

    assert predicted(_text(history), asked) == predicted(_text(other), asked)


def test_open_items_that_the_history_lacks_are_information(predicted):
    """A history of payments only is sure of paying; the old open items of the list say otherwise."""
    due = [dt.date(2026, 3, 4) + number * 7 * DAY for number in range(12)]
    stuck = [f"S{number},C-1,{day - 30 * DAY},{day}" for number, day in enumerate(due)]
    new = "A,C-1,2026-08-05,2026-09-04"
    alone, _ = predicted(_text(_history()), _text([new], ASKED))
    beside, _ = predicted(_text(_history()), _text([*stuck, new], ASKED))

    assert float(beside[-1]["unpaid_probability"]) > float(alone[-1]["unpaid_probability"])


def test_a_file_in_a_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    """Where nothing can be written, it is said in one line, without a trace."""
    paths = tmp_path / "history.csv", tmp_path / "open.csv"
    paths[0].write_text(_text(_history()), encoding="utf-8")
    paths[1].write_text(_text(["A,C-1,2026-08-10,2026-09-09"], ASKED), encoding="utf-8")

    assert main([*map(str, paths), str(tmp_path / "none" / "out.csv")]) == 2
    assert "No such file" in capsys.readouterr().err
