"""The worksheet of a dunning run: a row per item asked for, and what a person leaves out of it.

The worksheet carries the fingerprint of the run, so that what is released is what was looked at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from receivables.archives import csv_table, in_units
from receivables.dunning import DunningRun, RunExclusion
from receivables.errors import ReceivablesError
from receivables.ledger.model import NoticeSent
from receivables.problems import Place, Problem

__all__ = ["DunningSheet", "dunning_worksheet", "read_dunning_worksheet"]

_HEADINGS: Final = (
    *("run", "notice", "customer", "name", "letter", "level", "item", "due_date"),
    *("open", "held_back", "asked", "currency", "charges", "leave_out"),
)
_READ: Final = ("run", "notice", "item", "leave_out")
_SHEET_MAX: Final = 64_000_000
"""Characters of a worksheet: some half a million rows."""


@attrs.frozen(kw_only=True)
class DunningSheet:
    """What a worksheet says: of which run, and what is left out; or what is wrong with it."""

    fingerprint: str = ""
    exclusions: tuple[RunExclusion, ...] = ()
    problems: tuple[Problem, ...] = ()


def dunning_worksheet(run: DunningRun, *, names: Mapping[str, str]) -> bytes:
    """The run as CSV, a row per item; write a reason under ``leave_out`` to leave the item out.

    A notice whose items are all left out does not go out.
    """
    return csv_table(_HEADINGS, _rows(run, names))


def _rows(run: DunningRun, names: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    for notice in run.notices:
        for item in notice.items:
            amounts = (item.open_minor, item.held_minor, item.asked_minor)
            yield (
                *(run.fingerprint, notice.event, notice.customer),
                names.get(notice.customer, ""),
                *(notice.letter, item.level, item.item, item.due_date),
                *(in_units(minor, notice.currency) for minor in amounts),
                *(notice.currency, _charges(notice), ""),
            )


def _charges(notice: NoticeSent) -> str:
    return " ".join(notice.charges)


def read_dunning_worksheet(content: bytes, *, name: str) -> DunningSheet:
    """What an edited worksheet says; problems have their row, and then nothing else counts.

    Columns may stand in any order and others may be added; a row that was deleted leaves nothing
    out.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _faulty(name, f"a worksheet is UTF-8, got {error}")
    if len(text) > _SHEET_MAX:
        return _faulty(name, f"a worksheet has at most {_SHEET_MAX} characters, got {len(text)}")
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    if missing := [one for one in _READ if one not in (reader.fieldnames or ())]:
        return _faulty(name, f"a worksheet has the columns {', '.join(missing)}, got none", line=1)
    return _sheet(list(reader), name)


def _delimiter(text: str) -> str:
    """What parts the headings: spreadsheets of some countries save with semicolons."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def _sheet(rows: list[dict[str, str]], name: str) -> DunningSheet:
    runs = {row["run"] for row in rows if row.get("run")}
    if len(runs) != 1:
        return _faulty(name, f"a worksheet is of one run, got {len(runs)}")
    problems: list[Problem] = []
    out: list[RunExclusion] = []
    by_notice: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_notice.setdefault(_bare(row["notice"]), []).append(row)
    for notice, group in by_notice.items():
        left = [row for row in group if (row["leave_out"] or "").strip()]
        if left and len(left) == len(group):
            out.extend(_exclusions([(notice, "", left[0]["leave_out"])], problems, name))
            continue
        given = [(notice, _bare(row["item"]), row["leave_out"]) for row in left]
        out.extend(_exclusions(given, problems, name))
    if problems:
        return DunningSheet(problems=tuple(problems))
    return DunningSheet(fingerprint=_bare(runs.pop()), exclusions=tuple(out))


def _bare(text: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return text.removeprefix("'")


def _exclusions(
    given: Iterable[tuple[str, str, str]], problems: list[Problem], name: str
) -> Iterator[RunExclusion]:
    for notice, item, reason in given:
        try:
            yield RunExclusion(notice=notice, item=item, reason=reason.strip())
        except ReceivablesError as error:
            problems.append(Problem("dunning.worksheet-invalid", str(error), place=Place(name)))


def _faulty(name: str, message: str, line: int | None = None) -> DunningSheet:
    problem = Problem("dunning.worksheet-invalid", message, place=Place(name, line=line))
    return DunningSheet(problems=(problem,))
