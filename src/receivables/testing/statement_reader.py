"""Conformance of statement readers: subclass `StatementReaderTests` and give it two fixtures.

A test module of a plug-in says what it brings, and shows files with what is known about them::

    class TestMyReader(StatementReaderTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def samples(self):
            expected = ExpectedStatements(entries=2, closings=(("DE89...", 120_00),))
            return [StatementSample(name="october.xml", content=b"...", expected=expected)]

>>> ExpectedStatements(entries=2, closings=[("DE89", 120_00)]).closings
(('DE89', 12000),)
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, StatementReader, StatementRecord
from receivables.money import digits
from receivables.problems import CODES
from receivables.reading import Collected
from receivables.receipts.model import BankEntry, BankStatement, EntryDetail, Payer
from receivables.testing._abilities import AbilityTests
from receivables.testing._raw import ENCODINGS, strangers
from receivables.testing._walking import walk

__all__ = ["ExpectedStatements", "StatementReaderTests", "StatementSample", "entries_of"]

_HEAD: Final = 4096
_CUTS: Final = 40
"""Places at which each sample is cut; enough to meet every kind of token of a small file."""


def _pairs(values: Iterable[tuple[str, int | None]]) -> tuple[tuple[str, int | None], ...]:
    return tuple((account, minor) for account, minor in values)


@attrs.frozen(kw_only=True)
class ExpectedStatements:
    """What is known about a sample without the reader under test.

    `closings` are the account and the closing balance, in minor units, of each statement in order.
    `sums` are the booked credits less the booked debits of each.  `problems` are the codes that the
    report must have, and no others; where one of them is an error, `complete` is false.
    """

    entries: int
    closings: tuple[tuple[str, int | None], ...] = attrs.field(default=(), converter=_pairs)
    sums: tuple[tuple[str, int | None], ...] = attrs.field(default=(), converter=_pairs)
    problems: frozenset[str] = attrs.field(default=frozenset())
    complete: bool = True


@attrs.frozen(kw_only=True)
class StatementSample:
    """A file and what is known about it."""

    name: str
    content: bytes = attrs.field(repr=False)
    expected: ExpectedStatements


_Samples: TypeAlias = Sequence[StatementSample]
_Reads: TypeAlias = list[tuple[StatementSample, Collected[StatementRecord]]]


def entries_of(records: Iterable[StatementRecord]) -> list[BankEntry]:
    """The entries among the records of a read."""
    return [record for record in records if isinstance(record, BankEntry)]


def _statements_of(records: Iterable[StatementRecord]) -> list[BankStatement]:
    return [record for record in records if isinstance(record, BankStatement)]


class StatementReaderTests(AbilityTests):
    """What every statement reader must do; give the fixtures `spec` and `samples`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "balances": ("test_balances_prove_the_entries",),
            "batches": ("test_batches_have_their_transactions",),
            "pages": ("test_pages_are_numbered",),
            "payers": ("test_payers_are_named",),
            "pending": ("test_pending_entries_count_in_no_sum",),
            "raw": ("test_raw_lines_stand_in_the_file",),
            "references": ("test_structured_references_are_read",),
            "returns": ("test_returns_have_a_reason",),
        }
    )
    """Each ability that a reader may declare, and the test that asks for it."""

    ENCODINGS: ClassVar[tuple[str, ...]] = ENCODINGS
    """How the files of the samples may be decoded, to look for raw lines in them."""

    @pytest.fixture
    def samples(self) -> Sequence[StatementSample]:
        """Files; together they must show every ability that is declared."""
        raise NotImplementedError

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """The settings of the reader under test."""
        return {}

    @pytest.fixture
    def reader(self, spec: AdapterSpec[Any], settings: Mapping[str, Any]) -> StatementReader:
        """The reader, built as an application builds it."""
        reader: StatementReader = spec.build(settings)
        return reader

    @pytest.fixture
    def reads(
        self, reader: StatementReader, samples: Sequence[StatementSample]
    ) -> list[tuple[StatementSample, Collected[StatementRecord]]]:
        """Each sample with what the reader makes of it."""
        assert samples
        return [(sample, _read(reader, sample)) for sample in samples]

    def test_every_record_is_an_entry_or_a_statement(self, reads: _Reads) -> None:
        """A reader gives bank entries and bank statements, and nothing else."""
        assert {type(row) for _, read in reads for row in read.rows} <= {BankEntry, BankStatement}

    def test_reading_twice_is_reading_once(self, reader: StatementReader, reads: _Reads) -> None:
        """The same bytes give equal records in the same order, and the same report."""
        for sample, read in reads:
            assert _read(reader, sample) == read

    def test_figures_are_those_of_the_file(self, reads: _Reads) -> None:
        """Entries, closing balances and sums are the expected ones, to the last minor unit."""
        for sample, read in reads:
            statements = _statements_of(read.rows)
            closings = tuple((one.account, one.closing_minor) for one in statements)
            sums = tuple((one.account, one.credits_minor - one.debits_minor) for one in statements)

            assert len(entries_of(read.rows)) == sample.expected.entries
            assert closings == sample.expected.closings
            assert sums == sample.expected.sums or not sample.expected.sums

    def test_statement_follows_its_entries(self, reads: _Reads) -> None:
        """Each statement comes after its last entry, and sums up the booked ones among them."""
        for sample, read in reads:
            since: list[BankEntry] = []
            for row in read.rows:
                if isinstance(row, BankEntry):
                    since.append(row)
                    continue
                booked = [entry.amount_minor for entry in since if entry.is_booked]
                assert {(one.account, one.statement) for one in since} <= {
                    (row.account, row.statement)
                }
                assert (row.entries, row.booked_entries) == (len(since), len(booked))
                assert row.credits_minor - row.debits_minor == sum(booked)
                since.clear()
            assert since == [] or not sample.expected.complete

    def test_entries_of_a_statement_are_told_apart(self, reads: _Reads) -> None:
        """No two entries of a file have the same account, statement and index."""
        for _, read in reads:
            keys = [(one.account, one.statement, one.index) for one in entries_of(read.rows)]

            assert len(set(keys)) == len(keys)

    def test_currencies_have_a_minor_unit(self, reads: _Reads) -> None:
        """Each entry is in a currency of ISO 4217, so that its minor units mean an amount."""
        for _, read in reads:
            assert all(digits(entry.currency) >= 0 for entry in entries_of(read.rows))

    def test_nothing_is_a_float(self, reads: _Reads) -> None:
        """No value of a record is a float, however deep."""
        for _, read in reads:
            assert [value for row in read.rows for value in walk(row) if type(value) is float] == []

    def test_no_reference_is_a_placeholder(self, reads: _Reads) -> None:
        """The literal NOTPROVIDED of the payment schemes is no reference."""
        for _, read in reads:
            for detail in _details(read.rows):
                assert "NOTPROVIDED" not in (
                    detail.remittance.end_to_end,
                    *detail.remittance.references,
                )

    def test_report_tells_the_truth(self, reads: _Reads) -> None:
        """The report has the expected problems, counts the rows, and is complete without errors."""
        for sample, read in reads:
            assert {problem.code for problem in read.report.problems} == sample.expected.problems
            assert read.report.rows == len(read.rows)
            assert read.report.complete is sample.expected.complete
            assert not read.report.errors or not read.report.complete

    def test_problems_have_a_code_and_a_place(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Each problem has a known code, or one of the adapter's own, and names its source."""
        for sample, read in reads:
            for problem in read.report.problems:
                assert problem.code in CODES or problem.code.startswith(f"{spec.name}.")
                assert problem.place.source == sample.name

    def test_entries_say_where_they_stand(self, reads: _Reads) -> None:
        """An entry that says where it comes from names the file."""
        for sample, read in reads:
            places = [entry.source for entry in entries_of(read.rows) if entry.source is not None]

            assert {place.source for place in places} <= {sample.name}

    def test_its_own_files_are_recognized(self, reader: StatementReader, samples: _Samples) -> None:
        """The head of each sample is recognized, and neither nothing nor noise is."""
        for sample in samples:
            assert reader.recognizes(sample.content[:_HEAD], name=sample.name)
            assert not reader.recognizes(b"", name=sample.name)
            assert not reader.recognizes(_noise(_HEAD), name=sample.name)

    def test_cut_file_never_raises(self, reader: StatementReader, reads: _Reads) -> None:
        """A file that ends anywhere gives what was there before, and never an exception.

        Where the cut lost entries or a statement, the report has problems.
        """
        for sample, read in reads:
            for content in _beginnings(sample.content):
                cut = _read(reader, attrs.evolve(sample, content=content))

                assert entries_of(cut.rows) == entries_of(read.rows)[: len(entries_of(cut.rows))]
                assert len(cut.rows) >= len(read.rows) or cut.report.problems

    def test_noise_never_raises(self, reader: StatementReader, samples: _Samples) -> None:
        """Bytes that are no such file are a problem in the report, and never an exception."""
        for sample in samples:
            for noise in (_noise(3000), sample.content[:200] + _noise(500), b"\0" * 100):
                read = _read(reader, attrs.evolve(sample, content=noise))

                assert not read.report.complete

    def test_changed_bytes_never_raise(self, reader: StatementReader, samples: _Samples) -> None:
        """A file with a few bytes changed is read as it is, and never an exception."""
        luck = random.Random(20261031)  # noqa: S311  # no secret
        for sample in samples:
            for _ in range(_CUTS):
                content = bytearray(sample.content)
                for _change in range(3):
                    content[luck.randrange(len(content))] = luck.randrange(256)

                _read(reader, attrs.evolve(sample, content=bytes(content)))

    def test_empty_file_is_not_complete(self, reader: StatementReader, samples: _Samples) -> None:
        """A file of no bytes holds no statement: it was lost on the way, and the report says so."""
        for sample in samples:
            assert not _read(reader, attrs.evolve(sample, content=b"")).report.complete

    def test_balances_prove_the_entries(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Opening balance plus booked entries is the closing balance, or the report says it is not."""
        _ask(spec, "balances")
        found = 0
        for _, read in reads:
            differences = [one.difference_minor for one in _statements_of(read.rows)]
            codes = {problem.code for problem in read.report.problems}
            found += differences.count(0)

            assert ("statement.unbalanced" in codes) is any(differences)
        assert found

    def test_batches_have_their_transactions(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some entry has several transactions whose amounts add up to it."""
        _ask(spec, "batches")
        batches = [
            entry
            for _, read in reads
            for entry in entries_of(read.rows)
            if len(entry.details) > 1
            and sum(one.amount_minor or 0 for one in entry.details) == entry.amount_minor
        ]

        assert batches

    def test_pages_are_numbered(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some statement is a page with a number that says whether more follow."""
        _ask(spec, "pages")
        pages = [one for _, read in reads for one in _statements_of(read.rows) if one.page]

        assert pages
        assert all(page.is_last_page is not None for page in pages)

    def test_payers_are_named(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some credit names who paid, and from which account."""
        _ask(spec, "payers")
        payers = [
            detail.payer
            for _, read in reads
            for entry in entries_of(read.rows)
            if entry.amount_minor > 0
            for detail in entry.details
            if detail.payer != Payer()
        ]

        assert any(payer.name and payer.account for payer in payers)

    def test_pending_entries_count_in_no_sum(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some entry is not booked; no statement has it in its sums."""
        _ask(spec, "pending")
        rows = [row for _, read in reads for row in read.rows]

        assert [entry for entry in entries_of(rows) if not entry.is_booked]
        assert [one for one in _statements_of(rows) if one.booked_entries < one.entries]

    def test_raw_lines_stand_in_the_file(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Every entry keeps the lines that it was read from, as they stand in the file."""
        _ask(spec, "raw")
        for sample, read in reads:
            raws = [entry.raw for entry in entries_of(read.rows)]

            assert all(raws)
            assert strangers(raws, sample.content, encodings=self.ENCODINGS) == ()

    def test_structured_references_are_read(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some transaction has a creditor reference, or names the document that it pays."""
        _ask(spec, "references")
        details = [detail for _, read in reads for detail in _details(read.rows)]

        assert any(one.remittance.references or one.remittance.documents for one in details)

    def test_returns_have_a_reason(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some transaction came back, and says why in a code or in words."""
        _ask(spec, "returns")
        reasons = [
            detail.returned
            for _, read in reads
            for detail in _details(read.rows)
            if detail.returned is not None
        ]

        assert any(reason.code or reason.text for reason in reasons)


def _read(reader: StatementReader, sample: StatementSample) -> Collected[StatementRecord]:
    return reader.read(io.BytesIO(sample.content), name=sample.name).collect()


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")


def _details(rows: Iterable[StatementRecord]) -> Iterator[EntryDetail]:
    for entry in entries_of(rows):
        yield from entry.details


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311  # no secret


def _beginnings(content: bytes) -> Iterator[bytes]:
    """The content cut at many places, from its first byte to its last but one."""
    step = max(len(content) // _CUTS, 1)
    for end in (1, *range(step, len(content), step), len(content) - 1):
        yield content[:end]
