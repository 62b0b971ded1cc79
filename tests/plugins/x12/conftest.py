"""Segments of invented interchanges."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.x12 import receivables_advice_readers

ISA = (
    "ISA*00*          *00*          *ZZ*NORTHWIND      *ZZ*RIVERBANK      *261031*0915*:*00501"
    "*000000077*0*P*>"
)


@pytest.fixture
def reader():
    (spec,) = receivables_advice_readers()
    return spec.build()


@pytest.fixture
def read(reader):
    """Reads the bytes of a file."""
    return lambda content, name="october.edi": reader.read(io.BytesIO(content), name=name).collect()


@pytest.fixture
def segment_set():
    """Builds the segments of a set, counted."""

    def build(*body, type_="820", number="0001", count=None):
        count = len(body) + 2 if count is None else count
        return [f"ST*{type_}*{number}", *body, f"SE*{count}*{number}"]

    return build


@pytest.fixture
def interchange():
    """Builds the bytes of an interchange around sets, whose counts can be falsified."""

    def build(*sets, end="~\n", group="RA", sets_count=None, groups_count=1, number="000000077"):
        held = len(sets) if sets_count is None else sets_count
        segments = [
            ISA,
            f"GS*{group}*NORTHWIND*RIVERBANK*20261031*0915*5*X*005010",
            *(segment for one in sets for segment in one),
            f"GE*{held}*5",
            f"IEA*{groups_count}*{number}",
        ]
        return "".join(segment + end for segment in segments).encode()

    return build


@pytest.fixture
def remittance(segment_set):
    """Builds an 820 of two invoices, one of them with a deduction, and a credit note."""

    def build(total="4502.65", number="0001", **more):
        return segment_set(
            f"BPR*C*{total}*C*ACH*CTX*01*031300012*DA*778899*1234567890**01*231380104*DA*123456789"
            "*20261101",
            "TRN*1*T-4711",
            "N1*PR*NORTHWIND FOODS*91*NW-1",
            "REF*IA*446963",
            "ENT*1",
            "RMR*IV*26801*PI*4408.75*4650.41*97.9",
            "REF*PO*P-1016",
            "REF*DP*00040",
            "DTM*003*20260904",
            "ADX*-143.76*59*CM*26801",
            "RMR*IV*26927*PI*113.9",
            "RMR*CM*G-12*PI*-20",
            number=number,
            **more,
        )

    return build


@pytest.fixture
def lockbox(segment_set):
    """Builds an 823 of a deposit with two batches."""

    def build(deposit="150", batch="100", cheques="2", batches="2"):
        return segment_set(
            "N1*PE*RIVER BANK",
            "DEP*LB-9*20261031*0900*D-5*01*231380104*DA*123456789",
            f"AMT*3*{deposit}",
            f"QTY*41*{batches}",
            "QTY*42*3",
            "BAT*20261031*0900*B1",
            f"AMT*2*{batch}",
            f"QTY*42*{cheques}",
            "BPR*C*60*C*CHK**01*031300012*DA*778899",
            "TRN*1*1001",
            "N1*PR*NORTHWIND FOODS",
            "RMR*IV*2001**60",
            "BPR*C*40",
            "TRN*1*1002",
            "BAT*20261031*0900*B2",
            "BPR*C*50",
            type_="823",
        )

    return build
