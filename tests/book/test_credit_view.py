"""Credit through the verbs of a book: who is trusted how far on a day, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from receivables.book import Book
from receivables.casework import (
    CreditLimit,
    CreditRequest,
    CreditReview,
    ExternalScore,
    FinancialStatement,
    LimitScope,
)
from receivables.credit import (
    Commitment,
    credit_reviewed,
    financials_received,
    limit_granted,
    score_received,
)
from receivables.currencies import ExchangeRates, load_rates
from receivables.errors import MissingRateError, PolicyError
from receivables.ledger import Event, Ledger
from receivables.money import money
from receivables.parties import Customer, CustomerId
from receivables.scoring import behaviour_card
from receivables.settings import parse_settings
from receivables.testing.builders import (
    a_cancellation,
    a_credit_note,
    a_customer,
    a_receipt,
    an_invoice,
    issued,
    received,
    recorded,
)

DAY = dt.date(2026, 10, 31)

TABLES = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
locale = "fr-FR"
country = "FR"
currency = "EUR"

[credit.companies]
"*" = { sector = "trade" }
"""

INSURANCE = """
[[credit.insurance]]
number = "EH-1"
insurer = "Assureur"
currency = "EUR"
insured-bps = 9000
extension-days = 60
notify-days = 30
claim-days = 150
discretionary-amount = "2000.00"
"""

CUSTOMERS = (a_customer(), a_customer("C-2", payer_group="G"), a_customer("C-3", payer_group="G"))


def book(*events: Event, tables: str = "", **fields: Any) -> Book:  # the book's own
    """A book of three customers with what happened."""
    return Book(
        settings=parse_settings(TABLES + tables),
        customers={one.customer: one for one in CUSTOMERS},
        ledger=Ledger().record(*events),
        **fields,
    )


def granted(
    minute: int = 0, *, on: dt.date = dt.date(2026, 10, 1), **fields: Any
) -> Event:  # the limit's own
    """A limit of 500 EUR for the first customer, or another one."""
    said = {"limit": "L-1", "amount": money("500.00", "EUR"), **fields}
    if not {"customer", "group", "country"} & set(said):
        said["customer"] = "C-017"
    return limit_granted(CreditLimit(**said), creditor="MIRA", on=on, recorded_at=recorded(minute))


def invoiced(
    number: str = "FA-1", customer: str = "C-017", **fields: Any
) -> Event:  # the invoice's own
    """An invoice of 100 EUR that was due on 1 October."""
    return issued(
        an_invoice(number=number, customer=customer, **{"due_date": dt.date(2026, 10, 1), **fields})
    )


def asked(
    amount: str = "900.00", customer: str = "C-017", **fields: Any
) -> CreditRequest:  # see above
    """Somebody asks for an order on credit."""
    said = {"request": "SO-9", "amount": money(amount, "EUR"), "on": DAY, **fields}
    return CreditRequest(customer=customer, **said)


def rates() -> ExchangeRates:
    """A dollar for 0.80 EUR."""
    return load_rates(
        """
        pivot = "EUR"
        previous-within-days = 7
        [[rates]]
        base = "EUR"
        quote = "USD"
        date = 2026-10-30
        rate = "1.25"
        source = "house"
        """,
        name="rates.toml",
    )


def test_empty_books_are_nothing() -> None:
    """Nobody has ever owed anything: no exposure, no review, and a request is judged all the same."""
    view = Book(settings=parse_settings(TABLES), customers={}, ledger=Ledger()).credit(as_of=DAY)

    assert (view.names, dict(view.stacks), view.reviews_due, view.recommendations) == (
        (),
        {},
        (),
        (),
    )
    assert view.check(asked()).has_limit is False


def test_a_credit_balance_and_an_unknown_payer_are_no_customers() -> None:
    """Money of nobody makes no customer, and a credit makes no exposure below zero."""
    note = issued(a_credit_note(number="AV-1", customer="C-9", total=money("50.00", "EUR")))
    view = book(note, received(a_receipt(customer=""))).credit(as_of=DAY)

    assert CustomerId("C-9") in view.names
    assert CustomerId("") not in view.names
    assert all(one.total_minor >= 0 for one in view.exposures.values())


def test_a_limit_stands_against_the_exposure() -> None:
    """Open items and orders use a limit; what is left is free."""
    order = Commitment(
        commitment="SO-1", customer="C-017", kind="orders", amount=money("300.00", "EUR")
    )
    stack = book(invoiced(), granted(), commitments=(order,)).credit(as_of=DAY).stacks["C-017"]

    assert (stack.exposure.total_minor, stack.capacity_minor, stack.free_minor) == (
        40_000,
        50_000,
        10_000,
    )


