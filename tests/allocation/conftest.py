"""Worlds of the allocation tests: debits and credits by their figures alone."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from receivables.documents import DiscountOffer, ItemKind
from receivables.money import from_minor
from receivables.testing.builders import an_open_item

DAY = dt.date(2026, 10, 31)


@pytest.fixture(scope="session")
def debit():
    """Builds an invoice's open item: a name, minor units, days from the day of the tests to due."""

    def build(name, minor, *, days=0, offers=(), **fields):
        currency = fields.get("currency", "EUR")
        discounts = tuple(
            DiscountOffer(until=until, amount=from_minor(amount, currency), **more)
            for until, amount, more in ((*offer, {})[:3] for offer in offers)
        )
        known = {"kind": ItemKind.INVOICE, "due_date": DAY + dt.timedelta(days=days), **fields}
        return an_open_item(item=name, amount_minor=minor, discounts=discounts, **known)

    return build


@pytest.fixture(scope="session")
def credit():
    """Builds the open item of a receipt: a name, positive minor units, the day it came."""

    def build(name, minor, *, day=DAY, **fields):
        known = {"kind": ItemKind.UNAPPLIED_CASH, "document_date": day, "due_date": day, **fields}
        return an_open_item(item=name, amount_minor=-minor, **known)

    return build


@pytest.fixture(scope="session")
def oracle(root):
    """Reads the worked cases of a file beside the checkout."""

    def read(name):
        path = root.parent / "shared" / "oracles" / name
        if not path.is_file():
            pytest.skip("shared oracles are not beside this checkout")
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    return read
