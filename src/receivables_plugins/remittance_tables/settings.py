"""Settings of the readers of remittance tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from receivables.errors import PolicyError, UnknownCurrencyError
from receivables.money import digits
from receivables.texts import check_date_format, check_encoding, check_number_format

__all__ = ["DELIMITERS", "FIELDS", "CsvRemittanceSettings", "ExcelRemittanceSettings"]

FIELDS: Final = (
    "document",
    "paid",
    "gross",
    "discount",
    "deduction",
    "reason",
    "document-date",
    "payment-reference",
    "payment-date",
    "payer",
    "currency",
)
"""What a column of a remittance table can be."""

DELIMITERS: Final = (",", ";", "\t", "|")
"""What can stand between the cells of a line."""


def _check_fields(_instance: object, _attribute: object, value: Mapping[str, str]) -> None:
    if unknown := sorted(set(value) - set(FIELDS)):
        msg = f"columns must be among {', '.join(FIELDS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _check_currency(_instance: object, _attribute: object, value: str) -> None:
    try:
        if value:
            digits(value)
    except UnknownCurrencyError as error:
        raise PolicyError(str(error)) from None


def _check_grouping(instance: CsvRemittanceSettings, _attribute: object, value: str | None) -> None:
    check_number_format(instance.decimal, value)


def _check_format(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None:
        check_date_format(value)


def _check_delimiter(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None and value not in DELIMITERS:
        msg = f"delimiter must be one of {DELIMITERS}, got {value!r}"
        raise PolicyError(msg)


def _check_encoding(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None:
        check_encoding(value)


@attrs.frozen(kw_only=True)
class CsvRemittanceSettings:
    """How a payer writes its remittances; what is left open is found in the file, or refused.

    >>> CsvRemittanceSettings(columns={"document": "Your ref"}, currency="EUR").currency
    'EUR'
    """

    columns: Mapping[str, str] = attrs.field(factory=dict, validator=_check_fields)
    """Our field by name, and the heading that it has in the file; others are known by theirs."""
    currency: str = attrs.field(default="", validator=_check_currency)
    """The currency of amounts that do not say theirs."""
    payer: str = ""
    """Who paid, where the file does not say it."""
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None, validator=_check_grouping)
    currency_symbol: str = ""
    """A mark such as € that stands beside the amounts; any other is refused."""
    date_format: str | None = attrs.field(default=None, validator=_check_format)
    delimiter: str | None = attrs.field(default=None, validator=_check_delimiter)
    encoding: str | None = attrs.field(default=None, validator=_check_encoding)


@attrs.frozen(kw_only=True)
class ExcelRemittanceSettings:
    """How a payer writes its remittances in a workbook.

    >>> ExcelRemittanceSettings(sheet="Remittance").sheet
    'Remittance'
    """

    columns: Mapping[str, str] = attrs.field(factory=dict, validator=_check_fields)
    """Our field by name, and the heading that it has in the sheet; others are known by theirs."""
    currency: str = attrs.field(default="", validator=_check_currency)
    payer: str = ""
    sheet: str = ""
    """The sheet to read; without a name, every sheet that has the headings."""
    decimal: str | None = None
    """For amounts that are texts in the workbook; a number is a number."""
    grouping: str | None = attrs.field(default=None, validator=_check_grouping)
    currency_symbol: str = ""
    date_format: str | None = attrs.field(default=None, validator=_check_format)
    """For dates that are texts in the workbook; a date is a date."""
