"""How customers paid: 200,000 items from a ledger, and a million payments from a frame.

The loop over the ledger knows the weighted days of what was paid and nothing else: no medians, no
trend, no balance, no case, nothing that was undone.  What it leaves out is ours to pay for.
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
"""Of the frame; a ledger of as many takes minutes to make."""
_BOOK: Final = 20_000
_ITEMS: Final = 10
_RECEIPTS: Final = 2
_LEARNED: Final = dt.datetime(2025, 1, 1, 8, tzinfo=dt.UTC)
_MONTHS: Final = 6


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside loops and beside Polars by hand."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="scoring.behaviour, every figure of a day",
        size=_BOOK * _ITEMS,
        ours=ours,
        peer_name="a loop over events, weighted days alone",
        peer=by_loop,
        limit=30.0,
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name=f"scoring.behaviour_series, {_MONTHS} month ends",
        size=_BOOK * _ITEMS // 10 * _MONTHS,
        ours=by_series,
        peer_name="one question after the other",
        peer=one_by_one,
        limit=1.0,
        check=lambda mine, theirs: mine == theirs,
        runs=3,
    )
    yield Benchmark(
        name="scoring.columns.payment_figures, Polars",
        size=_CUSTOMERS * _ITEMS,
        ours=by_columns,
        peer_name="Polars by hand",
        peer=by_polars,
        limit=3.0,
        check=_check_columns,
        runs=5,
    )


@functools.cache
def ledger(customers: int = _BOOK) -> Any:  # noqa: ANN401  # a ledger, imported when it is needed
    """A book of installments: ten for each customer, paid by two receipts, some in part, some not."""
    from receivables.ledger import Ledger  # noqa: PLC0415  # see above

    return Ledger.replay(_events(customers))


def _events(customers: int) -> Iterator[Any]:
    luck = random.Random(11)  # noqa: S311  # no secret
    for index in range(customers):
        yield from _of_customer(f"C-{index:06d}", luck)


def _of_customer(customer: str, luck: random.Random) -> Iterator[Any]:
    from receivables.documents import Installment, Invoice  # noqa: PLC0415  # see above
    from receivables.ledger import DocumentIssued, ReceiptRecorded  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above
    from receivables.receipts import Receipt  # noqa: PLC0415  # see above

    first = AS_OF - dt.timedelta(days=luck.randint(250, 420))
    amounts = [luck.randint(1_000, 900_000) for _ in range(_ITEMS)]
    document = Invoice(
        number=f"F-{customer}",
        creditor="MIRA",
        customer=customer,
        document_date=first - dt.timedelta(days=30),
        total=from_minor(sum(amounts), "EUR"),
        installments=[
            Installment(first + dt.timedelta(days=30 * n), from_minor(minor, "EUR"))
            for n, minor in enumerate(amounts)
        ],
    )
    yield DocumentIssued.of(document, recorded_at=_LEARNED)
    for half in range(_RECEIPTS):
        legs = {
            f"F-{customer}/{n + 1}": amounts[n]
            if luck.random() < 0.9
            else amounts[n] // 2  # some in part
            for n in range(half * _ITEMS // _RECEIPTS, (half + 1) * _ITEMS // _RECEIPTS)
        }
        day = first + dt.timedelta(days=150 * half + luck.randint(30, 160))
        receipt = Receipt(
            receipt=f"r-{customer}-{half}",
            creditor="MIRA",
            customer=customer,
            booking_date=day,
            amount=from_minor(sum(legs.values()), "EUR"),
        )
        yield ReceiptRecorded.of(receipt, recorded_at=_LEARNED)
        yield _allocated(receipt.receipt, customer, legs, day)


def _allocated(receipt: str, customer: str, legs: dict[str, int], day: dt.date) -> Any:  # noqa: ANN401  # an event
    from receivables.allocation import Allocation, Leg  # noqa: PLC0415  # see above
    from receivables.ledger import Allocated  # noqa: PLC0415  # see above

    allocation = Allocation(
        allocation=f"a-{receipt}",
        creditor="MIRA",
        currency="EUR",
        legs=[
            *(Leg(item, minor) for item, minor in legs.items()),
            Leg(receipt, -sum(legs.values())),
        ],
    )
    return Allocated(
        event=f"allocated:{receipt}",
        effective_on=day,
        recorded_at=_LEARNED,
        allocation=allocation,
        customers=(customer,),
    )


def ours() -> Any:  # noqa: ANN401  # the behaviour of each customer
    """What a user of the library writes."""
    from receivables.scoring import behaviour  # noqa: PLC0415  # measured with everything loaded

    return behaviour(ledger(), "MIRA", as_of=AS_OF)


def by_loop() -> dict[str, tuple[int, int]]:
    """What somebody writes for weighted days alone."""
    from receivables.ledger import (  # noqa: PLC0415  # see above
        Allocated,
        DocumentIssued,
        ReceiptRecorded,
    )

    since = AS_OF.replace(year=AS_OF.year - 1)
    due: dict[str, dt.date] = {}
    booked: dict[str, dt.date] = {}
    found: dict[str, tuple[int, int]] = {}
    for event in ledger().events:
        if event.effective_on > AS_OF:
            continue
        if isinstance(event, DocumentIssued):
            for n, part in enumerate(event.document.installments, start=1):
                due[f"{event.document.number}/{n}"] = part.due_date
        elif isinstance(event, ReceiptRecorded):
            booked[event.receipt.receipt] = event.receipt.booking_date
        elif isinstance(event, Allocated):
            paid = next(booked[leg.item] for leg in event.allocation.legs if leg.item in booked)
            if paid <= since:
                continue
            weight, days = found.get(event.customers[0], (0, 0))
            for leg in event.allocation.legs:
                if leg.amount_minor > 0:
                    weight += leg.amount_minor
                    days += leg.amount_minor * (paid - due[leg.item]).days
            found[event.customers[0]] = (weight, days)
    return found


def _check(mine: Any, theirs: dict[str, tuple[int, int]]) -> None:  # noqa: ANN401  # see above
    """The two give the same weighted days, to the hundredth."""
    for name, (weight, days) in theirs.items():
        figure = mine[name].figures.paid_days_late
        assert abs(figure * weight - 100 * days) * 2 <= weight, "the days differ"


def _month_ends() -> list[dt.date]:
    from receivables.days import add_months, month_end  # noqa: PLC0415  # see above

    return [month_end(add_months(AS_OF, -back)) for back in range(_MONTHS)]


def by_series() -> Any:  # noqa: ANN401  # the behaviour of each customer on each day
    """What a user of the library writes."""
    from receivables.scoring import behaviour_series  # noqa: PLC0415  # see above

    return dict(behaviour_series(ledger(_BOOK // 10), "MIRA", days=_month_ends()))


def one_by_one() -> Any:  # noqa: ANN401  # the same
    """The same without the series."""
    from receivables.scoring import behaviour  # noqa: PLC0415  # see above

    book = ledger(_BOOK // 10)
    return {day: behaviour(book, "MIRA", as_of=day) for day in _month_ends()}


@functools.cache
def frame() -> Any:  # noqa: ANN401  # a Polars frame
    """A million items of 100,000 customers, three in four of them paid."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(13)  # noqa: S311  # no secret
    size = _CUSTOMERS * _ITEMS
    due = [AS_OF - dt.timedelta(days=luck.randint(-30, 400)) for _ in range(size)]
    paid = [
        day + dt.timedelta(days=luck.randint(-10, 60))
        if luck.random() < 0.75
        else None  # three in four
        for day in due
    ]
    return pl.DataFrame(
        {
            "customer": [f"C-{luck.randrange(_CUSTOMERS):06d}" for _ in range(size)],
            "currency": ["EUR"] * size,
            "amount_minor": [luck.randint(1_000, 900_000) for _ in range(size)],
            "due_date": due,
            "paid_on": paid,
        }
    )


