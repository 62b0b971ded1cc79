"""Exports of Merchant Direct: what reached the bank, what was taken off, what is disputed.

A sales summary says, for each day, merchant and card type, what was sold and what was deposited:
its payouts have no movements, because no transaction is named.  A bank reconciliation has a row for
each deposit, fee and chargeback, in Canadian and in US dollars apart: each is a transfer of its own
unless the settings say that a day is one.  A list of disputes has the day to respond by.

No real export was at hand: headings, signs and what makes up one transfer are settings, and what
they are by default is taken from the help pages of Merchant Direct.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

import attrs

from receivables.adapters import PayoutRecord
from receivables.archives import in_units
from receivables.reading import Read, ReadNotes
from receivables.receipts.payouts import (
    DisputeStage,
    MovementKind,
    Payout,
    ProcessorDispute,
    ProcessorMovement,
)
from receivables_plugins.moneris.settings import MonerisDirectSettings
from receivables_plugins.moneris.tables import (
    DISPUTES,
    RECONCILIATION,
    SUMMARY,
    Row,
    Table,
)
from receivables_plugins.moneris.values import PROCESSOR

__all__ = ["MonerisDirectReader"]

_DEPOSIT: Final = "deposit"
_TAKEN: Final = frozenset(
    {MovementKind.FEE, MovementKind.CHARGEBACK, MovementKind.RESERVE_HELD, MovementKind.REFUND}
)
_GIVEN: Final = frozenset({MovementKind.CHARGEBACK_REVERSAL, MovementKind.RESERVE_RELEASED})
_STAGES: Final = (
    ("copy request", DisputeStage.INQUIRY),
    ("retrieval", DisputeStage.INQUIRY),
    ("pre-arbitration", DisputeStage.PRE_ARBITRATION),
    ("arbitration", DisputeStage.ARBITRATION),
    ("won", DisputeStage.WON),
    ("reversed", DisputeStage.WON),
    ("lost", DisputeStage.LOST),
    ("accepted", DisputeStage.LOST),
    ("withdrawn", DisputeStage.WITHDRAWN),
)
"""What a status or a type says of a dispute; a chargeback where it says none of these."""
_HEAD_LINES_MAX: Final = 30


class _Key(NamedTuple):
    """What makes up one transfer."""

    merchant: str
    day: dt.date
    currency: str
    part: str


@attrs.define(kw_only=True)
class _Transfer:
    """What a transfer has come to so far."""

    amount_minor: int = 0
    totals: Counter[MovementKind] = attrs.field(factory=Counter)
    fee_minor: int = 0
    is_itemized: bool = True
    is_broken: bool = False
    movements: list[ProcessorMovement] = attrs.field(factory=list)
    account: str = ""
    reference: str = ""
    row: Row
    seen: set[str] = attrs.field(factory=set)


class MonerisDirectReader:
    """Reads exports of Merchant Direct, recognized by their headings."""

    def __init__(self, settings: MonerisDirectSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether a line among the first has the headings of an export."""
        text = io.BytesIO(head).read().decode(self._settings.encoding or "utf-8", "replace")
        lines = text.removeprefix("\ufeff").splitlines()[:_HEAD_LINES_MAX]
        return bool(Table(self._settings, ReadNotes(name)).open(lines))

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their line and heading, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(self._settings, notes).records(stream), notes)


