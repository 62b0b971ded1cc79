"""Files with which a CRM takes in activities: one for each kind of its records, safe in a spreadsheet.

The names of the columns are those of the object references.  How each import tool wants associations
to be mapped is from general knowledge, and unverified: look at the first import before it is run.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.cards import masked
from receivables.contacts import Activity, ActivityKind
from receivables.errors import DocumentError

__all__ = ["files_of"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_K: Final = ActivityKind


@attrs.frozen(kw_only=True)
class _Target:
    """One kind of record of a CRM: the file, and what stands in each column."""

    file: str
    columns: Mapping[str, Callable[[Activity], str]]


def _utc(activity: Activity) -> str:
    return activity.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(activity: Activity) -> str:
    return activity.at.date().isoformat()


def _subject(activity: Activity) -> str:
    return activity.subject


def _body(activity: Activity) -> str:
    return activity.body


def _whole(activity: Activity) -> str:
    """Subject and body in one text, for a record that has no subject."""
    return "\n".join(filter(None, (activity.subject, activity.body)))


def _outcome(activity: Activity) -> str:
    return activity.outcome


def _person(activity: Activity) -> str:
    return activity.entry


def _fixed(text: str) -> Callable[[Activity], str]:
    return lambda _activity: text


def _task(subtype: str) -> _Target:
    return _Target(
        file="Task.csv",
        columns={
            "WhoId": _person,
            "Subject": _subject,
            "Description": _body,
            "ActivityDate": _day,
            "Status": lambda one: "Completed" if one.is_done else "Not Started",
            "TaskSubtype": _fixed(subtype),
            "CallDisposition": _outcome,
        },
    )


def _engagement(
    file: str, title: str, body: str, more: Mapping[str, Callable[[Activity], str]]
) -> _Target:
    named = {title: _subject, body: _body} if title else {body: _whole}
    return _Target(
        file=file, columns={"hs_timestamp": _utc, **named, "Contact record ID": _person, **more}
    )


def _dynamics(file: str, more: Mapping[str, Callable[[Activity], str]]) -> _Target:
    return _Target(
        file=file,
        columns={
            "subject": _subject,
            "description": _body,
            "scheduledend": _utc,
            "statecode": lambda one: "Completed" if one.is_done else "Open",
            **more,
        },
    )


_TASK_STATUS: Final = {
    "hs_task_status": lambda one: "COMPLETED" if one.is_done else "NOT_STARTED",
}
_TARGETS: Final[Mapping[str, Mapping[ActivityKind, _Target]]] = MappingProxyType(
    {
        "salesforce": {
            _K.CALL: _task("Call"),
            _K.EMAIL: _task("Email"),
            _K.LETTER: _task("Task"),
            _K.NOTE: _task("Task"),
            _K.TASK: _task("Task"),
            _K.MEETING: _Target(
                file="Event.csv",
                columns={
                    "WhoId": _person,
                    "Subject": _subject,
                    "Description": _body,
                    "StartDateTime": _utc,
                    "DurationInMinutes": _fixed("30"),
                },
            ),
        },
        "hubspot": {
            _K.CALL: _engagement(
                "calls.csv", "hs_call_title", "hs_call_body", {"hs_call_disposition": _outcome}
            ),
            _K.EMAIL: _engagement("emails.csv", "hs_email_subject", "hs_email_text", {}),
            _K.LETTER: _engagement("notes.csv", "", "hs_note_body", {}),
            _K.NOTE: _engagement("notes.csv", "", "hs_note_body", {}),
            _K.MEETING: _engagement(
                "meetings.csv",
                "hs_meeting_title",
                "hs_meeting_body",
                {"hs_meeting_outcome": _outcome},
            ),
            _K.TASK: _engagement("tasks.csv", "hs_task_subject", "hs_task_body", _TASK_STATUS),
        },
        "dynamics": {
            _K.CALL: _dynamics("phonecall.csv", {"directioncode": _fixed("Outgoing")}),
            _K.EMAIL: _dynamics("email.csv", {"directioncode": _fixed("Outgoing")}),
            _K.LETTER: _dynamics("letter.csv", {"directioncode": _fixed("Outgoing")}),
            _K.NOTE: _dynamics("task.csv", {}),
            _K.TASK: _dynamics("task.csv", {}),
            _K.MEETING: _dynamics("appointment.csv", {"scheduledstart": _utc}),
        },
    }
)
_ACCOUNT: Final = {
    "salesforce": "WhatId",
    "hubspot": "Company record ID",
    "dynamics": "regardingobjectid",
}
_KEY: Final = {
    "salesforce": "Receivables_Key__c",
    "hubspot": "Receivables key",
    "dynamics": "new_receivableskey",
}


def files_of(
    crm: str, activities: Iterable[Activity], *, accounts: Mapping[str, str], key_column: str
) -> Iterator[tuple[str, bytes]]:
    """The files of some activities; the same activity given twice stands there once."""
    key = key_column or _KEY[crm]
    files: dict[str, tuple[list[str], list[list[str]]]] = {}
    seen: dict[str, Activity] = {}
    for activity in activities:
        known = seen.setdefault(activity.activity, activity)
        if known is not activity:
            _check_same(known, activity)
            continue
        target = _TARGETS[crm][activity.kind]
        headings = [key, _ACCOUNT[crm], *target.columns]
        cells = [column(activity) for column in target.columns.values()]
        row = [activity.activity, _account(activity, accounts), *map(masked, cells)]
        files.setdefault(target.file, (headings, []))[1].append([_safe(cell) for cell in row])
    for name, (headings, rows) in files.items():
        yield name, _csv([headings, *rows])


def _check_same(known: Activity, activity: Activity) -> None:
    if known != activity:
        msg = f"activity must say the same each time, got {activity.activity!r} with two contents"
        raise DocumentError(msg)


def _account(activity: Activity, accounts: Mapping[str, str]) -> str:
    if activity.customer not in accounts:
        msg = f"customer of activity {activity.activity} must have an account in the CRM, got {activity.customer!r}; read the directory first, or map it"
        raise DocumentError(msg)
    return accounts[activity.customer]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else cell


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    # With a mark, so that a spreadsheet shows accents as they are.
    return text.getvalue().encode("utf-8-sig", "replace")
