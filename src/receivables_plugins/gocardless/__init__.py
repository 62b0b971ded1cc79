"""GoCardless: payouts with the payments that they pay out, from pages of the API and over it.

The shapes of objects were verified against the fixtures of GoCardless's own library, whose amounts
do not reconcile with each other; sums are read as the documentation describes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.gocardless.settings import (
    GoCardlessServiceSettings,
    GoCardlessSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import PayoutReader, PayoutService
    from receivables.transports import Runtime
    from receivables_plugins.gocardless.reader import GoCardlessReader
    from receivables_plugins.gocardless.service import GoCardlessService

__all__ = [
    "GoCardlessServiceSettings",
    "GoCardlessSettings",
    "receivables_payout_readers",
    "receivables_payout_services",
]


def _build(settings: GoCardlessSettings) -> GoCardlessReader:
    from receivables_plugins.gocardless.reader import (  # noqa: PLC0415  # loaded when used
        GoCardlessReader,
    )

    return GoCardlessReader(settings)


def _connect(settings: GoCardlessServiceSettings, runtime: Runtime) -> GoCardlessService:
    from receivables_plugins.gocardless.service import (  # noqa: PLC0415  # see above
        GoCardlessService,
    )

    return GoCardlessService(settings, runtime)


@hookimpl
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:
    """Register the reader ``gocardless``."""
    return [
        AdapterSpec(
            name="gocardless",
            summary="GoCardless's payouts, payout items, payments and events, as pages of JSON",
            factory=_build,
            settings=GoCardlessSettings,
            capabilities=frozenset({"disputes", "movements", "payouts"}),
            verified="third-party recording",
            extra="gocardless",
        )
    ]


@hookimpl
def receivables_payout_services() -> Iterable[AdapterSpec[PayoutService]]:
    """Register the service ``gocardless``."""
    return [
        AdapterSpec(
            name="gocardless",
            summary="GoCardless's payouts with their items and payments, over its API",
            factory=_connect,
            settings=GoCardlessServiceSettings,
            connects=True,
            capabilities=frozenset({"disputes"}),
            verified="own fake only",
            extra="gocardless",
        )
    ]
