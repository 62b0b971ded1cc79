"""From one balance transaction, payout or dispute of Stripe to a record; net must be amount less fee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.money import digits
from receivables.receipts.model import Payer
from receivables.receipts.payout_reports import Days, ReportRow
from receivables.receipts.payouts import (
    MovementKind,
    Payout,
    ProcessorDispute,
    ProcessorMovement,
)
from receivables_plugins.stripe.kinds import is_payout, kind_of, stage_of

__all__ = [
    "OBJECT",
    "PROCESSOR",
    "Columns",
    "Transaction",
    "TransactionBuilder",
    "api_minor",
    "calendar_day",
    "columns_of",
    "dispute_from",
    "payout_from",
]

PROCESSOR: Final = "stripe"
_NOBODY: Final = Payer()

_DECIMALS: Final[Mapping[str, int]] = MappingProxyType({"ISK": 2, "MGA": 0, "UGX": 2})
"""Decimals of the API's integers where they are not those of ISO 4217 (Stripe, *Currencies*)."""

Columns = Mapping[str, tuple[str, ...]]
"""Where our fields stand: paths into an object, or headings of a table, the first that is there."""

OBJECT: Final[Columns] = {
    "amount": ("amount",),
    "available": ("available_on",),
    "category": ("reporting_category",),
    "charge": ("source.charge",),
    "created": ("created",),
    "currency": ("currency",),
    "fee": ("fee",),
    "id": ("id",),
    "last4": (
        "source.payment_method_details.card.last4",
        "source.payment_method_details.sepa_debit.last4",
        "source.payment_method_details.us_bank_account.last4",
        "source.payment_method_details.bacs_debit.last4",
    ),
    "method": ("source.payment_method_details.card.brand", "source.payment_method_details.type"),
    "net": ("net",),
    "payer": ("source.billing_details.name",),
    "payout": ("payout",),
    "source": ("source",),
    "text": ("description",),
    "type": ("type",),
}
"""The fields of a balance transaction of the API."""

_TABLE: Final[Columns] = {
    "amount": ("gross", "amount"),
    "available": ("available_on_utc", "available on (utc)", "available_on"),
    "category": ("reporting_category", "reporting category"),
    "charge": ("charge_id", "charge"),
    "created": ("created_utc", "created (utc)", "created"),
    "currency": ("currency",),
    "fee": ("fee",),
    "id": ("balance_transaction_id", "balance transaction id", "id"),
    "last4": ("card_last4",),
    "method": ("card_brand", "payment_method_type"),
    "net": ("net",),
    "paid": ("automatic_payout_effective_at_utc", "automatic_payout_effective_at"),
    "payer": ("customer_name", "card_name"),
    "payout": ("automatic_payout_id", "payout_id", "payout", "transfer"),
    "source": ("source_id", "source"),
    "text": ("description",),
    "type": ("type",),
}


def columns_of(headings: tuple[str, ...]) -> Columns:
    """Where our fields stand in a table with some headings."""
    there = set(headings)
    return {
        field: tuple(name for name in names if name in there) for field, names in _TABLE.items()
    }


@attrs.frozen(kw_only=True)
class Transaction:
    """A balance transaction that was read: a movement, or a payout that has no movements yet."""

    movement: ProcessorMovement | None = None
    payout: Payout | None = None
    fee_minor: int = 0
    """What an instant payout cost, which is on top of it."""


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class _Said:
    """What a row says of its movement, read and not refused."""

    name: str
    word: str
    """What the report calls its kind."""
    source: str
    currency: str
    gross_minor: int
    fee_minor: int
    payout: str


