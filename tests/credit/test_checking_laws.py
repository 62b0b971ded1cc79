"""Laws of credit checks: what more is asked, owed or paid, what releases, what was known."""

from __future__ import annotations

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from receivables.casework import CreditLimit
from receivables.casework.credit import CheckOutcome, CreditRule, LimitScope
from receivables.credit.checking import CreditDesk, ReleaseKind
from receivables.credit.exposure import exposure_from_ledger
from receivables.credit.model import ExposurePolicy
from receivables.credit.policies import CreditPolicy, RuleLevels
from receivables.ledger import Ledger
from receivables.money import from_minor, to_minor
from receivables.testing.builders import recorded

from .check_worlds import (
    CUSTOMERS,
    DAY,
    EARLY,
    NAMES,
    RATES,
    an_item,
    an_order,
    granted,
    paid_on_account,
    pasts,
    policies,
    requests,
    settled,
    worlds,
)

SETTINGS = settings(max_examples=15, deadline=None)
AVERAGES = (CreditRule.DAYS_PAST_DUE, CreditRule.SHARE_PAST_DUE)
"""A share and an average of what is owed: they may fall when more is owed, and rise when some is paid."""


def desk_of(events, policy, **fields):
    """A desk over a ledger of some events."""
    return CreditDesk(
        Ledger.replay(events),
        "MIRA",
        **{"as_of": DAY, "policy": policy, "customers": CUSTOMERS, "rates": RATES, **fields},
    )


def severity(events, policy, request):
    """How bad the outcome of a request is."""
    return desk_of(events, policy).check(request).outcome.severity


@SETTINGS
@given(worlds(currencies=("EUR", "USD")), policies(), requests(), st.integers(1, 10**6))
def test_a_larger_request_never_gets_a_milder_outcome(events, policy, request, more):
    """Whatever else holds, asking for more is never answered more mildly."""
    desk = desk_of(events, policy)
    code = request.amount.currency.code
    larger = attrs.evolve(request, amount=from_minor(to_minor(request.amount) + more, code))

    assert desk.check(larger).outcome.severity >= desk.check(request).outcome.severity


@SETTINGS
@given(
    worlds(),
    policies(without=AVERAGES),
    requests(),
    st.tuples(
        st.sampled_from(NAMES[:3]), st.integers(1, 60_000), st.just("EUR"), st.integers(1, 150)
    ),
)
def test_one_more_overdue_invoice_never_makes_it_milder(events, policy, request, row):
    """An unpaid invoice more, past due, never lowers what a check says."""
    more = [*events, attrs.evolve(an_item(99, *row), recorded_at=recorded(50))]

    assert severity(more, policy, request) >= severity(events, policy, request)


@SETTINGS
@given(worlds(), policies(), requests(), st.integers(1, 60_000))
def test_an_invoice_as_old_as_the_oldest_never_makes_it_milder(events, policy, request, minor):
    """Where shares and averages are looked at too, this holds of what is as old as the oldest."""
    policy = attrs.evolve(policy, counts_disputed=True)
    row = (request.customer, minor, "EUR", 150)
    more = [*events, attrs.evolve(an_item(99, *row), recorded_at=recorded(50))]

    assert severity(more, policy, request) >= severity(events, policy, request)


@SETTINGS
@given(worlds(), policies(without=AVERAGES), requests(), st.data())
def test_paying_never_makes_it_worse(events, policy, request, data):
    """Money on account, or on any item, never makes what a check says worse."""
    ledger = Ledger.replay(events)
    owed = [item for item in ledger.open_items(as_of=DAY) if item.open_minor > 0]
    assume(owed)
    item = data.draw(st.sampled_from(owed))
    minor = data.draw(st.integers(1, item.open_minor))
    on_item = settled(item.item, minor, customer=item.customer, minute=50, name="more")
    on_account = paid_on_account(minor, customer=item.customer, minute=50, name="more")
    before = severity(events, policy, request)

    assert severity([*events, *on_item], policy, request) <= before
    assert severity([*events, on_account], policy, request) <= before


@SETTINGS
@given(worlds(), policies(), requests(), st.data())
def test_paying_the_oldest_first_never_makes_it_worse(events, policy, request, data):
    """Shares and averages do not rise either where the oldest item is what is paid."""
    policy = attrs.evolve(policy, counts_disputed=True)
    ledger = Ledger.replay(events)
    owed = [
        item
        for item in ledger.open_items(as_of=DAY)
        if item.open_minor > 0 and item.customer == request.customer and item.due_date < DAY
    ]
    assume(owed)
    item = min(owed, key=lambda one: one.due_date)
    minor = data.draw(st.integers(1, item.open_minor))
    paid = settled(item.item, minor, customer=item.customer, minute=50, name="more")

    assert severity([*events, *paid], policy, request) <= severity(events, policy, request)


