"""The plug-in ``crm``: people and activities of Salesforce, HubSpot and Dynamics, from and as CSV files."""

from __future__ import annotations

from receivables.adapters import AdapterSpec, ContactDirectory
from receivables.hookspecs import hookimpl
from receivables_plugins.crm.settings import CrmSettings

__all__ = ["receivables_contact_directories"]

_TITLES = {"salesforce": "Salesforce", "hubspot": "HubSpot", "dynamics": "Dynamics 365 Sales"}


def _spec(name: str, verified: str) -> AdapterSpec[ContactDirectory]:
    def build(settings: CrmSettings) -> ContactDirectory:
        from receivables_plugins.crm.directory import CrmDirectory  # noqa: PLC0415  # when used

        return CrmDirectory(name, settings)

    return AdapterSpec(
        name=name,
        summary=f"contacts and activities of {_TITLES[name]}, from its exports and as files that it imports",
        factory=build,
        settings=CrmSettings,
        capabilities={"activities", "contacts", "write"},
        verified=verified,
        extra="crm",
    )


@hookimpl
def receivables_contact_directories() -> list[AdapterSpec[ContactDirectory]]:
    """Register the directories ``salesforce``, ``hubspot`` and ``dynamics``."""
    return [
        _spec("salesforce", "third-party recording"),
        _spec("hubspot", "own fake only"),
        _spec("dynamics", "own fake only"),
    ]
