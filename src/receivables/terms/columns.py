"""Due dates and settlement discounts over data frames: the caller's own kind comes in and goes out.

A date is no term of a rule, because engines count months differently.  So each pair of a date and
terms is asked once of the rule for values, and the rows look their answer up.

>>> import polars as pl
>>> from receivables.terms import parse_terms
>>> items = pl.DataFrame({"document_date": [dt.date(2026, 1, 31)], "terms": ["T1"],
...                       "amount_minor": [120_000]})
>>> terms = {"T1": parse_terms("2/10 net 30"), "T2": parse_terms("45 end of month")}
>>> due_dates(items, terms=terms, discounts=True).drop("document_date", "terms").rows()
[(120000, datetime.date(2026, 3, 2), datetime.date(2026, 2, 10), 2400)]
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.days import BusinessCalendar
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    AMOUNT_MINOR,
    DISCOUNT_DATE,
    DISCOUNT_MINOR,
    DOCUMENT_DATE,
    DUE_DATE,
    TAX_MINOR,
    TERMS,
    Frame,
    NativeFrame,
    Table,
    Type,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.terms import rules
from receivables.terms.model import MissingBaseline, PaymentTerms, TaxBasis

__all__ = ["due_dates"]

_START: Final = "__terms_start"
_CODE: Final = "__terms_code"
_KEY: Final = "__terms_key"
_DUE: Final = "__terms_due"
_BASE: Final = "__terms_base"
_FLOOR: Final = "__terms_taken_"
_REST: Final = "__terms_rest_"
_MILLISECONDS: Final = 86_400_000
"""Milliseconds of a day: midnights are their multiples, so codes below it fit between them."""
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_PAIRS_MAX: Final = 5_000
"""Pairs that are computed whether they occur or not, because asking which do costs more."""
_TERMS_MAX: Final = 100_000
_NAMED_MAX: Final = 5

assert _TERMS_MAX < _MILLISECONDS  # noqa: S101  # a relation between constants


def due_dates(
    frame: NativeFrame,
    *,
    terms: PaymentTerms | Mapping[str, PaymentTerms],
    calendar: BusinessCalendar | None = None,
    discounts: bool = False,
    trusted: bool = False,
) -> NativeFrame:
    """The frame with ``due_date``: from one value of terms, or by the keys in its column ``terms``.

    It has the columns of the dates that the terms count from (``document_date``, ``posting_date``,
    ``delivery_date``, ``received_on``).  A ``due_date`` that is stated stays; only gaps are filled.

    With `discounts` there are ``discount_date`` and ``discount_minor`` too, taken of
    ``amount_minor`` (less ``tax_minor`` where the terms count without tax), and for terms in steps
    ``discount_date_2`` and so on, the earliest first.  What earns none has no date and 0.

    A lazy frame stays lazy, after one question about its dates and keys, which `trusted` does not
    spare; it spares the look at gaps and sizes.

    Raises `DocumentError` for a frame without these columns, with gaps or unknown keys in them,
    `LimitError` for amounts that are too large, and `PolicyError` for terms with installments.
    """
    by_key = not isinstance(terms, PaymentTerms)
    named: Mapping[str, PaymentTerms] = (
        terms if not isinstance(terms, PaymentTerms) else {"": terms}
    )
    _check_terms(named)
    question = _Question(
        names=tuple(named),
        terms=tuple(named.values()),
        by_key=by_key,
        calendar=calendar,
        discounts=discounts,
    )
    table = _opened(frame, question, trusted=trusted)
    _check_free(table, question)
    coded = _coded(table, question)
    answered = _joined if _is_sql(table) else _looked_up
    return table.native(_finished(answered(coded, table, question), table, question))


def _check_terms(named: Mapping[str, PaymentTerms]) -> None:
    if not 1 <= len(named) <= _TERMS_MAX:
        msg = f"terms must be 1 to {_TERMS_MAX} by their keys, got {len(named)}"
        raise PolicyError(msg)
    for name, terms in named.items():
        if terms.installments:
            msg = f"terms of a frame must have one due date, got {len(terms.installments)} installments in {name!r}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class _Question:
    """What is asked of a frame: terms by their keys, how to count, and whether discounts too."""

    names: tuple[str, ...]
    terms: tuple[PaymentTerms, ...]
    by_key: bool
    calendar: BusinessCalendar | None
    discounts: bool

    @property
    def steps(self) -> int:
        """The most steps that a discount has."""
        return max(len(terms.discounts) for terms in self.terms) if self.discounts else 0

    @property
    def needs_tax(self) -> bool:
        """Whether a discount counts without tax."""
        return self.discounts and any(_is_untaxed(terms) for terms in self.terms)

    def dates(self, *, needed: bool) -> list[str]:
        """The columns of dates: those that must have no gaps, or those that may."""
        found: dict[str, None] = {}
        for terms in self.terms:
            columns = rules.BASELINES[terms.baseline]
            lenient = terms.missing_baseline is MissingBaseline.DOCUMENT_DATE
            found.update(dict.fromkeys(columns))
            if lenient:
                found[DOCUMENT_DATE] = None
        # Gaps in the one date that all terms count from are refused at the door, by its name.
        strict = len(found) == 1
        return list(found) if needed is strict else []


def _is_untaxed(terms: PaymentTerms) -> bool:
    return bool(terms.discounts) and terms.tax_basis is not TaxBasis.INCLUDED


def _opened(frame: NativeFrame, question: _Question, *, trusted: bool) -> Table[NativeFrame]:
    amounts = [AMOUNT_MINOR] if question.discounts else []
    taxes = [TAX_MINOR] if question.needs_tax else []
    gapless, gappy = question.dates(needed=True), question.dates(needed=False)
    return open_table(
        frame,
        needs=(*gapless, *gappy, *((TERMS,) if question.by_key else ()), *amounts, *taxes),
        nullable=(*gappy, DUE_DATE),
        sums=(*amounts, *taxes),
        trusted=trusted,
    )


def _check_free(table: Table[Any], question: _Question) -> None:
    """Refuse columns that are named like those that will be added."""
    added = [name for names in _step_names(question.steps) for name in names]
    if taken := sorted(name for name in added if table.has(name)):
        msg = f"columns must not be named like those of the discounts, got {', '.join(taken)}"
        raise DocumentError(msg)


def _step_names(steps: int) -> list[tuple[str, str]]:
    """The names of the columns of each step: its date and its amount."""
    ends = ["", *(f"_{number}" for number in range(2, steps + 1))]
    return [(f"{DISCOUNT_DATE}{end}", f"{DISCOUNT_MINOR}{end}") for end in ends[:steps]]


def _is_sql(table: Table[Any]) -> bool:
    """Whether rows have no order to keep, and are asked by joins."""
    frame = table.frame
    return isinstance(frame, narwhals().LazyFrame) and not frame.implementation.is_polars()


def _coded(table: Table[Any], question: _Question) -> Frame:
    """The frame with the number of each row's terms, and the date that they count from."""
    nw = narwhals()
    frame = table.frame
    if question.by_key:
        codes = list(range(len(question.names)))
        code = (
            nw.col(TERMS)
            .cast(nw.String)
            .replace_strict(list(question.names), codes, default=-1, return_dtype=nw.Int64)
        )
        frame = frame.with_columns(code.alias(_CODE))
    return frame.with_columns(_start(table, question).alias(_START))


