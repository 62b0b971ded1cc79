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
from typing import Any, Final, NewType

import attrs

from receivables.documents.model import ItemId
from receivables.errors import PolicyError, UnbalancedEntryError
from receivables.money import digits
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "Chart",
    "EntryId",
    "GlAccount",
    "Journal",
    "JournalEntry",
    "JournalLine",
    "Role",
]

EntryId = NewType("EntryId", str)


class Role(enum.Enum):
    """What an account is for; a chart gives each role a number."""

    # Members are one of a kind, and looked up for each of millions of lines: the address will do.
    __hash__ = object.__hash__

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
    COLLECTION_FEE = "collection-fee"
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
    PROCESSOR_FEE = "processor-fee"
    FACTOR = "factor"
    """What a factor still owes us of what it bought."""
    FACTORING_FEE = "factoring-fee"
    ACCRUED_INCOME = "accrued-income"
    """Interest that has run and is not invoiced yet (French 4188)."""
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


def _check_text(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value or value != value.strip():
        msg = f"{attribute.name} of an account must be text without outer blanks, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen
class GlAccount:
    """An account of a chart: its number, and its name as it stands in the books.

    `is_verified` says whether number and name were compared with the chart's own text.
    """

    number: str = attrs.field(validator=_check_text)
    name: str = attrs.field(validator=_check_text)
    is_verified: bool = attrs.field(default=True, eq=False, kw_only=True)


def _accounts(values: Mapping[Role, GlAccount]) -> Mapping[Role, GlAccount]:
    return MappingProxyType(dict(values))


def _named(values: Mapping[str, GlAccount]) -> Mapping[str, GlAccount]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class Chart:
    """A chart of accounts: the account of each role, and of each category that a line may name.

    `categories` are accounts for lines of documents by their category, `taxes` those of tax codes;
    a tax code without one is posted to the role `tax`.  `banks` are the accounts of the house's own
    bank accounts and card processors, by the `account` that a receipt came in on.

    >>> house = Chart(name="house", version="1", accounts={Role.BANK: GlAccount("512", "Banques")})
    >>> house.account(Role.BANK).number
    '512'
    >>> house.with_accounts({Role.BANK: GlAccount("5121", "Comptes en euros")}).account(Role.BANK).number
    '5121'
    """

    name: str
    version: str
    accounts: Mapping[Role, GlAccount] = attrs.field(converter=_accounts)
    categories: Mapping[str, GlAccount] = attrs.field(factory=dict, converter=_named)
    taxes: Mapping[str, GlAccount] = attrs.field(factory=dict, converter=_named)
    banks: Mapping[str, GlAccount] = attrs.field(factory=dict, converter=_named)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, variants: Iterable[str] = ()) -> Chart:
        """A chart from the table of a TOML file, with the accounts of some of its variants.

        The keys are ``name``, ``version``, and the tables ``accounts``, ``categories``, ``taxes``,
        ``banks`` and ``variants``; an account is its number and its name, and a third value
        ``"unverified"`` where nobody has compared it yet.  Raises `PolicyError` naming what is
        wrong.

        >>> chart = Chart.from_table({"name": "house", "version": "1",
        ...                           "accounts": {"bank": ["512", "Banques"]}})
        >>> chart.account(Role.BANK)
        GlAccount(number='512', name='Banques', is_verified=True)
        """
        return _chart_from(table, tuple(variants))

    def with_accounts(
        self,
        accounts: Mapping[Role, GlAccount] = MappingProxyType({}),
        *,
        categories: Mapping[str, GlAccount] = MappingProxyType({}),
        taxes: Mapping[str, GlAccount] = MappingProxyType({}),
        banks: Mapping[str, GlAccount] = MappingProxyType({}),
    ) -> Chart:
        """The chart with other accounts for some roles, and more categories, taxes and banks."""
        return attrs.evolve(
            self,
            accounts={**self.accounts, **accounts},
            categories={**self.categories, **categories},
            taxes={**self.taxes, **taxes},
            banks={**self.banks, **banks},
        )

    def account(self, role: Role) -> GlAccount:
        """The account of a role; raises `PolicyError` where the chart has none."""
        try:
            return self.accounts[role]
        except KeyError:
            msg = f"chart {self.name} must have an account for {role.value}, got none"
            raise PolicyError(msg) from None


