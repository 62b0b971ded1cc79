"""Conformance of credit sources: subclass `CreditSourceTests` and give it two fixtures.

A test module of a plug-in says what it brings, and shows files with what is known about them::

    class TestMySource(CreditSourceTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def samples(self):
            expected = ExpectedCredit(counts={"limits": 1}, sums={("limits", "EUR"): 500_000})
            return [CreditSample(name="limits.csv", content=b"...", expected=expected)]

>>> ExpectedCredit(counts={"scores": 2}, identities=["0042"]).identities
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

from receivables.adapters import AdapterSpec, CreditRecord, CreditSource
from receivables.casework import (
    FIGURES,
    CreditLimit,
    ExternalScore,
    FinancialStatement,
    Insolvency,
)
from receivables.credit.model import Commitment
from receivables.money import to_minor
from receivables.problems import CODES
from receivables.reading import Collected
from receivables.testing._abilities import AbilityTests
from receivables.testing._walking import walk

__all__ = ["CreditSample", "CreditSourceTests", "ExpectedCredit", "identity_of"]

_KINDS: Final[Mapping[str, type]] = MappingProxyType(
    {
        "commitments": Commitment,
        "financials": FinancialStatement,
        "insolvencies": Insolvency,
        "limits": CreditLimit,
        "scores": ExternalScore,
    }
)
_HEAD: Final = 4096
_CUTS: Final = 40
"""Places at which each sample is cut; enough to meet every kind of token of a small file."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _counts(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


def _sums(values: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    return MappingProxyType(dict(values))


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class ExpectedCredit:
    """What is known about a sample without the adapter under test.

    `counts` are the records by ability.  `sums` are what limits and commitments come to in minor
    units, and all the figures of statements in their units, by ability and currency.  `identities`
    are some customers or records as they stand in the file, best with leading zeros.  `problems` are
    the codes that the report must have, and no others.
    """

    counts: Mapping[str, int] = attrs.field(factory=dict, converter=_counts)
    sums: Mapping[tuple[str, str], int] = attrs.field(factory=dict, converter=_sums)
    identities: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    problems: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    complete: bool = True


@attrs.frozen(kw_only=True)
class CreditSample:
    """A file, the settings to read it with, and what is known about it."""

    name: str
    content: bytes = attrs.field(repr=False)
    expected: ExpectedCredit
    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)


_Samples: TypeAlias = Sequence[CreditSample]
_Reads: TypeAlias = list[tuple[CreditSample, Collected[CreditRecord]]]


def identity_of(record: CreditRecord) -> tuple[str, str]:
    """The ability that gives a record, and the record's own name.

    >>> from receivables.money import money
    >>> identity_of(CreditLimit(limit="L-1", customer="C-017", amount=money("5000.00", "EUR")))
    ('limits', 'L-1')
    """
    ability = next(name for name, kind in _KINDS.items() if isinstance(record, kind))
    # Each record is called by its first field.
    return ability, str(getattr(record, attrs.fields(type(record))[0].name))


