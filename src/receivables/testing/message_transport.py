"""Conformance of message transports: subclass `MessageTransportTests` and give it its fixtures.

A transport that connects gives a `case` with its fake and says by `drafts` how many drafts lie there;
one that writes files needs `spec` alone.
"""

from __future__ import annotations

import base64
import contextlib
import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import attrs
import pytest

from receivables.adapters import AdapterSpec, Attachment, Draft, Message, MessageTransport
from receivables.errors import AdapterError, DocumentError
from receivables.testing._abilities import AbilityTests
from receivables.testing._watching import leaks, parts_of
from receivables.testing.services import Fault, ServiceCase, Serving
from receivables.transports import Request, Response, Transport

__all__ = ["MessageTransportTests"]


def _nowhere(request: object) -> Any:  # noqa: ANN401  # it never answers
    msg = f"nothing must be sent, got {request!r}"
    raise AssertionError(msg)


class MessageTransportTests(AbilityTests):
    """What every message transport must do; give `spec`, and `case` and `drafts` where it connects."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "attachments": ("test_what_goes_along_is_there",),
            "files": ("test_a_draft_is_a_file",),
            "mailbox": ("test_a_draft_lies_in_the_mailbox_once",),
        }
    )
    """Each ability that a transport may declare, and the test that asks for it."""

    @pytest.fixture
    def case(self) -> ServiceCase:
        """The mailbox: settings, secrets, and the fake that serves."""
        return ServiceCase(serve=lambda _serving: _nowhere)

    @pytest.fixture
    def drafts(self, spec: AdapterSpec[Any]) -> Callable[[Any], int]:
        """How many drafts lie in the fake."""
        _ask(spec, "mailbox")
        raise NotImplementedError

    @pytest.fixture
    def message(self) -> Message:
        """A message in French, with an attachment."""
        paper = Attachment(name="relevé.pdf", media_type="application/pdf", content=b"%PDF-1.7 x")
        return Message(
            key="notice-0042",
            to=["compta@example.com"],
            subject="Relevé de compte n° 0042",
            text="Bonjour,\n\nveuillez trouver ci-joint votre relevé.\n",
            sender="recouvrement@example.com",
            locale="fr-CA",
            attachments=[paper],
        )

    def test_a_draft_has_the_key_of_its_message(
        self, spec: AdapterSpec[Any], case: ServiceCase, message: Message
    ) -> None:
        """A draft says which message it is of, and where it lies."""
        draft = _draft(spec, case, case.serve(Serving()), message)

        assert draft.key == message.key
        assert draft.name
        assert draft.content or draft.reference

    def test_a_draft_is_a_file(
        self, spec: AdapterSpec[Any], case: ServiceCase, message: Message
    ) -> None:
        """The file is the same each time, and nobody was told of it."""
        _ask(spec, "files")
        first = _draft(spec, case, _nowhere, message)

        assert first.content
        assert first == _draft(spec, case, _nowhere, message)

    def test_a_draft_lies_in_the_mailbox_once(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        message: Message,
        drafts: Callable[[Any], int],
    ) -> None:
        """Drafted twice, or with an answer that was lost, a message lies there once."""
        _ask(spec, "mailbox")
        for place in range(6):
            fake = case.serve(Serving())
            faults = [*[None] * place, Fault.ACCEPTED_THEN_TIME_OUT]
            runtime = case.runtime(transport=fake, faults=faults)
            transport: MessageTransport = spec.build(case.settings, runtime=runtime)
            with contextlib.suppress(AdapterError):  # an answer was lost, and it says so
                transport.draft(message)
            again = _draft(spec, case, fake, message)

            assert again.reference
            assert drafts(fake) == 1

    def test_what_goes_along_is_there(
        self, spec: AdapterSpec[Any], case: ServiceCase, message: Message
    ) -> None:
        """A message is drafted with the bytes of its attachment, for whom it is meant."""
        _ask(spec, "attachments")
        fake = case.serve(Serving())
        sent: list[bytes] = []

        def way(request: Request) -> Response:
            sent.append(request.body)
            return fake(request)

        draft = _draft(spec, case, way, message)
        said = b"".join(b"".join([*sent, draft.content]).split())
        [paper] = message.attachments

        assert draft.key == message.key
        assert b"".join(paper.content.split()) in said or base64.b64encode(paper.content) in said
        assert message.to[0].encode() in said

    def test_no_header_is_smuggled_in(
        self, spec: AdapterSpec[Any], case: ServiceCase, message: Message
    ) -> None:
        """A subject or an address with a line end is refused, or is no header of its own."""
        for change in ({"subject": "a\r\nBcc: x@example.com"}, {"to": ["a@b.example\r\nBcc: x@y"]}):
            bad = attrs.evolve(message, **change)
            try:
                draft = _draft(spec, case, case.serve(Serving()), bad)
            except DocumentError:
                continue
            assert b"\nBcc:" not in draft.content

    def test_secrets_are_never_seen(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        message: Message,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """No secret is in a log, in a draft, in an error, or in how anything shows itself."""
        caplog.set_level(logging.DEBUG)
        seen: list[object] = []
        for faults in ([], [Fault.UNAUTHORIZED] * 200, [Fault.DOWN] * 200):
            runtime = case.runtime(faults=faults) if spec.connects else None
            transport: MessageTransport = spec.build(case.settings, runtime=runtime)
            seen += [transport, *parts_of(transport)]
            try:
                seen.append(transport.draft(message))
            except AdapterError as error:
                seen.append(error)

        assert leaks(case.secrets, [*seen, caplog.text]) == []


def _draft(spec: AdapterSpec[Any], case: ServiceCase, way: Transport, message: Message) -> Draft:
    runtime = case.runtime(transport=way) if spec.connects else None
    transport: MessageTransport = spec.build(case.settings, runtime=runtime)
    return transport.draft(message)


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
