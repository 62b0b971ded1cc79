"""Failure models over data frames: the same rules as on statements, the caller's own kind back.

Figures are whole numbers in one unit; scores are whole ten-thousandths, rounded half-even, and null
where a statement would not be scored.  A frame does not say what its companies are: whoever calls
chooses the rows that a model is for.

>>> import polars as pl
>>> frame = pl.DataFrame({"customer": ["C-017", "C-018"], "total_assets": [1_000, 500],
...     "working_capital": [200, None], "retained_earnings": [80, 10], "ebit": [60, 5],
...     "equity": [330, 90]})
>>> failure_scores(frame, models=[MODELS["altman-z-double-prime"]]).select(
...     "customer", "altman_z_double_prime_e4", "altman_z_double_prime_zone").rows()
[('C-017', 24932, 'grey'), ('C-018', None, None)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.casework.financials import FIGURES
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.frames import (
    Frame,
    NativeFrame,
    Table,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.scoring import _failure_rules as rules
from receivables.scoring._failure_rules import Logarithm, Quotient
from receivables.scoring.failure import price_offset
from receivables.scoring.failure_models import (
    MODELS,
    OHLSON_RATIOS,
    FailureModel,
    coefficient_of,
)
from receivables.scoring.ratios import RATIOS, Ratio
from receivables.scoring.statements import (
    DERIVATIONS,
    FLOWS,
    PASSES,
    DerivationRule,
    SignedFigure,
    derive,
)

__all__ = ["MODELS", "failure_scores", "failure_scores_of_ratios"]

_MONTHS: Final = "months"
_BEFORE: Final = "previous_net_income"
_BEFORE_MONTHS: Final = "previous_months"
_YEAR: Final = 12
_MONTHS_MAX: Final = 24
_PER_ONE: Final = tuple(10**places for places in range(rules.RATIO_PLACES + 1))
_WORK: Final = "_failure_"
_WHATS: Final = ("sign", "whole", "part", "rest", "below")
_STEPS: Final = 1 + rules.RATIO_PLACES // 2

assert _STEPS == rules.LOGARITHM_STEPS  # noqa: S101  # ratios and logarithms advance together


def failure_scores(
    frame: NativeFrame,
    *,
    models: Sequence[FailureModel],
    unit: int = 1,
    price_index: Decimal | int | None = None,
    assumed: bool = False,
    trusted: bool = False,
) -> NativeFrame:
    """The frame with the score of each model in ten-thousandths, ``<model>_e4``, and ``<model>_zone``.

    Columns are named like the figures of a statement (`receivables.casework.FIGURES`), as many of
    them as there are, in whole `unit`s; gaps are unsaid figures, and what follows from others is
    derived as `completed` does.  ``months`` is twelve where there is no such column.  For Ohlson's
    model the net income of the year before is ``previous_net_income`` (of ``previous_months``), and
    `price_index` as in `failure_score`.  `trusted` spares the question whether all figures are within
    300 million million.

    Raises `DocumentError` for a frame that lacks what a model needs and for a wrong type,
    `LimitError` for a figure beyond the bound, and `PolicyError` without models or a price index
    that a model needs.
    """
    _check_models(models, price_index=price_index)
    needed = _closure(models, assumed=assumed)
    table = _opened(frame, (*needed, _MONTHS, _BEFORE, _BEFORE_MONTHS), trusted=trusted)
    _check_columns(table, models, assumed=assumed)
    work = _figures(table, needed, assumed=assumed)
    if not trusted:
        _check_figures(work, (*needed, *((_BEFORE,) if table.has(_BEFORE) else ())))
    names = tuple(dict.fromkeys(name for model in models for name in model.ratios))
    offset = 0 if price_index is None else price_offset(price_index, unit=unit)
    ratios = _Ratios(table, column_ops(), offset)
    return _finished(table, ratios.worked_out(work, names), models)


def failure_scores_of_ratios(
    frame: NativeFrame,
    *,
    models: Sequence[FailureModel],
    per_one: int = rules.RATIO_SCALE,
    trusted: bool = False,
) -> NativeFrame:
    """The frame with the scores of models on ratios that it has, as `failure_scores` gives them.

    Columns are named like ratios, and hold whole numbers, `per_one` of them to one: hundred-millionths
    where nothing is said, and any power of ten below.  Raises `DocumentError` and `PolicyError`.

    >>> import polars as pl
    >>> frame = pl.DataFrame({"working_capital_to_assets": [20], "ebit_to_assets": [15],
    ...     "pretax_income_to_current_liabilities": [60], "sales_to_assets": [100]})
    >>> failure_scores_of_ratios(frame, models=[MODELS["springate"]], per_one=100)[
    ...     "springate_e4"].to_list()
    [14625]
    """
    if per_one not in _PER_ONE:
        msg = f"per_one must be a power of ten up to {rules.RATIO_SCALE}, got {per_one}"
        raise PolicyError(msg)
    _check_models(models, price_index=1)
    names = tuple(dict.fromkeys(name for model in models for name in model.ratios))
    table = _opened(frame, names, trusted=trusted)
    if missing := [name for name in names if not table.has(name)]:
        msg = f"columns must include {', '.join(missing)}, got {', '.join(table.types)}"
        raise DocumentError(msg)
    nw, ops = narwhals(), column_ops()
    work = table.frame
    columns: list[Term] = []
    for name in names:
        number = rules.given(nw.col(name).cast(nw.Int64).fill_null(0), per_one=per_one, ops=ops)
        known = (~nw.col(name).is_null()).alias(_part(name, "known"))
        columns += [*_columns_of(name, number), known]
    return _finished(table, _sound(work.with_columns(*columns), names, ops), models)


def _check_models(models: Sequence[FailureModel], *, price_index: Decimal | int | None) -> None:
    if not models:
        msg = "models must be one or more, got none"
        raise PolicyError(msg)
    if price_index is None and (lacking := [one.name for one in models if one.needs_price_index]):
        msg = f"price index must be given for {', '.join(lacking)}, got none"
        raise PolicyError(msg)


def _needs(model: FailureModel) -> tuple[str, ...]:
    """The figures of a model; raises `PolicyError` for one that no figures give."""
    figures: list[str] = []
    for name in model.ratios:
        if name not in RATIOS and name not in OHLSON_RATIOS:
            msg = f"model {model.name} must have ratios of figures only, got {name}"
            raise PolicyError(msg)
        figures += RATIOS[name].figures if name in RATIOS else OHLSON_RATIOS[name]
    return tuple(dict.fromkeys(figures))


def _derivations(*, assumed: bool) -> list[DerivationRule]:
    return [rule for rule in DERIVATIONS if assumed or not rule.is_assumed]


def _closure(models: Iterable[FailureModel], *, assumed: bool) -> tuple[str, ...]:
    """Every figure that the models need, and those that these may be derived from."""
    found = {figure for model in models for figure in _needs(model)}
    for model in models:
        for name in model.ratios:
            found |= RATIOS[name].optional if name in RATIOS else frozenset()
    for _ in range(PASSES):
        for rule in _derivations(assumed=assumed):
            if rule.figure in found:
                found |= {part.figure for part in rule.parts}
    return tuple(name for name in FIGURES if name in found)


def _opened(frame: NativeFrame, names: Iterable[str], *, trusted: bool) -> Table[NativeFrame]:
    table = open_table(frame, needs=(), nullable=tuple(names), trusted=trusted)
    nw = narwhals()
    for name in names:
        if not table.has(name) or table.types[name].is_integer():
            continue
        if table.types[name] in (nw.Unknown, nw.Float64, nw.Float32) or not _is_bare(table, name):
            msg = f"column {name} must hold whole numbers, got {table.types[name]}"
            if table.types[name].is_float():
                msg += "; gaps make floats in pandas, nullable Int64 columns do not"
            raise DocumentError(msg)
    return table


def _is_bare(table: Table[Any], name: str) -> bool:
    """Whether a column holds nothing but gaps, whatever its type."""
    ((has_value,),) = rows_of(table.frame.select((~narwhals().col(name).is_null()).any()))
    return not has_value


def _check_columns(table: Table[Any], models: Iterable[FailureModel], *, assumed: bool) -> None:
    """Refuse a frame whose columns could not give a model its figures in any row."""
    there = {name for name in FIGURES if table.has(name)}
    for _ in range(PASSES):
        there |= {
            rule.figure
            for rule in _derivations(assumed=assumed)
            if {part.figure for part in rule.parts} - rule.optional <= there
        }
    for model in models:
        missing = [name for name in _needs(model) if name not in there]
        if model.needs_previous and not table.has(_BEFORE):
            missing.append(_BEFORE)
        if missing:
            msg = f"columns must include {', '.join(missing)} for {model.name}, got {', '.join(table.types)}"
            raise DocumentError(msg)


def _value(figure: str) -> str:
    return f"{_WORK}value_{figure}"


def _said(figure: str) -> str:
    return f"{_WORK}said_{figure}"


def _figures(table: Table[Any], needed: Sequence[str], *, assumed: bool) -> Frame:
    """The frame with each figure, zero where it is unsaid, and whether it is known."""
    nw, ops = narwhals(), column_ops()
    columns: list[Term] = []
    for name in (*needed, *((_BEFORE,) if table.has(_BEFORE) else ())):
        is_there = table.has(name)
        value = nw.col(name).cast(nw.Int64).fill_null(0) if is_there else nw.lit(0, nw.Int64)
        said = ~nw.col(name).is_null() if is_there else nw.lit(value=False)
        columns += [value.alias(_value(name)), said.alias(_said(name))]
    work = table.frame.with_columns(*columns)
    rules_ = [rule for rule in _derivations(assumed=assumed) if rule.figure in needed]
    for _ in range(PASSES):
        work = _derived(work, rules_, needed, ops)
    return work


def _derived(
    work: Frame, rules_: Iterable[DerivationRule], needed: Iterable[str], ops: Ops
) -> Frame:
    """One pass of the derivations, each from what was known before it."""
    col = narwhals().col
    before = {name: col(_value(name)) for name in needed}
    known = {name: col(_said(name)) for name in needed}
    changed: dict[str, tuple[Term, Term]] = {}
    for rule in rules_:
        value, said = changed.get(rule.figure, (before[rule.figure], known[rule.figure]))
        changed[rule.figure] = derive(
            rule, {**before, rule.figure: value}, {**known, rule.figure: said}, ops=ops
        )
    columns: list[Term] = []
    for name, (value, said) in changed.items():
        columns += [value.alias(_value(name)), said.alias(_said(name))]
    return work.with_columns(*columns) if columns else work


def _check_figures(work: Frame, needed: Sequence[str]) -> None:
    nw = narwhals()
    asked = [nw.col(_value(name)).abs().max().alias(name) for name in needed]
    (largest,) = rows_of(work.select(*asked))
    for name, value in zip(needed, largest, strict=True):
        # The largest of no rows is no number.
        if isinstance(value, int) and value > rules.FIGURE_MAX:
            msg = f"column {name} must be at most {rules.FIGURE_MAX}, got {value}"
            raise LimitError(msg)


def _part(name: str, what: str) -> str:
    return f"{_WORK}{what}_{name}"


def _columns_of(name: str, number: Quotient) -> list[Term]:
    nw = narwhals()
    return [
        (nw.lit(value, nw.Int64) if isinstance(value, int) else value).alias(_part(name, what))
        for value, what in zip(attrs.astuple(number, recurse=False), _WHATS, strict=True)
    ]


def _number(name: str) -> Quotient:
    """A ratio as far as it was worked out, in its columns."""
    col = narwhals().col
    return Quotient(*(col(_part(name, what)) for what in _WHATS))


def _sound(work: Frame, names: Iterable[str], ops: Ops) -> Frame:
    """The frame with finished ratios, zero where one is not known or beyond all sense."""
    col = narwhals().col
    columns: list[Term] = []
    for name in names:
        is_sound = col(_part(name, "known")) & (col(_part(name, "whole")) < rules.RATIO_MAX)
        columns.append(is_sound.alias(_part(name, "known")))
        columns += [
            ops.when(is_sound, col(_part(name, what)), 0).alias(_part(name, what))
            for what in ("whole", "part")
        ]
    return work.with_columns(*columns)


@attrs.frozen
class _Ratios:
    """The ratios of a frame of figures.

    All of them advance together, a few decimals a step: every step is a query around the one
    before, which some engines plan anew each time, so there are few of them.
    """

    table: Table[Any]
    ops: Ops
    offset: int

    def worked_out(self, work: Frame, names: Sequence[str]) -> Frame:
        """The frame with every ratio, and without its figures."""
        divided = [name for name in names if name in RATIOS or name == "net_income_change"]
        others = [name for name in names if name not in divided]
        sides = [one for name in divided for one in self._sides(name)]
        signs = [one for name in others for one in self._other(name)]
        has_size = "size" in others
        started = _logarithm_columns(self._size_start()) if has_size else []
        work = work.select(*self.table.types, *sides, *signs, *started)
        col = narwhals().col
        for step in range(_STEPS):
            advanced: list[Term] = []
            for name in divided:
                number = (
                    rules.first_digits(
                        col(_part(name, "above")), col(_part(name, "below")), ops=self.ops
                    )
                    if step == 0
                    else rules.digit_step(_number(name))
                )
                advanced += _columns_of(name, number)
            if has_size:
                under_way = rules.logarithm_step(_logarithm(), step, ops=self.ops)
                advanced += _logarithm_columns(under_way)
            work = work.with_columns(*advanced)
        return _sound(self._rounded(work, divided, has_size=has_size), names, self.ops)

    def _rounded(self, work: Frame, divided: Iterable[str], *, has_size: bool) -> Frame:
        columns = [
            one
            for name in divided
            for one in _columns_of(name, rules.rounded_quotient(_number(name), ops=self.ops))
        ]
        if not has_size:
            return work.with_columns(*columns)
        rest = _logarithm_columns(rules.logarithm_rest(_logarithm()))
        work = work.with_columns(*columns, *rest)
        size = rules.logarithm_end(_logarithm()) + self.offset
        work = work.with_columns(size.alias(f"{_WORK}size"))
        number = rules.given(narwhals().col(f"{_WORK}size"), ops=self.ops)
        return work.with_columns(*_columns_of("size", number))

    def _months(self, column: str) -> Term:
        """The months of a row; none where they are no length of a year."""
        nw = narwhals()
        if not self.table.has(column):
            return self._months(_MONTHS) if column == _BEFORE_MONTHS else nw.lit(_YEAR, nw.Int64)
        given = nw.col(column).cast(nw.Int64).fill_null(_YEAR)
        return self.ops.when((given >= 1) & (given <= _MONTHS_MAX), given, 0)

    def _sides(self, name: str) -> list[Term]:
        """What a ratio is of, what it is over, and whether it can be known."""
        above, below, known = self._plain(RATIOS[name]) if name in RATIOS else self._change()
        return [
            above.alias(_part(name, "above")),
            self.ops.when(below > 0, below, 1).alias(_part(name, "below")),
            (known & (below > 0)).alias(_part(name, "known")),
        ]

    def _plain(self, ratio: Ratio) -> tuple[Term, Term, Term]:
        return self._total(ratio.above), self._total(ratio.below), _are_said(ratio.figures)

    def _total(self, parts: Iterable[SignedFigure]) -> Term:
        has_months = self.table.has(_MONTHS)
        total: Term = 0
        for part in parts:
            value = narwhals().col(_value(part.figure)) * part.times
            if has_months:
                value = value * (_YEAR if part.figure in FLOWS else self._months(_MONTHS))
            total = total + value
        return total

    def _change(self) -> tuple[Term, Term, Term]:
        now, before = self._incomes()
        ops = self.ops
        size = ops.maximum(now, now * -1) + ops.maximum(before, before * -1)
        return now - before, size, _are_said(("net_income", _BEFORE))

    def _incomes(self) -> tuple[Term, Term]:
        """The net income of both years, each for as many months as the other has."""
        col = narwhals().col
        now, before = col(_value("net_income")), col(_value(_BEFORE))
        if self.table.has(_MONTHS) or self.table.has(_BEFORE_MONTHS):
            now, before = now * self._months(_BEFORE_MONTHS), before * self._months(_MONTHS)
        return now, before

    def _other(self, name: str) -> list[Term]:
        """What is no division: Ohlson's signs whole, and whether his size can be known."""
        col = narwhals().col
        known = _are_said(OHLSON_RATIOS[name])
        if name == "size":
            return [(known & (col(_value("total_assets")) > 0)).alias(_part(name, "known"))]
        if name == "is_insolvent":
            holds = col(_value("total_liabilities")) > col(_value("total_assets"))
        else:
            now, before = self._incomes()
            known, holds = known & col(_said(_BEFORE)), (now < 0) & (before < 0)
        number = Quotient(1, self.ops.when(holds, 1, 0), 0)
        return [*_columns_of(name, number), known.alias(_part(name, "known"))]

    def _size_start(self) -> Logarithm:
        """The logarithm of total assets begun; of 1 where they are nothing."""
        assets = narwhals().col(_value("total_assets"))
        return rules.logarithm_start(self.ops.when(assets > 0, assets, 1))