class CreditSourceTests(AbilityTests):
    """What every source of credit information must do; give the fixtures `spec` and `samples`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "commitments": ("test_commitments_are_above_zero",),
            "financials": ("test_statements_have_figures",),
            "insolvencies": ("test_insolvencies_have_a_day",),
            "limits": ("test_limits_have_a_holder",),
            "scores": ("test_scores_say_whose_they_are",),
        }
    )
    """Each ability that a source may declare, and the test that asks for it."""

    @pytest.fixture
    def samples(self) -> Sequence[CreditSample]:
        """Files; together they must show every ability that is declared."""
        raise NotImplementedError

    @pytest.fixture
    def reads(
        self, spec: AdapterSpec[Any], samples: Sequence[CreditSample]
    ) -> list[tuple[CreditSample, Collected[CreditRecord]]]:
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
        """A source gives scores, statements, limits, commitments and insolvencies."""
        assert {type(row) for _, read in reads for row in read.rows} <= set(_KINDS.values())

    def test_reading_twice_is_reading_once(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The same bytes give equal records in the same order, and the same report."""
        for sample, read in reads:
            assert _read(spec, sample) == read

    def test_nothing_is_lost(self, reads: _Reads) -> None:
        """There are as many records of each kind as the file has."""
        for sample, read in reads:
            found = Counter(identity_of(row)[0] for row in read.rows)
            assert dict(found) == dict(sample.expected.counts)

    def test_sums_are_those_of_the_file(self, reads: _Reads) -> None:
        """Limits, commitments and figures come to what is expected, to the last unit."""
        for sample, read in reads:
            assert _sums_of(read.rows) == dict(sample.expected.sums)

    def test_identities_are_unique(self, reads: _Reads) -> None:
        """No two records of a kind have the same name."""
        for _, read in reads:
            found = Counter(identity_of(row) for row in read.rows)
            assert [name for name, count in found.items() if count > 1] == []

    def test_identities_are_texts_as_they_stand(self, reads: _Reads) -> None:
        """Customers and names have no outer blanks, and the expected ones are there unchanged."""
        for sample, read in reads:
            names = {identity_of(row)[1] for row in read.rows}
            found = names | {str(row.customer) for row in read.rows}

            assert {name for name in found if name != name.strip()} == set()
            assert set(sample.expected.identities) <= found

    def test_no_number_is_a_float(self, reads: _Reads) -> None:
        """Amounts, figures and points are exact."""
        for _, read in reads:
            assert [part for row in read.rows for part in walk(row) if type(part) is float] == []

    def test_problems_are_those_of_the_file(self, reads: _Reads) -> None:
        """The report has the expected problems and no others, and says whether it is complete."""
        for sample, read in reads:
            expected = sample.expected

            assert {problem.code for problem in read.report.problems} == set(expected.problems)
            assert read.report.complete is expected.complete

    def test_problems_have_a_code_and_a_place(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Each problem has a known code, or one of the adapter's own, and names its source."""
        for sample, read in reads:
            for problem in read.report.problems:
                assert problem.code in CODES or problem.code.startswith(f"{spec.name}.")
                assert problem.place.source == sample.name

    def test_its_own_files_are_recognized(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """The head of each sample is recognized, and neither nothing nor noise is."""
        for sample in samples:
            source: CreditSource = spec.build(sample.settings)

            assert source.recognizes(sample.content[:_HEAD], name=sample.name)
            assert not source.recognizes(b"", name=sample.name)
            assert not source.recognizes(_noise(_HEAD), name=sample.name)

    def test_cut_file_never_raises(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """A file that ends anywhere is read to its end; one without errors never gives more so."""
        for sample in samples:
            whole = len(_read(spec, sample).rows)
            for content in _beginnings(sample.content):
                cut = _read(spec, attrs.evolve(sample, content=content))

                assert len(cut.rows) <= whole or not cut.report.complete

    def test_noise_never_raises(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """Bytes that are no such file are a problem in the report, and never an exception."""
        for sample in samples:
            for noise in (_noise(3000), sample.content[:200] + _noise(500), b"\0" * 100):
                assert not _read(spec, attrs.evolve(sample, content=noise)).report.complete

    def test_changed_bytes_never_raise(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """A byte that is another one may cost a record, and never raises."""
        for sample in samples:
            dice = random.Random(len(sample.content))  # noqa: S311  # noise, not secrets
            for _ in range(_CUTS):
                changed = bytearray(sample.content)
                changed[dice.randrange(len(changed))] = dice.randrange(256)
                _read(spec, attrs.evolve(sample, content=bytes(changed)))

    def test_empty_file_is_not_complete(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """A file of no bytes was lost on the way, and the report says so."""
        for sample in samples:
            assert not _read(spec, attrs.evolve(sample, content=b"")).report.complete

    def test_scores_say_whose_they_are(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """A score names its scale and its day, and is a text as the bureau gave it."""
        _ask(spec, "scores")
        for row in _of_kind(reads, ExternalScore):
            assert row.source.strip()
            assert row.value.strip()
            assert row.rated_on > dt.date(1900, 1, 1)

    def test_statements_have_figures(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """A statement has a figure at least, and all are whole."""
        _ask(spec, "financials")
        for row in _of_kind(reads, FinancialStatement):
            figures = [getattr(row, name) for name in FIGURES if getattr(row, name) is not None]

            assert figures
            assert {type(value) for value in figures} == {int}

    def test_limits_have_a_holder(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """A limit is of somebody, and of zero or more."""
        _ask(spec, "limits")
        for row in _of_kind(reads, CreditLimit):
            assert row.holder.strip()
            assert to_minor(row.amount) >= 0

    def test_commitments_are_above_zero(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """A commitment is of a customer, and of more than nothing."""
        _ask(spec, "commitments")
        for row in _of_kind(reads, Commitment):
            assert row.customer.strip()
            assert to_minor(row.amount) > 0

    def test_insolvencies_have_a_day(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """Proceedings were opened on a day."""
        _ask(spec, "insolvencies")
        for row in _of_kind(reads, Insolvency):
            assert row.opened_on > dt.date(1900, 1, 1)


def _read(spec: AdapterSpec[Any], sample: CreditSample) -> Collected[CreditRecord]:
    source: CreditSource = spec.build(sample.settings)
    return source.read(io.BytesIO(sample.content), name=sample.name).collect()


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")


def _of_kind(reads: _Reads, kind: type) -> Iterator[Any]:
    return (row for _, read in reads for row in read.rows if isinstance(row, kind))


def _sums_of(rows: Iterable[CreditRecord]) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if isinstance(row, CreditLimit | Commitment):
            found[identity_of(row)[0], row.amount.currency.code] += to_minor(row.amount)
        elif isinstance(row, FinancialStatement):
            figures = (getattr(row, name) or 0 for name in FIGURES)
            found["financials", row.currency] += sum(figures)
    return dict(found)


def _beginnings(content: bytes) -> Iterator[bytes]:
    step = max(1, len(content) // _CUTS)
    return (content[:end] for end in range(0, len(content), step))


def _noise(length: int) -> bytes:
    """Bytes that mean nothing, the same ones every time."""
    return random.Random(length).randbytes(length)  # noqa: S311  # noise, not secrets
