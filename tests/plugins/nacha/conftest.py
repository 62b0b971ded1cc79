"""Records of invented NACHA files."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.nacha import receivables_advice_readers

PAYER_BANK = "031300012"
OUR_BANK = "231380104"


@pytest.fixture
def reader():
    (spec,) = receivables_advice_readers()
    return spec.build()


@pytest.fixture
def read(reader):
    """Reads the bytes of a file."""
    return lambda content, name="october.ach": reader.read(io.BytesIO(content), name=name).collect()


@pytest.fixture
def entry():
    """Builds a record 6."""

    def build(cents, *, code="22", id_="INV-2001", name="HARBOUR SUPPLY", trace=1, addenda=0):
        return (
            f"6{code}{OUR_BANK}{'123456789':17}{cents:010}{id_:15}{name:22}  {addenda}"
            f"03130001{trace:07}"
        )

    return build


@pytest.fixture
def addenda():
    """Builds a record 705 or, with a code, a 799 or 798."""

    def build(text, *, number=1, trace=1):
        return f"705{text:80}{number:04}{trace:07}"

    return build


@pytest.fixture
def returned():
    """Builds a record 799 (or 798) that refers to an original trace."""

    def build(code, *, text="", type_="99", original="123456780000042"):
        return f"7{type_}{code}{original}{'':6}12345678{text:44}031300010000001"

    return build


@pytest.fixture
def batch():
    """Builds a batch with its header and its control, whose figures can be falsified."""

    def build(*records, sec="CCD", company="NORTHWIND FOODS", number=1, date="261031", **false):
        entries = [one for one in records if one[0] == "6"]
        cents = {True: 0, False: 0}
        for one in entries:
            cents[int(one[2]) >= 5] += int(one[29:39])
        figures = {
            "count": len(records),
            "hash_": sum(int(one[3:11]) for one in entries) % 10**10,
            "debits": cents[True],
            "credits": cents[False],
            **false,
        }
        return [
            f"5200{company:16}{'':20}1234567890{sec:3}{'PAYMENT':10}{'':6}{date}   103130001{number:07}",
            *records,
            (
                f"8200{figures['count']:06}{figures['hash_']:010}{figures['debits']:012}"
                f"{figures['credits']:012}1234567890{'':25}03130001{number:07}"
            ),
        ]

    return build


@pytest.fixture
def file():
    """Builds the bytes of a file of batches, filled to blocks of ten records."""

    def build(*batches, end="\n", **false):
        controls = [one[-1] for one in batches]
        figures = {
            "batches": len(batches),
            "count": sum(int(one[4:10]) for one in controls),
            "hash_": sum(int(one[10:20]) for one in controls) % 10**10,
            "debits": sum(int(one[20:32]) for one in controls),
            "credits": sum(int(one[32:44]) for one in controls),
            **false,
        }
        records = [
            f"101 {PAYER_BANK} {OUR_BANK}2610310915A094101{'HARBOUR BANK':23}{'RIVER BANK':23}{'':8}",
            *(record for one in batches for record in one),
            (
                f"9{figures['batches']:06}000001{figures['count']:08}{figures['hash_']:010}"
                f"{figures['debits']:012}{figures['credits']:012}{'':39}"
            ),
        ]
        records += ["9" * 94] * (-len(records) % 10)
        return "".join(record + end for record in records).encode()

    return build
