"""The workshop: the exposure of one holder as sums that take one more thing without being made anew.

The sums are those of `receivables.credit.exposure`: all of one component in one currency, weighted
and converted in one division.  A test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from receivables.casework.credit import CreditRequest, CreditRequestKind, LimitScope
from receivables.credit import rules
from receivables.credit.model import ComponentKind, ExposurePart, ExposurePolicy
from receivables.currencies.model import ExchangeRates, RateKind
from receivables.errors import MissingRateError
from receivables.money import to_minor

__all__ = ["Account", "Asked", "Cell", "Scales", "Walked", "cell_of", "crossing"]

Cell: TypeAlias = tuple[str, bool, str]
"""What is rounded once: a component's name, whether it may still come back, a currency."""

_ASKED_AS: Final = {
    CreditRequestKind.QUOTE: ComponentKind.ORDERS.value,
    CreditRequestKind.ORDER: ComponentKind.ORDERS.value,
    CreditRequestKind.DELIVERY: ComponentKind.DELIVERIES.value,
    CreditRequestKind.INVOICE: ComponentKind.OPEN_ITEMS.value,
}
"""What a request becomes part of, so that it counts as it will once it is there."""

_WHOLE_BPS: Final = 10_000

_Scale: TypeAlias = tuple[int, tuple[int, int]] | None


def cell_of(part: ExposurePart) -> Cell:
    """Where a part is summed."""
    return (part.kind.value, part.is_uncleared, part.currency)


@attrs.define
class Asked:
    """A request with its amount in minor units, and where that would be summed."""

    request: CreditRequest
    minor: int
    cell: Cell

    @classmethod
    def of(cls, request: CreditRequest) -> Asked:
        """What a request asks for."""
        code = request.amount.currency.code
        return cls(request, to_minor(request.amount), (_ASKED_AS[request.kind], False, code))

    def less(self, minor: int) -> Asked:
        """The same request for less."""
        return Asked(self.request, self.minor - minor, self.cell)


@attrs.define
class Scales:
    """Weights and rates of a day, each looked up once."""

    policy: ExposurePolicy
    rates: ExchangeRates | None
    as_of: dt.date
    _found: dict[str, dict[Cell, _Scale]] = attrs.field(factory=dict)

    def counted(self, cell: Cell, minor: int, currency: str) -> int:
        """What a sum counts for in a currency, in minor units."""
        scale = self.scale(cell, currency)
        if scale is None:
            return minor
        found: int = rules.counted(
            minor, weight_bps=scale[0], ratio=scale[1], rounding=self.policy.rounding
        )
        return found

    def scale(self, cell: Cell, currency: str) -> _Scale:
        """The weight and the rate of a sum; None where it counts for itself."""
        of_currency = self._found.setdefault(currency, {})
        try:
            return of_currency[cell]
        except KeyError:
            weight, ratio = self.weight(cell), self._ratio(cell[2], currency)
            found = None if weight == _WHOLE_BPS and ratio == (1, 1) else (weight, ratio)
            of_currency[cell] = found
            return found

    def whole(self, minor: int, code: str, currency: str) -> int:
        """An amount in another currency, without any weight."""
        if code == currency:
            return minor
        found: int = rules.counted(
            minor,
            weight_bps=_WHOLE_BPS,
            ratio=self._ratio(code, currency),
            rounding=self.policy.rounding,
        )
        return found

    def weight(self, cell: Cell) -> int:
        """By how many basis points a cell counts."""
        return rules.weight_of(self.policy, ComponentKind(cell[0]), is_uncleared=cell[1])

    def _ratio(self, code: str, currency: str) -> tuple[int, int]:
        if code == currency:
            return (1, 1)
        if self.rates is None:
            msg = f"a rate of {code}/{currency} must be known for {self.as_of}, got no rates"
            raise MissingRateError(msg)
        rate = self.rates.rate(code, currency, on=self.as_of, kind=RateKind.CLOSING)
        return rate.minor_ratio


