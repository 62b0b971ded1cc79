"""Conformance of posting targets: subclass `PostingTargetTests` and give it its fixtures.

A target that sends (ability ``send``) gives a `case` with its fake, and says by `booked` how many
lines of a batch the fake has booked; one that only writes files gives `spec`, `settings` and
`batch`::

    class TestMyTarget(PostingTargetTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def case(self):
            return ServiceCase(settings={...}, serve=lambda serving: MyFake(serving))

        @pytest.fixture
        def batch(self):
            return PostingBatch.of([a_receipt_posting(), another()], creditor="MIRA", target="mine")

        @pytest.fixture
        def booked(self):
            return lambda fake: len(fake.documents)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import pytest

from receivables.accounting.model import JournalEntry
from receivables.adapters import AdapterSpec, PostingTarget
from receivables.casework.postings import LineOutcome
from receivables.documents.model import Document
from receivables.outbox.model import PostingBatch, PostingResult, ReceiptPosting
from receivables.problems import CODES
from receivables.testing._abilities import AbilityTests, is_own_code
from receivables.testing._watching import leaks, parts_of
from receivables.testing.services import Fault, ServiceCase, Serving
from receivables.transports import Transport

__all__ = ["PostingTargetTests"]

_KINDS: Final[Mapping[str, type]] = MappingProxyType(
    {"documents": Document, "journal": JournalEntry, "receipts": ReceiptPosting}
)
_REQUESTS: Final = 12
"""Requests of a posting at each of which an answer is lost."""
_ATTEMPTS: Final = 40
"""More than anybody tries again."""


class PostingTargetTests(AbilityTests):
    """What every posting target must do; give `spec`, `batch`, and what its abilities ask for."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "documents": ("test_every_kind_that_is_declared_is_shown",),
            "journal": ("test_every_kind_that_is_declared_is_shown",),
            "receipts": ("test_every_kind_that_is_declared_is_shown",),
            "send": (
                "test_every_line_is_booked_and_answered",
                "test_the_same_batch_twice_is_booked_once",
                "test_a_line_that_is_refused_keeps_no_other_back",
                "test_a_system_that_is_down_books_nothing",
            ),
            "status": ("test_a_lost_answer_is_found_again",),
        }
    )
    """Each ability that a target may declare, and the tests that ask for it."""

    @pytest.fixture
    def case(self) -> ServiceCase:
        """The system: settings, secrets, and the fake that books."""
        return ServiceCase(settings=self.settings, serve=_nobody)

    settings: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """The settings of a target that only writes files."""

    @pytest.fixture
    def batch(self) -> PostingBatch:
        """Two lines or more, together of every kind that is declared."""
        raise NotImplementedError

    @pytest.fixture
    def booked(self, spec: AdapterSpec[Any]) -> Callable[[Any], int]:
        """How many lines the fake has booked."""
        _ask(spec, "send")
        raise NotImplementedError

    @pytest.fixture
    def refused(self, spec: AdapterSpec[Any]) -> tuple[PostingBatch, frozenset[str]]:
        """A batch of which the fake refuses some lines, and the names of those."""
        _ask(spec, "send")
        raise NotImplementedError

    def test_proposing_reaches_nobody(
        self, spec: AdapterSpec[Any], case: ServiceCase, batch: PostingBatch
    ) -> None:
        """A proposal shows what would be sent, the same each time, and sends nothing."""
        target = _target(spec, case, _nobody)
        first, second = target.propose(batch), target.propose(batch)

        assert first == second
        assert first.payloads
        assert all(payload.content and payload.media_type for payload in first.payloads)
        assert [problem for problem in first.problems if problem.is_error] == []
        assert leaks(case.secrets, [first]) == []

    def test_every_kind_that_is_declared_is_shown(
        self, spec: AdapterSpec[Any], batch: PostingBatch
    ) -> None:
        """The batch has a line of each kind that is declared."""
        shown = {
            name
            for name, kind in _KINDS.items()
            if any(isinstance(line.record, kind) for line in batch.lines)
        }

        assert shown == spec.capabilities & set(_KINDS)

    def test_every_line_is_booked_and_answered(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        batch: PostingBatch,
        booked: Callable[[Any], int],
    ) -> None:
        """Each line has one answer, with the number under which it is booked."""
        _ask(spec, "send")
        fake = case.serve(Serving())
        result = _target(spec, case, fake).post(batch)

        assert sorted(answer.line for answer in result.answers) == sorted(_names(batch))
        assert {answer.outcome for answer in result.answers} == {LineOutcome.POSTED}
        assert all(answer.reference for answer in result.answers)
        assert booked(fake) == len(batch.lines)

    def test_the_same_batch_twice_is_booked_once(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        batch: PostingBatch,
        booked: Callable[[Any], int],
    ) -> None:
        """Sending a batch again books nothing again."""
        _ask(spec, "send")
        fake = case.serve(Serving())
        _target(spec, case, fake).post(batch)
        again = _target(spec, case, fake).post(batch)

        assert booked(fake) == len(batch.lines)
        assert again.posting == batch.posting

    def test_a_line_that_is_refused_keeps_no_other_back(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        refused: tuple[PostingBatch, frozenset[str]],
        booked: Callable[[Any], int],
    ) -> None:
        """A refusal is said of its line, with its reason; the others are booked and counted."""
        _ask(spec, "send")
        batch, lines = refused
        fake = case.serve(Serving())
        result = _target(spec, case, fake).post(batch)
        said = {answer.line: answer for answer in result.answers}

        assert set(said) == set(_names(batch))
        assert {name for name in said if said[name].outcome is LineOutcome.REFUSED} == lines
        assert all(said[name].message for name in lines)
        assert booked(fake) == len(result.of(LineOutcome.POSTED))

    def test_a_system_that_is_down_books_nothing(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        batch: PostingBatch,
        booked: Callable[[Any], int],
    ) -> None:
        """Where no request arrives, no line is posted, and nothing is raised."""
        _ask(spec, "send")
        for fault in (Fault.NOT_REACHED, Fault.DOWN, Fault.UNAUTHORIZED, Fault.TIME_OUT):
            fake = case.serve(Serving())
            runtime = case.runtime(transport=fake, faults=[fault] * 200)
            result = spec.build(case.settings, runtime=runtime).post(batch)

            assert result.of(LineOutcome.POSTED) == ()
            assert booked(fake) == 0

    @pytest.mark.parametrize("fault", [Fault.ACCEPTED_THEN_TIME_OUT, Fault.TIME_OUT])
    @pytest.mark.parametrize("place", range(_REQUESTS))
    @pytest.mark.parametrize("lasting", [1, _ATTEMPTS])
    def test_a_lost_answer_is_found_again(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        batch: PostingBatch,
        booked: Callable[[Any], int],
        place: int,
        fault: Fault,
        lasting: int,
    ) -> None:
        """An answer that is lost is no line twice: it is unknown, and the status tells.

        It is lost once, or however often it is tried again.
        """
        _ask(spec, "status")
        fake = case.serve(Serving())
        faults = [*[None] * place, *[fault] * lasting]
        runtime = case.runtime(transport=fake, faults=faults)
        result: PostingResult = spec.build(case.settings, runtime=runtime).post(batch)
        assert {answer.line for answer in result.answers} == set(_names(batch))
        known = _target(spec, case, fake).status(batch)

        assert known.is_settled
        assert len(known.of(LineOutcome.POSTED)) == booked(fake)
        posted = {answer.line for answer in known.of(LineOutcome.POSTED)}
        assert {answer.line for answer in result.of(LineOutcome.POSTED)} <= posted
        assert posted.isdisjoint(answer.line for answer in result.of(LineOutcome.REFUSED))

    def test_problems_have_a_known_code(
        self, spec: AdapterSpec[Any], case: ServiceCase, batch: PostingBatch
    ) -> None:
        """What stands against a line has a known code, or one of the adapter's own."""
        for problem in _target(spec, case, _nobody).propose(batch).problems:
            assert problem.code in CODES or is_own_code(problem.code, spec.name)

    def test_secrets_are_never_seen(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        batch: PostingBatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """No secret is in a log, in an answer, or in how anything shows itself."""
        caplog.set_level(logging.DEBUG)
        target = _target(spec, case, _nobody)
        seen: list[object] = [target, target.propose(batch), *parts_of(target)]
        if "send" in spec.capabilities:
            for faults in ([], [Fault.UNAUTHORIZED] * 9, [Fault.DOWN] * 9):
                runtime = case.runtime(faults=faults)
                seen += [runtime, spec.build(case.settings, runtime=runtime).post(batch)]

        assert leaks(case.secrets, [*seen, caplog.text]) == []


def _target(spec: AdapterSpec[Any], case: ServiceCase, transport: Transport) -> PostingTarget:
    runtime = case.runtime(transport=transport) if spec.connects else None
    target: PostingTarget = spec.build(case.settings, runtime=runtime)
    return target


def _nobody(request: object) -> Any:  # noqa: ANN401  # it never answers
    msg = f"nothing must be sent, got {request!r}"
    raise AssertionError(msg)


def _names(batch: PostingBatch) -> list[str]:
    return [line.line for line in batch.lines]


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
