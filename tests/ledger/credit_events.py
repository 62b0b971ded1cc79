"""Strategies for the values of credit and losses, and their events."""

from __future__ import annotations

from hypothesis import strategies as st

from receivables import casework as cw
from receivables.ledger import credit as ev
from receivables.money import from_minor

from .case_events import amounts, creditors, currencies, days, items, maybe, minors, moments, names
from .case_events import texts as _texts

_bps = st.integers(0, 10_000)
_maybe_amount = st.none() | amounts
_references = st.lists(_texts, max_size=3).map(tuple)


@st.composite
def _collaterals(draw):
    currency = draw(currencies)
    return cw.Collateral(
        kind=draw(st.sampled_from(cw.CollateralKind)),
        value=from_minor(draw(minors), currency),
        rank=draw(st.integers(1, 9)),
        prior=draw(st.none() | minors.map(lambda minor: from_minor(minor, currency))),
        haircut_bps=draw(_bps),
        valued_on=draw(maybe),
        provider=draw(_texts),
        reference=draw(_texts),
    )


@st.composite
def _limits(draw):
    kind = draw(st.sampled_from(cw.LimitKind))
    first, last = sorted((draw(days), draw(days)))
    secured = kind is cw.LimitKind.COLLATERAL
    return cw.CreditLimit(
        **{draw(st.sampled_from(["customer", "group", "country"])): draw(names)},
        limit=draw(names),
        amount=draw(amounts),
        kind=kind,
        since=draw(st.none() | st.just(first)),
        until=draw(st.none() | st.just(last)),
        cover_bps=draw(st.integers(1, 10_000)),
        policy=draw(_texts),
        collateral=draw(_collaterals()) if secured else None,
        reference=draw(_texts),
        by=draw(_texts),
        reason=draw(_texts),
    )


_suspensions = st.builds(
    cw.CreditSuspension,
    suspension=names,
    customer=names,
    reason=st.sampled_from(cw.SuspensionReason),
    until=maybe,
    rule=_texts,
    reference=_texts,
    by=_texts,
    note=_texts,
)
_requests = st.builds(
    cw.CreditRequest,
    request=names,
    customer=names,
    amount=amounts,
    on=days,
    kind=st.sampled_from(cw.CreditRequestKind),
    due_date=maybe,
    releases=_references,
    by=_texts,
)
_findings = st.builds(
    cw.CreditFinding,
    rule=st.sampled_from(cw.CreditRule),
    outcome=st.sampled_from(cw.CheckOutcome),
    figure=st.integers(-(10**12), 10**12),
    threshold=st.integers(-(10**12), 10**12),
    unit=st.sampled_from(["minor", "days", "bps", "count", "level"]),
    currency=_texts,
    pushed_over=_texts,
    references=_references,
    note=_texts,
)
_decisions = st.builds(
    cw.CreditDecision,
    decision=names,
    request=_requests,
    outcome=st.sampled_from(cw.CheckOutcome),
    findings=st.lists(_findings, max_size=2).map(tuple),
    policy=_texts,
    until=maybe,
    by=names,
    reason=names,
)
_reviews = st.builds(
    cw.CreditReview,
    review=names,
    customer=names,
    action=st.sampled_from(cw.ReviewAction),
    risk_class=_texts,
    score=st.none() | st.integers(-1_000, 1_000),
    scorecard=_texts,
    limit=_maybe_amount,
    recommended=_maybe_amount,
    next_on=maybe,
    by=_texts,
    reason=_texts,
)
_scores = st.builds(
    cw.ExternalScore,
    score=names,
    customer=names,
    source=names,
    value=names,
    points=st.none() | st.integers(-1_000, 1_000),
    rated_on=days,
    valid_until=maybe,
    limit=_maybe_amount,
    note=_texts,
)
_figures = st.none() | st.integers(-(10**12), 10**12)
_financials = st.builds(
    cw.FinancialStatement,
    financials=names,
    customer=names,
    currency=currencies,
    period_end=days,
    months=st.integers(1, 24),
    unit=st.sampled_from([1, 1_000, 1_000_000]),
    is_audited=st.booleans(),
    is_consolidated=st.booleans(),
    source=_texts,
    **dict.fromkeys(cw.FIGURES, _figures),
)
_insolvencies = st.builds(
    cw.Insolvency,
    insolvency=names,
    customer=names,
    kind=st.sampled_from(cw.InsolvencyKind),
    opened_on=days,
    court=_texts,
    administrator=_texts,
    file_claim_by=maybe,
    claim_filed_on=maybe,
    reference=_texts,
    note=_texts,
)
_notices = st.builds(
    cw.InsurerNotice,
    insurer_notice=names,
    customer=names,
    policy=names,
    kind=st.sampled_from(cw.InsurerNoticeKind),
    items=items,
    reference=_texts,
    by=_texts,
    note=_texts,
)
_specifics = st.builds(
    cw.SpecificAllowance,
    specific=names,
    customer=names,
    rate_bps=_bps,
    reason=st.sampled_from(cw.AllowanceReason),
    items=items,
    expected_on=maybe,
    by=_texts,
    note=_texts,
)
_write_offs = st.builds(
    cw.WriteOffRequest,
    write_off=names,
    customer=names,
    parts=st.lists(
        st.builds(cw.WrittenOffPart, item=names, amount=amounts),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one.item,
    ),
    reason=st.sampled_from(cw.WriteOffReason),
    efforts=_references,
    proof=_texts,
    policy=_texts,
    by=_texts,
    note=_texts,
)
_opened = {"event": names, "effective_on": days, "recorded_at": moments, "creditor": creditors}
_later = {**_opened, "customer": names}
_said = {"reason": _texts, "by": _texts}