@attrs.define(kw_only=True)
class Account:
    """A holder's exposure against its limits: sums by owner, what they come to, what may be owed.

    `owners` are the customers whose credits do not count against each other: of a country all of
    them, of a customer or a payer group only the holder itself.
    """

    scope: LimitScope
    holder: str
    currency: str
    scales: Scales
    owners: dict[str, dict[Cell, int]]
    capacity_minor: int = 0
    has_limit: bool = False
    limits: tuple[str, ...] = ()
    nets: dict[str, int] = attrs.field(factory=dict)
    total_minor: int = 0
    """The exposure, each owner counting for zero or more where there are several."""

    def __attrs_post_init__(self) -> None:
        for owner, cells in self.owners.items():
            self.nets[owner] = self._net(cells)
            self.total_minor += max(0, self.nets[owner])

    def _net(self, cells: Mapping[Cell, int]) -> int:
        return sum(self.scales.counted(cell, minor, self.currency) for cell, minor in cells.items())

    def owner_of(self, customer: str) -> str:
        """The account of a customer within the holder's."""
        return customer if self.scope is LimitScope.COUNTRY else self.holder

    def add(self, customer: str, cell: Cell, minor: int) -> None:
        """Put something more to the sums, or take it off."""
        owner = self.owner_of(customer)
        cells = self.owners.setdefault(owner, {})
        before = cells.get(cell, 0)
        counted = self.scales.counted
        net = self.nets.get(owner, 0)
        cells[cell] = before + minor
        after = (
            net
            + counted(cell, before + minor, self.currency)
            - counted(cell, before, self.currency)
        )
        self.nets[owner] = after
        self.total_minor += max(0, after) - max(0, net)

    def counts_as_asked(self, asked: Asked) -> bool:
        """Whether a request counts for what it asks, neither weighted nor converted."""
        return not asked.request.releases and self.scales.scale(asked.cell, self.currency) is None

    def with_requests(self, requests: Sequence[Asked], named: _Named) -> int:
        """The exposure once some requests are granted, those before the last ones first.

        What a request takes the place of no longer counts, but never for more than the request
        itself: what is left of an order after a part of it was delivered still stands.
        """
        if len(requests) == 1 and self.counts_as_asked(requests[0]):
            asked = requests[0]
            net = self.nets.get(self.owner_of(asked.request.customer), 0)
            return self.total_minor + max(0, net + asked.minor) - max(0, net)
        by_owner: dict[str, list[Asked]] = {}
        for asked in requests:
            by_owner.setdefault(self.owner_of(asked.request.customer), []).append(asked)
        total = self.total_minor
        for owner, of_owner in by_owner.items():
            net = self.nets.get(owner, 0)
            total += max(0, net + self._added(owner, of_owner, named)) - max(0, net)
        return total

    def _more(self, owner: str, cell: Cell, asked: int, minor: int) -> int:
        before = self.owners.get(owner, {}).get(cell, 0) + asked
        counted = self.scales.counted
        return counted(cell, before + minor, self.currency) - counted(cell, before, self.currency)

    def _added(self, owner: str, requests: Iterable[Asked], named: _Named) -> int:
        before: dict[Cell, int] = {}
        left: dict[str, int] = {}
        total = 0
        for asked in requests:
            request, cell = asked.request, asked.cell
            more = self._more(owner, cell, before.get(cell, 0), asked.minor)
            before[cell] = before.get(cell, 0) + asked.minor
            taken = 0
            for name in dict.fromkeys(request.releases):
                if name not in left:
                    left[name] = self._standing_for(named(request.customer, name))
                used = min(left[name], more - taken)
                left[name] -= used
                taken += used
            left[request.request] = more
            total += more - taken
        return total

    def _standing_for(self, parts: Iterable[ExposurePart]) -> int:
        """What some commitments count for."""
        return sum(
            self.scales.counted(cell_of(part), part.amount_minor, self.currency) for part in parts
        )


_Named: TypeAlias = Callable[[str, str], Iterable[ExposurePart]]
"""What a customer's commitments of a name are."""


@attrs.frozen
class Walked:
    """One step of a walk through what an exposure is made of."""

    on: dt.date
    reference: str
    customer: str
    cell: Cell
    minor: int


def crossing(account: Account, steps: Iterable[Walked], threshold: int) -> str:
    """The thing with which an exposure passed a threshold for good; empty where it never did."""
    walked = Account(
        scope=account.scope,
        holder=account.holder,
        currency=account.currency,
        scales=account.scales,
        owners={},
    )
    pushed = ""
    for step in _in_order(steps):
        before = walked.total_minor
        walked.add(step.customer, step.cell, step.minor)
        if walked.total_minor <= threshold:
            pushed = ""
        elif before <= threshold:
            pushed = step.reference
    return pushed


def _in_order(steps: Iterable[Walked]) -> Iterator[Walked]:
    return iter(sorted(steps, key=lambda step: (step.on, step.reference, step.cell[0])))
