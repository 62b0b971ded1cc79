"""What a folder's settings say about credit and losses: the tables `credit`, `allowance` and `write-offs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

import attrs

from receivables.allowance import ProvisionMatrix, matrix, provision_matrix
from receivables.credit import CreditPolicy, credit_policy
from receivables.credit.classes import STANDARD_CLASSES, RiskClasses
from receivables.credit.insurance import InsurancePolicy
from receivables.credit.limit_policies import STANDARD_LIMITS, LimitPolicy
from receivables.credit.recommendations import RecommendationPolicy
from receivables.credit.reviewing import ReviewPolicy
from receivables.errors import PolicyError
from receivables.scoring import BehaviourPolicy
from receivables.scoring.failure_models import CompanyKind, Sector
from receivables.writeoffs import STANDARD as STANDARD_WRITE_OFFS
from receivables.writeoffs import WriteOffPolicy

__all__ = ["CreditSettings", "LossSettings", "credit_settings", "loss_settings"]

_USUAL: Final = "standard"

T = TypeVar("T")


def _companies(values: Mapping[str, CompanyKind]) -> Mapping[str, CompanyKind]:
    return MappingProxyType(dict(values))


def _policies(values: tuple[InsurancePolicy, ...]) -> tuple[InsurancePolicy, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CreditSettings:
    """How credit is given: what is checked, how limits are recommended and reviewed, who insures.

    `scorecard` is the file of a scorecard below the folder; without one the risk class rests on the
    PAYDEX-like score of the payments, and on what bureaus and insurers say.
    """

    policy: CreditPolicy = attrs.field(factory=lambda: credit_policy(_USUAL))
    behaviour: BehaviourPolicy = attrs.field(factory=BehaviourPolicy)
    scorecard: str = ""
    companies: Mapping[str, CompanyKind] = attrs.field(factory=dict, converter=_companies)
    """The kind of company of each segment of customers, ``*`` for the others: failure models speak
    only of those that they were made for."""
    price_index: int | None = None
    """The price level of the money of the statements, 100 in 1968, for Ohlson's model."""
    classes: RiskClasses = STANDARD_CLASSES
    limits: LimitPolicy = STANDARD_LIMITS
    reviews: ReviewPolicy = attrs.field(factory=ReviewPolicy)
    recommendations: RecommendationPolicy = attrs.field(factory=RecommendationPolicy)
    insurance: tuple[InsurancePolicy, ...] = attrs.field(default=(), converter=_policies)

    def __attrs_post_init__(self) -> None:
        self.limits.check_classes(self.classes)
        numbers = [one.number for one in self.insurance]
        if twice := sorted({one for one in numbers if numbers.count(one) > 1}):
            msg = f"insurance policies must have numbers of their own, got {', '.join(twice)} twice"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class LossSettings:
    """What is expected to be lost, and how it is given up; no allowance without a matrix."""

    allowance: ProvisionMatrix | None = None
    write_offs: WriteOffPolicy = STANDARD_WRITE_OFFS
    on_receipts: bool = False
    """Whether we owe the tax only when we are paid: what was never paid then has none to come back."""
    relief_rules: tuple[str, ...] = ()
    """The rules of tax relief that are ours, by name; all of our country where none is named."""


def credit_settings(table: Mapping[str, Any], *, name: str) -> CreditSettings:
    """The settings of the table `credit`; raises `PolicyError` naming the key that is wrong.

    >>> credit_settings({"policy": {"extends": "strict"}}, name="credit").policy.rules == \
            credit_policy("strict").rules
    True
    >>> credit_settings({"polices": {}}, name="receivables.toml: credit")
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: receivables.toml: credit must have keys among behaviour, classes, companies, insurance, limits, policy, price-index, recommendations, reviews, scorecard, got polices
    """
    _check_keys(table, _CREDIT, name)
    found: dict[str, Any] = {
        key: load(_table_of(table, key, name), name=f"{name}: {key}")
        for key, load in _CREDIT.items()
        if load is not None and key in table
    }
    if "companies" in table:
        companies = _table_of(table, "companies", name)
        found["companies"] = {
            segment: _company(_table_of(companies, segment, name), f"{name}: companies: {segment}")
            for segment in companies
        }
    if "price-index" in table:
        found["price_index"] = _price_index(table["price-index"], name)
    if "scorecard" in table:
        found["scorecard"] = _text_of(table, "scorecard", name)
    insured = table.get("insurance", [])
    if not isinstance(insured, list) or not all(isinstance(one, Mapping) for one in insured):
        msg = f"insurance of {name} must be a list of tables, got {insured!r}"
        raise PolicyError(msg)
    found["insurance"] = tuple(
        InsurancePolicy.from_table(one, name=f"{name}: insurance {place}")
        for place, one in enumerate(insured, start=1)
    )
    return CreditSettings(**found)