class TransactionBuilder:
    """Builds records from rows, by where their fields stand and how their amounts are written."""

    def __init__(
        self,
        columns: Columns,
        *,
        is_major: bool,
        kinds: Mapping[str, MovementKind],
        references: tuple[str, ...],
        merchant: str = "",
    ) -> None:
        self._columns = columns
        self._is_major = is_major
        self._kinds = kinds
        self._references = references
        self._merchant = merchant
        self._charges: dict[str, str] = {}

    def payout_name(self, row: ReportRow) -> str:
        """The payout that a row says it is part of."""
        return self._name(row, "payout")

    def read(self, row: ReportRow, *, payout: str = "") -> Transaction | None:
        """Read one row, of a payout where it is known; None where anything in it was refused."""
        currency = row.currency(*(self._columns["currency"] or ("currency",)))
        amount_minor = self._minor(row, "amount", currency)
        fee_minor = self._minor(row, "fee", currency)
        category, type_ = self._name(row, "category"), self._name(row, "type")
        self._check_net(row, currency, amount_minor - fee_minor)
        name = row.needed_name(self._first("id"), code="stripe.identity")
        if is_payout(category, type_):
            return self._payout(row, currency, amount_minor, fee_minor)
        source = self._name(row, "source")
        kind = kind_of(category, type_, amount_minor=amount_minor, source=source, own=self._kinds)
        if kind is None:
            msg = f"kind of {category or type_!r} must be given in the settings, got none"
            row.refuse("stripe.kind-unknown", msg, field=self._first("category", "type"))
        said = _Said(
            name=name,
            word=category or type_,
            source=source,
            currency=currency,
            gross_minor=amount_minor,
            fee_minor=fee_minor,
            payout=payout,
        )
        made = self._movement(row, kind, said)
        return None if made is None else Transaction(movement=made)

    def _movement(
        self, row: ReportRow, kind: MovementKind | None, said: _Said
    ) -> ProcessorMovement | None:
        occurred_on = row.needed_day(*(self._columns["created"] or ("created",)))
        available_on = row.day(*self._columns["available"])
        if row.is_refused or kind is None:
            return None
        return ProcessorMovement(
            movement=said.name,
            processor=PROCESSOR,
            kind=kind,
            gross_minor=said.gross_minor,
            fee_minor=said.fee_minor,
            currency=said.currency,
            occurred_on=occurred_on,
            available_on=available_on,
            payout=said.payout or self.payout_name(row),
            original=self._original(row, kind, said.source, said.name),
            reference=self._reference(row),
            payer=self._payer(row),
            text=row.text(*self._columns["text"]),
            raw_kind=said.word,
            method=row.text(*self._columns["method"]),
            last4=row.text(*self._columns["last4"])[-4:],
            fees=_fee_parts(row.at("fee_details"), said.currency),
            source=row.place,
        )

    def _payer(self, row: ReportRow) -> Payer:
        name = row.text(*self._columns["payer"])
        return Payer(name=name) if name else _NOBODY

    def _payout(
        self, row: ReportRow, currency: str, amount_minor: int, fee_minor: int
    ) -> Transaction | None:
        fields = (*self._columns["available"], *self._columns["created"])
        paid_on = calendar_day(row, *(fields or ("available_on",)))
        if row.is_refused:
            return None
        payout = Payout(
            payout=self._name(row, "source") or self.payout_name(row) or self._name(row, "id"),
            processor=PROCESSOR,
            amount_minor=-amount_minor,
            currency=currency,
            paid_on=paid_on,
            is_itemized=False,
            merchant=self._merchant,
            source=row.place,
        )
        return Transaction(payout=payout, fee_minor=fee_minor)

    def _original(self, row: ReportRow, kind: MovementKind, source: str, name: str) -> str:
        """The movement that this one takes back: the one of its charge, or the charge itself."""
        charge = self._name(row, "charge")
        if kind is MovementKind.PAYMENT:
            if source:
                self._charges[source] = name
            return ""
        if not kind.is_of_customer or not charge:
            return ""
        return self._charges.get(charge, charge)

    def _reference(self, row: ReportRow) -> str:
        """Our own reference: a column of a report, or a key of a charge's metadata."""
        found = row.text(*self._references)
        if found:
            return found
        metadata = row.at("source.metadata")
        if not isinstance(metadata, Mapping):
            return ""
        values = (metadata.get(key) for key in self._references)
        text = next((value for value in values if isinstance(value, str) and value), "")
        return row.without_cards(text, field="metadata")

    def _check_net(self, row: ReportRow, currency: str, net_minor: int) -> None:
        field = self._first("net")
        if not currency or row.at(field) in {None, ""}:
            return
        found = self._minor(row, "net", currency)
        if not row.is_refused and found != net_minor:
            msg = f"net must be amount less fee, which is {net_minor}, got {found}"
            row.refuse("stripe.net", msg, field=field)

    def _minor(self, row: ReportRow, field: str, currency: str) -> int:
        path = self._first(field)
        if field == "amount" and row.at(path) in {None, ""}:
            row.refuse("amount.invalid", f"{path} must be given, got none", field=path)
        return row.major(path, currency) if self._is_major else api_minor(row, path, currency)

    def _first(self, *fields: str) -> str:
        for field in fields:
            if self._columns[field]:
                return self._columns[field][0]
        return fields[0]

    def _name(self, row: ReportRow, field: str) -> str:
        for path in self._columns[field]:
            if found := row.name(path):
                return found
        return ""


