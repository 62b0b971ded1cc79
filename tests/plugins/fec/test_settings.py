"""Settings of the source ``fec``: what is possible, and what is refused."""

from __future__ import annotations

import io

import pytest

from receivables.errors import PolicyError
from receivables_plugins import fec
from receivables_plugins.fec.source import FecSource

(SPEC,) = fec.receivables_ledger_sources()

IMPOSSIBLE = {
    "no creditor": {},
    "no currency": {"creditor": "M", "currency": "XXX"},
    "no accounts": {"creditor": "M", "accounts": []},
    "account that is no number": {"creditor": "M", "accounts": ["4A"]},
    "unknown lettering": {"creditor": "M", "lettering": "always"},
    "unknown kind of journal": {"creditor": "M", "journals": {"VE": "income"}},
    "journals that are no table": {"creditor": "M", "journals": "VE"},
    "unknown decimal mark": {"creditor": "M", "decimal": ";"},
    "unknown encoding": {"creditor": "M", "encoding": "no-such"},
    "unknown key": {"creditor": "M", "account": "411"},
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_impossible_settings_are_refused(case):
    """A wrong setting is an error of the configuration, named."""
    with pytest.raises(PolicyError, match="settings of fec"):
        SPEC.build(IMPOSSIBLE[case])


def test_settings_come_from_plain_tables():
    """Numbers, lone texts and lists name accounts alike."""
    for accounts in ("411", ["411"], [411]):
        assert isinstance(SPEC.build({"creditor": "M", "accounts": accounts}), FecSource)


@pytest.mark.parametrize("name", ["123456789FEC20261231.txt", "export.csv"])
def test_an_export_is_recognized_by_its_headings(name, export, sale):
    """The name of a file is often changed; its headings are not."""
    source = SPEC.build({"creditor": "M"})

    assert source.recognizes(export(*sale(), encoding="utf-8-sig"), name=name)
    assert not source.recognizes(b"number;customer\n", name=name)


def test_totals_are_those_of_the_whole_file(export, sale, payment):
    """Who checks an export gets its sums, and the balance of its receivables."""
    content = export(*sale(), *payment(), *sale("3", "F002"))
    totals = SPEC.build({"creditor": "M"}).totals(io.BytesIO(content), name="fec.txt")

    assert (totals.lines, totals.debit_minor, totals.credit_minor) == (8, 360_00, 360_00)
    assert (totals.receivable_lines, totals.receivable_minor) == (3, 120_00)
    assert totals.report.complete
