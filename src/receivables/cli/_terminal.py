"""The workshop: the app, what it prints on, and how it prints what every command prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from receivables.errors import MissingExtraError
from receivables.money import from_minor, to_minor

try:
    from cyclopts import App, CycloptsError
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
except ModuleNotFoundError as missing:  # pragma: no cover  # the tests install the extra
    raise MissingExtraError.for_extra(extra="cli", needed_for="the command line") from missing

if TYPE_CHECKING:
    from receivables.money import Money
    from receivables.problems import Problem

__all__ = [
    "ERR",
    "OUT",
    "CycloptsError",
    "amount",
    "app",
    "print_added",
    "print_problems",
    "print_rows",
    "print_whole",
    "say_money",
    "write_whole",
]

_PROBLEMS_SHOWN: Final = 50

app = App(
    name="receivables",
    help="Accounts receivable: from an accounting export and a bank statement to a reminder.",
    help_format="markdown",
)
OUT: Final = Console()
ERR: Final = Console(stderr=True)


def print_whole(table: Table) -> None:
    """Print a table at its own width: an amount cut short is a wrong amount."""
    wide = Console(width=1_000)
    needed = wide.measure(table).maximum
    Console(width=max(OUT.width, needed)).print(table)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print what is wrong in the data, the first of many, errors in red."""
    listed = list(problems)
    for problem in listed[:_PROBLEMS_SHOWN]:
        style = "red" if problem.is_error else "yellow"
        ERR.print(str(problem), style=style, markup=False, highlight=False, soft_wrap=True)
    if len(listed) > _PROBLEMS_SHOWN:
        ERR.print(f"… and {len(listed) - _PROBLEMS_SHOWN} more problems")


def print_added(added: int) -> None:
    """Say how many events were recorded, or that there was nothing new."""
    if added:
        said = "1 event was" if added == 1 else f"{added} events were"
        OUT.print(f"{said} added to the journal.", highlight=False)
    else:
        OUT.print("Nothing new: the journal had everything already.")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def amount(amount_minor: int, currency: str) -> str:
    """An amount as a plain decimal of its currency, grouped by thousands."""
    return f"{from_minor(amount_minor, currency).amount:,}"


_NUMBERS: Final = frozenset(
    {"amount", "contested", "days", "exposure", "figure", "free", "gross", "limit", "missing"}
    | {
        "allowance",
        "loss",
        "own risk",
        "paid",
        "points",
        "rate %",
        "share %",
        "tax",
        "threshold",
        "used",
        "used %",
        "weight %",
    }
)
"""Headings of columns of numbers, which stand to the right."""


def print_rows(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their headings: numbers to the right, None as nothing."""
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in _NUMBERS else "left")
    for row in rows:
        table.add_row(*(escape(str("" if cell is None else cell)) for cell in row))
    print_whole(table)


def say_money(value: Money) -> str:
    """An amount with its currency, grouped by thousands."""
    code = value.currency.code
    return f"{amount(to_minor(value), code)} {code}"
