"""Financial statements checked and completed: what must add up, and what follows from what is said.

Figures are whole units of the statement (`FinancialStatement.unit`).  What does not add up are
problems, collected and never raised; what is derived says from what.

>>> import datetime as dt
>>> year = FinancialStatement(financials="C-017:2025", customer="C-017", currency="EUR",
...     period_end=dt.date(2025, 12, 31), total_assets=1_000, total_liabilities=650, equity=330)
>>> [str(problem) for problem in check_statement(year)]
['C-017:2025: total_assets: error financials.unbalanced: total_assets must be 980 \
(total_liabilities + provisions + equity), got 1000']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

import attrs

from receivables._ops import PYTHON, Ops, Term
from receivables.casework.financials import FIGURES, FinancialStatement
from receivables.errors import PolicyError
from receivables.limits import AMOUNT_MINOR_MAX
from receivables.money import digits
from receivables.problems import Place, Problem, Severity

__all__ = [
    "DERIVATIONS",
    "FLOWS",
    "IDENTITIES",
    "PASSES",
    "CompletedStatement",
    "Derivation",
    "DerivationRule",
    "Identity",
    "SignedFigure",
    "annual",
    "check_statement",
    "completed",
    "derive",
    "figure_minor",
    "tangible_net_worth",
]

FLOWS: Final = frozenset(
    FIGURES[FIGURES.index("sales") :],
)
"""The figures of the income statement, which grow with the months of the year; the others stand
on its last day."""

PASSES: Final = 3
"""How often the derivations are gone through: the longest chain goes from net income to EBITDA."""

_YEAR: Final = 12
_TOGETHER: Final = 2


@attrs.frozen
class SignedFigure:
    """A figure of a sum, and whether it is added (1) or taken off (-1), or how many times.

    >>> str(SignedFigure("depreciation", -1))
    '- depreciation'
    """

    figure: str
    times: int = 1

    def __str__(self) -> str:
        count = "" if abs(self.times) == 1 else f"{abs(self.times)} "
        return f"{'-' if self.times < 0 else '+'} {count}{self.figure}"


def _sum_of(text: str) -> tuple[SignedFigure, ...]:
    """The figures of a sum that is written out: ``"ebit - interest_expense"``."""
    sign = 1
    found: list[SignedFigure] = []
    for word in text.split():
        if word in {"+", "-"}:
            sign = 1 if word == "+" else -1
        else:
            found.append(SignedFigure(word, sign))
    return tuple(found)


def _formula(parts: Iterable[SignedFigure]) -> str:
    return " ".join(map(str, parts)).removeprefix("+ ")


@attrs.frozen(kw_only=True)
class Identity:
    """A figure that is the sum of others, and how bad it is where it is not.

    `below` is the severity where the parts come to less than the whole, `above` where they come to
    more.  `optional` parts count as zero where they are unsaid; without any other the identity is
    not asked.
    """

    whole: str
    parts: tuple[SignedFigure, ...]
    optional: frozenset[str] = frozenset()
    below: Severity = Severity.ERROR
    above: Severity = Severity.ERROR


IDENTITIES: Final = (
    Identity(
        whole="total_assets",
        parts=_sum_of("total_liabilities + provisions + equity"),
        optional=frozenset({"provisions"}),
    ),
    # Prepaid expenses, called capital and translation differences stand beside both kinds of
    # assets in French and Spanish accounts, as deferred income does beside both kinds of debts.
    Identity(
        whole="total_assets",
        parts=_sum_of("fixed_assets + current_assets"),
        below=Severity.WARNING,
    ),
    Identity(
        whole="total_liabilities",
        parts=_sum_of("current_liabilities + long_term_liabilities"),
        below=Severity.WARNING,
    ),
    Identity(whole="working_capital", parts=_sum_of("current_assets - current_liabilities")),
    # Other income, reversals, financial income and extraordinary results stand between these in
    # most charts of accounts, so a difference is worth a look and no proof of a mistake.
    Identity(
        whole="ebit",
        parts=_sum_of("ebitda - depreciation"),
        below=Severity.WARNING,
        above=Severity.WARNING,
    ),
    Identity(
        whole="pretax_income",
        parts=_sum_of("ebit - interest_expense"),
        below=Severity.WARNING,
        above=Severity.WARNING,
    ),
    Identity(
        whole="net_income",
        parts=_sum_of("pretax_income - income_tax"),
        below=Severity.WARNING,
        above=Severity.WARNING,
    ),
)
"""What must add up: the balance sheet as an error, the steps of the income statement as warnings."""

_WITHIN: Final[tuple[tuple[tuple[SignedFigure, ...], str], ...]] = tuple(
    (_sum_of(parts), whole)
    for parts, whole in (
        ("fixed_assets", "total_assets"),
        ("current_assets", "total_assets"),
        ("intangible_assets", "fixed_assets"),
        ("inventory", "current_assets"),
        ("trade_receivables", "current_assets"),
        ("cash", "current_assets"),
        ("inventory + trade_receivables + cash", "current_assets"),
        ("current_liabilities", "total_liabilities"),
        ("long_term_liabilities", "total_liabilities"),
        ("financial_debt", "total_liabilities"),
        ("trade_payables", "total_liabilities"),
    )
)
"""Parts that are never more than their whole."""

_NEVER_NEGATIVE: Final = (
    *("total_assets", "fixed_assets", "current_assets", "inventory", "trade_receivables"),
    *("total_liabilities", "current_liabilities", "long_term_liabilities", "trade_payables"),
    *("financial_debt", "provisions", "share_capital", "market_equity", "sales"),
)
_COSTS: Final = (
    *("purchases", "cost_of_sales", "personnel_costs", "operating_expenses"),
    *("depreciation", "interest_expense"),
)
_RARELY_NEGATIVE: Final = ("cash", "intangible_assets")


def check_statement(
    statement: FinancialStatement, *, tolerance: int | None = None, place: Place | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the figures of a statement: what does not add up, and impossible signs.

    `tolerance` is in units of the statement: by how much a sum may be off because its figures were
    rounded.  Without one it is half a unit for each figure of the sum, which is the most that
    rounding can do.  `place` says where the statement stands; without it, its own name does.

    Errors are ``financials.unbalanced`` (the balance sheet), ``financials.part-above`` and
    ``financials.sign``; warnings are the steps of the income statement, assets or debts that are
    in no part, a negative cash balance, and ``financials.empty``.

    >>> import datetime as dt
    >>> year = FinancialStatement(financials="F", customer="C-017", currency="EUR",
    ...     period_end=dt.date(2025, 12, 31), current_assets=100, inventory=120, sales=-5)
    >>> [(one.code, one.place.field) for one in check_statement(year)]
    [('financials.part-above', 'inventory'), ('financials.sign', 'sales')]
    """
    if tolerance is not None and tolerance < 0:
        msg = f"tolerance must be zero or more, got {tolerance}"
        raise PolicyError(msg)
    notes = _Notes(statement, place or Place(statement.financials), tolerance)
    if not notes.figures:
        text = f"statement {statement.financials} must have figures, got none"
        return (notes.problem("financials.empty", text, "", Severity.WARNING),)
    return (*notes.sums(), *notes.parts(), *notes.signs())


