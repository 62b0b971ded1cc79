"""Scores of failure models on financial statements: a number with its reasons, or a refusal.

A ratio is taken to eight decimals (half-even), and from there on everything is exact: the score is
the sum of its contributions and the constant, with at most thirteen decimals.

>>> year = FinancialStatement(financials="C-017:2025", customer="C-017", currency="EUR",
...     period_end=dt.date(2025, 12, 31), total_assets=620, working_capital=90,
...     retained_earnings=30, ebit=55, market_equity=100, total_liabilities=280, sales=440)
>>> maker = CompanyKind(sector="manufacturing", is_listed=True)
>>> found = failure_score(MODELS["altman-z"], year, company=maker)
>>> round(found.value, 4), found.zone.name
(Decimal('1.4586'), 'distress')
>>> failure_score(MODELS["altman-z"], year, company=CompanyKind(sector="trade")).reason.value
'outside-domain'
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables._ops import PYTHON
from receivables.casework.financials import FinancialStatement
from receivables.errors import DocumentError, PolicyError
from receivables.parties import CustomerId
from receivables.scoring import _failure_rules as rules
from receivables.scoring._curves import logistic, normal
from receivables.scoring._failure_rules import Quotient
from receivables.scoring.failure_models import (
    MODELS,
    OHLSON_RATIOS,
    CompanyKind,
    FailureModel,
    FailureZone,
    ProbabilityLink,
    coefficient_of,
)
from receivables.scoring.ratios import RATIOS, Ratio
from receivables.scoring.statements import FLOWS, Derivation, SignedFigure, completed
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "FailureContribution",
    "FailureScore",
    "NotScored",
    "NotScoredReason",
    "all_scores",
    "failure_score",
    "failure_score_of_ratios",
    "price_offset",
    "probability",
]

_PLACES: Final = rules.RATIO_PLACES + rules.COEFFICIENT_PLACES
_YEAR: Final = 12
_DIGITS_MAX: Final = 40
"""Digits before or after the point of a ratio; any meaningful one has ten."""
_EXACT: Final = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN)


class NotScoredReason(enum.Enum):
    """Why a model says nothing."""

    OUTSIDE_DOMAIN = "outside-domain"
    """The model was not made for such companies."""
    COMPANY_UNKNOWN = "company-unknown"
    """Nobody said what the company is, and the model is not for all."""
    FIGURES_MISSING = "figures-missing"
    PREVIOUS_MISSING = "previous-missing"
    """It looks at the year before, which was not given."""
    PRICE_INDEX_MISSING = "price-index-missing"
    """It measures size in the money of another year."""
    RATIO_UNDEFINED = "ratio-undefined"
    """A ratio that no statement gives."""
    NOTHING_BELOW = "nothing-below"
    """A ratio would be over zero, or over less than zero, and mean nothing."""
    BEYOND_RANGE = "beyond-range"
    """A ratio of more than a thousand million."""


@attrs.frozen(kw_only=True)
class NotScored:
    """A refusal: why a model says nothing, and what is missing or in the way."""

    model: str
    reason: NotScoredReason
    missing: tuple[str, ...] = ()
    """The figures, ratios or facts about the company that are lacking or unusable."""
    financials: str = ""
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)

    def __str__(self) -> str:
        about = f": {', '.join(self.missing)}" if self.missing else ""
        return f"{self.model} not scored, {self.reason.value}{about}"


@attrs.frozen(kw_only=True)
class FailureContribution:
    """What one ratio adds to a score: the ratio to eight decimals, its coefficient, their product."""

    ratio: str
    value: Decimal
    coefficient: Decimal
    points: Decimal


@attrs.frozen(kw_only=True)
class FailureScore(ShowsTable):
    """What a model says of a statement.

    `value` is `constant` plus the points of the `contributions`, exactly.  `probability` is of
    failure, to twelve decimals, where the model has one.  `derivations` are the figures that the
    statement does not say and that were derived.
    """

    model: str
    value: Decimal
    zone: FailureZone
    contributions: tuple[FailureContribution, ...]
    constant: Decimal
    probability: Decimal | None = None
    is_verified: bool = True
    """Whether a source at hand confirms both the coefficients and the zones."""
    derivations: tuple[Derivation, ...] = ()
    financials: str = ""
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    period_end: dt.date | None = None

    def to_table(self) -> ResultTable:
        """A row per ratio: its value, its coefficient and what it adds to the score."""
        from receivables.scoring._tables import failure_table  # noqa: PLC0415  # stands on this

        return failure_table(self)

    @property
    def ten_thousandths(self) -> int:
        """The score in whole ten-thousandths, rounded half-even: what columns hold.

        >>> from receivables.scoring.failure_models import MODELS
        >>> found = failure_score_of_ratios(MODELS["springate"], {"working_capital_to_assets": "0.2",
        ...     "ebit_to_assets": "0.15", "pretax_income_to_current_liabilities": "0.6",
        ...     "sales_to_assets": 1}, company=CompanyKind(sector="trade"))
        >>> found.ten_thousandths
        14625
        """
        return int(_EXACT.scaleb(self.value, 4).to_integral_value(decimal.ROUND_HALF_EVEN))


_Given: TypeAlias = "Decimal | Fraction | int | str"
_Outcome: TypeAlias = "Quotient | tuple[NotScoredReason, tuple[str, ...]]"


def failure_score(
    model: FailureModel,
    statement: FinancialStatement,
    *,
    previous: FinancialStatement | None = None,
    company: CompanyKind | None = None,
    price_index: Decimal | int | None = None,
    assumed: bool = False,
) -> FailureScore | NotScored:
    """What a model says of a statement, or why it says nothing.

    Figures that follow from others are derived first (`completed`, with `assumed` as there), and
    those of the income statement taken for twelve months.  `previous` is the statement of the year
    before.  `price_index` deflates total assets, in whole units of the currency, for models that
    measure size: 100 in 1968 for Ohlson's.

    Raises `DocumentError` for a previous statement of another customer or currency, or of no
    earlier year, and `PolicyError` for a price index of zero or less.
    """
    _check_previous(statement, previous)
    if refusal := _refused(model, company or CompanyKind(), statement):
        return refusal
    whole = completed(statement, assumed=assumed)
    before = None if previous is None else completed(previous, assumed=assumed).statement
    year = _Year(whole.statement, before, price_index)
    outcomes = {name: year.ratio(name) for name in model.ratios}
    if refusal := _unratioed(model, outcomes, statement):
        return refusal
    found = {name: one for name, one in outcomes.items() if isinstance(one, Quotient)}
    used = _used(whole.derivations, model)
    return attrs.evolve(
        _scored(model, found, derivations=used),
        financials=statement.financials,
        customer=statement.customer,
        period_end=statement.period_end,
    )


def failure_score_of_ratios(
    model: FailureModel, values: Mapping[str, _Given], *, company: CompanyKind | None = None
) -> FailureScore | NotScored:
    """What a model says of ratios that somebody else worked out; numbers, never floats.

    Signs (``is_insolvent``, ``is_loss_twice``) are 1 or 0, and ``size`` is the logarithm itself.
    Raises `PolicyError` for a ratio that the model does not have, and a value that is no number.
    """
    if unknown := sorted(set(values) - set(model.ratios)):
        msg = f"ratios of {model.name} must be among {', '.join(model.ratios)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    if refusal := _refused(model, company or CompanyKind(), None):
        return refusal
    if missing := [name for name in model.ratios if name not in values]:
        return _not_scored(model, NotScoredReason.FIGURES_MISSING, missing, None)
    found = {name: _given(name, values[name]) for name in model.ratios}
    if large := [name for name, one in found.items() if one.whole >= rules.RATIO_MAX]:
        return _not_scored(model, NotScoredReason.BEYOND_RANGE, large, None)
    return _scored(model, found)


def all_scores(
    statement: FinancialStatement,
    *,
    previous: FinancialStatement | None = None,
    company: CompanyKind | None = None,
    price_index: Decimal | int | None = None,
    assumed: bool = False,
    models: Sequence[FailureModel] | None = None,
) -> tuple[FailureScore | NotScored, ...]:
    """What every model says, in the order of `MODELS`, or why it says nothing; see `failure_score`.

    Without `models`, those that are no variant of another.

    >>> year = FinancialStatement(financials="F", customer="C-017", currency="EUR",
    ...     period_end=dt.date(2025, 12, 31), total_assets=1_000, working_capital=200,
    ...     retained_earnings=80, ebit=60, equity=330)
    >>> [(one.model, one.zone.name) for one in all_scores(year, company=CompanyKind(sector="trade"))
    ...     if isinstance(one, FailureScore)]
    [('altman-z-double-prime', 'grey')]
    """
    if models is None:
        models = [one for one in MODELS.values() if not one.variant_of]
    return tuple(
        failure_score(
            model,
            statement,
            previous=previous,
            company=company,
            price_index=price_index,
            assumed=assumed,
        )
        for model in models
    )


def probability(model: FailureModel, value: Decimal) -> Decimal | None:
    """The probability of failure that a score means, to twelve decimals; None without one.

    >>> probability(MODELS["zmijewski"], Decimal(0)), probability(MODELS["springate"], Decimal(1))
    (Decimal('0.500000000000'), None)
    """
    if model.probability is ProbabilityLink.NONE:
        return None
    return logistic(value) if model.probability is ProbabilityLink.LOGISTIC else normal(value)


def price_offset(price_index: Decimal | int, *, unit: int = 1) -> int:
    """What is added to the logarithm of total assets in units: ln(unit / index), in 1e-8.

    Raises `PolicyError` for an index of zero or less, and for a float.

    >>> price_offset(1, unit=1_000)
    690775528
    """
    if isinstance(price_index, bool) or not isinstance(price_index, Decimal | int):
        msg = f"price index must be a Decimal or a whole number, got {price_index!r}"
        raise PolicyError(msg)
    index = Decimal(price_index)
    if not index.is_finite() or index <= 0:
        msg = f"price index must be above zero, got {price_index}"
        raise PolicyError(msg)
    offset = _EXACT.ln(Decimal(unit)) - _EXACT.ln(index)
    return int(_EXACT.scaleb(offset, rules.RATIO_PLACES).to_integral_value(decimal.ROUND_HALF_EVEN))


def _check_previous(statement: FinancialStatement, previous: FinancialStatement | None) -> None:
    if previous is None:
        return
    if previous.period_end >= statement.period_end:
        msg = (
            f"previous statement must end before {statement.period_end}, got {previous.period_end}"
        )
        raise DocumentError(msg)
    if (previous.customer, previous.currency) != (statement.customer, statement.currency):
        msg = f"previous statement must be of {statement.customer} in {statement.currency}, got {previous.customer} in {previous.currency}"
        raise DocumentError(msg)


def _refused(
    model: FailureModel, company: CompanyKind, statement: FinancialStatement | None
) -> NotScored | None:
    """The refusal of a model that is not for a company, or does not know whether it is."""
    if model.domain.excludes(company):
        return _not_scored(model, NotScoredReason.OUTSIDE_DOMAIN, (), statement)
    if unknown := model.domain.unknown(company):
        return _not_scored(model, NotScoredReason.COMPANY_UNKNOWN, unknown, statement)
    return None


def _not_scored(
    model: FailureModel,
    reason: NotScoredReason,
    missing: Iterable[str],
    statement: FinancialStatement | None,
) -> NotScored:
    return NotScored(
        model=model.name,
        reason=reason,
        missing=tuple(missing),
        financials="" if statement is None else statement.financials,
        customer=CustomerId("") if statement is None else statement.customer,
    )


@attrs.frozen
class _Year:
    """A completed statement, the one before it, and how ratios come out of them."""

    statement: FinancialStatement
    previous: FinancialStatement | None
    price_index: Decimal | int | None

    def ratio(self, name: str) -> _Outcome:
        if name in RATIOS:
            return self._plain(RATIOS[name])
        if name not in OHLSON_RATIOS:
            return NotScoredReason.RATIO_UNDEFINED, (name,)
        missing = tuple(one for one in OHLSON_RATIOS[name] if self._figure(one) is None)
        if missing:
            return NotScoredReason.FIGURES_MISSING, missing
        if name == "size":
            return self._size()
        if name == "is_insolvent":
            owed, owned = self._figure("total_liabilities"), self._figure("total_assets")
            return Quotient(1, int((owed or 0) > (owned or 0)), 0)
        return self._since(name)

    def _figure(self, name: str) -> int | None:
        value: int | None = getattr(self.statement, name)
        return value

    def _annual(self, parts: Iterable[SignedFigure]) -> int:
        """A sum, all of it times the months of the year: flows for twelve, balances for each."""
        months = self.statement.months
        return sum(
            part.times
            * (self._figure(part.figure) or 0)
            * (_YEAR if part.figure in FLOWS else months)
            for part in parts
        )

    def _plain(self, ratio: Ratio) -> _Outcome:
        missing = tuple(one for one in ratio.figures if self._figure(one) is None)
        if missing:
            return NotScoredReason.FIGURES_MISSING, missing
        return _over(self._annual(ratio.above), self._annual(ratio.below), ratio.name)

    def _size(self) -> _Outcome:
        assets = self._figure("total_assets") or 0
        if self.price_index is None:
            return NotScoredReason.PRICE_INDEX_MISSING, ("price_index",)
        offset = price_offset(self.price_index, unit=self.statement.unit)
        if assets <= 0:
            return NotScoredReason.NOTHING_BELOW, ("size",)
        under_way = rules.logarithm_start(assets)
        for index in range(rules.LOGARITHM_STEPS):
            under_way = rules.logarithm_step(under_way, index)
        return rules.given(rules.logarithm_end(rules.logarithm_rest(under_way)) + offset)

    def _since(self, name: str) -> _Outcome:
        """What needs the year before: two losses in a row, and the change of net income."""
        if self.previous is None:
            return NotScoredReason.PREVIOUS_MISSING, ("previous",)
        if self.previous.net_income is None:
            return NotScoredReason.FIGURES_MISSING, ("previous.net_income",)
        # Each for as many months as the other has, in single units.
        now = (self._figure("net_income") or 0) * self.previous.months * self.statement.unit
        before = self.previous.net_income * self.statement.months * self.previous.unit
        if name == "is_loss_twice":
            return Quotient(1, int(now < 0 and before < 0), 0)
        return _over(now - before, abs(now) + abs(before), name)


def _over(above: int, below: int, name: str) -> _Outcome:
    if below <= 0:
        return NotScoredReason.NOTHING_BELOW, (name,)
    found = rules.quotient(above, below)
    if found.whole >= rules.RATIO_MAX:
        return NotScoredReason.BEYOND_RANGE, (name,)
    return found


_FIRST: Final = tuple(NotScoredReason)


def _unratioed(
    model: FailureModel, outcomes: Mapping[str, _Outcome], statement: FinancialStatement
) -> NotScored | None:
    """One refusal for all the ratios that could not be had, by the first reason of the list."""
    failed = [one for one in outcomes.values() if not isinstance(one, Quotient)]
    if not failed:
        return None
    reason = min((why for why, _ in failed), key=_FIRST.index)
    lacking = dict.fromkeys(name for why, names in failed if why is reason for name in names)
    return _not_scored(model, reason, lacking, statement)


def _scored(
    model: FailureModel,
    found: Mapping[str, Quotient],
    *,
    derivations: tuple[Derivation, ...] = (),
) -> FailureScore:
    coefficients = [coefficient_of(term.coefficient) for term in model.terms]
    total = rules.weighted(
        [found[term.ratio] for term in model.terms],
        coefficients,
        constant=coefficient_of(model.constant),
    )
    value = _decimal(total.whole * rules.RATIO_SCALE + total.rest, _PLACES)
    contributions = tuple(
        _contribution(term.ratio, term.coefficient, found[term.ratio]) for term in model.terms
    )
    return FailureScore(
        model=model.name,
        value=value,
        zone=model.zone_of(value),
        contributions=contributions,
        constant=model.constant,
        probability=probability(model, value),
        is_verified=model.is_verified and model.has_verified_zones,
        derivations=derivations,
    )


def _contribution(name: str, coefficient: Decimal, ratio: Quotient) -> FailureContribution:
    counted = ratio.sign * (ratio.whole * rules.RATIO_SCALE + ratio.part)
    return FailureContribution(
        ratio=name,
        value=_decimal(counted, rules.RATIO_PLACES),
        coefficient=coefficient,
        points=_decimal(counted * coefficient_of(coefficient), _PLACES),
    )


def _decimal(counted: int, places: int) -> Decimal:
    """A number of parts as a decimal, without the zeros that say nothing."""
    value = _EXACT.scaleb(Decimal(counted), -places).normalize(_EXACT)
    exponent = value.as_tuple().exponent
    is_round = isinstance(exponent, int) and exponent > 0
    return value.quantize(Decimal(1), context=_EXACT) if is_round else value


def _given(name: str, value: _Given) -> Quotient:
    if isinstance(value, float | bool):
        msg = f"{name} must be a number and no {type(value).__name__}, got {value!r}"
        raise PolicyError(msg)
    try:
        number = Decimal(value) if isinstance(value, str) else value
        # Counted before it is computed: a number of a million digits takes minutes.
        is_huge = isinstance(number, Decimal) and abs(number.adjusted()) > _DIGITS_MAX
        exact = Fraction(0 if is_huge else number)
    except (ValueError, ArithmeticError):
        is_huge = True
    if is_huge:
        msg = f"{name} must be a number, got {value!r}"
        raise PolicyError(msg)
    counted = mul_div(
        exact.numerator, rules.RATIO_SCALE, exact.denominator, rounding=Rounding.HALF_EVEN
    )
    return rules.given(counted, ops=PYTHON)


def _used(derivations: Iterable[Derivation], model: FailureModel) -> tuple[Derivation, ...]:
    """The derivations that a score stands on, those that others were derived from among them."""
    needed: set[str] = set()
    for name in model.ratios:
        ratio = RATIOS.get(name)
        needed.update(OHLSON_RATIOS.get(name, ()) if ratio is None else ratio.figures)
    kept: list[Derivation] = []
    for one in reversed(tuple(derivations)):
        if one.figure in needed:
            kept.append(one)
            needed.update(word for word in one.formula.split() if word not in {"+", "-"})
    return tuple(reversed(kept))
