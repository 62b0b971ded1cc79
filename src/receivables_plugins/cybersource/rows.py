"""From the bytes of a report to rows of our fields, whether it came as CSV or as XML.

A report in CSV says what it is on its first line and has its headings on the second; one in XML
says it on its root.  What looks like a card number is noted as ``card.number``, masked where it is
a text, and takes the row with it where it is an identity.
"""

from __future__ import annotations

import csv
import enum
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, Final, NamedTuple

import attrs

from receivables.cards import holds_card_number, masked
from receivables.markup import Node, elements
from receivables.reading import ReadNotes
from receivables.texts import line_blocks
from receivables_plugins.cybersource.names import IDENTITIES, heading, places
from receivables_plugins.cybersource.settings import CybersourceReportSettings

__all__ = ["Kind", "Report", "ReportRows", "Row", "json_row", "kind_of", "report_in"]

_HEADER_ROWS_MAX: Final = 5
"""Rows in which the headings must stand: one says what the report is, and one may be blank."""
_HEADINGS_LEAST: Final = 3
_SHAPES_MAX: Final = 1_000
"""Sets of elements that are remembered; reports have a handful."""
_ELEMENTS: Final = (
    "Batch",
    "Request",
    "Chargeback",
    "ChargebackDetail",
    "ChargebackSummary",
    "NetFunding",
    "NetFundingSummary",
    "Funding",
    "FundingDetail",
    "FeeAndFundingDetail",
    "FeeFundingDetail",
    "PurchaseRefundDetail",
    "Row",
    "Record",
)
"""What a record is called in one of the reports in XML."""
_ROOT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?Report\b([^>]*)>?")
_ATTRIBUTE: Final = re.compile(rb"([A-Za-z_:][\w:.-]*)\s*=\s*(\"[^\"]*\"|'[^']*')")
_PERIOD: Final = re.compile(r"(\S+(?: \d\d:\d\d\S*)?) to (\S+(?: \d\d:\d\d\S*)?)")


class Kind(enum.Enum):
    """What a report is of."""

    REQUESTS = "transaction requests"
    BATCHES = "payment batches"
    EVENTS = "payment events"
    CHARGEBACKS = "chargebacks"
    NET = "net funding"
    FUNDING = "funding details"


_ASIDE: Final = frozenset(
    {"ApplicationReplies", "LineItems", "ProfileList", "RiskData", "ShipTo", "TravelData"}
)
"""Parts of a request that say nothing of its money or its payer."""
_INNER: Final = frozenset({"Requests", "Events"})

_WORDS: Final[Mapping[str, Kind]] = {
    "transactionrequest": Kind.REQUESTS,
    "singletransaction": Kind.REQUESTS,
    "transactiondetail": Kind.REQUESTS,
    "paymentbatchdetail": Kind.BATCHES,
    "paymentsubmissiondetail": Kind.BATCHES,
    "paymentevents": Kind.EVENTS,
    "processorevents": Kind.EVENTS,
    "chargeback": Kind.CHARGEBACKS,
    "netfunding": Kind.NET,
    "fundingdetail": Kind.FUNDING,
    "feefunding": Kind.FUNDING,
    "purchaseandrefund": Kind.FUNDING,
    "purchaserefund": Kind.FUNDING,
}


@attrs.frozen(kw_only=True)
class Report:
    """What a report says about itself."""

    kind: Kind
    merchant: str = ""
    start: str = ""
    end: str = ""


