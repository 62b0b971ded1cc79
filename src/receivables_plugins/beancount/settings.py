"""How a journal is laid out as a beancount file."""

from __future__ import annotations

from typing import Any, Final

import attrs

from receivables.errors import PolicyError

__all__ = ["CUSTOMERS", "BeancountSettings"]

CUSTOMERS: Final = ("metadata", "accounts")
"""Where customers can stand: behind each posting, or as accounts below those of the chart."""


@attrs.frozen(kw_only=True)
class BeancountSettings:
    """The settings of the journal writer ``beancount``.

    `customers` is ``metadata`` or ``accounts``; `assertions` adds the balance of every account on
    the day after the last entry, for beancount to check.

    Raises `PolicyError` for a value that is not possible.

    >>> BeancountSettings(customers="accounts").assertions
    False
    """

    title: str = "Receivables"
    customers: str = attrs.field(default="metadata")
    assertions: bool = attrs.field(default=False)

    @customers.validator
    def _check_customers(self, _attribute: object, value: str) -> None:
        if value not in CUSTOMERS:
            msg = f"customers must be one of {', '.join(CUSTOMERS)}, got {value!r}"
            raise PolicyError(msg)

    @assertions.validator
    def _check_assertions(self, _attribute: object, value: Any) -> None:  # noqa: ANN401  # what is given is what is checked
        if not isinstance(value, bool):
            msg = f"assertions must be true or false, got {value!r}"
            raise PolicyError(msg)
