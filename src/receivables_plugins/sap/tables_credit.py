"""The credit source ``sap-credit``: rows of KNKK as limits, risk classes and open orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from receivables.adapters import CreditRecord
from receivables.casework import CreditLimit, ExternalScore
from receivables.credit.model import Commitment, ComponentKind
from receivables.errors import ReceivablesError
from receivables.money import digits, from_minor
from receivables.reading import Read, ReadNotes
from receivables_plugins.sap.tables_files import TableRow, looks_like, tables_in
from receivables_plugins.sap.tables_lines import Fields, RefusedError
from receivables_plugins.sap.tables_settings import SapCreditSettings

__all__ = ["CreditTableSource"]


class CreditTableSource:
    """Reads the credit data of customers by credit control area (KNKK).

    A limit that is not zero is an own limit, the risk class (CTLPC) a score of the source
    ``sap-risk-class``, dated by the last review (DTREV) and left out with a warning without it, and
    the value of open orders (SAUFT) a commitment.  Whether a customer is blocked (CRBLB) is said as
    the reason of its limit.
    """

    def __init__(self, settings: SapCreditSettings) -> None:
        self._said = settings
        self._fields = Fields(settings)

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # the fields tell
        """Whether the headings, or the first row of JSON, are fields of KNKK."""
        return looks_like(head, ("KNKK",))

    def read(self, stream: BinaryIO, *, name: str) -> Read[CreditRecord]:
        """Read; problems are noted with their line."""
        notes = ReadNotes(name)
        return Read(self._read(stream, notes), notes)

    def _read(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[CreditRecord]:
        said = self._said
        found = tables_in(stream, delimiter=said.delimiter, encoding=said.encoding, notes=notes)
        tables = found.get("KNKK", [])
        if found and not tables:
            notes.error("column.missing", f"table must be KNKK, got {', '.join(found)}")
        seen: set[tuple[str, str]] = set()
        for rows in tables:
            yield from self._rows(rows, seen, notes)

    def _rows(
        self, rows: Iterable[TableRow], seen: set[tuple[str, str]], notes: ReadNotes
    ) -> Iterator[CreditRecord]:
        for line, row in rows:
            key = (row.get("KKBER", ""), row.get("KUNNR", ""))
            if self._said.areas and key[0] not in self._said.areas:
                continue
            if key in seen:
                msg = f"a customer must stand once in an area, got {key[1]} in {key[0]} twice"
                notes.error("credit.duplicate", msg, line=line)
                continue
            seen.add(key)
            try:
                made = list(self._records(row, line, notes))
            except RefusedError as error:
                notes.error(error.code, str(error), line=line, field=error.field)
            except ReceivablesError as error:
                notes.error("credit.invalid", str(error), line=line)
            else:
                yield from made

    def _records(
        self, row: Mapping[str, str], line: int, notes: ReadNotes
    ) -> Iterator[CreditRecord]:
        area, customer = row.get("KKBER", ""), row.get("KUNNR", "")
        if not customer:
            raise RefusedError("customer.missing", "KUNNR must be given, got none", field="KUNNR")
        currency = self._said.currency_of(area)
        if not currency:
            msg = f"currency of area {area!r} must be given in the settings, got none"
            raise RefusedError("currency.missing", msg, field="KKBER")
        digits(currency)
        limit = self._fields.minor(row, "KLIMK", currency)
        if limit:
            blocked = "blocked in SAP (CRBLB)" if row.get("CRBLB") else ""
            yield CreditLimit(
                limit=f"sap:{area}:{customer}",
                customer=customer,
                amount=from_minor(limit, currency),
                reason=blocked,
                reference=area,
            )
        yield from self._score(row, line, notes)
        orders = self._fields.minor(row, "SAUFT", currency)
        if orders > 0:
            yield Commitment(
                commitment=f"sap:{area}:{customer}:orders",
                customer=customer,
                kind=ComponentKind.ORDERS,
                amount=from_minor(orders, currency),
            )

    def _score(
        self, row: Mapping[str, str], line: int, notes: ReadNotes
    ) -> Iterator[ExternalScore]:
        area, customer, value = row.get("KKBER", ""), row.get("KUNNR", ""), row.get("CTLPC", "")
        rated_on = self._fields.day(row, "DTREV")
        if value and rated_on is None:
            msg = f"risk class of {customer} must have a day of review (DTREV), got none: left out"
            notes.warn("sap.score-undated", msg, line=line, field="DTREV")
        elif value and rated_on is not None:
            yield ExternalScore(
                score=f"sap:{area}:{customer}:{rated_on}",
                customer=customer,
                source="sap-risk-class",
                value=value,
                rated_on=rated_on,
            )
