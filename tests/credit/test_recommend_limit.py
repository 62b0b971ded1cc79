"""A recommended limit is its lowest cap, each cap shows its figure, and nothing is made up."""

import datetime as dt
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.casework.credit import CreditLimit
from receivables.casework.financials import FinancialStatement
from receivables.credit.classes import STANDARD_CLASSES
from receivables.credit.limit_policies import STANDARD_LIMITS, CapKind, ClassTerms, LimitPolicy
from receivables.credit.recommending import (
    LimitFigures,
    cover_of,
    recommend_limit,
    reference_figure,
    statement_figures,
)
from receivables.errors import CurrencyMismatchError, LimitError, PolicyError
from receivables.money import money

from .limit_worlds import CLASSES, figures, policies


def _policy(**fields):
    """Class B on open account, and no steps."""
    return LimitPolicy(**{"terms": {"B": ClassTerms(terms_days=30)}, **fields})


def _euros(**fields):
    return LimitFigures(currency="EUR", **fields)


def test_need_of_a_year_s_purchases():
    """600,000 a year with 20 % tax, 45 days and 15 more: 118,356.16 (creditmanagement-tools.com)."""
    asked = _euros(purchases_minor=600_000_00, tax_bps=2_000, terms_days=45, delay_days=15)

    found = recommend_limit(
        asked, risk_class="B", policy=_policy(shares={"need": {"*": 10_000}}, allows_wishes=True)
    )

    assert (118_356_16, CapKind.NEED) == (found.limit_minor, found.binding)


def test_lowest_of_need_net_worth_and_turnover():
    """Class B: 35 % of net worth, 5 % of turnover: 28,000 (mydsomanager.com, question 34)."""
    asked = _euros(
        requested_minor=50_000_00, tangible_net_worth_minor=80_000_00, sales_minor=700_000_00
    )

    found = recommend_limit(asked, risk_class="B")

    assert (28_000_00, CapKind.TANGIBLE_NET_WORTH) == (found.limit_minor, found.binding)
    assert [(CapKind.TANGIBLE_NET_WORTH, 80_000_00, 3_500), (CapKind.SALES, 700_000_00, 500)] == [
        (cap.kind, cap.figure_minor, cap.share_bps) for cap in found.caps[1:3]
    ]


def test_shares_that_add_up():
    """A share of equity and one of sales may be added: 200,000 and 100,000."""
    policy = _policy(
        shares={"equity": {"*": 1_000}, "sales": {"*": 500}},
        combined=["equity", "sales"],
        combination="total",
    )

    found = recommend_limit(
        _euros(equity_minor=2_000_000_00, sales_minor=2_000_000_00), risk_class="B", policy=policy
    )

    assert (300_000_00, CapKind.COMBINED) == (found.limit_minor, found.binding)


def test_average_of_what_is_known():
    """The average leaves out what is not known, and rounds down."""
    policy = _policy(
        shares={"equity": {"*": 10_000}, "sales": {"*": 10_000}, "bureau": {"*": 10_000}},
        combined=["equity", "sales", "bureau"],
        combination="average",
    )

    found = recommend_limit(
        _euros(equity_minor=100, bureau_minor=51), risk_class="B", policy=policy
    )

    assert 75 == found.limit_minor


@pytest.mark.parametrize(
    ("rule", "appetite", "expected"),
    [("quota", 5_000, 95_000_00), ("own-risk", 5_000, 50_000_00), ("own-risk", 20_000, 110_000_00)],
)
def test_cover_and_own_appetite(rule, appetite, expected):
    """Insured 100,000 at 90 %: what the insurer pays and what we dare, or only what leaves us that."""
    policy = _policy(
        shares={"cover": {"*": 10_000}},
        terms={"B": ClassTerms(terms_days=30, appetite={"EUR": appetite})},
        cover=rule,
    )

    found = recommend_limit(
        _euros(insured_minor=100_000_00, cover_bps=9_000), risk_class="B", policy=policy
    )

    assert expected == found.limit_minor
    assert (False, False) == (found.cap("cover").is_verified, policy.cover.is_verified)


def test_withdrawn_cover_is_no_unknown_cover():
    """Cover of zero caps at our own appetite; cover that nobody knows does not cap."""
    policy = _policy(shares={"cover": {"*": 10_000}, "equity": {"*": 10_000}})

    withdrawn = recommend_limit(
        _euros(insured_minor=0, equity_minor=500), risk_class="B", policy=policy
    )
    uninsured = recommend_limit(_euros(equity_minor=500), risk_class="B", policy=policy)

    assert (0, CapKind.COVER, 500) == (
        withdrawn.limit_minor,
        withdrawn.binding,
        uninsured.limit_minor,
    )


def test_negative_net_worth_bears_nothing():
    """A figure below zero caps at zero."""
    found = recommend_limit(_euros(tangible_net_worth_minor=-1), risk_class="A")

    assert (0, CapKind.TANGIBLE_NET_WORTH, False) == (
        found.limit_minor,
        found.binding,
        found.is_blocked,
    )


