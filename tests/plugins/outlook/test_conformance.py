"""Both transports keep the contract of message transports."""

from __future__ import annotations

import pytest

from receivables.testing.fakes.graph import FakeGraph
from receivables.testing.message_transport import MessageTransportTests
from receivables.testing.services import ServiceCase
from receivables_plugins.outlook import receivables_message_transports

_CREDENTIAL = "s3cr3t-of-the-application"


def _spec(name):
    return next(spec for spec in receivables_message_transports() if spec.name == name)


class TestEml(MessageTransportTests):
    """The checks that every transport passes, on files."""

    @pytest.fixture
    def spec(self):
        return _spec("outlook-eml")

    @pytest.fixture
    def drafts(self):
        return lambda _fake: 0


class TestGraph(MessageTransportTests):
    """The checks that every transport passes, on a mailbox of an application."""

    @pytest.fixture
    def spec(self):
        return _spec("outlook-graph")

    @pytest.fixture
    def case(self):
        return ServiceCase(
            settings={"tenant": "t-1", "client-id": "app-1", "client-secret": "graph-secret"},
            secrets={"graph-secret": _CREDENTIAL},
            serve=lambda serving: FakeGraph(serving, client_id="app-1", client_secret=_CREDENTIAL),
        )

    @pytest.fixture
    def drafts(self):
        return lambda fake: len(fake.messages)