class _Notes:
    """The checks of one statement; unsaid figures are not there at all."""

    def __init__(self, statement: FinancialStatement, place: Place, tolerance: int | None) -> None:
        self.figures = {
            name: value for name in FIGURES if (value := getattr(statement, name)) is not None
        }
        self._place = place
        self._tolerance = tolerance

    def problem(self, code: str, text: str, figure: str, severity: Severity) -> Problem:
        place = attrs.evolve(self._place, field=figure or self._place.field)
        return Problem(code, text, place=place, severity=severity)

    def _allowed(self, count: int) -> int:
        return count // 2 if self._tolerance is None else self._tolerance

    def _total(self, parts: Iterable[SignedFigure]) -> int:
        return sum(part.times * self.figures.get(part.figure, 0) for part in parts)

    def sums(self) -> Iterator[Problem]:
        for one in IDENTITIES:
            needed = {one.whole, *(part.figure for part in one.parts)} - one.optional
            if not needed <= set(self.figures):
                continue
            found, expected = self.figures[one.whole], self._total(one.parts)
            said = sum(part.figure in self.figures for part in one.parts) + 1
            if abs(found - expected) > self._allowed(said):
                severity = one.above if expected > found else one.below
                text = f"{one.whole} must be {expected} ({_formula(one.parts)}), got {found}"
                yield self.problem("financials.unbalanced", text, one.whole, severity)

    def parts(self) -> Iterator[Problem]:
        for parts, whole in _WITHIN:
            # What is unsaid could only add to the parts.
            said = [part for part in parts if part.figure in self.figures]
            if whole not in self.figures or len(said) < min(len(parts), _TOGETHER):
                continue
            found, most = self._total(said), self.figures[whole]
            if found > most + self._allowed(len(said) + 1):
                text = f"{_formula(said)} must be at most {whole}, {most}, got {found}"
                yield self.problem("financials.part-above", text, parts[0].figure, Severity.ERROR)

    def signs(self) -> Iterator[Problem]:
        for name, value in self.figures.items():
            if value >= 0:
                continue
            text = f"{name} must be zero or more, got {value}"
            if name in _NEVER_NEGATIVE:
                yield self.problem("financials.sign", text, name, Severity.ERROR)
            elif name in _COSTS:
                text += ". Write costs without a minus"
                yield self.problem("financials.sign", text, name, Severity.ERROR)
            elif name in _RARELY_NEGATIVE:
                yield self.problem("financials.sign", text, name, Severity.WARNING)


