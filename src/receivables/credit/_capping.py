"""The workshop: what the caps of a limit are, over terms, for values and for columns alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from receivables._ops import Ops, Term
from receivables.credit import recommendation_rules as rules
from receivables.credit.limit_policies import CapKind, Combination, CoverRule, LimitPolicy

__all__ = ["FIGURES", "Given", "blocked_by", "caps_of", "figures_of", "found_of"]

FIGURES: Mapping[CapKind, str] = {
    CapKind.NEED: "purchases_minor",
    CapKind.TANGIBLE_NET_WORTH: "tangible_net_worth_minor",
    CapKind.WORKING_CAPITAL: "working_capital_minor",
    CapKind.EQUITY: "equity_minor",
    CapKind.SALES: "sales_minor",
    CapKind.MONTHLY_SALES: "sales_minor",
    CapKind.PURCHASES: "purchases_minor",
    CapKind.TRADE_REFERENCES: "reference_minor",
    CapKind.COVER: "insured_minor",
    CapKind.BUREAU: "bureau_minor",
    CapKind.REQUESTED: "requested_minor",
}
"""The figure that each cap needs, by the name of its field and of its column."""

Hold: TypeAlias = Callable[[Sequence[Term]], Sequence[Term]]
"""What keeps terms under names of their own, so that they are computed once."""

_MONTHS = 12
_COMBINED: Mapping[Combination, Callable[..., Term]] = {
    Combination.AVERAGE: rules.average,
    Combination.TOTAL: rules.total,
}


@attrs.frozen(kw_only=True)
class Given:
    """What is known of a customer, or of every row, as terms; amounts are zero or more.

    `figure` gives a figure by its name, `share` that of its class.
    """

    ops: Ops
    hold: Hold
    figure: Callable[[str], rules.Known]
    share: Callable[[CapKind], rules.Known]
    terms_days: Term
    """Those of the class."""
    appetite_minor: Term
    ceiling: rules.Known


def figures_of(given: Given, policy: LimitPolicy) -> dict[CapKind, rules.Known]:
    """What each cap is a share of: the figure itself, or what is made of it."""
    found = {kind: _figure_of(kind, given, policy) for kind in policy.kinds}
    held = given.hold([one.value for one in found.values()])
    return {
        kind: rules.Known(one.is_known, value)
        for (kind, one), value in zip(found.items(), held, strict=True)
    }


def _figure_of(kind: CapKind, given: Given, policy: LimitPolicy) -> rules.Known:
    if kind is CapKind.CEILING:
        return given.ceiling
    figure = given.figure(FIGURES[kind])
    if kind is CapKind.NEED:
        return rules.Known(figure.is_known, _need(figure.value, given, policy))
    if kind is CapKind.MONTHLY_SALES:
        return rules.Known(figure.is_known, figure.value // _MONTHS)
    if kind is CapKind.COVER:
        return rules.Known(figure.is_known, _cover(figure.value, given, policy))
    return figure


def _need(purchases: Term, given: Given, policy: LimitPolicy) -> Term:
    ops = given.ops
    terms, delay = given.figure("terms_days"), given.figure("delay_days")
    own = ops.when(terms.is_known, terms.value, given.terms_days)
    late = ops.when(delay.is_known, delay.value, delay.value * 0 + policy.delay_days)
    (days,) = given.hold([own + late])
    (days,) = given.hold([ops.maximum(days, days * 0)])
    tax_bps = given.figure("tax_bps").value
    return rules.need(purchases, tax_bps=tax_bps, days=days, days_of_year=policy.days_of_year)


def _cover(insured: Term, given: Given, policy: LimitPolicy) -> Term:
    quota = given.figure("cover_bps")
    whole = quota.value * 0 + rules.WHOLE_BPS
    (bps,) = given.hold([given.ops.when(quota.is_known, quota.value, whole)])
    if policy.cover is CoverRule.OWN_RISK:
        return rules.own_cover(insured, bps, given.appetite_minor, ops=given.ops)
    return rules.cover(insured, bps, given.appetite_minor)


def caps_of(figures: Mapping[CapKind, rules.Known], given: Given) -> dict[CapKind, Term]:
    """Every cap; `NOT_KNOWN` where its figure is not known or its class has no share."""
    found = [
        rules.cap(figure, given.share(kind), ops=given.ops) for kind, figure in figures.items()
    ]
    return dict(zip(figures, given.hold(found), strict=True))


def found_of(
    caps: Mapping[CapKind, Term], given: Given, policy: LimitPolicy
) -> tuple[Term, dict[CapKind, Term]]:
    """What the caps come to, and those that bind: each alone, and those that bind together."""
    ops, hold = given.ops, given.hold
    binding = {kind: cap for kind, cap in caps.items() if kind not in policy.combined}
    together = [cap for kind, cap in caps.items() if kind in policy.combined]
    if together:
        if policy.combination is Combination.LOWEST:
            joined = rules.lowest(together, ops=ops, hold=hold)
        else:
            joined = _COMBINED[policy.combination](together, ops=ops)
        (joined,) = hold([joined])
        known = ops.when(joined < rules.CAP_MAX, joined, joined * 0 + rules.NOT_KNOWN)
        (binding[CapKind.COMBINED],) = hold([known])
    return rules.lowest([*binding.values()], ops=ops, hold=hold), binding


def blocked_by(caps: Mapping[CapKind, Term], given: Given, policy: LimitPolicy) -> Term:
    """Whether a figure is missing without which nothing is recommended."""
    blocked: Term = False
    for kind in caps:
        if kind in policy.required:
            blocked = blocked | ((caps[kind] < 0) & given.share(kind).is_known)
    if policy.allows_wishes:
        return blocked
    is_borne: Term = False
    for kind in caps:
        if kind.says_what_it_bears:
            is_borne = is_borne | (caps[kind] >= 0)
    return blocked | (is_borne == False)  # noqa: E712  # a term has no other way to say not
