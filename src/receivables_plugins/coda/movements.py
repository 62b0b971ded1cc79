"""From a movement and its details to a `BankEntry`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from receivables import limits
from receivables.errors import UnknownCurrencyError
from receivables.money import Money, digits, from_minor
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import BankEntry, EntryDetail, Payer, Remittance, ReturnInfo
from receivables.receipts.tallying import StatementTally
from receivables_plugins.coda.codes import CANCELLATIONS, RETURNS, is_cost, method_of
from receivables_plugins.coda.communications import (
    BELGIAN,
    NO_REFERENCE,
    Said,
    read_communication,
    squeezed,
)
from receivables_plugins.coda.parts import Part, parts_of, read_part
from receivables_plugins.coda.values import Days, scaled

__all__ = ["WHOLE", "Movements"]

WHOLE: Final = "0000"
"""The detail number of what is booked; everything else explains it."""

_CENTS: Final = 2
_BOOKED: Final = frozenset("0123")
"""Types that a separate application books itself; the others stand in the account's statement."""
_UNDATED: Final = frozenset({"000000", "      "})
_NOTHING: Final = Said()
_NO_TEXTS: Final[tuple[str, ...]] = ()
_NO_PAIRS: Final[tuple[tuple[str, str], ...]] = ()
_PLACEHOLDERS: Final = frozenset({"NOTPROVIDED", "NOT PROVIDED"})
_GROSS: Final = frozenset({"000", "100"})
"""Categories of a net and of a gross amount; what else an amount is parted into are charges."""
_PARTING: Final = frozenset({"8", "9"})
"""Types of details that part one amount; the others are transactions of their own."""


