"""From the lines of an entry (``:61:`` and the ``:86:`` after it) to a `BankEntry`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables.money import Money, from_minor
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import (
    BankEntry,
    EntryDetail,
    Payer,
    ReceiptMethod,
    Remittance,
    ReturnInfo,
)
from receivables_plugins.mt940.forms import OWN_TAG, InformationReader
from receivables_plugins.mt940.information import Information, reference
from receivables_plugins.mt940.statements import StatementUnderWay
from receivables_plugins.mt940.values import (
    RefusedError,
    booking_day,
    existing_day,
    minor_units,
    shown,
    written_amount,
)

__all__ = ["EntryBuilder"]

_LINE: Final = re.compile(
    r":61:(\d{6}(?:\d{4})?)\s*([Rr]?[CcDd]|E[CD])([A-Za-z])?(\d+)(?:[.,](\d*))?(.*)", re.ASCII
)
"""Value date, entry date, mark, third letter of the currency, amount; then type and references."""

_SIGNS: Final[Mapping[str, int]] = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
"""What a mark says of the money: the reversal of a credit takes it out, that of a debit back in.

``EC`` and ``ED`` announce what is expected.
"""

_METHODS: Final[Mapping[str, ReceiptMethod]] = MappingProxyType(
    {
        "TRF": ReceiptMethod.CREDIT_TRANSFER,
        "STO": ReceiptMethod.CREDIT_TRANSFER,
        "DDT": ReceiptMethod.DIRECT_DEBIT,
        "CHK": ReceiptMethod.CHEQUE,
        "CLR": ReceiptMethod.CHEQUE,
        "ECK": ReceiptMethod.CHEQUE,
        "TCK": ReceiptMethod.CHEQUE,
        "BOE": ReceiptMethod.BILL_OF_EXCHANGE,
    }
)
"""Types of transactions of SWIFT that say how money moved."""

_RETURNED: Final = "RTI"
"""The type of a returned item."""

_KEYWORDS: Final = frozenset(
    {"NONREF", "NOREF", "NON REF", "KREF+", "EREF", "PREF", "MARF", "EREF+", "MREF+", "NOTPROVIDED"}
)
"""What stands in place of a reference: there is none, or it stands in the information."""

_ACCOUNT: Final = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{10,30}|P?\d{7,10}", re.ASCII)
_REFERENCE_LENGTH: Final = 16
_TYPE_LENGTH: Final = 4
_DATES_LENGTH: Final = 10
_DIGITS_MAX: Final = 13
"""Digits before the comma that are surely within the limit."""
_DAYS_MAX: Final = 10_000
_PAYERS_MAX: Final = 100_000
"""Payers and days that are kept to be used again: a large portfolio, and a bound on memory."""

_DIGITS: Final = frozenset("0123456789")
_DIGIT: Final = re.compile(r"\d", re.ASCII)
_BLANK: Final = frozenset({"", " "})


class EntryBuilder:
    """Builds the entries of one file."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._source = notes.source
        self._read = InformationReader().read
        self._days: dict[str, tuple[dt.date, dt.date | None]] = {}
        self._payers: dict[tuple[str, str, str], Payer] = {}

    def entry(self, lines: list[str], line: int, under_way: StatementUnderWay) -> BankEntry:
        """Build an entry from its lines, the first of which is `line` of the file.

        Raises `RefusedError` where its amount, its direction or its day cannot be read.
        """
        raw = "\n".join(lines)
        found = _LINE.match(raw) or _wrapped(lines)
        dates, mark, letter, whole, fraction, rest = found.groups("")
        if len(fraction) == under_way.places and len(whole) < _DIGITS_MAX:
            minor = int(whole + fraction)
        else:
            minor = _minor(whole, fraction, under_way)
        value_date, booking_date = self._days.get(dates) or self._new_days(dates, line)
        if letter and letter != under_way.letter:
            self._check_letter(letter, under_way, line)
        if mark not in _SIGNS:
            mark = mark.upper()
        minor *= _SIGNS[mark]
        kind, own, bank = _references(rest)
        if len(lines) > 1 and lines[1][:4] == ":86:":
            told = [lines[1][4:], *lines[2:]]
            if raw.find("\n:86:", len(lines[0]) + 1) >= 0:
                told = [one.removeprefix(":86:") for one in told]
            info = self._read(told)
            if own not in _KEYWORDS:
                _complete(info, own, ())
        else:
            info = self._supplemented(lines, own)
        code = info.code
        if kind:
            code = f"{kind}+{code}" if code else kind
        return BankEntry(
            account=under_way.account,
            statement=under_way.statement,
            index=under_way.index,
            amount_minor=minor,
            currency=under_way.currency,
            is_booked=under_way.is_booked and mark[0] != "E",
            is_reversal=mark[0] == "R",
            booking_date=booking_date,
            value_date=value_date,
            bank_reference=bank,
            bank_code=code,
            text=info.booking_text,
            batch_count=info.batch_count,
            details=(self._detail(info, minor, kind, under_way.currency),),
            source=Place(self._source, line=line),
            method=info.method or _METHODS.get(kind[1:], ReceiptMethod.UNSAID),
            raw=raw,
        )

    def _supplemented(self, lines: Sequence[str], own: str) -> Information:
        """What an entry says that has supplementary lines before its information, or none at all."""
        starts = (at for at, one in enumerate(lines) if one.startswith((":86:", OWN_TAG)))
        begin = next(starts, len(lines))
        told = lines[begin:]
        info = Information()
        if told:
            info = self._read([one.removeprefix(":86:") for one in told])
        _complete(info, own, [one.strip() for one in lines[1:begin] if one.strip()])
        return info

    def _new_days(self, text: str, line: int) -> tuple[dt.date, dt.date | None]:
        """Value date and booking date of YYMMDD and MMDD; a day of February that is not is its last."""
        value, is_exact = existing_day(text[:6])
        if value is None:
            msg = f"value date must be a day of the calendar, got {shown(text[:6])}"
            raise RefusedError("date.invalid", msg, field=":61:")
        booking, is_booking_exact = None, True
        if len(text) == _DATES_LENGTH:
            booking, is_booking_exact = booking_day(text[6:], value)
            if booking is None:
                msg = f"entry date must be a day of the calendar, got {shown(text[6:])}"
                self._notes.error("date.invalid", msg, line=line, field=":61:")
        if is_exact and is_booking_exact:
            if len(self._days) < _DAYS_MAX:
                self._days[text] = (value, booking)
        elif booking is not None or is_booking_exact:
            msg = (
                f"day must be one of the calendar, got {shown(text)}, taken as the end of February"
            )
            self._notes.warn("date.invalid", msg, line=line, field=":61:")
        return value, booking

    def _check_letter(self, letter: str, under_way: StatementUnderWay, line: int) -> None:
        if letter.upper() != under_way.letter:
            msg = (
                f"third letter of the currency must be that of {under_way.currency}, got {letter!r}"
            )
            self._notes.warn("mt940.currency-differs", msg, line=line, field=":61:")

    def _detail(self, info: Information, minor: int, kind: str, currency: str) -> EntryDetail:
        key = (info.name, info.account, info.ultimate_name)
        payer = self._payers.get(key)
        if payer is None:
            payer = self._new_payer(key)
        remittance = Remittance(text=info.text, end_to_end=info.end_to_end)
        if info.structured or info.documents:
            remittance = attrs.evolve(
                remittance, references=info.structured, documents=info.documents
            )
        if kind[1:] == _RETURNED:
            info.is_return = True
        if info.is_return or info.ordered or info.charges:
            return _unusual_detail(info, minor, currency, payer, remittance)
        return EntryDetail(
            amount_minor=minor, payer=payer, remittance=remittance, references=info.references
        )

    def _new_payer(self, key: tuple[str, str, str]) -> Payer:
        name, account, ultimate_name = key
        payer = Payer(name=name, account=account, ultimate_name=ultimate_name)
        if len(self._payers) < _PAYERS_MAX:
            self._payers[key] = payer
        return payer


