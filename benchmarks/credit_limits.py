"""100,000 customers scored, put into classes and given a limit, beside what is written in NumPy for it."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._harness import Benchmark

_CUSTOMERS: Final = 100_000
_LIMITED: Final = 10_000
_LATE: Final = ((0, 40), (15, 15), (30, -10), (60, -35))
"""Points of days beyond terms: up to and without each bound, the last beyond it."""
_AGE: Final = ((12, -20), (36, 0), (120, 15))
_CLASSES: Final = ((640, "A"), (600, "B"), (560, "C"), (520, "D"), (480, "E"))
_WORTH: Final = {"A": 5_000, "B": 3_500, "C": 2_000, "D": 1_000}
_SALES: Final = {"A": 1_000, "B": 500, "C": 300, "D": 100}
_DAYS: Final = {"A": 60, "B": 45, "C": 30, "D": 30}


def benchmarks() -> Iterable[Benchmark]:
    """Frames beside NumPy, and values beside a loop that keeps no cap and no reason."""
    import numpy  # noqa: F401, ICN001, PLC0415  # a peer that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="credit: score, class and limit, Polars",
        size=_CUSTOMERS,
        ours=by_columns,
        peer_name="numpy.select, written by hand",
        peer=by_select,
        limit=20.0,
        check=_check_columns,
        runs=5,
    )
    yield Benchmark(
        name="credit.recommend_limit, objects",
        size=_LIMITED,
        ours=by_objects,
        peer_name="a loop for the same policy",
        peer=by_loop,
        limit=150.0,
        check=_check_objects,
        runs=3,
    )


@functools.cache
def frame() -> Any:  # noqa: ANN401  # a Polars frame
    """Customers with figures, one in five without a balance sheet."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(11)  # noqa: S311  # no secret
    known = [luck.random() > 0.2 for _ in range(_CUSTOMERS)]

    def figure(low: int, high: int) -> list[int | None]:
        return [luck.randint(low, high) if is_known else None for is_known in known]

    return pl.DataFrame(
        {
            "customer": list(range(_CUSTOMERS)),
            "currency": ["EUR"] * _CUSTOMERS,
            "days_late": [luck.randint(-10, 90) for _ in range(_CUSTOMERS)],
            "months_known": [luck.randint(0, 240) for _ in range(_CUSTOMERS)],
            "tangible_net_worth_minor": figure(-(10**8), 10**10),
            "sales_minor": figure(0, 10**11),
            "purchases_minor": [luck.randint(0, 10**9) for _ in range(_CUSTOMERS)],
            "tax_bps": [2_000] * _CUSTOMERS,
            "delay_days": [luck.randint(0, 60) for _ in range(_CUSTOMERS)],
        }
    )


@functools.cache
def _card() -> Any:  # noqa: ANN401  # a scorecard
    from receivables.scoring.scorecards import (  # noqa: PLC0415  # measured with everything loaded
        Bin,
        Characteristic,
        Scorecard,
    )

    def bins(steps: tuple[tuple[int, int], ...], beyond: int) -> list[Bin]:
        found, lower = [], None
        for upper, points in steps:
            found.append(Bin(kind="interval", lower=lower, upper=upper, points=points))
            lower = upper
        missing = Bin(kind="missing", points=0)
        return [*found, Bin(kind="interval", lower=lower, points=beyond), missing]

    return Scorecard(
        name="benchmark",
        base_points=580,
        characteristics=[
            Characteristic(name="days_late", bins=bins(_LATE, -60)),
            Characteristic(name="months_known", bins=bins(_AGE, 30)),
        ],
    )


@functools.cache
def _policy() -> Any:  # noqa: ANN401  # a policy
    from receivables.credit.limit_policies import (  # noqa: PLC0415  # see above
        ClassTerms,
        LimitPolicy,
    )

    return LimitPolicy(
        shares={
            "need": {"*": 10_000},
            "tangible-net-worth": _WORTH,
            "sales": _SALES,
        },
        terms={name: ClassTerms(terms_days=days) for name, days in _DAYS.items()},
        steps={"*": 100},
    )


def by_columns() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.credit.recommendation_columns import (  # noqa: PLC0415  # see above
        recommended_limits,
    )
    from receivables.scoring.scorecard_columns import points  # noqa: PLC0415  # see above

    scored = points(frame(), scorecard=_card(), parts=False)
    return recommended_limits(scored, policy=_policy())


def by_select() -> Any:  # noqa: ANN401  # an array
    """What is usual: a list of conditions for each step, and the lowest of what is there."""
    import numpy as np  # noqa: PLC0415  # a peer

    given = {name: frame()[name].to_numpy() for name in ("days_late", "months_known", "delay_days")}
    late, age = given["days_late"], given["months_known"]
    points = 580 + np.select([late < up for up, _ in _LATE], [p for _, p in _LATE], default=-60)
    points += np.select([age < up for up, _ in _AGE], [p for _, p in _AGE], default=30)
    reached = [points >= low for low, _ in _CLASSES]

    def of_class(table: dict[str, int]) -> Any:  # noqa: ANN401  # an array
        return np.select(reached, [table.get(name, 0) for _, name in _CLASSES], default=0)

    none = 2**62
    known = ~frame()["sales_minor"].is_null().to_numpy()
    worth = np.maximum(frame()["tangible_net_worth_minor"].fill_null(0).to_numpy(), 0)
    sales = frame()["sales_minor"].fill_null(0).to_numpy()
    days = of_class(_DAYS) + given["delay_days"]
    need = frame()["purchases_minor"].to_numpy() * (12_000 * days) // 3_650_000
    caps = np.minimum(worth * of_class(_WORTH) // 10_000, sales * of_class(_SALES) // 10_000)
    limit = np.minimum(need, np.where(known, caps, none))
    may = known & (of_class(_DAYS) > 0)
    return np.where(may, limit // 10_000 * 10_000, 0)


def _check_columns(mine: Any, theirs: Any) -> bool:  # noqa: ANN401  # frames
    return mine["limit_minor"].to_list() == theirs.tolist()


@functools.cache
def _figures() -> list[tuple[Any, str]]:
    from receivables.credit.recommending import LimitFigures  # noqa: PLC0415  # see above

    names = [name for name in frame().columns if name in LimitFigures.__slots__]
    rows = by_columns().head(_LIMITED).to_dicts()
    return [
        (LimitFigures(**{name: row[name] for name in names}), row["risk_class"]) for row in rows
    ]


def by_objects() -> Any:  # noqa: ANN401  # limits
    """What a user of the library writes for one customer after the other."""
    from receivables.credit.recommending import recommend_limit  # noqa: PLC0415  # see above

    policy = _policy()
    return [recommend_limit(one, risk_class=name, policy=policy) for one, name in _figures()]


def by_loop() -> list[int]:
    """What somebody writes for these three caps alone, and for the sum alone."""
    found = []
    for one, name in _figures():
        if name not in _DAYS or one.sales_minor is None:
            found.append(0)
            continue
        days = _DAYS[name] + one.delay_days
        need = one.purchases_minor * 12_000 * days // 3_650_000
        worth = max(0, one.tangible_net_worth_minor) * _WORTH[name] // 10_000
        found.append(min(need, worth, one.sales_minor * _SALES[name] // 10_000) // 10_000 * 10_000)
    return found


def _check_objects(mine: Any, theirs: list[int]) -> bool:  # noqa: ANN401  # limits
    return [one.limit_minor for one in mine] == theirs
