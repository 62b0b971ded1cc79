"""Builders of values for tests: say what the test is about, and leave the rest to the defaults.

>>> an_invoice(total="1200.00").total
Money('1200.00', 'EUR')
>>> an_open_item(amount="-50.00").kind
<ItemKind.CREDIT_NOTE: 'credit-note'>
>>> a_receipt(amount="80.00", customer="").customer
''
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables.allocation.model import Allocation, Leg
from receivables.documents.model import CreditNote, DebitNote, Invoice, ItemId, ItemKind, OpenItem
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    EventId,
    NoticedItem,
    NoticeSent,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.money import Money, money, to_minor
from receivables.parties import Address, Channel, Contact, Creditor, Customer, CustomerId
from receivables.receipts.model import Payer, Receipt, Remittance

__all__ = [
    "CREDITOR",
    "CUSTOMER",
    "TODAY",
    "a_cancellation",
    "a_credit_note",
    "a_creditor",
    "a_customer",
    "a_debit_note",
    "a_notice",
    "a_receipt",
    "a_return",
    "an_allocation",
    "an_identification",
    "an_invoice",
    "an_open_item",
    "an_unallocation",
    "issued",
    "received",
    "recorded",
]

CREDITOR: Final = "MIRA"
CUSTOMER: Final = "C-017"
TODAY: Final = dt.date(2026, 10, 31)
"""The day on which the worlds of the tests stand; builders date what they make before it."""

_DOCUMENT_DATE: Final = dt.date(2026, 9, 30)
_BOOKING_DATE: Final = dt.date(2026, 10, 15)
_FIRST_MOMENT: Final = dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)


def recorded(minute: int = 0) -> dt.datetime:
    """A moment in UTC at which something is recorded, so many minutes after the first one.

    >>> recorded(5) - recorded()
    datetime.timedelta(seconds=300)
    """
    return _FIRST_MOMENT + dt.timedelta(minutes=minute)


def _money(amount: Money | Decimal | int | str, currency: str) -> Money:
    return amount if isinstance(amount, Money) else money(amount, currency)


def a_creditor(**fields: Any) -> Creditor:  # noqa: ANN401  # passed on to the value, which checks
    """The company that is owed, in Nantes."""
    defaults: dict[str, Any] = {
        "creditor": CREDITOR,
        "name": "Manufacture Mirabelle SAS",
        "locale": "fr-FR",
        "country": "FR",
        "currency": "EUR",
        "address": Address(
            lines=("12 quai des Copeaux",), postal_code="44000", city="Nantes", country="FR"
        ),
        "iban": "FR7699999000010000000421774",
        "email": "comptabilite@mirabelle.example.com",
    }
    return Creditor(**{**defaults, **fields})


def a_customer(customer: str = CUSTOMER, **fields: Any) -> Customer:  # noqa: ANN401  # see above
    """A customer in Québec, with an address and a desk that pays."""
    defaults: dict[str, Any] = {
        "name": "Quincaillerie du Harfang inc.",
        "locale": "fr-CA",
        "country": "CA",
        "address": Address(
            lines=("2, chemin du Portage",),
            postal_code="J1H 1A1",
            city="Sherbrooke",
            region="QC",
            country="CA",
        ),
        "contacts": (
            Contact(
                name="Comptes fournisseurs",
                channel=Channel.EMAIL,
                email="comptes@harfang.example.com",
            ),
        ),
    }
    return Customer(customer=CustomerId(customer), **{**defaults, **fields})


def _document_fields(
    number: str, total: Money | Decimal | int | str, currency: str, fields: Mapping[str, Any]
) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "number": number,
        "creditor": CREDITOR,
        "customer": CUSTOMER,
        "document_date": _DOCUMENT_DATE,
    }
    if "lines" not in fields:
        defaults["total"] = _money(total, currency)
    return {**defaults, **fields}


def an_invoice(
    number: str = "FA-1",
    *,
    total: Money | Decimal | int | str = "100.00",
    currency: str = "EUR",
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> Invoice:
    """An invoice, due thirty days after its date unless a due date or installments are given."""
    known = _document_fields(number, total, currency, fields)
    if "installments" not in fields:
        known.setdefault("due_date", known["document_date"] + dt.timedelta(days=30))
    return Invoice(**known)


def a_debit_note(
    number: str = "ND-1",
    *,
    total: Money | Decimal | int | str = "40.00",
    currency: str = "EUR",
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> DebitNote:
    """A debit note, due thirty days after its date."""
    known = _document_fields(number, total, currency, fields)
    if "installments" not in fields:
        known.setdefault("due_date", known["document_date"] + dt.timedelta(days=30))
    return DebitNote(**known)


def a_credit_note(
    number: str = "AV-1",
    *,
    total: Money | Decimal | int | str = "30.00",
    currency: str = "EUR",
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> CreditNote:
    """A credit note, without a due date."""
    return CreditNote(**_document_fields(number, total, currency, fields))


def a_receipt(
    receipt: str = "r-1",
    *,
    amount: Money | Decimal | int | str = "100.00",
    currency: str = "EUR",
    text: str = "",
    payer: Payer | str = "",
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> Receipt:
    """A receipt of a known customer; give `customer` as an empty text for an unidentified one."""
    defaults: dict[str, Any] = {
        "creditor": CREDITOR,
        "customer": CUSTOMER,
        "booking_date": _BOOKING_DATE,
        "payer": payer if isinstance(payer, Payer) else Payer(name=payer),
        "remittance": Remittance(text=(text,) if text else ()),
    }
    return Receipt(receipt=receipt, amount=_money(amount, currency), **{**defaults, **fields})


def an_open_item(
    item: str = "FA-1",
    *,
    amount: Money | Decimal | int | str = "100.00",
    amount_minor: int | None = None,
    currency: str = "EUR",
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> OpenItem:
    """An open item, fully open: an invoice for an amount above zero, else a credit note.

    Give the signed amount as money, as a decimal text, or in minor units.
    """
    if amount_minor is None:
        amount_minor = to_minor(_money(amount, currency))
    kind = ItemKind.CREDIT_NOTE if amount_minor < 0 else ItemKind.INVOICE
    defaults: dict[str, Any] = {
        "document": item,
        "kind": kind,
        "creditor": CREDITOR,
        "customer": CUSTOMER,
        "document_date": _DOCUMENT_DATE,
    }
    known = {**defaults, **fields}
    known.setdefault("posting_date", known["document_date"])
    if "due_date" not in known:
        days = dt.timedelta(days=30)
        known["due_date"] = None if known["kind"].is_credit else known["document_date"] + days
    return OpenItem(item=ItemId(item), currency=currency, **{"amount_minor": amount_minor, **known})


def issued(
    document: Invoice | CreditNote | DebitNote | None = None, *, minute: int = 0
) -> DocumentIssued:
    """The event of a document, by default an invoice."""
    return DocumentIssued.of(document or an_invoice(), recorded_at=recorded(minute))


def received(receipt: Receipt | None = None, *, minute: int = 1) -> ReceiptRecorded:
    """The event of a receipt."""
    return ReceiptRecorded.of(receipt or a_receipt(), recorded_at=recorded(minute))


def _event_fields(
    name: str, effective_on: dt.date, minute: int, fields: Mapping[str, Any]
) -> dict[str, Any]:
    defaults = {
        "event": EventId(name),
        "effective_on": effective_on,
        "recorded_at": recorded(minute),
        "creditor": CREDITOR,
    }
    return {**defaults, **fields}


def a_cancellation(
    number: str = "FA-1",
    *,
    effective_on: dt.date = _BOOKING_DATE,
    minute: int = 2,
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> DocumentCancelled:
    """The event that cancels a document."""
    known = _event_fields(f"cancelled:{CREDITOR}:{number}", effective_on, minute, fields)
    return DocumentCancelled(**{"customer": CUSTOMER, "number": number, **known})


def an_identification(
    receipt: str = "r-1",
    *,
    effective_on: dt.date = _BOOKING_DATE,
    minute: int = 2,
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> ReceiptIdentified:
    """The event that names the customer of an unidentified receipt."""
    known = _event_fields(f"identified:{CREDITOR}:{receipt}", effective_on, minute, fields)
    return ReceiptIdentified(**{"customer": CUSTOMER, "receipt": receipt, **known})


def a_return(
    receipt: str = "r-1",
    *,
    effective_on: dt.date = _BOOKING_DATE,
    minute: int = 3,
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> ReceiptReturned:
    """The event that sends a receipt back."""
    known = _event_fields(f"returned:{CREDITOR}:{receipt}", effective_on, minute, fields)
    return ReceiptReturned(**{"customer": CUSTOMER, "receipt": receipt, **known})


def an_allocation(
    legs: Mapping[str, int] | None = None,
    *,
    allocation: str = "a-1",
    currency: str = "EUR",
    customers: Iterable[str] = (CUSTOMER,),
    effective_on: dt.date = _BOOKING_DATE,
    minute: int = 2,
) -> Allocated:
    """The event of an allocation; `legs` are signed minor units by item, and add up to zero.

    >>> an_allocation({"FA-1": 8000, "r-1": -8000}).allocation.legs[0].item
    'FA-1'
    """
    parts = {"FA-1": 10_000, "r-1": -10_000} if legs is None else legs
    value = Allocation(
        allocation=allocation,
        creditor=CREDITOR,
        currency=currency,
        legs=[Leg(ItemId(item), amount) for item, amount in parts.items()],
    )
    return Allocated(
        event=EventId(f"allocated:{CREDITOR}:{allocation}"),
        effective_on=effective_on,
        recorded_at=recorded(minute),
        allocation=value,
        customers=tuple(CustomerId(name) for name in customers),
    )


def an_unallocation(
    allocated: Allocated | None = None, *, effective_on: dt.date | None = None, minute: int = 3
) -> Unallocated:
    """The event that undoes an allocation, on the same day unless another is given."""
    done = allocated or an_allocation()
    name = done.allocation.allocation
    return Unallocated(
        event=EventId(f"unallocated:{CREDITOR}:{name}"),
        effective_on=effective_on or done.effective_on,
        recorded_at=recorded(minute),
        creditor=done.allocation.creditor,
        customers=done.customers,
        allocation=name,
    )


def a_notice(
    items: Iterable[OpenItem] = (),
    *,
    level: int = 1,
    effective_on: dt.date = TODAY,
    minute: int = 4,
    **fields: Any,  # noqa: ANN401  # passed on to the value, which checks
) -> NoticeSent:
    """The event of a dunning notice over items, by default the one invoice that builders make."""
    noticed = tuple(_noticed(item, level) for item in tuple(items) or (an_open_item(),))
    known = _event_fields(
        f"notice:{CREDITOR}:{CUSTOMER}:{effective_on}", effective_on, minute, fields
    )
    defaults: dict[str, Any] = {
        "customer": CUSTOMER,
        "currency": "EUR",
        "procedure": "standard",
        "procedure_version": "1",
        "level": level,
        "letter": "reminder",
        "items": noticed,
    }
    return NoticeSent(**{**defaults, **known})


def _noticed(item: OpenItem, level: int) -> NoticedItem:
    fields = attrs.asdict(item, recurse=False)
    kept = ("item", "open_minor", "document_date", "due_date")
    return NoticedItem(level=level, **{name: fields[name] for name in kept})