def test_what_was_asked_for_is_not_granted_for_the_asking():
    """Need and request alone say nothing of what the customer can bear, unless the policy lets them."""
    asked = _euros(requested_minor=10_000_00, purchases_minor=100_000_00)

    blocked = recommend_limit(asked, risk_class="B")
    allowed = recommend_limit(
        asked, risk_class="B", policy=attrs.evolve(STANDARD_LIMITS, allows_wishes=True)
    )

    assert (0, True, 10_000_00) == (blocked.limit_minor, blocked.is_blocked, allowed.limit_minor)
    assert CapKind.TANGIBLE_NET_WORTH in blocked.missing


def test_a_figure_that_the_policy_needs_blocks():
    """Without what is required nothing is recommended, and it is named."""
    policy = _policy(
        shares={"equity": {"*": 10_000}, "working-capital": {"*": 10_000}},
        required=["working-capital"],
    )

    found = recommend_limit(_euros(equity_minor=10_000), risk_class="B", policy=policy)

    assert (0, (CapKind.WORKING_CAPITAL,)) == (found.limit_minor, found.missing)


@pytest.mark.parametrize("risk_class", ["E", "F", "G"])
def test_a_class_that_pays_otherwise_has_no_limit(risk_class):
    """Cash on delivery and prepayment are no credit; a class that is not named pays in advance."""
    found = recommend_limit(_euros(tangible_net_worth_minor=10**9), risk_class=risk_class)

    assert (0, True, 0) == (found.limit_minor, found.is_refused, found.terms_days)


def test_unrated_has_a_rule_of_its_own():
    """Nobody knows a new customer, and a small ceiling is granted without figures."""
    found = recommend_limit(_euros(), risk_class="unrated")

    assert (1_000_00, CapKind.CEILING) == (found.limit_minor, found.binding)


def test_steps_are_of_the_currency():
    """A limit is rounded down to whole steps of its own currency."""
    policy = _policy(shares={"equity": {"*": 10_000}}, steps={"EUR": 500, "*": 10})

    found = [
        recommend_limit(
            LimitFigures(currency=code, equity_minor=12_345_678), risk_class="B", policy=policy
        ).limit_minor
        for code in ("EUR", "JPY", "KWD")
    ]

    assert [12_300_000 + 0, 12_345_670, 12_340_000] == found


@given(asked=figures(), policy=policies(), risk_class=st.sampled_from(CLASSES))
def test_no_cap_is_passed(asked, policy, risk_class):
    """The limit is below every cap that binds alone, a multiple of its step, and never negative."""
    found = recommend_limit(asked, risk_class=risk_class, policy=policy)

    caps = [cap.cap_minor for cap in found.caps if cap.cap_minor is not None]
    alone = [
        cap.cap_minor for cap in found.caps if cap.cap_minor is not None and not cap.is_combined
    ]
    assert 0 <= found.limit_minor <= min(alone, default=sum(caps) if caps else 0)
    assert found.limit_minor % found.step_minor == 0
    assert (found.binding is None) == (not caps)


@given(
    asked=figures(),
    policy=policies(),
    risk_class=st.sampled_from(CLASSES),
    more=st.integers(0, 10**12),
)
def test_more_net_worth_is_never_less_credit(asked, policy, risk_class, more):
    """A figure that grows does not lower the limit."""
    known = asked.tangible_net_worth_minor
    richer = attrs.evolve(
        asked, tangible_net_worth_minor=None if known is None else min(known + more, 10**15)
    )

    before = recommend_limit(asked, risk_class=risk_class, policy=policy)
    after = recommend_limit(richer, risk_class=risk_class, policy=policy)

    assert before.limit_minor <= after.limit_minor


@given(net=st.integers(0, 10**15), share=st.integers(0, 100_000), sales=st.integers(0, 10**15))
def test_caps_are_exact(net, share, sales):
    """A cap is the share of its figure in whole minor units, rounded down, to the last one."""
    policy = _policy(shares={"tangible-net-worth": {"B": share}, "monthly-sales": {"B": share}})

    found = recommend_limit(
        _euros(tangible_net_worth_minor=net, sales_minor=sales), risk_class="B", policy=policy
    )

    assert [net * share // 10_000, sales // 12 * share // 10_000] == [
        cap.cap_minor for cap in found.caps
    ]


_YEAR = FinancialStatement(
    financials="F-1",
    customer="C-1",
    currency="USD",
    period_end=dt.date(2025, 12, 31),
    months=18,
    unit=1_000,
    equity=-3,
    current_assets=500,
    current_liabilities=620,
    sales=1_800,
)


