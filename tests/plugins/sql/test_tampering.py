"""Whatever is changed behind the store's back is found, with its row and its column."""

from __future__ import annotations

import contextlib
import hashlib
import json

import pytest

from receivables.errors import TamperedJournalError
from receivables.ledger.wire import from_text
from receivables.testing.event_store import sample_events

_LAST = len(sample_events())
_OTHER_HASH = "f" * 64

# What is done to a journal, and (code, row, column) of the first problem that it must raise.
_CHANGES = {
    "amount in a body": (
        "UPDATE events SET body = replace(body, '120000', '120001') WHERE seq = 1",
        ("journal.tampered", 1, "body"),
    ),
    "moment in a body": (
        "UPDATE events SET body = replace(body, '2026-09-30T08', '2026-09-30T07') WHERE seq = 2",
        ("journal.tampered", 2, "body"),
    ),
    "source in a body": (
        "UPDATE events SET body = replace(body, 'items.csv', 'other.csv') WHERE seq = 1",
        ("journal.tampered", 1, "body"),
    ),
    "body of the last event": (
        f"UPDATE events SET body = replace(body, 'N. Blanc', 'N. Roux') WHERE seq = {_LAST}",
        ("journal.tampered", _LAST, "body"),
    ),
    "identity column": (
        "UPDATE events SET event = 'another' WHERE seq = 3",
        ("journal.tampered", 3, "event"),
    ),
    "kind column": (
        "UPDATE events SET kind = 'NoticeSent' WHERE seq = 3",
        ("journal.tampered", 3, "kind"),
    ),
    "effective_on column": (
        "UPDATE events SET effective_on = '2026-09-01' WHERE seq = 3",
        ("journal.tampered", 3, "effective_on"),
    ),
    "recorded_at column": (
        "UPDATE events SET recorded_at = '2026-09-01' WHERE seq = 3",
        ("journal.tampered", 3, "recorded_at"),
    ),
    "prev column": (
        f"UPDATE events SET prev = '{_OTHER_HASH}' WHERE seq = 4",
        ("journal.tampered", 4, "prev"),
    ),
    "hash column": (
        f"UPDATE events SET hash = '{_OTHER_HASH}' WHERE seq = 4",
        ("journal.tampered", 4, "hash"),
    ),
    "hash of the last event": (
        f"UPDATE events SET hash = '{_OTHER_HASH}' WHERE seq = {_LAST}",
        ("journal.tampered", _LAST, "hash"),
    ),
    "seq of an event": (
        "UPDATE events SET seq = 1000 WHERE seq = 4",
        ("journal.tampered", 5, "seq"),
    ),
    "event deleted": ("DELETE FROM events WHERE seq = 4", ("journal.tampered", 5, "seq")),
    "first event deleted": ("DELETE FROM events WHERE seq = 1", ("journal.tampered", 2, "seq")),
    "last event deleted": (
        f"DELETE FROM events WHERE seq = {_LAST}",
        ("journal.truncated", _LAST - 1, "journal.events"),
    ),
    "every event deleted": ("DELETE FROM events", ("journal.truncated", 0, "journal.events")),
    "event added": (
        f"INSERT INTO events SELECT {_LAST + 1}, 'new', kind, effective_on, recorded_at, body, prev, hash FROM events WHERE seq = 2",
        ("journal.tampered", _LAST + 1, "prev"),
    ),
    "body that is no event": (
        "UPDATE events SET body = '{}' WHERE seq = 2",
        ("journal.tampered", 2, "body"),
    ),
    "head counts more": (
        "UPDATE journal SET events = events + 1",
        ("journal.truncated", _LAST, "journal.events"),
    ),
    "head has another hash": (
        f"UPDATE journal SET head = '{_OTHER_HASH}'",
        ("journal.truncated", _LAST, "journal.head"),
    ),
    "account of an event": (
        "UPDATE account_events SET account = 'MIRA|C-999' WHERE seq = 2",
        ("journal.tampered", 2, "account_events.version"),
    ),
    "version of an account": (
        "UPDATE account_events SET version = 1000 WHERE seq = 2",
        ("journal.tampered", 2, "account_events.version"),
    ),
    "seq of an account": (
        "UPDATE account_events SET seq = 1000 WHERE seq = 2",
        ("journal.tampered", 1000, "account_events.version"),
    ),
    "account row deleted": (
        "DELETE FROM account_events WHERE seq = 2",
        ("journal.tampered", 2, "account_events.version"),
    ),
    "account row added": (
        "INSERT INTO account_events (account, version, seq) VALUES ('MIRA|C-999', 1, 1)",
        ("journal.tampered", 1, "account_events.version"),
    ),
}

# Changes that touch the body, the hash or the end: reading events is refused as well.
_SEEN_BY_READERS = {
    "amount in a body",
    "moment in a body",
    "body of the last event",
    "hash column",
    "seq of an event",
    "event deleted",
    "first event deleted",
    "last event deleted",
    "every event deleted",
    "event added",
    "body that is no event",
    "head counts more",
    "head has another hash",
}


@pytest.fixture(scope="module")
def journals(spec, tmp_path_factory):
    """A whole journal in a SQLite file, as bytes to copy."""
    path = tmp_path_factory.mktemp("journals") / "journal.db"
    with contextlib.closing(spec.build({"url": str(path)})) as store:
        store.append(sample_events())
    return path


