"""The tables that ship along, read when they are first asked for."""

from __future__ import annotations

import functools
from importlib import resources

from receivables.interest import RateSeries, load_rates

__all__ = ["StatutoryRates"]


class StatutoryRates:
    """Reference rates from the CSV files of this package, as published, with their gaps."""

    def series(self) -> tuple[RateSeries, ...]:
        """Every series, by name."""
        return _packaged()


@functools.cache
def _packaged() -> tuple[RateSeries, ...]:
    folder = resources.files("receivables_plugins.rates") / "tables"
    files = [file for file in folder.iterdir() if file.name.endswith(".csv")]
    series = [
        one
        for file in files
        for one in load_rates(file.read_text(encoding="utf-8"), name=file.name)
    ]
    return tuple(sorted(series, key=lambda one: one.name))
