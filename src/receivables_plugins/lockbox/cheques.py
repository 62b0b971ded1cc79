"""From records 6 and 4 to a payment advice: a cheque, who wrote it, and what it says to pay."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from receivables import limits
from receivables.errors import ReceivablesError
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer, ReceiptMethod, ReferredDocument, Remittance
from receivables.texts import parse_date
from receivables_plugins.lockbox.settings import LockboxSettings

__all__ = ["Cheque", "ChequeBuilder", "day_of", "minor_of", "text_at"]

_AMOUNT: Final = re.compile(r"(-?)([0-9]{1,16})(-?)")
_WIDE_BLANKS: Final = re.compile(r"\s{2,}")
_GROUP: Final = ("document", "document-amount", "document-discount")
_SEQUENCE_MAX: Final = 99
_LAST: Final = "9"
_SHOWN_MAX: Final = 40


def text_at(line: str, places: Mapping[str, slice], name: str) -> str:
    """A field of a line without the blanks around it; empty where it has no place."""
    found = places.get(name)
    return "" if found is None else line[found].strip()


def minor_of(text: str) -> int | None:
    """Digits in minor units, with a minus before or behind them; None for what is no amount.

    >>> minor_of("0000700000"), minor_of("1250-"), minor_of("12.50")
    (700000, -1250, None)
    """
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[1] and found[3]):
        return None
    minor = int(found[2])
    return -minor if found[1] or found[3] else minor


def day_of(text: str, form: str) -> dt.date | None:
    """A day in a declared form; None for what is none."""
    try:
        return parse_date(text, format=form)
    except ReceivablesError:
        return None


@attrs.define
class Cheque:
    """Record 6 with the records 4 that follow it, as lines."""

    line: int
    text: str
    overflow: list[str] = attrs.Factory(list)


@attrs.frozen(kw_only=True)
class _Said:
    """A document as a line says it: its number, and the amounts beside it."""

    number: str
    minor: int | None
    discount_minor: int


class ChequeBuilder:
    """Builds the advices of one file, and notes why one cannot be built."""

    def __init__(self, notes: ReadNotes, settings: LockboxSettings) -> None:
        self._notes = notes
        self._settings = settings

    def advice(
        self, cheque: Cheque, *, batch: str, index: int, date: dt.date | None, account: str
    ) -> PaymentAdvice | None:
        """The advice of a cheque; None where its amount cannot be read, which is noted."""
        places = self._settings.cheque
        line = cheque.text
        shown = text_at(line, places, "amount")
        minor = minor_of(shown)
        if minor is None or abs(minor) > limits.AMOUNT_MINOR_MAX:
            code = "amount.invalid" if minor is None else "amount.limit"
            msg = f"amount must be digits, at most {limits.AMOUNT_MINOR_MAX}, got {shown[:_SHOWN_MAX]!r}"
            self._notes.error(code, msg, line=cheque.line, field="amount")
            return None
        said, texts = self._said(cheque)
        self._check_overflow(cheque)
        return PaymentAdvice(
            kind=AdviceKind.DEPOSIT,
            batch=batch,
            index=index,
            amount_minor=minor,
            currency=self._settings.currency,
            date=date,
            payer=_payer(line, places),
            remittance=Remittance(documents=self._documents(said, minor, cheque), text=texts),
            references=self._references(line, cheque),
            account=account,
            method=ReceiptMethod.CHEQUE,
            source=Place(self._notes.source, line=cheque.line),
            raw="\n".join((line, *cheque.overflow)),
        )

    def _references(self, line: str, cheque: Cheque) -> tuple[tuple[str, str], ...]:
        places = self._settings.cheque
        pairs = [("cheque-number", text_at(line, places, "number").lstrip("0"))]
        written = text_at(line, places, "date")
        if written.strip("0"):
            day = day_of(written, self._settings.cheque_date_format)
            if day is None:
                msg = f"date must be {self._settings.cheque_date_format}, got {written[:_SHOWN_MAX]!r}"
                self._notes.warn("date.invalid", msg, line=cheque.line, field="date")
            pairs.append(("cheque-date", day.isoformat() if day else written))
        return tuple(pair for pair in pairs if pair[1])

    def _said(self, cheque: Cheque) -> tuple[list[_Said], tuple[str, ...]]:
        """The documents and the texts of a cheque and of its overflow."""
        said: list[_Said] = []
        texts: list[str] = []
        tables = (self._settings.cheque, *[self._settings.overflow] * len(cheque.overflow))
        for at, (line, places) in enumerate(
            zip((cheque.text, *cheque.overflow), tables, strict=True)
        ):
            is_repeated = at > 0
            texts.extend(filter(None, _WIDE_BLANKS.split(text_at(line, places, "text"))))
            for one in self._groups(line, places, cheque.line + at, is_repeated=is_repeated):
                if one.minor is None:
                    texts.append(one.number)
                else:
                    said.append(one)
        return said, tuple(texts)

    def _groups(
        self, line: str, places: Mapping[str, slice], number: int, *, is_repeated: bool
    ) -> Iterator[_Said]:
        """The documents of a line: number, amount and discount, repeated where they may be."""
        group = {name: places[name] for name in _GROUP if name in places}
        if "document" not in group:
            return
        first = min(one.start for one in group.values())
        width = max(_end(one, line) for one in group.values()) - first
        starts = range(0, max(len(line.rstrip()) - first, 0), width) if is_repeated else (0,)
        for shift in starts:
            texts = [_shifted(line, group.get(name), shift) for name in _GROUP]
            if not any(one.strip("0") for one in texts):
                continue
            one = self._one(texts, number)
            if one is not None:
                yield one

    def _one(self, texts: list[str], line: int) -> _Said | None:
        document, amount, discount = texts
        minor = minor_of(amount) if amount else None
        discount_minor = minor_of(discount) if discount else 0
        if (amount and minor is None) or discount_minor is None:
            shown = " ".join(texts)[:_SHOWN_MAX]
            msg = (
                f"document must have amounts in digits where the settings place them, got {shown!r}"
            )
            self._notes.error("amount.invalid", msg, line=line, field="document-amount")
            return _Said(number=" ".join(filter(None, texts)), minor=None, discount_minor=0)
        if not document:
            msg = f"document must have a number beside its amount {amount}, got none"
            self._notes.warn("document.missing", msg, line=line, field="document")
            return None
        return _Said(number=document, minor=minor, discount_minor=discount_minor)

    def _documents(
        self, said: list[_Said], minor: int, cheque: Cheque
    ) -> tuple[ReferredDocument, ...]:
        """The documents with what is paid of each: before or after the discount, as they add up."""
        before = sum(one.minor or 0 for one in said)
        after = before - sum(one.discount_minor for one in said)
        if said and minor not in {before, after}:
            msg = f"documents must add up to the cheque of {minor}, got {before}, less discounts {after}"
            self._notes.warn(
                "lockbox.documents-differ", msg, line=cheque.line, field="document-amount"
            )
        is_gross = minor == after != before
        is_net = minor == before
        return tuple(
            ReferredDocument(
                number=one.number,
                amount_minor=(one.minor or 0) - one.discount_minor * is_gross,
                gross_minor=(one.minor or 0) + one.discount_minor * is_net
                if is_gross or is_net
                else None,
                discount_minor=one.discount_minor,
            )
            for one in said
        )

    def _check_overflow(self, cheque: Cheque) -> None:
        """Note where the records 4 of a cheque are not numbered without a gap up to the last one."""
        places = self._settings.overflow
        for at, line in enumerate(cheque.overflow):
            sequence = text_at(line, places, "sequence")
            if "sequence" in places and sequence.lstrip("0") != str(at % _SEQUENCE_MAX + 1):
                msg = f"overflow must have sequence {at % _SEQUENCE_MAX + 1}, got {sequence!r}"
                self._notes.error(
                    "lockbox.overflow-gap", msg, line=cheque.line + at + 1, field="sequence"
                )
        if cheque.overflow and "last" in places:
            last = text_at(cheque.overflow[-1], places, "last")
            if last != _LAST:
                msg = f"overflow must end with a record marked {_LAST}, got {last!r}"
                self._notes.error("lockbox.overflow-gap", msg, line=cheque.line, field="last")


def _end(one: slice, line: str) -> int:
    end: int | None = one.stop
    return max(len(line), one.start + 1) if end is None else end


def _shifted(line: str, one: slice | None, shift: int) -> str:
    if one is None:
        return ""
    return line[one.start + shift : _end(one, line) + shift].strip()


def _payer(line: str, places: Mapping[str, slice]) -> Payer:
    """Who wrote the cheque: a name where the bank keys it, and the account printed on it."""
    transit = text_at(line, places, "transit")
    account = text_at(line, places, "account")
    parts = [one for one in (transit, account) if one.strip("0")]
    return Payer(name=text_at(line, places, "payer"), account="/".join(parts))
