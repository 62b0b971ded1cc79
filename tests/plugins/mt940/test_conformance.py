"""The reader ``mt940`` keeps the contract of statement readers."""

from __future__ import annotations

import pytest

from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.mt940 import receivables_statement_readers

IBAN = "DE89370400440532013000"

GERMAN = (
    ":61:2610311031CR120,00NTRFNONREF//BANK0001",
    ":86:166?00GUTSCHRIFT?109251?20EREF+E2E-0001?21SVWZ+RF18539007547034?",
    "30COBADEFFXXX?31DE12500105170648489890?32Müller & Söhne GmbH",
    ":61:2610311031DR53,00NRTINONREF//BANK0002",
    "/OCMT/EUR50,00//CHGS/EUR3,00/",
    ":86:109?00RETOURE?20EREF+E2E-0002?21MREF+M-7?22SVWZ+RUECKGABE AC04 Kont",
    "o aufgeloest?31DE12500105170648489890?32N. Body?34902",
    ":61:2610311031RDR5,00N068NONREF",
    ":86:899?00STORNO?20Storno Entgelt",
)
DUTCH = (
    ":61:2610311031C20,00N654NONREF",
    ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL91BANK0417164300/BIC/BANKNL2A/NAME/",
    "N. Body B.V./REMI/STRD/CUR/9001123412341234/EREF/NOTPRO",
    "VIDED",
)
INTERIM = (
    b":20:REPORT\n:25:DE89370400440532013000\n:28C:7\n:34F:EURD0,\n:13D:2610311200+0100\n"
    b":61:2610311031C7,00NTRFNONREF//X1\n:86:166?00GUTSCHRIFT?20EREF+E2E-0003?21SVWZ+Invoice 7 and\n"
    b"thanks for all?31DE12500105170648489890?32N. Body\n"
    b":90D:0EUR0,00\n:90C:1EUR7,00\n-\n"
)


class TestMt940(StatementReaderTests):
    """The checks that every statement reader passes, on messages of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def samples(self, statement):
        german = ExpectedStatements(entries=3, closings=[(IBAN, 172_00)], sums=[(IBAN, 72_00)])
        unbalanced = ExpectedStatements(
            entries=1,
            closings=[(IBAN, 100_00)],
            sums=[(IBAN, 20_00)],
            problems=frozenset({"statement.unbalanced"}),
            complete=False,
        )
        interim = ExpectedStatements(entries=1, closings=[(IBAN, None)], sums=[(IBAN, 0)])
        return [
            StatementSample(
                name="german.sta",
                content=statement(*GERMAN, closing="C261031EUR172,00"),
                expected=german,
            ),
            StatementSample(name="dutch.sta", content=statement(*DUTCH), expected=unbalanced),
            StatementSample(name="interim.sta", content=INTERIM, expected=interim),
        ]
