"""Strategies for the values of cases and their events."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from receivables import casework as cw
from receivables.ledger import casework as ev
from receivables.money import from_minor
from receivables.parties import Channel

texts = st.text(max_size=12)
names = st.text(min_size=1, max_size=12)
creditors = names.filter(lambda text: "|" not in text)
days = st.dates()
moments = st.datetimes().map(lambda moment: moment.replace(tzinfo=dt.UTC, fold=0))
currencies = st.sampled_from(["EUR", "JPY", "KWD", "CAD", "MXN"])
minors = st.integers(min_value=1, max_value=10**12)
amounts = st.builds(from_minor, minors, currencies)
maybe = st.none() | days
items = st.lists(names, max_size=3).map(tuple)


@st.composite
def _plans(draw):
    currency = draw(currencies)
    due = sorted(draw(st.sets(days, min_size=1, max_size=3)))
    return cw.PaymentPlan(
        plan=draw(names),
        customer=draw(names),
        items=draw(st.lists(names, min_size=1, max_size=3, unique=True)),
        installments=[
            cw.PlanInstallment(
                due_on=day,
                principal=from_minor(draw(minors), currency),
                interest=from_minor(draw(st.integers(0, 10**6)), currency),
            )
            for day in due
        ],
        accept_by=draw(maybe),
        break_clause=cw.BreakClause(
            missed_installments=draw(st.integers(1, 9)), grace_days=draw(st.integers(0, 90))
        ),
        pauses_referral=draw(st.booleans()),
        rate_bps=draw(st.integers(0, 5_000)),
        by=draw(texts),
        note=draw(texts),
    )


def _parts(least):
    part = st.builds(cw.DisputedPart, item=names, amount=amounts)
    parts = st.lists(part, min_size=least, max_size=3, unique_by=lambda one: one.item)
    return parts.map(tuple)


_disputes = st.builds(
    cw.Dispute,
    dispute=names,
    customer=names,
    parts=_parts(1),
    reason=st.sampled_from(cw.DisputeReason),
    owner=st.sampled_from(cw.DisputeOwner),
    answer_by=maybe,
    is_deduction=st.booleans(),
    assignee=texts,
    escalated_to=texts,
    contact=texts,
    reference=texts,
    note=texts,
)
_notes = st.builds(
    cw.ContactNote,
    contact=names,
    customer=names,
    channel=st.sampled_from(Channel),
    outcome=st.sampled_from(cw.ContactOutcome),
    direction=st.sampled_from(cw.Direction),
    actor=st.sampled_from(cw.Actor),
    local_time=st.sampled_from(["", "00:00", "08:05", "23:59"]),
    items=items,
    person=texts,
    by=texts,
    said=texts,
    reason=st.none() | st.sampled_from(cw.NonPaymentReason),
    next_action=texts,
    next_on=days,
    wishes=st.lists(st.sampled_from(cw.ContactWish), max_size=2).map(tuple),
    consent_until=days,
)
_referrals = st.builds(
    cw.Referral,
    referral=names,
    customer=names,
    kind=st.sampled_from(cw.ReferralKind),
    to=names,
    items=st.lists(
        st.builds(cw.ReferredItem, item=names, amount=amounts),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one.item,
    ),
    mandate=texts,
    by=texts,
    note=texts,
)
_blocks = st.builds(
    cw.DunningBlock,
    block=names,
    customer=names,
    reason=st.sampled_from(cw.BlockReason),
    items=items,
    until=maybe,
    note=texts,
    by=texts,
)
_promises = st.builds(
    cw.PromiseToPay,
    promise=names,
    customer=names,
    amount=amounts,
    due_on=days,
    items=items,
    contact=texts,
    by=texts,
    note=texts,
)
_requests = st.builds(
    cw.CustomerRequest,
    request=names,
    customer=names,
    kind=st.sampled_from(cw.RequestKind),
    items=items,
    answer_by=maybe,
    channel=st.none() | st.sampled_from(Channel),
    contact=texts,
    by=texts,
    note=texts,
)
_opened = {"event": names, "effective_on": days, "recorded_at": moments, "creditor": creditors}
_later = {**_opened, "customer": names}

CASE_EVENTS = {
    ev.DunningBlocked: st.builds(ev.DunningBlocked, **_opened, block=_blocks),
    ev.DunningUnblocked: st.builds(ev.DunningUnblocked, **_later, block=names, reason=texts),
    ev.PromiseMade: st.builds(ev.PromiseMade, **_opened, promise=_promises),
    ev.PromiseWithdrawn: st.builds(ev.PromiseWithdrawn, **_later, promise=names, reason=texts),
    ev.PlanOffered: st.builds(ev.PlanOffered, **_opened, plan=_plans()),
    ev.PlanAccepted: st.builds(ev.PlanAccepted, **_later, plan=names, contact=texts, proof=texts),
    ev.PlanEnded: st.builds(
        ev.PlanEnded, **_later, plan=names, end=st.sampled_from(cw.PlanEnd), reason=texts
    ),
    ev.DisputeOpened: st.builds(ev.DisputeOpened, **_opened, dispute=_disputes),
    ev.DisputeUpdated: st.builds(ev.DisputeUpdated, **_opened, dispute=_disputes, reason=texts),
    ev.DisputeResolved: st.builds(
        ev.DisputeResolved,
        **_later,
        dispute=names,
        outcome=st.sampled_from(cw.DisputeOutcome),
        accepted=_parts(0),
        credit_note=texts,
        reason=texts,
        by=texts,
    ),
    ev.ContactLogged: st.builds(ev.ContactLogged, **_opened, contact=_notes),
    ev.ContactWithdrawn: st.builds(ev.ContactWithdrawn, **_later, contact=names, reason=texts),
    ev.RequestReceived: st.builds(ev.RequestReceived, **_opened, request=_requests),
    ev.RequestAnswered: st.builds(
        ev.RequestAnswered,
        **_later,
        request=names,
        outcome=st.sampled_from(cw.RequestOutcome),
        reason=texts,
        by=texts,
    ),
    ev.Referred: st.builds(ev.Referred, **_opened, referral=_referrals),
    ev.ReferralReported: st.builds(
        ev.ReferralReported,
        **_later,
        referral=names,
        recovered=st.none() | amounts,
        fee=st.none() | amounts,
        receipt=texts,
        note=texts,
    ),
    ev.ReferralEnded: st.builds(
        ev.ReferralEnded,
        **_later,
        referral=names,
        end=st.sampled_from(cw.ReferralEnd),
        reason=texts,
    ),
    ev.DeliveryReported: st.builds(
        ev.DeliveryReported,
        **_later,
        delivery=names,
        channel=st.sampled_from(Channel),
        status=st.sampled_from(ev.DeliveryStatus),
        proof=texts,
        address=texts,
    ),
}
