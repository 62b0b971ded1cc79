"""Where payments stand (pain.002, and pacs.002 between banks): what was rejected, and why.

A status stands at three levels: the message that was sent, a payment in it, a transaction.  What a
transaction does not say, its payment says for it, and then the message.  A level that is rejected is
rejected as a whole: where it names no transactions, or fewer than it counts, one advice stands for
all that are not named, with what is left of the declared sum (ISO 20022 ``GrpSts``, ``PmtInfSts``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import attrs

from receivables.errors import MoneyError
from receivables.money import minor_of
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer, ReceiptMethod, ReturnInfo
from receivables_plugins.iso20022.advice_elements import STATUSES
from receivables_plugins.iso20022.advices import (
    AdviceMessageReader,
    AdviceReading,
    BatchUnderWay,
    control_sum,
    count,
)
from receivables_plugins.iso20022.details import compact
from receivables_plugins.iso20022.parser import Complete
from receivables_plugins.iso20022.records import LINE, RAW, Record, texts
from receivables_plugins.iso20022.remittance import references, remittance
from receivables_plugins.iso20022.settings import StatusSettings
from receivables_plugins.iso20022.values import RefusedError

__all__ = ["status_reader"]

_OURS: Final = re.compile(
    rb"<([\w.-]+:)?(CstmrPmtStsRpt|FIToFIPmtStsRpt|pa(in|cs)\.002\.001\.0[12])[\s/>]"
    rb"|[\"']urn:iso:std:iso:20022:tech:xsd:pa(in|cs)\.002\."
    rb"|<([\w.-]+:)?MsgDefIdr>\s*pa(in|cs)\.002\."
)
_REJECTED: Final = "RJCT"
_SCHEME: Final = "iso20022"
_DATES: Final = ("ReqdColltnDt", "ReqdExctnDt", "IntrBkSttlmDt")
_DEBITS: Final = ("pain.008", "pacs.003")
_TRANSFERS: Final = ("pain.001", "pacs.008", "pacs.009")
_METHODS: Final = {
    "DD": ReceiptMethod.DIRECT_DEBIT,
    "TRF": ReceiptMethod.CREDIT_TRANSFER,
    "CHK": ReceiptMethod.CHEQUE,
}


def status_reader(settings: StatusSettings) -> AdviceMessageReader:
    """The reader of pain.002 and pacs.002, in any version."""

    def reading(notes: ReadNotes) -> AdviceReading:
        return StatusReading(notes, settings=settings)

    return AdviceMessageReader(_OURS, reading)


@attrs.define
class _Level:
    """A message or a payment while its transactions come."""

    record: Record
    batch: BatchUnderWay
    rejected: int = 0
    is_counted: bool = True
    """Whether it is known of how many transactions its advices are."""


class StatusReading(AdviceReading):
    """One file under way."""

    OUTSIDE = STATUSES
    ENTRY = "TxInfAndSts"
    HEADS = frozenset({"OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts"})
    NAME = "a payment status report (pain.002)"
    HOLDS = "a status"

    def __init__(
        self,
        notes: ReadNotes,
        *,
        settings: StatusSettings | None = None,
        has_shapes: bool = True,
    ) -> None:
        super().__init__(notes, has_shapes=has_shapes)
        self._currency = (settings or StatusSettings()).currency
        self._whole: Record = {}
        self._group: _Level | None = None
        self._payment: _Level | None = None
        self._covered = _Covered()

    def completions(self) -> Mapping[str, Complete]:
        """The three levels, and the header before them."""
        return {
            "GrpHdr": self.take_header,
            "OrgnlGrpInfAndSts": self._take_whole,
            "TxInfAndSts": self._transaction,
            "OrgnlPmtInfAndSts": self._payment_done,
        }

    def _take_whole(self, record: Record, _parent: Record) -> None:
        self._whole = record

    def _transaction(self, record: Record, parent: Record) -> None:
        level = self._level(parent)
        self.index += 1
        try:
            advice = self._advice(record, level)
        except RefusedError as error:
            self.note(error.code, str(error), line=record[LINE], field=error.field)
            return
        level.rejected += advice.is_failed
        self.emit(advice, level.batch)

    def _level(self, parent: Record) -> _Level:
        """The payment that a transaction stands in, or else the message."""
        if "OrgnlPmtInfAndSts" in self.parser.path:
            if self._payment is None:
                self._payment = _Level(parent, BatchUnderWay(self._batch_of(parent)))
            return self._payment
        if self._group is None:
            self._group = _Level(self._whole, BatchUnderWay(self._batch_of(self._whole)))
        return self._group

    def _batch_of(self, record: Record) -> str:
        names = (record.get("OrgnlPmtInfId"), self._whole.get("OrgnlMsgId"))
        name: str = next(filter(None, names), None) or self.header.get("MsgId", "")
        return name

    def _status(self, *records: Record) -> str:
        """The status of the lowest level that says one."""
        said = (one["Sts"] for one in (*records, self._whole) if "Sts" in one)
        return next(said, "")

    def _advice(self, record: Record, level: _Level) -> PaymentAdvice:
        minor, currency = 0, ""
        for leaf in ("Amt", "IntrBkSttlmAmt"):
            if leaf in record:
                minor, currency = self.amount(record, leaf)
                break
        self.leaves.currency = currency
        status = self._status(record, level.record)
        method, sign = self._direction(record)
        sides = ("Dbtr", "Cdtr") if sign > 0 else ("Cdtr", "Dbtr")
        dates = (self.leaves.day(record, leaf, "OrgnlTxRef") for leaf in _DATES)
        return PaymentAdvice(
            kind=_kind(status),
            batch=level.batch.batch,
            index=self.index,
            amount_minor=sign * minor,
            currency=currency,
            date=next(filter(None, dates), None),
            payer=self.payer(record, sides[0]),
            remittance=remittance(record, self.leaves),
            references=_with(references(record, ""), self._shared(level.record, status)),
            returned=self._reason(record, level.record) if status == _REJECTED else None,
            return_scheme=_SCHEME if status == _REJECTED else "",
            account=compact(record.get(f"{sides[1]}Acct", "")),
            method=method,
            source=Place(self.notes.source, line=record[LINE]),
            raw=record[RAW],
        )

    def _direction(self, record: Record) -> tuple[ReceiptMethod, int]:
        """How it was to be paid, and the sign: a transfer that we ordered is a payment of ours."""
        method = _METHODS.get(record.get("PmtMtd", ""), ReceiptMethod.UNSAID)
        name = self._whole.get("OrgnlMsgNmId", "").lower()
        if name.startswith(_DEBITS):
            method = ReceiptMethod.DIRECT_DEBIT
        elif name.startswith(_TRANSFERS) and method is ReceiptMethod.UNSAID:
            method = ReceiptMethod.CREDIT_TRANSFER
        is_ours = method not in {ReceiptMethod.DIRECT_DEBIT, ReceiptMethod.UNSAID}
        return method, -1 if is_ours else 1

    def _shared(self, record: Record, status: str) -> tuple[tuple[str, str], ...]:
        named = (
            ("TxSts", status),
            ("PmtInfId", record.get("OrgnlPmtInfId", "")),
            ("MsgId", self._whole.get("OrgnlMsgId", "")),
        )
        return tuple(pair for pair in named if pair[1])

    def _reason(self, *records: Record) -> ReturnInfo:
        """Why: of the lowest level that says it; further codes stand before the bank's words."""
        for record in (*records, self._whole):
            if reasons := record.get("StsRsnInf"):
                codes = [one["Cd"] for one in reasons if "Cd" in one]
                words = [text for one in reasons for text in texts(one, "AddtlInf")]
                return ReturnInfo(code="".join(codes[:1]), text=" ".join([*codes[1:], *words]))
        return ReturnInfo()

    def _payment_done(self, record: Record, _parent: Record) -> None:
        level = self._payment or _Level(record, BatchUnderWay(self._batch_of(record)))
        self._payment = None
        self._take_rest(level)
        self._covered.take(level)
        self._check_counts(level)
        self.out += level.batch.finish(self.header)

    def finish(self, message: Record) -> None:
        """Give out what the message says as a whole, and prove it."""
        del message
        level = self._group
        if level is None and (self._whole or self._covered.has_any):
            level = _Level(self._whole, BatchUnderWay(self._batch_of(self._whole)))
        if level is not None:
            self._take_rest(level, self._covered)
            self._covered.take(level)
            if self._covered.is_counted and self._covered.advices:
                self._check_declared(self._whole, self._covered.rejected)
            if level.batch.advices:
                self.out += level.batch.finish(self.header)
        self._whole, self._group, self._covered, self.header = {}, None, _Covered(), {}

    def _take_rest(self, level: _Level, covered: _Covered | None = None) -> None:
        """One advice for all of a level that are not named, where its status is theirs."""
        named = level.batch.advices + (covered.advices if covered else 0)
        status = self._status(level.record)
        declared = count(level.record.get("OrgnlNbOfTxs", ""))
        if named:
            is_counted = covered is None or covered.is_counted
            if status != _REJECTED or not is_counted or declared is None or declared <= named:
                return
        self.index += 1
        total = level.batch.total + (covered.total if covered else 0)
        currencies = {*level.batch.currencies, *(covered.currencies if covered else ())}
        minor, currency = self._rest(level.record, total, currencies)
        missing = None if declared is None else declared - named
        method, sign = self._direction({})
        advice = PaymentAdvice(
            kind=_kind(status),
            batch=level.batch.batch,
            index=self.index,
            amount_minor=sign * minor,
            currency=currency,
            references=self._shared(level.record, status) + _declared(level.record, missing),
            returned=self._reason(level.record) if status == _REJECTED else None,
            return_scheme=_SCHEME if status == _REJECTED else "",
            payer=Payer(),
            method=method,
            source=Place(self.notes.source, line=level.record.get(LINE)),
            raw=level.record.get(RAW, ""),
        )
        level.is_counted = missing is not None
        level.rejected += (missing or 0) if advice.is_failed else 0
        self.emit(advice, level.batch)

    def _rest(self, record: Record, total: Decimal, currencies: Iterable[str]) -> tuple[int, str]:
        """What is left of a declared sum, and its currency: that of what is named, or as declared."""
        said = control_sum(record.get("OrgnlCtrlSum", ""))
        known = {one for one in currencies if one} or ({self._currency} - {""})
        if said is None:
            return 0, ""
        line = record.get(LINE, self.parser.line)
        if len(known) != 1:
            msg = f"a total must be in one currency that is known, got {said} and {len(known)}"
            self.note("currency.missing", msg, line=line, field="OrgnlCtrlSum", is_error=False)
            return 0, ""
        (currency,) = known
        try:
            minor = minor_of(said - total, currency)
        except MoneyError as error:
            self.note("amount.inexact", str(error), line=line, field="OrgnlCtrlSum")
            return 0, ""
        if minor < 0:
            msg = f"transactions must add up to at most {said} as declared, got {total}"
            self.note("pain002.sum-differs", msg, line=line, field="OrgnlCtrlSum")
        return max(minor, 0), currency

    def _check_counts(self, level: _Level) -> None:
        if level.is_counted:
            self._check_declared(level.record, level.rejected)

    def _check_declared(self, record: Record, rejected: int) -> None:
        """Note where fewer or more are rejected than the level counts (``NbOfTxsPerSts``)."""
        for one in record.get("NbOfTxsPerSts", ()):
            declared = count(one.get("DtldNbOfTxs", ""))
            if one.get("DtldSts") == _REJECTED and declared != rejected:
                msg = f"rejected transactions must be {declared} as declared, got {rejected}"
                self.note("pain002.count-differs", msg, line=one[LINE], field="NbOfTxsPerSts")