def test_who_owes_nothing_and_has_a_limit_is_there() -> None:
    """An idle limit is shown, of a customer, of a group and of a country."""
    view = book(
        granted(),
        granted(limit="L-2", group="G"),
        granted(limit="L-3", country="CA"),
    ).credit(as_of=DAY)

    assert view.stacks["C-017"].free_minor == 50_000
    assert view.stacks_by("group")["G"].has_limit
    assert view.stacks_by(LimitScope.COUNTRY)["CA"].has_limit


def test_groups_are_added_up() -> None:
    """The members of a payer group use its limit together."""
    view = book(
        invoiced("FA-1", "C-2"), invoiced("FA-2", "C-3"), granted(limit="L-2", group="G")
    ).credit(as_of=DAY)

    assert view.stacks_by("group")["G"].exposure.total_minor == 20_000


def test_a_view_of_the_past_knows_only_the_past() -> None:
    """A limit that was granted or recorded later is not seen."""
    made = book(invoiced(), granted(minute=10))

    assert made.credit(as_of=DAY).limits
    assert not made.credit(as_of=dt.date(2026, 9, 30)).limits
    assert not made.credit(as_of=DAY, known_at=recorded(5)).limits
    assert not made.credit(as_of=DAY).on(dt.date(2026, 9, 30)).limits


def test_insurers_give_limits_without_asking() -> None:
    """A customer of the list that is not overdue gets one, and the desk knows of it."""
    view = book(invoiced(due_date=dt.date(2026, 11, 15)), tables=INSURANCE).credit(as_of=DAY)
    check = view.check(asked())

    assert {one.customer for one in view.discretionary} == {"C-017", "C-2", "C-3"}
    assert view.stacks["C-017"].capacity_minor == 200_000
    assert (check.has_limit, check.capacity_minor) == (True, 200_000)
    assert view.own_limits["C-2"] == money("2000.00", "EUR")


def test_an_overdue_customer_gets_none_and_keeps_its_cover() -> None:
    """What was sold before anything was overdue stays insured, and has its days."""
    view = book(invoiced(), tables=INSURANCE).credit(as_of=DAY)

    assert "C-017" not in {one.customer for one in view.discretionary}
    assert {one.item for one in view.insurance_deadlines} == {"FA-1"}
    assert [one.customer for one in view.worklist_deadlines] == ["C-017"] * len(
        view.worklist_deadlines
    )


def test_a_limit_insures_nothing_from_before_its_first_day() -> None:
    """An insured limit that starts after the document has no days for it."""
    insured = granted(kind="insured", policy="EH-1", cover_bps=9_000, on=dt.date(2026, 10, 20))
    tables = INSURANCE.replace('discretionary-amount = "2000.00"\n', "")

    assert book(invoiced(), insured, tables=tables).credit(as_of=DAY).insurance_deadlines == ()


def test_a_currency_without_a_rate_says_so() -> None:
    """An exposure in two currencies needs a rate; whoever owes in one is checked without."""
    made = book(
        invoiced(),
        invoiced("U-1", total=money("50.00", "USD")),
        invoiced("FA-2", "C-2"),
        granted(),
    )
    view = made.credit(as_of=DAY)

    with pytest.raises(MissingRateError, match="USD/EUR"):
        _ = view.exposures
    with pytest.raises(MissingRateError, match="USD/EUR"):
        view.check(asked())
    assert view.check(asked(customer="C-2")).before_minor == 10_000
    assert view.own_limits == {"C-017": money("500.00", "EUR")}
    assert made.worklist(as_of=DAY).as_of == DAY
    assert made.warning_signs(as_of=DAY)


def test_with_a_rate_currencies_add_up() -> None:
    """Fifty dollars are forty euros."""
    made = book(invoiced(), invoiced("U-1", total=money("50.00", "USD")), rates=rates())

    assert made.credit(as_of=DAY).exposures["C-017"].total_minor == 14_000


def test_a_limit_speaks_its_own_currency() -> None:
    """A customer whose limit is in dollars is counted in dollars."""
    made = book(invoiced(), granted(amount=money("500.00", "USD")), rates=rates())
    stack = made.credit(as_of=DAY).stacks["C-017"]

    assert (stack.exposure.currency, stack.exposure.total_minor) == ("USD", 12_500)


def statement(**fields: Any) -> Event:  # the statement's own
    """A financial statement of the first customer, in thousands."""
    said = {
        "financials": "B-1",
        "customer": "C-017",
        "currency": "EUR",
        "period_end": dt.date(2025, 12, 31),
        "unit": 1000,
        "total_assets": 1000,
        "equity": 330,
        "sales": 1500,
        "current_assets": 500,
        "current_liabilities": 300,
    }
    return financials_received(
        FinancialStatement(**{**said, **fields}),
        creditor="MIRA",
        on=dt.date(2026, 10, 2),
        recorded_at=recorded(),
    )


