"""Every order of the library passes the kit, and the kit finds what is wrong with an order."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from receivables.adapters import AdapterSpec
from receivables.allocation import ORDERS, allocate_by
from receivables.hookspecs import hookimpl
from receivables.plugins import load_plugins
from receivables.testing.allocation_order import AllocationOrderTests, sample_debits


def _spec(name, order):
    return AdapterSpec(name=name, summary="an order", factory=lambda _settings: order)


@pytest.mark.parametrize("name", ORDERS)
class TestOrdersOfTheLibrary(AllocationOrderTests):
    @pytest.fixture
    def spec(self, name):
        return _spec(name, ORDERS[name])


class _Order:
    def __init__(self, parts):
        self._parts = parts

    def parts(self, amount_minor, items, *, as_of):
        return self._parts(amount_minor, [item.open_minor for item in items])


def _in_turn(amount, sizes):
    found = []
    for size in sizes:
        found.append(min(amount, size))
        amount -= found[-1]
    return found


class _Forgetful:
    """Says something else the second time."""

    def __init__(self):
        self.asked = 0

    def parts(self, amount_minor, items, *, as_of):
        self.asked += 1
        sizes = [item.open_minor for item in items]
        return _in_turn(amount_minor, sizes) if self.asked % 2 else sizes


WRONG = {
    "loses a cent": (
        "test_parts_add_up",
        _Order(lambda amount, sizes: _in_turn(max(amount - 1, 0), sizes)),
    ),
    "gives one item all": (
        "test_no_part_is_more_than_is_open",
        _Order(lambda amount, sizes: [min(amount, sum(sizes))] + [0] * (len(sizes) - 1)),
    ),
    "goes by the order given": ("test_order_of_the_items_does_not_matter", _Order(_in_turn)),
    "remembers": ("test_asking_twice_is_asking_once", _Forgetful()),
    "pays what is settled": (
        "test_what_is_settled_gets_nothing",
        _Order(lambda amount, sizes: [amount] + [0] * (len(sizes) - 1)),
    ),
    "makes parts of nothing": ("test_no_items_get_no_parts", _Order(lambda amount, _: [amount])),
}


@pytest.mark.parametrize("why", WRONG)
def test_the_kit_finds_what_is_wrong(why):
    """Each promise has a test that a broken order fails."""
    test, order = WRONG[why]

    with pytest.raises(AssertionError):
        getattr(AllocationOrderTests(), test)(order)


def test_a_plug_in_brings_an_order(credit):
    """An order comes in through its hook, and allocates."""

    @hookimpl
    def receivables_allocation_orders():
        return [_spec("mine", ORDERS["proportional"])]

    mine = SimpleNamespace(receivables_allocation_orders=receivables_allocation_orders)
    plugins = load_plugins(only=(), extra={"mine": mine})
    order = plugins.build("allocation-order", "mine")
    day = sample_debits()[0].document_date

    done = allocate_by(
        "a-1", credits=credit("r-1", 5000), debits=sample_debits()[:2], order=order, as_of=day
    )

    assert [leg.amount_minor for leg in done.legs] == [2500, 2500, -5000]
