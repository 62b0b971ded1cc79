"""From the records of a movement (22, with its 23 and 24) to a `BankEntry`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from receivables import limits
from receivables.money import Money, digits, from_minor
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import BankEntry, EntryDetail, Payer, ReceiptMethod, Remittance
from receivables.receipts.tallying import StatementTally
from receivables_plugins.aeb43.concepts import method_of, returned_of
from receivables_plugins.aeb43.values import DECIMALS, Days, currency_of, scaled

__all__ = ["WIDTH", "Movements"]

WIDTH: Final = 80
"""Characters of a record."""

_MOVEMENT: Final = re.compile(
    r"22.{8}(.{6})(.{6})(..)(...)([012])([0-9]{14})(.{10})(.{12})(.{16})", re.DOTALL
)
_SIGN: Final = slice(27, 28)
_AMOUNT: Final = slice(28, 42)
_EXCHANGE: Final = re.compile(r"24..([0-9]{3})([0-9]{14})")
_has_figure: Final = re.compile(r"[1-9]").search
_UNDATED: Final = frozenset({"000000", "      "})
_NONE: Final = frozenset(mark * width for mark in " 0" for width in (10, 12, 16))
"""How a number is left empty, in each of the three widths."""
_CREDIT_TRANSFER: Final = ReceiptMethod.CREDIT_TRANSFER
_TRANSFER: Final = "04"
_SEPA_RECORDS: Final = 5


class Movements:
    """Reads the movements of one account, and counts what its record 33 must count.

    `debits`, `credits` and `zeros` count movements; `debited` and `credited` are hundredths.  A
    movement of zero is neither, because banks give it either sign or none.
    """

    def __init__(
        self, tally: StatementTally, *, notes: ReadNotes, days: Days, sepa_records: bool
    ) -> None:
        self.debits = self.credits = self.zeros = 0
        self.debited = self.credited = 0
        self._tally = tally
        self._account, self._statement = tally.account, tally.statement
        self._currency = tally.currency
        self._places = digits(tally.currency)
        self._notes = notes
        self._source = notes.source
        self._days = days
        self._sepa_records = sepa_records
        self._index = 0

    def entry(self, lines: Sequence[str], number: int) -> BankEntry | None:
        """The entry of a record 22 and of those after it; None where it cannot be, which is noted."""
        found = _MOVEMENT.match(lines[0]) or _MOVEMENT.match(lines[0].ljust(WIDTH))
        self._index += 1
        if found is None:
            self._note_unreadable(lines[0], number)
            return None
        day, value_day, common, own, sign, amount, document, first, second = found.groups()
        minor: int | None = int(amount)
        if sign == "2" and minor and self._places == DECIMALS:
            self.credits += 1
            self.credited += minor
        else:
            minor = self._counted(int(amount), sign, number)
        booking_date, value_date = self._days[day], self._days[value_day]
        if minor is None or (
            (booking_date is None or value_date is None)
            and not self._is_dated(day, value_day, minor, number)
        ):
            return None
        texts = _texts(lines)
        detail = _detail(minor, texts, document, first, second)
        method = _CREDIT_TRANSFER
        if common != _TRANSFER or minor <= 0 or len(texts) + 1 != len(lines) or self._sepa_records:
            method, detail = self._special(lines, detail, number, common)
        self._tally.add(minor)
        return BankEntry(
            account=self._account,
            statement=self._statement,
            index=self._index,
            amount_minor=minor,
            currency=self._currency,
            booking_date=booking_date,
            value_date=value_date,
            bank_code=f"{common}-{own}",
            details=(detail,),
            source=Place(self._source, line=number),
            method=method,
            raw="\n".join(lines),
        )

    def _special(
        self, lines: Sequence[str], detail: EntryDetail, number: int, common: str
    ) -> tuple[ReceiptMethod, EntryDetail]:
        """The method and the transaction where concept and text decide, or records are fields."""
        text = " ".join(detail.remittance.text)
        returned = returned_of(common, text, is_debit=(detail.amount_minor or 0) < 0)
        instructed = self._instructed(lines, number)
        if returned is not None or instructed is not None:
            detail = attrs.evolve(detail, returned=returned, instructed=instructed)
        if self._sepa_records and common == _TRANSFER:
            detail = _sepa_transfer(detail, [line for line in lines if line.startswith("23")])
        return method_of(common, text), detail

    def _counted(self, hundredths: int, sign: str, number: int) -> int | None:
        """Count a movement; its signed minor units, or None where it has none, which is noted."""
        if not hundredths:
            self.zeros += 1
            return 0
        if sign == "0":
            msg = "sign must be 1 (debit) or 2 (credit), got 0"
            self._notes.error("entry.direction-invalid", msg, line=number, field="28")
            return None
        if sign == "1":
            self.debits += 1
            self.debited += hundredths
        else:
            self.credits += 1
            self.credited += hundredths
        minor = scaled(hundredths, self._places)
        if minor is None:
            msg = f"amount must be minor units of {self._currency}, got {hundredths} hundredths"
            self._notes.error("amount.inexact", msg, line=number, field="29-42")
        elif minor > limits.AMOUNT_MINOR_MAX:
            msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {minor}"
            self._notes.error("amount.limit", msg, line=number, field="29-42")
            return None
        return -minor if minor and sign == "1" else minor

    def _instructed(self, lines: Sequence[str], number: int) -> Money | None:
        """The amount in the currency it came in (record 24); None where there is none to read."""
        line = next((line for line in lines[1:] if line[1:2] != "3"), "")
        if not line:
            return None
        found = _EXCHANGE.match(line)
        currency = currency_of(found[1]) if found else ""
        minor = scaled(int(found[2]), digits(currency)) if found and currency else None
        if minor is None or minor > limits.AMOUNT_MINOR_MAX:
            msg = f"record 24 must have a currency and an amount, got {line[4:21]!r}"
            self._notes.warn("aeb43.equivalent-invalid", msg, line=number, field="24")
            return None
        return from_minor(minor, currency)

    def _note_unreadable(self, line: str, number: int) -> None:
        if line[_SIGN] not in {"0", "1", "2"}:
            msg = f"sign must be 1 (debit) or 2 (credit), got {line[_SIGN]!r}"
            self._notes.error("entry.direction-invalid", msg, line=number, field="28")
        else:
            msg = f"amount must be fourteen digits, got {line[_AMOUNT]!r}"
            self._notes.error("amount.invalid", msg, line=number, field="29-42")

    def _is_dated(self, day: str, value_day: str, minor: int, number: int) -> bool:
        """Note which date is missing or none; whether what is left is enough for the entry."""
        for text, field in ((day, "11-16"), (value_day, "17-22")):
            if text in _UNDATED:
                msg = "date must be given, got none"
                self._notes.error("date.missing", msg, line=number, field=field)
            elif self._days[text] is None:
                msg = f"date must be a day as YYMMDD, got {text!r}"
                self._notes.error("date.invalid", msg, line=number, field=field)
        return minor <= 0 or self._days[day] is not self._days[value_day]


def _texts(lines: Sequence[str]) -> list[str]:
    """The texts of the records 23, one each.

    The two fields of a record run on: a word may be cut where the first one ends.
    """
    return [text for line in lines if line[1:2] == "3" and (text := " ".join(line[4:].split()))]


def _detail(
    minor: int, texts: Sequence[str], document: str, first: str, second: str
) -> EntryDetail:
    """The one transaction of an entry, as far as every movement has it."""
    numbers, structured = [], []
    if document not in _NONE:
        numbers.append(("document", document.strip()))
    if first not in _NONE:
        first = first.strip()
        if _has_figure(first):
            structured.append(first)
        else:
            numbers.append(("reference-1", first))
    if second not in _NONE:
        second = second.strip()
        if _has_figure(second):
            structured.append(second)
        else:
            numbers.append(("reference-2", second))
    return EntryDetail(
        amount_minor=minor,
        remittance=Remittance(references=structured, text=texts),
        references=numbers,
    )


def _sepa_transfer(detail: EntryDetail, lines: Sequence[str]) -> EntryDetail:
    """Payer, end-to-end reference and text of a SEPA transfer (AEB43 of 2012, appendix 4).

    The first record has the name, the second the payer's reference and on whose account they pay,
    the third and fourth what it is for, the fifth is free.  Taken from another library that quotes
    the appendix, and unverified.
    """
    if len(lines) != _SEPA_RECORDS:
        return detail
    one, two, three, four, five = (line.ljust(WIDTH) for line in lines)
    reference = two[4:39].strip()
    said = (" ".join(text.split()) for text in (three[12:] + four[4:76], five[4:]))
    return attrs.evolve(
        detail,
        payer=Payer(name=one[4:70].strip(), ultimate_name=two[39:].strip()),
        remittance=attrs.evolve(
            detail.remittance,
            text=filter(None, said),
            end_to_end="" if reference == "NOTPROVIDED" else reference,
        ),
    )
