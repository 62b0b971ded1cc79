"""Names and types of the standard columns, and the door that every data frame enters by.

Amounts are whole minor units in 64-bit integers, currencies ISO 4217 codes, dates dates.  The door
refuses floats, gaps where none may be, unknown currencies and sums that could leave 64 bits, once
and for all rows; behind it the rules run as expressions on the engine that the caller chose.

Importing this module imports no engine and not narwhals: the names are for everybody.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Generic, TypeAlias, TypeVar

import attrs

from receivables import limits
from receivables._arithmetic import SHARE_DIGIT, SHARE_PLACES, share_carried, share_rounded
from receivables._iso4217 import DIGITS
from receivables._ops import Ops, Term
from receivables.errors import DocumentError, LimitError, MissingExtraError, UnknownCurrencyError

__all__ = [
    "AMOUNT_MINOR",
    "ANSWER_BY",
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
    "SPECIFIC",
    "SPECIFIC_BPS",
    "TAX_MINOR",
    "TERMS",
    "WRITTEN_OFF_MINOR",
    "ColumnType",
    "DaysPast",
    "Frame",
    "NativeFrame",
    "Table",
    "Type",
    "add_share",
    "check_currencies",
    "column_ops",
    "frame_of",
    "narwhals",
    "open_table",
    "rows_of",
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

_COARSE: Final = 2**20
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

    def native(self, frame: Frame) -> NativeFrame:
        """Give a result back as the caller's own kind of frame."""
        if not self.is_lazy and isinstance(frame, narwhals().LazyFrame):
            # Twice as fast as the default engine on a million rows; integers have no order of sums.
            frame = frame.collect(engine="streaming")
        native: NativeFrame = frame.to_native()
        return native


def open_table(
    native: NativeFrame,
    *,
    needs: Iterable[str],
    sums: Collection[str] = (),
    optional: Collection[str] = (),
    nullable: Collection[str] = (),
    trusted: bool = False,
) -> Table[NativeFrame]:
    """Let a frame in: the columns it must have, those that it may have, those that will be summed.

    Columns in `nullable` may have gaps; they and the `optional` ones may be missing unless they are
    needed.  A lazy frame is asked one small question (extremes, gaps, number of rows); `trusted`
    spares it and looks at names and types only.

    Raises `DocumentError` for missing columns, wrong types and gaps, and `LimitError` where a sum
    could leave 64 bits.
    """
    frame = _from_native(native)
    types = dict(frame.collect_schema())
    needs = tuple(dict.fromkeys(needs))
    _check_names(needs, found=tuple(types))
    relevant = tuple(
        name for name in dict.fromkeys((*needs, *optional, *nullable)) if name in types
    )
    frame, types = _normalized(frame, types, relevant)
    nulls = None
    if not trusted:
        nulls = _check_rows(frame, relevant, sums=sums, nullable=nullable)
    is_lazy = isinstance(frame, narwhals().LazyFrame)
    return Table(
        frame=frame.lazy() if frame.implementation.is_polars() else frame,
        types=MappingProxyType(types),
        nulls=None if nulls is None else MappingProxyType(nulls),
        is_lazy=is_lazy,
    )


def check_currencies(frame: Frame) -> None:
    """Refuse codes that ISO 4217 does not list with a minor unit; lazy frames are asked for theirs."""
    codes = rows_of(frame.select(CURRENCY).unique())
    unknown = sorted(str(code) for (code,) in codes if code not in DIGITS)
    if unknown:
        msg = f"currency must be an ISO 4217 code with a minor unit, got {', '.join(unknown[:5])}"
        raise UnknownCurrencyError(msg)


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
    collected = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return list(collected.rows())


def frame_of(columns: Mapping[str, Sequence[Any]], *, backend: str) -> Any:  # noqa: ANN401  # the backend's own frame
    """A frame of a backend (``polars``, ``pandas`` or ``pyarrow``) from columns of Python values.

    Raises `DocumentError` for another backend and `MissingExtraError` where it is not installed.
    """
    if backend not in ("polars", "pandas", "pyarrow"):
        msg = f"backend must be polars, pandas or pyarrow, got {backend!r}"
        raise DocumentError(msg)
    nw = narwhals()
    kinds = {
        ColumnType.KEY: nw.String,
        ColumnType.CURRENCY: nw.String,
        ColumnType.DATE: nw.Date if backend != "pandas" else nw.Datetime("us"),
    }
    schema = {name: kinds.get(COLUMNS.get(name, ColumnType.MINOR), nw.Int64) for name in columns}
    try:
        return nw.from_dict(dict(columns), schema=schema, backend=backend).to_native()
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(
            _EXTRAS[backend], needed_for=f"a {backend} frame"
        ) from None


