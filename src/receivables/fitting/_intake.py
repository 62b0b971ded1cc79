"""The workshop: columns of any frame as arrays, the target as good and bad, weights."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.fitting._needs import numpy
from receivables.frames import narwhals
from receivables.scoring._scorecard_model import category_of

__all__ = ["Array", "Column", "Data", "column_of", "intake", "subset"]

Array: TypeAlias = Any
"""A NumPy array; NumPy is not imported for the sake of an annotation."""

_BAD_MIN: Final = 5


@attrs.frozen(kw_only=True, eq=False)
class Column:
    """One column: numbers with NaN for gaps, categories with None, or dates with None."""

    name: str
    kind: str
    """``number``, ``category`` or ``date``."""
    values: Array
    infinite: int = 0
    """How many values were not finite; they count as missing."""
    is_text_numbers: bool = False

    @property
    def missing(self) -> Array:
        """Whether each value is missing."""
        np = numpy()
        if self.kind == "number":
            return np.isnan(self.values)
        return np.array([value is None for value in self.values], dtype=bool)


@attrs.frozen(kw_only=True, eq=False)
class Data:
    """Columns, and for each row whether it is bad and what it weighs."""

    columns: dict[str, Column]
    bad: Array
    weights: Array
    dates: Array | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.bad)


def subset(data: Data, rows: Array) -> Data:
    """Some of the rows."""
    return Data(
        columns={
            name: attrs.evolve(one, values=one.values[rows]) for name, one in data.columns.items()
        },
        bad=data.bad[rows],
        weights=data.weights[rows],
        dates=None if data.dates is None else data.dates[rows],
    )


def intake(
    frame: object,
    *,
    target: str,
    bad: object = None,
    columns: Iterable[str] | None = None,
    weights: str | None = None,
    date: str | None = None,
) -> Data:
    """The columns of a frame; raises `DocumentError` for a target that cannot be one."""
    collected = _collected(frame)
    names = list(collected.columns)
    special = [name for name in (target, weights, date) if name is not None]
    wanted = [n for n in names if n not in special] if columns is None else list(columns)
    absent = [name for name in (*special, *wanted) if name not in names]
    if absent:
        msg = f"columns must include {', '.join(absent)}, got {', '.join(names[:40])}"
        raise DocumentError(msg)
    if target in wanted:
        msg = f"columns must not hold the target, got {target}"
        raise DocumentError(msg)
    outcome = bad_rows(_listed(collected[target]), target=target, bad=bad)
    return Data(
        columns={name: column_of(name, collected[name]) for name in wanted},
        bad=outcome,
        weights=_weights(collected, weights, rows=len(outcome)),
        dates=None if date is None else _dates(collected, date),
    )


def frame_columns(frame: object, names: Iterable[str] | None = None) -> dict[str, Column]:
    """The columns of a frame without a target."""
    collected = _collected(frame)
    wanted = collected.columns if names is None else names
    return {name: column_of(name, collected[name]) for name in wanted if name in collected.columns}


def _collected(frame: object) -> Any:  # noqa: ANN401  # an eager narwhals frame
    nw = narwhals()
    try:
        given = nw.from_native(frame)
    except TypeError:
        msg = f"frame must be a data frame that narwhals knows, got {type(frame).__name__}"
        raise DocumentError(msg) from None
    return given.collect() if isinstance(given, nw.LazyFrame) else given


def bad_rows(values: Sequence[Any], *, target: str, bad: object = None) -> Array:
    """Whether each row is bad, as 0 and 1; raises `DocumentError` for gaps and for one class."""
    np = numpy()
    gaps = sum(category_of(value) is None for value in values)
    if gaps:
        msg = f"target {target} must have no gaps, got {gaps} in {len(values)} rows"
        raise DocumentError(msg)
    names = [category_of(value) for value in values]
    found = sorted({str(name) for name in names})
    chosen = _bad_name(found, target=target, bad=bad)
    outcome = np.array([name == chosen for name in names], dtype=float)
    count = int(outcome.sum())
    if count < _BAD_MIN or len(names) - count < _BAD_MIN:
        msg = f"target {target} must have {_BAD_MIN} rows or more of each kind, got {count} bad of {len(names)}"
        raise DocumentError(msg)
    return outcome


def _bad_name(found: Sequence[str], *, target: str, bad: object) -> str:
    if bad is None:
        for usual in (["0", "1"], ["false", "true"]):
            if list(found) == usual:
                return usual[1]
        msg = f"target {target} must say which value is bad, got {', '.join(found[:6])}"
        raise PolicyError(msg)
    chosen = category_of(bad)
    if chosen not in found:
        msg = f"the bad value of {target} must be one of {', '.join(found[:6])}, got {bad!r}"
        raise PolicyError(msg)
    return str(chosen)


def _weights(collected: Any, name: str | None, *, rows: int) -> Array:  # noqa: ANN401  # a frame
    np = numpy()
    if name is None:
        return np.ones(rows)
    column = column_of(name, collected[name])
    values = column.values
    if column.kind != "number" or not bool(np.all(values >= 0)) or not float(values.sum()) > 0:
        msg = f"weights {name} must be numbers of zero or more, got others"
        raise DocumentError(msg)
    return values * (rows / values.sum())


def _dates(collected: Any, name: str) -> Array:  # noqa: ANN401  # a frame
    column = column_of(name, collected[name])
    if column.kind == "category":
        column = _parsed_dates(column)
    if column.kind != "date" or any(value is None for value in column.values):
        msg = f"column {name} must hold dates without gaps, got {column.kind} values"
        raise DocumentError(msg)
    return column.values


def _parsed_dates(column: Column) -> Column:
    try:
        days = [None if value is None else dt.date.fromisoformat(value) for value in column.values]
    except ValueError:
        return column
    return attrs.evolve(column, kind="date", values=_objects(days))


def _objects(values: Sequence[Any]) -> Array:
    np = numpy()
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def column_of(name: str, series: Any) -> Column:  # noqa: ANN401  # a narwhals series
    """A column: text in which every value is a number counts as numbers."""
    nw = narwhals()
    type_ = series.dtype
    if type_.is_numeric():
        return _numbers(name, series.cast(nw.Float64).fill_null(math.nan).to_numpy())
    if type_ in (nw.Date, nw.Datetime):
        return Column(name=name, kind="date", values=_objects([_day(v) for v in _listed(series)]))
    values = _listed(series)
    numbers = _as_numbers(values)
    if numbers is not None:
        return attrs.evolve(_numbers(name, numbers), is_text_numbers=True)
    if values and all(value is None or isinstance(value, dt.date) for value in values):
        days = [_day(value) for value in values]
        return Column(name=name, kind="date", values=_objects(days))
    return Column(name=name, kind="category", values=_objects([category_of(v) for v in values]))


def _listed(series: Any) -> list[Any]:  # noqa: ANN401  # a narwhals series
    """The values of a series, None for every kind of gap and for empty text."""
    gaps = series.is_null().to_list()
    return [
        None if is_gap or value == "" or (isinstance(value, float) and math.isnan(value)) else value
        for value, is_gap in zip(series.to_list(), gaps, strict=True)
    ]


def _day(value: Any) -> dt.date | None:  # noqa: ANN401  # any value of a frame
    return value.date() if isinstance(value, dt.datetime) else value


def _as_numbers(values: Sequence[Any]) -> list[float | None] | None:
    """The values as numbers, where there are some and nothing else."""
    has_numbers = any(isinstance(value, (str, int, float)) for value in values)
    if not has_numbers or any(isinstance(value, (bool, dt.date)) for value in values):
        return None
    try:
        return [None if value is None else float(value) for value in values]
    except (TypeError, ValueError):
        return None


def _numbers(name: str, values: Any) -> Column:  # noqa: ANN401  # an array, or a list with None
    np = numpy()
    if isinstance(values, list):
        values = [math.nan if value is None else value for value in values]
    array = np.array(values, dtype=float)
    infinite = int(np.isinf(array).sum())
    array[np.isinf(array)] = math.nan
    return Column(name=name, kind="number", values=array, infinite=infinite)
