"""A loss allowance as a table that a person reads: one row per bucket and currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from receivables.allowance._exact import percent_text
from receivables.money import digits

if TYPE_CHECKING:
    from receivables.allowance.model import LossAllowance

__all__ = ["amount_text", "as_text", "text_table"]


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
    from fractions import Fraction  # noqa: PLC0415  # rarely needed

    gross, base, lost = sums
    rate = percent_text(Fraction(lost, gross)) if gross > 0 else ""
    return (
        amount_text(gross, currency),
        amount_text(base, currency),
        amount_text(lost, currency),
        rate,
    )
