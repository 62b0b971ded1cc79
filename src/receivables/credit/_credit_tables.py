"""The workshop: tables of a file become the fields of a policy, and what is wrong is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import attrs

from receivables.errors import PolicyError, ReceivablesError
from receivables.money import digits

__all__ = ["ANY", "amount_in", "amounts_table", "built", "fields_of"]

ANY: Final = "*"
"""The key of what holds wherever nothing else is said."""

_AMOUNT_MAX: Final = 10**12
"""Whole units of a currency: in four decimals still within the limit of an amount."""

_Policy = TypeVar("_Policy")


def built(build: Callable[[], _Policy], name: str) -> _Policy:
    """What is built from a table; whatever is wrong is a `PolicyError` that names the table."""
    try:
        return build()
    except PolicyError as error:
        msg = str(error) if str(error).startswith(name) else f"{name}: {error}"
        raise PolicyError(msg) from error
    except (ReceivablesError, TypeError, ValueError, AttributeError, LookupError) as error:
        msg = f"{name} must hold a policy, got {error}"
        raise PolicyError(msg) from error


def fields_of(data: Mapping[str, Any], kind: type[Any], name: str) -> dict[str, Any]:
    """The keys of a table as fields of a class, hyphens as underscores; one it has not is refused."""
    if not isinstance(data, Mapping):
        msg = f"{name} must be a table, got {data!r}"
        raise PolicyError(msg)
    values = {key.replace("-", "_"): value for key, value in data.items()}
    known = {field.name for field in attrs.fields(kind) if field.init}
    if unknown := sorted(values.keys() - known):
        names = ", ".join(sorted(field.replace("_", "-") for field in known))
        msg = f"keys of {name} must be among {names}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    return values


def amounts_table(values: Mapping[str, Any]) -> Mapping[str, int]:
    """Whole units of money by currency, checked; ``*`` is for those that are not named."""
    for currency, amount in values.items():
        if currency != ANY:
            digits(currency)
        if (
            isinstance(amount, bool)
            or not isinstance(amount, int)
            or not 0 <= amount <= _AMOUNT_MAX
        ):
            msg = f"amount in {currency} must be a whole number from 0 to {_AMOUNT_MAX}, got {amount!r}"
            raise PolicyError(msg)
    return dict(values)


def amount_in(amounts: Mapping[str, int], currency: str) -> int | None:
    """An amount of a table in minor units of a currency; None where the table says nothing of it.

    >>> amount_in({"EUR": 500, "*": 100}, "EUR"), amount_in({"*": 100}, "JPY"), amount_in({}, "EUR")
    (50000, 100, None)
    """
    found = amounts.get(currency, amounts.get(ANY))
    return None if found is None else found * 10 ** digits(currency)
