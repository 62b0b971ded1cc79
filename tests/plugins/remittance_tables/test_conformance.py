"""The readers of remittance tables keep the contract of advice readers."""

from __future__ import annotations

import io

import pytest

from receivables.receipts.advices import AdviceKind
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.remittance_tables import receivables_advice_readers

SPECS = {spec.name: spec for spec in receivables_advice_readers()}

TWO = """Payer;Gartenbau Nord
Payment reference;Invoice;Paid (EUR)
P-1;INV-1;100,00
P-1;INV-2;20,50
P-2;INV-3;7,00
Total;;127,50
"""


class TestCsv(AdviceReaderTests):
    """The checks that every advice reader passes, on a table with two payments."""

    @pytest.fixture
    def spec(self):
        return SPECS["remittance-csv"]

    @pytest.fixture
    def samples(self):
        expected = ExpectedAdvices(
            advices=2, sums=[("two.csv", 127_50)], kinds={AdviceKind.REMITTANCE}
        )
        broken = ExpectedAdvices(
            advices=2,
            sums=[("broken.csv", 127_50)],
            problems=frozenset({"remittance-csv.total-differs"}),
            complete=False,
        )
        return [
            AdviceSample(name="two.csv", content=TWO.encode(), expected=expected),
            AdviceSample(
                name="broken.csv",
                content=TWO.replace("127,50", "127,51").encode("utf-16"),
                expected=broken,
            ),
        ]


class TestExcel(AdviceReaderTests):
    """The checks that every advice reader passes, on a workbook with two sheets."""

    @pytest.fixture
    def spec(self):
        pytest.importorskip("python_calamine", reason="needs python-calamine")
        return SPECS["remittance-excel"]

    @pytest.fixture
    def samples(self):
        openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl")
        workbook = openpyxl.Workbook()
        workbook.active.title = "Notes"
        workbook.active.append(["Please find our payment."])
        sheet = workbook.create_sheet("Remittance")
        for row in [
            ["Payer", "Gartenbau Nord"],
            ["Invoice", "Paid (EUR)", "Check no"],
            ["INV-1", 100.1, 77],
            ["INV-2", 20.2, 77],
            ["INV-3", 7, 78],
            ["Total", 127.3],
        ]:
            sheet.append(row)
        stream = io.BytesIO()
        workbook.save(stream)
        expected = ExpectedAdvices(
            advices=2, sums=[("two.xlsx:Remittance", 127_30)], kinds={AdviceKind.REMITTANCE}
        )
        return [AdviceSample(name="two.xlsx", content=stream.getvalue(), expected=expected)]
