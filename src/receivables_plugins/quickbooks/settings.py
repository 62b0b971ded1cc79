"""What the adapters of QuickBooks must be told; secrets are named here, and never given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.money import digits
from receivables.parties import CreditorId
from receivables.texts import (
    check_date_format,
    check_encoding,
    check_number_format,
    parse_date,
)
from receivables.transports import Secret

__all__ = [
    "BATCH_MAX",
    "ENTITIES",
    "NUMBERS",
    "PAGE_MAX",
    "IifSettings",
    "IifTargetSettings",
    "ObjectsSettings",
    "ReportSettings",
    "ServiceSettings",
    "TargetSettings",
]

ENTITIES: Final = ("Invoice", "CreditMemo", "Payment", "JournalEntry", "Deposit", "Purchase")
"""The kinds of object that can stand on a receivable account, as Online calls them."""

NUMBERS: Final = ("document", "id")
"""What names a document: the number that people see, or the system's own identifier."""

PAGE_MAX: Final = 1_000
"""Rows of one answer to a query; Online gives no more."""

BATCH_MAX: Final = 30
"""Writes of one batch; Online takes no more."""


def _checked_format(value: str) -> str:
    return check_date_format(value)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    # A lone text is a likely slip, and would otherwise be taken letter by letter.
    return (values,) if isinstance(values, str) else tuple(str(value) for value in values)


def _table(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in dict(values).items()})


def _encoding(value: str | None) -> str | None:
    return None if value is None else check_encoding(value)


def _day(value: dt.date | str | None) -> dt.date | None:
    return parse_date(value) if isinstance(value, str) else value


def _check_currency(_instance: object, _attribute: object, value: str) -> None:
    if value:
        digits(value)


