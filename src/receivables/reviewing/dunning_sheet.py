"""The worksheet of a dunning run: a row per item asked for, and what a person leaves out of it.

The worksheet carries the fingerprint of the run, so that what is released is what was looked at.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables.archives import csv_table, in_units
from receivables.dunning import DunningRun, RunExclusion
from receivables.ledger.model import NoticeSent
from receivables.problems import Place, Problem
from receivables.reviewing._csv import lines_of

__all__ = ["DunningSheet", "dunning_worksheet", "read_dunning_worksheet"]

_HEADINGS: Final = (
    *("run", "notice", "customer", "name", "letter", "level", "item", "due_date"),
    *("open", "held_back", "asked", "currency", "charges", "leave_out"),
)
_READ: Final = ("run", "notice", "item", "leave_out")
_SHEET_MAX: Final = 64_000_000
"""Bytes of a worksheet: some half a million rows."""


@attrs.frozen(kw_only=True)
class DunningSheet:
    """What a worksheet says: of which run, and what is left out; or what is wrong with it."""

    fingerprint: str = ""
    notices: tuple[str, ...] = ()
    """The notices that have a row."""
    exclusions: tuple[RunExclusion, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def left_whole(self) -> tuple[str, ...]:
        """The notices of which nothing is left out."""
        touched = {one.notice for one in self.exclusions}
        return tuple(notice for notice in self.notices if notice not in touched)


def dunning_worksheet(run: DunningRun, *, names: Mapping[str, str]) -> bytes:
    """The run as CSV, a row per item; write a reason under ``leave_out`` to leave the item out.

    A notice whose items are all left out does not go out; its charges go with it.
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


def read_dunning_worksheet(
    content: bytes, *, name: str, run: DunningRun | None = None
) -> DunningSheet:
    """What an edited worksheet says; problems have their row, and then nothing else counts.

    Columns may stand in any order and others may be added; delimiter and encoding are those of the
    spreadsheet that saved it.  A row that was deleted leaves nothing out: `run` tells how many items
    a notice has, and without it the rows of the worksheet do.
    """
    if len(content) > _SHEET_MAX:
        return _faulty(name, f"a worksheet has at most {_SHEET_MAX} bytes, got {len(content)}")
    try:
        lines = list(lines_of(content))
    except csv.Error as error:
        return _faulty(name, f"a worksheet is a table of separated values, got {error}")
    heading = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    if missing := [one for one in _READ if one not in heading]:
        return _faulty(name, f"a worksheet has the columns {', '.join(missing)}, got none", line=1)
    rows = [_row(line, cells, heading) for line, cells in lines[1:] if any(cells)]
    sizes = {str(one.event): len(one.items) for one in run.notices} if run else {}
    return _sheet(rows, name, sizes)


@attrs.frozen(kw_only=True)
class _Row:
    """A row of a worksheet, as far as it is read."""

    line: int
    run: str
    notice: str
    item: str
    leave_out: str


def _row(line: int, cells: Sequence[str], heading: Sequence[str]) -> _Row:
    """A row, in which cells at the end may be missing."""
    found = dict(zip(heading, cells, strict=False))
    return _Row(line=line, **{key: found.get(key, "").strip() for key in _READ})


def _sheet(rows: Sequence[_Row], name: str, sizes: Mapping[str, int]) -> DunningSheet:
    runs = {row.run for row in rows if row.run}
    if len(runs) != 1:
        return _faulty(name, f"a worksheet is of one run, got {len(runs)}")
    by_notice: dict[str, dict[str, _Row]] = {}
    for row in rows:
        if not row.notice or not row.item:
            return _faulty(name, "a row names its notice and its item, got none", line=row.line)
        known = by_notice.setdefault(row.notice, {}).setdefault(row.item, row)
        if known.leave_out != row.leave_out:
            return _faulty(name, f"item {row.item} is said once, got it twice", line=row.line)
    out: list[RunExclusion] = []
    for notice, items in by_notice.items():
        out += _exclusions(notice, items, size=sizes.get(notice, len(items)))
    return DunningSheet(fingerprint=runs.pop(), notices=tuple(by_notice), exclusions=tuple(out))


def _exclusions(notice: str, items: Mapping[str, _Row], *, size: int) -> Iterator[RunExclusion]:
    left = {item: row.leave_out for item, row in items.items() if row.leave_out}
    if left and len(left) == size:
        yield RunExclusion(notice=notice, reason="; ".join(dict.fromkeys(left.values())))
        return
    for item, reason in left.items():
        yield RunExclusion(notice=notice, item=item, reason=reason)


def _faulty(name: str, message: str, line: int | None = None) -> DunningSheet:
    problem = Problem("dunning.worksheet-invalid", message, place=Place(name, line=line))
    return DunningSheet(problems=(problem,))
