"""Files of the writer ``beancount``, read back by beancount itself."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from receivables.money import digits
from receivables_plugins import beancount as plugin


@pytest.fixture(scope="session")
def spec():
    """The descriptor of the writer."""
    return plugin.receivables_journal_writers()[0]


@pytest.fixture(scope="session")
def write(spec):
    """Write a journal with some settings, as text."""

    def run(journal, **settings):
        return b"".join(spec.build(settings).write(journal)).decode("utf-8")

    return run


@pytest.fixture(scope="session")
def load():
    """Load a text with beancount, which must have nothing to say against it."""
    loader = pytest.importorskip("beancount.loader")

    def run(text):
        entries, errors, _ = loader.load_string(text)

        assert [error.message for error in errors] == []
        return entries

    return run


@pytest.fixture(scope="session")
def numbers_of():
    """The number of the chart behind each account of a file."""
    from beancount.core import data  # noqa: PLC0415  # a part that may be missing

    def run(entries):
        opened = [entry for entry in entries if isinstance(entry, data.Open)]
        numbers = {one.account: one.meta["number"] for one in opened if "number" in one.meta}
        below = [one.account for one in opened if "number" not in one.meta]
        return numbers | {name: numbers[name.rpartition(":")[0]] for name in below}

    return run


@pytest.fixture(scope="session")
def at_price(load, numbers_of):
    """The value at price of each account by entity and number, in minor units."""
    from beancount.core import convert, data  # noqa: PLC0415  # see above

    def run(text):
        entries = load(text)
        numbers = numbers_of(entries)
        totals = defaultdict(Decimal)
        for entry in entries:
            for posting in entry.postings if isinstance(entry, data.Transaction) else ():
                weight = convert.get_weight(posting)
                key = (entry.meta["entity"], numbers[posting.account], weight.currency)
                totals[key] += weight.number
        return {
            (entity, number): _minor(total, currency)
            for (entity, number, currency), total in totals.items()
        }

    return run


def _minor(total, currency):
    """A sum of weights in minor units: beancount divides a total price with 28 digits."""
    exact = total.scaleb(digits(currency))

    assert abs(exact - round(exact)) < Decimal("1e-9")
    return round(exact)
