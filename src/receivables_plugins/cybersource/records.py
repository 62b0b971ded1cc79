"""From rows to movements, payouts and disputes, report by report.

A batch is what was sent to the bank of the merchant, and no deposit: movements of batches, events
and requests are in no payout.  Funding details say what was paid out for each transaction: those of
a day and a currency make a payout, and all of them come or none.  Net funding says only what a
payout came to, by kind, and its payout has no movements.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Final

import attrs

from receivables.adapters import PayoutRecord
from receivables.archives import in_units
from receivables.cards import holds_card_number, masked
from receivables.reading import ReadNotes
from receivables.receipts.model import Payer, Remittance
from receivables.receipts.payouts import (
    DisputeStage,
    MovementKind,
    Payout,
    ProcessorDispute,
    ProcessorMovement,
    payout_of,
)
from receivables_plugins.cybersource.names import SUCCESS
from receivables_plugins.cybersource.rows import Kind, Report, Row
from receivables_plugins.cybersource.settings import CybersourceReportSettings
from receivables_plugins.cybersource.values import Values

__all__ = ["PROCESSOR", "Recording", "net_payout"]

PROCESSOR: Final = "cybersource"

_SIGNS: Final = {
    MovementKind.PAYMENT: 1,
    MovementKind.CHARGEBACK_REVERSAL: 1,
    MovementKind.RESERVE_RELEASED: 1,
    MovementKind.REFUND: -1,
    MovementKind.CHARGEBACK: -1,
    MovementKind.FAILED: -1,
    MovementKind.FEE: -1,
    MovementKind.RESERVE_HELD: -1,
}
"""Whether a kind adds to our balance; reports write refunds with a minus or without."""

_NET_KINDS: Final = {
    "purchase": MovementKind.PAYMENT,
    "purchases": MovementKind.PAYMENT,
    "sales": MovementKind.PAYMENT,
    "refund": MovementKind.REFUND,
    "refunds": MovementKind.REFUND,
    "fee": MovementKind.FEE,
    "fees": MovementKind.FEE,
    "chargeback": MovementKind.CHARGEBACK,
    "chargebacks": MovementKind.CHARGEBACK,
}
_NET_TOTALS: Final = frozenset({"net", "net total", "nettotal", "total"})
_DEBITS: Final = frozenset({"-", "d", "debit", "negative", "dr"})
_CREDITS: Final = frozenset({"+", "c", "credit", "positive", "cr"})
_NO: Final = frozenset({"n", "no", "none", "false"})

_STAGES: Final = (
    ("retrieval", DisputeStage.INQUIRY),
    ("copy request", DisputeStage.INQUIRY),
    ("pre-arb", DisputeStage.PRE_ARBITRATION),
    ("prearb", DisputeStage.PRE_ARBITRATION),
    ("second chargeback", DisputeStage.PRE_ARBITRATION),
    ("arbitration", DisputeStage.ARBITRATION),
    ("won", DisputeStage.WON),
    ("reversal", DisputeStage.WON),
    ("lost", DisputeStage.LOST),
    ("withdrawn", DisputeStage.WITHDRAWN),
)
"""What an action says of how far a dispute has come; a chargeback where it says none of these."""


def _signed(kind: MovementKind, amount_minor: int) -> int:
    sign = _SIGNS.get(kind)
    return amount_minor if sign is None else sign * abs(amount_minor)


def net_payout(
    totals: dict[MovementKind, int], *, currency: str, paid_on: dt.date, merchant: str
) -> Payout:
    """A payout of which only the sums are known; `totals` are signed minor units."""
    return Payout(
        payout=f"net:{merchant}:{paid_on.isoformat()}:{currency}",
        processor=PROCESSOR,
        amount_minor=sum(totals.values()),
        currency=currency,
        paid_on=paid_on,
        totals=totals,
        is_itemized=False,
        merchant=merchant,
    )


class Recording:
    """Turns the rows of a report into records; `end` gives what only its end can say."""

    def __init__(
        self, report: Report, *, settings: CybersourceReportSettings, notes: ReadNotes
    ) -> None:
        self._report = report
        self._settings = settings
        self._notes = notes
        self._values = Values(settings, notes)
        self._seen: dict[str, int] = {}
        self._kinds: dict[str, MovementKind | None] = {}
        self._funded: dict[tuple[str, dt.date, str], list[ProcessorMovement]] = {}
        self._funding: Counter[tuple[str, dt.date, str]] = Counter()
        self._broken: set[tuple[str, dt.date, str]] = set()
        self.placed = 0
        """Errors of which it is known which payout they hold back, or that they hold back none."""
        self._net: dict[tuple[str, str], Counter[MovementKind]] = {}
        self._net_declared: dict[tuple[str, str], int] = {}
        self._net_broken: set[tuple[str, str]] = set()
        self._failed = frozenset(settings.failed_statuses)
        self._of = {
            Kind.BATCHES: self._settled,
            Kind.REQUESTS: self._requested,
            Kind.EVENTS: self._event,
            Kind.CHARGEBACKS: self._chargeback,
            Kind.FUNDING: self._funding_row,
            Kind.NET: self._net_row,
        }[report.kind]

    def records(self, row: Row) -> Iterator[PayoutRecord]:
        """The records that come of a row as it stands."""
        self._values.begin()
        yield from self._of(row)

    def end(self, *, is_whole: bool) -> Iterator[PayoutRecord]:
        """Payouts, whose movements had to be together first.

        A payout that is only what its rows come to holds where the report is whole: no row was
        lost of which nobody knows the payout.
        """
        for key, movements in self._funded.items():
            yield from self._paid_out(key, movements, is_whole=is_whole)
        for (merchant, currency), totals in self._net.items():
            yield from self._net_of(merchant, currency, totals, is_whole=is_whole)

    # -- movements ------------------------------------------------------------------------

    def _settled(self, row: Row) -> Iterator[PayoutRecord]:
        """A row of a batch: a capture or a credit that was sent to the bank."""
        kind = self._kind_of(row)
        if kind is None:
            return
        status = row.get("status")
        if status.casefold() in self._failed:
            msg = f"transaction must be settled to move money, got the status {status!r}"
            self._values.warn("cybersource.not-settled", msg, row=row, field="status")
            return
        movement = self._movement(row, kind)
        if movement is not None:
            yield movement

    def _requested(self, row: Row) -> Iterator[PayoutRecord]:
        """A request: its captures and credits move money where their reply says that they were done."""
        if row.get("reply") not in SUCCESS and not row.replies:
            return
        yield from self._settled(row)

    def _event(self, row: Row) -> Iterator[PayoutRecord]:
        said = row.get("event").casefold()
        value = self._settings.events.get(said)
        if value is None:
            msg = f"event must be one that is known, got {row.get('event')!r}. Say it in events"
            self._values.refuse("cybersource.event-unknown", msg, row=row, field="event")
            return
        if value == "none":
            return
        kind = MovementKind(value)
        movement = self._movement(row, kind, raw_kind=row.get("event"))
        if movement is not None:
            yield movement

    def _kind_of(self, row: Row) -> MovementKind | None:
        """The one kind of a request's applications; None where it moves nothing or is not known."""
        if row.replies:
            done = [name for name, reply in row.replies if reply in SUCCESS]
            return self._kind_among(done, row) if done else None
        said = row.get("applications")
        if said not in self._kinds:
            kind = self._kind_among([name.strip() for name in said.split(",")], row)
            if self._values.is_refused:
                return None
            self._kinds[said] = kind
        return self._kinds[said]

    def _kind_among(self, names: list[str], row: Row) -> MovementKind | None:
        """The one kind of some applications; an unknown one, none and two are refused."""
        known = self._settings.applications
        found = {known.get(name.casefold(), f"?{name}") for name in names if name}
        kinds = sorted(found - {"none"})
        unknown = [kind[1:] for kind in kinds if kind.startswith("?")]
        if unknown or len(kinds) > 1 or not found:
            got = repr(unknown[0]) if unknown else " and ".join(kinds) or "none"
            msg = f"applications must be known and move money in one way, got {got}. Say it in applications"
            code = "cybersource.application-unknown"
            self._values.refuse(code, msg, row=row, field="applications")
            return None
        return MovementKind(kinds[0]) if kinds else None

    def _movement(
        self, row: Row, kind: MovementKind, *, raw_kind: str = ""
    ) -> ProcessorMovement | None:
        """A movement of a row; None where the row was refused, or stood there before."""
        values = self._values
        request = row.get("request")
        if not request:
            msg = "request must be given, got an empty cell"
            values.refuse("receipt.missing", msg, row=row, field="request")
        currency = values.currency(row)
        amount = values.needed_minor(row, "amount", currency)
        day = self._day(row)
        fee = self._fee(row, currency)
        if kind is MovementKind.PAYMENT and amount < 0:
            msg = f"amount of a payment must not be negative, got {row.get('amount')}"
            values.refuse("amount.sign", msg, row=row, field="amount")
        if values.is_refused or day is None:
            return None
        name = request if kind in _PLAIN else f"{request}:{kind.value}:{day.isoformat()}"
        gross = _signed(kind, amount)
        if not self._is_new(name, (gross, fee, currency), row):
            return None
        return ProcessorMovement(
            movement=name,
            processor=PROCESSOR,
            kind=kind,
            gross_minor=gross,
            currency=currency,
            occurred_on=day,
            fee_minor=fee,
            original=_original(row, kind),
            reference=row.get("reference"),
            payer=self._payer(row),
            remittance=_remittance(row),
            text=_batch_text(row) or row.get("message"),
            raw_kind=raw_kind or row.get("applications"),
            method=row.get("method"),
            last4=_last4(row),
            source=values.place(row),
        )

    def _payer(self, row: Row) -> Payer:
        """Who paid; a card number that is written across both names is masked as any other."""
        if "last-name" not in row.cells:
            return _NOBODY
        name = f"{row.get('first-name')} {row.get('last-name')}".strip()
        if holds_card_number(name):
            msg = "name must hold no card number, got one, which was masked"
            self._notes.error("card.number", msg, line=row.line, field=row.heading("last-name"))
            self.placed += 1
            name = masked(name)
        return Payer(name=name) if name else _NOBODY

    def _day(self, row: Row) -> dt.date | None:
        field = "day" if row.get("day") else "batch-day"
        if not row.get(field):
            msg = "a day must be given, got an empty cell"
            self._values.refuse("date.missing", msg, row=row, field="day")
            return None
        return self._values.day(row, field)

    def _fee(self, row: Row, currency: str) -> int:
        """The fee in the movement's currency; one in another currency is told and left out."""
        if not row.get("fee"):
            return 0
        own = row.get("fee-currency") or currency
        if own != currency:
            msg = f"fee must be in {currency} to be taken from it, got {row.get('fee')} {own}"
            self._values.warn("cybersource.fee-currency", msg, row=row, field="fee")
            return 0
        return self._values.amount_minor(row, "fee", currency) or 0

    def _is_new(self, name: str, content: tuple[int, int, str], row: Row) -> bool:
        """Whether a movement comes for the first time; the same again is left out."""
        figures = hash(content)
        known = self._seen.get(name)
        if known is None:
            self._seen[name] = figures
            return True
        if known == figures:
            msg = f"movement must stand there once, got {name} again, which was left out"
            self._values.warn("payout.duplicate", msg, row=row, field="request")
        else:
            msg = f"movement must say the same each time, got {name} with other figures"
            self._values.refuse("payout.duplicate", msg, row=row, field="request")
        return False

    # -- chargebacks ----------------------------------------------------------------------

    def _chargeback(self, row: Row) -> Iterator[PayoutRecord]:
        """A chargeback: the dispute, and the money that went or came back where it says so."""
        if "amount" not in row.cells:
            msg = "chargebacks must come one by one to be disputes, got a summary that counts them"
            self._notes.warn("cybersource.summary", msg, line=row.line)
            return
        dispute = self.dispute(row)
        if dispute is None:
            return
        yield dispute
        kind = _chargeback_kind(row)
        if kind is not None:
            yield from self._charged_back(row, dispute, kind)

    def dispute(self, row: Row) -> ProcessorDispute | None:
        """The dispute of a row of chargebacks, or None where the row was refused."""
        values = self._values
        currency = values.currency(row)
        amount = values.needed_minor(row, "amount", currency)
        opened_on = self._day(row)
        respond_by = values.day(row, "due")
        name = row.get("case") or row.get("request")
        if not name:
            values.refuse("receipt.missing", "case must be given, got none", row=row, field="case")
        if values.is_refused or opened_on is None:
            return None
        return ProcessorDispute(
            dispute=name,
            processor=PROCESSOR,
            stage=_stage(row),
            amount_minor=abs(amount),
            currency=currency,
            opened_on=opened_on,
            respond_by=respond_by,
            movement=row.get("request"),
            reference=row.get("reference"),
            reason_code=row.get("reason"),
            reason=row.get("reason-text") or row.get("action-text"),
            source=values.place(row),
        )

    def _charged_back(
        self, row: Row, dispute: ProcessorDispute, kind: MovementKind
    ) -> Iterator[PayoutRecord]:
        fee = self._fee(row, dispute.currency)
        name = f"{dispute.dispute}:{kind.value}:{dispute.opened_on.isoformat()}"
        gross = _signed(kind, dispute.amount_minor)
        if self._values.is_refused or not self._is_new(name, (gross, fee, dispute.currency), row):
            return
        yield ProcessorMovement(
            movement=name,
            processor=PROCESSOR,
            kind=kind,
            gross_minor=gross,
            currency=dispute.currency,
            occurred_on=dispute.opened_on,
            fee_minor=fee,
            original=dispute.movement,
            reference=dispute.reference,
            text=dispute.reason,
            raw_kind=row.get("action") or row.get("sign"),
            method=row.get("method"),
            source=dispute.source,
        )

    # -- funding --------------------------------------------------------------------------

    def _funding_row(self, row: Row) -> Iterator[PayoutRecord]:
        """A transaction with what was paid out for it; it waits for the others of its payout."""
        before = self._notes.error_count
        if not row.get("funding-amount"):
            yield from self._settled(row)
            self.placed += self._notes.error_count - before
            return
        key = self._funding_key(row)
        if key is None:
            return
        self._fund(row, key)
        if self._values.is_refused:
            self._broken.add(key)
            self.placed += self._notes.error_count - before

    def _funding_key(self, row: Row) -> tuple[str, dt.date, str] | None:
        """What the payout of a row is known by; None, with a note, where the row does not say it."""
        values = self._values
        day = values.day(row, "funding-day")
        if day is None and not values.is_refused:
            day = self._funded_on()
        field = "funding-currency" if row.get("funding-currency") else "currency"
        currency = values.currency(row, field)
        if day is None and not values.is_refused:
            msg = "the day of funding must be given, got none. Say its column in columns"
            values.refuse("date.missing", msg, row=row, field="funding-day")
        return None if values.is_refused or day is None else (self._merchant(row), day, currency)

    def _fund(self, row: Row, key: tuple[str, dt.date, str]) -> None:
        """Hold the movement of a row for its payout, unless the row was refused."""
        currency = key[2]
        kind = self._kind_of(row)
        if kind is None:
            return
        paid = self._values.amount_minor(row, "funding-amount", currency) or 0
        movement = self._movement(_converted(row, currency), kind)
        if movement is None:
            return
        paid_minor = _signed(kind, paid)
        if row.get("currency") not in {"", currency}:
            movement = attrs.evolve(movement, gross_minor=paid_minor + movement.fee_minor)
        self._hold(key, movement, paid_minor)

    def _hold(
        self, key: tuple[str, dt.date, str], movement: ProcessorMovement, paid_minor: int
    ) -> None:
        merchant, day, currency = key
        name = f"funding:{merchant}:{day.isoformat()}:{currency}"
        held = attrs.evolve(movement, payout=name, available_on=day)
        self._funded.setdefault(key, []).append(held)
        self._funding[key] += paid_minor

    def _paid_out(
        self,
        key: tuple[str, dt.date, str],
        movements: list[ProcessorMovement],
        *,
        is_whole: bool,
    ) -> Iterator[PayoutRecord]:
        """A payout after its movements, or the error that they do not come to it."""
        merchant, day, currency = key
        payout = payout_of(
            movements,
            payout=movements[0].payout,
            processor=PROCESSOR,
            amount_minor=self._funding[key],
            currency=currency,
            paid_on=day,
            merchant=merchant,
        )
        is_broken = key in self._broken or not is_whole
        if payout.difference_minor or is_broken:
            off = in_units(payout.difference_minor or 0, currency)
            why = "a row that was refused" if is_broken else f"a difference of {off}"
            msg = f"movements of {payout.payout} must come to its amount, got {why}"
            self._notes.error("payout.unbalanced", msg)
            return
        yield from movements
        yield payout

    def _net_row(self, row: Row) -> Iterator[PayoutRecord]:
        """A row of net funding adds to the sums of its currency; a total proves them."""
        said = row.get("type").casefold()
        kind = _NET_KINDS.get(said)
        currency = self._values.currency(row)
        field = "funded-amount" if "funded-amount" in row.cells else "amount"
        amount = self._values.needed_minor(row, field, currency)
        if kind is None and said not in _NET_TOTALS:
            msg = f"type of net funding must be one that is known, got {row.get('type')!r}"
            self._values.refuse("cybersource.type-unknown", msg, row=row, field="type")
        key = (self._merchant(row), currency)
        totals = self._net.setdefault(key, Counter())
        if self._values.is_refused:
            self._net_broken.add(key)
        elif kind is None:
            self._net_declared[key] = amount
        else:
            totals[kind] += _signed(kind, amount)
        yield from ()

    def _net_of(
        self, merchant: str, currency: str, totals: Counter[MovementKind], *, is_whole: bool
    ) -> Iterator[PayoutRecord]:
        key = (merchant, currency)
        day = self._funded_on()
        declared = self._net_declared.get(key, sum(totals.values()))
        is_broken = key in self._net_broken or not (is_whole or key in self._net_declared)
        if not currency or is_broken or day is None:
            msg = f"net funding in {currency} must be whole and have a day, got a row or a day missing"
            self._notes.error("payout.unbalanced", msg)
        elif declared != sum(totals.values()):
            off = in_units(declared - sum(totals.values()), currency)
            msg = f"net funding must come to its total, got a difference of {off} {currency}"
            self._notes.error("payout.unbalanced", msg)
        else:
            yield net_payout(dict(totals), currency=currency, paid_on=day, merchant=merchant)

    def _funded_on(self) -> dt.date | None:
        """The day that a report of funding is of: the last one of its period."""
        end = self._values.day_of(self._report.end)
        start = self._values.day_of(self._report.start)
        if end is None or start is None or end <= start:
            return end or start
        is_midnight = "00:00:00" in self._report.end
        return end - dt.timedelta(days=1) if is_midnight else end

    def _merchant(self, row: Row) -> str:
        return row.get("merchant") or self._report.merchant or self._settings.merchant