def _are_said(figures: Iterable[str]) -> Term:
    first, *others = (narwhals().col(_said(figure)) for figure in figures)
    for one in others:
        first = first & one
    return first


def _logarithm() -> Logarithm:
    col = narwhals().col
    return Logarithm(col(f"{_WORK}number"), col(f"{_WORK}logarithm"))


def _logarithm_columns(under_way: Logarithm) -> list[Term]:
    return [
        under_way.number.alias(f"{_WORK}number"),
        under_way.value.alias(f"{_WORK}logarithm"),
    ]


def _finished(
    table: Table[NativeFrame], work: Frame, models: Sequence[FailureModel]
) -> NativeFrame:
    """The caller's columns and those of each model, in the caller's kind of frame."""
    nw, ops = narwhals(), column_ops()
    keys = [model.name.replace("-", "_") for model in models]
    pairs = list(zip(models, keys, strict=True))
    work = work.with_columns(one for model, key in pairs for one in _sums(model, key))
    added = [one for model, key in pairs for one in _scores(model, key, ops)]
    scores = [f"{key}_e4" for key in keys]
    new = {*scores, *(f"{key}_zone" for key in keys)}
    native = table.native(work.select(*(name for name in table.types if name not in new), *added))
    frame = nw.from_native(native)
    if not frame.implementation.is_pandas():
        return native
    # Gaps make floats in pandas that is backed by NumPy; its nullable integers have none.
    floats = [name for name in scores if frame.schema[name].is_float()]
    whole: Any = native
    result: NativeFrame = whole.astype(dict.fromkeys(floats, "Int64"))
    return result


