"""What in the data gives the outcome away, or makes one population of two: warnings before a fit.

Figures that look too good mostly come from data, not from models: values that are missing because
the customer failed, columns that were filled in later, rows of two sources.  Each warning has a
code, the figure, its threshold, the columns, and a sentence.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables.fitting import _candidates
from receivables.fitting._intake import Array, Column, Data, frame_columns, intake, subset
from receivables.fitting._needs import numpy, sklearn
from receivables.fitting._pursuit import parts_of
from receivables.fitting.measures import auc, chi_tail, stability
from receivables.fitting.policies import FitPolicy, LeakPolicy
from receivables.scoring.scorecards import woe_table

__all__ = ["WARNING_CODES", "DataWarning", "Gravity", "examine", "examined", "refused_columns"]

WARNING_CODES: Final[Mapping[str, str]] = {
    "column.constant": "a column has one value",
    "column.identifier": "a column numbers or names the rows",
    "column.known-later": "a column of dates holds days after the observation",
    "column.predicts-too-well": "a single column tells the outcome nearly by itself",
    "column.says-much": "columns have an information value that is worth a look",
    "column.text-numbers": "a column of text holds numbers only, and is taken as numbers",
    "columns.repeat-each-other": "two columns are one figure, and where they differ by little tells the outcome",
    "missing.pattern-tells-outcome": "which values are missing tells the outcome",
    "missing.tells-outcome": "whether a column is missing tells the outcome",
    "outcome.by-period": "the share of bad rows differs between periods",
    "outcome.few-bad": "there are few bad rows",
    "population.incomplete-differs": "rows with gaps are another population than complete ones",
    "population.periods-differ": "a column is distributed otherwise in late than in early rows",
    "population.reference-differs": "a column is distributed otherwise than in the reference",
    "rows.duplicate": "rows are there twice",
    "rows.duplicate-other-outcome": "equal rows have different outcomes",
    "value.not-finite": "a column holds infinite values",
    "value.placeholder": "a column holds a number that looks like a placeholder for no value",
}
"""Every code, and what it means."""

_P_MAX: Final = 0.001
_FLAG_AUC: Final = 0.52
_PATTERN_AUC: Final = 0.55
_TOO_WELL_AUC: Final = 0.95
_IV_MAX: Final = 0.5
_PSI_MAX: Final = 0.25
_SPLIT_AUC: Final = 0.65
_FEW_BAD: Final = 100
_SAME_SHARE: Final = 0.2
_SAME_WITHIN: Final = 1e-4
_NEAR_WITHIN: Final = 0.05
_NEAR_MIN: Final = 30
_APART: Final = 3
_PLACEHOLDERS: Final = frozenset(
    {-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0}
    | {99999999.0, 999999999.0}
)
_PLACEHOLDER_SHARE: Final = 0.005
_IDENTIFIER_SHARE: Final = 0.5
_IDENTIFIER_MIN: Final = 50
_ROWS_MAX: Final = 20_000
_PAIR_ROWS: Final = 4_000
_PAIR_COLUMNS: Final = 120
_NAMED: Final = 8
_BINS: Final = 10


class Gravity(enum.Enum):
    """How bad it is."""

    GRAVE = "grave"
    """Figures of a fit cannot be trusted until this is explained."""
    NOTICE = "notice"
    """Worth knowing; mostly harmless."""


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DataWarning:
    """Something in the data that a figure of a fit may come from."""

    code: str
    """One of `WARNING_CODES`."""
    gravity: Gravity
    figure: float
    """What was measured: an AUC, a share, an index, a count; the sentence says which."""
    threshold: float
    """From where on it is a warning."""
    columns: tuple[str, ...] = attrs.field(converter=_names)
    sentence: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**attrs.asdict(self), "gravity": self.gravity.value, "columns": list(self.columns)}


def examine(
    frame: object,
    *,
    target: str,
    bad: object = None,
    columns: Iterable[str] | None = None,
    date: str | None = None,
    reference: object = None,
    seed: int = 0,
) -> tuple[DataWarning, ...]:
    """Everything in a frame that may give the outcome away, grave warnings first.

    `date` is the day on which a row was observed: columns of later days were not known, and early
    and late rows are compared.  `reference` is another frame with the same columns, such as the one
    that a card was fitted on.  Raises as `fit_scorecard` does.
    """
    data = intake(frame, target=target, bad=bad, columns=columns, date=date)
    other = None if reference is None else frame_columns(reference, data.columns)
    return examined(data, reference=other, seed=seed)


def examined(
    data: Data,
    *,
    reference: Mapping[str, Column] | None = None,
    seed: int = 0,
    only_refusing: bool = False,
) -> tuple[DataWarning, ...]:
    """The warnings of data that were taken in already.

    `only_refusing` spares what no column is refused for.
    """
    few = _few(data, seed=seed)
    if only_refusing:
        return (*_columns(data), *_missing(few))
    found = [
        *_few_bad(data),
        *_columns(data),
        *_duplicates(data),
        *_missing(few),
        *_pattern(few, seed=seed),
        *_incomplete(few),
        *_too_well(few),
        *_repeating(few),
        *_periods(few, seed=seed),
        *(() if reference is None else _reference(few, reference, seed=seed)),
    ]
    return tuple(sorted(found, key=lambda one: one.gravity is Gravity.NOTICE))


def refused_columns(
    data: Data, warnings: Iterable[DataWarning], *, policy: FitPolicy
) -> dict[str, str]:
    """The columns that a fit leaves out, and why."""
    reasons = {
        "column.constant": "constant",
        "column.identifier": "identifier",
        "column.known-later": "known-later",
    }
    if policy.leaks is LeakPolicy.DROP:
        reasons["missing.tells-outcome"] = "missing-tells-outcome"
    dropped = {name: "date" for name, one in data.columns.items() if one.kind == "date"}
    for one in warnings:
        for name in one.columns:
            if one.code in reasons and name in data.columns and name not in policy.accept:
                dropped.setdefault(name, reasons[one.code])
    return dropped


def _few(data: Data, *, seed: int) -> Data:
    np = numpy()
    if data.rows <= _ROWS_MAX:
        return data
    luck = np.random.default_rng(seed)
    return subset(data, np.sort(luck.permutation(data.rows)[:_ROWS_MAX]))


def _few_bad(data: Data) -> list[DataWarning]:
    count = int(data.bad.sum())
    if count >= _FEW_BAD:
        return []
    return [
        DataWarning(
            code="outcome.few-bad",
            gravity=Gravity.NOTICE,
            figure=count,
            threshold=_FEW_BAD,
            columns=(),
            sentence=f"{count} bad rows of {data.rows} are few; points and figures are rough",
        )
    ]


def _columns(data: Data) -> list[DataWarning]:
    found = []
    for column in data.columns.values():
        found += _column(column, data)
    return found


def _column(column: Column, data: Data) -> list[DataWarning]:
    np = numpy()
    there = column.values[~column.missing]
    distinct = len(set(there.tolist()))
    rows = data.rows
    name = column.name

    def notice(code: str, figure: float, threshold: float, sentence: str) -> DataWarning:
        return DataWarning(
            code=code,
            gravity=Gravity.NOTICE,
            figure=figure,
            threshold=threshold,
            columns=(name,),
            sentence=sentence,
        )

    if distinct <= 1:
        return [notice("column.constant", distinct, 1, f"{name} has {distinct} different values")]
    found = []
    if _is_identifier(column, there, distinct=distinct, rows=rows):
        sentence = f"{name} has {distinct} different values in {rows} rows, and names them"
        found.append(notice("column.identifier", distinct / rows, _IDENTIFIER_SHARE, sentence))
    if column.infinite:
        sentence = f"{name} is infinite in {column.infinite} rows; they count as missing"
        found.append(notice("value.not-finite", column.infinite, 1, sentence))
    if column.is_text_numbers:
        sentence = f"{name} is text that holds numbers only; it is taken as numbers"
        found.append(notice("column.text-numbers", 1, 1, sentence))
    if column.kind == "number":
        found += _placeholders(column, there, notice)
    if column.kind == "date" and data.dates is not None:
        later = [
            value is not None and value > day
            for value, day in zip(column.values, data.dates, strict=True)
        ]
        if share := float(np.mean(later)):
            found.append(
                DataWarning(
                    code="column.known-later",
                    gravity=Gravity.GRAVE,
                    figure=share,
                    threshold=0.0,
                    columns=(name,),
                    sentence=f"{name} lies after the observation in {share:.1%} of the rows, so it was not known then",
                )
            )
    return found


def _is_identifier(column: Column, there: Array, *, distinct: int, rows: int) -> bool:
    if distinct < _IDENTIFIER_MIN:
        return False
    if column.kind == "category":
        return distinct > _IDENTIFIER_SHARE * rows
    if column.kind != "number" or distinct < len(there):
        return False
    span = float(there.max() - there.min())
    return bool((there == there.round()).all()) and span < 1.05 * rows  # nearly consecutive


def _placeholders(column: Column, there: Array, notice: Any) -> list[DataWarning]:  # noqa: ANN401  # a function
    """A number of nines or minus one at the end of the range, in many rows, far from the rest."""
    np = numpy()
    found = []
    for value in (float(there.min()), float(there.max())):
        share = float((there == value).mean())
        rest = there[there != value]
        if value not in _PLACEHOLDERS or share < _PLACEHOLDER_SHARE or not len(rest):
            continue
        low, high = np.quantile(rest, [0.01, 0.99])
        gap = (low - value) if value < low else (value - high)
        is_lone = (value == -1 and rest.min() >= 0) or gap > 3 * (high - low)
        if is_lone:
            sentence = f"{column.name} is {value:g} in {share:.1%} of the rows, which looks like a placeholder for no value"
            found.append(notice("value.placeholder", share, _PLACEHOLDER_SHARE, sentence))
    return found


def _duplicates(data: Data) -> list[DataWarning]:
    seen: dict[Any, list[float]] = {}
    if not data.columns:
        return []
    lists = [one.values.tolist() for one in data.columns.values()]
    for row, outcome in zip(zip(*lists, strict=True), data.bad.tolist(), strict=True):
        # NaN is equal to nothing, itself included, so gaps are compared as None.
        key = tuple(None if value != value else value for value in row)  # noqa: PLR0124  # NaN
        seen.setdefault(key, []).append(outcome)
    extra = sum(len(outcomes) - 1 for outcomes in seen.values())
    torn = sum(len(outcomes) for outcomes in seen.values() if 0 < sum(outcomes) < len(outcomes))
    found = []
    if extra:
        sentence = (
            f"{extra} of {data.rows} rows repeat another one; out of fold they are known beforehand"
        )
        found.append(_rows_warning("rows.duplicate", extra, sentence))
    if torn:
        sentence = f"{torn} of {data.rows} rows are equal to one with the other outcome"
        found.append(_rows_warning("rows.duplicate-other-outcome", torn, sentence))
    return found


def _rows_warning(code: str, count: int, sentence: str) -> DataWarning:
    return DataWarning(
        code=code,
        gravity=Gravity.NOTICE,
        figure=count,
        threshold=1,
        columns=(),
        sentence=sentence,
    )


def _flag_test(flag: Array, bad: Array) -> tuple[float, float]:
    """The AUC of a flag, either way, and the p-value of its chi-square with one degree."""
    np = numpy()
    counts = np.bincount((2 * flag + bad).astype(int), minlength=4).reshape(2, 2).astype(float)
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    if (expected == 0).any():
        return 0.5, 1.0
    # Yates takes half a row off, which keeps few rows from looking like many.
    apart = np.maximum(np.abs(counts - expected) - 0.5, 0.0)
    chi = float((apart**2 / expected).sum())
    area = auc(flag, bad)
    return max(area, 1 - area), chi_tail(chi, 1)


def _flags(data: Data) -> dict[str, Array]:
    """Where each column that has gaps in some rows has them."""
    flags = {name: one.missing for name, one in data.columns.items()}
    return {name: flag for name, flag in flags.items() if flag.any() and not flag.all()}


def _missing(data: Data) -> list[DataWarning]:
    """Columns whose gaps tell the outcome."""
    flags = _flags(data)
    found = []
    for name, flag in flags.items():
        area, chance = _flag_test(flag, data.bad)
        if area < _FLAG_AUC or chance > _P_MAX / len(flags):
            continue
        inside, outside = data.bad[flag].mean(), data.bad[~flag].mean()
        sentence = f"where {name} is missing {inside:.1%} are bad, where it is there {outside:.1%} (AUC of the gap {area:.2f}, p {chance:.1g})"
        found.append(_grave("missing.tells-outcome", area, _FLAG_AUC, (name,), sentence))
    return found


def _pattern(data: Data, *, seed: int) -> list[DataWarning]:
    """Whether all gaps together tell the outcome."""
    flags = _flags(data)
    if not flags:
        return []
    table = numpy().column_stack(list(flags.values())).astype(float)
    area = _held_out(table, data.bad, seed=seed)
    if area < _PATTERN_AUC:
        return []
    sentence = f"which of {len(flags)} columns are missing tells the outcome with an AUC of {area:.2f}, without any value"
    return [_grave("missing.pattern-tells-outcome", area, _PATTERN_AUC, flags, sentence)]


def _grave(
    code: str, figure: float, threshold: float, columns: Iterable[str], sentence: str
) -> DataWarning:
    return DataWarning(
        code=code,
        gravity=Gravity.GRAVE,
        figure=figure,
        threshold=threshold,
        columns=tuple(columns),
        sentence=sentence,
    )


def _held_out(table: Array, outcome: Array, *, seed: int, folds: int = 3) -> float:
    """The AUC of a small boosted model, out of fold."""
    np = numpy()
    least = int(min(outcome.sum(), len(outcome) - outcome.sum()))
    if least < 2 * folds:
        return 0.5
    parts = parts_of(outcome, folds=folds, seed=seed)
    risk = np.zeros(len(outcome))
    for part in range(folds):
        boosting = sklearn("ensemble").HistGradientBoostingClassifier(
            max_iter=40, max_depth=4, min_samples_leaf=20, early_stopping=False, random_state=seed
        )
        inside = parts != part
        boosting.fit(table[inside], outcome[inside])
        risk[~inside] = boosting.predict_proba(table[~inside])[:, 1]
    return auc(risk, outcome)


def _incomplete(data: Data) -> list[DataWarning]:
    """Whether rows with gaps are another population than complete ones."""
    np = numpy()
    if not data.columns:
        return []
    gaps = np.zeros(data.rows, dtype=bool)
    for column in data.columns.values():
        gaps |= column.missing
    if not gaps.any() or gaps.all():
        return []
    area, chance = _flag_test(gaps, data.bad)
    if chance > _P_MAX or area < _FLAG_AUC:
        return []
    inside, outside = data.bad[gaps].mean(), data.bad[~gaps].mean()
    shifted = _shifted(data.columns, gaps)
    names = [name for name, _ in shifted][:_NAMED]
    sentence = f"{gaps.mean():.1%} of the rows have gaps, and {inside:.1%} of them are bad, against {outside:.1%} of the complete ones; they are another population"
    return [_grave("population.incomplete-differs", area, _FLAG_AUC, names, sentence)]


def _shifted(columns: Mapping[str, Column], flag: Array) -> list[tuple[str, float]]:
    """Columns whose distribution differs where a flag is set, by its stability index."""
    found = []
    for name, column in columns.items():
        index = _stability_of(column, flag)
        if index > _PSI_MAX:
            found.append((name, index))
    return sorted(found, key=lambda each: -each[1])


def _stability_of(column: Column, flag: Array) -> float:
    """The index of the values that are there, in ten bins of those without the flag."""
    np = numpy()
    if column.kind == "date":
        return 0.0
    candidate = _candidates.made({column.name: column}, (column.name,), bins=_BINS)
    if candidate is None:
        return 0.0
    there = candidate.codes < candidate.size - 1
    counts = [
        np.bincount(candidate.codes[there & side], minlength=candidate.size)[:-1]
        for side in (~flag, flag)
    ]
    if min(int(count.sum()) for count in counts) < _IDENTIFIER_MIN:
        return 0.0
    return stability(*counts)


def _too_well(data: Data) -> list[DataWarning]:
    """Columns that tell the outcome nearly by themselves; those that say much in one notice."""
    found = []
    telling: dict[str, float] = {}
    for name, column in data.columns.items():
        if column.kind == "date":
            continue
        candidate = _candidates.made({name: column}, (name,), bins=_BINS)
        if candidate is None:
            continue
        area, iv = _alone(candidate, data.bad)
        if area > _TOO_WELL_AUC:
            sentence = f"{name} tells the outcome by itself with an AUC of {area:.3f}; was it known on the day of the decision?"
            code = "column.predicts-too-well"
            found.append(_grave(code, area, _TOO_WELL_AUC, (name,), sentence))
        elif iv > _IV_MAX:
            telling[name] = iv
    if telling:
        names = sorted(telling, key=lambda name: -telling[name])
        best = telling[names[0]]
        found.append(
            DataWarning(
                code="column.says-much",
                gravity=Gravity.NOTICE,
                figure=best,
                threshold=_IV_MAX,
                columns=names,
                sentence=f"columns with an information value above {_IV_MAX}: {len(names)}, the highest {names[0]} with {best:.2f}; look whether they were known on the day of the decision",
            )
        )
    return found


def _alone(candidate: _candidates.Candidate, bad: Array) -> tuple[float, float]:
    """The AUC and the information value of one column in ten bins."""
    np = numpy()
    size = candidate.size
    worse = np.bincount(candidate.codes, bad, size)
    rows = np.bincount(candidate.codes, minlength=size)
    seen = np.flatnonzero(rows)
    area = auc(((worse + 0.5) / (rows + 1.0))[candidate.codes], bad)
    good = [int(count) for count in (rows - worse)[seen]]
    return area, float(woe_table(good, [int(count) for count in worse[seen]]).iv)


def _repeating(data: Data) -> list[DataWarning]:
    """Pairs of columns that are one figure, where rows in which they nearly are tell the outcome.

    Firms whose statements come from two sources have such columns: what one source rounds or
    leaves out is the outcome's shadow, and a quotient of the two brings it to light.
    """
    np = numpy()
    names = [name for name, one in data.columns.items() if one.kind == "number"][:_PAIR_COLUMNS]
    names = [name for name in names if len(np.unique(data.columns[name].values)) > _IDENTIFIER_MIN]
    luck = np.random.default_rng(0)
    rows = np.sort(luck.permutation(data.rows)[:_PAIR_ROWS])
    pairs = list(itertools.combinations(names, 2))
    found = []
    for first, second in pairs:
        one, other = data.columns[first].values, data.columns[second].values
        share, middle = _commonest(one[rows], other[rows])
        if share < _SAME_SHARE:
            continue
        near, same = _near(one, other, middle)
        both = near | same
        if near.sum() < _NEAR_MIN or not same.any():
            continue
        area, chance = _flag_test(near[both], data.bad[both])
        inside, outside = float(data.bad[near].mean()), float(data.bad[same].mean())
        if chance > _P_MAX / len(pairs) or not _is_apart(inside, outside):
            continue
        sentence = f"{first} is {_times(middle)}{second} in {same.mean():.0%} of the rows, of which {outside:.1%} are bad, and nearly so in {near.mean():.1%}, of which {inside:.1%} are: the rows were made in different ways"
        found.append(_grave("columns.repeat-each-other", area, 0.5, (first, second), sentence))
    return found


def _is_apart(inside: float, outside: float) -> bool:
    """Whether one share is three times the other."""
    low, high = sorted((inside, outside))
    return high > _APART * low


def _times(middle: float) -> str:
    return "" if abs(middle - 1) < _SAME_WITHIN else f"{middle:.6g} times "


def _commonest(one: Array, other: Array) -> tuple[float, float]:
    """The share of rows with the commonest quotient of two columns, and that quotient."""
    np = numpy()
    usable = np.isfinite(one) & np.isfinite(other) & (other != 0) & (one != 0)
    if usable.sum() < _IDENTIFIER_MIN:
        return 0.0, 0.0
    with np.errstate(over="ignore"):
        shared = np.sort(one[usable] / other[usable])
    shared = shared[(shared > 0) & np.isfinite(shared)]
    if not len(shared):
        return 0.0, 0.0
    with np.errstate(over="ignore"):
        ends = np.searchsorted(shared, shared * (1 + _SAME_WITHIN), side="right")
    counts = ends - np.arange(len(shared))
    best = int(counts.argmax())
    middle = float(np.median(shared[best : best + int(counts[best])]))
    return float(counts[best] / len(one)), middle


def _near(one: Array, other: Array, middle: float) -> tuple[Array, Array]:
    """Where two columns differ by little, and where they do not differ at all."""
    np = numpy()
    size = np.maximum(np.abs(one), 1e-12)
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - middle * other) / size
    return (apart > _SAME_WITHIN / 2) & (apart < _NEAR_WITHIN), apart <= _SAME_WITHIN / 2


def _periods(data: Data, *, seed: int) -> list[DataWarning]:
    """Early rows against late ones."""
    np = numpy()
    if data.dates is None:
        return []
    ordinals = np.array([day.toordinal() for day in data.dates])
    middle = float(np.median(ordinals))
    late = ordinals > middle
    if not late.any() or late.all():
        return []
    cut = dt.date.fromordinal(int(middle))
    found = []
    area, chance = _flag_test(late, data.bad)
    if chance <= _P_MAX and area >= _FLAG_AUC:
        after, before = data.bad[late].mean(), data.bad[~late].mean()
        sentence = f"until {cut} {before:.1%} of the rows are bad, after it {after:.1%}"
        found.append(_grave("outcome.by-period", area, _FLAG_AUC, (), sentence))
    found += _split(
        data.columns,
        late,
        code="population.periods-differ",
        what=f"after {cut} and before",
        seed=seed,
    )
    return found


def _split(
    columns: Mapping[str, Column], flag: Array, *, code: str, what: str, seed: int
) -> list[DataWarning]:
    """Columns that are distributed otherwise, and whether all together tell the two apart."""
    found = []
    for name, index in _shifted(columns, flag):
        sentence = f"{name} is distributed otherwise {what} (stability index {index:.2f})"
        found.append(
            DataWarning(
                code=code,
                gravity=Gravity.NOTICE,
                figure=index,
                threshold=_PSI_MAX,
                columns=(name,),
                sentence=sentence,
            )
        )
    table = _numbers(columns)
    if table is None:
        return found
    area = _held_out(table, flag.astype(float), seed=seed)
    if area >= _SPLIT_AUC:
        sentence = f"the rows {what} are told apart with an AUC of {area:.2f} by their columns"
        found.append(
            _grave(code, area, _SPLIT_AUC, [n for n, _ in _shifted(columns, flag)], sentence)
        )
    return found


def _numbers(columns: Mapping[str, Column]) -> Array | None:
    """The columns as numbers: categories by how common they are."""
    np = numpy()
    made = []
    for column in columns.values():
        if column.kind == "number":
            made.append(column.values)
        elif column.kind == "category":
            _, place, counts = np.unique(
                np.array([str(value) for value in column.values]),
                return_inverse=True,
                return_counts=True,
            )
            made.append(counts[place] + place / (len(counts) + 1))
    return np.column_stack(made) if made else None


def _reference(data: Data, reference: Mapping[str, Column], *, seed: int) -> list[DataWarning]:
    """The rows against those of another frame."""
    np = numpy()
    shared = [
        name
        for name, one in data.columns.items()
        if name in reference and reference[name].kind == one.kind
    ]
    both = {
        name: attrs.evolve(
            data.columns[name],
            values=np.concatenate([reference[name].values, data.columns[name].values]),
        )
        for name in shared
    }
    if not both:
        return []
    size = len(next(iter(reference.values())).values)
    flag = np.arange(size + data.rows) >= size
    what = "here and in the reference"
    return _split(both, flag, code="population.reference-differs", what=what, seed=seed)
