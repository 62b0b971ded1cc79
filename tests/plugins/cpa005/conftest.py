"""Records of invented files of Standard 005."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.cpa005 import receivables_advice_readers

ORIGINATOR = "5550001112"


@pytest.fixture
def reader():
    (spec,) = receivables_advice_readers()
    return spec.build()


@pytest.fixture
def read(reader):
    """Reads the bytes of a file."""
    return lambda content, name="october.aft": reader.read(io.BytesIO(content), name=name).collect()


@pytest.fixture
def segment():
    """Builds a segment of 240 characters."""

    def build(cents, *, type_="450", stored="000", date="026304", reference="INV-2001", **more):
        fields = {"trace": "1" * 22, "original": "", "sundry": "", "flags": "0" * 11, **more}
        return (
            f"{type_}{cents:010}{date}{'000412345':9}{'7654321':12}{fields['trace']:22}{stored:3}"
            f"{'MAPLE':15}{'NORTHWIND FOODS':30}{'MAPLE GOODS INC':30}{ORIGINATOR:10}{reference:19}"
            f"{'000399999':9}{'1122334':12}{fields['sundry']:15}{fields['original']:22}  "
            f"{fields['flags']:11}"
        )

    return build


@pytest.fixture
def file():
    """Builds the bytes of a file; each record is its type and its segments."""

    def build(*records, end="\n", currency="CAD", number="0001", first=1, **false):
        totals = {one: [0, 0] for one in ("DJ", "CI", "E", "F")}
        lines = [f"A{first:09}{ORIGINATOR}{number}02630400320{'':20}{currency:3}"]
        for count, (type_, *segments) in enumerate(records, start=first + 1):
            lines.append(f"{type_}{count:09}{ORIGINATOR}{number}" + "".join(segments))
            total = next(value for key, value in totals.items() if type_ in key)
            total[0] += sum(int(one[3:13]) for one in segments if one[3:13].isdecimal())
            total[1] += len(segments)
        totals.update(false)
        trailer = "".join(f"{value:014}{count:08}" for value, count in totals.values())
        lines.append(f"Z{first + len(records) + 1:09}{ORIGINATOR}{number}{trailer}")
        return "".join(f"{line:1464}{end}" for line in lines).encode()

    return build
