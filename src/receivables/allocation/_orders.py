"""Orders of allocation as values: by criteria, as stated by the payer, as the law says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from receivables.allocation._items import age_key, debit_minor, with_open
from receivables.allocation.model import Criterion, Equals
from receivables.allocation.rules import oldest_first, proportional
from receivables.documents.model import OpenItem
from receivables.errors import AdapterError, PolicyError
from receivables.money import Money, to_minor

if TYPE_CHECKING:
    from receivables.adapters import AllocationOrder

__all__ = [
    "COSTS_INTEREST_PRINCIPAL",
    "INTEREST_PRINCIPAL",
    "ORDERS",
    "AsStated",
    "RankedOrder",
    "allocation_order",
    "checked_parts",
]

_Key: TypeAlias = tuple[int, ...]

INTEREST_PRINCIPAL: Final[Mapping[str, int]] = MappingProxyType({"late-interest": -1})
"""Interest before everything else, which has rank 0 (*C. civ. art. 1343-1*)."""

COSTS_INTEREST_PRINCIPAL: Final[Mapping[str, int]] = MappingProxyType(
    {"compensation": -2, "dunning-fee": -2, "return-fee": -2, "late-interest": -1}
)
"""Costs, then interest, then the rest (*BGB § 367*, from memory, unverified)."""


def _frozen_ranks(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


def _frozen_texts(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


def _criteria(values: Iterable[Criterion]) -> tuple[Criterion, ...]:
    return tuple(values)


def _frozen_money(values: Mapping[str, Money]) -> Mapping[str, Money]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class RankedOrder:
    """An order by criteria: what ranks first is paid first.

    `ranks` are those of categories, the lower the earlier, 0 where none is given.  `burdens` say
    how much the debtor gains by paying something (it bears interest, it is secured), the higher the
    earlier; they are looked up by item, then document, then category.  `accessories` name the item
    that an interest or a cost item belongs to: it then ranks with that item, just before it.

    The parts do not depend on the order in which the items are given.

    >>> from receivables.testing.builders import an_open_item
    >>> items = [an_open_item("F-1", amount="30.00"), an_open_item("F-2", amount="10.00")]
    >>> ORDERS["smallest-first"].parts(2500, items, as_of=dt.date(2026, 10, 31))
    [1500, 1000]
    """

    criteria: tuple[Criterion, ...] = attrs.field(default=(), converter=_criteria)
    equals: Equals = Equals.IN_TURN
    ranks: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_ranks)
    burdens: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_ranks)
    accessories: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen_texts)

    def parts(self, amount_minor: int, items: Sequence[OpenItem], *, as_of: dt.date) -> list[int]:
        """How much each item gets, in the order the items were given."""
        spent: dict[int, int] = {}
        left = max(amount_minor, 0)
        for equal in self._ranked(items, as_of):
            debts = [sum(debit_minor(items[index]) for index in debt) for debt in equal]
            shares = self._shares(left, debts)
            for debt, share in zip(equal, shares, strict=True):
                parts = oldest_first(share, [debit_minor(items[index]) for index in debt])
                spent.update(zip(debt, parts, strict=True))
            left -= sum(shares)
        return [spent[index] for index in range(len(items))]

    def _shares(self, amount: int, debts: Sequence[int]) -> list[int]:
        if self.equals is Equals.PRO_RATA:
            return proportional(amount, debts)
        return oldest_first(amount, debts)

    def _ranked(self, items: Sequence[OpenItem], as_of: dt.date) -> list[list[list[int]]]:
        """The debts by rank, those of one rank together; a debt is its items by index."""
        debts = _debts(items, self.accessories, self.ranks)
        keyed: dict[_Key, list[list[int]]] = {}
        for debt in debts:
            main = items[debt[-1]]
            key = tuple(
                _KEYS[criterion](
                    self, main, sum(debit_minor(items[index]) for index in debt), as_of
                )
                for criterion in self.criteria
            )
            keyed.setdefault(key, []).append(debt)
        return [keyed[key] for key in sorted(keyed)]

    def _burden(self, item: OpenItem) -> int:
        for name in (item.item, item.document, item.category):
            if name in self.burdens:
                return self.burdens[name]
        return 0


def _debts(
    items: Sequence[OpenItem], accessories: Mapping[str, str], ranks: Mapping[str, int]
) -> list[list[int]]:
    """Items with what belongs to them, by index: accessories first, the item itself last."""
    named = {item.item for item in items}
    debts: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        main = accessories.get(item.item, "")
        debts.setdefault(main if main in named else item.item, []).append(index)
    for main, debt in debts.items():
        debt.sort(
            key=lambda index: (
                items[index].item == main,
                ranks.get(items[index].category, 0),
                items[index].item,
            )
        )
    return [debts[main] for main in sorted(debts)]


def _due_key(_order: RankedOrder, item: OpenItem, _open_minor: int, as_of: dt.date) -> int:
    return int(item.due_date is not None and item.due_date > as_of)


def _category_key(order: RankedOrder, item: OpenItem, _open_minor: int, _as_of: dt.date) -> int:
    return order.ranks.get(item.category, 0)


def _burden_key(order: RankedOrder, item: OpenItem, _open_minor: int, _as_of: dt.date) -> int:
    return -order._burden(item)  # noqa: SLF001  # its own workshop


def _due_date_key(_order: RankedOrder, item: OpenItem, _open_minor: int, _as_of: dt.date) -> int:
    return (item.due_date or item.document_date).toordinal()


def _document_date_key(
    _order: RankedOrder, item: OpenItem, _open_minor: int, _as_of: dt.date
) -> int:
    return item.document_date.toordinal()


def _smallest_key(_order: RankedOrder, _item: OpenItem, open_minor: int, _as_of: dt.date) -> int:
    return open_minor


def _largest_key(_order: RankedOrder, _item: OpenItem, open_minor: int, _as_of: dt.date) -> int:
    return -open_minor


_KEYS: Final[Mapping[Criterion, Callable[[RankedOrder, OpenItem, int, dt.date], int]]] = {
    Criterion.DUE: _due_key,
    Criterion.CATEGORY: _category_key,
    Criterion.BURDEN: _burden_key,
    Criterion.DUE_DATE: _due_date_key,
    Criterion.DOCUMENT_DATE: _document_date_key,
    Criterion.SMALLEST: _smallest_key,
    Criterion.LARGEST: _largest_key,
}

_BY_AGE: Final = RankedOrder(criteria=[Criterion.DUE_DATE, Criterion.DOCUMENT_DATE])


@attrs.frozen(kw_only=True)
class AsStated:
    """What the payer states comes first; what is left goes by another order.

    `stated` are positive amounts by item or by document number; a document's amount goes over its
    installments by due date.  A statement about what is not there counts for nothing, and nothing
    gets more than is open of it.  Where more was stated than was paid, the other order says which
    statements are met first.

    With `accessories` the amount stated for an item goes to what belongs to it first: without the
    creditor's consent a debtor cannot pay the principal before its interest (*C. civ. art. 1343-1*).

    >>> from receivables.money import money
    >>> from receivables.testing.builders import an_open_item
    >>> items = [an_open_item("F-1", amount="30.00"), an_open_item("F-2", amount="10.00")]
    >>> order = AsStated(stated={"F-2": money("10.00", "EUR")}, fallback=ORDERS["oldest-due"])
    >>> order.parts(2500, items, as_of=dt.date(2026, 10, 31))
    [1500, 1000]
    """

    stated: Mapping[str, Money] = attrs.field(factory=dict, converter=_frozen_money)
    fallback: AllocationOrder = _BY_AGE
    accessories: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen_texts)
    ranks: Mapping[str, int] = attrs.field(
        default=COSTS_INTEREST_PRINCIPAL, converter=_frozen_ranks
    )

    @stated.validator
    def _check_stated(self, _attribute: object, value: Mapping[str, Money]) -> None:
        for name, amount in value.items():
            if to_minor(amount) < 0:
                msg = f"stated amount must not be negative on {name}, got {amount!r}"
                raise PolicyError(msg)

    def parts(self, amount_minor: int, items: Sequence[OpenItem], *, as_of: dt.date) -> list[int]:
        """How much each item gets, in the order the items were given."""
        wanted = self._wanted(items)
        if sum(wanted) > amount_minor:
            return list(self.fallback.parts(amount_minor, with_open(items, wanted), as_of=as_of))
        open_after = [debit_minor(item) - part for item, part in zip(items, wanted, strict=True)]
        rest = self.fallback.parts(
            amount_minor - sum(wanted), with_open(items, open_after), as_of=as_of
        )
        return [part + more for part, more in zip(wanted, rest, strict=True)]

    def _wanted(self, items: Sequence[OpenItem]) -> list[int]:
        """What is stated for each item, at most what is open of it."""
        wanted = [0] * len(items)
        for debt in _debts(items, self.accessories, self.ranks):
            *added, main = debt
            for index in added:
                self._take(wanted, items, [index], self._stated(items[index].item, items[index]))
            self._take(wanted, items, debt, self._stated(items[main].item, items[main]))
        for document in sorted(set(self.stated) - {item.item for item in items}):
            found = [index for index, item in enumerate(items) if item.document == document]
            found.sort(key=lambda index: age_key(items[index]))
            of_document = [items[index] for index in found]
            self._take(wanted, items, found, self._stated(document, *of_document))
        return wanted

    def _stated(self, name: str, *items: OpenItem) -> int:
        amount = self.stated.get(name)
        if amount is None or amount.currency.code not in {item.currency for item in items}:
            return 0
        return to_minor(amount)

    @staticmethod
    def _take(
        wanted: list[int], items: Sequence[OpenItem], indexes: Sequence[int], amount: int
    ) -> None:
        room = [debit_minor(items[index]) - wanted[index] for index in indexes]
        for index, part in zip(indexes, oldest_first(amount, room), strict=True):
            wanted[index] += part


_FRENCH_LAW: Final = RankedOrder(
    criteria=[Criterion.DUE, Criterion.CATEGORY, Criterion.BURDEN, Criterion.DUE_DATE],
    equals=Equals.PRO_RATA,
    ranks=INTEREST_PRINCIPAL,
)

ORDERS: Final[Mapping[str, AllocationOrder]] = MappingProxyType(
    {
        "as-stated": AsStated(),
        "french-law": _FRENCH_LAW,
        "largest-first": RankedOrder(criteria=[Criterion.LARGEST, *_BY_AGE.criteria]),
        "oldest-document": RankedOrder(criteria=[Criterion.DOCUMENT_DATE, Criterion.DUE_DATE]),
        "oldest-due": _BY_AGE,
        "proportional": RankedOrder(equals=Equals.PRO_RATA),
        "smallest-first": RankedOrder(criteria=[Criterion.SMALLEST, *_BY_AGE.criteria]),
    }
)
"""The orders that come with the library, by name.

