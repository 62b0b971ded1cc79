"""What an entry looks like: the bank's own reference, or all that is said of it where it has none.

Two entries that look the same may be one entry that was read twice, or two equal payments of one
day; which of them it is, `receivables.receipts.continuity` finds out.  The digest is part of the
name of receipts in journals that exist: what goes into it must stay as it is.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from receivables.receipts.model import BankEntry, EntryDetail

__all__ = ["Names", "has_reference", "look_of", "own_name"]

_FIELD: Final = "\x1f"
_LOOK_BYTES: Final = 16
_REFERENCED: Final = b"R"[0]


def look_of(entry: BankEntry) -> bytes:
    """The digest of what an entry looks like, led by whether it has a reference of the bank.

    >>> import datetime as dt
    >>> one = BankEntry(account="DE89", statement="S-1", index=1, amount_minor=5_00, currency="EUR",
    ...                 booking_date=dt.date(2026, 10, 5), text="REF 0042")
    >>> again = BankEntry(account="DE89", statement="S-2", index=7, amount_minor=5_00, currency="EUR",
    ...                   booking_date=dt.date(2026, 10, 5), text="REF 0042")
    >>> look_of(one) == look_of(again), has_reference(look_of(one))
    (True, False)
    """
    value = entry.value_date
    day = entry.booking_date or value
    when = 0 if day is None else day.toordinal()
    reference = entry.bank_reference
    said = f"{entry.account}\x1f{entry.currency}\x1f{entry.amount_minor}\x1f{when}\x1f{reference}"
    if reference:
        return b"R" + sha256(said.encode()).digest()[:_LOOK_BYTES]
    valued = 0 if value is None else value.toordinal()
    said = f"{said}\x1f{valued}\x1f{entry.text}"
    for detail in entry.details:
        said += _said(detail)
    return b"C" + sha256(said.encode()).digest()[:_LOOK_BYTES]


def _said(detail: EntryDetail) -> str:
    payer = detail.payer
    remittance = detail.remittance
    said = [
        f"\x1e{detail.amount_minor}\x1f{payer.name}\x1f{payer.account}\x1f{remittance.end_to_end}",
        *remittance.references,
        *remittance.text,
    ]
    if remittance.documents:
        said += [document.number for document in remittance.documents]
    return "\x1f".join(said)


def has_reference(look: bytes) -> bool:
    """Whether a look is that of an entry with a reference of the bank."""
    return look[0] == _REFERENCED


def own_name(entry: BankEntry, *, number: int = 0) -> str:
    """What names an entry on its account and its day, for good.

    `number` counts those before it that look the same and are others.  A reference of the bank is
    the name of the first entry that has it.
    """
    if entry.identity and not number:
        return entry.identity
    if not entry.bank_reference:
        return _name_of(look_of(entry), number=number)
    return f"{entry.bank_reference}{_FIELD}{number}" if number else entry.bank_reference


def _name_of(look: bytes, *, number: int = 0) -> str:
    """What names an entry without a reference of the bank."""
    name = f"look-{look[1:].hex()}"
    return f"{name}{_FIELD}{number}" if number else name


class Names:
    """Names entries, and tells those of one statement apart that look the same."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bytes], dict[int, int]] = {}

    def name(self, entry: BankEntry) -> str:
        """What names an entry on its account and its day."""
        if entry.identity or entry.bank_reference:
            return own_name(entry)
        look = look_of(entry)
        places = self._seen.setdefault((entry.statement, look), {})
        return _name_of(look, number=places.setdefault(entry.index, len(places)))
