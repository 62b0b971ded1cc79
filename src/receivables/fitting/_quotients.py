"""The workshop: quotients of two columns that say more than either of them.

A quotient is tried where the denominator is above zero nearly always, where it gains clearly more on
held-out rows than the better of its parts, and where the two columns do not repeat each other: two
columns that are the same figure for most rows differ where the data were made differently, and that
tells the outcome for no reason of the trade (`receivables.fitting.examine` warns of it).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from receivables.fitting import _pursuit
from receivables.fitting._candidates import Candidate, made, quotient_values, repeats
from receivables.fitting._intake import Array, Column
from receivables.fitting._needs import numpy
from receivables.fitting._pursuit import _Rows

__all__ = ["quotients"]

_POSITIVE: Final = 0.99
_SAME: Final = 0.05
"""Columns whose quotient is one number, to a thousandth, in so many rows repeat each other."""
_SAME_SAID: Final = 0.98
_LEAD: Final = 1.2
_ROWS: Final = 5_000
_PARTS_MAX: Final = 60
_DISTINCT: Final = 20


def quotients(
    columns: dict[str, Column], singles: Iterable[Candidate], rows: _Rows
) -> list[Candidate]:
    """The quotients worth trying, those that say most by themselves first."""
    np = numpy()
    policy = rows.policy
    few = _few(rows)
    slope, curve = _start(rows)
    gain_of = {one.columns[0]: _plain(one.codes, one.size, slope, curve, few) for one in singles}
    parts = sorted(gain_of, key=lambda name: -gain_of[name])
    parts = [name for name in parts if _is_measure(columns[name])][:_PARTS_MAX]
    found = []
    for above, below in _pairs(columns, parts):
        shared = quotient_values(columns[above].values[few], columns[below].values[few])
        codes, size = _quick(shared, bins=policy.fine_bins)
        gain = _plain(codes, size, slope[few], curve[few], np.arange(len(few)))
        if gain < _LEAD * max(gain_of[above], gain_of[below]) or repeats(shared) > _SAME:
            continue
        found.append((gain, above, below))
    found.sort(key=lambda each: (-each[0], each[1], each[2]))
    kept: list[Candidate] = []
    for _, above, below in found[: 2 * policy.quotients_max]:
        candidate = made(columns, (above, below), bins=policy.fine_bins)
        if candidate is not None:
            _keep(candidate, kept)
    return kept[: policy.quotients_max]


def _keep(candidate: Candidate, kept: list[Candidate]) -> None:
    """Keep a quotient, or of two that say the same the one whose numbers are near one."""
    for place, other in enumerate(kept):
        if _pursuit.alike(candidate, other, least=_SAME_SAID):
            if _size(candidate) < _size(other) - 1:
                kept[place] = candidate
            return
    kept.append(candidate)


def _size(candidate: Candidate) -> float:
    """How far the middle cut is from one, in powers of ten."""
    middle = abs(float(candidate.cuts[len(candidate.cuts) // 2]))
    return abs(math.log10(middle)) if middle else 0.0


def _few(rows: _Rows) -> Array:
    """At most five thousand rows, half of them bad where there are so many; in their order."""
    np = numpy()
    if len(rows.bad) <= _ROWS:
        return np.arange(len(rows.bad))
    luck = np.random.default_rng(rows.policy.seed)
    bad, good = np.flatnonzero(rows.bad == 1), np.flatnonzero(rows.bad == 0)
    bad = luck.permutation(bad)[: _ROWS // 2]
    good = luck.permutation(good)[: _ROWS - len(bad)]
    return np.sort(np.concatenate([bad, good]))


def _start(rows: _Rows) -> tuple[Array, Array]:
    """The derivatives where nothing is known but how many are bad."""
    model = _pursuit.empty_model(rows)
    chance = _pursuit.probabilities(numpy().full(len(rows.bad), model.intercept))
    return rows.weights * (rows.bad - chance), rows.weights * chance * (1.0 - chance)


def _plain(codes: Array, size: int, slope: Array, curve: Array, few: Array) -> float:
    np = numpy()
    slopes = np.bincount(codes[few], slope[few], size)
    curves = np.bincount(codes[few], curve[few], size)
    return float((slopes**2 / (curves + 3.0)).sum())


def _is_measure(column: Column) -> bool:
    """Whether a column is a figure that is worth dividing, and not a code of few values."""
    np = numpy()
    if column.kind != "number":
        return False
    there = column.values[np.isfinite(column.values)]
    return len(np.unique(there[:_ROWS])) >= _DISTINCT


def _pairs(columns: dict[str, Column], parts: list[str]) -> Iterator[tuple[str, str]]:
    """Each pair once, with a denominator that is above zero."""
    np = numpy()
    positive = set()
    for name in parts:
        values = columns[name].values
        there = values[np.isfinite(values)]
        if len(there) and float((there > 0).mean()) >= _POSITIVE:
            positive.add(name)
    for below in parts:
        if below not in positive:
            continue
        for above in parts:
            if above != below and (above not in positive or above < below):
                yield above, below


def _quick(values: Array, *, bins: int) -> tuple[Array, int]:
    """Bins of equal size without any care for how their cuts look."""
    np = numpy()
    is_there = np.isfinite(values)
    if not is_there.any():
        return np.zeros(len(values), dtype=np.int64), 1
    edges = np.unique(np.quantile(values[is_there], np.linspace(0, 1, bins + 1)[1:-1]))
    codes = np.searchsorted(edges, np.where(is_there, values, 0.0), side="right")
    codes[~is_there] = len(edges) + 1
    return codes.astype(np.int64), len(edges) + 2
