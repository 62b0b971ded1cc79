"""Conformance of payout readers: subclass `PayoutReaderTests` and give it two fixtures.

A test module of a plug-in says what it brings, and shows reports with what is known about them::

    class TestMyReader(PayoutReaderTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def samples(self):
            expected = ExpectedPayouts(
                payouts={"po_1": ("EUR", 97_10)},
                gross_minor={(MovementKind.PAYMENT, "EUR"): 100_00}, fees_minor={"EUR": 2_90},
            )
            return [PayoutSample(name="po.csv", content=b"...", expected=expected, text=b"F-0042")]

>>> ExpectedPayouts(payouts={"po_1": ("EUR", 9710)}).payouts["po_1"]
('EUR', 9710)
"""

from __future__ import annotations

import io
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, PayoutReader, PayoutRecord
from receivables.problems import CODES
from receivables.reading import Collected
from receivables.receipts.payouts import (
    MovementKind,
    Payout,
    ProcessorDispute,
    ProcessorMovement,
)
from receivables.testing._abilities import AbilityTests, is_own_code
from receivables.testing._walking import walk

__all__ = [
    "ExpectedPayouts",
    "PayoutReaderTests",
    "PayoutSample",
    "check_expected",
    "check_payouts_hold",
]

_KINDS: Final[Mapping[str, type]] = MappingProxyType(
    {"disputes": ProcessorDispute, "movements": ProcessorMovement, "payouts": Payout}
)
_HEAD: Final = 4096
_CUTS: Final = 40
_CARD: Final = "4111111111111111"
"""A number that the card networks give for tests."""
_CARD_FORMS: Final = (_CARD, "4111 1111 1111 1111 12/27", "4111-1111-1111-1111")
_WORD: Final = re.compile(rb"[^\s\",;:<>=|'/(){}\[\]]+")
"""What stands between the marks of CSV, XML and JSON: cells, names, attributes."""
_WORDS: Final = 120
_NO_FIGURES: Final = re.compile(r"[^0-9A-Za-z]")
_DAMAGED: Final = 30
_PARTS: Final = (2, 5)


def _frozen(values: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ExpectedPayouts:
    """What is known about a report without the adapter under test; amounts in signed minor units.

    `payouts` has currency and amount by the payout's name, `gross_minor` the gross sums by kind and
    currency, `fees_minor` the fees inside movements by currency.  `identities` are some movements,
    payouts or disputes as they stand there.  `problems` are the codes that the report must have, and
    no others.
    """

    payouts: Mapping[str, tuple[str, int]] = attrs.field(factory=dict, converter=_frozen)
    gross_minor: Mapping[tuple[MovementKind, str], int] = attrs.field(
        factory=dict, converter=_frozen
    )
    fees_minor: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen)
    disputes: int = 0
    identities: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    problems: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    complete: bool = True


@attrs.frozen(kw_only=True)
class PayoutSample:
    """A report, the settings to read it with, and what is known about it.

    `text` is a piece of it that somebody wrote freely (a reference, a name, a description) and that
    stands nowhere else: a card number is put in its place, to see that it does not come in.
    """

    name: str
    content: bytes = attrs.field(repr=False)
    expected: ExpectedPayouts
    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)
    text: bytes = b""


_Samples: TypeAlias = Sequence[PayoutSample]
_Reads: TypeAlias = list[tuple[PayoutSample, Collected[PayoutRecord]]]


def check_expected(rows: Sequence[PayoutRecord], expected: ExpectedPayouts) -> None:
    """Check that records come to what is expected."""
    movements = [row for row in rows if isinstance(row, ProcessorMovement)]
    payouts = [row for row in rows if isinstance(row, Payout)]
    gross: Counter[tuple[MovementKind, str]] = Counter()
    fees: Counter[str] = Counter()
    for each in movements:
        gross[each.kind, each.currency] += each.gross_minor
        fees[each.currency] += each.fee_minor
    found = {each.payout: (each.currency, each.amount_minor) for each in payouts}
    names = {text for row in rows for text in walk(row) if isinstance(text, str)}

    assert found == dict(expected.payouts)
    assert {key: sum_ for key, sum_ in gross.items() if sum_} == dict(expected.gross_minor)
    assert {key: sum_ for key, sum_ in fees.items() if sum_} == dict(expected.fees_minor)
    assert sum(isinstance(row, ProcessorDispute) for row in rows) == expected.disputes
    assert set(expected.identities) <= names


