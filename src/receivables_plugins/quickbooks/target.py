"""The posting target ``quickbooks``: payments, invoices, credit memos, journal entries in Online.

A write is never made twice, in three ways: its ``requestid`` is made of the line and never changes;
the object carries the same mark in its private note; and before anything is sent, the objects of
the same days are asked for that mark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from receivables.casework.postings import LineAnswer, LineOutcome
from receivables.errors import PolicyError, ReceivablesError, ServiceError, TransportError
from receivables.outbox import Payload, PostingBatch, PostingProposal, PostingResult
from receivables.problems import Place, Problem
from receivables.reading import ReadNotes
from receivables.transports import Runtime, Secret
from receivables_plugins.quickbooks.answers import Fault, faults_in
from receivables_plugins.quickbooks.json_text import json_bytes
from receivables_plugins.quickbooks.objects import Fields, Found, Raw
from receivables_plugins.quickbooks.payloads import Draft, draft_of, own_identity, request_id
from receivables_plugins.quickbooks.session import Session
from receivables_plugins.quickbooks.settings import TargetSettings

__all__ = ["QuickBooksTarget"]

_REFUSED: Final = 400
"""The status of a fault that says what is wrong with what was sent."""
_DUPLICATE: Final = "6140"
_ASKED_AT_ONCE: Final = 30
"""Values of one ``in (…)``: the whole question must fit into an address."""
_FIRST: Final = ("Invoice", "CreditMemo", "JournalEntry")
"""Kinds that are written before payments, which may settle them."""

_Known = dict[str, LineAnswer]


class QuickBooksTarget:
    """Books in a company of QuickBooks Online."""

    def __init__(self, settings: TargetSettings, runtime: Runtime) -> None:
        if settings.batch_size > 1 and not settings.looks_first:
            # What stands in a batch depends on what is there already, and with it its request id.
            msg = f"looks_first must be true for batches, got a batch_size of {settings.batch_size}"
            raise PolicyError(msg)
        self._settings = settings
        self._session = Session(settings, runtime)

    def __repr__(self) -> str:
        return f"QuickBooksTarget(realm={self._settings.realm!r})"

    @property
    def newest_refresh_token(self) -> Secret | None:
        """The refresh token to keep for next time; None while it is the one that was given."""
        return self._session.newest_refresh_token

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """The objects that would be written, one file each, and the lines that cannot be.

        Identifiers of documents that a payment settles are asked for when it is sent; until then
        their numbers stand in for them.
        """
        drafts = self._drafts(batch)
        problems = [
            Problem("posting.refused", draft.refusal, place=Place(batch.posting, field=draft.line))
            for draft in drafts
            if draft.refusal
        ]
        payloads = [
            Payload(
                name=f"{draft.kind.casefold()}-{draft.mark}.json",
                media_type="application/json",
                content=json_bytes(draft.with_links(_own(draft))),
            )
            for draft in drafts
            if not draft.refusal
        ]
        return PostingProposal(batch=batch, payloads=payloads, problems=problems)

    def post(self, batch: PostingBatch) -> PostingResult:
        """Write each line that is not there yet: documents and entries first, then payments."""
        drafts = self._drafts(batch)
        answers = {draft.line: _refused(draft) for draft in drafts if draft.refusal}
        waiting = [draft for draft in drafts if not draft.refusal]
        try:
            if self._settings.looks_first:
                answers.update(self._known(waiting))
        except (ServiceError, TransportError) as error:
            answers.update({draft.line: _unknown(draft, error) for draft in waiting})
        for wave in (_FIRST, ("Payment",)):
            todo = [d for d in waiting if d.kind in wave and d.line not in answers]
            answers.update(self._sent(todo))
        return _result(batch, answers)

    def status(self, batch: PostingBatch) -> PostingResult:
        """Which lines are there, found by their marks among the objects of the same days.

        A line that is not found is refused: it is not there, unless somebody has meanwhile taken
        the mark out of its note or moved it to another day.
        """
        drafts = self._drafts(batch)
        answers = {draft.line: _refused(draft) for draft in drafts if draft.refusal}
        waiting = [draft for draft in drafts if not draft.refusal]
        try:
            known = self._known(waiting)
        except (ServiceError, TransportError) as error:
            answers.update({draft.line: _unknown(draft, error) for draft in waiting})
        else:
            answers.update({draft.line: _absent(draft) for draft in waiting})
            answers.update(known)
        return _result(batch, answers)

    def _drafts(self, batch: PostingBatch) -> list[Draft]:
        return [draft_of(line, batch=batch, settings=self._settings) for line in batch.lines]

    def _known(self, drafts: Sequence[Draft]) -> _Known:
        """The lines that are there already, by their marks."""
        wanted: dict[str, dict[str, Draft]] = defaultdict(dict)
        for draft in drafts:
            wanted[draft.kind][draft.mark] = draft
        found: _Known = {}
        for kind, by_mark in wanted.items():
            days = sorted({draft.day for draft in by_mark.values()})
            for raw in self._asked(kind, "TxnDate", days):
                note = str(raw.get("PrivateNote", ""))
                marks = [mark for mark in _marks(note) if mark in by_mark]
                found.update({by_mark[mark].line: _posted(by_mark[mark], raw) for mark in marks})
        return found

    def _asked(self, kind: str, field: str, values: Sequence[str]) -> Iterator[Raw]:
        """The objects of a kind with one of some values; all of them, or a `ServiceError`."""
        for start in range(0, len(values), _ASKED_AT_ONCE):
            said = ", ".join(map(_quoted, values[start : start + _ASKED_AT_ONCE]))
            where = f"{field} in ({said})"
            count = self._session.count(kind, where)
            seen = 0
            for rows in self._session.pages(kind, where, count=count):
                seen += len(rows)
                yield from rows
            if seen < count:
                msg = f"all {count} objects of kind {kind} must come, got {seen}"
                raise ServiceError(msg)

    def _sent(self, drafts: Sequence[Draft]) -> _Known:
        """Send what can be sent; an answer for each line, whatever happens."""
        try:
            identities, doubts = self._identities(drafts)
        except (ServiceError, TransportError) as error:
            return {draft.line: _unknown(draft, error) for draft in drafts}
        answers: _Known = {}
        ready: list[tuple[Draft, bytes]] = []
        for draft in drafts:
            missing = [each.number for each in draft.settles if each.number not in identities]
            if missing:
                msg = f"{missing[0]!r} {doubts.get(missing[0], 'is no document there')}"
                answers[draft.line] = _answer(draft, LineOutcome.REFUSED, message=msg)
            else:
                ready.append((draft, json_bytes(draft.with_links(identities))))
        size = self._settings.batch_size
        for start in range(0, len(ready), size):
            chunk = ready[start : start + size]
            answers.update(self._written(*chunk[0]) if size == 1 else self._together(chunk))
        return answers

    def _identities(
        self, drafts: Iterable[Draft]
    ) -> tuple[dict[str, tuple[str, str, str]], dict[str, str]]:
        """The identifiers of documents that payments settle, and the numbers that several have."""
        found: dict[str, tuple[str, str, str]] = {}
        doubts: dict[str, str] = {}
        for draft in drafts:
            found.update(_own(draft))
        numbers = {target.number for draft in drafts for target in draft.settles}
        asked = sorted(numbers - set(found))
        for raw in self._asked("Invoice", "DocNumber", asked):
            number = str(raw.get("DocNumber", ""))
            if number in found:
                doubts[number] = "is the number of several invoices there"
            found[number] = ("Invoice", str(raw.get("Id", "")), "")
        return {name: each for name, each in found.items() if name not in doubts}, doubts

    def _written(self, draft: Draft, body: bytes) -> _Known:
        try:
            raw = self._session.create(draft.kind, body, request_id=draft.mark)
        except ServiceError as error:
            return {draft.line: self._failed(draft, error.code, str(error), error.status)}
        except TransportError as error:
            return {draft.line: _unknown(draft, error)}
        return {draft.line: _posted(draft, raw)}

    def _together(self, chunk: Sequence[tuple[Draft, bytes]]) -> _Known:
        """Several writes at once, each with an answer of its own."""
        items = b", ".join(
            b'{"bId": %s, "operation": "create", "%s": %s}'
            % (json_bytes(draft.mark), draft.kind.encode(), body)
            for draft, body in chunk
        )
        drafts = {draft.mark: draft for draft, _ in chunk}
        key = request_id(*sorted(drafts))
        try:
            rows = self._session.batch(b'{"BatchItemRequest": [%s]}' % items, request_id=key)
        except (ServiceError, TransportError) as error:
            return {draft.line: _unknown(draft, error) for draft in drafts.values()}
        answers = {draft.line: _silent(draft) for draft in drafts.values()}
        for row in rows:
            draft = drafts.get(str(row.get("bId", "")))
            if draft is not None:
                answers[draft.line] = self._of_batch(draft, row)
        return answers

    def _of_batch(self, draft: Draft, row: Mapping[str, Any]) -> LineAnswer:
        fault: Fault | None = next(faults_in(row), None)
        if fault is not None:
            return self._failed(draft, fault.code, str(fault), _REFUSED)
        raw = row.get(draft.kind)
        return _posted(draft, raw) if isinstance(raw, Mapping) else _silent(draft)

    def _failed(self, draft: Draft, code: str, message: str, status: int) -> LineAnswer:
        """A fault that says what is wrong is a refusal, unless the number is taken by ourselves."""
        if status != _REFUSED:
            return _answer(draft, LineOutcome.UNKNOWN, code=code, message=message)
        if code == _DUPLICATE:
            try:
                known = self._known([draft])
            except (ServiceError, TransportError) as error:
                return _unknown(draft, error)
            if draft.line in known:
                return known[draft.line]
        return _answer(draft, LineOutcome.REFUSED, code=code, message=message)


def _own(draft: Draft) -> dict[str, tuple[str, str, str]]:
    """What a payment settles under names that say their identifiers."""
    named = {target.number: own_identity(target.number) for target in draft.settles}
    return {number: identity for number, identity in named.items() if identity is not None}


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _marks(note: str) -> Iterator[str]:
    for piece in note.split("[receivables ")[1:]:
        yield piece.partition("]")[0]


def _answer(
    draft: Draft, outcome: LineOutcome, *, reference: str = "", code: str = "", message: str = ""
) -> LineAnswer:
    return LineAnswer(
        line=draft.line, outcome=outcome, reference=reference, code=code, message=message
    )


def _refused(draft: Draft) -> LineAnswer:
    return _answer(draft, LineOutcome.REFUSED, code="posting.refused", message=draft.refusal)


def _absent(draft: Draft) -> LineAnswer:
    msg = f"no {draft.kind} of {draft.day} has the mark {draft.mark}"
    return _answer(draft, LineOutcome.REFUSED, code="quickbooks.not-found", message=msg)


def _silent(draft: Draft) -> LineAnswer:
    return _answer(draft, LineOutcome.UNKNOWN, message="the answer says nothing of this line")


def _unknown(draft: Draft, error: ReceivablesError) -> LineAnswer:
    code = error.code if isinstance(error, ServiceError) else ""
    return _answer(draft, LineOutcome.UNKNOWN, code=code, message=str(error))


def _posted(draft: Draft, raw: Raw) -> LineAnswer:
    """A line that is there; one that came to another amount there says so."""
    fields = Fields(Found(kind=draft.kind, raw=raw), notes=ReadNotes("quickbooks"))
    if not fields.identity:
        return _silent(draft)
    code, message = "", ""
    total = fields.text("TotalAmt")
    currency = draft.body["CurrencyRef"]["value"]
    if draft.kind != "JournalEntry" and total and not _is_same(draft, fields, currency):
        code, message = "quickbooks.amount-differs", f"it came to {total} {currency} there"
    return _answer(draft, LineOutcome.POSTED, reference=fields.identity, code=code, message=message)


def _is_same(draft: Draft, fields: Fields, currency: str) -> bool:
    return fields.minor("TotalAmt", currency) == draft.total_minor


def _result(batch: PostingBatch, answers: _Known) -> PostingResult:
    return PostingResult(
        posting=batch.posting, answers=[answers[line.line] for line in batch.lines]
    )