class Movements:
    """Reads the movements of one statement, and counts what its record 9 must count.

    `debited` and `credited` are thousandths of what is booked, without details.
    """

    def __init__(
        self,
        tally: StatementTally,
        *,
        notes: ReadNotes,
        days: Days,
        version: str,
        is_separate: bool,
    ) -> None:
        self.debited = self.credited = 0
        self._tally = tally
        self._account, self._statement = tally.account, tally.statement
        self._currency = tally.currency
        self._places = digits(tally.currency)
        self._notes = notes
        self._source = notes.source
        self._days = days
        self._version = version
        self._is_separate = is_separate
        self._index = 0

    def entry(self, lines: Sequence[str], number: int) -> BankEntry | None:
        """The entry of a movement and its details; None where it cannot be, which is noted."""
        self._index += 1
        notes, version = self._notes, self._version
        whole, end = read_part(lines, 0, number, notes=notes, version=version)
        if whole is None:
            return None
        if whole.detail != WHOLE:
            msg = f"detail {whole.detail} must follow movement {whole.sequence}, got it alone"
            self._notes.error("coda.detail-alone", msg, line=whole.number, field="3-10")
            return None
        thousandths = whole.thousandths
        if thousandths < 0:
            self.debited -= thousandths
        else:
            self.credited += thousandths
        minor = self._minor(thousandths, number)
        booking_date, value_date = self._days[whole.day], self._days[whole.value_day]
        if minor is None or (
            (booking_date is None or value_date is None) and not self._is_dated(whole, minor)
        ):
            return None
        code = whole.code
        is_booked = not self._is_separate or code[0] in _BOOKED
        self._tally.add(minor, is_booked=is_booked)
        return BankEntry(
            account=self._account,
            statement=self._statement,
            index=self._index,
            amount_minor=minor,
            currency=self._currency,
            is_booked=is_booked,
            is_reversal=code[1:5] in CANCELLATIONS,
            booking_date=booking_date,
            value_date=value_date,
            bank_reference=whole.reference,
            bank_code=code,
            text=_notice_text(whole) if whole.notices else "",
            details=(self._detail(whole, minor),)
            if end == len(lines)
            else self._details(
                whole, minor, parts_of(lines, end, number, notes=notes, version=version)
            ),
            source=Place(self._source, line=number),
            method=method_of(code),
            raw="\n".join(lines),
        )

    def _details(
        self, whole: Part, minor: int, others: Iterable[Part | None]
    ) -> tuple[EntryDetail, ...]:
        """The transactions of an entry: its details where it is a batch, or else itself."""
        groups: list[tuple[Part, list[Part]]] = []
        parting: list[Part] = []
        for part in others:
            if part is None:
                continue
            if part.code[0] not in _PARTING:
                groups.append((part, []))
            elif groups:
                groups[-1][1].append(part)
            else:
                parting.append(part)
        if not groups:
            return (self._detail(whole, minor, parting),)
        details = [
            self._detail(part, self._minor(part.thousandths, part.number), of_it, whole=whole)
            for part, of_it in groups
        ]
        amounts = [detail.amount_minor or 0 for detail in details]
        self._check(whole, minor, sum(amounts))
        return tuple(details)

    def _detail(
        self,
        part: Part,
        minor: int | None,
        parting: Sequence[Part] = (),
        *,
        whole: Part | None = None,
    ) -> EntryDetail:
        said = _NOTHING
        text, references, pairs, returned = "", _NO_TEXTS, _NO_PAIRS, part.returned
        if not part.is_structured:
            text = " ".join(part.communication.split())
        elif part.communication[:3] in BELGIAN:
            # Half of what customers send: it goes without the table of structures.
            reference = part.communication[3:15].strip()
            references = (reference,) if reference not in NO_REFERENCE else _NO_TEXTS
        else:
            said = read_communication(part.communication)
            text, references, pairs = said.text, said.references, said.others
            returned = said.returned or returned
        kind = part.code[1:5]
        if kind in RETURNS and (returned is None or not returned.text):
            code = "" if returned is None else returned.code
            words = "" if part.is_structured else text
            returned = ReturnInfo(code=code, text=words or RETURNS[kind])
        if whole is not None and part.reference and part.reference != whole.reference:
            pairs = (("AcctSvcrRef", part.reference), *pairs)
        client_reference = part.client_reference
        detail = EntryDetail(
            amount_minor=minor,
            payer=_payer(part) if part.notices else part.payer,
            remittance=Remittance(
                references=references,
                text=(text,) if text else _NO_TEXTS,
                end_to_end="" if client_reference in _PLACEHOLDERS else client_reference,
            ),
            references=pairs,
            returned=returned,
        )
        if parting or said.original is not None:
            return self._parted(detail, part, said, parting)
        return detail

    def _parted(
        self, detail: EntryDetail, part: Part, said: Said, parting: Sequence[Part]
    ) -> EntryDetail:
        """A transaction whose details part its amount: charges, and what had been ordered."""
        amounts = [self._minor(one.thousandths, one.number) for one in parting]
        if parting and None not in amounts and detail.amount_minor is not None:
            self._check(part, detail.amount_minor, sum(filter(None, amounts)))
        charges = 0
        if not is_cost(part.code):
            charges = -sum(
                amount or 0
                for one, amount in zip(parting, amounts, strict=True)
                if one.code[5:] not in _GROSS
            )
        told = [said, *(read_communication(o.communication) for o in parting if o.is_structured)]
        references = dict.fromkeys(one for each in told for one in each.references)
        originals = [self._original(each) for each in told if each.original is not None]
        instructed = next(filter(None, originals), None)
        if instructed == from_minor(abs(detail.amount_minor or 0), self._currency):
            instructed = None
        return attrs.evolve(
            detail,
            charges_minor=charges,
            instructed=instructed,
            remittance=attrs.evolve(detail.remittance, references=references),
        )

    def _original(self, said: Said) -> Money | None:
        """The amount before charges and exchange; None where it is no amount of a known currency."""
        if said.original is None:
            return None
        try:
            minor = scaled(said.original.thousandths, digits(said.original.currency))
        except UnknownCurrencyError:
            return None
        return None if minor is None else from_minor(minor, said.original.currency)

    def _check(self, part: Part, minor: int, total: int) -> None:
        if total != minor:
            msg = f"details must add up to {minor} minor units, got {total}"
            self._notes.warn("entry.details-differ", msg, line=part.number, field="7-10")

    def _minor(self, thousandths: int, number: int) -> int | None:
        """The minor units of an amount; None where it has none, which is noted."""
        if self._places == _CENTS and not thousandths % 10:
            return (
                thousandths // 10
            )  # what nearly every amount is, and fifteen digits are in bounds
        minor = scaled(thousandths, self._places)
        if minor is None:
            msg = f"amount must be minor units of {self._currency}, got {thousandths} thousandths"
            self._notes.error("amount.inexact", msg, line=number, field="33-47")
        elif abs(minor) > limits.AMOUNT_MINOR_MAX:
            msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {minor}"
            self._notes.error("amount.limit", msg, line=number, field="33-47")
            return None
        return minor

    def _is_dated(self, part: Part, minor: int) -> bool:
        """Note a date that is none; whether what is left is enough for the entry.

        A value date of zeros is not known yet, which the format allows.
        """
        if part.day in _UNDATED:
            msg = "entry date must be given, got none"
            self._notes.error("date.missing", msg, line=part.number, field="116-121")
        for day, field in ((part.day, "116-121"), (part.value_day, "48-53")):
            if day not in _UNDATED and self._days[day] is None:
                msg = f"date must be a day as DDMMYY, got {day!r}"
                self._notes.error("date.invalid", msg, line=part.number, field=field)
        return minor <= 0 or self._days[part.day] is not self._days[part.value_day]


def _payer(part: Part) -> Payer:
    """The counterparty, with the longer name of an information record (001), and for whom (009).

    On a debit the other party is the creditor (008).
    """
    payer = part.payer
    ultimate = "1008" if part.thousandths < 0 else "1009"
    for notice in part.notices:
        name = notice[4:74].strip()
        if notice.startswith("1001") and len(name) > len(payer.name):
            payer = attrs.evolve(payer, name=name)
        elif notice.startswith(ultimate):
            payer = attrs.evolve(payer, ultimate_name=name)
    return payer


def _notice_text(part: Part) -> str:
    """What the bank says in words: free information, and its own communication (002).

    Free information runs on from record to record; a word may be cut at the end of one.
    """
    free = "".join(notice[1:] for notice in part.notices if notice[0] != "1")
    own = [notice[4:] for notice in part.notices if notice.startswith("1002")]
    return squeezed(" ".join((free, *own)))
