"""The reader of Stripe's reports: itemized payouts, balance transactions, payouts, disputes.

A report of the dashboard or of the reporting API is a table with amounts in units (``gross``); a page
of the API has integers of minor units.  A list of balance transactions does not say which payout it
was asked for: that is taken from the settings, or believed of the one payout in it to which all the
others add up.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from receivables.adapters import PayoutRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.payout_reports import (
    Days,
    PayoutsUnderWay,
    ReportRow,
    ReportTable,
    is_json,
    json_values,
    peeked,
)
from receivables.receipts.payouts import MovementKind, Payout, ProcessorMovement
from receivables_plugins.stripe.settings import StripeSettings
from receivables_plugins.stripe.transactions import (
    OBJECT,
    PROCESSOR,
    TransactionBuilder,
    calendar_day,
    columns_of,
    dispute_from,
    payout_from,
)

__all__ = ["StripeReader", "given", "instant_fee"]

_OBJECT: Final = re.compile(
    rb'"object"\s*:\s*"(?:balance_transaction|charge|dispute|list|payout|refund)"'
)
_DEPTH_MAX: Final = 6
"""How deep objects may lie in a file: a list of pages of a recording has four."""
_READ: Final = frozenset({"balance_transaction", "payout", "dispute"})


def _kind_of_table(headings: tuple[str, ...]) -> str:
    """What a table has, by its headings; empty where it is none of Stripe's."""
    there = set(headings)
    if {"evidence_details_due_by", "id", "status"} <= there:
        return "disputes"
    if {"id", "amount", "arrival_date", "currency"} <= there:
        return "payouts"
    has_kind = there & {"type", "reporting_category", "reporting category"}
    has_id = there & {"balance_transaction_id", "balance transaction id", "id"}
    if has_kind and has_id and {"currency", "fee", "net"} <= there and there & {"gross", "amount"}:
        return "transactions"
    return ""