class _Reading:
    """One export under way."""

    def __init__(self, settings: MonerisDirectSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._table = Table(settings, notes)
        self._transfers: dict[_Key, _Transfer] = {}
        self._names: Counter[str] = Counter()
        self._broken_days: set[tuple[str, dt.date]] = set()

    def records(self, stream: BinaryIO) -> Iterator[PayoutRecord]:
        """The records of an export; a payout comes after its movements."""
        for row in self._table.rows(stream):
            self._table.begin()
            if self._table.kind == DISPUTES:
                yield from self._dispute(row)
            elif self._table.kind == SUMMARY:
                self._summed(row)
            elif self._table.kind == RECONCILIATION:
                yield from self._reconciled(row)
        for key, transfer in self._transfers.items():
            yield from self._paid(key, transfer)

    # -- sales summary --------------------------------------------------------------------

    def _summed(self, row: Row) -> None:
        """A row of a sales summary: what was sold with a card type on a day, and what was deposited."""
        table = self._table
        day = table.needed_day(row, "date")
        currency = table.currency(row)
        deposit = table.needed_minor(row, "net-deposit", currency)
        said = table.amount_minor(row, "net-total", currency)
        net = deposit if said is None else said
        totals = self._sold(row, currency, net)
        if not currency or day == dt.date.min:
            table.lost += 1
            return
        card = row.get("card-type")
        if not deposit and net and not table.is_refused:
            msg = f"card type must be deposited by Moneris to be in a payout, got nothing for {card!r}"
            table.warn("moneris.not-deposited", msg, row=row, field="net-deposit")
            return
        part = {"day": "", "card-type": self._card(card)}.get(self._transfer("day"), f"{row.line}")
        transfer = self._of(_Key(self._merchant(row), day, currency, part), row)
        transfer.is_itemized = False
        if table.is_refused:
            transfer.is_broken = True
        elif card in transfer.seen:
            msg = f"card type must stand once for a day and a merchant, got {card!r} again"
            table.refuse("payout.duplicate", msg, row=row, field="card-type")
            transfer.is_broken = True
        elif sum(totals.values()) != net:
            off = in_units(net - sum(totals.values()), currency)
            msg = f"net total must be sales less refunds and corrections, got a difference of {off}"
            table.refuse("payout.unbalanced", msg, row=row, field="net-total")
            transfer.is_broken = True
        transfer.seen.add(card)
        transfer.amount_minor += deposit
        transfer.fee_minor += net - deposit
        transfer.totals.update(totals)

    def _sold(self, row: Row, currency: str, net: int) -> Counter[MovementKind]:
        """The gross sums of a row by kind; the net total alone where it does not say more."""
        if not row.get("purchases"):
            return Counter({MovementKind.PAYMENT: net})
        table = self._table
        found = Counter({MovementKind.PAYMENT: table.needed_minor(row, "purchases", currency)})
        for field, kind in (
            ("refunds", MovementKind.REFUND),
            ("corrections", MovementKind.FAILED),
        ):
            minor = table.amount_minor(row, field, currency) or 0
            if minor:
                found[kind] = -abs(minor)
        return found

    # -- bank reconciliation --------------------------------------------------------------

    def _reconciled(self, row: Row) -> Iterator[PayoutRecord]:
        """A row of a bank reconciliation, once for each currency that it has an amount in.

        A row that is a transfer of its own comes at once, one that is a part of it waits.
        """
        table = self._table
        said = row.get("kind")
        kind = self._settings.kinds.get(said.casefold())
        if kind is None:
            msg = f"payment type must be one that is known, got {said!r}. Say it in kinds"
            table.refuse("moneris.kind-unknown", msg, row=row, field="kind")
        day = table.needed_day(row, "date")
        amounts = self._amounts(row)
        if not amounts and not table.is_refused:
            table.refuse(
                "amount.invalid", "amount must be given, got none", row=row, field="amount"
            )
        if table.is_refused or kind is None:
            # What is missing of a day that is one transfer makes all of it unprovable.
            self._break(row, day)
            return
        for currency, minor in amounts.items():
            if kind != "none" and minor:
                yield from self._moved(row, day, kind, currency=currency, minor=minor)

    def _amounts(self, row: Row) -> dict[str, int]:
        table = self._table
        found: dict[str, int] = {}
        for field, code in (("amount-cad", "CAD"), ("amount-usd", "USD"), ("amount", "")):
            if not row.get(field):
                continue
            currency = code or table.currency(row)
            minor = table.amount_minor(row, field, currency)
            if minor:
                found.setdefault(currency, minor)
            elif minor == 0:
                found.setdefault(currency, 0)
        return found

    def _moved(
        self, row: Row, day: dt.date, kind: str, *, currency: str, minor: int
    ) -> Iterator[PayoutRecord]:
        merchant = self._merchant(row)
        name = self._name(row, f"{merchant}:{day.isoformat()}:{currency}:{kind}:{minor}")
        whole = self._transfer("row")
        part = {"row": name, "card-type": self._card(row.get("card-type"))}.get(whole, "")
        key = _Key(merchant, day, currency, part)
        transfer = _Transfer(row=row) if whole == "row" else self._of(key, row)
        if kind == _DEPOSIT:
            transfer.amount_minor += minor
            transfer.is_itemized = False
            transfer.reference = transfer.reference or row.get("number")
            transfer.account = transfer.account or row.get("account")
        else:
            self._taken(transfer, row, day, MovementKind(kind), (name, currency, minor))
        if whole == "row":
            yield from self._paid(key, transfer)

    def _taken(
        self,
        transfer: _Transfer,
        row: Row,
        day: dt.date,
        kind: MovementKind,
        said: tuple[str, str, int],
    ) -> None:
        """Add a fee, a chargeback or the like to a transfer."""
        name, currency, minor = said
        moved = _signed(kind, minor)
        movement = ProcessorMovement(
            movement=name,
            processor=PROCESSOR,
            kind=kind,
            gross_minor=moved,
            currency=currency,
            occurred_on=day,
            reference=row.get("reference"),
            text=row.get("description"),
            raw_kind=row.get("kind"),
            method=self._card(row.get("card-type")),
            source=self._table.place(row),
        )
        transfer.movements.append(movement)
        transfer.totals[kind] += moved
        transfer.amount_minor += moved

    def _break(self, row: Row, day: dt.date) -> None:
        """Note that a row of a day is missing, which the transfers of the day then lack."""
        self._broken_days.add((self._merchant(row), day))
        self._table.lost += day == dt.date.min

    # -- payouts --------------------------------------------------------------------------

    def _paid(self, key: _Key, transfer: _Transfer) -> Iterator[PayoutRecord]:
        """A payout after its movements, or the error that it cannot be one."""
        name = ":".join(filter(None, (key.merchant, key.day.isoformat(), key.currency, key.part)))
        is_single = self._transfer("row") == "row" and self._table.kind == RECONCILIATION
        if is_single:
            name = key.part
        lacks = self._table.lost or (key.merchant, key.day) in self._broken_days
        if transfer.is_broken or (lacks and not is_single):
            msg = f"rows of {name} must all be right to be a payout, got one that is not"
            line = transfer.row.line
            self._notes.error("payout.unbalanced", msg, line=line)
            return
        for movement in transfer.movements:
            yield attrs.evolve(movement, payout=name, available_on=key.day)
        yield Payout(
            payout=name,
            processor=PROCESSOR,
            amount_minor=transfer.amount_minor,
            currency=key.currency,
            paid_on=key.day,
            totals=dict(transfer.totals),
            fee_minor=transfer.fee_minor,
            movements=len(transfer.movements),
            is_itemized=transfer.is_itemized,
            account=transfer.account,
            bank_reference=transfer.reference,
            merchant=key.merchant,
            source=self._table.place(transfer.row),
        )

    def _of(self, key: _Key, row: Row) -> _Transfer:
        return self._transfers.setdefault(key, _Transfer(row=row))

    def _transfer(self, default: str) -> str:
        return self._settings.transfer or default

    def _merchant(self, row: Row) -> str:
        return row.get("merchant") or self._settings.merchant

    def _card(self, said: str) -> str:
        return self._settings.card_types.get(said.lstrip("0"), said)

    def _name(self, row: Row, described: str) -> str:
        """The number that a row has, or else what it says, and a number on where it says it again."""
        name = row.get("number") or described
        self._names[name] += 1
        count = self._names[name]
        return name if count == 1 else f"{name}~{count}"

    # -- disputes -------------------------------------------------------------------------

    def _dispute(self, row: Row) -> Iterator[PayoutRecord]:
        """A row of a list of disputes."""
        table = self._table
        opened_on = table.needed_day(row, "date")
        respond_by = table.day(row, "respond-by")
        amounts = self._amounts(row)
        name = row.get("case")
        if not name:
            table.refuse("receipt.missing", "case must be given, got none", row=row, field="case")
        if not amounts and not table.is_refused:
            table.refuse(
                "amount.invalid", "amount must be given, got none", row=row, field="amount"
            )
        self._names[name] += 1
        if self._names[name] > 1 and name:
            msg = f"case must stand once, got {name} again"
            table.refuse("payout.duplicate", msg, row=row, field="case")
        if table.is_refused:
            return
        currency, minor = next(iter(amounts.items()))
        said = f"{row.get('kind')} {row.get('status')}".casefold()
        yield ProcessorDispute(
            dispute=name,
            processor=PROCESSOR,
            stage=next((stage for word, stage in _STAGES if word in said), DisputeStage.CHARGEBACK),
            amount_minor=abs(minor),
            currency=currency,
            opened_on=opened_on,
            respond_by=respond_by,
            movement=row.get("number"),
            reference=row.get("reference"),
            reason_code=row.get("reason-code"),
            reason=row.get("reason"),
            source=table.place(row),
        )


def _signed(kind: MovementKind, minor: int) -> int:
    """An amount as it moves our balance, whatever sign the export gives to fees and chargebacks."""
    if kind in _TAKEN:
        return -abs(minor)
    return abs(minor) if kind in _GIVEN else minor
