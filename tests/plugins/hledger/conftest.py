"""Files of the writer ``hledger``, checked and read back by hledger itself."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
from decimal import Decimal

import pytest

from receivables.money import minor_of
from receivables_plugins import hledger as plugin

# hledger reads a file in the character set of its locale, which is the reader's affair.
_ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}
_NUMBER = re.compile(r"[^:]*:[^:]*:([^ :]+)")


@pytest.fixture(scope="session")
def spec():
    """The descriptor of the writer."""
    return plugin.receivables_journal_writers()[0]


@pytest.fixture(scope="session")
def write(spec):
    """Write a journal with some settings, as text."""

    def run(journal, **settings):
        return b"".join(spec.build(settings).write(journal)).decode("utf-8")

    return run


@pytest.fixture(scope="session")
def hledger():
    """Run hledger on a text; what it prints, and it must end well."""

    def run(text, *arguments):
        ran = subprocess.run(
            ["hledger", "-f", "-", *arguments],
            capture_output=True,
            check=False,
            env=_ENVIRONMENT,
            input=text.encode("utf-8"),
        )

        complaint = ran.stderr.decode("utf-8")
        assert (ran.returncode, complaint) == (0, ""), complaint
        return ran.stdout.decode("utf-8")

    return run


@pytest.fixture(scope="session")
def balances(hledger):
    """The balance of each account by its number and currency, in minor units."""

    def run(text, *arguments):
        layout = ("--no-total", "--flat", "--output-format", "csv")
        found = {}
        for row in csv.DictReader(io.StringIO(hledger(text, "balance", *layout, *arguments))):
            number = _NUMBER.match(row["account"])[1]
            for amount in row["balance"].split(", "):
                figures, _, code = amount.partition(" ")
                if code:
                    minor = minor_of(Decimal(figures), code)
                    found[number, code] = found.get((number, code), 0) + minor
        return found

    return run


@pytest.fixture(scope="session")
def at_cost(hledger, balances):
    """Check a text strictly, and give the balance at cost of each account by entity and number."""

    def run(text):
        hledger(text, "check", "--strict", "ordereddates")
        entities = sorted(set(re.findall(r"entity:([^,\n]*)", text)))
        return {
            (entity, number): minor
            for entity in entities
            for (number, _), minor in balances(text, "--cost", f"tag:entity=^{entity}$").items()
        }

    return run
