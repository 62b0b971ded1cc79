"""Reports of our own invention, written by lines, with control totals that hold unless a test says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry
from receivables_plugins.bai2.reader import Bai2Reader
from receivables_plugins.bai2.settings import Bai2Settings


@pytest.fixture
def shared(root):
    """The files of others beside this checkout."""
    folder = Path(root).parent / "shared" / "corpora" / "bank"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder


@pytest.fixture
def report():
    """Write a report of one account: its summary, its details, and trailers that prove them."""

    def write(
        *details,
        summary="010,0,,,015,12000,,/",
        amounts=12_000,
        sums=None,
        group="BANK,ME,1,261030,2359,USD,2",
        account="0123456789,",
        tail=True,
    ):
        lines = [line for detail in details for line in detail.split("\n")]
        total = amounts + (sums if sums is not None else _sum(lines))
        count = len(lines) + 2
        rows = ["01,BANK,ME,261031,0200,1,,,2/", f"02,{group}/", f"03,{account},{summary}", *lines]
        if tail:
            rows += [f"49,{total},{count}/", f"98,{total},1,{count + 2}/"]
            rows += [f"99,{total},1,{count + 4}/"]
        return "\n".join([*rows, ""]).encode()

    return write


def _sum(lines):
    return sum(int(line.rstrip("/").split(",")[2] or 0) for line in lines if line.startswith("16,"))


@pytest.fixture
def collected():
    """Read bytes with the settings given."""

    def read(content, **settings):
        reader = Bai2Reader(Bai2Settings(**settings))
        return reader.read(io.BytesIO(content), name="report.bai").collect()

    return read


@pytest.fixture
def entries(collected):
    """The entries of what is read."""

    def read(content, **settings):
        rows = collected(content, **settings).rows
        return [row for row in rows if isinstance(row, BankEntry)]

    return read


@pytest.fixture
def codes(collected):
    """The problems of what is read, as pairs of code and field."""

    def read(content, **settings):
        problems = collected(content, **settings).report.problems
        return [(one.code, one.place.field) for one in problems]

    return read
