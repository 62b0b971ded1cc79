"""From chunks of XML to records: which element is open, what its text is, when a group is complete.

Expat, the parser of the standard library, calls two methods for every element; they are short
because a year of a busy account has millions of them.  A file that no bank sends is refused early:
a document type (and with it every entity), a depth, a text, a record beyond its bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers import expat

from receivables import limits
from receivables_plugins.iso20022.elements import OUTSIDE, Element
from receivables_plugins.iso20022.records import LINE, MORE, REFERENCES, REPEATED, Record
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


class Parser:
    """Feeds one file through expat; calls `complete[group](record, parent)` for what is complete.

    A group without such a function is kept in its parent's record, in a list under its name.
    """

    def __init__(self, complete: Mapping[str, Callable[[Record, Record], None]]) -> None:
        self._complete = complete
        self._element = OUTSIDE
        self._record: Record = {}
        self._outer_records: list[Record] = []
        self._text: list[str] = []
        self._fed = 0
        self._completed_at = 0
        self._passed: list[Element] = []
        self.has_elements = False
        self._expat = self._new_expat()

    def _new_expat(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        return parser

    @property
    def line(self) -> int:
        """The line that expat has come to."""
        return self._expat.CurrentLineNumber

    @property
    def path(self) -> str:
        """The names of the known elements that are open."""
        return self._element.path

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Parse a chunk; raises `RefusedError` where the file cannot be read any further."""
        self._fed += len(chunk)
        try:
            self._expat.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise self._refusal(error) from None
        except (LookupError, ValueError) as error:
            # The name of the encoding stands in the first line, before any element.
            if self.has_elements or isinstance(error, RefusedError):
                raise
            raise RefusedError("encoding.invalid", f"encoding must be known, got {error}") from None
        self._check_sizes()

    def release(self) -> None:
        """Let go of the handlers, which hold this object in a circle."""
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
            self._outer_records.append(self._record)
            self._record = {LINE: self._expat.CurrentLineNumber}
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

    def _keep_more(self, leaf: str, text: str) -> None:
        if text:
            self._record.setdefault(f"{leaf}{MORE}", []).append(text)
            self._record[REPEATED] = True

    def _close(self, group: str) -> None:
        record = self._record
        parent = self._record = self._outer_records.pop()
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
            found = OUTSIDE.get(local)
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
