"""Customers and what M3 knows of their credit, from CRS610MI or rows of OCUSMA."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from receivables.casework import CreditLimit, ExternalScore
from receivables.credit import Commitment
from receivables.errors import MoneyError, ReceivablesError
from receivables.money import from_minor, minor_of
from receivables.parties import Address, Channel, Contact, Customer, Identifier
from receivables.reading import ReadNotes
from receivables.texts import amount_readings
from receivables_plugins.m3.settings import LedgerSettings, ServiceSettings

if TYPE_CHECKING:
    from receivables.adapters import CreditRecord
    from receivables.money import Money

__all__ = ["CREDIT_FIELDS", "CUSTOMER_FIELDS", "credit_of", "customer_of"]

CUSTOMER_FIELDS: Final = (
    *("CONO", "CUNO", "CUNM", "CUA1", "CUA2", "CUA3", "CUA4", "PONO", "TOWN", "ECAR", "CSCD"),
    *("LNCD", "TEPY", "CUCD", "VRNO", "CORG", "COR2", "PYNO", "MAIL", "PHNO", "YREF", "CUCL"),
    "SMCD",
)
"""The fields of CRS610MI.LstByNumber that make a customer."""

CREDIT_FIELDS: Final = (
    *("CUNO", "CUCD", "CRLM", "CRL2", "CRL3", "ODUD", "TDIN", "TOIN", "TBLG", "ODUE", "BLCD"),
    *("INCO", "INSN", "INLI"),
)
"""The fields of CRS610MI.GetFinancial that say something of credit."""

_IDENTIFIERS: Final = ("VRNO", "CORG", "COR2")
_ADDRESS: Final = ("CUA1", "CUA2", "CUA3", "CUA4")


def customer_of(
    cells: Mapping[str, str], *, settings: LedgerSettings, notes: ReadNotes, line: int | None = None
) -> Customer | None:
    """A customer, or None where it is refused."""
    get = cells.get
    number = get("CUNO", "")
    if not number:
        notes.error("customer.missing", "CUNO must be given, got none", line=line, field="CUNO")
        return None
    payer = get("PYNO", "")
    schemes = settings.identifier_schemes
    try:
        return Customer(
            customer=number,
            name=get("CUNM", "") or number,
            locale=settings.languages.get(get("LNCD", ""), settings.locale),
            country=get("CSCD", ""),
            address=Address(
                lines=[get(field, "") for field in _ADDRESS if get(field)],
                postal_code=get("PONO", ""),
                city=get("TOWN", ""),
                region=get("ECAR", ""),
                country=get("CSCD", ""),
            ),
            contacts=_contacts(cells),
            identifiers=[
                Identifier(schemes[field], get(field, ""))
                for field in _IDENTIFIERS
                if field in schemes and get(field)
            ],
            payer_group=payer if payer != number else "",
            terms=settings.terms.get(get("TEPY", ""), ""),
            segment=get("CUCL", ""),
            owners=[("salesperson", get("SMCD", ""))] if get("SMCD") else [],
        )
    except (ReceivablesError, ValueError) as error:
        notes.error("customer.invalid", str(error), line=line, field="CUNO")
        return None


def _contacts(cells: Mapping[str, str]) -> list[Contact]:
    name, email, phone = (cells.get(field, "") for field in ("YREF", "MAIL", "PHNO"))
    if not (name or email or phone):
        return []
    channel = Channel.EMAIL if email else Channel.POST
    shown = name or cells.get("CUNM", "") or cells.get("CUNO", "")
    return [Contact(name=shown, channel=channel, email=email, phone=phone)]


def credit_of(
    cells: Mapping[str, str], *, settings: ServiceSettings, notes: ReadNotes, on: dt.date
) -> Iterator[CreditRecord]:
    """What M3 says of a customer's credit: our limit, the insurer's, orders, and a stop.

    Limits have no currency of their own in the answer; they are taken to be in that of the books
    (`currency`), else of the customer, and a warning says so.  A limit of zero is none.
    """
    number = cells.get("CUNO", "")
    currency = settings.currency or cells.get("CUCD", "")
    if not settings.currency and currency:
        msg = f"limits of {number} were taken to be in {currency}; say the currency of the books"
        notes.warn("m3.limit-currency", msg, field="CUCD")
    figures = {
        field: _money(cells, field, currency=currency, notes=notes)
        for field in (settings.credit_limit, "INLI", "TBLG")
    }
    if (limit := figures[settings.credit_limit]) is not None:
        yield CreditLimit(
            limit=f"m3-{number}-{settings.credit_limit}",
            customer=number,
            amount=limit,
            reason=f"M3 {settings.credit_limit}",
        )
    if (insured := figures["INLI"]) is not None:
        yield CreditLimit(
            limit=f"m3-{number}-INLI",
            customer=number,
            amount=insured,
            kind="insured",
            policy=cells.get("INSN", ""),
            reference=cells.get("INCO", ""),
        )
    if (orders := figures["TBLG"]) is not None:
        yield Commitment(
            commitment=f"m3-{number}-TBLG",
            customer=number,
            kind="orders",
            amount=orders,
            creditor=settings.creditor,
        )
    yield from _stop(cells, on)


def _stop(cells: Mapping[str, str], on: dt.date) -> Iterator[CreditRecord]:
    number = cells.get("CUNO", "")
    if stop := cells.get("BLCD", "").strip("0"):
        # What each code stands for is a choice of the site, so that it is kept as it is.
        yield ExternalScore(
            score=f"m3-{number}-BLCD-{on.isoformat()}",
            customer=number,
            source="m3-customer-stop",
            value=stop,
            rated_on=on,
            note=_note(cells),
        )


def _note(cells: Mapping[str, str]) -> str:
    said = [
        f"{field} {cells[field]}" for field in ("TDIN", "TOIN", "ODUE", "ODUD") if cells.get(field)
    ]
    return ", ".join(said)


def _money(
    cells: Mapping[str, str], field: str, *, currency: str, notes: ReadNotes
) -> Money | None:
    """An amount above zero, or None; what cannot be read is noted."""
    text = cells.get(field, "")
    found = amount_readings(text, decimal=".", grouping="") if text else (Decimal(0),)
    if len(found) != 1 or found[0] < 0:
        msg = f"{field} of {cells.get('CUNO', '')} must be an amount of zero or more, got {text!r}"
        notes.error("amount.invalid", msg, field=field)
        return None
    if not found[0]:
        return None
    try:
        return from_minor(minor_of(found[0], currency), currency)
    except MoneyError as error:
        notes.error("amount.invalid", f"{field}: {error}", field=field)
        return None
