"""A loss allowance over values: readable, exact, and what the column shell is compared with.

>>> from receivables.aging import AgingScheme
>>> from receivables.allowance.policies import ProvisionMatrix
>>> from receivables.testing.builders import an_open_item
>>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(30),
...                          segments={"": ["0", "2 %", "25 %"]})
>>> found = loss_allowance([an_open_item(amount="1200.00")], matrix=matrix,
...                        as_of=dt.date(2026, 11, 15))
>>> print(found)
loss allowance as of 2026-11-15, matrix house 1
currency  of         open      base  allowance  of open
EUR       1-30   1,200.00  1,200.00      24.00      2 %
EUR       total  1,200.00  1,200.00      24.00      2 %
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.aging.model import AgedItem, Aging, AgingRow
from receivables.aging.objects import age
from receivables.allowance import rules
from receivables.allowance.model import (
    AllowanceFacts,
    AssessedItem,
    LineKind,
    LossAllowance,
    LossAllowanceLine,
)
from receivables.allowance.policies import AllowanceBase, Cover, ProvisionMatrix
from receivables.casework.losses import SpecificAllowance
from receivables.currencies.model import AppliedRate, ExchangeRates, RateKind
from receivables.days import check_day
from receivables.documents.model import OpenItem
from receivables.money import digits

__all__ = ["item_columns", "loss_allowance", "specific_of", "sum_converted"]

_WHOLE_BPS: Final = 10_000
_NO_COVER: Final = (0, 0)

_Account: TypeAlias = tuple[str, str, str]
"""Creditor, customer and currency."""


def loss_allowance(
    items: Iterable[OpenItem],
    *,
    matrix: ProvisionMatrix,
    as_of: dt.date,
    facts: AllowanceFacts | None = None,
    rates: ExchangeRates | None = None,
    functional: str = "",
) -> LossAllowance:
    """What is expected to be lost on the items that are open on a day, by the rates of a matrix.

    Every item is in one place: in the specific allowance that names it, else in that of its whole
    customer, else in the pool of its customer's segment.  The rate of a bucket is taken of the
    amounts of a customer in it, after its credits; each line is rounded once, so that an item split
    in two of the same age changes nothing.  With `rates` each line is also given in the currency
    `functional`, at the closing rate of the day.

    Raises what `receivables.aging.age` raises, `PolicyError` for a segment without rates, and
    `MissingRateError`.
    """
    check_day(as_of, name="as_of")
    known = AllowanceFacts() if facts is None else facts
    worker = _Worker(matrix=matrix, as_of=as_of, facts=known)
    lines, assessed = worker.measured([item for item in items if not item.is_settled])
    used: dict[str, AppliedRate] = {}
    if functional:
        used = _closing_rates(lines, rates or ExchangeRates(), functional, as_of)
        lines = [_translated(line, used[line.currency]) for line in lines]
    return LossAllowance(
        as_of=as_of,
        matrix=matrix,
        lines=lines,
        items=assessed,
        functional_currency=functional,
        rates=[rate for _, rate in sorted(used.items())],
    )


def specific_of(item: OpenItem, specifics: Sequence[SpecificAllowance]) -> SpecificAllowance | None:
    """The specific allowance of an item: one that names it before one of its whole customer.

    Of several that would do, the last given counts.  A credit belongs to that of its whole customer,
    and to another one only where it is named there.
    """
    found: SpecificAllowance | None = None
    for one in specifics:
        if one.customer != item.customer:
            continue
        if item.item in one.items or (not one.items and (found is None or not found.items)):
            found = one
    return found


def item_columns(
    items: Iterable[OpenItem], *, matrix: ProvisionMatrix, facts: AllowanceFacts | None = None
) -> dict[str, list[object]]:
    """Open items as the columns that `receivables.allowance.columns` measures.

    ``contested_minor`` is what is left out as disputed, ``tax_minor`` the tax in the rest; a
    specific allowance has its rate in basis points, without the time value of `expected_on`.
    """
    known = AllowanceFacts() if facts is None else facts
    worker = _Worker(matrix=matrix, as_of=dt.date.min, facts=known)
    given = tuple(items)
    worker.learn(given)
    rows = [(item, worker.specific(item)) for item in given]
    covers = [worker.cover((item.creditor, item.customer, item.currency)) for item, _ in rows]
    clear = [worker.clear(item, is_pooled=one is None) for item, one in rows]
    return {
        "creditor": [item.creditor for item, _ in rows],
        "item": [item.item for item, _ in rows],
        "customer": [item.customer for item, _ in rows],
        "currency": [item.currency for item, _ in rows],
        "segment": [worker.segment(item.customer) for item, _ in rows],
        "open_minor": [item.open_minor for item, _ in rows],
        "contested_minor": [
            item.open_minor - rest for (item, _), rest in zip(rows, clear, strict=True)
        ],
        "tax_minor": [worker.tax(item, rest) for (item, _), rest in zip(rows, clear, strict=True)],
        "document_date": [item.document_date for item, _ in rows],
        "posting_date": [item.posting_date for item, _ in rows],
        "due_date": [item.due_date for item, _ in rows],
        "specific": ["" if one is None else one.specific for _, one in rows],
        "specific_bps": [0 if one is None else one.rate_bps for _, one in rows],
        "covered_minor": [limit for limit, _ in covers],
        "cover_bps": [share for _, share in covers],
    }


@attrs.define
class _Worker:
    """The facts at hand while an allowance is measured."""

    matrix: ProvisionMatrix
    as_of: dt.date
    facts: AllowanceFacts
    labels: tuple[str, ...] = attrs.field(
        default=attrs.Factory(lambda self: self.matrix.scheme.labels, takes_self=True)
    )
    _segments: dict[str, str] = attrs.field(factory=dict)
    _covers: dict[tuple[str, str], Cover] = attrs.field(factory=dict)
    _specifics: dict[str, list[SpecificAllowance]] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for cover in self.facts.covers:
            self._covers[cover.customer, cover.amount.currency.code] = cover
        for one in self.facts.specifics:
            self._specifics.setdefault(one.customer, []).append(one)

    _tax_of: dict[_Account, list[int]] = attrs.field(factory=dict)

    def learn(self, items: Iterable[OpenItem]) -> None:
        """Add up the tax in what each account owes: what its money without a tax share pays of it."""
        if self.matrix.base is AllowanceBase.GROSS:
            return
        for item in items:
            share = self.facts.tax_shares.get(item.item, Fraction(0))
            if item.open_minor > 0:
                sums = self._tax_of.setdefault(_account(item), [0, 0])
                sums[0] += _part(item.open_minor, share)
                sums[1] += item.open_minor

    def tax_share(self, item: OpenItem) -> Fraction:
        """The share of tax in an item; a credit without one has that of what its account owes."""
        share = self.facts.tax_shares.get(item.item)
        if share is None and item.open_minor < 0 and (sums := self._tax_of.get(_account(item))):
            return Fraction(sums[0], sums[1])
        return Fraction(share or 0)

    def specific(self, item: OpenItem) -> SpecificAllowance | None:
        return specific_of(item, self._specifics.get(item.customer, ()))

    def segment(self, customer: str) -> str:
        if customer not in self._segments:
            self._segments[customer] = self.facts.segment_of(customer, self.matrix)
        return self._segments[customer]

    def cover(self, account: _Account) -> tuple[int, int]:
        found = self._covers.get(account[1:])
        return _NO_COVER if found is None else (found.amount_minor, found.share_bps)

    def clear(self, item: OpenItem, *, is_pooled: bool) -> int:
        """What is open and not left out as disputed; a specific allowance judges an item whole."""
        contested = self.facts.contested.get(item.item, 0) if is_pooled else 0
        found: int = rules.clear(item.open_minor, contested_minor=contested)
        return found

    def tax(self, item: OpenItem, clear: int) -> int:
        """The tax in what is left of an item, rounded commercially; zero for a gross base."""
        if self.matrix.base is AllowanceBase.GROSS:
            return 0
        return _part(clear, self.tax_share(item))

    def base(self, item: OpenItem, *, is_pooled: bool) -> int:
        clear = self.clear(item, is_pooled=is_pooled)
        return clear - self.tax(item, clear)

    def measured(
        self, items: Sequence[OpenItem]
    ) -> tuple[list[LossAllowanceLine], list[AssessedItem]]:
        groups: dict[str, list[OpenItem]] = {}
        judged: dict[str, SpecificAllowance] = {}
        self.learn(items)
        for item in items:
            one = self.specific(item)
            name = "" if one is None else one.specific
            groups.setdefault(name, []).append(item)
            if one is not None:
                judged[name] = one
        lines: list[LossAllowanceLine] = []
        assessed: list[AssessedItem] = []
        for name, group in groups.items():
            measured = _Group(worker=self, specific=judged.get(name), items=group)
            lines += measured.lines()
            assessed += measured.assessed()
        return sorted(lines, key=_line_order), sorted(assessed, key=_item_order)


@attrs.define
class _Group:
    """Items that are measured alike: those of all pools, or those of one specific allowance."""

    worker: _Worker
    specific: SpecificAllowance | None
    items: Sequence[OpenItem]
    _bases: dict[tuple[str, str], int] = attrs.field(factory=dict)
    _aging: Aging | None = None

    def __attrs_post_init__(self) -> None:
        pooled = self.specific is None
        self._bases = {
            (item.creditor, item.item): self.worker.base(item, is_pooled=pooled)
            for item in self.items
        }
        self._aging = age(self.items, scheme=self.worker.matrix.scheme, as_of=self.worker.as_of)

    @property
    def aging(self) -> Aging:
        assert self._aging is not None  # noqa: S101  # made when the group is
        return self._aging

    def assessed(self) -> Iterator[AssessedItem]:
        return (self._assessed(one) for one in self.aging.items)

    def _assessed(self, aged: AgedItem) -> AssessedItem:
        item, one = aged.item, self.specific
        return AssessedItem(
            item=item.item,
            kind=LineKind.POOL if one is None else LineKind.SPECIFIC,
            creditor=item.creditor,
            customer=item.customer,
            currency=item.currency,
            segment=self.worker.segment(item.customer),
            bucket=aged.bucket,
            days=aged.days,
            open_minor=item.open_minor,
            base_minor=self._bases[item.creditor, item.item],
            specific="" if one is None else one.specific,
        )

    def lines(self) -> Iterator[LossAllowanceLine]:
        bases = self._base_rows()
        counts: dict[tuple[_Account, int], int] = {}
        for aged in self.aging.items:
            key = (_account(aged.item), aged.bucket)
            counts[key] = counts.get(key, 0) + 1
        for row in self.aging.rows:
            account = _account(row)
            base = bases.get(account, (0,) * len(row.buckets_minor))
            in_each = [counts.get((account, bucket), 0) for bucket in range(len(base))]
            yield from self._of_row(row, base, in_each)

    def _base_rows(self) -> Mapping[_Account, Sequence[int]]:
        """The buckets of what the rates are taken of; those of what is open, where it is the same."""
        if all(self._bases[item.creditor, item.item] == item.open_minor for item in self.items):
            aging = self.aging
        else:
            parts = [
                attrs.evolve(item, open_minor=self._bases[item.creditor, item.item])
                for item in self.items
            ]
            aging = age(parts, scheme=self.worker.matrix.scheme, as_of=self.worker.as_of)
        return {_account(row): row.buckets_minor for row in aging.rows}

    def _of_row(
        self, row: AgingRow, bases: Sequence[int], counts: Sequence[int]
    ) -> Iterator[LossAllowanceLine]:
        account = _account(row)
        parts = [
            rules.counted(base, gross=gross)
            for base, gross in zip(bases, row.buckets_minor, strict=True)
        ]
        limit, share = _NO_COVER if self.specific else self.worker.cover(account)
        covered = [rules.share(reached, share) for reached in rules.covered(limit, parts)]
        for bucket, (gross, base) in enumerate(zip(row.buckets_minor, parts, strict=True)):
            borne = covered[bucket]
            count = counts[bucket] if gross == borne else 0
            if borne:
                yield self._line(account, bucket, LineKind.COVERED, (borne, borne), count)
            if gross - borne:
                kind = LineKind.SPECIFIC if self.specific else LineKind.POOL
                parts_left = (gross - borne, base - borne)
                yield self._line(account, bucket, kind, parts_left, counts[bucket])
        if row.credits_minor:
            yield self._credit(account, row.credits_minor)

    def _line(
        self, account: _Account, bucket: int, kind: LineKind, parts: tuple[int, int], items: int
    ) -> LossAllowanceLine:
        matrix, one = self.worker.matrix, self.specific
        gross, base = parts
        segment = self.worker.segment(account[1])
        rate = self._rate(kind, bucket, segment)
        lost = mul_div(base, rate.numerator, rate.denominator, rounding=matrix.rounding)
        return LossAllowanceLine(
            kind=kind,
            creditor=account[0],
            customer=account[1],
            currency=account[2],
            segment=segment,
            bucket=bucket,
            label=self.worker.labels[bucket],
            gross_minor=gross,
            base_minor=base,
            rate=rate,
            allowance_minor=lost,
            items=items,
            specific="" if one is None else one.specific,
        )

    def _rate(self, kind: LineKind, bucket: int, segment: str) -> Fraction:
        matrix = self.worker.matrix
        if kind is LineKind.COVERED:
            return matrix.covered_rate
        one = self.specific
        if one is None:
            return matrix.rates(segment)[bucket]
        rate = Fraction(one.rate_bps, _WHOLE_BPS)
        if one.expected_on is None:
            return rate
        days = (one.expected_on - self.worker.as_of).days
        return matrix.discounting.applied(rate, days=days)

    def _credit(self, account: _Account, minor: int) -> LossAllowanceLine:
        return LossAllowanceLine(
            kind=LineKind.CREDIT,
            creditor=account[0],
            customer=account[1],
            currency=account[2],
            segment=self.worker.segment(account[1]),
            bucket=-1,
            label="credits",
            gross_minor=minor,
            base_minor=0,
            rate=Fraction(0),
            allowance_minor=0,
            specific="" if self.specific is None else self.specific.specific,
        )


def _part(amount_minor: int, share: Fraction) -> int:
    return mul_div(amount_minor, share.numerator, share.denominator, rounding=Rounding.HALF_UP)


def _account(of: OpenItem | AgingRow) -> _Account:
    return (of.creditor, of.customer, of.currency)


_KIND_ORDER: Final = {kind: place for place, kind in enumerate(LineKind)}


def _line_order(line: LossAllowanceLine) -> tuple[str, str, str, str, int, int]:
    place = line.bucket if line.bucket >= 0 else 1_000
    return (
        line.creditor,
        line.customer,
        line.currency,
        line.specific,
        place,
        _KIND_ORDER[line.kind],
    )


def _item_order(item: AssessedItem) -> tuple[str, str, str, str]:
    return (item.creditor, item.customer, item.currency, item.item)


def _closing_rates(
    lines: Iterable[LossAllowanceLine], rates: ExchangeRates, functional: str, as_of: dt.date
) -> dict[str, AppliedRate]:
    digits(functional)
    return {
        code: rates.rate(code, functional, on=as_of, kind=RateKind.CLOSING)
        for code in sorted({line.currency for line in lines})
    }


def _translated(line: LossAllowanceLine, rate: AppliedRate) -> LossAllowanceLine:
    return attrs.evolve(line, functional_minor=sum_converted(line.allowance_minor, rate))


def sum_converted(minor: int, rate: AppliedRate) -> int:
    """A sum at a rate, rounded commercially; a sum may be larger than any single amount.

    >>> sum_converted(1_250, AppliedRate(base="EUR", quote="EUR", on=dt.date(2026, 1, 1), legs=()))
    1250
    """
    numerator, denominator = rate.minor_ratio
    return mul_div(minor, numerator, denominator, rounding=Rounding.HALF_UP)
