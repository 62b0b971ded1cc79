"""The reader of Adyen's settlement details and dispute reports, by the names of their columns.

A batch adds up to zero: what was settled, less refunds, chargebacks, fees and what is held back, with
what is carried from one batch to the next (``Balancetransfer``), less what was paid out
(``MerchantPayout``).  Columns are found by name, because reports differ by what somebody has added.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, Final

import attrs

from receivables.adapters import PayoutRecord
from receivables.errors import PolicyError
from receivables.money import digits
from receivables.reading import Read, ReadNotes
from receivables.receipts.payout_reports import (
    Days,
    PayoutsUnderWay,
    ReportRow,
    ReportTable,
    check_time_zone,
)
from receivables.receipts.payouts import MovementKind, ProcessorDispute, ProcessorMovement
from receivables_plugins.adyen.kinds import PAYOUT, kind_of, offset_of, stage_of
from receivables_plugins.adyen.settings import AdyenSettings

__all__ = ["AdyenReader"]

_PROCESSOR: Final = "adyen"
_SETTLEMENT: Final = frozenset(
    {"type", "net currency", "net debit (nc)", "net credit (nc)", "batch number"}
)
_DISPUTES: Final = frozenset({"dispute currency", "dispute amount", "record type"})
_FEES: Final = ("commission (nc)", "markup (nc)", "scheme fees (nc)", "interchange (nc)")


class AdyenReader:
    """Reads settlement details and dispute reports."""

    def __init__(self, settings: AdyenSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first line has the columns that every such report has."""
        line = head.split(b"\n", 1)[0]
        return bool(_of_report(ReportTable(io.BytesIO(line), ReadNotes(name))))

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their place, and never raised."""
        notes = ReadNotes(name)
        return Read(self._rows(stream, notes), notes)

    def _rows(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[PayoutRecord]:
        table = ReportTable(stream, notes)
        found = _of_report(table)
        if table.is_empty:
            notes.error("file.empty", "report must have headings, got none")
        elif not found:
            notes.error("file.format", "report must have the columns of Adyen, got others")
        elif found == "disputes":
            yield from _Disputes(self._settings, notes).read(table)
        else:
            yield from _Batches(self._settings, notes).read(table)


def _of_report(table: ReportTable) -> str:
    there = set(table.headings)
    if there >= _SETTLEMENT:
        return "settlement"
    return "disputes" if there >= _DISPUTES else ""


class _Zones:
    """Days of moments that are written as a text in one column and the letters of a zone in another."""

    def __init__(self, settings: AdyenSettings) -> None:
        zone = settings.report_time_zone
        self._own = check_time_zone(zone) if zone else None
        self._said: set[str] = set()

    def day(self, row: ReportRow, *fields: tuple[str, str]) -> dt.date:
        """The day of the first pair of columns whose moment is not empty."""
        for moment, zone in fields:
            if row.at(moment):
                return row.needed_day(moment, written_in=self._zone(row, zone))
        return row.needed_day(fields[0][0])

    def _zone(self, row: ReportRow, field: str) -> dt.tzinfo | None:
        letters = row.name(field)
        if self._own is not None or not letters:
            return self._own
        known = offset_of(letters) or _iana(letters)
        if known is None and letters not in self._said:
            self._said.add(letters)
            msg = f"time zone must be one that means one offset, got {letters!r}, read as UTC"
            row.warn("adyen.time-zone", msg, field=field)
        return known


def _iana(name: str) -> dt.tzinfo | None:
    try:
        return check_time_zone(name) if "/" in name else None
    except PolicyError:
        return None


@attrs.define(kw_only=True)
class _Batch:
    """A batch under way: how much it adds up to, and what was paid out of it."""

    name: str
    merchant: str
    currency: str
    row: ReportRow
    amount_minor: int = 0
    sum_minor: int = 0
    paid_on: dt.date | None = None
    bank_reference: str = ""
    payouts: int = 0
    is_spoilt: bool = False


class _Batches:
    """The rows of settlement details."""

    def __init__(self, settings: AdyenSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._zones = _Zones(settings)
        self._under_way = PayoutsUnderWay(notes, processor=_PROCESSOR)
        self._batches: dict[str, _Batch] = {}
        self._settled: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def read(self, table: ReportTable) -> Iterator[PayoutRecord]:
        """Hold every movement until the last row, because a batch may come in any order."""
        for row in table.read(Days(self._settings.time_zone)):
            self._take(row)
        for batch in self._batches.values():
            batch.is_spoilt = batch.is_spoilt or table.lost > 0
            yield from self._finish(batch)

    def _take(self, row: ReportRow) -> None:
        currency = row.currency("net currency")
        batch = self._batch(row, currency)
        net_minor = row.major("net credit (nc)", currency) - row.major("net debit (nc)", currency)
        type_ = row.name("type")
        batch.sum_minor += net_minor
        if type_.casefold() == PAYOUT.casefold():
            self._pay_out(batch, row, net_minor)
        else:
            movement = self._movement(row, batch, net_minor, type_)
            if movement is not None:
                self._under_way.hold(movement)
        if row.is_refused:
            batch.is_spoilt = True
            self._under_way.spoil(batch.name)

    def _batch(self, row: ReportRow, currency: str) -> _Batch:
        merchant, number = row.name("merchant account"), row.name("batch number")
        if not number:
            row.refuse("adyen.batch-missing", "batch number must be given, got none")
        name = "/".join(part for part in (merchant, number or "?") if part)
        known = self._batches.get(name)
        if known is not None and currency and known.currency != currency:
            name = f"{name}/{currency}"  # a batch that is paid out in more than one currency
            known = self._batches.get(name)
        if known is None:
            known = self._batches[name] = _Batch(
                name=name, merchant=merchant, currency=currency, row=row
            )
        return known

    def _pay_out(self, batch: _Batch, row: ReportRow, net_minor: int) -> None:
        batch.amount_minor -= net_minor
        batch.payouts += 1
        batch.paid_on = self._day(row)
        batch.row = row
        text = row.text("modification reference")
        batch.bank_reference = " / ".join(part for part in (batch.bank_reference, text) if part)

    def _day(self, row: ReportRow) -> dt.date:
        return self._zones.day(
            row, ("booking date", "booking date timezone"), ("creation date", "timezone")
        )

    def _movement(
        self, row: ReportRow, batch: _Batch, net_minor: int, type_: str
    ) -> ProcessorMovement | None:
        kind = kind_of(type_, net_minor=net_minor, own=self._settings.kinds)
        if kind is None:
            msg = f"type {type_!r} must be given a kind in the settings, got none"
            row.refuse("adyen.type-unknown", msg, field="type")
        gross_minor = self._gross_minor(row, batch.currency, net_minor)
        occurred_on = self._day(row)
        if row.is_refused or kind is None:
            return None
        name = self._name(row, batch, type_)
        return ProcessorMovement(
            movement=name,
            processor=_PROCESSOR,
            kind=kind,
            gross_minor=gross_minor,
            fee_minor=gross_minor - net_minor,
            currency=batch.currency,
            occurred_on=occurred_on,
            payout=batch.name,
            original=self._original(row, kind, name),
            reference=row.text("merchant reference"),
            text=self._text(row, batch.currency),
            raw_kind=type_,
            method=row.text("payment method variant", "payment method"),
            fees=_fee_parts(row),
            source=row.place,
        )

    def _gross_minor(self, row: ReportRow, currency: str, net_minor: int) -> int:
        """Gross in the currency of the payout: what was settled, before the parts of the fee.

        Where nothing was exchanged, the report says it itself, and the parts of the fee must be what
        lies between; they may have more decimals than the currency has.
        """
        parts = [row.decimal(row.at(field), field=field) for field in _FEES if row.at(field)]
        fee = sum((part for part in parts if part is not None), Decimal())
        places = digits(currency) if currency else 0
        fee_minor = fee.scaleb(places)
        own = row.name("gross currency").upper()
        has_gross = row.at("gross credit (gc)") or row.at("gross debit (gc)")
        if own != currency or not has_gross:
            # Fees below one minor unit are rounded half up, as amounts are on a bank account.
            return net_minor + int(fee_minor.quantize(Decimal(1), rounding="ROUND_HALF_UP"))
        gross_minor = row.major("gross credit (gc)", own) - row.major("gross debit (gc)", own)
        if not row.is_refused and abs(gross_minor - net_minor - fee_minor) >= 1:
            msg = (
                f"net must be gross less fees, which is {gross_minor - fee_minor}, got {net_minor}"
            )
            row.refuse("adyen.net", msg, field="net credit (nc)")
        return gross_minor

    def _name(self, row: ReportRow, batch: _Batch, type_: str) -> str:
        """Adyen's reference of what was done and its type; rows without one are counted by batch."""
        payment = row.name("psp reference")
        own = row.name("modification reference")
        if payment:
            return f"{own or payment}/{type_}"
        key = f"{batch.name}/{type_}"
        if own:
            key = f"{key}/{' '.join(row.without_cards(own).split())}"
        count = self._counts[key] = self._counts.get(key, 0) + 1
        return key if count == 1 else f"{key}#{count}"

    def _original(self, row: ReportRow, kind: MovementKind, name: str) -> str:
        payment = row.name("psp reference")
        if kind is MovementKind.PAYMENT:
            self._settled.setdefault(payment, name)
            return ""
        return self._settled.get(payment, payment) if kind.is_of_customer else ""

    def _text(self, row: ReportRow, currency: str) -> str:
        """What the row says of itself: a description, or what was charged in another currency."""
        own = row.name("gross currency").upper()
        if not row.name("psp reference"):
            return row.text("modification reference")
        if not own or own == currency:
            return ""
        amount = row.text("gross credit (gc)", "gross debit (gc)")
        return f"{amount} {own} at {row.text('exchange rate')}"

    def _finish(self, batch: _Batch) -> Iterator[PayoutRecord]:
        name, row = batch.name, batch.row
        if batch.sum_minor or batch.is_spoilt:
            got = f"{batch.sum_minor} minor units" if batch.sum_minor else "a row that was not read"
            msg = f"batch {name} must add up to zero with its payout, got {got}"
            self._notes.error("payout.unbalanced", msg, line=row.line)
            return
        if not batch.payouts:
            yield from self._under_way.movements(name)
            return
        yield from self._under_way.finish(
            name,
            amount_minor=batch.amount_minor,
            currency=batch.currency,
            paid_on=batch.paid_on,
            bank_reference=batch.bank_reference,
            merchant=batch.merchant,
            line=row.line,
            source=row.place,
        )


