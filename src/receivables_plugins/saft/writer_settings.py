"""What a writer of standard audit files must be told, because the journal does not say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId

__all__ = ["VERSIONS", "SaftWriterSettings"]

VERSIONS: Final = ("1.10", "1.30")
"""The versions of the Norwegian schema; 1.30 is asked for from the periods of 2025 on."""


def _table(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in values.items()})


def _day(value: dt.date | str | None) -> dt.date | None:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        msg = f"a day must be written YYYY-MM-DD, got {value!r}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class SaftWriterSettings:
    """The settings of the journal writer ``saft`` (Norway).

    `registration_number` and `company` are those of the creditor in the Brønnøysund register, and
    `contact_first_name`, `contact_last_name` and `phone` of the person whom the tax authority may
    ask.  `start` and `end` are the period: entries before `start` make the opening balances, an
    entry after `end` is refused; without them it is from the first entry to the last.
    `grouping_category` and `groupings` map account numbers, or their beginnings, to the codes of the
    income statement, which 1.30 asks for of every account; 1.10 takes `standard_accounts` in the
    same form, or the first two figures of the number.  `names` are the customers' names.

    Raises `PolicyError` for a value that is not possible.

    >>> SaftWriterSettings(version="1.10", end="2026-12-31").end
    datetime.date(2026, 12, 31)
    """

    version: str = attrs.field(default="1.30")
    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    company: str = ""
    registration_number: str = ""
    tax_registration_number: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "NO"
    contact_first_name: str = ""
    contact_last_name: str = ""
    phone: str = ""
    created_on: dt.date | None = attrs.field(default=None, converter=_day)
    """When the file is made, which nothing here asks a clock for; the end of the period if unsaid."""
    start: dt.date | None = attrs.field(default=None, converter=_day)
    end: dt.date | None = attrs.field(default=None, converter=_day)
    grouping_category: str = ""
    groupings: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    standard_accounts: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    names: Mapping[str, str] = attrs.field(factory=dict, converter=_table, repr=False)
    software_version: str = "1"

    @version.validator
    def _check_version(self, _attribute: object, value: str) -> None:
        if value not in VERSIONS:
            msg = f"version must be one of {', '.join(VERSIONS)}, got {value!r}"
            raise PolicyError(msg)

    @end.validator
    def _check_end(self, _attribute: object, value: dt.date | None) -> None:
        if value is not None and self.start is not None and value < self.start:
            msg = f"end must not be before {self.start}, got {value}"
            raise PolicyError(msg)

    @groupings.validator
    def _check_groupings(self, _attribute: object, value: Mapping[str, str]) -> None:
        if value and not self.grouping_category:
            msg = "grouping_category must be given where groupings are, got none"
            raise PolicyError(msg)
