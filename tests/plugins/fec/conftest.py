"""Exports made for the tests of the source ``fec``."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.fec import FecSettings
from receivables_plugins.fec.source import FecSource

_HEADINGS = [
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
]

_DEFAULTS = {
    "JournalLib": "",
    "CompAuxNum": "",
    "CompAuxLib": "",
    "EcritureLib": "text",
    "Debit": "0,00",
    "Credit": "0,00",
    "EcritureLet": "",
    "DateLet": "",
    "ValidDate": "20261231",
    "Montantdevise": "",
    "Idevise": "",
}

_JOURNALS = {"VE": "Ventes", "BQ": "Banque", "OD": "Opérations diverses", "AN": "A nouveaux"}


def _line(journal, number, account, *, date="20260115", piece="F001", **more):
    """One line of an entry by heading; amounts are keywords ``Debit`` and ``Credit``."""
    fields = {
        **_DEFAULTS,
        "JournalCode": journal,
        "JournalLib": _JOURNALS.get(journal, "Journal"),
        "EcritureNum": number,
        "EcritureDate": date,
        "CompteNum": account,
        "CompteLib": f"Compte {account}",
        "PieceRef": piece,
        "PieceDate": date,
    }
    if account.startswith("41"):
        fields |= {"CompAuxNum": "0042", "CompAuxLib": "Société Générique"}
    return fields | more


def _export(*lines, delimiter="\t", headings=_HEADINGS, end="\n", encoding="utf-8"):
    rows = [headings, *([line.get(name, "") for name in headings] for line in lines)]
    return "".join(delimiter.join(row) + end for row in rows).encode(encoding)


@pytest.fixture(scope="session")
def headings():
    """The eighteen headings of the arrêté."""
    return list(_HEADINGS)


@pytest.fixture(scope="session")
def line():
    """Make one line of an entry."""
    return _line


@pytest.fixture(scope="session")
def export():
    """Make the bytes of an export from lines."""
    return _export


@pytest.fixture(scope="session")
def sale(line):
    """Make an entry of a sale of 100.00 and 20.00 of tax."""

    def make(number="1", piece="F001", date="20260115", **more):
        return [
            line("VE", number, "41100000", piece=piece, date=date, Debit="120,00", **more),
            line("VE", number, "70600000", piece=piece, date=date, Credit="100,00"),
            line("VE", number, "44571000", piece=piece, date=date, Credit="20,00"),
        ]

    return make


@pytest.fixture(scope="session")
def payment(line):
    """Make an entry of a payment of 120.00."""

    def make(number="2", piece="B001", date="20260210", **more):
        return [
            line("BQ", number, "51200000", piece=piece, date=date, Debit="120,00"),
            line("BQ", number, "41100000", piece=piece, date=date, Credit="120,00", **more),
        ]

    return make


@pytest.fixture(scope="session")
def read():
    """Read the bytes of an export with some settings."""

    def run(content, **settings):
        source = FecSource(FecSettings(creditor="MIRA", **settings))
        return source.read(io.BytesIO(content), name="fec.txt").collect()

    return run


@pytest.fixture(scope="session")
def codes():
    """The codes and lines of the problems of a read."""

    def of(collected):
        return [(problem.code, problem.place.line) for problem in collected.report.problems]

    return of


@pytest.fixture(scope="session")
def shared(root):
    """The folder of exports of real firms beside this checkout."""
    folder = root.parent / "shared" / "corpora" / "fec"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
