"""How a journal is laid out as an hledger file."""

from __future__ import annotations

from typing import Any, Final

import attrs

from receivables.errors import PolicyError

__all__ = ["CUSTOMERS", "HledgerSettings"]

CUSTOMERS: Final = ("tags", "accounts")
"""Where customers can stand: as a tag of each posting, or as accounts below those of the chart."""


@attrs.frozen(kw_only=True)
class HledgerSettings:
    """The settings of the journal writer ``hledger``.

    `customers` is ``tags`` or ``accounts``; `assertions` adds a last transaction that asserts the
    balance of every account.

    Raises `PolicyError` for a value that is not possible.

    >>> HledgerSettings(customers="accounts").assertions
    False
    """

    customers: str = attrs.field(default="tags")
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
