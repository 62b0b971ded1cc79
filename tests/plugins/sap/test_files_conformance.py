"""The conformance classes, asked of the sources that read files of SAP."""

from __future__ import annotations

import json

import pytest

from receivables.plugins import load_plugins
from receivables.testing.credit_source import CreditSample, CreditSourceTests, ExpectedCredit
from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests

INVOICE = {
    "MANDT": "100", "BUKRS": "1000", "KUNNR": "0000000042", "BELNR": "0090000001",
    "GJAHR": "2026", "BUZEI": "001", "BUDAT": "20260131", "BLDAT": "20260131", "WAERS": "EUR",
    "SHKZG": "S", "WRBTR": "120.00", "BSCHL": "01", "BLART": "RV", "ZFBDT": "20260131",
    "ZBD1T": "30", "AUGDT": "00000000", "AUGBL": "",
}  # fmt: skip
CLEARED = {"AUGDT": "20260210", "AUGBL": "1400000007"}
PAYMENT = (
    INVOICE
    | CLEARED
    | {"BELNR": "1400000007", "BSCHL": "15", "BLART": "DZ", "SHKZG": "H", "BUDAT": "20260210"}
)
CUSTOMER = {
    "MANDT": "100",
    "KUNNR": "0000000042",
    "NAME1": "Brasserie",
    "LAND1": "FR",
    "SPRAS": "F",
}


def csv_of(*rows, mark=";"):
    """Rows as delimited text with all their fields as headings."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "".join(mark.join(line) + "\r\n" for line in lines).encode()


LIST = """
Customer            42
Company Code        1000

Name                Brasserie Mirabelle
City                Nantes

