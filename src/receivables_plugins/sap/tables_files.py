"""Rows of SAP tables out of files: delimited text with the fields as headings, or JSON.

A table is known by its fields, and not by the name of its file.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final, TypeAlias, cast

from receivables.reading import ReadNotes
from receivables.tabular import DELIMITERS, split
from receivables.texts import TextLines
from receivables_plugins.sap import rules
from receivables_plugins.sap.json_rows import JsonRows

__all__ = [
    "FIELDS",
    "TABLES",
    "Rejoined",
    "TableRow",
    "json_tables",
    "looks_like",
    "named_tables",
    "rows_in",
    "table_of",
    "tables_in",
    "texts_of",
]

TableRow: TypeAlias = tuple[int, Mapping[str, str]]
"""The number of a row, or its line, and its fields as texts without outer blanks."""

_LINE: Final = frozenset({"KUNNR", "BELNR", "BUZEI", "SHKZG"})
TABLES: Final[Mapping[str, frozenset[str]]] = {
    # The first that fits is the table, so that those with more fields come first.
    "BSEG": _LINE | {"KOART"},
    "BSAD": _LINE,
    "BKPF": frozenset({"BELNR", "GJAHR", "BLART", "BUKRS"}),
    "KNKK": frozenset({"KUNNR", "KKBER", "KLIMK"}),
    "KNB1": frozenset({"KUNNR", "BUKRS", "AKONT"}),
    "KNB5": frozenset({"KUNNR", "BUKRS", "MAHNA"}),
    "KNA1": frozenset({"KUNNR", "NAME1"}),
}
"""By which fields a table is known; BSID, BSAD and their like have one layout."""
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_SAME: Final = {"BSID": "BSAD", "BSAD_BCK": "BSAD", "BSID_BCK": "BSAD"}

FIELDS: Final = frozenset(
    [
        "MANDT",
        "BUKRS",
        "KUNNR",
        "UMSKZ",
        "AUGDT",
        "AUGBL",
        "AUGGJ",
        "ZUONR",
        "GJAHR",
        "BELNR",
        "BUZEI",
        "BUDAT",
        "BLDAT",
        "WAERS",
        "XBLNR",
        "BLART",
        "BSCHL",
        "SHKZG",
        "DMBTR",
        "WRBTR",
        "SGTXT",
        "ZFBDT",
        "ZTERM",
        "ZBD1T",
        "ZBD2T",
        "ZBD3T",
        "ZBD1P",
        "ZBD2P",
        "SKFBT",
        "REBZG",
        "REBZJ",
        "REBZZ",
        "VBELN",
        "BSTAT",
        "KOART",
        "KIDNO",
        "NAME1",
        "NAME2",
        "LAND1",
        "ORT01",
        "PSTLZ",
        "STRAS",
        "REGIO",
        "SPRAS",
        "TELF1",
        "STCD1",
        "STCD2",
        "STCD3",
        "STCD4",
        "STCD5",
        "STCEG",
        "AKONT",
        "KNRZE",
        "KNRZB",
        "BUSAB",
        "MAHNA",
        "MANSP",
        "MAHNS",
        "KKBER",
        "KLIMK",
        "CTLPC",
        "CRBLB",
        "SAUFT",
        "DTREV",
    ]
)
"""The fields that are used."""

_WIDTHS: Final = {"KUNNR": 10, "BELNR": 10, "AUGBL": 10, "REBZG": 10, "BUZEI": 3, "REBZZ": 3}
"""Widths of keys that a number of JSON may stand for, whose leading zeros are then lost."""


def table_of(fields: Collection[str]) -> str:
    """Which table has some fields; empty where none is known.

    >>> table_of(["MANDT", "BUKRS", "KUNNR", "BELNR", "BUZEI", "SHKZG", "WRBTR"])
    'BSAD'
    >>> table_of(["kunnr", "name1", "land1"]), table_of(["Customer"])
    ('KNA1', '')
    """
    names = {name.upper() for name in fields}
    return next((table for table, needed in TABLES.items() if needed <= names), "")


def looks_like(head: bytes, tables: Collection[str]) -> bool:
    """Whether the first bytes of a file have the fields of one of some tables."""
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    begin = text.lstrip()[:1]
    if begin in {"[", "{"}:
        return any(all(f'"{name}"' in text.upper() for name in TABLES[one]) for one in tables)
    heading = text.split("\n", 1)[0]
    return any(table_of(_names(heading, mark)) in tables for mark in DELIMITERS)


def _names(heading: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(split([heading], delimiter), [])]
    except csv.Error:
        return []


def rows_in(
    lines: TextLines, *, delimiter: str | None, notes: ReadNotes
) -> tuple[str, Iterator[TableRow]]:
    """The table that a delimited file has, and its rows; an empty name where it has none."""
    source = iter(lines)
    heading = next(source, "")
    if not heading.strip():
        notes.error("file.empty", "file must have the fields of a table on line 1, got none")
        return "", iter(())
    for mark in (delimiter,) if delimiter else DELIMITERS:
        names = _names(heading, mark)
        if table := table_of(names):
            upper = [name.upper() for name in names]
            return table, _rows(lines, source, upper, delimiter=mark, notes=notes)
    msg = f"headings must be the fields of one of {', '.join(TABLES)}, got others"
    notes.error("column.missing", msg, line=1)
    return "", iter(())


def _rows(
    lines: TextLines, source: Iterator[str], names: list[str], *, delimiter: str, notes: ReadNotes
) -> Iterator[TableRow]:
    wanted = [(name, place) for place, name in enumerate(names) if name in FIELDS]
    width = len(names)
    records = split(source, delimiter)
    while True:
        start = lines.number + 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            is_end = str(error) == "unexpected end of data"
            code = "file.truncated" if is_end else "file.format"
            notes.error(code, f"row must be quoted as RFC 4180 says, got {error}", line=start)
            continue
        if not any(cells) or not lines.damaged.isdisjoint(range(start, lines.number + 1)):
            continue
        if len(cells) != width:
            msg = f"row must have {width} fields, got {len(cells)}"
            notes.error("row.length", msg, line=start)
            continue
        yield start, {name: cells[place].strip() for name, place in wanted}


def tables_in(
    stream: BinaryIO, *, delimiter: str | None, encoding: str | None, notes: ReadNotes
) -> dict[str, list[Iterable[TableRow]]]:
    """The tables of a file, whatever it is; each is read as its rows are taken."""
    whole = Rejoined(stream)
    again = cast("BinaryIO", whole)
    found: dict[str, list[Iterable[TableRow]]] = {}
    if whole.begin in {b"[", b"{"}:
        tables = json_tables if whole.begin == b"[" else named_tables
        for table, rows in tables(again, notes):
            found.setdefault(table, []).append(rows)
        return found
    lines = TextLines(again, notes=notes, encoding=encoding)
    table, rows = rows_in(lines, delimiter=delimiter, notes=notes)
    return {table: [rows]} if table else {}


def json_tables(stream: BinaryIO, notes: ReadNotes) -> Iterator[tuple[str, Iterable[TableRow]]]:
    """The tables of a JSON file that is a list of rows of one table."""
    rows = iter(JsonRows(stream, notes))
    first = next(rows, None)
    if first is None:
        if not notes.error_count:
            notes.error("file.empty", "file must hold rows of a table, got none")
        return
    table = table_of(first)
    if not table:
        msg = f"fields must be those of one of {', '.join(TABLES)}, got others"
        notes.error("column.missing", msg)
        return
    yield table, _numbered(itertools.chain([first], rows), notes)


def named_tables(stream: BinaryIO, notes: ReadNotes) -> Iterator[tuple[str, Iterable[TableRow]]]:
    """The tables of a JSON file that is an object with a list of rows for each."""
    try:
        whole = json.loads(stream.read(), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        code = "file.truncated" if "Expecting" in str(error) else "file.format"
        notes.error(code, f"file must be whole JSON, got {type(error).__name__}")
        return
    found = False
    for name, rows in whole.items():
        table = _SAME.get(name.upper(), name.upper())
        if table in TABLES and isinstance(rows, list):
            found = True
            yield table, _numbered((row for row in rows if isinstance(row, Mapping)), notes)
    if not found:
        msg = f"file must have lists by the names of tables, {', '.join(TABLES)}, got others"
        notes.error("column.missing", msg)


class Rejoined:
    """A stream whose beginning was read already, to see what it is."""

    def __init__(self, stream: BinaryIO, *, size: int = 64) -> None:
        self._head = stream.read(size)
        self._rest = stream
        self.begin = self._head.lstrip(_BLANKS)[:1]
        """The first byte that is neither blank nor a byte order mark."""

    def read(self, size: int = -1) -> bytes:
        """The beginning, then what follows it."""
        head, self._head = self._head, b""
        return head + self._rest.read() if size < 0 else head or self._rest.read(size)

    def readline(self, limit: int = -1) -> bytes:
        """A line, of which a part may have been read."""
        end = self._head.find(b"\n") + 1
        if end:
            line, self._head = self._head[:end], self._head[end:]
            return line
        head, self._head = self._head, b""
        return head + self._rest.readline(limit - len(head) if limit > len(head) else limit)


def _numbered(rows: Iterable[Mapping[str, Any]], notes: ReadNotes) -> Iterator[TableRow]:
    for number, row in enumerate(rows, start=1):
        try:
            yield number, texts_of(row)
        except TypeError as error:
            notes.error("file.format", str(error), line=number)


def texts_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a row as texts, whatever a bridge has made of them; a float is no amount.

    Raises `TypeError` for a value that no field can be.

    >>> texts_of({"KUNNR": 42, "WRBTR": Decimal("12.50"), "BUDAT": "20260131", "other": object()})
    {'KUNNR': '0000000042', 'WRBTR': '12.50', 'BUDAT': '20260131'}
    """
    return {
        name: _text(name, value) for key, value in row.items() if (name := key.upper()) in FIELDS
    }


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "X" if value else ""
    if isinstance(value, int):
        return rules.key_of(str(value), _WIDTHS[name]) if name in _WIDTHS else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    msg = f"{name} must be a text, a whole number, a Decimal or a day, got {type(value).__name__}"
    raise TypeError(msg)
