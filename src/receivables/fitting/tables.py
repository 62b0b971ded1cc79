r"""CSV and ARFF into a frame, from an open text: the door of the command that fits scorecards.

>>> import io
>>> frame = read_csv(io.StringIO("margin;sector;failed\n1,5;retail;0\n;trade;1\n"), backend="polars")
>>> frame.rows()
[(1.5, 'retail', 0.0), (None, 'trade', 1.0)]
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TextIO

from receivables.errors import DocumentError, MissingExtraError
from receivables.frames import narwhals

__all__ = ["MISSING_WORDS", "read_arff", "read_csv", "read_table", "write_csv"]

MISSING_WORDS: Final = ("", "?", "NA", "N/A", "NaN", "nan", "NULL", "null")
"""What stands for no value; ``none`` is not among them, for it is a category of many sets."""

_SEPARATORS: Final = (",", ";", "\t", "|")
_ROWS_MAX: Final = 5_000_000
_COLUMNS_MAX: Final = 5_000


def read_table(
    text: TextIO,
    *,
    name: str,
    missing: Sequence[str] = MISSING_WORDS,
    keep_text: Sequence[str] = (),
    backend: str = "pandas",
) -> Any:  # noqa: ANN401  # the backend's own frame
    """The frame of an open text by its name: ARFF where that ends so, else CSV."""
    reader = read_arff if name.lower().endswith(".arff") else read_csv
    return reader(text, name=name, missing=missing, keep_text=keep_text, backend=backend)


def read_csv(
    text: TextIO,
    *,
    name: str = "table",
    missing: Sequence[str] = MISSING_WORDS,
    keep_text: Sequence[str] = (),
    backend: str = "pandas",
) -> Any:  # noqa: ANN401  # the backend's own frame
    """The frame of an open CSV with a heading.

    The separator is the one of comma, semicolon, tab and bar that the heading has most of; with a
    semicolon or a tab a comma may be the decimal sign of a column.  A column in which every value is
    a number is one of numbers, but for those of `keep_text`.

    Raises `DocumentError` with the line for rows of another length, and for a heading that has gaps
    or a name twice.
    """
    lines = iter(text)
    heading = _line(lines, name).removeprefix("\ufeff")
    separator = max(_SEPARATORS, key=heading.count)
    rows = csv.reader(_chained(heading, lines), delimiter=separator, strict=True)
    names = _names(next(rows), name)
    columns = _gathered(rows, names, name=name, missing=frozenset(missing))
    return _frame(columns, keep_text=keep_text, has_comma=separator in (";", "\t"), backend=backend)


def read_arff(
    text: TextIO,
    *,
    name: str = "table",
    missing: Sequence[str] = MISSING_WORDS,
    keep_text: Sequence[str] = (),
    backend: str = "pandas",
) -> Any:  # noqa: ANN401  # the backend's own frame
    """The frame of an open ARFF (attribute-relation file format of Weka), dense rows only.

    An attribute that names its values is text, unless all of them are numbers.  Raises
    `DocumentError` with the line.
    """
    names: list[str] = []
    lines = iter(text)
    for line in lines:
        word = line.strip()
        if word.lower().startswith("@attribute"):
            names.append(_attribute(word, name))
        elif word.lower().startswith("@data"):
            break
    else:
        msg = f"{name} must have a line @data, got none"
        raise DocumentError(msg)
    data = (line for line in lines if line.strip() and not line.lstrip().startswith("%"))
    rows = csv.reader(data, quotechar="'", skipinitialspace=True, escapechar="\\")
    columns = _gathered(rows, _names(names, name), name=name, missing=frozenset(missing))
    return _frame(columns, keep_text=keep_text, has_comma=False, backend=backend)


def _attribute(word: str, name: str) -> str:
    rest = word[len("@attribute") :].strip()
    if rest[:1] in ("'", '"'):
        end = rest.find(rest[0], 1)
        if end > 0:
            return rest[1:end].strip()
    elif rest.split():
        return rest.split()[0]
    msg = f"{name} must name its attributes, got {word[:80]!r}"
    raise DocumentError(msg)


def _line(lines: Iterator[str], name: str) -> str:
    for line in lines:
        if line.strip():
            return line
    msg = f"{name} must have a heading, got an empty text"
    raise DocumentError(msg)


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _names(given: Sequence[str], name: str) -> list[str]:
    names = [each.strip() for each in given]
    blank = [place for place, each in enumerate(names, start=1) if not each]
    if blank and names[0] == "" and len(blank) == 1:
        # The nameless first column is the row number that pandas writes.
        names[0] = "row"
        blank = []
    if blank:
        msg = f"{name} must name every column, got none for column {blank[0]}"
        raise DocumentError(msg)
    twice = sorted({each for each in names if names.count(each) > 1})
    if twice:
        msg = f"{name} must name every column once, got {', '.join(twice[:5])} twice"
        raise DocumentError(msg)
    if len(names) > _COLUMNS_MAX:
        msg = f"{name} must have at most {_COLUMNS_MAX} columns, got {len(names)}"
        raise DocumentError(msg)
    return names


def _gathered(
    rows: Any,  # noqa: ANN401  # a reader of the csv module
    names: Sequence[str],
    *,
    name: str,
    missing: frozenset[str],
) -> dict[str, list[str | None]]:
    """The columns as text, None for what is missing."""
    columns: list[list[str | None]] = [[] for _ in names]
    try:
        for count, row in enumerate(rows, start=1):
            if not row:
                continue
            if len(row) != len(names):
                msg = f"{name}: line {rows.line_num} must have {len(names)} fields, got {len(row)}"
                raise DocumentError(msg)
            if count > _ROWS_MAX:
                msg = f"{name} must have at most {_ROWS_MAX} rows, got more"
                raise DocumentError(msg)
            for column, field in zip(columns, row, strict=True):
                value = field.strip()
                column.append(None if value in missing else value)
    except csv.Error as error:
        msg = f"{name}: line {rows.line_num} must be a line of fields, got {error}"
        raise DocumentError(msg) from error
    return dict(zip(names, columns, strict=True))


def _frame(
    columns: Mapping[str, Sequence[str | None]],
    *,
    keep_text: Sequence[str],
    has_comma: bool,
    backend: str,
) -> Any:  # noqa: ANN401  # the backend's own frame
    absent = [each for each in keep_text if each not in columns]
    if absent:
        msg = f"columns must include {', '.join(absent)}, got {', '.join(list(columns)[:40])}"
        raise DocumentError(msg)
    nw = narwhals()
    data: dict[str, Sequence[Any]] = {}
    schema = {}
    for column, values in columns.items():
        numbers = None if column in keep_text else _numbers(values, has_comma=has_comma)
        data[column] = values if numbers is None else numbers
        schema[column] = nw.String if numbers is None else nw.Float64
    try:
        return nw.from_dict(data, schema=schema, backend=backend).to_native()
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("scoring", needed_for=f"a {backend} frame") from None


def _numbers(values: Sequence[str | None], *, has_comma: bool) -> list[float | None] | None:
    """The values as numbers; None where one of them is none.  A column of gaps is one of numbers."""
    is_comma = has_comma and any(value is not None and "," in value for value in values)
    numbers: list[float | None] = []
    for value in values:
        if value is None:
            numbers.append(None)
            continue
        try:
            numbers.append(float(value.replace(",", ".") if is_comma else value))
        except ValueError:
            return None
    return numbers


def write_csv(frame: object, text: TextIO, *, columns: Iterable[str] | None = None) -> int:
    """Write a frame of any kind as CSV to an open text; gives the number of rows."""
    nw = narwhals()
    given = nw.from_native(frame)
    collected = given.collect() if isinstance(given, nw.LazyFrame) else given
    names = list(collected.columns if columns is None else columns)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    rows = collected.select(names).rows()
    writer.writerows([_field(value) for value in row] for row in rows)
    return len(rows)


def _field(value: Any) -> Any:  # noqa: ANN401  # any value of a frame
    is_gap = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if is_gap else value
