"""The events of specific allowances: set and ended.

Every event has the identity of what happened, so that whoever says it twice says it once.

>>> from receivables.testing.builders import recorded
>>> judged = SpecificAllowance(specific="A-1", customer="C-017", rate_bps=6_000, reason="insolvency")
>>> specific_allowance_set(judged, creditor="MIRA", on=dt.date(2026, 10, 31),
...                        recorded_at=recorded()).event
'specific-set:MIRA:A-1'
"""

from __future__ import annotations

import datetime as dt

from receivables.casework.losses import SpecificAllowance
from receivables.ledger.credit import SpecificAllowanceEnded, SpecificAllowanceSet
from receivables.ledger.model import EventId
from receivables.parties import CreditorId, CustomerId

__all__ = ["specific_allowance_ended", "specific_allowance_replaced", "specific_allowance_set"]


def specific_allowance_set(
    specific: SpecificAllowance, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> SpecificAllowanceSet:
    """The event of a loss that is expected by a person's judgment, from a day on."""
    return SpecificAllowanceSet(
        event=EventId(f"specific-set:{creditor}:{specific.specific}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        specific=specific,
    )


def specific_allowance_ended(
    specific: SpecificAllowance,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    by: str = "",
) -> SpecificAllowanceEnded:
    """The event of a specific allowance that does not count any more, from a day on."""
    return SpecificAllowanceEnded(
        event=EventId(f"specific-ended:{creditor}:{specific.specific}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=CustomerId(specific.customer),
        specific=specific.specific,
        reason=reason,
        by=by,
    )


def specific_allowance_replaced(
    old: SpecificAllowance,
    new: SpecificAllowance,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    by: str = "",
) -> tuple[SpecificAllowanceEnded, SpecificAllowanceSet]:
    """The two events of a judgment that changed: the old allowance ends as the new one is set.

    The new one has a name of its own, so that what was thought before stays readable.
    """
    when = {"creditor": creditor, "on": on, "recorded_at": recorded_at}
    reason = f"replaced by {new.specific}"
    return (
        specific_allowance_ended(old, reason=reason, by=by, **when),  # type: ignore[arg-type]  # one of each kind
        specific_allowance_set(new, **when),  # type: ignore[arg-type]  # see above
    )
