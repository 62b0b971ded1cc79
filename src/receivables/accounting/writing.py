"""What writers of journals share: decimal text, lines without breaks, a survey of what is used.

A writer looks through the whole journal once before its first byte, because a program that reads the
file wants accounts and currencies declared, and because what a format cannot say must be refused
before anything is written.

>>> decimal_text(-123456, places=2), decimal_text(5, places=3, mark=","), decimal_text(7, places=0)
('-1234.56', '0,005', '7')
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.accounting.model import Chart, GlAccount, Journal, JournalEntry, Role
from receivables.money import digits

__all__ = [
    "NATURES",
    "AccountNames",
    "Nature",
    "Survey",
    "UsedAccount",
    "decimal_text",
    "encoded",
    "one_line",
    "survey",
    "unique_names",
]


class Nature(enum.Enum):
    """The five kinds of account that balance sheets and income statements are made of."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


NATURES: Final[Mapping[Role, Nature]] = MappingProxyType(
    {
        Role.RECEIVABLE: Nature.ASSET,
        Role.RETENTION_RECEIVABLE: Nature.ASSET,
        Role.DISPUTED_RECEIVABLE: Nature.ASSET,
        Role.ADVANCE: Nature.LIABILITY,
        Role.UNIDENTIFIED: Nature.LIABILITY,
        Role.BILLS_RECEIVABLE: Nature.ASSET,
        Role.BANK: Nature.ASSET,
        Role.CASH: Nature.ASSET,
        Role.CHEQUES: Nature.ASSET,
        Role.PROCESSOR: Nature.ASSET,
        Role.INTERCOMPANY: Nature.ASSET,
        Role.REVENUE: Nature.INCOME,
        Role.REVENUE_RETURNS: Nature.INCOME,
        Role.TAX: Nature.LIABILITY,
        Role.INTEREST_INCOME: Nature.INCOME,
        Role.COMPENSATION_INCOME: Nature.INCOME,
        Role.FEE_INCOME: Nature.INCOME,
        Role.SETTLEMENT_DISCOUNT: Nature.EXPENSE,
        Role.DIFFERENCE_LOSS: Nature.EXPENSE,
        Role.DIFFERENCE_GAIN: Nature.INCOME,
        Role.CASH_ROUNDING_LOSS: Nature.EXPENSE,
        Role.CASH_ROUNDING_GAIN: Nature.INCOME,
        Role.BANK_CHARGE: Nature.EXPENSE,
        Role.COLLECTION_FEE: Nature.EXPENSE,
        Role.WITHHOLDING_TAX: Nature.ASSET,
        Role.WRITE_OFF: Nature.EXPENSE,
        Role.RECOVERY_INCOME: Nature.INCOME,
        Role.ALLOWANCE: Nature.ASSET,
        Role.ALLOWANCE_EXPENSE: Nature.EXPENSE,
        Role.ALLOWANCE_RELEASE: Nature.INCOME,
        Role.EXCHANGE_LOSS: Nature.EXPENSE,
        Role.EXCHANGE_GAIN: Nature.INCOME,
        Role.UNREALIZED_LOSS: Nature.EXPENSE,
        Role.UNREALIZED_GAIN: Nature.INCOME,
        Role.TRANSLATION_LOSS: Nature.ASSET,
        Role.TRANSLATION_GAIN: Nature.LIABILITY,
        Role.EXCHANGE_PROVISION: Nature.LIABILITY,
        Role.EXCHANGE_PROVISION_EXPENSE: Nature.EXPENSE,
        Role.EXCHANGE_PROVISION_RELEASE: Nature.INCOME,
        Role.PROCESSOR_FEE: Nature.EXPENSE,
        Role.FACTOR: Nature.ASSET,
        Role.FACTORING_FEE: Nature.EXPENSE,
        Role.ACCRUED_INCOME: Nature.ASSET,
        Role.SETTLED_IN_SOURCE: Nature.EQUITY,
    }
)
"""The nature of the account of each role; an allowance is an asset with a credit balance."""


@attrs.frozen(kw_only=True)
class UsedAccount:
    """An account that a journal uses, under the role that it is filed by.

    The role is that of the chart, the first in the order of `Role` where the account has several,
    so that an account is filed alike in the journal of a month and in that of the year.
    """

    account: GlAccount
    role: Role
    customers: tuple[str, ...] = ()
    """Who has lines on it in the role of an account of the sub-ledger, in order, where asked for."""

    @property
    def nature(self) -> Nature:
        """What kind of account it is."""
        return NATURES[self.role]


@attrs.frozen(kw_only=True)
class Survey:
    """What a journal uses: its accounts by number, its days, its currencies, its creditors."""

    accounts: tuple[UsedAccount, ...]
    first: dt.date | None
    last: dt.date | None
    currencies: tuple[str, ...]
    functional_currencies: tuple[str, ...]
    creditors: tuple[str, ...]
    dimensions: tuple[str, ...]
    """The names of the dimensions that lines carry, in order."""
    places: Mapping[str, int]
    """The decimals of each currency used, functional ones included."""


def survey(journal: Journal, *, customers: bool = False) -> Survey:
    """Look through a journal once, for the customers of each account too where they are wanted.

    Raises `UnknownCurrencyError` for a currency that has no digits.
    """
    seen = _Seen(journal.chart, customers=customers)
    for entry in journal:
        seen.note(entry)
    currencies = sorted(seen.currencies)
    functional = sorted({*seen.functional, journal.functional_currency})
    return Survey(
        accounts=tuple(_used(seen, number) for number in sorted(seen.accounts)),
        first=min(seen.days, default=None),
        last=max(seen.days, default=None),
        currencies=tuple(currencies),
        functional_currencies=tuple(functional),
        creditors=tuple(sorted(seen.creditors)),
        dimensions=tuple(sorted(seen.dimensions)),
        places=MappingProxyType({code: digits(code) for code in (*currencies, *functional)}),
    )


