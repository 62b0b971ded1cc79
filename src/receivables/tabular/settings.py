"""What a reader of delimited lists must be told: which column is what, and how values are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.documents import ItemKind
from receivables.errors import PolicyError
from receivables.parties import CreditorId
from receivables.texts import (
    check_date_format,
    check_encoding,
    check_number_format,
    parse_date,
)

__all__ = [
    "DELIMITERS",
    "DUPLICATES",
    "FIELDS",
    "NEEDED",
    "TYPES",
    "TableSettings",
    "day_or_none",
    "texts_by_field",
    "texts_by_key",
]

DELIMITERS: Final = (",", ";", "\t", "|")

FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "documents": frozenset(
            [
                "number",
                "customer",
                "customer-name",
                "type",
                "document-date",
                "posting-date",
                "due-date",
                "amount",
                "currency",
                "terms",
                "references",
                "installment",
                "settled-on",
                "open-amount",
            ]
        ),
        "customers": frozenset(
            [
                "customer",
                "name",
                "locale",
                "country",
                "address",
                "postal-code",
                "city",
                "region",
                "contact",
                "email",
                "phone",
                "ibans",
                "aliases",
                "payer-group",
                "terms",
                "identifiers",
                "segment",
                "consumer",
                "time-zone",
                "owners",
            ]
        ),
        "receipts": frozenset(
            [
                "receipt",
                "customer",
                "booking-date",
                "value-date",
                "amount",
                "currency",
                "payer-name",
                "payer-account",
                "text",
            ]
        ),
    }
)
"""Our fields by kind of record: what `columns` and `constants` may name."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "documents": ("number", "customer", "document-date", "amount"),
        "customers": ("customer", "name"),
        "receipts": ("receipt", "booking-date", "amount"),
    }
)
"""The fields that every row of a kind of record must have."""

TYPES: Final[Mapping[str, ItemKind]] = MappingProxyType(
    {kind.value: kind for kind in (ItemKind.INVOICE, ItemKind.CREDIT_NOTE, ItemKind.DEBIT_NOTE)}
)
"""The document types that the file's own codes can be mapped to."""

DUPLICATES: Final = ("refuse", "skip-identical", "number-lines")
"""What can become of a row whose document or receipt was there before."""


def texts_by_key(values: Mapping[str, object]) -> Mapping[str, str]:
    """A table of settings as texts that nobody changes any more.

    >>> dict(texts_by_key({"IN": "invoice", "7": 8}))
    {'IN': 'invoice', '7': '8'}
    """
    return MappingProxyType({str(key): str(value) for key, value in dict(values).items()})


def texts_by_field(values: Mapping[str, object]) -> Mapping[str, str]:
    """The same with our fields as keys, which TOML may write with underscores.

    >>> dict(texts_by_field({"due_date": "Due"}))
    {'due-date': 'Due'}
    """
    return texts_by_key({str(key).replace("_", "-"): each for key, each in dict(values).items()})


def day_or_none(value: dt.date | str | None) -> dt.date | None:
    """A day of the settings, which may be written as a text.

    >>> day_or_none("2026-10-31")
    datetime.date(2026, 10, 31)
    """
    return parse_date(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class TableSettings:
    """How a table of documents, customers or receipts is read: by its headings.

    `columns` maps our fields to headings of the file; without it, the headings are our fields.
    `constants` gives fields that have no column.  `types` maps the codes of the ``type`` column to
    ``invoice``, ``credit-note`` or ``debit-note``.  `decimal`, `grouping` and `date_format` may be
    left out where every value of the file can be read in one way only.

    Raises `PolicyError` for a value that is not possible.

    >>> headings = {"number": "No.", "customer": "Account", "amount": "Total",
    ...             "document-date": "Date"}
    >>> TableSettings(creditor="MIRA", columns=headings, constants={"currency": "CAD"}).record
    'documents'
    """

    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    currency: str = ""
    """The currency of rows without a currency column."""
    record: str = attrs.field(default="documents")
    columns: Mapping[str, str] = attrs.field(factory=dict, converter=texts_by_field)
    constants: Mapping[str, str] = attrs.field(factory=dict, converter=texts_by_field)
    types: Mapping[str, str] = attrs.field(factory=dict, converter=texts_by_key)
    delimiter: str | None = attrs.field(default=None)
    encoding: str = attrs.field(default="utf-8", converter=check_encoding)
    header_line: int = attrs.field(default=1)
    """The line that the headings stand on; what is above them is not read."""
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None)
    currency_symbol: str = ""
    """A mark such as € that stands beside the amounts; any other is refused."""
    date_format: str | None = attrs.field(default=None)
    snapshot_date: dt.date | None = attrs.field(default=None, converter=day_or_none)
    """The day that the open amounts are of."""
    duplicates: str = attrs.field(default="refuse")

    @record.validator
    def _check_record(self, _attribute: object, value: str) -> None:
        _check_among("record", value, FIELDS)
        if value != "customers" and not self.creditor:
            msg = f"creditor must be given for {value}, got none"
            raise PolicyError(msg)

    @columns.validator
    def _check_columns(self, _attribute: object, value: Mapping[str, str]) -> None:
        for field in value:
            _check_among("columns", field, FIELDS[self.record])

    @constants.validator
    def _check_constants(self, _attribute: object, value: Mapping[str, str]) -> None:
        for field in value:
            _check_among("constants", field, FIELDS[self.record])
        if both := sorted(set(value) & set(self.columns)):
            msg = f"a field must be a column or a constant, got both for {', '.join(both)}"
            raise PolicyError(msg)
        given = {*value, *self.columns}
        if self.columns and (missing := [f for f in NEEDED[self.record] if f not in given]):
            msg = f"columns must name {', '.join(missing)} for {self.record}, got {sorted(given)}"
            raise PolicyError(msg)

    @types.validator
    def _check_types(self, _attribute: object, value: Mapping[str, str]) -> None:
        for kind in value.values():
            _check_among("types", kind, TYPES)

    @delimiter.validator
    def _check_delimiter(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            _check_among("delimiter", value, DELIMITERS)

    @header_line.validator
    def _check_header_line(self, _attribute: object, value: int) -> None:
        if type(value) is not int or value < 1:
            msg = f"header line must be 1 or more, got {value!r}"
            raise PolicyError(msg)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)

    @duplicates.validator
    def _check_duplicates(self, _attribute: object, value: str) -> None:
        _check_among("duplicates", value, DUPLICATES)


def _check_among(
    name: str, value: str, known: Mapping[str, object] | tuple[str, ...] | frozenset[str]
) -> None:
    if value not in known:
        msg = f"{name} must be among {', '.join(map(repr, sorted(known)))}, got {value!r}"
        raise PolicyError(msg)
