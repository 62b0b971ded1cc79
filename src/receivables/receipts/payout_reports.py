r"""Reports of payment processors while they are read: rows, texts, days, and payouts under way.

For adapters.  What every reader of such reports must do is done here in the same words: card numbers
are masked, nothing comes twice, and a payout is given whole or not at all.

>>> import io
>>> notes = ReadNotes("payouts.csv")
>>> rows = ReportTable(io.BytesIO(b"Id,Net  Amount\nre_1,9.80\n"), notes, needed=["id"])
>>> [(row.line, row.text("net amount")) for row in rows.read(Days())]
[(2, '9.80')]
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from receivables import limits
from receivables.cards import holds_card_number, masked
from receivables.errors import (
    InexactAmountError,
    LimitError,
    MoneyError,
    PolicyError,
    UnknownCurrencyError,
)
from receivables.money import digits, minor_of
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.payouts import MovementKind, Payout, ProcessorMovement, payout_of
from receivables.texts import TextLines

if TYPE_CHECKING:
    from receivables.adapters import PayoutRecord

__all__ = [
    "Days",
    "PayoutsUnderWay",
    "ReportRow",
    "ReportTable",
    "check_kinds",
    "check_time_zone",
    "heading_of",
    "is_json",
    "json_values",
    "peeked",
]

_JSON_BYTES_MAX: Final = 1_000_000_000
"""Bytes of one JSON value; a year of pages that somebody put into one file has fewer."""

_DELIMITERS: Final = (",", ";", "\t")
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,10})?")
_MOMENT: Final = re.compile(
    r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?"
    r" ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
)
_CARD_LENGTH_MIN: Final = 13
_NO_TEXTS: Final = (bool, dict, list)


def check_time_zone(name: str) -> dt.tzinfo:
    """The zone of an IANA name; raises `PolicyError` for one that does not exist.

    >>> check_time_zone("UTC")
    datetime.timezone.utc
    """
    if name == "UTC":
        return dt.UTC
    import zoneinfo  # noqa: PLC0415  # rarely needed, and not free

    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        msg = f"time zone must be an IANA name, got {name!r}"
        raise PolicyError(msg) from None


def check_kinds(values: Mapping[str, str]) -> Mapping[str, MovementKind]:
    """The kinds of movements that settings give to words of a report; raises `PolicyError`.

    >>> check_kinds({"network_cost": "fee"})
    {'network_cost': <MovementKind.FEE: 'fee'>}
    """
    known = {kind.value: kind for kind in MovementKind}
    for word, value in values.items():
        if value not in known:
            msg = f"kind of {word!r} must be among {', '.join(sorted(known))}, got {value!r}"
            raise PolicyError(msg)
    return {word: known[value] for word, value in values.items()}


class Days:
    """Days of moments: in UTC, or in the zone that the settings give.

    >>> Days().day(1234567890), Days().day("2026-10-31T23:30:00.000Z")
    (datetime.date(2009, 2, 13), datetime.date(2026, 10, 31))
    >>> Days("Europe/Paris").day("2026-10-31 23:30:00")
    datetime.date(2026, 11, 1)
    """

    def __init__(self, time_zone: str = "UTC") -> None:
        self._zone = check_time_zone(time_zone)
        self._is_utc = self._zone is dt.UTC
        # Moments differ, but the days on which money moves are written again and again.
        self._known = functools.lru_cache(maxsize=4_096)(self._of_text)

    def day(self, value: object, *, written_in: dt.tzinfo | None = None) -> dt.date | None:
        """The day of seconds since 1970 or of a text; None for what is no moment.

        A moment without an offset is one of `written_in` (UTC without it); a day alone is itself.
        """
        try:
            if type(value) is int:
                return dt.datetime.fromtimestamp(value, self._zone).date()
            return self._known(value, written_in) if isinstance(value, str) else None
        except (ValueError, OverflowError, OSError):
            return None

    def _of_text(self, text: str, written_in: dt.tzinfo | None) -> dt.date | None:
        found = _MOMENT.fullmatch(text.strip())
        if found is None:
            return None
        year, month, day, hour, minute, second, offset = found.groups()
        if hour is None:
            return dt.date(int(year), int(month), int(day))
        zone = _offset(offset) if offset else written_in or dt.UTC
        if self._is_utc and zone is dt.UTC:
            return dt.date(int(year), int(month), int(day))
        moment = dt.datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone
        )
        return moment.astimezone(self._zone).date()


@functools.lru_cache(maxsize=256)
def _offset(text: str) -> dt.tzinfo:
    if text[0] not in "+-":
        return dt.UTC
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return dt.timezone(sign * dt.timedelta(minutes=minutes))


class ReportRow:
    """One row or one object of a report, by the names of its fields.

    What cannot be read is noted with its place; after that, `is_refused` is true.
    """

    __slots__ = ("cells", "days", "is_refused", "line", "notes")

    def __init__(
        self, cells: dict[str, Any], *, notes: ReadNotes, days: Days, line: int | None = None
    ) -> None:
        self.cells = cells
        self.line = line
        self.is_refused = False
        self.notes = notes
        self.days = days

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.notes.source, line=self.line)

    def refuse(self, code: str, message: str, *, field: str = "") -> None:
        """Note an error of this row; nothing will come of it."""
        self.is_refused = True
        self.notes.error(code, masked(message), line=self.line, field=field or None)

    def warn(self, code: str, message: str, *, field: str = "") -> None:
        """Note something odd about this row."""
        self.notes.warn(code, masked(message), line=self.line, field=field or None)

    def at(self, path: str) -> Any:  # noqa: ANN401  # whatever the report says
        """The value of a field, or of a field inside of one (``card.brand``); None without it."""
        cells = self.cells
        if path in cells:
            return cells[path]
        if "." not in path:
            return None
        value: Any = cells
        for name in path.split("."):
            if type(value) is not dict:
                return None
            value = value.get(name)
        return value

    def name(self, path: str) -> str:
        """A name that a processor gave, as it stands; of an object its ``id``.

        A card number in its place cannot be masked without naming something else: the row is
        refused.
        """
        cells = self.cells
        value = cells[path] if path in cells else self.at(path)
        if type(value) is dict:
            value = value.get("id")
        name = value.strip() if type(value) is str else str(value) if type(value) is int else ""
        if len(name) < _CARD_LENGTH_MIN or not holds_card_number(name):
            return name
        self.refuse("card.number", f"{path} must be no card number, got one", field=path)
        return masked(name)

    def needed_name(self, path: str, *, code: str) -> str:
        """A name that must be there."""
        value = self.name(path)
        if not value:
            self.refuse(code, f"{path} must be given, got none", field=path)
        return value

    def text(self, *paths: str) -> str:
        """The first text that is not empty, with every card number masked and noted."""
        cells = self.cells
        for path in paths:
            value = cells[path] if path in cells else self.at(path)
            if value is None or value == "" or isinstance(value, _NO_TEXTS):
                continue
            if text := " ".join(str(value).split()):
                # Masked before it is cut, because a part of a card number would not be seen.
                return self.without_cards(text, field=path)[: limits.TEXT_MAX]
        return ""

    def without_cards(self, text: str, *, field: str = "") -> str:
        """A text with every card number masked and noted."""
        if len(text) < _CARD_LENGTH_MIN or not holds_card_number(text):
            return text
        msg = f"{field or 'text'} must hold no card number, got one"
        self.notes.error("card.number", msg, line=self.line, field=field or None)
        return masked(text)

    def last4(self, path: str) -> str:
        """The last four figures of a card or an account, however many of them there are."""
        return self.text(path)[-4:]

    def currency(self, *paths: str) -> str:
        """A currency in capitals; refused where it is none."""
        code = ""
        for path in paths:
            if code := self.name(path).upper():
                break
        if not code:
            self.refuse("currency.missing", "currency must be given, got none", field=paths[0])
            return ""
        try:
            digits(code)
        except UnknownCurrencyError as error:
            self.refuse("currency.unknown", str(error), field=paths[0])
            return ""
        return code

    def major(self, path: str, currency: str) -> int:
        """An amount in units of its currency, as minor units; 0 where it is empty or refused."""
        cells = self.cells
        value = cells[path] if path in cells else self.at(path)
        if value is None or value == "" or not currency:
            return 0
        return self.minor_of(self.decimal(value, field=path), currency, field=path)

    def minor(self, path: str, currency: str) -> int:
        """An amount in minor units, which has no decimals; 0 where it is empty or refused."""
        value = self.at(path)
        if value is None or value == "" or not currency:
            return 0
        amount = self.decimal(value, field=path)
        if amount is None:
            return 0
        if amount != amount.to_integral_value():
            msg = f"{path} must be whole minor units, got {value}"
            self.refuse("amount.inexact", msg, field=path)
        elif abs(amount) > limits.AMOUNT_MINOR_MAX:
            self.refuse("amount.limit", f"{path} must be within the limit, got more", field=path)
        else:
            return int(amount)
        return 0

    def decimal(self, value: object, *, field: str) -> Decimal | None:
        """A number as reports write it: a sign, figures, a point; refused otherwise."""
        text = value.strip() if type(value) is str else ""
        if text and _AMOUNT.fullmatch(text):
            return Decimal(text)
        if type(value) is int or (isinstance(value, Decimal) and value.is_finite()):
            return Decimal(value)
        shown = masked(text)[:40] if text else type(value).__name__
        self.refuse("amount.invalid", f"{field} must be an amount, got {shown!r}", field=field)
        return None

    def minor_of(self, amount: Decimal | None, currency: str, *, field: str) -> int:
        """A decimal amount in minor units; refused where it has a part of one."""
        if amount is None or not currency:
            return 0
        try:
            return minor_of(amount, currency)
        except InexactAmountError as error:
            self.refuse("amount.inexact", str(error), field=field)
        except LimitError as error:
            self.refuse("amount.limit", str(error), field=field)
        except (MoneyError, InvalidOperation) as error:
            self.refuse("amount.invalid", str(error), field=field)
        return 0

    def day(self, *paths: str, written_in: dt.tzinfo | None = None) -> dt.date | None:
        """The day of the first field that is not empty; None without one, or where refused."""
        cells = self.cells
        for path in paths:
            value = cells[path] if path in cells else self.at(path)
            if value is None or value == "":
                continue
            found = self.days.day(value, written_in=written_in)
            if found is None:
                self.refuse("date.invalid", f"{path} must be a day, got {value!r}", field=path)
            return found
        return None

    def needed_day(self, *paths: str, written_in: dt.tzinfo | None = None) -> dt.date:
        """A day that must be there."""
        found = self.day(*paths, written_in=written_in)
        if found is None and not self.is_refused:
            self.refuse("date.missing", f"{paths[0]} must be given, got none", field=paths[0])
        return found or dt.date.min


class ReportTable:
    """A delimited report with headings; blanks and capitals in a heading make no difference.

    The delimiter is the one that finds the headings that are `needed`; where it is given, the report
    has no headings, and only its `fields` can be read.  `lost` counts the rows that could not be.
    """

    def __init__(
        self,
        stream: BinaryIO,
        notes: ReadNotes,
        *,
        needed: Iterable[str] = (),
        delimiter: str = "",
    ) -> None:
        self._lines = TextLines(stream, notes=notes)
        self._source = iter(self._lines)
        self._notes = notes
        self.lost = 0
        heading = "" if delimiter else next(self._source, "")
        found, self.raw_headings = _headed(heading, frozenset(needed))
        self._delimiter = delimiter or found
        self.headings = tuple(heading_of(text) for text in self.raw_headings)
        self.is_empty = not heading.strip()

    def read(self, days: Days) -> Iterator[ReportRow]:
        """Every row that has as many fields as there are headings."""
        names = self.headings
        width = len(names)
        for line, fields in self.fields():
            if len(fields) == width:
                cells = dict(zip(names, fields, strict=True))
                yield ReportRow(cells, notes=self._notes, days=days, line=line)
            else:
                self.lost += 1
                msg = f"row must have {width} fields, got {len(fields)}"
                self._notes.error("row.length", msg, line=line)

    def fields(self) -> Iterator[tuple[int, list[str]]]:
        """The fields of every row that is not empty, with its line."""
        lines, notes = self._lines, self._notes
        records = csv.reader(self._source, delimiter=self._delimiter, strict=True)
        while True:
            line = lines.number + 1
            try:
                fields = next(records)
            except StopIteration:
                self.lost += len(lines.damaged)
                return
            except csv.Error as error:
                self.lost += 1
                msg = f"row must be quoted as RFC 4180 says, got {error}"
                notes.error("file.format", msg, line=line)
                continue
            if any(fields):
                yield line, fields


def heading_of(text: str) -> str:
    """A heading without the blanks and the capitals that differ from one version to the next."""
    return " ".join(text.split()).casefold()


def _headed(heading: str, needed: frozenset[str]) -> tuple[str, list[str]]:
    found = {mark: _split(heading, mark) for mark in _DELIMITERS}
    for mark, names in found.items():
        if needed and needed <= {heading_of(name) for name in names}:
            return mark, names
    mark = max(found, key=lambda each: len(found[each]))
    return mark, found[mark]


def _split(heading: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([heading], delimiter=mark, strict=True), [])
    except csv.Error:
        return []


def is_json(head: bytes) -> bool:
    """Whether a file begins as an object or a list of JSON does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def peeked(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first line of a stream, or the beginning of a long one, and the stream as it was."""
    head = stream.readline(limits.LINE_BYTES_MAX)
    return head, cast("BinaryIO", _Rejoined(head, stream))


class _Rejoined:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readline(self, size: int = -1) -> bytes:
        """What was read already, then the lines that follow it."""
        head, self._head = self._head, b""
        return head or self._rest.readline(size)

    def read(self, size: int = -1) -> bytes:
        """What is left."""
        head, self._head = self._head, b""
        return head + self._rest.read(size)


def json_values(stream: BinaryIO, notes: ReadNotes) -> Iterator[Any]:
    r"""The JSON values of a file, one after the other: one, or a line for each.  Numbers are exact.

    Notes ``file.empty``, ``encoding.invalid``, ``file.format`` and ``file.truncated``.

    >>> import io
    >>> list(json_values(io.BytesIO(b'{"a": 1.10}\n{"a": 2}\n'), ReadNotes("pages.json")))
    [{'a': Decimal('1.10')}, {'a': 2}]
    """
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)
    is_empty = True
    for number, line in enumerate(iter(lambda: stream.readline(_JSON_BYTES_MAX), b""), 1):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not raw.strip():
            continue
        is_empty = False
        try:
            value = decoder.decode(raw.decode())
        except (ValueError, RecursionError):
            # A value that spans lines: whatever is left is taken apart as one text.
            yield from _one_by_one(raw + stream.read(_JSON_BYTES_MAX), decoder, notes, line=number)
            return
        yield value
    if is_empty:
        notes.error("file.empty", "file must hold JSON, got nothing")


def _no_number(text: str) -> Any:  # noqa: ANN401  # it never returns
    msg = f"a number must be finite, got {text}"
    raise ValueError(msg)


def _one_by_one(
    raw: bytes, decoder: json.JSONDecoder, notes: ReadNotes, *, line: int
) -> Iterator[Any]:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        notes.error("encoding.invalid", "file must be text in utf-8, got other bytes", line=line)
        return
    if len(raw) >= _JSON_BYTES_MAX:
        notes.error("file.too-large", f"a value must have fewer than {_JSON_BYTES_MAX} bytes")
        return
    place = len(text) - len(text.lstrip())
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            at = getattr(error, "pos", place)
            code = "file.truncated" if at >= len(text) - 1 else "file.format"
            here = line + text.count("\n", 0, at)
            notes.error(code, "file must hold whole JSON values, got another text", line=here)
            return
        yield value
        place = len(text) - len(text[place:].lstrip())


class PayoutsUnderWay:
    """Movements while their payout is not whole: a payout is given after all of them, or none is.

    >>> notes = ReadNotes("report.csv")
    >>> under_way = PayoutsUnderWay(notes, processor="stripe")
    >>> under_way.hold(ProcessorMovement(movement="txn_1", processor="stripe", payout="po_1",
    ...     kind=MovementKind.PAYMENT, gross_minor=10000, fee_minor=290, currency="EUR",
    ...     occurred_on=dt.date(2026, 10, 1)))
    >>> day = dt.date(2026, 10, 3)
    >>> list(under_way.finish("po_1", amount_minor=9800, currency="EUR", paid_on=day))
    []
    >>> [problem.code for problem in notes.problems]
    ['payout.unbalanced']
    """

    def __init__(self, notes: ReadNotes, *, processor: str) -> None:
        self._notes = notes
        self._processor = processor
        self._held: dict[str, list[ProcessorMovement]] = {}
        self._seen: dict[str, ProcessorMovement] = {}
        self._payouts: set[str] = set()
        self._spoilt: set[str] = set()
        self._is_lost = False

    def hold(self, movement: ProcessorMovement) -> None:
        """Keep a movement until its payout is finished; noted and left out where it comes twice."""
        before = self._seen.setdefault(movement.movement, movement)
        if before is movement:
            self._held.setdefault(movement.payout, []).append(movement)
            return
        what = "again" if before == movement else "with another content"
        if before != movement:
            self._spoilt |= {before.payout, movement.payout} - {""}
        line = None if movement.source is None else movement.source.line
        msg = f"movement {masked(movement.movement)} must stand once, got it {what}"
        self._notes.error("payout.duplicate", msg, line=line)

    def is_new(self, record: PayoutRecord) -> bool:
        """Whether a record is none of the movements that came already, whatever it says of it."""
        return not isinstance(record, ProcessorMovement) or record.movement not in self._seen

    def movements(self, payout: str) -> list[ProcessorMovement]:
        """What is held for a payout, in the order in which it came."""
        return self._held.get(payout, [])

    def spoil(self, payout: str = "") -> None:
        """A row of a payout could not be read; without a name, nobody knows of which one."""
        if payout:
            self._spoilt.add(payout)
        else:
            self._is_lost = True

    def names(self) -> list[str]:
        """The payouts that movements are held for, in the order in which they came."""
        return [name for name in self._held if name]

    def finish(
        self,
        payout: str,
        *,
        amount_minor: int | None,
        currency: str,
        line: int | None = None,
        **fields: Any,  # noqa: ANN401  # fields of `Payout`
    ) -> Iterator[PayoutRecord]:
        """Give a payout after its movements, or nothing where it does not hold.

        Without an amount, it is what the movements come to, which holds only where no row was lost.
        """
        if payout in self._payouts:
            msg = f"payout {payout} must stand once, got it again"
            self._notes.error("payout.duplicate", msg, line=line)
            return
        self._payouts.add(payout)
        held = self._held.pop(payout, [])
        whole = payout_of(
            held,
            payout=payout,
            processor=self._processor,
            currency=currency,
            amount_minor=sum(each.net_minor for each in held)
            if amount_minor is None
            else amount_minor,
            **fields,
        )
        is_proved = amount_minor is not None or not self._is_lost
        if self._holds(whole, held, is_proved=is_proved, line=line):
            yield from held
            yield whole

    def _holds(
        self, payout: Payout, held: list[ProcessorMovement], *, is_proved: bool, line: int | None
    ) -> bool:
        name = payout.payout
        others = sorted({each.currency for each in held} - {payout.currency})
        if payout.difference_minor:
            got = f"a difference of {payout.difference_minor} minor units of {payout.currency}"
        elif others:
            got = f"movements in {', '.join(others)} as well"
        elif name in self._spoilt or not is_proved:
            got = "a row that could not be read"
        else:
            return True
        msg = f"movements of payout {name} must come to its amount, got {got}"
        self._notes.error("payout.unbalanced", msg, line=line)
        return False

    def give(self, payout: Payout) -> Iterator[PayoutRecord]:
        """Give a payout whose movements the report does not have."""
        if payout.payout in self._payouts:
            line = None if payout.source is None else payout.source.line
            msg = f"payout {payout.payout} must stand once, got it again"
            self._notes.error("payout.duplicate", msg, line=line)
            return
        self._payouts.add(payout.payout)
        yield payout

    def rest(self) -> Iterator[ProcessorMovement]:
        """The movements of no payout of this report; those of one with a row lost stay back."""
        for payout, held in self._held.items():
            if payout in self._spoilt:
                msg = f"movements of payout {payout} must all be read, got a row that could not be"
                self._notes.error("payout.unbalanced", msg)
                continue
            yield from held
        self._held = {}