def test_a_statement_in_another_currency_is_converted() -> None:
    """Net worth in dollars caps a limit in euros, where a rate is known; else it is not looked at."""
    dollars = statement(currency="USD")

    with_rates = book(invoiced(), dollars, rates=rates()).credit(as_of=DAY)
    without = book(invoiced(), dollars).credit(as_of=DAY)

    figures = {
        cap.kind.value: cap.figure_minor for cap in with_rates.recommended_limit("C-017").caps
    }
    missing = {cap.kind.value: cap.figure_minor for cap in without.recommended_limit("C-017").caps}
    assert figures["sales"] == 120_000_000
    assert missing["sales"] is None


def test_a_customers_own_accounts_go_before_those_of_its_group() -> None:
    """Of two statements of one day the one that is not consolidated is looked at first."""
    view = book(
        statement(financials="B-1:consolidated", is_consolidated=True),
        statement(financials="B-1"),
        statement(financials="B-0", period_end=dt.date(2024, 12, 31)),
    ).credit(as_of=DAY)

    assert [one.financials for one in view.financials["C-017"]] == [
        "B-1",
        "B-1:consolidated",
        "B-0",
    ]


def scored(score: str, value: str, day: dt.date, **fields: Any) -> Event:  # the score's own
    """What a bureau says on a day."""
    return score_received(
        ExternalScore(
            score=score,
            customer="C-2",
            source="creditsafe",
            value=value,
            points=int(value),
            rated_on=day,
            **fields,
        ),
        creditor="MIRA",
        on=day,
        recorded_at=recorded(),
    )


def test_the_last_valid_score_of_a_source_counts() -> None:
    """An older score and one that is no longer valid are left out."""
    view = book(
        scored("S-1", "72", dt.date(2026, 9, 1)),
        scored("S-2", "40", dt.date(2026, 10, 1)),
        scored("S-3", "10", dt.date(2026, 10, 10), valid_until=dt.date(2026, 10, 20)),
    ).credit(as_of=DAY)

    assert [one.score for one in view.external_scores["C-2"]] == ["S-2"]


def test_a_scorecard_rates_every_customer() -> None:
    """Points of the scorecard are among the scales of the class; what nobody knows is missing."""
    view = book(invoiced(), scorecard=behaviour_card()).credit(as_of=DAY)

    assert set(view.scores) == set(view.names)
    assert "points" in {scale for scale, _, _ in view.ratings["C-017"].considered}
    assert view.file("C-017").contributions


def test_what_was_cancelled_was_not_bought() -> None:
    """Purchases are what was invoiced in a year, less what was credited or cancelled."""
    view = book(
        invoiced("FA-1"),
        invoiced("FA-2"),
        a_cancellation("FA-2", minute=0),
    ).credit(as_of=DAY)

    assert view._bought(CustomerId("C-017"), "EUR") == 10_000  # no cap shows it alone


def test_a_review_makes_history() -> None:
    """The last review stands in the file of the customer."""
    review = CreditReview(
        review="C-017:2026-10-05", customer="C-017", action="keep", risk_class="B", by="J. Roy"
    )
    made = book(
        invoiced(),
        credit_reviewed(review, creditor="MIRA", on=dt.date(2026, 10, 5), recorded_at=recorded()),
    )
    file = made.credit(as_of=DAY).file("C-017")

    assert [line.on for line in file.history] == [dt.date(2026, 10, 5)]
    assert file.recommendation is not None


def test_a_file_is_of_a_customer_of_the_list() -> None:
    """Nobody knows the address of a customer that is on no list."""
    with pytest.raises(PolicyError, match="customer list"):
        book(invoiced(customer="C-9")).credit(as_of=DAY).file("C-9")


def test_a_limit_that_was_said_goes_before_a_granted_one() -> None:
    """Whoever says limits for the worklist is believed."""
    made = book(invoiced(total=money("495.00", "EUR")), granted())
    said = {"C-017": money("100000.00", "EUR")}
    kinds = [
        {sign.kind.value for sign in signs}
        for signs in (
            made.warning_signs(as_of=DAY),
            made.warning_signs(as_of=DAY, limits=said),
        )
    ]

    assert ["limit-used" in found for found in kinds] == [True, False]


def test_a_recommendation_is_the_same_alone_or_with_all() -> None:
    """What is recommended to one customer does not depend on who else is asked about."""
    made = book(invoiced(), invoiced("FA-2", "C-2"), granted(), statement())
    every = {one.customer: one for one in made.credit(as_of=DAY).recommendations}

    assert {name: made.credit(as_of=DAY).recommendation(name) for name in every} == every


def test_a_view_does_not_change_the_book() -> None:
    """Asking makes no event."""
    made = book(invoiced(), granted())
    before = made.ledger.events
    _ = made.credit(as_of=DAY).recommendations

    assert made.ledger.events == before
    assert attrs.evolve(made) == made
    assert isinstance(CUSTOMERS[0], Customer)
