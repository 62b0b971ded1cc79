"""A loss allowance as a table that a person reads: one row per bucket and currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.aging.labels import bucket_cell
from receivables.allowance._exact import percent_text
from receivables.money import digits
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.allowance.model import LossAllowance, LossAllowanceLine
    from receivables.allowance.movement import AllowanceMovement, AllowanceMovementRow

__all__ = ["allowance_table", "amount_text", "as_text", "movement_table", "text_table"]


def amount_text(minor: int, currency: str) -> str:
    """An amount with the currency's own decimals, as `format` groups it.

    >>> amount_text(-123450, "EUR")
    '-1,234.50'
    """
    places = digits(currency)
    whole, rest = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole:,}.{rest:0{places}d}" if places else f"{sign}{whole:,}"


def text_table(rows: Sequence[Sequence[str]], *, left: int) -> str:
    """Rows in plain text: so many columns to the left, the rest to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def as_text(allowance: LossAllowance) -> str:
    """What is open and what is expected to be lost, by bucket, with one total per currency."""
    rows = [("currency", "of", "open", "base", "allowance", "of open")]
    order: dict[tuple[str, int, str], list[int]] = {}
    for line in allowance.lines:
        what = (
            line.label
            if line.kind.value in ("pool", "credit")
            else f"{line.label}, {line.kind.value}"
        )
        sums = order.setdefault((line.currency, line.bucket % 1_000, what), [0, 0, 0])
        for place, minor in enumerate((line.gross_minor, line.base_minor, line.allowance_minor)):
            sums[place] += minor
    for currency in allowance.currencies:
        mine = [(what, sums) for (code, _, what), sums in sorted(order.items()) if code == currency]
        mine.append(("total", [sum(values) for values in zip(*(s for _, s in mine), strict=True)]))
        rows += [(currency, what, *_cells(sums, currency)) for what, sums in mine]
    matrix = allowance.matrix
    caption = f"loss allowance as of {allowance.as_of}, matrix {matrix.name} {matrix.version}"
    return f"{caption}\n{text_table(rows, left=2)}"


def _cells(sums: Sequence[int], currency: str) -> tuple[str, str, str, str]:
    gross, base, lost = sums
    rate = percent_text(Fraction(lost, gross)) if gross > 0 else ""
    return (
        amount_text(gross, currency),
        amount_text(base, currency),
        amount_text(lost, currency),
        rate,
    )


def _amount(name: str, heading: str) -> TableColumn:
    return TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)


def allowance_table(allowance: LossAllowance) -> ResultTable:
    """A row per currency, kind and bucket, one total per currency."""
    groups: dict[tuple[str, str, int, str], list[LossAllowanceLine]] = {}
    for line in allowance.lines:
        # Credits have the bucket -1 and stand below the others.
        key = (line.currency, line.kind.value, line.bucket % 1_000, line.label)
        groups.setdefault(key, []).append(line)
    matrix = allowance.matrix
    return ResultTable(
        title="loss allowance",
        as_of=allowance.as_of,
        subtitle=Phrase("matrix {name}", {"name": f"{matrix.name} {matrix.version}"}),
        columns=[
            TableColumn(name="currency"),
            TableColumn(name="kind"),
            TableColumn(name="bucket"),
            _amount("gross_minor", "open"),
            _amount("base_minor", "base"),
            _amount("allowance_minor", "allowance"),
            TableColumn(name="rate", heading=Phrase("of open"), kind=CellKind.SHARE, places=2),
        ],
        rows=[
            [code, Phrase(kind), _label(lines[0]), *_summed(lines)]
            for (code, kind, _, _), lines in sorted(groups.items(), key=lambda each: each[0])
        ],
        totals=[
            [
                code,
                Phrase("total"),
                None,
                *_summed(one for one in allowance.lines if one.currency == code),
            ]
            for code in allowance.currencies
        ],
    )


def _label(line: LossAllowanceLine) -> Cell:
    if line.bucket < 0 or line.specific:
        return line.specific or None
    return bucket_cell(line.label)


def _summed(lines: Iterable[LossAllowanceLine]) -> list[Cell]:
    every = list(lines)
    gross = sum(line.gross_minor for line in every)
    lost = sum(line.allowance_minor for line in every)
    base = sum(line.base_minor for line in every)
    return [gross, base, lost, Fraction(lost, gross) if gross > 0 else None]


def movement_table(movement: AllowanceMovement, *, parts: Sequence[str]) -> ResultTable:
    """A row per currency and kind of allowance, one total per currency."""
    shown = [part for part in parts if part != "exchange"]

    def cells(row: AllowanceMovementRow) -> list[Cell]:
        return [getattr(row, f"{part}_minor") for part in shown]

    return ResultTable(
        title=Phrase(
            "loss allowance from {first} to {last}",
            {"first": movement.opening_on, "last": movement.closing_on},
        ),
        columns=[
            TableColumn(name="currency"),
            TableColumn(name="kind"),
            *(_amount(f"{part}_minor", part) for part in shown),
        ],
        rows=[[row.currency, Phrase(row.kind.value), *cells(row)] for row in movement.by_kind],
        totals=[[row.currency, Phrase("total"), *cells(row)] for row in movement.totals],
    )