def check_payouts_hold(rows: Iterable[PayoutRecord]) -> None:
    """Check that the movements of each payout came before it, and come to it to the last cent."""
    before: dict[str, list[ProcessorMovement]] = {}
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, ProcessorMovement):
            assert row.payout not in seen or not row.payout
            before.setdefault(row.payout, []).append(row)
        elif isinstance(row, Payout):
            seen.add(row.payout)
            own = before.get(row.payout, [])
            assert row.difference_minor in {0, None}
            assert row.difference_minor is None or len(own) == row.movements
            if row.is_itemized:
                assert {each.currency for each in own} <= {row.currency}
                assert sum(each.net_minor for each in own) == row.amount_minor


class PayoutReaderTests(AbilityTests):
    """What every payout reader must do; give the fixtures `spec` and `samples`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "disputes": ("test_every_ability_is_shown",),
            "movements": (
                "test_every_ability_is_shown",
                "test_card_numbers_stay_out",
                "test_no_cell_lets_a_card_number_in",
            ),
            "payouts": (
                "test_every_ability_is_shown",
                "test_payouts_hold_to_the_cent",
                "test_a_damaged_row_makes_no_other_payout",
            ),
        }
    )
    """Each ability that a reader may declare, and the tests that ask for it."""

    @pytest.fixture
    def samples(self) -> Sequence[PayoutSample]:
        """Reports; together they must show every ability that is declared."""
        raise NotImplementedError

    @pytest.fixture
    def reads(self, spec: AdapterSpec[Any], samples: _Samples) -> _Reads:
        """Each sample with what the reader makes of it."""
        assert samples
        return [(sample, _read(spec, sample)) for sample in samples]

    def test_every_ability_is_shown(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The samples have records of each kind that is declared, and of no other kind."""
        rows = [row for _, read in reads for row in read.rows]
        shown = {
            name for name, kind in _KINDS.items() if any(isinstance(row, kind) for row in rows)
        }

        assert shown == spec.capabilities

    def test_records_are_those_of_the_report(self, reads: _Reads) -> None:
        """Payouts, gross sums and fees are the expected ones, to the last minor unit."""
        for sample, read in reads:
            check_expected(read.rows, sample.expected)

    def test_reading_twice_is_reading_once(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The same bytes give equal records in the same order, and the same report."""
        for sample, read in reads:
            assert _read(spec, sample) == read

    def test_payouts_hold_to_the_cent(self, reads: _Reads) -> None:
        """The movements of each payout come before it, and come to its amount."""
        for _, read in reads:
            check_payouts_hold(read.rows)

    def test_identities_are_unique_texts(self, reads: _Reads) -> None:
        """No movement, payout or dispute comes twice, and nothing is a float."""
        for _, read in reads:
            names = Counter(map(_identity, read.rows))

            assert [name for name, count in names.items() if count > 1 or not name[1]] == []
            assert [value for row in read.rows for value in walk(row) if type(value) is float] == []

    def test_report_tells_the_truth(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The report has the expected problems with their places, and is complete without errors."""
        for sample, read in reads:
            assert {problem.code for problem in read.report.problems} == sample.expected.problems
            assert read.report.complete is sample.expected.complete
            assert read.report.complete is not bool(read.report.errors)
            for problem in read.report.problems:
                assert problem.code in CODES or is_own_code(problem.code, spec.name)
                assert problem.place.source == sample.name

    def test_its_own_reports_are_recognized(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """The head of each sample is recognized, and neither nothing nor noise is."""
        for sample, _ in reads:
            reader: PayoutReader = spec.build(sample.settings)

            assert reader.recognizes(sample.content[:_HEAD], name=sample.name)
            assert not reader.recognizes(b"", name=sample.name)
            assert not reader.recognizes(_noise(_HEAD), name=sample.name)

    def test_cut_report_never_raises(self, spec: AdapterSpec[Any], reads: _Reads) -> None:
        """A report that ends anywhere is read to its end, and gives no payout that does not hold."""
        for sample, whole in reads:
            step = max(1, len(sample.content) // _CUTS)
            for end in range(0, len(sample.content), step):
                read = _read(spec, attrs.evolve(sample, content=sample.content[:end]))

                check_payouts_hold(read.rows)
                _check_none_is_short(read, whole)

    def test_a_damaged_row_makes_no_other_payout(
        self, spec: AdapterSpec[Any], reads: _Reads
    ) -> None:
        """Where most of a line is missing, its payout stays back, or it is what it was."""
        for sample, whole in reads:
            lines = sample.content.splitlines(keepends=True)
            numbers = range(0, len(lines), max(1, len(lines) // _DAMAGED))
            for number, part in itertools.product(numbers, _PARTS):
                left = lines[number][: len(lines[number]) // part] + b"\n"
                content = b"".join([*lines[:number], left, *lines[number + 1 :]])
                read = _read(spec, attrs.evolve(sample, content=content))

                check_payouts_hold(read.rows)
                _check_none_is_short(read, whole)

    def test_noise_never_raises(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """Bytes that are no such report are a problem in the report, and never an exception."""
        for sample in samples:
            for noise in (b"", _noise(3000), sample.content[:200] + _noise(500), b"\0" * 100):
                read = _read(spec, attrs.evolve(sample, content=noise))

                assert not read.report.complete

    def test_card_numbers_stay_out(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """A card number in a free text is masked and said, and nothing of the amounts is lost."""
        tried = [sample for sample in samples if sample.text]
        assert tried
        for sample, card in itertools.product(tried, _CARD_FORMS):
            assert sample.content.count(sample.text) == 1
            content = sample.content.replace(sample.text, card.encode())
            read = _read(spec, attrs.evolve(sample, content=content))
            seen = [repr(read), *map(str, walk(read.rows)), *map(str, read.report.problems)]

            assert "card.number" in {problem.code for problem in read.report.errors}
            assert [text for text in seen if _CARD in _NO_FIGURES.sub("", text)] == []
            kept = attrs.evolve(sample.expected, identities=())
            check_expected(read.rows, kept)

    def test_no_cell_lets_a_card_number_in(self, spec: AdapterSpec[Any], samples: _Samples) -> None:
        """In the place of anything, a card number reaches neither a record nor a problem."""
        for sample in samples:
            words = list(_WORD.finditer(sample.content))
            for found in words[:: max(1, len(words) // _WORDS)]:
                start, end = found.span()
                content = sample.content[:start] + _CARD.encode() + sample.content[end:]
                read = _read(spec, attrs.evolve(sample, content=content))
                seen = [repr(read), *map(str, walk(read.rows)), *map(str, read.report.problems)]

                assert [text for text in seen if _CARD in _NO_FIGURES.sub("", text)] == []


def _read(spec: AdapterSpec[Any], sample: PayoutSample) -> Collected[PayoutRecord]:
    reader: PayoutReader = spec.build(sample.settings)
    return reader.read(io.BytesIO(sample.content), name=sample.name).collect()


def _check_none_is_short(read: Collected[PayoutRecord], whole: Collected[PayoutRecord]) -> None:
    """Check that a report that is known to be damaged gives no payout of another amount."""
    if not read.report.complete:
        assert _amounts(read) <= _amounts(whole)


def _amounts(read: Collected[PayoutRecord]) -> set[tuple[str, str, int]]:
    found = (row for row in read.rows if isinstance(row, Payout))
    return {(row.payout, row.currency, row.amount_minor) for row in found}


def _identity(row: PayoutRecord) -> tuple[str, str]:
    kind = type(row).__name__
    return kind, str(getattr(row, attrs.fields(type(row))[0].name))


def _noise(length: int) -> bytes:
    return random.Random(length).randbytes(length)  # noqa: S311  # noise, not secrets