class Row:
    """One row by our fields, with its line; `replies` are the applications of a request in XML."""

    __slots__ = ("cells", "headings", "line", "replies")

    def __init__(
        self,
        cells: dict[str, str],
        *,
        line: int | None,
        headings: Mapping[str, str],
        replies: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.cells = cells
        self.line = line
        self.headings = headings
        self.replies = replies

    def get(self, field: str) -> str:
        """The text of a field, empty where there is none."""
        return self.cells.get(field, "")

    def heading(self, field: str) -> str:
        """What the report calls a field."""
        return self.headings.get(field, field)


def kind_of(text: str) -> Kind | None:
    """The kind of report that a name is of.

    >>> kind_of("Payment Batch Detail Report")
    <Kind.BATCHES: 'payment batches'>
    """
    bare = heading(text)
    return next((kind for word, kind in _WORDS.items() if word in bare), None)


def _kind_by(found: Mapping[str, int]) -> Kind | None:
    """The kind that headings are of, where the report does not name itself."""
    signs: tuple[tuple[set[str], Kind], ...] = (
        ({"funded-amount"}, Kind.NET),
        ({"funding-amount", "request"}, Kind.FUNDING),
        ({"amount", "due", "request"}, Kind.CHARGEBACKS),
        ({"amount", "sign", "case"}, Kind.CHARGEBACKS),
        ({"event", "request", "amount"}, Kind.EVENTS),
        ({"batch", "request", "amount"}, Kind.BATCHES),
        ({"applications", "request", "amount"}, Kind.REQUESTS),
    )
    return next((kind for needed, kind in signs if needed <= set(found)), None)


def report_in(head: bytes, settings: CybersourceReportSettings) -> Report | None:
    """What a report is by its first bytes; None where it is none of Cybersource."""
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _xml_report(head)
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    rows = list(itertools.islice(_lenient(text.splitlines()), _HEADER_ROWS_MAX))
    return _csv_report(rows, settings)


def _lenient(lines: Iterable[str]) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines)
    except csv.Error:
        return


def _xml_report(head: bytes) -> Report | None:
    root = _ROOT.search(head)
    if root is None:
        return None
    said = {
        name.decode("ascii"): value[1:-1].decode("utf-8", "replace")
        for name, value in _ATTRIBUTE.findall(root[1])
    }
    kind = kind_of(said.get("Name", "")) or kind_of(said.get("Type", ""))
    if kind is None:
        return None
    return Report(
        kind=kind,
        merchant=said.get("MerchantID", "") or said.get("OrganizationID", ""),
        start=said.get("ReportStartDate", ""),
        end=said.get("ReportEndDate", ""),
    )


def _csv_report(rows: list[list[str]], settings: CybersourceReportSettings) -> Report | None:
    """What a report is by its first rows: by its own words, or else by its headings."""
    found = _header(rows, settings)
    if found is None:
        return None
    cells = [cell.strip() for row in rows[:found] for cell in row]
    there = places(rows[found], settings.columns)
    kind = next((kind for cell in cells if (kind := kind_of(cell)) is not None), None)
    if kind not in {None, Kind.NET, Kind.CHARGEBACKS} and "request" not in there:
        return None
    kind = kind or _kind_by(there)
    if kind is None:
        return None
    period = next((match for cell in cells if (match := _PERIOD.fullmatch(cell))), None)
    merchant = cells[0] if cells and kind_of(cells[0]) is None else ""
    start, end = (period[1], period[2]) if period else ("", "")
    return Report(kind=kind, merchant=merchant, start=start, end=end)


def _header(rows: list[list[str]], settings: CybersourceReportSettings) -> int | None:
    for index, row in enumerate(rows[:_HEADER_ROWS_MAX]):
        if len(places(row, settings.columns)) >= _HEADINGS_LEAST:
            return index
    return None


