"""The ledger source ``sap-tables``: rows of BSID, BSAD, BSEG with BKPF, KNA1 and KNB1 from any bridge.

Fields and their meanings are as practitioners describe them; they were not checked against a system.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from receivables.adapters import LedgerRecord
from receivables.errors import PolicyError
from receivables.reading import Read, ReadNotes
from receivables_plugins.sap.tables_customers import TableCustomers
from receivables_plugins.sap.tables_files import (
    TABLES,
    TableRow,
    looks_like,
    tables_in,
    texts_of,
)
from receivables_plugins.sap.tables_lines import TableLines
from receivables_plugins.sap.tables_settings import SapTablesSettings

__all__ = ["TablesSource", "rows_of_tables"]

_LEDGER_TABLES: Final = ("BSEG", "BSAD", "KNA1")
_NAMES: Final = {"BSID": "BSAD", "BSID_BCK": "BSAD", "BSAD_BCK": "BSAD"}


def rows_of_tables(
    tables: Mapping[str, Iterable[Mapping[str, Any]]],
    *,
    settings: SapTablesSettings | None = None,
    name: str = "SAP",
) -> Read[LedgerRecord]:
    """The records of rows by table, as any bridge gives them: mappings by field, in any case.

    Customers come first, then lines in the order of their rows, then what was cleared.  Raises
    `PolicyError` for a table that is not read, and `TypeError` for a float.

    >>> row = {"BUKRS": "1000", "KUNNR": "0000000042", "BELNR": "0090000001", "GJAHR": "2026",
    ...        "BUZEI": "001", "BUDAT": "20260131", "BLDAT": "20260131", "WAERS": "EUR",
    ...        "SHKZG": "S", "WRBTR": "120.00", "BSCHL": "01", "ZFBDT": "20260131", "ZBD1T": "30"}
    >>> [invoice] = rows_of_tables({"BSID": [row]}).collect().rows
    >>> invoice.number, invoice.total, invoice.due_date.isoformat()
    ('0090000001-2026-001', Money('120.00', 'EUR'), '2026-03-02')
    """
    found: dict[str, list[Iterable[TableRow]]] = {}
    for given, rows in tables.items():
        table = _NAMES.get(given.upper(), given.upper())
        if table not in TABLES:
            msg = f"tables must be among BSID, {', '.join(TABLES)}, got {given!r}"
            raise PolicyError(msg)
        numbered = ((number, texts_of(row)) for number, row in enumerate(rows, start=1))
        found.setdefault(table, []).append(numbered)
    notes = ReadNotes(name)
    return Read(_records(found, settings or SapTablesSettings(), notes), notes)


def _records(
    tables: Mapping[str, list[Iterable[TableRow]]], said: SapTablesSettings, notes: ReadNotes
) -> Iterator[LedgerRecord]:
    customers, lines = TableCustomers(said, notes), TableLines(said, notes)
    for rows in tables.get("KNB1", []):
        customers.add_company_data(rows)
    for rows in tables.get("KNA1", []):
        for line, row in rows:
            customer = customers.customer(row, line=line)
            if customer is not None:
                yield customer
    for rows in tables.get("BKPF", []):
        for _, row in rows:
            lines.add_head(row)
    for rows in (*tables.get("BSAD", []), *tables.get("BSEG", [])):
        for line, row in rows:
            yield from lines.records(row, line=line)
    yield from lines.rest()


class TablesSource:
    """Reads a file of one table, as delimited text or JSON, or a JSON object of several."""

    def __init__(self, settings: SapTablesSettings) -> None:
        self._said = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # the fields tell
        """Whether the headings, or the first row of JSON, are fields of a table of the ledger."""
        return looks_like(head, _LEDGER_TABLES)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; BKPF, KNB1, KNB5 and KNKK alone hold nothing of the ledger, and are refused."""
        notes = ReadNotes(name)
        return Read(self._read(stream, notes), notes)

    def _read(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        said = self._said
        found = tables_in(stream, delimiter=said.delimiter, encoding=said.encoding, notes=notes)
        if found and not set(found) & set(_LEDGER_TABLES):
            msg = f"{', '.join(found)} must be read together with BSID, BSAD, BSEG or KNA1"
            notes.error("sap.table-alone", msg)
            return
        yield from _records(found, self._said, notes)