_PLAIN: Final = frozenset({MovementKind.PAYMENT, MovementKind.REFUND})
"""Kinds that a request of their own stands for, so that its name is theirs in every report."""


_NOBODY: Final = Payer()
_NOTHING: Final = Remittance()


def _remittance(row: Row) -> Remittance:
    reference = row.get("reference")
    return Remittance(text=(reference,)) if reference else _NOTHING


def _batch_text(row: Row) -> str:
    batch = row.get("batch")
    return f"batch {batch}" if batch else ""


def _last4(row: Row) -> str:
    suffix = row.get("account-suffix")
    return suffix[-4:] if suffix.isdigit() else ""


def _original(row: Row, kind: MovementKind) -> str:
    """The request that a movement takes back, where the report names another one than its own."""
    if kind is MovementKind.PAYMENT:
        return ""
    named = row.get("original")
    if kind is MovementKind.REFUND:
        return "" if named == row.get("request") else named
    return named or row.get("request")


def _converted(row: Row, currency: str) -> Row:
    """A row in the currency that was paid out, without a fee in another one."""
    if row.get("currency") in {"", currency}:
        return row
    cells = {**row.cells, "currency": currency, "amount": row.get("funding-amount")}
    if row.get("fee-currency") != currency:
        cells["fee"] = ""
    return Row(cells, line=row.line, headings=row.headings, replies=row.replies)


def _chargeback_kind(row: Row) -> MovementKind | None:
    """Whether money went, came back, or did not move; nothing is taken to move that is not said to."""
    if row.get("impact").casefold() in _NO:
        return None
    sign = (row.get("impact-type") or row.get("sign")).casefold()
    if sign in _DEBITS:
        return MovementKind.CHARGEBACK
    if sign in _CREDITS:
        return MovementKind.CHARGEBACK_REVERSAL
    return None


def _stage(row: Row) -> DisputeStage:
    said = f"{row.get('action')} {row.get('action-text')} {row.get('reason-text')}".casefold()
    return next((stage for word, stage in _STAGES if word in said), DisputeStage.CHARGEBACK)
