"""What was changed in Online since a moment, deletions among it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.reading import ReadNotes
from receivables_plugins.quickbooks.objects import Fields, Found
from receivables_plugins.quickbooks.session import CHANGES_DAYS, CHANGES_MAX, Session

__all__ = ["ObjectChange", "changed_objects", "check_since"]

_MARGIN: Final = dt.timedelta(minutes=5)
"""Clocks differ; a question for exactly thirty days would be refused."""


@attrs.frozen(kw_only=True)
class ObjectChange:
    """One object that was changed, made or deleted, and when; to be read again, or forgotten."""

    kind: str
    identity: str
    changed_at: str
    """As the system writes it, with its zone."""
    number: str = ""
    """The number of a document, or the name of a customer; empty where it was deleted."""
    is_deleted: bool = False


def check_since(since: dt.datetime, now: dt.datetime) -> None:
    """Raise `PolicyError` for a moment without a zone, or one before changes are kept."""
    if since.tzinfo is None:
        msg = f"since must have a zone, got {since.isoformat()}"
        raise PolicyError(msg)
    if since < now - dt.timedelta(days=CHANGES_DAYS) + _MARGIN:
        msg = f"since must be in the last {CHANGES_DAYS} days, got {since.isoformat()}"
        raise PolicyError(msg)


def changed_objects(
    session: Session, kinds: list[str], since: dt.datetime, *, notes: ReadNotes
) -> Iterator[Found]:
    """Every object that was changed since a moment, each version of it once.

    An answer that is full is asked on from its last moment; where all of it is of one moment, the
    read is incomplete, because what lies behind cannot be had.
    """
    for kind in kinds:
        seen: set[tuple[str, str]] = set()
        moment = since
        while True:
            pages = session.changes([kind], moment)
            found = [each for page in pages if page.kind == kind for each in page.found()]
            for each in found:
                version = (str(each.raw.get("Id", "")), _changed_at(each))
                if version not in seen:
                    seen.add(version)
                    yield each
            if len(found) < CHANGES_MAX:
                break
            last = _latest(found)
            if last is None or last <= moment:
                msg = f"changes of {kind} must be fewer than {CHANGES_MAX} in a moment, got more"
                notes.error("service.incomplete", msg, field=kind)
                break
            moment = last


def _changed_at(found: Found) -> str:
    return Fields(found, notes=ReadNotes("changes")).text("MetaData/LastUpdatedTime")


def _latest(found: list[Found]) -> dt.datetime | None:
    moments = []
    for each in found:
        try:
            moments.append(dt.datetime.fromisoformat(_changed_at(each)))
        except ValueError:
            continue
    aware = [moment for moment in moments if moment.tzinfo is not None]
    return max(aware, default=None)


def change_of(found: Found, *, notes: ReadNotes) -> ObjectChange:
    """An object that was changed as a change."""
    fields = Fields(found, notes=notes)
    return ObjectChange(
        kind=found.kind,
        identity=fields.identity,
        changed_at=fields.text("MetaData/LastUpdatedTime"),
        number=fields.text("DocNumber") or fields.text("DisplayName"),
        is_deleted=fields.text("status") == "Deleted",
    )
