"""Every worked case of interest, each with a handler of its own; sources stand in the cases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.days import DayCount
from receivables.interest import (
    Charging,
    InterestPolicy,
    compensation_for,
    interest_documents,
    interest_on,
    jurisdiction,
)
from receivables.money import money, to_minor

from .worlds import late, one_rate, percent, policy

DUE = dt.date(2025, 1, 1)


def _day(text):
    return dt.date.fromisoformat(text)


def _later(days, due=DUE):
    return due + dt.timedelta(days=days)


def _same(expected, actual):
    assert Decimal(expected) == actual


def _unrounded(interest, places):
    return round(
        Decimal(interest.unrounded_minor.numerator) / interest.unrounded_minor.denominator / 100,
        places,
    )


def _us(percents):
    return policy("us-federal", one_rate("us.prompt-payment", percents))


def us_simple(case, _rates):
    """Ten days at 6.5 %, on 360 days."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal"], currency="USD", due=dt.date(2025, 4, 1))
    found = interest_on(item, policy=_us(inputs["annual_rate_pct"]), as_of=dt.date(2025, 4, 11))

    assert inputs["days"] == found.days
    _same(expected["interest"], found.amount.amount)
    _same(expected["unrounded"], _unrounded(found, 6))


def us_compound(case, _rates):
    """Two periods of thirty days and fifteen days more: 1 April to 15 June in the Treasury's example."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal"], currency="USD", due=dt.date(2025, 4, 1))
    found = interest_on(item, policy=_us(inputs["annual_rate_pct"]), as_of=dt.date(2025, 6, 15))

    assert inputs["months"] * 30 + inputs["extra_days"] == found.days
    _same(expected["interest"], found.amount.amount)
    _same(expected["unrounded"], _unrounded(found, 6))


def us_de_minimis(case, _rates):
    """Less than a dollar is not payable, and after a year nothing is added."""
    penalty = to_minor(money(case["inputs"]["interest_penalty"], "USD"))
    law = jurisdiction("us-federal")

    assert case["expected"]["payable"] is law.is_payable(penalty, currency="USD")
    small = late("182.00", currency="USD", due=DUE)
    assert 0 == interest_on(small, policy=_us("6.5"), as_of=_later(30)).amount_minor
    assert 102 == interest_on(small, policy=_us("6.5"), as_of=_later(31)).amount_minor
    whole = late("1500", currency="USD", due=DUE)
    year = interest_on(whole, policy=_us("6"), as_of=dt.date(2026, 1, 1))
    assert year.amount == interest_on(whole, policy=_us("6"), as_of=dt.date(2026, 9, 1)).amount


def uk_published_wrong(case, _rates):
    """The published figure cut 45/365 to 0.1233; the right one is a penny more."""
    inputs, expected = case["inputs"], case["expected"]
    assert "source_error" == case["kind"]
    item = late(inputs["principal"], currency="GBP", due=DUE)
    bank_rate = str(Decimal(inputs["annual_rate_pct"]) - 8)
    found = interest_on(
        item,
        policy=policy("uk", one_rate("boe.bank-rate", bank_rate)),
        as_of=_later(inputs["days"]),
    )

    _same(expected["interest"], found.amount.amount)
    assert Decimal(expected["published_value"]) != found.amount.amount


def uk_daily(case, _rates):
    """A year and a day; fifty days are not fifty rounded days."""
    inputs, expected = case["inputs"], case["expected"]
    rule = policy("uk", one_rate("boe.bank-rate", "0.5"))
    item = late(inputs["principal"], currency="GBP", due=DUE)

    _same(expected["annual"], interest_on(item, policy=rule, as_of=_later(365)).amount.amount)
    _same(expected["daily"], interest_on(item, policy=rule, as_of=_later(1)).amount.amount)
    _same("11.64", interest_on(item, policy=rule, as_of=_later(50)).amount.amount)


def uk_compensation(case, _rates):
    """The tier of the debt."""
    item = late(case["inputs"]["debt"], currency="GBP", due=DUE)
    found = compensation_for(item, jurisdiction=jurisdiction("uk"), as_of=_later(1))

    _same(case["expected"]["fixed_sum_gbp"], found.amount)


def uk_reference(case, rates):
    """The rate of the day before the half-year in which interest starts, for the life of the debt."""
    starts, expected = _day(case["inputs"]["interest_starts"]), case["expected"]
    item = late("1000", currency="GBP", due=starts - dt.timedelta(days=1))
    found = interest_on(item, policy=policy("uk", rates), as_of=_later(500, starts))

    assert expected["fixed_for_life_of_debt"] is (len(found.segments) == 1)
    assert starts == found.segments[0].first
    assert percent(expected["statutory_rate_pct"]) == found.segments[0].rate.normalize()
    assert found.segments[0].derivation.startswith(expected["reference_rate_pct"])


def de_consumer(case, rates):
    """The first day counts, and the last is the first of the next half-year, which does not."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal"], due=_day(inputs["from_"]) - dt.timedelta(days=1))
    as_of = _day(inputs["to"]) - dt.timedelta(days=1)
    rule = policy("de-consumer", rates, day_count=DayCount.ACT_365F)
    found = interest_on(item, policy=rule, as_of=as_of)

    assert inputs["days"] == found.days
    _same(expected["interest"], found.amount.amount)
    assert (
        found.amount == interest_on(item, policy=policy("de-consumer", rates), as_of=as_of).amount
    )