def test_figures_of_a_statement():
    """Thousands of another currency, eighteen months, and what the statement does not say."""
    found = statement_figures(_YEAR, currency="EUR", rate=Fraction(9, 10))

    assert {
        "tangible_net_worth_minor": -2_700_00,
        "working_capital_minor": -108_000_00,
        "equity_minor": -2_700_00,
        "sales_minor": 1_080_000_00,
    } == found
    assert LimitFigures(currency="EUR", **found).sales_minor == 1_080_000_00


def test_a_statement_in_another_currency_needs_a_rate():
    """Nothing is taken one to one."""
    with pytest.raises(CurrencyMismatchError, match="rate from USD to EUR"):
        statement_figures(_YEAR, currency="EUR")


def _granted(name, amount, **fields):
    fields = {"kind": "insured", **fields}
    return CreditLimit(limit=name, customer="C-1", amount=money(amount, "EUR"), **fields)


def test_cover_of_several_policies():
    """Insured amounts add up, and their parts are weighted by amount; our own limit is no cover."""
    granted = [
        _granted("1", "30000.00", cover_bps=9_000),
        _granted("2", "10000.00", cover_bps=8_000, kind="guaranteed"),
        _granted("3", "99.00", kind="own"),
    ]

    assert (40_000_00, 8_750) == cover_of(granted, currency="EUR")
    assert (0, 10_000) == cover_of([], currency="EUR")
    with pytest.raises(CurrencyMismatchError):
        cover_of(granted, currency="USD")


def test_median_of_trade_references():
    """The lower of the two in the middle, and nothing without references."""
    given_ = [money(text, "EUR") for text in ("100.00", "900.00", "300.00", "200.00")]

    assert (200_00, None) == (
        reference_figure(given_, currency="EUR"),
        reference_figure([], currency="EUR"),
    )
    with pytest.raises(CurrencyMismatchError):
        reference_figure(given_, currency="USD")


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"sales_minor": 10**15 + 1}, LimitError, "sales_minor must be at most"),
        ({"sales_minor": 1.5}, PolicyError, "whole number"),
        ({"tax_bps": 10_001}, PolicyError, "tax_bps must be 0 to 10000"),
        ({"cover_bps": -1}, PolicyError, "cover_bps"),
        ({"terms_days": 1_000}, PolicyError, "terms_days"),
        ({"delay_days": True}, PolicyError, "whole number"),
    ],
)
def test_figures_that_cannot_be_are_refused(fields, error, words):
    """A figure is a whole number within its limits."""
    with pytest.raises(error, match=words):
        _euros(**fields)


REFUSED = [
    ({"shares": {"net-worth": {"A": 1}}}, "caps must be among"),
    ({"shares": {"ceiling": {"A": 1}}}, "shares must be of figures"),
    ({"shares": {"cover": {"A": 9_000}}}, "share of cover must be 10000"),
    ({"shares": {"equity": {"A": -1}}}, "share of equity for A must be 0 to 100000"),
    ({"shares": {"equity": {"A": 0.5}}}, "share of equity for A"),
    ({"combined": ["equity"]}, "combined must be among the shares"),
    ({"required": ["ceiling"]}, "required must be figures, got ceiling"),
    ({"terms": {"A": {"payment": "later"}}}, "house must hold a policy"),
    ({"terms": {"A": {"payment": "prepayment", "terms-days": 30}}}, "terms_days must be 0"),
    ({"terms": {"A": {"terms-days": 1_000}}}, "terms_days must be 0 to 999"),
    ({"terms": {"A": {"ceiling": {"EURO": 1}}}}, "EURO"),
    ({"terms": {"A": {"ceiling": {"EUR": -1}}}}, "amount in EUR must be a whole number"),
    ({"steps": {"EUR": 0.5}}, "amount in EUR must be a whole number"),
    ({"delay-days": -1}, "delay_days must be 0 to 999"),
    ({"days-of-year": 364}, "house must hold a policy"),
    ({"share": {}}, "keys of house must be among"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_policies_that_cannot_be_are_refused(table, words):
    """The message names the table and what is wrong in it."""
    with pytest.raises(PolicyError, match=words):
        LimitPolicy.from_table(table, name="house")


def test_a_policy_of_a_file_is_the_policy():
    """What a table says is what the policy holds."""
    table = {
        "version": "2",
        "shares": {"equity": {"A": 2_000}},
        "terms": {"A": {"terms-days": 45, "ceiling": {"EUR": 9_000}}},
        "steps": {"EUR": 500},
    }

    policy = LimitPolicy.from_table(table, name="house")

    assert ("limits 2", 2_000, 900_000, 50_000) == (
        policy.title,
        policy.share_of("equity", "A"),
        policy.ceiling_minor("A", "EUR"),
        policy.step_minor("EUR"),
    )


def test_policies_name_classes_that_there_are():
    """A class that the risk classes have not is refused before it is asked for."""
    STANDARD_LIMITS.check_classes(STANDARD_CLASSES)

    with pytest.raises(PolicyError, match="got G"):
        LimitPolicy(terms={"G": ClassTerms()}).check_classes(STANDARD_CLASSES)
