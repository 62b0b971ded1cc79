"""Double entry as values: accounts by role, lines that say both currencies, entries that balance.

A line is signed: a debit is positive, a credit negative.  It says its amount in the currency of the
document (`amount_minor`, `currency`) and in the currency the books are kept in (`functional_minor`).
An entry balances in each of the two, for each currency, or it is refused.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NewType

import attrs

from receivables.documents.model import ItemId
from receivables.errors import PolicyError, UnbalancedEntryError
from receivables.money import digits
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "Account",
    "Chart",
    "EntryId",
    "Journal",
    "JournalEntry",
    "JournalLine",
    "Role",
]

EntryId = NewType("EntryId", str)


class Role(enum.Enum):
    """What an account is for; a chart gives each role a number."""

    RECEIVABLE = "receivable"
    RETENTION_RECEIVABLE = "retention-receivable"
    DISPUTED_RECEIVABLE = "disputed-receivable"
    ADVANCE = "advance"
    UNIDENTIFIED = "unidentified"
    BILLS_RECEIVABLE = "bills-receivable"
    BANK = "bank"
    CASH = "cash"
    CHEQUES = "cheques"
    PROCESSOR = "processor"
    INTERCOMPANY = "intercompany"
    REVENUE = "revenue"
    REVENUE_RETURNS = "revenue-returns"
    TAX = "tax"
    INTEREST_INCOME = "interest-income"
    COMPENSATION_INCOME = "compensation-income"
    FEE_INCOME = "fee-income"
    SETTLEMENT_DISCOUNT = "settlement-discount"
    DIFFERENCE_LOSS = "difference-loss"
    DIFFERENCE_GAIN = "difference-gain"
    CASH_ROUNDING_LOSS = "cash-rounding-loss"
    CASH_ROUNDING_GAIN = "cash-rounding-gain"
    BANK_CHARGE = "bank-charge"
    WITHHOLDING_TAX = "withholding-tax"
    WRITE_OFF = "write-off"
    RECOVERY_INCOME = "recovery-income"
    ALLOWANCE = "allowance"
    ALLOWANCE_EXPENSE = "allowance-expense"
    ALLOWANCE_RELEASE = "allowance-release"
    EXCHANGE_LOSS = "exchange-loss"
    EXCHANGE_GAIN = "exchange-gain"
    UNREALIZED_LOSS = "unrealized-loss"
    UNREALIZED_GAIN = "unrealized-gain"
    TRANSLATION_LOSS = "translation-loss"
    """A balance-sheet account for latent losses (French 476)."""
    TRANSLATION_GAIN = "translation-gain"
    """A balance-sheet account for latent gains (French 477)."""
    EXCHANGE_PROVISION = "exchange-provision"
    EXCHANGE_PROVISION_EXPENSE = "exchange-provision-expense"
    EXCHANGE_PROVISION_RELEASE = "exchange-provision-release"
    SETTLED_IN_SOURCE = "settled-in-source"
    """Where the source system settled something and did not say by what."""

    @property
    def is_control(self) -> bool:
        """Whether the account holds what the sub-ledger holds."""
        return self in _CONTROL


_CONTROL = frozenset(
    {
        Role.RECEIVABLE,
        Role.RETENTION_RECEIVABLE,
        Role.DISPUTED_RECEIVABLE,
        Role.ADVANCE,
        Role.UNIDENTIFIED,
    }
)


@attrs.frozen
class Account:
    """An account of a chart: its number, and its name as it stands in the books."""

    number: str
    name: str


def _accounts(values: Mapping[Role, Account]) -> Mapping[Role, Account]:
    return MappingProxyType(dict(values))


def _named(values: Mapping[str, Account]) -> Mapping[str, Account]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class Chart:
    """A chart of accounts: the account of each role, and of each category that a line may name.

    `categories` are accounts for lines of documents by their category, `taxes` those of tax codes;
    a tax code without one is posted to the role `tax`.
    """

    name: str
    version: str
    accounts: Mapping[Role, Account] = attrs.field(converter=_accounts)
    categories: Mapping[str, Account] = attrs.field(factory=dict, converter=_named)
    taxes: Mapping[str, Account] = attrs.field(factory=dict, converter=_named)

    def account(self, role: Role) -> Account:
        """The account of a role; raises `PolicyError` where the chart has none."""
        try:
            return self.accounts[role]
        except KeyError:
            msg = f"chart {self.name} must have an account for {role.value}, got none"
            raise PolicyError(msg) from None


def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class JournalLine:
    """One line of an entry: an account, and signed minor units in both currencies, debit positive."""

    account: Account
    role: Role
    amount_minor: int
    currency: str
    functional_minor: int
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    item: ItemId = attrs.field(default=ItemId(""), converter=ItemId)
    counterparty: str = ""
    text: str = ""
    dimensions: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)


def _lines(values: Iterable[JournalLine]) -> tuple[JournalLine, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class JournalEntry:
    """A dated entry of one entity; raises `UnbalancedEntryError` where debits and credits differ.

    `event` is the event of the ledger that it comes from, where it comes from one; `kind` says what
    happened (``DocumentIssued``, ``Allocated``, ``revaluation``…); `document` is the number that
    supports it.
    """

    entry: EntryId = attrs.field(converter=EntryId)
    creditor: CreditorId = attrs.field(converter=CreditorId)
    date: dt.date
    kind: str
    functional_currency: str = attrs.field()
    lines: tuple[JournalLine, ...] = attrs.field(converter=_lines)
    text: str = ""
    document: str = ""
    document_date: dt.date | None = None
    event: str = ""
    recorded_at: dt.datetime | None = None

    @functional_currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @lines.validator
    def _check_balance(self, _attribute: object, value: tuple[JournalLine, ...]) -> None:
        by_currency: dict[str, int] = {}
        functional = 0
        for line in value:
            by_currency[line.currency] = by_currency.get(line.currency, 0) + line.amount_minor
            functional += line.functional_minor
        off = {code: minor for code, minor in by_currency.items() if minor}
        if off or functional:
            msg = f"lines of entry {self.entry} must balance, got {off} and {functional} {self.functional_currency}"
            raise UnbalancedEntryError(msg)


def _entries(values: Iterable[JournalEntry]) -> tuple[JournalEntry, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Journal:
    """Entries in the order of their dates, with the chart that they were made by.

    Iterate over it for the entries; `between` keeps those of a period.
    """

    chart: Chart
    functional_currency: str
    entries: tuple[JournalEntry, ...] = attrs.field(default=(), converter=_entries, repr=False)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def between(self, first: dt.date, last: dt.date) -> Journal:
        """The entries of the days from `first` to `last`, both included."""
        kept = tuple(entry for entry in self.entries if first <= entry.date <= last)
        return attrs.evolve(self, entries=kept)

    def balances(self, *, as_of: dt.date | None = None) -> Mapping[tuple[str, str], int]:
        """The functional balance of each account by creditor and account number, in minor units."""
        totals: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            if as_of is None or entry.date <= as_of:
                for line in entry.lines:
                    key = (str(entry.creditor), line.account.number)
                    totals[key] = totals.get(key, 0) + line.functional_minor
        return dict(sorted(totals.items()))
