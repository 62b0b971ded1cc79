"""Settings of the Cybersource adapters."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.receipts.payouts import MovementKind
from receivables.texts import check_date_format, check_encoding
from receivables_plugins.cybersource.names import APPLICATIONS, EVENTS, FIELDS

__all__ = ["PAGE_MAX", "ROUTES", "CybersourceReportSettings", "CybersourceSettings"]

PAGE_MAX: Final = 2_000
"""The most rows that the service gives of the purchase and refund details at a time."""

ROUTES: Final = ("reports", "details")
"""Where the service takes movements from: the daily report, or the purchase and refund details."""

_KINDS: Final = frozenset({kind.value for kind in MovementKind} | {"none"})
_WAITS_MAX: Final = 100
_SECONDS_MAX: Final = 600


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.strip().casefold() for value in values)


def _events(values: Mapping[str, str]) -> Mapping[str, str]:
    given = {key.strip().casefold(): value for key, value in dict(values).items()}
    return MappingProxyType({**EVENTS, **given})


def _applications(values: Mapping[str, str]) -> Mapping[str, str]:
    given = {key.strip().casefold(): value for key, value in dict(values).items()}
    return MappingProxyType({**APPLICATIONS, **given})


def _check_kinds(_instance: object, attribute: object, value: Mapping[str, str]) -> None:
    if unknown := sorted(set(value.values()) - _KINDS):
        name = getattr(attribute, "name", "")
        msg = f"{name} must give kinds among {', '.join(sorted(_KINDS))}, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _check_columns(_instance: object, _attribute: object, value: Mapping[str, str]) -> None:
    if unknown := sorted(set(value) - set(FIELDS)):
        msg = f"columns must be among {', '.join(sorted(FIELDS))}, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _check_zone(_instance: object, _attribute: object, value: str) -> None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        msg = f"time_zone must be a zone of the IANA database, got {value!r}"
        raise PolicyError(msg) from None


def _check_format(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None:
        check_date_format(value)


def _check_encoding(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None:
        check_encoding(value)


_FAILED: Final = (
    "failed",
    "error",
    "batch error",
    "rejected",
    "declined",
    "canceled",
    "cancelled",
    "voided",
)


@attrs.frozen(kw_only=True)
class CybersourceReportSettings:
    """How reports of Cybersource are read; headings that are ours need no setting.

    >>> CybersourceReportSettings(columns={"funding-day": "Paid On"}).time_zone
    'UTC'
    """

    columns: Mapping[str, str] = attrs.field(factory=dict, validator=_check_columns)
    """Our field by name, and the heading or element that it has in a report of one's own."""
    merchant: str = ""
    """The merchant account, where a report does not say it."""
    time_zone: str = attrs.field(default="UTC", validator=_check_zone)
    """The zone whose days are meant; moments without a zone are in UTC."""
    date_format: str | None = attrs.field(default=None, validator=_check_format)
    """For days that are not as ISO 8601 says."""
    encoding: str | None = attrs.field(default=None, validator=_check_encoding)
    failed_statuses: tuple[str, ...] = attrs.field(default=_FAILED, converter=_texts)
    """What a report says of a transaction that was not settled; not verified."""
    events: Mapping[str, str] = attrs.field(factory=dict, converter=_events, validator=_check_kinds)
    """The kind of movement that an event is, or ``none``, beside those that are known."""
    applications: Mapping[str, str] = attrs.field(
        factory=dict, converter=_applications, validator=_check_kinds
    )
    """The kind of movement that an application of Cybersource is, beside those that are known."""


def _report_settings(
    value: CybersourceReportSettings | Mapping[str, Any],
) -> CybersourceReportSettings:
    """Settings as they are, or from a table of TOML."""
    if not isinstance(value, Mapping):
        return value
    named = {key.replace("-", "_"): each for key, each in value.items()}
    return CybersourceReportSettings(**named)


@attrs.frozen(kw_only=True)
class CybersourceSettings:
    """What the service needs to know; `key_id` and `shared_secret` are names of secrets.

    >>> CybersourceSettings(organization="mira").merchant_account
    'mira'
    """

    organization: str
    merchant: str = ""
    """The merchant account that signs; the organization where it is not given."""
    url: str = "https://api.cybersource.com"
    key_id: str = "cybersource-key-id"
    shared_secret: str = "cybersource-shared-secret"  # noqa: S105  # the name of a secret
    route: str = attrs.field(default="reports", validator=attrs.validators.in_(ROUTES))
    report: str = "PaymentBatchDetailReport"
    """The definition of the daily report, for the route ``reports``."""
    report_name: str = ""
    """The name that it was subscribed to under; that of its definition where it is not given."""
    report_format: str = attrs.field(default="csv", validator=attrs.validators.in_(("csv", "xml")))
    creates: bool = False
    """Whether a daily report that does not exist is asked for."""
    waits: int = attrs.field(default=10)
    """How often to come back for a report that is not ready."""
    wait_seconds: int = attrs.field(default=30)
    page_size: int = attrs.field(default=PAGE_MAX)
    funded: bool = False
    """Whether the processor reports net fundings; only some do, and without them a day is no payout."""
    controlled: bool = True
    """Whether counts and amounts are compared with the payment batch summaries."""
    reading: CybersourceReportSettings = attrs.field(
        factory=CybersourceReportSettings, converter=_report_settings
    )
    """How the reports are read."""
    date_header: str = attrs.field(
        default="date", validator=attrs.validators.in_(("date", "v-c-date"))
    )
    target_label: str = attrs.field(
        default="(request-target)",
        validator=attrs.validators.in_(("(request-target)", "request-target")),
    )

    @waits.validator
    def _check_waits(self, _attribute: object, value: int) -> None:
        _check_between("waits", value, 0, _WAITS_MAX)

    @wait_seconds.validator
    def _check_wait_seconds(self, _attribute: object, value: int) -> None:
        _check_between("wait_seconds", value, 1, _SECONDS_MAX)

    @page_size.validator
    def _check_page_size(self, _attribute: object, value: int) -> None:
        _check_between("page_size", value, 1, PAGE_MAX)

    @property
    def merchant_account(self) -> str:
        """The merchant account that signs."""
        return self.merchant or self.organization


def _check_between(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        msg = f"{name} must be {least} to {most}, got {value!r}"
        raise PolicyError(msg)
