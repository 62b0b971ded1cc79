"""Conformance of advice readers: subclass `AdviceReaderTests` and give it two fixtures.

A test module of a plug-in says what it brings, and shows files with what is known about them::

    class TestMyReader(AdviceReaderTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def samples(self):
            expected = ExpectedAdvices(advices=2, sums=(("0000001", 120_00),))
            return [AdviceSample(name="october.ach", content=b"...", expected=expected)]

>>> ExpectedAdvices(advices=2, sums=[("0000001", 120_00)]).sums
(('0000001', 12000),)
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, AdviceReader, AdviceRecord
from receivables.money import digits
from receivables.problems import CODES
from receivables.reading import Collected
from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer
from receivables.receipts.returns import SCHEMES, CodeStatus, find_return_code
from receivables.testing._abilities import AbilityTests
from receivables.testing._raw import ENCODINGS, strangers
from receivables.testing._walking import walk

__all__ = ["AdviceReaderTests", "AdviceSample", "ExpectedAdvices", "advices_of"]

_HEAD: Final = 4096
_CUTS: Final = 40
"""Places at which each sample is cut; enough to meet every kind of token of a small file."""


def _pairs(values: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((batch, minor) for batch, minor in values)


def _kinds(values: Iterable[AdviceKind]) -> frozenset[AdviceKind]:
    return frozenset(values)


@attrs.frozen(kw_only=True)
class ExpectedAdvices:
    """What is known about a sample without the reader under test.

    `sums` are the batch and the credits less the debits, in minor units, of each batch in order.
    `kinds` are the kinds of its advices; nothing is asked where none is given.  `problems` are the
    codes that the report must have, and no others; where one of them is an error, `complete` is
    false.
    """

    advices: int
    sums: tuple[tuple[str, int], ...] = attrs.field(converter=_pairs)
    kinds: frozenset[AdviceKind] = attrs.field(default=frozenset(), converter=_kinds)
    problems: frozenset[str] = attrs.field(default=frozenset())
    complete: bool = True


@attrs.frozen(kw_only=True)
class AdviceSample:
    """A file and what is known about it."""

    name: str
    content: bytes = attrs.field(repr=False)
    expected: ExpectedAdvices


_Samples: TypeAlias = Sequence[AdviceSample]
_Reads: TypeAlias = list[tuple[AdviceSample, Collected[AdviceRecord]]]


def advices_of(records: Iterable[AdviceRecord]) -> list[PaymentAdvice]:
    """The advices among the records of a read."""
    return [record for record in records if isinstance(record, PaymentAdvice)]


def _batches_of(records: Iterable[AdviceRecord]) -> list[AdviceBatch]:
    return [record for record in records if isinstance(record, AdviceBatch)]


class AdviceReaderTests(AbilityTests):
    """What every advice reader must do; give the fixtures `spec` and `samples`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "batches": ("test_batches_are_told_apart",),
            "control-totals": ("test_control_totals_prove_the_advices",),
            "documents": ("test_documents_have_amounts",),
            "payers": ("test_payers_are_named",),
            "raw": ("test_raw_lines_stand_in_the_file",),
            "references": ("test_references_are_read",),
            "returns": ("test_returns_have_a_reason",),
        }
    )
    """Each ability that a reader may declare, and the test that asks for it."""

    ENCODINGS: ClassVar[tuple[str, ...]] = ENCODINGS
    """How the files of the samples may be decoded, to look for raw lines in them."""

    @pytest.fixture
    def samples(self) -> Sequence[AdviceSample]:
        """Files; together they must show every ability that is declared."""
        raise NotImplementedError

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """The settings of the reader under test."""
        return {}

    @pytest.fixture
    def reader(self, spec: AdapterSpec[Any], settings: Mapping[str, Any]) -> AdviceReader:
        """The reader, built as an application builds it."""
        reader: AdviceReader = spec.build(settings)
        return reader

    @pytest.fixture
    def reads(
        self, reader: AdviceReader, samples: Sequence[AdviceSample]
    ) -> list[tuple[AdviceSample, Collected[AdviceRecord]]]:
        """Each sample with what the reader makes of it."""
        assert samples
        return [(sample, _read(reader, sample)) for sample in samples]

    def test_every_record_is_an_advice_or_a_batch(self, reads: _Reads) -> None:
        """A reader gives payment advices and their batches, and nothing else."""
        types = {type(row) for _, read in reads for row in read.rows}

        assert types <= {PaymentAdvice, AdviceBatch}

    def test_reading_twice_is_reading_once(self, reader: AdviceReader, reads: _Reads) -> None:
        """The same bytes give equal records in the same order, and the same report."""
        for sample, read in reads:
            assert _read(reader, sample) == read

    def test_figures_are_those_of_the_file(self, reads: _Reads) -> None:
        """Advices, kinds and the sum of each batch are the expected ones, to the last minor unit."""
        for sample, read in reads:
            advices = advices_of(read.rows)
            sums = [
                (one.batch, one.credits_minor - one.debits_minor) for one in _batches_of(read.rows)
            ]

            assert len(advices) == sample.expected.advices
            assert sums == list(sample.expected.sums)
            assert {one.kind for one in advices} == sample.expected.kinds or not (
                sample.expected.kinds
            )

    def test_batch_follows_its_advices(self, reads: _Reads) -> None:
        """Each batch comes after its last advice and sums them up, once for each currency."""
        for sample, read in reads:
            since: list[PaymentAdvice] = []
            for row in read.rows:
                if isinstance(row, PaymentAdvice):
                    since.append(row)
                    continue
                own = [one.amount_minor for one in since if one.currency == row.currency]
                assert {one.batch for one in since} <= {row.batch}
                assert row.advices == len(own)
                assert row.credits_minor == sum(minor for minor in own if minor > 0)
                assert row.debits_minor == -sum(minor for minor in own if minor < 0)
                since = [one for one in since if one.currency != row.currency]
            assert since == [] or not sample.expected.complete

    def test_advices_of_a_batch_are_told_apart(self, reads: _Reads) -> None:
        """No two advices of a file have the same batch and index."""
        for _, read in reads:
            keys = [(one.batch, one.index) for one in advices_of(read.rows)]

            assert len(set(keys)) == len(keys)

    def test_currencies_have_a_minor_unit(self, reads: _Reads) -> None:
        """Each advice is in a currency of ISO 4217, or says neither currency nor amount."""
        for _, read in reads:
            advices = [one for one in advices_of(read.rows) if one.currency or one.amount_minor]

            assert all(digits(one.currency) >= 0 for one in advices)

    def test_nothing_is_a_float(self, reads: _Reads) -> None:
        """No value of a record is a float, however deep."""
        for _, read in reads:
            assert [value for row in read.rows for value in walk(row) if type(value) is float] == []

    def test_no_reference_is_a_placeholder(self, reads: _Reads) -> None:
        """The literal NOTPROVIDED of the payment schemes is no reference."""
        for _, read in reads:
            for advice in advices_of(read.rows):
                assert "NOTPROVIDED" not in _references(advice)

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

    def test_broken_control_is_an_error(self, reads: _Reads) -> None:
        """Where the advices are not what their batch declares, the read is not complete."""
        for _, read in reads:
            broken = [
                one
                for one in _batches_of(read.rows)
                if one.difference_minor or one.difference_count
            ]

            assert not broken or read.report.errors

    def test_advices_say_where_they_stand(self, reads: _Reads) -> None:
        """An advice that says where it comes from names the file."""
        for sample, read in reads:
            places = [one.source for one in advices_of(read.rows) if one.source is not None]

            assert {place.source for place in places} <= {sample.name}

    def test_its_own_files_are_recognized(self, reader: AdviceReader, samples: _Samples) -> None:
        """The head of each sample is recognized, and neither nothing nor noise is."""
        for sample in samples:
            assert reader.recognizes(sample.content[:_HEAD], name=sample.name)
            assert not reader.recognizes(b"", name=sample.name)
            assert not reader.recognizes(_noise(_HEAD), name=sample.name)

    def test_cut_file_never_raises(
        self, spec: AdapterSpec[Any], reader: AdviceReader, reads: _Reads
    ) -> None:
        """A file that ends anywhere gives what was there before, and never an exception.

        Only the last advice may lack what the cut took; with control totals, what is lost is said.
        """
        for sample, read in reads:
            whole = advices_of(read.rows)
            for content in _beginnings(sample.content):
                cut = _read(reader, attrs.evolve(sample, content=content))
                advices = advices_of(cut.rows)

                assert len(advices) <= len(whole)
                assert advices[:-1] == whole[: len(advices)][:-1]
                if "control-totals" in spec.capabilities:
                    assert len(cut.rows) >= len(read.rows) or cut.report.problems

    def test_noise_never_raises(self, reader: AdviceReader, samples: _Samples) -> None:
        """Bytes that are no such file are a problem in the report, and never an exception."""
        for sample in samples:
            for noise in (_noise(3000), sample.content[:200] + _noise(500), b"\0" * 100):
                read = _read(reader, attrs.evolve(sample, content=noise))

                assert not read.report.complete

    def test_changed_bytes_never_raise(self, reader: AdviceReader, samples: _Samples) -> None:
        """A file with a few bytes changed is read as it is, and never an exception."""
        luck = random.Random(20261031)  # noqa: S311  # no secret
        for sample in samples:
            for _ in range(_CUTS):
                content = bytearray(sample.content)
                for _change in range(3):
                    content[luck.randrange(len(content))] = luck.randrange(256)

                _read(reader, attrs.evolve(sample, content=bytes(content)))

    def test_empty_file_is_not_complete(self, reader: AdviceReader, samples: _Samples) -> None:
        """A file of no bytes holds no advice: it was lost on the way, and the report says so."""
        for sample in samples:
            assert not _read(reader, attrs.evolve(sample, content=b"")).report.complete

    def test_batches_are_told_apart(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some batch has an identification and several advices."""
        _ask(spec, "batches")
        batches = [one for _, read in reads for one in _batches_of(read.rows)]

        assert any(one.batch and one.advices > 1 for one in batches)

    def test_control_totals_prove_the_advices(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some batch declares its sum or its count, and the advices are just that."""
        _ask(spec, "control-totals")
        batches = [one for _, read in reads for one in _batches_of(read.rows)]

        assert any(
            one.advices and 0 in (one.difference_minor, one.difference_count) for one in batches
        )

    def test_documents_have_amounts(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some advice names the document that is paid, and how much is paid of it."""
        _ask(spec, "documents")
        documents = [
            document
            for _, read in reads
            for advice in advices_of(read.rows)
            for document in advice.remittance.documents
        ]

        assert any(document.number and document.amount_minor for document in documents)

    def test_payers_are_named(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some advice names who paid, or from which account."""
        _ask(spec, "payers")
        payers = [one.payer for _, read in reads for one in advices_of(read.rows)]

        assert any(payer != Payer() for payer in payers)

    def test_raw_lines_stand_in_the_file(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Every advice keeps the lines that it was read from, as they stand in the file."""
        _ask(spec, "raw")
        for sample, read in reads:
            raws = [one.raw for one in advices_of(read.rows)]

            assert all(raws)
            assert strangers(raws, sample.content, encodings=self.ENCODINGS) == ()

    def test_references_are_read(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some advice has a reference of its payment: a trace number, a cheque, a mandate."""
        _ask(spec, "references")
        advices = [one for _, read in reads for one in advices_of(read.rows)]

        assert any(any(_references(one)) for one in advices)

    def test_returns_have_a_reason(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Some advice failed for a reason that is known, and none has a code of no scheme."""
        _ask(spec, "returns")
        advices = [one for _, read in reads for one in advices_of(read.rows)]

        assert any(one.is_failed and _has_reason(one) for one in advices)
        assert {one.return_scheme for one in advices if one.returned} <= {"", *SCHEMES}


def _read(reader: AdviceReader, sample: AdviceSample) -> Collected[AdviceRecord]:
    return reader.read(io.BytesIO(sample.content), name=sample.name).collect()


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")


def _references(advice: PaymentAdvice) -> tuple[str, ...]:
    said = advice.remittance
    return (said.end_to_end, *said.references, *(value for _, value in advice.references))


def _has_reason(advice: PaymentAdvice) -> bool:
    said = advice.returned
    if said is None:
        return False
    if said.text or not advice.return_scheme:
        return bool(said.text)
    found = find_return_code(advice.return_scheme, said.code)
    return found.status is not CodeStatus.UNKNOWN


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311  # no secret


def _beginnings(content: bytes) -> Iterator[bytes]:
    """The content cut at many places, from its first byte to its last but one."""
    step = max(len(content) // _CUTS, 1)
    for end in (1, *range(step, len(content), step), len(content) - 1):
        yield content[:end]
