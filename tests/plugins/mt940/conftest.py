"""Statements of invented banks, written with the tags of SWIFT."""

from __future__ import annotations

import io

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.mt940.reader import Mt940Reader
from receivables_plugins.mt940.settings import Mt940Settings


@pytest.fixture(scope="session")
def statement():
    """Write a message: its head, the lines of its entries, and its closing balance."""

    def write(
        *lines,
        opening="C261030EUR100,00",
        closing="C261031EUR100,00",
        number=":28C:218/1",
        account="DE89370400440532013000",
        reference="STARTUMS",
        page="F",
    ):
        head = (f":20:{reference}", f":25:{account}", number, f":60F:{opening}")
        return "\r\n".join((*head, *lines, f":62{page}:{closing}", "-", "")).encode()

    return write


@pytest.fixture(scope="session")
def read():
    """Read bytes with the settings given."""

    def run(content, *, name="october.sta", **settings):
        reader = Mt940Reader(Mt940Settings(**settings))
        return reader.read(io.BytesIO(content), name=name).collect()

    return run


@pytest.fixture(scope="session")
def entries():
    """The entries among the rows of a read."""

    def of(collected):
        return [row for row in collected.rows if isinstance(row, BankEntry)]

    return of


@pytest.fixture(scope="session")
def statements():
    """The statements among the rows of a read."""

    def of(collected):
        return [row for row in collected.rows if isinstance(row, BankStatement)]

    return of


@pytest.fixture(scope="session")
def first(read, statement, entries):
    """Read a message with these lines, and return its first entry."""

    def run(*lines, **settings):
        return entries(read(statement(*lines), **settings))[0]

    return run


@pytest.fixture(scope="session")
def codes():
    """The codes of the problems of a read."""

    def of(collected):
        return [problem.code for problem in collected.report.problems]

    return of


@pytest.fixture(scope="session")
def shared(root):
    """The folder of bank files written by others, beside this checkout."""
    folder = root.parent / "shared" / "corpora" / "bank"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
