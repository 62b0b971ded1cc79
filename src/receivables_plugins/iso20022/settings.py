"""Settings of the reader of status reports."""

from __future__ import annotations

import attrs

from receivables.errors import PolicyError, UnknownCurrencyError
from receivables.money import digits

__all__ = ["StatusSettings"]


@attrs.frozen
class StatusSettings:
    """What a status report leaves unsaid.

    >>> StatusSettings("EUR").currency
    'EUR'
    """

    currency: str = attrs.field(default="")
    """The currency of totals, which have none: those of a file that is rejected as a whole."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        try:
            if value:
                digits(value)
        except UnknownCurrencyError as error:
            raise PolicyError(str(error)) from None