def _from_native(native: object) -> Frame:
    try:
        return narwhals().from_native(native)
    except TypeError:
        msg = f"frame must be a data frame that narwhals knows, got {type(native).__name__}"
        raise DocumentError(msg) from None


def _check_names(required: Sequence[str], *, found: Sequence[str]) -> None:
    missing = [name for name in required if name not in found]
    if not missing:
        return
    import difflib  # noqa: PLC0415  # rarely needed, and not free

    near = {name: difflib.get_close_matches(name, found, n=1) for name in missing}
    hints = [f"{match[0]!r} for {name!r}" for name, match in near.items() if match]
    hint = f"; is it {', '.join(hints)}?" if hints else ""
    msg = f"columns must include {', '.join(missing)}, got {', '.join(found) or 'none'}{hint}"
    raise DocumentError(msg)


def _normalized(
    frame: Frame,
    types: Mapping[str, Type],
    names: Iterable[str],
) -> tuple[Frame, dict[str, Type]]:
    """Check the type of each column, and cast what an engine keeps in another form of the same."""
    casts = {name: _cast(frame, name, types[name]) for name in names}
    changed = {name: type_ for name, type_ in casts.items() if type_ is not None}
    if not changed:
        return frame, dict(types)
    nw = narwhals()
    frame = frame.with_columns(nw.col(name).cast(type_) for name, type_ in changed.items())
    return frame, {**types, **changed}


def _cast(frame: Frame, name: str, type_: Type) -> Type:
    """The type that a column is cast to, or None; raises `DocumentError` for a wrong one."""
    nw = narwhals()
    kind = COLUMNS.get(name, ColumnType.KEY)
    if _fits(kind, type_):
        whole = kind in (ColumnType.MINOR, ColumnType.COUNT)
        return nw.Int64 if whole and type_ != nw.Int64 else None
    # pandas without Arrow keeps `datetime.date` values as objects, and a column of nothing but gaps
    # may have any type at all.
    if (kind is ColumnType.DATE and type_ == nw.Object) or _is_empty(frame, name):
        return _standard_type(kind)
    msg = f"column {name} must hold {kind.value}, got {type_}"
    if kind is ColumnType.MINOR and type_.is_float():
        msg += "; a join with gaps makes floats in pandas, nullable Int64 columns do not"
    raise DocumentError(msg)


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
) -> dict[str, int]:
    """Ask once for gaps, extremes and rows; returns the gaps of each column."""
    col = narwhals().col
    gaps = [col(name).null_count().alias(f"{name}:gaps") for name in names]
    least = [col(name).min().alias(f"{name}:min") for name in sums]
    most = [col(name).max().alias(f"{name}:max") for name in sums]
    ((rows, *answers),) = rows_of(frame.select(narwhals().len(), *gaps, *least, *most))
    # DuckDB counts the gaps of no rows as a gap.
    nulls = {name: int(count or 0) for name, count in zip(names, answers, strict=False)}
    for name, count in nulls.items():
        if count and name not in nullable:
            msg = f"column {name} must have no gaps, got {count} in {rows} rows"
            raise DocumentError(msg)
    extremes = answers[len(names) :]
    lows, highs = extremes[: len(sums)], extremes[len(sums) :]
    # The extremes of no rows are not numbers.
    for name, low, high in zip(sums, lows, highs, strict=True) if rows else ():
        _check_sum(frame, name, largest=max(abs(int(low)), abs(int(high))), rows=int(rows))
    return nulls


def _check_sum(frame: Frame, name: str, *, largest: int, rows: int) -> None:
    """Refuse an amount, or a sum of absolute amounts, that is beyond its limit."""
    if largest > limits.AMOUNT_MINOR_MAX:
        msg = f"column {name} must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {largest}"
        raise LimitError(msg)
    if largest * rows <= limits.SUM_MINOR_MAX:
        return
    coarse = (narwhals().col(name).abs() // _COARSE).sum()
    ((total,),) = rows_of(frame.select(coarse))
    # Each row lost less than one coarse unit, so this is above the true sum, by little.
    if (int(total) + rows) * _COARSE > limits.SUM_MINOR_MAX:
        msg = f"column {name} must sum to at most {limits.SUM_MINOR_MAX} minor units in absolute terms, got more"
        raise LimitError(msg)
