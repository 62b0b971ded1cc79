"""Names and types of the standard columns, and the door that every data frame enters by.

Amounts are whole minor units in 64-bit integers, currencies ISO 4217 codes, dates dates.  The door
refuses floats, gaps where none may be, unknown currencies and sums that could leave 64 bits, once
and for all rows, and lists everything that it found; behind it the rules run as expressions on the
engine that the caller chose.  What a whole frame must be like is said by `receivables.schemas`.

Importing this module imports no engine and not narwhals: the names are for everybody.
"""

from __future__ import annotations

import datetime as dt
import enum
import importlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Generic, TypeAlias, TypeVar

import attrs

from receivables import limits
from receivables._arithmetic import SHARE_DIGIT, SHARE_PLACES, share_carried, share_rounded
from receivables._iso4217 import DIGITS
from receivables._ops import Ops, Term
from receivables._spark import exact
from receivables.errors import (
    DocumentError,
    FrameCurrencyError,
    FrameError,
    FrameLimitError,
    MissingExtraError,
)

__all__ = [
    "AMOUNT_MINOR",
    "ANSWER_BY",
    "BODY",
    "CARRYING_MINOR",
    "CLAIMED_MINOR",
    "COLLECTOR",
    "COLUMNS",
    "CONTESTED_MINOR",
    "COVERED_MINOR",
    "COVER_BPS",
    "CREDITOR",
    "CURRENCY",
    "CUSTOMER",
    "DELIVERY_DATE",
    "DIFFERENCE_MINOR",
    "DISCOUNT_DATE",
    "DISCOUNT_MINOR",
    "DOCUMENT",
    "DOCUMENT_DATE",
    "DUE_DATE",
    "EFFECTIVE_ON",
    "EVENT",
    "EXPECTED_ON",
    "HELD_MINOR",
    "INSTALLMENT",
    "ITEM",
    "ITEM_COLUMNS",
    "KIND",
    "KNOWN_ON",
    "LEVEL",
    "MOVE_COLUMNS",
    "NOTICED_ON",
    "OPENED_ON",
    "OPEN_MINOR",
    "PAID_ON",
    "POSTING_DATE",
    "RECEIVED_ON",
    "RECORDED_AT",
    "RECOVERED_MINOR",
    "REVALUED_MINOR",
    "SALES_MINOR",
    "SEGMENT",
    "SEQUENCE",
    "SPECIFIC",
    "SPECIFIC_BPS",
    "TAX_MINOR",
    "TERMS",
    "WRITTEN_OFF_MINOR",
    "ColumnType",
    "DaysPast",
    "Frame",
    "FrameFault",
    "FrameViolation",
    "NativeFrame",
    "Table",
    "Type",
    "add_share",
    "check_currencies",
    "column_ops",
    "frame_of",
    "inspect",
    "narwhals",
    "open_table",
    "refuse",
    "rows_of",
    "unknown_currencies",
]

NativeFrame = TypeVar("NativeFrame")
"""The caller's own kind of frame, which is also what comes back."""

Frame: TypeAlias = Any
"""A narwhals frame, lazy or eager; narwhals is not imported for the sake of an annotation."""

Type: TypeAlias = Any
"""A narwhals type: a class, or a value of one."""

CREDITOR: Final = "creditor"
CUSTOMER: Final = "customer"
CURRENCY: Final = "currency"
ITEM: Final = "item"
DOCUMENT: Final = "document"
KIND: Final = "kind"
OPEN_MINOR: Final = "open_minor"
AMOUNT_MINOR: Final = "amount_minor"
CARRYING_MINOR: Final = "carrying_minor"
REVALUED_MINOR: Final = "revalued_minor"
DIFFERENCE_MINOR: Final = "difference_minor"
DOCUMENT_DATE: Final = "document_date"
POSTING_DATE: Final = "posting_date"
DUE_DATE: Final = "due_date"
INSTALLMENT: Final = "installment"
EFFECTIVE_ON: Final = "effective_on"
RECORDED_AT: Final = "recorded_at"
DELIVERY_DATE: Final = "delivery_date"
RECEIVED_ON: Final = "received_on"
TERMS: Final = "terms"
TAX_MINOR: Final = "tax_minor"
DISCOUNT_DATE: Final = "discount_date"
DISCOUNT_MINOR: Final = "discount_minor"
LEVEL: Final = "level"
NOTICED_ON: Final = "noticed_on"
HELD_MINOR: Final = "held_minor"
CONTESTED_MINOR: Final = "contested_minor"
OPENED_ON: Final = "opened_on"
ANSWER_BY: Final = "answer_by"
WRITTEN_OFF_MINOR: Final = "written_off_minor"
RECOVERED_MINOR: Final = "recovered_minor"
CLAIMED_MINOR: Final = "claimed_minor"
PAID_ON: Final = "paid_on"
SEGMENT: Final = "segment"
SPECIFIC: Final = "specific"
SPECIFIC_BPS: Final = "specific_bps"
COVERED_MINOR: Final = "covered_minor"
COVER_BPS: Final = "cover_bps"
EXPECTED_ON: Final = "expected_on"
COLLECTOR: Final = "collector"
KNOWN_ON: Final = "known_on"
SALES_MINOR: Final = "sales_minor"
SEQUENCE: Final = "sequence"
EVENT: Final = "event"
BODY: Final = "body"


