"""The words between slashes of Dutch banks and of SWIFT: ``/TRTP/…/IBAN/…/NAME/…/REMI/…/EREF/…``.

>>> info = TokenReader().read("/EREF/E2E-7/ORDP//NAME/N. Body/REMI/Invoice 7/ISDT/2026-10-31")
>>> info.end_to_end, info.name, info.text
('E2E-7', 'N. Body', ('Invoice 7',))
>>> TokenReader().read("/REMI/STRD/CUR/9001123412341234/").structured
('9001123412341234',)
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from receivables.receipts.model import ReceiptMethod, ReferredDocument
from receivables_plugins.mt940.information import Information, reference

__all__ = ["TokenReader"]

_WORDS: Final = frozenset(
    [
        "TRTP",
        "TRCD",
        "RTYP",
        "IBAN",
        "BBAN",
        "BIC",
        "NAME",
        "REMI",
        "EREF",
        "PREF",
        "IREF",
        "MARF",
        "CSID",
        "RTRN",
        "CNTP",
        "ORDP",
        "BENM",
        "ULTD",
        "ULTB",
        "ULTC",
        "ULCD",
        "ADDR",
        "ISDT",
        "PURP",
        "SVCL",
        "BUSP",
        "NRTX",
        "PIND",
        "INV",
        "CINV",
        "CREN",
        "ACCW",
        "OCMT",
        "CHGS",
        "EXCH",
    ]
)
_BEHIND: Final = frozenset({"", "REMI", "EREF", "ISDT"})
_USUAL: Final = _BEHIND | {"TRTP", "IBAN", "BIC", "NAME", "ORDP", "BENM"}
"""What nearly every information has; the other words are looked at only where they are there."""

_HEADS_MAX: Final = 10_000
"""Payers that are kept to be used again, and a bound on memory."""
_ULTIMATE: Final = frozenset({"ULTD", "ULTB", "ULTC", "ULCD"})
_REFERENCES: Final = (
    ("PREF", "PmtInfId"),
    ("IREF", "InstrId"),
    ("MARF", "MndtId"),
    ("CSID", "CdtrSchmeId"),
    ("PURP", "Purp"),
)
"""Words whose value is a reference, and what ISO 20022 calls it."""

_DOCUMENTS: Final = (("INV", "CINV"), ("CINV", "CINV"), ("CREN", "CREN"))
"""Documents as the European Association of Corporate Treasurers has them named (EACT)."""

_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_ISSUED: Final = re.compile(r"Issuer: *(\w+) +Ref: *(\w+)", re.IGNORECASE)
_TRIMMED: Final = " /"
"""What may stand around a value."""
_COUNT_DIGITS_MAX: Final = 6

_METHODS: Final[Mapping[str, ReceiptMethod]] = MappingProxyType(
    {
        "INCASSO": ReceiptMethod.DIRECT_DEBIT,
        "OVERBOEKING": ReceiptMethod.CREDIT_TRANSFER,
        "IDEAL": ReceiptMethod.CREDIT_TRANSFER,
        "ACCEPTGIRO": ReceiptMethod.CREDIT_TRANSFER,
        "PERIODIEKE": ReceiptMethod.CREDIT_TRANSFER,
        "BETAALAUTOMAAT": ReceiptMethod.CARD,
    }
)
"""Words of a type of transaction that say how money moved (ABN AMRO, Knab, ASN)."""


class TokenReader:
    """Reads the informations of one file; a payer that comes again is worked out once."""

    def __init__(self) -> None:
        self._heads: dict[str, Information] = {}

    def read(self, text: str) -> Information | None:
        """Read an information with words between slashes; None where it has none of those known."""
        head, mark, rest = text.partition("/REMI/")
        info = Information()
        behind = _split(f"/REMI/{rest}")
        is_usual = bool(mark) and behind.keys() <= _BEHIND
        if is_usual and head in self._heads:
            vars(info).update(vars(self._heads[head]))
            _take_remitted(info, behind)
            return info
        found = _split(text)
        if len(found) == 1:
            return None
        info.name = found.get("NAME", "").strip(_TRIMMED)
        info.account = found.get("IBAN", "").strip(_TRIMMED)
        if "NAME" not in found or not found.keys() <= _USUAL:
            is_usual = False
            _take_rare(info, found)
        if "TRTP" in found:
            info.booking_text = found["TRTP"].strip(_TRIMMED)
            info.method = _method(info.booking_text)
        if is_usual and "/EREF" not in head and not found[""] and len(self._heads) < _HEADS_MAX:
            self._heads[head] = copy.copy(info)
        _take_remitted(info, found)
        return info


def _split(text: str) -> dict[str, str]:
    """The first value of each word, and under no word the text before them all."""
    parts = text.split("/")
    found: dict[str, str] = {}
    word, begin, last = "", 0, len(parts) - 1
    for at, part in enumerate(parts):
        if part in _WORDS and 0 < at < last:
            value = parts[begin] if at == begin + 1 else "/".join(parts[begin:at])
            found.setdefault(word, value)
            # The name of a party on whose behalf it was is apart.
            word = "ULTIMATE" if part == "NAME" and word in _ULTIMATE else part
            begin = at + 1
    found.setdefault(word, "/".join(parts[begin:]))
    return found


def _take_rare(info: Information, found: Mapping[str, str]) -> None:
    """Take the other words: parties, references, documents, amounts, and why it came back."""
    values = {word: value.rstrip("/ ") for word, value in found.items()}
    _take_parties(info, values)
    pairs = [(iso, reference(values[word])) for word, iso in _REFERENCES if word in values]
    info.references = tuple([pair for pair in pairs if pair[1]])
    info.documents = tuple(
        [
            ReferredDocument(number=values[word].split()[0], kind=kind)
            for word, kind in _DOCUMENTS
            if values.get(word, "").strip()
        ]
    )
    info.booking_text = values.get("RTYP", "").strip()
    info.code = values.get("TRCD", "").strip()
    info.ordered = _amount(info, values.get("OCMT", ""))
    info.charges = _amount(info, values.get("CHGS", ""))
    count = values.get("NRTX", "")
    if count.isascii() and count.isdecimal() and len(count) <= _COUNT_DIGITS_MAX:
        info.batch_count = int(count)
    if "RTRN" in values:
        info.is_return = True
        info.return_code, _, rest = values["RTRN"].partition("/")
        info.return_text = rest.strip("/ ")


def _take_parties(info: Information, found: Mapping[str, str]) -> None:
    """The other side: by its own words, or as what one word has in order."""
    info.account = info.account or found.get("BBAN", "").strip()
    info.ultimate_name = found.get("ULTIMATE", "").strip()
    if "CNTP" in found:  # ING: account, bank, name, city.
        account, _, rest = found["CNTP"].partition("/")
        bank, _, after = rest.partition("/")
        name = after if not bank or _BIC.fullmatch(bank) else rest
        info.account = info.account or account
        info.name = info.name or name.partition("/")[0].strip()
    for word in ("ORDP", "BENM"):  # Where no word follows: account, name, text.
        value = found.get(word, "")
        if value and not value.startswith("/") and not info.name:
            account, _, rest = value.partition("/")
            name, _, text = rest.partition("/")
            info.account, info.name = info.account or account, name.strip()
            info.text = (text.strip("/ "),) if text.strip("/ ") else ()


def _amount(info: Information, value: str) -> str:
    """An amount; what comes behind it without a word of its own is text."""
    amount, _, rest = value.partition("/")
    if rest.strip("/ "):
        info.text = (*info.text, rest.strip("/ "))
    return amount


def _take_remitted(info: Information, found: Mapping[str, str]) -> None:
    """What it is for: ``USTD`` says a text follows, ``STRD`` a reference and before it its issuer."""
    text = found.get("REMI", "").strip(_TRIMMED)
    if text[:5] == "STRD/":
        _, _, value = text[5:].rpartition("/")
        info.structured, text = ((value,) if value else ()), ""
    elif text[:4] == "USTD":
        text = text[4:].strip(_TRIMMED)
    elif "Ref" in text and (issued := _ISSUED.search(text)):
        info.structured = (issued[2],)
    if "EREF" in found:
        info.end_to_end = reference(found["EREF"].strip(_TRIMMED))
    if found[""]:
        info.text = (*info.text, *filter(None, (" ".join(found[""].split()), text)))
    elif text:
        info.text = (*info.text, text)


@functools.lru_cache(maxsize=1_000)
def _method(booking_text: str) -> ReceiptMethod | None:
    words = booking_text.upper().split()
    return next((_METHODS[one] for one in words if one in _METHODS), None)
