"""From a record 34 to a `PaymentAdvice`, or to the problem that forbids it.

Of the direct debits and bills that come back, one whose refusal lies before its own day was never
booked (`AdviceKind.REJECTION`); the others are returns.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer, Remittance, ReturnInfo
from receivables_plugins.cfonb.layouts import LAYOUTS, Fate, Field, Layout
from receivables_plugins.cfonb.values import Days, RefusedError, iban, shown, unsigned

__all__ = ["AMOUNT", "DATE", "OPERATION", "Advising"]

OPERATION: Final = Field(9, 10)
DATE: Final = Field(11, 16)
AMOUNT: Final = Field(229, 240)
_CURRENCIES: Final = {"E": "EUR"}
_PARTIES_MAX: Final = 100_000
"""Parties that are kept to be used again: a large portfolio, and a bound on memory."""
_NO_REMITTANCE: Final = Remittance()
_RETURN: Final = AdviceKind.RETURN
_REJECTION: Final = AdviceKind.REJECTION
_NO_REASON: Final = frozenset({"", "00"})
_SCHEME: Final = "cfonb"
_UNKNOWN: Final = "cfonb240.operation-unknown"


class Advising:
    """Builds the advices of one file; knows the days, parties and operations that came before."""

    def __init__(self, notes: ReadNotes, *, days: Days, country: str) -> None:
        self._notes = notes
        self._days = days
        self._country = country
        self._layouts = dict(LAYOUTS)
        self._parties: dict[str, Payer] = {}

    def advice(
        self, record: str, minor: int, *, batch: str, index: int, own: str, line: int
    ) -> PaymentAdvice:
        """Build one; raises `RefusedError` for an operation or a currency that is not known.

        `minor` is the amount of the record, and `own` the account of the header.
        """
        layout = self._layouts.get(record[8:10]) or _layout(record)
        currency = _CURRENCIES.get(record[16]) or _currency(record)
        day = self._day(DATE.zone, record, line)
        original = None
        if layout.original is not None:
            original = self._day(layout.original.zone, record, line)
        reason = "" if layout.reason is None else record[layout.reason.zone].strip()
        kind, minor = _outcome(layout, record, minor, day, original)
        returned, scheme = None, ""
        if kind is _RETURN or kind is _REJECTION:
            returned = ReturnInfo(code="" if reason in _NO_REASON else reason)
            scheme = "" if layout.reason is None else _SCHEME
            reason = ""
        if layout.due is not None:
            day = self._day(layout.due.zone, record, line) or day
        text = "" if layout.text is None else record[layout.text.zone].strip()
        ours, other = self._sides(record, own, is_ours_first=layout.is_ours_first)
        return PaymentAdvice(
            kind=kind,
            batch=batch,
            index=index,
            amount_minor=minor,
            currency=currency,
            date=day,
            payer=other,
            remittance=Remittance(text=(text,)) if text else _NO_REMITTANCE,
            references=_references(layout, record, original, reason),
            returned=returned,
            return_scheme=scheme,
            account=ours.account,
            method=layout.method,
            source=Place(self._notes.source, line=line),
            raw=record,
        )

    def _day(self, zone: slice, record: str, line: int) -> dt.date | None:
        """The day of a field; one that does not exist is an error, and is left out."""
        try:
            return self._days[record[zone]]
        except RefusedError as error:
            place = f"{zone.start + 1}-{zone.stop}"
            self._notes.error(error.code, str(error), line=line, field=place)
            return None

    def _sides(self, record: str, own: str, *, is_ours_first: bool) -> tuple[Payer, Payer]:
        """We, and the other party: the account of the header is ours."""
        first, second = record[21:66], record[77:122]
        if own:
            is_own = first.startswith(own)
            if is_own is not second.startswith(own):
                is_ours_first = is_own
        ours, other = (first, second) if is_ours_first else (second, first)
        parties = self._parties
        return parties.get(ours) or self._party(ours), parties.get(other) or self._party(other)

    def _party(self, text: str) -> Payer:
        """A party of a record: bank 5, branch 5, account 11, name 24."""
        account = iban(text[:5], text[5:10], text[10:21], country=self._country)
        party = Payer(name=text[21:].strip(), account=account)
        if len(self._parties) < _PARTIES_MAX:
            self._parties[text] = party
        return party


def _layout(record: str) -> Layout:
    """The layout of an operation that is written with blanks."""
    operation = OPERATION.of(record)
    if operation not in LAYOUTS:
        known = ", ".join(sorted(filter(None, LAYOUTS)))
        msg = f"operation code must be one of {known}, got {shown(operation)}"
        raise RefusedError(_UNKNOWN, msg, field="operation")
    return LAYOUTS[operation]


def _currency(record: str) -> str:
    """Refuse a currency: it is a letter, and known is only that of the euro."""
    letter = record[16]
    code = "currency.unknown" if letter.strip() else "currency.missing"
    msg = f"currency must be the letter E of the euro, got {shown(letter)}"
    raise RefusedError(code, msg, field="currency")


def _outcome(
    layout: Layout, record: str, minor: int, day: dt.date | None, original: dt.date | None
) -> tuple[AdviceKind, int]:
    """What became of a payment, and its amount: positive towards us."""
    fate = layout.fate
    if fate is Fate.FAILED:
        is_early = day is not None and original is not None and day < original
        return (_REJECTION if is_early else _RETURN), minor
    if fate is Fate.TO_PAY:
        return AdviceKind.STATUS, -minor
    if fate is Fate.RECEIVED:
        came_back = layout.initial is not None and layout.initial.of(record)
        return (_RETURN, -minor) if came_back else (AdviceKind.REMITTANCE, minor)
    unpaid = 0 if layout.unpaid is None else unsigned(layout.unpaid.of(record) or "0")
    reason = "" if layout.reason is None else layout.reason.of(record)
    if not unpaid and reason in _NO_REASON:
        return AdviceKind.STATUS, minor
    return _REJECTION, unpaid or minor


def _references(
    layout: Layout, record: str, original: dt.date | None, fate: str
) -> tuple[tuple[str, str], ...]:
    pairs = []
    for name, field in layout.references:
        if text := record[field.zone].strip():
            pairs.append((name, text))
    if layout.unpaid is not None:
        pairs.append(("initial-amount", AMOUNT.of(record).lstrip("0")))
    if original is not None:
        pairs.append(("original-date", original.isoformat()))
    if fate not in _NO_REASON:
        pairs.append(("fate", fate))
    return tuple(pairs)
