"""The charts that come along, and those that adopters bring."""

from __future__ import annotations

import pytest

from receivables.accounting import (
    Chart,
    GlAccount,
    PostingRules,
    Role,
    chart,
    chart_names,
    chart_variants,
    posting_rules,
)
from receivables.accounting.posting import STANDARD_ROWS
from receivables.errors import PolicyError

LATENT = {
    *(Role.TRANSLATION_LOSS, Role.TRANSLATION_GAIN, Role.EXCHANGE_PROVISION),
    *(Role.EXCHANGE_PROVISION_EXPENSE, Role.EXCHANGE_PROVISION_RELEASE),
}
"""What only the French scheme needs."""


@pytest.mark.parametrize("name", chart_names())
def test_every_chart_has_every_account(name):
    """No role is without an account, but for those of the French scheme elsewhere."""
    missing = set(Role) - set(chart(name).accounts)

    assert missing <= LATENT


@pytest.mark.parametrize("name", chart_names())
def test_one_number_has_one_name(name):
    """The same number is the same account wherever it stands."""
    made = chart(name)
    accounts = [*made.accounts.values(), *made.categories.values(), *made.taxes.values()]

    assert len(set(accounts)) == len({account.number for account in accounts})


@pytest.mark.parametrize("name", chart_names())
def test_every_chart_has_rules(name):
    """The usual switches of a chart are rules that hold."""
    assert isinstance(posting_rules(name), PostingRules)


@pytest.mark.parametrize("gone", ["7714", "7711", "791", "6711"])
def test_the_french_chart_is_that_of_2025(gone):
    """What was renumbered in 2025 is not in it."""
    assert gone not in {account.number for account in chart("fr-pcg").accounts.values()}


def test_the_french_chart_knows_what_was_not_compared():
    """Accounts that nobody compared with the text say so."""
    doubtful = {
        account.number for account in chart("fr-pcg").accounts.values() if not account.is_verified
    }

    assert {"447", "6278"} <= doubtful
    assert "411" not in doubtful


@pytest.mark.parametrize("name", chart_names())
def test_the_manual_lists_every_account(name, root):
    """The page of the charts has each role, category and tax with its number, name and status."""
    page = (root / "docs/reference/charts.md").read_text(encoding="utf-8")
    section = page.partition(f"### `{name}`")[2].partition("### ")[0]
    made = chart(name)
    accounts = {role.value: account for role, account in made.accounts.items()}

    missing = [
        key
        for key, account in {**accounts, **made.categories, **made.taxes}.items()
        if f"| `{key}` | {account.number} | {account.name} "
        f"| {'' if account.is_verified else 'unverified'} |" not in section
    ]

    assert missing == []


def test_the_manual_lists_every_row(root):
    """The page of the charts has each standard row in its own words."""
    page = (root / "docs/reference/charts.md").read_text(encoding="utf-8")

    missing = [
        key
        for key, row in STANDARD_ROWS.items()
        if f"| {key[0]} | {key[1]} | {', '.join(map(str, row))} |" not in page
    ]

    assert missing == []


def test_variants_are_named():
    """A variant that a chart lacks is refused, with those that it has."""
    assert chart_variants("generic") == ()
    with pytest.raises(PolicyError, match="must be among financial-exchange, operating-provision"):
        chart("fr-pcg", variants=["moon"])


def test_an_unknown_chart_is_refused():
    """The charts that there are stand in the message."""
    with pytest.raises(PolicyError, match=r"chart must be one of ca-generic, .* got 'moon'"):
        chart("moon")


def test_a_chart_is_evolved_and_not_changed():
    """The chart that one started from stays as it is."""
    made = chart("fr-pcg")

    other = made.with_accounts(
        {Role.BANK: GlAccount("5121", "BNP")}, taxes={"S": GlAccount("445711", "TVA 20 %")}
    )

    assert made.account(Role.BANK).number == "512"
    assert (other.account(Role.BANK).number, other.taxes["S"].number) == ("5121", "445711")


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"name": "x"},
        {"name": "", "version": "1"},
        {"name": "x", "version": 1},
        {"name": "x", "version": "1", "moon": 1},
        {"name": "x", "version": "1", "accounts": {"moon": ["1", "a"]}},
        {"name": "x", "version": "1", "accounts": {"bank": "512"}},
        {"name": "x", "version": "1", "accounts": {"bank": ["512"]}},
        {"name": "x", "version": "1", "accounts": {"bank": ["512", "Banques", "perhaps"]}},
        {"name": "x", "version": "1", "accounts": {"bank": [512, "Banques"]}},
        {"name": "x", "version": "1", "accounts": {"bank": ["", "Banques"]}},
        {"name": "x", "version": "1", "accounts": {"bank": ["512", " "]}},
    ],
)
def test_a_table_that_is_no_chart_is_refused(table):
    """Each fault of a chart of one's own is an error of the configuration."""
    with pytest.raises(PolicyError):
        Chart.from_table(table)


def test_a_role_without_an_account_is_named():
    """What a chart lacks is said when it is needed."""
    with pytest.raises(PolicyError, match="chart house must have an account for bank"):
        Chart.from_table({"name": "house", "version": "1"}).account(Role.BANK)
