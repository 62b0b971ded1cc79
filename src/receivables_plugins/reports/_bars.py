"""Bars of a chart as SVG: what is owed to the right of zero, credits to its left, stacked by age.

Positions are whole thousandths of the width, so that a page is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, Protocol

import attrs

from receivables.aging.model import AgingRow

__all__ = ["Scale", "Words", "bar", "share"]

_WIDE_ENOUGH: Final = 65
"""Thousandths of the width from which a share is written into its piece."""


class Words(Protocol):
    """How a picture says its figures."""

    @property
    def labels(self) -> Sequence[str]:
        """The labels of the buckets and, last, of credits."""

    def money(self, amount_minor: int) -> str:
        """An amount with the sign of its currency."""

    def percent(self, part_minor: int, whole_minor: int) -> str:
        """A part of a whole in percent."""


@attrs.frozen
class Scale:
    """What a chart's width stands for: so much to the left of zero, so much to the right."""

    left_minor: int
    right_minor: int

    @classmethod
    def of(cls, rows: Sequence[AgingRow]) -> Scale:
        """The scale on which every row has room."""
        return cls(
            max((-sum(_below(row)) for row in rows), default=0),
            max((sum(_above(row)) for row in rows), default=0),
        )

    def at(self, amount_minor: int) -> int:
        """Where an amount stands, in thousandths of the width."""
        return share(amount_minor + self.left_minor, self.left_minor + self.right_minor)


def share(part: int, whole: int, *, of: int = 1_000) -> int:
    """A part in thousandths of a whole, half up; 0 of nothing.

    >>> share(1, 3), share(2, 3, of=100), share(5, 0)
    (333, 67, 0)
    """
    return (2 * of * part + whole) // (2 * whole) if whole else 0


def _amounts(row: AgingRow) -> tuple[int, ...]:
    return (*row.buckets_minor, row.credits_minor)


def _above(row: AgingRow) -> list[int]:
    return [amount for amount in _amounts(row) if amount > 0]


def _below(row: AgingRow) -> list[int]:
    return [amount for amount in _amounts(row) if amount < 0]


@attrs.frozen(kw_only=True)
class _Piece:
    """One bucket's part of a bar, from one place to another."""

    index: int
    amount_minor: int
    start: int
    end: int


def _pieces(row: AgingRow, scale: Scale) -> Iterator[_Piece]:
    left = right = 0
    for index, amount_minor in enumerate(_amounts(row)):
        if amount_minor > 0:
            start, end = scale.at(right), scale.at(right + amount_minor)
            right += amount_minor
        elif amount_minor < 0:
            start, end = scale.at(left + amount_minor), scale.at(left)
            left += amount_minor
        else:
            continue
        yield _Piece(index=index, amount_minor=amount_minor, start=start, end=end)


def bar(row: AgingRow, scale: Scale, *, title: str, words: Words) -> Iterator[str]:
    """One row as a picture with a title and, for who cannot see it, a description in words."""
    pieces = list(_pieces(row, scale))
    said = [f"{words.labels[piece.index]}: {words.money(piece.amount_minor)}" for piece in pieces]
    yield '<svg class="bar" role="img" width="100%" height="26">'
    yield f"<title>{escape(title)}</title><desc>{escape('; '.join(said))}</desc>"
    for piece, label in zip(pieces, said, strict=True):
        yield _drawn(piece, label=label)
    whole = sum(_above(row))
    for piece in pieces:
        if piece.amount_minor > 0 and piece.end - piece.start >= _WIDE_ENOUGH:
            middle = _percent(piece.start + piece.end, 2)
            part = escape(words.percent(piece.amount_minor, whole))
            yield f'<text class="i{piece.index}" x="{middle}" y="13">{part}</text>'
    zero = _percent(scale.at(0))
    yield f'<line class="zero" x1="{zero}" x2="{zero}" y1="0" y2="26"/></svg>'


def _drawn(piece: _Piece, *, label: str) -> str:
    width = _percent(max(piece.end - piece.start, 1))
    place = f'x="{_percent(piece.start)}" y="2" width="{width}" height="22"'
    return f'<rect class="b{piece.index}" {place}><title>{escape(label)}</title></rect>'


def _percent(thousandths: int, parts: int = 1) -> str:
    whole, rest = divmod(thousandths * 10 // parts, 100)
    return f"{whole}.{rest:02}%"
