"""Entries that no event of the ledger brings: made by hand, balanced, by the same rows of rules.

A doubtful reclassification, an allowance, a payout of a card processor, a factored claim: what a
person or another topic decides.  Where the decision also changes what is owed (a write-off, a bill
that is accepted), record it in the ledger instead, as an allocation with a residual or as a receipt;
then its entry comes by itself and the sub-ledger agrees with it.

>>> from receivables.accounting import chart
>>> from receivables.money import money
>>> by_hand = ManualEntries(chart=chart("fr-pcg"), creditor="MIRA", functional_currency="EUR")
>>> payout = by_hand.payout(money("100.00", "EUR"), fee=money("2.90", "EUR"),
...                         on=dt.date(2026, 10, 5), name="payout-17")
>>> [(line.account.number, line.amount_minor) for line in payout.lines]
[('512', 9710), ('6278', 290), ('467', -10000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

import attrs

from receivables.accounting._fold import Rates, mirrored
from receivables.accounting.model import Chart, EntryId, GlAccount, JournalEntry, JournalLine, Role
from receivables.accounting.posting import PostingRules
from receivables.documents.model import ItemId
from receivables.errors import CurrencyMismatchError, DocumentError, MissingRateError, PolicyError
from receivables.money import ExchangeRate, Money, Rounding, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId

__all__ = ["ManualEntries", "Said", "reversal"]


class _Required(TypedDict):
    on: dt.date
    name: str


class Said(_Required, total=False):
    """What one says with an entry by hand: its day and its name, and what else it is about.

    `name` names the entry for good.  `account` is the house's bank account or processor, where the
    chart has an account for it, `bank` the bank account of a payout; `rate` that of an amount in a foreign currency.
    """

    customer: str
    item: str
    counterparty: str
    account: str
    bank: str
    text: str
    document: str
    rate: ExchangeRate
    dimensions: tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class ManualEntries:
    """Makes entries by hand for one creditor, by a chart and posting rules.

    Every verb raises `DocumentError` for parts that are more than the whole, and
    `MissingRateError` for a foreign amount without a rate.
    """

    chart: Chart
    creditor: CreditorId = attrs.field(converter=CreditorId)
    functional_currency: str
    rules: PostingRules = attrs.field(factory=PostingRules)

    def doubtful(self, amount: Money, **said: Unpack[Said]) -> JournalEntry:
        """A claim became doubtful: its whole amount, tax included, changes the account."""
        return self.entry("doubtful", {"amount": amount}, **said)

    def disputed(self, amount: Money, **said: Unpack[Said]) -> JournalEntry:
        """A claim is in dispute; `reversal` takes it back."""
        return self.entry("disputed", {"amount": amount}, **said)

    def allowance(self, change: Money, **said: Unpack[Said]) -> JournalEntry:
        """The loss allowance grows by an amount, or is released where it is negative."""
        return self.entry("allowance", {"amount": change}, **said)

    def write_off(
        self,
        amount: Money,
        *,
        tax: Money | None = None,
        is_doubtful: bool = True,
        **said: Unpack[Said],
    ) -> JournalEntry:
        """A claim is given up, mostly one that was put among the doubtful ones before.

        `tax` is the part of it that the tax office gives back.
        """
        case = "write-off" if is_doubtful else "write-off of a current claim"
        return self.entry(case, _net_of(amount, tax), **said)

    def tax_relief(self, tax: Money, **said: Unpack[Said]) -> JournalEntry:
        """The tax office gives back the tax of a claim that was written off before."""
        return self.entry("tax-relief", {"amount": tax}, **said)

    def recovery(
        self, amount: Money, *, tax: Money | None = None, **said: Unpack[Said]
    ) -> JournalEntry:
        """Money came in for a claim that was written off; `tax` is owed again on it."""
        return self.entry("recovery", _net_of(amount, tax), **said)

    def payout(
        self, gross: Money, *, fee: Money | None = None, **said: Unpack[Said]
    ) -> JournalEntry:
        """A processor paid out what it had collected, less its fee."""
        return self.entry("payout", _rest_of(gross, fee=fee), **said)

    def processor_payout(
        self,
        net: Money,
        *,
        fee: Money,
        reserved: Money | None = None,
        rates: Rates | None = None,
        **said: Unpack[Said],
    ) -> JournalEntry:
        """What a processor paid out, whatever the signs: the bank, the fee, and what it owed us.

        `net` is what the bank account got, negative where it was drawn from there; `fee` may exceed
        what was collected.  `reserved` is what the processor newly holds back (negative: released);
        it stays owed by the processor, and moves to the account of ``<account> reserve`` where the
        chart has one.
        """
        gross = to_minor(net) + to_minor(fee)
        bank = said.pop("bank", "")
        plan = [
            (Role.BANK, to_minor(net), bank),
            (Role.PROCESSOR_FEE, to_minor(fee), ""),
            (Role.PROCESSOR, -gross, said.get("account", "")),
        ]
        held = f"{said.get('account', '')} reserve"
        if reserved is not None and held in self.chart.banks:
            plan += [
                (Role.PROCESSOR, to_minor(reserved), held),
                (Role.PROCESSOR, -to_minor(reserved), said.get("account", "")),
            ]
        worths = [
            self._worth_by(from_minor(minor, net.currency.code), rates, said)
            for _, minor, _ in plan
        ]
        # What rounding leaves is borne by the processor's account.
        worths[2] -= sum(worths)
        lines = [
            self._line(role, minor, worth, net, {**said, "account": account})
            for (role, minor, account), worth in zip(plan, worths, strict=True)
        ]
        return self._made("payout", lines, said)

    def cheques_deposited(self, amount: Money, **said: Unpack[Said]) -> JournalEntry:
        """The bank credited cheques that stood in transit."""
        return self.entry("cheques-deposited", {"amount": amount}, **said)

    def bill_accepted(self, amount: Money, **said: Unpack[Said]) -> JournalEntry:
        """A customer accepted a bill of exchange for a claim."""
        return self.entry("bill-accepted", {"amount": amount}, **said)

    def bill_collected(
        self, amount: Money, *, fee: Money | None = None, **said: Unpack[Said]
    ) -> JournalEntry:
        """The bank collected a bill, less its charge."""
        return self.entry("bill-collected", _rest_of(amount, fee=fee), **said)

    def advance_cleared(self, amount: Money, **said: Unpack[Said]) -> JournalEntry:
        """An advance payment was set against the final invoice."""
        return self.entry("advance-cleared", {"amount": amount}, **said)

    def factored(
        self,
        amount: Money,
        *,
        fee: Money | None = None,
        kept: Money | None = None,
        **said: Unpack[Said],
    ) -> JournalEntry:
        """A claim was sold to a factor, who keeps a fee, and for now a part as security."""
        return self.entry("factored", _rest_of(amount, fee=fee, extra=kept), **said)

    def interest_accrued(self, amount: Money, **said: Unpack[Said]) -> JournalEntry:
        """Late-payment interest has run and is not invoiced yet; `reversal` takes it back."""
        return self.entry("interest-accrued", {"amount": amount}, **said)

    def received_for_affiliate(
        self, amount: Money, *, affiliate: str, **said: Unpack[Said]
    ) -> JournalEntry:
        """Money came in that belongs to another entity of the group."""
        said.setdefault("counterparty", affiliate)
        return self.entry("received-for-affiliate", {"amount": amount}, **said)

    def received_by_affiliate(
        self, amount: Money, *, affiliate: str, **said: Unpack[Said]
    ) -> JournalEntry:
        """Another entity of the group took money for a claim of ours."""
        said.setdefault("counterparty", affiliate)
        return self.entry("received-by-affiliate", {"amount": amount}, **said)

    def entry(self, case: str, amounts: Mapping[str, Money], **said: Unpack[Said]) -> JournalEntry:
        """An entry by the row ``("by hand", case)`` of the rules, which may be one of your own.

        `amounts` are named as in the row; where ``amount`` is negative the row is turned around.
        """
        whole = amounts["amount"]
        negative = to_minor(whole) < 0
        parts = self._parts(amounts, said.get("rate"))
        lines = []
        for posting in self.rules.row("by hand", case, negative=negative):
            role = self.rules.role(posting.target)
            minor, functional = parts.get(posting.amount, (0, 0))
            sign = -posting.sign if negative else posting.sign
            lines.append(self._line(role, sign * minor, sign * functional, whole, said))
        return self._made(case, lines, said)

    def _made(self, case: str, lines: Sequence[JournalLine], said: Said) -> JournalEntry:
        return JournalEntry(
            entry=EntryId(said["name"]),
            creditor=self.creditor,
            date=said["on"],
            kind=case,
            functional_currency=self.functional_currency,
            lines=[line for line in lines if line.amount_minor or line.functional_minor],
            text=said.get("text", said["name"]),
            document=said.get("document", said["name"]),
        )

    def _line(
        self, role: Role, minor: int, functional: int, whole: Money, said: Said
    ) -> JournalLine:
        known = role in {Role.BANK, Role.PROCESSOR} and said.get("account") in self.chart.banks
        account: GlAccount = (
            self.chart.banks[said["account"]] if known else self.chart.account(role)
        )
        return JournalLine(
            account=account,
            role=role,
            amount_minor=minor,
            currency=whole.currency.code,
            functional_minor=functional,
            customer=CustomerId(said.get("customer", "")),
            item=ItemId(said.get("item", "")),
            counterparty=said.get("counterparty", ""),
            dimensions=said.get("dimensions", ()),
        )

    def _parts(
        self, amounts: Mapping[str, Money], rate: ExchangeRate | None
    ) -> dict[str, tuple[int, int]]:
        """Every amount in both currencies; what is left over bears what rounding leaves."""
        code = amounts["amount"].currency.code
        for amount in amounts.values():
            if amount.currency.code != code:
                msg = f"amounts of an entry must be in {code}, got {amount.currency.code}"
                raise CurrencyMismatchError(msg)
        parts = {
            name: (to_minor(amount), self._worth(amount, rate)) for name, amount in amounts.items()
        }
        for left in {"net", "rest"} & parts.keys():
            others = [part for name, part in parts.items() if name not in {left, "amount"}]
            worth = parts["amount"][1] - sum(functional for _, functional in others)
            parts[left] = (parts[left][0], worth)
        return parts

    def _worth_by(self, amount: Money, rates: Rates | None, said: Said) -> int:
        """What an amount is worth, by the rate of the entry or by the rates of its day."""
        is_foreign = amount.currency.code != self.functional_currency
        if rates is None or "rate" in said or not is_foreign:
            return self._worth(amount, said.get("rate"))
        return to_minor(rates.convert(amount, to=self.functional_currency, on=said["on"]))

    def _worth(self, amount: Money, rate: ExchangeRate | None) -> int:
        if amount.currency.code == self.functional_currency:
            return to_minor(amount)
        if rate is None or self.functional_currency not in {rate.base, rate.quote}:
            msg = f"an entry in {amount.currency.code} must have a rate to {self.functional_currency}, got {rate!r}"
            raise MissingRateError(msg)
        return to_minor(rate.convert(amount, rounding=Rounding.HALF_UP))


def _net_of(amount: Money, tax: Money | None) -> dict[str, Money]:
    amounts = _rest_of(amount, tax=tax)
    amounts["net"] = amounts.pop("rest")
    return amounts


def _rest_of(amount: Money, **parts: Money | None) -> dict[str, Money]:
    """An amount, the parts of it that are given, and what they leave."""
    given = {name: part for name, part in parts.items() if part is not None}
    minors = [to_minor(part) for part in given.values()]
    rest = to_minor(amount) - sum(minors)
    if rest < 0 or any(minor < 0 for minor in minors):
        msg = f"parts must be zero to {amount!r}, got {list(given.values())}"
        raise DocumentError(msg)
    return {"amount": amount, **given, "rest": from_minor(rest, amount.currency.code)}


def reversal(entry: JournalEntry, *, on: dt.date, name: str) -> JournalEntry:
    """The exact mirror of an entry, dated on a day of its own.

    Raises `PolicyError` for a day before that of the entry.
    """
    if on < entry.date:
        msg = f"on must be {entry.date} or later, got {on}"
        raise PolicyError(msg)
    return attrs.evolve(
        entry, entry=EntryId(name), date=on, lines=[mirrored(line) for line in entry.lines]
    )