@attrs.frozen(kw_only=True)
class DerivationRule:
    """How a figure that is unsaid follows from others.

    `optional` parts count as zero where they are unsaid.  `is_assumed` marks a rule that takes for
    zero what may well be there (financial income, for example), which is applied where asked only.
    """

    figure: str
    parts: tuple[SignedFigure, ...]
    optional: frozenset[str] = frozenset()
    is_assumed: bool = False

    @property
    def formula(self) -> str:
        """The sum as text."""
        return _formula(self.parts)


def _rule(
    figure: str, parts: str, *, optional: str = "", is_assumed: bool = False
) -> DerivationRule:
    return DerivationRule(
        figure=figure,
        parts=_sum_of(parts),
        optional=frozenset(optional.split()),
        is_assumed=is_assumed,
    )


DERIVATIONS: Final = (
    _rule("working_capital", "current_assets - current_liabilities"),
    _rule("current_assets", "working_capital + current_liabilities"),
    _rule("current_assets", "total_assets - fixed_assets"),
    _rule("current_liabilities", "current_assets - working_capital"),
    _rule("current_liabilities", "total_liabilities - long_term_liabilities"),
    _rule("total_assets", "total_liabilities + provisions + equity", optional="provisions"),
    _rule("total_assets", "fixed_assets + current_assets"),
    _rule("fixed_assets", "total_assets - current_assets"),
    _rule("total_liabilities", "total_assets - provisions - equity", optional="provisions"),
    _rule("total_liabilities", "current_liabilities + long_term_liabilities"),
    _rule("equity", "total_assets - total_liabilities - provisions", optional="provisions"),
    _rule("long_term_liabilities", "total_liabilities - current_liabilities"),
    _rule("ebit", "ebitda - depreciation"),
    _rule("ebit", "pretax_income + interest_expense"),
    _rule("ebitda", "ebit + depreciation"),
    _rule("depreciation", "ebitda - ebit"),
    _rule("pretax_income", "ebit - interest_expense"),
    _rule("pretax_income", "net_income + income_tax"),
    _rule("income_tax", "pretax_income - net_income"),
    _rule("net_income", "pretax_income - income_tax"),
    _rule("interest_expense", "ebit - pretax_income", is_assumed=True),
    _rule("funds_from_operations", "net_income + depreciation", is_assumed=True),
    # How Agarwal and Taffler (2007) come to a day's running costs.
    _rule("operating_expenses", "sales - pretax_income - depreciation", is_assumed=True),
)
"""What follows from what, the surer of two ways to a figure first."""


@attrs.frozen(kw_only=True)
class Derivation:
    """A figure that was derived: its value in units of the statement, and from what."""

    figure: str
    value: int
    formula: str
    is_assumed: bool = False


@attrs.frozen(kw_only=True)
class CompletedStatement:
    """A statement with the figures that follow from what it says, and how each was derived."""

    statement: FinancialStatement
    derivations: tuple[Derivation, ...] = ()


def derive(
    rule: DerivationRule,
    values: Mapping[str, Term],
    said: Mapping[str, Term],
    *,
    ops: Ops = PYTHON,
) -> tuple[Term, Term]:
    """A figure, and whether it is known, after one rule: what is said stays as it is.

    `values` has a zero for what is unsaid, and `said` tells the two apart.

    >>> rule = DerivationRule(figure="ebit", parts=(SignedFigure("ebitda"),
    ...                                             SignedFigure("depreciation", -1)))
    >>> derive(rule, {"ebit": 0, "ebitda": 9, "depreciation": 4},
    ...        {"ebit": False, "ebitda": True, "depreciation": True})
    (5, True)
    """
    total: Term = 0
    known: Term = True
    for part in rule.parts:
        total = total + part.times * values[part.figure]
        if part.figure not in rule.optional:
            known = said[part.figure] if known is True else known & said[part.figure]
    is_said = said[rule.figure]
    can = ops.when(is_said, False, known)  # noqa: FBT003  # a value to choose, and no flag
    return ops.when(can, total, values[rule.figure]), is_said | can


