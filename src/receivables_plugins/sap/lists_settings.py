"""Settings of the reader of SAP's item lists (FBL5N and its like)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from receivables.errors import PolicyError
from receivables.money import digits
from receivables.texts import check_date_format, check_encoding, check_number_format
from receivables_plugins.sap.lines import LineRules
from receivables_plugins.sap.lists_headings import FIELDS

__all__ = ["SapListSettings"]


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


def _by_field(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType(
        {str(key).replace("_", "-"): str(value) for key, value in values.items()}
    )


def _encoding(value: str | None) -> str | None:
    return None if value is None else check_encoding(value)


@attrs.frozen(kw_only=True)
class SapListSettings:
    """The settings of the ledger source ``sap-list``.

    `columns` maps our fields to headings that are not known, or are known for something else
    (`receivables_plugins.sap.lists_headings.FIELDS`).  `decimal`, `grouping` and `date_format` are
    those of the user who exported; left out, they are proved by the values of the file, or the file
    is refused.  `amounts` is ``document`` or ``local``.  `company` and `customer` are for lists that
    do not say them.

    Raises `PolicyError` for a value that is not possible.

    >>> SapListSettings(creditor="MIRA", columns={"due_date": "Due"}).columns["due-date"]
    'Due'
    """

    creditor: str = ""
    currency: str = attrs.field(default="")
    """The currency of items where no column says it."""
    creditors: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    company: str = ""
    customer: str = ""
    columns: Mapping[str, str] = attrs.field(factory=dict, converter=_by_field)
    amounts: str = attrs.field(default="document")
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None)
    date_format: str | None = attrs.field(default=None)
    delimiter: str | None = attrs.field(default=None)
    """``|`` for lists with rules, or what stands between the cells; seen in the file if unsaid."""
    encoding: str | None = attrs.field(default=None, converter=_encoding)
    document_types: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)
    special_gl: Mapping[str, str] = attrs.field(factory=lambda: {"A": "receipt"}, converter=_frozen)
    special_gl_default: str = "leave-out"
    payment_terms: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    locale: str = "en"

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        if value:
            digits(value)

    @columns.validator
    def _check_columns(self, _attribute: object, value: Mapping[str, str]) -> None:
        if unknown := sorted(set(value) - FIELDS):
            msg = f"columns must be among {', '.join(sorted(FIELDS))}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @amounts.validator
    def _check_amounts(self, _attribute: object, value: str) -> None:
        if value not in {"document", "local"}:
            msg = f"amounts must be document or local, got {value!r}"
            raise PolicyError(msg)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)

    @delimiter.validator
    def _check_delimiter(self, _attribute: object, value: str | None) -> None:
        if value not in {None, "|", "\t", ";", ","}:
            msg = f"delimiter must be a bar, a tab, a semicolon or a comma, got {value!r}"
            raise PolicyError(msg)

    def __attrs_post_init__(self) -> None:
        self.rules()

    def rules(self) -> LineRules:
        """How lines are taken; their company is a creditor already."""
        return LineRules(
            document_types=self.document_types,
            special_gl=self.special_gl,
            special_gl_default=self.special_gl_default,
            payment_terms=self.payment_terms,
        )

    def creditor_of(self, company_code: str) -> str:
        """The creditor of a company code."""
        return self.creditors.get(company_code) or self.creditor or company_code
