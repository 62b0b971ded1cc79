"""Interchanges, groups and sets: what they count, and whether they end."""

from __future__ import annotations

import attrs

from receivables.reading import ReadNotes
from receivables.receipts.x12 import element
from receivables_plugins.x12.segments import Segment

__all__ = ["Envelopes"]


@attrs.define
class _Open:
    """An envelope that has begun: its control number, and how much it holds."""

    number: str
    held: int = 0


_ENDS = {"IEA": "ISA", "GE": "GS", "SE": "ST"}
_NUMBERS = {"ISA": 13, "GS": 6, "ST": 2}
_HELD = {"ISA": "groups", "GS": "sets", "ST": "segments"}
_ABOVE = {"GS": "ISA", "ST": "GS"}
_BELOW = {"ISA": ("ST", "GS", "ISA"), "GS": ("ST", "GS"), "ST": ("ST",)}


class Envelopes:
    """The envelopes under way, at most one of each kind.

    Each end says how many of the kind below it holds (IEA01 groups, GE01 sets, SE01 segments with
    its own), and repeats the control number of its beginning.
    """

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._open: dict[str, _Open] = {}
        self.sender = ""
        self.created_at = ""

    @property
    def name(self) -> str:
        """The control numbers of interchange, group and set."""
        found = (self._open.get(kind) for kind in ("ISA", "GS", "ST"))
        return "/".join(one.number for one in found if one is not None and one.number)

    def count(self, segments: int) -> None:
        """Count segments of the set."""
        if "ST" in self._open:
            self._open["ST"].held += segments

    def begin(self, segment: Segment) -> None:
        """Take an ISA, GS or ST."""
        elements = segment[0]
        kind = elements[0]
        self.miss(_BELOW[kind], line=segment[1])
        above = self._open.get(_ABOVE.get(kind, ""))
        if above is not None:
            above.held += 1
        self._open[kind] = _Open(element(elements, _NUMBERS[kind]), int(kind == "ST"))
        if kind == "ISA":
            self.sender = element(elements, 6)
            self.created_at = _moment("20" + element(elements, 9), element(elements, 10))
        elif kind == "GS":
            self.sender = self.sender or element(elements, 2)
            self.created_at = self.created_at or _moment(element(elements, 4), element(elements, 5))

    def end(self, segment: Segment) -> None:
        """Take an IEA, GE or SE, and note what it does not prove."""
        elements, line = segment[0], segment[1]
        tag = elements[0]
        kind = _ENDS[tag]
        self.miss(_BELOW[kind][:-1], line=line)
        under_way = self._open.pop(kind, None)
        if under_way is None:
            msg = f"{tag} must end what {kind} begins, got no beginning"
            self._notes.error("x12.control-differs", msg, line=line, field=tag)
            return
        declared = element(elements, 1)
        is_number = declared.isascii() and declared.isdecimal()
        if not is_number or int(declared[:20]) != under_way.held:
            msg = f"{_HELD[kind]} must be the {under_way.held} that came, got {declared[:20]!r}"
            self._notes.error("x12.count-differs", msg, line=line, field=f"{tag}01")
        number = element(elements, 2)
        if number.lstrip("0") != under_way.number.lstrip("0"):
            msg = f"control number must be that of {kind}, {under_way.number!r}, got {number!r}"
            self._notes.error("x12.control-differs", msg, line=line, field=f"{tag}02")

    def miss(self, kinds: tuple[str, ...], *, line: int) -> None:
        """Note each envelope that should have ended by here."""
        for kind in kinds:
            if self._open.pop(kind, None) is not None:
                msg = f"what {kind} begins must end, got another beginning or the end of the file"
                self._notes.error("file.truncated", msg, line=line, field=kind)


def _moment(day: str, time: str) -> str:
    if len(day) != len("20191029") or not day.isascii() or not day.isdecimal():
        return ""
    clock = f"T{time[:2]}:{time[2:4]}" if time[:4].isdecimal() and len(time) >= len("1900") else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}{clock}"