@pytest.fixture
def journal(journals, tmp_path):
    """The path of a journal of its own, with every kind of event."""
    path = tmp_path / "journal.db"
    path.write_bytes(journals.read_bytes())
    return str(path)


def _found(problem):
    return problem.code, problem.place.line, problem.place.field


@pytest.mark.parametrize("change", _CHANGES)
def test_verify_names_row_and_column(change, journal, execute, opened):
    """Each change is found where it was made."""
    statement, expected = _CHANGES[change]
    execute(journal, statement)

    assert expected in [_found(problem) for problem in opened(journal).verify().problems]


@pytest.mark.parametrize("change", sorted(_SEEN_BY_READERS))
def test_no_event_after_a_break_is_read(change, journal, execute, opened):
    """Events stream only as far as the chain holds."""
    statement, _ = _CHANGES[change]
    execute(journal, statement)

    with pytest.raises(TamperedJournalError, match="Use verify"):
        list(opened(journal).events())


@pytest.mark.parametrize("change", ["last event deleted", "event added", "head counts more"])
def test_nothing_is_appended_after_a_wrong_end(change, journal, execute, opened):
    """A journal that does not end where its head says takes no further event."""
    statement, _ = _CHANGES[change]
    execute(journal, statement)

    with pytest.raises(TamperedJournalError):
        opened(journal).append(sample_events()[:1])


@pytest.mark.parametrize(
    "change",
    [
        "amount in a body",
        "body that is no event",
        "kind column",
        "hash column",
        "account row added",
    ],
)
def test_rows_after_a_break_are_not_accused(change, journal, execute, opened):
    """An edit is told of its own row and, at most, of the one that follows."""
    statement, (_, row, _) = _CHANGES[change]
    execute(journal, statement)

    assert {problem.place.line for problem in opened(journal).verify().problems} <= {row, row + 1}


def test_body_that_nobody_can_read_is_found(journal, execute, opened):
    """A body that hashes right and is no event was written by something else."""
    body = '{"format":99}'
    digest = hashlib.sha256(f"{'0' * 64}\n1\n{body}".encode()).hexdigest()
    execute(
        journal,
        f"UPDATE events SET body = '{body}', hash = '{digest}' WHERE seq = 1",
        f"UPDATE events SET prev = '{digest}' WHERE seq = 2",
    )

    problems = [_found(problem) for problem in opened(journal).verify().problems]
    assert ("journal.unreadable", 1, "body") in problems


def test_missing_head_is_found(journal, execute, opened):
    """A head row that is deleted while a journal is open is a problem."""
    store = opened(journal)
    execute(journal, "DELETE FROM journal")

    assert "journal.head" in [problem.place.field for problem in store.verify().problems]
    with pytest.raises(TamperedJournalError):
        store.append(sample_events()[:1])


def test_two_rows_that_change_places_are_found(journal, execute, opened):
    """Order is part of what was recorded."""
    execute(
        journal,
        "UPDATE events SET seq = 1000 WHERE seq = 2",
        "UPDATE events SET seq = 2 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 1000",
    )

    lines = {problem.place.line for problem in opened(journal).verify().problems}
    assert lines >= {2, 3}


def test_only_a_noted_head_reveals_a_journal_cut_with_its_head(journal, execute, opened):
    """Who rewrites events and head together leaves a journal that holds, but with another head."""
    noted = opened(journal).verify().head
    last = f"(SELECT hash FROM events WHERE seq = {_LAST - 1})"
    execute(
        journal,
        f"DELETE FROM events WHERE seq = {_LAST}",
        f"DELETE FROM account_events WHERE seq = {_LAST}",
        f"UPDATE journal SET events = {_LAST - 1}, head = {last}",
    )
    verified = opened(journal).verify()

    assert verified.problems == ()
    assert verified.head != noted


def test_chain_is_what_is_documented(journal, execute, opened, tmp_path):
    """Anybody can recompute the chain from the columns with a dozen lines."""
    import sqlite3  # noqa: PLC0415  # an independent reader

    head = opened(journal).verify().head
    previous = "0" * 64
    with contextlib.closing(sqlite3.connect(journal)) as connection:
        for seq, body in connection.execute("SELECT seq, body FROM events ORDER BY seq"):
            previous = hashlib.sha256(f"{previous}\n{seq}\n{body}".encode()).hexdigest()

    assert previous == head


def test_bodies_are_the_plain_form(journal):
    """The body of a row is the event itself, readable without the library too."""
    import sqlite3  # noqa: PLC0415  # an independent reader

    with contextlib.closing(sqlite3.connect(journal)) as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM events ORDER BY seq")]

    assert tuple(map(from_text, bodies)) == sample_events()
    assert json.loads(bodies[0])["document"]["total"] == {"currency": "EUR", "minor": 120_000}


@pytest.mark.parametrize("change", ["amount in a body", "event deleted", "account row deleted"])
def test_postgresql_is_verified_too(change, postgresql_url, execute, opened):
    """The same changes are found in the same places in PostgreSQL."""
    store = opened(postgresql_url)
    store.append(sample_events())
    statement, expected = _CHANGES[change]
    execute(postgresql_url, statement)

    assert expected in [_found(problem) for problem in store.verify().problems]


def test_both_databases_hold_the_same_chain(postgresql_url, sqlite_url, opened):
    """The head depends on the events and on nothing of the database."""
    heads = {opened(url).append(sample_events()).head for url in (postgresql_url, sqlite_url)}

    assert len(heads) == 1
