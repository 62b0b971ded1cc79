"""The sub-fields of German banks: a code of the transaction, then ``?00`` to ``?63``.

Deutsche Kreditwirtschaft, Anlage 3 of the DFÜ agreement, chapter on MT940 ("Geschäftsvorfallcode",
GVC; "Feld 86").  Values of SEPA are named by a keyword (``EREF+``) and go on over the pieces of 27
characters that follow without one; blanks at the end of a piece are lost.

>>> text = "166?00GUTSCHRIFT?20EREF+E2E-4711?21SVWZ+Invoices 2026-0815 2026?22-0816?32N. Body"
>>> info = SubfieldReader().read(text)
>>> info.end_to_end, info.text, info.name
('E2E-4711', ('Invoices 2026-0815 2026-0816',), 'N. Body')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.receipts.model import ReceiptMethod
from receivables.receipts.returns import CodeStatus, find_return_code
from receivables_plugins.mt940.information import Information, reference

__all__ = ["SEPARATORS", "SubfieldReader"]

SEPARATORS: Final = frozenset("?>")
"""What stands before the number of a sub-field; Triodos writes the second."""

_FIELDS: Final = MappingProxyType(
    {one: re.compile(rf"{re.escape(one)}([0-36-7]\d)", re.ASCII) for one in SEPARATORS}
)
_PIECE: Final = 27
"""Characters of a piece; a shorter one ended with a blank, or with its line."""

_SEPA: Final = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|BREF"
_KEYWORD: Final = re.compile(
    r"(?:^|(?<=[\n +]))("
    # A keyword may itself be cut in two.
    + "|".join(" ?\n?".join(keyword) for keyword in _SEPA.split("|"))
    + r")\+"
    # WestLB and BayernLB say so what the text of a message is [observed].
    + "|(?:^|(?<=\n))(MTLG):"
)
_REFERENCES: Final = (
    ("KREF", "PmtInfId"),
    ("MREF", "MndtId"),
    ("CRED", "CdtrSchmeId"),
    ("DEBT", "DbtrId"),
    ("RREF", "RtrId"),
    ("PURP", "Purp"),
)
"""Keywords whose value is a reference, and what ISO 20022 calls it."""

_STARTS: Final = frozenset(f"{keyword}+" for keyword in _SEPA.split("|"))
_COMMON: Final = frozenset({"", "EREF", "SVWZ"})
_WORDS: Final = frozenset({"", "SVWZ", "ABWA", "MTLG"})
"""What of these is words keeps the blanks between its pieces; a reference has none."""

_PARTS_MAX: Final = 10_000
"""Beginnings and ends that are kept to be used again, and a bound on memory."""
_CODE_LENGTH: Final = 3
_END_TO_END_MAX: Final = 35
_RF: Final = re.compile(r"RF\d\d[0-9A-Z]{1,21}", re.ASCII)
_RF_MODULUS: Final = 97
_ISO_REASON: Final = re.compile(r"\b([A-Z]{2}\d\d|[A-Z]{4})\b")

_RETURNS: Final = frozenset({"009", "059", "108", "109", "159", "181", "184"})
"""Codes of what comes back.

