"""The ledger service ``m3``: customers, items and credit of M3 over MI programs.

Real answers of accounts receivable are not public: what is done here rests on the field lists of
one installation, on documentation and on practice, and is verified by a fake of its own alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from receivables.adapters import LedgerQuery
from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, Document, Invoice, ItemId
from receivables.errors import AdapterError, MoneyError, PolicyError, ServiceError, TransportError
from receivables.money import from_minor, minor_of
from receivables.parties import Customer
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.texts import amount_readings
from receivables_plugins.m3._items import Items
from receivables_plugins.m3._masters import (
    CREDIT_FIELDS,
    CUSTOMER_FIELDS,
    credit_of,
    customer_of,
)
from receivables_plugins.m3._mi import Call, MiClient
from receivables_plugins.m3._paging import Export, Lists, Table, quoted
from receivables_plugins.m3._rows import LEDGER_FIELDS, Identity, LedgerRow, RowReader, bare, m3_day

if TYPE_CHECKING:
    from receivables.adapters import CreditRecord, LedgerRecord
    from receivables.money import Money
    from receivables.transports import Runtime
    from receivables_plugins.m3.settings import ServiceSettings

__all__ = ["M3Service", "ledger_service"]

_NAME: Final = "m3"
_KEY: Final = ("ESPYNO", "ESCINO", "ESINYR", "ESYEA4", "ESJRNO", "ESJSNO", "ESDIVI")
_NUMERIC: Final = frozenset({"ESINYR", "ESYEA4", "ESJRNO", "ESJSNO"})
_INVOICE_LIST: Final = ("DIVI", "PYNO", "CUNO", "CINO", "INYR")
_TOTALS: Final = (
    *("PYNO", "CUNO", "CINO", "INYR", "CUCD", "CUAM", "OCUA", "IVDT", "DUDT", "ACDT", "REDE"),
    *("TEPY", "YEA4", "JRNO", "JSNO"),
)
_HEADS: Final = (
    *("IVNO", "EXIN", "VONO", "PYNO", "CUNO", "IDAT", "DUDT", "CUCD", "RAFC", "TEPY"),
    "INST",
)


def ledger_service(settings: ServiceSettings, runtime: Runtime) -> M3Service:
    """The service of some settings, on a runtime."""
    return M3Service(settings, runtime)


class M3Service:
    """Reads M3; obeys `receivables.adapters.LedgerService`."""

    def __init__(self, settings: ServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._client = MiClient(settings, runtime)

    def customers(self, query: LedgerQuery) -> Read[Customer]:
        """The customers by CRS610MI.LstByNumber."""
        notes = ReadNotes(_NAME)
        return Read(self._customers(query, notes), notes)

    def items(self, query: LedgerQuery) -> Read[LedgerRecord]:
        """Documents, money on account and what settled them, by the route of the settings.

        Raises `PolicyError` for a past day or for settled items by a route that knows only now.
        """
        route = self._settings.route
        if route != "ledger" and (query.as_of is not None or query.settled_since is not None):
            msg = f"as_of and settled_since must be asked of the route 'ledger', got {route!r}"
            raise PolicyError(msg)
        notes = ReadNotes(_NAME)
        ways = {"ledger": self._ledger, "invoices": self._invoices, "heads": self._heads}
        return Read(ways[route](query, notes), notes)

    def credit(self, query: LedgerQuery) -> Read[CreditRecord]:
        """Limits, insurance, orders and stops by CRS610MI.GetFinancial."""
        notes = ReadNotes(_NAME)
        return Read(self._credit(query, notes), notes)

    def control_totals(self, *, as_of: dt.date | None = None) -> Sequence[Money]:
        """Not known: which accounts of the general ledger are receivables is a choice of the site."""
        msg = f"control totals must be read in the general ledger of M3, got none for {as_of}"
        raise AdapterError(msg)

    def _lists(self, notes: ReadNotes) -> Lists:
        return Lists(self._client, notes, maxrecs=self._settings.maxrecs)

    def _columns(self, program: str, transaction: str, wanted: Sequence[str]) -> tuple[str, ...]:
        """The wanted columns, less those that this site does not have, where it is to be asked."""
        if not self._settings.detect:
            return tuple(wanted)
        there = self._client.fields_of(program, transaction)
        return tuple(name for name in wanted if name in there) if there else tuple(wanted)

    def _customer_rows(
        self, query: LedgerQuery, lists: Lists, columns: Sequence[str]
    ) -> Iterator[Mapping[str, str]]:
        """Rows of CRS610MI.LstByNumber: all, or those that are named."""
        try:
            found = self._columns("CRS610MI", "LstByNumber", columns)
        except (ServiceError, TransportError) as error:
            lists.fail(str(error))
            return
        call = Call(program="CRS610MI", transaction="LstByNumber", columns=found)
        if not query.customers:
            yield from lists.by_key(_since(call, query.changed_since), key="CUNO")
            return
        # The list starts at a number, so that its first row is the customer, or there is none.
        calls = [
            Call(
                program="CRS610MI",
                transaction="LstByNumber",
                fields={"CUNO": str(number)},
                columns=found,
                maxrecs=1,
            )
            for number in query.customers
        ]
        for asked, rows in lists.each(calls):
            yield from (row for row in rows[:1] if row.get("CUNO") == asked.fields["CUNO"])

    def _customers(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[Customer]:
        for row in self._customer_rows(query, self._lists(notes), CUSTOMER_FIELDS):
            customer = customer_of(row, settings=self._settings, notes=notes)
            if customer is not None:
                yield customer

    def _ledger(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[LedgerRecord]:
        """Rows of FSLEDG, by identity: those that are open, and those settled after a day."""
        reader = RowReader(
            notes, codes=self._settings.transaction_codes, company=self._settings.company
        )
        groups: dict[Identity, list[LedgerRow]] = {}
        lists = self._lists(notes)
        for conditions in self._conditions(query):
            if lists.has_failed:
                break
            for cells in self._export(lists, notes).rows(conditions):
                row = reader.row({bare(name): text for name, text in cells.items()})
                if row is not None:
                    groups.setdefault(row.identity, []).append(row)
        items = Items(self._settings, notes, as_of=query.as_of)
        for identity, rows in groups.items():
            if identity not in reader.broken:
                with_settled = query.settled_since is not None
                yield from items.records(identity, rows, with_settled=with_settled)

    def _export(self, lists: Lists, notes: ReadNotes) -> Export:
        table = Table(
            name="FSLEDG",
            columns=tuple(f"ES{name}" for name in LEDGER_FIELDS),
            key=_KEY,
            numeric=_NUMERIC,
        )
        return Export(table, lists=lists, notes=notes, settings=self._settings)

    def _conditions(self, query: LedgerQuery) -> Iterator[list[str]]:
        """What is asked: for each customer, what is open, and what was settled late enough."""
        field = "ESPYNO" if self._settings.account == "payer" else "ESCUNO"
        shared = [f"ESDIVI = {quoted(self._settings.division)}"] if self._settings.division else []
        if query.as_of is not None:
            shared.append(f"ESACDT <= {query.as_of:%Y%m%d}")
        states = [["ESRECO < 9"]]
        since = query.settled_since
        if query.as_of is not None:
            day_after = query.as_of + dt.timedelta(days=1)
            since = day_after if since is None else min(since, day_after)
        if since is not None:
            states.append(["ESRECO = 9", f"ESREDE >= {since:%Y%m%d}"])
        named = [[f"{field} = {quoted(str(number))}"] for number in query.customers] or [[]]
        for one in named:
            for state in states:
                yield [*shared, *one, *state]

    def _invoices(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[LedgerRecord]:
        """What ARS200MI lists as open, with the totals that it gives for each."""
        lists = self._lists(notes)
        fields = {"AAC0": "1"}
        if self._settings.division:
            fields |= {"FDIV": self._settings.division, "TDIV": self._settings.division}
        name = "PYNO" if self._settings.account == "payer" else "CUNO"
        asked = [{**fields, name: str(number)} for number in query.customers] or [fields]
        found: dict[tuple[str, ...], Call] = {}
        for one in asked:
            call = Call(
                program="ARS200MI", transaction="LstInvByDivi", fields=one, columns=_INVOICE_LIST
            )
            for row in () if lists.has_failed else lists.at_once(call):
                key = tuple(row.get(each, "") for each in _INVOICE_LIST)
                found.setdefault(key, _totals_call(row))
        for call, rows in lists.each(list(found.values())):
            for row in rows[:1]:
                yield from self._total({**call.fields, **row}, notes)

    def _total(self, row: Mapping[str, str], notes: ReadNotes) -> Iterator[LedgerRecord]:
        """A document from GetInvTotInfo: what it was for, and what of it is outstanding."""
        figures = _figures(row, ("CUAM", "OCUA"), notes)
        if figures is None:
            return
        total, left = figures["CUAM"], figures["OCUA"]
        if not total or total * left < 0 or abs(left) > abs(total):
            msg = f"OCUA of {row.get('CINO')} must be a part of CUAM, got {row.get('OCUA')}"
            notes.error("document.unbalanced", msg, field="OCUA")
            return
        document = self._document(row, total, notes)
        if document is None:
            return
        yield document
        if total != left:
            yield self._part(document, total - left, row, notes)

    def _part(
        self, document: Document, settled_minor: int, row: Mapping[str, str], notes: ReadNotes
    ) -> SourceAllocation:
        day = _day(row, "REDE", notes)
        if day is None:
            day = self._runtime.now().date()
            msg = f"the day on which a part of {document.number} was settled is not said, got {day}"
            notes.warn("m3.settled-day", msg, field="REDE")
        return SourceAllocation(
            creditor=document.creditor,
            customer=document.customer,
            items=[ItemId(document.number)],
            settled_on=max(day, document.posting_date),
            settled_minor=settled_minor,
            source=document.source,
        )

    def _document(self, row: Mapping[str, str], total: int, notes: ReadNotes) -> Document | None:
        """An invoice or a credit note by the sign of its total."""
        days = {name: _day(row, name, notes) for name in ("IVDT", "DUDT", "ACDT")}
        issued = days["IVDT"] or days["ACDT"]
        if issued is None:
            msg = f"IVDT of {row.get('CINO')} must be given, got none"
            notes.error("date.missing", msg, field="IVDT")
            return None
        number = "-".join(row.get(part, "") for part in self._settings.document_number)
        by_payer = self._settings.account == "payer"
        kind: type[Document] = Invoice if total > 0 else CreditNote
        return kind(
            number=number,
            creditor=self._settings.creditor,
            customer=row.get("PYNO" if by_payer else "CUNO", ""),
            document_date=issued,
            posting_date=days["ACDT"] or issued,
            due_date=days["DUDT"],
            total=from_minor(abs(total), row["CUCD"]),
            terms=self._settings.terms.get(row.get("TEPY", ""), ""),
            references=[row.get("CINO", "")] if number != row.get("CINO") else [],
            source=Place(notes.source, field=f"{row.get('PYNO')} {row.get('CINO')}"),
        )

    def _heads(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[LedgerRecord]:
        """Open invoices by payer and year; what is left is all that OIS350MI is known to say."""
        lists = self._lists(notes)
        payers = [str(number) for number in query.customers]
        if not payers:
            rows = self._customer_rows(LedgerQuery(), lists, ("CUNO",))
            payers = [row["CUNO"] for row in rows if row.get("CUNO")]
        year = self._runtime.now().year
        has_warned = False
        for payer in payers:
            for each in range(year - self._settings.years + 1, year + 1):
                fields = {"PYNO": payer, "YEA4": str(each), "OOIN": "1"}
                call = Call(
                    program="OIS350MI",
                    transaction="LstInvHeadByPay",
                    fields=fields,
                    columns=_HEADS,
                )
                for row in () if lists.has_failed else lists.by_key(call, key="IVNO"):
                    if not has_warned:
                        msg = "what invoices were for is not known, so that what is left was taken"
                        notes.warn("m3.remaining-only", msg, field="RAFC")
                        has_warned = True
                    yield from self._head({**row, "INYR": str(each)}, notes)

    def _head(self, row: Mapping[str, str], notes: ReadNotes) -> Iterator[LedgerRecord]:
        figures = _figures(row, ("RAFC",), notes)
        if figures is None or not figures["RAFC"]:
            return
        number = row.get("EXIN") or row.get("IVNO", "")
        said = {**row, "CINO": number, "IVDT": row.get("IDAT", ""), "ACDT": row.get("IDAT", "")}
        said["DIVI"] = self._settings.division
        document = self._document(said, figures["RAFC"], notes)
        if document is not None:
            yield document

    def _credit(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[CreditRecord]:
        lists = self._lists(notes)
        on = self._runtime.now().date()
        numbers = [row["CUNO"] for row in self._customer_rows(query, lists, ("CUNO",))]
        calls = [
            Call(
                program="CRS610MI",
                transaction="GetFinancial",
                fields={"CUNO": number},
                columns=CREDIT_FIELDS,
            )
            for number in numbers
        ]
        for call, rows in lists.each(calls):
            for row in rows[:1]:
                cells = {**call.fields, **row}
                yield from credit_of(cells, settings=self._settings, notes=notes, on=on)


def _since(call: Call, moment: dt.datetime | None) -> Call:
    """The call with ``LMTS``, taken to be milliseconds since 1970 (from practice, unverified)."""
    if moment is None:
        return call
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    stamp = (moment - epoch) // dt.timedelta(milliseconds=1)
    return Call(
        program=call.program,
        transaction=call.transaction,
        fields={**call.fields, "LMTS": str(stamp)},
        columns=call.columns,
    )


def _totals_call(row: Mapping[str, str]) -> Call:
    fields = {name: row.get(name, "") for name in _INVOICE_LIST}
    return Call(program="ARS200MI", transaction="GetInvTotInfo", fields=fields, columns=_TOTALS)


def _figures(
    row: Mapping[str, str], names: Sequence[str], notes: ReadNotes
) -> dict[str, int] | None:
    """Amounts of a row in minor units; None, with a note, where any cannot be read."""
    found: dict[str, int] = {}
    for name in names:
        readings = amount_readings(row.get(name, ""), decimal=".", grouping="")
        if len(readings) != 1:
            msg = f"{name} must be an amount, got {row.get(name, '')!r}"
            notes.error("amount.invalid", msg, field=name)
            return None
        try:
            found[name] = minor_of(readings[0], row.get("CUCD", ""))
        except MoneyError as error:
            notes.error("amount.invalid", f"{name}: {error}", field=name)
            return None
    return found


def _day(row: Mapping[str, str], name: str, notes: ReadNotes) -> dt.date | None:
    try:
        return m3_day(row.get(name, ""))
    except ValueError:
        msg = f"{name} must be a day as yyyymmdd or 0, got {row.get(name, '')!r}"
        notes.error("date.invalid", msg, field=name)
        return None
