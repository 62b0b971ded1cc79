"""From record 16 to a bank entry: its type code says which way the money went.

The fields are type, amount, funds type with its own fields, the bank's reference, the customer's
reference, and a text that may hold commas and slashes and goes on in the continuations (88) without
any delimiter (BAI, Cash Management Balance Reporting Specifications, version 2).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from receivables import limits
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import (
    BankEntry,
    EntryDetail,
    Payer,
    Remittance,
    ReturnInfo,
)
from receivables_plugins.bai2.codes import TypeCode, type_code
from receivables_plugins.bai2.records import CONTINUATION, Record, unslashed
from receivables_plugins.bai2.settings import END_TO_END, PAYER, PAYER_ACCOUNT, Bai2Settings

__all__ = ["Account", "EntryBuilder", "day_of", "funds_fields", "minor_of"]

_PLAIN: Final = 5
"""Fields of a detail before its text: type, amount, funds type, and two references."""
_FUNDS: Final = {"": 0, "Z": 0, "0": 0, "1": 0, "2": 0, "V": 2, "S": 3}
"""Fields that a funds type adds; D says its number by itself."""
_DISTRIBUTED: Final = "D"
_DATED: Final = _FUNDS["V"]
_DISTRIBUTIONS_MAX: Final = 1_000
_SURE_DIGITS: Final = 15
_SHOWN_MAX: Final = 40
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,20}")
_DATE: Final = re.compile(r"[0-9]{6}")
_KEYWORD: Final = re.compile(r"[A-Z][A-Z0-9]{1,5}:")
_NO_REFERENCES: Final = frozenset({"NOTPROVIDED", "NONREF", "NONE"})
_KEYWORD_PLACE: Final = slice(3, 10)
_DOUBTFUL: Final = frozenset({"", " ", "0", "N"})
"""How a reference begins that may be none, or have blanks around it; and an empty one."""
_REASON: Final = re.compile(
    r"(?:REASON|RETURN|RTN|CODE)[^A-Z0-9]{0,6}(R[0-8][0-9])\b", re.IGNORECASE
)
_CHARGE: Final = re.compile(r"\b(?:FEE|FEES|CHRG|CHARGE|CHARGES|CHG|SVC)\b")
_ANY_DEBIT: Final = "409"
_NO_MONEY: Final = "890"


class Account:
    """What the entries of an account have in common."""

    __slots__ = ("account", "currency", "day", "index", "is_booked", "statement")

    def __init__(
        self, account: str, statement: str, currency: str, *, day: dt.date | None, is_booked: bool
    ) -> None:
        self.account = account
        self.statement = statement
        self.currency = currency
        self.day = day
        self.is_booked = is_booked
        self.index = 0


def day_of(text: str) -> dt.date | None:
    """A date YYMMDD of this century; None for what is none.

    >>> day_of("261031"), day_of("260230")
    (datetime.date(2026, 10, 31), None)
    """
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


class _Days(dict[str, dt.date]):
    """Days that were worked out before; there are some hundred in a file, and 36,525 at most."""

    def __missing__(self, text: str) -> dt.date:
        day = day_of(text)
        if day is None:
            raise KeyError(text)
        self[text] = day
        return day


class _Simple(dict[str, TypeCode]):
    """Type codes of entries that need no second look at their text."""

    def __missing__(self, code: str) -> TypeCode:
        kind = type_code(code)
        is_simple = kind is not None and kind.sign and not (kind.returned or kind.is_reversal)
        if kind is None or not is_simple or code == _ANY_DEBIT:
            raise KeyError(code)
        self[code] = kind
        return kind


def minor_of(text: str) -> int | None:
    """An amount without a decimal point, in minor units of its currency; None for what is none.

    >>> minor_of("+000000000208500"), minor_of("-3500"), minor_of("12.50")
    (208500, -3500, None)
    """
    return int(text) if _AMOUNT.fullmatch(text) else None


def funds_fields(fields: list[str], at: int) -> int | None:
    """How many fields follow the funds type at a place; None for a funds type that is not known."""
    kind = fields[at].strip().upper() if at < len(fields) else ""
    if kind != _DISTRIBUTED:
        return _FUNDS.get(kind)
    count = fields[at + 1].strip() if at + 1 < len(fields) else ""
    if not (count.isascii() and count.isdecimal() and len(count) < len(str(_DISTRIBUTIONS_MAX))):
        return None
    return 1 + 2 * int(count)


class EntryBuilder:
    """Builds the entries of one file, and notes why one cannot be built."""

    def __init__(self, notes: ReadNotes, settings: Bai2Settings) -> None:
        self._notes = notes
        self._settings = settings
        self._source = notes.source
        self._days = _Days()
        self._simple = _Simple()

    def amount_of(self, record: Record) -> int:
        """What a detail adds to the control total of its account, whether it can be read or not."""
        parts = record.lines[0].split(",", 3)
        text = parts[2].strip() if len(parts) > 2 else ""  # noqa: PLR2004  # the third field
        return minor_of(unslashed(text)) or 0

    def entry(self, record: Record, account: Account) -> BankEntry | None:
        """The entry of a detail; None where it cannot be read, which is noted."""
        account.index += 1
        lines = record.lines
        try:
            _, code, amount, funds, rest = lines[0].split(",", 4)
            extra = _FUNDS[funds]
            parts = rest.split(",", extra + 2)
            text = parts[extra + 2]
            kind = self._simple[code]
            value_day = self._days[parts[0]] if extra == _DATED else None
        except (KeyError, IndexError, ValueError):
            return self._unusual(record, account)
        if len(amount) > _SURE_DIGITS or not (amount.isdigit() and amount.isascii()):
            return self._unusual(record, account)
        day = account.day
        if day is None or funds == "0" or record.is_odd:
            return self._unusual(record, account)
        said = text if len(lines) == 1 and text[-1:] != "/" else _whole(text, lines)
        if said is None:
            return self._unusual(record, account)
        text = said.strip()
        customer = parts[extra + 1]
        if customer[:1] in _DOUBTFUL:
            customer = _reference(customer)
        bank = parts[extra]
        if bank[:1] in _DOUBTFUL:
            bank = _reference(bank)
        if text or customer:
            remittance = Remittance(text=(text,) if text else (), end_to_end=customer)
            details: tuple[EntryDetail, ...] = (EntryDetail(remittance=remittance),)
        else:
            details = ()
        return BankEntry(
            account=account.account,
            statement=account.statement,
            index=account.index,
            amount_minor=int(amount) * kind.sign,
            currency=account.currency,
            is_booked=account.is_booked,
            booking_date=day,
            value_date=value_day,
            bank_reference=bank,
            bank_code=code,
            text=text,
            details=details,
            source=Place(self._source, line=record.line),
            method=kind.method,
            raw=lines[0] if len(lines) == 1 else "\n".join(lines),
        )

    def _unusual(self, record: Record, account: Account) -> BankEntry | None:
        """The entry of any detail, field by field."""
        parsed = self._parts(record)
        if parsed is None:
            return None
        parts, rest = parsed
        kind = type_code(parts[0])
        if kind is None or (kind.sign == 0 and kind.code != _NO_MONEY):
            msg = f"type of a detail must be a credit (100-399) or a debit (400-699), got {_shown(parts[0])}"
            self._notes.error("bai2.type-unknown", msg, line=record.line, field="type")
            return None
        minor = self._minor(parts[1], kind, record)
        if minor is None:
            return None
        value_day = self._value_day(parts, record, account.day)
        if account.day is None and value_day is None and minor > 0:
            msg = "a credit must have a date of its group or a value date, got neither"
            self._notes.error("date.missing", msg, line=record.line, field="as-of date")
            return None
        pieces = self._pieces(record, parts[-1], rest)
        text = " ".join(filter(None, map(str.strip, pieces)))
        return BankEntry(
            account=account.account,
            statement=account.statement,
            index=account.index,
            amount_minor=minor,
            currency=account.currency,
            is_booked=account.is_booked and kind.sign != 0,
            is_reversal=kind.is_reversal,
            booking_date=account.day,
            value_date=value_day,
            bank_reference=_reference(parts[-3]),
            bank_code=kind.code,
            text=text,
            details=self._details(pieces, text, _reference(parts[-2]), kind, minor),
            source=Place(self._source, line=record.line),
            method=kind.method,
            raw="\n".join(record.lines),
        )

    def _parts(self, record: Record) -> tuple[list[str], list[str]] | None:
        """The fields with the beginning of the text at last, and the lines after it; None is noted."""
        lines = record.lines
        body = unslashed(lines[0][3:])
        parts = body.split(",", _PLAIN)
        used = 1
        while True:
            extra = funds_fields(parts, 2) if len(parts) > _PLAIN or used == len(lines) else 0
            if extra is None:
                msg = f"funds type must be one of blank, Z, 0, 1, 2, V, S and D, got {_shown(parts[2])}"
                self._notes.error("bai2.funds-type-unknown", msg, line=record.line, field="funds")
                return None
            if extra:
                parts = body.split(",", _PLAIN + extra)
            if len(parts) == _PLAIN + extra + 1 or used == len(lines):
                break
            if not lines[used].startswith(CONTINUATION):
                self._note_broken(record, is_error=True)
                return None
            # The text has not begun: what follows goes on with the next field.
            body = f"{body},{unslashed(lines[used][3:])}"
            parts = body.split(",", _PLAIN)
            used += 1
        is_ended = lines[-1].rstrip().endswith("/")
        if (
            len(parts) == _PLAIN + extra + 1
            and lines[used - 1].rstrip().endswith("/")
            and not is_ended
        ):
            # Where the last line of a text has no slash, this bank ends none of them with one.
            parts[-1] += "/" if parts[-1] else ""
        return [*parts, *[""] * (_PLAIN + extra + 1 - len(parts))], lines[used:]

    def _minor(self, text: str, kind: TypeCode, record: Record) -> int | None:
        """The signed amount in minor units; None is noted."""
        if text.isdigit() and len(text) <= _SURE_DIGITS and text.isascii():
            return int(text) * kind.sign
        text = text.strip()
        found = minor_of(text or ("0" if kind.code == _NO_MONEY else ""))
        if found is None:
            code, must = "amount.invalid", "be digits without a decimal point"
        elif found < 0:
            code, must = "entry.direction-invalid", "have no sign beside its type code"
        elif found > limits.AMOUNT_MINOR_MAX:
            code, must = "amount.limit", f"be at most {limits.AMOUNT_MINOR_MAX} minor units"
        else:
            return found * kind.sign
        self._notes.error(
            code, f"amount must {must}, got {_shown(text)}", line=record.line, field="amount"
        )
        return None

    def _value_day(self, parts: list[str], record: Record, day: dt.date | None) -> dt.date | None:
        """When the money is available: the value date, or the day itself where it is immediate."""
        funds = parts[2].strip().upper()
        if funds == "0":
            return day
        if funds != "V":
            return None
        text = parts[3].strip()
        found = day_of(text)
        if found is None and text:
            msg = f"value date must be a day YYMMDD, got {_shown(text)}"
            self._notes.error("date.invalid", msg, line=record.line, field="value date")
        return found

    def _pieces(self, record: Record, first: str, rest: list[str]) -> list[str]:
        """The text in pieces: a keyword begins a new one, anything else goes on without a blank."""
        is_ended = record.lines[-1].rstrip().endswith("/")
        pieces = [first]
        for line in rest:
            is_more = line.startswith(CONTINUATION)
            piece = line[3:] if is_more else f" {line}"
            piece = unslashed(piece) if is_ended else piece
            if is_more and _KEYWORD.match(piece):
                pieces.append(piece)
            else:
                pieces[-1] += piece
        if record.is_broken:
            self._note_broken(record, is_error=False)
        return pieces

    def _note_broken(self, record: Record, *, is_error: bool) -> None:
        what = "" if is_error else " and was taken for more of the text before it"
        msg = f"a line must begin with the code of a record, got one that does not{what}"
        note = self._notes.error if is_error else self._notes.warn
        note("bai2.record-broken", msg, line=record.line, field="text")

    def _details(
        self, pieces: list[str], text: str, customer: str, kind: TypeCode, minor: int
    ) -> tuple[EntryDetail, ...]:
        said = {PAYER: "", PAYER_ACCOUNT: "", END_TO_END: ""}
        for piece in pieces:
            key, colon, value = piece.partition(":")
            meaning = self._settings.keywords.get(key.strip()) if colon else None
            if meaning is not None and not said[meaning]:
                said[meaning] = value.strip()
        returned = self._returned(kind, text)
        if not (text or customer or returned):
            return ()
        end_to_end = _reference(said[END_TO_END]) or customer
        is_other = customer not in {"", end_to_end}
        payer = Payer(name=said[PAYER], account=said[PAYER_ACCOUNT]) if minor > 0 else Payer()
        remittance = Remittance(text=filter(None, map(str.strip, pieces)), end_to_end=end_to_end)
        return (
            EntryDetail(
                payer=payer,
                remittance=remittance,
                references=(("customer-reference", customer),) if is_other else (),
                returned=returned,
            ),
        )

    def _returned(self, kind: TypeCode, text: str) -> ReturnInfo | None:
        """Why money came back, where the code says so, or the text under a code that says nothing."""
        what = kind.returned
        upper = text.upper()
        if kind.code == _ANY_DEBIT and upper.startswith(self._settings.return_texts):
            what = "" if _CHARGE.search(upper) else "item returned"
        if not what:
            return None
        reason = _REASON.search(text)
        return ReturnInfo(code=reason[1].upper() if reason else "", text=text or what)


def _whole(text: str, lines: list[str]) -> str | None:
    """A text with what goes on in its continuations; None where keywords or slashes part it."""
    if len(lines) == 1:
        return text[:-1]
    if text[-1:] == "/":
        return None
    for line in lines[1:]:
        if line[-1] == "/" or ":" in line[_KEYWORD_PLACE]:
            return None
        text += line[3:]
    return text


def _reference(text: str) -> str:
    """A reference, unless it is filled with zeros or says that there is none."""
    text = text.strip()
    return text if text.strip("0") and text not in _NO_REFERENCES else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")