-----------------------------------------------------------------------------------------------
|St|DocumentNo|Type|Doc. Date |Net due dt|Amount in doc. curr.|Curr.|Clearing  |Clrng doc.|Text  |
-----------------------------------------------------------------------------------------------
|  |0090000001|RV  |31.01.2026|02.03.2026|           1.120,00 |EUR  |10.02.2026|1400000007|a|b   |
|  |1400000007|DZ  |10.02.2026|10.02.2026|           1.120,00-|EUR  |10.02.2026|1400000007|c     |
|  |0090000002|RV  |15.02.2026|17.03.2026|             100,00 |EUR  |          |          |      |
-----------------------------------------------------------------------------------------------
|* |          |    |          |          |             100,00 |EUR  |          |          |      |
-----------------------------------------------------------------------------------------------
"""

BILLING = """<?xml version="1.0"?><INVOIC02><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>1</DOCNUM>
<MESTYP>INVOIC</MESTYP></EDI_DC40><E1EDK01><CURCY>EUR</CURCY><BSART>INVO</BSART></E1EDK01>
<E1EDK02><QUALF>009</QUALF><BELNR>0090000009</BELNR></E1EDK02>
<E1EDK03><IDDAT>026</IDDAT><DATUM>20260131</DATUM></E1EDK03>
<E1EDKA1><PARVW>RG</PARVW><PARTN>0000000042</PARTN><NAME1>Brasserie</NAME1></E1EDKA1>
<E1EDS01><SUMID>010</SUMID><SUMME> 100.00</SUMME></E1EDS01><E1EDS01><SUMID>005</SUMID><SUMME>20.00</SUMME></E1EDS01>
<E1EDS01><SUMID>011</SUMID><SUMME>120.00</SUMME></E1EDS01></IDOC></INVOIC02>"""


def _lines_of_idoc(*rows):
    made = "".join(
        f"<IDOC><E1FIKPF>{_xml(row, _HEAD)}<E1FISEG>{_xml(row, _ITEM)}<E1FINBU>{_xml(row, _PARTY)}"
        "</E1FINBU></E1FISEG></E1FIKPF></IDOC>"
        for row in rows
    )
    return f"<FIDCCP02>{made}</FIDCCP02>".encode()


_HEAD = ("BUKRS", "BELNR", "GJAHR", "BLART", "BLDAT", "BUDAT", "WAERS")
_ITEM = ("BUZEI", "AUGDT", "AUGBL", "BSCHL", "SHKZG", "WRBTR")
_PARTY = ("KUNNR", "ZFBDT", "ZBD1T")


def _xml(row, names):
    return "".join(f"<{name}>{row[name]}</{name}>" for name in names)


def _find(kind, name):
    return load_plugins(only=["sap"]).find(kind, name)


class TestTables(LedgerSourceTests):
    """The source ``sap-tables``."""

    @pytest.fixture
    def spec(self):
        """The adapter."""
        return _find("ledger-source", "sap-tables")

    @pytest.fixture
    def samples(self):
        """Lines and customers as delimited text, and both in a JSON object."""
        both = {"KNA1": [CUSTOMER], "BSAD": [INVOICE | CLEARED, PAYMENT]}
        settings = {"creditor": "MIRA"}
        return [
            LedgerSample(
                name="bsid.csv",
                content=csv_of(INVOICE, INVOICE | {"BUZEI": "002", "WRBTR": "80.00"}),
                settings=settings,
                expected=ExpectedLedger(totals={"EUR": 200_00}, identities=["0000000042"]),
            ),
            LedgerSample(
                name="tables.json",
                content=json.dumps(both).encode(),
                settings=settings,
                expected=ExpectedLedger(totals={"EUR": 0}, identities=["0090000001-2026-001"]),
            ),
        ]


class TestList(LedgerSourceTests):
    """The source ``sap-list``."""

    @pytest.fixture
    def spec(self):
        """The adapter."""
        return _find("ledger-source", "sap-list")

    @pytest.fixture
    def samples(self):
        """A list with rules and bars."""
        return [
            LedgerSample(
                name="fbl5n.txt",
                content=LIST.encode(),
                settings={"creditor": "MIRA"},
                expected=ExpectedLedger(
                    totals={"EUR": 100_00}, identities=["42", "0090000002-2026"]
                ),
            )
        ]


class TestIdoc(LedgerSourceTests):
    """The source ``sap-idoc``."""

    @pytest.fixture
    def spec(self):
        """The adapter."""
        return _find("ledger-source", "sap-idoc")

    @pytest.fixture
    def samples(self):
        """A billing document, and accounting documents that were cleared."""
        return [
            LedgerSample(
                name="invoic.xml",
                content=BILLING.encode(),
                settings={"creditor": "MIRA"},
                expected=ExpectedLedger(totals={"EUR": 120_00}, identities=["0090000009"]),
            ),
            LedgerSample(
                name="fidcc.xml",
                content=_lines_of_idoc(INVOICE | CLEARED, PAYMENT),
                settings={"creditor": "MIRA"},
                expected=ExpectedLedger(totals={"EUR": 0}, identities=["0000000042"]),
            ),
        ]


class TestCredit(CreditSourceTests):
    """The source ``sap-credit``."""

    @pytest.fixture
    def spec(self):
        """The adapter."""
        return _find("credit-source", "sap-credit")

    @pytest.fixture
    def samples(self):
        """Rows of KNKK."""
        row = {
            "MANDT": "100", "KUNNR": "0000000042", "KKBER": "1000", "KLIMK": "5000.00",
            "SAUFT": "250.00", "CTLPC": "A1", "DTREV": "20260101", "CRBLB": "X",
        }  # fmt: skip
        return [
            CreditSample(
                name="knkk.csv",
                content=csv_of(row),
                settings={"currency": "EUR"},
                expected=ExpectedCredit(
                    counts={"limits": 1, "scores": 1, "commitments": 1},
                    sums={("limits", "EUR"): 5_000_00, ("commitments", "EUR"): 250_00},
                    identities=["0000000042"],
                ),
            )
        ]
