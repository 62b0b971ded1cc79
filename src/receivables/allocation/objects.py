"""Building allocations: what a receipt or a credit pays, named, oldest first, or by another order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from receivables.allocation._items import age_key, check_kinds
from receivables.allocation._orders import allocation_order, checked_parts
from receivables.allocation.model import Allocation, Leg
from receivables.allocation.rules import oldest_first
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import Money, to_minor

if TYPE_CHECKING:
    from receivables.adapters import AllocationOrder

__all__ = ["allocate", "allocate_by", "allocate_oldest_first"]


def allocate(
    allocation: str,
    *,
    credits: Sequence[OpenItem],
    debits: Mapping[OpenItem, Money] | Sequence[OpenItem],
    reason: str = "",
) -> Allocation:
    """Settle debits with credits (unapplied cash, credit notes), using the credits in their order.

    `debits` are settled whole, or by the amount given for each.  The credits used last keep their
    rest open.  Raises `DocumentError` where the credits are not enough, or where a part exceeds
    what is open.
    """
    check_kinds(credits, list(debits))
    parts = _parts(debits)
    needed = sum(part for _, part in parts)
    used = oldest_first(needed, [-credit.open_minor for credit in credits])
    if sum(used) != needed:
        msg = f"credits of {allocation} must cover {needed} minor units, got {sum(used)}"
        raise DocumentError(msg)
    legs = [Leg(item.item, part) for item, part in parts if part]
    legs += [Leg(credit.item, -part) for credit, part in zip(credits, used, strict=True) if part]
    return Allocation(
        allocation=allocation,
        creditor=credits[0].creditor,
        currency=credits[0].currency,
        legs=legs,
        reason=reason,
    )


def allocate_oldest_first(
    allocation: str, *, credit: OpenItem, debits: Iterable[OpenItem], reason: str = ""
) -> Allocation | None:
    """Use one credit on debits by due date, the oldest first; None where there is nothing to settle.

    Ties go by document date, then by item, so that the result does not depend on the order given.
    This is a convention, not the law: where the debtor names what is paid, that comes first
    (*C. civ. art. 1342-10* for France); `allocate_by` knows other orders.
    """
    ordered = sorted(debits, key=age_key)
    parts = oldest_first(-credit.open_minor, [item.open_minor for item in ordered])
    by_item = {item.item: part for item, part in zip(ordered, parts, strict=True)}
    legs = [Leg(ItemId(item), part) for item, part in by_item.items() if part]
    if not legs:
        return None
    check_kinds([credit], [item for item in ordered if by_item[item.item]])
    legs.append(Leg(credit.item, -sum(parts)))
    return Allocation(
        allocation=allocation,
        creditor=credit.creditor,
        currency=credit.currency,
        legs=legs,
        reason=reason,
    )


def allocate_by(
    allocation: str,
    *,
    credits: OpenItem | Sequence[OpenItem],
    debits: Iterable[OpenItem],
    order: AllocationOrder | str,
    as_of: dt.date,
    reason: str = "",
) -> Allocation | None:
    """Use credits, the oldest first, on debits by an order; None where there is nothing to settle.

    `order` is one of `ORDERS` by its name, or any value that is an `AllocationOrder`.  What came
    in first settles what, whatever the order in which items are given.  Raises `PolicyError` for a
    name that is not known, and `AdapterError` for an order that does not keep its promise.

    >>> from receivables.testing.builders import an_open_item
    >>> debits = [an_open_item("F-1", amount="30.00"), an_open_item("F-2", amount="10.00")]
    >>> receipt = an_open_item("r-1", amount="-20.00")
    >>> done = allocate_by("a-1", credits=receipt, debits=debits, order="proportional",
    ...                    as_of=dt.date(2026, 10, 31))
    >>> [(leg.item, leg.amount_minor) for leg in done.legs]
    [('F-1', 1500), ('F-2', 500), ('r-1', -2000)]
    """
    given = [credits] if isinstance(credits, OpenItem) else list(credits)
    used_first, owed = sorted(given, key=age_key), sorted(debits, key=age_key)
    if not used_first or not owed:
        return None
    check_kinds(used_first, owed)
    cash = [-credit.open_minor for credit in used_first]
    chosen = allocation_order(order) if isinstance(order, str) else order
    parts = checked_parts(chosen, sum(cash), owed, as_of=as_of)
    spent = oldest_first(sum(parts), cash)
    legs = [Leg(item.item, part) for item, part in zip(owed, parts, strict=True) if part]
    legs += [Leg(one.item, -part) for one, part in zip(used_first, spent, strict=True) if part]
    return Allocation(
        allocation=allocation,
        creditor=used_first[0].creditor,
        currency=used_first[0].currency,
        legs=legs,
        reason=reason,
        evidence=[("order", order)] if isinstance(order, str) else [],
    )


def _parts(
    debits: Mapping[OpenItem, Money] | Sequence[OpenItem],
) -> list[tuple[OpenItem, int]]:
    if not isinstance(debits, Mapping):
        return [(item, item.open_minor) for item in debits]
    for item, amount in debits.items():
        if amount.currency.code != item.currency:
            msg = f"currency must be {item.currency} for {item.item}, got {amount.currency.code}"
            raise CurrencyMismatchError(msg)
        if not 0 <= to_minor(amount) <= item.open_minor:
            msg = f"amount must be at most {item.open_amount!r} for {item.item}, got {amount!r}"
            raise DocumentError(msg)
    return [(item, to_minor(amount)) for item, amount in debits.items()]
