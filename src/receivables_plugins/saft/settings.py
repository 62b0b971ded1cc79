"""What a reader of standard audit files must be told, because the file does not say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId

__all__ = ["AMOUNTS", "JOURNAL_KINDS", "PLANS", "SECTIONS", "Plan", "SaftSettings"]

JOURNAL_KINDS: Final = ("sales", "cash", "opening", "other")
"""What a journal can be declared to hold; see `SaftSettings.journals`."""

SECTIONS: Final = ("auto", "ledger", "documents")
"""Which part of a file items come from; see `SaftSettings.section`."""

AMOUNTS: Final = ("books", "document")
"""Which amount an item has; see `SaftSettings.amounts`."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    # A lone text is a likely slip, and would otherwise be taken letter by letter.
    return (values,) if isinstance(values, str) else tuple(str(value) for value in values)


def _table(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in values.items()})


@attrs.frozen(kw_only=True)
class Plan:
    """Which accounts are what in a country's usual plan of accounts, by the beginning of the number."""

    receivable: tuple[str, ...]
    cash: tuple[str, ...]
    income: tuple[str, ...]


PLANS: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        # NS 4102: 15 receivables, 19 cash and bank, 3 sales.
        "NO": Plan(receivable=("15",), cash=("19",), income=("3",)),
        # SNC: 21 customers, 11 to 13 cash, demand and other deposits, 7 income.
        "PT": Plan(receivable=("21",), cash=("11", "12", "13"), income=("7",)),
    }
)
"""The plans of the countries whose files are read."""


@attrs.frozen(kw_only=True)
class SaftSettings:
    """The settings of the ledger source ``saft``.

    `accounts`, `cash_accounts` and `income_accounts` are the beginnings of account numbers; where
    they are not given, receivables are the accounts that the customers of the file name, or those of
    the country's usual plan (`PLANS`).  `journals` says what a journal holds (``sales``, ``cash``,
    ``opening`` or ``other``) by its identifier, where the other accounts of its entries do not tell.
    `section` is where items come from: ``ledger`` (entries), ``documents`` (the sales invoices and
    payments of a Portuguese file) or ``auto``.  `amounts` is ``books`` (the currency of the file,
    in which balances can be checked) or ``document``.

    Raises `PolicyError` for a value that is not possible.

    >>> SaftSettings(creditor="MIRA", accounts=["1500"]).accounts
    ('1500',)
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = ""
    """The currency of the books of a file that does not name one (Portugal: EUR)."""
    accounts: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    cash_accounts: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    income_accounts: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    journals: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    section: str = attrs.field(default="auto")
    amounts: str = attrs.field(default="books")
    cross_references: bool = True
    """Whether lines of a customer with one *CrossReference* that add up to zero are settled."""
    locale: str = "en"
    """The language of the customers, which the file does not give."""

    @journals.validator
    def _check_journals(self, _attribute: object, value: Mapping[str, str]) -> None:
        if unknown := sorted(set(value.values()) - set(JOURNAL_KINDS)):
            msg = f"journals must be {', '.join(JOURNAL_KINDS)}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @section.validator
    def _check_section(self, _attribute: object, value: str) -> None:
        if value not in SECTIONS:
            msg = f"section must be one of {', '.join(SECTIONS)}, got {value!r}"
            raise PolicyError(msg)

    @amounts.validator
    def _check_amounts(self, _attribute: object, value: str) -> None:
        if value not in AMOUNTS:
            msg = f"amounts must be one of {', '.join(AMOUNTS)}, got {value!r}"
            raise PolicyError(msg)

    def plan(self, country: str) -> Plan:
        """The accounts of a country's plan, with those that are declared in their place."""
        usual = PLANS[country]
        return Plan(
            receivable=self.accounts or usual.receivable,
            cash=self.cash_accounts or usual.cash,
            income=self.income_accounts or usual.income,
        )