CREDIT_EVENTS = {
    ev.LimitGranted: st.builds(ev.LimitGranted, **_opened, limit=_limits()),
    ev.LimitEnded: st.builds(ev.LimitEnded, **_later, limit=names, **_said),
    ev.CreditSuspended: st.builds(ev.CreditSuspended, **_opened, suspension=_suspensions),
    ev.CreditReinstated: st.builds(ev.CreditReinstated, **_later, suspension=names, **_said),
    ev.CreditChecked: st.builds(ev.CreditChecked, **_opened, decision=_decisions),
    ev.CreditReleased: st.builds(ev.CreditReleased, **_later, decision=names, until=maybe, **_said),
    ev.CreditReviewed: st.builds(ev.CreditReviewed, **_opened, review=_reviews),
    ev.ScoreReceived: st.builds(ev.ScoreReceived, **_opened, score=_scores),
    ev.ScoreWithdrawn: st.builds(ev.ScoreWithdrawn, **_later, score=names, reason=_texts),
    ev.FinancialsReceived: st.builds(ev.FinancialsReceived, **_opened, financials=_financials),
    ev.FinancialsWithdrawn: st.builds(
        ev.FinancialsWithdrawn, **_later, financials=names, reason=_texts
    ),
    ev.InsolvencyReported: st.builds(ev.InsolvencyReported, **_opened, insolvency=_insolvencies),
    ev.InsolvencyEnded: st.builds(
        ev.InsolvencyEnded, **_later, insolvency=names, reason=_texts, irrecoverable_on=maybe
    ),
    ev.InsurerNotified: st.builds(ev.InsurerNotified, **_opened, insurer_notice=_notices),
    ev.SpecificAllowanceSet: st.builds(ev.SpecificAllowanceSet, **_opened, specific=_specifics),
    ev.SpecificAllowanceEnded: st.builds(
        ev.SpecificAllowanceEnded, **_later, specific=names, **_said
    ),
    ev.WriteOffRequested: st.builds(ev.WriteOffRequested, **_opened, write_off=_write_offs),
    ev.WriteOffDecided: st.builds(
        ev.WriteOffDecided,
        **_later,
        write_off=names,
        outcome=st.sampled_from(cw.WriteOffOutcome),
        **_said,
    ),
}