def _unusual_detail(
    info: Information, minor: int, currency: str, payer: Payer, remittance: Remittance
) -> EntryDetail:
    """The transaction of a return, or of an amount that was ordered otherwise."""
    instructed, charges = _ordered(info, minor, currency)
    text = info.return_text or info.booking_text or " ".join(info.text)
    return EntryDetail(
        amount_minor=minor,
        instructed=instructed,
        charges_minor=charges,
        payer=payer,
        remittance=remittance,
        references=info.references,
        returned=ReturnInfo(code=info.return_code, text=text) if info.is_return else None,
    )


def _wrapped(lines: Sequence[str]) -> re.Match[str]:
    """An entry that was cut before its amount: a line of SWIFT holds fewer than it may need."""
    found = _LINE.match("".join(lines[:2])) if len(lines) > 1 else None
    if found is None:
        msg = f"entry must be a day, a mark, an amount and a type, got {shown(lines[0][4:])}"
        raise RefusedError("mt940.entry-invalid", msg, field=":61:")
    return found


def _minor(whole: str, fraction: str, under_way: StatementUnderWay) -> int:
    places = under_way.places
    if places is None:
        places = under_way.places_checked()
    try:
        return minor_units(whole, fraction, under_way.currency, places)
    except RefusedError as error:
        error.field = ":61:"
        raise


