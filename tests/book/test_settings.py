"""The settings file: everything has a default, every mistake is named with its table and key."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.aging import AgeBasis, Credits, Undated
from receivables.dunning import STANDARD
from receivables.errors import PolicyError
from receivables.settings import parse_settings
from receivables.terms import PaymentTerms

CREDITOR = '[creditor]\ncreditor = "MIRA"\nname = "Mirabelle"\n'

FULL = """
[creditor]
creditor = "MIRA"
name = "Mirabelle"
legal-form = "SAS"
identifiers = [{ scheme = "fr.siret", value = "1" }]
[creditor.address]
lines = ["12 quai"]
postal-code = "44000"

[[ledger]]
source = "csv"
files = ["*.csv"]
settings = { record = "customers" }

[[statements]]
reader = "camt053"
files = ["*.xml"]
after = 2026-09-30

[terms]
default = "net 30"

[aging]
bounds = [15, 45]
basis = "posting-date"
credits = "netted"
undated = "document-date"

[matching]
apply-partial = false

[dunning]
name = "gentle"
version = "7"
grace-days = 2
levels = [{ days-past-due = 5, letter = "reminder-1" }]
minimums = { EUR = "12.50" }

[letters]
renderers = ["eml"]
reports = []
deadline-days = 15

[journal]
store = "sql"
settings = { url = "sqlite:///x.db" }
"""


def test_a_full_file_is_read() -> None:
    """Every table reaches its value."""
    read = parse_settings(FULL)

    assert read.creditor.address.postal_code == "44000"
    assert read.creditor.legal_form == "SAS"
    assert read.ledger[0].settings["record"] == "customers"
    assert read.statements[0].after == dt.date(2026, 9, 30)
    assert read.default_terms == PaymentTerms(days=30)
    assert read.aging.upper_bounds == (15, 45)
    assert (read.aging.basis, read.aging.credits) == (AgeBasis.POSTING_DATE, Credits.NETTED)
    assert read.aging.undated is Undated.DOCUMENT_DATE
    assert not read.matching.apply_partial
    assert (read.dunning.name, read.dunning.minimums_minor["EUR"]) == ("gentle", 1250)
    assert (read.renderers, read.reports, read.deadline_days) == (("eml",), (), 15)
    assert read.store.settings["url"] == "sqlite:///x.db"


def test_only_the_creditor_is_needed() -> None:
    """What is left out has its default."""
    read = parse_settings(CREDITOR)

    assert read.dunning == STANDARD
    assert read.aging.labels[0] == "not yet due"
    assert read.reports == ("aging-csv", "excel", "html")


BAD = {
    "not TOML": "creditor = ",
    "no creditor": "",
    "unknown table": CREDITOR + "[agging]\n",
    "unknown key": CREDITOR + "[aging]\nbound = [1]\n",
    "unknown creditor key": CREDITOR + "colour = 'blue'\n",
    "table that is a text": 'aging = "30"\n' + CREDITOR,
    "source without files": CREDITOR + '[[ledger]]\nsource = "csv"\n',
    "array that is no array of tables": 'ledger = ["csv"]\n' + CREDITOR,
    "unknown basis": CREDITOR + '[aging]\nbasis = "moon"\n',
    "bounds that fall": CREDITOR + "[aging]\nbounds = [60, 30]\n",
    "bounds that are text": CREDITOR + '[aging]\nbounds = ["30"]\n',
    "unreadable terms": CREDITOR + '[terms]\ndefault = "soon"\n',
    "unknown procedure": CREDITOR + '[dunning]\nprocedure = "harsh"\n',
    "level without letter": CREDITOR + "[dunning]\nlevels = [{ days-past-due = 5 }]\n",
    "minimum that is a float": CREDITOR
    + '[dunning]\nlevels = [{ days-past-due = 5, letter = "a" }]\nminimums = { EUR = 1.5 }\n',
    "minimum with a tenth of a cent": CREDITOR
    + '[dunning]\nlevels = [{ days-past-due = 5, letter = "a" }]\nminimums = { EUR = "1.005" }\n',
    "after that is no date": CREDITOR
    + '[[statements]]\nreader = "camt053"\nfiles = ["a"]\nafter = "soon"\n',
    "bad locale": CREDITOR + 'locale = "french"\n',
    "number for a truth": CREDITOR + '[letters]\ndeadline-days = "8"\n',
}


@pytest.mark.parametrize("why", BAD)
def test_mistakes_are_named(why: str) -> None:
    """A mistake in the settings raises with the file's name; nothing is guessed."""
    with pytest.raises(PolicyError) as raised:
        parse_settings(BAD[why], source="receivables.toml")
    assert "must" in str(raised.value)
