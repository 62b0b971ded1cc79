"""What a matching run looks things up in: open items by number, reference, customer and amount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from receivables.documents.model import ItemKind, OpenItem
from receivables.matching._numbers import Window, figures_of, known_number, number_of
from receivables.matching.rules import plain_reference
from receivables.parties import CustomerId

__all__ = ["Index", "Scope"]

Places: TypeAlias = tuple[int, ...]
_NONE: Final[Places] = ()
_FEW: Final = 400
"""Items that are looked through one by one; for more, a table is made."""
_CUT_MIN: Final = 5
"""Figures of a number that is recognized where several run together."""
_USUAL: Final = 50
"""One document in so many has a number of a length that is usual."""
_ZEROS_MAX: Final = 6
"""Zeros that stand before the figures of a number, at most."""


class _Register:
    """Places by key; most keys have one place, so that a list is made only where there are more."""

    __slots__ = ("_one", "_several")

    def __init__(self) -> None:
        self._one: dict[str, int] = {}
        self._several: dict[str, list[int]] = {}

    def add(self, key: str, place: int) -> None:
        first = self._one.setdefault(key, place)
        if first != place:
            found = self._several.setdefault(key, [first])
            if found[-1] != place:
                found.append(place)

    def get(self, key: str) -> Sequence[int]:
        if key not in self._one:
            return _NONE
        return self._several.get(key) or (self._one[key],)

    def __contains__(self, key: str) -> bool:
        return key in self._one

    def __bool__(self) -> bool:
        return bool(self._one)


class Index:
    """The open items of one creditor, kept up to date as proposals use them up.

    An item is known by its place in `items`; `open_minor` has what is left of it.
    """

    def __init__(self, items: Iterable[OpenItem], settled: Iterable[str] = ()) -> None:
        self.items = [item for item in items if item.kind is not ItemKind.UNAPPLIED_CASH]
        self.open_minor = [item.open_minor for item in self.items]
        self.figures: list[str] = []
        """The figures of each item's number, by place."""
        self.lasts: list[str] = []
        """The last group of them."""
        self.by_figures = _Register()
        self.by_reference = _Register()
        self.longest = 0
        """Figures of the longest number, zeros included, or of the longest reference."""
        self.lengths: dict[int, int] = {}
        """How many documents have a number of so many figures."""
        self._by_customer: dict[tuple[CustomerId, str], list[int]] = {}
        self._by_amount: dict[tuple[str, int], int] | None = None
        self._scopes: dict[tuple[frozenset[CustomerId], str], Scope] = {}
        self._settled: dict[str, str] = {}
        for place, item in enumerate(self.items):
            self._add(place, item)
        self.longest = max(self.longest, max(self.lengths, default=0) + _ZEROS_MAX)
        for number in settled:
            known = number_of(number)
            self._settled.setdefault(known.figures or known.letters, number)
        self.usual_lengths = sorted(
            (
                length
                for length, count in self.lengths.items()
                if length >= _CUT_MIN and count * _USUAL >= len(self.items)
            ),
            reverse=True,
        )

    def _add(self, place: int, item: OpenItem) -> None:
        figures, short, last = figures_of(item.document)
        self.by_figures.add(figures, place)
        if short != figures:
            self.by_figures.add(short, place)
        self.figures.append(figures)
        self.lasts.append(last)
        self.lengths[len(figures)] = self.lengths.get(len(figures), 0) + 1
        self._by_customer.setdefault((item.customer, item.currency), []).append(place)
        for reference in item.references:
            key = plain_reference(reference)
            self.by_reference.add(key, place)
            self.longest = max(self.longest, len(key))

    def settled(self, window: Window, shortest: int) -> str:
        """The number of a settled document that figures name, empty where they name none."""
        found = self._settled.get(window.figures, "")
        own = known_number(found).letters if found else ""
        is_led = (window.lead + window.inside).endswith(own)
        length = window.written + (len(own) if is_led else 0)
        return found if length >= shortest and (is_led or not window.lead) else ""

    def is_settled(self, figures: str) -> bool:
        """Whether a settled document has these figures."""
        return figures in self._settled

    def of_document(self, place: int) -> list[int]:
        """The places of all items of an item's document: its installments."""
        item = self.items[place]
        number = known_number(item.document)
        return [
            other
            for other in self.by_figures.get(number.figures or number.letters)
            if self.items[other].document == item.document
        ]

    def scope(self, customers: frozenset[CustomerId], currency: str) -> Scope:
        """The items of customers in a currency, the first due first."""
        key = (customers, currency)
        if key not in self._scopes:
            places = [
                place
                for customer in customers
                for place in self._by_customer.get((customer, currency), ())
            ]
            places.sort(key=lambda place: (self.due(place), self.items[place].item))
            self._scopes[key] = Scope(self, places, customers, currency)
        return self._scopes[key]

    def with_amount(self, currency: str, amount_minor: int) -> int | None:
        """The one open item, of anybody, with an amount; None where there is none, or several."""
        if self._by_amount is None:
            self._by_amount = {}
            for place, item in enumerate(self.items):
                key = (item.currency, item.open_minor)
                self._by_amount[key] = -1 if key in self._by_amount else place
        place = self._by_amount.get((currency, amount_minor), -1)
        return place if place >= 0 and self.open_minor[place] == amount_minor else None

    def due(self, place: int) -> dt.date:
        """The day an item is due, or its document date where it has none."""
        item = self.items[place]
        return item.due_date or item.document_date