def loss_settings(
    allowance: Mapping[str, Any], write_offs: Mapping[str, Any], *, name: str
) -> LossSettings:
    """The settings of the tables `allowance` and `write-offs`.

    The table `allowance` is a provision matrix, or names a packaged one: ``matrix = "fr-pcg"``.  Raises `PolicyError` naming what is wrong.

    >>> loss_settings({"matrix": "fr-pcg"}, {}, name="receivables.toml").allowance.name
    'fr-pcg'
    """
    found: dict[str, Any] = {}
    if allowance:
        found["allowance"] = _matrix(allowance, name=f"{name}: allowance")
    given = dict(write_offs)
    if "on-receipts" in given:
        found["on_receipts"] = _truth_of(given, "on-receipts", f"{name}: write-offs")
        del given["on-receipts"]
    if "relief-rules" in given:
        found["relief_rules"] = _texts_of(given, "relief-rules", f"{name}: write-offs")
        del given["relief-rules"]
    if given:
        found["write_offs"] = WriteOffPolicy.from_table(given, name=f"{name}: write-offs")
    return LossSettings(**found)


def _matrix(table: Mapping[str, Any], *, name: str) -> ProvisionMatrix:
    """The matrix of a table, or the packaged one that it names with the one key ``matrix``."""
    if "matrix" in table:
        _check_keys(table, {"matrix": None}, name)
        return matrix(_text_of(table, "matrix", name))
    return provision_matrix({"name": "house", **table}, name=name)


def _company(table: Mapping[str, Any], name: str) -> CompanyKind:
    """The kind of company of a segment: ``sector``, ``listed`` and ``emerging``."""
    _check_keys(table, {"emerging": None, "listed": None, "sector": None}, name)
    for key in ("emerging", "listed"):
        if not isinstance(table.get(key, False), bool):
            msg = f"{key} of {name} must be true or false, got {table[key]!r}"
            raise PolicyError(msg)
    sectors = [sector.value for sector in Sector]
    if table.get("sector", sectors[0]) not in sectors:
        msg = f"sector of {name} must be among {', '.join(sectors)}, got {table['sector']!r}"
        raise PolicyError(msg)
    return CompanyKind(
        sector=table.get("sector"),
        is_listed=table.get("listed"),
        is_emerging=table.get("emerging"),
    )


def _price_index(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        msg = f"price-index of {name} must be a whole number above zero, got {value!r}"
        raise PolicyError(msg)
    return value


def _house_policy(table: Mapping[str, Any], *, name: str) -> CreditPolicy:
    """The policy of the folder, called *house* where it has no name of its own."""
    return CreditPolicy.from_table({"name": "house", **table}, name=name)


_CREDIT: Final[Mapping[str, Callable[..., Any] | None]] = {
    "behaviour": BehaviourPolicy.from_table,
    "classes": RiskClasses.from_table,
    "companies": None,
    "insurance": None,
    "limits": LimitPolicy.from_table,
    "policy": _house_policy,
    "price-index": None,
    "recommendations": RecommendationPolicy.from_table,
    "reviews": ReviewPolicy.from_table,
    "scorecard": None,
}


def _check_keys(table: Mapping[str, Any], known: Mapping[str, Any], name: str) -> None:
    if unknown := sorted(table.keys() - known.keys()):
        msg = f"{name} must have keys among {', '.join(known)}, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _table_of(table: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    value = table[key]
    if not isinstance(value, Mapping):
        msg = f"{key} of {name} must be a table, got {value!r}"
        raise PolicyError(msg)
    return value


def _text_of(table: Mapping[str, Any], key: str, name: str) -> str:
    value = table[key]
    if not isinstance(value, str):
        msg = f"{key} of {name} must be a text, got {value!r}"
        raise PolicyError(msg)
    return value


def _truth_of(table: Mapping[str, Any], key: str, name: str) -> bool:
    value = table[key]
    if not isinstance(value, bool):
        msg = f"{key} of {name} must be true or false, got {value!r}"
        raise PolicyError(msg)
    return value


def _texts_of(table: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        msg = f"{key} of {name} must be a list of texts, got {value!r}"
        raise PolicyError(msg)
    return tuple(value)
