"""The conformance class of credit sources finds what is wrong with a source."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.adapters import AdapterSpec
from receivables.casework import CreditLimit, ExternalScore, FinancialStatement, Insolvency
from receivables.credit.model import Commitment
from receivables.money import money
from receivables.reading import Read, ReadNotes
from receivables.testing.credit_source import (
    CreditSample,
    CreditSourceTests,
    ExpectedCredit,
    identity_of,
)

_DAY = dt.date(2026, 1, 31)
ALL = ("commitments", "financials", "insolvencies", "limits", "scores")


def _limit(**more):
    given = {"limit": "0042", "customer": "C-1", "amount": money("5.00", "EUR")}
    return CreditLimit(**(given | more))


def _score(**more):
    given = {"score": "S", "customer": "C-1", "source": "x", "value": "7", "rated_on": _DAY}
    return ExternalScore(**(given | more))


def _statement(**figures):
    return FinancialStatement(
        financials="F", customer="C-1", currency="EUR", period_end=_DAY, **figures
    )


_ORDER = Commitment(commitment="SO", customer="C-1", kind="orders", amount=money("2.00", "EUR"))
_CASE = Insolvency(insolvency="I", customer="C-1", kind="liquidation", opened_on=_DAY)
_EVERY = (_limit(), _score(), _statement(sales=3), _ORDER, _CASE)


class _Source:
    """A source that gives the rows it was made with, whatever the file but none."""

    def __init__(self, rows, *, code=None, is_careful=False):
        self.rows = rows
        self.code = code
        self.is_careful = is_careful

    def recognizes(self, head, *, name):
        return not self.is_careful or head == b"a"

    def read(self, stream, *, name):
        notes = ReadNotes(name)
        if self.code:
            notes.error(self.code, "a sentence")
        if self.is_careful and stream.read() != b"a":
            notes.error("file.format", "a sentence")
            return Read(iter(()), notes)
        return Read(iter(self.rows), notes)


def _spec(*rows, capabilities=("limits",), code=None, is_careful=False):
    return AdapterSpec(
        name="fake",
        summary="a fake",
        factory=lambda _settings: _Source(rows, code=code, is_careful=is_careful),
        capabilities=capabilities,
    )


_SAMPLE = CreditSample(
    name="a",
    content=b"a",
    expected=ExpectedCredit(
        counts={"limits": 1}, sums={("limits", "EUR"): 500}, identities=["0042"]
    ),
)
_WHOLE = attrs.evolve(
    _SAMPLE,
    expected=ExpectedCredit(
        counts=dict.fromkeys(ALL, 1),
        sums={
            ("limits", "EUR"): 500,
            ("commitments", "EUR"): 200,
            ("financials", "EUR"): 3,
        },
        identities=["0042"],
    ),
)


def _ask(test, spec, sample=_SAMPLE):
    """Run one test of the kit on a source."""

    class Kit(CreditSourceTests):
        pass

    from receivables.testing import credit_source  # noqa: PLC0415  # its workshop is asked

    reads = [(sample, credit_source._read(spec, sample))]
    arguments = {"spec": spec, "reads": reads, "samples": [sample]}
    function = getattr(Kit(), test)
    function(**{name: arguments[name] for name in function.__annotations__ if name in arguments})


@attrs.frozen
class _Stranger:
    customer: str = "C-1"


FAULTS = {
    "an unknown ability": (
        "test_every_declared_ability_is_tested",
        _spec(_limit(), capabilities=["teleport"]),
    ),
    "an ability never shown": (
        "test_every_ability_is_shown",
        _spec(_limit(), capabilities=["limits", "scores"]),
    ),
    "an ability never declared": ("test_every_ability_is_shown", _spec(_limit(), _score())),
    "a record of another type": ("test_every_record_is_of_a_known_type", _spec(_Stranger())),
    "a record lost": ("test_nothing_is_lost", _spec()),
    "a cent lost": (
        "test_sums_are_those_of_the_file",
        _spec(_limit(amount=money("5.01", "EUR"))),
    ),
    "one name twice": ("test_identities_are_unique", _spec(_limit(), _limit())),
    "a leading zero lost": (
        "test_identities_are_texts_as_they_stand",
        _spec(_limit(limit="42")),
    ),
    "an unexpected problem": (
        "test_problems_are_those_of_the_file",
        _spec(_limit(), code="date.invalid"),
    ),
    "an unknown code": (
        "test_problems_have_a_code_and_a_place",
        _spec(_limit(), code="other.code"),
    ),
    "recognizing anything": ("test_its_own_files_are_recognized", _spec(_limit())),
    "taking noise for a whole file": ("test_noise_never_raises", _spec(_limit())),
    "taking nothing for a whole file": ("test_empty_file_is_not_complete", _spec(_limit())),
    "a float": ("test_no_number_is_a_float", _spec(_score(points=float(7)))),
    "a score of nobody": (
        "test_scores_say_whose_they_are",
        _spec(_score(source=" "), capabilities=["scores"]),
    ),
    "accounts of nothing": (
        "test_statements_have_figures",
        _spec(_statement(), capabilities=["financials"]),
    ),
    "a limit of nobody": ("test_limits_have_a_holder", _spec(_limit(customer=" "))),
    "an order of nobody": (
        "test_commitments_are_above_zero",
        _spec(attrs.evolve(_ORDER, customer=" "), capabilities=["commitments"]),
    ),
    "proceedings of no day": (
        "test_insolvencies_have_a_day",
        _spec(attrs.evolve(_CASE, opened_on=dt.date.min), capabilities=["insolvencies"]),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault):
    """Each test of the kit fails on the fault that it is there for."""
    test, spec = FAULTS[fault]

    with pytest.raises(AssertionError):
        _ask(test, spec)


@pytest.mark.parametrize(
    "test", [name for name in dir(CreditSourceTests) if name.startswith("test_")]
)
def test_a_sound_source_passes(test):
    """A source of all five kinds that keeps the contract is found sound."""
    _ask(test, _spec(*_EVERY, capabilities=ALL, is_careful=True), _WHOLE)


def test_undeclared_ability_is_not_asked_for():
    """The test of an ability that is not declared is skipped, and says so."""
    with pytest.raises(pytest.skip.Exception, match="does not declare scores"):
        _ask("test_scores_say_whose_they_are", _spec(_limit()))


def test_every_record_has_an_identity():
    """Each kind of record is called by its own first field."""
    assert [identity_of(record) for record in _EVERY] == [
        ("limits", "0042"),
        ("scores", "S"),
        ("financials", "F"),
        ("commitments", "SO"),
        ("insolvencies", "I"),
    ]
