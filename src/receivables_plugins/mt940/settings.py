"""What a reader of MT940 may be told, where the files of a bank do not say it."""

from __future__ import annotations

from typing import Final

import attrs

from receivables.errors import PolicyError, UnknownCurrencyError
from receivables.money import digits
from receivables.texts import check_encoding

__all__ = ["INTERIM", "Mt940Settings"]

INTERIM: Final = ("pending", "booked")
"""What the entries of an interim report (MT942) can be taken for."""


@attrs.frozen(kw_only=True)
class Mt940Settings:
    """Settings of the adapter ``mt940``; raises `PolicyError` for what is impossible.

    >>> Mt940Settings(encoding="cp850").interim
    'pending'
    """

    encoding: str | None = attrs.field(default=None)
    """The encoding of the files; without it UTF-8, and Windows-1252 where that is not possible."""
    currency: str = attrs.field(default="")
    """The currency of a statement that says none, as a report without balances may do."""
    interim: str = attrs.field(default="pending")
    """Entries of MT942 come again in MT940, so that they are ``pending``, unless said ``booked``."""

    @encoding.validator
    def _check_encoding(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_encoding(value)

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        try:
            digits(value or "EUR")
        except UnknownCurrencyError as error:
            raise PolicyError(str(error)) from None

    @interim.validator
    def _check_interim(self, _attribute: object, value: str) -> None:
        if value not in INTERIM:
            msg = f"interim must be one of {', '.join(INTERIM)}, got {value!r}"
            raise PolicyError(msg)