_CHART_KEYS: Final = {
    *("name", "version", "sources", "rules"),
    *("accounts", "categories", "taxes", "banks", "variants"),
}


def _chart_from(table: Mapping[str, Any], variants: tuple[str, ...]) -> Chart:
    name = table.get("name")
    if unknown := sorted(set(table) - _CHART_KEYS):
        msg = f"keys of chart {name} must be among {', '.join(sorted(_CHART_KEYS))}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    known = table.get("variants", {})
    if strange := [variant for variant in variants if variant not in known]:
        msg = f"variants of chart {name} must be among {', '.join(known) or 'none'}, got {', '.join(strange)}"
        raise PolicyError(msg)
    if not (isinstance(name, str) and name and isinstance(table.get("version"), str)):
        msg = f"a chart must have a name and a version, got {name!r} and {table.get('version')!r}"
        raise PolicyError(msg)
    accounts = dict(table.get("accounts", {}))
    for variant in variants:
        accounts.update(known[variant])
    return Chart(
        name=name,
        version=table["version"],
        accounts={_role(key, name): _account(key, value) for key, value in accounts.items()},
        **{
            part: {key: _account(key, value) for key, value in table.get(part, {}).items()}
            for part in ("categories", "taxes", "banks")
        },
    )


def _role(key: str, chart: str) -> Role:
    try:
        return Role(key)
    except ValueError:
        msg = f"accounts of chart {chart} must be of a known role, got {key!r}"
        raise PolicyError(msg) from None


def _account(key: str, value: object) -> GlAccount:
    match value:
        case [str() as number, str() as name]:
            return GlAccount(number, name)
        case [str() as number, str() as name, "unverified"]:
            return GlAccount(number, name, is_verified=False)
    msg = f"account {key} must be a number and a name, and perhaps 'unverified', got {value!r}"
    raise PolicyError(msg)


def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class JournalLine:
    """One line of an entry: an account, and signed minor units in both currencies, debit positive."""

    account: GlAccount
    role: Role
    amount_minor: int
    currency: str
    functional_minor: int
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=str)
    item: ItemId = attrs.field(default=ItemId(""), converter=str)
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

    entry: EntryId = attrs.field(converter=str)
    creditor: CreditorId = attrs.field(converter=str)
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
        # Mostly one currency: this runs once for each of millions of entries.
        currency = value[0].currency if value else ""
        amount = functional = 0
        others: dict[str, int] = {}
        for line in value:
            functional += line.functional_minor
            if line.currency == currency:
                amount += line.amount_minor
            else:
                others[line.currency] = others.get(line.currency, 0) + line.amount_minor
        if amount or functional or any(others.values()):
            off = {code: minor for code, minor in {currency: amount, **others}.items() if minor}
            msg = f"lines of entry {self.entry} must balance, got {off} and {functional} {self.functional_currency}"
            raise UnbalancedEntryError(msg)

    @property
    def is_transfer(self) -> bool:
        """Whether it changes no balance of any account: items of one account settled each other."""
        moved: dict[tuple[str, str], int] = {}
        functional: dict[str, int] = {}
        for line in self.lines:
            key = (line.account.number, line.currency)
            moved[key] = moved.get(key, 0) + line.amount_minor
            number = line.account.number
            functional[number] = functional.get(number, 0) + line.functional_minor
        return not any(moved.values()) and not any(functional.values())


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

    def known(self, at: dt.datetime) -> Journal:
        """The entries that were known at a moment: those of no event, and of events up to then."""
        kept = tuple(
            entry for entry in self.entries if entry.recorded_at is None or entry.recorded_at <= at
        )
        return attrs.evolve(self, entries=kept)

    def with_entries(self, entries: Iterable[JournalEntry]) -> Journal:
        """The journal with more entries, each after those of its day."""
        merged = sorted((*self.entries, *entries), key=lambda entry: entry.date)
        return attrs.evolve(self, entries=merged)

    def balances(self, *, as_of: dt.date | None = None) -> Mapping[tuple[str, str], int]:
        """The functional balance of each account by creditor and account number, in minor units."""
        totals: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            if as_of is None or entry.date <= as_of:
                for line in entry.lines:
                    key = (str(entry.creditor), line.account.number)
                    totals[key] = totals.get(key, 0) + line.functional_minor
        return dict(sorted(totals.items()))
