"""What SAP's fields mean for a customer line: signs, kinds, days, amounts, due dates.

Everything here is a pure function of texts and numbers, shared by the readers of files and of
services; `receivables_plugins.sap.lines` makes records of them.  The tables of posting keys,
document types, special general ledger indicators and currencies are those that SAP delivers, as
practitioners describe them; none of them was checked against a system, and a house may have its
own, so that each can be overridden by a setting.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

import attrs

__all__ = [
    "DOCUMENT_TYPES",
    "LEFT_OUT_STATUSES",
    "NOTED_SPECIAL_GL",
    "NO_TERMS",
    "POSTING_KEYS",
    "SPECIAL_GL",
    "SPECIAL_GL_KEYS",
    "TABLE_DECIMALS",
    "Kind",
    "Terms",
    "amount_of",
    "credit_of",
    "day_of",
    "due_date",
    "key_of",
    "kind_of",
    "number_of",
    "reason_left_out",
    "signed",
    "table_amount",
]


class Kind(enum.Enum):
    """What a customer line is for the ledger."""

    INVOICE = "invoice"
    DEBIT_NOTE = "debit-note"
    CREDIT_NOTE = "credit-note"
    RECEIPT = "receipt"

    @property
    def is_credit(self) -> bool:
        """Whether it lowers what the customer owes."""
        return self is Kind.CREDIT_NOTE or self is Kind.RECEIPT


POSTING_KEYS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "01": Kind.INVOICE,
        "02": Kind.DEBIT_NOTE,  # a credit memo taken back
        "04": Kind.DEBIT_NOTE,  # other receivables
        "05": Kind.DEBIT_NOTE,  # money paid out
        "06": Kind.DEBIT_NOTE,  # what a payment left
        "07": Kind.DEBIT_NOTE,
        "08": Kind.DEBIT_NOTE,  # a payment cleared otherwise
        "11": Kind.CREDIT_NOTE,
        "12": Kind.CREDIT_NOTE,  # an invoice taken back
        "14": Kind.CREDIT_NOTE,  # other payables
        "15": Kind.RECEIPT,
        "16": Kind.RECEIPT,  # what a payment had too much
        "17": Kind.CREDIT_NOTE,
        "18": Kind.RECEIPT,
    }
)
"""What a line is by its posting key (BSCHL); 09 and 19 are special general ledger."""

SPECIAL_GL_KEYS: Final = frozenset({"09", "19"})
"""Posting keys of lines that have an indicator of special general ledger."""

DOCUMENT_TYPES: Final[Mapping[str, tuple[Kind, Kind]]] = MappingProxyType(
    {
        "RV": (Kind.INVOICE, Kind.CREDIT_NOTE),  # from billing
        "DR": (Kind.INVOICE, Kind.CREDIT_NOTE),
        "DG": (Kind.DEBIT_NOTE, Kind.CREDIT_NOTE),
        "DV": (Kind.DEBIT_NOTE, Kind.CREDIT_NOTE),  # interest
        "DZ": (Kind.DEBIT_NOTE, Kind.RECEIPT),
        "ZP": (Kind.DEBIT_NOTE, Kind.RECEIPT),
        "ZV": (Kind.DEBIT_NOTE, Kind.RECEIPT),
        "ZR": (Kind.DEBIT_NOTE, Kind.RECEIPT),
    }
)
"""What a debit and a credit line are by the type of their document (BLART)."""

SPECIAL_GL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "A": "down payment",
        "B": "bill of exchange",
        "C": "rent deposit",
        "E": "reserve for bad debt",
        "F": "down payment request",
        "G": "guarantee",
        "H": "security deposit",
        "P": "payment request",
        "R": "bill of exchange request",
        "W": "bill of exchange",
        "Z": "interest receivable",
    }
)
"""Special general ledger indicators (UMSKZ) of customers, by what they are for."""

NOTED_SPECIAL_GL: Final = frozenset("FGPR")
"""Indicators whose lines are noted or statistical: they are in no balance."""

LEFT_OUT_STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "S": "a noted item",
        "V": "a parked document",
        "W": "a parked document",
        "Z": "a parked document",
        "D": "a recurring entry",
        "M": "a sample document",
        "L": "a document of another ledger",
    }
)
"""Statuses of documents (BSTAT) that are in no balance of customers."""

TABLE_DECIMALS: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(("CLP", "COP", "DJF", "GNF", "HUF", "IDR", "JPY", "KMF", "KRW"), 0)
    | dict.fromkeys(("PYG", "RWF", "TWD", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0)
    | {"BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}
)
"""The decimals of currencies that the table TCURX has by delivery; all others have two."""

_TICKS: Final = re.compile(r"/Date\((-?[0-9]{1,16})(?:[+-][0-9]{1,4})?\)/")
_COMPACT: Final = re.compile(r"[0-9]{8}")
_ISO: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.+Z-]{2,32})?")
_EPOCH: Final = dt.date(1970, 1, 1)
_TICKS_PER_DAY: Final = 86_400_000
_NO_DATE: Final = frozenset({"", "0", "00000000", "0000-00-00"})
_AMOUNT: Final = re.compile(r"([+-]?)([0-9]{1,24}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})([+-]?)")
_OWN_TERMS: Final = "V"


def credit_of(code: str) -> bool | None:
    """Whether a debit/credit code (SHKZG, DebitCreditCode) says credit; None where it says nothing.

    Raises `ValueError` for a code that is neither S (*Soll*) nor H (*Haben*).

    >>> credit_of("H"), credit_of("S"), credit_of("")
    (True, False, None)
    """
    if code in {"H", "S", ""}:
        return code == "H" if code else None
    msg = f"debit/credit code must be S or H, got {code!r}"
    raise ValueError(msg)


def signed(amount: Decimal, code: str) -> Decimal:
    """The signed amount of an unsigned one: what is owed positive, a credit negative.

    Raises `ValueError` where the amount has a sign already, or the code is missing.

    >>> signed(Decimal("12.50"), "H"), signed(Decimal("12.50"), "S")
    (Decimal('-12.50'), Decimal('12.50'))
    """
    is_credit = credit_of(code)
    if is_credit is None:
        msg = "an unsigned amount must come with a debit/credit code, got none"
        raise ValueError(msg)
    if amount < 0:
        msg = f"an unsigned amount must not be negative, got {amount}"
        raise ValueError(msg)
    return -amount if is_credit and amount else amount


def amount_of(text: str) -> Decimal:
    """An amount as SAP writes it for machines: a point, blanks around it, the minus often behind.

    Raises `ValueError` for anything else; amounts in lists for people are not read here.

    >>> amount_of(" 50.80"), amount_of("3500-"), amount_of("-7.00")
    (Decimal('50.80'), Decimal('-3500'), Decimal('-7.00'))
    """
    found = _AMOUNT.fullmatch(text.strip().replace("- ", "-"))
    if found is None or (found[1] and found[3]):
        msg = f"amount must be figures with a point and one sign, got {text!r}"
        raise ValueError(msg)
    try:
        amount = Decimal(found[2])
    except InvalidOperation:
        msg = f"amount must be a number, got {text!r}"
        raise ValueError(msg) from None
    return -amount if "-" in (found[1], found[3]) and amount else amount


def table_amount(
    raw: Decimal, currency: str, *, decimals: Mapping[str, int] = TABLE_DECIMALS
) -> Decimal:
    """What an amount of a table (type CURR) is really: tables store every currency with two decimals.

    `decimals` are the decimals of currencies in TCURX.  The services and IDocs of SAP give the real
    amount, so this is for fields of tables alone.

    >>> table_amount(Decimal("10.00"), "JPY"), table_amount(Decimal("12.34"), "EUR")
    (Decimal('1000'), Decimal('12.34'))
    >>> table_amount(Decimal("10.00"), "KWD")
    Decimal('1.000')
    """
    places = decimals.get(currency, 2)
    shifted = raw.scaleb(2 - places)
    rounded = shifted.quantize(Decimal(1).scaleb(-places))
    return rounded if rounded == shifted else shifted


@functools.lru_cache(maxsize=4_096)  # a million lines have a few hundred days
def day_of(text: str) -> dt.date | None:
    """A day as SAP writes it for machines, or None where it writes that there is none.

    ``/Date(ms)/`` counts milliseconds from 1970 in UTC, and an offset behind them shifts nothing;
    other forms are ``YYYYMMDD``, ``YYYY-MM-DD`` and that with a time.  Raises `ValueError` for
    anything else.

    >>> day_of("/Date(1757548800000)/"), day_of("20230116"), day_of("2023-12-21T00:00:00")
    (datetime.date(2025, 9, 11), datetime.date(2023, 1, 16), datetime.date(2023, 12, 21))
    >>> day_of("00000000"), day_of("/Date(-86400000+0000)/")
    (None, datetime.date(1969, 12, 31))
    """
    text = text.strip()
    if text in _NO_DATE:
        return None
    if ticks := _TICKS.fullmatch(text):
        try:
            return _EPOCH + dt.timedelta(days=int(ticks[1]) // _TICKS_PER_DAY)
        except OverflowError:
            msg = f"day must be one of the calendar, got {text!r}"
            raise ValueError(msg) from None
    if _COMPACT.fullmatch(text):
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    found = _ISO.fullmatch(text)
    if found is None:
        msg = f"day must be in a form of SAP's, got {text!r}"
        raise ValueError(msg)
    return None if found[1] in _NO_DATE else dt.date.fromisoformat(found[1])


@attrs.frozen(kw_only=True)
class Terms:
    """The terms that stand on a line: a baseline date, three numbers of days, two percentages.

    ZFBDT, ZBD1T, ZBD2T, ZBD3T, ZBD1P, ZBD2P; in the cube DueCalculationBaseDate and so on.
    """

    baseline: dt.date | None = None
    days1: int = 0
    days2: int = 0
    days3: int = 0
    percent1: Decimal = Decimal(0)
    percent2: Decimal = Decimal(0)

    @property
    def net_days(self) -> int:
        """The days after which all is due: the third number, or the last one that is there."""
        return self.days3 or self.days2 or self.days1


NO_TERMS: Final = Terms()
"""The terms of a line that has none."""


def due_date(
    terms: Terms,
    *,
    document_date: dt.date,
    is_credit: bool = False,
    invoice: str = "",
    invoice_due: dt.date | None = None,
) -> dt.date:
    """When a line is due for net payment, by its own terms.

    A credit without an invoice that it refers to (`invoice`, REBZG) is due at once, one with an
    invoice when that is due (`invoice_due`, where it is known), and one with ``V`` there by its own
    terms.

    >>> due_date(Terms(baseline=dt.date(2022, 12, 30), days1=17), document_date=dt.date(2022, 12, 30))
    datetime.date(2023, 1, 16)
    >>> due_date(Terms(days1=14, days2=30), document_date=dt.date(2026, 10, 1), is_credit=True)
    datetime.date(2026, 10, 1)
    """
    base = terms.baseline or document_date
    if is_credit and not invoice:
        return base
    if is_credit and invoice != _OWN_TERMS and invoice_due is not None:
        return invoice_due
    return base + dt.timedelta(days=terms.net_days)


def kind_of(
    *,
    is_credit: bool,
    posting_key: str = "",
    document_type: str = "",
    types: Mapping[str, tuple[Kind, Kind]] = DOCUMENT_TYPES,
) -> Kind | None:
    """What a line is by its posting key, else by the type of its document; None where neither says.

    A key or type of the other side says nothing: the sign is what the balance is made of.

    >>> kind_of(is_credit=True, posting_key="15", document_type="AB")
    <Kind.RECEIPT: 'receipt'>
    >>> kind_of(is_credit=False, document_type="RV"), kind_of(is_credit=False, document_type="Z9")
    (<Kind.INVOICE: 'invoice'>, None)
    """
    kind = POSTING_KEYS.get(posting_key)
    if kind is not None and kind.is_credit is is_credit:
        return kind
    sides = types.get(document_type)
    return None if sides is None else sides[is_credit]


def reason_left_out(*, status: str, special_gl: str = "") -> str:
    """Why a line is in no balance of the customer, or nothing where it is in one.

    >>> reason_left_out(status="S"), reason_left_out(status="", special_gl="F")
    ('a noted item', 'a noted item (down payment request)')
    >>> reason_left_out(status="", special_gl="A")
    ''
    """
    if reason := LEFT_OUT_STATUSES.get(status):
        return reason
    if special_gl in NOTED_SPECIAL_GL:
        return f"a noted item ({SPECIAL_GL[special_gl]})"
    return ""


def number_of(document: str, year: str, item: str) -> str:
    """The number of a line as a document of its own, unique within a company code.

    A document of SAP is numbered within its fiscal year, and each of its customer lines is open or
    cleared by itself.

    >>> number_of("0100000001", "2025", "001")
    '0100000001-2025-001'
    """
    return "-".join(filter(None, (document, year, item)))


def key_of(text: str, width: int) -> str:
    """A key of a fixed width whose leading zeros were lost, with its zeros; other texts unchanged.

    >>> key_of("100000001", 10), key_of("ACME", 10)
    ('0100000001', 'ACME')
    """
    return text.zfill(width) if text.isascii() and text.isdigit() else text
