"""A limit that figures recommend: every cap with the figure it comes from, and the one that binds.

>>> from receivables.credit.limit_policies import STANDARD_LIMITS
>>> figures = LimitFigures(currency="EUR", purchases_minor=304_166_67, terms_days=45, delay_days=15,
...                        tangible_net_worth_minor=80_000_00, sales_minor=700_000_00)
>>> found = recommend_limit(figures, risk_class="B", policy=STANDARD_LIMITS)
>>> [(cap.kind.value, cap.cap_minor) for cap in found.caps if cap.cap_minor is not None]
[('need', 5000000), ('tangible-net-worth', 2800000), ('sales', 3500000)]
>>> found.limit_minor, found.binding.value, found.terms_days
(2800000, 'tangible-net-worth', 45)
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

import attrs

from receivables import limits
from receivables._ops import PYTHON
from receivables.casework.credit import CreditLimit, LimitKind
from receivables.casework.financials import FinancialStatement
from receivables.credit import recommendation_rules as rules
from receivables.credit._capping import FIGURES, Given, blocked_by, caps_of, figures_of, found_of
from receivables.credit.limit_policies import (
    STANDARD_LIMITS,
    CapKind,
    LimitPolicy,
    PaymentTerm,
)
from receivables.errors import CurrencyMismatchError, LimitError, PolicyError
from receivables.money import Money, digits, from_minor, to_minor

__all__ = [
    "LimitCap",
    "LimitFigures",
    "RecommendedLimit",
    "cover_of",
    "recommend_limit",
    "reference_figure",
    "statement_figures",
]

_MONTHS: Final = 12


@attrs.frozen(kw_only=True)
class LimitFigures:
    """What is known of a customer when its limit is recommended; None is what nobody knows.

    Amounts are minor units of `currency`, that of the limit.  `purchases_minor` is what it buys from
    us in a year without tax, `tax_bps` the tax on that in basis points; `sales_minor` what it sells
    itself in a year.  `terms_days` are its terms, where they are not those of its class;
    `delay_days` how many days after them it is expected to pay.  `insured_minor` is what an insurer
    covers by name, zero where the cover was withdrawn, and `cover_bps` the part that it would pay.

    Raises `LimitError` for figures beyond the limits of an amount, and `PolicyError` for days and
    basis points that are none.
    """

    currency: str
    tangible_net_worth_minor: int | None = None
    working_capital_minor: int | None = None
    equity_minor: int | None = None
    sales_minor: int | None = None
    purchases_minor: int | None = None
    tax_bps: int = 0
    terms_days: int | None = None
    delay_days: int | None = None
    reference_minor: int | None = None
    """The median of the limits that other suppliers give it."""
    insured_minor: int | None = None
    cover_bps: int = rules.WHOLE_BPS
    bureau_minor: int | None = None
    requested_minor: int | None = None

    def __attrs_post_init__(self) -> None:
        digits(self.currency)
        for field in attrs.fields(type(self)):
            if field.name != "currency":
                self._check(field.name)

    def _check(self, name: str) -> None:
        value = getattr(self, name)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            msg = f"{name} must be a whole number, got {value!r}"
            raise PolicyError(msg)
        if name.endswith("_minor"):
            if abs(value) > limits.AMOUNT_MINOR_MAX:
                msg = f"{name} must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {value}"
                raise LimitError(msg)
            return
        low, high = _BOUNDS[name]
        if not low <= value <= high:
            msg = f"{name} must be {low} to {high}, got {value}"
            raise PolicyError(msg)


_BOUNDS: Final = {
    "tax_bps": (0, rules.WHOLE_BPS),
    "cover_bps": (0, rules.WHOLE_BPS),
    "terms_days": (0, limits.TERM_DAYS_MAX),
    "delay_days": (-limits.TERM_DAYS_MAX, limits.TERM_DAYS_MAX),
}


@attrs.frozen(kw_only=True)
class LimitCap:
    """One cap: the figure that it is a share of, the share, and what it comes to in minor units.

    `figure_minor` is None where it is not known, `share_bps` where the class has none; either way
    nothing is capped and `cap_minor` is None.
    """

    kind: CapKind
    figure_minor: int | None
    share_bps: int | None
    cap_minor: int | None
    is_combined: bool = False
    """Whether it binds only together with others."""
    is_required: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the figure is known."""
        return self.figure_minor is not None

    @property
    def is_verified(self) -> bool:
        """Whether a source at hand confirms its formula: that of an insurer's cover has none."""
        return self.kind is not CapKind.COVER


