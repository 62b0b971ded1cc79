"""Predictions of the day of payment, from a list of past invoices and one of open ones: CSV in, CSV out.

Headings are recognised by what programs usually call them; dates are ISO 8601, ``20200210``, or
proved by another date of their column; whatever is doubtful is listed and not guessed.

    python -m receivables.predicting HISTORY.csv OPEN.csv PREDICTIONS.csv

Nothing is used for a row that was not known on its day, even where the history tells more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from receivables.errors import ReceivablesError
from receivables.predicting._headings import NAMES
from receivables.predicting._reading import read_history, read_open
from receivables.predicting._running import MODELS, Days, Predicted, predict
from receivables.predicting._writing import BUCKETS, COLUMNS, as_csv
from receivables.problems import Problem
from receivables.reading import ReadNotes

__all__ = [
    "BUCKETS",
    "COLUMNS",
    "MODELS",
    "NAMES",
    "Days",
    "Predicted",
    "Prediction",
    "main",
    "predict_payments",
]

_ON_DOCUMENT_DATE: Final = "document-date"
_SHOWN_MAX: Final = 50
_NOTHING: Final = 2
"""The exit code where nothing could be predicted."""


@attrs.frozen(kw_only=True)
class Prediction:
    """What a run predicted, as rows and as text, and what it found wrong with the lists."""

    rows: tuple[Predicted, ...] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0


def predict_payments(
    history: Path | str,
    open_list: Path | str,
    *,
    model: str = "habit",
    days: Days | None = None,
) -> Prediction:
    """Read two lists, and say for each row of the second when it will be paid.

    Raises `PolicyError` for a model that there is not, and `OSError` where a file cannot be read.
    Whatever is wrong within the files is among the problems.
    """
    past, asked = ReadNotes(str(history)), ReadNotes(str(open_list))
    rows, headings = read_open(Path(open_list), asked)
    found: list[Predicted] = []
    if headings is not None:
        wanted = tuple(headings.features)
        items = read_history(Path(history), past, only=wanted)
        if rows and not _is_unusable(past, items):
            found = predict(rows, items, days=days or Days(), model=model, notes=asked)
    name = headings.name("item") if headings is not None else "item"
    return Prediction(
        rows=tuple(found),
        text=as_csv(found, item_heading=name),
        problems=(*past.problems, *asked.problems),
        problem_count=past.problem_count + asked.problem_count,
    )


def _is_unusable(notes: ReadNotes, items: Sequence[object]) -> bool:
    """Whether a history has no items because of what is wrong with it, and not for want of a past."""
    return not items and notes.error_count > 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 where something was predicted, 2 where nothing could be, and why on stderr."""
    asked = _parser().parse_args(arguments)
    try:
        days = _days(asked.as_of, asked.known_through)
        done = predict_payments(asked.history, asked.open, model=asked.model, days=days)
    except (ReceivablesError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return _NOTHING
    for problem in done.problems[:_SHOWN_MAX]:
        sys.stderr.write(f"{problem}\n")
    if done.problem_count > _SHOWN_MAX:
        sys.stderr.write(f"and {done.problem_count - _SHOWN_MAX} more problems\n")
    if not done.rows:
        sys.stderr.write("nothing could be predicted\n")
        return _NOTHING
    try:
        _write(Path(asked.predictions), done.text)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return _NOTHING
    sys.stderr.write(f"{len(done.rows)} rows predicted by the model {asked.model}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m receivables.predicting",
        description="Say for each open invoice on which day it will be paid.",
    )
    parser.add_argument("history", help="CSV of past invoices, with the day of payment or a blank")
    parser.add_argument("open", help="CSV of open invoices")
    parser.add_argument("predictions", help="CSV that is written")
    parser.add_argument("--model", choices=sorted(MODELS), default="habit")
    parser.add_argument(
        "--as-of",
        default="",
        metavar="DAY",
        help=f"the day of the prediction, or {_ON_DOCUMENT_DATE}; without it the later of the "
        "document's date and the last day of the history",
    )
    parser.add_argument(
        "--known-through",
        default="",
        metavar="DAY",
        help="the last day of the history that may be used",
    )
    return parser


def _days(as_of: str, known_through: str) -> Days:
    return Days(
        as_of=_day(as_of, "--as-of") if as_of and as_of != _ON_DOCUMENT_DATE else None,
        on_document_date=as_of == _ON_DOCUMENT_DATE,
        known_through=_day(known_through, "--known-through") if known_through else None,
    )


def _day(text: str, name: str) -> dt.date:
    from receivables.days import to_day  # noqa: PLC0415  # only where a day was given

    return to_day(text, name=name)


def _write(path: Path, text: str) -> None:
    """Write all of it or nothing: a reader never sees half a file."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
