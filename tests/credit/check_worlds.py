"""Ledgers, policies and requests for the tests of credit checks and simulations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from receivables.casework import (
    CreditLimit,
    CreditRequest,
    CreditReview,
    CreditSuspension,
    Dispute,
    DisputedPart,
    Insolvency,
    PromiseToPay,
)
from receivables.casework.credit import CheckOutcome, CreditRequestKind, CreditRule
from receivables.credit.checking import CreditDesk
from receivables.credit.model import Commitment, ComponentKind, ExposurePolicy, StackRule
from receivables.credit.policies import (
    SUSPENSION_REASONS,
    CreditPolicy,
    RuleAmounts,
    RuleLevels,
    RuleNames,
)
from receivables.credit.recording import (
    credit_reviewed,
    credit_suspended,
    insolvency_ended,
    insolvency_reported,
    limit_granted,
)
from receivables.currencies import ExchangeRates, MissingDay
from receivables.disputes import dispute_opened
from receivables.ledger import DueDateChanged, Ledger
from receivables.money import ExchangeRate, from_minor, money, to_minor
from receivables.promises import promise_made
from receivables.receipts import ReceiptMethod, ReturnReason
from receivables.testing.builders import (
    a_customer,
    a_notice,
    a_receipt,
    a_return,
    an_allocation,
    an_invoice,
    an_open_item,
    issued,
    received,
    recorded,
)
from receivables.testing.strategies import histories

DAY = dt.date(2026, 10, 31)
EARLY = dt.date(2000, 1, 1)
NAMES = ("C-001", "C-002", "C-003", "C-004")
CUSTOMERS = tuple(
    a_customer(
        name,
        payer_group="Harfang" if place < 2 else "",
        country=("FR", "CA", "FR", "ES")[place],
        segment=("", "small", "", "public")[place],
    )
    for place, name in enumerate(NAMES)
)
RATES = ExchangeRates(
    [
        ExchangeRate(base="EUR", quote="JPY", rate=Decimal("163.27"), date=EARLY),
        ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0887"), date=EARLY),
    ],
    pivot="EUR",
    missing_day=MissingDay.previous(within_days=36_500),
)


def an_order(name="SO-9", *, amount="100.00", currency="EUR", customer="C-001", on=DAY, **fields):
    """A request for an order of a customer."""
    return CreditRequest(
        request=name, customer=customer, amount=money(amount, currency), on=on, **fields
    )


def a_limit(amount="1000.00", *, name="L-1", currency="EUR", **fields):
    """A limit of C-001 unless somebody else is named."""
    holder = fields if {"customer", "group", "country"} & fields.keys() else {"customer": "C-001"}
    return CreditLimit(limit=name, amount=money(amount, currency), **{**fields, **holder})


def granted(limit, *, on=EARLY, minute=0):
    """The event of a limit."""
    return limit_granted(limit, creditor="MIRA", on=on, recorded_at=recorded(minute))


def owing(*amounts, customer="C-001", days=0, first=0):
    """Invoices of a customer that are so many days past due on `DAY`; below zero where not due."""
    due = DAY - dt.timedelta(days=days)
    return [
        issued(
            an_invoice(
                f"F-{first + place}",
                total=amount,
                customer=customer,
                document_date=due - dt.timedelta(days=30),
                due_date=due,
            ),
            minute=1,
        )
        for place, amount in enumerate(amounts)
    ]


def a_policy(rules, **fields):
    """A policy of a few rules, given as a table of a file."""
    return CreditPolicy.from_table({"rules": rules, **fields}, name="house")


def a_desk(*events, policy, **fields):
    """A desk over a ledger of some events, recorded in their order."""
    ledger = Ledger().record(*events)
    return CreditDesk(
        ledger, "MIRA", as_of=DAY, policy=policy, **{"customers": CUSTOMERS, **fields}
    )


@st.composite
def _levels(draw, most, *, least=0, **options):
    """Figures that rise, at least one of them."""
    figures = sorted(draw(st.lists(st.integers(least, most), min_size=1, max_size=3, unique=True)))
    names = sorted(
        draw(st.permutations(["warn", "hold", "refuse"]))[: len(figures)],
        key=["warn", "hold", "refuse"].index,
    )
    return RuleLevels(**dict(zip(names, figures, strict=True)), **options)


@st.composite
def _names(draw, known):
    """Some names on lists, and what is said of the others."""
    lists = {"allow": [], "warn": [], "hold": [], "refuse": []}
    for name in known:
        lists[draw(st.sampled_from(sorted(lists)))].append(name)
    return RuleNames(**lists, outcome=draw(st.sampled_from(CheckOutcome)))


_OPTIONS = {"within_days": st.integers(1, 400)}
_MINIMA = st.dictionaries(st.sampled_from(["EUR", "JPY", "*"]), st.integers(0, 200))


@st.composite
def rule_terms(draw, *, without=()):
    """Terms of some rules, each of them on or off."""
    limit = _levels(15_000, tolerance=draw(_MINIMA))
    within = draw(_OPTIONS["within_days"])
    every = {
        CreditRule.LIMIT: limit,
        CreditRule.GROUP_LIMIT: limit,
        CreditRule.COUNTRY_LIMIT: limit,
        CreditRule.COVER: st.builds(
            RuleAmounts, hold=st.fixed_dictionaries({"*": st.integers(0, 2_000)})
        ),
        CreditRule.OLDEST_ITEM: _levels(90, least=1, minimum=draw(_MINIMA)),
        CreditRule.DAYS_PAST_DUE: _levels(60, least=1, minimum=draw(_MINIMA)),
        CreditRule.SHARE_PAST_DUE: _levels(10_000, minimum=draw(_MINIMA)),
        CreditRule.DUNNING_LEVEL: _levels(4, least=1),
        CreditRule.BROKEN_PROMISE: _levels(3, least=1, within_days=within),
        CreditRule.RETURNED_PAYMENT: _levels(3, least=1, within_days=within),
        CreditRule.REVIEW_EXPIRED: _levels(40, least=-20, missing="warn"),
        CreditRule.INSURANCE_LAPSED: _levels(40, least=-40),
        CreditRule.COUNTRY: _names(["FR", "CA"]),
        CreditRule.RISK_CLASS: _names(["A", "D"]),
        CreditRule.INSOLVENCY: _names(["safeguard"]),
        CreditRule.SUSPENDED: _names(["manual"]),
        CreditRule.NO_LIMIT: st.just(RuleNames(outcome="hold")),
        CreditRule.TERMS: _levels(120),
    }
    return {
        rule: draw(terms)
        for rule, terms in every.items()
        if rule not in without and draw(st.booleans())
    }


@st.composite
def policies(draw, *, without=(), whole=False):
    """Policies of any rules but some, with weights unless all of it counts wholly."""
    weights = st.dictionaries(st.sampled_from(ComponentKind), st.integers(0, 10_000))
    exposure = ExposurePolicy(
        weights={} if whole else draw(weights),
        horizons={} if whole else draw(st.just({}) | st.just({"orders": 30})),
        clearing_days=0 if whole else draw(st.integers(0, 20)),
    )
    return CreditPolicy(
        name="drawn",
        exposure=exposure,
        stack=draw(st.sampled_from(StackRule)),
        rules=draw(rule_terms(without=without)),
        segments={"small": draw(rule_terms(without=without))},
        suspends=draw(st.sets(st.sampled_from(sorted(SUSPENSION_REASONS, key=str)))),
        counts_disputed=draw(st.booleans()),
    )


@st.composite
def requests(draw, name="SO-9", *, on=DAY, currencies=("EUR", "JPY")):
    """Requests of one of the customers."""
    return CreditRequest(
        request=name,
        customer=draw(st.sampled_from(NAMES)),
        amount=from_minor(draw(st.integers(1, 200_000)), draw(st.sampled_from(currencies))),
        on=on,
        kind=draw(st.sampled_from(CreditRequestKind)),
        due_date=draw(st.none() | st.integers(0, 150).map(lambda n: on + dt.timedelta(days=n))),
    )


@st.composite
def limit_events(draw, *, moment):
    """Limits of customers, of their group and of a country, from long ago."""
    holders = [*({"customer": name} for name in NAMES), {"group": "Harfang"}, {"country": "FR"}]
    found = []
    for place, holder in enumerate(holders):
        if draw(st.booleans()):
            amount = from_minor(
                draw(st.integers(0, 150_000)), draw(st.sampled_from(["EUR", "EUR", "JPY"]))
            )
            limit = CreditLimit(
                limit=f"W-{place}",
                amount=amount,
                kind=draw(st.sampled_from(["own", "own", "insured", "temporary"])),
                cover_bps=draw(st.sampled_from([10_000, 9_000])),
                **holder,
            )
            found.append(limit_granted(limit, creditor="MIRA", on=EARLY, recorded_at=moment))
    return found


@st.composite
def pasts(draw, *, max_steps=14):
    """Histories of a ledger with limits from long ago."""
    first = draw(limit_events(moment=dt.datetime(2026, 12, 31, tzinfo=dt.UTC)))
    return (*first, *draw(histories(max_steps=max_steps)))


def settled(item, minor, *, customer, on=DAY, minute=9, currency="EUR", name=None, **fields):
    """The events of money that pays a part of an item, or all of it."""
    receipt = name or f"paid-{item}"
    money_in = a_receipt(
        receipt, amount=from_minor(minor, currency), customer=customer, booking_date=on, **fields
    )
    return [
        received(money_in, minute=minute),
        an_allocation(
            {item: minor, receipt: -minor},
            allocation=f"a-{receipt}",
            currency=currency,
            customers=(customer,),
            effective_on=on,
            minute=minute,
        ),
    ]


def paid_on_account(minor, *, customer, on=DAY, minute=9, currency="EUR", name="paid"):
    """The event of money that is applied to nothing yet."""
    money_in = a_receipt(
        name, amount=from_minor(minor, currency), customer=customer, booking_date=on
    )
    return received(money_in, minute=minute)


@st.composite
def invoices(draw, *, currencies=("EUR",), least=1, most=8):
    """Invoices around `DAY`: customer, minor units, currency and days past due of each."""
    row = st.tuples(
        st.sampled_from(NAMES[:3]),
        st.integers(1, 60_000),
        st.sampled_from(currencies),
        st.integers(-40, 120),
    )
    rows = draw(st.lists(row, min_size=least, max_size=most))
    return [an_item(place, *of_row) for place, of_row in enumerate(rows)]


def an_item(place, customer, minor, currency, days):
    """The event of an invoice that is so many days past due on `DAY`."""
    due = DAY - dt.timedelta(days=days)
    document = an_invoice(
        f"F-{place}",
        total=from_minor(minor, currency),
        customer=customer,
        document_date=min(due, DAY) - dt.timedelta(days=30),
        due_date=due,
    )
    return issued(document, minute=1)


@st.composite
def worlds(draw, *, currencies=("EUR",)):
    """Events of a book around `DAY`: limits, invoices, money, notices, returns, promises, suspensions."""
    owed = draw(invoices(currencies=currencies))
    events = [*draw(limit_events(moment=recorded())), *owed]
    for event in owed:
        document = event.document
        for tell in draw(st.lists(st.sampled_from(_TOLD), max_size=2, unique=True)):
            events += tell(draw, document)
    return sorted(events, key=lambda event: event.recorded_at)


def _paid(draw, document):
    minor = draw(st.integers(1, to_minor(document.total)))
    return settled(
        document.number,
        minor,
        customer=document.customer,
        currency=document.total.currency.code,
        minute=3,
        on=DAY - dt.timedelta(days=draw(st.integers(0, 12))),
        method=draw(st.sampled_from([ReceiptMethod.CREDIT_TRANSFER, ReceiptMethod.CHEQUE])),
    )


def _noticed(_draw, document):
    item = an_open_item(
        document.number,
        amount=document.total,
        currency=document.total.currency.code,
        customer=document.customer,
        document_date=document.document_date,
        due_date=document.due_date,
    )
    return [
        a_notice(
            [item],
            customer=document.customer,
            event=f"notice:{document.number}",
            effective_on=DAY,
            minute=2,
        )
    ]


def _bounced(draw, document):
    name, on = f"b-{document.number}", DAY - dt.timedelta(days=draw(st.integers(0, 40)))
    came = a_receipt(name, amount=document.total, customer=document.customer, booking_date=on)
    reason = draw(st.sampled_from(["insufficient-funds", "account-invalid"]))
    back = a_return(
        name,
        customer=document.customer,
        effective_on=on,
        minute=5,
        reason=ReturnReason(reason),
    )
    return [received(came, minute=4), back]


def _promised(draw, document):
    given = DAY - dt.timedelta(days=draw(st.integers(1, 40)))
    promise = PromiseToPay(
        promise=f"P-{document.number}",
        customer=document.customer,
        amount=document.total,
        due_on=given + dt.timedelta(days=draw(st.integers(0, 40))),
        items=[document.number],
    )
    return [promise_made(promise, creditor="MIRA", on=given, recorded_at=recorded(6))]


def contested(_draw, document):
    """A dispute of a whole invoice, opened on the day before `DAY`."""
    part = DisputedPart(item=document.number, amount=document.total)
    dispute = Dispute(
        dispute=f"D-{document.number}",
        customer=document.customer,
        parts=[part],
        reason="price",
        owner="sales",
    )
    return [
        dispute_opened(
            dispute, creditor="MIRA", on=DAY - dt.timedelta(days=1), recorded_at=recorded(7)
        )
    ]


def _suspended(draw, document):
    suspension = CreditSuspension(
        suspension=f"S-{document.number}",
        customer=document.customer,
        reason="manual",
        until=draw(st.none() | st.just(DAY) | st.just(DAY - dt.timedelta(days=1))),
        by="J. Roy",
    )
    on = DAY - dt.timedelta(days=2)
    return [credit_suspended(suspension, creditor="MIRA", on=on, recorded_at=recorded(8))]


def _reviewed(draw, document):
    review = CreditReview(
        review=f"V-{document.number}",
        customer=document.customer,
        action="keep",
        risk_class=draw(st.sampled_from(["", "A", "D"])),
        next_on=draw(st.none() | st.integers(-30, 30).map(lambda n: DAY + dt.timedelta(days=n))),
    )
    on = DAY - dt.timedelta(days=draw(st.integers(0, 9)))
    return [credit_reviewed(review, creditor="MIRA", on=on, recorded_at=recorded(8))]


def _insolvent(draw, document):
    name = f"I-{document.number}"
    opened = Insolvency(
        insolvency=name, customer=document.customer, kind="safeguard", opened_on=EARLY
    )
    told = {"creditor": "MIRA", "on": DAY - dt.timedelta(days=3), "recorded_at": recorded(8)}
    ended = [insolvency_ended(opened, **told)] if draw(st.booleans()) else []
    return [insolvency_reported(opened, **told), *ended]


def _postponed(draw, document):
    due = DAY - dt.timedelta(days=draw(st.integers(-30, 90)))
    return [
        DueDateChanged(
            event=f"due:{document.number}",
            effective_on=DAY - dt.timedelta(days=1),
            recorded_at=recorded(8),
            creditor="MIRA",
            customer=document.customer,
            item=document.number,
            due_date=due,
        )
    ]


_TOLD = (
    *(_paid, _noticed, _bounced, _promised, contested),
    *(_suspended, _reviewed, _insolvent, _postponed),
)


@st.composite
def commitments(draw):
    """Orders, deliveries and bills around `DAY`, of any customer."""
    near = st.none() | st.integers(-20, 60).map(lambda n: DAY + dt.timedelta(days=n))
    return [
        Commitment(
            commitment=f"SO-{place}",
            customer=draw(st.sampled_from(NAMES)),
            kind=draw(st.sampled_from(["orders", "deliveries", "bills"])),
            amount=from_minor(draw(st.integers(1, 40_000)), "EUR"),
            since=draw(near),
            until=draw(near),
            expected_on=draw(near),
        )
        for place in range(draw(st.integers(0, 3)))
    ]
