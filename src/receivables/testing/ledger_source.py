"""Conformance of ledger sources: subclass `LedgerSourceTests` and give it two fixtures.

A test module of a plug-in says what it brings, and shows files with what is known about them::

    class TestMySource(LedgerSourceTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def samples(self):
            expected = ExpectedLedger(totals={"EUR": 120_00}, identities=["0042"])
            return [LedgerSample(name="items.xml", content=b"...", expected=expected)]

>>> ExpectedLedger(totals={"EUR": 120_00}, identities=["0042"]).identities
('0042',)
"""

from __future__ import annotations

import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, LedgerRecord, LedgerSource
from receivables.allocation.model import SourceAllocation
from receivables.documents.model import CreditNote, DebitNote, Document, Invoice, OpenItem
from receivables.documents.objects import open_items
from receivables.parties import Customer
from receivables.problems import CODES, Place
from receivables.reading import Collected
from receivables.receipts.model import Receipt
from receivables.receipts.objects import unapplied_item
from receivables.testing._abilities import AbilityTests, is_own_code
from receivables.testing._walking import walk

__all__ = ["ExpectedLedger", "LedgerSample", "LedgerSourceTests", "balances", "items_of"]

_RECORDS: Final = (Invoice, DebitNote, CreditNote, Receipt, Customer, SourceAllocation)
_KINDS: Final[Mapping[str, type]] = MappingProxyType(
    {
        "allocations": SourceAllocation,
        "customers": Customer,
        "documents": Document,
        "receipts": Receipt,
    }
)
_HEAD: Final = 4096
_CUTS: Final = 40
"""Places at which each sample is cut; enough to meet every kind of token of a small file."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class ExpectedLedger:
    """What is known about a sample without the adapter under test.

    `totals` is the balance by currency in minor units: documents less receipts, before anything is
    settled.  `identities` are some document numbers, receipts or customers as they stand in the
    file, best with leading zeros.  `problems` are the codes that the report must have, and no
    others; where one of them is an error, `complete` is false.
    """

    totals: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen)
    identities: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    problems: frozenset[str] = attrs.field(default=frozenset())
    complete: bool = True


@attrs.frozen(kw_only=True)
class LedgerSample:
    """A file, the settings to read it with, and what is known about it."""

    name: str
    content: bytes = attrs.field(repr=False)
    expected: ExpectedLedger
    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)


_Samples: TypeAlias = Sequence[LedgerSample]
_Reads: TypeAlias = list[tuple[LedgerSample, Collected[LedgerRecord]]]


def items_of(records: Iterable[LedgerRecord]) -> Iterator[OpenItem]:
    """The open items that records create, before anything is settled."""
    for record in records:
        if isinstance(record, Document):
            yield from open_items(record)
        elif isinstance(record, Receipt):
            yield unapplied_item(record)


def balances(records: Iterable[LedgerRecord]) -> dict[str, int]:
    """The balance of each currency, in minor units, before anything is settled."""
    found: Counter[str] = Counter()
    for item in items_of(records):
        found[item.currency] += item.amount_minor
    return dict(found)


class LedgerSourceTests(AbilityTests):
    """What every ledger source must do; give the fixtures `spec` and `samples`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "allocations": ("test_settled_items_are_in_the_file",),
            "customers": ("test_customers_come_before_what_they_owe",),
            "documents": ("test_credits_lower_the_balance",),
            "receipts": ("test_receipts_lower_the_balance",),
        }
    )
    """Each ability that a source may declare, and the test that asks for it."""

    @pytest.fixture
    def samples(self) -> Sequence[LedgerSample]:
        """Files; together they must show every ability that is declared."""
        raise NotImplementedError

    @pytest.fixture
    def reads(
        self, spec: AdapterSpec[Any], samples: Sequence[LedgerSample]
    ) -> list[tuple[LedgerSample, Collected[LedgerRecord]]]:
        """Each sample with what the source makes of it."""
        assert samples
        return [(sample, _read(spec, sample)) for sample in samples]

    def test_every_ability_is_shown(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The samples have records of each kind that is declared, and of no other kind."""
        rows = [row for _, read in reads for row in read.rows]
        shown = {
            name for name, kind in _KINDS.items() if any(isinstance(row, kind) for row in rows)
        }

        assert shown == spec.capabilities

    def test_every_record_is_of_a_known_type(self, reads: _Reads) -> None:
        """A source gives invoices, debit notes, credit notes, receipts, customers, allocations."""
        assert {type(row) for _, read in reads for row in read.rows} <= set(_RECORDS)

    def test_reading_twice_is_reading_once(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The same bytes give equal records in the same order, and the same report."""
        for sample, read in reads:
            assert _read(spec, sample) == read

    def test_sums_are_those_of_the_file(self, reads: _Reads) -> None:
        """The balance of each currency is the expected one, to the last minor unit."""
        for sample, read in reads:
            assert balances(read.rows) == dict(sample.expected.totals)

    def test_identities_are_unique(self, reads: _Reads) -> None:
        """No two open items of a creditor have the same identity, and no customer comes twice."""
        for _, read in reads:
            items = Counter((item.creditor, item.item) for item in items_of(read.rows))
            customers = Counter(row.customer for row in read.rows if isinstance(row, Customer))

            assert [key for key, count in (items + customers).items() if count > 1] == []

    def test_identities_are_texts_as_they_stand(self, reads: _Reads) -> None:
        """Identities are texts without outer blanks, and the expected ones are there unchanged."""
        for sample, read in reads:
            found = set(_identities(read.rows))

            assert {type(identity) for identity in found} <= {str}
            assert [identity for identity in found if identity != identity.strip()] == []
            assert set(sample.expected.identities) <= found

    def test_nothing_is_a_float(self, reads: _Reads) -> None:
        """No value of a record is a float, however deep."""
        for _, read in reads:
            assert [value for row in read.rows for value in walk(row) if type(value) is float] == []

    def test_report_tells_the_truth(self, reads: _Reads) -> None:
        """The report has the expected problems, counts the rows, and is complete without errors."""
        for sample, read in reads:
            assert {problem.code for problem in read.report.problems} == sample.expected.problems
            assert read.report.rows == len(read.rows)
            assert read.report.complete is sample.expected.complete
            assert read.report.complete is not bool(read.report.errors)

    def test_problems_have_a_code_and_a_place(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Each problem has a known code, or one of the adapter's own, and names its source."""
        for sample, read in reads:
            for problem in read.report.problems:
                assert problem.code in CODES or is_own_code(problem.code, spec.name)
                assert problem.place.source == sample.name

    def test_source_is_the_name_given(self, reads: _Reads) -> None:
        """Records that say where they come from name the file, and a line where there are lines."""
        for sample, read in reads:
            places = [row.source for row in read.rows if not isinstance(row, Customer)]

            assert {place.source for place in places if isinstance(place, Place)} <= {sample.name}

    def test_its_own_files_are_recognized(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The head of each sample is recognized, and neither nothing nor noise is."""
        for sample, _ in reads:
            source: LedgerSource = spec.build(sample.settings)

            assert source.recognizes(sample.content[:_HEAD], name=sample.name)
            assert not source.recognizes(b"", name=sample.name)
            assert not source.recognizes(_noise(_HEAD), name=sample.name)

    def test_cut_file_never_raises(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """A file that ends anywhere is read to its end; one without errors never gives more so."""
        for sample in samples:
            read = _read(spec, sample)
            whole = len(list(items_of(read.rows)))
            for content in _beginnings(sample.content):
                cut = _read(spec, attrs.evolve(sample, content=content))

                assert len(list(items_of(cut.rows))) <= whole or not read.report.complete

    def test_noise_never_raises(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """Bytes that are no such file are a problem in the report, and never an exception."""
        for sample in samples:
            for noise in (_noise(3000), sample.content[:200] + _noise(500), b"\0" * 100):
                read = _read(spec, attrs.evolve(sample, content=noise))

                assert not read.report.complete

    def test_empty_file_is_not_complete(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """A file of no bytes holds no accounts: it was lost on the way, and the report says so."""
        for sample in samples:
            assert not _read(spec, attrs.evolve(sample, content=b"")).report.complete

    def test_credits_lower_the_balance(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Items of credit notes are negative or zero, all others positive or zero."""
        _ask(spec, "documents")
        for _, read in reads:
            for row in read.rows:
                if isinstance(row, Document):
                    sign = -1 if isinstance(row, CreditNote) else 1
                    assert all(sign * item.amount_minor >= 0 for item in open_items(row))

    def test_receipts_lower_the_balance(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The item of a receipt is negative: money received is owed less."""
        _ask(spec, "receipts")
        for _, read in reads:
            received = [row for row in read.rows if isinstance(row, Receipt)]
            assert all(unapplied_item(receipt).amount_minor < 0 for receipt in received)

    def test_customers_come_before_what_they_owe(
        self, spec: AdapterSpec[Any], reads: _Reads
    ) -> None:
        """A customer that the file describes comes before the customer's documents and receipts."""
        _ask(spec, "customers")
        for _, read in reads:
            described = {row.customer for row in read.rows if isinstance(row, Customer)}
            seen: set[str] = set()
            for row in read.rows:
                assert row.customer in seen or row.customer not in described or _adds(row, seen)

    def test_settled_items_are_in_the_file(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """What is settled came before as an item, on no earlier day, and no item is settled twice.

        Parts of one item may be several, where each has a name of its own.
        """
        _ask(spec, "allocations")
        for _, read in reads:
            posted: dict[str, dt.date] = {}
            settled: set[str] = set()
            for row in read.rows:
                if isinstance(row, SourceAllocation):
                    assert row.items
                    assert all(posted[item] <= row.settled_on for item in row.items)
                    names = _settled(row)
                    assert settled.isdisjoint(names)
                    settled.update(names)
                posted.update({item.item: item.posting_date for item in items_of([row])})


def _read(spec: AdapterSpec[Any], sample: LedgerSample) -> Collected[LedgerRecord]:
    source: LedgerSource = spec.build(sample.settings)
    return source.read(io.BytesIO(sample.content), name=sample.name).collect()


def _settled(row: SourceAllocation) -> set[str]:
    """What must not come again: items that are settled, or the named part of one."""
    if row.settled_minor is not None and row.label:
        return {f"{row.items[0]}: {row.label}"}
    return set(row.items)


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")


def _identities(rows: Iterable[LedgerRecord]) -> Iterator[str]:
    for row in rows:
        yield row.customer
        if isinstance(row, Document):
            yield row.number
        elif isinstance(row, Receipt):
            yield row.receipt


def _adds(row: LedgerRecord, seen: set[str]) -> bool:
    """Note a customer record; anything else of a described customer came too early."""
    seen.add(row.customer)
    return isinstance(row, Customer)


def _beginnings(content: bytes) -> Iterator[bytes]:
    step = max(1, len(content) // _CUTS)
    return (content[:end] for end in range(0, len(content), step))


def _noise(length: int) -> bytes:
    """Bytes that mean nothing, the same ones every time."""
    return random.Random(length).randbytes(length)  # noqa: S311  # noise, not secrets
