"""The settings of the adapter."""

from __future__ import annotations

import attrs

from receivables.money import digits

__all__ = ["Cpa005Settings"]


@attrs.frozen
class Cpa005Settings:
    """What the file may leave unsaid.

    >>> Cpa005Settings().currency
    'CAD'
    """

    currency: str = attrs.field(default="CAD")
    """The currency of a file whose header does not name one."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)
