"""The command `scorecard`: data in, a card out, scores, and what it is worth."""

from __future__ import annotations

import csv
import json
import random

import pytest

from receivables.cli import main


@pytest.fixture
def data(tmp_path):
    """A book in which a low margin and one sector fail, with a gap or two."""
    luck = random.Random(3)  # noqa: S311  # no secret
    path = tmp_path / "book.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["customer", "margin", "sector", "failed"])
        for number in range(600):
            margin = luck.gauss(5, 6)
            sector = luck.choice(["retail", "trade", "hotels"])
            risk = -0.3 * margin + (1.5 if sector == "hotels" else 0) + luck.gauss(0, 2)
            shown = "" if luck.random() < 0.02 else f"{margin:.2f}"
            writer.writerow([f"C-{number:04d}", shown, sector, int(risk > 1)])
    return path


@pytest.fixture
def run(capsys):
    """Run the command; its status and what it printed."""

    def run_it(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run_it


def test_a_card_is_fitted_shown_and_scores(data, run, tmp_path):
    """A card is written with what it is worth, and scores the rows of a table by it."""
    card, report, scores = (tmp_path / name for name in ("card.toml", "card.json", "scores.csv"))

    status, out, _ = run(
        *("scorecard", "fit", data, card, "--target", "failed", "--max", "3"), "--report", report
    )

    assert status == 0
    assert "out-of-fold (600): AUC 0." in out
    assert json.loads(report.read_text(encoding="utf-8"))["validation"]["rows"] == 600
    assert "margin" in run("scorecard", "show", card)[1]
    assert run("scorecard", "score", data, scores, "--card", card, "--key", "customer")[0] == 0
    with scores.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == 600
    assert set(rows[0]) == {"customer", "points"}
    assert int(rows[0]["points"])
    assert (
        "Calibration" in run("scorecard", "validate", data, "--card", card, "--target", "failed")[1]
    )


def test_data_that_tell_the_outcome_are_said(data, run):
    """A column that repeats the outcome ends with a grave warning."""
    lines = data.read_text(encoding="utf-8").splitlines()
    told = [f"{lines[0]},closed"] + [f"{line},{line[-1]}" for line in lines[1:]]
    data.write_text("\n".join(told), encoding="utf-8")

    status, out, err = run("scorecard", "examine", data, "--target", "failed")

    assert status == 1
    assert "closed" in err
    assert "grave" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit", "{data}", "{out}", "--target", "nothing"), "nothing"),
        (("score", "{data}", "{out}", "--card", "{data}"), "error"),
        (("show", "{out}"), "No such file"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, said, data, run, tmp_path):
    """A wrong column, a file that is no card, a file that is not there: one line, nothing written."""
    out = tmp_path / "out.toml"

    status, _, err = run("scorecard", *(one.format(data=data, out=out) for one in arguments))

    assert (status, said in err) == (2, True)
    assert not out.exists()