def _start(table: Table[Any], question: _Question) -> Term:
    """The date that each row's terms count from, as a term."""
    nw = narwhals()
    names = [*question.dates(needed=True), *question.dates(needed=False)]
    has_one_type = len({str(table.types[name]) for name in names}) == 1
    columns = {
        name: nw.col(name) if has_one_type else nw.col(name).cast(nw.Datetime("us"))
        for name in names
    }
    by_way: dict[tuple[object, ...], list[int]] = {}
    for code, terms in enumerate(question.terms):
        by_way.setdefault((terms.baseline, terms.missing_baseline), []).append(code)
    starts = [_latest(question.terms[codes[0]], columns) for codes in by_way.values()]
    chosen = starts[0]
    for start, codes in zip(starts[1:], list(by_way.values())[1:], strict=True):
        chosen = nw.when(_is_one_of(codes)).then(start).otherwise(chosen)
    return chosen


def _is_one_of(codes: Sequence[int]) -> Term:
    column = narwhals().col(_CODE)
    return functools.reduce(operator.or_, (column == code for code in codes))


def _latest(terms: PaymentTerms, columns: Mapping[str, Term]) -> Term:
    """The latest of the dates that terms name; a gap in one of them is one in the answer."""
    nw = narwhals()
    dates = [columns[name] for name in rules.BASELINES[terms.baseline]]
    if terms.missing_baseline is MissingBaseline.DOCUMENT_DATE:
        dates = [nw.coalesce(date, columns[DOCUMENT_DATE]) for date in dates]
    if len(dates) == 1:
        return dates[0]
    first, second = dates
    both = ~(first.is_null() | second.is_null())
    later = nw.when(first >= second).then(first).otherwise(second)
    return nw.when(both).then(later)


@attrs.frozen(kw_only=True)
class _Answer:
    """What a pair of terms and a date gets: its due date, and its steps by their days."""

    due: dt.date
    steps: tuple[tuple[dt.date | None, int], ...] = ()
    """The last day and the percentage in millionths of each step, filled up with nothing."""


