"""A mailbox that is not there, and messages for it."""

from __future__ import annotations

import pytest

from receivables.adapters import Attachment, Message
from receivables.testing.fakes.graph import FakeGraph
from receivables.testing.services import ServiceCase
from receivables_plugins.outlook import receivables_message_transports

_GOOD = "t0k3n"
"""The token of the mailbox."""


@pytest.fixture
def specs():
    """The descriptors by name."""
    return {spec.name: spec for spec in receivables_message_transports()}


@pytest.fixture
def paper():
    """Make a file of so many bytes."""

    def _paper(size, name="statement.pdf"):
        return Attachment(name=name, media_type="application/pdf", content=b"%" * size)

    return _paper


@pytest.fixture
def message():
    """Make a message."""

    def _message(**changes):
        values = {
            "key": "notice-0042",
            "to": ["Ana Díaz <ana@norte.example>"],
            "subject": "Extracto nº 0042",
            "text": "Buenos días:\n\nadjuntamos el extracto.\n",
            "locale": "es-ES",
        }
        return Message(**{**values, **changes})

    return _message


@pytest.fixture
def fake():
    """A mailbox with one token that is good."""
    return FakeGraph(token=_GOOD)


@pytest.fixture
def graph(specs, fake):
    """The transport to the mailbox, through a network with some faults."""

    def _graph(faults=(), **settings):
        case = ServiceCase(
            settings={"token": "graph", **settings},
            secrets={"graph": _GOOD},
            serve=lambda _serving: fake,
        )
        runtime = case.runtime(transport=fake, faults=faults)
        return specs["outlook-graph"].build(case.settings, runtime=runtime)

    return _graph
