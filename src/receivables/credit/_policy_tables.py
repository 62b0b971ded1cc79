"""The workshop: policies of credit from tables, as TOML gives them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from receivables.errors import PolicyError, ReceivablesError
from receivables.money import Money, money

__all__ = ["built_from", "day_in", "money_in", "plain_key"]

_Policy = TypeVar("_Policy")
_AMOUNT_KEYS: Final = ("amount", "currency")


def plain_key(key: str) -> str:
    """A key with hyphens as the name of a field."""
    return key.replace("-", "_")


def money_in(value: object, *, key: str, name: str, currency: str = "") -> Money:
    """An amount of a table: text or a whole number in `currency`, or a table of amount and currency.

    Raises `PolicyError` naming the key.
    """
    amount, code = value, currency
    if isinstance(value, Mapping) and tuple(sorted(value)) == _AMOUNT_KEYS:
        amount, code = value["amount"], value["currency"]
    if isinstance(amount, bool) or not isinstance(amount, str | int) or not isinstance(code, str):
        msg = f"{key} of {name} must be an amount as text, got {value!r}"
        raise PolicyError(msg)
    try:
        return money(amount, code)
    except ReceivablesError as error:
        msg = f"{key} of {name} must be an amount, got {error}"
        raise PolicyError(msg) from error


def day_in(value: object, *, key: str, name: str) -> dt.date:
    """A day of a table: a date of TOML, or text such as ``2026-12-31``; raises `PolicyError`."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)  # type: ignore[arg-type]  # what is no text is refused
    except (TypeError, ValueError):
        msg = f"{key} of {name} must be a day, got {value!r}"
        raise PolicyError(msg) from None


def built_from(
    kind: Callable[..., _Policy], table: Mapping[str, Any], *, known: tuple[str, ...], name: str
) -> _Policy:
    """A policy from a table whose values are as its fields take them.

    Raises `PolicyError` naming the table for a key that means nothing and a value that cannot be.
    """
    values = {plain_key(key): value for key, value in table.items()}
    if unknown := sorted(set(values) - set(known)):
        keys = ", ".join(key.replace("_", "-") for key in known)
        given = ", ".join(key.replace("_", "-") for key in unknown)
        msg = f"keys of {name} must be among {keys}, got {given}"
        raise PolicyError(msg)
    try:
        return kind(**values)
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"{name} must be valid, got {error}"
        raise PolicyError(msg) from error
