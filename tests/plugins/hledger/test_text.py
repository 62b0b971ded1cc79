"""What the file looks like: declarations, prices, codes and tags."""

from __future__ import annotations

import attrs
import pytest

from receivables.errors import PolicyError
from receivables.testing.journal_writer import long_journal, sample_journal
from receivables_plugins.hledger import HledgerSettings
from receivables_plugins.hledger._names import code, component, description, tag, value

PLAIN = [
    (component, "411  Clients: x; y", "411 Clients- x, y"),
    (component, "a\u202eb\u200bc", "abc"),
    (component, "\x00", "-"),
    (description, "a; b |\nc", "a, b | c"),
    (code, "F(1);2", "F[1],2"),
    (value, "a, b\t[2026-01-01]", "a b (2026-01-01)"),
    (value, "issued:MIRA:F-1", "issued:MIRA:F-1"),
    (tag, "Cost center: x", "dim-Cost-center-x"),
]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    PLAIN,
    ids=[f"{rule.__name__}-{text!a}" for rule, text, _ in PLAIN],
)
def test_text_is_what_hledger_can_read(rule, text, expected):
    """What would end a name, begin a comment or be read as a date is written otherwise."""
    assert expected == rule(text)


def test_all_is_declared(write):
    """Currencies come with their decimals, and accounts with their type."""
    text = write(sample_journal())

    for declared in (
        "commodity 1000.0000 CLF\n",
        "commodity 1000. JPY\n",
        "account Assets:Receivable:411 Clients  ; type:A\n",
        "account Income:Revenue:706 Prestations de services  ; type:R\n",
    ):
        assert declared in text


def test_entry_says_where_it_comes_from(write):
    """Code and tags carry document, entity, kind, event, customer, item and dimensions."""
    text = write(sample_journal())

    for said in (
        "2026-01-16 * (F-1) DocumentIssued F-1\n",
        "    ; entry:e-1, entity:MIRA, kind:DocumentIssued\n",
        "    ; event:issued:1\n",
        "120.00 EUR  ; customer:C-017, item:F-1\n",
        "; dim-site:Nantes, dim-cost-center:100\n",
    ):
        assert said in text


def test_description_in_parentheses_is_no_code(write):
    """A text that begins with a parenthesis stays the description, behind an empty code."""
    (entry,) = long_journal(1)
    journal = attrs.evolve(long_journal(0), entries=[attrs.evolve(entry, text="(x) y")])

    assert "2026-01-15 * () (x) y\n" in write(journal)


@pytest.mark.parametrize("given", [{"customers": "metadata"}, {"assertions": "yes"}])
def test_impossible_setting_is_refused(given):
    """A value that the layout does not have is refused by its name."""
    with pytest.raises(PolicyError, match=next(iter(given))):
        HledgerSettings(**given)
