"""From bytes to pieces of text: one transaction each, or what stands between transactions.

Neither SGML nor XML is parsed: what banks write is often none of the two.  A piece ends where a tag
begins, so that a file on one line is read in as little memory as any other.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.reading import ReadNotes

__all__ = ["ENTRY", "Piece", "pieces_of"]

ENTRY: Final = "STMTTRN"
_BEGIN: Final = f"<{ENTRY}>"
_END: Final = f"</{ENTRY}>"
_END_PENDING: Final = f"</{ENTRY}P"
_CHUNK_BYTES: Final = 262_144
_PIECE_MAX: Final = 4_000_000
"""Characters, or bytes, that may pass without a tag or inside of one transaction."""

_END_WIDTH: Final = len(f"{_END}\r\n")
_UNUSUAL: Final = re.compile(r"<stmttrn|<Stmttrn|<StmtTrn|<STMTTRNP")
_BEGINS: Final = re.compile(rf"(<{ENTRY}P?(?:\s[^<>]*)?>)", re.IGNORECASE)
_ENDS: Final = re.compile(
    rf"</{ENTRY}P?\s*>|(?=</(?:BANKTRANLISTP?|INVBANKTRAN|(?:CC|INV)?STMTRS|OFX)\s*>)"
    r"|(?=<(?:LEDGERBAL|AVAILBAL|(?:CC|INV)?STMTRS)>)",
    re.IGNORECASE,
)
_CHARSET: Final = re.compile(
    rb"CHARSET\s*:\s*([\w-]+)|<\?xml[^>]*encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
_CODE_PAGE: Final = re.compile(r"[0-9]{3,5}")
_FALLBACK: Final = "cp1252"
_WIDE: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Piece:
    """A transaction without its own tags (`is_entry`), or other text; `line` is where it begins."""

    __slots__ = ("is_entry", "is_pending", "is_whole", "line", "raw", "text")

    def __init__(  # made by the million, by place because that is cheap
        self,
        text: str,
        line: int,
        raw: str = "",
        is_entry: bool = False,  # noqa: FBT001, FBT002  # see above
        is_pending: bool = False,  # noqa: FBT001, FBT002  # see above
        is_whole: bool = True,  # noqa: FBT001, FBT002  # see above
    ) -> None:
        self.text = text
        self.line = line
        self.raw = raw
        self.is_entry = is_entry
        self.is_pending = is_pending
        self.is_whole = is_whole
        """Whether the file goes on behind it."""


def pieces_of(stream: BinaryIO, notes: ReadNotes) -> Iterator[Piece]:
    """The pieces of a file; a transaction that lacks its end at the end of the file is not whole."""
    cutter = _Cutter()
    for text in _texts(stream):
        yield from cutter.cut(text)
        if len(cutter.rest) > _PIECE_MAX:
            msg = f"a transaction must have at most {_PIECE_MAX} characters, got more"
            notes.error("file.too-large", msg, line=cutter.line)
            return
    yield Piece(text=cutter.rest, line=cutter.line, is_entry=cutter.is_inside, is_whole=False)


class _Cutter:
    """Cuts text that comes in chunks."""

    def __init__(self) -> None:
        self.rest = ""
        self.line = 1
        self.is_inside = False
        self._is_unusual = False
        self._begin = _BEGIN

    def cut(self, text: str) -> Iterator[Piece]:
        """The pieces that are complete with this chunk."""
        self._is_unusual = self._is_unusual or _UNUSUAL.search(text) is not None
        text = self.rest + text
        if self._is_unusual:
            *parts, last = _BEGINS.split(text)
            complete, begins = parts[::2], parts[1::2]
        else:
            *complete, last = text.split(_BEGIN)
            begins = [_BEGIN] * len(complete)
        for part, begin in zip(complete, begins, strict=True):
            end = part.find(_END)
            is_usual = self.is_inside and not self._is_unusual
            if is_usual and end >= 0 and len(part) - end <= _END_WIDTH:
                yield self._entry(part, end)
            else:
                yield from self._part(part)
            self.is_inside, self._begin = True, begin
        yield from self._last(last)

    def _part(self, part: str) -> Iterator[Piece]:
        """A part that ends where a transaction begins."""
        if not self.is_inside:
            yield self._other(part)
            return
        end = -1 if self._is_unusual else part.find(_END)
        if end < 0:
            yield from self._unusual(part)
            return
        yield self._entry(part, end)
        rest = part[end + len(_END) :]
        if rest and not rest.isspace():
            yield Piece(rest, self.line - rest.count("\n"))

    def _entry(self, part: str, end: int) -> Piece:
        line = self.line
        self.line += part.count("\n")
        return Piece(part[:end], line, _BEGIN + part[: end + len(_END)], True)  # noqa: FBT003  # cheap

    def _unusual(self, part: str) -> Iterator[Piece]:
        """A transaction in lower case, pending, or without its end, and what follows it."""
        found = _ENDS.search(part)
        behind = len(part) if found is None else found.end()
        end = len(part) if found is None else found.start()
        line = self.line
        self.line += part.count("\n", 0, behind)
        is_pending = part[end:behind].upper().startswith(_END_PENDING)
        yield Piece(
            text=part[:end],
            line=line,
            is_entry=True,
            is_pending=is_pending,
            raw=self._begin + part[:behind],
        )
        if behind < len(part):
            yield self._other(part[behind:])

    def _last(self, last: str) -> Iterator[Piece]:
        """What stands behind the last beginning of a transaction: kept as far as it may go on."""
        if self.is_inside:
            found = _ENDS.search(last)
            if found is None:
                self.rest = last
                return
            yield from self._part(last[: found.end()])
            self.is_inside = False
            last = last[found.end() :]
        keep = last.rfind("<")
        if keep > 0:
            yield self._other(last[:keep])
            last = last[keep:]
        self.rest = last

    def _other(self, text: str) -> Piece:
        line = self.line
        self.line += text.count("\n")
        return Piece(text=text, line=line)


def _texts(stream: BinaryIO) -> Iterator[str]:
    """The text of a file in chunks that end before a tag, so that no character is cut."""
    rest = stream.read(_CHUNK_BYTES)
    if rest[:2] in _WIDE:
        yield from _wide(stream, rest)
        return
    fallback = _fallback(rest)
    rest = rest.removeprefix(b"\xef\xbb\xbf")
    while chunk := stream.read(_CHUNK_BYTES):
        cut = rest.rfind(b"<")
        if cut > 0 or len(rest) > _PIECE_MAX:
            cut = cut if cut > 0 else len(rest)
            yield _decoded(rest[:cut], fallback)
            rest = rest[cut:]
        rest += chunk
    yield _decoded(rest, fallback)


def _wide(stream: BinaryIO, head: bytes) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(_WIDE[head[:2]])(errors="replace")
    yield decoder.decode(head)
    while chunk := stream.read(_CHUNK_BYTES):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _fallback(head: bytes) -> str:
    """The code page that a file declares; what declares none, or Latin-1, is Windows-1252."""
    found = _CHARSET.search(head)
    declared = (found[1] or found[2]).decode("ascii", errors="replace") if found else ""
    name = f"cp{declared}" if _CODE_PAGE.fullmatch(declared) else _FALLBACK
    try:
        codecs.lookup(name)
    except LookupError:
        return _FALLBACK
    return name


def _decoded(data: bytes, fallback: str) -> str:
    """UTF-8 where it is that, whatever the file declares; else each field by itself."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "<".join(_decoded_field(field, fallback) for field in data.split(b"<"))


def _decoded_field(field: bytes, fallback: str) -> str:
    try:
        return field.decode("utf-8")
    except UnicodeDecodeError:
        return field.decode(fallback, errors="replace")
