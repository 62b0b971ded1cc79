"""What a reader of mapped lists must be told beside the map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from receivables.parties import CreditorId
from receivables.tabular import day_or_none, texts_by_field
from receivables.texts import check_date_format, check_encoding, check_number_format

__all__ = ["MapSettings"]


@attrs.frozen(kw_only=True)
class MapSettings:
    """The settings of the ledger sources ``dynamics``, ``erpnext``, ``netsuite`` and ``odoo``.

    `columns` says which heading is which of our fields, where the list was exported in another
    language or with labels of its own; it comes before the map.  `currency` is that of rows without
    one, which these systems leave empty for the currency of the books.  `snapshot_date` is the day
    that the list is of.  Raises `PolicyError` for a value that is not possible.

    >>> MapSettings(creditor="MIRA", columns={"number": "Belegnr."}).columns["number"]
    'Belegnr.'
    """

    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    currency: str = ""
    columns: Mapping[str, str] = attrs.field(factory=dict, converter=texts_by_field)
    encoding: str = attrs.field(default="utf-8", converter=check_encoding)
    decimal: str | None = "."
    grouping: str | None = attrs.field(default=None)
    date_format: str | None = attrs.field(default=None)
    snapshot_date: dt.date | None = attrs.field(default=None, converter=day_or_none)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)