Debits that we collected (108 business, 109 core), transfers that we sent (159), debits on us that
are undone (181, 184).  009 and 059 are those of before SEPA [from general knowledge, unverified].
"""

_METHODS: Final[Mapping[str, ReceiptMethod]] = MappingProxyType(
    {
        # Before SEPA; most of them seen in files, the rest from general knowledge and unverified.
        **dict.fromkeys(("004", "005", "009", "071"), ReceiptMethod.DIRECT_DEBIT),
        **dict.fromkeys(("001", "002", "070"), ReceiptMethod.CHEQUE),
        **dict.fromkeys(("072", "073"), ReceiptMethod.BILL_OF_EXCHANGE),
        **dict.fromkeys(
            ("008", "020", "051", "052", "053", "059", "067", "069"), ReceiptMethod.CREDIT_TRANSFER
        ),
        **dict.fromkeys(("082", "083"), ReceiptMethod.CASH),
        # SEPA.
        **dict.fromkeys(
            ("104", "105", "108", "109", "171", "174", "181", "184", "192", "195", "196"),
            ReceiptMethod.DIRECT_DEBIT,
        ),
        **dict.fromkeys(
            ("116", "117", "152", "153", "157", "159", "166", "167", "169", "177", "191", "194"),
            ReceiptMethod.CREDIT_TRANSFER,
        ),
        **dict.fromkeys(("106", "107", "110", "190"), ReceiptMethod.CARD),
        "170": ReceiptMethod.CHEQUE,
    }
)


@attrs.frozen(kw_only=True)
class _Outer:
    """What stands before or after the pieces of the text."""

    fields: Mapping[str, str]
    booking_text: str
    name: str
    account: str


class SubfieldReader:
    """Reads the informations of one file; what comes again in them is worked out once."""

    def __init__(self) -> None:
        self._heads: dict[str, _Outer | None] = {}
        self._tails: dict[str, _Outer | None] = {"": _outer({})}

    def read(self, text: str) -> Information:
        """Read an information that begins with a code and a sub-field.

        The usual form has fields 00 to 19, pieces 20 to 29, fields 30 to 39; what it is read by gives
        what reading any form gives, and is faster.
        """
        head, _, rest = text.partition("?2")
        middle, _, tail = rest.partition("?3")
        try:
            before, after = self._heads[head], self._tails[tail]
        except KeyError:
            before = _kept(self._heads, head, head)
            after = _kept(self._tails, tail, f"000?3{tail}")
        info = Information()
        code = info.code = text[:3]
        info.method = _METHODS.get(code)
        if before is None or after is None or not _take_usual_pieces(info, middle):
            after = _read_any(info, text)
        else:
            info.booking_text = before.booking_text
            info.name, info.account = after.name, after.account or info.account
        if code in _RETURNS:
            _take_return(info, after.fields)
        return info


def _kept(known: dict[str, _Outer | None], key: str, text: str) -> _Outer | None:
    """The fields before or after the pieces, with what they say; None where pieces are there."""
    if key in known:
        return known[key]
    parts = _FIELDS["?"].split(text)
    fields = dict(zip(parts[1::2], parts[2::2], strict=True))
    is_usual = len(parts[0]) == _CODE_LENGTH and not any(map(_is_piece, fields))
    found = _outer(fields) if is_usual else None
    if len(known) < _PARTS_MAX:
        known[key] = found
    return found


def _is_piece(number: str) -> bool:
    return "20" <= number <= "29" or "60" <= number <= "63"


def _outer(fields: Mapping[str, str]) -> _Outer:
    name = fields.get("32", "")
    if "33" in fields:
        more = fields["33"]
        name = name + more if len(name) >= _PIECE else f"{name.rstrip()} {more.lstrip()}"
    return _Outer(
        fields=fields,
        booking_text=fields.get("00", "").strip(),
        name=name.strip(),
        account=fields.get("31", "").strip() or fields.get("38", "").replace(" ", ""),
    )


def _read_any(info: Information, text: str) -> _Outer:
    """Read sub-fields in any order, with either separator."""
    parts = _FIELDS[text[3]].split(text)
    found = _outer(dict(zip(parts[1::2], parts[2::2], strict=True)))
    _take_pieces(info, _pieces(found.fields))
    info.booking_text = found.booking_text
    info.name, info.account = found.name, found.account or info.account
    return found


def _pieces(fields: Mapping[str, str]) -> str:
    """The pieces of the text, each on a line, with the blank at its end that it has lost."""
    return "".join(
        [
            f"{fields[number]}\n" if len(fields[number]) >= _PIECE else f"{fields[number]} \n"
            for number in fields
            if _is_piece(number)
        ]
    )


def _take_usual_pieces(info: Information, middle: str) -> bool:
    """Take the pieces where each keyword begins one; False where it is not so.

    Each piece but the first begins with the second digit of its number.
    """
    values: dict[str, str] = {}
    key = value = ""
    pieces = middle.split("?2")
    if middle.count("?") != len(pieces) - 1:
        return False
    for piece in pieces:
        if piece[5:6] == "+" and piece[1:6] in _STARTS:
            values[key] = value
            key, value = piece[1:5], piece[6:]
        else:
            value += piece[1:]
        if len(piece) <= _PIECE and key in _WORDS:
            value += " "
        if not piece[:1].isdecimal():
            return False
    values[key] = value
    if middle.count("+") != len(values) - 1 or "MTLG:" in middle:
        # A keyword inside a piece, the same one twice, or a sign that is none of a keyword.
        return False
    if len(values.get("EREF", "")) > _END_TO_END_MAX:
        return False
    _take_values(info, values)
    return True


def _take_pieces(info: Information, pieces: str) -> None:
    """Take the values that a keyword names, wherever it stands, and the text before them."""
    parts = _KEYWORD.split(pieces)
    values: dict[str, str] = {}
    for keyword, other, value in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        name = (keyword or other).replace(" ", "").replace("\n", "")
        values.setdefault(name, value)
    values[""] = parts[0]
    if len(_whole("EREF", values.get("EREF", ""))) > _END_TO_END_MAX:
        # It is too long for a reference: its first piece is one, and the rest is text.
        values["EREF"], _, rest = values["EREF"].partition("\n")
        values[""] += rest
    _take_values(info, {name: _whole(name, value) for name, value in values.items()})


def _whole(name: str, value: str) -> str:
    """A value whose pieces are put together."""
    if name not in _WORDS:
        value = value.replace(" \n", "")
    return value.replace("\n", "")


def _take_values(info: Information, values: Mapping[str, str]) -> None:
    """Take the values of each keyword, and the text before them all, which has none."""
    text = values.get("SVWZ", "").strip()
    lead = values[""].strip()
    info.text = (lead, text) if lead and text else (lead or text,) if lead or text else ()
    if "EREF" in values:
        info.end_to_end = reference(values["EREF"])
    if text[:2] == "RF":
        info.structured = _structured(text)
    if len(values) > len(_COMMON & values.keys()):
        _take_rare(info, values)


def _take_rare(info: Information, values: Mapping[str, str]) -> None:
    """Take the values of the other keywords."""
    found = [(iso, reference(values[name])) for name, iso in _REFERENCES if name in values]
    info.references = tuple([pair for pair in found if pair[1]])
    info.ultimate_name = values.get("ABWA", "").strip()
    info.account = values.get("IBAN", "").replace(" ", "")
    info.ordered, info.charges = values.get("OAMT", ""), values.get("COAM", "")
    if message := values.get("MTLG", "").strip():
        info.text = (*info.text, message)


def _structured(text: str) -> tuple[str, ...]:
    """A creditor reference that is the whole text, and right by its check digits (ISO 11649)."""
    plain = text.replace(" ", "")
    if not _RF.fullmatch(plain):
        return ()
    number = "".join(str(int(one, 36)) for one in plain[4:] + plain[:4])
    return (plain,) if int(number) % _RF_MODULUS == 1 else ()


def _take_return(info: Information, fields: Mapping[str, str]) -> None:
    """Why it came back: the code of ISO 20022 where the text has one, or the bank's of three digits."""
    info.is_return = True
    info.return_text = " ".join((info.booking_text, *info.text)).strip()
    info.return_code = next(
        (
            code
            for text in info.text
            for code in _ISO_REASON.findall(text)
            if find_return_code("iso20022", code).status is not CodeStatus.UNKNOWN
        ),
        fields.get("34", "").strip(),
    )