class StripeReader:
    """Reads itemized payouts, lists of balance transactions, of payouts and of disputes."""

    def __init__(self, settings: StripeSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes have the headings of a report, or objects of the API."""
        if is_json(head):
            return _OBJECT.search(head) is not None
        line = head.split(b"\n", 1)[0]
        return bool(_kind_of_table(ReportTable(io.BytesIO(line), ReadNotes(name)).headings))

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their place, and never raised."""
        notes = ReadNotes(name)
        return Read(self._rows(stream, notes), notes)

    def _rows(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[PayoutRecord]:
        head, whole = peeked(stream)
        if is_json(head) or not head.strip():
            yield from _Objects(self._settings, notes).read(whole)
            return
        table = ReportTable(whole, notes)
        kind = _kind_of_table(table.headings)
        if not kind:
            notes.error("file.format", "report must have the headings of Stripe, got others")
        elif kind == "transactions":
            yield from _Table(self._settings, notes).read(table)
        else:
            yield from _list(table, kind, self._settings, notes)


def _list(
    table: ReportTable, kind: str, settings: StripeSettings, notes: ReadNotes
) -> Iterator[PayoutRecord]:
    """A list of payouts or of disputes, which has amounts in minor units."""
    under_way = PayoutsUnderWay(notes, processor=PROCESSOR)
    seen: set[str] = set()
    for row in table.read(Days(settings.time_zone)):
        if kind == "payouts":
            payout = payout_from(row, merchant=settings.merchant)
            if payout is not None:
                yield from under_way.give(payout)
            continue
        dispute = dispute_from(row)
        if dispute is not None and dispute.dispute not in seen:
            seen.add(dispute.dispute)
            yield dispute
        elif dispute is not None:
            row.refuse(
                "payout.duplicate", f"dispute {dispute.dispute} must stand once, got it again"
            )


class _Table:
    """A table of balance transactions."""

    def __init__(self, settings: StripeSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._under_way = PayoutsUnderWay(notes, processor=PROCESSOR)
        self._declared: dict[str, Payout] = {}
        self._days: dict[str, ReportRow] = {}

    def read(self, table: ReportTable) -> Iterator[PayoutRecord]:
        """Hold every movement until the last row, because rows come in any order."""
        settings = self._settings
        columns = columns_of(table.headings)
        units = settings.units or ("major" if _is_major(table) else "minor")
        builder = TransactionBuilder(
            columns,
            is_major=units == "major",
            kinds=settings.kinds,
            references=settings.references,
            merchant=settings.merchant,
        )
        for row in table.read(Days(settings.time_zone)):
            self._take(row, builder, settings.payout)
        if table.lost:
            self._under_way.spoil()
        yield from self._finish(columns["paid"])

    def _take(self, row: ReportRow, builder: TransactionBuilder, payout: str) -> None:
        name = builder.payout_name(row) or payout
        found = builder.read(row, payout=name)
        if found is None:
            self._under_way.spoil(name)
        elif found.movement is not None:
            self._under_way.hold(found.movement)
            if name and name not in self._days:
                self._days[name] = row
        elif found.payout is not None:
            own = found.payout
            self._declared[own.payout] = own
            if found.fee_minor:
                self._under_way.hold(instant_fee(own, found.fee_minor, row.name("id")))

    def _finish(self, paid: tuple[str, ...]) -> Iterator[PayoutRecord]:
        names = list(dict.fromkeys([*self._under_way.names(), *self._declared]))
        for name in names:
            declared = self._declared.get(name)
            if declared is not None:
                yield from given(declared, self._under_way)
            elif paid:
                yield from self._undeclared(name, paid)
            else:
                msg = f"payout {name} must be in the list for its amount to be known, got it not"
                self._notes.warn("stripe.payout-undeclared", msg)
        yield from self._under_way.rest()

    def _undeclared(self, name: str, paid: tuple[str, ...]) -> Iterator[PayoutRecord]:
        """A payout of a report that has all of its rows: it is what they come to."""
        row = self._days[name]
        paid_on = calendar_day(row, *paid)
        if row.is_refused:
            self._under_way.spoil(name)
            return
        [first, *_] = self._under_way.movements(name)
        yield from self._under_way.finish(
            name,
            amount_minor=None,
            currency=first.currency,
            paid_on=paid_on,
            merchant=self._settings.merchant,
            line=row.line,
            source=row.place,
        )


def _is_major(table: ReportTable) -> bool:
    """Whether amounts are in units: reports call them ``gross``, exports of the dashboard ``Amount``."""
    return "gross" in table.headings or "Amount" in table.raw_headings


def given(payout: Payout, under_way: PayoutsUnderWay) -> Iterator[PayoutRecord]:
    """A payout of a known amount, after what is held for it."""
    if not under_way.movements(payout.payout):
        yield from under_way.give(payout)
        return
    yield from under_way.finish(
        payout.payout,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        line=None if payout.source is None else payout.source.line,
        paid_on=payout.paid_on,
        account=payout.account,
        bank_reference=payout.bank_reference,
        status=payout.status,
        merchant=payout.merchant,
        source=payout.source,
    )


def instant_fee(payout: Payout, fee_minor: int, transaction: str) -> ProcessorMovement:
    """What an instant payout cost, as a movement of it."""
    return ProcessorMovement(
        movement=f"{transaction or payout.payout}/fee",
        processor=PROCESSOR,
        kind=MovementKind.FEE,
        gross_minor=-fee_minor,
        currency=payout.currency,
        occurred_on=payout.paid_on,
        payout=payout.payout,
        raw_kind="payout",
        source=payout.source,
    )


class _Objects:
    """A file of objects of the API: pages of lists, or objects by themselves."""

    def __init__(self, settings: StripeSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._days = Days(settings.time_zone)
        self._found: dict[str, list[ReportRow]] = {name: [] for name in _READ}
        self._charges: dict[str, Mapping[str, Any]] = {}
        self._more: dict[str, bool] = {}
        self._count = 0

    def read(self, stream: BinaryIO) -> Iterator[PayoutRecord]:
        """Collect every object, because a payout may stand after its transactions."""
        for value in json_values(stream, self._notes):
            self._collect(value, depth=0)
        if not self._count and not self._notes.error_count:
            self._notes.error("file.format", "file must hold objects of Stripe, got none")
        for url, has_more in self._more.items():
            if has_more:
                msg = f"list {url} must come to its last page, got one with more after it"
                self._notes.error("service.incomplete", msg)
        yield from self._payouts()
        seen: set[str] = set()
        for row in self._found["dispute"]:
            dispute = dispute_from(row, references=self._settings.references)
            if dispute is not None and dispute.dispute in seen:
                msg = f"dispute {dispute.dispute} must stand once, got it again"
                row.refuse("payout.duplicate", msg)
            elif dispute is not None:
                seen.add(dispute.dispute)
                yield dispute

    def _collect(self, value: object, *, depth: int) -> None:
        if depth > _DEPTH_MAX:
            return
        if isinstance(value, list):
            for each in value:
                self._collect(each, depth=depth + 1)
        elif isinstance(value, dict):
            self._collect_object(value, depth)

    def _collect_object(self, value: dict[str, Any], depth: int) -> None:
        kind = value.get("object")
        if not isinstance(kind, str):
            for each in value.values():
                self._collect(each, depth=depth + 1)
        elif kind == "list":
            self._more[str(value.get("url", ""))] = value.get("has_more") is True
            self._count += 1
            self._collect(value.get("data"), depth=depth + 1)
        elif kind in {"charge", "refund"} and isinstance(value.get("id"), str):
            self._count += 1
            self._charges[value["id"]] = value
        elif kind in _READ:
            self._count += 1
            number = len(self._found[kind]) + 1
            self._found[kind].append(
                ReportRow(value, notes=self._notes, days=self._days, line=number)
            )

    def _payouts(self) -> Iterator[PayoutRecord]:
        under_way = PayoutsUnderWay(self._notes, processor=PROCESSOR)
        payouts = self._declared()
        own = self._builder()
        rows = [self._with_source(row) for row in self._found["balance_transaction"]]
        single = self._settings.payout or self._believed(rows)
        for row in rows:
            name = own.payout_name(row) or single
            found = own.read(row, payout=name)
            if found is None:
                under_way.spoil(name)
            elif found.movement is not None:
                under_way.hold(found.movement)
            elif found.payout is not None:
                payouts.setdefault(found.payout.payout, found.payout)
                if found.fee_minor:
                    under_way.hold(instant_fee(found.payout, found.fee_minor, row.name("id")))
        for payout in payouts.values():
            yield from given(payout, under_way)
        for name in under_way.names():
            msg = f"payout {name} must be in the file for its amount to be known, got it not"
            self._notes.warn("stripe.payout-undeclared", msg)
        yield from under_way.rest()

    def _builder(self) -> TransactionBuilder:
        settings = self._settings
        return TransactionBuilder(
            OBJECT,
            is_major=settings.units == "major",
            kinds=settings.kinds,
            references=settings.references,
            merchant=settings.merchant,
        )

    def _declared(self) -> dict[str, Payout]:
        """The payout objects by their names; one that comes twice is noted."""
        payouts: dict[str, Payout] = {}
        for row in self._found["payout"]:
            payout = payout_from(row, merchant=self._settings.merchant)
            if payout is not None and payouts.setdefault(payout.payout, payout) is not payout:
                msg = f"payout {payout.payout} must stand once, got it again"
                row.refuse("payout.duplicate", msg)
        return payouts

    def _with_source(self, row: ReportRow) -> ReportRow:
        """A transaction with the charge that it names, where the file has it."""
        source = row.cells.get("source")
        if not isinstance(source, str) or source not in self._charges:
            return row
        cells = {**row.cells, "source": self._charges[source]}
        return ReportRow(cells, notes=self._notes, days=self._days, line=row.line)

    def _believed(self, rows: list[ReportRow]) -> str:
        """The one payout among some transactions, where all of the others come to it exactly."""
        payouts = [row for row in rows if row.cells.get("type") == "payout"]
        nets = [row.cells.get("net") for row in rows]
        if len(payouts) != 1 or len(rows) == 1 or not all(type(net) is int for net in nets):
            return ""
        [payout] = payouts
        if sum(net for net in nets if type(net) is int):
            msg = "the only payout of the list must be what the others come to, got another amount"
            payout.warn("stripe.payout-unproved", msg)
            return ""
        return payout.name("source") or payout.name("id")
