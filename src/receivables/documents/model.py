"""Documents as values: complete once built, totals that agree with their parts.

>>> import datetime as dt
>>> from receivables.money import money
>>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 30), due_date=dt.date(2026, 10, 30),
...                   total=money("1200.00", "EUR"))
>>> [(part.due_date.isoformat(), part.amount) for part in invoice.installments]
[('2026-10-30', Money('1200.00', 'EUR'))]
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final, NewType

import attrs

from receivables import limits
from receivables._fields import LATER
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import ExchangeRate, Money, digits, exact, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Place

__all__ = [
    "CreditNote",
    "DebitNote",
    "DiscountOffer",
    "Document",
    "Installment",
    "Invoice",
    "ItemId",
    "ItemKind",
    "Line",
    "OpenItem",
    "Tax",
]

ItemId = NewType("ItemId", str)
"""An open item, unique within its creditor: ``number`` or ``number/installment``, or a receipt's."""


class ItemKind(enum.Enum):
    """What an open item comes from."""

    __hash__ = object.__hash__

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    DEBIT_NOTE = "debit-note"
    UNAPPLIED_CASH = "unapplied-cash"
    DEDUCTION = "deduction"
    """What a payer kept back and gave a reason for; open until it is agreed or paid."""
    RETENTION = "retention"
    """What a contract lets the customer keep until the work is accepted."""

    @property
    def is_credit(self) -> bool:
        """Whether the item lowers what the customer owes."""
        return self in _CREDITS


_CREDITS: Final = frozenset({ItemKind.CREDIT_NOTE, ItemKind.UNAPPLIED_CASH})


