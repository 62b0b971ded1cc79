"""A run straight from a ledger: its open items, notices, deliveries and blocks on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from receivables.casework import Holdback
from receivables.documents.model import OpenItem
from receivables.dunning.charging import DunningCharges
from receivables.dunning.choosing import ProcedureChoice
from receivables.dunning.holding import block_holdbacks
from receivables.dunning.model import CHARGE_CATEGORIES, DunningProcedure, DunningRun
from receivables.dunning.objects import propose
from receivables.interest.from_ledger import charged_on, late_items
from receivables.ledger.casework import DeliveryReported
from receivables.ledger.objects import Ledger
from receivables.parties import Customer

__all__ = ["DunningWorld", "HoldbackSource", "deliveries_on", "dun", "with_late_items"]

HoldbackSource: TypeAlias = Callable[
    [Ledger, Sequence[OpenItem], dt.date, dt.datetime | None], Iterable[Holdback]
]
"""What is held back of some items at the end of a day, as known at a moment (None: as known now)."""


def _blocks(
    ledger: Ledger, items: Sequence[OpenItem], as_of: dt.date, known_at: dt.datetime | None
) -> Iterable[Holdback]:
    return block_holdbacks(ledger, items, as_of=as_of, known_at=known_at)


@attrs.frozen(kw_only=True)
class DunningWorld:
    """What a run needs beside the ledger: customers, what is held back, how charges are reckoned.

    `holdbacks` gives the disputes, promises, plans and referrals of a day too, where the books have
    such; by itself it gives the blocks.
    """

    customers: Mapping[str, Customer] = attrs.field(factory=dict, repr=False)
    holdbacks: HoldbackSource = _blocks
    charges: DunningCharges = attrs.field(factory=DunningCharges, repr=False)


def dun(
    ledger: Ledger,
    *,
    procedure: DunningProcedure | ProcedureChoice,
    as_of: dt.date,
    recorded_at: dt.datetime,
    world: DunningWorld | None = None,
) -> DunningRun:
    """Propose a run from a ledger: who gets which notice on a day, and who gets none and why.

    Where a level charges interest, the balances of the late items and what was charged before are
    taken from the ledger.
    """
    around = world or DunningWorld()
    items = ledger.open_items(as_of=as_of)
    return propose(
        items,
        notices=ledger.notices(),
        procedure=procedure,
        as_of=as_of,
        recorded_at=recorded_at,
        holdbacks=around.holdbacks(ledger, items, as_of, None),
        customers=around.customers,
        deliveries=deliveries_on(ledger, as_of=as_of),
        charges=(
            with_late_items(around.charges, ledger, as_of=as_of)
            if procedure.charges_interest
            else around.charges
        ),
    )


def deliveries_on(
    ledger: Ledger, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[DeliveryReported, ...]:
    """What was reported of notices on their way up to the end of a day, for every creditor."""
    creditors = {notice.creditor for notice in ledger.notices()}
    return tuple(
        event
        for creditor in sorted(creditors)
        for event in ledger.casework(
            creditor, as_of=as_of, known_at=known_at, kinds=(DeliveryReported,)
        )
        if isinstance(event, DeliveryReported)
    )


def with_late_items(charges: DunningCharges, ledger: Ledger, *, as_of: dt.date) -> DunningCharges:
    """The charges with the ledger's late items and what was charged on them, where none were given.

    Charges bear no interest, so they are left out of the late items.  What was charged after the
    day counts too: a run for a past day never charges a day of interest, or a fixed sum, again.
    """
    if not charges.interest or charges.late:
        return charges
    return attrs.evolve(
        charges,
        late=late_items(ledger, as_of=as_of, without=CHARGE_CATEGORIES),
        charged=charged_on(ledger),
    )
