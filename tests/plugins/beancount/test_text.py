"""What the file looks like: accounts, prices, metadata, tags and links."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.accounting.model import Chart, GlAccount, Journal, JournalEntry, JournalLine, Role
from receivables.accounting.writing import NATURES
from receivables.errors import PolicyError
from receivables.testing.journal_writer import long_journal, sample_journal
from receivables_plugins.beancount import BeancountSettings
from receivables_plugins.beancount._names import component, label, quoted

COMPONENTS = [
    # what the chart says, what beancount can read
    (("411", "Clients"), "411-Clients"),
    (("44571", "TVA collectée (20 %)"), "44571-TVA-collectée-20"),
    (("411", "客户"), "411-客户"),
    (("a1", "x"), "A1-x"),
    (("ß1",), "Xß1"),
    (("客户",), "X客户"),
    (("41.1", "A:B;C"), "41-1-A-B-C"),
    (("411", "\U0001f4b6"), "411"),
    (("--",), "X"),
]


@pytest.mark.parametrize(("parts", "expected"), COMPONENTS, ids=ascii)
def test_component_is_readable(parts, expected):
    """A component has letters, figures and dashes, and begins with a capital or a figure."""
    assert expected == component(" ".join(parts))


def test_string_is_escaped():
    """Quotes and backslashes are escaped, and a line break becomes a blank."""
    assert '"a \\"b\\" \\\\ c"' == quoted('a "b" \\\nc')


def test_label_keeps_what_a_link_may_have():
    """Other signs become dashes; nothing is left of what has no such letter."""
    assert ("a-b_c/d.e", "") == (label("a:b_c/d.e"), label("客"))


def test_every_role_has_a_nature():
    """Every role has its root, so that no account is left without one."""
    assert set(Role) == set(NATURES)


def test_account_is_filed_by_the_chart(write):
    """An account with several roles has one name, in the journal of a month as in that of the year."""
    both = GlAccount("658", "Différences")
    chart = Chart(
        name="house",
        version="1",
        accounts={Role.DIFFERENCE_GAIN: both, Role.DIFFERENCE_LOSS: both},
        banks={"FR76": GlAccount("5121", "Banque")},
        categories={"goods": GlAccount("707", "Ventes")},
        taxes={"FR20": GlAccount("44571", "TVA")},
    )
    accounts = [both, *chart.banks.values(), *chart.categories.values(), *chart.taxes.values()]
    text = write(attrs.evolve(_journal(accounts), chart=chart))

    for name in (
        "Expenses:Difference-loss:658-Différences",
        "Assets:Bank:5121-Banque",
        "Income:Revenue:707-Ventes",
        "Liabilities:Tax:44571-TVA",
    ):
        assert f"open {name}\n" in text


def test_foreign_line_has_its_price(write):
    """A line in a foreign currency stands at its total price in the books."""
    assert "Assets:Receivable:411-Clients  100.01 USD @@ 92.37 EUR\n" in write(sample_journal())


def test_line_without_an_amount_is_its_value(write):
    """An exchange difference is a posting in the currency of the books."""
    assert "Expenses:Exchange-loss:666-Pertes-de-change  2.37 EUR\n" in write(sample_journal())


def test_opposite_signs_are_two_postings(write):
    """There is no negative price, so the amount is free and its value a posting of its own."""
    name = "Liabilities:Advance:4191-Avances-reçues"

    assert f"{name}  1.00 USD @@ 0.00 EUR\n" in write(sample_journal())
    assert f"{name}  -0.05 EUR\n" in write(sample_journal())


def test_entry_says_where_it_comes_from(write):
    """Tag, link and metadata carry kind, event, document, customer, item and dimensions."""
    text = write(sample_journal())

    for said in (
        "#DocumentIssued ^issued-1\n",
        '  entity: "MIRA"\n',
        "  document-date: 2026-01-15\n",
        '  recorded-at: "2026-01-17T08:30:00+00:00"\n',
        '    customer: "C-017"\n',
        '    item: "F-1"\n',
        '    dim-cost-center: "100"\n',
    ):
        assert said in text


def test_customers_can_be_accounts(write):
    """A customer is an account below that of the chart, where the settings want it."""
    text = write(sample_journal(), customers="accounts")

    assert "open Assets:Receivable:411-Clients:C-017\n" in text
    assert "  Assets:Receivable:411-Clients:C-017  120.00 EUR\n" in text


@pytest.mark.needs("beancount")
def test_names_stay_apart(write, at_price):
    """Accounts whose numbers look alike to beancount keep their balances apart."""
    odd = [GlAccount("41.1", "A"), GlAccount("41-1", "A"), GlAccount("41/1", "A")]
    journal = _journal(odd)

    assert journal.balances() == at_price(write(journal))
    assert 4 == len({line for line in write(journal).splitlines() if " open " in line})


@pytest.mark.needs("beancount")
def test_two_dimensions_of_one_key_are_kept(write, load):
    """Names of dimensions that become one key get numbers, because a key may stand once."""
    line = JournalLine(
        account=GlAccount("512", "Bank"),
        role=Role.BANK,
        amount_minor=0,
        currency="EUR",
        functional_minor=0,
        dimensions=[("a b", "1"), ("a/b", "2")],
    )
    (entry,) = _journal([GlAccount("512", "Bank")]).entries
    journal = attrs.evolve(long_journal(0), entries=[attrs.evolve(entry, lines=[line])])
    (posting,) = load(write(journal))[-1].postings

    assert ("1", "2") == (posting.meta["dim-a-b"], posting.meta["dim-a-b-2"])


def _journal(accounts):
    """One entry that moves 1, 2, 3… on the accounts, and all of it back on the bank."""
    given = {"role": Role.RECEIVABLE, "currency": "EUR"}
    lines = [
        JournalLine(account=account, amount_minor=minor, functional_minor=minor, **given)
        for minor, account in enumerate(accounts, start=1)
    ]
    whole = -sum(line.amount_minor for line in lines)
    bank = GlAccount("5120", "Bank")
    lines.append(
        JournalLine(
            account=bank, role=Role.BANK, amount_minor=whole, currency="EUR", functional_minor=whole
        )
    )
    entry = JournalEntry(
        entry="e-1",
        creditor="MIRA",
        date=dt.date(2026, 1, 31),
        kind="test",
        functional_currency="EUR",
        lines=lines,
    )
    chart = Chart(name="none", version="1", accounts={})
    return Journal(chart=chart, functional_currency="EUR", entries=[entry])


@pytest.mark.parametrize("given", [{"customers": "tags"}, {"assertions": "yes"}])
def test_impossible_setting_is_refused(given):
    """A value that the layout does not have is refused by its name."""
    with pytest.raises(PolicyError, match=next(iter(given))):
        BeancountSettings(**given)
