"""A result as a table that a person reads: columns with a kind, rows, totals, notes; no language yet.

Values stay what they are (minor units, exact fractions, dates); `as_text` and `as_html` write them
plainly, and `receivables.showing` in the words and numbers of a language.

>>> table = ResultTable(
...     title=Phrase("what is owed"),
...     columns=[TableColumn(name="customer"), TableColumn(name="currency"),
...              TableColumn(name="open_minor", heading="open", kind=CellKind.MONEY)],
...     rows=[("C-017", "EUR", 120_000)],
... )
>>> print(as_text(table))
what is owed
customer  currency      open
C-017     EUR       1,200.00
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from receivables._iso4217 import DIGITS
from receivables.errors import PolicyError

__all__ = [
    "Cell",
    "CellKind",
    "Figure",
    "Phrase",
    "PhraseValue",
    "ResultTable",
    "ShowsTable",
    "TableColumn",
    "aligned",
    "as_html",
    "as_it_is",
    "as_text",
    "printable",
    "shown_plainly",
]

_ROWS_SHOWN: Final = 60
_RIGHT: Final = ' style="text-align:right"'


class CellKind(enum.Enum):
    """What the cells of a column are, which says how they are written and on which side."""

    TEXT = "text"
    """Names and identifiers, as they are; a `Phrase` is put into the reader's language."""
    DATE = "date"
    MONEY = "money"
    """Minor units of the currency of the row."""
    COUNT = "count"
    DAYS = "days"
    """Days, whole or as an exact fraction."""
    SHARE = "share"
    """A part of one, shown in percent."""
    RATIO = "ratio"
    """A number without a unit."""

    @property
    def is_number(self) -> bool:
        """Whether it stands on the right."""
        return self not in (CellKind.TEXT, CellKind.DATE)


def _values(values: Mapping[str, PhraseValue]) -> Mapping[str, PhraseValue]:
    return MappingProxyType(dict(values))


@attrs.frozen(eq=True, hash=False)
class Phrase:
    """Words to be put into the reader's language: an English text of the catalogues, and its values.

    `context` is that of the catalogues; dates, numbers and phrases among the values are written in the
    reader's way, and text as it is.

    >>> str(Phrase("older than {months} months", {"months": 6}))
    'older than 6 months'
    """

    text: str
    values: Mapping[str, PhraseValue] = attrs.field(factory=dict, converter=_values)
    context: str = attrs.field(default="table", kw_only=True)

    def __str__(self) -> str:
        return self.text.format_map(dict(self.values))


@attrs.frozen(kw_only=True)
class Figure:
    """A number among the words of a phrase, written as a cell of its kind is.

    Plain text says that days are days; in a reader's language the heading of a measure says so.

    >>> str(Figure(value=Fraction(91, 2), kind=CellKind.DAYS))
    '45.5 days'
    >>> str(Figure(value=-5, kind=CellKind.MONEY, currency="BHD"))
    '-0.005 BHD'
    """

    value: int | Fraction
    kind: CellKind
    places: int = 1
    currency: str = ""

    @property
    def column(self) -> TableColumn:
        """A column of such figures."""
        return TableColumn(name="value", kind=self.kind, places=self.places, currency=self.currency)

    def __str__(self) -> str:
        unit = "days" if self.kind is CellKind.DAYS else self.currency
        return f"{shown_plainly(self.value, self.column)} {unit}".rstrip()


PhraseValue: TypeAlias = "str | int | dt.date | Phrase | Figure"


def as_it_is(text: str) -> Phrase:
    """A name that somebody gave as a phrase: nobody translates it.

    >>> str(as_it_is("base"))
    'base'
    """
    return Phrase("{name}", {"name": text})


Cell: TypeAlias = "str | int | Fraction | dt.date | Phrase | None"