def de_periods(case, rates):
    """Six half-years, each over the length of its own year."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal"], due=_day(inputs["from_"]) - dt.timedelta(days=1))
    found = interest_on(
        item, policy=policy("de-business", rates), as_of=_day(inputs["to_inclusive"])
    )

    printed = [
        {
            "from_": str(segment.first),
            "to": str(segment.last),
            "days": segment.days,
            "rate_pct": str(segment.rate),
            "interest": str(
                round(
                    Decimal(segment.amount_minor.numerator)
                    / segment.amount_minor.denominator
                    / 100,
                    4,
                )
            ),
        }
        for segment in found.segments
    ]
    assert expected["periods"] == printed
    _same(expected["interest"], found.amount.amount)
    _same(expected["total"], Decimal(inputs["principal"]) + found.amount.amount)


def agreed_rate(case, rates):
    """A plain rate for some days; a fee is a sum of its own."""
    inputs, expected = case["inputs"], case["expected"]
    pack = case["id"].split("-")[0]
    rule = policy("fr-contract" if pack == "fr" else pack, rates, agreed=inputs["annual_rate_pct"])
    item = late(inputs.get("principal_ttc") or inputs["principal"], due=DUE)
    found = interest_on(item, policy=rule, as_of=_later(inputs["days"]))

    _same(expected["interest"], found.amount.amount)
    fee = Decimal(inputs.get("claim_fee", 0))
    _same(expected.get("total", expected["interest"]), found.amount.amount + fee)


def fr_cross(case, rates):
    """The rate is set anew on 1 July; the fixed sum comes on top."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal_ttc"], due=_day(inputs["due"]))
    rule, as_of = policy("fr-business", rates), _day(inputs["paid"])
    found = interest_on(item, policy=rule, as_of=as_of)
    fixed = compensation_for(item, jurisdiction=rule.jurisdiction, as_of=as_of)

    assert expected["segments"] == [
        {"from_": str(one.first), "to": str(one.last), "days": one.days, "rate_pct": str(one.rate)}
        for one in found.segments
    ]
    assert expected["days"] == found.days
    _same(expected["interest"], found.amount.amount)
    _same(expected["indemnite_40"], fixed.amount)
    _same(expected["total_claim"], found.amount.amount + fixed.amount)


def fr_floor(case, rates):
    """Three times the legal rate lifts an agreed rate, and never the default."""
    inputs, expected = case["inputs"], case["expected"]
    start = _day(inputs["semester"])
    item = late("1000", due=start - dt.timedelta(days=1))
    low = interest_on(item, policy=policy("fr-contract", rates, agreed="1"), as_of=start).segments[
        0
    ]
    default = interest_on(item, policy=policy("fr-business", rates), as_of=start).segments[0]

    _same(inputs["legal_pro_pct"], rates.rate("fr.legal-rate.professional", on=start).rate)
    _same(expected["floor_3x_pct"], low.rate)
    _same(expected["default_bce10_pct"], default.rate)
    assert expected["floor_above_default"] is (low.rate > default.rate)


def per_late_payment(case, rates):
    """One fixed sum for each late invoice, in full on a part, without tax."""
    inputs, expected = case["inputs"], case["expected"]
    count = inputs.get("late_invoices") or inputs["late_monthly_invoices"]
    part = [(_later(5), "60.00")] if inputs.get("partial_payment") else []
    items = [late("100.00", due=DUE, item=f"F-{number}", payments=part) for number in range(count)]
    rule = policy("fr-business" if case["id"].startswith("fr") else "eu", rates)
    run = interest_documents(
        items, policy=rule, as_of=_later(30), charging=Charging(number=lambda kind, _: kind)
    )
    note = next(one for one in run.documents if one.number == "compensation")

    _same(expected.get("indemnite") or expected["fixed_compensation_eur"], note.total.amount)
    assert Decimal(expected.get("vat", 0)) == sum(len(line.taxes) for line in note.lines)