class ColumnType(enum.Enum):
    """What a column holds, whatever its engine calls that."""

    KEY = "text or whole numbers"
    CURRENCY = "ISO 4217 codes as text"
    MINOR = "whole minor units"
    COUNT = "whole numbers"
    DATE = "dates"
    MOMENT = "moments with a time zone, or without one in UTC"


COLUMNS: Final[Mapping[str, ColumnType]] = MappingProxyType(
    {
        CREDITOR: ColumnType.KEY,
        CUSTOMER: ColumnType.KEY,
        CURRENCY: ColumnType.CURRENCY,
        ITEM: ColumnType.KEY,
        DOCUMENT: ColumnType.KEY,
        KIND: ColumnType.KEY,
        OPEN_MINOR: ColumnType.MINOR,
        AMOUNT_MINOR: ColumnType.MINOR,
        CARRYING_MINOR: ColumnType.MINOR,
        REVALUED_MINOR: ColumnType.MINOR,
        DIFFERENCE_MINOR: ColumnType.MINOR,
        DOCUMENT_DATE: ColumnType.DATE,
        POSTING_DATE: ColumnType.DATE,
        DUE_DATE: ColumnType.DATE,
        INSTALLMENT: ColumnType.COUNT,
        EFFECTIVE_ON: ColumnType.DATE,
        RECORDED_AT: ColumnType.MOMENT,
        DELIVERY_DATE: ColumnType.DATE,
        RECEIVED_ON: ColumnType.DATE,
        TERMS: ColumnType.KEY,
        TAX_MINOR: ColumnType.MINOR,
        DISCOUNT_DATE: ColumnType.DATE,
        DISCOUNT_MINOR: ColumnType.MINOR,
        CONTESTED_MINOR: ColumnType.MINOR,
        OPENED_ON: ColumnType.DATE,
        ANSWER_BY: ColumnType.DATE,
        LEVEL: ColumnType.COUNT,
        NOTICED_ON: ColumnType.DATE,
        HELD_MINOR: ColumnType.MINOR,
        WRITTEN_OFF_MINOR: ColumnType.MINOR,
        RECOVERED_MINOR: ColumnType.MINOR,
        CLAIMED_MINOR: ColumnType.MINOR,
        PAID_ON: ColumnType.DATE,
        SEGMENT: ColumnType.KEY,
        SPECIFIC: ColumnType.KEY,
        SPECIFIC_BPS: ColumnType.COUNT,
        COVERED_MINOR: ColumnType.MINOR,
        COVER_BPS: ColumnType.COUNT,
        EXPECTED_ON: ColumnType.DATE,
        COLLECTOR: ColumnType.KEY,
        KNOWN_ON: ColumnType.DATE,
        SALES_MINOR: ColumnType.MINOR,
        SEQUENCE: ColumnType.COUNT,
        EVENT: ColumnType.KEY,
        BODY: ColumnType.KEY,
    }
)
"""Every standard column and what it holds."""

ITEM_COLUMNS: Final = (
    CREDITOR,
    ITEM,
    DOCUMENT,
    KIND,
    CUSTOMER,
    CURRENCY,
    AMOUNT_MINOR,
    DOCUMENT_DATE,
    POSTING_DATE,
    DUE_DATE,
    INSTALLMENT,
    EFFECTIVE_ON,
    RECORDED_AT,
)
"""The columns of a frame of items, in their order."""

MOVE_COLUMNS: Final = (CREDITOR, ITEM, AMOUNT_MINOR, EFFECTIVE_ON, RECORDED_AT)
"""The columns of a frame of moves: what was settled of an item, signed as a leg."""


