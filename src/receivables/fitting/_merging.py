"""The workshop: from fine bins to few that a person reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs

from receivables.fitting._candidates import Candidate
from receivables.fitting._intake import Array
from receivables.fitting._needs import numpy

__all__ = ["merged"]

_SMALL: Final = 0.02
"""The least of all rows that a bin should have."""
_NEAR: Final = 0.03
"""Log odds that nobody tells apart: neighbors so near are one bin, however few there are."""


@attrs.define(kw_only=True)
class _Heap:
    """Fine bins that were put together."""

    members: list[int]
    figure: float
    curve: float
    rows: float

    def with_(self, other: _Heap) -> _Heap:
        curve = self.curve + other.curve
        figure = (self.figure * self.curve + other.figure * other.curve) / curve
        members = [*self.members, *other.members]
        return _Heap(members=members, figure=figure, curve=curve, rows=self.rows + other.rows)

    def cost(self, other: _Heap) -> float:
        both = self.curve * other.curve / (self.curve + other.curve)
        return both * (self.figure - other.figure) ** 2


def merged(
    candidate: Candidate, figures: Array, *, curve: Array, rows: Array, bins_max: int
) -> Candidate:
    """The candidate with neighboring bins put together where that costs the likelihood least.

    Categories are neighbors by their figures.  The rows are coded anew by the bins themselves.
    """
    np = numpy()
    order = range(candidate.regular)
    if not candidate.is_numeric:
        order = sorted(order, key=lambda place: float(figures[place]))  # type: ignore[assignment]
    heaps = [
        _Heap(
            members=[place],
            figure=float(figures[place]),
            curve=float(curve[place]) + 1e-6,
            rows=float(rows[place]),
        )
        for place in order
    ]
    heaps = _joined(heaps, bins_max=bins_max, least=_SMALL * float(rows.sum()))
    place_of = {place: n for n, heap in enumerate(heaps) for place in heap.members}
    tail = {
        candidate.regular + n: len(heaps) + n for n in range(candidate.size - candidate.regular)
    }
    table = np.array([{**place_of, **tail}[place] for place in range(candidate.size)])
    return Candidate(
        name=candidate.name,
        columns=candidate.columns,
        cuts=_cuts(candidate, heaps) if candidate.is_numeric else (),
        groups=() if candidate.is_numeric else _groups(candidate, heaps),
        codes=table[candidate.codes],
        gain=candidate.gain,
    )


def _joined(heaps: list[_Heap], *, bins_max: int, least: float) -> list[_Heap]:
    while len(heaps) > 2:  # noqa: PLR2004  # one bin tells nothing
        pairs = [(_urgency(heaps, n, least), n) for n in range(len(heaps) - 1)]
        (is_large, _), place = min(pairs)
        near = abs(heaps[place].figure - heaps[place + 1].figure) < _NEAR
        if len(heaps) <= bins_max and is_large and not near:
            break
        heaps[place : place + 2] = [heaps[place].with_(heaps[place + 1])]
    return heaps


def _urgency(heaps: list[_Heap], place: int, least: float) -> tuple[bool, float]:
    """Small bins first (False sorts before True), then what costs least."""
    left, right = heaps[place], heaps[place + 1]
    return min(left.rows, right.rows) >= least, left.cost(right)


def _cuts(candidate: Candidate, heaps: list[_Heap]) -> tuple[Decimal, ...]:
    return tuple(candidate.cuts[min(heap.members) - 1] for heap in heaps[1:])


def _groups(candidate: Candidate, heaps: list[_Heap]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(sorted(name for place in heap.members for name in candidate.groups[place]))
        for heap in heaps
    )
