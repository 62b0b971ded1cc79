"""Settings of the source of credit information: what a list does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework import FIGURES
from receivables.errors import PolicyError, UnknownCurrencyError
from receivables.money import digits
from receivables.texts import check_date_format, check_encoding, check_number_format

__all__ = ["DELIMITERS", "FIELDS", "NEEDED", "CreditCsvSettings"]

DELIMITERS: Final = (",", ";", "\t", "|")
"""What can stand between the cells of a line."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "scores": (
            *("id", "customer", "source", "value", "points", "rated-on", "valid-until"),
            *("limit", "currency", "note"),
        ),
        "financials": (
            *("id", "customer", "period-end", "currency", "months", "unit", "audited"),
            *("consolidated", "source", "figure", "value"),
            *(name.replace("_", "-") for name in FIGURES),
        ),
        "limits": (
            *("id", "customer", "group", "country", "amount", "currency", "kind", "since"),
            *("until", "cover", "policy", "reference", "by", "reason", "collateral"),
            *("collateral-value", "rank", "prior", "haircut", "valued-on", "provider"),
        ),
        "commitments": (
            *("id", "customer", "kind", "amount", "currency", "since", "until", "expected-on"),
            "creditor",
        ),
        "insolvencies": (
            *("id", "customer", "kind", "opened-on", "court", "administrator"),
            *("file-claim-by", "claim-filed-on", "reference", "note"),
        ),
    }
)
"""Our fields by kind of record; the figures of a statement are fields of their own."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "scores": ("customer", "value", "rated-on"),
        "financials": ("customer", "period-end"),
        "limits": ("amount",),
        "commitments": ("id", "customer", "kind", "amount"),
        "insolvencies": ("customer", "kind", "opened-on"),
    }
)
"""The columns without which a list is not of a kind."""

_UNITS: Final = (1, 1_000, 1_000_000)


def _by_field(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType(
        {str(key).replace("_", "-"): str(value) for key, value in dict(values).items()}
    )


def _plain(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in dict(values).items()})


@attrs.frozen(kw_only=True)
class CreditCsvSettings:
    """How a list of credit information is read; what is left open is found in it, or refused.

    `record` is the kind of record, where the headings do not tell it; `columns` maps our fields to
    headings of the file, where they are not among the known ones; `kinds` maps words of the file
    to ours (``insured``, ``orders``, ``liquidation``…).  Raises `PolicyError` for a value that is
    not possible.

    >>> CreditCsvSettings(record="scores", source="creditsafe", columns={"value": "Bonität"}).source
    'creditsafe'
    """

    record: str = attrs.field(default="")
    columns: Mapping[str, str] = attrs.field(factory=dict, converter=_by_field)
    kinds: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    currency: str = attrs.field(default="")
    """The currency of rows that do not say theirs."""
    source: str = ""
    """Whose scores or statements they are, where the list does not say it."""
    unit: int = attrs.field(default=1, validator=attrs.validators.in_(_UNITS))
    """What the figures of statements count in, where the list does not say it."""
    round_figures: bool = False
    """Whether figures with decimals are rounded, half-even; without it they are refused."""
    delimiter: str | None = attrs.field(default=None)
    encoding: str | None = attrs.field(default=None)
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None)
    currency_symbol: str = ""
    """A mark such as € that stands beside the amounts; any other is refused."""
    date_format: str | None = attrs.field(default=None)

    @record.validator
    def _check_record(self, _attribute: object, value: str) -> None:
        if value and value not in FIELDS:
            msg = f"record must be one of {', '.join(FIELDS)}, got {value!r}"
            raise PolicyError(msg)

    @columns.validator
    def _check_columns(self, _attribute: object, value: Mapping[str, str]) -> None:
        known = FIELDS[self.record] if self.record else ()
        if value and not self.record:
            msg = "record must be given with columns, got none"
            raise PolicyError(msg)
        if unknown := sorted(set(value) - set(known)):
            msg = f"columns must be among {', '.join(known)}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        try:
            if value:
                digits(value)
        except UnknownCurrencyError as error:
            raise PolicyError(str(error)) from None

    @delimiter.validator
    def _check_delimiter(self, _attribute: object, value: str | None) -> None:
        if value is not None and value not in DELIMITERS:
            msg = f"delimiter must be one of {DELIMITERS}, got {value!r}"
            raise PolicyError(msg)

    @encoding.validator
    def _check_encoding(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_encoding(value)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)
