"""The rows of the tables of Receivables, read and kept until all are there.

A transaction is whole only once the last of its installments was seen, and a balance only once the
last of its applications was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs

from receivables.cards import holds_card_number, masked
from receivables.limits import INSTALLMENTS_MAX
from receivables.reading import ReadNotes
from receivables_plugins.oracle.cells import Row
from receivables_plugins.oracle.settings import EbsSettings
from receivables_plugins.oracle.tables import Table

__all__ = ["SETTLING", "Adjustment", "Application", "CashReceipt", "Gathering", "Part"]

SETTLING: Final = frozenset({"APP", "ACTIVITY"})
"""What takes something off a receipt: applied to a transaction, or written off, or refunded."""
_PARKED: Final = frozenset({"UNAPP", "ACC", "UNID", "OTHER ACC"})
"""What is on account, unidentified or held for a claim is still the customer's."""
_APPROVED: Final = frozenset({"", "A"})
"""Adjustments of other states change no balance; an extract without the column has none of them."""


@attrs.define(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Part:
    """A row of AR_PAYMENT_SCHEDULES_ALL."""

    schedule: str
    code: str
    kind: str
    customer: str
    transaction: str
    receipt: str
    number: str
    currency: str
    original_minor: int
    remaining_minor: int
    adjusted_minor: int
    sequence: int
    due_dates: int
    trx_date: dt.date | None
    due_date: dt.date | None
    gl_date: dt.date
    settled_on: dt.date | None
    rate: Decimal | None
    rate_date: dt.date | None
    line: int
    field: str | None


@attrs.frozen(kw_only=True)
class CashReceipt:
    """A row of AR_CASH_RECEIPTS_ALL."""

    receipt: str
    number: str
    customer: str
    currency: str
    amount_minor: int
    status: str
    received_on: dt.date | None
    deposited_on: dt.date | None
    reversed_on: dt.date | None
    text: str
    line: int
    field: str | None


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Application:
    """A row of AR_RECEIVABLE_APPLICATIONS_ALL; amounts are as they stand there."""

    name: str
    status: str
    on: dt.date
    receipt: str
    transaction: str
    source: str
    target: str
    amount: Decimal
    amount_from: Decimal | None
    discount: Decimal
    line: int
    field: str | None


@attrs.frozen(kw_only=True)
class Adjustment:
    """A row of AR_ADJUSTMENTS_ALL."""

    name: str
    schedule: str
    on: dt.date
    amount: Decimal
    line: int
    field: str | None


class Gathering:
    """Takes tables in any order and keeps what they say."""

    def __init__(self, settings: EbsSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self.tables: set[str] = set()
        self.parts: dict[str, Part] = {}
        self.monies: dict[str, CashReceipt] = {}
        self.applications: list[Application] = []
        self.adjustments: dict[str, Adjustment] = {}
        self.headers: dict[str, tuple[str, tuple[str, ...]]] = {}
        """The transaction that each corrects, and other references, by CUSTOMER_TRX_ID."""
        self.numbers: dict[str, str] = {}
        """TRX_NUMBER by CUSTOMER_TRX_ID."""
        self.incomplete: set[str] = set()
        """Transactions that are still being entered."""
        self.unconfirmed: set[str] = set()
        """Schedules, and ``receipt`` with their number, of receipts that count in no balance yet."""
        self.accounts: dict[str, dict[str, str]] = {}
        self.parties: dict[str, dict[str, str]] = {}
        self.orgs: set[str] = set()
        self.miscellaneous = 0
        self._names: set[str] = set()

    def take(self, table: Table) -> None:
        """Take the rows of a table."""
        self.tables.add(table.name)
        taken: Callable[[Row], None] = getattr(self, _TAKERS[table.name])
        for row in table.rows:
            if self._is_wanted(row):
                taken(row)

    def _is_wanted(self, row: Row) -> bool:
        org = row.text("ORG_ID")
        if org:
            self.orgs.add(org)
        return not (org and self._settings.orgs) or org in self._settings.orgs

    def _take_schedule(self, row: Row) -> None:
        code = row.needed("CLASS", "document.type-unknown")
        kind = self._settings.classes.get(code, "")
        if code and not kind:
            msg = f"class must be one of {', '.join(sorted(self._settings.classes))}, got {code!r}"
            row.refuse("document.type-unknown", msg, "CLASS")
        if kind == "skip":
            return
        currency = row.currency("INVOICE_CURRENCY_CODE")
        schedule = row.needed("PAYMENT_SCHEDULE_ID", "document.missing")
        if schedule in self.parts:
            msg = f"payment schedule must stand once, got {schedule!r} again"
            row.refuse("document.duplicate", msg, "PAYMENT_SCHEDULE_ID")
        remaining_minor = row.minor("AMOUNT_DUE_REMAINING", currency)
        part = Part(
            schedule=schedule,
            code=code,
            kind=kind,
            customer=_positive(row.text("CUSTOMER_ID")),
            transaction=row.text("CUSTOMER_TRX_ID"),
            receipt=row.text("CASH_RECEIPT_ID") if kind == "receipt" else "",
            number=row.text("TRX_NUMBER"),
            currency=currency,
            original_minor=row.minor("AMOUNT_DUE_ORIGINAL", currency),
            remaining_minor=remaining_minor,
            adjusted_minor=row.minor("AMOUNT_ADJUSTED", currency),
            sequence=_count(row, "TERMS_SEQUENCE_NUMBER"),
            due_dates=_count(row, "NUMBER_OF_DUE_DATES"),
            trx_date=row.day("TRX_DATE"),
            due_date=row.day("DUE_DATE"),
            gl_date=row.day("GL_DATE") or row.day("TRX_DATE") or dt.date.min,
            settled_on=self._settled_on(row, remaining_minor),
            rate=row.number("EXCHANGE_RATE"),
            rate_date=row.day("EXCHANGE_DATE"),
            line=row.line,
            field=row.part,
        )
        self._check_schedule(part, row)
        if not row.is_refused:
            self._keep(part, row)

    def _settled_on(self, row: Row, remaining_minor: int) -> dt.date | None:
        """When a schedule was closed, or else the day on which it was known to be as it is."""
        closed = row.day("GL_DATE_CLOSED") or row.day("ACTUAL_DATE_CLOSED")
        if closed and not remaining_minor:
            return closed
        return self._settings.snapshot_date or row.day("LAST_UPDATE_DATE")

    def _check_schedule(self, part: Part, row: Row) -> None:
        if not part.number and part.kind != "receipt":
            row.refuse("document.missing", "TRX_NUMBER must be given, got none", "TRX_NUMBER")
        if not part.customer and part.kind != "receipt":
            row.refuse("customer.missing", "CUSTOMER_ID must be given, got none", "CUSTOMER_ID")
        if part.gl_date == dt.date.min:
            row.refuse("date.missing", "GL_DATE or TRX_DATE must be given, got neither", "GL_DATE")
        if part.sequence > INSTALLMENTS_MAX or part.due_dates > INSTALLMENTS_MAX:
            msg = f"installments must be {INSTALLMENTS_MAX} at most, got more"
            row.refuse("document.unbalanced", msg, "TERMS_SEQUENCE_NUMBER")
        if part.kind == "receipt" and part.original_minor > 0:
            msg = "amount of a receipt must be negative in this table"
            row.refuse(
                "amount.sign",
                f"{msg}, got {row.text('AMOUNT_DUE_ORIGINAL')}",
                "AMOUNT_DUE_ORIGINAL",
            )

    def _keep(self, part: Part, row: Row) -> None:
        if part.kind == "receipt" and row.text("RECEIPT_CONFIRMED_FLAG") == "N":
            self.unconfirmed.update({part.schedule, f"receipt {part.receipt}"})
            msg = "receipt is not confirmed, and counts in no balance before it is"
            row.warn("oracle.receipt-unconfirmed", msg, "RECEIPT_CONFIRMED_FLAG")
            return
        self.parts[part.schedule] = part
        disputed = row.number("AMOUNT_IN_DISPUTE")
        if disputed and part.kind != "receipt":
            msg = (
                f"{disputed:f} {part.currency} of {part.number} are in dispute, which is no record"
            )
            row.warn("oracle.in-dispute", msg, "AMOUNT_IN_DISPUTE")
        status = row.text("STATUS")
        if (status == "CL" and part.remaining_minor) or (
            status == "OP" and not part.remaining_minor and part.original_minor
        ):
            msg = f"status {status} does not go with a remaining amount of {part.remaining_minor}"
            row.warn("oracle.status-differs", f"{msg} minor units", "STATUS")

    def _take_receipt(self, row: Row) -> None:
        if row.text("TYPE") == "MISC":
            self.miscellaneous += 1
            return
        currency = row.currency("CURRENCY_CODE")
        money = CashReceipt(
            receipt=row.needed("CASH_RECEIPT_ID", "receipt.missing"),
            number=row.text("RECEIPT_NUMBER"),
            customer=_positive(row.text("PAY_FROM_CUSTOMER")),
            currency=currency,
            amount_minor=row.minor("AMOUNT", currency),
            status=row.text("STATUS"),
            received_on=row.day("RECEIPT_DATE"),
            deposited_on=row.day("DEPOSIT_DATE"),
            reversed_on=row.day("REVERSAL_DATE"),
            text=_without_cards(row),
            line=row.line,
            field=row.part,
        )
        if money.receipt in self.monies:
            msg = f"receipt must stand once, got {money.receipt!r} again"
            row.refuse("receipt.duplicate", msg, "CASH_RECEIPT_ID")
        if not (money.received_on or money.deposited_on):
            row.refuse("date.missing", "RECEIPT_DATE must be given, got none", "RECEIPT_DATE")
        if row.text("CONFIRMED_FLAG") == "N":
            self.unconfirmed.add(f"receipt {money.receipt}")
        if not row.is_refused:
            self.monies[money.receipt] = money

    def _take_application(self, row: Row) -> None:
        status = row.needed("STATUS", "oracle.status-unknown").upper()
        if status and status not in SETTLING | _PARKED:
            msg = f"status must be APP, ACTIVITY, UNAPP, ACC, UNID or OTHER ACC, got {status!r}"
            row.refuse("oracle.status-unknown", msg, "STATUS")
        on = row.day("GL_DATE") or row.day("APPLY_DATE")
        if on is None and not row.is_refused:
            row.refuse("date.missing", "GL_DATE must be given, got none", "GL_DATE")
        name = row.text("RECEIVABLE_APPLICATION_ID") or f"{row.part or 'row'} {row.line}"
        if name in self._names:
            msg = f"application must stand once, got {name!r} again"
            row.refuse("document.duplicate", msg, "RECEIVABLE_APPLICATION_ID")
        early, late = row.number("EARNED_DISCOUNT_TAKEN"), row.number("UNEARNED_DISCOUNT_TAKEN")
        amount = row.number("AMOUNT_APPLIED")
        if row.is_refused or on is None or row.text("CONFIRMED_FLAG") == "N":
            return
        self._names.add(name)
        self.applications.append(
            Application(
                name=name,
                status=status,
                on=on,
                receipt=row.text("CASH_RECEIPT_ID"),
                transaction=row.text("CUSTOMER_TRX_ID"),
                source=row.text("PAYMENT_SCHEDULE_ID"),
                target=_positive(row.text("APPLIED_PAYMENT_SCHEDULE_ID")),
                amount=amount or Decimal(0),
                amount_from=row.number("AMOUNT_APPLIED_FROM"),
                discount=(early or Decimal(0)) + (late or Decimal(0)),
                line=row.line,
                field=row.part,
            )
        )

    def _take_adjustment(self, row: Row) -> None:
        name = row.needed("ADJUSTMENT_ID", "document.missing")
        on = row.day("GL_DATE") or row.day("APPLY_DATE")
        amount = row.number("AMOUNT")
        if row.text("STATUS").upper() not in _APPROVED:
            return
        if on is None and not row.is_refused:
            row.refuse("date.missing", "GL_DATE must be given, got none", "GL_DATE")
        if name in self.adjustments:
            msg = f"adjustment must stand once, got {name!r} again"
            row.refuse("document.duplicate", msg, "ADJUSTMENT_ID")
        schedule = row.needed("PAYMENT_SCHEDULE_ID", "document.missing")
        if not row.is_refused and on is not None and amount:
            self.adjustments[name] = Adjustment(
                name=name, schedule=schedule, on=on, amount=amount, line=row.line, field=row.part
            )

    def _take_transaction(self, row: Row) -> None:
        name = row.needed("CUSTOMER_TRX_ID", "document.missing")
        if row.text("COMPLETE_FLAG") == "N":
            self.incomplete.add(name)
        given = (row.text("PURCHASE_ORDER"), row.text("CT_REFERENCE"))
        references = tuple(dict.fromkeys(text for text in given if text))
        self.headers[name] = (row.text("PREVIOUS_CUSTOMER_TRX_ID"), references)
        self.numbers[name] = row.text("TRX_NUMBER")

    def _take_account(self, row: Row) -> None:
        name = row.needed("CUST_ACCOUNT_ID", "customer.missing")
        if name in self.accounts:
            msg = f"customer account must stand once, got {name!r} again"
            row.warn("customer.duplicate", msg, "CUST_ACCOUNT_ID")
        elif name:
            self.accounts[name] = {column: row.text(column) for column in _ACCOUNT}

    def _take_party(self, row: Row) -> None:
        name = row.needed("PARTY_ID", "customer.missing")
        if name:
            self.parties[name] = {column: row.text(column) for column in _ACCOUNT}


_ACCOUNT: Final = (
    "ACCOUNT_NUMBER", "ACCOUNT_NAME", "PARTY_ID", "PARTY_NAME", "PARTY_TYPE", "COUNTRY",
    "ADDRESS1", "ADDRESS2", "ADDRESS3", "ADDRESS4", "CITY", "POSTAL_CODE", "STATE", "PROVINCE",
    "EMAIL_ADDRESS",
)  # fmt: skip

_TAKERS: Final = MappingProxyType(
    {
        "AR_ADJUSTMENTS_ALL": "_take_adjustment",
        "AR_CASH_RECEIPTS_ALL": "_take_receipt",
        "AR_PAYMENT_SCHEDULES_ALL": "_take_schedule",
        "AR_RECEIVABLE_APPLICATIONS_ALL": "_take_application",
        "HZ_CUST_ACCOUNTS": "_take_account",
        "HZ_PARTIES": "_take_party",
        "RA_CUSTOMER_TRX_ALL": "_take_transaction",
    }
)


def _without_cards(row: Row) -> str:
    """The comments on a receipt; a card number in them is masked and said."""
    text = row.text("COMMENTS")
    if holds_card_number(text):
        row.error(
            "card.number", f"comments must hold no card number, got {masked(text)!r}", "COMMENTS"
        )
    return masked(text)


def _positive(identity: str) -> str:
    """An identity; those below zero stand for nobody, for on account, for an activity."""
    return "" if identity.startswith("-") or identity == "0" else identity


def _count(row: Row, column: str) -> int:
    """A count from 1; 1 where there is none."""
    text = row.text(column) or "1"
    if text.isascii() and text.isdigit() and int(text[:9]) > 0:
        return int(text[:9])
    row.refuse(
        "document.unbalanced", f"{column} must be a whole number from 1, got {text!r}", column
    )
    return 1
