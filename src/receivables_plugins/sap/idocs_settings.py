"""Settings of the reader of SAP's IDocs: billing documents and accounting documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.texts import check_encoding
from receivables_plugins.sap.tables_settings import SapTablesSettings

__all__ = ["BILLED", "SapIdocSettings"]

BILLED: Final = ("proved", "010", "011")
"""How the amount billed is found; see `SapIdocSettings.billed`."""

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"INVO": "invoice", "CRME": "credit-note", "DEME": "debit-note"}
)
_KINDS: Final = frozenset({"invoice", "credit-note", "debit-note"})


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


def _types(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({**_TYPES, **values})


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(str(value) for value in values)


def _layouts(values: Mapping[str, Iterable[Any]]) -> Mapping[str, tuple[tuple[str, int], ...]]:
    found = {}
    for segment, fields in values.items():
        found[segment] = tuple((str(name), int(width)) for name, width in fields)
    return MappingProxyType(found)


def _encoding(value: str | None) -> str | None:
    return None if value is None else check_encoding(value)


@attrs.frozen(kw_only=True)
class SapIdocSettings:
    """The settings of the ledger source ``sap-idoc``.

    `partners` are the roles (PARVW) of which the first that is there is the customer: the payer
    (RG), the bill-to party (RE), the sold-to party (AG).  `types` maps kinds of billing documents
    (BSART) to ``invoice``, ``credit-note`` or ``debit-note``.  `billed` says which sum is the amount
    billed: ``011`` as SAP has it, ``010``, or ``proved`` by the net sum and the tax.  `layouts` are
    the fields of segments of flat files, with their widths, that are not known.

    Raises `PolicyError` for a value that is not possible.

    >>> SapIdocSettings(creditor="MIRA", types={"ZCRM": "credit-note"}).types["INVO"]
    'invoice'
    """

    creditor: str = ""
    currency: str = ""
    creditors: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    partners: tuple[str, ...] = attrs.field(default=("RG", "RE", "AG"), converter=_texts)
    types: Mapping[str, str] = attrs.field(factory=dict, converter=_types)
    billed: str = attrs.field(default="proved")
    layouts: Mapping[str, tuple[tuple[str, int], ...]] = attrs.field(
        factory=dict, converter=_layouts
    )
    encoding: str | None = attrs.field(default=None, converter=_encoding)
    locale: str = "en"
    document_types: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)
    special_gl: Mapping[str, str] = attrs.field(factory=lambda: {"A": "receipt"}, converter=_frozen)
    special_gl_default: str = "leave-out"
    payment_terms: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)

    @types.validator
    def _check_types(self, _attribute: object, value: Mapping[str, str]) -> None:
        if unknown := sorted(set(value.values()) - _KINDS):
            msg = f"types must be {', '.join(sorted(_KINDS))}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @billed.validator
    def _check_billed(self, _attribute: object, value: str) -> None:
        if value not in BILLED:
            msg = f"billed must be one of {', '.join(BILLED)}, got {value!r}"
            raise PolicyError(msg)

    def __attrs_post_init__(self) -> None:
        self.tables()

    def tables(self) -> SapTablesSettings:
        """How lines of accounting documents are taken: as rows of tables, with real amounts."""
        return SapTablesSettings(
            curr="real",
            creditor=self.creditor,
            currency=self.currency,
            creditors=self.creditors,
            document_types=self.document_types,
            special_gl=self.special_gl,
            special_gl_default=self.special_gl_default,
            payment_terms=self.payment_terms,
            locale=self.locale,
        )
