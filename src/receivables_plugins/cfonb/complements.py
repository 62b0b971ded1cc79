"""From the complements of a movement (records 05) to its `EntryDetail`: who, what for, how much.

A complement has a qualifier of three characters and seventy characters of text (CFONB, *Evolutions
du relevé de compte 120 caractères*, version 2.0, March 2010).  One that is not known, or that comes
twice, is kept under its qualifier among the references.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from receivables.money import Money, from_minor
from receivables.reading import ReadNotes
from receivables.receipts.model import EntryDetail, Payer, Remittance, ReturnInfo
from receivables_plugins.cfonb.values import Amounts, RefusedError

__all__ = ["Details"]

_PAYERS_MAX: Final = 100_000
"""Payers that are kept to be used again: a large portfolio, and a bound on memory."""

_PAYER: Final = ("NPY", "CPY", "NPO")
_PAYEE: Final = ("NBE", "CBE", "NBU")
"""Name, account and ultimate party of either side."""

_ONCE: Final = frozenset({*_PAYER, *_PAYEE, "LCC", "LC2", "LCS", "RCN", "REF", "RUM", "MMO", "FEE"})
"""The qualifiers that a movement has once; their text is read, and not only kept."""

_HALF: Final = 35
"""A text of seventy characters that holds two values holds each in a half."""
_FULL: Final = 70
_HALVES: Final = (
    ("REF", "REF.batch", "REF.transaction"),
    ("RUM", "MndtId", "RUM.sequence"),
)
"""Qualifiers whose two halves are references, and the names of these (ISO 20022's for a mandate)."""
_NO_NUMBER: Final = "0000000"
_RARE: Final = frozenset({"REF", "RUM", "MMO", "FEE"})
_FREE: Final = frozenset({"LIB", "   "})
"""Qualifiers of free text: lines that go on with the label, and lines that say not what they are."""
_NO_REFERENCE: Final = frozenset({"", "NOTPROVIDED"})


class Details:
    """Builds the details of the movements of one file."""

    def __init__(self, *, amounts: Amounts, notes: ReadNotes) -> None:
        self._amounts = amounts
        self._notes = notes
        self._payers: dict[tuple[str, str, str], Payer] = {}

    def build(
        self,
        line: str,
        more: Sequence[str],
        *,
        amount_minor: int,
        label: str,
        returned: ReturnInfo | None,
        is_turned: bool,
        number: int,
    ) -> EntryDetail:
        """The detail of a movement (record 04) of records 05.

        The other party of a credit is the payer, that of a debit the payee; the other way round
        where the movement takes back an earlier one (`is_turned`), whose parties keep their roles.
        """
        said = {record[45:48]: record[48:118] for record in more}
        texts: list[str] = []
        pairs = _own_references(line)
        if len(said) < len(more) or not _ONCE.issuperset(said):
            said = _first_said(more, texts, pairs)
        payer = self._payer(said, pairs, is_payer=(amount_minor > 0) is not is_turned)
        remittance = _remittance(said, texts, label, pairs)
        if _RARE.isdisjoint(said):
            return EntryDetail(
                amount_minor=amount_minor,
                payer=payer,
                remittance=remittance,
                references=pairs,
                returned=returned,
            )
        instructed = self._instructed(said, line[16:20], amount_minor, pairs, number)
        charges_minor = self._charges(said, line[16:20], pairs, number)
        _keep_halves(said, pairs)
        return EntryDetail(
            amount_minor=amount_minor,
            instructed=instructed,
            charges_minor=charges_minor,
            payer=payer,
            remittance=remittance,
            references=pairs,
            returned=returned,
        )

    def _payer(
        self, said: dict[str, str], pairs: list[tuple[str, str]], *, is_payer: bool
    ) -> Payer:
        """The other party; the one that is named where only one is."""
        own, other = (_PAYER, _PAYEE) if is_payer else (_PAYEE, _PAYER)
        name, account, ultimate = own
        if name not in said and account not in said:
            other = own
            name, account, ultimate = _PAYEE if is_payer else _PAYER
        if other[0] in said or other[1] in said or other[2] in said:
            for qualifier in other:
                _keep(qualifier, said.get(qualifier, "").strip(), [], pairs)
        key = (said.get(name, ""), said.get(account, ""), said.get(ultimate, ""))
        return self._payers.get(key) or self._new_payer(key)

    def _new_payer(self, key: tuple[str, str, str]) -> Payer:
        name, account, ultimate = (text.strip() for text in key)
        payer = Payer(name=name, account=account.replace(" ", ""), ultimate_name=ultimate)
        if len(self._payers) < _PAYERS_MAX:
            self._payers[key] = payer
        return payer

    def _instructed(
        self,
        said: dict[str, str],
        unit: str,
        amount_minor: int,
        pairs: list[tuple[str, str]],
        line: int,
    ) -> Money | None:
        """What was ordered in another currency (``MMO``); its rate is kept among the references."""
        text = said.get("MMO", "")
        if not text.strip():
            return None
        minor = self._minor("MMO", text, pairs, line)
        if rate := text[18:31].strip():
            pairs.append(("MMO.rate", rate))
        if not minor or (text[:3] == unit[:3] and minor == abs(amount_minor)):
            return None
        return from_minor(minor, text[:3])

    def _charges(
        self, said: dict[str, str], unit: str, pairs: list[tuple[str, str]], line: int
    ) -> int:
        """What the bank took (``FEE``), where it says so in the currency of the account."""
        text = said.get("FEE", "")
        if text and text[:3] == unit[:3]:
            return self._minor("FEE", text, pairs, line) or 0
        _keep("FEE", text.strip(), [], pairs)
        return 0

    def _minor(
        self, qualifier: str, text: str, pairs: list[tuple[str, str]], line: int
    ) -> int | None:
        """The amount of a complement: currency, decimals, fourteen digits; else kept as it is."""
        try:
            return self._amounts.plain(text[4:18], text[:4])
        except RefusedError as error:
            self._notes.warn(error.code, str(error), line=line, field=qualifier)
            _keep(qualifier, text.strip(), [], pairs)
            return None


def _first_said(
    more: Sequence[str], texts: list[str], pairs: list[tuple[str, str]]
) -> dict[str, str]:
    """The known qualifiers with their text; all else, and what comes again, goes to the others."""
    said: dict[str, str] = {}
    for record in more:
        qualifier = record[45:48]
        if qualifier in _ONCE and qualifier not in said:
            said[qualifier] = record[48:118]
        else:
            _keep(qualifier, record[48:118].strip(), texts, pairs)
    return said


def _own_references(line: str) -> list[tuple[str, str]]:
    """The number of the entry and its reference; neither is said to be the bank's own and unique."""
    pairs = []
    number = line[81:88]
    if number != _NO_NUMBER and not number.isspace():
        pairs.append(("entry-number", number.strip()))
    if reference := line[104:120].strip():
        pairs.append(("reference", reference))
    return pairs


def _keep(qualifier: str, text: str, texts: list[str], pairs: list[tuple[str, str]]) -> None:
    """Keep a free text among the texts, and what else is said among the references."""
    if text in _NO_REFERENCE:
        return
    if qualifier in _FREE:
        texts.append(text)
    else:
        pairs.append((qualifier, text))


def _keep_halves(said: dict[str, str], pairs: list[tuple[str, str]]) -> None:
    """Keep the references of the complements that have two."""
    for qualifier, first, second in _HALVES:
        if qualifier in said:
            _keep(first, said[qualifier][:_HALF].strip(), [], pairs)
            _keep(second, said[qualifier][_HALF:].strip(), [], pairs)


def _remittance(
    said: dict[str, str], texts: list[str], label: str, pairs: list[tuple[str, str]]
) -> Remittance:
    """What it is for: the text of the payer, or else the label with the lines that go on with it."""
    text = said.get("LCC", "").rstrip()
    if "LC2" in said:
        text = _joined(text, said["LC2"].rstrip())
    if text:
        texts.insert(0, text.lstrip())
    elif texts and label:
        texts.insert(0, label)
    end_to_end = ""
    if "RCN" in said:
        end_to_end = said["RCN"][:_HALF].strip()
        if purpose := said["RCN"][_HALF:].strip():
            _keep("RCN.purpose", purpose, [], pairs)
        if end_to_end in _NO_REFERENCE:
            end_to_end = ""
    if "LCS" not in said:
        return Remittance(text=texts, end_to_end=end_to_end)
    reference = said["LCS"][:_HALF].strip()
    _keep("LCS", said["LCS"][_HALF:].strip(), [], pairs)
    return Remittance(
        references=() if reference in _NO_REFERENCE else (reference,),
        text=texts,
        end_to_end=end_to_end,
    )


def _joined(first: str, second: str) -> str:
    """Two lines of a text that was cut after seventy characters, and not between words."""
    return first + second if len(first) == _FULL else f"{first} {second.lstrip()}"
