"""Everything that the ledger holds back on a day: blocks, promises, plans, disputes, referrals.

>>> from receivables.casework import Referral, ReferredItem
>>> from receivables.ledger import Referred
>>> from receivables.money import money
>>> from receivables.testing.builders import an_invoice, issued, recorded
>>> handed = Referral(referral="X-1", customer="C-017", kind="agency", to="Agence du Port",
...                   items=[ReferredItem(item="FA-1", amount=money("100.00", "EUR"))])
>>> ledger = Ledger().record(issued(an_invoice()), Referred(
...     event="referred:MIRA:X-1", effective_on=dt.date(2026, 10, 30), recorded_at=recorded(1),
...     creditor="MIRA", referral=handed))
>>> day = dt.date(2026, 10, 31)
>>> [(one.item, one.reason.value) for one in
...  held_on(ledger, "MIRA", ledger.open_items(as_of=day), as_of=day)]
[('FA-1', 'referral')]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from receivables.casework import Holdback, HoldReason
from receivables.disputes import holdbacks_until_credited
from receivables.disputes.objects import holdbacks as dispute_holdbacks
from receivables.documents.model import OpenItem
from receivables.dunning.holding import active_blocks, block_holdbacks
from receivables.ledger.casework import ReferralEnded, Referred
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId
from receivables.promises.model import EXACT, PromisePolicy
from receivables.promises.objects import holdbacks as promise_holdbacks

__all__ = ["held_on", "referral_holdbacks"]


def held_on(
    ledger: Ledger,
    creditor: str,
    items: Iterable[OpenItem],
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    promises: PromisePolicy = EXACT,
) -> tuple[Holdback, ...]:
    """What is not asked for at the end of a day, as known at a moment, whatever holds it back.

    `items` are the open items of the day, which a block of a customer needs.  Holds of one item add
    up, and never to more than is open of it (`receivables.dunning.holding.held_back`); a promise goes
    over what the others leave, so that none of it is lost on what is held already.
    """
    others = (
        *dispute_holdbacks(ledger, creditor, as_of=as_of, known_at=known_at),
        *holdbacks_until_credited(ledger, creditor, as_of=as_of, known_at=known_at),
        *_blocked(ledger, creditor, items, as_of, known_at),
        *referral_holdbacks(ledger, creditor, as_of=as_of, known_at=known_at),
    )
    promised = promise_holdbacks(
        ledger, creditor, as_of=as_of, known_at=known_at, policy=promises, besides=others
    )
    return (*promised, *others)


def _blocked(
    ledger: Ledger,
    creditor: str,
    items: Iterable[OpenItem],
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> tuple[Holdback, ...]:
    """The items of blocks; without a block a million items are not looked at for one."""
    if not active_blocks(ledger, creditor, as_of=as_of, known_at=known_at):
        return ()
    own = [item for item in items if item.creditor == creditor]
    return block_holdbacks(ledger, own, as_of=as_of, known_at=known_at)


def referral_holdbacks(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> Iterator[Holdback]:
    """What an agency, a lawyer, a court or an insurer has: it is theirs to ask for."""
    kinds = (Referred, ReferralEnded)
    events = ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds)
    ended = {event.case for event in events if isinstance(event, ReferralEnded)}
    for event in events:
        if isinstance(event, Referred) and event.case not in ended:
            for one in event.referral.items:
                yield Holdback(
                    creditor=CreditorId(creditor),
                    item=one.item,
                    reason=HoldReason.REFERRAL,
                    reference=event.case,
                    note=event.referral.to,
                )
