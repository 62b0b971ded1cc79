"""From proposed to released: a person looks at a run, takes things out, and lets the rest go.

Whatever is taken out is not lost: it is skipped, with the reason and who said so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

import attrs

from receivables.documents.model import DebitNote, ItemId
from receivables.dunning._desk import Desk, Group, Outcome
from receivables.dunning.model import DunningRun, ReferralProposal, RunState, Skipped, SkipReason
from receivables.errors import DocumentError
from receivables.ledger.model import DocumentIssued, Event, EventId, NoticeSent

__all__ = ["RunExclusion", "release", "review"]

_Owned = TypeVar("_Owned", NoticeSent, Skipped, ReferralProposal)


def _event_id(value: str) -> EventId:
    return EventId(value)


@attrs.frozen(kw_only=True)
class RunExclusion:
    """A notice, or one of its items, that a person takes out of a run, and why.

    Without an item the whole notice is left out.  Raises `DocumentError` without a reason.
    """

    notice: EventId = attrs.field(converter=_event_id)
    reason: str = attrs.field()
    item: ItemId = attrs.field(default=ItemId(""), converter=ItemId)

    @reason.validator
    def _check_reason(self, _attribute: object, value: str) -> None:
        if not value.strip():
            msg = f"reason must say why {self.item or self.notice} is left out, got none"
            raise DocumentError(msg)


def review(
    run: DunningRun,
    exclusions: Iterable[RunExclusion] = (),
    *,
    by: str,
    fingerprint: str | None = None,
) -> DunningRun:
    """The run as a person approves it: what is not excluded may go out.

    A customer from whom an item is excluded is proposed anew without it: the level, the letter, the
    credits and the charges of the notice follow.  `fingerprint` is that of the run which was looked
    at, where this one was proposed again since.  Raises `DocumentError` where the two differ, so
    that nobody approves what nobody saw, for an exclusion that names nothing in the run, and without
    a name.
    """
    if not by.strip():
        msg = "by must name who reviewed the run, got nobody"
        raise DocumentError(msg)
    if fingerprint is not None and fingerprint != run.fingerprint:
        msg = f"fingerprint must be that of {run.run}, because the books have changed since the run was looked at, got {fingerprint[:16]}"
        raise DocumentError(msg)
    found = list(exclusions)
    by_id = {notice.event: notice for notice in run.notices}
    for one in found:
        _check(one, by_id.get(one.notice))
    _check_once(found)
    without = _without_items(run, [one for one in found if one.item], by_id, by=by)
    without = _without_notices(
        without, {one.notice: one.reason for one in found if not one.item}, by=by
    )
    return attrs.evolve(without, state=RunState.REVIEWED, reviewed_by=by)


def _check(exclusion: RunExclusion, notice: NoticeSent | None) -> None:
    if notice is None:
        msg = f"notice must be one of the run, got {exclusion.notice!r}"
        raise DocumentError(msg)
    if exclusion.item and exclusion.item not in {item.item for item in notice.items}:
        msg = f"item must be one of notice {notice.event}, got {exclusion.item!r}"
        raise DocumentError(msg)
    if exclusion.item in notice.charges:
        msg = f"item must not be a charge that comes with the notice, got {exclusion.item!r}; exclude what it is charged on"
        raise DocumentError(msg)


def _check_once(exclusions: Sequence[RunExclusion]) -> None:
    whole = {one.notice for one in exclusions if not one.item}
    for one in exclusions:
        if one.item and one.notice in whole:
            msg = f"notice {one.notice} must be left out as a whole or by its items, got both"
            raise DocumentError(msg)


def _without_items(
    run: DunningRun,
    exclusions: Sequence[RunExclusion],
    by_id: dict[EventId, NoticeSent],
    *,
    by: str,
) -> DunningRun:
    """The run with the customers of some items proposed anew, the others as they were."""
    if not exclusions:
        return run
    desk = cast("Desk", run._desk)  # noqa: SLF001  # a part of the same topic
    excluded = dict(desk.excluded)
    touched: set[Group] = set()
    for one in exclusions:
        notice = by_id[one.notice]
        excluded[notice.creditor, one.item] = _said(one.reason, by)
        touched.add((notice.creditor, notice.customer, notice.currency))
    anew = attrs.evolve(desk, excluded=excluded)
    out = Outcome()
    for group in sorted(touched):
        anew.handle(group, out)
    return _merged(run, out, touched, anew)


def _merged(run: DunningRun, out: Outcome, touched: set[Group], desk: Desk) -> DunningRun:
    before = [
        notice
        for notice in run.notices
        if (notice.creditor, notice.customer, notice.currency) in touched
    ]
    gone = {notice.event for notice in before}
    return attrs.evolve(
        run,
        notices=sorted((*_others(run.notices, touched), *out.notices), key=_place),
        documents=(
            *_without_charges(run.documents, before),
            *out.documents,
        ),
        skipped=(*_others(run.skipped, touched), *out.skipped),
        referrals=(*_others(run.referrals, touched), *out.referrals),
        not_charged=(
            *(one for one in run.not_charged if one.notice not in gone),
            *out.not_charged,
        ),
        desk=desk,
    )


def _without_charges(
    documents: Iterable[DebitNote], notices: Iterable[NoticeSent]
) -> tuple[DebitNote, ...]:
    """The documents but for the charges of some notices; two creditors may give one number."""
    dropped = {(notice.creditor, number) for notice in notices for number in notice.charges}
    return tuple(one for one in documents if (one.creditor, one.number) not in dropped)


def _place(notice: NoticeSent) -> tuple[str, str, str]:
    return (notice.creditor, notice.customer, notice.currency)


def _others(values: Iterable[_Owned], touched: set[Group]) -> tuple[_Owned, ...]:
    """What belongs to the customers that are left as they were."""
    return tuple(one for one in values if (one.creditor, one.customer, one.currency) not in touched)


def _without_notices(run: DunningRun, reasons: dict[EventId, str], *, by: str) -> DunningRun:
    out = [notice for notice in run.notices if notice.event in reasons]
    if not out:
        return run
    return attrs.evolve(
        run,
        notices=[notice for notice in run.notices if notice.event not in reasons],
        documents=_without_charges(run.documents, out),
        skipped=(
            *run.skipped,
            *(_excluded(notice, _said(reasons[notice.event], by)) for notice in out),
        ),
        not_charged=[one for one in run.not_charged if one.notice not in reasons],
    )


def _said(reason: str, by: str) -> str:
    return f"{reason} ({by})"


def _excluded(notice: NoticeSent, note: str) -> Skipped:
    new = set(notice.charges)
    return Skipped(
        creditor=notice.creditor,
        customer=notice.customer,
        currency=notice.currency,
        amount_minor=notice.total_minor,
        reason=SkipReason.EXCLUDED,
        items=[item.item for item in notice.items if item.item not in new],
        level=notice.level,
        document=notice.document,
        reference=notice.event,
        note=note,
    )


def release(run: DunningRun, *, recorded_at: dt.datetime, by: str = "") -> tuple[Event, ...]:
    """The events of a reviewed run, in the order in which they are recorded, all or none.

    The documents of the charges come first, because the notices list them.  Each notice carries the
    name of the run and of whoever released it (`by`; who reviewed it, where it is empty).  Recording
    them twice changes nothing.  Raises `DocumentError` for a run that nobody has reviewed.
    """
    if run.state is not RunState.REVIEWED:
        msg = f"run must be reviewed before it is released, got one that is {run.state.value}"
        raise DocumentError(msg)
    name = run.run
    issued = [DocumentIssued.of(one, recorded_at=recorded_at) for one in run.documents]
    sent = [
        attrs.evolve(notice, run=name, released_by=by or run.reviewed_by, recorded_at=recorded_at)
        for notice in run.notices
    ]
    return (*issued, *sent)
