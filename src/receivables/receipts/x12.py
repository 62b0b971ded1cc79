r"""Remittance in ANSI X12: segments out of text, and the open items of an 820.

The same segments stand in an interchange of their own (820, 823) and in the addenda of an ACH entry
(CTX), where the envelope is often left out and a segment ends with a backslash.

>>> text = r"RMR*IV*26801*PO*4408.75*4650.41*97.9\ADX*-143.76*59*CM*26801\DTM*003*20190904"
>>> reading = OpenItemReading("USD", note=print)
>>> for elements in split_segments(text, find_delimiters(text)):
...     reading.take(elements)
>>> (document,) = reading.finish()
>>> document.number, document.amount_minor, document.discount_minor, document.adjustment_minor
('26801', 440875, 9790, 14376)
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from receivables import limits
from receivables.errors import DocumentError, InexactAmountError, LimitError, MoneyError
from receivables.money import digits
from receivables.receipts.model import ReferredDocument

__all__ = [
    "Delimiters",
    "Note",
    "OpenItemReading",
    "element",
    "find_delimiters",
    "parse_x12_amount",
    "parse_x12_date",
    "problem_code",
    "split_segments",
]

Note: TypeAlias = Callable[[str, str, str], object]
"""What is told of a problem: its code, a sentence, and the element (``RMR04``)."""

_TAGS: Final = (
    "ADX|BAT|BPR|CUR|DED|DEP|DTM|ENT|GE|GS|IEA|ISA|IT1|LX|N1|N2|N3|N4|NM1|NTE|PER|REF|RMR|SE|SLN"
    "|ST|TRN|TXP"
)
_FIRST: Final = re.compile(rf"\s*({_TAGS})([^\w\s])")
_MARKS: Final = "\\~|'^"
"""What ends a segment where only one is there to learn it from; else a line end."""

_ISA_ELEMENTS: Final = 16
_ISA_LENGTH_MAX: Final = 200
"""Characters of an ISA segment: 106 by the standard, and a few more where it is badly padded."""

_AMOUNT_LENGTH_MAX: Final = 30
_USUAL_PLACES: Final = 2
_SURE_LENGTH: Final = len(str(limits.AMOUNT_MINOR_MAX)) - 1 - _USUAL_PLACES
"""Characters of an amount that is surely within the limit."""

_LONG_DATE: Final = 8
_SHORT_DATE: Final = 6
_CENTURY_AFTER: Final = 70
"""Years of two digits from here on are of the twentieth century: X12 began in 1979."""

# X12 element 128 and 1032 beside the codes of ISO 20022 that say the same.
_KINDS: Final = MappingProxyType(
    {
        "BM": "BOLD",
        "CM": "CREN",
        "CN": "CREN",
        "DB": "DEBN",
        "DL": "DEBN",
        "IK": "CINV",
        "IV": "CINV",
        "OI": "CINV",
        "PO": "PUOR",
        "R7": "AROI",
        "SI": "CINV",
        "VV": "VCHR",
    }
)
_CREDIT_NOTE: Final = "CREN"

# References of an open item that a creditor knows a document by; shops and departments are not.
_KEPT_REFERENCES: Final = frozenset({"BM", "IV", "OI", "PO"})

# 003 is the invoice's date, 097 that of its creation, which some payers give instead.
_DATES: Final = ("003", "097")


@attrs.frozen(kw_only=True)
class Delimiters:
    """The characters that part elements, components of an element, and segments."""

    element: str
    segment: str
    component: str = ""


def find_delimiters(text: str) -> Delimiters | None:
    r"""The delimiters of a text that begins with a segment of X12; None where it does not.

    An ISA segment declares them (its sixteenth element is the component mark, and what follows it
    ends the segment); without one they are those that stand around the segments that are known.

    >>> find_delimiters("RMR*IV*26801*PI*100\\RMR*IV*26927*PI*20\\").segment
    '\\'
    >>> find_delimiters("Invoice 26801") is None
    True
    """
    first = _FIRST.match(text)
    if first is None:
        return None
    mark = first[2]
    if first[1] == "ISA":
        return _declared(text[first.start(1) :][:_ISA_LENGTH_MAX], mark)
    following = _following(mark).search(text, first.end())
    last = text.rstrip()[-1:]
    segment = following[1] if following else last if last in _MARKS and last != mark else "\n"
    return Delimiters(element=mark, segment=segment)


def _declared(text: str, mark: str) -> Delimiters | None:
    parts = text.split(mark, _ISA_ELEMENTS)
    last = parts[-1]
    if len(parts) <= _ISA_ELEMENTS or len(last) < len(":~") or last[1].isalnum():
        return None
    return Delimiters(element=mark, segment=last[1], component=last[0])


@functools.cache
def _following(mark: str) -> re.Pattern[str]:
    escaped = re.escape(mark)
    return re.compile(rf"([^\w\s{escaped}]|[\r\n])\s*(?:{_TAGS}){escaped}")


def split_segments(text: str, delimiters: Delimiters) -> Iterator[list[str]]:
    """The elements of each segment, the first one its name; blank segments are left out.

    Line ends inside of a segment, as programs put them in every 80 characters, belong to no element.

    >>> list(split_segments("ST*820*1~ SE*2*1~", Delimiters(element="*", segment="~")))
    [['ST', '820', '1'], ['SE', '2', '1']]
    """
    mark = delimiters.element
    for raw in text.split(delimiters.segment):
        segment = raw.replace("\r", "").replace("\n", "").strip()
        if segment:
            yield segment.split(mark)


def element(elements: Sequence[str], position: int) -> str:
    """An element of a segment without the blanks around it; empty where there is none.

    >>> element(["TRN", "1", " 4529952 "], 2), element(["TRN", "1"], 4)
    ('4529952', '')
    """
    return elements[position].strip() if position < len(elements) else ""


def parse_x12_amount(text: str, currency: str) -> int:
    """An X12 decimal in minor units; raises `MoneyError` or `LimitError`.

    >>> parse_x12_amount("-143.76", "USD"), parse_x12_amount("2276.1", "USD")
    (-14376, 227610)
    """
    return _minor(text, digits(currency))


def _minor(text: str, places: int) -> int:
    sign = -1 if text[:1] == "-" else 1
    whole, _, fraction = text.removeprefix("-").partition(".")
    plain = whole + fraction
    if not (plain.isascii() and plain.isdecimal()):
        msg = f"amount must be an X12 decimal number, got {text[:_AMOUNT_LENGTH_MAX]!r}"
        raise MoneyError(msg)
    if len(fraction) > places and fraction[places:].strip("0"):
        msg = f"amount must have at most {places} decimals, got {text[:_AMOUNT_LENGTH_MAX]}"
        raise InexactAmountError(msg)
    figures = whole.lstrip("0") + fraction[:places].ljust(places, "0")
    minor = int(figures) if figures and len(figures) <= _AMOUNT_LENGTH_MAX else 0
    if len(figures) > _AMOUNT_LENGTH_MAX or minor > limits.AMOUNT_MINOR_MAX:
        msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got more"
        raise LimitError(msg)
    return sign * minor


@functools.lru_cache(maxsize=4096)
def parse_x12_date(text: str) -> dt.date:
    """A date of eight figures, or of six in the versions before 004010; raises `DocumentError`.

    >>> parse_x12_date("20191029"), parse_x12_date("191029")
    (datetime.date(2019, 10, 29), datetime.date(2019, 10, 29))
    """
    figures = text
    if len(text) == _SHORT_DATE and text.isascii() and text.isdecimal():
        figures = ("20" if int(text[:2]) < _CENTURY_AFTER else "19") + text
    try:
        if len(figures) == _LONG_DATE and figures.isascii() and figures.isdecimal():
            return dt.date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        pass
    msg = f"date must be an existing day as CCYYMMDD, got {text[:_LONG_DATE]!r}"
    raise DocumentError(msg)


class OpenItemReading:
    """The open items of a payment under way, as the segments RMR, REF, DTM and ADX name them.

    An ADX that follows an RMR adjusts its item, and is inside of what RMR04 says; one that stands by
    itself (after BPR or ENT) adjusts the payment.  So `total_minor` is the sum of RMR04 and of the
    ADX outside of items, and must be the payment.

    An item that is paid with a negative amount is read as a credit note, whatever its qualifier.
    """

    def __init__(self, currency: str, *, note: Note) -> None:
        self._places = digits(currency)
        self._note = note
        self._documents: list[ReferredDocument] = []
        self._is_full = False
        # The item under way stands here by its parts: payments have them by the hundred thousand.
        self._item: Sequence[str] | None = None
        self._paid: int | None = None
        self._gross: int | None = None
        self._discount = 0
        self._adjustment = 0
        self._reasons: tuple[str, ...] = ()
        self._date: dt.date | None = None
        self.total_minor = 0
        self.has_amounts = False
        """Whether any open item says what is paid for it."""
        self.references: list[tuple[str, str]] = []
        """What else open items are known by: the order, the bill of lading."""

    def take(self, elements: Sequence[str]) -> None:
        """Take a segment; what says nothing of open items is passed over."""
        tag = elements[0]
        if tag == "RMR":
            self._begin(elements)
        elif tag == "REF":
            if self._item is not None and elements[1:2] and elements[1] in _KEPT_REFERENCES:
                self._refer(elements)
        elif tag == "DTM":
            if self._item is not None and elements[1:2] and elements[1] in _DATES:
                self._take_date(elements)
        elif tag == "ADX":
            self._adjust(elements)
        elif tag == "ENT":
            self._end_item()

    def finish(self) -> tuple[ReferredDocument, ...]:
        """End the last item, and return every document."""
        self._end_item()
        return tuple(self._documents)

    def _begin(self, elements: Sequence[str]) -> None:
        if self._item is not None:
            self._end_item()
        self._item = elements
        self._adjustment, self._reasons, self._date = 0, (), None
        self._paid = paid = self._amount(elements, 4)
        if paid is not None:
            self.has_amounts = True
            self.total_minor += paid
        gross = self._amount(elements, 5)
        self._gross = None if gross is None else abs(gross)
        self._discount = self._amount(elements, 6) or 0

    def _refer(self, elements: Sequence[str]) -> None:
        value = element(elements, 2)
        if value and len(self.references) < limits.LEGS_MAX:
            self.references.append((elements[1], value))

    def _take_date(self, elements: Sequence[str]) -> None:
        text = element(elements, 2)
        if not text or (self._date is not None and elements[1] != _DATES[0]):
            return
        try:
            self._date = parse_x12_date(text)
        except DocumentError as error:
            self._note(problem_code(error), str(error), "DTM02")

    def _adjust(self, elements: Sequence[str]) -> None:
        amount = self._amount(elements, 1)
        if amount is None:
            return
        reason = element(elements, 2)
        if self._item is not None:
            self._adjustment -= amount
            if reason and reason not in self._reasons:
                self._reasons = (*self._reasons, reason)
            return
        self.total_minor += amount
        self.has_amounts = True
        kind = _KINDS.get(element(elements, 3), "")
        is_credit_note = kind == _CREDIT_NOTE and amount <= 0
        self._keep(
            ReferredDocument(
                number=element(elements, 4),
                kind=kind,
                amount_minor=-amount if is_credit_note else None,
                adjustment_minor=0 if is_credit_note else -amount,
                adjustment_reason=reason,
            )
        )

    def _end_item(self) -> None:
        item, self._item = self._item, None
        if item is None:
            return
        paid = self._paid
        is_credit = paid is not None and paid < 0
        self._keep(
            ReferredDocument(
                number=element(item, 2),
                kind=_CREDIT_NOTE if is_credit else _KINDS.get(element(item, 1), ""),
                amount_minor=None if paid is None else abs(paid),
                gross_minor=self._gross,
                discount_minor=self._discount,
                adjustment_minor=self._adjustment,
                adjustment_reason=" ".join(self._reasons) if self._reasons else "",
                date=self._date,
            )
        )

    def _keep(self, document: ReferredDocument) -> None:
        if len(self._documents) < limits.LEGS_MAX:
            self._documents.append(document)
        elif not self._is_full:
            self._is_full = True
            msg = f"a payment must have at most {limits.LEGS_MAX} open items, got more"
            self._note("file.too-large", msg, "RMR")

    def _amount(self, elements: Sequence[str], position: int) -> int | None:
        if position >= len(elements):
            return None
        text = elements[position]
        # Nearly all amounts are of two decimals, written out or shortened; others take the long way.
        if self._places == _USUAL_PLACES and len(text) <= _SURE_LENGTH:
            if text[-3:-2] == ".":
                figures = text[:-3] + text[-2:]
            elif text[-2:-1] == ".":
                figures = f"{text[:-2]}{text[-1:]}0"
            else:
                figures = f"{text}00"
            if figures.isdecimal() and figures.isascii():
                return int(figures)
        text = text.strip()
        if not text:
            return None
        try:
            return _minor(text, self._places)
        except DocumentError as error:
            self._note(problem_code(error), str(error), f"{elements[0]}{position:02}")
            return None


def problem_code(error: DocumentError) -> str:
    """The code of the problem that an amount or a date raises.

    >>> problem_code(MoneyError("amount must be a number"))
    'amount.invalid'
    """
    if isinstance(error, InexactAmountError):
        return "amount.inexact"
    if isinstance(error, LimitError):
        return "amount.limit"
    return "amount.invalid" if isinstance(error, MoneyError) else "date.invalid"
