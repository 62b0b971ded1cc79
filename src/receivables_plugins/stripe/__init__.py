"""Stripe: payouts with the movements that they pay out, and disputes, from files and over its API.

Verified against balance transactions of a third party (Fivetran's seeds) and the API's own fixtures;
the itemized payout report is read as its documentation describes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.stripe.settings import StripeServiceSettings, StripeSettings

if TYPE_CHECKING:
    from receivables.adapters import PayoutReader, PayoutService
    from receivables.transports import Runtime
    from receivables_plugins.stripe.reader import StripeReader
    from receivables_plugins.stripe.service import StripeService

__all__ = [
    "StripeServiceSettings",
    "StripeSettings",
    "receivables_payout_readers",
    "receivables_payout_services",
]


def _build(settings: StripeSettings) -> StripeReader:
    from receivables_plugins.stripe.reader import StripeReader  # noqa: PLC0415  # loaded when used

    return StripeReader(settings)


def _connect(settings: StripeServiceSettings, runtime: Runtime) -> StripeService:
    from receivables_plugins.stripe.service import StripeService  # noqa: PLC0415  # see above

    return StripeService(settings, runtime)


@hookimpl
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:
    """Register the reader ``stripe``."""
    return [
        AdapterSpec(
            name="stripe",
            summary="Stripe's itemized payouts, balance transactions and disputes, as CSV and JSON",
            factory=_build,
            settings=StripeSettings,
            capabilities=frozenset({"disputes", "movements", "payouts"}),
            verified="third-party recording",
            extra="stripe",
        )
    ]


@hookimpl
def receivables_payout_services() -> Iterable[AdapterSpec[PayoutService]]:
    """Register the service ``stripe``."""
    return [
        AdapterSpec(
            name="stripe",
            summary="Stripe's payouts with their balance transactions, and disputes, over its API",
            factory=_connect,
            settings=StripeServiceSettings,
            connects=True,
            capabilities=frozenset({"disputes"}),
            verified="own fake only",
            extra="stripe",
        )
    ]
