"""A section of a settlement report: one account, its transactions, and what its footers say of them.

The footer of each currency has the sums of gross amounts and fees, by credit and debit, and balances
at the beginning and at the end.  A withdrawal takes what is on the balance: a payout has everything
since the one before it, with what was there already and what is left (*brought forward*).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from receivables.adapters import PayoutRecord
from receivables.reading import ReadNotes
from receivables.receipts.payout_reports import PayoutsUnderWay, ReportRow
from receivables.receipts.payouts import MovementKind, Payout, ProcessorMovement
from receivables_plugins.paypal.codes import is_withdrawal
from receivables_plugins.paypal.transactions import PROCESSOR, Facts, movement_of

__all__ = ["Footer", "Ledger", "Totals", "footer_of"]

_FIRST_BALANCE = 6
_TOTALS = ("gross credits", "gross debits", "fee credits", "fee debits")


@attrs.define
class Totals:
    """Sums of a currency in minor units, and how many transactions there are."""

    gross_credits: int = 0
    gross_debits: int = 0
    fee_credits: int = 0
    fee_debits: int = 0
    net_minor: int = 0

    def add(self, facts: Facts) -> None:
        """Count a transaction."""
        if facts.gross_minor >= 0:
            self.gross_credits += facts.gross_minor
        else:
            self.gross_debits -= facts.gross_minor
        if facts.fee_minor >= 0:
            self.fee_debits += facts.fee_minor
        else:
            self.fee_credits -= facts.fee_minor
        self.net_minor += facts.net_minor

    def join(self, other: Totals) -> None:
        """Add the sums of another section."""
        self.gross_credits += other.gross_credits
        self.gross_debits += other.gross_debits
        self.fee_credits += other.fee_credits
        self.fee_debits += other.fee_debits
        self.net_minor += other.net_minor

    @property
    def declared(self) -> tuple[int, int, int, int]:
        """The four sums in the order of a footer."""
        return (self.gross_credits, self.gross_debits, self.fee_credits, self.fee_debits)


@attrs.frozen(kw_only=True)
class Footer:
    """What a footer says of a currency: four sums, and balances at the beginning and at the end."""

    row: ReportRow
    currency: str
    totals: tuple[int, ...]
    balances: tuple[tuple[int, int], ...]

    def wrong(self, found: Totals) -> str:
        """Which of the sums is another than what was found; empty where all are right."""
        for name, said, sum_ in zip(_TOTALS, self.totals, found.declared, strict=True):
            if said != sum_:
                return f"{name} of {self.currency} must be {said} as the footer says, got {sum_}"
        return ""

    def opening(self, net_minor: int) -> int | None:
        """The balance at the beginning of the pair that proves the transactions; None without one.

        A footer has several pairs (all of the balance, what of it is available, what is payable);
        one of zeros says nothing where another one does not.
        """
        telling = [pair for pair in self.balances if any(pair)] or list(self.balances[:1])
        return next((first for first, last in telling if first + net_minor == last), None)


def footer_of(fields: list[str], row: ReportRow) -> Footer | None:
    """The footer in the fields of a row (``SF``, ``RF``); None where it is none."""
    row.cells = {f"field {place}": text for place, text in enumerate(fields, 1)}
    currency = row.currency("field 2")
    totals = tuple(row.minor(f"field {place}", currency) for place in range(3, 7))
    signed = []
    place = _FIRST_BALANCE
    while place + 1 < len(fields) and fields[place] in {"CR", "DR"}:
        amount = row.minor(f"field {place + 2}", currency)
        signed.append(amount if fields[place] == "CR" else -amount)
        place += 2
    if row.is_refused or len(fields) < _FIRST_BALANCE:
        if not row.is_refused:
            row.refuse("paypal.row", f"footer must have its sums, got {len(fields)} fields")
        return None
    balances = tuple(zip(signed[::2], signed[1::2], strict=False))
    return Footer(row=row, currency=currency, totals=totals, balances=balances)


class Ledger:
    """The transactions of one section and currency."""

    def __init__(self, account: str, currency: str) -> None:
        self.account = account
        self.currency = currency
        self.totals = Totals()
        self.facts: list[Facts] = []
        self.is_spoilt = False

    def add(self, facts: Facts) -> None:
        """Take a transaction."""
        self.facts.append(facts)
        self.totals.add(facts)

    def check(self, footer: Footer | None, notes: ReadNotes) -> int | None:
        """Note what the footer disproves; the opening balance where it proves everything."""
        line = None if footer is None else footer.row.line
        if footer is None:
            self.is_spoilt = True
            msg = f"section must have a footer of {self.currency}, got none"
            notes.error("paypal.control-total", msg)
            return None
        if wrong := footer.wrong(self.totals):
            self.is_spoilt = True
            notes.error("paypal.control-total", wrong, line=line)
        if not footer.balances:
            msg = f"footer of {self.currency} must have balances to prove payouts, got none"
            notes.warn("paypal.balance-missing", msg, line=line)
            return None
        opening = footer.opening(self.totals.net_minor)
        if opening is None:
            self.is_spoilt = True
            msg = (
                f"opening balance plus transactions of {self.currency} must be the closing "
                f"balance, got {self.totals.net_minor} between {footer.balances}"
            )
            notes.error("paypal.balance", msg, line=line)
        return opening

    def records(
        self,
        opening: int | None,
        under_way: PayoutsUnderWay,
        notes: ReadNotes,
        kinds: Mapping[str, MovementKind],
    ) -> Iterator[PayoutRecord]:
        """Payouts after what they pay out; nothing of a ledger that does not hold."""
        if self.is_spoilt:
            self._refuse(notes)
            return
        since: list[Facts] = []
        for facts in self.facts:
            if not is_withdrawal(facts.code, facts.gross_minor):
                since.append(facts)
            elif opening is None:
                yield from under_way.give(self._payout(facts))
            else:
                opening = self._hold(facts, since, opening, under_way, kinds)
                since = []
                yield from self._finish(facts, under_way)
        for facts in since if opening is not None else _of_no_payout(self.facts):
            movement = movement_of(facts, kinds=kinds)
            if movement is not None:
                under_way.hold(movement)

    def _refuse(self, notes: ReadNotes) -> None:
        for facts in self.facts:
            if is_withdrawal(facts.code, facts.gross_minor):
                msg = f"movements of payout {facts.name} must be proved by the footer, got it wrong"
                notes.error("payout.unbalanced", msg, line=facts.row.line)

    def _hold(
        self,
        paid: Facts,
        since: list[Facts],
        opening: int,
        under_way: PayoutsUnderWay,
        kinds: Mapping[str, MovementKind],
    ) -> int:
        """Hold what a withdrawal pays out; gives the balance that it leaves."""
        left = opening + sum(facts.net_minor for facts in since) + paid.net_minor
        if opening:
            under_way.hold(_carried(paid, "brought-forward", opening))
        for facts in since:
            movement = movement_of(facts, kinds=kinds, payout=paid.name)
            if movement is None:
                under_way.spoil(paid.name)
            else:
                under_way.hold(movement)
        if paid.fee_minor:
            fee = _carried(paid, "fee", -paid.fee_minor)
            under_way.hold(attrs.evolve(fee, kind=MovementKind.FEE))
        if left:
            under_way.hold(_carried(paid, "carried-on", -left))
        return left

    def _payout(self, paid: Facts) -> Payout:
        return Payout(
            payout=paid.name,
            processor=PROCESSOR,
            amount_minor=-paid.gross_minor,
            currency=paid.currency,
            paid_on=paid.occurred_on,
            is_itemized=False,
            bank_reference=paid.text,
            merchant=self.account,
            source=paid.row.place,
        )

    def _finish(self, paid: Facts, under_way: PayoutsUnderWay) -> Iterator[PayoutRecord]:
        yield from under_way.finish(
            paid.name,
            amount_minor=-paid.gross_minor,
            currency=paid.currency,
            paid_on=paid.occurred_on,
            bank_reference=paid.text,
            merchant=self.account,
            line=paid.row.line,
            source=paid.row.place,
        )


def _of_no_payout(facts: list[Facts]) -> Iterator[Facts]:
    return (each for each in facts if not is_withdrawal(each.code, each.gross_minor))


def _carried(paid: Facts, what: str, gross_minor: int) -> ProcessorMovement:
    """What was on the balance before, or stays on it after a withdrawal."""
    return ProcessorMovement(
        movement=f"{paid.name}/{what}",
        processor=PROCESSOR,
        kind=MovementKind.BROUGHT_FORWARD,
        gross_minor=gross_minor,
        currency=paid.currency,
        occurred_on=paid.occurred_on,
        payout=paid.name,
        raw_kind=paid.code,
        source=paid.row.place,
    )
