"""The descriptors of what reads files of SAP: tables, lists, IDocs, credit data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables_plugins.sap.idocs_settings import SapIdocSettings
from receivables_plugins.sap.lists_settings import SapListSettings
from receivables_plugins.sap.tables_settings import SapCreditSettings, SapTablesSettings

if TYPE_CHECKING:
    from receivables.adapters import CreditSource, LedgerSource
    from receivables_plugins.sap.idocs import IdocSource
    from receivables_plugins.sap.lists import ListSource
    from receivables_plugins.sap.tables import TablesSource
    from receivables_plugins.sap.tables_credit import CreditTableSource

__all__ = ["credit_files", "ledger_files"]

_ALL = frozenset({"customers", "documents", "receipts", "allocations"})


def _build_tables(settings: SapTablesSettings) -> TablesSource:
    from receivables_plugins.sap.tables import TablesSource  # noqa: PLC0415  # loaded when used

    return TablesSource(settings)


def _build_list(settings: SapListSettings) -> ListSource:
    from receivables_plugins.sap.lists import ListSource  # noqa: PLC0415  # loaded when used

    return ListSource(settings)


def _build_idoc(settings: SapIdocSettings) -> IdocSource:
    from receivables_plugins.sap.idocs import IdocSource  # noqa: PLC0415  # loaded when used

    return IdocSource(settings)


def _build_credit(settings: SapCreditSettings) -> CreditTableSource:
    from receivables_plugins.sap.tables_credit import (  # noqa: PLC0415  # loaded when used
        CreditTableSource,
    )

    return CreditTableSource(settings)


def ledger_files() -> list[AdapterSpec[LedgerSource]]:
    """The ledger sources ``sap-tables``, ``sap-list`` and ``sap-idoc``."""
    return [
        AdapterSpec(
            name="sap-tables",
            summary="rows of BSID, BSAD, BSEG with BKPF, KNA1 and KNB1, as CSV or JSON of any bridge",
            factory=_build_tables,
            settings=SapTablesSettings,
            capabilities=_ALL,
            verified="own fake only",
        ),
        AdapterSpec(
            name="sap-list",
            summary="item lists as users export them (FBL5N), in four languages and any number format",
            factory=_build_list,
            settings=SapListSettings,
            capabilities=_ALL,
            verified="own fake only",
        ),
        AdapterSpec(
            name="sap-idoc",
            summary="IDocs INVOIC02 and FIDCCP02, as XML and as flat files",
            factory=_build_idoc,
            settings=SapIdocSettings,
            capabilities=_ALL,
            verified="independent emulator",
        ),
    ]


def credit_files() -> list[AdapterSpec[CreditSource]]:
    """The credit source ``sap-credit``."""
    return [
        AdapterSpec(
            name="sap-credit",
            summary="credit data of customers (KNKK): limits, risk classes, open orders",
            factory=_build_credit,
            settings=SapCreditSettings,
            capabilities=frozenset({"commitments", "limits", "scores"}),
            verified="own fake only",
        )
    ]
