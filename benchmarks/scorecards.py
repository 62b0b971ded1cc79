"""Scorecards: points of 100,000 rows beside NumPy, and what cards of several sizes are worth.

The table of areas under the curve takes minutes and is printed by ``python -m benchmarks.scorecards``
from the root; it needs the shared sets beside this checkout.  Everything in it is out of fold: bins,
choice of characteristics and refused columns are made anew inside every fold, for the peers too.
"""

from __future__ import annotations

import functools
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks._harness import Benchmark

_ROWS: Final = 100_000
_FOLDS: Final = 5
_SEEDS: Final = (0, 1)
_CREDIT: Final = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "credit"


def benchmarks() -> Iterable[Benchmark]:
    """The points of a frame, beside the same card written out in NumPy."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="scoring.scorecard_columns.points, Polars",
        size=_ROWS,
        ours=by_columns,
        peer_name="numpy.digitize, column by column",
        peer=by_digitize,
        limit=3.0,
        check=_check,
        runs=5,
    )
    yield Benchmark(
        name="scoring.scorecards.score, 2,000 rows as objects",
        size=2_000,
        ours=by_objects,
        peer_name="bisect and a sum, no reasons",
        peer=by_bisect,
        limit=120.0,
        check=lambda mine, theirs: [one.points for one in mine] == theirs,
        runs=3,
    )


@functools.cache
def _cuts() -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    """Fifteen columns with seven cuts each, and their points."""
    return [
        (
            f"x{n}",
            tuple(f"{0.1 * k + 0.01 * n:.2f}" for k in range(1, 8)),
            tuple((7 * n + 5 * k) % 31 - 15 for k in range(8)),
        )
        for n in range(15)
    ]


@functools.cache
def card() -> Any:  # noqa: ANN401  # a scorecard
    """A card of fifteen characteristics with eight bins each."""
    from receivables.scoring.scorecards import (  # noqa: PLC0415  # see above
        Bin,
        Characteristic,
        Scorecard,
    )

    made = []
    for name, cuts, points in _cuts():
        ends = (None, *cuts, None)
        bins = [
            Bin(kind="interval", points=given, lower=ends[n], upper=ends[n + 1])
            for n, given in enumerate(points)
        ]
        made.append(Characteristic(name=name, bins=[*bins, Bin(kind="missing", points=-3)]))
    return Scorecard(name="fifteen", characteristics=made, base_points=500)


@functools.cache
def frame() -> Any:  # noqa: ANN401  # a Polars frame
    """A hundred thousand rows, one value in twenty missing."""
    import numpy as np  # noqa: PLC0415  # a peer
    import polars as pl  # noqa: PLC0415  # see above

    luck = np.random.default_rng(3)
    columns = {}
    for name, _, _ in _cuts():
        values = luck.random(_ROWS).round(4)
        values[luck.random(_ROWS) < 0.05] = math.nan
        columns[name] = values
    return pl.DataFrame(columns)


def by_columns() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.scoring.scorecard_columns import points  # noqa: PLC0415  # see above

    return points(frame(), scorecard=card(), parts=False)


def by_digitize() -> Any:  # noqa: ANN401  # an array
    """What somebody writes for this card alone."""
    import numpy as np  # noqa: PLC0415  # a peer

    total = np.full(_ROWS, 500)
    for name, cuts, points in _cuts():
        values = frame()[name].to_numpy()
        found = np.array(points)[np.digitize(values, [float(cut) for cut in cuts])]
        total += np.where(np.isnan(values), -3, found)
    return total


def _check(mine: Any, theirs: Any) -> bool:  # noqa: ANN401  # frames
    return bool((mine["points"].to_numpy() == theirs).all())


@functools.cache
def _few() -> list[dict[str, Any]]:
    return list(frame().head(2_000).to_dicts())


def by_objects() -> Any:  # noqa: ANN401  # a list of scores
    """Every score with its contributions, its odds and its probability."""
    from receivables.scoring.scorecards import score  # noqa: PLC0415  # see above

    return [score(row, scorecard=card()) for row in _few()]


def by_bisect() -> list[int]:
    """The sum and nothing else."""
    import bisect  # noqa: PLC0415  # the peer

    table = [(name, [float(cut) for cut in cuts], points) for name, cuts, points in _cuts()]
    found = []
    for row in _few():
        total = 500
        for name, cuts, points in table:
            value = row[name]
            total += -3 if math.isnan(value) else points[bisect.bisect_right(cuts, value)]
        found.append(total)
    return found


# What a card is worth.


def polish_raw() -> Any:  # noqa: ANN401  # a pandas frame
    """The Polish set as it is; columns X1 to X64 and ``failed``."""
    from receivables.fitting.tables import read_table  # noqa: PLC0415  # see above

    with (_CREDIT / "polish_5year.arff").open(encoding="utf-8") as text:
        table = read_table(text, name="polish.arff")
    table.columns = [*(f"X{n}" for n in range(1, 65)), "failed"]
    return table


def polish() -> Any:  # noqa: ANN401  # a pandas frame
    """The set without its leak: 53 ratios, 5,771 complete rows, 402 failures."""
    table = polish_raw().drop_duplicates()
    gaps = table.isna().mean()
    kept = [n for n in table.columns if gaps[n] <= 0.01 and n not in {"X21", "X27", "X37"}]
    table = table[kept].dropna().reset_index(drop=True)
    assert table.shape == (5_771, 54)
    return table


def german() -> Any:  # noqa: ANN401  # a pandas frame
    """The German set."""
    from receivables.fitting.tables import read_table  # noqa: PLC0415  # see above

    with (_CREDIT / "german_credit.csv").open(encoding="utf-8") as text:
        return read_table(text, name="german.csv")


def altman(table: Any) -> float:  # noqa: ANN401  # a pandas frame
    """The area of Altman's Z'' on the Polish ratios."""
    from receivables.fitting import auc  # noqa: PLC0415  # see above

    score = 6.56 * table.X3 + 3.26 * table.X6 + 6.72 * table.X7 + 1.05 * table.X8
    return auc(-score, table.failed)


