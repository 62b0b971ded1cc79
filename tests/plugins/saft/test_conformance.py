"""The conformance classes, asked of the source and of the writer."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from receivables.plugins import load_plugins
from receivables.testing.journal_writer import JournalWriterTests
from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables_plugins.saft.writer import NAMESPACE


def _spec(kind):
    return load_plugins(only=["saft"]).find(kind, "saft")


class TestSource(LedgerSourceTests):
    """The source ``saft``."""

    @pytest.fixture
    def spec(self):
        """The adapter."""
        return _spec("ledger-source")

    @pytest.fixture
    def samples(self, norway, portugal):
        """A Norwegian file of a sale and its payment, and a Portuguese one of documents."""
        norway.customer("0042", 0, 50)
        norway.entry("1", ("1500", 100, "0042"), ("3000", -100), date="2026-01-15")
        norway.entry("2", ("1920", 50), ("1500", -50, "0042"), date="2026-01-20")
        portugal.customer("C1").invoice("FT A/1", "123.00").payment(
            "RG A/1", "123.00", ("FT A/1", 123)
        )
        portugal.invoice("NC A/1", "23.00", kind="NC")
        settings = {"creditor": "MIRA"}
        return [
            LedgerSample(
                name="no.xml",
                content=norway.content(),
                settings=settings,
                expected=ExpectedLedger(totals={"NOK": 50_00}, identities=["0042"]),
            ),
            LedgerSample(
                name="pt.xml",
                content=portugal.content(),
                settings=settings,
                expected=ExpectedLedger(totals={"EUR": -23_00}, identities=["FT A/1", "RG A/1"]),
            ),
        ]


class TestWriter(JournalWriterTests):
    """The writer ``saft``."""

    @pytest.fixture(params=["1.10", "1.30"])
    def settings(self, request):
        """A period that has all entries, and a grouping for every account."""
        return {
            "version": request.param,
            "start": "2026-01-01",
            "end": "2026-12-31",
            "grouping_category": "RF-1167",
            "groupings": {"": "3000"},
        }

    @pytest.fixture
    def spec(self):
        """The adapter."""
        return _spec("journal-writer")

    @pytest.fixture
    def read_back(self):
        """The lines of a file, added up by a reader that knows nothing of the writer."""

        def read(content):
            found = {}
            root = ET.fromstring(content)  # noqa: S314  # our own file
            inner = {"": NAMESPACE}
            for line in root.iterfind(".//Transaction/Line", inner):
                for side, sign in (("DebitAmount", 1), ("CreditAmount", -1)):
                    for text in line.iterfind(f"{side}/Amount", inner):
                        key = ("MIRA", line.find("AccountID", inner).text)
                        minor = sign * int(text.text.replace(".", ""))
                        found[key] = found.get(key, 0) + minor
            return found

        return read