class _Covered:
    """How much of a message its payments have told of."""

    def __init__(self) -> None:
        self.advices = 0
        self.rejected = 0
        self.total = Decimal(0)
        self.currencies: set[str] = set()
        self.is_counted = True
        self.has_any = False

    def take(self, level: _Level) -> None:
        """Take a payment that is complete; what it declares counts, where it does."""
        declared = count(level.record.get("OrgnlNbOfTxs", "")) if level.record else None
        said = control_sum(level.record.get("OrgnlCtrlSum", ""))
        self.advices += level.batch.advices if declared is None else declared
        self.rejected += level.rejected
        self.total += level.batch.total if said is None else said
        self.currencies.update(level.batch.currencies)
        self.is_counted = self.is_counted and level.is_counted
        self.has_any = True


def _kind(status: str) -> AdviceKind:
    return AdviceKind.REJECTION if status == _REJECTED else AdviceKind.STATUS


def _with(
    own: tuple[tuple[str, str], ...], shared: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    names = {name for name, _ in own}
    return own + tuple(pair for pair in shared if pair[0] not in names)


def _declared(record: Record, missing: int | None) -> tuple[tuple[str, str], ...]:
    """How many transactions an advice stands for, and the sum as the file has it."""
    counted = () if missing is None else (("NbOfTxs", str(missing)),)
    said = record.get("OrgnlCtrlSum")
    return counted if said is None else (*counted, ("OrgnlCtrlSum", said))
