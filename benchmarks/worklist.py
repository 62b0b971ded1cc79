"""The worklist of 100,000 customers with a million open items, beside a loop written for them.

The ledger has promises, disputes, notes and requests too; the loop knows open items alone, so that
what it leaves out is ours to pay for: holds, credits, the items behind each line, its reasons.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

from benchmarks._data import AS_OF
from benchmarks._harness import Benchmark

_CUSTOMERS: Final = 100_000
_INSTALLMENTS: Final = 10
_LEARNED: Final = dt.datetime(2025, 1, 1, 8, tzinfo=dt.UTC)
_AMOUNTS: Final = (
    (1, 1),
    (100, 2),
    (500, 5),
    (1_000, 8),
    (5_000, 15),
    (20_000, 25),
    (100_000, 40),
)
_AGES: Final = ((1, 2), (8, 5), (15, 8), (31, 15), (61, 25), (91, 35), (181, 40))
_STAKES: Final = ((10_000, 5), (50_000, 10), (100_000, 15))


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside the loop, and the points of a frame beside pandas."""
    import pandas  # noqa: F401, ICN001, PLC0415  # a peer that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="collection.worklist, cases and ranking",
        size=_CUSTOMERS * _INSTALLMENTS,
        ours=ours,
        peer_name="a loop over open items alone",
        peer=by_loop,
        limit=8.0,
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name="collection.columns.priority, Polars",
        size=_CUSTOMERS * _INSTALLMENTS,
        ours=by_columns,
        peer_name="numpy.select over pandas",
        peer=by_select,
        limit=1.0,
        check=_check_columns,
        runs=5,
    )


@functools.cache
def ledger() -> Any:  # noqa: ANN401  # a ledger of the library, which is imported when it is needed
    """A book of a million installments, one customer in twelve with a case."""
    from receivables.ledger import Ledger  # noqa: PLC0415  # see above

    return Ledger.replay(_events())


def _events() -> Iterator[Any]:
    luck = random.Random(7)  # noqa: S311  # no secret
    customers = [f"C-{index:06d}" for index in range(_CUSTOMERS)]
    for customer in customers:
        yield _invoice(customer, luck)
    for place, customer in enumerate(customers):
        yield from _cases(customer, place)


def _invoice(customer: str, luck: random.Random) -> Any:  # noqa: ANN401  # an event
    from receivables.documents import Installment, Invoice  # noqa: PLC0415  # see above
    from receivables.ledger import DocumentIssued  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above

    first = AS_OF - dt.timedelta(days=luck.randint(-20, 260))
    parts = [
        Installment(
            first + dt.timedelta(days=30 * n), from_minor(luck.randint(1_000, 900_000), "EUR")
        )
        for n in range(_INSTALLMENTS)
    ]
    document = Invoice(
        number=f"F-{customer}",
        creditor="MIRA",
        customer=customer,
        document_date=first - dt.timedelta(days=30),
        total=from_minor(sum(int(part.amount.amount * 100) for part in parts), "EUR"),
        installments=parts,
    )
    return DocumentIssued.of(document, recorded_at=_LEARNED)


def _cases(customer: str, place: int) -> Iterator[Any]:
    """Every fortieth customer has promised, contested, spoken and asked in turn."""
    from receivables import casework  # noqa: PLC0415  # see above
    from receivables.collection import contact_logged, request_received  # noqa: PLC0415  # see above
    from receivables.ledger import DisputeOpened, PromiseMade  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above

    day = AS_OF - dt.timedelta(days=4)
    made = {"on": day, "recorded_at": _LEARNED, "creditor": "MIRA"}
    item, amount = f"F-{customer}/1", from_minor(1_000, "EUR")
    fields = {"effective_on": day, "recorded_at": _LEARNED, "creditor": "MIRA"}
    if place % 40 == 0:
        promise = casework.PromiseToPay(
            promise=f"P-{place}", customer=customer, amount=amount, due_on=AS_OF, items=[item]
        )
        yield PromiseMade(event=f"p:{place}", promise=promise, **fields)
    elif place % 40 == 10:
        part = casework.DisputedPart(item=item, amount=amount)
        dispute = casework.Dispute(
            dispute=f"D-{place}", customer=customer, parts=[part], reason="price", owner="sales"
        )
        yield DisputeOpened(event=f"d:{place}", dispute=dispute, **fields)
    elif place % 40 == 20:
        note = casework.ContactNote(
            contact=f"K-{place}",
            customer=customer,
            channel="phone",
            outcome="reached",
            next_action="call",
            next_on=AS_OF,
        )
        yield contact_logged(note, **made)
    elif place % 40 == 30:
        request = casework.CustomerRequest(request=f"R-{place}", customer=customer, kind="proof")
        yield request_received(request, **made)


