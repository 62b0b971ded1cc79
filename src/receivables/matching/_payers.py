"""Who paid: by account, by what a person confirmed, by name as it is, cut or similar."""

from __future__ import annotations

import bisect
import importlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from receivables.matching.facts import Facts
from receivables.matching.model import Evidence, EvidenceKind
from receivables.matching.rules import abbreviates, name_key, name_words, plain_reference
from receivables.parties import UNIDENTIFIED, Customer, CustomerId
from receivables.receipts.model import Receipt

__all__ = ["KnownPayer", "Payers"]

_NAME_CUT_MIN: Final = 12
"""Banks cut names at 35, 27 or 18 characters, blanks included; a shorter beginning proves nothing."""

_SIMILAR_MIN: Final = 88
"""Similarity of names, 0 to 100, from which two may be one; below, every other firm of a town is."""

_SHARED_MAX: Final = 400
"""Customers that share a word, beyond which the word tells nothing of who it is."""


@attrs.frozen
class KnownPayer:
    """Who paid, as far as it is known, and everybody they may pay for."""

    customers: frozenset[CustomerId] = frozenset()
    group: frozenset[CustomerId] = frozenset()
    evidence: tuple[Evidence, ...] = ()

    @property
    def kind(self) -> EvidenceKind:
        """How the payer is known."""
        return self.evidence[0].kind if self.evidence else EvidenceKind.PAYER_UNKNOWN

    @property
    def is_sure(self) -> bool:
        """Whether a person, the ledger or the bank account says so, and not a name alone."""
        return self.kind in {EvidenceKind.PAYER_ACCOUNT, EvidenceKind.PAYER_CONFIRMED}


class Payers:
    """Customers by bank account, by name, and by the group that they pay with."""

    def __init__(self, customers: Iterable[Customer], facts: Facts) -> None:
        self._accounts: dict[str, set[CustomerId]] = {}
        self._names: dict[str, set[CustomerId]] = {}
        self._words: dict[str, set[str]] = {}
        self._spelled: dict[str, str] = {}
        self._initials: dict[str, list[str]] = {}
        self._groups: dict[CustomerId, frozenset[CustomerId]] = {}
        self._facts = facts
        members: dict[str, set[CustomerId]] = {}
        for customer in customers:
            for iban in customer.ibans:
                self._accounts.setdefault(plain_reference(iban), set()).add(customer.customer)
            for name in (customer.name, *customer.aliases):
                self._add_name(name, customer.customer)
            if customer.payer_group:
                members.setdefault(customer.payer_group, set()).add(customer.customer)
        for group in members.values():
            self._groups.update(dict.fromkeys(group, frozenset(group)))
        self._sorted = sorted(self._names)
        self._similarity = _similarity()

    def _add_name(self, name: str, customer: CustomerId) -> None:
        key = name_key(name)
        self._names.setdefault(key, set()).add(customer)
        if key not in self._spelled:
            words = name_words(name)
            self._spelled[key] = " ".join(words)
            if len(words) >= _INITIALS_MIN:
                initials = "".join(word[0] for word in words if word not in _SMALL_WORDS)
                self._initials.setdefault(initials, []).append(key)
            for word in words:
                self._words.setdefault(word[:_PREFIX], set()).add(key)

    def of(self, receipt: Receipt) -> KnownPayer:
        """Who paid a receipt, by the strongest evidence there is."""
        if receipt.customer != UNIDENTIFIED:
            return self._known({receipt.customer}, EvidenceKind.PAYER_CONFIRMED, receipt.customer)
        payer = receipt.payer
        account = plain_reference(payer.account) if payer.account else ""
        if account:
            if confirmed := self._facts.customers_of_account(account):
                return self._known(confirmed, EvidenceKind.PAYER_CONFIRMED, payer.account)
            if found := self._accounts.get(account):
                return self._known(found, EvidenceKind.PAYER_ACCOUNT, payer.account)
        for name in filter(None, (payer.ultimate_name, payer.name)):
            if known := self._by_name(name):
                return known
        return KnownPayer()

    def _by_name(self, name: str) -> KnownPayer | None:
        key = name_key(name)
        if not key:
            return None
        if confirmed := self._facts.customers_of_name(key):
            return self._known(confirmed, EvidenceKind.PAYER_CONFIRMED, name)
        if found := self._names.get(key):
            return self._known(found, EvidenceKind.PAYER_NAME, name)
        if len(key) >= _NAME_CUT_MIN and (found := self._beginning(key)):
            return self._known(found, EvidenceKind.PAYER_NAME_CUT, name)
        if found := self._similar(name):
            return self._known(found, EvidenceKind.PAYER_NAME_SIMILAR, name)
        return None

    def _beginning(self, key: str) -> set[CustomerId]:
        """The customers whose names begin as a name that a bank cut short."""
        found: set[CustomerId] = set()
        for at in range(bisect.bisect_left(self._sorted, key), len(self._sorted)):
            if not self._sorted[at].startswith(key):
                break
            found |= self._names[self._sorted[at]]
        return found

    def _similar(self, name: str) -> set[CustomerId]:
        """The customers with the most similar name, where it is similar enough."""
        words = name_words(name)
        rare = [self._words.get(word[:_PREFIX], set()) for word in words]
        keys = {key for shared in rare if len(shared) <= _SHARED_MAX for key in shared}
        spelled = " ".join(words)
        best = max(
            ((self._similarity(spelled, self._spelled[key]), key) for key in sorted(keys)),
            default=(0, ""),
        )
        if best[0] >= _SIMILAR_MIN:
            return self._names[best[1]]
        short = [key for key in keys if abbreviates(words, self._spelled[key].split())]
        if not short and len(words) == 1:
            short = self._initials.get(words[0], [])
        return self._names[short[0]] if len(short) == 1 else set()

    def _known(
        self, customers: Iterable[CustomerId], kind: EvidenceKind, detail: str
    ) -> KnownPayer:
        ids = frozenset(customers)
        return KnownPayer(ids, self.group_of(ids), (Evidence(kind, detail),))

    def group_of(self, customers: Iterable[CustomerId]) -> frozenset[CustomerId]:
        """Everybody for whom these customers may pay, themselves included."""
        found = [self._groups.get(customer, frozenset({customer})) for customer in customers]
        return frozenset().union(*found) if len(found) != 1 else found[0]


_INITIALS_MIN: Final = 3
"""Words of a name that may be written by their first letters."""
_SMALL_WORDS: Final = frozenset(
    {"DE", "DES", "DU", "LA", "LE", "LES", "ET", "AND", "OF", "THE", "Y", "DEL"}
)
_PREFIX: Final = 5
"""Letters of a word by which names are brought together before they are compared."""


def _similarity() -> Callable[[str, str], Any]:
    """The token ratio of rapidfuzz, or none where the extra ``matching`` is not installed."""
    try:
        fuzz: Any = importlib.import_module("rapidfuzz.fuzz")
    except ImportError:
        return _no_similarity
    ratio: Callable[[str, str], Any] = fuzz.token_sort_ratio
    return ratio


def _no_similarity(_one: str, _other: str) -> int:
    return 0
