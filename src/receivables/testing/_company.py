"""The invented company as values, and the columns of many open items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

import attrs

from receivables._collecting import collecting_paused
from receivables.documents.model import Document, ItemId
from receivables.errors import PolicyError
from receivables.parties import Creditor, Customer, PayerGroup
from receivables.receipts.model import BankEntry, Receipt, ReceiptId
from receivables.receipts.objects import receipts_from
from receivables.testing._bank import CompanyAccount, Truth, book
from receivables.testing._dice import Dice, Quantiles
from receivables.testing._market import build_market, creditor, dollar_iban
from receivables.testing._noise import NOISES, Noise
from receivables.testing._payments import TruthKind, payments_of
from receivables.testing._sales import Sale, sell

__all__ = [
    "NOISES",
    "Company",
    "CompanyAccount",
    "Noise",
    "NoiseName",
    "Sale",
    "Truth",
    "TruthKind",
    "generate",
    "to_items_columns",
]

NoiseName: TypeAlias = Literal["easy", "medium", "hard"]

_FIRST_DAY: Final = dt.date(2024, 11, 1)
_LAST_DAY: Final = dt.date(2026, 10, 31)
_INVOICES_PER_CUSTOMER: Final = 15
_PENDING_DAYS: Final = 5
_OPENINGS: Final = (("EUR", 18_250_000_00), ("CAD", 1_400_000_00))
_COLUMN_AMOUNTS: Final = Quantiles(
    (0, 2_000),
    (250, 360_000),
    (500, 1_208_838),
    (750, 4_050_000),
    (950, 22_964_456),
    (1000, 90_000_000),
)


@attrs.frozen(kw_only=True)
class Company:
    """Everything about an invented company up to the end of its last day.

    `sales` are light rows and `documents` builds the values from them as it goes, so that a million
    of them need no more memory than they must.  `truth` has one row per receipt, in their order.
    """

    creditor: Creditor
    customers: tuple[Customer, ...]
    payer_groups: tuple[PayerGroup, ...]
    accounts: tuple[CompanyAccount, ...]
    sales: tuple[Sale, ...] = attrs.field(repr=False)
    entries: tuple[BankEntry, ...] = attrs.field(repr=False)
    truth: tuple[Truth, ...] = attrs.field(repr=False)
    first_day: dt.date
    last_day: dt.date
    seed: int
    noise: NoiseName

    def documents(self) -> Iterator[Document]:
        """The invoices, credit notes and debit notes by day, built as they are asked for."""
        return (sale.document(self.creditor.creditor) for sale in self.sales)

    def receipts(self) -> Iterator[Receipt]:
        """The receipts as the library takes them from the bank entries, in the order of the truth."""
        return receipts_from(
            self.entries,
            creditor=self.creditor.creditor,
            own_accounts=(self.creditor.iban, *self.creditor.accounts),
        )

    def truth_of(self) -> Mapping[ReceiptId, Truth]:
        """The truth by receipt."""
        return {truth.receipt: truth for truth in self.truth}

    def open_minor(self) -> Mapping[ItemId, int]:
        """What is truly open of each document on the last day, signed; settled ones are left out."""
        open_minor = {ItemId(sale.number): sale.signed_minor for sale in self.sales}
        for truth in self.truth:
            if truth.returned_on is None:
                for leg in truth.legs:
                    open_minor[leg.item] -= leg.amount_minor
        return {item: minor for item, minor in open_minor.items() if minor}


def generate(
    *,
    seed: int = 2026,
    invoices: int = 2400,
    first_day: dt.date = _FIRST_DAY,
    last_day: dt.date = _LAST_DAY,
    noise: NoiseName = "easy",
    customers: int | None = None,
    with_cad: bool = True,
) -> Company:
    """Invent a company: `invoices` invoices and what follows from them, up to the last day.

    There is a customer per fifteen invoices where `customers` says nothing.  Raises `PolicyError`
    where there is nothing to invent or the noise is unknown.
    """
    count = max(2, invoices // _INVOICES_PER_CUSTOMER) if customers is None else customers
    _check(invoices=invoices, customers=count, days=(last_day - first_day).days, noise=noise)
    with collecting_paused():
        market = build_market(seed, count=count, with_cad=with_cad)
        sales = sell(seed, market, invoices=invoices, first_day=first_day, last_day=last_day)
        known_until = last_day.toordinal() + _PENDING_DAYS
        payments = payments_of(seed, market, sales, noise=NOISES[noise], last_day=known_until)
        accounts = tuple(_account(*opening) for opening in _OPENINGS[: 2 if with_cad else 1])
        entries, truth = book(
            payments, accounts=accounts, seed=seed, first_day=first_day, last_day=last_day
        )
    return Company(
        creditor=creditor(),
        customers=market.customers,
        payer_groups=market.groups,
        accounts=accounts,
        sales=sales,
        entries=entries,
        truth=truth,
        first_day=first_day,
        last_day=last_day,
        seed=seed,
        noise=noise,
    )


def _check(*, invoices: int, customers: int, days: int, noise: str) -> None:
    if noise not in NOISES:
        msg = f"noise must be {', '.join(NOISES)}, got {noise!r}"
        raise PolicyError(msg)
    if invoices < 1 or customers < 1:
        msg = f"invoices and customers must be 1 or more, got {invoices} and {customers}"
        raise PolicyError(msg)
    if days < 7:  # noqa: PLR2004  # a week has a working day
        msg = f"last_day must be a week or more after first_day, got {days} days"
        raise PolicyError(msg)


def _account(currency: str, opening_minor: int) -> CompanyAccount:
    if currency == "EUR":
        return CompanyAccount(iban=creditor().iban, currency=currency, opening_minor=opening_minor)
    return CompanyAccount(iban=dollar_iban(), currency=currency, opening_minor=opening_minor)


def to_items_columns(count: int, *, seed: int = 2026) -> dict[str, list[object]]:
    """Columns of `count` open items for measurements: quick to make, without any history behind them.

    The columns are those of an open item; a thousand customers, one item in ten a credit, due dates
    within a year and a half before 2026-10-31 and two months after it.

    >>> columns = to_items_columns(3)
    >>> sorted(columns)[:3], len(columns["item"])
    (['amount_minor', 'creditor', 'currency'], 3)
    """
    dice = Dice(seed, "columns")
    last = _LAST_DAY.toordinal()
    due = [last + dice.between(-540, 60) for _ in range(count)]
    issued = [day - dice.between(14, 60) for day in due]
    credit = [dice.chance(100) for _ in range(count)]
    amounts = [_COLUMN_AMOUNTS.draw(dice) for _ in range(count)]
    dates = [dt.date.fromordinal(day) for day in issued]
    signed = [
        -amount // 10 if is_credit else amount
        for amount, is_credit in zip(amounts, credit, strict=True)
    ]
    numbers = [f"FA-{number:09d}" for number in range(1, count + 1)]
    return {
        "creditor": ["MIRA"] * count,
        "item": list(numbers),
        "document": list(numbers),
        "kind": ["credit-note" if is_credit else "invoice" for is_credit in credit],
        "customer": [f"C-{dice.below(1000) + 1:04d}" for _ in range(count)],
        "currency": ["CAD" if dice.chance(250) else "EUR" for _ in range(count)],
        "amount_minor": list(signed),
        "open_minor": list(signed),
        "document_date": list(dates),
        "posting_date": list(dates),
        "due_date": [dt.date.fromordinal(day) for day in due],
        "installment": [1] * count,
    }
