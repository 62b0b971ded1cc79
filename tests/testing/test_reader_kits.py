"""The conformance classes of statement and advice readers find what is wrong with a reader."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from receivables.adapters import AdapterSpec
from receivables.errors import UnknownCurrencyError
from receivables.reading import Read, ReadNotes
from receivables.receipts import (
    AdviceBatch,
    AdviceKind,
    BankEntry,
    Payer,
    PaymentAdvice,
    ReferredDocument,
    Remittance,
    ReturnInfo,
)
from receivables.testing._raw import strangers
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)

CONTENT = "1 Ann 5.00 trace 77\n2 total 5.00 café\n".encode("cp1252")


def _advice(**more):
    given = {
        "kind": AdviceKind.REMITTANCE,
        "batch": "b",
        "index": 0,
        "amount_minor": 5_00,
        "currency": "EUR",
        "payer": Payer(name="Ann"),
        "references": [("trace", "77")],
        "raw": "1 Ann 5.00 trace 77",
    }
    return PaymentAdvice(**(given | more))


def _batch(**more):
    given = {"batch": "b", "currency": "EUR", "advices": 1, "credits_minor": 5_00}
    return AdviceBatch(**(given | more))


class _Reader:
    """A reader that gives the rows it was made with, whatever the file."""

    def __init__(self, rows, code=None):
        self.rows = rows
        self.code = code

    def recognizes(self, head, *, name):
        return True

    def read(self, stream, *, name):
        notes = ReadNotes(name)
        if self.code:
            notes.error(self.code, "a sentence")
        return Read(iter(self.rows), notes)


class _Forgetful(_Reader):
    """A reader that says nothing of what a cut took, and gives other values in its place."""

    def read(self, stream, *, name):
        whole = stream.read() == CONTENT
        rows = self.rows if whole else [_advice(payer=Payer(name="Bob")), *self.rows[1:-1]]
        return Read(iter(rows), ReadNotes(name))


def _spec(*rows, capabilities=(), code=None, reader=_Reader):
    return AdapterSpec(
        name="fake",
        summary="a fake",
        factory=lambda _settings: reader(rows, code),
        capabilities=capabilities,
    )


ADVICES = AdviceSample(
    name="a",
    content=CONTENT,
    expected=ExpectedAdvices(advices=1, sums=[("b", 5_00)], kinds=[AdviceKind.REMITTANCE]),
)
ENTRIES = StatementSample(name="a", content=CONTENT, expected=ExpectedStatements(entries=1))


def _ask(kit, test, spec, sample):
    """Run one test of a kit on a reader."""
    reader = spec.build()
    reads = [(sample, reader.read(io.BytesIO(sample.content), name="a").collect())]
    given = {"spec": spec, "reads": reads, "samples": [sample], "reader": reader}
    function = getattr(kit(), test)
    function(**{name: given[name] for name in function.__annotations__ if name in given})


def _entry(**more):
    given = {
        "account": "DE1",
        "statement": "s",
        "index": 0,
        "amount_minor": 5_00,
        "currency": "EUR",
        "booking_date": dt.date(2026, 1, 31),
    }
    return BankEntry(**(given | more))


_RETURN = ReturnInfo(code="R01")

FAULTS = {
    "an unknown ability": (
        "test_every_declared_ability_is_tested",
        _spec(_advice(), _batch(), capabilities=["teleport"]),
    ),
    "a record of another type": ("test_every_record_is_an_advice_or_a_batch", _spec("advice")),
    "a wrong sum": ("test_figures_are_those_of_the_file", _spec(_advice(), _batch(debits_minor=1))),
    "an advice lost": ("test_figures_are_those_of_the_file", _spec(_batch())),
    "a wrong kind": (
        "test_figures_are_those_of_the_file",
        _spec(_advice(kind=AdviceKind.RETURN), _batch()),
    ),
    "a batch that sums up something else": (
        "test_batch_follows_its_advices",
        _spec(_advice(), _batch(credits_minor=6_00)),
    ),
    "a batch that counts something else": (
        "test_batch_follows_its_advices",
        _spec(_advice(), _batch(advices=2)),
    ),
    "a batch of another name": (
        "test_batch_follows_its_advices",
        _spec(_advice(), _batch(batch="c")),
    ),
    "a batch that never comes": ("test_batch_follows_its_advices", _spec(_advice())),
    "a currency that no batch sums up": (
        "test_batch_follows_its_advices",
        _spec(_advice(currency="CHF"), _batch(advices=0, credits_minor=0)),
    ),
    "an advice twice": ("test_advices_of_a_batch_are_told_apart", _spec(_advice(), _advice())),
    "an amount without a currency": (
        "test_currencies_have_a_minor_unit",
        _spec(_advice(currency="")),
    ),
    "a float": ("test_nothing_is_a_float", _spec(_advice(amount_minor=5.0))),
    "a placeholder for a reference": (
        "test_no_reference_is_a_placeholder",
        _spec(_advice(references=[("EndToEndId", "NOTPROVIDED")])),
    ),
    "an unexpected problem": ("test_report_tells_the_truth", _spec(_advice(), code="date.invalid")),
    "an unknown code": (
        "test_problems_have_a_code_and_a_place",
        _spec(_advice(), code="other.code"),
    ),
    "a control that is not said to be broken": (
        "test_broken_control_is_an_error",
        _spec(_advice(), _batch(declared_minor=6_00, compared_minor=5_00)),
    ),
    "a count that is not said to be broken": (
        "test_broken_control_is_an_error",
        _spec(_advice(), _batch(declared_advices=2)),
    ),
    "recognizing anything": ("test_its_own_files_are_recognized", _spec(_advice())),
    "other advices of a cut file": (
        "test_cut_file_never_raises",
        _spec(_advice(), _advice(index=1), _batch(), reader=_Forgetful),
    ),
    "silence about what a cut took": (
        "test_cut_file_never_raises",
        _spec(_advice(), _batch(), capabilities=["control-totals"], reader=_Forgetful),
    ),
    "taking noise for a whole file": ("test_noise_never_raises", _spec(_advice())),
    "taking nothing for a whole file": ("test_empty_file_is_not_complete", _spec(_advice())),
    "no batch of several": (
        "test_batches_are_told_apart",
        _spec(_advice(), _batch(), capabilities=["batches"]),
    ),
    "no control": (
        "test_control_totals_prove_the_advices",
        _spec(_advice(), _batch(), capabilities=["control-totals"]),
    ),
    "documents without amounts": (
        "test_documents_have_amounts",
        _spec(
            _advice(remittance=Remittance(documents=[ReferredDocument(number="0042")])),
            capabilities=["documents"],
        ),
    ),
    "no payer": ("test_payers_are_named", _spec(_advice(payer=Payer()), capabilities=["payers"])),
    "no raw lines": (
        "test_raw_lines_stand_in_the_file",
        _spec(_advice(raw=""), capabilities=["raw"]),
    ),
    "raw lines made up": (
        "test_raw_lines_stand_in_the_file",
        _spec(_advice(raw="1 Ann 5.00\n3 Bob"), capabilities=["raw"]),
    ),
    "no reference": (
        "test_references_are_read",
        _spec(_advice(references=[]), capabilities=["references"]),
    ),
    "a return without a reason": (
        "test_returns_have_a_reason",
        _spec(_advice(kind=AdviceKind.RETURN), capabilities=["returns"]),
    ),
    "a reason of no scheme": (
        "test_returns_have_a_reason",
        _spec(_advice(kind=AdviceKind.RETURN, returned=_RETURN), capabilities=["returns"]),
    ),
    "a reason that its scheme does not know": (
        "test_returns_have_a_reason",
        _spec(
            _advice(kind=AdviceKind.RETURN, returned=ReturnInfo(code="R99"), return_scheme="nacha"),
            capabilities=["returns"],
        ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault):
    """Each test of the kit of advice readers fails on the fault that it is there for."""
    test, spec = FAULTS[fault]

    with pytest.raises((AssertionError, UnknownCurrencyError)):
        _ask(AdviceReaderTests, test, spec, ADVICES)


@pytest.mark.parametrize("raw", ["", "1 Ann 5.00\n1 Bob"])
def test_a_statement_reader_keeps_what_it_read(raw):
    """A statement reader that declares its raw lines must have them, and from the file."""
    spec = _spec(_entry(raw=raw), capabilities=["raw"])

    with pytest.raises(AssertionError):
        _ask(StatementReaderTests, "test_raw_lines_stand_in_the_file", spec, ENTRIES)


@pytest.mark.parametrize(
    "test",
    [name for tests in AdviceReaderTests.ABILITIES.values() for name in tests],
)
def test_undeclared_ability_is_not_asked_for(test):
    """The test of an ability that is not declared is skipped, and says so."""
    with pytest.raises(pytest.skip.Exception, match="does not declare"):
        _ask(AdviceReaderTests, test, _spec(_advice(), _batch()), ADVICES)


GOOD = {
    "test_batch_follows_its_advices": _spec(_advice(), _batch()),
    "test_figures_are_those_of_the_file": _spec(_advice(), _batch()),
    "test_broken_control_is_an_error": _spec(
        _advice(), _batch(declared_advices=2), code="fake.count-differs"
    ),
    "test_control_totals_prove_the_advices": _spec(
        _advice(),
        _batch(declared_minor=-5_00, compared_minor=-5_00),
        capabilities=["control-totals"],
    ),
    "test_currencies_have_a_minor_unit": _spec(_advice(currency="", amount_minor=0)),
    "test_raw_lines_stand_in_the_file": _spec(
        _advice(raw="1 Ann 5.00 trace 77\n2 total 5.00 café"), capabilities=["raw"]
    ),
    "test_references_are_read": _spec(_advice(), capabilities=["references"]),
    "test_returns_have_a_reason": _spec(
        _advice(kind=AdviceKind.RETURN, returned=_RETURN, return_scheme="nacha"),
        capabilities=["returns"],
    ),
}


@pytest.mark.parametrize("test", GOOD)
def test_what_is_right_passes(test):
    """A reader that is right about it passes the test that asks for it."""
    _ask(AdviceReaderTests, test, GOOD[test], ADVICES)


def test_batches_of_two_currencies_are_summed_up_apart():
    """Where a batch has advices in two currencies, one record for each sums them up."""
    rows = [
        _advice(),
        _advice(index=1, currency="CHF", amount_minor=-1),
        _batch(),
        _batch(currency="CHF", credits_minor=0, debits_minor=1),
    ]

    _ask(AdviceReaderTests, "test_batch_follows_its_advices", _spec(*rows), ADVICES)


def test_lines_are_looked_for_in_one_encoding():
    """Lines that stand in two different readings of the file do not all stand in it."""
    content = "café".encode()

    assert strangers(["café"], content) == ()
    assert strangers(["cafÃ©"], content) == ()
    assert len(strangers(["café", "cafÃ©"], content)) == 1
