"""XML of strangers, read record by record: no document type, no entities, nothing without a bound.

>>> import io
>>> from receivables.reading import ReadNotes
>>> file = io.BytesIO(b"<list><item no='1'><sum>12.00</sum></item><item no='2'/></list>")
>>> [(each["no"], each.text("sum")) for each in elements(file, notes=ReadNotes("a.xml"), names={"item"})]
[('1', '12.00'), ('2', '')]
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from receivables import limits
from receivables.reading import ReadNotes

__all__ = ["Node", "elements"]

_CHUNK_BYTES: Final = 65_536


class Node:
    """An element that is whole: its local name, its attributes, its text, what is in it, its line."""

    __slots__ = ("attributes", "children", "content", "line", "name")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.children: list[Node] = []
        self.content = ""

    def __getitem__(self, attribute: str) -> str:
        """An attribute, empty where there is none."""
        return self.attributes.get(attribute, "")

    def find(self, path: str) -> Node | None:
        """The first element on a path of local names (``Header/Date``), or None."""
        node: Node | None = self
        for name in path.split("/"):
            if node is None:
                return None
            node = next((each for each in node.children if each.name == name), None)
        return node

    def all(self, name: str) -> list[Node]:
        """Every child of a name."""
        return [each for each in self.children if each.name == name]

    def text(self, path: str) -> str:
        """The text of the first element on a path, without outer blanks; empty where there is none."""
        node = self.find(path)
        return "" if node is None else node.content


class _ForbiddenError(Exception):
    """Something that is refused, with the code of the problem."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def elements(stream: BinaryIO, *, notes: ReadNotes, names: Collection[str]) -> Iterator[Node]:
    """Every element of some local names, whole, as soon as it ends; one inside another is its child.

    A file that is not well formed, that ends too early, that has a document type or more depth or
    size than any record needs is an error in the notes, and what came before it has been given.
    """
    reader = _Reader(frozenset(names))
    is_last = False
    while not is_last:
        chunk = stream.read(_CHUNK_BYTES)
        is_last = not chunk
        try:
            reader.feed(chunk, is_last=is_last)
        except _ForbiddenError as error:
            notes.error(error.code, str(error), line=reader.line)
            is_last = True
        except expat.ExpatError as error:
            code, message = _said(error)
            notes.error(code, message, line=reader.line)
            is_last = True
        except (LookupError, ValueError) as error:
            notes.error("encoding.invalid", f"encoding must be known, got {error}")
            is_last = True
        yield from reader.take()


_CUT_OFF: Final = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)


def _said(error: expat.ExpatError) -> tuple[str, str]:
    text = expat.ErrorString(error.code)
    if error.code in _CUT_OFF:
        return "file.truncated", f"file must end with its root element, got {text}"
    return "xml.malformed", f"file must be well-formed XML, got {text}"


class _Reader:
    """Builds the elements that are asked for, and passes over all others."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._open: list[Node] = []
        self._texts: list[list[str]] = []
        self._done: list[Node] = []
        self._depth = 0
        self._since = 0
        self._fed = 0
        parser = self._expat = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    @property
    def line(self) -> int:
        """The line that the reader has come to."""
        return self._expat.CurrentLineNumber

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        """Read on."""
        self._fed += len(chunk)
        self._expat.Parse(chunk, is_last)
        unfinished = self._fed - max(self._expat.CurrentByteIndex, 0)
        is_large = bool(self._open) and self._fed - self._since > limits.XML_RECORD_BYTES_MAX
        if is_large or unfinished > limits.XML_TEXT_MAX:
            msg = f"a record must have at most {limits.XML_RECORD_BYTES_MAX} bytes, got more"
            raise _ForbiddenError("file.too-large", msg)

    def take(self) -> list[Node]:
        """The elements that ended since the last call."""
        done, self._done = self._done, []
        return done

    def _doctype(self, *_declaration: object) -> None:
        msg = "file must have no document type, got one"
        raise _ForbiddenError("xml.forbidden", msg)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > limits.XML_DEPTH_MAX:
            msg = f"elements must be at most {limits.XML_DEPTH_MAX} deep, got more"
            raise _ForbiddenError("xml.forbidden", msg)
        local = name.rpartition(":")[2]
        if not self._open:
            if local not in self._names:
                return
            self._since = max(self._expat.CurrentByteIndex, 0)
        self._open.append(Node(local, attributes, self._expat.CurrentLineNumber))
        self._texts.append([])

    def _characters(self, text: str) -> None:
        if self._open:
            self._texts[-1].append(text)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        node = self._open.pop()
        node.content = "".join(self._texts.pop()).strip()
        (self._open[-1].children if self._open else self._done).append(node)
