"""Lockbox files of our own invention, with totals that hold unless a test says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables.receipts.advices import PaymentAdvice
from receivables_plugins.lockbox import receivables_advice_readers

HEADER = ["100DESTINATIOORIGINBANK2610300930", "2DESTINATIOORIGINBANK0000000000400080"]


@pytest.fixture
def shared(root):
    """The files of others beside this checkout."""
    folder = Path(root).parent / "shared" / "corpora" / "bank"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder


@pytest.fixture
def cheque():
    """Write record 6, and records 4 after it: each a list of number, amount and discount."""

    def write(minor, *overflow, batch=1, item=1, number=180, rest="", transit="055002707"):
        head = f"{batch:03}{item:03}"
        lines = [f"6{head}{minor:010}{transit}0012345555{number:010}{rest}"]
        for at, groups in enumerate(overflow):
            text = "".join(
                f"{name:16}{gross:010}{discount:010}" for name, gross, discount in groups
            )
            last = 9 if at == len(overflow) - 1 else 0
            lines.append(f"4{head}6{at + 1:02}{last}{text}")
        return lines

    return write


@pytest.fixture
def lockbox():
    """Write a file of batches, each a list of cheques."""

    def write(*batches):
        lines = [*HEADER, "50000000022222261030"]
        count = total = 0
        for number, cheques in enumerate(batches, start=1):
            records = [record for one in cheques for record in one]
            minor = sum(int(record[7:17]) for record in records if record[0] == "6")
            lines += records
            lines.append(f"7{number:03}0000022222261030{len(cheques):03}{minor:010}")
            count, total = count + len(cheques), total + minor
        lines.append(f"80000000022222261030{count:04}{total:010}")
        lines.append(f"9{len(lines) + 1:06}")
        return "\n".join([*lines, ""]).encode()

    return write


@pytest.fixture
def collected():
    """Read bytes with the settings given."""
    (spec,) = receivables_advice_readers()

    def read(content, **settings):
        return spec.build(settings).read(io.BytesIO(content), name="deposit.bai").collect()

    return read


@pytest.fixture
def advices(collected):
    """The advices of what is read."""

    def read(content, **settings):
        rows = collected(content, **settings).rows
        return [row for row in rows if isinstance(row, PaymentAdvice)]

    return read


@pytest.fixture
def codes(collected):
    """The problems of what is read, as pairs of code and field."""

    def read(content, **settings):
        problems = collected(content, **settings).report.problems
        return [(one.code, one.place.field) for one in problems]

    return read
