"""What the adapters of GoCardless must be told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from receivables.errors import PolicyError
from receivables.receipts.payout_reports import check_kinds, check_time_zone
from receivables.receipts.payouts import MovementKind

__all__ = ["GoCardlessServiceSettings", "GoCardlessSettings"]


def _kinds(values: Mapping[str, str]) -> Mapping[str, MovementKind]:
    return MappingProxyType(dict(check_kinds(values)))


def _without_slash(text: str) -> str:
    return text.rstrip("/")


@attrs.frozen(kw_only=True)
class GoCardlessSettings:
    """How files of GoCardless are read; raises `PolicyError` for a value that is not possible.

    >>> GoCardlessSettings(reference="invoice").reference
    'invoice'
    """

    time_zone: str = attrs.field(default="UTC")
    """The zone whose days count."""
    reference: str = ""
    """The key of a payment's metadata that holds our own reference; else its ``reference``."""
    kinds: Mapping[str, MovementKind] = attrs.field(factory=dict, converter=_kinds)
    """Kinds of movements by the type of a payout item, beyond those that are known."""
    payout: str = ""
    """The payout whose items a list has, which it does not say itself."""

    @time_zone.validator
    def _check_time_zone(self, _attribute: object, value: str) -> None:
        check_time_zone(value)


@attrs.frozen(kw_only=True)
class GoCardlessServiceSettings:
    """How the API of GoCardless is reached and read; raises `PolicyError` for an impossible value."""

    secret: str = "gocardless-access-token"  # noqa: S105  # the name of a secret, and none itself
    """The name of the access token; one that may only read will do."""
    url: str = attrs.field(default="https://api.gocardless.com", converter=_without_slash)
    version: str = "2015-07-06"
    """The version of the API (header ``GoCardless-Version``)."""
    creditor: str = ""
    """The creditor whose payouts to read; all of them without it."""
    time_zone: str = attrs.field(default="UTC")
    """The zone whose days count."""
    reference: str = ""
    """The key of a payment's metadata that holds our own reference; else its ``reference``."""
    kinds: Mapping[str, MovementKind] = attrs.field(factory=dict, converter=_kinds)
    """Kinds of movements by the type of a payout item, beyond those that are known."""

    @time_zone.validator
    def _check_time_zone(self, _attribute: object, value: str) -> None:
        check_time_zone(value)

    @url.validator
    def _check_url(self, _attribute: object, value: str) -> None:
        if not value.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            msg = f"url must begin with https://, got {value!r}"
            raise PolicyError(msg)