class FrameFault(enum.Enum):
    """What can be wrong with a column of a frame, or with the rows of an exported ledger."""

    MISSING_COLUMN = "missing-column"
    WRONG_TYPE = "wrong-type"
    GAPS = "gaps"
    AMOUNT_LIMIT = "amount-limit"
    SUM_LIMIT = "sum-limit"
    UNKNOWN_CURRENCY = "unknown-currency"
    DUPLICATE_KEY = "duplicate-key"
    MISSING_ROWS = "missing-rows"
    ALTERED = "altered"


@attrs.frozen(kw_only=True)
class FrameViolation:
    """One thing that is wrong with a frame: where, what, how often, and the first examples."""

    column: str
    """The column, or the columns of a key with commas between them."""
    fault: FrameFault
    what: str
    """The whole sentence, without a full stop."""
    count: int | None = None
    """The rows concerned; None where the fault is the column's and not a row's, or nobody counted."""
    examples: tuple[object, ...] = ()
    """The first values concerned; of gaps the names of their items, where the frame has them."""

    def __str__(self) -> str:
        return self.what


_COARSE: Final = 2**20
_EXAMPLES_MAX: Final = 5
_ROWS: Final = ":rows"
_EPOCH: Final = dt.date(1970, 1, 1)
_LAST_DAY: Final = dt.date.max.toordinal()
_EXTRAS: Final = MappingProxyType(
    {"polars": "polars", "pandas": "pandas", "pyarrow": "pandas", "duckdb": "duckdb"}
)


def narwhals() -> Any:  # noqa: ANN401  # a module
    """The narwhals API that this library is written against, loaded when first asked for."""
    import narwhals.stable.v2 as nw  # noqa: PLC0415  # the names above must cost nothing to import

    return nw


class _ColumnOps:
    """The column shell: narwhals expressions."""

    def __init__(self) -> None:
        self._nw = narwhals()

    def when(self, condition: Term, then: Term, otherwise: Term) -> Term:
        return self._nw.when(condition).then(then).otherwise(otherwise)

    def minimum(self, left: Term, right: Term) -> Term:
        # Twice as fast as the horizontal minimum on a million rows of Polars.
        return self.when(left <= right, left, right)

    def maximum(self, left: Term, right: Term) -> Term:
        return self.when(left >= right, left, right)


def column_ops() -> Ops:
    """The words of a rule over columns; the terms are narwhals expressions."""
    return _ColumnOps()


@attrs.frozen(eq=False)
class DaysPast:
    """The days from a column of dates to a day, as a term that is only compared with whole days.

    Subtracting dates is not portable between engines, so ``days <= 30`` is answered by comparing
    the column with the cut-off date that lies 30 days before `as_of`.  Where that lies beyond either
    end of the calendar the answer is the same for every date.
    """

    column: Term
    as_of: dt.date = attrs.field(kw_only=True)
    has_time: bool = attrs.field(default=False, kw_only=True)
    """Whether the engine keeps the dates as midnights."""

    def __le__(self, days: int) -> Term:
        ordinal = self.as_of.toordinal() - days
        if ordinal > _LAST_DAY:
            return self.column > self._edge(_LAST_DAY, dt.time.max)
        return self.column >= self._edge(max(ordinal, 1), dt.time.min)

    def __ge__(self, days: int) -> Term:
        ordinal = self.as_of.toordinal() - days
        if ordinal < 1:
            return self.column < self._edge(1, dt.time.min)
        return self.column <= self._edge(min(ordinal, _LAST_DAY), dt.time.max)

    def __lt__(self, days: int) -> Term:
        return self <= days - 1

    def __gt__(self, days: int) -> Term:
        return self >= days + 1

    def _edge(self, ordinal: int, time: dt.time) -> dt.date:
        day = dt.date.fromordinal(ordinal)
        return dt.datetime.combine(day, time) if self.has_time else day


