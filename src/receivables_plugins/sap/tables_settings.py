"""Settings of the readers of SAP's tables: open and cleared customer lines, masters, credit data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.money import digits
from receivables.texts import check_date_format, check_encoding, check_number_format
from receivables_plugins.sap import rules
from receivables_plugins.sap.lines import LineRules

__all__ = ["CURR_FORMS", "SapCreditSettings", "SapTablesSettings"]

CURR_FORMS: Final = ("raw", "real")
"""How amounts of type CURR stand: as tables keep them, with two decimals, or as they really are."""

_TAX_NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {"ES.STCD1": "es.nif", "FR.STCD1": "fr.siret", "FR.STCD2": "fr.siren"}
)
_LOCALES: Final[Mapping[str, str]] = MappingProxyType(
    {"E": "en", "F": "fr", "S": "es", "D": "de", "I": "it", "N": "nl", "P": "pt"}
)
_REFERENCES: Final = ("XBLNR", "VBELN", "BELNR", "KIDNO", "ZUONR")


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    # A lone text is a likely slip, and would otherwise be taken letter by letter.
    return (values,) if isinstance(values, str) else tuple(str(value) for value in values)


def _decimals(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({**rules.TABLE_DECIMALS, **values})


def _encoding(value: str | None) -> str | None:
    return None if value is None else check_encoding(value)


@attrs.frozen(kw_only=True, slots=False)  # both settings are made of it
class _Tables:
    """How the rows of a table are written.

    `curr` says how amounts stand: ``raw`` as RFC and replication give them (every currency with two
    decimals), ``real`` as SE16 shows them; unsaid, an amount in a currency in which the two differ
    is refused.  `decimals` are the decimals of currencies in TCURX that differ from delivery.
    `decimal`, `grouping` and `date_format` are for files made for people; without them amounts have
    a point, and days are ``YYYYMMDD`` or ``YYYY-MM-DD``.
    """

    curr: str = attrs.field(default="")
    decimals: Mapping[str, int] = attrs.field(factory=dict, converter=_decimals)
    decimal: str | None = None
    grouping: str | None = attrs.field(default=None)
    date_format: str | None = attrs.field(default=None)
    delimiter: str | None = None
    encoding: str | None = attrs.field(default=None, converter=_encoding)

    @curr.validator
    def _check_curr(self, _attribute: object, value: str) -> None:
        if value not in {"", *CURR_FORMS}:
            msg = f"curr must be {' or '.join(CURR_FORMS)}, got {value!r}"
            raise PolicyError(msg)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)


@attrs.frozen(kw_only=True)
class SapTablesSettings(_Tables):
    """The settings of the ledger source ``sap-tables`` and of `rows_of_tables`.

    `creditors` gives the creditor of a company code (BUKRS); `creditor` is that of the only one
    where it is not listed, and without either the company code is its own name.  `amounts` is
    ``document`` (WRBTR in WAERS) or ``local`` (DMBTR in `currency`).  `company_codes`, where it is
    given, are the ones that are read.  `document_types`, `special_gl`, `special_gl_default` and
    `payment_terms` are those of `LineRules`.

    Raises `PolicyError` for a value that is not possible.

    >>> SapTablesSettings(creditor="MIRA", curr="raw").creditor_of("1000")
    'MIRA'
    """

    creditor: str = ""
    currency: str = attrs.field(default="")
    creditors: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    company_codes: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    amounts: str = attrs.field(default="document")
    references: tuple[str, ...] = attrs.field(default=_REFERENCES, converter=_texts)
    """Fields by whose content a payer may name the item."""
    document_types: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)
    special_gl: Mapping[str, str] = attrs.field(factory=lambda: {"A": "receipt"}, converter=_frozen)
    special_gl_default: str = "leave-out"
    payment_terms: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    locales: Mapping[str, str] = attrs.field(default=_LOCALES, converter=_frozen)
    """Our locales by the language of a customer (SPRAS)."""
    locale: str = "en"
    """The locale of a customer whose language is not said, or not among `locales`."""
    tax_numbers: Mapping[str, str] = attrs.field(default=_TAX_NUMBERS, converter=_frozen)
    """Schemes of identifiers by country and field, ``FR.STCD1``."""
    payer_group: str = "KNRZE"
    """The field of KNB1 that groups payers: the head office (KNRZE) or the other payer (KNRZB)."""

    def __attrs_post_init__(self) -> None:
        self.rules()
        if self.amounts not in {"document", "local"}:
            msg = f"amounts must be document or local, got {self.amounts!r}"
            raise PolicyError(msg)
        if self.amounts == "local" and not self.currency:
            msg = "currency must be given where amounts are local, got none"
            raise PolicyError(msg)
        if self.currency:
            digits(self.currency)

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


@attrs.frozen(kw_only=True)
class SapCreditSettings(_Tables):
    """The settings of the credit source ``sap-credit``: the table KNKK.

    `currency` is that of the credit control areas, and `currencies` those of areas (KKBER) that
    have another; the table itself does not say it.  `areas`, where given, are the ones that are read.
    """

    currency: str = ""
    currencies: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    areas: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def currency_of(self, area: str) -> str:
        """The currency of a credit control area; empty where it is not said."""
        return self.currencies.get(area) or self.currency
