"""The reader: recognizes an 820 or 823 by its content, and streams advices and batches out of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.reading import Read, ReadNotes
from receivables.receipts import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.receipts.x12 import element
from receivables_plugins.x12.deposits import Group, Lockbox
from receivables_plugins.x12.envelopes import Envelopes
from receivables_plugins.x12.payments import Payment, date_of
from receivables_plugins.x12.segments import Segment, segments
from receivables_plugins.x12.settings import X12Settings

__all__ = ["X12Reader"]

_FIRST: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(ISA|GS|ST|BPR)([^\w\s]{1,2})")
_BEGINNINGS: Final = frozenset({"GS", "ISA", "ST"})
_ENDS: Final = frozenset({"GE", "IEA", "SE"})
_ITEMS: Final = frozenset({"ADX", "DTM", "REF", "RMR"})
_BELOW_PAYMENT: Final = frozenset({"ADX", "ENT", "RMR"})
_REMITTANCE: Final = "820"
_LOCKBOX: Final = "823"


class X12Reader:
    """Reads 820 and 823 in any version, streaming; one payment stands in memory at a time."""

    def __init__(self, settings: X12Settings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes are an envelope of X12, and one of an 820 or 823."""
        first = _FIRST.match(head)
        if first is None:
            return False
        mark = re.escape(first[2])
        return first[1] == b"BPR" or bool(
            re.search(rb"ST" + mark + rb"82[03]|GS" + mark + rb"(?:RA|LB)", head)
        )

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their line and element, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings.currency).rows(stream), notes)


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes, currency: str) -> None:
        self._notes = notes
        self._default = self._currency = currency
        self._envelopes = Envelopes(notes)
        self._set = ""
        self._payment: Payment | None = None
        self._lockbox: Lockbox | None = None
        self._index = 0
        self._found = 0
        self._line = 0

    def rows(self, stream: BinaryIO) -> Iterator[AdviceRecord]:
        """Advices as they are complete, and after the last one of a batch the batch."""
        is_any = False
        held = 0
        for segment in segments(stream, self._notes):
            tag = segment[0][0]
            held += 1
            # Nearly all segments stand below an open item, so they take the short way.
            if tag in _ITEMS and self._payment is not None:
                self._payment.take(segment)
                continue
            is_any = True
            self._line = segment[1]
            if tag in _BEGINNINGS:
                yield from self._finish_set()
                self._envelopes.begin(segment)
                if tag == "ST":
                    self._begin_set(segment)
                held = 0
            elif tag in _ENDS:
                yield from self._finish_set()
                self._envelopes.count(held)
                self._envelopes.end(segment)
                held = 0
            else:
                yield from self._segment(segment, tag)
        yield from self._finish_set()
        self._envelopes.miss(("ST", "GS", "ISA"), line=self._line)
        if is_any and not self._found:
            msg = "file must hold a payment (BPR) of an 820 or 823, got none"
            self._notes.error("file.empty", msg)

    def _begin_set(self, segment: Segment) -> None:
        self._set = element(segment[0], 1)
        self._currency = self._default
        if self._set == _LOCKBOX:
            self._lockbox = Lockbox(self._notes, currency=self._currency)
        elif self._set != _REMITTANCE:
            msg = f"set must be an 820 or 823, got {self._set[:10]!r}, which is passed over"
            self._notes.warn("x12.set-unknown", msg, line=segment[1], field="ST01")

    def _segment(self, segment: Segment, tag: str) -> Iterator[AdviceRecord]:
        if self._set not in {"", _REMITTANCE, _LOCKBOX}:
            return
        if tag == "BPR":
            yield from self._finish_payment()
            self._found += 1
            self._payment = Payment(segment, notes=self._notes, currency=self._currency)
        elif tag == "CUR":
            self._take_currency(segment)
        elif self._lockbox is not None and tag in {"BAT", "DEP"}:
            yield from self._finish_batch(is_deposit=tag == "DEP")
            if tag == "DEP":
                self._lockbox.begin_deposit(segment)
            else:
                self._lockbox.begin_batch(segment)
        elif self._payment is not None:
            self._payment.take(segment)
        elif self._lockbox is not None and tag in {"AMT", "QTY"}:
            self._lockbox.declare(segment)
        elif tag in _BELOW_PAYMENT:
            msg = "an open item must stand below a payment (BPR), got one without"
            self._notes.error("x12.payment-missing", msg, line=segment[1], field=tag)

    def _take_currency(self, segment: Segment) -> None:
        code = element(segment[0], 2)
        try:
            digits(code)
        except UnknownCurrencyError as error:
            self._notes.error("currency.unknown", str(error)[:200], line=segment[1], field="CUR02")
            return
        if self._payment is None:
            self._currency = code
            if self._lockbox is not None:
                self._lockbox.currency = code
        elif code == self._payment.currency:
            return
        elif self._lockbox is None and not self._payment.has_amounts:
            self._payment.currency = code
        else:
            # Sums of two currencies prove nothing, and amounts were read already.
            msg = f"currency must be said before the amounts in it, got {code}"
            self._notes.error("x12.currency-late", msg, line=segment[1], field="CUR02")
            self._payment = None

    def _finish_payment(self) -> Iterator[AdviceRecord]:
        payment, self._payment = self._payment, None
        if payment is None:
            return
        name = self._envelopes.name
        if self._lockbox is None:
            advice = payment.advice(kind=AdviceKind.REMITTANCE, batch=name, index=self._index + 1)
            self._index += advice is not None
            yield from () if advice is None else (advice,)
            yield self._batch_of(payment, advice, name)
            return
        group = self._lockbox.batch or self._lockbox.deposit
        advice = payment.advice(
            kind=AdviceKind.DEPOSIT,
            batch="/".join(filter(None, (name, self._lockbox.name))),
            index=self._index + 1,
            date=self._day(group),
            account=self._lockbox.account,
            references=self._lockbox.references,
        )
        if advice is not None:
            self._index += 1
            self._lockbox.count(advice.amount_minor)
            self._compare(payment, advice, is_proof=False)
            yield advice

    def _day(self, group: Group | None) -> dt.date | None:
        if group is None:
            return None
        return date_of(
            group.date,
            lambda code, said: self._notes.error(code, said, line=group.line, field="date"),
        )

    def _compare(self, payment: Payment, advice: PaymentAdvice, *, is_proof: bool) -> None:
        """An 820 is proved by its open items; those of a lockbox were keyed in from paper."""
        total = payment.total_minor
        if total is None or total == advice.amount_minor:
            return
        line = None if advice.source is None else advice.source.line
        msg = f"open items must add up to the payment, got {total} for {advice.amount_minor} minor units"
        if is_proof:
            self._notes.error("x12.total-differs", msg, line=line, field="BPR02")
        else:
            self._notes.warn("entry.details-differ", msg, line=line, field="BPR02")

    def _batch_of(self, payment: Payment, advice: PaymentAdvice | None, name: str) -> AdviceBatch:
        amount = None if advice is None else advice.amount_minor
        if advice is not None:
            self._compare(payment, advice, is_proof=True)
        return AdviceBatch(
            batch=name,
            currency=payment.currency,
            advices=int(advice is not None),
            credits_minor=max(amount or 0, 0),
            debits_minor=max(-(amount or 0), 0),
            declared_minor=amount,
            compared_minor=payment.total_minor,
            created_at=self._envelopes.created_at,
            sender=self._envelopes.sender,
            account="" if advice is None else advice.account,
        )

    def _finish_batch(self, *, is_deposit: bool) -> Iterator[AdviceRecord]:
        """End a batch of the lockbox; a deposit without batches is one itself."""
        yield from self._finish_payment()
        lockbox = self._lockbox
        if lockbox is None:
            return
        group = lockbox.batch or (lockbox.deposit if is_deposit or self._stray(lockbox) else None)
        if group is not None and (lockbox.batch is not None or not group.batches):
            lockbox.prove_batch()
            yield self._group_batch(lockbox, group)
        lockbox.batch = None
        if is_deposit:
            lockbox.prove_deposit()
            lockbox.deposit = None

    def _stray(self, lockbox: Lockbox) -> bool:
        """Whether payments stand in the deposit before its first batch."""
        deposit = lockbox.deposit
        return deposit is not None and deposit.count > 0 and not deposit.batches

    def _group_batch(self, lockbox: Lockbox, group: Group) -> AdviceBatch:
        return AdviceBatch(
            batch="/".join(filter(None, (self._envelopes.name, lockbox.name))),
            currency=self._currency,
            advices=group.count,
            credits_minor=group.credits_minor,
            debits_minor=group.debits_minor,
            declared_advices=group.declared_count,
            declared_minor=group.declared_minor,
            compared_minor=group.found_minor,
            created_at=self._envelopes.created_at,
            sender=self._envelopes.sender,
            account=lockbox.account,
        )

    def _finish_set(self) -> Iterator[AdviceRecord]:
        if self._lockbox is not None:
            yield from self._finish_batch(is_deposit=True)
            self._lockbox = None
        else:
            yield from self._finish_payment()
        self._set = ""
