"""Exports of two real firms come out to the cent."""

from __future__ import annotations

import pytest

from receivables.allocation import SourceAllocation
from receivables.testing.ledger_source import balances, items_of
from receivables_plugins.fec import FecSettings
from receivables_plugins.fec.source import FecSource

FIRMS = [
    # file, lines, debit = credit, receivable balance and lines, lettering groups, open lines
    ("000000000FEC20231231.txt", 2102, 1_265_350_82, 27_771_70, 153, 0, 153),
    ("111111111FEC20221231.txt", 934, 225_682_23, 14_416_52, 151, 45, 34),
]


@pytest.fixture
def source():
    return FecSource(FecSettings(creditor="MIRA"))


@pytest.mark.parametrize("firm", FIRMS, ids=lambda firm: firm[0])
def test_totals_are_met(firm, source, shared):
    """Lines, debit, credit and the balance of the receivables are those that others counted."""
    name, lines, turnover, balance, receivable_lines, _, _ = firm
    with (shared / name).open("rb") as stream:
        totals = source.totals(stream, name=name)

    assert (totals.lines, totals.debit_minor, totals.credit_minor) == (lines, turnover, turnover)
    assert (totals.receivable_lines, totals.receivable_minor) == (receivable_lines, balance)
    assert totals.report.problems == ()


@pytest.mark.parametrize("firm", FIRMS, ids=lambda firm: firm[0])
def test_records_are_met(firm, source, shared):
    """The records give the same balance, settled or not, and the lines that are open."""
    name, _, _, balance, receivable_lines, groups, open_lines = firm
    with (shared / name).open("rb") as stream:
        read = source.read(stream, name=name).collect().require_complete()
    items = {item.item: item for item in items_of(read.rows)}
    settled = [row for row in read.rows if isinstance(row, SourceAllocation)]
    left = items.keys() - {item for row in settled for item in row.items}

    assert balances(read.rows) == {"EUR": balance}
    assert (len(items), len(settled), len(left)) == (receivable_lines, groups, open_lines)
    assert sum(items[name].amount_minor for name in left) == balance


@pytest.mark.parametrize("firm", FIRMS, ids=lambda firm: firm[0])
def test_identities_do_not_depend_on_what_comes_later(firm, source, shared, tmp_path):
    """An export of the first half of the entries has the identities that the whole has."""
    content = (shared / firm[0]).read_bytes().splitlines(keepends=True)
    half, whole = (
        {item.item for item in items_of(_read(source, tmp_path, lines))}
        for lines in (content[: len(content) // 2], content)
    )

    assert len(half) > 50
    assert half <= whole


def _read(source, folder, lines):
    path = folder / "export.txt"
    path.write_bytes(b"".join(lines))
    with path.open("rb") as stream:
        return source.read(stream, name=path.name).collect().rows
