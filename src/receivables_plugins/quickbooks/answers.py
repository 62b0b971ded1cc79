"""Answers of Online: pages of objects, changes, single objects, faults; the same in JSON and XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from receivables_plugins.quickbooks.objects import KINDS, Found, Raw

__all__ = ["Fault", "Page", "faults_in", "is_answer", "pages_in"]

_DEPTH_MAX: Final = 8
"""Depth at which answers hold objects: a list of answers, of responses, of pages, of objects."""


@attrs.frozen(kw_only=True)
class Fault:
    """One error of an answer."""

    code: str
    message: str
    detail: str = ""
    element: str = ""
    line: int | None = None

    @property
    def text(self) -> str:
        """What it says, in one line."""
        said = [self.message, self.detail if self.detail != self.message else ""]
        return " ".join(": ".join(filter(None, said)).split())

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


@attrs.frozen(kw_only=True)
class Page:
    """The objects of one kind that an answer holds, with what it says of their number."""

    kind: str
    objects: tuple[Raw, ...]
    start: int | None = None
    total: int | None = None
    line: int | None = None

    def found(self) -> Iterator[Found]:
        """The objects, each with its kind."""
        return (Found(kind=self.kind, raw=raw, line=self.line) for raw in self.objects)


def pages_in(answer: Any, *, line: int | None = None, depth: int = 0) -> Iterator[Page]:  # noqa: ANN401  # whatever came
    """Every page of an answer, wherever in it.

    >>> [page] = pages_in({"QueryResponse": {"Invoice": [{"Id": "130"}], "totalCount": 1}})
    >>> page.kind, page.total, page.objects[0]["Id"]
    ('Invoice', 1, '130')
    """
    if isinstance(answer, list):
        for each in answer:
            yield from pages_in(each, line=line, depth=depth)
        return
    if not isinstance(answer, Mapping) or depth > _DEPTH_MAX:
        return
    for name, value in answer.items():
        if name in KINDS:
            rows = value if isinstance(value, list) else [value]
            yield Page(
                kind=name,
                objects=tuple(row for row in rows if isinstance(row, Mapping)),
                start=_count(answer.get("startPosition")),
                total=_count(answer.get("totalCount")),
                line=line,
            )
        elif name in _HOLDERS:
            yield from pages_in(value, line=line, depth=depth + 1)


_HOLDERS: Final = frozenset({"BatchItemResponse", "CDCResponse", "IntuitResponse", "QueryResponse"})
_FAULTS: Final = frozenset({"Fault", "fault"})


def is_answer(value: Any) -> bool:  # noqa: ANN401  # whatever came
    """Whether something looks like an answer of Online at all, or like a list of them.

    >>> is_answer({"QueryResponse": {}}), is_answer({"total": 1}), is_answer([])
    (True, False, False)
    """
    if isinstance(value, list):
        return bool(value) and all(is_answer(each) for each in value)
    return isinstance(value, Mapping) and any(
        name in KINDS or name in _HOLDERS or name in _FAULTS for name in value
    )


def _count(value: object) -> int | None:
    text = str(value)
    return int(text[:9]) if text.isascii() and text.isdigit() else None


def faults_in(answer: Any, *, line: int | None = None, depth: int = 0) -> Iterator[Fault]:  # noqa: ANN401  # whatever came
    """Every error of an answer, wherever in it; an answer of errors alone writes them small.

    >>> body = {"Fault": {"Error": [{"Message": "Stale Object Error", "code": "5010"}]}}
    >>> [str(fault) for fault in faults_in(body)]
    ['5010 Stale Object Error']
    """
    if isinstance(answer, list):
        for each in answer:
            yield from faults_in(each, line=line, depth=depth)
    if not isinstance(answer, Mapping) or depth > _DEPTH_MAX:
        return
    for name, value in answer.items():
        if name in _FAULTS:
            yield from _errors(value, line)
        elif name in _HOLDERS:
            yield from faults_in(value, line=line, depth=depth + 1)


def _errors(fault: Any, line: int | None) -> Iterator[Fault]:  # noqa: ANN401  # whatever came
    held = fault if isinstance(fault, Mapping) else {}
    errors = held.get("Error", held.get("error"))
    rows = errors if isinstance(errors, list) else [errors]
    found = [row for row in rows if isinstance(row, Mapping)]
    kind = str(held.get("type", ""))
    for row in found:
        yield Fault(
            code=str(row.get("code", "")),
            message=str(row.get("Message", row.get("message", "")) or kind),
            detail=str(row.get("Detail", row.get("detail", "")) or ""),
            element=str(row.get("element", "") or ""),
            line=line,
        )
    if not found:
        yield Fault(code="", message=kind or "a fault without a word", line=line)
