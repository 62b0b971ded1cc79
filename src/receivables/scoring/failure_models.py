"""Failure models as data: coefficients, zones, the companies they were made for, and their sources.

>>> model = MODELS["altman-z"]
>>> [(term.ratio, str(term.coefficient)) for term in model.terms][:2]
[('working_capital_to_assets', '1.2'), ('retained_earnings_to_assets', '1.4')]
>>> [(zone.name, zone.interval) for zone in model.zones]
[('distress', 'below 1.81'), ('grey', 'from 1.81 to 2.99'), ('safe', 'above 2.99')]
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.scoring._failure_rules import (
    COEFFICIENT_MAX,
    COEFFICIENT_PLACES,
    COEFFICIENT_SCALE,
    TERMS_MAX,
)
from receivables.scoring.ratios import RATIOS

__all__ = [
    "GIVEN_RATIOS",
    "MODELS",
    "OHLSON_RATIOS",
    "CompanyKind",
    "FailureModel",
    "FailureTerm",
    "FailureZone",
    "ModelDomain",
    "ProbabilityLink",
    "Sector",
    "ZoneStanding",
    "coefficient_of",
]


class Sector(enum.Enum):
    """What a company does, as far as failure models ask (divisions of NACE and SIC)."""

    AGRICULTURE = "agriculture"
    EXTRACTION = "extraction"
    MANUFACTURING = "manufacturing"
    UTILITIES = "utilities"
    CONSTRUCTION = "construction"
    TRADE = "trade"
    TRANSPORT = "transport"
    SERVICES = "services"
    FINANCE = "finance"
    """Banks, insurers, funds, real estate companies: no model here is for them."""
    PUBLIC = "public"
    """Public bodies."""


@attrs.frozen(kw_only=True)
class CompanyKind:
    """What a failure model must know of a company before it speaks; None where nobody knows.

    >>> CompanyKind(sector="trade", is_listed=False).sector.value
    'trade'
    """

    sector: Sector | None = attrs.field(default=None, converter=attrs.converters.optional(Sector))
    is_listed: bool | None = None
    """Whether its shares have a market price."""
    is_emerging: bool | None = None
    """Whether it is of an emerging market."""


def _sectors(values: Iterable[Sector | str]) -> frozenset[Sector]:
    return frozenset(Sector(value) for value in values)


@attrs.frozen(kw_only=True)
class ModelDomain:
    """The companies that a model is for; None where it takes them either way."""

    meaning: str
    sectors: frozenset[Sector] = attrs.field(converter=_sectors)
    is_listed: bool | None = None
    is_emerging: bool | None = None

    def unknown(self, company: CompanyKind) -> tuple[str, ...]:
        """What must be known of a company and is not.

        >>> MODELS["altman-z"].domain.unknown(CompanyKind(sector="manufacturing"))
        ('is_listed',)
        """
        asked = {"sector": True, "is_listed": self.is_listed, "is_emerging": self.is_emerging}
        return tuple(
            name
            for name, wanted in asked.items()
            if wanted is not None and getattr(company, name) is None
        )

    def excludes(self, company: CompanyKind) -> bool:
        """Whether what is known of a company is outside.

        >>> MODELS["altman-z"].domain.excludes(CompanyKind(is_listed=False))
        True
        """
        return (
            (company.sector is not None and company.sector not in self.sectors)
            or _differ(self.is_listed, company.is_listed)
            or _differ(self.is_emerging, company.is_emerging)
        )


def _differ(wanted: bool | None, found: bool | None) -> bool:  # noqa: FBT001  # two of one kind
    return wanted is not None and found is not None and wanted is not found


class ZoneStanding(enum.Enum):
    """What a zone says of a company, whatever the model calls it."""

    SAFE = "safe"
    GREY = "grey"
    DISTRESS = "distress"


@attrs.frozen(kw_only=True)
class FailureZone:
    """An interval of scores: its name, what it says, and its ends.

    `lower` and `upper` are None where the interval has no end; `has_lower` and `has_upper` say
    whether an end belongs to it.  `failure_bps` is the share of failures that the source gives, at
    least and at most, in basis points.
    """

    name: str
    standing: ZoneStanding = attrs.field(converter=ZoneStanding)
    lower: Decimal | None = None
    upper: Decimal | None = None
    has_lower: bool = False
    has_upper: bool = False
    failure_bps: tuple[int, int] | None = None

    @property
    def interval(self) -> str:
        """The interval in words."""
        lower = f"{'from' if self.has_lower else 'above'} {self.lower}"
        upper = f"{'to' if self.has_upper else 'below'} {self.upper}"
        if self.lower is None or self.upper is None:
            alone = upper if self.lower is None else lower
            return alone.replace("to ", "up to ").replace("from ", "at least ")
        return f"{lower} {'to' if self.has_upper else 'to below'} {self.upper}"

    def holds(self, value: Decimal) -> bool:
        """Whether a score lies in it.

        >>> MODELS["altman-z"].zones[1].holds(Decimal("2.99"))
        True
        """
        is_low = self.lower is not None and (
            value < self.lower or (value == self.lower and not self.has_lower)
        )
        is_high = self.upper is not None and (
            value > self.upper or (value == self.upper and not self.has_upper)
        )
        return not is_low and not is_high


class ProbabilityLink(enum.Enum):
    """How a score becomes a probability of failure, where a model has one."""

    NONE = "none"
    LOGISTIC = "logistic"
    """1 / (1 + exp(-score))."""
    PROBIT = "probit"
    """The standard normal distribution at the score, and not the logistic curve."""


@attrs.frozen
class FailureTerm:
    """A ratio and what it is multiplied by."""

    ratio: str
    coefficient: Decimal = attrs.field(converter=Decimal)


def coefficient_of(value: Decimal) -> int:
    """A coefficient, a constant or a bound in hundred-thousandths.

    Raises `PolicyError` for more than five decimals, and for one beyond `COEFFICIENT_MAX`.

    >>> coefficient_of(Decimal("-0.407"))
    -40700
    """
    scaled = value * COEFFICIENT_SCALE if value.is_finite() else value
    if not value.is_finite() or scaled != int(scaled) or abs(value) > COEFFICIENT_MAX:
        msg = f"coefficient must have at most {COEFFICIENT_PLACES} decimals and be at most {COEFFICIENT_MAX}, got {value}"
        raise PolicyError(msg)
    return int(scaled)


OHLSON_RATIOS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "size": ("total_assets",),
        "is_insolvent": ("total_liabilities", "total_assets"),
        "is_loss_twice": ("net_income",),
        "net_income_change": ("net_income",),
    }
)
"""What is no plain ratio of one statement, and the figures that it needs: the logarithm of total
assets over a price index, two signs (1 or 0), and a change since the year before."""

GIVEN_RATIOS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "financial_costs_to_gross_result": "interest expense over EBITDA",
        "stable_resources_to_invested_capital": "permanent capital and depreciation kept, over "
        "gross fixed assets and what operations tie up",
        "cash_flow_to_debt": "funds from operations over all debts",
        "gross_result_to_sales": "EBITDA over sales without tax",
        "trade_payables_to_purchases": "trade payables over purchases with tax",
        "value_added_growth": "value added over that of the year before, less one",
        "operating_capital_to_production": "inventory and trade receivables less advances "
        "received, over production with tax",
        "investment_to_value_added": "investment in plant over value added",
        "no_credit_ratio": "quick assets less current liabilities, over what the source "
        "does not say",
    }
)
"""Ratios that a statement does not give, because it lacks the figures or the source a definition."""


def _terms(values: Iterable[FailureTerm]) -> tuple[FailureTerm, ...]:
    return tuple(values)


def _zones(values: Iterable[FailureZone]) -> tuple[FailureZone, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class FailureModel:
    """A published model: a constant and weighted ratios, zones from low scores to high, its domain.

    `source` says where coefficients and zones are taken from.  `is_verified` and `has_verified_zones`
    are false where that is general knowledge that no source at hand confirms.  `variant_of` names
    the model that it is another reading of.  Raises `PolicyError` for an unknown ratio, a
    coefficient of more than five decimals, and zones with gaps.
    """

    name: str
    title: str
    terms: tuple[FailureTerm, ...] = attrs.field(converter=_terms)
    zones: tuple[FailureZone, ...] = attrs.field(converter=_zones)
    domain: ModelDomain
    source: str
    constant: Decimal = Decimal(0)
    probability: ProbabilityLink = ProbabilityLink.NONE
    is_verified: bool = True
    has_verified_zones: bool = True
    variant_of: str = ""
    note: str = ""

    def __attrs_post_init__(self) -> None:
        known = {*RATIOS, *OHLSON_RATIOS, *GIVEN_RATIOS}
        names = [term.ratio for term in self.terms]
        if unknown := sorted(set(names) - known):
            msg = f"ratio of {self.name} must be one of {', '.join(sorted(known))}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        if not 0 < len(names) <= TERMS_MAX or len(set(names)) < len(names):
            msg = f"terms of {self.name} must be 1 to {TERMS_MAX}, each ratio once, got {names}"
            raise PolicyError(msg)
        for value in (self.constant, *(term.coefficient for term in self.terms)):
            coefficient_of(value)
        _check_zones(self.zones, self.name)

    @property
    def ratios(self) -> tuple[str, ...]:
        """The names of its ratios, in the order of the formula."""
        return tuple(term.ratio for term in self.terms)

    @property
    def needs_price_index(self) -> bool:
        """Whether it measures size in the money of another year."""
        return "size" in self.ratios

    @property
    def needs_previous(self) -> bool:
        """Whether it looks at the year before."""
        return bool({"is_loss_twice", "net_income_change"} & set(self.ratios))

    def zone_of(self, value: Decimal) -> FailureZone:
        """The zone of a score."""
        return next(zone for zone in self.zones if zone.holds(value))


def _check_zones(zones: tuple[FailureZone, ...], name: str) -> None:
    """Refuse zones with a gap or an overlap: every score lies in exactly one."""
    ends = [zone.upper or Decimal(0) for zone in zones[:-1]]
    is_chain = (
        bool(zones)
        and zones[0].lower is None
        and zones[-1].upper is None
        and all(
            one.upper is not None
            and one.upper == after.lower
            and one.has_upper is not after.has_lower
            for one, after in itertools.pairwise(zones)
        )
        and all(one < after for one, after in itertools.pairwise(ends))
    )
    if not is_chain:
        msg = f"zones of {name} must follow each other without gap, got {[zone.interval for zone in zones]}"
        raise PolicyError(msg)
    for end in ends:
        coefficient_of(end)


def _grey(low: str, high: str) -> tuple[FailureZone, ...]:
    """Three zones; the two bounds belong to the one between."""
    lower, upper = Decimal(low), Decimal(high)
    return (
        FailureZone(name="distress", standing=ZoneStanding.DISTRESS, upper=lower),
        FailureZone(
            name="grey",
            standing=ZoneStanding.GREY,
            lower=lower,
            upper=upper,
            has_lower=True,
            has_upper=True,
        ),
        FailureZone(name="safe", standing=ZoneStanding.SAFE, lower=upper),
    )


def _two(cut: str, *, low: ZoneStanding, cut_is_high: bool) -> tuple[FailureZone, ...]:
    """Two zones; the lower one is `low`, and the cut belongs to the upper one or not."""
    high = ZoneStanding.SAFE if low is ZoneStanding.DISTRESS else ZoneStanding.DISTRESS
    at = Decimal(cut)
    return (
        FailureZone(name=low.value, standing=low, upper=at, has_upper=not cut_is_high),
        FailureZone(name=high.value, standing=high, lower=at, has_lower=cut_is_high),
    )


def _sum(text: str) -> tuple[FailureTerm, ...]:
    """Terms as they are written: a coefficient and a ratio a line."""
    rows = (line.split() for line in text.strip().splitlines())
    return tuple(FailureTerm(ratio, Decimal(coefficient)) for coefficient, ratio in rows)


_NOT_FINANCIAL: Final = frozenset(Sector) - {Sector.FINANCE, Sector.PUBLIC}

_LISTED_MAKERS: Final = ModelDomain(
    meaning="listed manufacturers, whose equity has a market price",
    sectors={Sector.MANUFACTURING},
    is_listed=True,
)
_PRIVATE_MAKERS: Final = ModelDomain(
    meaning="manufacturers that are not listed", sectors={Sector.MANUFACTURING}, is_listed=False
)
_NON_MAKERS: Final = ModelDomain(
    meaning="companies that make nothing, listed or not, but for finance",
    sectors=_NOT_FINANCIAL - {Sector.MANUFACTURING},
)
_EMERGING: Final = ModelDomain(
    meaning="companies of emerging markets, but for finance",
    sectors=_NOT_FINANCIAL,
    is_emerging=True,
)
_COMPANIES: Final = ModelDomain(meaning="companies, but for finance", sectors=_NOT_FINANCIAL)

_ALTMAN_Z: Final = FailureModel(
    name="altman-z",
    title="Altman Z (1968)",
    terms=_sum("""
        1.2 working_capital_to_assets
        1.4 retained_earnings_to_assets
        3.3 ebit_to_assets
        0.6 market_equity_to_liabilities
        1.0 sales_to_assets
    """),
    zones=_grey("1.81", "2.99"),
    domain=_LISTED_MAKERS,
    source="E. Altman, Financial Ratios, Discriminant Analysis and the Prediction of Corporate "
    "Bankruptcy, Journal of Finance 23 (1968)",
    note="the best single cut is 2.675",
)
_ALTMAN_Z_PRIME: Final = FailureModel(
    name="altman-z-prime",
    title="Altman Z' (1983)",
    terms=_sum("""
        0.717 working_capital_to_assets
        0.847 retained_earnings_to_assets
        3.107 ebit_to_assets
        0.420 equity_to_liabilities
        0.998 sales_to_assets
    """),
    zones=_grey("1.23", "2.9"),
    domain=_PRIVATE_MAKERS,
    source="E. Altman, Corporate Financial Distress (1983)",
    note="book equity; some pages print the zones of Z'' here, 1.1 and 2.6, which is a mistake",
)
_ALTMAN_Z_DOUBLE_PRIME: Final = FailureModel(
    name="altman-z-double-prime",
    title="Altman Z'' (1995)",
    terms=_sum("""
        6.56 working_capital_to_assets
        3.26 retained_earnings_to_assets
        6.72 ebit_to_assets
        1.05 equity_to_liabilities
    """),
    zones=_grey("1.1", "2.6"),
    domain=_NON_MAKERS,
    source="E. Altman, J. Hartzell and M. Peck, Emerging Markets Corporate Bonds: A Scoring "
    "System (1995)",
    note="one page prints 1.23 and 2.9, the zones of Z'",
)
_ALTMAN_EM: Final = attrs.evolve(
    _ALTMAN_Z_DOUBLE_PRIME,
    name="altman-z-double-prime-em",
    title="Altman Z'' with the emerging-market constant (1995)",
    constant=Decimal("3.25"),
    zones=_grey("4.35", "5.85"),
    domain=_EMERGING,
    has_verified_zones=False,
    note="the zones are those of Z'' moved by the constant, 1.1 and 2.6 without it; 4.15 instead of "
    "4.35 is met too",
)
_OHLSON: Final = FailureModel(
    name="ohlson-o",
    title="Ohlson O (1980)",
    terms=_sum("""
        -0.407 size
        6.03 liabilities_to_assets
        -1.43 working_capital_to_assets
        0.0757 current_liabilities_to_current_assets
        -1.72 is_insolvent
        -2.37 net_income_to_assets
        -1.83 funds_to_liabilities
        0.285 is_loss_twice
        -0.521 net_income_change
    """),
    constant=Decimal("-1.32"),
    zones=_two("0", low=ZoneStanding.SAFE, cut_is_high=False),
    probability=ProbabilityLink.LOGISTIC,
    domain=ModelDomain(
        meaning="industrial and commercial companies: no finance, utilities or transport",
        sectors=_NOT_FINANCIAL - {Sector.UTILITIES, Sector.TRANSPORT},
    ),
    source="J. Ohlson, Financial Ratios and the Probabilistic Prediction of Bankruptcy, Journal of "
    "Accounting Research 18 (1980), model 1",
    note="distress where the probability is above one half; size is the natural logarithm of total "
    "assets in whole currency over a price index (100 in 1968, US gross national product)",
)
_ZMIJEWSKI: Final = FailureModel(
    name="zmijewski",
    title="Zmijewski (1984)",
    terms=_sum("""
        -4.513 net_income_to_assets
        5.679 liabilities_to_assets
        0.004 current_ratio
    """),
    constant=Decimal("-4.336"),
    zones=_two("0", low=ZoneStanding.SAFE, cut_is_high=False),
    probability=ProbabilityLink.PROBIT,
    domain=ModelDomain(
        meaning="industrial and commercial companies: SIC codes below 6000",
        sectors=_NOT_FINANCIAL - {Sector.SERVICES},
    ),
    source="M. Zmijewski, Methodological Issues Related to the Estimation of Financial Distress "
    "Prediction Models, Journal of Accounting Research 22 (1984)",
    note="the sign of 0.004 is disputed: plus in most programs, minus in several textbooks",
)
_SPRINGATE: Final = FailureModel(
    name="springate",
    title="Springate (1978)",
    terms=_sum("""
        1.03 working_capital_to_assets
        3.07 ebit_to_assets
        0.66 pretax_income_to_current_liabilities
        0.4 sales_to_assets
    """),
    zones=_two("0.862", low=ZoneStanding.DISTRESS, cut_is_high=True),
    domain=_COMPANIES,
    source="G. Springate, Predicting the Possibility of Failure in a Canadian Firm (1978), as "
    "printed by jaxworks.com",
)
_TAFFLER: Final = FailureModel(
    name="taffler",
    title="Taffler Z (1983)",
    terms=_sum("""
        12.18 pretax_income_to_current_liabilities
        2.50 current_assets_to_liabilities
        -10.68 current_liabilities_to_assets
        0.029 no_credit_interval
    """),
    constant=Decimal("3.20"),
    zones=_two("0", low=ZoneStanding.DISTRESS, cut_is_high=True),
    domain=_COMPANIES,
    source="R. Taffler (1983), coefficients as in V. Agarwal and R. Taffler, Twenty-five Years of "
    "the Taffler Z-Score Model (2007)",
    is_verified=False,
    note="the no-credit interval is in days; made on listed British manufacturers",
)
_TAFFLER_RATIOS: Final = FailureModel(
    name="taffler-ratios",
    title="Taffler Z without a constant",
    terms=_sum("""
        0.53 pretax_income_to_current_liabilities
        0.13 current_assets_to_liabilities
        0.18 current_liabilities_to_assets
        0.16 no_credit_ratio
    """),
    zones=_grey("-0.3", "0.3"),
    domain=_COMPANIES,
    source="accountingtermslexicon.com, Taffler's Z Score",
    has_verified_zones=False,
    variant_of="taffler",
    note="the source does not say what its fourth ratio is divided by, so no statement gives it",
)
_CONAN_HOLDER: Final = FailureModel(
    name="conan-holder",
    title="Conan and Holder (1979)",
    terms=_sum("""
        24 ebitda_to_liabilities
        22 permanent_capital_to_assets
        16 quick_assets_to_assets
        -87 interest_to_sales
        -10 personnel_to_value_added
    """),
    zones=(
        FailureZone(
            name="danger",
            standing=ZoneStanding.DISTRESS,
            upper=Decimal(4),
            failure_bps=(6_500, 10_000),
        ),
        FailureZone(
            name="doubtful",
            standing=ZoneStanding.GREY,
            lower=Decimal(4),
            has_lower=True,
            upper=Decimal(9),
            failure_bps=(3_000, 6_500),
        ),
        FailureZone(
            name="fair",
            standing=ZoneStanding.GREY,
            lower=Decimal(9),
            has_lower=True,
            upper=Decimal(16),
            has_upper=True,
            failure_bps=(1_000, 3_000),
        ),
        FailureZone(
            name="good", standing=ZoneStanding.SAFE, lower=Decimal(16), failure_bps=(0, 1_000)
        ),
    ),
    domain=ModelDomain(
        meaning="small and medium companies with French accounts, but for finance",
        sectors=_NOT_FINANCIAL,
    ),
    source="J. Conan and M. Holder, Variables explicatives de performances et contrôle de gestion "
    "dans les PMI (1979)",
    note="ratios as fractions: 24 times 0.20 is 4.8; a nine counts as fair",
)
_CONAN_HOLDER_SIMPLIFIED: Final = attrs.evolve(
    _CONAN_HOLDER,
    name="conan-holder-simplified",
    title="Conan and Holder (1979), three zones",
    zones=_grey("4", "9"),
    variant_of="conan-holder",
    note="the same score in three zones",
)
_BANQUE_DE_FRANCE: Final = FailureModel(
    name="banque-de-france-1983",
    title="Banque de France Z (1983)",
    terms=_sum("""
        -1.255 financial_costs_to_gross_result
        2.003 stable_resources_to_invested_capital
        -0.824 cash_flow_to_debt
        5.221 gross_result_to_sales
        -0.689 trade_payables_to_purchases
        -1.164 value_added_growth
        0.706 operating_capital_to_production
        1.408 investment_to_value_added
    """),
    constant=Decimal("-0.85544"),
    zones=(
        FailureZone(name="vulnerable", standing=ZoneStanding.DISTRESS, upper=Decimal("-0.25")),
        FailureZone(
            name="uncertain",
            standing=ZoneStanding.GREY,
            lower=Decimal("-0.25"),
            upper=Decimal("0.125"),
            has_lower=True,
            has_upper=True,
        ),
        FailureZone(name="normal", standing=ZoneStanding.SAFE, lower=Decimal("0.125")),
    ),
    domain=ModelDomain(
        meaning="French manufacturers, small and medium", sectors={Sector.MANUFACTURING}
    ),
    source="Banque de France, Centrale des bilans (1983), as printed by memoireonline.com",
    note="published for 100 Z with ratios in percent, which is the same; the eight ratios are given "
    "by whoever has the figures, because no standard statement has them",
)

_EVERY: Final = (
    _ALTMAN_Z,
    attrs.evolve(
        _ALTMAN_Z,
        name="altman-z-0999",
        title="Altman Z (1968), 0.999 of sales",
        terms=(*_ALTMAN_Z.terms[:-1], FailureTerm("sales_to_assets", Decimal("0.999"))),
        variant_of="altman-z",
        note="the coefficient of sales as first printed",
    ),
    _ALTMAN_Z_PRIME,
    _ALTMAN_Z_DOUBLE_PRIME,
    _ALTMAN_EM,
    _OHLSON,
    _ZMIJEWSKI,
    attrs.evolve(
        _ZMIJEWSKI,
        name="zmijewski-minus",
        title="Zmijewski (1984), minus 0.004",
        terms=(*_ZMIJEWSKI.terms[:-1], FailureTerm("current_ratio", Decimal("-0.004"))),
        variant_of="zmijewski",
    ),
    _SPRINGATE,
    _TAFFLER,
    _TAFFLER_RATIOS,
    _CONAN_HOLDER,
    _CONAN_HOLDER_SIMPLIFIED,
    _BANQUE_DE_FRANCE,
)

MODELS: Final[Mapping[str, FailureModel]] = MappingProxyType({one.name: one for one in _EVERY})
"""Every model by its name, each before its variants."""
