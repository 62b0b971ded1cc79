"""The source ``csv`` keeps the contract of ledger sources, whatever the list."""

from __future__ import annotations

import pytest

from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables_plugins import csv

_OPEN_ITEMS = """\
Belegnr;Konto;Name;Art;Datum;Fällig;Betrag;Ausgleich
0042;007;"Müller; Söhne";RE;31.10.2026;30.11.2026;1.234,50;
0043;007;"Müller; Söhne";RE;01.10.2026;31.10.2026;100,00;15.10.2026
0044;008;Bäcker;GS;02.10.2026;;-34,50;
"""

_HISTORY = """\
number,customer,document-date,amount,currency,installment,due-date,open-amount
A-1,C-1,2026-01-31,50.00,USD,1,2026-02-28,0.00
A-1,C-1,2026-01-31,50.00,USD,2,2026-03-31,20.00
J-1,C-2,2026-01-31,5000,JPY,1,2026-03-31,5000
A-1,C-1,2026-01-31,50.00,XXX,3,2026-03-31,50.00
"""

_RECEIPTS = """\
receipt,customer,booking-date,amount,payer-name,text
0001,C-1,2026-10-05,80.00,Tremblay,F-1
0002,,2026-10-06,20.00,unknown,
"""

_CUSTOMERS = "customer,name,locale\n0042,Tremblay,fr-CA\n0043,Smith,en-CA\n"


def _sample(name, text, expected, **settings):
    return LedgerSample(
        name=name, content=text.encode(), expected=expected, settings={"creditor": "M"} | settings
    )


class TestCsv(LedgerSourceTests):
    """The conformance class, over a list of each kind."""

    @pytest.fixture
    def spec(self):
        return csv.receivables_ledger_sources()[0]

    @pytest.fixture
    def samples(self):
        columns = {
            "number": "Belegnr",
            "customer": "Konto",
            "customer-name": "Name",
            "type": "Art",
            "document-date": "Datum",
            "due-date": "Fällig",
            "amount": "Betrag",
            "settled-on": "Ausgleich",
        }
        broken = ExpectedLedger(
            totals={"JPY": 5000}, problems=frozenset({"currency.unknown"}), complete=False
        )
        return [
            _sample(
                "open.csv",
                _OPEN_ITEMS,
                ExpectedLedger(totals={"EUR": 1_300_00}, identities=["0042", "007", "0044"]),
                columns=columns,
                types={"RE": "invoice", "GS": "credit-note"},
                currency="EUR",
                decimal=",",
                grouping=".",
                date_format="%d.%m.%Y",
            ),
            _sample("history.csv", _HISTORY, broken, snapshot_date="2026-03-01"),
            _sample(
                "receipts.csv",
                _RECEIPTS,
                ExpectedLedger(totals={"EUR": -100_00}, identities=["0001"]),
                record="receipts",
                currency="EUR",
            ),
            _sample(
                "customers.csv",
                _CUSTOMERS,
                ExpectedLedger(identities=["0042", "0043"]),
                record="customers",
            ),
        ]
