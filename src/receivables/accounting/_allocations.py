"""What an allocation posts: what each leg relieves, each residual by its kind, and the difference.

The legs of an allocation relieve the carrying amounts of their items.  A residual is booked at the
carrying amount of what it was taken off, or at the rate of the payment where it was a part of that;
what then still differs in the functional currency is realized.
"""

from __future__ import annotations

from typing import Final

import attrs

from receivables.accounting._fold import Fold, Lines, add_line
from receivables.accounting._items import Item, half_up, shares
from receivables.accounting.model import GlAccount, JournalLine, Role
from receivables.accounting.posting import NEW_ITEM, OutgoingRate, Posting, TaxPart
from receivables.allocation.model import Allocation, Residual, ResidualKind
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.ledger.model import Allocated
from receivables.money import from_minor
from receivables.parties import CustomerId

__all__ = ["allocation_lines"]

_PART_OF_THE_PAYMENT: Final = frozenset(
    {
        ResidualKind.BANK_CHARGE,
        ResidualKind.CASH_ROUNDING,
        ResidualKind.COLLECTION_FEE,
        ResidualKind.WITHHOLDING_TAX,
    }
)
"""What is booked at the rate of the payment, because the payer or a bank took it out of that."""


@attrs.define
class _Settled:
    """What was settled of the items of one currency: per item, and on each side, in both currencies."""

    by_item: dict[str, tuple[int, int]] = attrs.field(factory=dict)
    debits: tuple[int, int] = (0, 0)
    credits: tuple[int, int] = (0, 0)

    def add(self, item: str, minor: int, functional: int) -> None:
        """Count one leg."""
        self.by_item[item] = (minor, functional)
        if minor > 0:
            self.debits = (self.debits[0] + minor, self.debits[1] + functional)
        else:
            self.credits = (self.credits[0] + minor, self.credits[1] + functional)

    def basis(self, residual: Residual) -> tuple[int, int]:
        """What a residual is measured by: an amount, and what it was carried at; zero if nothing."""
        own, other = self.debits, self.credits
        if residual.amount_minor < 0:
            own, other = other, own
        if residual.kind in _PART_OF_THE_PAYMENT:
            return other if other[0] else own
        if residual.item in self.by_item:
            return self.by_item[residual.item]
        return own if own[0] else other


@attrs.define
class _Context:
    """An allocation being posted; what was settled is counted only where there is a residual."""

    fold: Fold
    event: Allocated
    lines: Lines = attrs.field(factory=dict)
    items: dict[str, Item] = attrs.field(factory=dict)
    settled: dict[str, _Settled] = attrs.field(factory=dict)
    is_foreign: bool = False

    def settle(self, item: Item, minor: int, functional: int) -> None:
        """Count what a leg settles of an item."""
        self.items[item.name] = item
        self.settled.setdefault(item.currency, _Settled()).add(item.name, minor, functional)

    @property
    def allocation(self) -> Allocation:
        """What is posted."""
        return self.event.allocation

    def anchors(self, residual: Residual) -> list[Item]:
        """The items that a residual belongs to: the one it names, or those on its side."""
        if residual.item in self.items:
            return [self.items[residual.item]]
        if residual.kind is ResidualKind.RECOVERY and residual.item:
            # What was written off has no leg: its own taxes and its customer are what counts.
            return [self.fold.item(self.allocation.creditor, residual.item)]
        sign = 1 if residual.amount_minor > 0 else -1
        legs = self.allocation.legs
        own = [self.items[leg.item] for leg in legs if leg.amount_minor * sign > 0]
        return own or [self.items[legs[0].item]]


def allocation_lines(fold: Fold, event: Allocated) -> Lines:
    """The lines of an allocation by their days: its own, and those that it reaches later on."""
    allocation = event.allocation
    context = _Context(fold, event)
    for leg in allocation.legs:
        item = fold.item(allocation.creditor, leg.item)
        moves = item.take(event.effective_on, leg.amount_minor)
        for move in moves:
            fold.move(context.lines, item, move)
        context.is_foreign |= item.is_foreign
        if allocation.residuals:
            context.settle(item, leg.amount_minor, moves[0][2])
    if allocation.residuals:
        _post_residuals(context)
    if context.is_foreign:
        only = allocation.legs[0].item if len(allocation.legs) == 1 else _only_debit(allocation)
        fold.settle_exchange(context.lines, event.customers[0] if event.customers else "", only)
    return context.lines


def _only_debit(allocation: Allocation) -> str:
    debits = [leg.item for leg in allocation.legs if leg.amount_minor > 0]
    return debits[0] if len(debits) == 1 else ""


def _post_residuals(context: _Context) -> None:
    names = {id(residual): name for name, residual in context.allocation.owed}
    converted: dict[str, int] = {}
    for residual in context.allocation.residuals:
        if residual.kind is ResidualKind.CONVERSION:
            currency = context.allocation.currency_of(residual)
            converted[currency] = converted.get(currency, 0) + residual.amount_minor
        else:
            _post_residual(context, residual, names.get(id(residual), ""))
    if converted:
        _post_conversion(context, converted)