def _fee_parts(details: Any, currency: str) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  # JSON
    """The parts of a fee, in units of the currency."""
    if not isinstance(details, list):
        return ()
    places = _DECIMALS.get(currency, digits(currency))
    return tuple(
        (str(part.get("type") or "fee"), str(Decimal(part["amount"]).scaleb(-places)))
        for part in details
        if isinstance(part, Mapping) and type(part.get("amount")) is int
    )


def api_minor(row: ReportRow, path: str, currency: str) -> int:
    """An integer of the API in minor units: Stripe counts some currencies in other decimals.

    100 is one króna, although a króna has no smaller unit, and one ariary is 1.

    >>> from receivables.reading import ReadNotes
    >>> row = ReportRow({"amount": 500}, notes=ReadNotes("po.json"), days=Days())
    >>> [api_minor(row, "amount", currency) for currency in ("EUR", "ISK", "MGA")]
    [500, 5, 50000]
    """
    value = row.at(path)
    if currency not in _DECIMALS or value is None or value == "":
        return row.minor(path, currency)
    amount = row.decimal(value, field=path)
    scaled = None if amount is None else amount.scaleb(-_DECIMALS[currency])
    return row.minor_of(scaled, currency, field=path)


def calendar_day(row: ReportRow, *paths: str) -> dt.date:
    """The day of a payout, which Stripe writes as midnight in UTC, whatever zone the days are of."""
    in_utc = ReportRow(row.cells, notes=row.notes, days=Days(), line=row.line)
    day = in_utc.needed_day(*paths)
    row.is_refused = row.is_refused or in_utc.is_refused
    return day


def payout_from(row: ReportRow, *, merchant: str = "") -> Payout | None:
    """A payout object, or a row of a list of payouts; amounts are minor units."""
    currency = row.currency("currency")
    amount_minor = api_minor(row, "amount", currency)
    paid_on = calendar_day(row, "arrival_date", "created")
    name = row.needed_name("id", code="stripe.identity")
    if row.is_refused:
        return None
    return Payout(
        payout=name,
        processor=PROCESSOR,
        amount_minor=amount_minor,
        currency=currency,
        paid_on=paid_on,
        is_itemized=False,
        account=row.name("destination") or row.name("destination_bank_account_id"),
        bank_reference=row.text("trace_id.value", "statement_descriptor"),
        status=row.text("status"),
        merchant=merchant,
        source=row.place,
    )


def dispute_from(row: ReportRow, *, references: tuple[str, ...] = ()) -> ProcessorDispute | None:
    """A dispute object, or a row of a list of disputes; amounts are minor units."""
    currency = row.currency("currency")
    amount_minor = api_minor(row, "amount", currency)
    opened_on = row.needed_day("created")
    respond_by = row.day("evidence_details.due_by", "evidence_details_due_by")
    name = row.needed_name("id", code="stripe.identity")
    status = row.text("status")
    stage = stage_of(status)
    if stage is None:
        msg = f"status of a dispute must be one that is known, got {status!r}"
        row.refuse("stripe.status-unknown", msg, field="status")
    if row.is_refused or stage is None:
        return None
    metadata = row.at("metadata")
    found = metadata if isinstance(metadata, Mapping) else {}
    own = next((str(found[key]) for key in references if found.get(key)), "")
    return ProcessorDispute(
        dispute=name,
        processor=PROCESSOR,
        stage=stage,
        amount_minor=abs(amount_minor),
        currency=currency,
        opened_on=opened_on,
        respond_by=respond_by,
        movement=row.name("charge") or row.name("charge_id"),
        reference=row.without_cards(own, field="metadata"),
        reason_code=row.text("payment_method_details.card.network_reason_code"),
        reason=row.text("reason"),
        source=row.place,
    )
