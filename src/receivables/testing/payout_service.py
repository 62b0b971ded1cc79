"""Conformance of payout services: subclass `PayoutServiceTests` and give it its fixtures.

It is tried as a ledger service is (`receivables.testing.LedgerServiceTests`): give `spec`, a `case`
with the fake that serves, the `days` to ask for, and what is `expected`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs
import pytest

from receivables.adapters import AdapterSpec, PayoutRecord, PayoutService
from receivables.problems import CODES
from receivables.reading import Collected
from receivables.receipts.payouts import Payout, ProcessorDispute
from receivables.testing._abilities import AbilityTests, is_own_code
from receivables.testing._walking import walk
from receivables.testing._watching import leaks, parts_of
from receivables.testing.payout_reader import (
    ExpectedPayouts,
    check_expected,
    check_payouts_hold,
)
from receivables.testing.services import Fault, ServiceCase, Serving
from receivables.transports import Runtime

__all__ = ["PayoutServiceTests"]

_PAGES: Final = (1, 7, 1000)


class PayoutServiceTests(AbilityTests):
    """What every payout service must do; give `spec`, `case`, `days` and `expected`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "disputes": ("test_disputes_are_those_of_the_processor",),
            "renews-tokens": ("test_an_expired_token_is_renewed_once",),
        }
    )
    """Each ability that a service may declare, and the test that asks for it."""

    @pytest.fixture
    def case(self) -> ServiceCase:
        """The service: settings, secrets, and the fake that serves."""
        raise NotImplementedError

    @pytest.fixture
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day to ask for."""
        raise NotImplementedError

    @pytest.fixture
    def expected(self) -> ExpectedPayouts:
        """What is known about what the fake holds for those days."""
        raise NotImplementedError

    def test_payouts_are_those_of_the_processor(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        days: tuple[dt.date, dt.date],
        expected: ExpectedPayouts,
    ) -> None:
        """Payouts, gross sums and fees are the expected ones, and every payout holds."""
        read = _read(spec, case.runtime(), case, days)
        disputes = sum(isinstance(row, ProcessorDispute) for row in read.rows)

        check_expected(read.rows, _without_disputes(expected, disputes))
        check_payouts_hold(read.rows)
        assert {
            row.payout
            for row in read.rows
            if isinstance(row, Payout) and not days[0] <= row.paid_on <= days[1]
        } == set()
        assert {problem.code for problem in read.report.problems} == expected.problems
        assert read.report.complete is expected.complete
        assert [value for row in read.rows for value in walk(row) if type(value) is float] == []

    def test_any_page_size_gives_the_same(
        self, spec: AdapterSpec[Any], case: ServiceCase, days: tuple[dt.date, dt.date]
    ) -> None:
        """Pages of 1, 7 and 1,000 rows make the same records, and so does reading again."""
        runtime = case.runtime()
        first = _read(spec, runtime, case, days)
        assert _read(spec, runtime, case, days).rows == first.rows
        for size in _PAGES:
            read = _read(spec, case.runtime(Serving(page_size=size)), case, days)

            assert Counter(read.rows) == Counter(first.rows)

    def test_what_is_missing_is_missed(
        self, spec: AdapterSpec[Any], case: ServiceCase, days: tuple[dt.date, dt.date]
    ) -> None:
        """Rows left out in silence, or that come as errors, give no payout that does not hold."""
        whole = _read(spec, case.runtime(), case, days)
        for serving in (Serving(truncates_at=1), Serving(page_size=1, fails_at=2)):
            read = _read(spec, case.runtime(serving), case, days)

            check_payouts_hold(read.rows)
            assert serving.fails_at is None or not read.report.complete
            assert not read.report.complete or Counter(read.rows) == Counter(whole.rows)

    @pytest.mark.parametrize("fault", [Fault.BUSY, Fault.DOWN, Fault.TIME_OUT, Fault.NOT_REACHED])
    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_a_fault_on_the_way_changes_nothing(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        days: tuple[dt.date, dt.date],
        fault: Fault,
        place: int,
    ) -> None:
        """A request that fails once is sent again, and the records are the same."""
        whole = _read(spec, case.runtime(), case, days)
        faults = [*[None] * place, fault]

        assert _read(spec, case.runtime(faults=faults), case, days).rows == whole.rows

    def test_a_processor_that_is_down_paid_nothing_out(
        self, spec: AdapterSpec[Any], case: ServiceCase, days: tuple[dt.date, dt.date]
    ) -> None:
        """Where no request is answered, or all are refused, nothing is raised and nothing complete."""
        for fault in (Fault.NOT_REACHED, Fault.DOWN, Fault.UNAUTHORIZED, Fault.TIME_OUT):
            read = _read(spec, case.runtime(faults=[fault] * 200), case, days)

            assert read.rows == ()
            assert not read.report.complete
            for problem in read.report.problems:
                assert problem.code in CODES or is_own_code(problem.code, spec.name)

    def test_an_expired_token_is_renewed_once(
        self, spec: AdapterSpec[Any], case: ServiceCase, days: tuple[dt.date, dt.date]
    ) -> None:
        """A 401 in the middle makes the adapter get a new token and go on."""
        _ask(spec, "renews-tokens")
        whole = _read(spec, case.runtime(), case, days)
        read = _read(spec, case.runtime(faults=[None, Fault.UNAUTHORIZED]), case, days)

        assert (read.rows, read.report.complete) == (whole.rows, whole.report.complete)

    def test_disputes_are_those_of_the_processor(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        days: tuple[dt.date, dt.date],
        expected: ExpectedPayouts,
    ) -> None:
        """Every dispute of the days comes, once, at any page size."""
        _ask(spec, "disputes")
        since, until = days
        for size in _PAGES:
            service = _service(spec, case.runtime(Serving(page_size=size)), case)
            read = service.disputes(since=since, until=until).collect()

            assert {type(row) for row in read.rows} == {ProcessorDispute}
            assert len({row.dispute for row in read.rows if isinstance(row, ProcessorDispute)}) == (
                expected.disputes
            )
            assert len(read.rows) == expected.disputes
            assert read.report.complete

    def test_secrets_are_never_seen(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        days: tuple[dt.date, dt.date],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """No secret is in a log, in a record, in a problem, or in how anything shows itself."""
        caplog.set_level(logging.DEBUG)
        seen: list[object] = []
        for faults in ([], [Fault.UNAUTHORIZED] * 9, [Fault.NOT_REACHED] * 9, [Fault.DOWN] * 9):
            runtime = case.runtime(faults=faults)
            service = _service(spec, runtime, case)
            seen += [service, runtime, _read(spec, runtime, case, days), *parts_of(service)]

        assert leaks(case.secrets, [*seen, caplog.text]) == []


def _without_disputes(expected: ExpectedPayouts, found: int) -> ExpectedPayouts:
    """What is expected of `payouts`, which may give disputes or leave them to their own verb."""
    return attrs.evolve(expected, disputes=found)


def _service(spec: AdapterSpec[Any], runtime: Runtime, case: ServiceCase) -> PayoutService:
    service: PayoutService = spec.build(case.settings, runtime=runtime)
    return service


def _read(
    spec: AdapterSpec[Any], runtime: Runtime, case: ServiceCase, days: tuple[dt.date, dt.date]
) -> Collected[PayoutRecord]:
    since, until = days
    return _service(spec, runtime, case).payouts(since=since, until=until).collect()


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
