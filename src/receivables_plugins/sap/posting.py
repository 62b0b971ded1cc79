"""The posting target ``sap``: journal entries over SOAP, each with a name that never changes.

The synchronous service JournalEntryCreateRequestConfirmation_In takes a bulk of entries and answers
for each; a lost answer is looked for in API_JOURNALENTRYITEMBASIC_SRV by the reference of the
entry.  Written from published interfaces; no SAP system was reached, the order of elements inside a
line among what is unverified.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from receivables import markup
from receivables.casework import LineAnswer, LineOutcome
from receivables.errors import (
    DocumentError,
    OutcomeUnknownError,
    PolicyError,
    ServiceError,
    TransportError,
)
from receivables.outbox import Payload, PostingBatch, PostingProposal, PostingResult
from receivables.problems import Problem
from receivables.reading import ReadNotes
from receivables.transports import Request, Response, Runtime
from receivables_plugins.sap.odata import Query, accepted, connected, text_of
from receivables_plugins.sap.posting_entries import (
    SapEntry,
    SapItem,
    entry_of,
    message_id,
    problem_of,
    reference_of,
)
from receivables_plugins.sap.settings import SapPostingSettings

__all__ = ["SapTarget"]

_NAMESPACE: Final = "http://sap.com/xi/SAPSCORE/SFIN"
_SERVICE: Final = "JournalEntryCreateRequestConfirmation_In"
_ERROR: Final = 3
"""The severity from which on a line of the log says that nothing was booked."""
_TIMED_OUT: Final = 408
_AT_ONCE: Final = 20
"""References of one filter."""
_TEXT_CHARS: Final = 50
_HEAD_CHARS: Final = 25
_ASSIGNMENT_CHARS: Final = 18


class SapTarget:
    """Books journal entries and receipts in SAP."""

    def __init__(self, settings: SapPostingSettings, runtime: Runtime) -> None:
        self._said = settings
        self._connection = connected(settings, runtime, version=settings.odata)

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """The message that would be sent, and the lines that it cannot have."""
        entries, problems = self._entries(batch)
        content = self._message(batch, entries)
        payload = Payload(name=f"{batch.posting}.xml", media_type="text/xml", content=content)
        payloads = [payload] if entries else []
        return PostingProposal(batch=batch, payloads=payloads, problems=problems.values())

    def post(self, batch: PostingBatch) -> PostingResult:
        """Send what is not booked yet; each line has an answer, whatever happens."""
        entries, problems = self._entries(batch)
        answers = {
            line: LineAnswer(line=line, outcome=LineOutcome.REFUSED, message=problem.message)
            for line, problem in problems.items()
        }
        try:
            lines = [entry.line for entry in entries] if self._said.looks_first else []
            answers |= self._booked(lines, batch)
            wanted = [entry for entry in entries if entry.line not in answers]
            answers |= self._send(batch, wanted) if wanted else {}
        except (TransportError, ServiceError, PolicyError) as error:
            for entry in entries:
                answers.setdefault(entry.line, _unknown(entry.line, str(error)))
        return _result(batch, answers)

    def status(self, batch: PostingBatch) -> PostingResult:
        """Which lines are booked, by their references; where they are not, they are refused."""
        lines = [line.line for line in batch.lines]
        try:
            booked = self._booked(lines, batch)
        except (TransportError, ServiceError, PolicyError) as error:
            return PostingResult.unknown(batch, str(error))
        said = "no journal entry has the reference of this line"
        missing = {
            line: LineAnswer(line=line, outcome=LineOutcome.REFUSED, message=said)
            for line in lines
            if line not in booked
        }
        return _result(batch, {**missing, **booked})

    def _entries(self, batch: PostingBatch) -> tuple[list[SapEntry], dict[str, Problem]]:
        entries: list[SapEntry] = []
        problems: dict[str, Problem] = {}
        for line in batch.lines:
            try:
                entries.append(entry_of(line, batch, self._said))
            except (DocumentError, PolicyError) as error:
                problems[line.line] = problem_of(line, str(error), source=batch.posting)
        return entries, problems

    def _booked(self, lines: Sequence[str], batch: PostingBatch) -> dict[str, LineAnswer]:
        """The lines that are booked, by the references under which they went."""
        company = self._said.company_code(batch.creditor)
        by_reference = {reference_of(batch.creditor, line): line for line in lines}
        references = list(by_reference)
        found: dict[str, LineAnswer] = {}
        for begin in range(0, len(references), _AT_ONCE):
            for row in self._rows(company, references[begin : begin + _AT_ONCE]):
                line = by_reference.get(text_of(row.get("DocumentReferenceID")))
                if line is not None:
                    number = [text_of(row.get(name)) for name in _NUMBER]
                    found[line] = _posted(line, number)
        return found

    def _rows(self, company: str, references: Sequence[str]) -> Iterator[Mapping[str, object]]:
        """Items of entries with some references; raises `ServiceError` where not all of them came."""
        dialect = self._connection.dialect
        among = dialect.among("DocumentReferenceID", references)
        query = Query(
            path=self._said.items,
            filter=f"{dialect.among('CompanyCode', [company])} and {among}",
            select=(*_NUMBER, "DocumentReferenceID"),
            order=_NUMBER,
        )
        notes = ReadNotes("sap journal")
        rows = list(self._connection.rows(query, notes))
        if notes.error_count:
            raise ServiceError(str(notes.problems[0].message))
        yield from rows

    def _send(self, batch: PostingBatch, entries: Sequence[SapEntry]) -> dict[str, LineAnswer]:
        action = f"{_NAMESPACE}/{_SERVICE}/{_SERVICE}Request"
        request = Request(
            "POST",
            self._connection.url_of(self._said.path),
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'},
            body=self._message(batch, entries),
            is_repeatable=self._said.is_idempotent,
        )
        try:
            response = self._connection.transport(request)
        except OutcomeUnknownError as error:
            return {entry.line: _unknown(entry.line, str(error)) for entry in entries}
        return _answers(response, entries)

    def _message(self, batch: PostingBatch, entries: Sequence[SapEntry]) -> bytes:
        last = max((entry.posting_date for entry in entries), default=dt.date.min)
        # A batch that is sent in part is another message than the whole of it.
        name = "\x1f".join([batch.posting, *(entry.line for entry in entries)])
        told = "".join(_request(entry, self._said.user) for entry in entries)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            f'xmlns:sfin="{_NAMESPACE}"><soapenv:Header/><soapenv:Body>'
            "<sfin:JournalEntryBulkCreateRequest>"
            f"{_header(message_id(batch.creditor, name), last)}{told}"
            "</sfin:JournalEntryBulkCreateRequest></soapenv:Body></soapenv:Envelope>"
        ).encode()


_NUMBER: Final = ("CompanyCode", "FiscalYear", "AccountingDocument")


def _header(identifier: str, day: dt.date) -> str:
    """The head of a message; its time is that of the posting, so that it never changes."""
    return (
        f"<MessageHeader><ID>{identifier}</ID>"
        f"<CreationDateTime>{day}T00:00:00Z</CreationDateTime></MessageHeader>"
    )


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _request(entry: SapEntry, user: str) -> str:
    head = (
        ("OriginalReferenceDocumentType", "BKPFF"),
        ("BusinessTransactionType", "RFBU"),
        ("AccountingDocumentType", entry.type),
        ("DocumentReferenceID", entry.reference),
        ("DocumentHeaderText", entry.text[:_HEAD_CHARS]),
        ("CreatedByUser", user),
        ("CompanyCode", entry.company),
        ("DocumentDate", str(entry.document_date)),
        ("PostingDate", str(entry.posting_date)),
    )
    numbered = list(enumerate(entry.items, start=1))
    # The schema wants lines of accounts before those of customers.
    accounts = "".join(_item(entry, n, each) for n, each in numbered if not each.is_customer)
    customers = "".join(_item(entry, n, each) for n, each in numbered if each.is_customer)
    told = "".join(_element(name, text) for name, text in head)
    return (
        f"<JournalEntryCreateRequest>{_header(entry.message, entry.posting_date)}"
        f"<JournalEntry>{told}{accounts}{customers}</JournalEntry></JournalEntryCreateRequest>"
    )


def _item(entry: SapEntry, number: int, item: SapItem) -> str:
    kind, account = ("DebtorItem", "Debtor") if item.is_customer else ("Item", "GLAccount")
    parts = (
        _element("ReferenceDocumentItem", str(number)),
        _element(account, item.account),
        _amount("AmountInTransactionCurrency", entry.amount(item), entry.currency),
        _amount(
            "AmountInCompanyCodeCurrency",
            entry.functional_amount(item),
            entry.functional_currency,
        ),
        _element("DebitCreditCode", item.code),
        _element("DocumentItemText", item.text[:_TEXT_CHARS]),
        _element("AssignmentReference", item.assignment[:_ASSIGNMENT_CHARS]),
    )
    return f"<{kind}>{''.join(parts)}</{kind}>"


def _amount(name: str, amount: str, currency: str) -> str:
    return f"<{name} currencyCode={quoteattr(currency)}>{amount}</{name}>" if amount else ""


def _answers(response: Response, entries: Sequence[SapEntry]) -> dict[str, LineAnswer]:
    """What the service says of each entry: by the identifier of its message, else by its place."""
    notes = ReadNotes("answer")
    names = {"JournalEntryCreateConfirmation", "Fault"}
    told = list(markup.elements(BytesIO(response.body), notes=notes, names=names))
    faults = [node for node in told if node.name == "Fault"]
    if not response.is_success or faults:
        return _failed(response, faults, entries)
    by_message = {node.text("MessageHeader/ReferenceID"): node for node in told}
    named = by_message.keys() & {entry.message for entry in entries}
    in_order = not named and len(told) == len(entries)
    answers = {}
    for place, entry in enumerate(entries):
        node = told[place] if in_order else by_message.get(entry.message)
        if node is None:
            said = "the service must answer for each entry, got no answer for this one"
            answers[entry.line] = _unknown(entry.line, said)
        else:
            answers[entry.line] = _answer(entry.line, node)
    return answers


def _answer(line: str, node: markup.Node) -> LineAnswer:
    document = node.text("JournalEntryCreateConfirmation/AccountingDocument")
    log = node.find("Log")
    items = [] if log is None else log.all("Item")
    if document.strip("0"):
        names = ("CompanyCode", "FiscalYear", "AccountingDocument")
        return _posted(line, [node.text(f"JournalEntryCreateConfirmation/{n}") for n in names])
    severe = [item for item in items if _severity(item.text("SeverityCode")) >= _ERROR]
    said = "; ".join(item.text("Note") for item in severe or items) or "no reason was given"
    code = (severe or items)[0].text("TypeID") if items else ""
    return LineAnswer(line=line, outcome=LineOutcome.REFUSED, code=code, message=said)


def _severity(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _failed(
    response: Response, faults: Sequence[markup.Node], entries: Sequence[SapEntry]
) -> dict[str, LineAnswer]:
    """Where the service failed as a whole: nobody knows after a fault of its own, else refused."""
    said = faults[0].text("faultstring") if faults else ""
    has_refused = 400 <= response.status < 500 and response.status != _TIMED_OUT  # noqa: PLR2004  # RFC 9110, 15.5
    if not said:
        try:
            accepted(response)
        except ServiceError as error:
            said = str(error)
    if not has_refused:
        return {entry.line: _unknown(entry.line, said) for entry in entries}
    return {
        entry.line: LineAnswer(
            line=entry.line,
            outcome=LineOutcome.REFUSED,
            code=str(response.status),
            message=said,
        )
        for entry in entries
    }


def _posted(line: str, number: Sequence[str]) -> LineAnswer:
    reference = "/".join(part for part in number if part)
    return LineAnswer(line=line, outcome=LineOutcome.POSTED, reference=reference)


def _unknown(line: str, message: str) -> LineAnswer:
    return LineAnswer(line=line, outcome=LineOutcome.UNKNOWN, message=message)


def _result(batch: PostingBatch, answers: Mapping[str, LineAnswer]) -> PostingResult:
    return PostingResult(
        posting=batch.posting, answers=[answers[line.line] for line in batch.lines]
    )