def _sums(model: FailureModel, key: str) -> list[Term]:
    col = narwhals().col
    known = col(_part(model.ratios[0], "known"))
    for name in model.ratios[1:]:
        known = known & col(_part(name, "known"))
    total = rules.weighted(
        [_number(name) for name in model.ratios],
        [coefficient_of(term.coefficient) for term in model.terms],
        constant=coefficient_of(model.constant),
    )
    columns = {"sum": total.whole, "left": total.rest, "scored": known}
    return [column.alias(_part(key, name)) for name, column in columns.items()]


def _scores(model: FailureModel, key: str, ops: Ops) -> list[Term]:
    nw = narwhals()
    found = rules.Sum(nw.col(_part(key, "sum")), nw.col(_part(key, "left")))
    is_known = nw.when(nw.col(_part(key, "scored")))
    points = rules.ten_thousandths(found, ops=ops).cast(nw.Int64)
    return [
        is_known.then(points).alias(f"{key}_e4"),
        is_known.then(_zone(found, model, ops)).alias(f"{key}_zone"),
    ]


def _zone(found: rules.Sum, model: FailureModel, ops: Ops) -> Term:
    """The name of the zone: of the highest one that a score reaches."""
    lowest, *others = model.zones
    chosen: Term = narwhals().lit(lowest.name)
    for zone in others:
        bound = coefficient_of(zone.lower or Decimal(0))
        reaches = found.is_at_least(bound) if zone.has_lower else found.is_above(bound)
        chosen = ops.when(reaches, narwhals().lit(zone.name), chosen)
    return chosen
