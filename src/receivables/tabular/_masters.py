"""From rows to customers and receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from receivables.errors import ReceivablesError
from receivables.money import from_minor
from receivables.parties import Address, Channel, Contact, Customer, Identifier
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Payer, Receipt, Remittance
from receivables.tabular._cells import Cells
from receivables.tabular._numbers import Identities
from receivables.tabular._table import Row
from receivables.tabular.settings import TableSettings

__all__ = ["customers", "receipts"]


def customers(
    rows: Iterable[Row], *, settings: TableSettings, notes: ReadNotes
) -> Iterator[Customer]:
    """Give one customer a row."""
    seen = Identities(settings, field="customer", code="customer.duplicate")
    for row in rows:
        cells = Cells(row, settings=settings, notes=notes)
        if cells.identity("customer") and seen.take(cells):
            try:
                yield _customer(cells)
            except (ReceivablesError, ValueError) as error:
                cells.refuse("customer.invalid", str(error), field="customer")


def _customer(cells: Cells) -> Customer:
    return Customer(
        customer=cells.text("customer"),
        name=cells.text("name") or cells.text("customer"),
        locale=cells.text("locale") or "en",
        country=cells.text("country"),
        address=Address(
            lines=cells.parts("address"),
            postal_code=cells.text("postal-code"),
            city=cells.text("city"),
            region=cells.text("region"),
            country=cells.text("country"),
        ),
        contacts=_contacts(cells),
        identifiers=[_identifier(text) for text in cells.parts("identifiers", None)],
        ibans=tuple(cells.text("ibans").replace(",", " ").split()),
        aliases=cells.parts("aliases"),
        payer_group=cells.text("payer-group"),
        terms=cells.text("terms"),
        segment=cells.text("segment"),
        is_consumer=_yes(cells.text("consumer")),
        time_zone=cells.text("time-zone"),
        owners=[_owner(text) for text in cells.parts("owners")],
    )


_YES: Final = {"": False, "0": False, "no": False, "false": False} | dict.fromkeys(
    ("1", "yes", "true", "x"), True
)


def _yes(text: str) -> bool:
    if text.casefold() not in _YES:
        msg = f"consumer must be yes or no, got {text!r}"
        raise ValueError(msg)
    return _YES[text.casefold()]


def _owner(text: str) -> tuple[str, str]:
    role, _, name = text.partition(":")
    if not (role.strip() and name.strip()):
        msg = f"owner must be role:name, got {text!r}"
        raise ValueError(msg)
    return role.strip(), name.strip()


def _contacts(cells: Cells) -> list[Contact]:
    name, email, phone = cells.text("contact"), cells.text("email"), cells.text("phone")
    if not (name or email or phone):
        return []
    channel = Channel.EMAIL if email else Channel.POST
    return [Contact(name=name or cells.text("name"), channel=channel, email=email, phone=phone)]


def _identifier(text: str) -> Identifier:
    scheme, _, value = text.partition(":")
    if not value:
        msg = f"identifier must be scheme:value, got {text!r}"
        raise ValueError(msg)
    return Identifier(scheme, value)


def receipts(
    rows: Iterable[Row], *, settings: TableSettings, notes: ReadNotes
) -> Iterator[Receipt]:
    """Give one receipt a row; money that went out is no receipt and is refused."""
    seen = Identities(settings, field="receipt", code="receipt.duplicate")
    for row in rows:
        cells = Cells(row, settings=settings, notes=notes)
        receipt = _receipt(cells, seen, settings=settings, source=notes.source)
        if receipt is not None:
            yield receipt


def _receipt(
    cells: Cells, seen: Identities, *, settings: TableSettings, source: str
) -> Receipt | None:
    currency = cells.currency()
    amount_minor = cells.needed_amount_minor("amount", currency)
    booked, valued = cells.needed_day("booking-date"), cells.day("value-date")
    cells.identity("receipt")
    if not cells.is_refused and amount_minor <= 0:
        msg = f"amount of a receipt must be positive, got {cells.text('amount')}"
        cells.refuse("amount.sign", msg, field="amount")
    identity = "" if cells.is_refused else seen.take(cells)
    if not identity:
        return None
    return Receipt(
        receipt=identity,
        creditor=settings.creditor,
        amount=from_minor(amount_minor, currency),
        booking_date=booked,
        value_date=valued,
        customer=cells.text("customer"),
        payer=Payer(name=cells.text("payer-name"), account=cells.text("payer-account")),
        remittance=Remittance(text=(cells.text("text"),) if cells.text("text") else ()),
        source=Place(source, line=cells.row.line),
    )