@attrs.frozen(kw_only=True, eq=False)
class Table(Generic[NativeFrame]):
    """A frame behind the door: checked, with whole numbers in 64 bits, and its way back.

    `frame` is a narwhals frame; an eager Polars frame is taken lazily, because its optimizer and
    its streaming engine then see the whole question.
    """

    frame: Frame
    types: Mapping[str, Type]
    """The narwhals type of each column."""
    nulls: Mapping[str, int] | None
    """How many gaps each checked column has; None where the caller vouched for the frame."""
    is_lazy: bool
    """Whether the caller's frame is lazy."""

    def has(self, column: str) -> bool:
        """Whether the frame has a column."""
        return column in self.types

    def column(self, name: str) -> Term:
        """A column as a term."""
        return narwhals().col(name)

    def days_past(self, name: str, *, as_of: dt.date) -> DaysPast:
        """The days from a column of dates to a day."""
        return self.first_days_past((name,), as_of=as_of)

    def first_days_past(self, names: Sequence[str], *, as_of: dt.date) -> DaysPast:
        """The days from the first date that is there, of several columns, to a day."""
        nw = narwhals()
        columns = [self.column(name) for name in names]
        are_dates = {self.types[name] == nw.Date for name in names}
        if len(are_dates) > 1:
            columns = [column.cast(nw.Datetime("us")) for column in columns]
        first = columns[0] if len(columns) == 1 else nw.coalesce(*columns)
        return DaysPast(first, as_of=as_of, has_time=False in are_dates)

    def ordinal(self, name: str, *, missing: Term | None = None) -> Term:
        """A column of dates as ordinals, as `datetime.date.toordinal` counts them.

        `missing` is a whole number, or a column of them, that stands where there is no date; without
        it a gap stays one.
        """
        nw = narwhals()
        column, polars = self.column(name), self.frame.implementation.is_polars()
        has_gaps = missing is not None and (self.nulls is None or self.nulls.get(name, 1) > 0)
        if has_gaps and self.frame.implementation.is_pandas_like():
            # The year of a gap is a float in pandas; a day that is there instead keeps it whole.
            filler = (
                _EPOCH if self.types[name] == nw.Date else dt.datetime.combine(_EPOCH, dt.time())
            )
            known = _ordinal(column.fill_null(filler))
            return _whole_of(nw.when(column.is_null()).then(missing).otherwise(known))
        days = column.cast(nw.Date).cast(nw.Int64) + _EPOCH.toordinal() if polars else None
        known = _ordinal(column) if days is None else days
        if not has_gaps:
            return known
        return known.fill_null(missing) if isinstance(missing, int) else nw.coalesce(known, missing)

    def known_by(self, name: str, moment: dt.datetime) -> Term:
        """Whether a column of moments lies at or before a moment."""
        zone = self.types[name].time_zone
        at = moment.astimezone(dt.UTC)
        if zone is None:
            at = at.replace(tzinfo=None)
        elif self.frame.implementation.is_polars():
            import zoneinfo  # noqa: PLC0415  # rarely needed, and not free

            # Polars compares moments of one zone only.
            at = at.astimezone(zoneinfo.ZoneInfo(zone))
        return self.column(name) <= at

    def sorted(self, frame: Frame, *by: str, descending: bool | Sequence[bool] = False) -> Frame:
        """A result in its order, but for Spark: a frame on many machines has none worth a shuffle."""
        if _is_spark(frame):
            return frame
        # A few rows are sorted sooner in memory than in a stream.
        return self._collected(frame).sort(*by, descending=descending)

    def _collected(self, frame: Frame) -> Frame:
        """A question over an eager frame is answered now; any other stays as it is."""
        if self.is_lazy or not isinstance(frame, narwhals().LazyFrame):
            return frame
        # Twice as fast as the default engine on a million rows; integers have no order of sums.
        return frame.collect(engine="streaming")

    def native(self, frame: Frame) -> NativeFrame:
        """Give a result back as the caller's own kind of frame."""
        native: NativeFrame = self._collected(frame).to_native()
        return native


def _ordinal(column: Term) -> Term:
    """The ordinals of dates, of which every engine says the year and the day of the year.

    Subtracting dates is not portable between engines, and neither is casting them to numbers.
    """
    before = _whole_of(column.dt.year()) - 1
    whole_years = before * 365 + before // 4 - before // 100 + before // 400
    return whole_years + _whole_of(column.dt.ordinal_day())


def open_table(
    native: NativeFrame,
    *,
    needs: Iterable[str],
    sums: Collection[str] = (),
    optional: Collection[str] = (),
    nullable: Collection[str] = (),
    unique: Sequence[str] = (),
    trusted: bool = False,
) -> Table[NativeFrame]:
    """Let a frame in: the columns it must have, those that it may have, those that will be summed.

    Columns in `nullable` may have gaps; they and the `optional` ones may be missing unless they are
    needed.  A lazy frame is asked one small question (extremes, gaps, number of rows), and another
    where `unique` names a key that has one row; `trusted` spares both and looks at names and types
    only.

    Raises `FrameError`, a `DocumentError`, that lists everything that is wrong: missing columns,
    wrong types, gaps, amounts and sums beyond their limits, rows with the same key.  Where nothing
    but limits is passed it is a `LimitError` too.
    """
    table, violations = inspect(
        native,
        needs=needs,
        sums=sums,
        optional=optional,
        nullable=nullable,
        unique=unique,
        trusted=trusted,
    )
    refuse(violations, found=tuple(table.types))
    return table


