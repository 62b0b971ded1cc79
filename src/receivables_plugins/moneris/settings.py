"""Settings of the Moneris adapters."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.cards import holds_card_number
from receivables.errors import PolicyError, UnknownCurrencyError
from receivables.money import digits
from receivables.receipts.payouts import MovementKind
from receivables.texts import (
    check_date_format,
    check_encoding,
    check_number_format,
    parse_date,
)

__all__ = [
    "CARD_TYPES",
    "COLUMNS",
    "PAGE_MAX",
    "TRANSACTION_TYPES",
    "TRANSFERS",
    "DisputeCase",
    "MonerisDirectSettings",
    "MonerisReceiptSettings",
    "MonerisSettings",
]

PAGE_MAX: Final = 20
"""The most rows that the service gives at a time."""

_WINDOW_HOURS_MAX: Final = 23
"""A window may span a day; one that laps over its neighbors must be shorter."""
_LOOKBACK_MAX: Final = 90

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "date": ("Settlement Date", "Deposit Date", "Payment Date", "Date"),
        "merchant": ("Merchant Number", "Merchant ID", "Merchant", "Account Number", "Account"),
        "card-type": ("Card Type", "Card Brand"),
        "kind": ("Payment Type", "Transaction Type", "Type", "Section"),
        "amount": ("Amount", "Net Amount", "Dispute Amount", "Chargeback Amount"),
        "amount-cad": ("Amount (CAD)", "CAD Amount", "Amount CAD", "CAD"),
        "amount-usd": ("Amount (USD)", "USD Amount", "Amount USD", "USD"),
        "currency": ("Currency", "Funds", "Currency Code"),
        "purchases": ("Purchase Amount", "Sales Amount", "Purchases"),
        "refunds": ("Refund Amount", "Refunds"),
        "corrections": ("Correction Amount", "Corrections"),
        "net-total": ("Net Total",),
        "net-deposit": ("Net Deposit",),
        "reference": ("Order ID", "Order Number", "Invoice Number", "Customer ID"),
        "number": ("Reference Number", "Payment Number", "Deposit Number"),
        "description": ("Description", "Details", "Fee Description"),
        "account": ("Bank Account",),
        "case": ("Case Number", "Case ID"),
        "respond-by": ("Respond By Date", "Respond By", "Response Due Date", "Due Date"),
        "reason-code": ("Reason Code",),
        "reason": ("Reason", "Reason Description"),
        "status": ("Status", "Dispute Status"),
    }
)
"""Our fields, and the headings that an export may have for each; not verified against a file."""

CARD_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"1": "visa", "2": "mastercard", "3": "amex", "10": "interac"}
)
"""The card types of an export, by their numbers."""

TRANSFERS: Final = ("row", "card-type", "day")
"""What makes up one transfer to the bank: each row, each card type of a day, or a whole day."""

TRANSACTION_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "00": "payment",
        "01": "none",
        "02": "payment",
        "04": "refund",
        "06": "none",
        "11": "failed",
    }
)
"""The kind of movement of each type of the gateway: purchase, pre-authorization, completion, refund,
verification, void."""

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deposit": "deposit",
        "deposits": "deposit",
        "credit": "deposit",
        "fee": "fee",
        "fees": "fee",
        "chargeback": "chargeback",
        "chargebacks": "chargeback",
        "chargeback reversal": "chargeback-reversal",
        "representment": "chargeback-reversal",
        "adjustment": "adjustment",
        "adjustments": "adjustment",
        "chargebacks/adjustments": "adjustment",
        "reserve": "reserve-held",
        "reserve held": "reserve-held",
        "reserve release": "reserve-released",
        "reserve released": "reserve-released",
    }
)
_VALUES: Final = frozenset({kind.value for kind in MovementKind} | {"deposit", "none"})
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _check_currency(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    try:
        digits(value)
    except UnknownCurrencyError as error:
        msg = f"{attribute.name}: {error}"
        raise PolicyError(msg) from None


def _check_zone(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        msg = f"{attribute.name} must be a zone of the IANA database, got {value!r}"
        raise PolicyError(msg) from None


def _check_clock(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if _CLOCK.fullmatch(value) is None:
        msg = f"{attribute.name} must be hours and minutes such as 23:00, got {value!r}"
        raise PolicyError(msg)


def _check_between(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        msg = f"{name} must be {least} to {most}, got {value!r}"
        raise PolicyError(msg)


def _day(value: dt.date | str | None) -> dt.date | None:
    return parse_date(value) if isinstance(value, str) else value


def _needed_day(value: dt.date | str) -> dt.date:
    return parse_date(value) if isinstance(value, str) else value


def _decimal(value: str | int | Decimal) -> Decimal:
    if isinstance(value, float | bool):
        msg = f"amount must be a text, got a {type(value).__name__}"
        raise PolicyError(msg)
    try:
        return Decimal(value)
    except InvalidOperation:
        msg = f"amount must be a number, got {value!r}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class DisputeCase:
    """A dispute to ask after: what the notice of Moneris says, because its service does not say it.

    >>> DisputeCase(case="121719004438", amount="35.00", opened_on="2026-10-05").record
    0
    """

    case: str = attrs.field()
    record: int = attrs.field(default=0)
    amount: Decimal = attrs.field(converter=_decimal)
    currency: str = attrs.field(default="CAD", validator=_check_currency)
    opened_on: dt.date = attrs.field(converter=_needed_day)
    respond_by: dt.date | None = attrs.field(default=None, converter=_day)
    movement: str = ""
    """The payment that is disputed."""
    reference: str = attrs.field(default="")
    reason_code: str = ""
    reason: str = ""

    @case.validator
    def _check_case(self, _attribute: object, value: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9]{12}", value):
            msg = f"case must be twelve letters or figures, got {len(value)} characters"
            raise PolicyError(msg)

    @record.validator
    def _check_record(self, _attribute: object, value: int) -> None:
        _check_between("record", value, 0, 99)

    @reference.validator
    def _check_reference(self, _attribute: object, value: str) -> None:
        if holds_card_number(value):
            msg = "reference must hold no card number, got one"
            raise PolicyError(msg)


def _cases(values: Iterable[DisputeCase | Mapping[str, Any]]) -> tuple[DisputeCase, ...]:
    return tuple(
        DisputeCase(**{key.replace("-", "_"): each for key, each in value.items()})
        if isinstance(value, Mapping)
        else value
        for value in values
    )


@attrs.frozen(kw_only=True)
class MonerisSettings:
    """What the service needs to know; `client_id`, `client_secret`, `api_key` are names of secrets.

    >>> MonerisSettings(merchant="0123456789101").page_size
    20
    """

    merchant: str = attrs.field()
    """The thirteen characters that Moneris names a merchant by."""
    url: str = "https://api.moneris.io"
    client_id: str = "moneris-client-id"
    client_secret: str = "moneris-client-secret"  # noqa: S105  # the name of a secret
    api_key: str = ""
    """The name of a secret as well; with it, no token is asked for."""
    api_version: str = "2025-08-14"
    scope: str = "payment.read refund.read dispute.read"
    page_size: int = attrs.field(default=PAGE_MAX)
    window_hours: int = attrs.field(default=12)
    """How many hours are asked for at a time; a second more at both ends."""
    lookback_days: int = attrs.field(default=7)
    """How many days before the first one a payment may have been authorized that was completed since."""
    adds_surcharge: bool = True
    """Whether a surcharge is added to the amount of a payment, which is said to be without it."""
    time_zone: str = attrs.field(default="America/Toronto", validator=_check_zone)
    closes_at: str = attrs.field(default="23:00", validator=_check_clock)
    """When a batch closes, in the time zone; what comes later is settled with the next day."""
    cases: tuple[DisputeCase, ...] = attrs.field(default=(), converter=_cases)
    """Disputes to ask after; there is no list of them."""

    @merchant.validator
    def _check_merchant(self, _attribute: object, value: str) -> None:
        if not value.strip():
            msg = "merchant must be given, got an empty text"
            raise PolicyError(msg)

    @page_size.validator
    def _check_page_size(self, _attribute: object, value: int) -> None:
        _check_between("page_size", value, 1, PAGE_MAX)

    @window_hours.validator
    def _check_window_hours(self, _attribute: object, value: int) -> None:
        _check_between("window_hours", value, 1, _WINDOW_HOURS_MAX)

    @lookback_days.validator
    def _check_lookback_days(self, _attribute: object, value: int) -> None:
        _check_between("lookback_days", value, 0, _LOOKBACK_MAX)


def _columns(values: Mapping[str, str | Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    given = {
        key: (value,) if isinstance(value, str) else tuple(value)
        for key, value in dict(values).items()
    }
    return MappingProxyType({**COLUMNS, **given})


def _named(values: Mapping[str, str]) -> Mapping[str, str]:
    given = {key.strip().casefold(): value for key, value in dict(values).items()}
    return MappingProxyType({**_KINDS, **given})


def _card_types(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({**CARD_TYPES, **dict(values)})


def _types(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({**TRANSACTION_TYPES, **dict(values)})


def _check_kinds(
    _instance: object, attribute: attrs.Attribute[Any], value: Mapping[str, str]
) -> None:
    if unknown := sorted(set(value.values()) - _VALUES):
        msg = f"{attribute.name} must give kinds among {', '.join(sorted(_VALUES))}, got {', '.join(unknown)}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class MonerisDirectSettings:
    """How exports of Merchant Direct are read; no real file was at hand, so every heading can be set.

    >>> MonerisDirectSettings(columns={"date": "Date de règlement"}).columns["date"]
    ('Date de règlement',)
    """

    columns: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_columns)
    """Our field by name, and the heading, or the headings, that it has in the export."""
    currency: str = attrs.field(default="CAD", validator=_check_currency)
    """The currency of rows that do not say theirs."""
    merchant: str = ""
    kinds: Mapping[str, str] = attrs.field(factory=dict, converter=_named, validator=_check_kinds)
    """What a row of the bank reconciliation is by its words, beside those that are known."""
    card_types: Mapping[str, str] = attrs.field(factory=dict, converter=_card_types)
    transfer: str = attrs.field(default="")
    """What makes up one transfer; a row in a bank reconciliation and a day in a summary, unless said."""
    decimal: str = "."
    grouping: str = attrs.field(default=",")
    date_format: str | None = attrs.field(default=None)
    """For dates that are neither eight figures (``20261005``) nor as ISO 8601 says."""
    encoding: str | None = attrs.field(default=None)

    @columns.validator
    def _check_columns(self, _attribute: object, value: Mapping[str, object]) -> None:
        if unknown := sorted(set(value) - set(COLUMNS)):
            msg = f"columns must be among {', '.join(sorted(COLUMNS))}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @transfer.validator
    def _check_transfer(self, _attribute: object, value: str) -> None:
        if value and value not in TRANSFERS:
            msg = f"transfer must be one of {', '.join(TRANSFERS)}, got {value!r}"
            raise PolicyError(msg)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)

    @encoding.validator
    def _check_encoding(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_encoding(value)


@attrs.frozen(kw_only=True)
class MonerisReceiptSettings:
    """How receipts of the older gateway (eSELECTplus) are read.

    >>> MonerisReceiptSettings().types["04"]
    'refund'
    """

    currency: str = attrs.field(default="CAD", validator=_check_currency)
    """The currency of the store; a receipt does not say it."""
    types: Mapping[str, str] = attrs.field(factory=dict, converter=_types, validator=_check_kinds)
    """The kind of movement of each type of transaction, beside those that are known."""
    totals_in_cents: bool = True
    """Whether batch totals without a decimal point are cents; not verified."""