``french-law`` is *C. civ. art. 1342-10* for a payer who designated nothing: due debts, the debt
that the debtor had most interest to discharge (`burdens`, none by default), the oldest, in
proportion among equals; and interest before principal among what is due (*art. 1343-1*).  That
the oldest is the one due first is our reading, unverified.  For a payer who did designate, wrap it:
``AsStated(stated=..., fallback=ORDERS["french-law"])``.
"""


def allocation_order(
    name: str, *, more: Mapping[str, AllocationOrder] = MappingProxyType({})
) -> AllocationOrder:
    """The order of a name, among `ORDERS` and `more`; raises `PolicyError` listing those there are.

    >>> allocation_order("proportional").equals
    <Equals.PRO_RATA: 'pro-rata'>
    """
    known = {**ORDERS, **more}
    if name not in known:
        msg = f"allocation order must be one of {', '.join(sorted(known))}, got {name!r}"
        raise PolicyError(msg)
    return known[name]


def checked_parts(
    order: AllocationOrder, amount_minor: int, items: Sequence[OpenItem], *, as_of: dt.date
) -> list[int]:
    """The parts that an order gives, once they are what it promises; raises `AdapterError`."""
    parts = list(order.parts(amount_minor, items, as_of=as_of))
    open_minor = [item.open_minor for item in items]
    expected = min(amount_minor, sum(open_minor))
    if (
        len(parts) != len(items)
        or sum(parts) != expected
        or any(not 0 <= part <= most for part, most in zip(parts, open_minor, strict=True))
    ):
        msg = f"parts of an order must add up to {expected}, each zero to what is open, got {parts}"
        raise AdapterError(msg)
    return parts
