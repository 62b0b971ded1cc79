"""Building allocations: what a receipt or a credit pays, named or oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from receivables.allocation.model import Allocation, Leg
from receivables.allocation.rules import oldest_first
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import Money, to_minor

__all__ = ["allocate", "allocate_oldest_first"]


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
    _check_kinds(credits, list(debits))
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
    (*C. civ. art. 1342-10* for France).
    """
    ordered = sorted(debits, key=_age_key)
    parts = oldest_first(-credit.open_minor, [item.open_minor for item in ordered])
    by_item = {item.item: part for item, part in zip(ordered, parts, strict=True)}
    legs = [Leg(ItemId(item), part) for item, part in by_item.items() if part]
    if not legs:
        return None
    _check_kinds([credit], [item for item in ordered if by_item[item.item]])
    legs.append(Leg(credit.item, -sum(parts)))
    return Allocation(
        allocation=allocation,
        creditor=credit.creditor,
        currency=credit.currency,
        legs=legs,
        reason=reason,
    )


def _age_key(item: OpenItem) -> tuple[str, str, str]:
    return (str(item.due_date or item.document_date), str(item.document_date), item.item)


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


def _check_kinds(credits: Sequence[OpenItem], debits: Sequence[OpenItem]) -> None:
    if not credits or not debits:
        msg = "an allocation must have credits and debits, got none of one"
        raise DocumentError(msg)
    for item in credits:
        if item.open_minor >= 0:
            msg = f"open amount must be a credit on {item.item}, got {item.open_amount!r}"
            raise DocumentError(msg)
    for item in debits:
        if item.open_minor <= 0:
            msg = f"open amount must be a debit on {item.item}, got {item.open_amount!r}"
            raise DocumentError(msg)
    pairs = sorted({(item.creditor, item.currency) for item in (*credits, *debits)})
    if len(pairs) > 1:
        msg = f"creditor and currency must be one per allocation, got {pairs}"
        raise CurrencyMismatchError(msg)
