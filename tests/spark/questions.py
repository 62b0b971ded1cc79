"""Every column function of the library, as a question to frames that may be of any kind.

`QUESTIONS` is what the tests loop over: a name, the tables of the worlds, and the call.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from receivables.aging import AgeBasis, AgingScheme, Credits, Undated
from receivables.aging.columns import aged, aging
from receivables.allowance import AllowanceBase, ProvisionMatrix
from receivables.allowance.columns import provision
from receivables.collection.columns import priority
from receivables.credit.columns import exposures, limit_usage
from receivables.credit.concentration_columns import concentration, stress_loss
from receivables.credit.model import ExposurePolicy
from receivables.credit.recommendation_columns import recommended_limits, risk_classes
from receivables.currencies import ExchangeRates
from receivables.currencies.columns import revalue
from receivables.disputes import DisputePolicy, EscalationStep
from receivables.disputes.columns import deadlines, with_disputed
from receivables.dunning.columns import levels, notices
from receivables.dunning.model import STANDARD
from receivables.forecast.cash_columns import cash_by_period
from receivables.forecast.columns import payment_forecasts
from receivables.interest import InterestPolicy, RateTable, jurisdiction, load_rates
from receivables.interest.columns import interest
from receivables.ledger.columns import balances
from receivables.measures.columns import measures
from receivables.measures.rolling_columns import roll_rates
from receivables.measures.vintage_columns import paid_vintages
from receivables.money import ExchangeRate, Rounding, money
from receivables.promises import PromisePolicy
from receivables.promises.columns import promise_states
from receivables.scoring.columns import payment_figures
from receivables.scoring.failure_columns import failure_scores, failure_scores_of_ratios
from receivables.scoring.failure_models import MODELS
from receivables.scoring.scorecard_columns import points
from receivables.scoring.scorecards import Bin, Characteristic, Scorecard
from receivables.terms import parse_terms
from receivables.terms.columns import due_dates
from receivables.writeoffs import SmallBalancePolicy
from receivables.writeoffs.columns import due_again, relief, small

from .worlds import AS_OF, many_items, many_moves

ITEMS = many_items()
UNDATED = many_items(undated=True, seed=3)
MOVES = many_moves(ITEMS)
KNOWN_AT = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
_LUCK = random.Random(5)  # noqa: S311  # no secret
_COUNT = len(ITEMS["item"])


def _of(count, *choices):
    return [_LUCK.choice(choices) for _ in range(count)]


def _numbers(count, least, most, *, gaps=False):
    return [
        None if gaps and index % 6 == 0 else _LUCK.randint(least, most) for index in range(count)
    ]


def _days(count, least, most, *, gaps=False):
    return [
        None if days is None else AS_OF - dt.timedelta(days=days)
        for days in _numbers(count, least, most, gaps=gaps)
    ]


def _picked(*names, **more):
    return {**{name: ITEMS[name] for name in names}, **more}


_RATES = load_rates(
    "series,valid_from,valid_to,rate_percent,status,source\n"
    "ecb.mro,2025-01-01,2026-02-28,2.15,verified,a test\n"
    "ecb.mro,2026-03-01,2026-12-31,2.40,verified,a test\n",
    name="rates.csv",
)
_FRENCH = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable(_RATES))
_MATRIX = ProvisionMatrix(
    name="house",
    version="1",
    scheme=AgingScheme(30, 60, 90),
    segments={"": ["0", "2 %", "1/7", "25 %", "999998/999999"]},
    covered_rate="1 %",
    base=AllowanceBase.NET_OF_TAX,
    rounding=Rounding.HALF_EVEN,
)
_COVERED = {
    customer: (_LUCK.randint(0, 10**6), _LUCK.randint(0, 10_000)) for customer in ITEMS["customer"]
}
_ALLOWED = _picked(
    "creditor",
    "customer",
    "currency",
    "open_minor",
    "due_date",
    specific=_of(_COUNT, "", "", "A-1"),
    specific_bps=[0] * _COUNT,
    covered_minor=[_COVERED[customer][0] for customer in ITEMS["customer"]],
    cover_bps=[_COVERED[customer][1] for customer in ITEMS["customer"]],
    contested_minor=_numbers(_COUNT, 0, 50_000, gaps=True),
    tax_minor=[max(minor, 0) // 6 for minor in ITEMS["open_minor"]],
)
_CASES = {
    "customer": [f"C-{index}" for index in range(60)],
    "currency": _of(60, "EUR", "USD"),
    "overdue_minor": _numbers(60, 0, 10**9, gaps=True),
    "oldest_days": _numbers(60, -5, 400),
    "deadline_days": _numbers(60, -20, 20, gaps=True),
    "stake_minor": _numbers(60, 0, 10**15, gaps=True),
    "risk": _of(60, "high", "high", None),
    "broken_promises": _numbers(60, 0, 5),
}
_PROMISES = {
    "currency": _of(60, "EUR", "JPY"),
    "amount_minor": _numbers(60, 1, 10**15),
    "open_minor": _of(60, 0, 1, 500, 10**14),
    "due_date": _days(60, -20, 20),
}
_DISPUTES = {
    "creditor": ITEMS["creditor"][::3],
    "item": ITEMS["item"][::3],
    "contested_minor": _numbers(len(ITEMS["item"][::3]), 1, 10**6),
    "opened_on": _days(len(ITEMS["item"][::3]), 0, 60),
    "answer_by": _days(len(ITEMS["item"][::3]), -20, 40),
    "owner": _of(len(ITEMS["item"][::3]), "sales", "credit"),
}
_ESCALATION = DisputePolicy(
    escalation=[
        EscalationStep(after_days=3, to="head", owner="sales"),
        EscalationStep(after_days=10, to="board"),
    ]
)
_WRITTEN = {
    "written_off_minor": _numbers(60, 0, 10**14),
    "recovered_minor": _numbers(60, 0, 10**14),
    "amount_minor": _numbers(60, 10**14, 10**15),
    "tax_minor": _numbers(60, 0, 10**15),
    "claimed_minor": _numbers(60, 0, 10**13),
}
_SMALL = SmallBalancePolicy(
    items=[money("500.00", "EUR"), money("20000", "JPY")], min_days=60, sides=["debit", "credit"]
)
_FX = ExchangeRates(
    ExchangeRate(base="EUR", quote=quote, rate=Decimal(rate), date=AS_OF, source="a test")
    for quote, rate in (("USD", "1.0837"), ("JPY", "163.271828182845"))
)
_CARRIED = _picked(
    "currency",
    "open_minor",
    carrying_minor=[
        minor if code == "EUR" else minor // 2
        for code, minor in zip(ITEMS["currency"], ITEMS["open_minor"], strict=True)
    ],
)
_EXPOSED = _picked(
    "creditor",
    "customer",
    "currency",
    "open_minor",
    kind=_of(_COUNT, "invoice", "credit-note", "unapplied-cash", "uncleared-cash", "orders"),
    disputed_minor=_numbers(_COUNT, 0, 20_000),
    expected_on=_days(_COUNT, -90, 10, gaps=True),
)
_EXPOSURE = ExposurePolicy(weights={"orders": 3_333}, horizons={"orders": 30})
_LIMITED = {
    "total_minor": _numbers(60, 0, 10**15),
    "insured_minor": _numbers(60, 0, 10**12),
    "insured_cover_bps": _numbers(60, 0, 10_000),
    "own_minor": _numbers(60, 0, 10**15),
    "temporary_minor": _of(60, 0, 5_000),
}
_FIGURES = {
    "customer": [f"C-{index}" for index in range(60)],
    "currency": _of(60, "EUR", "JPY"),
    "points": _numbers(60, 300, 850, gaps=True),
    "tangible_net_worth_minor": _numbers(60, -(10**9), 10**15, gaps=True),
    "sales_minor": _numbers(60, 0, 10**15, gaps=True),
    "purchases_minor": _numbers(60, 0, 10**12, gaps=True),
    "delay_days": _numbers(60, -10, 90, gaps=True),
    "cover_bps": _numbers(60, 0, 10_000),
}
_STRESSED = {
    "exposure_minor": _numbers(60, 0, 10**15),
    "deposit_minor": _numbers(60, 0, 10**12),
    "insured_minor": _numbers(60, 0, 10**15),
    "insured_bps": _numbers(60, 0, 10_000),
}
_TERMED = _picked(
    "document_date",
    terms=_of(_COUNT, "T1", "T2", "T3"),
    amount_minor=[abs(minor) for minor in ITEMS["amount_minor"]],
)
_TERMS = {
    "T1": parse_terms("2/10 net 30"),
    "T2": parse_terms("45 end of month"),
    "T3": parse_terms("3/8 2/14 net 60"),
}
_PAID = _picked(
    "customer",
    "currency",
    amount_minor=_numbers(_COUNT, -500, 10**9),
    due_date=_days(_COUNT, -30, 500, gaps=True),
    paid_on=_days(_COUNT, -10, 400, gaps=True),
)
_CARD = Scorecard(
    name="card",
    characteristics=[
        Characteristic(
            name="home",
            bins=[
                Bin(kind="group", categories=["own"], points=12),
                Bin(kind="group", categories=["rent", "free"], points=-8),
                Bin(kind="other", points=-3),
                Bin(kind="missing", points=-5),
            ],
        ),
        Characteristic(
            name="debt",
            column="owed",
            over="earned",
            bins=[
                Bin(kind="interval", upper="0.3333", points=20),
                Bin(kind="interval", lower="0.3333", upper="2.5", points=3),
                Bin(kind="interval", lower="2.5", points=-30),
                Bin(kind="undefined", points=-7),
                Bin(kind="missing", points=-9),
            ],
        ),
    ],
    base_points=500,
)
_APPLICANTS = {
    "home": _of(60, "own", "rent", "tent", None),
    "owed": _numbers(60, 0, 10_000, gaps=True),
    "earned": _of(60, 0, 100, 3_000, 9_999, None),
}
_STATEMENTS = {
    "total_assets": _numbers(40, 1_000, 10**14),
    "working_capital": _numbers(40, -(10**12), 10**14, gaps=True),
    "retained_earnings": _numbers(40, -(10**12), 10**14),
    "ebit": _numbers(40, -(10**12), 10**13),
    "equity": _numbers(40, 1, 10**14),
}
_RATIOS = {
    "working_capital_to_assets": _numbers(40, -50, 100, gaps=True),
    "ebit_to_assets": _numbers(40, -50, 100),
    "pretax_income_to_current_liabilities": _numbers(40, -90, 200),
    "sales_to_assets": _numbers(40, 0, 900),
}

_OPEN = _picked("creditor", "customer", "open_minor", "currency", due_date=UNDATED["due_date"])
_CHANCES = _picked(
    "creditor",
    "currency",
    "open_minor",
    expected_on=_days(_COUNT, -60, 10, gaps=True),
    chance_ppm=_numbers(_COUNT, 0, 10**6),
)
_HABITS = _picked(
    "creditor",
    "customer",
    "document_date",
    amount_minor=_numbers(_COUNT, -500, 10**9),
    due_date=_days(_COUNT, 30, 400, gaps=True),
    paid_on=_days(_COUNT, -10, 390, gaps=True),
)
_SOLD = {name: values for name, values in many_items(huge=False).items() if name != "open_minor"}
_SETTLED = many_moves(_SOLD)

QUESTIONS = {
    "balances": ((ITEMS, MOVES), lambda items, moves: balances(items, moves, as_of=AS_OF)),
    "balances as known": (
        (ITEMS, MOVES),
        lambda items, moves: balances(items, moves, as_of=AS_OF, known_at=KNOWN_AT),
    ),
    "balances, then aged": (
        ({name: values for name, values in ITEMS.items() if name != "open_minor"}, MOVES),
        lambda items, moves: aging(
            balances(items, moves, as_of=AS_OF), scheme=AgingScheme(30, 60, 90), as_of=AS_OF
        ),
    ),
    **{
        f"aging with credits {way.value}": (
            (UNDATED,),
            lambda items, way=way: aging(
                items,
                scheme=AgingScheme(-7, 30, 60, credits=way, undated=Undated.DOCUMENT_DATE),
                as_of=AS_OF,
            ),
        )
        for way in Credits
    },
    "aged": (
        (ITEMS,),
        lambda items: aged(
            items, scheme=AgingScheme(30, 60, basis=AgeBasis.POSTING_DATE), as_of=AS_OF
        ),
    ),
    "interest": ((ITEMS,), lambda items: interest(items, policy=_FRENCH, as_of=AS_OF)),
    "provision": ((_ALLOWED,), lambda items: provision(items, matrix=_MATRIX, as_of=AS_OF)),
    "levels": ((UNDATED,), lambda items: levels(items, procedure=STANDARD, as_of=AS_OF)),
    "notices": ((UNDATED,), lambda items: notices(items, procedure=STANDARD, as_of=AS_OF)),
    "priority": ((_CASES,), priority),
    "promises": (
        (_PROMISES,),
        lambda frame: promise_states(frame, policy=PromisePolicy(tolerance_days=3), as_of=AS_OF),
    ),
    "disputed": ((ITEMS, _DISPUTES), with_disputed),
    "deadlines": (
        (_DISPUTES,),
        lambda frame: deadlines(frame, policy=_ESCALATION, as_of=AS_OF),
    ),
    "relief": ((_WRITTEN,), relief),
    "due again": ((_WRITTEN,), due_again),
    "small": ((UNDATED,), lambda items: small(items, policy=_SMALL, as_of=AS_OF)),
    "revalued": (
        (_CARRIED,),
        lambda frame: revalue(frame, rates=_FX, as_of=AS_OF, functional="EUR"),
    ),
    "exposures": ((_EXPOSED,), lambda frame: exposures(frame, policy=_EXPOSURE, as_of=AS_OF)),
    "limits": ((_LIMITED,), lambda frame: limit_usage(frame, rule="total")),
    "recommended limits": ((_FIGURES,), recommended_limits),
    "risk classes": ((_FIGURES,), risk_classes),
    "concentration": ((many_items(huge=False),), concentration),
    "stress": ((_STRESSED,), lambda frame: stress_loss(frame, loss_bps=4_567)),
    "due dates": ((_TERMED,), lambda frame: due_dates(frame, terms=_TERMS, discounts=True)),
    "due dates of one kind": (
        (_TERMED,),
        lambda frame: due_dates(frame, terms=_TERMS["T2"]),
    ),
    "payment figures": ((_PAID,), lambda frame: payment_figures(frame, as_of=AS_OF)),
    "scorecard": ((_APPLICANTS,), lambda frame: points(frame, scorecard=_CARD)),
    "failure scores": (
        (_STATEMENTS,),
        lambda frame: failure_scores(frame, models=[MODELS["altman-z-double-prime"]]),
    ),
    "failure scores of ratios": (
        (_RATIOS,),
        lambda frame: failure_scores_of_ratios(frame, models=[MODELS["springate"]], per_one=100),
    ),
    "measures": (
        (_SOLD, _SETTLED),
        lambda items, moves: measures(items, moves, as_of=AS_OF),
    ),
    "measures of the whole": (
        (_SOLD, _SETTLED),
        lambda items, moves: measures(items, moves, as_of=AS_OF, by=(), trusted=True),
    ),
    "roll rates": (
        (_SOLD, _SETTLED),
        lambda items, moves: roll_rates(
            items,
            moves,
            first=AS_OF - dt.timedelta(days=30),
            last=AS_OF,
            scheme=AgingScheme(30, 60, 90),
        ),
    ),
    "vintages": (
        (_SOLD, _SETTLED),
        lambda items, moves: paid_vintages(items, moves, as_of=AS_OF),
    ),
    "payment forecasts": (
        (_OPEN, _HABITS),
        lambda items, history: payment_forecasts(items, history, as_of=AS_OF),
    ),
    "cash by period": (
        (_CHANCES,),
        lambda frame: cash_by_period(frame, as_of=AS_OF, periods=4),
    ),
}
"""The tables that each question is about, and the question."""
