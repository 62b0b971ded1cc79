"""One invented company for all tests of this folder: making it is the slow part."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.testing.company import generate, write_fec_folder, write_folder

KNOWN_UNTIL = dt.date(2026, 9, 30)


@pytest.fixture(scope="session")
def company():
    """A company of six hundred invoices with every kind of noise."""
    return generate(seed=7, invoices=600, customers=90, noise="hard")


@pytest.fixture(scope="session")
def folder(company):
    """Its files by path."""
    return write_folder(company, page_size=10)


@pytest.fixture(scope="session")
def small_book():
    """A company without dollars, as the accounting export needs it."""
    return generate(
        seed=411, invoices=120, customers=24, first_day=dt.date(2026, 1, 1), with_cad=False
    )


@pytest.fixture(scope="session")
def fec_folder(small_book):
    """The files of its export and statement by path."""
    return write_fec_folder(
        small_book, known_until=KNOWN_UNTIL, lettered_until=dt.date(2026, 8, 31)
    )