def _answer(question: _Question, code: int, day: dt.date) -> _Answer:
    terms = question.terms[code]
    due = rules.due_day(terms, baseline_date=day, calendar=question.calendar)
    if not question.discounts:
        return _Answer(due=due)
    offers = rules.discount_steps(terms, baseline_date=day, calendar=question.calendar)
    steps: list[tuple[dt.date | None, int]] = list(offers)
    return _Answer(due=due, steps=(*steps, *((None, 0),) * (question.steps - len(steps))))


# Where rows have an order: looked up by one whole number for a date and its terms.


def _looked_up(frame: Frame, table: Table[Any], question: _Question) -> Frame:
    """The frame with its answers, each row's found by its key."""
    nw = narwhals()
    key = nw.col(_START).dt.timestamp("ms")
    frame = frame.with_columns((key + nw.col(_CODE) if question.by_key else key).alias(_KEY))
    if not table.is_lazy and isinstance(frame, nw.LazyFrame):
        # The keys are needed twice, to ask for them and to look them up.
        frame = frame.collect().lazy()
    answers = {
        key: _answer(
            question, key % _MILLISECONDS, dt.date.fromordinal(key // _MILLISECONDS + _EPOCH)
        )
        for key in _keys(frame, question)
    }
    keys = list(answers)
    found = [
        nw.col(_KEY).replace_strict(keys, values, return_dtype=type_).alias(name)
        for name, type_, values in _values(list(answers.values()), table, question)
    ]
    return frame.with_columns(*found)


def _keys(frame: Frame, question: _Question) -> list[int]:
    """The keys of a frame; where its dates are few, those of all dates between them."""
    nw = narwhals()
    key = nw.col(_KEY)
    codes = [nw.col(_CODE).min().alias("code")] if question.by_key else []
    ends = [key.min().alias("least"), key.max().alias("most"), *codes]
    asked = frame.select(nw.len().alias("rows"), nw.col(_START).null_count().alias("gaps"), *ends)
    ((rows, gaps, least, most, *code),) = rows_of(asked)
    if not rows:
        return []
    _check_answers(frame, gaps=int(gaps), code=int(code[0]) if code else 0)
    first, last = int(least) // _MILLISECONDS, int(most) // _MILLISECONDS
    if (last - first + 1) * len(question.terms) <= min(_PAIRS_MAX, int(rows)):
        days = range(first * _MILLISECONDS, (last + 1) * _MILLISECONDS, _MILLISECONDS)
        return [day + one for day in days for one in range(len(question.terms))]
    return [int(one) for (one,) in rows_of(frame.select(key).unique())]


def _check_answers(frame: Frame, *, gaps: int, code: int) -> None:
    """Refuse keys that no terms have, and dates that are not there."""
    if code < 0:
        unknown = frame.filter(narwhals().col(_CODE) < 0).select(TERMS).unique()
        named = ", ".join(sorted(repr(name) for (name,) in rows_of(unknown))[:_NAMED_MAX])
        msg = f"column {TERMS} must hold keys of the terms, got {named}"
        raise DocumentError(msg)
    if gaps:
        msg = f"the date that terms count from must have no gaps, got {gaps}"
        raise DocumentError(msg)


# Where rows have none: the distinct pairs are answered, and joined.


def _joined(frame: Frame, table: Table[Any], question: _Question) -> Frame:
    """The frame with its answers, joined from its distinct pairs of terms and date."""
    on = [*([_CODE] if question.by_key else []), _START]
    pairs = frame.select(*on).unique()
    asked = [(row[0] if question.by_key else 0, _plain_day(row[-1])) for row in rows_of(pairs)]
    _check_answers(
        frame,
        gaps=sum(day is None for _, day in asked),
        code=min((code for code, _ in asked), default=0),
    )
    known = {(code, day): _answer(question, code, day) for code, day in asked if day is not None}
    columns = _values(list(known.values()), table, question)
    found = [
        _mapped(list(known), values, type_=type_, by_key=question.by_key).alias(name)
        for name, type_, values in columns
    ]
    return frame.join(pairs.with_columns(*found), on=on, how="left")


def _plain_day(value: dt.date | None) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value


def _mapped(
    pairs: Sequence[tuple[int, dt.date]], values: Sequence[Any], *, type_: Type, by_key: bool
) -> Term:
    """A value for each pair, chosen by the code and then by the date."""
    nw = narwhals()
    chosen: Term = nw.lit(None, dtype=type_)
    for code in sorted({code for code, _ in pairs}):
        mine = {
            day: value
            for (one, day), value in zip(pairs, values, strict=True)
            if one == code and value is not None
        }
        if not mine:
            continue
        mapped = nw.col(_START).replace_strict(
            list(mine), list(mine.values()), default=None, return_dtype=type_
        )
        chosen = nw.when(nw.col(_CODE) == code).then(mapped).otherwise(chosen) if by_key else mapped
    return chosen


def _values(
    answers: Sequence[_Answer], table: Table[Any], question: _Question
) -> list[tuple[str, Type, list[Any]]]:
    """The columns that are looked up: their names, their types and their values."""
    nw = narwhals()
    name = next(iter([*question.dates(needed=True), *question.dates(needed=False)]))
    day_type = table.types[name] if table.types[name] != nw.Date else nw.Date
    columns: list[tuple[str, Type, list[Any]]] = [(_DUE, day_type, [one.due for one in answers])]
    for place in range(question.steps):
        until, units = _step_columns(place)
        columns.append((until, day_type, [one.steps[place][0] for one in answers]))
        columns.append((units, nw.Int64, [one.steps[place][1] for one in answers]))
    return columns


def _step_columns(place: int) -> tuple[str, str]:
    return f"__terms_until_{place}", f"__terms_units_{place}"


def _finished(frame: Frame, table: Table[Any], question: _Question) -> Frame:
    """The caller's columns, the due date where none is stated, and the discounts."""
    nw = narwhals()
    due = nw.col(_DUE)
    if table.has(DUE_DATE):
        due = nw.coalesce(nw.col(DUE_DATE), due.cast(table.types[DUE_DATE]))
    frame = frame.with_columns(due.alias(DUE_DATE))
    names = _step_names(question.steps)
    if names:
        frame = _discounted(frame, question, ops=column_ops())
    kept = [name for name in table.types if name != DUE_DATE]
    return frame.select(*kept, DUE_DATE, *(name for pair in names for name in pair))


def _discounted(frame: Frame, question: _Question, *, ops: Ops) -> Frame:
    """The frame with the date and the amount of each step.

    Each stage is a column of its own: a term that is used five times is computed five times.
    """
    nw = narwhals()
    steps = list(enumerate(_step_names(question.steps)))
    frame = frame.with_columns(_discountable(question, ops=ops).alias(_BASE))
    positive = ops.maximum(nw.col(_BASE), nw.col(_BASE) * 0)
    frame = frame.with_columns(positive.alias(_BASE))
    whole = nw.col(_BASE)
    for place, _ in steps:
        floor, rest = rules.discount_parts(whole, nw.col(_step_columns(place)[1]))
        frame = frame.with_columns(floor.alias(f"{_FLOOR}{place}"), rest.alias(f"{_REST}{place}"))
    frame = frame.with_columns(_rounded(place, question, ops=ops) for place, _ in steps)
    amount = nw.col(AMOUNT_MINOR)
    return frame.with_columns(
        *(_offered(place, day, amount) for place, (day, _) in steps),
        *(
            ops.when(_is_offer(place, amount), nw.col(f"{_FLOOR}{place}"), amount * 0)
            .cast(nw.Int64)
            .alias(name)
            for place, (_, name) in steps
        ),
    )


def _is_offer(place: int, amount: Term) -> Term:
    """Whether a step takes off something, and not all of it."""
    taken = narwhals().col(f"{_FLOOR}{place}")
    return (taken > 0) & (taken < amount)


def _offered(place: int, name: str, amount: Term) -> Term:
    nw = narwhals()
    until = nw.col(_step_columns(place)[0])
    return nw.when(_is_offer(place, amount)).then(until).alias(name)


def _rounded(place: int, question: _Question, *, ops: Ops) -> Term:
    """What a step takes off, rounded as each row's terms say."""
    nw = narwhals()
    floor, rest = nw.col(f"{_FLOOR}{place}"), nw.col(f"{_REST}{place}")
    by_rounding: dict[Any, list[int]] = {}
    for code, terms in enumerate(question.terms):
        by_rounding.setdefault(terms.rounding, []).append(code)
    (first, _), *others = by_rounding.items()
    unit = rules.carried(floor, rest, rounding=first, ops=ops)
    for rounding, codes in others:
        other = rules.carried(floor, rest, rounding=rounding, ops=ops)
        unit = ops.when(_is_one_of(codes), other, unit)
    return (floor + unit).alias(f"{_FLOOR}{place}")


def _discountable(question: _Question, *, ops: Ops) -> Term:
    """The amount that discounts are a percentage of, by each row's tax basis."""
    nw = narwhals()
    amount = nw.col(AMOUNT_MINOR)
    untaxed = [code for code, terms in enumerate(question.terms) if _is_untaxed(terms)]
    if not untaxed:
        return amount
    less = rules.discountable_minor(amount, nw.col(TAX_MINOR), basis=TaxBasis.EXCLUDED)
    if len(untaxed) == len(question.terms):
        return less
    return ops.when(_is_one_of(untaxed), less, amount)
