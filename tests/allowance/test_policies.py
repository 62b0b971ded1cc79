"""Matrices as data: what they take, what they refuse, and the ones that come with the library."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from receivables.aging import AgeBasis, AgingScheme
from receivables.allowance import (
    AllowanceFacts,
    Cover,
    Discounting,
    ForwardLooking,
    ImpairmentPolicy,
    ProvisionMatrix,
    SegmentRates,
    load_matrix,
    matrices,
    matrix,
    provision_matrix,
)
from receivables.allowance._exact import exact_rate, percent_text
from receivables.errors import DocumentError, PolicyError
from receivables.money import money

from .worlds import simple

RATES = {"default": ["0", "1 %", "2 %", "3 %", "4 %"]}
SCHEME = {"upper-bounds": [30, 60, 90]}


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ("8.6957 %", Fraction(86_957, 1_000_000)),
        ("8.6957%", Fraction(86_957, 1_000_000)),
        ("2000/23000", Fraction(2, 23)),
        ("0.003", Fraction(3, 1_000)),
        (Decimal("0.003"), Fraction(3, 1_000)),
        (Fraction(2, 23), Fraction(2, 23)),
        (1, Fraction(1)),
    ],
)
def test_rates_are_exact(given, rate):
    """As they are written, and never rounded."""
    assert rate == exact_rate(given)


@pytest.mark.parametrize(
    "given", [0.3, True, "", "%", "a", "1/0", "nan", "inf", "1e99999999", None, "1" * 61, ["1"]]
)
def test_what_is_no_exact_rate_is_refused(given):
    """A float least of all: 0.3 is not three tenths."""
    with pytest.raises(PolicyError, match="rate must be"):
        exact_rate(given)


def test_a_percent_is_shown_to_four_decimals():
    """And nothing is counted with it."""
    assert ["8.6957 %", "100 %", "0 %"] == [
        percent_text(Fraction(rate)) for rate in ("2/23", "1", "0")
    ]


def test_a_matrix_from_a_file_says_everything():
    """Every key of the settings, with hyphens."""
    found = load_matrix(
        """
        name = "house"
        version = "2026-10"
        standard = "cecl"
        base = "net-of-tax"
        rounding = "half-even"
        segment-by = ["segment", "cover"]
        covered-rate = "0.1 %"
        sources = ["our own history, 2021 to 2025"]
        note = "reviewed by the auditors"
        verified = false
        [scheme]
        upper-bounds = [30, 90]
        basis = "document-date"
        credits = "apart"
        undated = "document-date"
        [rates]
        default = ["0.3 %", "2 %", "2000/23000"]
        "small/uncovered" = { rates = ["1 %", "4 %", "100 %"], source = "a study" }
        [forward-looking]
        by-bucket = ["1", "1.05", "1.10"]
        skips-current = true
        justification = "unemployment"
        source = "national bank"
        [forward-looking.by-segment]
        "small/uncovered" = "1.5"
        [discounting]
        eir-bps = 500
        days = [0, 60, 365]
        threshold-bps = 100
        [impairment]
        default-days = 120
        rebuttal = "public bodies pay late, and pay"
        insolvencies = ["liquidation"]
        whole-customer = true
        """,
        name="house.toml",
    )

    late = 1 - (1 - Fraction(2, 23) * Fraction(11, 10)) / (1 + Fraction(1, 20))
    assert (Fraction(3, 1_000), Fraction(21, 1_000), late) == found.rates()
    assert (Fraction(1, 100), Fraction(6, 100), 1) == found.rates("small/uncovered")
    assert "a study" == found.segments[1].source
    assert AgeBasis.DOCUMENT_DATE is found.scheme.basis
    assert found.impairment.whole_customer
    assert (120, False) == (found.impairment.default_days, found.is_verified)


def test_equal_matrices_are_equal():
    """Policies are values."""
    table = {"scheme": SCHEME, "rates": RATES}

    assert provision_matrix(table, name="x") == ProvisionMatrix.from_table(table, name="x")


REFUSED = [
    ({}, "must have a scheme and rates, got nothing"),
    ({"scheme": SCHEME}, "must have a scheme and rates"),
    ({"scheme": SCHEME, "rates": RATES, "rate": 1}, "keys of house must be among .*, got rate"),
    ({"scheme": {"bounds": [1]}, "rates": RATES}, "keys of scheme of house"),
    (
        {"scheme": {"upper-bounds": 30}, "rates": RATES},
        "upper-bounds of scheme of house must be a list",
    ),
    ({"scheme": SCHEME, "rates": {"default": ["0", "1 %"]}}, "must have 5 rates"),
    ({"scheme": SCHEME, "rates": {"default": [0.3] * 5}}, "rate must be a text"),
    ({"scheme": SCHEME, "rates": {"default": ["101 %"] * 5}}, "must be from 0 to 100 %"),
    ({"scheme": SCHEME, "rates": {"default": ["-1 %"] * 5}}, "must be from 0 to 100 %"),
    ({"scheme": SCHEME, "rates": {"default": "1 %"}}, "must be a list"),
    ({"scheme": SCHEME, "rates": []}, "must be a table"),
    ({"scheme": SCHEME, "rates": {}}, "must have a segment"),
    ({"scheme": SCHEME, "rates": RATES, "standard": "gaap"}, "standard of house must be one of"),
    ({"scheme": SCHEME, "rates": RATES, "base": "net"}, "base of house must be one of"),
    ({"scheme": SCHEME, "rates": RATES, "verified": "yes"}, "must be true or false"),
    ({"scheme": SCHEME, "rates": RATES, "name": 7}, "name of house must be a text"),
    ({"scheme": SCHEME, "rates": RATES, "segment-by": ["mood"]}, "segment_by of matrix house"),
    ({"scheme": SCHEME, "rates": RATES, "covered-rate": "2"}, "covered_rate of matrix house"),
    (
        {"scheme": SCHEME, "rates": RATES, "forward-looking": {"multiplier": "1.1"}},
        "house must be valid: justification must be given",
    ),
    (
        {"scheme": SCHEME, "rates": RATES, "forward-looking": {"by-bucket": ["1", "1"]}},
        "by_bucket of matrix house must be 5",
    ),
    (
        {"scheme": SCHEME, "rates": RATES, "discounting": {"days": [1, 2]}},
        "days of discounting of matrix house must be 5",
    ),
    ({"scheme": SCHEME, "rates": RATES, "discounting": {"eir-bps": -1}}, "eir_bps must be"),
    ({"scheme": SCHEME, "rates": RATES, "impairment": {"default-days": 91}}, "rebuttal must be"),
    ({"scheme": SCHEME, "rates": RATES, "impairment": {"insolvencies": ["x"]}}, "must be among"),
    ({"scheme": SCHEME, "rates": RATES, "impairment": 3}, "impairment of house must be a table"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_a_table_that_cannot_be_is_refused(table, words):
    """The message names the table and the key."""
    with pytest.raises(PolicyError, match=words):
        provision_matrix(table, name="house")


def test_a_file_that_is_no_toml_is_refused():
    """By its name."""
    with pytest.raises(PolicyError, match=r"own\.toml must be TOML"):
        load_matrix("= 3", name="own.toml")
    with pytest.raises(PolicyError, match="at most 1000000 characters"):
        load_matrix(" " * 1_000_001, name="own.toml")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: SegmentRates("x", "1 %"), "rates must be a list"),
        (lambda: ForwardLooking(multiplier="-1", justification="x"), "must not be negative"),
        (lambda: Discounting(days=[4_000]), "days must be whole days"),
        (lambda: ImpairmentPolicy(default_days=0), "default_days must be"),
        (
            lambda: Cover(customer="C-1", amount=money("1.00", "EUR"), share_bps=10_001),
            "share_bps of the cover of C-1",
        ),
        (lambda: Cover(customer="C-1", amount=money("-1.00", "EUR")), "must not be negative"),
    ],
)
def test_parts_that_cannot_be_are_refused(build, words):
    """At the door, each with its own sentence."""
    with pytest.raises(PolicyError, match=words):
        build()


def test_two_covers_of_one_customer_are_refused():
    """Their amounts would have to be added, or not: nobody said."""
    cover = Cover(customer="C-1", amount=money("1.00", "EUR"))

    with pytest.raises(DocumentError, match="covers must be there once each, got C-1 in EUR twice"):
        AllowanceFacts(covers=[cover, cover])


def test_an_unknown_segment_takes_the_rest_or_is_refused():
    """A matrix without a rest names its segments."""
    named = simple(segments={"public": ["0"] * 5})

    assert "" == simple(*["0"] * 5).known_segment("private")
    with pytest.raises(PolicyError, match="segment must be one of public of matrix house"):
        named.rates("private")


def test_a_multiplier_above_all_stops_at_all():
    """Nothing loses more than 100 %."""
    found = simple(*["82 %"] * 5, forward_looking=ForwardLooking(multiplier="2", justification="x"))

    assert {1} == set(found.rates())


def test_a_long_product_is_kept_within_the_columns_arithmetic():
    """The closest fraction with at most fifteen digits stands for it."""
    rate = Fraction(10**30 + 1, 3 * 10**30)

    found = simple(*[rate] * 5).rate(0)

    assert Fraction(1, 3) == found


@pytest.mark.parametrize("name", sorted(matrices()))
def test_every_matrix_of_the_library_says_where_it_comes_from(name):
    """And is unverified where nobody compared it."""
    found = matrix(name)

    assert found.sources
    assert found.note
    assert found.is_verified == (name not in {"ca-aspe", "cecl-asu-example", "es-pgc"})


def test_an_unknown_matrix_is_refused():
    """With those that there are."""
    with pytest.raises(PolicyError, match="matrix must be one of ca-aspe, cecl-asu-example"):
        matrix("ifrs")


def test_what_is_current_depends_on_the_basis():
    """By due date what is not past due; by another date, the first bucket."""
    by_due = simple(*["0"] * 5, scheme=AgingScheme(-30, 30, 60))
    by_document = simple(*["0"] * 3, scheme=AgingScheme(30, 60, basis=AgeBasis.DOCUMENT_DATE))

    assert [True, True, False, False, False] == [by_due.is_current(index) for index in range(5)]
    assert [True, False, False] == [by_document.is_current(index) for index in range(3)]
