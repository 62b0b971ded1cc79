"""The posting target ``m3``: receipts into ARS040, journal entries into GLS840.

M3 keeps no key of ours.  The number of a payment batch and the key of a journal batch are made of
the key of our batch instead, so that sending it again meets what is there.  Posted means that the
whole line is in such a batch of M3, which books it from there; what M3 finds wrong is mended there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from receivables.casework import LineAnswer, LineOutcome
from receivables.errors import ServiceError, TransportError
from receivables.outbox import Payload, PostingBatch, PostingProposal, PostingResult
from receivables.problems import Place, Problem
from receivables.reading import ReadNotes
from receivables_plugins.m3._mi import MiClient, Refusal
from receivables_plugins.m3._paging import Export, Lists, Table, quoted
from receivables_plugins.m3._records import Entry, Unit, units_of

if TYPE_CHECKING:
    from receivables.transports import Runtime
    from receivables_plugins.m3.settings import PostingSettings

__all__ = ["M3PostingTarget"]

_EXISTS: Final = "04"
"""How codes of messages end that say that something is there already (from practice)."""


@attrs.frozen
class _There:
    """What a batch of M3 holds: its rows by number, each with its invoice or nothing."""

    rows: Mapping[str, str]


class M3PostingTarget:
    """Books in M3; obeys `receivables.adapters.PostingTarget`."""

    def __init__(self, settings: PostingSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._client = MiClient(settings, runtime)

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """The calls that would be made, a payload for each batch of M3."""
        units, refused = units_of(batch, self._settings)
        return PostingProposal(
            batch=batch,
            payloads=[_payload(unit) for unit in units],
            problems=[
                Problem("posting.refused", message, place=Place("m3", field=line))
                for line, message in refused.items()
            ],
        )

    def post(self, batch: PostingBatch) -> PostingResult:
        """Send a batch; what M3 has of it already is not sent again."""
        units, refused = units_of(batch, self._settings)
        answers = {line: _refused(line, message=text) for line, text in refused.items()}
        for unit in units:
            answers |= self._sent(unit)
        return _result(batch, answers)

    def status(self, batch: PostingBatch) -> PostingResult:
        """Look the batches up in the tables of the settings; what is there whole is posted.

        What is not there was refused only where batches stay (`keeps_batches`); else it is unknown.
        """
        units, refused = units_of(batch, self._settings)
        answers = {line: _refused(line, message=text) for line, text in refused.items()}
        for unit in units:
            there = self._looked_up(unit)
            answers |= {entry.line: self._stands(unit, entry, there) for entry in unit.entries}
        return _result(batch, answers)

    def _sent(self, unit: Unit) -> dict[str, LineAnswer]:
        answers: dict[str, LineAnswer] = {}
        try:
            self._send(unit, answers)
        except (ServiceError, TransportError) as error:
            for entry in unit.entries:
                if answers.get(entry.line, _NONE).outcome is not LineOutcome.REFUSED:
                    answers[entry.line] = _unknown(entry.line, str(error))
        return answers

    def _send(self, unit: Unit, answers: dict[str, LineAnswer]) -> None:
        refusal = self._client.call(unit.head).refusal
        is_again = refusal is not None and self._exists(refusal)
        there = self._looked_up(unit) if is_again else None
        if refusal is not None and not is_again:
            answers |= {entry.line: _refused(entry.line, refusal) for entry in unit.entries}
            return
        if there is not None and _is_taken(unit, there):
            text = f"batch {unit.name} of M3 holds something else"
            answers |= {
                entry.line: _refused(entry.line, message=text, code="m3.batch-taken")
                for entry in unit.entries
            }
            return
        is_whole = True
        for entry in unit.entries:
            is_whole &= self._added(unit, entry, there, answers)
        if is_whole and len(answers) > len([a for a in answers.values() if _is_refused(a)]):
            self._end(unit, answers, is_again=is_again)

    def _added(
        self, unit: Unit, entry: Entry, there: _There | None, answers: dict[str, LineAnswer]
    ) -> bool:
        """Add the rows of an entry; false where only some of them came in."""
        for place, (name, call) in enumerate(entry.calls.items()):
            if there is not None and name in there.rows:
                continue
            refusal = self._client.call(call).refusal
            if refusal is not None and not self._exists(refusal):
                text = str(refusal)
                if place:
                    text = f"{text}. Delete batch {unit.name} in M3, which has a part of it"
                answers[entry.line] = _refused(entry.line, message=text, code=refusal.code)
                return not place
        answers[entry.line] = _posted(unit, entry)
        return True

    def _end(self, unit: Unit, answers: dict[str, LineAnswer], *, is_again: bool) -> None:
        """Let M3 check the batch and book it; what it finds wrong waits there to be mended."""
        for call in unit.ends:
            refusal = self._client.call(call).refusal
            if refusal is None or is_again:
                continue
            text = f"batch {unit.name} is in M3 and was not booked: {refusal}"
            for line, answer in list(answers.items()):
                if answer.outcome is LineOutcome.POSTED:
                    answers[line] = _unknown(line, text, code=refusal.code)
            return

    def _exists(self, refusal: Refusal) -> bool:
        return refusal.code in self._settings.exists_codes or refusal.code.endswith(_EXISTS)

    def _stands(self, unit: Unit, entry: Entry, there: _There | None) -> LineAnswer:
        if there is None:
            return _unknown(entry.line, f"batch {unit.name} could not be looked up in M3")
        if set(entry.calls) <= set(there.rows) and not _is_taken(unit, there):
            return _posted(unit, entry)
        if not self._settings.keeps_batches:
            text = f"batch {unit.name} is not in M3, which may have booked and dropped it"
            return _unknown(entry.line, text)
        return _refused(entry.line, message=f"batch {unit.name} of M3 does not have it whole")

    def _looked_up(self, unit: Unit) -> _There | None:
        """The rows of a batch in its table; None where there is no table, or no answer."""
        settings = self._settings
        is_journal = unit.head.program == "GLS840MI"
        table = settings.journal_table if is_journal else settings.receipt_table
        prefix = settings.journal_prefix if is_journal else settings.receipt_prefix
        if not table:
            return None
        key, name = ("KEY1", "LINE") if is_journal else ("PBID", "TRNO")
        columns = (f"{prefix}{name}", *(() if is_journal else (f"{prefix}CINO",)))
        notes = ReadNotes("m3")
        found = Table(name=table, columns=columns, key=columns[:1], numeric=frozenset(columns[:1]))
        lists = Lists(self._client, notes, maxrecs=settings.maxrecs)
        export = Export(found, lists=lists, notes=notes, settings=settings)
        value = quoted(unit.name) if is_journal else unit.name
        conditions = [f"{prefix}{key} = {value}"]
        if settings.division:
            conditions.append(f"{prefix}DIVI = {quoted(settings.division)}")
        rows = {
            row[columns[0]].lstrip("0"): row.get(f"{prefix}CINO", "")
            for row in export.rows(conditions)
        }
        return None if notes.error_count else _There(rows)


def _is_taken(unit: Unit, there: _There) -> bool:
    """Whether a row of the batch is another one than ours: two keys gave one number."""
    ours = {name: call for entry in unit.entries for name, call in entry.calls.items()}
    return any(
        name not in ours or (invoice and ours[name].fields.get("CINO") != invoice)
        for name, invoice in there.rows.items()
    )


def _payload(unit: Unit) -> Payload:
    calls = [
        unit.head,
        *(call for entry in unit.entries for call in entry.calls.values()),
        *unit.ends,
    ]
    said = {
        "program": unit.head.program,
        "transactions": [
            {"transaction": call.transaction, "record": dict(call.fields)} for call in calls
        ],
    }
    content = json.dumps(said, indent=1, ensure_ascii=False).encode()
    name = f"{unit.head.program}-{unit.name}.json"
    return Payload(name=name, media_type="application/json", content=content)


def _result(batch: PostingBatch, answers: Mapping[str, LineAnswer]) -> PostingResult:
    ordered = [answers[line.line] for line in batch.lines]
    return PostingResult(posting=batch.posting, answers=ordered)


def _is_refused(answer: LineAnswer) -> bool:
    return answer.outcome is LineOutcome.REFUSED


def _posted(unit: Unit, entry: Entry) -> LineAnswer:
    reference = f"{unit.name}/{next(iter(entry.calls))}"
    return LineAnswer(line=entry.line, outcome=LineOutcome.POSTED, reference=reference)


def _refused(
    line: str, refusal: Refusal | None = None, *, message: str = "", code: str = ""
) -> LineAnswer:
    text = message if refusal is None else str(refusal)
    said = code if refusal is None else refusal.code
    return LineAnswer(line=line, outcome=LineOutcome.REFUSED, code=said, message=text)


def _unknown(line: str, message: str, *, code: str = "") -> LineAnswer:
    return LineAnswer(line=line, outcome=LineOutcome.UNKNOWN, code=code, message=message)


_NONE: Final = LineAnswer(line="", outcome=LineOutcome.UNKNOWN)
