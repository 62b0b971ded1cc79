"""Rows out of a JSON file of any size, one by one: what stands in its lists of rows.

>>> import io
>>> from receivables.reading import ReadNotes
>>> file = io.BytesIO(b'{"d": {"results": [{"A": "1"}, {"A": "2"}], "__count": "3"}}')
>>> rows = JsonRows(file, ReadNotes("a.json"))
>>> list(rows), rows.declared
([{'A': '1'}, {'A': '2'}], 3)
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final

from receivables import limits
from receivables.reading import ReadNotes
from receivables_plugins.sap.odata import count_of, page_of, rows_of, text_of

__all__ = ["JsonRows"]

_CHUNK_BYTES: Final = 262_144
_ROW_CHARS_MAX: Final = limits.LINE_BYTES_MAX
_BLANKS: Final = " \t\r\n"
_ENVELOPES: Final = frozenset({"d", "feed"})
_LISTS: Final = frozenset({"results", "value", "entry"})
_CONTAINERS: Final = _ENVELOPES | _LISTS
_LINKS: Final = ("__next", "@odata.nextLink", "@nextLink")


class _BrokenError(Exception):
    """The text is no JSON, or ends too early."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _no_number(text: str) -> Any:  # noqa: ANN401  # it never returns
    msg = f"a number must be finite, got {text}"
    raise ValueError(msg)


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


class JsonRows:
    """Iterates over rows; afterwards `declared` says how many the file counts, `link` what follows.

    Several pages one after another add up; of their links the last one counts.
    """

    def __init__(self, stream: BinaryIO, notes: ReadNotes) -> None:
        self._stream = stream
        self._notes = notes
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_end = False
        self.declared: int | None = None
        self.link = ""

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        try:
            while self._peek():
                yield from self._value()
        except _BrokenError as error:
            self._notes.error(error.code, str(error))
        except UnicodeDecodeError:
            self._notes.error("encoding.invalid", "file must be UTF-8, got other bytes")

    def _value(self) -> Iterator[Mapping[str, Any]]:
        """The rows of one value of the outermost level."""
        begin = self._peek()
        if begin == "[":
            yield from self._list()
        elif begin == "{":
            yield from self._object(depth=0)
        else:
            msg = f"file must hold an object or a list, got {begin!r}"
            raise _BrokenError("file.format", msg)

    def _list(self) -> Iterator[Mapping[str, Any]]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield from self._rows(self._whole())
            if self._take(",]") == "]":
                return

    def _rows(self, value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401  # of any kind
        """A row, or the rows of a page that stands in a list of pages."""
        if isinstance(value, dict) and "AccountingDocument" in value:
            yield value  # what nearly every element is, without looking any further
            return
        if isinstance(value, dict) and not _CONTAINERS.isdisjoint(value):
            inner = value.get("d", value.get("feed", value))
            page = page_of(value)
            if page is not None and isinstance(inner, Mapping):
                self._note_page(inner)
        yield from rows_of(value)

    def _object(self, *, depth: int) -> Iterator[Mapping[str, Any]]:
        """The rows in the lists of an object; the object itself where it has none."""
        self._take("{")
        said: dict[str, Any] = {}
        had_rows = False
        while self._peek() != "}":
            name = self._whole()
            self._take(":")
            begin = self._peek()
            if name in _LISTS and begin == "[":
                had_rows = True
                yield from self._list()
            elif name in _ENVELOPES and begin in "{[" and depth == 0:
                had_rows = True
                yield from self._object(depth=1) if begin == "{" else self._list()
            elif name in _LISTS and begin == "{":
                had_rows = True
                yield from self._rows(self._whole())
            else:
                said[str(name)] = self._whole()
            if self._peek() == ",":
                self._take(",")
        self._take("}")
        self._note_page(said)
        if not had_rows:
            yield from self._lone(said)

    def _lone(self, said: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        if "AccountingDocument" in said or "content" in said:
            yield from rows_of(said)
        elif isinstance(error := said.get("error"), Mapping):
            msg = f"the file holds an error of the service: {text_of(error.get('code'))}"
            self._notes.error("service.refused", msg)

    def _note_page(self, said: Mapping[str, Any]) -> None:
        count = count_of(said)
        if count is not None:
            # Each page of a read counts all of its rows, so that the same number says nothing new.
            self.declared = max(self.declared or 0, count)
        links = [text_of(said[name]) for name in _LINKS if said.get(name)]
        if links or any(name in said for name in ("__count", "@odata.count", "count")):
            self.link = links[0] if links else ""

    def _peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANKS:
                    return self._text[self._at]
                self._at += 1
            if not self._fill():
                return ""

    def _take(self, allowed: str) -> str:
        found = self._peek()
        if not found:
            msg = "file must end with its list, got an earlier end"
            raise _BrokenError("file.truncated", msg)
        if found not in allowed:
            msg = f"file must be JSON with {allowed!r} here, got {found!r}"
            raise _BrokenError("file.format", msg)
        self._at += 1
        return found

    def _whole(self) -> Any:  # noqa: ANN401  # any value of JSON
        """The next value, whole."""
        self._take_blanks()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                msg = "file must not be so deep"
                raise _BrokenError("file.format", msg) from None
            except ValueError as error:
                if not self._more_may_help():
                    raise self._broken(error) from None
                continue
            if end < len(self._text) or not self._fill():
                self._at = end
                return value

    def _take_blanks(self) -> None:
        if not self._peek():
            msg = "file must end with its list, got an earlier end"
            raise _BrokenError("file.truncated", msg)

    def _more_may_help(self) -> bool:
        return len(self._text) - self._at <= _ROW_CHARS_MAX and self._fill()

    def _broken(self, error: ValueError) -> _BrokenError:
        if len(self._text) - self._at > _ROW_CHARS_MAX and not self._is_end:
            return _BrokenError(
                "file.too-large", f"a row must have {_ROW_CHARS_MAX} characters at most"
            )
        at_end = isinstance(error, json.JSONDecodeError) and (
            error.pos >= len(self._text) - 1 or "Unterminated" in error.msg
        )
        code = "file.truncated" if at_end else "file.format"
        return _BrokenError(code, f"file must be whole JSON, got {type(error).__name__}")

    def _fill(self) -> bool:
        """Read on; whether there is more."""
        while not self._is_end:
            chunk = self._stream.read(_CHUNK_BYTES)
            self._is_end = not chunk
            more = self._decode.decode(chunk, final=self._is_end)
            if more:
                self._text = self._text[self._at :] + more
                self._at = 0
                return True
        return False
