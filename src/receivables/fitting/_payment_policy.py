"""The workshop: how a payment model is fitted."""

from __future__ import annotations

from typing import Any

import attrs

from receivables.errors import PolicyError

__all__ = ["PaymentFitPolicy"]


def _positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  # of any field
    if value <= 0:
        msg = f"{attribute.name} must be above zero, got {value}"
        raise PolicyError(msg)


def _percent(_: object, attribute: attrs.Attribute[Any], value: int) -> None:
    if not 0 < value <= 100:  # noqa: PLR2004  # all of it
        msg = f"{attribute.name} must be above zero and at most 100, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class PaymentFitPolicy:
    """How a model of payment dates is fitted; the defaults were chosen on windows of a real history.

    >>> PaymentFitPolicy().trees
    150
    """

    items_max: int = attrs.field(default=25_000, validator=_positive)
    """Of a longer history the newest items are fitted on; habits are counted from all of it."""
    payments_min: int = attrs.field(default=300, validator=_positive)
    """With fewer payments nothing is fitted, and the habits alone speak."""
    trust_payments: int = attrs.field(default=150, validator=_positive)
    """So many payments of a creditor and currency make the fit and the habit count alike."""
    fit_percent: int = attrs.field(default=65, validator=_percent)
    """How much the fit counts at most; the habit has the rest, for two views err less than one."""
    trees: int = attrs.field(default=150, validator=_positive)
    leaves: int = attrs.field(default=15, validator=_positive)
    learning_rate: float = attrs.field(default=0.1, validator=_positive)
    leaf_rows_min: int = attrs.field(default=40, validator=_positive)
    seed: int = 0