class _Seen:
    """What the survey has seen so far: sets as large as what they count, and no entry."""

    def __init__(self, chart: Chart, *, customers: bool) -> None:
        self.roles = _filed(chart)
        self._with_customers = customers
        self.accounts: dict[str, GlAccount] = {}
        self.customers: dict[str, set[str]] = {}
        self.days: set[dt.date] = set()
        self.currencies: set[str] = set()
        self.functional: set[str] = set()
        self.creditors: set[str] = set()
        self.dimensions: set[str] = set()

    def note(self, entry: JournalEntry) -> None:
        self.days.add(entry.date)
        self.functional.add(entry.functional_currency)
        self.creditors.add(entry.creditor)
        for line in entry.lines:
            self.currencies.add(line.currency)
            if line.account.number not in self.accounts:
                self.accounts[line.account.number] = line.account
                self.roles.setdefault(line.account.number, line.role)
            if self._with_customers and line.customer and line.role.is_control:
                self.customers.setdefault(line.account.number, set()).add(line.customer)
            if line.dimensions:
                self.dimensions.update(name for name, _ in line.dimensions)


def _filed(chart: Chart) -> dict[str, Role]:
    """The role of every account of a chart: by its roles, its banks, its categories, its taxes."""
    roles: dict[str, Role] = {}
    for role in Role:
        if role in chart.accounts:
            roles.setdefault(chart.accounts[role].number, role)
    for account in chart.banks.values():
        roles.setdefault(account.number, Role.BANK)
    for account in chart.categories.values():
        roles.setdefault(account.number, Role.REVENUE)
    for account in chart.taxes.values():
        roles.setdefault(account.number, Role.TAX)
    return roles


def _used(seen: _Seen, number: str) -> UsedAccount:
    return UsedAccount(
        account=seen.accounts[number],
        role=seen.roles[number],
        customers=tuple(sorted(seen.customers.get(number, ()))),
    )


def decimal_text(amount_minor: int, *, places: int, mark: str = ".") -> str:
    """An amount in minor units with all its decimals, and no mark between thousands."""
    figures = str(amount_minor)
    if not places:
        return figures
    if len(figures) > places + 1:
        return f"{figures[:-places]}{mark}{figures[-places:]}"
    # So small that zeros must be put before it, behind its sign.
    figures = str(abs(amount_minor)).rjust(places + 1, "0")
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{figures[:-places]}{mark}{figures[-places:]}"


# Control characters, and the separators of Unicode that break a line.
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Half of a surrogate pair cannot be encoded; the other two are no characters.
_NO_CHARACTERS: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")


def one_line(text: str) -> str:
    r"""A text without line breaks, control characters, halves of characters and outer blanks.

    >>> one_line(" Line one\r\n\tline two ")
    'Line one line two'
    """
    if text.isprintable():
        return text.strip()
    return _NO_CHARACTERS.sub("\ufffd", _BREAKS.sub(" ", text)).strip()


def unique_names(names: Mapping[str, str]) -> dict[str, str]:
    """Give each key its own name: where two keys share one, the later gets a number behind it.

    Keys are taken in order, and names are compared without regard to case, as some programs do.

    >>> unique_names({"C.1": "C-1", "C/1": "C-1", "D": "D"})
    {'C.1': 'C-1', 'C/1': 'C-1-2', 'D': 'D'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted(names):
        name, count = names[key], 1
        while name.casefold() in taken:
            count += 1
            name = f"{names[key]}-{count}"
        taken.add(name.casefold())
        found[key] = name
    return found


_ROOTS: Final = {
    Nature.ASSET: "Assets",
    Nature.LIABILITY: "Liabilities",
    Nature.EQUITY: "Equity",
    Nature.INCOME: "Income",
    Nature.EXPENSE: "Expenses",
}


class AccountNames:
    """Account names as plain-text accounting has them: ``Assets:Receivable:411 Clients``.

    The first level is one of five roots, the second the role, the third the account, and customers
    stand below it where the survey lists them.  `component` writes a name as the format can read it.
    """

    def __init__(self, found: Survey, *, component: Callable[[str], str]) -> None:
        self._component = component
        leaves = unique_names(
            {
                used.account.number: component(f"{used.account.number} {used.account.name}")
                for used in found.accounts
            }
        )
        self.accounts: Mapping[str, str] = {
            used.account.number: self._path(used, leaves[used.account.number])
            for used in found.accounts
        }
        self.customers: Mapping[str, Mapping[str, str]] = {
            used.account.number: self._below(used) for used in found.accounts if used.customers
        }

    def _path(self, used: UsedAccount, leaf: str) -> str:
        group = self._component(used.role.value.replace("-", " ").capitalize())
        return f"{_ROOTS[used.nature]}:{group}:{leaf}"

    def _below(self, used: UsedAccount) -> dict[str, str]:
        parent = self.accounts[used.account.number]
        leaves = unique_names({each: self._component(each) for each in used.customers})
        return {customer: f"{parent}:{leaf}" for customer, leaf in leaves.items()}


_PIECE_CHARACTERS: Final = 1 << 18


def encoded(
    texts: Iterable[str], *, encoding: str = "utf-8", errors: str = "strict"
) -> Iterator[bytes]:
    """Texts as pieces of bytes of a quarter of a million characters, so that few are held."""
    held: list[str] = []
    count = 0
    for text in texts:
        held.append(text)
        count += len(text)
        if count >= _PIECE_CHARACTERS:
            yield "".join(held).encode(encoding, errors)
            held, count = [], 0
    if held:
        yield "".join(held).encode(encoding, errors)
