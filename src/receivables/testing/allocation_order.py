"""Conformance of allocation orders: subclass `AllocationOrderTests` and give it one fixture.

A test module of a plug-in says what it brings::

    class TestMyOrder(AllocationOrderTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

>>> [item.open_minor for item in sample_debits()][:3]
[10000, 10000, 1]
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import pytest

from receivables.adapters import AdapterSpec, AllocationOrder
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.parties import CreditorId, CustomerId
from receivables.testing._abilities import AbilityTests

__all__ = ["AllocationOrderTests", "sample_debits"]

_AS_OF: Final = dt.date(2026, 10, 31)
_ROUNDS: Final = 30
_SEED: Final = 2026


def sample_debits() -> list[OpenItem]:
    """Debits of one customer: equal ones, tiny and huge ones, interest, undated ones, partly paid."""
    day = _AS_OF
    return [
        _debit("F-1", 100_00, due_date=day - dt.timedelta(days=30)),
        _debit("F-2", 100_00, due_date=day - dt.timedelta(days=30)),
        _debit("F-3", 1, due_date=day - dt.timedelta(days=90)),
        _debit("F-4", 10**13 + 7, due_date=day + dt.timedelta(days=15)),
        _debit("F-5/1", 33_33, document="F-5", due_date=day),
        _debit("F-5/2", 66_67, document="F-5", due_date=day + dt.timedelta(days=30)),
        _debit("ND-1", 4_17, kind=ItemKind.DEBIT_NOTE, category="late-interest", due_date=day),
        _debit("ND-2", 40_00, kind=ItemKind.DEBIT_NOTE, category="compensation", due_date=day),
        _debit("F-6", 500_00, open_minor=123_45, due_date=None),
    ]


def _debit(name: str, amount_minor: int, *, due_date: dt.date | None, **more: Any) -> OpenItem:  # noqa: ANN401  # passed on to the value, which checks
    fields = {"document": name, "kind": ItemKind.INVOICE, **more}
    return OpenItem(
        item=ItemId(name),
        creditor=CreditorId("MIRA"),
        customer=CustomerId("C-017"),
        currency="EUR",
        amount_minor=amount_minor,
        document_date=_AS_OF - dt.timedelta(days=60),
        posting_date=_AS_OF - dt.timedelta(days=60),
        due_date=due_date,
        **fields,
    )


def _worlds() -> Iterator[tuple[int, list[OpenItem]]]:
    """Amounts and items: nothing, everything, too much, and a seeded choice of what is between."""
    items = sample_debits()
    total = sum(item.open_minor for item in items)
    yield from ((amount, items) for amount in (0, 1, 2, total - 1, total, total + 1))
    dice = random.Random(_SEED)  # noqa: S311  # the same worlds on every machine
    for _ in range(_ROUNDS):
        some = dice.sample(items, dice.randint(1, len(items)))
        yield dice.randint(0, sum(item.open_minor for item in some)), some
        yield dice.randint(0, 500_00), some


class AllocationOrderTests(AbilityTests):
    """What every allocation order must do; give the fixture `spec`."""

    @pytest.fixture
    def order(self, spec: AdapterSpec[Any]) -> AllocationOrder:
        """The order, built with the settings that it has by default."""
        built: AllocationOrder = spec.build()
        return built

    def test_parts_add_up(self, order: AllocationOrder) -> None:
        """The parts add up to the amount, or to all that is open where that is less."""
        for amount, items in _worlds():
            parts = order.parts(amount, items, as_of=_AS_OF)

            assert sum(parts) == min(amount, sum(item.open_minor for item in items))

    def test_no_part_is_more_than_is_open(self, order: AllocationOrder) -> None:
        """There is a part for each item, none below zero, none above what is open of it."""
        for amount, items in _worlds():
            parts = order.parts(amount, items, as_of=_AS_OF)

            assert [type(part) for part in parts] == [int] * len(items)
            assert all(
                0 <= part <= item.open_minor for part, item in zip(parts, items, strict=True)
            )

    def test_order_of_the_items_does_not_matter(self, order: AllocationOrder) -> None:
        """Each item gets the same, whatever the order in which the items are given."""
        dice = random.Random(_SEED)  # noqa: S311  # the same worlds on every machine
        for amount, items in _worlds():
            shuffled = dice.sample(items, len(items))

            assert _by_item(order, amount, shuffled) == _by_item(order, amount, items)

    def test_asking_twice_is_asking_once(self, order: AllocationOrder) -> None:
        """An order remembers nothing: asked again, it says the same."""
        for amount, items in _worlds():
            first = list(order.parts(amount, items, as_of=_AS_OF))

            assert list(order.parts(amount, items, as_of=_AS_OF)) == first

    def test_what_is_settled_gets_nothing(self, order: AllocationOrder) -> None:
        """An item that nothing is open of gets nothing."""
        items = sample_debits()
        items[0] = attrs.evolve(items[0], open_minor=0)

        assert order.parts(50_00, items, as_of=_AS_OF)[0] == 0

    def test_no_items_get_no_parts(self, order: AllocationOrder) -> None:
        """Without items there are no parts."""
        assert list(order.parts(100, [], as_of=_AS_OF)) == []


def _by_item(order: AllocationOrder, amount: int, items: Sequence[OpenItem]) -> dict[ItemId, int]:
    parts = order.parts(amount, items, as_of=_AS_OF)
    return {item.item: part for item, part in zip(items, parts, strict=True)}