@SETTINGS
@given(worlds(currencies=("EUR", "USD")), policies(), st.lists(requests(), min_size=2, max_size=4))
def test_the_same_question_has_the_same_answer(events, policy, asked):
    """Neither the order of the questions nor what was asked before changes an answer."""
    one, other = desk_of(events, policy), desk_of(events, policy)
    forth = [one.check(request) for request in asked]
    back = [other.check(request) for request in reversed(asked)]

    assert forth == back[::-1] == [one.check(request) for request in asked]


@SETTINGS
@given(pasts(), policies(), requests(), st.data())
def test_a_desk_knows_nothing_that_came_later(events, policy, request, data):
    """A ledger as it was known at a moment says what one says that has nothing else on it."""
    assume(events)
    moment = data.draw(st.sampled_from([event.recorded_at for event in events]))
    day = data.draw(st.sampled_from([event.effective_on for event in events]))
    known = [event for event in events if event.recorded_at <= moment]
    happened = [event for event in known if event.effective_on <= day]
    request = attrs.evolve(request, on=day, due_date=None)
    checks = [
        desk_of(events, policy, as_of=day, known_at=moment).check(request),
        desk_of(known, policy, as_of=day).check(request),
        desk_of(happened, policy, as_of=day).check(request),
    ]

    assert checks[0] == checks[1] == checks[2]


_LIMITS = {
    CreditRule.LIMIT: LimitScope.CUSTOMER,
    CreditRule.GROUP_LIMIT: LimitScope.GROUP,
    CreditRule.COUNTRY_LIMIT: LimitScope.COUNTRY,
}


@SETTINGS
@given(worlds(currencies=("EUR", "USD")), requests(currencies=("EUR",)), st.integers(0, 12))
def test_the_sums_of_a_check_are_the_exposure(events, request, clearing):
    """What a check sets against a limit is the exposure and what is asked, for each kind of holder."""
    exposure = ExposurePolicy(weights={"disputed": 4_000, "credits": 5_000}, clearing_days=clearing)
    rules = {rule: RuleLevels(hold=0) for rule in _LIMITS}
    policy = CreditPolicy(name="all", exposure=exposure, rules=rules)
    ledger = Ledger.replay(events)
    desk = desk_of(events, policy)
    check = desk.check(request)
    own = desk.exposure(request.customer)

    assert check.before_minor == own.total_minor
    for finding in check.findings:
        scope = _LIMITS[finding.rule]
        found = exposure_from_ledger(
            ledger,
            "MIRA",
            as_of=DAY,
            currency="EUR",
            policy=exposure,
            customers=CUSTOMERS,
            by=scope,
            rates=RATES,
        )
        customer = next(one for one in CUSTOMERS if one.customer == request.customer)
        holder = {
            LimitScope.CUSTOMER: customer.customer,
            LimitScope.GROUP: customer.payer_group,
            LimitScope.COUNTRY: customer.country,
        }[scope]
        total = found[holder].total_minor if holder in found else 0
        assert finding.figure >= total
        if finding.currency == "EUR" and own.net_minor >= 0 and scope is not LimitScope.GROUP:
            assert finding.figure == total + to_minor(request.amount)


def outcome_of(check, rule):
    """What one rule says in a check."""
    said = [one.outcome for one in check.findings if one.rule is rule]
    return max(said, key=lambda outcome: outcome.severity, default=CheckOutcome.ALLOW)


def applied(events, request, release, desk):
    """The events and the request once a release was given."""
    amount, code = release.amount_minor, release.currency
    if release.kind is ReleaseKind.SMALLER_REQUEST:
        left = to_minor(request.amount) - amount
        return events, attrs.evolve(request, amount=from_minor(left, code))
    if release.kind is ReleaseKind.PAYMENT:
        paid = paid_on_account(
            amount, customer=request.customer, currency=code, minute=60, name="release"
        )
        return [*events, paid], request
    if release.kind in (ReleaseKind.LIMIT_RAISE, ReleaseKind.SECURITY):
        kind = "temporary" if release.kind is ReleaseKind.LIMIT_RAISE else "guaranteed"
        return [*events, granted(_more(request, release, kind), minute=60, on=EARLY)], request
    return [*events, *_settlement(events, request, release)], request


