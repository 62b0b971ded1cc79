"""Conformance of ledger services: subclass `LedgerServiceTests` and give it three fixtures.

A test module of a plug-in says what it brings, gives a fake that serves it, and what is known about
what the fake holds::

    class TestMyService(LedgerServiceTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def case(self):
            settings = {"creditor": "MIRA", "url": "https://erp.example", "password": "erp-password"}
            return ServiceCase(
                settings=settings, secrets={"erp-password": "s3cr3t"},
                serve=lambda serving: MyFake(ROWS, serving),
            )

        @pytest.fixture
        def expected(self):
            return ExpectedService(open_minor={"EUR": 120_00}, identities=["0042"])

>>> ExpectedService(open_minor={"EUR": 120_00}, identities=["0042"]).identities
('0042',)
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs
import pytest

from receivables.adapters import AdapterSpec, LedgerQuery, LedgerRecord, LedgerService
from receivables.allocation.model import SourceAllocation
from receivables.casework import CreditLimit
from receivables.documents.model import CreditNote, DebitNote, Document, Invoice
from receivables.documents.objects import open_items
from receivables.money import to_minor
from receivables.parties import Customer
from receivables.problems import CODES
from receivables.reading import Collected, Read
from receivables.receipts.model import Receipt
from receivables.testing._abilities import AbilityTests, is_own_code
from receivables.testing._walking import walk
from receivables.testing._watching import leaks, parts_of
from receivables.testing.ledger_source import items_of
from receivables.testing.services import Fault, ServiceCase, Serving
from receivables.transports import Runtime

__all__ = ["ExpectedService", "LedgerServiceTests", "open_minor"]

_RECORDS: Final = (Invoice, DebitNote, CreditNote, Receipt, Customer, SourceAllocation)
_PAGES: Final = (1, 7, 1000)
_BEFORE_GIVING_UP: Final = 200
"""More faults than any service that gives up at some time asks for."""


def _frozen(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _by_day(values: Mapping[dt.date, Mapping[str, int]]) -> Mapping[dt.date, Mapping[str, int]]:
    return MappingProxyType({day: MappingProxyType(dict(each)) for day, each in values.items()})


@attrs.frozen(kw_only=True)
class ExpectedService:
    """What is known about what a fake holds, without the adapter under test.

    `open_minor` is what is open now by currency, in signed minor units, and `open_on` what was open
    at the end of past days.  `identities` are some document numbers, receipts or customers as they
    stand there, best with leading zeros.  `problems` are the codes that a whole read must have, and
    no others.  `limits_minor` is what the credit limits come to, by currency.
    """

    open_minor: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen)
    open_on: Mapping[dt.date, Mapping[str, int]] = attrs.field(factory=dict, converter=_by_day)
    identities: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    customers: int | None = None
    limits_minor: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen)
    problems: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    complete: bool = True


def open_minor(records: Iterable[LedgerRecord], *, on: dt.date = dt.date.max) -> dict[str, int]:
    """What records leave open at the end of a day, by currency; a currency with nothing is left out."""
    rows = list(records)
    items = {item.item: item for item in items_of(rows) if item.posting_date <= on}
    left = {name: item.amount_minor for name, item in items.items()}
    for row in rows:
        if isinstance(row, SourceAllocation) and row.settled_on <= on:
            for name in row.items:
                settled = left.get(name, 0) if row.settled_minor is None else row.settled_minor
                left[name] = left.get(name, 0) - settled
    found: Counter[str] = Counter()
    for name, item in items.items():
        found[item.currency] += left[name]
    return {currency: minor for currency, minor in found.items() if minor}


class LedgerServiceTests(AbilityTests):
    """What every ledger service must do; give the fixtures `spec`, `case` and `expected`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "as-of": ("test_past_days_are_as_they_were",),
            "control-totals": ("test_control_totals_are_what_is_open",),
            "credit": ("test_limits_are_those_of_the_system",),
            "customers": ("test_customers_are_those_of_the_system",),
            "renews-tokens": ("test_an_expired_token_is_renewed_once",),
            "settled": ("test_what_was_settled_comes_when_asked_for",),
        }
    )
    """Each ability that a service may declare, and the test that asks for it."""

    @pytest.fixture
    def case(self) -> ServiceCase:
        """The service: settings, secrets, and the fake that serves."""
        raise NotImplementedError

    @pytest.fixture
    def expected(self) -> ExpectedService:
        """What is known about what the fake holds."""
        raise NotImplementedError

    def test_items_are_those_of_the_system(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """What is open comes to the expected amounts, whole, with the expected problems."""
        read = _items(spec, case.runtime(), case)

        assert open_minor(read.rows) == dict(expected.open_minor)
        assert {problem.code for problem in read.report.problems} == expected.problems
        assert read.report.complete is expected.complete
        assert {type(row) for row in read.rows} <= set(_RECORDS)

    def test_any_page_size_gives_the_same(self, spec: AdapterSpec[Any], case: ServiceCase) -> None:
        """Pages of 1, 7 and 1,000 rows make the same records, and so does reading again."""
        runtime = case.runtime()
        first = _items(spec, runtime, case)
        assert _items(spec, runtime, case).rows == first.rows
        for size in _PAGES:
            read = _items(spec, case.runtime(Serving(page_size=size)), case)

            assert Counter(read.rows) == Counter(first.rows)
            assert read.report.complete is first.report.complete

    def test_identities_are_texts_and_unique(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """Identities are texts as they stand, no two items have the same one, nothing is a float."""
        rows = _items(spec, case.runtime(), case).rows
        items = Counter((item.creditor, item.item) for item in items_of(rows))
        found = {text for row in rows for text in walk(row) if isinstance(text, str)}

        assert [key for key, count in items.items() if count > 1] == []
        assert set(expected.identities) <= found
        assert [value for row in rows for value in walk(row) if type(value) is float] == []

    def test_credits_lower_the_balance(self, spec: AdapterSpec[Any], case: ServiceCase) -> None:
        """Items of credit notes and receipts are negative or zero, all others positive or zero."""
        for row in _items(spec, case.runtime(), case).rows:
            if isinstance(row, Document):
                sign = -1 if isinstance(row, CreditNote) else 1
                assert all(sign * item.amount_minor >= 0 for item in open_items(row))

    def test_rows_left_out_in_silence_are_missed(
        self, spec: AdapterSpec[Any], case: ServiceCase
    ) -> None:
        """A system that stops after some rows without a word is found out, or made to go on."""
        whole = _items(spec, case.runtime(), case)
        read = _items(spec, case.runtime(Serving(truncates_at=1)), case)

        assert not read.report.complete or Counter(read.rows) == Counter(whole.rows)

    def test_rows_beside_an_error_are_kept(self, spec: AdapterSpec[Any], case: ServiceCase) -> None:
        """A row that comes as an error makes the read incomplete, and loses none of those before."""
        whole = Counter(_items(spec, case.runtime(), case).rows)
        read = _items(spec, case.runtime(Serving(page_size=1, fails_at=2)), case)

        assert not read.report.complete
        assert read.report.problems
        assert sum((Counter(read.rows) - whole).values()) <= 1

    @pytest.mark.parametrize("fault", [Fault.BUSY, Fault.DOWN, Fault.TIME_OUT, Fault.NOT_REACHED])
    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_a_fault_on_the_way_changes_nothing(
        self, spec: AdapterSpec[Any], case: ServiceCase, fault: Fault, place: int
    ) -> None:
        """A request that fails once is sent again, and the records are the same."""
        whole = _items(spec, case.runtime(), case)
        faults = [*[None] * place, fault]

        assert _items(spec, case.runtime(faults=faults), case).rows == whole.rows

    def test_a_system_that_is_down_is_no_empty_ledger(
        self, spec: AdapterSpec[Any], case: ServiceCase
    ) -> None:
        """Where no request is answered, or all are refused, nothing is raised and nothing complete."""
        for fault in (Fault.NOT_REACHED, Fault.DOWN, Fault.UNAUTHORIZED, Fault.TIME_OUT):
            read = _items(spec, case.runtime(faults=[fault] * _BEFORE_GIVING_UP), case)

            assert read.rows == ()
            assert not read.report.complete

    def test_an_expired_token_is_renewed_once(
        self, spec: AdapterSpec[Any], case: ServiceCase
    ) -> None:
        """A 401 in the middle makes the adapter get a new token and go on."""
        _ask(spec, "renews-tokens")
        whole = _items(spec, case.runtime(), case)
        read = _items(spec, case.runtime(faults=[None, Fault.UNAUTHORIZED]), case)

        assert (read.rows, read.report.complete) == (whole.rows, whole.report.complete)

    def test_problems_have_a_code_and_a_place(
        self, spec: AdapterSpec[Any], case: ServiceCase
    ) -> None:
        """Each problem has a known code, or one of the adapter's own, and a place."""
        for serving in (Serving(), Serving(truncates_at=1), Serving(fails_at=1)):
            for problem in _items(spec, case.runtime(serving), case).report.problems:
                assert problem.code in CODES or is_own_code(problem.code, spec.name)
                assert problem.place.source

    def test_secrets_are_never_seen(
        self,
        spec: AdapterSpec[Any],
        case: ServiceCase,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """No secret is in a log, in a record, in a problem, or in how anything shows itself."""
        caplog.set_level(logging.DEBUG)
        seen: list[object] = []
        for faults in ([], [Fault.UNAUTHORIZED] * 9, [Fault.NOT_REACHED] * 9, [Fault.DOWN] * 9):
            runtime = case.runtime(faults=faults)
            service: LedgerService = spec.build(case.settings, runtime=runtime)
            read = service.items(LedgerQuery()).collect()
            seen += [service, runtime, read, *parts_of(service)]

        assert leaks(case.secrets, [*seen, caplog.text]) == []

    def test_past_days_are_as_they_were(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """What was open at the end of a past day comes to the expected amounts."""
        _ask(spec, "as-of")
        assert expected.open_on
        for day, amounts in expected.open_on.items():
            read = _items(spec, case.runtime(), case, LedgerQuery(as_of=day))

            assert open_minor(read.rows, on=day) == dict(amounts)

    def test_what_was_settled_comes_when_asked_for(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """With what was settled there is more to see, and as much is open as without it."""
        _ask(spec, "settled")
        query = LedgerQuery(settled_since=dt.date(1990, 1, 1))
        read = _items(spec, case.runtime(), case, query)

        assert any(isinstance(row, SourceAllocation) for row in read.rows)
        assert open_minor(read.rows) == dict(expected.open_minor)

    def test_customers_are_those_of_the_system(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """Every customer comes once, at any page size."""
        _ask(spec, "customers")
        for size in _PAGES:
            service = _service(spec, case.runtime(Serving(page_size=size)), case)
            read = service.customers(LedgerQuery()).collect()
            names = [row.customer for row in read.rows]

            assert {type(row) for row in read.rows} <= {Customer}
            assert len(names) == len(set(names)) == (expected.customers or len(names)) > 0
            assert read.report.complete

    def test_limits_are_those_of_the_system(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """Credit limits come to the expected amounts."""
        _ask(spec, "credit")
        read = _service(spec, case.runtime(), case).credit(LedgerQuery()).collect()
        found: Counter[str] = Counter()
        for row in read.rows:
            if isinstance(row, CreditLimit):
                found[row.amount.currency.code] += to_minor(row.amount)

        assert dict(found) == dict(expected.limits_minor)
        assert read.rows
        assert read.report.complete

    def test_control_totals_are_what_is_open(
        self, spec: AdapterSpec[Any], case: ServiceCase, expected: ExpectedService
    ) -> None:
        """What the system's own accounts say is what its items come to."""
        _ask(spec, "control-totals")
        totals = _service(spec, case.runtime(), case).control_totals()
        found = {total.currency.code: to_minor(total) for total in totals if to_minor(total)}

        assert found == dict(expected.open_minor)


def _service(spec: AdapterSpec[Any], runtime: Runtime, case: ServiceCase) -> LedgerService:
    service: LedgerService = spec.build(case.settings, runtime=runtime)
    return service


def _items(
    spec: AdapterSpec[Any],
    runtime: Runtime,
    case: ServiceCase,
    query: LedgerQuery = LedgerQuery(),  # noqa: B008  # a frozen value
) -> Collected[LedgerRecord]:
    read: Read[LedgerRecord] = _service(spec, runtime, case).items(query)
    return read.collect()


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
