r"""Entries whose markup was seen before: their texts are taken without parsing the markup again.

A bank's program writes each entry in one of a few shapes, and only the texts differ.  The first
entry of a shape is parsed as any other is.  When a shape comes again, it is parsed once more with a
mark in the place of each text, so that it is known which text is which leaf of the record; from then
on the texts are cut out and put into their places.

That is the same as parsing, because the parser goes from left to right: between two equal pieces of
markup it is in the same state, a text without ``<``, ``&`` and ``]]>`` ends where the next ``<``
stands, and `Shapes` hands back whatever has anything else in it: other entities than the five of XML,
control characters, bytes that are no UTF-8.  Tests compare the two ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from receivables_plugins.iso20022.records import LINE, RAW, REFERENCES, Record

__all__ = ["Shapes"]

Parse: TypeAlias = Callable[[str], "tuple[Record, str] | None"]
"""Parses one entry: its record and all of its text; None where it is not well formed."""

_TEXTS: Final = re.compile(r">\s*+([^<\s][^<]*)<")
_REFUSED_BYTES: Final = bytes(sorted({*range(32)} - {9, 10}))
"""Control characters, most of which XML forbids; a carriage return is looked at by itself."""
_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff]")
_ENTITY: Final = re.compile("&(amp|lt|gt|quot|apos);")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_FIRST, _LAST = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_FIRST}([0-9]+){_LAST}")
_SIZE_MAX: Final = 4_000_000
"""Characters of markup that are kept: thousands of shapes, and a bound on memory."""
_PATIENCE: Final = 1_000
"""Entries without a known shape that are borne with before a file is parsed as a whole."""


class Shapes:
    """The shapes of the entries of one file."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._known: dict[str, _Shape | None] = {}
        self._once: set[int] = set()
        self._size = 0
        self._misses = 0

    @property
    def is_worth_it(self) -> bool:
        """Whether entries are so much alike that it pays to look for their shapes."""
        return self._misses < _PATIENCE

    def record(self, entry: bytes, *, line: int) -> Record | None:
        """The record of an entry that begins on a line; None where it has to be parsed."""
        if len(entry.translate(None, _REFUSED_BYTES)) != len(entry):
            entry = entry.replace(b"\r\n", b"\n")
            if len(entry.translate(None, _REFUSED_BYTES)) != len(entry):
                return None
        try:
            text = entry.decode()
        except UnicodeDecodeError:
            return None
        pieces = _TEXTS.split(text)
        markup = "\0".join(pieces[::2])
        shape = self._known.get(markup)
        if shape is None:
            shape = self._new(markup, pieces)
        if shape is None or not _is_plain(text, pieces):
            return None
        if text.count("\n") != shape.lines:
            # A text with a line feed moves what comes after it to other lines.
            return None
        self._misses -= 1
        record = shape.fill(pieces, line)
        record[RAW] = text
        return record

    def _new(self, markup: str, pieces: list[str]) -> _Shape | None:
        """A shape that is seen for the second time; None for the first, and where it has none."""
        self._misses += 2
        key = hash(markup)
        if markup in self._known or self._size > _SIZE_MAX:
            return None
        self._size += len(markup) if key in self._once else 1
        if key not in self._once:
            self._once.add(key)
            return None
        shape = self._known[markup] = self._worked_out(markup, pieces)
        return shape

    def _worked_out(self, markup: str, pieces: list[str]) -> _Shape | None:
        if "<!" in markup or "<?" in markup or _FIRST in markup:
            return None
        marks = [f"{_FIRST}{index}{_LAST}" for index in range(1, len(pieces), 2)]
        parts = list(pieces)
        # The mark stands between the signs that the pattern of the texts took with each.
        parts[1::2] = [f">{mark}<" for mark in marks]
        parsed = self._parse("".join(parts))
        if parsed is None:
            return None
        record, text = parsed
        del record[RAW]
        if "".join(text.split()) != "".join(marks):
            return None
        try:
            return _Shape(record, lines=markup.count("\n"))
        except ValueError:
            return None


class _Shape:
    """A record with places instead of texts."""

    __slots__ = ("_constants", "_groups", "_keys", "_line", "_lists", "_pairs", "_places", "lines")

    def __init__(self, record: Record, *, lines: int = 0) -> None:
        self.lines = lines
        self._line = int(record[LINE]) - 1
        self._constants: Record = {LINE: 0}
        self._groups: list[tuple[str, list[_Shape]]] = []
        self._lists: list[tuple[str, list[int]]] = []
        self._pairs: list[tuple[str, int]] = []
        placed: dict[str, int] = {}
        for key, value in record.items():
            if isinstance(value, str):
                if _FIRST in value:
                    placed[key] = _place(value)
                else:
                    self._constants[key] = value
            elif key == REFERENCES:
                self._pairs = [(name, _place(mark)) for name, mark in value]
            elif isinstance(value, list) and isinstance(value[0], str):
                self._lists.append((key, [_place(mark) for mark in value]))
            elif isinstance(value, list):
                self._groups.append((key, [_Shape(one) for one in value]))
            elif key != LINE:
                self._constants[key] = value
        self._keys = tuple(placed)
        self._places = tuple(placed.values())

    def fill(self, pieces: list[str], line: int) -> Record:
        """The record with these texts, for an entry that begins on a line."""
        record = self._constants.copy()
        record[LINE] = line + self._line
        record.update(zip(self._keys, [pieces[at].strip() for at in self._places], strict=True))
        if self._pairs:
            record[REFERENCES] = [(name, pieces[at].strip()) for name, at in self._pairs]
        for key, places in self._lists:
            record[key] = [pieces[at].strip() for at in places]
        for key, shapes in self._groups:
            record[key] = [shape.fill(pieces, line) for shape in shapes]
        return record


def _place(text: str) -> int:
    """The place of a mark; raises `ValueError` for a text that is more than one mark, or less."""
    found = _MARK.fullmatch(text)
    if found is None:
        msg = f"text must be one mark, got {text!r}"
        raise ValueError(msg)
    return int(found[1])


def _is_plain(text: str, pieces: list[str]) -> bool:
    """Whether each text is what it says; the entities of XML are put into their place first."""
    if "]" in text and "]]>" in text:
        return False
    if not text.isascii() and _NO_CHARACTERS.search(text):
        return False
    return "&" not in text or _has_expanded(pieces)


def _has_expanded(pieces: list[str]) -> bool:
    """Put the entities of XML into their place; whether there were no others."""
    for at in range(1, len(pieces), 2):
        expanded, count = _ENTITY.subn(_expanded, pieces[at])
        if count != pieces[at].count("&"):
            return False
        pieces[at] = expanded
    return True


def _expanded(entity: re.Match[str]) -> str:
    return _ENTITIES[entity[1]]
