"""What each adapter of Oracle Receivables must be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId
from receivables.texts import (
    check_date_format,
    check_encoding,
    check_number_format,
    parse_date,
)

__all__ = [
    "CLASSES",
    "AutoInvoiceSettings",
    "Connection",
    "EbsSettings",
    "FusionPostingSettings",
    "FusionSettings",
    "LockboxFileSettings",
]

CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "BR": "invoice",
        "CB": "debit-note",
        "CM": "credit-note",
        "DEP": "invoice",
        "DM": "debit-note",
        "GUAR": "invoice",
        "INV": "invoice",
        "PMT": "receipt",
    }
)
"""What each class of a payment schedule is to us; that of ``GUAR`` is practice, not documentation."""

_KINDS: Final = ("credit-note", "debit-note", "invoice", "receipt", "skip")


def _day(value: dt.date | str | None) -> dt.date | None:
    return parse_date(value) if isinstance(value, str) else value


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _plain(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in dict(values).items()})


def _classes(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType({**CLASSES, **_plain(values)})


def _encoding(value: str | None) -> str | None:
    return None if value is None else check_encoding(value)


def _among(*known: str) -> Any:  # noqa: ANN401  # a validator of attrs
    def check(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
        if value not in known:
            msg = f"{attribute.name} must be among {', '.join(known)}, got {value!r}"
            raise PolicyError(msg)

    return check


def _given(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  # any field
    if not value:
        msg = f"{attribute.name} must be given, got none"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class EbsSettings:
    """How extracts of the tables of Receivables are read; any column may be missing that is not needed.

    Raises `PolicyError` for a value that is not possible.

    >>> EbsSettings(creditor="MIRA").classes["CM"]
    'credit-note'
    """

    creditor: CreditorId = attrs.field(converter=CreditorId, validator=_given)
    currency: str = ""
    """The currency of the books, for the exchange rates that documents were booked at."""
    delimiter: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(_among(",", ";", "\t", "|"))
    )
    """Found in the heading where it is not given."""
    encoding: str | None = attrs.field(default=None, converter=_encoding)
    decimal: str = "."
    grouping: str = attrs.field(default="")
    date_format: str | None = attrs.field(default=None)
    """Beside ISO 8601 with or without a time, and ``31-DEC-26`` in English, which are always read."""
    snapshot_date: dt.date | None = attrs.field(default=None, converter=_day)
    """The day that the extract was taken, for what was settled on a day that it does not tell."""
    as_of: dt.date | None = attrs.field(default=None, converter=_day)
    """Leave out what has a later accounting date, so that a past day is exactly as it was."""
    classes: Mapping[str, str] = attrs.field(factory=dict, converter=_classes)
    """What a class of payment schedules is, where it is not as usual; ``skip`` leaves it out."""
    numbers: str = attrs.field(default="number", validator=_among("number", "id"))
    """Whether a document is called by its TRX_NUMBER or by its CUSTOMER_TRX_ID."""
    customers: str = attrs.field(default="id", validator=_among("number", "id"))
    """Whether a customer is called by CUST_ACCOUNT_ID or by ACCOUNT_NUMBER."""
    orgs: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """The operating units (ORG_ID) to read; all of them where it is empty."""

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)

    @classes.validator
    def _check_classes(self, _attribute: object, value: Mapping[str, str]) -> None:
        for kind in value.values():
            if kind not in _KINDS:
                msg = f"classes must be mapped to {', '.join(_KINDS)}, got {kind!r}"
                raise PolicyError(msg)


def _https(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query:
        msg = f"{attribute.name} must be https://host, without a user or a query, got another one"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Connection:
    """How a pod of Fusion Cloud is reached; `password` and `client_secret` are names of secrets."""

    creditor: CreditorId = attrs.field(converter=CreditorId, validator=_given)
    url: str = attrs.field(validator=_https)
    """The pod: ``https://abcd.fa.us2.oraclecloud.com``."""
    version: str = attrs.field(
        default="11.13.18.05", validator=attrs.validators.matches_re(r"[a-z0-9.]+")
    )
    auth: str = attrs.field(default="basic", validator=_among("basic", "oauth"))
    user: str = ""
    password: str = ""
    token_url: str = attrs.field(default="")
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    page_size: int = attrs.field(default=500)
    """Rows to ask for at a time; the system gives 500 at most."""

    def __attrs_post_init__(self) -> None:
        wanted: tuple[str, ...] = ("user", "password")
        if self.auth == "oauth":
            wanted = ("token_url", "client_id", "client_secret")
        if missing := [name for name in wanted if not getattr(self, name)]:
            msg = f"{', '.join(missing)} must be given for auth {self.auth!r}, got none"
            raise PolicyError(msg)

    @page_size.validator
    def _check_page_size(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 1 <= value <= 500:  # noqa: PLR2004  # what the system caps at
            msg = f"page_size must be 1 to 500, got {value!r}"
            raise PolicyError(msg)

    @token_url.validator
    def _check_token_url(self, attribute: attrs.Attribute[str], value: str) -> None:
        if value:
            _https(self, attribute, value)


@attrs.frozen(kw_only=True)
class FusionSettings(Connection):
    """How receivables are read from Fusion Cloud over REST.

    >>> FusionSettings(creditor="MIRA", url="https://pod.example", user="ar", password="pod").page_size
    500
    """

    business_units: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Only these business units, by their names; all that the user may see where it is empty."""
    debit_note_types: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Transaction types that are debit notes; any other is an invoice, or by its sign a credit."""
    filters_open: bool = True
    """Whether to ask for open rows alone; without it, all come and the settled ones are left out."""


@attrs.frozen(kw_only=True)
class FusionPostingSettings(Connection):
    """How receipts and documents are created in Fusion Cloud over REST."""

    business_unit: str = attrs.field(validator=_given)
    receipt_method: str = ""
    """The receipt method of Receivables; needed for receipts."""
    methods: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """Other receipt methods by our way of payment (``card``, ``direct-debit``…)."""
    applies: str = attrs.field(default="references", validator=_among("references", "action"))
    """Whether what a receipt pays goes along as references, or is applied by actions afterwards."""
    match_by: str = "Transaction Number"
    """What remittance references are matched by (ReceiptMatchBy)."""
    transaction_source: str = ""
    """The source of transactions that are entered; needed for documents."""
    invoice_type: str = "Invoice"
    debit_note_type: str = ""
    """The transaction type of debit notes; without it, they are refused."""
    payment_terms: str = ""
    """The name of the payment terms for documents; they come without terms where it is empty."""
    tax_regime: str = ""
    """The tax regime of manual tax lines, whose rate code is our tax code; needed for taxes."""
    invoice_status: str = "Complete"
    upserts: bool = True
    """Whether creating sends ``Upsert-Mode: true``, so that what is there already is not doubled."""


@attrs.frozen(kw_only=True)
class AutoInvoiceSettings:
    """How rows for RA_INTERFACE_LINES_ALL are written.

    >>> AutoInvoiceSettings(batch_source="RECEIVABLES", context="RECEIVABLES").customer_by
    'reference'
    """

    batch_source: str = attrs.field(validator=_given)
    """BATCH_SOURCE_NAME."""
    context: str = attrs.field(validator=_given)
    """INTERFACE_LINE_CONTEXT, a context of the line transaction flexfield with three segments."""
    org: str = ""
    ledger: str = ""
    """SET_OF_BOOKS_ID."""
    types: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """CUST_TRX_TYPE_NAME by ``invoice``, ``debit-note``, ``credit-note``."""
    terms: str = ""
    """TERM_NAME of documents whose own terms are not in `term_names`."""
    term_names: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """TERM_NAME by our terms (``net 30``)."""
    customer_by: str = attrs.field(default="reference", validator=_among("reference", "id"))
    """Whether a customer is sent as ORIG_SYSTEM_BILL_CUSTOMER_REF or as …_ID."""
    addresses: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """The bill-to address, as a reference or an id, by customer."""
    conversion_type: str = "Corporate"
    """The rate type of documents that state no rate."""
    currency: str = ""
    """The currency of the books."""


@attrs.frozen(kw_only=True)
class LockboxFileSettings:
    """How rows for AR_PAYMENTS_INTERFACE_ALL are written, one file for a transmission."""

    lockbox: str = attrs.field(validator=_given)
    """LOCKBOX_NUMBER, as it is set up in Receivables."""
    origination: str = ""
    destination: str = ""
    customer_by: str = attrs.field(default="number", validator=_among("number", "id"))
    payment_record: str = attrs.field(default="6", validator=_given)
    """The record type of a payment; what it is, the set-up of the transmission format says."""
    overflow_record: str = attrs.field(default="4", validator=_given)
    overflow_more: str = "0"
    """The overflow indicator of a record after which more of the same payment come."""
    overflow_last: str = "9"
    batch: str = "1"
    receipt_method: str = ""