if TYPE_CHECKING:  # what `tuple` does, said with the types of each field

    def _taxes(values: Iterable[Tax]) -> tuple[Tax, ...]:
        return tuple(values)

    def _lines(values: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(values)

    def _texts(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(values)

    def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple(values)

    def _offers(values: Iterable[DiscountOffer]) -> tuple[DiscountOffer, ...]:
        return tuple(values)

    def _installments(values: Iterable[Installment]) -> tuple[Installment, ...]:
        return tuple(values)

else:
    _taxes = _lines = _texts = _pairs = _offers = _installments = tuple


@attrs.frozen(kw_only=True)
class Tax:
    """One tax on a line: its code, its rate in basis points where it has one, base and amount."""

    code: str
    base: Money = attrs.field(converter=exact)
    amount: Money = attrs.field(converter=exact)
    rate_bps: int | None = None


@attrs.frozen(kw_only=True)
class Line:
    """One line of a document: what, how many, the net amount and its taxes."""

    description: str
    net: Money = attrs.field(converter=exact)
    quantity: Decimal = Decimal(1)
    taxes: tuple[Tax, ...] = attrs.field(default=(), converter=_taxes)
    category: str = attrs.field(default="", metadata=LATER)
    """What it is for in the accounts: ``late-interest``, ``compensation``, ``dunning-fee``,
    ``return-fee``, or a name of the chart's own; empty for revenue."""
    dimensions: tuple[tuple[str, str], ...] = attrs.field(
        default=(), converter=_pairs, metadata=LATER
    )
    """Analytical dimensions as pairs of name and value (cost center, project); they add to the
    document's."""

    @property
    def gross_minor(self) -> int:
        """Net plus taxes, in minor units."""
        return to_minor(self.net) + sum(to_minor(tax.amount) for tax in self.taxes)


@attrs.frozen(kw_only=True)
class DiscountOffer:
    """A settlement discount: what may be kept of an installment paid on or before a day.

    `amount` is the whole reduction, `tax` the part of it that lowers the tax; zero where the tax
    stays as it is.  Both are positive.
    """

    until: dt.date
    amount: Money = attrs.field(converter=exact)
    tax: Money = attrs.field(
        default=attrs.Factory(
            lambda self: from_minor(0, self.amount.currency.code), takes_self=True
        ),
        converter=exact,
    )

    @tax.validator
    def _check_tax(self, _attribute: object, value: Money) -> None:
        _check_one_currency([self.amount, value])
        # Both are exact and of one currency by now, so that they compare as their minor units do.
        if not 0 <= value.amount <= self.amount.amount:
            msg = f"tax of a discount must be zero to {self.amount!r}, got {value!r}"
            raise DocumentError(msg)


@attrs.frozen
class Installment:
    """A part of a document with a due date of its own; None where the source has no due date."""

    due_date: dt.date | None
    amount: Money = attrs.field(converter=exact)
    discounts: tuple[DiscountOffer, ...] = attrs.field(
        default=(), converter=_offers, kw_only=True, metadata=LATER
    )
    """Settlement discounts, the earliest day first; each must be less than the amount."""
    is_retention: bool = attrs.field(default=False, kw_only=True, metadata=LATER)
    """Whether the customer may keep it until the work is accepted (*retenue de garantie*)."""

    @discounts.validator
    def _check_discounts(self, _attribute: object, value: tuple[DiscountOffer, ...]) -> None:
        if not value:
            return
        _check_one_currency([self.amount, *(offer.amount for offer in value)])
        days = [offer.until for offer in value]
        if days != sorted(set(days)):
            msg = f"discounts must be ordered by their days, each once, got {[str(day) for day in days]}"
            raise DocumentError(msg)
        for offer in value:
            if not 0 < offer.amount.amount < self.amount.amount:
                msg = f"a discount must be more than nothing and less than {self.amount!r}, got {offer.amount!r}"
                raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class Document:
    """What invoices, credit notes and debit notes share; build one of those.

    The total is what the document says, tax included, and never negative: the class says which way
    it counts.  Give `lines` and leave `total` out, or the other way round; give both and they must
    agree.  The installments add up to the total; without any, there is one, due on `due_date`.
    Raises `DocumentError` where the parts disagree.
    """

    kind: ClassVar[ItemKind]

    number: str = attrs.field()
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    document_date: dt.date
    posting_date: dt.date = attrs.field(
        default=attrs.Factory(lambda self: self.document_date, takes_self=True)
    )
    lines: tuple[Line, ...] = attrs.field(default=(), converter=_lines)
    total: Money = attrs.field(
        default=attrs.Factory(lambda self: _sum_of_lines(self.lines), takes_self=True),
        converter=exact,
    )
    due_date: dt.date | None = None
    installments: tuple[Installment, ...] = attrs.field(
        default=attrs.Factory(
            lambda self: (Installment(self.due_date, self.total),), takes_self=True
        ),
        converter=_installments,
    )
    terms: str = ""
    references: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Other numbers by which a payer may name it: a structured reference, the customer's order."""
    source: Place | None = attrs.field(default=None, eq=False)
    exchange_rate: ExchangeRate | None = attrs.field(default=None, metadata=LATER)
    """The rate it was booked at, where its currency is not the one the books are kept in."""
    delivery_date: dt.date | None = attrs.field(default=None, metadata=LATER)
    """When the goods or the service were delivered, where terms or the law count from there."""
    received_on: dt.date | None = attrs.field(default=None, metadata=LATER)
    """When the customer received the document, where terms or the law count from there."""
    dimensions: tuple[tuple[str, str], ...] = attrs.field(
        default=(), converter=_pairs, metadata=LATER
    )
    """Analytical dimensions of all its lines, as pairs of name and value."""

    @exchange_rate.validator
    def _check_exchange_rate(self, _attribute: object, value: ExchangeRate | None) -> None:
        if value is not None and self.currency not in (value.base, value.quote):
            msg = f"exchange_rate of {self.number} must be one of {self.currency}, got {value.base}/{value.quote}"
            raise CurrencyMismatchError(msg)

    @number.validator
    def _check_number(self, _attribute: object, value: str) -> None:
        if not value or value != value.strip():
            msg = f"number must be text without outer blanks, got {value!r}"
            raise DocumentError(msg)

    @customer.validator
    def _check_customer(self, _attribute: object, value: str) -> None:
        if not value:
            msg = f"customer must be named on document {self.number}, got an empty identifier"
            raise DocumentError(msg)

    @total.validator
    def _check_total(self, _attribute: object, value: Money) -> None:
        # It is exact by now, so that its sign is that of its minor units.
        if value.amount < 0:
            msg = (
                f"total must not be negative on {type(self).__name__} {self.number}, got {value!r}"
            )
            raise DocumentError(msg)
        if self.lines and (computed := _sum_of_lines(self.lines)) != value:
            msg = (
                f"total must be the sum of the lines of {self.number}, {computed!r}, got {value!r}"
            )
            raise DocumentError(msg)

    @installments.validator
    def _check_installments(self, _attribute: object, value: tuple[Installment, ...]) -> None:
        if not 1 <= len(value) <= limits.INSTALLMENTS_MAX:
            msg = f"installments must be 1 to {limits.INSTALLMENTS_MAX}, got {len(value)}"
            raise DocumentError(msg)
        if len(value) == 1 and value[0].amount == self.total:
            return
        total = _sum_of([installment.amount for installment in value])
        if total != self.total:
            msg = f"installments of {self.number} must add up to {self.total!r}, got {total!r}"
            raise DocumentError(msg)

    @property
    def currency(self) -> str:
        """The ISO 4217 code of the total."""
        return self.total.currency.code


@attrs.frozen(kw_only=True)
class Invoice(Document):
    """A claim for goods or services: the customer owes its total."""

    kind: ClassVar[ItemKind] = ItemKind.INVOICE


@attrs.frozen(kw_only=True)
class DebitNote(Document):
    """A claim for something else: a fee, interest, a correction upwards."""

    kind: ClassVar[ItemKind] = ItemKind.DEBIT_NOTE
    concerns: tuple[str, ...] = attrs.field(default=(), converter=_texts, metadata=LATER)
    """The items that it is raised on: those that were paid late, say."""


@attrs.frozen(kw_only=True)
class CreditNote(Document):
    """A correction downwards: the customer owes its total less."""

    kind: ClassVar[ItemKind] = ItemKind.CREDIT_NOTE
    corrects: str = ""
    """The number of the document that it corrects, where it names one."""


@attrs.frozen(kw_only=True)
class OpenItem:
    """One thing that is open: an installment of a document, or the unapplied part of a receipt.

    `amount_minor` is what it was for, `open_minor` what is left of it on the day it was looked at;
    both are signed minor units: what is owed is positive, a credit negative.
    """

    item: ItemId = attrs.field(converter=ItemId)
    document: str
    kind: ItemKind
    creditor: CreditorId
    customer: CustomerId
    currency: str = attrs.field()
    amount_minor: int
    open_minor: int = attrs.field(
        default=attrs.Factory(lambda self: self.amount_minor, takes_self=True)
    )
    document_date: dt.date
    posting_date: dt.date
    due_date: dt.date | None
    installment: int = 1
    references: tuple[str, ...] = ()
    discounts: tuple[DiscountOffer, ...] = ()
    category: str = ""
    """The category that all lines of its document share, such as ``late-interest``."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @property
    def amount(self) -> Money:
        """What the item was for."""
        return from_minor(self.amount_minor, self.currency)

    @property
    def open_amount(self) -> Money:
        """What is left of it."""
        return from_minor(self.open_minor, self.currency)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left of it."""
        return self.open_minor == 0


def _sum_of_lines(lines: tuple[Line, ...]) -> Money:
    if not lines:
        msg = "total must be given where there are no lines, got neither"
        raise DocumentError(msg)
    currency = lines[0].net.currency.code
    amounts = [line.net for line in lines] + [tax.amount for line in lines for tax in line.taxes]
    _check_one_currency(amounts)
    return from_minor(sum(line.gross_minor for line in lines), currency)


def _sum_of(amounts: list[Money]) -> Money:
    _check_one_currency(amounts)
    return from_minor(sum(to_minor(amount) for amount in amounts), amounts[0].currency.code)


def _check_one_currency(amounts: list[Money]) -> None:
    codes = {amount.currency.code for amount in amounts}
    if len(codes) > 1:
        msg = f"currency must be one per document, got {', '.join(sorted(codes))}"
        raise CurrencyMismatchError(msg)
