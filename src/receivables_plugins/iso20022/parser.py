"""From chunks of XML to records: which element is open, what its text is, when a group is complete.

Expat, the parser of the standard library, calls two methods for every element; they are short
because a year of a busy account has millions of them.  An entry whose markup was seen before does
not even come to expat (`shapes`).  A file that no bank sends is refused early: a document type (and
with it every entity), a depth, a text, a record beyond its bound.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from xml.parsers import expat

from receivables import limits
from receivables_plugins.iso20022.elements import OUTSIDE, Element
from receivables_plugins.iso20022.records import LINE, MORE, RAW, REFERENCES, REPEATED, Record
from receivables_plugins.iso20022.shapes import Shapes
from receivables_plugins.iso20022.values import RefusedError

__all__ = ["Parser"]

_CUT_OFF: Final = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)
_UNKNOWN_ENCODING: Final = expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
_OPENING: Final = rb"(?:[ \t\n]|\r\n)*+(<(?:[\w.-]+:)?%s>)"
"""How an entry begins, after blanks; a return alone would count as a line, and is left to expat."""
_WAITING_MAX: Final = 65_536
"""Bytes of an entry that may have a shape; a larger one has many transactions, and is one of a kind."""
_WIDE: Final = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
"""Encodings of two bytes for a character, by the first two of a file."""

Complete: TypeAlias = Callable[[Record, Record], None]
"""Takes the record of a group that is complete, and that of the group around it."""


class Parser:
    """Feeds one file through expat; calls `complete[group](record, parent)` for what is complete.

    A group without such a function is kept in its parent's record, in a list under its name.  The
    record of an `entry` has its lines under `RAW`; that of one of the `heads`, a group around
    entries, has those before its first entry there.  `outside` are the elements of the message.
    """

    def __init__(
        self,
        complete: Mapping[str, Complete],
        *,
        outside: Element = OUTSIDE,
        entry: str = "Ntry",
        heads: frozenset[str] = frozenset(),
        has_shapes: bool = True,
    ) -> None:
        self._complete = complete
        self._heads = heads
        self._outside = self._element = outside
        self._entry = entry
        self._record: Record = {}
        self._outer_records: list[Record] = []
        self._text: list[str] = []
        self._fed = 0
        self._completed_at = 0
        self._passed: list[Element] = []
        self.has_elements = False
        self._source = _Source()
        self._shapes = Shapes(self._parse_specimen) if has_shapes else None
        self._opening = re.compile(_OPENING % entry.encode())
        self._waiting = b""
        self._lines_taken = 0
        self._expat = self._new_expat()

    def _new_expat(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = self._source.declared
        parser.StartCdataSectionHandler = self._source.cdata_begins
        parser.EndCdataSectionHandler = self._source.cdata_ends
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        return parser

    @property
    def line(self) -> int:
        """The line that the parser has come to."""
        return self._expat.CurrentLineNumber + self._lines_taken

    @property
    def path(self) -> str:
        """The names of the known elements that are open."""
        return self._element.path

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Parse a chunk; raises `RefusedError` where the file cannot be read any further."""
        data, self._waiting = self._waiting + chunk, b""
        at = 0
        while at < len(data):
            if self._is_between_entries():
                at = self._take_entries(data, at, is_last=is_last)
            end = len(data)
            if self._shapes is not None and (found := self._opening.search(data, at + 1)):
                end = found.start(1)
            if at < end:
                self._parse(data[at:end])
            at = end
        if is_last:
            self._parse(b"", is_last=True)

    def _is_between_entries(self) -> bool:
        """Whether the next thing, if it looks like an entry, can only be one."""
        return (
            self._shapes is not None
            and self._entry in self._element
            and self._source.is_plain
            and self._expat.CurrentByteIndex == self._fed
        )

    def _take_entries(self, data: bytes, at: int, *, is_last: bool) -> int:
        """Complete the entries that begin here and have a known shape; returns where they end.

        An entry that has not come whole waits for the next chunk, unless it is too large for that.
        """
        while opening := self._opening.match(data, at):
            begin = opening.start(1)
            closing = b"</" + opening[1][1:]
            end = data.find(closing, begin) + len(closing)
            if end < len(closing):
                if is_last or len(data) - at > _WAITING_MAX:
                    return at
                self._waiting = data[at:]
                return len(data)
            if not self._has_taken(data, at, begin=begin, end=end):
                self._parse(data[at:end])
                if not self._is_between_entries():
                    return end
            at = end
        return at

    def _has_taken(self, data: bytes, at: int, *, begin: int, end: int) -> bool:
        """Whether an entry had a known shape, and is complete."""
        if self._shapes is None or end - begin > _WAITING_MAX:
            return False
        blank_lines = data.count(b"\n", at, begin)
        entry = data[begin:end]
        record = self._shapes.record(entry, line=self.line + blank_lines)
        if record is None:
            if not self._shapes.is_worth_it:
                self._shapes = None
            return False
        parent = self._record
        self._source.end_head(parent, self._fed)
        self._element = self._element[self._entry]
        self._complete[self._entry](record, parent)
        self._element = self._element.outer
        self._lines_taken += blank_lines + entry.count(b"\n")
        return True

    def _parse(self, data: bytes, *, is_last: bool = False) -> None:
        self._fed += len(data)
        self._source.add(data)
        try:
            self._expat.Parse(data, is_last)
        except expat.ExpatError as error:
            raise self._refusal(error) from None
        except (LookupError, ValueError) as error:
            # The name of the encoding stands in the first line, before any element.
            if self.has_elements or isinstance(error, RefusedError):
                raise
            raise RefusedError("encoding.invalid", f"encoding must be known, got {error}") from None
        self._source.let_go(max(self._expat.CurrentByteIndex, 0))
        self._check_sizes()

    def _parse_specimen(self, entry: str) -> tuple[Record, str] | None:
        """Parse one entry by itself, as if it stood where the parser is."""
        parser = Parser({}, outside=self._outside, entry=self._entry, has_shapes=False)
        parser._element = self._element
        parser._outer_records = [{}]
        text: list[str] = []

        def take(characters: str) -> None:
            parser._text.append(characters)
            text.append(characters)

        parser._expat.CharacterDataHandler = take
        try:
            parser.feed(entry.encode(), is_last=True)
        except RefusedError:
            return None
        finally:
            parser.release()
        found = parser._record.get(self._entry)
        return (found[0], "".join(text)) if found and len(found) == 1 else None

    def release(self) -> None:
        """Let go of the handlers, which hold this object in a circle."""
        self._expat.XmlDeclHandler = None
        self._expat.StartCdataSectionHandler = None
        self._expat.EndCdataSectionHandler = None
        self._expat.StartDoctypeDeclHandler = None
        self._expat.StartElementHandler = None
        self._expat.EndElementHandler = None
        self._expat.CharacterDataHandler = None

    def _refusal(self, error: expat.ExpatError) -> RefusedError:
        text = expat.ErrorString(error.code)
        if error.code in _CUT_OFF:
            return RefusedError(
                "file.truncated", f"file must end with its root element, got {text}"
            )
        if error.code == _UNKNOWN_ENCODING:
            return RefusedError("encoding.invalid", f"encoding must be known, got {text}")
        # What breaks before its first element is no damaged message, but something else.
        code = "xml.malformed" if self.has_elements else "file.format"
        return RefusedError(code, f"file must be well-formed XML, got {text}")

    def _check_sizes(self) -> None:
        """Bound what expat keeps of an unfinished token, what we keep of a text and of a record."""
        unfinished = self._fed - max(self._expat.CurrentByteIndex, 0)
        if max(unfinished, sum(map(len, self._text))) > limits.XML_TEXT_MAX:
            msg = f"a text must have at most {limits.XML_TEXT_MAX} characters, got more"
            raise RefusedError("file.too-large", msg)
        if self._fed - self._completed_at > limits.XML_RECORD_BYTES_MAX:
            msg = f"an entry must have at most {limits.XML_RECORD_BYTES_MAX} bytes, got more"
            raise RefusedError("file.too-large", msg)

    def _doctype(self, *_declaration: object) -> None:
        msg = "file must have no document type, got one"
        raise RefusedError("xml.forbidden", msg)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = self._element.get(name)
        if element is None:
            element = self._found(name)
        self._element = element
        if element.leaf is not None:
            if self._text:
                self._text.clear()
            if attributes and "Ccy" in attributes:
                self._record.setdefault(element.currency, attributes["Ccy"])
        elif element.group is not None:
            self._open(element.group)
        elif element.reference is not None:
            self._text.clear()

    def _end(self, _name: str) -> None:
        element = self._element
        leaf = element.leaf
        if leaf is not None:
            text = "".join(self._text).strip()
            self._text.clear()
            if leaf in self._record:
                self._keep_more(leaf, text)
            elif text:
                self._record[leaf] = text
        elif element.group is not None:
            self._close(element.group)
        elif element.reference is not None and (text := "".join(self._text).strip()):
            self._record.setdefault(REFERENCES, []).append((element.reference, text))
        self._element = element.outer

    def _open(self, group: str) -> None:
        if group == self._entry:
            index = self._expat.CurrentByteIndex
            self._source.end_head(self._record, index)
            self._source.keep_from(index)
        elif group in self._heads:
            self._source.begin_head(self._expat.CurrentByteIndex)
        self._outer_records.append(self._record)
        self._record = {LINE: self._expat.CurrentLineNumber + self._lines_taken}

    def _keep_more(self, leaf: str, text: str) -> None:
        if text:
            self._record.setdefault(f"{leaf}{MORE}", []).append(text)
            self._record[REPEATED] = True

    def _close(self, group: str) -> None:
        record = self._record
        parent = self._record = self._outer_records.pop()
        if group == self._entry:
            record[RAW] = self._source.kept_to(self._expat.CurrentByteIndex)
        elif group in self._heads:
            self._source.end_head(record, self._expat.CurrentByteIndex)
        complete = self._complete.get(group)
        if complete is None:
            parent.setdefault(group, []).append(record)
        else:
            complete(record, parent)
            self._completed_at = self._fed

    def _found(self, name: str) -> Element:
        """An element by its local name, or a message in what surrounds it, or one to pass over."""
        self.has_elements = True
        local = name.rpartition(":")[2]
        found = self._element.get(local)
        if found is None and not self._outer_records:
            found = self._outside.get(local)
        return self._passed_over() if found is None else found

    def _passed_over(self) -> Element:
        """An element that is not read; one at each depth is enough, because they come one by one."""
        depth = self._element.depth + 1
        if depth > limits.XML_DEPTH_MAX:
            msg = f"elements must be at most {limits.XML_DEPTH_MAX} deep, got more"
            raise RefusedError("xml.forbidden", msg)
        if depth > len(self._passed):
            self._passed.append(Element(depth=depth))
        element = self._passed[depth - 1]
        element.outer = self._element
        return element


