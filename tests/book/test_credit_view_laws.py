"""Laws of credit in a book: nothing looks ahead, and what is asked in another order is the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.book import Book
from receivables.casework import CreditRequest
from receivables.credit_view import CreditView
from receivables.errors import MissingRateError
from receivables.ledger import Event, Ledger
from receivables.loss_view import LossView
from receivables.money import money
from receivables.parties import Customer, CustomerId
from receivables.settings import FolderSettings, parse_settings
from receivables.testing import strategies

SETTINGS = settings(max_examples=10, deadline=None)

TABLES = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
country = "FR"
currency = "EUR"

[[credit.insurance]]
number = "EH-1"
insurer = "Assureur"
currency = "EUR"
insured-bps = 9000
extension-days = 60
notify-days = 30
claim-days = 150
discretionary-amount = "10000.00"

[credit.companies]
"*" = { sector = "trade" }

[allowance]
version = "1"
scheme = { upper-bounds = [30, 60] }
[allowance.rates]
default = ["0.3 %", "1.6 %", "5 %", "20 %"]

[write-offs.small-balances]
items = { EUR = "5.00" }
"""


@pytest.fixture(scope="module")
def house() -> FolderSettings:
    """Settings with an insurance, a provision matrix and small balances."""
    return parse_settings(TABLES)


def _check(view: CreditView) -> object:
    """What the desk says of a request of every customer."""
    return [
        view.check(
            CreditRequest(
                request="SO-9", customer=name, amount=money("900.00", "EUR"), on=view.as_of
            )
        )
        for name in view.names
    ]


CUSTOMERS = {
    name: Customer(customer=name, name=name, country="FR", payer_group=group)
    for name, group in ((CustomerId("C-001"), "G"), (CustomerId("C-002"), "G"))
}
"""Some of the customers that histories are of; the others are on no list."""

CREDIT: Mapping[str, Callable[[CreditView], object]] = {
    "names": lambda view: view.names,
    "exposures": lambda view: dict(view.exposures),
    "groups": lambda view: dict(view.stacks_by("group")),
    "limits": lambda view: view.limits,
    "stacks": lambda view: dict(view.stacks),
    "behaviour": lambda view: {
        name: (one.characteristics(), one.figures) for name, one in view.behaviour.items()
    },
    "financials": lambda view: dict(view.financials),
    "scores": lambda view: dict(view.external_scores),
    "failures": lambda view: dict(view.failure_scores),
    "ratings": lambda view: dict(view.ratings),
    "suspensions": lambda view: view.suspensions,
    "insolvencies": lambda view: view.insolvencies,
    "reviews": lambda view: view.reviews_due,
    "deadlines": lambda view: view.insurance_deadlines,
    "own limits": lambda view: dict(view.own_limits),
    "recommendations": lambda view: view.recommendations,
    "check": _check,
}
"""What is asked of the credit of a day."""

LOSSES: Mapping[str, Callable[[LossView], object]] = {
    "items": lambda view: view.items,
    "allowance": lambda view: view.allowance.lines,
    "write-offs": lambda view: view.write_offs,
    "stress": lambda view: view.stress(),
    "concentration": lambda view: view.concentration(),
}
"""What is asked of the losses of a day."""


def _answer(ask: Callable[[Any], object], view: object) -> object:
    """The answer, or that a rate is missing."""
    try:
        return ask(view)
    except MissingRateError as error:
        return str(error)


def _book(house: FolderSettings, events: tuple[Event, ...]) -> Book:
    return Book(settings=house, customers=CUSTOMERS, ledger=Ledger.replay(events))


def _seen(book: Book, day: dt.date, moment: dt.datetime | None) -> dict[str, object]:
    credit = book.credit(as_of=day, known_at=moment)
    losses = book.losses(as_of=day, known_at=moment)
    found = {name: _answer(ask, credit) for name, ask in CREDIT.items()}
    return found | {name: _answer(ask, losses) for name, ask in LOSSES.items()}


@SETTINGS
@given(events=strategies.histories(), data=st.data())
def test_what_was_not_known_changes_nothing(
    house: FolderSettings, events: tuple[Event, ...], data: st.DataObject
) -> None:
    """The view of a moment is the view of a ledger that ends at that moment."""
    moments = sorted({event.recorded_at for event in events}) or [dt.datetime.now(dt.UTC)]
    moment = data.draw(st.sampled_from(moments))
    days = sorted({event.effective_on for event in events}) or [dt.date(2026, 10, 31)]
    day = data.draw(st.sampled_from(days))
    known = tuple(event for event in events if event.recorded_at <= moment)

    found = _seen(_book(house, events), day, moment)
    cut = _seen(_book(house, known), day, moment)

    for name in found:
        assert found[name] == cut[name], name


@SETTINGS
@given(events=strategies.histories(), data=st.data())
def test_what_counts_later_changes_nothing(
    house: FolderSettings, events: tuple[Event, ...], data: st.DataObject
) -> None:
    """What takes effect after a day is not seen on it, whatever comes after it in the ledger."""
    days = sorted({event.effective_on for event in events}) or [dt.date(2026, 10, 31)]
    day = data.draw(st.sampled_from(days))
    last = [place for place, event in enumerate(events) if event.effective_on <= day]
    first = events[: last[-1] + 1 if last else 0]

    found = _seen(_book(house, events), day, None)
    cut = _seen(_book(house, first), day, None)

    for name in found:
        assert found[name] == cut[name], name


@SETTINGS
@given(events=strategies.histories())
def test_the_worklist_knows_limits_without_failing(
    house: FolderSettings, events: tuple[Event, ...]
) -> None:
    """Books in currencies without rates have a worklist and warning signs all the same."""
    book = _book(parse_settings(TABLES.split("[[credit", maxsplit=1)[0]), events)
    day = dt.date(2027, 1, 1)

    assert book.worklist(as_of=day).as_of == day
    assert isinstance(book.warning_signs(as_of=day), tuple)
