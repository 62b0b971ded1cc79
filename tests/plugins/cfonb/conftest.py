"""Builders of CFONB records, so that a test says only what it is about."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables_plugins.cfonb.advices import Cfonb240Reader
from receivables_plugins.cfonb.settings import CfonbSettings
from receivables_plugins.cfonb.statements import Cfonb120Reader

ZONE = {"bank": "30006", "branch": "00001", "account": "12345678901"}
IBAN = "FR7630006000011234567890189"


def overpunched(minor):
    """An amount of 14 characters with its sign over the last digit."""
    last = "{ABCDEFGHI"[minor % 10] if minor >= 0 else "}JKLMNOPQR"[-minor % 10]
    return f"{abs(minor) // 10:013d}{last}"


def _head(kind, date, *, internal="", unit="EUR2", code="", **zone):
    zone = ZONE | zone
    return (
        f"{kind}{zone['bank']:5}{internal:4}{zone['branch']:5}{unit:4} "
        f"{zone['account']:11}{code:2}{date}"
    )


def _balance(kind, minor, date, *, amount=None, **zone):
    text = overpunched(minor) if amount is None else amount
    record = f"{_head(kind, date, **zone)}{'':50}{text}{'':16}"
    assert len(record) == 120
    return record


@pytest.fixture
def opening():
    """A record 01."""
    return lambda minor=0, date="301026", **zone: _balance("01", minor, date, **zone)


@pytest.fixture
def closing():
    """A record 07."""
    return lambda minor=0, date="311026", **zone: _balance("07", minor, date, **zone)


@pytest.fixture
def movement():
    """A record 04."""

    def make(
        minor=100_00,
        *,
        label="VIR SEPA RECU",
        code="05",
        date="311026",
        value="311026",
        reason="",
        amount=None,
        number="0000000",
        reference="",
        **zone,
    ):
        text = overpunched(minor) if amount is None else amount
        record = (
            f"{_head('04', date, code=code, **zone)}{reason:2}{value:6}{label:31}  "
            f"{number:7}00{text}{reference:16}"
        )
        assert len(record) == 120
        return record

    return make


@pytest.fixture
def complement():
    """A record 05."""

    def make(qualifier, text, *, code="05", date="311026", **zone):
        record = f"{_head('05', date, code=code, **zone)}{'':5}{qualifier:3}{text:70}  "
        assert len(record) == 120
        return record

    return make


@pytest.fixture
def file():
    """Records as the bytes of a file."""

    def make(*records, end="\r\n", encoding="latin-1"):
        return "".join(f"{record}{end}" for record in records).encode(encoding)

    return make


@pytest.fixture
def read():
    """Read a statement to its end."""

    def collect(content, **settings):
        reader = Cfonb120Reader(CfonbSettings(**settings))
        return reader.read(io.BytesIO(content), name="october.txt").collect()

    return collect


@pytest.fixture
def one(read, file, opening, closing):
    """The only entry of a statement made of a movement and its complements."""

    def make(*records, minor=100_00):
        collected = read(file(opening(), *records, closing(minor)))
        assert collected.report.complete, collected.report.problems
        return collected.rows[0]

    return make


@pytest.fixture
def codes():
    """The codes of the problems of a read."""
    return lambda collected: [problem.code for problem in collected.report.problems]


US = "300060000112345678901"
THEM = "200410100512345678901"


@pytest.fixture
def header():
    """A record 31."""
    return lambda *, code="81", number=1: f"31{number:06}{code:2}311026E    {US}{'MIRABELLE':198}"


@pytest.fixture
def advice():
    """A record 34, with fields by their first position."""

    def make(
        minor=12_34,
        *,
        code="81",
        number=2,
        date="301026",
        first=(US, "MIRABELLE"),
        second=(THEM, "DURAND SARL"),
        currency="E",
        **fields,
    ):
        record = list(
            f"34{number:06}{code:2}{date}{currency:1}    {first[0]:21}{first[1]:24}{'':11}"
            f"{second[0]:21}{second[1]:24}{'':106}{minor:012}"
        )
        for place, text in fields.items():
            start = int(place.removeprefix("at_")) - 1
            record[start : start + len(text)] = text
        assert len(record) == 240
        return "".join(record)

    return make


@pytest.fixture
def total():
    """A record 39, or 36."""

    def make(minor, *, kind="39", code="81", number=3):
        return f"{kind}{number:06}{code:2}311026E    {US}{'':186}{minor:012}"

    return make


@pytest.fixture
def read_240():
    """Read advices to their end."""

    def collect(content, **settings):
        reader = Cfonb240Reader(CfonbSettings(**settings))
        return reader.read(io.BytesIO(content), name="rejects.txt").collect()

    return collect


@pytest.fixture
def shared():
    """The folder of bank files beside this checkout."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
