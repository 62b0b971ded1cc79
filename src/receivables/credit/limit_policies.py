"""How a limit is recommended: which figures cap it, by how much for each class, and on which terms.

>>> MYDSO = LimitPolicy(
...     shares={"need": {"*": 10_000}, "tangible-net-worth": {"B": 3_500}, "sales": {"B": 500}},
...     terms={"B": ClassTerms(terms_days=30)})
>>> MYDSO.share_of("tangible-net-worth", "B"), MYDSO.share_of("sales", "C") is None
(3500, True)
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
from receivables.credit import recommendation_rules as rules
from receivables.credit._credit_tables import ANY, amount_in, amounts_table, built, fields_of
from receivables.credit.classes import UNRATED, RiskClasses
from receivables.errors import PolicyError

__all__ = [
    "STANDARD_LIMITS",
    "CapKind",
    "ClassTerms",
    "Combination",
    "CoverRule",
    "LimitPolicy",
    "PaymentTerm",
]


class CapKind(enum.Enum):
    """What a limit may be capped by, in the order in which the first of equals binds."""

    NEED = "need"
    """What its purchases leave open at a time: with tax, for terms and expected delay."""
    TANGIBLE_NET_WORTH = "tangible-net-worth"
    """A share of equity less intangible assets."""
    WORKING_CAPITAL = "working-capital"
    """A share of current assets less current liabilities."""
    EQUITY = "equity"
    SALES = "sales"
    """A share of what the customer sells in a year."""
    MONTHLY_SALES = "monthly-sales"
    """A share of what the customer sells in a month, on average."""
    PURCHASES = "purchases"
    """A share of what it buys from us in a year, without tax."""
    TRADE_REFERENCES = "trade-references"
    """A share of the median of what other suppliers give it."""
    COVER = "cover"
    """What an insurer would pay, and what we dare ourselves."""
    BUREAU = "bureau"
    """A share of the limit that a bureau recommends."""
    CEILING = "ceiling"
    """The most that the class may have, whatever its figures."""
    REQUESTED = "requested"
    """What was asked for."""
    COMBINED = "combined"
    """The figures that the policy adds up or averages, taken together."""

    @property
    def says_what_it_bears(self) -> bool:
        """Whether it says what the customer can bear, and not only what it would like to have."""
        return self not in _WISHES


_WISHES: Final = frozenset({CapKind.NEED, CapKind.PURCHASES, CapKind.REQUESTED})
_OF_A_FIGURE: Final = tuple(
    kind for kind in CapKind if kind not in {CapKind.CEILING, CapKind.COMBINED}
)


class Combination(enum.Enum):
    """What the figures named in `LimitPolicy.combined` come to."""

    LOWEST = "lowest"
    AVERAGE = "average"
    TOTAL = "total"


class CoverRule(enum.Enum):
    """What may be owed where an insurer bears a part."""

    QUOTA = "quota"
    """What the insurer would pay, and our own appetite on top."""
    OWN_RISK = "own-risk"
    """As much as leaves no more with us than our own appetite."""

    @property
    def is_verified(self) -> bool:
        """Whether a source at hand confirms the formula: of neither rule one does."""
        return False


class PaymentTerm(enum.Enum):
    """How a class pays."""

    OPEN_ACCOUNT = "open-account"
    CASH_ON_DELIVERY = "cash-on-delivery"
    PREPAYMENT = "prepayment"

    @property
    def is_credit(self) -> bool:
        """Whether it is sold to on credit; else its limit is zero."""
        return self is PaymentTerm.OPEN_ACCOUNT


@attrs.frozen(kw_only=True)
class ClassTerms:
    """What a class gets: how and when it pays, the most it may owe, and what we dare beyond insurance.

    `terms_days` are days from the invoice, zero without an open account; `ceiling` and `appetite`
    are whole units of money by currency, ``*`` for those that are not named.
    """

    payment: PaymentTerm = attrs.field(default=PaymentTerm.OPEN_ACCOUNT, converter=PaymentTerm)
    terms_days: int = 0
    ceiling: Mapping[str, int] = attrs.field(factory=dict, converter=amounts_table)
    appetite: Mapping[str, int] = attrs.field(factory=dict, converter=amounts_table)

    def __attrs_post_init__(self) -> None:
        _check_days("terms_days", self.terms_days)
        if self.terms_days and not self.payment.is_credit:
            msg = f"terms_days must be 0 with {self.payment.value}, got {self.terms_days}"
            raise PolicyError(msg)


def _check_days(name: str, value: object) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 0 <= value <= limits.TERM_DAYS_MAX:  # type: ignore[operator]  # is_whole says so
        msg = f"{name} must be 0 to {limits.TERM_DAYS_MAX} days, got {value!r}"
        raise PolicyError(msg)


def _shares(
    values: Mapping[CapKind | str, Mapping[str, int]],
) -> Mapping[CapKind, Mapping[str, int]]:
    found = {}
    for key, shares in values.items():
        kind = _kind(key)
        if kind not in _OF_A_FIGURE:
            msg = f"shares must be of figures, got {kind.value}"
            raise PolicyError(msg)
        if kind is CapKind.COVER and any(share != rules.WHOLE_BPS for share in shares.values()):
            msg = f"share of cover must be {rules.WHOLE_BPS}, for its quota is that of the insurance, got {dict(shares)}"
            raise PolicyError(msg)
        for name, share in shares.items():
            _check_share(kind, name, share)
        found[kind] = MappingProxyType(dict(shares))
    return MappingProxyType({kind: found[kind] for kind in CapKind if kind in found})


def _check_share(kind: CapKind, name: str, share: object) -> None:
    is_whole = isinstance(share, int) and not isinstance(share, bool)
    if not is_whole or not 0 <= share <= rules.SHARE_BPS_MAX:  # type: ignore[operator]  # is_whole says so
        msg = f"share of {kind.value} for {name} must be 0 to {rules.SHARE_BPS_MAX} basis points, got {share!r}"
        raise PolicyError(msg)


def _kind(key: CapKind | str) -> CapKind:
    try:
        return CapKind(key)
    except ValueError:
        known = ", ".join(kind.value for kind in CapKind)
        msg = f"caps must be among {known}, got {key!r}"
        raise PolicyError(msg) from None


def _kinds(values: Iterable[CapKind | str]) -> frozenset[CapKind]:
    return frozenset(map(_kind, values))


def _terms(values: Mapping[str, ClassTerms]) -> Mapping[str, ClassTerms]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class LimitPolicy:
    """Which figures cap a limit, by class, and what is done with them.

    `shares` are basis points of each figure by class, ``*`` for the classes that are not named; a
    figure without a share for a class does not cap its limit.  The lowest cap binds.  Those named in
    `combined` are first taken together by `combination`, and bind as one.  What is not known does
    not cap, unless it is in `required`: then no limit is recommended without it.  Without a single
    cap that says what the customer can bear there is none either, unless `allows_wishes` says so.

    `terms` are those of each class; one that is not named, *unrated* too, pays in advance.  The
    limit is rounded down to a multiple of `steps`, whole units of money by currency.

    Raises `PolicyError` for shares outside 0 to 100,000, and for what it does not know.
    """

    name: str = "limits"
    version: str = "1"
    shares: Mapping[CapKind, Mapping[str, int]] = attrs.field(factory=dict, converter=_shares)
    terms: Mapping[str, ClassTerms] = attrs.field(factory=dict, converter=_terms)
    combined: frozenset[CapKind] = attrs.field(default=frozenset(), converter=_kinds)
    combination: Combination = attrs.field(default=Combination.LOWEST, converter=Combination)
    required: frozenset[CapKind] = attrs.field(default=frozenset(), converter=_kinds)
    allows_wishes: bool = False
    cover: CoverRule = attrs.field(default=CoverRule.QUOTA, converter=CoverRule)
    delay_days: int = 0
    """The delay that is expected of a customer of whom nobody knows."""
    steps: Mapping[str, int] = attrs.field(factory=dict, converter=amounts_table)
    days_of_year: int = attrs.field(
        default=rules.DAYS_OF_YEAR, validator=attrs.validators.in_((360, 365, 366))
    )
    source: str = ""

    def __attrs_post_init__(self) -> None:
        _check_days("delay_days", self.delay_days)
        if unknown := sorted(kind.value for kind in self.combined - self.shares.keys()):
            msg = f"combined must be among the shares, got {', '.join(unknown)}"
            raise PolicyError(msg)
        if unknown := sorted(kind.value for kind in self.required - {*_OF_A_FIGURE}):
            msg = f"required must be figures, got {', '.join(unknown)}"
            raise PolicyError(msg)
        if not all(isinstance(one, ClassTerms) for one in self.terms.values()):
            msg = f"terms must be those of classes, got {dict(self.terms)}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, data: Mapping[str, Any], *, name: str = "limit policy") -> LimitPolicy:
        """The policy of a table of a file; raises `PolicyError` naming what is wrong.

        >>> LimitPolicy.from_table({"shares": {"networth": {"A": 5_000}}})
        Traceback (most recent call last):
            ...
        receivables.errors.PolicyError: limit policy: caps must be among need, tangible-net-worth, \
