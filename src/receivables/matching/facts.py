"""The facts that hold on a day, looked up by account, by name and by customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from receivables.matching.rules import name_key, plain_reference
from receivables.parties import CustomerId
from receivables.receipts.facts import Fact, FactKind

__all__ = ["Facts"]


class Facts:
    """Facts that hold, for a matching run; `Ledger.facts` gives those of a day.

    >>> import datetime as dt
    >>> fact = Fact(kind="payer-name", value="Dupont Ouest SARL", customer="C-1",
    ...             learned_on=dt.date(2026, 10, 5), source="a person")
    >>> Facts([fact]).customers_of_name(name_key("DUPONT OUEST"))
    frozenset({'C-1'})
    """

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._all = tuple(facts)
        self._accounts: dict[str, set[CustomerId]] = {}
        self._names: dict[str, set[CustomerId]] = {}
        self._references: dict[str, set[str]] = {}
        self._deductions: dict[CustomerId, dict[int, str]] = {}
        for fact in self._all:
            self._add(fact)

    def _add(self, fact: Fact) -> None:
        if fact.kind is FactKind.PAYER_ACCOUNT:
            self._accounts.setdefault(plain_reference(fact.value), set()).add(fact.customer)
        elif fact.kind is FactKind.PAYER_NAME:
            self._names.setdefault(name_key(fact.value), set()).add(fact.customer)
        elif fact.kind is FactKind.REFERENCE_HABIT:
            self._references.setdefault(plain_reference(fact.value), set()).add(fact.meaning)
        else:
            self._deductions.setdefault(fact.customer, {})[int(fact.value)] = fact.meaning

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def customers_of_account(self, account: str) -> frozenset[CustomerId]:
        """Who was confirmed to pay from a bank account (plain: letters and figures)."""
        return frozenset(self._accounts.get(account, ()))

    def customers_of_name(self, key: str) -> frozenset[CustomerId]:
        """Who was confirmed to pay under a name (its `name_key`)."""
        return frozenset(self._names.get(key, ()))

    def documents_of_reference(self, reference: str) -> frozenset[str]:
        """The documents that a reference (plain) was confirmed to stand for."""
        return frozenset(self._references.get(reference, ()))

    def deductions_of(self, customers: Iterable[CustomerId]) -> dict[int, str]:
        """The basis points that customers are known to keep back, with the reason of each."""
        return {
            bps: reason
            for customer in customers
            for bps, reason in self._deductions.get(customer, {}).items()
        }