def _fee_parts(row: ReportRow) -> tuple[tuple[str, str], ...]:
    """The parts of the fee by their names, as the report has them."""
    found = ((field.removesuffix(" (nc)"), row.name(field)) for field in _FEES)
    return tuple((name, value) for name, value in found if value)


class _Disputes:
    """The rows of a dispute report; a dispute that has several rows is what its last one says."""

    def __init__(self, settings: AdyenSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._zones = _Zones(settings)

    def read(self, table: ReportTable) -> Iterator[PayoutRecord]:
        """Give each dispute once, with the day on which its first row was recorded."""
        latest: dict[str, tuple[str, ProcessorDispute]] = {}
        for row in table.read(Days(self._settings.time_zone)):
            dispute = self._dispute(row)
            if dispute is None:
                continue
            recorded = row.name("record date")
            before = latest.get(dispute.dispute)
            if before is None:
                latest[dispute.dispute] = recorded, dispute
                continue
            first, last = sorted([before, (recorded, dispute)], key=lambda each: each[0])
            opened_on = min(first[1].opened_on, last[1].opened_on)
            latest[dispute.dispute] = last[0], attrs.evolve(last[1], opened_on=opened_on)
        for _, dispute in latest.values():
            yield dispute

    def _dispute(self, row: ReportRow) -> ProcessorDispute | None:
        currency = row.currency("dispute currency")
        amount_minor = row.major("dispute amount", currency)
        opened_on = self._zones.day(
            row, ("dispute date", "dispute date timezone"), ("record date", "record date timezone")
        )
        has_end = bool(row.at("dispute end date"))
        ends = ("dispute end date", "dispute end date timezone")
        respond_by = self._zones.day(row, ends) if has_end else None
        record_type = row.name("record type")
        stage = stage_of(record_type)
        name = row.name("dispute psp reference") or row.name("psp reference")
        if not name:
            row.refuse("adyen.identity", "dispute psp reference must be given, got none")
        if stage is None:
            msg = f"record type must be one that is known, got {record_type!r}"
            row.refuse("adyen.type-unknown", msg, field="record type")
        if row.is_refused or stage is None:
            return None
        return ProcessorDispute(
            dispute=name,
            processor=_PROCESSOR,
            stage=stage,
            amount_minor=abs(amount_minor),
            currency=currency,
            opened_on=opened_on,
            respond_by=respond_by,
            movement=row.name("psp reference"),
            reference=row.text("merchant reference"),
            reason_code=row.text("cb reason code", "rfi reason code", "nof reason code"),
            reason=row.text("dispute reason"),
            source=row.place,
        )