working-capital, equity, sales, monthly-sales, purchases, trade-references, cover, bureau, ceiling, \
requested, combined, got 'networth'
        """
        return built(lambda: _from_table(data, name), name)

    @property
    def title(self) -> str:
        """The name and the version, as decisions keep them."""
        return f"{self.name} {self.version}"

    @functools.cached_property
    def kinds(self) -> tuple[CapKind, ...]:
        """The figures that cap, in their order; the ceiling too, where a class has one."""
        has_ceiling = any(terms.ceiling for terms in self.terms.values())
        return tuple(
            kind
            for kind in CapKind
            if kind in self.shares or (kind is CapKind.CEILING and has_ceiling)
        )

    @property
    def named(self) -> tuple[str, ...]:
        """The classes that it tells apart, and *unrated*; all others are alike."""
        shares = (name for shares in self.shares.values() for name in shares if name != ANY)
        return tuple(dict.fromkeys((*self.terms, *shares, UNRATED)))

    def share_of(self, kind: CapKind | str, risk_class: str) -> int | None:
        """The share of a figure for a class, in basis points; None where it does not cap."""
        named = kind if isinstance(kind, CapKind) else _kind(kind)
        if named is CapKind.CEILING:
            return rules.WHOLE_BPS if self.terms_of(risk_class).ceiling else None
        shares = self.shares.get(named)
        return None if shares is None else shares.get(risk_class, shares.get(ANY))

    def terms_of(self, risk_class: str) -> ClassTerms:
        """The terms of a class: in advance for one that is not named."""
        return self.terms.get(risk_class, _IN_ADVANCE)

    def step_minor(self, currency: str) -> int:
        """The step of a currency in minor units; 1 where nothing is said."""
        return amount_in(self.steps, currency) or 1

    def ceiling_minor(self, risk_class: str, currency: str) -> int | None:
        """The most that a class may owe, in minor units; None where it has no ceiling."""
        return amount_in(self.terms_of(risk_class).ceiling, currency)

    def appetite_minor(self, risk_class: str, currency: str) -> int:
        """What we dare beyond what an insurer covers, in minor units."""
        return amount_in(self.terms_of(risk_class).appetite, currency) or 0

    def check_classes(self, classes: RiskClasses) -> None:
        """Refuse a policy that names a class which the classes have not; raises `PolicyError`."""
        if unknown := sorted({*self.named} - {*classes.all_names}):
            msg = f"classes of {self.name} must be among {', '.join(classes.all_names)}, got {', '.join(unknown)}"
            raise PolicyError(msg)


_IN_ADVANCE: Final = ClassTerms(payment=PaymentTerm.PREPAYMENT)


def _from_table(data: Mapping[str, Any], name: str) -> LimitPolicy:
    values = fields_of(data, LimitPolicy, name)
    values["terms"] = {
        risk_class: ClassTerms(**fields_of(row, ClassTerms, f"{name}: terms of {risk_class}"))
        for risk_class, row in values.get("terms", {}).items()
    }
    return LimitPolicy(**values)


STANDARD_LIMITS: Final = LimitPolicy(
    name="standard",
    shares={
        "need": {ANY: rules.WHOLE_BPS},
        "tangible-net-worth": {"A": 5_000, "B": 3_500, "C": 2_000, "D": 1_000},
        "sales": {"A": 1_000, "B": 500, "C": 300, "D": 100},
        "cover": {ANY: rules.WHOLE_BPS},
        "bureau": {ANY: rules.WHOLE_BPS},
        "requested": {ANY: rules.WHOLE_BPS},
    },
    terms={
        "A": ClassTerms(terms_days=60),
        "B": ClassTerms(terms_days=45),
        "C": ClassTerms(terms_days=30),
        "D": ClassTerms(terms_days=30),
        "E": ClassTerms(payment=PaymentTerm.CASH_ON_DELIVERY),
        "F": ClassTerms(payment=PaymentTerm.PREPAYMENT),
        UNRATED: ClassTerms(terms_days=30, ceiling={ANY: 1_000}),
    },
    steps={ANY: 100},
    source=(
        "mydsomanager.com, online help, question 34: class B, 35 % of tangible net worth and 5 % of "
        "turnover; what the other classes get is a choice of this library"
    ),
)
"""Need, net worth, sales, cover, a bureau's limit and what was asked for: the lowest of what is known."""