def _more(request, release, kind):
    customer = next(one for one in CUSTOMERS if one.customer == request.customer)
    holder = {
        CreditRule.GROUP_LIMIT: {"group": customer.payer_group},
        CreditRule.COUNTRY_LIMIT: {"country": customer.country},
    }.get(release.rule, {"customer": request.customer})
    return CreditLimit(limit="more", amount=release.amount, kind=kind, **holder)


def _settlement(events, request, release):
    ledger, left, found = Ledger.replay(events), release.amount_minor, []
    for place, name in enumerate(release.references):
        item = ledger.item("MIRA", name, as_of=DAY)
        minor = min(left, item.open_minor)
        left -= minor
        found += settled(
            name, minor, customer=request.customer, minute=60 + place, name=f"release-{place}"
        )
    return found


_GIVEN = {
    ReleaseKind.SMALLER_REQUEST,
    ReleaseKind.PAYMENT,
    ReleaseKind.LIMIT_RAISE,
    ReleaseKind.SECURITY,
    ReleaseKind.SETTLEMENT,
}
_CHECKED_BY_AMOUNT = {ReleaseKind.SMALLER_REQUEST, ReleaseKind.PAYMENT, ReleaseKind.LIMIT_RAISE}


@settings(max_examples=20, deadline=None)
@given(worlds(), policies(whole=True), requests(currencies=("EUR",)))
def test_a_release_leads_to_the_outcome_that_it_says(events, policy, request):
    """Given what a release asks for, the rule says what the release says, and with less it does not."""
    policy = attrs.evolve(policy, counts_disputed=True)
    desk = desk_of(events, policy)
    for release in desk.check(request).releases:
        if release.kind not in _GIVEN or release.rule is CreditRule.NO_LIMIT:
            continue
        more, asked = applied(events, request, release, desk)
        check = desk_of(more, policy).check(asked)

        assert outcome_of(check, release.rule).severity <= release.outcome.severity
        if release.kind in _CHECKED_BY_AMOUNT and release.amount_minor > 1:
            less = attrs.evolve(release, amount_minor=release.amount_minor - 1)
            more, asked = applied(events, request, less, desk)
            check = desk_of(more, policy).check(asked)
            assert outcome_of(check, release.rule).severity > release.outcome.severity


LIMIT_ONLY = CreditPolicy(
    name="limit", rules={CreditRule.LIMIT: RuleLevels(warn=9_000, hold=10_000, refuse=12_000)}
)


@SETTINGS
@given(st.integers(1, 100_000), st.integers(0, 150_000), st.integers(2, 100_000))
def test_a_release_never_asks_for_more_than_was_asked_for(limit, owed, asked):
    """Within its limit a customer pays, or gets as a limit, no more than it asked for; else than it owes."""
    line = CreditLimit(limit="L-1", customer="C-001", amount=from_minor(limit, "EUR"))
    invoice = [an_item(0, "C-001", owed, "EUR", -10)] if owed else []
    events = [granted(line), *invoice]
    request = an_order(amount=from_minor(asked, "EUR").amount)
    for release in desk_of(events, LIMIT_ONLY).check(request).releases:
        threshold = limit * 9 // 10 if release.outcome is CheckOutcome.ALLOW else limit
        if release.kind is ReleaseKind.SMALLER_REQUEST:
            assert 0 < release.amount_minor < asked
        elif release.kind is ReleaseKind.PAYMENT:
            assert 0 < release.amount_minor <= (asked if owed <= threshold else owed + asked)
        elif release.outcome is CheckOutcome.WARN:
            assert 0 < release.amount_minor <= (asked if owed <= limit else owed + asked)


@SETTINGS
@given(worlds(), policies(), st.lists(requests(), max_size=4, unique_by=lambda one: one.amount))
def test_what_was_reserved_is_not_free_for_another(events, policy, asked):
    """A request that is checked after others were reserved is never answered more mildly."""
    named = [attrs.evolve(request, request=f"SO-{place}") for place, request in enumerate(asked)]
    desk = desk_of(events, policy)
    alone = [desk.check(request) for request in named]
    in_turn = desk.check_in_turn(named)

    for one, other in zip(alone, in_turn, strict=True):
        assert other.outcome.severity >= one.outcome.severity
        assert other.after_minor >= one.after_minor


@SETTINGS
@given(worlds(), policies(), requests())
def test_a_request_that_is_reserved_counts_once(events, policy, request):
    """Checked again, a reserved request is answered as before."""
    desk = desk_of(events, policy)

    assert desk.reserve(request).check(request) == desk.check(request)
    assert desk.reserve(request, request).reserved == (request,)