class Scope:
    """The items of those that one payer may pay for, the first due first."""

    __slots__ = ("_by_amount", "_by_ending", "_currency", "_customers", "index", "places")

    def __init__(
        self, index: Index, places: list[int], customers: frozenset[CustomerId], currency: str
    ) -> None:
        self.index = index
        self.places = places
        self._customers = customers
        self._currency = currency
        self._by_amount: dict[int, list[int]] | None = None
        self._by_ending: dict[int, dict[str, list[int]]] = {}

    def has(self, place: int) -> bool:
        """Whether an item is one of them."""
        item = self.index.items[place]
        return item.customer in self._customers and item.currency == self._currency

    def live(self, day: dt.date, *, most: int) -> list[int]:
        """The places that are open on a day, at most so many of the first due."""
        opens, items = self.index.open_minor, self.index.items
        if len(self.places) <= most:
            return [
                place for place in self.places if opens[place] and items[place].posting_date <= day
            ]
        found = []
        for place in self.places:
            if opens[place] and items[place].posting_date <= day:
                found.append(place)
                if len(found) == most:
                    break
        return found

    def with_amount(self, amount_minor: int, day: dt.date) -> list[int]:
        """The places that are open with an amount on a day, the first due first."""
        opens, items = self.index.open_minor, self.index.items
        places: Sequence[int] = self.places
        if len(places) > _FEW:
            if self._by_amount is None:
                self._by_amount = {}
                for place in self.places:
                    self._by_amount.setdefault(items[place].open_minor, []).append(place)
            places = self._by_amount.get(amount_minor, ())
        return [
            place
            for place in places
            if opens[place] == amount_minor and items[place].posting_date <= day
        ]

    def ending(self, figures: str) -> list[int]:
        """The places whose number ends in figures, or has them for its last group."""
        index = self.index
        places: Sequence[int] = self.places
        if len(places) > _FEW:
            places = self._endings(len(figures)).get(figures, ())
        return [
            place
            for place in places
            if (index.lasts[place] == figures or index.figures[place].endswith(figures))
            and index.open_minor[place]
        ]

    def _endings(self, length: int) -> dict[str, list[int]]:
        """The places by the last so many figures of their numbers, and by their last group."""
        if length not in self._by_ending:
            found = self._by_ending[length] = {}
            for place in self.places:
                own, last = self.index.figures[place][-length:], self.index.lasts[place]
                found.setdefault(own, []).append(place)
                if len(last) == length and last != own:
                    found.setdefault(last, []).append(place)
        return self._by_ending[length]
