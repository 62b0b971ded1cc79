"""The plug-in ``outlook``: messages as drafts, in a file that Outlook opens or in a mailbox by Microsoft Graph."""

from __future__ import annotations

from receivables.adapters import AdapterSpec, MessageTransport, NoSettings
from receivables.hookspecs import hookimpl
from receivables.transports import Runtime
from receivables_plugins.outlook.settings import GraphSettings

__all__ = ["receivables_message_transports"]


def _build_eml(_settings: NoSettings) -> MessageTransport:
    from receivables_plugins.outlook.files import EmlTransport  # noqa: PLC0415  # loads `email`

    return EmlTransport()


def _build_graph(settings: GraphSettings, runtime: Runtime) -> MessageTransport:
    from receivables_plugins.outlook.graph import GraphTransport  # noqa: PLC0415  # when used

    return GraphTransport(settings, runtime)


@hookimpl
def receivables_message_transports() -> list[AdapterSpec[MessageTransport]]:
    """Register the transports ``outlook-eml`` and ``outlook-graph``."""
    return [
        AdapterSpec(
            name="outlook-eml",
            summary="messages as .eml files that classic Outlook opens as drafts",
            factory=_build_eml,
            capabilities={"attachments", "files"},
            verified="own fake only",
        ),
        AdapterSpec(
            name="outlook-graph",
            summary="messages as drafts in a mailbox of Microsoft 365",
            factory=_build_graph,
            settings=GraphSettings,
            connects=True,
            capabilities={"attachments", "mailbox"},
            verified="own fake only",
            extra="outlook",
        ),
    ]
