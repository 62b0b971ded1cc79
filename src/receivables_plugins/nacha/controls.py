"""The control totals of a batch and of a file, and whether the entries are what they say."""

from __future__ import annotations

from typing import Final

import attrs

from receivables.reading import ReadNotes

__all__ = ["Control", "Sums", "batch_control", "file_control", "prove"]

_HASH_MODULUS: Final = 10**10
"""The sum of the routing numbers is cut to its last ten figures."""


class Sums:
    """What was found: entries and addenda, the sum of routing numbers, debits and credits."""

    __slots__ = ("credits", "debits", "records", "routing")

    def __init__(self) -> None:
        self.records = 0
        self.routing = 0
        self.debits = 0
        self.credits = 0

    def add(self, other: Sums) -> None:
        """Add the sums of a batch to those of its file."""
        self.records += other.records
        self.routing += other.routing
        self.debits += other.debits
        self.credits += other.credits


@attrs.frozen(kw_only=True)
class Control:
    """What a control record declares; None where a figure cannot be read."""

    batches: int | None = None
    records: int | None
    routing: int | None
    debits: int | None
    credits: int | None


def batch_control(record: str, *, is_adv: bool) -> Control:
    """Read a record 8; that of ADV has amounts of twenty figures."""
    width = 20 if is_adv else 12
    return Control(
        records=_figure(record[4:10]),
        routing=_figure(record[10:20]),
        debits=_figure(record[20 : 20 + width]),
        credits=_figure(record[20 + width : 20 + 2 * width]),
    )


def file_control(record: str, *, is_adv: bool) -> Control:
    """Read a record 9."""
    width = 20 if is_adv else 12
    return Control(
        batches=_figure(record[1:7]),
        records=_figure(record[13:21]),
        routing=_figure(record[21:31]),
        debits=_figure(record[31 : 31 + width]),
        credits=_figure(record[31 + width : 31 + 2 * width]),
    )


def _figure(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdecimal() else None


def prove(
    control: Control, sums: Sums, notes: ReadNotes, *, line: int, batches: int | None = None
) -> None:
    """Note an error for each figure that was not found as it is declared."""
    place = "file control" if batches is not None else "batch control"
    pairs = (
        ("nacha.count-differs", "entries and addenda", control.records, sums.records),
        ("nacha.hash-differs", "entry hash", control.routing, sums.routing % _HASH_MODULUS),
        ("nacha.debits-differ", "total debits", control.debits, sums.debits),
        ("nacha.credits-differ", "total credits", control.credits, sums.credits),
    )
    for code, what, declared, found in pairs:
        if declared != found:
            msg = f"{what} must be the {found} that were found, got {_said(declared)}"
            notes.error(code, msg, line=line, field=f"{place}: {what}")
    if batches is not None and control.batches != batches:
        msg = f"batches must be the {batches} that were found, got {_said(control.batches)}"
        notes.error("nacha.batches-differ", msg, line=line, field=f"{place}: batches")


def _said(figure: int | None) -> str:
    return "no number" if figure is None else str(figure)
