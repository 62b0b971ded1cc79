"""What becomes of an overpayment or an advance: held, applied, sent back, written off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from receivables.allocation._explaining import refund, write_off
from receivables.allocation.model import Allocation, Disposition, DispositionPolicy
from receivables.allocation.objects import allocate_by
from receivables.documents.model import OpenItem

if TYPE_CHECKING:
    from receivables.adapters import AllocationOrder

__all__ = ["dispose"]


def dispose(
    allocation: str,
    *,
    credit: OpenItem,
    policy: DispositionPolicy,
    as_of: dt.date,
    debits: Sequence[OpenItem] = (),
    is_advance: bool = False,
    order: AllocationOrder | str = "oldest-due",
) -> Allocation | None:
    """The allocation that a policy makes of a credit on a day; None where it is held.

    `debits` are what the customer owes in the credit's currency.  To refund to a known account, ask
    the policy with `DispositionPolicy.choose` and call `refund`.

    >>> from receivables.money import money
    >>> from receivables.testing.builders import an_open_item
    >>> policy = DispositionPolicy(refund_from=[money("10.00", "EUR")])
    >>> done = dispose("a-1", credit=an_open_item("r-1", amount="-25.00"), policy=policy,
    ...                as_of=dt.date(2026, 10, 31))
    >>> done.residuals[0].kind
    <ResidualKind.REFUND: 'refund'>
    """
    chosen = policy.choose(credit, as_of=as_of, owes=bool(debits), is_advance=is_advance)
    if chosen is Disposition.APPLY:
        return allocate_by(allocation, credits=credit, debits=debits, order=order, as_of=as_of)
    if chosen is Disposition.REFUND:
        return refund(allocation, credit=credit, reason="overpayment")
    if chosen is Disposition.WRITE_OFF:
        return write_off(allocation, credit, reason="overpayment")
    return None
