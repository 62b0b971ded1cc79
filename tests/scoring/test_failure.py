"""Failure models: exact scores with their reasons, zones with their ends, refusals with theirs."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DocumentError, PolicyError
from receivables.scoring._curves import logistic, normal
from receivables.scoring.failure import (
    FailureScore,
    NotScored,
    NotScoredReason,
    all_scores,
    failure_score,
    failure_score_of_ratios,
    price_offset,
    probability,
)
from receivables.scoring.failure_models import (
    GIVEN_RATIOS,
    MODELS,
    CompanyKind,
    FailureModel,
    FailureTerm,
    FailureZone,
    Sector,
    ZoneStanding,
    coefficient_of,
)
from receivables.scoring.ratios import RATIOS, ratio
from receivables.scoring.statements import completed

from .statements_worlds import (
    EMERGING,
    MAKER,
    PRIVATE_MAKER,
    TRADER,
    figure_rows,
    previous,
    statement,
)

RICH = {
    "total_assets": 1_000,
    "current_assets": 500,
    "inventory": 100,
    "working_capital": 300,
    "current_liabilities": 200,
    "long_term_liabilities": 200,
    "total_liabilities": 400,
    "equity": 600,
    "retained_earnings": 250,
    "market_equity": 900,
    "sales": 1_500,
    "value_added": 500,
    "personnel_costs": 300,
    "operating_expenses": 1_095,
    "ebitda": 150,
    "ebit": 100,
    "interest_expense": 15,
    "pretax_income": 85,
    "net_income": 60,
    "funds_from_operations": 110,
}
BY_FIGURES = [model for model in MODELS.values() if set(model.ratios).isdisjoint(GIVEN_RATIOS)]


def fitting(model):
    """A company that a model is for."""
    domain = model.domain
    return CompanyKind(
        sector=min(domain.sectors, key=lambda one: one.value),
        is_listed=domain.is_listed,
        is_emerging=domain.is_emerging,
    )


def scored(model, year=None, **more):
    """The score of a statement of everything, by a model for any company."""
    given_ = {"previous": previous(net_income=40), "price_index": 100}
    name = MODELS[model] if isinstance(model, str) else model
    return failure_score(name, year or statement(**RICH), company=fitting(name), **given_, **more)


def exact(model, year):
    """The score in fractions, ratios not rounded, for models of plain ratios."""
    terms = [Fraction(term.coefficient) * ratio(year, term.ratio) for term in model.terms]
    return sum(terms, Fraction(model.constant))


@pytest.mark.parametrize("model", BY_FIGURES, ids=lambda one: one.name)
def test_every_model_scores_a_full_statement(model):
    """A score, its zone, and contributions that add up to it exactly."""
    found = scored(model)

    assert isinstance(found, FailureScore)
    assert found.value == found.constant + sum(one.points for one in found.contributions)
    assert [one.ratio for one in found.contributions] == list(model.ratios)
    assert all(one.points == one.value * one.coefficient for one in found.contributions)
    assert found.zone.holds(found.value)
    assert (found.financials, found.customer) == ("C-017:2025", "C-017")


@pytest.mark.parametrize(
    "model",
    [one for one in BY_FIGURES if set(one.ratios) <= set(RATIOS)],
    ids=lambda one: one.name,
)
@settings(max_examples=30, deadline=None)
@given(rows=figure_rows())
def test_the_score_is_that_of_exact_fractions(model, rows):
    """Ratios are rounded to eight decimals and nothing else is; what cannot be known is refused."""
    bound = sum(abs(term.coefficient) for term in model.terms) * Decimal("0.5e-8")
    for row in rows:
        figures = {name: value for name, value in row.items() if name != "previous_net_income"}
        whole = completed(statement(**figures)).statement
        found = failure_score(model, statement(**figures), company=fitting(model))

        known = all(ratio(whole, name) is not None for name in model.ratios)
        if isinstance(found, FailureScore):
            assert known
            assert abs(Fraction(found.value) - exact(model, whole)) <= Fraction(bound)
        else:
            assert not known or found.reason in {
                NotScoredReason.NOTHING_BELOW,
                NotScoredReason.BEYOND_RANGE,
            }


def test_ohlson_is_what_his_formula_says():
    """Nine terms, two of them of the year before, and the logarithm of deflated assets."""
    found = failure_score(
        MODELS["ohlson-o"],
        statement(**RICH, unit=1_000),
        previous=previous(net_income=40, unit=1_000),
        company=TRADER,
        price_index=100,
    )

    value = -1.32 - 0.407 * math.log(1_000 * 1_000 / 100) + 6.03 * 0.4 - 1.43 * 0.3 + 0.0757 * 0.4
    value += -2.37 * 0.06 - 1.83 * 110 / 400 - 0.521 * 20 / 100
    assert math.isclose(found.value, value, abs_tol=1e-7)
    assert math.isclose(found.probability, 1 / (1 + math.exp(-value)), abs_tol=1e-7)


def test_ohlson_sees_two_losses_and_more_debt_than_assets():
    """The two signs of his formula."""
    poor = RICH | {"total_liabilities": 1_200, "equity": -200, "net_income": -60}

    found = failure_score(
        MODELS["ohlson-o"],
        statement(**poor),
        previous=previous(net_income=-1),
        company=TRADER,
        price_index=100,
    )

    signs = {one.ratio: one.value for one in found.contributions}
    assert (signs["is_insolvent"], signs["is_loss_twice"]) == (1, 1)
    assert signs["net_income_change"] == Decimal("-0.96721311")


def test_the_unit_and_the_index_of_prices_move_ohlson():
    """Thousands are a thousand times more, and an index of 100 is a hundredth."""
    assert price_offset(100, unit=1_000) == round(math.log(10) * 10**8)
    one = scored("ohlson-o")
    same = failure_score(
        MODELS["ohlson-o"],
        statement(**RICH, unit=1_000),
        previous=previous(net_income=40, unit=1_000),
        company=TRADER,
        price_index=100_000,
    )

    assert math.isclose(one.value, same.value, abs_tol=1e-8)


@pytest.mark.parametrize("index", [0, -1, True, 1.5, Decimal("NaN"), Decimal("Infinity"), "100"])
def test_an_impossible_price_index_is_refused(index):
    """An index is a number above zero, and exact."""
    with pytest.raises(PolicyError, match="price index must be"):
        price_offset(index)


REFUSALS = {
    "a trader": ("altman-z", {}, TRADER, {}, NotScoredReason.OUTSIDE_DOMAIN, ()),
    "a maker that is not listed": (
        *("altman-z", {}, PRIVATE_MAKER, {}),
        *(NotScoredReason.OUTSIDE_DOMAIN, ()),
    ),
    "a listed maker": ("altman-z-prime", {}, MAKER, {}, NotScoredReason.OUTSIDE_DOMAIN, ()),
    "a maker, for the model of the others": (
        *("altman-z-double-prime", {}, PRIVATE_MAKER, {}),
        *(NotScoredReason.OUTSIDE_DOMAIN, ()),
    ),
    "no emerging market": (
        *("altman-z-double-prime-em", {}, TRADER, {}),
        *(NotScoredReason.OUTSIDE_DOMAIN, ()),
    ),
    "a bank": (
        *("springate", {}, CompanyKind(sector="finance"), {}),
        *(NotScoredReason.OUTSIDE_DOMAIN, ()),
    ),
    "nobody knows what it is": (
        *("springate", {}, None, {}),
        *(NotScoredReason.COMPANY_UNKNOWN, ("sector",)),
    ),
    "nobody knows whether it is listed": (
        *("altman-z", {}, CompanyKind(sector="manufacturing"), {}),
        *(NotScoredReason.COMPANY_UNKNOWN, ("is_listed",)),
    ),
    "no market price": (
        *("altman-z", {"market_equity": None}, MAKER, {}),
        *(NotScoredReason.FIGURES_MISSING, ("market_equity",)),
    ),
    "no debts to divide by": (
        *("altman-z", {"total_liabilities": 0}, MAKER, {}),
        *(NotScoredReason.NOTHING_BELOW, ("market_equity_to_liabilities",)),
    ),
    "value added below zero": (
        *("conan-holder", {"value_added": -5}, TRADER, {}),
        *(NotScoredReason.NOTHING_BELOW, ("personnel_to_value_added",)),
    ),
    "beyond all sense": (
        *("altman-z", {"total_assets": 1, "sales": 10**12}, MAKER, {}),
        *(NotScoredReason.BEYOND_RANGE, ("sales_to_assets",)),
    ),
    "no index of prices": (
        *("ohlson-o", {}, TRADER, {"previous": previous(net_income=4)}),
        *(NotScoredReason.PRICE_INDEX_MISSING, ("price_index",)),
    ),
    "no year before": (
        *("ohlson-o", {}, TRADER, {"price_index": 1}),
        *(NotScoredReason.PREVIOUS_MISSING, ("previous",)),
    ),
    "no income of the year before": (
        *("ohlson-o", {}, TRADER, {"price_index": 1, "previous": previous(sales=1)}),
        *(NotScoredReason.FIGURES_MISSING, ("previous.net_income",)),
    ),
    "no income in either year": (
        *("ohlson-o", {"net_income": 0}, TRADER),
        {"price_index": 1, "previous": previous(net_income=0)},
        *(NotScoredReason.NOTHING_BELOW, ("net_income_change",)),
    ),
    "ratios that no statement has": (
        *("banque-de-france-1983", {}, MAKER, {}, NotScoredReason.RATIO_UNDEFINED),
        tuple(MODELS["banque-de-france-1983"].ratios),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_value_with_its_reason(name):
    """Outside its domain, or without what it needs, a model says so and gives no number."""
    model, changes, company, more, reason, missing = REFUSALS[name]

    found = failure_score(MODELS[model], statement(**(RICH | changes)), company=company, **more)

    assert isinstance(found, NotScored)
    assert (found.reason, found.missing) == (reason, missing)
    assert (found.customer, found.financials) == ("C-017", "C-017:2025")
    assert reason.value in str(found)


def test_figures_that_follow_are_derived_and_said():
    """A score stands on what the statement says and on what follows, each step named."""
    said = {
        "total_assets": 1_000,
        "current_assets": 500,
        "current_liabilities": 300,
        "equity": 330,
        "retained_earnings": 80,
        "ebitda": 90,
        "depreciation": 30,
    }

    found = failure_score(MODELS["altman-z-double-prime"], statement(**said), company=TRADER)

    assert found.ten_thousandths == 24_932
    assert [one.figure for one in found.derivations] == [
        "working_capital",
        "total_liabilities",
        "ebit",
    ]


def test_assumptions_are_asked_for():
    """Running costs that nobody states may be taken for what remains of sales."""
    said = {name: value for name, value in RICH.items() if name != "operating_expenses"}
    year = statement(**said, depreciation=50)

    refused = failure_score(MODELS["taffler"], year, company=TRADER)
    found = failure_score(MODELS["taffler"], year, company=TRADER, assumed=True)

    assert refused.missing == ("operating_expenses",)
    assert [one.is_assumed for one in found.derivations] == [True]


def test_a_year_of_six_months_is_taken_for_twelve():
    """Half a year of half the flows scores what the year does."""
    flows = RICH | {
        name: value // 2 for name, value in RICH.items() if name in ("sales", "ebit") and value
    }

    whole, half = scored("altman-z"), scored("altman-z", statement(**flows, months=6))

    assert whole.value == half.value


def test_the_year_before_must_be_one():
    """A statement of another customer, currency or of no earlier day is a mistake of the caller."""
    for other in (
        statement(),
        previous(customer="C-018"),
        previous(currency="USD"),
    ):
        with pytest.raises(DocumentError, match="previous statement must"):
            failure_score(MODELS["ohlson-o"], statement(**RICH), previous=other, company=TRADER)


ENDS = {
    "altman-z": {"1.81": "grey", "1.80999": "distress", "2.99": "grey", "2.99001": "safe"},
    "altman-z-prime": {"1.23": "grey", "1.22999": "distress", "2.9": "grey", "2.90001": "safe"},
    "altman-z-double-prime": {"1.1": "grey", "1.09": "distress", "2.6": "grey", "2.61": "safe"},
    "altman-z-double-prime-em": {
        "4.35": "grey",
        "4.34": "distress",
        "5.85": "grey",
        "5.86": "safe",
    },
    "ohlson-o": {"0": "safe", "0.00001": "distress"},
    "zmijewski": {"0": "safe", "0.00001": "distress"},
    "springate": {"0.862": "safe", "0.861": "distress"},
    "taffler": {"0": "safe", "-0.00001": "distress"},
    "conan-holder": {
        "3.99": "danger",
        "4": "doubtful",
        "8.99": "doubtful",
        "9": "fair",
        "16": "fair",
        "16.01": "good",
    },
    "conan-holder-simplified": {"3.99": "distress", "4": "grey", "9": "grey", "9.01": "safe"},
    "banque-de-france-1983": {"-0.251": "vulnerable", "0.125": "uncertain", "0.126": "normal"},
}


@pytest.mark.parametrize("name", ENDS)
def test_the_ends_of_zones_belong_to_one(name):
    """Each bound is in the zone that the source says."""
    model = MODELS[name]

    assert {value: model.zone_of(Decimal(value)).name for value in ENDS[name]} == ENDS[name]


def test_the_constant_moves_the_zones():
    """The emerging-market constant of 3.25 moves zones with the score, or everybody looks safe."""
    plain, moved = MODELS["altman-z-double-prime"], MODELS["altman-z-double-prime-em"]

    for value in map(Decimal, ("-3", "1.1", "2", "2.6", "7")):
        assert plain.zone_of(value).standing is moved.zone_of(value + moved.constant).standing


def test_all_scores_are_in_order_and_without_variants():
    """One answer of every model, a score or a refusal."""
    found = all_scores(statement(**RICH), company=EMERGING)

    assert [one.model for one in found] == [
        name for name, model in MODELS.items() if not model.variant_of
    ]
    assert {one.model for one in found if isinstance(one, FailureScore)} == {
        *("altman-z-prime", "altman-z-double-prime-em", "zmijewski", "springate", "taffler"),
        "conan-holder",
    }
    assert len(all_scores(statement(), company=TRADER, models=list(MODELS.values()))) == len(MODELS)


def test_later_figures_change_no_score():
    """A score depends on its statement and the year before, and on nothing else."""
    assert scored("altman-z") == scored("altman-z")


UNVERIFIED = {"altman-z-double-prime-em", "taffler", "taffler-ratios"}


def test_what_is_general_knowledge_says_so():
    """Models whose numbers no source at hand confirms are marked, and so are their scores."""
    marked = {
        name for name, one in MODELS.items() if not (one.is_verified and one.has_verified_zones)
    }

    assert marked == UNVERIFIED
    assert not scored("taffler").is_verified
    assert scored("altman-z").is_verified


def test_every_model_says_where_it_is_from():
    """A title, a source, a domain in words, and a variant of a model that is there."""
    for model in MODELS.values():
        assert model.title
        assert model.source
        assert model.domain.meaning
        assert model.variant_of in {"", *MODELS}
        assert Sector.FINANCE not in model.domain.sectors


# Published cases.


def _ratios_of(inputs, names):
    return {ratio: inputs[name] for ratio, name in names.items() if name in inputs}


_Z = {
    "working_capital_to_assets": "X1",
    "retained_earnings_to_assets": "X2",
    "ebit_to_assets": "X3",
    "market_equity_to_liabilities": "X4",
    "sales_to_assets": "X5",
}


@pytest.mark.parametrize(
    "case", ["altman-z-assignmentexpert", "altman-z-tutorsglobe", "altman-z-onlinehomework"]
)
def test_published_z_of_ratios(case, oracles):
    """Z of published ratios, to the last digit, and its zone."""
    row = oracles[case]

    found = failure_score_of_ratios(
        MODELS["altman-z"], _ratios_of(row["inputs"], _Z), company=MAKER
    )

    assert str(found.value) == row["expected"]["z"]
    assert found.zone.name == row["expected"]["zone"]


def test_published_z_of_figures(oracles):
    """Z of published figures, with 1.0 and with 0.999 of sales."""
    row = oracles["altman-z-brainmass"]
    inputs = {name: int(value) for name, value in row["inputs"].items()}
    year = statement(total_liabilities=inputs.pop("total_debt"), **inputs)

    found = {name: scored(name, year) for name in ("altman-z", "altman-z-0999")}

    assert str(round(found["altman-z"].value, 4)) == row["expected"]["z"]
    assert str(round(found["altman-z-0999"].value, 4)) == row["expected"]["z_0999"]
    assert found["altman-z"].zone.name == row["expected"]["zone"]


def test_published_mistake_is_not_repeated(oracles):
    """Sales over assets is multiplied, and equity is that of the market: no 1.0 is added."""
    row = oracles["altman-z-numerade-error"]
    model = MODELS["altman-z"]

    assert row["kind"] == "source_error"
    assert model.constant == 0
    assert "equity_to_liabilities" not in model.ratios
    assert {one.ratio: one.coefficient for one in model.terms}["sales_to_assets"] == 1


def test_published_z_prime(oracles):
    """The private model takes book equity."""
    row = oracles["altman-zprime"]
    names = {"equity_to_liabilities": "X4_book", **{k: v for k, v in _Z.items() if v != "X4"}}

    found = failure_score_of_ratios(
        MODELS["altman-z-prime"], _ratios_of(row["inputs"], names), company=PRIVATE_MAKER
    )

    assert str(found.value) == row["expected"]["z"]
    assert found.zone.name == row["expected"]["zone"]


def test_published_z_double_prime(oracles):
    """With the constant of emerging markets and without."""
    row = oracles["altman-zdoubleprime-em"]
    given_ = {name: int(value) for name, value in row["inputs"].items() if name != "model"}
    year = statement(
        equity=given_.pop("book_equity"), retained_earnings=given_.pop("retained"), **given_
    )

    with_constant = failure_score(MODELS["altman-z-double-prime-em"], year, company=EMERGING)
    without = failure_score(MODELS["altman-z-double-prime"], year, company=TRADER)

    assert str(round(with_constant.value, 4)) == row["expected"]["z"]
    assert str(round(without.value, 4)) == row["expected"]["z_without_constant"]
    assert with_constant.zone.standing is without.zone.standing is ZoneStanding.GREY


def test_published_zmijewski(oracles):
    """The probability is of the normal curve, and the sign of 0.004 is a variant."""
    row = oracles["zmijewski"]
    year = statement(**{name: int(value) for name, value in row["inputs"].items()})
    expected = row["expected"]

    found, other = scored("zmijewski", year), scored("zmijewski-minus", year)

    assert str(found.value) == expected["x"]
    assert str(round(found.probability, 6)) == expected["p_probit"]
    assert str(round(logistic(found.value), 6)) == expected["p_if_wrongly_logistic"]
    assert str(other.value) == expected["x_with_minus_004"]


def test_published_ohlson(oracles):
    """The logarithm is natural, and the index of prices is what it is said to be."""
    row = oracles["ohlson"]
    inputs = {
        name: int(value)
        for name, value in row["inputs"].items()
        if name not in {"log", "gnp_index", "ffo", "net_income_prev"}
    }

    found = failure_score(
        MODELS["ohlson-o"],
        statement(**inputs, funds_from_operations=int(row["inputs"]["ffo"])),
        previous=previous(net_income=int(row["inputs"]["net_income_prev"])),
        company=TRADER,
        price_index=Decimal(row["inputs"]["gnp_index"]),
    )

    assert str(round(found.value, 6)) == row["expected"]["o_unrounded"]
    assert str(round(found.probability, 6)) == row["expected"]["p"]
    assert str(round(found.value, 4)) != row["expected"]["o_if_log10"]


def test_published_springate(oracles):
    """Above 0.862 is no failure."""
    row = oracles["springate"]
    names = {
        "working_capital_to_assets": "A_wc_ta",
        "ebit_to_assets": "B_ebit_ta",
        "pretax_income_to_current_liabilities": "C_ebt_cl",
        "sales_to_assets": "D_sales_ta",
    }

    found = failure_score_of_ratios(
        MODELS["springate"], _ratios_of(row["inputs"], names), company=TRADER
    )

    assert str(found.value) == row["expected"]["z"]
    assert (found.zone.standing is ZoneStanding.DISTRESS) is row["expected"]["failed"]


def test_published_taffler(oracles):
    """The form with a constant in days, and the form of ratios."""
    rows = oracles
    names = {
        "pretax_income_to_current_liabilities": "pbt_cl",
        "current_assets_to_liabilities": "ca_tl",
        "current_liabilities_to_assets": "cl_ta",
    }
    days = rows["taffler-constant-form"]
    plain = rows["taffler-ratio-form"]

    first = failure_score_of_ratios(
        MODELS["taffler"],
        _ratios_of(days["inputs"], names | {"no_credit_interval": "nci_days"}),
        company=TRADER,
    )
    second = failure_score_of_ratios(
        MODELS["taffler-ratios"],
        _ratios_of(plain["inputs"], names | {"no_credit_ratio": "no_credit_interval"}),
        company=TRADER,
    )

    assert str(first.value) == days["expected"]["z"]
    assert (first.zone.standing is ZoneStanding.SAFE) is days["expected"]["solvent"]
    assert str(second.value) == plain["expected"]["z"]


def test_conan_holder_takes_fractions():
    """Twenty-four times a fifth is 4.8; interest and personnel count against."""
    found = failure_score_of_ratios(
        MODELS["conan-holder"],
        {
            "ebitda_to_liabilities": "0.20",
            "permanent_capital_to_assets": "0.50",
            "quick_assets_to_assets": "0.40",
            "interest_to_sales": "0.02",
            "personnel_to_value_added": "0.70",
        },
        company=TRADER,
    )

    assert str(found.value) == "13.46"
    assert (found.zone.name, found.zone.failure_bps) == ("fair", (1_000, 3_000))


def test_banque_de_france_of_its_ratios():
    """Published for a hundred times Z of percentages, which fractions give at once."""
    model = MODELS["banque-de-france-1983"]
    percent = [20, 90, 30, 12, 15, 5, 40, 10]
    published = Decimal("-85.544") + sum(
        Decimal(coefficient) * value
        for coefficient, value in zip(
            ["-1.255", "2.003", "-0.824", "5.221", "-0.689", "-1.164", "0.706", "1.408"],
            percent,
            strict=True,
        )
    )

    found = failure_score_of_ratios(
        model,
        {name: Fraction(value, 100) for name, value in zip(model.ratios, percent, strict=True)},
        company=MAKER,
    )

    assert found.value * 100 == published
    assert found.zone.name == "normal"


BAD_RATIOS = [
    {"sales_to_assets": 0.5},
    {"sales_to_assets": True},
    {"sales_to_assets": "a lot"},
    {"sales_to_assets": "1e999999999"},
    {"sales_to_assets": Decimal("NaN")},
    {"luck": 1},
]


@pytest.mark.parametrize("bad", BAD_RATIOS, ids=str)
def test_ratios_are_numbers(bad):
    """A ratio is exact, small enough to mean something, and one of the model's."""
    values = dict.fromkeys(MODELS["springate"].ratios, 1)

    with pytest.raises(PolicyError):
        failure_score_of_ratios(MODELS["springate"], values | bad, company=TRADER)


