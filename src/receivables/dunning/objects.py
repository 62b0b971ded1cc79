"""Proposing a dunning run from open items and the notices sent before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

import attrs

from receivables import limits
from receivables.days import days_past
from receivables.documents.model import ItemId, OpenItem
from receivables.dunning.model import (
    DunningProcedure,
    DunningRun,
    Skipped,
    SkipReason,
)
from receivables.dunning.rules import is_reached
from receivables.ledger.model import EventId, NoticedItem, NoticeSent
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId

__all__ = ["propose"]

_Group: TypeAlias = tuple[CreditorId, CustomerId, str]
_NEVER: Final = limits.DAYS_MAX


@attrs.frozen
class _Past:
    """The last level that an item reached, and the day."""

    level: int = 0
    sent_on: dt.date = dt.date.min


def propose(
    items: Iterable[OpenItem],
    *,
    notices: Iterable[NoticeSent],
    procedure: DunningProcedure,
    as_of: dt.date,
    recorded_at: dt.datetime,
) -> DunningRun:
    """Propose who gets which notice on a day.

    `items` are the open items at the end of that day, credits included; `notices` those sent so
    far.  Each item climbs one level at a time; a customer gets one notice per currency, at the
    highest level that an item newly reaches, listing every item that has a level.  Credits count
    against what is asked for.  Notices of a later day count too, so that a run for a past day never
    repeats a level.  An item due on the day itself is not past due; items without a due
    date are never dunned.
    """
    run = _Run(procedure, as_of, recorded_at, _past_levels(notices, procedure))
    sent: list[NoticeSent] = []
    skipped: list[Skipped] = []
    for group, members in sorted(_grouped(items).items()):
        notice = run.notice(group, members)
        if notice is None:
            continue
        if reason := _skip_reason(notice, procedure):
            skipped.append(_skipped(notice, reason))
        else:
            sent.append(notice)
    return DunningRun(as_of=as_of, procedure=procedure, notices=tuple(sent), skipped=tuple(skipped))


@attrs.frozen
class _Run:
    """One procedure on one day, with what was sent before."""

    procedure: DunningProcedure
    as_of: dt.date
    recorded_at: dt.datetime
    past: Mapping[tuple[str, ItemId], _Past]

    def notice(self, group: _Group, members: list[OpenItem]) -> NoticeSent | None:
        """The notice of one customer and currency; None where no item climbs."""
        creditor, customer, currency = group
        noticed = [found for item in members if (found := self._noticed(item))]
        climbed = [item.level for item in noticed if item.level > self._before(creditor, item.item)]
        if not climbed:
            return None
        level = max(climbed)
        return NoticeSent(
            event=self._event_id(group),
            effective_on=self.as_of,
            recorded_at=self.recorded_at,
            creditor=creditor,
            customer=customer,
            currency=currency,
            procedure=self.procedure.name,
            procedure_version=self.procedure.version,
            level=level,
            letter=self.procedure.levels[level - 1].letter,
            items=sorted(noticed, key=lambda item: (str(item.due_date), item.item)),
            credit_minor=_credits(members, noticed),
        )

    def _before(self, creditor: CreditorId, item: ItemId) -> int:
        return self.past.get((creditor, item), _Past()).level

    def _noticed(self, item: OpenItem) -> NoticedItem | None:
        if item.open_minor <= 0 or item.due_date is None or item.due_date >= self.as_of:
            return None
        level = self._level(item, item.due_date)
        if not level:
            return None
        return NoticedItem(
            item=item.item,
            level=level,
            open_minor=item.open_minor,
            document_date=item.document_date,
            due_date=item.due_date,
        )

    def _level(self, item: OpenItem, due_date: dt.date) -> int:
        """The level that an item stands on after this run: the one before, or the next."""
        before = self.past.get((item.creditor, item.item), _Past())
        if before.level >= len(self.procedure.levels):
            return before.level
        upcoming = self.procedure.levels[before.level]
        since = days_past(before.sent_on, as_of=self.as_of) if before.level else _NEVER
        reached = is_reached(
            days_past(due_date, as_of=self.as_of),
            since,
            from_days=upcoming.days_past_due + self.procedure.grace_days,
            after_previous=upcoming.days_after_previous,
        )
        return before.level + int(reached)

    def _event_id(self, group: _Group) -> EventId:
        """One notice per customer, currency, procedure and day, whatever happens in between."""
        names = (*group, self.procedure.name, self.procedure.version, self.as_of.isoformat())
        return EventId(":".join(("notice", *names)))


def _past_levels(
    notices: Iterable[NoticeSent], procedure: DunningProcedure
) -> Mapping[tuple[str, ItemId], _Past]:
    past: dict[tuple[str, ItemId], _Past] = {}
    for notice in notices:
        if notice.procedure != procedure.name:
            continue
        for item in notice.items:
            key = (notice.creditor, item.item)
            before = past.get(key, _Past())
            if item.level > before.level:
                past[key] = _Past(item.level, notice.effective_on)
    return past


def _grouped(items: Iterable[OpenItem]) -> Mapping[_Group, list[OpenItem]]:
    groups: dict[_Group, list[OpenItem]] = {}
    for item in items:
        if item.customer != UNIDENTIFIED:
            groups.setdefault((item.creditor, item.customer, item.currency), []).append(item)
    return groups


def _credits(items: Iterable[OpenItem], noticed: list[NoticedItem]) -> int:
    """The customer's credits, as far as they reach into what is asked for."""
    given = sum(item.open_minor for item in items if item.open_minor < 0)
    asked = sum(item.open_minor for item in noticed)
    return max(given, -asked)


def _skip_reason(notice: NoticeSent, procedure: DunningProcedure) -> SkipReason | None:
    if notice.total_minor <= 0:
        return SkipReason.CREDITS_COVER
    if notice.total_minor < procedure.minimums_minor.get(notice.currency, 0):
        return SkipReason.BELOW_MINIMUM
    return None


def _skipped(notice: NoticeSent, reason: SkipReason) -> Skipped:
    return Skipped(
        creditor=notice.creditor,
        customer=notice.customer,
        currency=notice.currency,
        amount_minor=notice.total_minor,
        reason=reason,
    )
