"""A loss allowance over data frames: the caller's own kind of frame comes in and goes out.

>>> import polars as pl
>>> from receivables.aging import AgingScheme
>>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(30),
...                          segments={"": ["0", "2 %", "25 %"]})
>>> items = pl.DataFrame({
...     "customer": ["C-017", "C-017"], "currency": ["EUR", "EUR"],
...     "open_minor": [120_000, 40_000],
...     "due_date": [dt.date(2026, 10, 1), dt.date(2026, 8, 1)],
... })
>>> provision(items, matrix=matrix, as_of=dt.date(2026, 10, 31)).select(
...     "customer", "allowance_1", "allowance_2", "allowance_minor").rows()
[('C-017', 2400, 10000, 12400)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from receivables import limits
from receivables._ops import Ops, Term
from receivables.aging.columns import aging
from receivables.allowance import rules
from receivables.allowance.policies import AllowanceBase, ProvisionMatrix
from receivables.currencies.rules import limbs
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    CONTESTED_MINOR,
    COVER_BPS,
    COVERED_MINOR,
    CREDITOR,
    CURRENCY,
    CUSTOMER,
    OPEN_MINOR,
    SEGMENT,
    SPECIFIC,
    SPECIFIC_BPS,
    TAX_MINOR,
    Frame,
    NativeFrame,
    Table,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)

__all__ = ["provision"]

_WHOLE_BPS: Final = 10_000
_PART: Final = "base_part"
_NAMED_MAX: Final = 5
_PAIRS: Final = ((SPECIFIC, SPECIFIC_BPS), (COVERED_MINOR, COVER_BPS))
"""Columns that mean something together only."""


def provision(
    frame: NativeFrame, *, matrix: ProvisionMatrix, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """What is expected to be lost: one row per customer, currency and segment, in minor units.

    The frame has what `receivables.aging.columns.aging` needs, and may have more: ``segment``;
    ``specific`` and ``specific_bps`` where an item has an allowance of its own (an empty text and 0
    where it has none); ``covered_minor`` and ``cover_bps``, the same in all rows of a customer and
    currency; ``contested_minor``, what is disputed and left out of a pool; ``tax_minor``, the tax in
    what is left, which a matrix that is net of tax needs.  `receivables.allowance.item_columns`
    makes them all.

    The result has the keys (with ``specific`` and ``specific_bps`` where they came in), ``bucket_0``
    and so on, ``credits_minor``, ``total_minor`` and ``items`` as an aging has them, ``base_minor``,
    ``covered_minor`` (what the cover bears), ``allowance_0`` and so on, and ``allowance_minor``.

    A lazy frame stays lazy, after small questions about its contents; `trusted` spares those of the
    aging.  Raises what `aging` raises, `DocumentError` for columns that are missing, and
    `PolicyError` for a segment without rates.
    """
    table = open_table(
        frame, needs=(CUSTOMER, CURRENCY, OPEN_MINOR), nullable=_optional(), trusted=True
    )
    _check_columns(table, matrix)
    keys = _keys(table)
    rows = _aged(frame, table, matrix=matrix, as_of=as_of, keys=keys, trusted=trusted)
    if SEGMENT in keys:
        _check_segments(rows, matrix)
    count = matrix.scheme.bucket_count
    measured = _Measured(table=rows, matrix=matrix, keys=keys, count=count).frame()
    shown = [key for key in keys if key not in (COVERED_MINOR, COVER_BPS)]
    # The rows of a lazy frame stay lazy, because they are no more than the question so far.
    result: NativeFrame = rows.native(rows.sorted(measured, *shown))
    return result


def _optional() -> tuple[str, ...]:
    return (CONTESTED_MINOR, TAX_MINOR)


def _check_columns(table: Table[Any], matrix: ProvisionMatrix) -> None:
    for pair in _PAIRS:
        there = [name for name in pair if table.has(name)]
        if len(there) == 1:
            msg = f"columns must include {' and '.join(pair)} together, got {there[0]} alone"
            raise DocumentError(msg)
    if matrix.base is AllowanceBase.NET_OF_TAX and not table.has(TAX_MINOR):
        msg = f"columns must include {TAX_MINOR}, because matrix {matrix.name} is net of tax"
        raise DocumentError(msg)


def _keys(table: Table[Any]) -> list[str]:
    names = (CREDITOR, CUSTOMER, CURRENCY, SEGMENT, *(one for pair in _PAIRS for one in pair))
    return [name for name in names if table.has(name)]


def _aged(
    frame: Any,  # noqa: ANN401  # the caller's own frame
    table: Table[Any],
    *,
    matrix: ProvisionMatrix,
    as_of: dt.date,
    keys: list[str],
    trusted: bool,
) -> Table[Any]:
    """The aging of what is open, with that of its base beside it where they differ."""
    is_net = matrix.base is AllowanceBase.NET_OF_TAX
    if not (is_net or table.has(CONTESTED_MINOR)):
        rows = aging(frame, scheme=matrix.scheme, as_of=as_of, keys=keys, trusted=trusted)
        return _opened(rows, table)
    nw, col = narwhals(), narwhals().col
    marked = table.frame.with_columns((col(OPEN_MINOR) * 0).alias(_PART))
    base = marked.with_columns(
        _base(table, is_net=is_net).cast(nw.Int64).alias(OPEN_MINOR), (col(_PART) + 1).alias(_PART)
    )
    both = nw.concat([marked, base.select(*marked.collect_schema().names())])
    rows = aging(
        both.to_native(),
        scheme=matrix.scheme,
        as_of=as_of,
        keys=[*keys, _PART],
        trusted=trusted,
    )
    return _beside(_opened(rows, table), keys, count=matrix.scheme.bucket_count)


def _opened(rows: Any, table: Table[Any]) -> Table[Any]:  # noqa: ANN401  # the caller's own frame
    return attrs.evolve(open_table(rows, needs=(), trusted=True), is_lazy=table.is_lazy)


def _base(table: Table[Any], *, is_net: bool) -> Term:
    """What the rates are taken of: what is open, less what is contested in a pool, less the tax."""
    col, ops = narwhals().col, column_ops()
    base: Term = col(OPEN_MINOR)
    if table.has(CONTESTED_MINOR):
        contested: Term = col(CONTESTED_MINOR).fill_null(0)
        if table.has(SPECIFIC):
            contested = ops.when(col(SPECIFIC) == "", contested, 0)
        base = rules.clear(base, contested_minor=contested, ops=ops)
    return base - col(TAX_MINOR).fill_null(0) if is_net else base


def _beside(table: Table[Any], keys: list[str], *, count: int) -> Table[Any]:
    """One row per group, from its row of what is open and its row of the base."""
    col, ops, nw = narwhals().col, column_ops(), narwhals()
    gross = [f"bucket_{index}" for index in range(count)] + [
        "credits_minor",
        "total_minor",
        "items",
    ]
    bases = [f"bucket_{index}" for index in range(count)]
    spread = table.frame.with_columns(
        *(ops.when(col(_PART) == 1, col(name), 0).alias(f"base_{name}") for name in bases),
        *(ops.when(col(_PART) == 0, col(name), 0).alias(f"open_{name}") for name in gross),
    )
    names = [*(f"base_{name}" for name in bases), *(f"open_{name}" for name in gross)]
    summed = spread.group_by(*keys).agg(col(name).sum() for name in names)
    frame = summed.select(
        *keys,
        *(col(f"open_{name}").cast(nw.Int64).alias(name) for name in gross),
        *(col(f"base_{name}").cast(nw.Int64).alias(f"base_{name}") for name in bases),
    )
    types = dict.fromkeys(frame.collect_schema().names(), nw.Int64)
    return attrs.evolve(table, frame=frame, types=types)


def _check_segments(table: Table[Any], matrix: ProvisionMatrix) -> None:
    """Refuse a segment that no rates are for; nothing is asked where the matrix has some for all."""
    if "" in matrix.segment_names:
        return
    found = rows_of(table.frame.select(narwhals().col(SEGMENT).cast(narwhals().String)).unique())
    unknown = sorted(str(name) for (name,) in found if name not in matrix.segment_names)
    if unknown:
        known = ", ".join(matrix.segment_names)
        msg = f"segment must be one of {known} of matrix {matrix.name}, got {', '.join(unknown[:_NAMED_MAX])}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class _Measured:
    """The rows of an aging with what is expected to be lost of each bucket."""

    table: Table[Any]
    matrix: ProvisionMatrix
    keys: Sequence[str]
    count: int

    def frame(self) -> Frame:
        """The rows with their bases, what a cover bears, and the allowance of every bucket."""
        buckets = range(self.count)
        col, nw = narwhals().col, narwhals()
        frame = self._with_bases(self.table.frame)
        # Each part of a product in a column of its own: an expression would double at every step.
        parts = [("pool", bucket) for bucket in buckets]
        if COVERED_MINOR in self.keys and self.matrix.covered_rate:
            parts += [("borne", bucket) for bucket in buckets]
        frame = self._with_products(frame, parts)
        sums = {
            bucket: _sum_of([col(_name(kind, at, "lost")) for kind, at in parts if at == bucket])
            for bucket in buckets
        }
        frame = frame.with_columns(
            *(sums[bucket].cast(nw.Int64).alias(f"allowance_{bucket}") for bucket in buckets),
            _sum_of([col(_name("base", bucket)) for bucket in buckets]).alias("base_minor"),
            _sum_of([col(_name("borne", bucket)) for bucket in buckets]).alias("borne_minor"),
        )
        total = _sum_of([col(f"allowance_{bucket}") for bucket in buckets])
        shown = [key for key in self.keys if key not in (COVERED_MINOR, COVER_BPS)]
        return frame.select(
            *shown,
            *(f"bucket_{bucket}" for bucket in buckets),
            *("credits_minor", "total_minor", "items"),
            col("base_minor").cast(nw.Int64),
            col("borne_minor").cast(nw.Int64).alias(COVERED_MINOR),
            *(f"allowance_{bucket}" for bucket in buckets),
            total.cast(nw.Int64).alias("allowance_minor"),
        )

    def _with_bases(self, frame: Frame) -> Frame:
        """What the rates are taken of, and what a cover bears of it, bucket by bucket."""
        col, ops = narwhals().col, column_ops()
        has_bases = "base_bucket_0" in frame.collect_schema().names()
        frame = frame.with_columns(
            rules.counted(
                col(f"base_bucket_{bucket}" if has_bases else f"bucket_{bucket}"),
                gross=col(f"bucket_{bucket}"),
                ops=ops,
            ).alias(_name("base", bucket))
            for bucket in range(self.count)
        )
        return self._with_borne(frame, ops).with_columns(
            (col(_name("base", bucket)) - col(_name("borne", bucket))).alias(_name("pool", bucket))
            for bucket in range(self.count)
        )

    def _with_borne(self, frame: Frame, ops: Ops) -> Frame:
        """What a cover bears of each base: its reach first, then its share of that."""
        col = narwhals().col
        bases = [col(_name("base", bucket)) for bucket in range(self.count)]
        borne = [_name("borne", bucket) for bucket in range(self.count)]
        if COVERED_MINOR not in self.keys:
            return frame.with_columns(
                (base * 0).alias(name) for base, name in zip(bases, borne, strict=True)
            )
        limit: Term = col(COVERED_MINOR)
        if SPECIFIC in self.keys:
            # A person who judges a claim knows what it is covered by.
            limit = ops.when(col(SPECIFIC) == "", limit, 0)
        reached = rules.covered(limit, bases, ops=ops)
        return frame.with_columns(
            one.alias(name) for one, name in zip(reached, borne, strict=True)
        ).with_columns(rules.share(col(name), col(COVER_BPS)).alias(name) for name in borne)

    def _with_products(self, frame: Frame, parts: Sequence[tuple[str, int]]) -> Frame:
        """Each part times its rate, exactly and rounded once, digit by digit within 64 bits."""
        col, ops, nw = narwhals().col, column_ops(), narwhals()
        frame = frame.with_columns(
            term.cast(nw.Int64).alias(_name(kind, bucket, what))
            for kind, bucket in parts
            for what, term in zip(("over", "under"), self._ratio(kind, bucket, ops), strict=True)
        )
        bits, largest = self._bits(), self._largest()
        amounts = {part: limbs(col(_name(*part)), bits, largest=largest) for part in parts}
        frame = frame.with_columns(
            *(
                (amounts[part][0] * col(_name(*part, "over"))).alias(_name(*part, "rest"))
                for part in parts
            ),
            *((col(_name(*part)) * 0).alias(_name(*part, "lost")) for part in parts),
        )
        for place in range(1, len(amounts[parts[0]])):
            frame = self._next_digit(frame, {part: amounts[part][place] for part in parts}, bits)
        return frame.with_columns(
            (
                col(_name(*part, "lost"))
                + rules.divided(
                    col(_name(*part, "rest")),
                    col(_name(*part, "under")),
                    rounding=self.matrix.rounding,
                    ops=ops,
                )
            ).alias(_name(*part, "lost"))
            for part in parts
        )

    def _next_digit(self, frame: Frame, digit: dict[tuple[str, int], Term], bits: int) -> Frame:
        """One step of a long division."""
        col = narwhals().col
        frame = frame.with_columns(
            (col(_name(*part, "rest")) // col(_name(*part, "under"))).alias(_name(*part, "whole"))
            for part in digit
        )
        steps = []
        for part, limb in digit.items():
            rest, under = col(_name(*part, "rest")), col(_name(*part, "under"))
            whole, lost = col(_name(*part, "whole")), col(_name(*part, "lost"))
            left = rest - whole * under
            steps += [
                ((lost + whole) * 2**bits).alias(_name(*part, "lost")),
                (left * 2**bits + limb * col(_name(*part, "over"))).alias(_name(*part, "rest")),
            ]
        return frame.with_columns(*steps)

    def _ratio(self, kind: str, bucket: int, ops: Ops) -> tuple[Term, Term]:
        """Numerator and denominator of the rate of a part, as terms of the row."""
        nw, col = narwhals(), narwhals().col
        if kind == "borne":
            over, under = self.matrix.covered_rate.as_integer_ratio()
            return nw.lit(over), nw.lit(under)
        own = {name: self.matrix.rates(name)[bucket] for name in self.matrix.segment_names}
        first = own.get("", next(iter(own.values())))
        terms: list[Term] = [nw.lit(part) for part in first.as_integer_ratio()]
        if SEGMENT in self.keys:
            for name, rate in own.items():
                pair = rate.as_integer_ratio()
                terms = [
                    ops.when(col(SEGMENT) == name, part, term)
                    for part, term in zip(pair, terms, strict=True)
                ]
        elif "" not in own:
            msg = f"columns must include {SEGMENT}, because matrix {self.matrix.name} has no rates for the rest"
            raise DocumentError(msg)
        if SPECIFIC in self.keys:
            judged = (col(SPECIFIC_BPS), _WHOLE_BPS)
            terms = [
                ops.when(col(SPECIFIC) == "", term, part)
                for part, term in zip(judged, terms, strict=True)
            ]
        return terms[0], terms[1]

    def _largest(self) -> int:
        """The most that a bucket holds; of a lazy frame the most that any may."""
        if self.table.is_lazy:
            return limits.SUM_MINOR_MAX
        nw, col = narwhals(), narwhals().col
        most = (col(f"bucket_{bucket}").max() for bucket in range(self.count))
        ((rows, *found),) = rows_of(self.table.frame.select(nw.len(), *most))
        # The extremes of no rows are not numbers.
        return max(1, *map(int, found)) if rows else 1

    def _bits(self) -> int:
        every = [rate for name in self.matrix.segment_names for rate in self.matrix.rates(name)]
        every += [self.matrix.covered_rate, Fraction(1, _WHOLE_BPS)]
        return rules.limb_bits(2 * max(rate.denominator for rate in every) + _WHOLE_BPS)


def _name(kind: str, bucket: int, what: str = "") -> str:
    return f"receivables: {kind} {bucket} {what}".rstrip()


def _sum_of(terms: Sequence[Term]) -> Term:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