class _Source:
    """The bytes that were parsed, as far as they are needed again, and how they are encoded."""

    def __init__(self) -> None:
        self._window = bytearray()
        self._window_at = 0
        self._kept_from: int | None = None
        self._head_from: int | None = None
        self._head = b""
        self._declared = ""
        self._is_in_cdata = False

    @property
    def is_plain(self) -> bool:
        """Whether the text is UTF-8, and markup is markup."""
        return self._declared in {"", "utf-8"} and not self._is_in_cdata

    @property
    def _encoding(self) -> str:
        return _WIDE.get(self._head, self._declared or "utf-8")

    def declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        """Take the encoding from the first line of the file."""
        self._declared = (encoding or "").lower()

    def cdata_begins(self) -> None:
        """From here on what looks like markup is text."""
        self._is_in_cdata = True

    def cdata_ends(self) -> None:
        """Markup is markup again."""
        self._is_in_cdata = False

    def add(self, data: bytes) -> None:
        """Take bytes that are about to be parsed."""
        self._window += data
        if len(self._head) < 2:  # noqa: PLR2004  # bytes
            self._head = bytes(self._window[:2])

    def keep_from(self, index: int) -> None:
        """An entry begins at this byte of the file."""
        self._kept_from = index

    def kept_to(self, index: int) -> str:
        """The text of the entry whose end tag begins at this byte, line ends as line feeds."""
        begin = index if self._kept_from is None else self._kept_from
        self._kept_from = None
        closing = ">".encode(self._encoding)
        end = self._window.find(closing, index - self._window_at) + len(closing)
        return self._text(begin, self._window_at + end)

    def begin_head(self, index: int) -> None:
        """A group around entries begins at this byte of the file."""
        self._head_from = index

    def end_head(self, record: Record, index: int) -> None:
        """Give the record of a group around entries its lines, as far as its first entry."""
        if self._head_from is None:
            return
        record[RAW] = self._text(self._head_from, index).rstrip()
        self._head_from = None

    def _text(self, begin: int, end: int) -> str:
        piece = self._window[begin - self._window_at : end - self._window_at]
        return piece.decode(self._encoding, errors="replace").replace("\r\n", "\n")

    def let_go(self, index: int) -> None:
        """Forget what stands before an entry under way, or before a byte where there is none."""
        for kept in (self._kept_from, self._head_from):
            index = index if kept is None else min(index, kept)
        del self._window[: index - self._window_at]
        self._window_at = index