def _held_out(table: Any, outcome: Any, fit: Callable[..., Any], *, seed: int) -> float:  # noqa: ANN401  # arrays
    """The area of a model of scikit-learn, out of fold."""
    import numpy as np  # noqa: PLC0415  # a peer
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415  # a peer

    from receivables.fitting import auc  # noqa: PLC0415  # see above

    risk = np.zeros(len(outcome))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for inside, outside in folds.split(table, outcome):
        risk[outside] = fit(table.iloc[inside], outcome[inside], table.iloc[outside])
    return auc(risk, outcome)


def boosting(inside: Any, outcome: Any, outside: Any) -> Any:  # noqa: ANN401  # frames and arrays
    """Histogram boosting of scikit-learn with its own settings."""
    import pandas as pd  # noqa: PLC0415  # a peer
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # a peer

    both = pd.concat([inside, outside])
    for name in both.columns:
        if not pd.api.types.is_numeric_dtype(both[name]):
            both[name] = both[name].astype("category")
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
    model.fit(both.iloc[: len(inside)], outcome)
    return model.predict_proba(both.iloc[len(inside) :])[:, 1]


def woe_and_logit(inside: Any, outcome: Any, outside: Any) -> Any:  # noqa: ANN401  # frames and arrays
    """The usual way: every column in fifths, weights of evidence, a logistic regression."""
    import numpy as np  # noqa: PLC0415  # a peer
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # a peer

    left, right = [], []
    for name in inside.columns:
        codes, others = _binned(inside[name], outside[name])
        bad = np.bincount(codes, outcome, codes.max() + 2) + 0.5
        good = np.bincount(codes, 1 - outcome, codes.max() + 2) + 0.5
        weights = np.log(bad / bad.sum() / (good / good.sum()))
        weights[-1] = 0.0
        left.append(weights[codes])
        right.append(weights[np.minimum(others, codes.max() + 1)])
    model = LogisticRegression(C=0.1, max_iter=1_000)
    model.fit(np.column_stack(left), outcome)
    return model.predict_proba(np.column_stack(right))[:, 1]