def _post_conversion(context: _Context, converted: dict[str, int]) -> None:
    """Close each currency by a line of its own; what the lines add up to is realized."""
    fold, of_day = context.fold, context.lines[context.event.effective_on]
    left = dict.fromkeys(converted, 0)
    for line in of_day:
        if line.currency in left:
            left[line.currency] -= line.functional_minor
    loss = sum(left.values()) > 0
    role = Role.EXCHANGE_LOSS if loss else Role.EXCHANGE_GAIN
    for currency, minor in converted.items():
        line = fold.exchange_line(minor, left[currency], currency, context.event.customers[0], "")
        on_one_account = attrs.evolve(line, role=role, account=fold.chart.account(role))
        add_line(context.lines, context.event.effective_on, on_one_account)


def _post_residual(context: _Context, residual: Residual, new_item: str) -> None:
    fold = context.fold
    worth = _worth(context, residual)
    sign = 1 if residual.amount_minor > 0 else -1
    minor, functional = sign * residual.amount_minor, sign * worth
    tax = sign * _tax_minor(fold, residual)
    tax_worth = half_up(functional, tax, minor)
    amounts = {
        "amount": (minor, functional),
        "tax": (tax, tax_worth),
        "net": (minor - tax, functional - tax_worth),
    }
    for posting in fold.rules.row("Allocated", residual.kind.value, negative=sign < 0):
        if posting.amount not in amounts:
            msg = f"a row of a residual must post an amount, its net or its tax, got {posting}"
            raise PolicyError(msg)
        one, other = amounts[posting.amount]
        signed = (posting.sign * one, posting.sign * other)
        if posting.target == NEW_ITEM:
            _open_item(context, residual, new_item, signed)
        else:
            _post_amount(context, residual, posting, signed)


def _tax_minor(fold: Fold, residual: Residual) -> int:
    rules = fold.rules
    treatment = {
        ResidualKind.SETTLEMENT_DISCOUNT: rules.discount_tax,
        ResidualKind.WRITE_OFF: rules.write_off_tax,
        ResidualKind.RECOVERY: rules.write_off_tax,
    }.get(residual.kind, rules.difference_tax)
    return residual.tax_minor if treatment is TaxPart.STATED else 0


def _worth(context: _Context, residual: Residual) -> int:
    """A residual in the functional currency, with its sign."""
    fold, event = context.fold, context.event
    currency = context.allocation.currency_of(residual)
    basis = (0, 0)
    if currency in context.settled:
        basis = context.settled[currency].basis(residual)
    at_spot = residual.kind is ResidualKind.REFUND and fold.rules.refunds_at is OutgoingRate.SPOT
    if basis[0] and not at_spot:
        return half_up(basis[1], residual.amount_minor, basis[0])
    what = f"{residual.kind.value} of {context.allocation.allocation}"
    amount = from_minor(residual.amount_minor, currency)
    return fold.worth(amount, None, event.effective_on, what)


def _open_item(context: _Context, residual: Residual, name: str, signed: tuple[int, int]) -> None:
    fold, day = context.fold, context.event.effective_on
    settled = context.anchors(residual)[0]
    kept = residual.kind is ResidualKind.RETENTION
    role = fold.rules.retentions if kept else fold.rules.deductions
    item = Item(
        name,
        context.allocation.currency_of(residual),
        fold.place(role, settled.place_on(day).customer),
        start=(day, *signed),
        is_foreign=settled.is_foreign,
    )
    item.document = settled.document
    item.dimensions = settled.dimensions
    fold.open(context.lines, context.allocation.creditor, item)


def _post_amount(
    context: _Context, residual: Residual, posting: Posting, signed: tuple[int, int]
) -> None:
    fold, day = context.fold, context.event.effective_on
    role = fold.rules.role(posting.target)
    anchors = context.anchors(residual)
    own = fold.chart.banks.get(residual.counterparty) if role is Role.BANK else None
    accounts = [(own or fold.chart.account(role), *signed)]
    if role is Role.TAX:
        accounts = _by_tax(fold, context.allocation.creditor, anchors, signed)
    for account, minor, functional in accounts:
        line = JournalLine(
            account=account,
            role=role,
            amount_minor=minor,
            currency=context.allocation.currency_of(residual),
            functional_minor=functional,
            customer=CustomerId(anchors[0].place_on(day).customer),
            item=ItemId(residual.item),
            counterparty=residual.counterparty,
            text=residual.reason,
            dimensions=anchors[0].dimensions,
        )
        add_line(context.lines, day, line)


def _by_tax(
    fold: Fold, creditor: str, items: list[Item], signed: tuple[int, int]
) -> list[tuple[GlAccount, int, int]]:
    """A tax amount on the accounts of the taxes of the documents, in proportion to them."""
    taxes: dict[GlAccount, int] = {}
    for item in items:
        for account, minor in fold.taxes.get((creditor, item.document), {}).items():
            taxes[account] = taxes.get(account, 0) + minor
    whole = sum(taxes.values())
    if not whole:
        return [(fold.chart.account(Role.TAX), *signed)]
    parts = list(taxes.values())
    split = [shares(amount, parts, whole) for amount in signed]
    return list(zip(taxes, *split, strict=True))