def ours() -> Any:  # noqa: ANN401  # a worklist
    """What a user of the library writes."""
    from receivables.collection import worklist  # noqa: PLC0415  # measured with everything loaded

    return worklist(ledger(), "MIRA", as_of=AS_OF)


def by_loop() -> list[tuple[int, str]]:
    """What somebody writes for open items alone: amounts, ages, what falls due, and an order."""
    owed: dict[str, int] = {}
    oldest: dict[str, int] = {}
    soon: dict[str, int] = {}
    for item in ledger().open_items(as_of=AS_OF):
        days = (AS_OF - item.due_date).days
        if days > 0:
            owed[item.customer] = owed.get(item.customer, 0) + item.open_minor
            oldest[item.customer] = max(oldest.get(item.customer, 0), days)
        elif days >= -7:
            soon[item.customer] = soon.get(item.customer, 0) + item.open_minor
    found = []
    for customer in {*owed, *soon}:
        points = _points(owed.get(customer, 0) // 100, _AMOUNTS)
        points += _points(oldest.get(customer, 0), _AGES)
        points += _points(soon.get(customer, 0) // 100, _STAKES)
        if points:
            found.append((-points, customer))
    found.sort()
    return found


def _points(value: int, steps: tuple[tuple[int, int], ...]) -> int:
    given = 0
    for first, points in steps:
        if value < first:
            break
        given = points
    return given


def _check(mine: Any, theirs: list[tuple[int, str]]) -> None:  # noqa: ANN401  # a worklist
    """Where a customer has no case, the two give the same points."""
    points = {line.customer: line.points for line in mine}
    plain = [(-minus, name) for minus, name in theirs if int(name[2:]) % 10]
    assert all(points[name] == given for given, name in plain), "the points differ"


@functools.cache
def frame() -> Any:  # noqa: ANN401  # a Polars frame
    """A million customers with what they owe and since when."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(9)  # noqa: S311  # no secret
    size = _CUSTOMERS * _INSTALLMENTS
    return pl.DataFrame(
        {
            "customer": list(range(size)),
            "currency": ["EUR"] * size,
            "overdue_minor": [luck.randint(0, 20_000_000) for _ in range(size)],
            "oldest_days": [luck.randint(0, 250) for _ in range(size)],
            "stake_minor": [luck.randint(0, 2_000_000) for _ in range(size)],
            "risk": luck.choices(["low", "medium", "high"], k=size),
        }
    )


@functools.cache
def _pandas() -> Any:  # noqa: ANN401  # a pandas frame
    return frame().to_pandas()


def by_columns() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.collection.columns import priority  # noqa: PLC0415  # see above

    return priority(frame())


def by_select() -> Any:  # noqa: ANN401  # a pandas series
    """What is usual in pandas: a list of conditions for each scale."""
    import numpy as np  # noqa: PLC0415  # a peer

    given = _pandas()

    def scored(values: Any, steps: tuple[tuple[int, int], ...]) -> Any:  # noqa: ANN401  # columns
        high = list(reversed(steps))
        return np.select(
            [values >= first for first, _ in high], [points for _, points in high], default=0
        )

    return (
        scored(given["overdue_minor"], tuple((first * 100, pts) for first, pts in _AMOUNTS))
        + scored(given["oldest_days"], _AGES)
        + scored(given["stake_minor"], tuple((first * 100, pts) for first, pts in _STAKES))
        + given["risk"].map({"low": 0, "medium": 8, "high": 20}).to_numpy()
    )


def _check_columns(mine: Any, theirs: Any) -> bool:  # noqa: ANN401  # frames
    return mine["points"].to_list() == theirs.tolist()