def by_columns() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.scoring.columns import payment_figures  # noqa: PLC0415  # see above

    return payment_figures(frame(), as_of=AS_OF)


def by_polars() -> Any:  # noqa: ANN401  # a Polars frame
    """What somebody writes for the same averages and shares, in floats and without a score."""
    import polars as pl  # noqa: PLC0415  # a peer

    day = pl.lit(AS_OF)
    in_window = (pl.col("paid_on") <= day) & (
        pl.col("paid_on") > AS_OF.replace(year=AS_OF.year - 1)
    )
    is_open = pl.col("paid_on").is_null() | (pl.col("paid_on") > day)
    amount = pl.col("amount_minor")
    late = (pl.col("paid_on") - pl.col("due_date")).dt.total_days()
    past = (day - pl.col("due_date")).dt.total_days()
    return (
        frame()
        .lazy()
        .group_by("customer", "currency")
        .agg(
            pl.col("paid_on").filter(in_window).n_unique().alias("payments"),
            amount.filter(in_window).sum().alias("paid_minor"),
            (amount * late).filter(in_window).sum().alias("day_minor"),
            amount.filter(in_window & (late > 0)).sum().alias("late_minor"),
            late.filter(in_window).max().alias("largest_days_late"),
            amount.filter(is_open).sum().alias("open_minor"),
            amount.filter(is_open & (past > 0)).sum().alias("overdue_minor"),
            (amount * past).filter(is_open & (past > 0)).sum().alias("open_day_minor"),
            past.filter(is_open).max().alias("oldest_overdue_days"),
        )
        .with_columns(
            (pl.col("day_minor") / pl.col("paid_minor")).alias("paid_days_late"),
            (
                (pl.col("day_minor") + pl.col("open_day_minor"))
                / (pl.col("paid_minor") + pl.col("overdue_minor"))
            ).alias("with_open_days_late"),
            (pl.col("late_minor") / pl.col("paid_minor")).alias("late_share"),
            (pl.col("overdue_minor") / pl.col("open_minor")).alias("overdue_share"),
        )
        .sort("customer", "currency")
        .collect(engine="streaming")
    )


def _check_columns(mine: Any, theirs: Any) -> bool:  # noqa: ANN401  # frames
    """The two give the same days, to the hundredth, and the same sums."""
    theirs = theirs.filter((theirs["paid_minor"] > 0) | (theirs["open_minor"] > 0))
    days = (theirs["paid_days_late"] * 100 - mine["paid_days_late"]).drop_nans().drop_nulls()
    sums = ("payments", "paid_minor", "open_minor", "overdue_minor")
    return bool(days.abs().max() <= 0.51) and all(  # half a hundredth, and floats
        mine[name].to_list() == theirs[name].to_list() for name in sums
    )