def _caps(values: Iterable[LimitCap]) -> tuple[LimitCap, ...]:
    return tuple(values)


def _kinds(values: Iterable[CapKind]) -> tuple[CapKind, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class RecommendedLimit:
    """The limit that the figures of a customer recommend, with every cap and the one that binds.

    `found_minor` is what the caps come to before it is rounded down to a step, None where none
    binds; `missing` are figures without which the policy recommends nothing, or, where nothing says
    what the customer can bear, all that could.  Amounts are minor units of `currency`.
    """

    currency: str
    risk_class: str
    caps: tuple[LimitCap, ...] = attrs.field(converter=_caps)
    binding: CapKind | None
    found_minor: int | None
    limit_minor: int
    step_minor: int = 1
    payment: PaymentTerm
    terms_days: int
    delay_days: int = 0
    missing: tuple[CapKind, ...] = attrs.field(default=(), converter=_kinds)
    policy: str = ""

    @property
    def limit(self) -> Money:
        """The limit as an amount."""
        return from_minor(self.limit_minor, self.currency)

    @property
    def is_refused(self) -> bool:
        """Whether the class is not sold to on credit, whatever its figures."""
        return not self.payment.is_credit

    @property
    def is_blocked(self) -> bool:
        """Whether figures are missing without which nothing is recommended."""
        return bool(self.missing)

    def cap(self, kind: CapKind | str) -> LimitCap | None:
        """One cap; None where the policy does not use it."""
        return next((cap for cap in self.caps if cap.kind is CapKind(kind)), None)


def recommend_limit(
    figures: LimitFigures, *, risk_class: str, policy: LimitPolicy = STANDARD_LIMITS
) -> RecommendedLimit:
    """The limit of a customer of a class by its figures: the lowest cap, rounded down to a step.

    It is zero where the class pays otherwise than on open account, and where figures are missing
    that the policy needs.  A negative figure caps at zero.
    """
    terms = policy.terms_of(risk_class)
    given = _given(figures, risk_class, policy)
    made = figures_of(given, policy)
    caps = caps_of(made, given)
    found, binding = found_of(caps, given, policy)
    is_blocked = blocked_by(caps, given, policy)
    step_minor = policy.step_minor(figures.currency)
    is_capped = found < rules.CAP_MAX
    may = terms.payment.is_credit and not is_blocked
    return RecommendedLimit(
        currency=figures.currency,
        risk_class=risk_class,
        caps=[
            LimitCap(
                kind=kind,
                figure_minor=_shown(kind, made[kind], figures),
                share_bps=share.value if (share := given.share(kind)).is_known else None,
                cap_minor=None if cap < 0 else cap,
                is_combined=kind in policy.combined,
                is_required=kind in policy.required,
            )
            for kind, cap in caps.items()
        ],
        binding=next((kind for kind, cap in binding.items() if cap == found), None),
        found_minor=found if is_capped else None,
        limit_minor=rules.limit_of(found, may=may, step=step_minor),
        step_minor=step_minor,
        payment=terms.payment,
        terms_days=terms.terms_days,
        delay_days=policy.delay_days if figures.delay_days is None else figures.delay_days,
        missing=_missing(caps, policy, risk_class) if is_blocked else (),
        policy=policy.title,
    )


def _shown(kind: CapKind, made: rules.Known, figures: LimitFigures) -> int | None:
    """A figure as a person knows it: below zero where it is, although it then caps at zero."""
    if not made.is_known:
        return None
    is_made = kind not in FIGURES or kind in _MADE
    value: int = made.value if is_made else getattr(figures, FIGURES[kind])
    return value


_MADE: Final = frozenset({CapKind.NEED, CapKind.MONTHLY_SALES, CapKind.COVER})
"""Figures that are worked out of others."""


def _given(figures: LimitFigures, risk_class: str, policy: LimitPolicy) -> Given:
    def figure(name: str) -> rules.Known:
        value = getattr(figures, name)
        known = value or 0
        return rules.Known(value is not None, max(0, known) if name.endswith("_minor") else known)

    found = {kind: policy.share_of(kind, risk_class) for kind in policy.kinds}
    shares = {kind: rules.Known(one is not None, one or 0) for kind, one in found.items()}
    ceiling = policy.ceiling_minor(risk_class, figures.currency)
    return Given(
        ops=PYTHON,
        hold=tuple,
        figure=figure,
        share=shares.__getitem__,
        terms_days=policy.terms_of(risk_class).terms_days,
        appetite_minor=policy.appetite_minor(risk_class, figures.currency),
        ceiling=rules.Known(ceiling is not None, ceiling or 0),
    )


def _missing(
    caps: Mapping[CapKind, int], policy: LimitPolicy, risk_class: str
) -> tuple[CapKind, ...]:
    """What must be known and is not: what the policy needs, or all that could say what is borne."""
    used = [kind for kind in caps if policy.share_of(kind, risk_class) is not None]
    unknown = [kind for kind in used if caps[kind] < 0]
    needed = tuple(kind for kind in unknown if kind in policy.required)
    bearing = tuple(
        kind for kind in unknown if kind.says_what_it_bears and kind is not CapKind.CEILING
    )
    # Where the policy has no such figure for the class, only a ceiling of the class would do.
    return needed or bearing or (CapKind.CEILING,)


def statement_figures(
    statement: FinancialStatement, *, currency: str, rate: Fraction | None = None
) -> dict[str, int | None]:
    """The figures of `LimitFigures` that a financial statement has, in minor units of a currency.

    Tangible net worth is equity less intangible assets, and equity alone where the statement says
    nothing of such assets; working capital is current assets less current liabilities; sales are
    brought to twelve months.  `rate` is what a unit of the statement's currency is worth; each figure
    is rounded towards less.  Raises `CurrencyMismatchError` without a rate where one is needed.

    >>> import datetime as dt
    >>> year = FinancialStatement(financials="F-1", customer="C-017", currency="EUR", unit=1_000,
    ...     period_end=dt.date(2025, 12, 31), equity=100, intangible_assets=20, sales=700)
    >>> found = statement_figures(year, currency="EUR")
    >>> found["tangible_net_worth_minor"], found["sales_minor"], found["working_capital_minor"]
    (8000000, 70000000, None)
    """
    if rate is None and statement.currency != currency:
        msg = f"rate from {statement.currency} to {currency} must be given, got none"
        raise CurrencyMismatchError(msg)
    factor = Fraction(statement.unit * 10 ** digits(currency)) * (1 if rate is None else rate)
    months = Fraction(_MONTHS, statement.months)

    def minor(value: int | None, times: Fraction = Fraction(1)) -> int | None:
        return None if value is None else (value * factor * times).__floor__()

    return {
        "tangible_net_worth_minor": minor(
            _less(statement.equity, statement.intangible_assets or 0)
        ),
        "working_capital_minor": minor(
            _less(statement.current_assets, statement.current_liabilities)
        ),
        "equity_minor": minor(statement.equity),
        "sales_minor": minor(statement.sales, months),
    }


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def cover_of(granted: Iterable[CreditLimit], *, currency: str) -> tuple[int, int]:
    """What insurers cover of a customer by name, and which part of it they would pay, in basis points.

    Limits that are insured or guaranteed count, in their own currency only; the part is weighted by
    amount and rounded down.  Without any the cover is zero.

    >>> from receivables.money import money
    >>> cover_of([CreditLimit(limit="I-1", customer="C-017", kind="insured", cover_bps=9_000,
    ...                       amount=money("50000.00", "EUR"))], currency="EUR")
    (5000000, 9000)
    """
    kinds = (LimitKind.INSURED, LimitKind.DISCRETIONARY, LimitKind.GUARANTEED)
    counted = [one for one in granted if one.kind in kinds]
    if other := sorted({one.amount.currency.code for one in counted} - {currency}):
        msg = f"currency of insured limits must be {currency}, got {', '.join(other)}"
        raise CurrencyMismatchError(msg)
    insured = sum(to_minor(one.amount) for one in counted)
    paid = sum(to_minor(one.amount) * one.cover_bps for one in counted)
    return insured, paid // insured if insured else rules.WHOLE_BPS


def reference_figure(given: Iterable[Money], *, currency: str) -> int | None:
    """The median of what other suppliers give a customer, in minor units; None without any.

    Of an even number the lower of the two in the middle counts.  Raises `CurrencyMismatchError` for
    an amount in another currency.
    """
    amounts = list(given)
    if other := sorted({one.currency.code for one in amounts} - {currency}):
        msg = f"currency of trade references must be {currency}, got {', '.join(other)}"
        raise CurrencyMismatchError(msg)
    return statistics.median_low(map(to_minor, amounts)) if amounts else None