def inspect(
    native: NativeFrame,
    *,
    needs: Iterable[str],
    sums: Collection[str] = (),
    optional: Collection[str] = (),
    nullable: Collection[str] = (),
    unique: Sequence[str] = (),
    trusted: bool = False,
) -> tuple[Table[NativeFrame], tuple[FrameViolation, ...]]:
    """What `open_table` asks, with everything that is wrong as values.

    Where anything is wrong the currencies are asked for too, so that one list says it all.
    """
    frame = _from_native(native)
    is_lazy = isinstance(frame, narwhals().LazyFrame)
    types = dict(frame.collect_schema())
    needs = tuple(dict.fromkeys(needs))
    relevant = dict.fromkeys((*needs, *optional, *nullable))
    there = tuple(name for name in relevant if name in types)
    violations = _missing(needs, found=tuple(types))
    frame, types, misfits = _normalized(frame, types, there)
    violations += misfits
    wrong = {one.column for one in violations}
    sound = tuple(name for name in there if name not in wrong)
    nulls = None
    if not trusted:
        nulls, found = _check_rows(
            frame, sound, sums=[name for name in sums if name in sound], nullable=nullable
        )
        violations += found
        if unique and {*unique} <= {*sound}:
            violations += _duplicates(frame, unique)
        if violations and CURRENCY in sound:
            violations += unknown_currencies(frame)
    table: Table[NativeFrame] = Table(
        frame=frame.lazy() if frame.implementation.is_polars() else frame,
        types=MappingProxyType(types),
        nulls=None if nulls is None else MappingProxyType(nulls),
        is_lazy=is_lazy,
    )
    return table, tuple(violations)


def refuse(violations: Sequence[FrameViolation], *, found: Sequence[str] = ()) -> None:
    """Raise one error that lists everything that is wrong with a frame; nothing where nothing is.

    `found` are the columns that are there, which the message names where others are missing.
    """
    if not violations:
        return
    faults = {one.fault for one in violations}
    kind = FrameError
    if faults <= {FrameFault.AMOUNT_LIMIT, FrameFault.SUM_LIMIT}:
        kind = FrameLimitError
    elif faults == {FrameFault.UNKNOWN_CURRENCY}:
        kind = FrameCurrencyError
    missing = [one for one in violations if one.fault is FrameFault.MISSING_COLUMN]
    sentences = [_missing_message(missing, found=found)] if missing else []
    sentences += [one.what for one in violations if one.fault is not FrameFault.MISSING_COLUMN]
    raise kind("; ".join(sentences), violations=tuple(violations))


def check_currencies(frame: Frame) -> None:
    """Refuse codes that ISO 4217 does not list with a minor unit; lazy frames are asked for theirs."""
    refuse(unknown_currencies(frame, nullable=False))


def unknown_currencies(frame: Frame, *, nullable: bool = True) -> tuple[FrameViolation, ...]:
    """What is wrong with the codes of a frame; gaps are left alone where it may have them."""
    codes = frame.select(CURRENCY)
    if nullable:
        codes = codes.filter(~narwhals().col(CURRENCY).is_null())
    codes = rows_of(codes.unique())
    unknown = sorted(str(code) for (code,) in codes if code not in DIGITS)
    if not unknown:
        return ()
    named = tuple(unknown[:_EXAMPLES_MAX])
    what = f"currency must be an ISO 4217 code with a minor unit, got {', '.join(named)}"
    fault = FrameFault.UNKNOWN_CURRENCY
    return (FrameViolation(column=CURRENCY, fault=fault, what=what, examples=named),)