def es_mid_semester(case, rates):
    """The margin moved on 24 February 2013, in the middle of a half-year."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal"], due=_day(inputs["due"]))
    rule, as_of = policy("es", rates), _day(inputs["paid"])
    found = interest_on(item, policy=rule, as_of=as_of)

    assert expected["segments"] == [
        [str(one.first), str(one.last), one.days, str(one.rate)] for one in found.segments
    ]
    _same(expected["interest"], found.amount.amount)
    assert "RDL 4/2013" in expected["fixed"]
    assert compensation_for(item, jurisdiction=rule.jurisdiction, as_of=as_of) is None
    later = late(inputs["principal"], due=dt.date(2013, 2, 23))
    assert money("40", "EUR") == compensation_for(
        later, jurisdiction=rule.jurisdiction, as_of=as_of
    )


def be_rounding(case, _rates):
    """The sum goes up to the next half point."""
    inputs, expected = case["inputs"], case["expected"]
    rule = policy("be", one_rate("ecb.mro", inputs["mro_pct"]))
    found = interest_on(late("1000", due=DUE), policy=rule, as_of=_later(1))

    assert Decimal(inputs["margin_pct"]) == rule.jurisdiction.margins[-1].percent
    assert percent(expected["rate_pct"]) == found.segments[0].rate.normalize()


def ca_federal(case, _rates):
    """From the due date to the day before payment, two months, compounded."""
    inputs, expected = case["inputs"], case["expected"]
    rule = policy("ca-federal", one_rate("boc.average-bank-rate", inputs["average_bank_rate_pct"]))
    item = late(inputs["principal"], currency="CAD", due=_day(inputs["due"]))
    found = interest_on(item, policy=rule, as_of=_day(inputs["paid"]))

    assert _day(inputs["due"]) == found.segments[0].first
    assert _day(inputs["paid"]) - dt.timedelta(days=1) == found.segments[-1].last
    assert Decimal(inputs["margin_pct"]) == rule.jurisdiction.margins[0].percent
    _same(expected["interest"], found.amount.amount)


def ca_criminal(case, _rates):
    """What may be agreed on a commercial credit depends on its size."""
    inputs, expected = case["inputs"], case["expected"]
    law = jurisdiction("ca-qc")
    cap = law.cap_for(money(inputs["credit"], "CAD"))

    assert expected["s347_applies"] is (Decimal(inputs["apr_pct"]) > cap)
    assert law.cap_for(money("500000.01", "CAD")) is None
    assert Decimal(35) == law.cap_for(money("10000", "CAD"))


def fr_public(case, rates):
    """The rate of the half-year in which interest began holds to the end."""
    inputs, expected = case["inputs"], case["expected"]
    item = late(inputs["principal_ttc"], due=_day(inputs["due"]))
    rule, as_of = policy("fr-public", rates), _day(inputs["paid"])
    found = interest_on(item, policy=rule, as_of=as_of)

    assert [expected["rate_pct"]] == [str(one.rate) for one in found.segments]
    assert expected["days"] == found.days
    _same(expected["interest"], found.amount.amount)
    _same(
        expected["indemnite"],
        compensation_for(item, jurisdiction=rule.jurisdiction, as_of=as_of).amount,
    )


HANDLERS = {
    "us-ppa-simple": us_simple,
    "us-ppa-monthly-compound": us_compound,
    "us-ppa-de-minimis": us_de_minimis,
    "uk-2000-45d": uk_published_wrong,
    "uk-1000-8.5": uk_daily,
    "uk-comp-": uk_compensation,
    "uk-ref-": uk_reference,
    "de-consumer-181d": de_consumer,
    "de-1500-6-periods": de_periods,
    "fr-15000-15pct-30d": agreed_rate,
    "es-700-7pct-15d": agreed_rate,
    "fr-default-": fr_cross,
    "fr-floor-": fr_floor,
    "fr-40-per-invoice": per_late_payment,
    "eu-c370-21": per_late_payment,
    "es-2013-midsemester": es_mid_semester,
    "be-round-": be_rounding,
    "ca-federal-receivable": ca_federal,
    "ca-criminal-rate-commercial": ca_criminal,
    "fr-public-2024-fixed-rate": fr_public,
}
"""What a worked case is about, by its name or the beginning of it."""


def _handler(name):
    exact = HANDLERS.get(name)
    return exact or next((HANDLERS[key] for key in HANDLERS if name.startswith(key)), None)


def test_every_case_has_a_handler(worked_cases):
    """A case that nobody knows what to do with is a failure, and so is a handler without a case."""
    names = [case["id"] for case in worked_cases]

    assert [name for name in names if _handler(name) is None] == []
    assert [key for key in HANDLERS if not any(name.startswith(key) for name in names)] == []


def test_every_case_is_met(worked_cases, rates):
    """Each worked case comes out as its source, named in the failure, says it should."""
    wrong = []
    for case in worked_cases:
        try:
            _handler(case["id"])(case, rates)
        except AssertionError as error:
            wrong.append(f"{case['id']} ({case['source']['title']}): {error}")

    assert wrong == []


def test_interest_of_the_day_count_cases_is_met(day_count_cases):
    """The cases that count one span by several conventions print its interest too."""
    cases = [case for case in day_count_cases if "interest_act365f" in case["expected"]]

    assert cases
    for case in cases:
        inputs = case["inputs"]
        item = late(inputs["principal"], due=_day(inputs["start"]))
        for name, count in (("act365f", DayCount.ACT_365F), ("act360", DayCount.ACT_360)):
            rule = policy("es", agreed=inputs["rate_pct"], day_count=count)
            found = interest_on(item, policy=rule, as_of=_day(inputs["end"]))
            assert case["expected"][f"interest_{name}"] == str(found.amount.amount), case["id"]


def test_every_day_count_case_is_of_a_known_form(day_count_cases):
    """No case of the day counts falls between the forms that tests read."""
    forms = ("convention", "rate_pct", "calendar")
    unread = [
        case["id"] for case in day_count_cases if not any(form in case["inputs"] for form in forms)
    ]

    assert unread == []


@pytest.mark.parametrize(
    ("name", "table", "rate_column", "day_column"),
    [
        ("fr-business", "fr_l441_10_default.csv", "default_penalty_pct", "from"),
        ("es", "es_interes_demora_comercial.csv", "rate_pct", "from"),
        ("be", "be_commercial_rate_samples.csv", "published_rate", "from"),
        ("de-business", "de_basiszinssatz.csv", "b2b_verzugszins_pct", "effective_date"),
        ("de-consumer", "de_basiszinssatz.csv", "consumer_verzugszins_pct", "effective_date"),
        ("uk", "uk_late_payment_reference.csv", "statutory_pct", "debt_becomes_late_from"),
    ],
)
def test_packs_compute_the_published_tables(name, table, rate_column, day_column, published, rates):
    """Reference rate, margin and rounding give each rate that was published, on its first day."""
    law = jurisdiction(name)
    rule = InterestPolicy(jurisdiction=law, rates=rates)
    wrong = []
    for row in published(table):
        first = _day(row[day_column])
        item = late("1000", currency=law.currency, due=first - dt.timedelta(days=1))
        (segment,) = interest_on(item, policy=rule, as_of=first).segments
        if percent(row[rate_column]) != segment.rate.normalize():
            wrong.append((row[day_column], row[rate_column], segment.rate))

    assert wrong == []


@pytest.mark.parametrize(
    ("series", "table", "first", "last", "rate"),
    [
        ("es.demora-comercial", "es_interes_demora_comercial.csv", "from", "to", "rate_pct"),
        ("be.commercial-rate", "be_commercial_rate_samples.csv", "from", "to", "published_rate"),
        ("us.prompt-payment", "us_prompt_payment_samples.csv", "from", "to", "rate_pct"),
        ("fr.legal-rate.professional", "fr_interet_legal.csv", "from", "to", "professionnel_pct"),
        ("fr.legal-rate.individual", "fr_interet_legal.csv", "from", "to", "particulier_pct"),
    ],
)
def test_packaged_series_say_what_was_published(series, table, first, last, rate, published, rates):
    """Each row that was found stands in the packaged series, from its first to its last day."""
    rows = [row for row in published(table) if row["status"] != "NOT_FOUND"]
    found = [
        (rates.rate(series, on=_day(row[first])).rate, rates.rate(series, on=_day(row[last])).rate)
        for row in rows
    ]

    assert [(Decimal(row[rate]), Decimal(row[rate])) for row in rows] == found


def test_the_main_refinancing_rate_has_its_gap_where_tenders_were_variable(published, rates):
    """Fixed rates are the reference; the minimum bid of a variable tender is another thing."""
    for row in published("ecb_mro.csv"):
        name = "ecb.mro" if row["tender"] == "fixed" else "ecb.mro.minimum-bid"
        assert Decimal(row["rate_pct"]) == rates.rate(name, on=_day(row["effective_date"])).rate
