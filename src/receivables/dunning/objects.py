"""Proposing a dunning run from open items and the notices sent before.

>>> import datetime as dt
>>> from receivables.documents.model import Invoice
>>> from receivables.documents.objects import open_items
>>> from receivables.dunning.model import STANDARD
>>> from receivables.money import money
>>> invoice = Invoice(number="F-17", creditor="MIRA", customer="C-017", due_date=dt.date(2026, 10, 1),
...                   document_date=dt.date(2026, 9, 1), total=money("1200.00", "EUR"))
>>> run = propose(open_items(invoice), notices=(), procedure=STANDARD,
...               as_of=dt.date(2026, 10, 31), recorded_at=dt.datetime(2026, 10, 31, tzinfo=dt.UTC))
>>> print(run)
dunning of 2026-10-31, proposed: 1 notices, 0 charges, 0 left out, 0 to refer
C-017: reminder-1, level 1, 1 items
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from receivables import limits
from receivables._collecting import collecting_paused
from receivables.casework import Holdback
from receivables.days import check_day, days_past
from receivables.documents.model import OpenItem
from receivables.dunning._desk import Desk, Outcome, grouped, past_levels
from receivables.dunning.charging import DunningCharges
from receivables.dunning.choosing import ProcedureChoice
from receivables.dunning.holding import HeldBack, bad_addresses, held_back
from receivables.dunning.model import DunningProcedure, DunningRun
from receivables.dunning.rules import asked, days_to_next, level_due
from receivables.ledger.casework import DeliveryReported
from receivables.ledger.model import NoticeSent
from receivables.parties import Customer

__all__ = ["ItemLevel", "item_levels", "propose"]


def propose(  # noqa: PLR0913  # each is another thing that is known, and all but one are named
    items: Iterable[OpenItem],
    *,
    notices: Iterable[NoticeSent],
    procedure: DunningProcedure | ProcedureChoice,
    as_of: dt.date,
    recorded_at: dt.datetime,
    holdbacks: Iterable[Holdback] = (),
    customers: Mapping[str, Customer] | None = None,
    deliveries: Iterable[DeliveryReported] = (),
    charges: DunningCharges | None = None,
) -> DunningRun:
    """Propose who gets which notice on a day, with which charges, and who gets none and why.

    `items` are the open items at the end of that day, credits included; `notices` those sent so
    far.  Each item climbs one level at a time; a customer gets one notice per currency (or per
    document), at the highest level that an item newly reaches, listing every item that has a level.
    Credits count against what is asked for; where there is one notice per document, against the
    document that was due first.  Notices of a later day count too, so that a run for a past day
    never repeats a level; an item that is open again, because its payment went back, goes on where it
    stood, and so does one whose due date was moved.  An item due on the day itself is not past due; items without a due date
    are never dunned.

    `holdbacks` say what is not asked for: an item that is held as a whole does not climb, and of one
    that is held in part the rest is asked for and climbs.  Items that are charges (fees, interest,
    compensation) are listed and asked for with what they were charged on; they climb by themselves
    once no other item of the customer is late in that currency, and bear no charges.  A notice whose
    channel is one on which the customer's last notice bounced (`deliveries`) does not go out, and
    nothing climbs.  Nobody who is not among `customers` is charged anything.
    """
    check_day(as_of, name="as_of")
    terms, known = charges or DunningCharges(), tuple(notices)
    with collecting_paused():
        desk = Desk(
            procedure=procedure,
            as_of=as_of,
            recorded_at=recorded_at,
            past=past_levels(known),
            groups=grouped(items),
            held=held_back(holdbacks, as_of=as_of),
            customers={} if customers is None else customers,
            bad=bad_addresses(deliveries),
            charges=terms,
            late=terms.late_by_item(),
            charged=terms.charged_by_item(),
            charge_numbers={(one.creditor, name) for one in known for name in one.charges},
        )
        out = Outcome()
        for group in sorted(desk.groups):
            desk.handle(group, out)
        return _run_of(desk, out)


def _run_of(desk: Desk, out: Outcome) -> DunningRun:
    """The run that a desk has gathered."""
    rule = desk.procedure
    return DunningRun(
        as_of=desk.as_of,
        procedures=(rule,) if isinstance(rule, DunningProcedure) else rule.procedures,
        notices=out.notices,
        documents=out.documents,
        skipped=out.skipped,
        referrals=out.referrals,
        not_charged=out.not_charged,
        chosen=out.chosen,
        desk=desk,
    )


@attrs.frozen(kw_only=True)
class ItemLevel:
    """Where an item stands in a procedure on a day, notices or not."""

    item: OpenItem
    level: int
    """The level before."""
    level_due: int
    """The level that a notice on that day takes it to: the one before, or the next."""
    days_to_next: int
    """The days until its next level, if nothing changes: 0 where it is reached, -1 where there is
    none."""
    asked_minor: int
    """What may be asked of it: what is open less what is held back."""


def item_levels(
    items: Iterable[OpenItem],
    *,
    notices: Iterable[NoticeSent],
    procedure: DunningProcedure,
    as_of: dt.date,
    holdbacks: Iterable[Holdback] = (),
) -> tuple[ItemLevel, ...]:
    """Where each debit with a due date stands on a day, by the days and the notices alone.

    An item that is held back as a whole stays where it is, and has no next level.  Whether a notice
    goes out depends on the customer besides: that is what `propose` says.
    """
    levels = past_levels(notices).get(procedure.counted_in, {})
    held = held_back(holdbacks, as_of=as_of)
    return tuple(_item_levels(items, procedure, levels, held, as_of))


def _item_levels(
    items: Iterable[OpenItem],
    procedure: DunningProcedure,
    levels: Mapping[tuple[str, str], tuple[int, int]],
    held: Mapping[tuple[str, str], HeldBack],
    as_of: dt.date,
) -> Iterator[ItemLevel]:
    for item in items:
        if item.open_minor <= 0 or item.due_date is None:
            continue
        key = (item.creditor, item.item)
        level, sent = levels.get(key, (0, 0))
        days = days_past(item.due_date, as_of=as_of)
        since = as_of.toordinal() - sent if level else limits.DAYS_MAX
        hold = held.get(key)
        left = asked(item.open_minor, 0 if hold is None else hold.of(item.open_minor))
        due = level_due(level, days, since, procedure=procedure) if left else level
        wait = days_to_next(level, days, since, procedure=procedure) if left else -1
        yield ItemLevel(item=item, level=level, level_due=due, days_to_next=wait, asked_minor=left)
