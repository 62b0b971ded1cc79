"""Credit checks over a book of 20,000 customers with 200,000 items, beside a loop written for them.

The loop knows limits and days past due alone; ours asks every rule of a policy, says which item
passed the threshold and what would release it, and gives the decision to be recorded.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

from benchmarks._data import AS_OF
from benchmarks._harness import Benchmark

_CUSTOMERS: Final = 20_000
_INSTALLMENTS: Final = 10
_CHECKS: Final = 20_000
_PAST: Final = 10_000
_PAST_CUSTOMERS: Final = 500
_PAST_LIMIT: Final = 1_000_000
_LEARNED: Final = dt.datetime(2025, 1, 1, 8, tzinfo=dt.UTC)


def benchmarks() -> Iterable[Benchmark]:
    """Checks on a desk that has looked at nothing yet, the desk itself, and a policy over the past."""
    yield Benchmark(
        name="credit.CreditDesk.check, 20,000 customers, each once",
        size=_CHECKS,
        ours=ours,
        peer_name="a loop over limits and ages alone",
        peer=by_loop,
        limit=300.0,
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name="credit.CreditDesk.check, again on the same desk",
        size=_CHECKS,
        ours=again,
        peer_name="a loop over limits and ages alone",
        peer=by_loop,
        limit=60.0,
        runs=3,
    )
    yield Benchmark(
        name="credit.CreditDesk, to index a ledger",
        size=_CUSTOMERS * _INSTALLMENTS,
        ours=desk,
        peer_name="sums of open items and their oldest day",
        peer=_sums,
        limit=30.0,
        runs=3,
    )
    yield Benchmark(
        name="credit.simulate, a policy over 10,000 invoices",
        size=_PAST,
        ours=past,
        peer_name="running sums against limits",
        peer=past_by_loop,
        limit=300.0,
        check=_check_past,
        runs=3,
    )


@functools.cache
def ledger() -> Any:  # noqa: ANN401  # a ledger of the library, which is imported when it is needed
    """A book of 200,000 installments, with a limit for every customer."""
    from receivables.ledger import Ledger  # noqa: PLC0415  # see above

    return Ledger.replay(_events())


def _events() -> Iterator[Any]:
    luck = random.Random(11)  # noqa: S311  # no secret
    for place in range(_CUSTOMERS):
        yield from _of_customer(f"C-{place:05d}", luck)


def _of_customer(customer: str, luck: random.Random) -> Iterator[Any]:
    from receivables.casework import CreditLimit  # noqa: PLC0415  # see above
    from receivables.credit import limit_granted  # noqa: PLC0415  # see above
    from receivables.documents import Installment, Invoice  # noqa: PLC0415  # see above
    from receivables.ledger import DocumentIssued  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above

    first = AS_OF - dt.timedelta(days=luck.randint(-30, 60))
    parts = [
        Installment(
            first + dt.timedelta(days=10 * n), from_minor(luck.randint(1_000, 90_000), "EUR")
        )
        for n in range(_INSTALLMENTS)
    ]
    total = sum(int(part.amount.amount * 100) for part in parts)
    document = Invoice(
        number=f"F-{customer}",
        creditor="MIRA",
        customer=customer,
        document_date=first - dt.timedelta(days=30),
        total=from_minor(total, "EUR"),
        installments=parts,
    )
    limit = CreditLimit(
        limit=f"L-{customer}",
        customer=customer,
        amount=from_minor(luck.randint(3, 9) * 100_000, "EUR"),
    )
    day = first - dt.timedelta(days=40)
    yield limit_granted(limit, creditor="MIRA", on=day, recorded_at=_LEARNED)
    yield DocumentIssued.of(document, recorded_at=_LEARNED)


@functools.cache
def requests() -> list[Any]:
    """An order of every customer, in no order."""
    from receivables.casework import CreditRequest  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above

    luck = random.Random(12)  # noqa: S311  # no secret
    places = luck.sample(range(_CUSTOMERS), _CHECKS)
    return [
        CreditRequest(
            request=f"SO-{n}",
            customer=f"C-{place:05d}",
            amount=from_minor(luck.randint(1_000, 300_000), "EUR"),
            on=AS_OF,
        )
        for n, place in enumerate(places)
    ]


def desk() -> Any:  # noqa: ANN401  # a desk
    """What a user of the library writes, once a day."""
    from receivables.credit import CreditDesk, credit_policy  # noqa: PLC0415  # see above

    return CreditDesk(ledger(), "MIRA", as_of=AS_OF, policy=credit_policy("standard"))


@functools.cache
def _desk() -> Any:  # noqa: ANN401  # a desk
    found = desk()
    found.check(requests()[0])
    return found


def ours() -> list[str]:
    """Every customer once: nothing of it was looked at before."""
    fresh = _desk().under(_desk().policy)
    return [fresh.check(request).outcome.value for request in requests()]


def again() -> list[str]:
    """The second order of each customer on the same day."""
    warm = _desk()
    return [warm.check(request).outcome.value for request in requests()]


@functools.cache
def sums() -> Any:  # noqa: ANN401  # two dictionaries
    """What somebody writes to know what is owed, and since when."""
    return _sums()


def _sums() -> tuple[dict[str, int], dict[str, dt.date], dict[str, int]]:
    owed: dict[str, int] = {}
    late: dict[str, int] = {}
    oldest: dict[str, dt.date] = {}
    for item in ledger().open_items(as_of=AS_OF):
        owed[item.customer] = owed.get(item.customer, 0) + item.open_minor
        if item.due_date < AS_OF:
            late[item.customer] = late.get(item.customer, 0) + item.open_minor
            if item.open_minor >= 5_000:
                first = oldest.get(item.customer, item.due_date)
                oldest[item.customer] = min(first, item.due_date)
    return owed, oldest, late


@functools.cache
def _limits() -> dict[str, int]:
    from receivables.ledger import LimitGranted  # noqa: PLC0415  # see above

    granted = ledger().casework("MIRA", as_of=AS_OF, kinds=(LimitGranted,))
    return {event.limit.customer: int(event.limit.amount.amount * 100) for event in granted}


def by_loop() -> list[str]:
    """The standard policy's limit, oldest item and share past due, and nothing but the outcome."""
    owed, oldest, late = sums()
    limits, names = _limits(), ("allow", "warn", "hold")
    found = []
    for request in requests():
        customer = request.customer
        total, limit = owed[customer] + int(request.amount.amount * 100), limits[customer]
        worst = 2 if total > limit else 1 if total > limit * 9 // 10 else 0
        days = (AS_OF - oldest.get(customer, AS_OF)).days
        worst = max(worst, 2 if days >= 30 else 1 if days >= 15 else 0)
        overdue = late.get(customer, 0)
        if overdue >= 50_000:
            share = -(-overdue * 10_000 // owed[customer])
            worst = max(worst, 2 if share > 5_000 else 1 if share > 2_500 else 0)
        found.append(names[worst])
    return found


def _check(mine: list[str], theirs: list[str]) -> bool:
    return mine == theirs


@functools.cache
def _past() -> Any:  # noqa: ANN401  # a ledger
    """A year of invoices of 500 customers, none of them paid."""
    from receivables.ledger import Ledger  # noqa: PLC0415  # see above

    return Ledger.replay(_past_events())


def _past_events() -> Iterator[Any]:
    from receivables.casework import CreditLimit  # noqa: PLC0415  # see above
    from receivables.credit import limit_granted  # noqa: PLC0415  # see above
    from receivables.documents import Invoice  # noqa: PLC0415  # see above
    from receivables.ledger import DocumentIssued  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above

    first = AS_OF - dt.timedelta(days=365)
    for place in range(_PAST_CUSTOMERS):
        name = f"C-{place:05d}"
        limit = CreditLimit(limit=f"L-{name}", customer=name, amount=from_minor(_PAST_LIMIT, "EUR"))
        yield limit_granted(limit, creditor="MIRA", on=first, recorded_at=_LEARNED)
    for place in range(_PAST):
        on = first + dt.timedelta(days=1 + place * 360 // _PAST)
        document = Invoice(
            number=f"F-{place:05d}",
            creditor="MIRA",
            customer=f"C-{place % _PAST_CUSTOMERS:05d}",
            document_date=on,
            due_date=on + dt.timedelta(days=60),
            total=from_minor(10_000 + place % 700 * 100, "EUR"),
        )
        yield DocumentIssued.of(document, recorded_at=_LEARNED)


def past() -> list[str]:
    """What a user of the library writes."""
    from receivables.credit import CreditPolicy, simulate  # noqa: PLC0415  # see above

    rules = {"limit": {"warn": 9000, "hold": 10000}, "oldest-item": {"hold": 30}}
    policy = CreditPolicy.from_table({"rules": rules}, name="house")
    found = simulate(_past(), "MIRA", policy, first=AS_OF - dt.timedelta(days=365), last=AS_OF)
    return [sale.outcome.value for sale in found.sales]


def past_by_loop() -> list[str]:
    """The limit and the oldest item, where nothing is ever paid."""
    owed: dict[str, int] = {}
    oldest: dict[str, dt.date] = {}
    found = []
    for event in _past().events[_PAST_CUSTOMERS:]:
        document = event.document
        total = owed.get(document.customer, 0) + int(document.total.amount * 100)
        owed[document.customer] = total
        due = oldest.setdefault(document.customer, document.due_date)
        days = (document.document_date - due).days
        is_held = total > _PAST_LIMIT or days >= 30
        found.append("hold" if is_held else "warn" if total > _PAST_LIMIT * 9 // 10 else "allow")
    return found


def _check_past(mine: list[str], theirs: list[str]) -> bool:
    return mine == theirs