def _references(rest: str) -> tuple[str, str, str]:
    """Type, reference for the owner of the account, reference of the bank.

    A bank also cuts its text in two there, so that what has no digit is no reference.
    """
    own, _, bank = rest.partition("//")
    if bank and bank[-1] not in _DIGITS:
        bank = bank.rstrip() if _DIGIT.search(bank) else ""
    kind = own[:_TYPE_LENGTH]
    if kind == "NONR" or kind[:1] in _BLANK:
        plain = own.lstrip()
        return _references(f"{plain}//{bank}") if plain != own else ("", own.rstrip(), bank)
    own = own[_TYPE_LENGTH:]
    return kind.rstrip(), own if own in _KEYWORDS else own.rstrip(), bank


def _complete(info: Information, own: str, more: Sequence[str]) -> None:
    """Take what stands in the references and the supplementary lines of an entry."""
    if len(own) > _REFERENCE_LENGTH and not _ACCOUNT.fullmatch(own):
        # Rabobank wrote the name of the other side behind sixteen characters for its account.
        own, name = own[:_REFERENCE_LENGTH].rstrip(), own[_REFERENCE_LENGTH:].strip()
        info.name = info.name or name
        if _ACCOUNT.fullmatch(own):
            info.account, own = info.account or own, ""
    elif more and _ACCOUNT.fullmatch(own):
        # ASN and SNS give the account of the other side for a reference, and its name below.
        info.account, own = info.account or own, ""
        info.name = info.name or more[0]
    elif more and _ACCOUNT.fullmatch(more[0]) and not info.account:
        # Rabobank gives the account of the other side on the line below.
        info.account = more[0]
    if own not in _KEYWORDS and reference(own):
        info.references = (("AcctOwnrRef", own), *info.references)
    if more:
        _supplement(info, " ".join(more))


def _supplement(info: Information, text: str) -> None:
    """What a supplementary line says: an original amount, a code of the bank, or words."""
    if text.startswith("/"):
        words = dict(re.findall(r"/(OCMT|CHGS|TRCD)/([^/]*)", text))
        info.ordered = info.ordered or words.get("OCMT", "")
        info.charges = info.charges or words.get("CHGS", "")
        info.code = info.code or words.get("TRCD", "")
    elif not info.booking_text and text not in {info.name, info.account}:
        info.booking_text = text


def _ordered(info: Information, minor: int, currency: str) -> tuple[Money | None, int]:
    """What was ordered where it is not what was booked, and the charges in the entry's currency."""
    ordered = written_amount(info.ordered, currency=currency)
    charged = written_amount(info.charges, currency=currency)
    instructed = None
    if ordered is not None and ordered != (abs(minor), currency):
        instructed = from_minor(*ordered)
    charges = charged[0] if charged is not None and charged[1] == currency else 0
    return instructed, charges