def _among(name: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        msg = f"{name} must be among {', '.join(known)}, got {value!r}"
        raise PolicyError(msg)


def _within(name: str, value: int, most: int) -> None:
    if type(value) is not int or not 1 <= value <= most:
        msg = f"{name} must be 1 to {most}, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class ObjectsSettings:
    """The settings of the ledger source ``quickbooks-objects``.

    `currency` is that of the books, and of objects that name none.  `numbers` is ``document`` (the
    number that people see, which Online lets two documents share) or ``id``.  `receivable_accounts`
    are identifiers or names of accounts that hold receivables, where no list of accounts says so.

    Raises `PolicyError` for a value that is not possible.

    >>> ObjectsSettings(creditor="MIRA", currency="CAD").numbers
    'document'
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = attrs.field(default="", validator=_check_currency)
    locale: str = "en"
    """The language of the customers, which the system does not keep."""
    country: str = ""
    """The country of customers whose address names none, or one that is not understood."""
    numbers: str = attrs.field(default="document")
    receivable_accounts: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    @numbers.validator
    def _check_numbers(self, _attribute: object, value: str) -> None:
        _among("numbers", value, NUMBERS)


@attrs.frozen(kw_only=True)
class ServiceSettings(ObjectsSettings):
    """The settings of the ledger service ``quickbooks``, which reads Online over its interface.

    `realm` is the identifier of the company.  `client_id`, `client_secret` and `refresh_token` are
    *names* of secrets.  Refresh tokens are replaced about once a day, and the old one dies a day
    later: `keep_refresh_token` is called with each new one, so that it can be put where the runtime
    finds it next time.

    Raises `PolicyError` for a value that is not possible.
    """

    realm: str = attrs.field(converter=str)
    client_id: str = "quickbooks-client-id"
    client_secret: str = "quickbooks-client-secret"  # noqa: S105  # the name of one
    refresh_token: str = "quickbooks-refresh-token"  # noqa: S105  # the name of one
    keep_refresh_token: Callable[[Secret], object] | None = attrs.field(default=None, repr=False)
    url: str = attrs.field(default="https://quickbooks.api.intuit.com")
    token_url: str = attrs.field(
        default="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    )
    minor_version: int = 75
    page_size: int = attrs.field(default=PAGE_MAX)
    entities: tuple[str, ...] = attrs.field(default=ENTITIES, converter=_texts)
    """Kinds of object to read; whatever is left out is missing from the receivables."""

    @realm.validator
    def _check_realm(self, _attribute: object, value: str) -> None:
        if not (value.isascii() and value.isdigit()):
            msg = f"realm must be the figures of a company, got {value!r}"
            raise PolicyError(msg)

    @url.validator
    @token_url.validator
    def _check_url(self, attribute: attrs.Attribute[str], value: str) -> None:
        if not value.startswith("https://"):
            msg = f"{attribute.name} must begin with https://, got {value!r}"
            raise PolicyError(msg)

    @page_size.validator
    def _check_page_size(self, _attribute: object, value: int) -> None:
        _within("page_size", value, PAGE_MAX)

    @entities.validator
    def _check_entities(self, _attribute: object, value: tuple[str, ...]) -> None:
        for entity in value:
            _among("entities", entity, ENTITIES)


@attrs.frozen(kw_only=True)
class TargetSettings(ServiceSettings):
    """The settings of the posting target ``quickbooks``, which books in Online.

    `accounts` are identifiers of accounts there: by number of our chart for journal entries, by the
    account that a receipt came in on for receipts.  `items` are identifiers of products or services
    by the category of a line, the empty category among them.  `tax_codes` and `methods` are
    identifiers there by our tax code and by our method of receipt.  With a `batch_size` above 1,
    writes go together.  `looks_first` asks before sending which lines are there already.
    """

    accounts: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    items: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    tax_codes: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    methods: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    batch_size: int = attrs.field(default=1)
    looks_first: bool = True

    @batch_size.validator
    def _check_batch_size(self, _attribute: object, value: int) -> None:
        _within("batch_size", value, BATCH_MAX)


@attrs.frozen(kw_only=True)
class IifSettings:
    """The settings of the ledger source ``quickbooks-iif``.

    `receivable_accounts` are names of accounts that hold receivables, where the file has no list of
    accounts that says so.  `encoding` is detected where it is not given.

    Raises `PolicyError` for a value that is not possible.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = attrs.field()
    locale: str = "en"
    country: str = ""
    receivable_accounts: tuple[str, ...] = attrs.field(
        default=("Accounts Receivable",), converter=_texts
    )
    date_format: str = attrs.field(default="%m/%d/%Y", converter=_checked_format)
    encoding: str | None = attrs.field(default=None, converter=_encoding)

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)


@attrs.frozen(kw_only=True)
class ReportSettings:
    """The settings of the ledger source ``quickbooks-report``.

    `snapshot_date` is the day that the report is of, where its title does not say.  `date_format`,
    `decimal` and `grouping` may be left out where every value can be read in one way only.

    Raises `PolicyError` for a value that is not possible.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = attrs.field()
    types: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    """More words of the column of types: our kind (``invoice``, ``credit-note``, ``debit-note``,
    ``receipt``) by word."""
    date_format: str | None = attrs.field(default=None)
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None)
    currency_symbol: str = "$"
    encoding: str | None = attrs.field(default=None, converter=_encoding)
    sheet: str = ""
    """The sheet of a workbook; the first one that has the headings where it is empty."""
    snapshot_date: dt.date | None = attrs.field(default=None, converter=_day)

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @types.validator
    def _check_types(self, _attribute: object, value: Mapping[str, str]) -> None:
        for kind in value.values():
            _among("types", kind, ("invoice", "credit-note", "debit-note", "receipt"))

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)


@attrs.frozen(kw_only=True)
class IifTargetSettings:
    """The settings of the posting target ``quickbooks-iif``, which writes files to be imported.

    `accounts` are names of accounts there by number of our chart, and by the account that a receipt
    came in on; `income_accounts` are names by the category of a line, the empty one among them.
    """

    receivable_account: str = "Accounts Receivable"
    deposit_account: str = "Undeposited Funds"
    accounts: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    income_accounts: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    tax_account: str = "Sales Tax Payable"
    customers: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    """Names there by customer, where they differ from our identifiers."""