def add_share(frame: Frame, name: str, *, part: str, amount: str, whole: str) -> Frame:
    """A frame with a column of ``part * amount / whole``, rounded half up, from columns of its own.

    They are zero or more and at most `limits.AMOUNT_MINOR_MAX`, and so must the result be.  Each step
    is a column, because an expression of all of them grows beyond what engines take.
    """
    nw, ops = narwhals(), column_ops()
    rest, quotient, divisor = (f"_{name}_{each}" for each in ("rest", "quotient", "divisor"))
    zero = nw.col(whole) * 0
    frame = frame.with_columns(
        zero.alias(rest), zero.alias(quotient), ops.maximum(nw.col(whole), zero + 1).alias(divisor)
    )
    for place in SHARE_PLACES:
        carried = share_carried(nw.col(rest), part=nw.col(part), amount=nw.col(amount), place=place)
        times = f"_{name}_times"
        frame = frame.with_columns(carried.alias(rest))
        frame = frame.with_columns(_whole_of(nw.col(rest) // nw.col(divisor)).alias(times))
        frame = frame.with_columns(
            (nw.col(rest) - nw.col(times) * nw.col(divisor)).alias(rest),
            (nw.col(quotient) * SHARE_DIGIT + nw.col(times)).alias(quotient),
        ).drop(times)
    share = share_rounded(
        nw.col(quotient), nw.col(rest), divisor=nw.col(divisor), whole=nw.col(whole), ops=ops
    )
    return frame.with_columns(_whole_of(share).alias(name)).drop(rest, quotient, divisor)


def _whole_of(term: Term) -> Term:
    return term.cast(narwhals().Int64)


def rows_of(frame: Frame) -> list[tuple[Any, ...]]:
    """The rows of a small narwhals frame as Python values; a lazy one is computed."""
    nw = narwhals()
    if isinstance(frame, nw.LazyFrame):
        # A file that is larger than memory is read piece by piece.
        frame = frame.collect(
            **({"engine": "streaming"} if frame.implementation.is_polars() else {})
        )
    return list(frame.rows())


def frame_of(
    columns: Mapping[str, Sequence[Any]], *, backend: str, texts: Collection[str] = ()
) -> Any:  # noqa: ANN401  # the backend's own frame
    """A frame of a backend (``polars``, ``pandas``, ``pyarrow``, ``duckdb``) from Python values.

    Columns that are not standard ones hold whole numbers, but for those that `texts` names.  Raises `DocumentError` for another backend and `MissingExtraError` where it is not installed.
    """
    if backend not in _EXTRAS:
        msg = f"backend must be polars, pandas, pyarrow or duckdb, got {backend!r}"
        raise DocumentError(msg)
    if backend == "duckdb":
        return _relation_of(frame_of(columns, backend="pyarrow", texts=texts))
    nw = narwhals()
    kinds = {
        ColumnType.KEY: nw.String,
        ColumnType.CURRENCY: nw.String,
        ColumnType.DATE: nw.Date if backend != "pandas" else nw.Datetime("us"),
        ColumnType.MOMENT: nw.Datetime("us", "UTC"),
    }
    schema = {name: kinds.get(COLUMNS.get(name, ColumnType.MINOR), nw.Int64) for name in columns}
    schema.update(dict.fromkeys(texts, nw.String))
    try:
        if backend == "pandas":
            return _pandas_frame(columns, schema)
        return nw.from_dict(dict(columns), schema=schema, backend=backend).to_native()
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(
            _EXTRAS[backend], needed_for=f"a {backend} frame"
        ) from None


def _pandas_frame(columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Type]) -> Any:  # noqa: ANN401  # a pandas frame
    nw = narwhals()
    gaps = [name for name in columns if schema[name] == nw.Int64 and None in columns[name]]
    # The usual integers of pandas have no room for a gap: zeros keep the places of those that have.
    filled = {name: [0] * len(columns[name]) for name in gaps}
    frame = nw.from_dict({**columns, **filled}, schema=schema, backend="pandas").to_native()
    for name in gaps:
        frame[name] = importlib.import_module("pandas").array(list(columns[name]), dtype="Int64")
    return frame


def _relation_of(table: object) -> Any:  # noqa: ANN401  # a DuckDB relation
    """An Arrow table as a relation of the default connection, which is where relations are joined."""
    try:
        return importlib.import_module("duckdb").from_arrow(table)
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("duckdb", needed_for="a duckdb frame") from None


def _from_native(native: object) -> Frame:
    try:
        frame = narwhals().from_native(native)
    except TypeError:
        msg = f"frame must be a data frame that narwhals knows, got {type(native).__name__}"
        raise DocumentError(msg) from None
    return exact(frame) if _is_spark(frame) else frame


def _is_spark(frame: Frame) -> bool:
    return bool(frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect())


def _missing(required: Sequence[str], *, found: Sequence[str]) -> list[FrameViolation]:
    missing = [name for name in required if name not in found]
    if not missing:
        return []
    import difflib  # noqa: PLC0415  # rarely needed, and not free

    near = {name: tuple(difflib.get_close_matches(name, found, n=1)) for name in missing}
    return [
        FrameViolation(
            column=name,
            fault=FrameFault.MISSING_COLUMN,
            what=f"column {name} must be there" + (f"; is it {match[0]!r}?" if match else ""),
            examples=match,
        )
        for name, match in near.items()
    ]


def _missing_message(missing: Sequence[FrameViolation], *, found: Sequence[str]) -> str:
    """Every missing column in one sentence, with near names, because a heading is often almost right."""
    hints = [f"{one.examples[0]!r} for {one.column!r}" for one in missing if one.examples]
    hint = f"; is it {', '.join(hints)}?" if hints else ""
    names = ", ".join(one.column for one in missing)
    return f"columns must include {names}, got {', '.join(found) or 'none'}{hint}"


def _normalized(
    frame: Frame, types: Mapping[str, Type], names: Iterable[str]
) -> tuple[Frame, dict[str, Type], list[FrameViolation]]:
    """Check the type of each column, and cast what an engine keeps in another form of the same."""
    changed: dict[str, Type] = {}
    misfits: list[FrameViolation] = []
    for name in names:
        kind = COLUMNS.get(name, ColumnType.KEY)
        if not _is_right(frame, name, types[name]):
            misfits.append(_misfit(name, kind, types[name]))
        elif (type_ := _cast(kind, types[name])) is not None:
            changed[name] = type_
    if not changed:
        return frame, dict(types), misfits
    nw = narwhals()
    frame = frame.with_columns(nw.col(name).cast(type_) for name, type_ in changed.items())
    return frame, {**types, **changed}, misfits


def _is_right(frame: Frame, name: str, type_: Type) -> bool:
    kind = COLUMNS.get(name, ColumnType.KEY)
    # pandas without Arrow keeps `datetime.date` values as objects, and a column of nothing but gaps
    # may have any type at all.
    is_object = kind is ColumnType.DATE and bool(type_ == narwhals().Object)
    return _fits(kind, type_) or is_object or _is_empty(frame, name)


def _misfit(name: str, kind: ColumnType, type_: Type) -> FrameViolation:
    what = f"column {name} must hold {kind.value}, got {type_}"
    if kind is ColumnType.MINOR and type_.is_float():
        what += "; a join with gaps makes floats in pandas, nullable Int64 columns do not"
    return FrameViolation(
        column=name, fault=FrameFault.WRONG_TYPE, what=what, examples=(str(type_),)
    )


def _cast(kind: ColumnType, type_: Type) -> Type:
    """The type that a column is cast to, or None where it stays as it is."""
    nw = narwhals()
    if not _fits(kind, type_):
        return _standard_type(kind)
    whole = kind in (ColumnType.MINOR, ColumnType.COUNT)
    return nw.Int64 if whole and type_ != nw.Int64 else None


def _standard_type(kind: ColumnType) -> Type:
    nw = narwhals()
    if kind in (ColumnType.KEY, ColumnType.CURRENCY):
        return nw.String
    if kind is ColumnType.DATE:
        return nw.Datetime("us")
    return nw.Datetime("us", "UTC") if kind is ColumnType.MOMENT else nw.Int64


def _is_empty(frame: Frame, name: str) -> bool:
    """Whether a column holds nothing but gaps."""
    col = narwhals().col(name)
    ((has_value,),) = rows_of(frame.select((~col.is_null()).any()))
    return not has_value


def _fits(kind: ColumnType, type_: Type) -> bool:
    nw = narwhals()
    is_text = type_ in (nw.String, nw.Categorical, nw.Enum)
    is_time = bool(type_ == nw.Datetime)
    if kind is ColumnType.KEY:
        return is_text or bool(type_.is_integer())
    if kind is ColumnType.CURRENCY:
        return is_text
    if kind is ColumnType.DATE:
        return bool(type_ == nw.Date or (is_time and type_.time_zone is None))
    if kind is ColumnType.MOMENT:
        return is_time
    return bool(type_.is_integer())


def _check_rows(
    frame: Frame,
    names: Sequence[str],
    *,
    sums: Collection[str],
    nullable: Collection[str],
) -> tuple[dict[str, int], list[FrameViolation]]:
    """Ask once for gaps, extremes and rows; returns the gaps of each column and what is wrong."""
    if not names:
        return {}, []
    col = narwhals().col
    gaps = [col(name).null_count().alias(f"{name}:gaps") for name in names]
    least = [col(name).min().alias(f"{name}:min") for name in sums]
    most = [col(name).max().alias(f"{name}:max") for name in sums]
    ((rows, *answers),) = rows_of(frame.select(narwhals().len().alias(_ROWS), *gaps, *least, *most))
    # DuckDB counts the gaps of no rows as a gap.
    nulls = {name: int(count or 0) for name, count in zip(names, answers, strict=False)}
    violations = [
        _gap(frame, name, count=count, rows=int(rows))
        for name, count in nulls.items()
        if count and name not in nullable
    ]
    extremes = answers[len(names) :]
    lows, highs = extremes[: len(sums)], extremes[len(sums) :]
    for name, low, high in zip(sums, lows, highs, strict=True):
        # The extremes of no values are not numbers.
        if rows > nulls[name]:
            largest = max(abs(int(low)), abs(int(high)))
            violations += _check_sum(frame, name, largest=largest, rows=int(rows))
    return nulls, violations


def _gap(frame: Frame, name: str, *, count: int, rows: int) -> FrameViolation:
    names = [each for each in (ITEM, DOCUMENT, CUSTOMER) if each in frame.collect_schema().names()]
    at = [each for each in names if each != name][:1]
    missing = frame.filter(narwhals().col(name).is_null())
    return FrameViolation(
        column=name,
        fault=FrameFault.GAPS,
        what=f"column {name} must have no gaps, got {count} in {rows} rows",
        count=count,
        examples=_first(missing.select(*at)) if at else (),
    )


def _first(frame: Frame) -> tuple[object, ...]:
    """The first few rows as values, the only column of a row by itself."""
    rows = rows_of(frame.head(_EXAMPLES_MAX))
    return tuple(row[0] if len(row) == 1 else row for row in rows)


def _check_sum(frame: Frame, name: str, *, largest: int, rows: int) -> list[FrameViolation]:
    """What is wrong with an amount, or a sum of absolute amounts, that is beyond its limit."""
    most, col = limits.AMOUNT_MINOR_MAX, narwhals().col(name)
    if largest > most:
        beyond = frame.select(name).filter((col > most) | (col < -most))
        ((count,),) = rows_of(beyond.select(narwhals().len().alias(_ROWS)))
        what = f"column {name} must be at most {most} minor units, got {largest}"
        fault = FrameFault.AMOUNT_LIMIT
        return [
            FrameViolation(
                column=name, fault=fault, what=what, count=int(count), examples=_first(beyond)
            )
        ]
    if largest * rows <= limits.SUM_MINOR_MAX:
        return []
    ((total,),) = rows_of(frame.select((col.abs() // _COARSE).sum()))
    # Each row lost less than one coarse unit, so this is above the true sum, by little.
    if (int(total) + rows) * _COARSE <= limits.SUM_MINOR_MAX:
        return []
    what = f"column {name} must sum to at most {limits.SUM_MINOR_MAX} minor units in absolute terms, got more"
    return [FrameViolation(column=name, fault=FrameFault.SUM_LIMIT, what=what)]


def _duplicates(frame: Frame, key: Sequence[str]) -> list[FrameViolation]:
    """What is wrong with a key that more than one row has."""
    if _are_apart(frame, key):
        return []
    nw = narwhals()
    counted = frame.lazy() if frame.implementation.is_polars() else frame
    counted = counted.select(*key).group_by(*key).agg(nw.len().alias(_ROWS))
    repeated = counted.filter(nw.col(_ROWS) > 1)
    ((keys, rows),) = rows_of(repeated.select(nw.len().alias(":keys"), nw.col(_ROWS).sum()))
    if not keys:
        return []
    rows, named = int(rows), _first(repeated.select(*key))
    names = ", ".join(key)
    first = ", ".join(str(each) for each in named)
    what = f"rows must have a key of their own in {names}, got {rows} rows with {int(keys)} keys, first {first}"
    fault = FrameFault.DUPLICATE_KEY
    return [FrameViolation(column=names, fault=fault, what=what, count=rows, examples=named)]


def _are_apart(frame: Frame, key: Sequence[str]) -> bool:
    """Whether the keys of an eager frame are seen to differ by a cheaper look than a count by key.

    Either each row is above the one before it, as numbered items mostly are, or the hashes of the
    rows differ; where neither is so the count decides.
    """
    nw = narwhals()
    if isinstance(frame, nw.LazyFrame) or frame.implementation.is_pandas_like():
        return False
    last = frame[key[-1]]
    if (last[1:] > last[:-1]).all():
        return True
    if not frame.implementation.is_polars():
        return False
    hashes = frame.select(*key).to_native().hash_rows()
    return bool(hashes.n_unique() == len(hashes))
