"""What a reader of workbooks may be told; most workbooks need nothing but the creditor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId
from receivables.tabular import (
    DUPLICATES,
    FIELDS,
    TYPES,
    day_or_none,
    texts_by_field,
    texts_by_key,
)
from receivables.texts import check_date_format, check_number_format

__all__ = ["WorkbookSettings"]


@attrs.frozen(kw_only=True)
class WorkbookSettings:
    """The settings of the ledger source ``excel``.

    `columns` maps our fields to headings where the workbook has its own, `types` its own words for
    kinds of documents to ``invoice``, ``credit-note`` or ``debit-note``.  `decimal`, `grouping` and
    `date_format` are for cells that hold text; a real number or a real date needs none of them.

    Raises `PolicyError` for a value that is not possible.

    >>> WorkbookSettings(creditor="MIRA", columns={"number": "Our ref."}).columns["number"]
    'Our ref.'
    """

    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    currency: str = ""
    """The currency of rows without a currency column; a mark in an amount is none."""
    sheet: str = ""
    """The sheet to read; the only one with known headings where it is not given."""
    columns: Mapping[str, str] = attrs.field(factory=dict, converter=texts_by_field)
    types: Mapping[str, str] = attrs.field(factory=dict, converter=texts_by_key)
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None)
    date_format: str | None = attrs.field(default=None)
    snapshot_date: dt.date | None = attrs.field(default=None, converter=day_or_none)
    """The day that the balances are of; needed where a balance differs from its amount."""
    fill_down: bool = False
    """Whether an empty customer cell means the customer above, as in lists with groups."""
    duplicates: str = attrs.field(default="refuse")

    @columns.validator
    def _check_columns(self, _attribute: object, value: Mapping[str, str]) -> None:
        if unknown := sorted(set(value) - FIELDS["documents"]):
            known = ", ".join(sorted(FIELDS["documents"]))
            msg = f"columns must be among {known}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @types.validator
    def _check_types(self, _attribute: object, value: Mapping[str, str]) -> None:
        if unknown := sorted(set(value.values()) - set(TYPES)):
            msg = f"types must be among {', '.join(TYPES)}, got {', '.join(unknown)}"
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
        if value not in DUPLICATES:
            msg = f"duplicates must be among {', '.join(DUPLICATES)}, got {value!r}"
            raise PolicyError(msg)