def completed(statement: FinancialStatement, *, assumed: bool = False) -> CompletedStatement:
    """The statement with every figure that follows from those it says, each derivation listed.

    Nothing that is said is changed.  With `assumed`, figures that follow only if what is unsaid is
    zero are derived too: interest without financial income, funds from operations, running costs.
    Rules are gone through `PASSES` times, each time from what was known before.

    >>> import datetime as dt
    >>> year = FinancialStatement(financials="F", customer="C-017", currency="EUR",
    ...     period_end=dt.date(2025, 12, 31), total_assets=900, equity=300, ebitda=80,
    ...     depreciation=30)
    >>> [(one.figure, one.value, one.formula) for one in completed(year).derivations]
    [('total_liabilities', 600, 'total_assets - provisions - equity'), \
('ebit', 50, 'ebitda - depreciation')]
    """
    values = {name: getattr(statement, name) or 0 for name in FIGURES}
    said = {name: getattr(statement, name) is not None for name in FIGURES}
    rules = [rule for rule in DERIVATIONS if assumed or not rule.is_assumed]
    found: list[Derivation] = []
    for _ in range(PASSES):
        before, known = dict(values), dict(said)
        for rule in rules:
            if said[rule.figure]:
                continue
            value, follows = derive(rule, before, known)
            if follows and abs(value) <= AMOUNT_MINOR_MAX:
                values[rule.figure], said[rule.figure] = value, True
                found.append(
                    Derivation(
                        figure=rule.figure,
                        value=value,
                        formula=rule.formula,
                        is_assumed=rule.is_assumed,
                    )
                )
    changes: dict[str, Any] = {one.figure: one.value for one in found}
    return CompletedStatement(
        statement=attrs.evolve(statement, **changes) if changes else statement,
        derivations=tuple(found),
    )


def _check_figure(name: str) -> None:
    if name not in FIGURES:
        msg = f"figure must be one of {', '.join(FIGURES)}, got {name!r}"
        raise PolicyError(msg)


def annual(statement: FinancialStatement, figure: str) -> Fraction | None:
    """A figure for twelve months, in units of the statement, exactly; None where it is unsaid.

    Figures of the income statement (`FLOWS`) are multiplied by 12 and divided by the months of the
    year; those of the balance sheet stay.  A season is not evened out by that.

    >>> import datetime as dt
    >>> half = FinancialStatement(financials="F", customer="C-017", currency="EUR", months=6,
    ...     period_end=dt.date(2026, 6, 30), sales=500, equity=90)
    >>> int(annual(half, "sales")), int(annual(half, "equity"))
    (1000, 90)
    """
    _check_figure(figure)
    value = getattr(statement, figure)
    if value is None:
        return None
    return Fraction(value * _YEAR, statement.months) if figure in FLOWS else Fraction(value)


def figure_minor(statement: FinancialStatement, figure: str) -> int | None:
    """A figure in minor units of the statement's currency; None where it is unsaid.

    >>> import datetime as dt
    >>> year = FinancialStatement(financials="F", customer="C-017", currency="EUR", unit=1_000,
    ...     period_end=dt.date(2025, 12, 31), equity=400)
    >>> figure_minor(year, "equity")
    40000000
    """
    _check_figure(figure)
    value: int | None = getattr(statement, figure)
    scale = statement.unit * 10 ** digits(statement.currency)
    return None if value is None else value * scale


def tangible_net_worth(statement: FinancialStatement) -> int | None:
    """Equity less intangible assets, in units; None unless both are known.

    >>> import datetime as dt
    >>> year = FinancialStatement(financials="F", customer="C-017", currency="EUR",
    ...     period_end=dt.date(2025, 12, 31), equity=400, intangible_assets=150)
    >>> tangible_net_worth(year)
    250
    """
    if statement.equity is None or statement.intangible_assets is None:
        return None
    return statement.equity - statement.intangible_assets
