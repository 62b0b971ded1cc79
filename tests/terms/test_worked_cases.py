"""Every worked case of payment terms, by the rule it is about; a row without a handler fails."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.days import Adjustment
from receivables.documents import Invoice, Line, Tax
from receivables.money import from_minor, money
from receivables.terms import (
    InstallmentTerms,
    MonthEnd,
    PaymentTerms,
    Residue,
    SettlementDiscount,
    Share,
    TaxBasis,
    check_due_date,
    discount_costs,
    due_date,
    due_dates,
    latest_lawful_day,
    parse_terms,
    schedule,
    with_terms,
)
from receivables_plugins.holidays import receivables_calendars

from .worlds import worked_cases

AFTER, BEFORE = MonthEnd.AFTER_DAYS, MonthEnd.BEFORE_DAYS

RULES = {
    "end_of_month then +45 days": PaymentTerms(days=45, month_end=BEFORE),
    "+31 days, then next 15th (>=)": PaymentTerms(days=31, day=15),
    "last day of current month": PaymentTerms(month_end=AFTER),
    "1st of next month": PaymentTerms(months=1, set_day=1),
    "+2 weeks": PaymentTerms(weeks=2),
    "+15 days": PaymentTerms(days=15),
    "2 months after end of invoice month (EOM)": PaymentTerms(months=2, month_end=AFTER),
    "payment days 5,10": PaymentTerms(day=(5, 10)),
    "Day(s) after the end of the invoice month, 10": PaymentTerms(days=10, month_end=BEFORE),
    "Month(s) after the end of the invoice month, 3": PaymentTerms(months=3, month_end=AFTER),
    "net 30": PaymentTerms(days=30),
}
"""The rules of the table that lead to one due date."""

MATRIX = {
    "j60_net": "60 jours nets",
    "fdm_plus_45": "fin de mois + 45 jours",
    "j45_fdm": "45 jours fin de mois",
    "fdm_plus_30": "fin de mois + 30 jours",
    "j30_fdm": "30 jours fin de mois",
    "j30_fdm_le_10": "30 jours fin de mois le 10",
    "j45_periodique": "45 jours",
}
"""The forms of the French matrix, as they are written on invoices."""


def _due(inputs):
    base = dt.date.fromisoformat(inputs["invoice"])
    return {"due": due_date(RULES[inputs["rule"]], baseline_date=base).isoformat()}


def _sequential(inputs):
    terms = PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=50, day=(15, 20)),
            InstallmentTerms(day=(5, 10)),
        ],
        sequential=True,
    )
    days = due_dates(terms, baseline_date=dt.date.fromisoformat(inputs["invoice"]))
    return {"due": [day.isoformat() for day in days]}


def _rounded(inputs):
    first = InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=50, round_to=Decimal(1))
    terms = PaymentTerms(installments=[first, InstallmentTerms(days=30)])
    return {"instalments": [amount for _, amount in _parts(inputs["total"], terms)]}


def _tryton(inputs):
    terms = PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.PERCENT_OF_REST, percent=25, days=30),
            InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=25, months=1),
            InstallmentTerms(share=Share.FIXED, amount=money("396.84", "EUR"), months=1, days=30),
            InstallmentTerms(months=2, set_day=15, days=30),
        ]
    )
    return {"instalments": _parts(inputs["total"], terms, day=inputs["date"])}


def _zero(inputs):
    first = InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=25, days=1)
    terms = PaymentTerms(installments=[first, InstallmentTerms(months=1)])
    ((day, amount),) = _parts(inputs["total"], terms, day=inputs["date"])
    return {"instalments": [[day, f"{Decimal(amount):.0f}"]]}


def _parts(total, terms, *, day="2026-01-01"):
    parts = schedule(money(total, "EUR"), terms, baseline_date=dt.date.fromisoformat(day))
    return [[part.due_date.isoformat(), str(part.amount.amount)] for part in parts]


def _matrix(inputs):
    base = dt.date.fromisoformat(inputs["invoice"])
    return {
        name: due_date(parse_terms(text), baseline_date=base).isoformat()
        for name, text in MATRIX.items()
    }


def _discount_modes(inputs):
    net, tax = money(inputs["untaxed"], "EUR"), money(inputs["tax"], "EUR")
    document = Invoice(
        number="1",
        creditor="MIRA",
        customer="C-1",
        document_date=dt.date.fromisoformat(inputs["invoice"]),
        lines=[Line(description="x", net=net, taxes=[Tax(code="S", base=net, amount=tax)])],
    )
    step = SettlementDiscount(percent=inputs["discount_pct"], days=inputs["discount_days"])
    offers = {}
    for basis in TaxBasis:
        terms = PaymentTerms(days=30, discounts=[step], tax_basis=basis)
        ((offer,),) = (part.discounts for part in with_terms(document, terms).installments)
        offers[basis] = (str((document.total - offer.amount).amount), offer.until.isoformat())
    assert offers[TaxBasis.EXCLUDED] == offers[TaxBasis.MIXED]
    return {
        "included": offers[TaxBasis.INCLUDED][0],
        "excluded_or_mixed": offers[TaxBasis.EXCLUDED][0],
        "discount_date": offers[TaxBasis.INCLUDED][1],
    }


def _cost(inputs):
    step = SettlementDiscount(percent=inputs["discount_pct"], days=inputs["discount_days"])
    terms = PaymentTerms(days=inputs["net_days"], discounts=[step])
    (cost,) = discount_costs(terms, baseline_date=dt.date(2026, 1, 1))
    return {
        "apr_365_pct": str(cost.annual_percent()),
        "apr_360_pct": str(cost.annual_percent(year_days=360)),
        "effective_365_pct": str(cost.effective_percent()),
    }


def _residues(inputs):
    return {
        policy.value.replace("-", "_"): _by_weights(inputs, policy)
        for policy in (Residue.LAST, Residue.FIRST, Residue.LARGEST_REMAINDER)
    }


def _residue_last(inputs):
    return {"last": _by_weights(inputs, Residue.LAST)}


def _by_weights(inputs, policy):
    lines = [
        InstallmentTerms(share=Share.WEIGHT, weight=weight, days=place)
        for place, weight in enumerate(inputs["weights"])
    ]
    terms = PaymentTerms(installments=lines, residue=policy)
    total = money(inputs["total"], inputs.get("currency", "EUR"))
    parts = schedule(total, terms, baseline_date=dt.date(2026, 1, 1))
    assert total == sum((part.amount for part in parts), from_minor(0, total.currency.code))
    return [str(part.amount.amount) for part in parts]


def _spanish_maximum(inputs):
    delivery = dt.date.fromisoformat(inputs["delivery"])
    agreed = delivery + dt.timedelta(days=inputs["agreed_days"])
    dates = {"document_date": delivery, "delivery_date": delivery}
    latest = latest_lawful_day("ES", **dates)
    findings = check_due_date(agreed, jurisdiction="ES", **dates)
    return {"max_due": latest.isoformat(), "agreement_valid": not findings}


HANDLERS = {
    "oca-09": _sequential,
    "oca-round-to-1": _rounded,
    "tryton-residue-last": _tryton,
    "tryton-zero": _zero,
    "odoo-discount-modes": _discount_modes,
    "2-10-net-30-cost": _cost,
    "residue-policies": _residues,
    "residue-jpy": _residue_last,
    "es-max-60": _spanish_maximum,
}
"""The rows that are about more than one due date."""


def _handler(name, inputs):
    if name in HANDLERS:
        return HANDLERS[name]
    if name.startswith("fr-fdm-matrix-"):
        return _matrix
    return _due if inputs.get("rule") in RULES else None


@pytest.fixture(scope="module")
def cases(root):
    """The worked cases of payment terms."""
    return worked_cases(root, "payment_terms")


def test_every_case_has_a_handler(cases):
    """No row of the table is left out in silence."""
    without = [name for name, row in cases.items() if _handler(name, row["inputs"]) is None]

    assert [] == without


def test_every_handler_has_a_case(cases):
    """No handler stands for a row that is not there."""
    rules = {row["inputs"].get("rule") for row in cases.values()}

    assert set() == set(HANDLERS) - set(cases)
    assert set() == set(RULES) - rules


def test_every_case_is_met(cases):
    """Each row gives what its source says it gives; a row that does not names that source."""
    wrong = []
    for name, row in cases.items():
        expected = {key: value for key, value in row["expected"].items() if key != "invariant"}
        actual = _handler(name, row["inputs"])(row["inputs"])
        if expected != actual:
            wrong.append((name, row["source"]["title"], expected, actual))

    assert [] == wrong


def test_adjusted_due_dates_meet_the_target_cases(root):
    """Due dates are moved by the conventions as QuantLib moves days of its TARGET calendar."""
    pytest.importorskip("holidays")
    source = receivables_calendars()[0].build()
    target = source.calendar("TARGET", first=2025, last=2028)
    rows = worked_cases(root, "daycount").values()
    rows = [row for row in rows if row["id"].startswith("bda-TARGET-")]

    assert rows
    for row in rows:
        # Ten days of terms, so that moving backwards does not lead before the document.
        base = dt.date.fromisoformat(row["inputs"]["date"]) - dt.timedelta(days=10)
        for name, day in row["expected"].items():
            adjustment = Adjustment(name.replace("_", "-"))
            terms = PaymentTerms(days=10, adjustment=adjustment)
            assert day == due_date(terms, baseline_date=base, calendar=target).isoformat()