def _binned(inside: Any, outside: Any) -> tuple[Any, Any]:  # noqa: ANN401  # series and arrays
    import numpy as np  # noqa: PLC0415  # a peer
    import pandas as pd  # noqa: PLC0415  # a peer

    if not pd.api.types.is_numeric_dtype(inside):
        known = sorted(inside.dropna().unique())
        found = [
            np.array([known.index(v) if v in known else 10**6 for v in s])
            for s in (inside, outside)
        ]
        return found[0], found[1]
    cuts = np.unique(np.quantile(inside.dropna(), [0.2, 0.4, 0.6, 0.8]))
    return np.digitize(inside, cuts), np.digitize(outside, cuts)


def areas() -> Iterator[tuple[str, str, float, float]]:
    """What is compared: the set, the way, the mean area over two draws of folds, seconds."""
    table = polish()
    outcome = table.failed.to_numpy()
    ratios = table.drop(columns="failed")
    yield _timed("polish", "Altman Z''", lambda: altman(table))
    for name, fit in (("weights of evidence and logit", woe_and_logit), ("boosting", boosting)):
        yield _timed("polish", name, _mean(lambda s, f=fit: _held_out(ratios, outcome, f, seed=s)))
    for name, given in _variants():
        yield _timed("polish", name, _mean(lambda s, g=given: _card(table, "failed", 1, s, **g)))
    raw = polish_raw()
    for leaks in ("drop", "keep"):
        way = _mean(lambda s, k=leaks: _card(raw, "failed", 1, s, leaks=k))
        yield _timed("polish with its leak", f"card, gaps that tell: {leaks}", way)
    table = german()
    outcome = (table.creditability == "bad").to_numpy().astype(float)
    columns = table.drop(columns="creditability")
    for name, fit in (("weights of evidence and logit", woe_and_logit), ("boosting", boosting)):
        yield _timed("german", name, _mean(lambda s, f=fit: _held_out(columns, outcome, f, seed=s)))
    for name, given in (("card of 15", {}), ("card of 15, no quotients", {"quotients": False})):
        way = _mean(lambda s, g=given: _card(table, "creditability", "bad", s, **g))
        yield _timed("german", name, way)


def _variants() -> Iterator[tuple[str, dict[str, Any]]]:
    for count in (5, 8, 10, 12, 15):
        yield f"card of {count}", {"max_characteristics": count}
    yield "card without end", {"max_characteristics": 100}
    yield "card of 15, points to a thousandth", {"point_decimals": 3}
    yield "card of 15, thirty bins", {"bins_max": 30}
    yield "card of 15, always monotone", {"monotone": "always"}
    yield "card of 15, never monotone", {"monotone": "never"}
    yield "card of 15, no quotients", {"quotients": False}


def _card(table: Any, target: str, bad: object, seed: int, **given: Any) -> float:  # noqa: ANN401  # a frame, settings
    from receivables.fitting import out_of_fold  # noqa: PLC0415  # see above

    held = out_of_fold(table, target=target, bad=bad, folds=_FOLDS, seed=seed, **given)
    return held.separation.auc


def _mean(way: Callable[[int], float]) -> Callable[[], float]:
    return lambda: sum(way(seed) for seed in _SEEDS) / len(_SEEDS)


def _timed(set_: str, name: str, way: Callable[[], float]) -> tuple[str, str, float, float]:
    start = time.perf_counter()
    area = way()
    return set_, name, area, time.perf_counter() - start


if __name__ == "__main__":
    if not _CREDIT.is_dir():
        sys.exit("the shared sets are not beside this checkout")
    for row in areas():
        print("{:22} {:40} {:.4f} {:7.1f} s".format(*row), flush=True)
