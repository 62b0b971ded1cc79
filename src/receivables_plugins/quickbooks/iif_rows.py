"""The lines of an IIF file: headings that begin with ``!``, rows that begin with what they are."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from receivables.reading import ReadNotes
from receivables.texts import TextLines

__all__ = ["IifRow", "Transaction", "iif_rows", "transactions"]

_MARKS: Final = ("\t", ",")


@attrs.frozen(kw_only=True)
class IifRow:
    """One row: what it is (``TRNS``, ``CUST``…), its cells by heading, its line."""

    kind: str
    cells: Mapping[str, str]
    line: int

    def get(self, name: str) -> str:
        """A cell, without outer blanks; empty where there is none."""
        return self.cells.get(name, "").strip()


@attrs.frozen
class Transaction:
    """A transaction: its first row (``TRNS``) and its distribution lines (``SPL``)."""

    head: IifRow
    splits: tuple[IifRow, ...]

    @property
    def rows(self) -> tuple[IifRow, ...]:
        """All of its rows, which come to zero."""
        return (self.head, *self.splits)


def iif_rows(lines: TextLines, *, notes: ReadNotes) -> Iterator[IifRow]:
    """Every row under a heading; a row without one is noted and left out."""
    headings: dict[str, list[str]] = {}
    mark = ""
    for text in lines:
        line = text.rstrip("\r\n")
        if not line.strip() or lines.number in lines.damaged:
            continue
        if line.lstrip('"').startswith("!"):
            mark = mark or next((each for each in _MARKS if each in line), "")
            names = [name.strip().upper() for name in _fields(line, mark or "\t")]
            headings[names[0][1:]] = names
            continue
        fields = _fields(line, mark or "\t")
        kind = fields[0].strip().upper()
        if kind not in headings:
            msg = f"a row must stand under a heading of its kind, got {kind[:40]!r}"
            notes.error("file.format", msg, line=lines.number)
            continue
        cells = dict(zip(headings[kind], fields, strict=False))
        yield IifRow(kind=kind, cells=cells, line=lines.number)
    if not headings and not notes.error_count:
        notes.error("file.empty", "file must have headings that begin with !, got none")


def _fields(line: str, mark: str) -> list[str]:
    if '"' not in line:
        return line.split(mark)
    return next(csv.reader([line], delimiter=mark), [""])


def transactions(rows: Iterator[IifRow], *, notes: ReadNotes) -> Iterator[Transaction | IifRow]:
    """Rows put together to transactions; rows of lists come as they are.

    A transaction that has no end is refused, because it may lack lines.
    """
    head: IifRow | None = None
    splits: list[IifRow] = []
    for row in rows:
        if row.kind not in {"TRNS", "SPL", "ENDTRNS"}:
            yield row
        elif row.kind == "TRNS":
            if head is not None:
                _refuse(head, notes, "file.format")
            head, splits = row, []
        elif head is None:
            msg = f"a row must belong to a transaction, got {row.kind} alone"
            notes.error("file.format", msg, line=row.line)
        elif row.kind == "SPL":
            splits.append(row)
        else:
            yield Transaction(head, tuple(splits))
            head = None
    if head is not None:
        _refuse(head, notes, "file.truncated")


def _refuse(head: IifRow, notes: ReadNotes, code: str) -> None:
    notes.error(code, "a transaction must end with ENDTRNS, got none", line=head.line)
