"""Systems whose lists need no more than a map of their columns: NetSuite, Odoo, ERPNext, Dynamics."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.column_maps.settings import MapSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerSource
    from receivables_plugins.column_maps.source import MapSource

__all__ = ["MapSettings", "build", "receivables_ledger_sources"]

_SYSTEMS: Final = {
    "dynamics": "customer ledger entries of Dynamics 365 Business Central",
    "erpnext": "sales invoices of ERPNext",
    "netsuite": "saved searches of open transactions of NetSuite",
    "odoo": "journal items of Odoo on receivable accounts",
}


def build(system: str, settings: MapSettings) -> MapSource:
    """The reader of a system's lists; it takes rows of any other origin as well (`read_rows`)."""
    from receivables_plugins.column_maps.maps import load_map  # noqa: PLC0415  # loaded when used
    from receivables_plugins.column_maps.source import MapSource  # noqa: PLC0415  # loaded when used

    return MapSource(load_map(system), settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register ``dynamics``, ``erpnext``, ``netsuite`` and ``odoo``."""
    return [
        AdapterSpec(
            name=name,
            summary=summary,
            factory=functools.partial(build, name),
            settings=MapSettings,
            capabilities={"allocations", "customers", "documents"}
            | ({"receipts"} if name != "erpnext" else set()),
            verified="own fake only",
            extra="column-maps",
        )
        for name, summary in _SYSTEMS.items()
    ]
