"""From plain tables, as TOML gives them, to terms."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

import attrs

from receivables.days import Adjustment
from receivables.errors import PolicyError
from receivables.money import Money, Rounding, money
from receivables.terms._reading import parse_terms
from receivables.terms.model import (
    Baseline,
    Closure,
    DueRule,
    InstallmentTerms,
    MissingBaseline,
    MonthEnd,
    NextDay,
    Overrun,
    PaymentTerms,
    Residue,
    SettlementDiscount,
    Share,
    TaxBasis,
    ZeroLines,
)

__all__ = ["load_terms"]

T = TypeVar("T")

_ENUMS: Final[Mapping[str, type[enum.Enum]]] = MappingProxyType(
    {
        "adjustment": Adjustment,
        "baseline": Baseline,
        "missing_baseline": MissingBaseline,
        "month_end": MonthEnd,
        "next_day": NextDay,
        "overrun": Overrun,
        "residue": Residue,
        "rounding": Rounding,
        "share": Share,
        "tax_basis": TaxBasis,
        "zero_lines": ZeroLines,
    }
)
_ALIASES: Final = MappingProxyType({"payment_days": "day"})


def load_terms(source: str | Mapping[str, Any]) -> PaymentTerms:
    """Terms from a text of the compact form, or from a table as TOML gives it.

    Keys are the fields with dashes; conventions are given by their values, percentages and
    multiples as whole numbers or text, amounts as ``"100.00 EUR"``, and discounts, installments
    and closures as lists of tables.  Raises `PolicyError` naming the key.

    >>> table = {"days": 30, "discounts": [{"percent": "2.5", "days": 10}], "residue": "first"}
    >>> load_terms(table).discounts[0].percent
    Decimal('2.5')
    """
    if isinstance(source, str):
        return parse_terms(source)
    return _built(PaymentTerms, source, name="terms")


def _built(cls: type[T], table: object, *, name: str) -> T:
    if not isinstance(table, Mapping):
        msg = f"{name} must be a table, got {table!r}"
        raise PolicyError(msg)
    named = {str(key).replace("-", "_"): value for key, value in table.items()}
    given = {_ALIASES.get(key, key): value for key, value in named.items()}
    known = sorted(field.alias or field.name for field in attrs.fields(cls))  # type: ignore[arg-type]  # an attrs class
    if unknown := sorted(set(given) - set(known)):
        shown = ", ".join(key.replace("_", "-") for key in known)
        msg = f"keys of {name} must be among {shown}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    values = {key: _value(key, value, name=name) for key, value in given.items()}
    try:
        return cls(**values)
    except TypeError as error:
        msg = f"{name} must be complete, got {error}"
        raise PolicyError(msg) from None


def _value(key: str, value: Any, *, name: str) -> Any:  # noqa: ANN401  # what TOML gives
    path = f"{key.replace('_', '-')} of {name}"
    if key in _ENUMS:
        return _choice(_ENUMS[key], value, path=path)
    if key in _LISTS:
        if not isinstance(value, list | tuple):
            msg = f"{path} must be a list of tables, got {value!r}"
            raise PolicyError(msg)
        return [_built(_LISTS[key], one, name=path) for one in value]
    reader = _READERS.get(key)
    return value if reader is None else reader(value, path)


def _choice(cls: type[enum.Enum], value: object, *, path: str) -> enum.Enum:
    try:
        return cls(value)
    except ValueError:
        known = ", ".join(str(one.value) for one in cls)
        msg = f"{path} must be one of {known}, got {value!r}"
        raise PolicyError(msg) from None


def _day(value: object, path: str) -> dt.date:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        msg = f"{path} must be a date, got {value!r}"
        raise PolicyError(msg)
    return value


def _multiple(value: object, path: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        msg = f"{path} must be a whole number or text, got {value!r}"
        raise PolicyError(msg)
    try:
        return Decimal(value)
    except ArithmeticError:
        msg = f"{path} must be a number, got {value!r}"
        raise PolicyError(msg) from None


def _amount(value: object, path: str) -> Money:
    if isinstance(value, Money):
        return value
    parts = str(value).split()
    if not isinstance(value, str) or len(parts) != 2:  # noqa: PLR2004  # an amount and its currency
        msg = f"{path} must look like '100.00 EUR', got {value!r}"
        raise PolicyError(msg)
    return money(*parts)


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        msg = f"{path} must be true or false, got {value!r}"
        raise PolicyError(msg)
    return value


_LISTS: Final[Mapping[str, type[DueRule | Closure]]] = MappingProxyType(
    {
        "closures": Closure,
        "discounts": SettlementDiscount,
        "installments": InstallmentTerms,
    }
)
_READERS: Final[Mapping[str, Callable[[object, str], Any]]] = MappingProxyType(
    {
        "amount": _amount,
        "every_year": _flag,
        "first": _day,
        "is_retention": _flag,
        "last": _day,
        "moved_to": _day,
        "round_to": _multiple,
        "sequential": _flag,
    }
)
