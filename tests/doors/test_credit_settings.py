"""The tables of credit and losses in a folder's settings: what they say, and what they refuse."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.credit import credit_policy
from receivables.errors import PolicyError
from receivables.money import money
from receivables.opening import open_folder
from receivables.settings import parse_settings
from receivables.writeoffs import STANDARD

CREDITOR = '[creditor]\ncreditor = "MIRA"\nname = "Mirabelle SAS"\n'

INSURANCE = """
[[credit.insurance]]
number = "EH-1"
insurer = "Assureur"
currency = "EUR"
insured-bps = 9000
extension-days = 60
notify-days = 30
claim-days = 150
"""

CARD = """
[scorecard]
name = "house"
version = "1"
"""


def test_without_tables_everything_is_usual() -> None:
    """Nobody has to say anything: the standard policies hold, and no allowance is measured."""
    found = parse_settings(CREDITOR)

    assert found.credit.policy == credit_policy("standard")
    assert found.credit.insurance == ()
    assert found.losses.allowance is None
    assert found.losses.write_offs == STANDARD


def test_tables_say_otherwise() -> None:
    """Each table is read by its own policy."""
    found = parse_settings(
        CREDITOR
        + """
[credit]
scorecard = "card.toml"
[credit.policy]
extends = "strict"
version = "2026-11"
[credit.behaviour]
months = 24
[credit.companies]
"public" = { sector = "services" }
"*" = { sector = "trade", listed = false }
[write-offs]
name = "ours"
"""
        + INSURANCE
    )

    assert found.credit.policy.title == "house 2026-11"
    assert found.credit.policy.rules == credit_policy("strict").rules
    assert found.credit.behaviour.months == 24
    assert found.credit.scorecard == "card.toml"
    assert found.credit.companies["*"].sector.value == "trade"
    assert [one.number for one in found.credit.insurance] == ["EH-1"]
    assert found.losses.write_offs.name == "ours"


def test_a_discretionary_limit_is_in_the_currency_of_its_policy() -> None:
    """Amounts of an insurance policy are texts in its currency."""
    (policy,) = parse_settings(
        CREDITOR + INSURANCE + 'discretionary-amount = "5000.00"\n'
    ).credit.insurance

    assert policy.discretionary_amount == money(Decimal("5000.00"), "EUR")


def test_a_packaged_matrix_is_named() -> None:
    """A matrix that ships along is named, and another one is written out."""
    named = parse_settings(CREDITOR + '[allowance]\nmatrix = "fr-pcg"\n').losses.allowance
    written = parse_settings(
        CREDITOR
        + '[allowance]\nversion = "1"\nscheme = { upper-bounds = [30] }\n'
        + '[allowance.rates]\ndefault = ["0 %", "1 %", "9 %"]\n'
    ).losses.allowance

    assert named is not None
    assert named.name == "fr-pcg"
    assert written is not None
    assert written.name == "house"


REFUSED = {
    "a table of credit that nobody knows": ("[credit.polices]\n", "got polices"),
    "a policy that is no table": ("[credit]\npolicy = 'strict'\n", "must be a table"),
    "a policy that nobody wrote": ("[credit.policy]\nextends = 'lax'\n", "got 'lax'"),
    "a scorecard that is no text": ("[credit]\nscorecard = 1\n", "must be a text"),
    "a sector that no model knows": (
        "[credit.companies]\n'*' = {sector = 'piracy'}\n",
        "sector of .* must be among",
    ),
    "a listing that is no truth": ("[credit.companies]\n'*' = {listed = 1}\n", "true or false"),
    "a price index of nothing": ("[credit]\nprice-index = 0\n", "whole number above zero"),
    "an insurance that is no list": (
        INSURANCE.replace("[[", "[").replace("]]", "]"),
        "list of tables",
    ),
    "an insurance that is a text": ("[credit]\ninsurance = ['EH-1']\n", "list of tables"),
    "two insurances of one number": (INSURANCE + INSURANCE, "EH-1 twice"),
    "an insurance without its days": (INSURANCE.replace("claim-days = 150\n", ""), "claim-days"),
    "a matrix that nobody wrote": ("[allowance]\nmatrix = 'xx'\n", "xx"),
    "a matrix and its rates": ("[allowance]\nmatrix = 'fr-pcg'\nversion = '1'\n", "got version"),
    "rates that are missing": ("[allowance]\nversion = '1'\n", "allowance"),
    "a write-off policy that is misspelt": ("[write-offs]\nlevles = []\n", "levles"),
    "credit that is no table": ("credit = 1\n", "credit"),
}


@pytest.mark.parametrize(("tables", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_named(tables: str, said: str) -> None:
    """A key that is unknown, missing or impossible raises an error that names it."""
    text = tables + CREDITOR if tables.startswith("credit") else CREDITOR + tables
    with pytest.raises(PolicyError, match=said):
        parse_settings(text)


def test_a_class_without_a_limit_is_refused() -> None:
    """Limits must know every risk class, or a customer of it would be given anything."""
    classes = '[credit.classes]\nname = "ours"\nversion = "1"\n'

    with pytest.raises(PolicyError):
        parse_settings(CREDITOR + classes)


def test_the_examples_of_the_manual_are_read() -> None:
    """Every example of the sections about credit and losses is accepted as it stands."""
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"
    part = page.read_text(encoding="utf-8").split("\n## `[credit]`\n")[1]
    examples = re.findall(
        r"^```toml\n(.*?)^```$", part.split("\n## `[letters]`\n")[0], re.MULTILINE | re.DOTALL
    )

    assert examples
    for example in examples:
        assert parse_settings(CREDITOR + example).creditor.creditor == "MIRA"


@pytest.mark.parametrize("name", ["card.toml", "*.card"])
def test_a_scorecard_must_be_one_file(name: str, tmp_path: Path) -> None:
    """A scorecard that is named and not there is an error of the settings."""
    (tmp_path / "receivables.toml").write_text(
        f'{CREDITOR}[credit]\nscorecard = "{name}"\n', encoding="utf-8"
    )
    (tmp_path / "a.card").write_text(CARD, encoding="utf-8")
    (tmp_path / "b.card").write_text(CARD, encoding="utf-8")

    with pytest.raises(PolicyError, match="scorecard must name one file"):
        open_folder(tmp_path, plugins=())
