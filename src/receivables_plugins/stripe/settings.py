"""What the adapters of Stripe must be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.receipts.payout_reports import check_kinds, check_time_zone
from receivables.receipts.payouts import MovementKind

__all__ = ["StripeServiceSettings", "StripeSettings"]

_UNITS: Final = ("", "major", "minor")


def _names(values: Iterable[str] | str) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _kinds(values: Mapping[str, str]) -> Mapping[str, MovementKind]:
    return MappingProxyType(dict(check_kinds(values)))


def _without_slash(text: str) -> str:
    return text.rstrip("/")


@attrs.frozen(kw_only=True)
class StripeSettings:
    """How files of Stripe are read; raises `PolicyError` for a value that is not possible.

    >>> StripeSettings(kinds={"network_cost": "fee"}).kinds["network_cost"]
    <MovementKind.FEE: 'fee'>
    """

    time_zone: str = attrs.field(default="UTC")
    """The zone whose days count; Stripe's own are those of UTC."""
    units: str = attrs.field(default="")
    """``major`` or ``minor``; without it, ``gross`` is major and ``amount`` minor."""
    references: tuple[str, ...] = attrs.field(
        default=("invoice_number", "payment_metadata[order_id]"), converter=_names
    )
    """Columns, or keys of the metadata of a charge, that hold our own reference; the first wins."""
    kinds: Mapping[str, MovementKind] = attrs.field(factory=dict, converter=_kinds)
    """Kinds of movements by Stripe's reporting category or type, beyond those that are known."""
    payout: str = ""
    """The payout whose balance transactions a list of the API has, which it does not say itself."""
    merchant: str = ""
    """The merchant account of ours that the reports are of."""

    @time_zone.validator
    def _check_time_zone(self, _attribute: object, value: str) -> None:
        check_time_zone(value)

    @units.validator
    def _check_units(self, _attribute: object, value: str) -> None:
        if value not in _UNITS:
            msg = f"units must be 'major', 'minor' or left out, got {value!r}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class StripeServiceSettings:
    """How the API of Stripe is reached and read; raises `PolicyError` for an impossible value."""

    secret: str = "stripe-secret-key"  # noqa: S105  # the name of a secret, and none itself
    """The name of the secret key; a restricted key that reads balance, payouts and disputes will do."""
    url: str = attrs.field(default="https://api.stripe.com", converter=_without_slash)
    account: str = ""
    """The connected account to read, where the key is a platform's."""
    version: str = ""
    """The version of the API to ask for; the account's own without it."""
    time_zone: str = attrs.field(default="UTC")
    """The zone whose days count."""
    references: tuple[str, ...] = attrs.field(default=("order_id",), converter=_names)
    """Keys of the metadata of a charge that hold our own reference; the first wins."""
    kinds: Mapping[str, MovementKind] = attrs.field(factory=dict, converter=_kinds)
    """Kinds of movements by Stripe's reporting category or type, beyond those that are known."""

    @time_zone.validator
    def _check_time_zone(self, _attribute: object, value: str) -> None:
        check_time_zone(value)

    @url.validator
    def _check_url(self, _attribute: object, value: str) -> None:
        if not value.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            msg = f"url must begin with https://, got {value!r}"
            raise PolicyError(msg)
