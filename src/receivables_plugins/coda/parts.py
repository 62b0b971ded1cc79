"""The records of one movement as they stand: what each says, still in the file's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from receivables.reading import ReadNotes
from receivables.receipts.model import Payer, ReturnInfo
from receivables_plugins.coda.communications import returned_of
from receivables_plugins.coda.values import account_of

__all__ = ["WIDTH", "Part", "parts_of", "read_part"]

WIDTH: Final = 128
"""Characters of a record."""

_MOVEMENT: Final = re.compile(
    r"21(.{4})(.{4})(.{21})([01])([0-9]{15})(.{6})(.{8})([01 ])(.{53})(.{6})", re.DOTALL
)
_SIGN: Final = slice(31, 32)
_AMOUNT: Final = slice(32, 47)
_NO_PAYER: Final = Payer()
_NONE: Final[tuple[str, ...]] = ()


class Part(NamedTuple):
    """A movement or a detail of one, with what the records after its first one add."""

    number: int
    """The line of its first record."""
    sequence: str
    detail: str
    reference: str
    thousandths: int
    """Signed: a credit is positive."""
    value_day: str
    code: str
    is_structured: bool
    communication: str
    """The places for it in the three records, one after the other, as wide as they are."""
    day: str
    client_reference: str
    payer: Payer
    returned: ReturnInfo | None
    notices: tuple[str, ...]
    """The information records, from the mark that says whether they have a structure."""


def parts_of(
    lines: Sequence[str], start: int, number: int, *, notes: ReadNotes, version: str
) -> Iterator[Part | None]:
    """The details of a movement from a place on; None for what cannot be read, and is noted."""
    while start < len(lines):
        part, start = read_part(lines, start, number, notes=notes, version=version)
        yield part


def read_part(
    lines: Sequence[str], start: int, number: int, *, notes: ReadNotes, version: str
) -> tuple[Part | None, int]:
    """A record 2.1 with those after it, and the place of the next record 2.1."""
    found = _MOVEMENT.match(lines[start])
    if found is None:
        _note_unreadable(lines[start], number + start, notes)
        return None, _next(lines, start)
    sequence, detail, reference, sign, amount, value_day, code, mark, said, day = found.groups()
    client_reference, payer, returned, notices = "", _NO_PAYER, None, _NONE
    end = len(lines)
    for at in range(start + 1, end):
        line = lines[at]
        kind = line[:2]
        if kind == "21":
            end = at
            break
        if line[2:6] != sequence:
            _note_sequence(line, sequence, number + at, notes)
        elif kind == "22":
            said += line[10:63]
            client_reference = line[63:98].strip()
            if line[112:117].strip():
                returned = _returned(line)
        elif kind == "23":
            payer = _counterparty(line, version)
            if version != "1":
                said = f"{said:<106}{line[82:125]}"
        else:
            notices = _more_notices(notices, line, kind)
    part = Part(
        number + start,
        sequence,
        detail,
        reference.strip(),
        -int(amount) if sign == "1" else int(amount),
        value_day,
        code,
        mark == "1",
        said,
        day,
        client_reference,
        payer,
        returned,
        notices,
    )
    return part, end


def _next(lines: Sequence[str], start: int) -> int:
    ends = (at for at in range(start + 1, len(lines)) if lines[at].startswith("21"))
    return next(ends, len(lines))


def _note_sequence(line: str, sequence: str, number: int, notes: ReadNotes) -> None:
    msg = f"records after a movement must have its number {sequence}, got {line[2:6]!r}"
    notes.error("coda.record-order", msg, line=number, field="3-6")


def _note_unreadable(line: str, number: int, notes: ReadNotes) -> None:
    if line[_SIGN] not in {"0", "1"}:
        msg = f"sign must be 0 (credit) or 1 (debit), got {line[_SIGN]!r}"
        notes.error("entry.direction-invalid", msg, line=number, field="32")
    elif not (line[_AMOUNT].isascii() and line[_AMOUNT].isdigit()):
        msg = f"amount must be fifteen digits, got {line[_AMOUNT]!r}"
        notes.error("amount.invalid", msg, line=number, field="33-47")
    else:
        msg = f"movement must be a record of {WIDTH} characters, got {len(line)}"
        notes.error("coda.record-length", msg, line=number)


def _returned(line: str) -> ReturnInfo | None:
    """What record 2.2 says of an R-transaction.

    Banks had other things in its places before version 2.3, so that a code must look like one.
    """
    found = returned_of(line[112:113], line[113:117])
    return found if found is not None and found.code else None


def _counterparty(line: str, version: str) -> Payer:
    """Account and name of record 2.3; a Belgian account number is followed by a blank."""
    if version == "1":
        return Payer(name=line[47:73].strip(), account=account_of(line[10:22]))
    account = line[10:22] if line[22:23] == " " else line[10:44]
    return Payer(name=line[47:82].strip(), account=account_of(account))


def _more_notices(notices: tuple[str, ...], line: str, kind: str) -> tuple[str, ...]:
    if kind == "31":
        return (*notices, f"{line[39:113]:<74}")
    if not notices:
        return notices
    more = f"{line[10:115]:<105}" if kind == "32" else line[10:100]
    return (*notices[:-1], notices[-1] + more)
