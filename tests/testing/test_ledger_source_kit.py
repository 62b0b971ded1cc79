"""The conformance class of ledger sources finds what is wrong with a source."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.adapters import AdapterSpec
from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, Invoice
from receivables.money import money
from receivables.parties import Customer
from receivables.reading import Read, ReadNotes
from receivables.testing.ledger_source import (
    ExpectedLedger,
    LedgerSample,
    LedgerSourceTests,
    balances,
)

_DAY = dt.date(2026, 1, 31)


def _document(cls=Invoice, **more):
    given = {
        "number": "0042",
        "creditor": "MIRA",
        "customer": "C-1",
        "document_date": _DAY,
        "total": money("5.00", "EUR"),
    }
    return cls(**(given | more))


def _settled(**more):
    given = {"creditor": "MIRA", "customer": "C-1", "items": ["0042"], "settled_on": _DAY}
    return SourceAllocation(**(given | more))


class _Source:
    """A source that gives the rows it was made with, whatever the file."""

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


def _spec(*rows, capabilities=("documents",), code=None):
    return AdapterSpec(
        name="fake",
        summary="a fake",
        factory=lambda _settings: _Source(rows, code),
        capabilities=capabilities,
    )


_SAMPLE = LedgerSample(
    name="a", content=b"a", expected=ExpectedLedger(totals={"EUR": 5_00}, identities=["0042"])
)


def _ask(test, spec):
    """Run one test of the kit on a source."""
    kit = LedgerSourceTests()
    reads = [(_SAMPLE, spec.build().read(None, name="a").collect())]
    arguments = {"spec": spec, "reads": reads, "samples": [_SAMPLE]}
    function = getattr(kit, test)
    function(**{name: arguments[name] for name in function.__annotations__ if name in arguments})


@attrs.frozen
class _Stranger:
    customer: str = "C-1"


FAULTS = {
    "an unknown ability": (
        "test_every_declared_ability_is_tested",
        _spec(_document(), capabilities=["teleport"]),
    ),
    "an ability never shown": (
        "test_every_ability_is_shown",
        _spec(_document(), capabilities=["documents", "receipts"]),
    ),
    "an ability never declared": (
        "test_every_ability_is_shown",
        _spec(Customer(customer="C-1", name="Ann"), _document()),
    ),
    "a record of another type": ("test_every_record_is_of_a_known_type", _spec(_Stranger())),
    "a wrong sum": (
        "test_sums_are_those_of_the_file",
        _spec(_document(total=money("5.01", "EUR"))),
    ),
    "a credit taken for a debit": (
        "test_sums_are_those_of_the_file",
        _spec(_document(CreditNote)),
    ),
    "one identity twice": ("test_identities_are_unique", _spec(_document(), _document())),
    "a leading zero lost": (
        "test_identities_are_texts_as_they_stand",
        _spec(_document(number="42")),
    ),
    "a float": ("test_nothing_is_a_float", _spec(_document(terms=30.0))),
    "an unexpected problem": (
        "test_report_tells_the_truth",
        _spec(_document(), code="date.invalid"),
    ),
    "an unknown code": (
        "test_problems_have_a_code_and_a_place",
        _spec(_document(), code="other.code"),
    ),
    "recognizing anything": ("test_its_own_files_are_recognized", _spec(_document())),
    "taking noise for a whole file": ("test_noise_never_raises", _spec(_document())),
    "taking nothing for a whole file": ("test_empty_file_is_not_complete", _spec(_document())),
    "a customer too late": (
        "test_customers_come_before_what_they_owe",
        _spec(_document(), Customer(customer="C-1", name="Ann"), capabilities=["customers"]),
    ),
    "settled twice": (
        "test_settled_items_are_in_the_file",
        _spec(_document(), _settled(), _settled(), capabilities=["allocations"]),
    ),
    "settled too early": (
        "test_settled_items_are_in_the_file",
        _spec(_document(), _settled(settled_on=dt.date(2026, 1, 30)), capabilities=["allocations"]),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault):
    """Each test of the kit fails on the fault that it is there for."""
    test, spec = FAULTS[fault]

    with pytest.raises(AssertionError):
        _ask(test, spec)


def test_skipping_what_is_declared_is_found():
    """A subclass cannot replace or skip the test of an ability that its source declares."""

    class Replaced(LedgerSourceTests):
        def test_credits_lower_the_balance(self):
            pass

    class Skipped(LedgerSourceTests):
        pytestmark = pytest.mark.skip("no time")

    for kit in (Replaced(), Skipped()):
        with pytest.raises(AssertionError):
            kit.test_every_declared_ability_is_tested(_spec(_document()))


def test_undeclared_ability_is_not_asked_for():
    """The test of an ability that is not declared is skipped, and says so."""
    with pytest.raises(pytest.skip.Exception, match="does not declare receipts"):
        _ask("test_receipts_lower_the_balance", _spec(_document()))


def test_balances_are_by_currency():
    """Sums of two currencies stay apart, and credits lower theirs."""
    rows = [
        _document(),
        _document(CreditNote, total=money("2.00", "EUR")),
        _document(total=money("7", "JPY")),
    ]

    assert balances(rows) == {"EUR": 3_00, "JPY": 7}
