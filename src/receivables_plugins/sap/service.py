"""The ledger service ``sap``: open and cleared items, business partners and credit over OData.

Read from published interfaces: the open item cube (API_OPLACCTGDOCITEMCUBE_SRV), business partners
(API_BUSINESS_PARTNER) and credit management (API_CRDTMBUSINESSPARTNER).  It was run against an
independent emulator; no SAP system was reached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from receivables.adapters import CreditRecord, LedgerQuery, LedgerRecord
from receivables.errors import AdapterError
from receivables.money import Money
from receivables.parties import Customer
from receivables.reading import Read, ReadNotes
from receivables.transports import Runtime
from receivables_plugins.sap.cube import FIELDS, CubeRows, Window
from receivables_plugins.sap.masters import CustomerDunning, Masters
from receivables_plugins.sap.masters_credit import credit_records
from receivables_plugins.sap.odata import Connection, Query, Rows, connected
from receivables_plugins.sap.settings import SapSettings

__all__ = ["SapService"]

_CUSTOMERS_AT_ONCE: Final = 40
"""Customers of one filter, so that no address is longer than servers take."""


class SapService:
    """Reads SAP page by page, and says whether what came is all there is."""

    def __init__(self, settings: SapSettings, runtime: Runtime) -> None:
        self._said = settings
        self._runtime = runtime
        self._connection = connected(settings, runtime, version=settings.odata)

    def customers(self, query: LedgerQuery) -> Read[Customer]:
        """The customers, from the business partners."""
        notes = ReadNotes("sap customers")
        masters = Masters(self._said, self._connection, notes)
        return Read(masters.customers(query), notes)

    def dunning(self, query: LedgerQuery) -> Read[CustomerDunning]:
        """How customers are dunned in SAP: procedure, block, level, last day, by dunning area."""
        notes = ReadNotes("sap dunning data")
        masters = Masters(self._said, self._connection, notes)
        return Read(masters.dunning(query), notes)

    def items(self, query: LedgerQuery) -> Read[LedgerRecord]:
        """What is open, was open on a day, or was cleared since a day."""
        notes = ReadNotes("sap items")
        return Read(self._items(query, notes), notes)

    def credit(self, query: LedgerQuery) -> Read[CreditRecord]:
        """Limits of credit accounts, risk classes and scores, blocks."""
        notes = ReadNotes("sap credit")
        today = self._runtime.now().date()
        return Read(credit_records(self._said, self._connection, notes, query, today), notes)

    def control_totals(self, *, as_of: dt.date | None = None) -> Sequence[Money]:
        """Refused: the services that are read have no totals of reconciliation accounts."""
        msg = f"control totals of sap must be read from a trial balance, got {as_of or 'today'}"
        raise AdapterError(msg)

    def _items(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[LedgerRecord]:
        window = Window(as_of=query.as_of, settled_since=query.settled_since)
        rows = CubeRows(self._said, notes, window=window)
        asked: list[Rows] = []
        given = 0
        for customers in _chunks(query.customers):
            asked.append(self._connection.rows(self._query(query, customers), notes))
            for place, row in enumerate(asked[-1], start=1):
                record = rows.record(row, line=place)
                if record is not None:
                    given += 1
                    yield record
        for allocation in rows.allocations():
            given += 1
            yield allocation
        rows.close()
        if all(walk.declared is not None for walk in asked):
            # The service counts rows, and what is reported are records made of them.
            missing = sum(max(0, (walk.declared or 0) - walk.came) for walk in asked)
            notes.declared_total = given + missing

    def _query(self, query: LedgerQuery, customers: Sequence[str]) -> Query:
        said = self._said
        conditions = [
            said.account_filter,
            self._connection.dialect.among("CompanyCode", said.company_codes),
            self._connection.dialect.among("Customer", customers),
            *_days(query, said.open_filter, self._connection),
        ]
        return Query(
            path=said.cube_path,
            filter=" and ".join(condition for condition in conditions if condition),
            select=FIELDS if said.selects else (),
            order=said.order,
            page_size=said.page_size,
        )


def _days(query: LedgerQuery, is_open: str, connection: Connection) -> list[str]:
    """The conditions of a query on days: posted by then, open or cleared after it."""
    dialect = connection.dialect
    posted = [] if query.as_of is None else [f"PostingDate le {dialect.day(query.as_of)}"]
    firsts = [day for day in (query.settled_since, _next_day(query.as_of)) if day is not None]
    if not is_open:
        return posted
    if not firsts:
        return [is_open]
    return [*posted, f"({is_open} or ClearingDate ge {dialect.day(min(firsts))})"]


def _next_day(day: dt.date | None) -> dt.date | None:
    return None if day is None or day == dt.date.max else day + dt.timedelta(days=1)


def _chunks(customers: Sequence[str]) -> Iterator[Sequence[str]]:
    """Customers in handfuls; one empty handful, which asks for all, where none is named."""
    for begin in range(0, max(1, len(customers)), _CUSTOMERS_AT_ONCE):
        yield customers[begin : begin + _CUSTOMERS_AT_ONCE]