class _Watched:
    """Lines on their way to the parser; `is_suspicious` after one that holds a card number."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.is_suspicious = False

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if holds_card_number(line):
                self.is_suspicious = True
            yield line


class ReportRows:
    """The rows of one report; `report` says what it is once the first row was asked for."""

    def __init__(
        self, stream: BinaryIO, *, settings: CybersourceReportSettings, notes: ReadNotes
    ) -> None:
        self._stream = stream
        self._settings = settings
        self._notes = notes
        self._known: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self.report: Report | None = None
        self.harmless = 0
        """Errors that took no row with them: card numbers that were masked."""

    def __iter__(self) -> Iterator[Row]:
        stream = _Peeked(self._stream)
        if not stream.head.strip():
            self._notes.error("file.empty", "file must be a report, got nothing")
            return
        if stream.head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            yield from self._xml(stream)
        else:
            yield from self._csv(stream)

    def _xml(self, stream: _Peeked) -> Iterator[Row]:
        self.report = self._named(_xml_report(stream.head))
        if self.report is None:
            msg = "file must have a Report that Cybersource names, got another root"
            self._notes.error("file.format", msg, line=1)
            return
        names = frozenset(_ELEMENTS)
        for node in elements(stream, notes=self._notes, names=names):  # type: ignore[arg-type]
            yield from self._of_node(node, {})

    def _of_node(self, node: Node, above: Mapping[str, str]) -> Iterator[Row]:
        """The rows of an element: of its inner requests or events, with what stands around them."""
        own = {**above, **_attributes(node)}
        inner = [each for name in sorted(_INNER) for each in _children(node, name)]
        around = {**own, **_leaves(node)}
        if node.name == "Batch" or inner:
            for each in inner:
                yield from self._of_node(each, around)
            return
        replies = tuple(
            (reply["Name"], reply.text("RCode")) for reply in _children(node, "ApplicationReplies")
        )
        yield from self._row(self._by_field(around), node.line, replies, around)

    def _by_field(self, found: Mapping[str, str]) -> dict[str, str]:
        """Our fields of some texts; records of a report have the same elements again and again."""
        names = tuple(found)
        known = self._known.get(names)
        if known is None:
            if len(self._known) > _SHAPES_MAX:
                self._known.clear()
            there = places(names, self._settings.columns)
            known = self._known[names] = [(field, names[place]) for field, place in there.items()]
        return {field: found[name].strip() for field, name in known}

    def _row(
        self,
        cells: dict[str, str],
        line: int | None,
        replies: tuple[tuple[str, str], ...],
        every: Mapping[str, str],
    ) -> Iterator[Row]:
        is_hit = holds_card_number("\n".join(every.values()))
        if is_hit and not self.keeps(cells, every, line):
            return
        yield Row(cells, line=line, headings={}, replies=replies)

    def keeps(self, cells: dict[str, str], every: Mapping[str, str], line: int | None) -> bool:
        """Mask the card numbers of a row, and say whether it can be taken at all."""
        before = self._notes.error_count
        is_kept = guard(cells, every, notes=self._notes, line=line)
        self.harmless += (self._notes.error_count - before) * is_kept
        return is_kept

    def _named(self, report: Report | None) -> Report | None:
        """What a report says about itself, without a card number in the place of a merchant."""
        if report is None or not holds_card_number(report.merchant):
            return report
        msg = "merchant must be no card number, got one, which was masked"
        self._notes.error("card.number", msg, line=1)
        self.harmless += 1
        return attrs.evolve(report, merchant=masked(report.merchant))

    def _csv(self, stream: _Peeked) -> Iterator[Row]:
        blocks = line_blocks(
            stream,  # type: ignore[arg-type]  # it reads, which is all that is asked of it
            notes=self._notes,
            encoding=self._settings.encoding,
        )
        parsed = self._parsed(_Watched(itertools.chain.from_iterable(blocks)))
        rows = list(itertools.islice(parsed, _HEADER_ROWS_MAX))
        start = _header([row.cells for row in rows], self._settings)
        self.report = self._named(_csv_report([row.cells for row in rows], self._settings))
        if start is None or self.report is None:
            if not self._notes.error_count:
                msg = "file must have the headings of a report of Cybersource, got others"
                self._notes.error("file.format", msg, line=1)
            return
        table = _Table(rows[start].cells, self._settings, self._notes, self.keeps)
        yield from table.rows(itertools.chain(rows[start + 1 :], parsed))

    def _parsed(self, watched: _Watched) -> Iterator[_Parsed]:
        """The rows with their lines; one that cannot be taken apart is noted and left out."""
        parsed = csv.reader(watched, strict=True)
        while True:
            line = parsed.line_num + 1
            try:
                cells = next(parsed)
            except StopIteration:
                return
            except csv.Error as error:
                is_cut = "unexpected end" in str(error)
                code = "file.truncated" if is_cut else "file.format"
                self._notes.error(code, f"row must be as RFC 4180 says, got {error}", line=line)
                continue
            is_suspicious, watched.is_suspicious = watched.is_suspicious, False
            if cells:
                yield _Parsed(line, cells, is_suspicious)


class _Parsed(NamedTuple):
    """A row that was taken apart, and whether it has what looks like a card number."""

    line: int
    cells: list[str]
    is_suspicious: bool


class _Table:
    """The rows under the headings of a report in CSV."""

    def __init__(
        self,
        headings: list[str],
        settings: CybersourceReportSettings,
        notes: ReadNotes,
        keeps: Callable[[dict[str, str], Mapping[str, str], int | None], bool],
    ) -> None:
        self._keeps = keeps
        self._names = [name.strip() for name in headings]
        self._places = list(places(headings, settings.columns).items())
        self._headings = {field: self._names[place] for field, place in self._places}
        self._width = len(headings)
        self._notes = notes

    def rows(self, rows: Iterable[_Parsed]) -> Iterator[Row]:
        """Give the rows that have as many cells as there are headings."""
        for line, cells, is_suspicious in rows:
            if len(cells) != self._width and not self._fits(cells, line):
                continue
            found = {field: cells[place].strip() for field, place in self._places}
            if is_suspicious:
                every = dict(zip(self._names, cells, strict=False))
                if not self._keeps(found, every, line):
                    continue
            yield Row(found, line=line, headings=self._headings)

    def _fits(self, cells: list[str], line: int) -> bool:
        """Whether there are only blanks too many."""
        if len(cells) > self._width and not any(cells[self._width :]):
            return True
        if len(cells) == 1 and not cells[0].strip():
            return False
        msg = f"row must have {self._width} cells, got {len(cells)}"
        self._notes.error("row.length", msg, line=line)
        return False


def guard(
    cells: dict[str, str], every: Mapping[str, str], *, notes: ReadNotes, line: int | None
) -> bool:
    """Mask every card number among some cells, and say whether the row can be taken at all."""
    for name, text in every.items():
        if holds_card_number(text):
            msg = "text must hold no card number, got one, which was masked"
            notes.error("card.number", msg, line=line, field=masked(name))
    hit = [field for field, text in cells.items() if holds_card_number(text)]
    cells.update({field: masked(cells[field]) for field in hit})
    return IDENTITIES.isdisjoint(hit)


def _children(node: Node, path: str) -> list[Node]:
    """What is in an element of a name, where that has elements of its own."""
    return [each for group in node.all(path) for each in group.children]


def _attributes(node: Node) -> dict[str, str]:
    return {name.rpartition(":")[2]: value for name, value in node.attributes.items()}


def _leaves(node: Node) -> dict[str, str]:
    """The texts inside an element by their local names; the first of a name stands."""
    found: dict[str, str] = {}
    for each in node.children:
        if each.name in _ASIDE or each.name in _INNER:
            continue
        if each.children:
            for name, text in _leaves(each).items():
                found.setdefault(name, text)
        else:
            found.setdefault(each.name, each.content)
        if each.attributes:
            for name, text in _attributes(each).items():
                found.setdefault(name, text)
    return found


def _by_field(found: Mapping[str, str], settings: CybersourceReportSettings) -> dict[str, str]:
    names = list(found)
    return {
        field: found[names[place]].strip()
        for field, place in places(names, settings.columns).items()
    }


def json_row(
    found: Mapping[str, object], *, settings: CybersourceReportSettings, notes: ReadNotes
) -> Row | None:
    """A row of what the service gives as JSON; None where its identity is a card number."""
    texts = {name: str(value) for name, value in found.items() if value is not None}
    cells = _by_field(texts, settings)
    is_hit = holds_card_number("\n".join(texts.values()))
    if is_hit and not guard(cells, texts, notes=notes, line=None):
        return None
    return Row(cells, line=None, headings={})


class _Peeked:
    """A stream whose beginning can be looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.head = stream.read(4_096)
        self._held = self.head

    def read(self, size: int = -1) -> bytes:
        """The beginning, then what follows it."""
        held, self._held = self._held, b""
        return held or self._stream.read(size)