def test_ratios_may_be_lacking_or_beyond_sense():
    """What is not given is named, and what is too large is refused."""
    values = dict.fromkeys(MODELS["springate"].ratios, 1)
    few = {name: 1 for name in values if name != "sales_to_assets"}

    lacking = failure_score_of_ratios(MODELS["springate"], few, company=TRADER)
    large = failure_score_of_ratios(
        MODELS["springate"], values | {"sales_to_assets": 10**9}, company=TRADER
    )
    unknown = failure_score_of_ratios(MODELS["springate"], values)

    assert (lacking.reason.value, lacking.missing) == ("figures-missing", ("sales_to_assets",))
    assert large.reason is NotScoredReason.BEYOND_RANGE
    assert unknown.reason is NotScoredReason.COMPANY_UNKNOWN


BAD_MODELS = {
    "an unknown ratio": {"terms": [FailureTerm("luck", 1)]},
    "no term": {"terms": []},
    "a ratio twice": {"terms": [FailureTerm("cash_ratio", 1), FailureTerm("cash_ratio", 2)]},
    "six decimals": {"terms": [FailureTerm("cash_ratio", Decimal("0.000001"))]},
    "a huge coefficient": {"terms": [FailureTerm("cash_ratio", 10**9)]},
    "a constant that is none": {"constant": Decimal("NaN")},
    "no zone": {"zones": []},
    "a gap": {
        "zones": [
            FailureZone(name="low", standing="distress", upper=Decimal(1)),
            FailureZone(name="high", standing="safe", lower=Decimal(2), has_lower=True),
        ]
    },
    "an end in both": {
        "zones": [
            FailureZone(name="low", standing="distress", upper=Decimal(1), has_upper=True),
            FailureZone(name="high", standing="safe", lower=Decimal(1), has_lower=True),
        ]
    },
    "an end in neither": {
        "zones": [
            FailureZone(name="low", standing="distress", upper=Decimal(1)),
            FailureZone(name="high", standing="safe", lower=Decimal(1)),
        ]
    },
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_an_impossible_model_is_refused(name):
    """A model of one's own obeys the same rules."""
    with pytest.raises(PolicyError):
        attrs.evolve(MODELS["springate"], **BAD_MODELS[name])


def test_a_model_of_ones_own():
    """A model is data: another formula, another domain, the same rules."""
    own = FailureModel(
        name="house",
        title="House model",
        terms=[FailureTerm("equity_to_assets", "2.5")],
        zones=MODELS["springate"].zones,
        domain=MODELS["springate"].domain,
        source="our own books",
    )

    assert str(scored(own).value) == "1.5"
    assert coefficient_of(Decimal("2.5")) == 250_000


# Curves.


@settings(max_examples=100, deadline=None)
@given(st.decimals(-12, 12, places=6))
def test_curves_are_those_of_the_books(value):
    """The logistic and the normal curve, against floating point."""
    expected = 0.5 * math.erfc(-float(value) / math.sqrt(2))

    assert math.isclose(normal(value), expected, rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(logistic(value), 1 / (1 + math.exp(-value)), rel_tol=1e-9, abs_tol=1e-12)
    assert normal(value) + normal(-value) == 1
    assert logistic(value) + logistic(-value) == 1


@pytest.mark.parametrize("far", [Decimal(10) ** 9, Decimal(41), Decimal("1e100")])
def test_curves_end_at_zero_and_one(far):
    """However far, a probability is one."""
    assert (normal(far), normal(-far)) == (1, 0)
    assert (logistic(far), logistic(-far)) == (1, 0)


def test_a_probability_where_the_model_has_one():
    """Discriminant models have none."""
    assert probability(MODELS["altman-z"], Decimal(1)) is None
    assert scored("conan-holder").probability is None
    assert probability(MODELS["ohlson-o"], Decimal(0)) == Decimal("0.5")