def _phrase(value: Phrase | str) -> Phrase:
    return Phrase(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class TableColumn:
    """One column: its name in data, its heading for people (its name where none is given), its kind."""

    name: str
    heading: Phrase = attrs.field(converter=_phrase)
    kind: CellKind = CellKind.TEXT
    places: int = 1
    """Decimals of days, shares (in percent) and ratios that are no whole numbers."""
    currency: str = ""
    """Of its amounts, where all of them are in another one than their rows are."""

    @heading.default
    def _name(self) -> Phrase:
        return Phrase(self.name)


def _columns(values: Iterable[TableColumn]) -> tuple[TableColumn, ...]:
    return tuple(values)


def _rows(values: Iterable[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(row) for row in values)


def _phrases(values: Iterable[Phrase | str]) -> tuple[Phrase, ...]:
    return tuple(map(_phrase, values))


@attrs.frozen(kw_only=True)
class ResultTable:
    """A table for people.  A cell of None is nothing known, and is shown as a dash.

    Amounts are in the currency that the column `currency_column` of their row says, or all of them
    in `currency`.  Raises `PolicyError` for a row of another width, and for amounts that nothing
    says the currency of.
    """

    title: Phrase = attrs.field(converter=_phrase)
    columns: tuple[TableColumn, ...] = attrs.field(converter=_columns)
    rows: tuple[tuple[Cell, ...], ...] = attrs.field(converter=_rows, repr=False)
    totals: tuple[tuple[Cell, ...], ...] = attrs.field(default=(), converter=_rows, repr=False)
    notes: tuple[Phrase, ...] = attrs.field(default=(), converter=_phrases)
    as_of: dt.date | None = None
    subtitle: Phrase = attrs.field(factory=lambda: Phrase(""), converter=_phrase)
    """What stands after the day: by which date something is counted, by which policy."""
    currency: str = ""
    currency_column: str = "currency"

    def __attrs_post_init__(self) -> None:
        width = len(self.columns)
        for row in (*self.rows, *self.totals):
            if len(row) != width:
                msg = f"rows must have {width} cells, got {len(row)}"
                raise PolicyError(msg)
        has_money = any(
            column.kind is CellKind.MONEY and not column.currency for column in self.columns
        )
        if has_money and not self.currency and self._currency_place is None:
            msg = f"a table with amounts must say their currency, got no column {self.currency_column!r}"
            raise PolicyError(msg)

    @property
    def _currency_place(self) -> int | None:
        names = [column.name for column in self.columns]
        return names.index(self.currency_column) if self.currency_column in names else None

    def currency_of(self, row: Sequence[Cell]) -> str:
        """The currency of the amounts of a row."""
        place = self._currency_place
        return self.currency or (str(row[place]) if place is not None else "")

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


class ShowsTable:
    """A result whose `to_table` is how it is printed, and what a notebook shows of it."""

    __slots__ = ()

    def to_table(self) -> ResultTable:
        """The result as a table for people."""
        raise NotImplementedError

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def shown_plainly(cell: Cell, column: TableColumn, *, currency: str = "") -> str:
    """A cell in plain English figures.

    >>> shown_plainly(-5, TableColumn(name="open_minor", kind=CellKind.MONEY), currency="BHD")
    '-0.005'
    >>> shown_plainly(Fraction(1, 3), TableColumn(name="share", kind=CellKind.SHARE))
    '33.3 %'
    """
    if cell is None:
        return "–"
    if column.kind is CellKind.MONEY:
        places = DIGITS[column.currency or currency]
        return _decimal(Fraction(int(cell), 10**places), places)  # type: ignore[arg-type]  # amounts are integers
    if column.kind is CellKind.SHARE:
        return f"{_decimal(Fraction(cell) * 100, column.places)} %"  # type: ignore[arg-type]  # shares are numbers
    if isinstance(cell, Fraction):
        return _decimal(cell, column.places)
    if isinstance(cell, int):
        return f"{cell:,}"
    return cell.isoformat() if isinstance(cell, dt.date) else printable(str(cell))


def _decimal(number: Fraction, places: int) -> str:
    """A number with so many decimals, a half away from zero."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    head, tail = divmod(whole, 10**places)
    sign = "-" if number < 0 and whole else ""
    return f"{sign}{head:,}" + (f".{tail:0{places}d}" if places else "")


def printable(text: str) -> str:
    r"""Text without control characters, and without those that turn the order of a line around.

    >>> printable("Acme\n\u202eemcA")
    'Acme emcA'
    """
    if text.isprintable():
        return text
    spaced = (" " if sign.isspace() else sign for sign in text)
    return "".join(sign for sign in spaced if sign.isprintable())


def aligned(lines: Sequence[Sequence[str]], *, right: Sequence[bool]) -> list[str]:
    """Lines of cells in columns as wide as their widest cell, to the right where a column says so.

    >>> aligned([["a", "1"], ["bb", "10"]], right=[False, True])
    ['a    1', 'bb  10']
    """
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]


def as_text(table: ResultTable) -> str:
    """The table in plain text: text to the left, numbers to the right, totals below."""
    lines = [[str(column.heading) for column in table.columns], *_lines(table)]
    body = aligned(lines, right=[column.kind.is_number for column in table.columns])
    return "\n".join([_caption(table), *body, *map(str, table.notes), *_more(table)])


def as_html(table: ResultTable) -> str:
    """The table in plain HTML, every text escaped."""
    import html  # noqa: PLC0415  # results must be cheap to import

    def line(cells: Sequence[str], tag: str) -> str:
        styled = (
            f"<{tag}{_RIGHT if column.kind.is_number else ''}>{html.escape(cell)}</{tag}>"
            for cell, column in zip(cells, table.columns, strict=True)
        )
        return f"<tr>{''.join(styled)}</tr>"

    head = line([str(column.heading) for column in table.columns], "th")
    body = "\n".join(line(cells, "td") for cells in _lines(table))
    caption = html.escape("\n".join([_caption(table), *map(str, table.notes), *_more(table)]))
    return (
        f"<table>\n<caption>{caption}</caption>\n<thead>\n{head}\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def _caption(table: ResultTable) -> str:
    day = "" if table.as_of is None else f" as of {table.as_of.isoformat()}"
    more = (str(table.subtitle), f"in {table.currency}" if table.currency else "")
    return ", ".join([f"{table.title}{day}", *filter(None, more)])


def _more(table: ResultTable) -> list[str]:
    hidden = len(table.rows) - _ROWS_SHOWN
    if hidden <= 0:
        return []
    return [f"{hidden} more rows in the totals" if table.totals else f"{hidden} more rows"]


def _lines(table: ResultTable) -> list[list[str]]:
    return [
        [
            shown_plainly(cell, column, currency=table.currency_of(row))
            for cell, column in zip(row, table.columns, strict=True)
        ]
        for row in (*table.rows[:_ROWS_SHOWN], *table.totals)
    ]
