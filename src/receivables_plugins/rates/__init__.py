"""Dated tables of reference rates, each row with its source and status.

They stand in CSV files beside this module, one row for each span of days.  What was looked for and
not found is a row too, so that a gap says why it is one.
"""

from __future__ import annotations

from receivables.adapters import AdapterSpec, NoSettings, RateSource
from receivables.hookspecs import hookimpl

__all__ = ["receivables_rate_sources"]


def _build(_settings: NoSettings) -> RateSource:
    from receivables_plugins.rates.source import StatutoryRates  # noqa: PLC0415  # loaded when used

    return StatutoryRates()


@hookimpl
def receivables_rate_sources() -> list[AdapterSpec[RateSource]]:
    """Register the source ``statutory``."""
    return [
        AdapterSpec(
            name="statutory",
            summary="reference rates of late-payment law: ECB, France, Germany, United Kingdom, others",
            factory=_build,
            verified="third-party recording",
        )
    ]
