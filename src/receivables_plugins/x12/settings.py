"""The settings of the adapter."""

from __future__ import annotations

import attrs

from receivables.money import digits

__all__ = ["X12Settings"]


@attrs.frozen
class X12Settings:
    """What the file may leave unsaid.

    >>> X12Settings().currency
    'USD'
    """

    currency: str = attrs.field(default="USD")
    """The currency of a payment without a segment CUR."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)
