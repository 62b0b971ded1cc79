"""Public holidays of countries and regions, from the package ``holidays``."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from receivables.adapters import AdapterSpec, CalendarSource
from receivables.hookspecs import hookimpl

__all__ = ["HolidaySettings", "receivables_calendars"]


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@attrs.frozen(kw_only=True)
class HolidaySettings:
    """Which days count as holidays."""

    categories: tuple[str, ...] = attrs.field(default=("public",), converter=_names)
    """The categories of the package: ``public``, and what a country has besides (``bank``…)."""
    observed: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether a holiday on a weekend is kept on another day, where the law has it so."""


def _build(settings: HolidaySettings) -> CalendarSource:
    from receivables_plugins.holidays.source import HolidaySource  # noqa: PLC0415  # needs the extra

    return HolidaySource(settings)


@hookimpl
def receivables_calendars() -> list[AdapterSpec[CalendarSource]]:
    """Register the source ``holidays``."""
    return [
        AdapterSpec(
            name="holidays",
            summary="public holidays of countries and regions, and the closing days of TARGET",
            factory=_build,
            settings=HolidaySettings,
            capabilities={"regions", "target"},
            verified="third-party recording",
            extra="calendars",
        )
    ]
