"""Opening a journal: what is made, what is refused, and what is said then."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from receivables.errors import (
    AdapterError,
    ConcurrencyError,
    DocumentError,
    MissingExtraError,
    PolicyError,
)
from receivables.testing.event_store import sample_events

_IMPOSSIBLE = {
    "no url": ({"url": " "}, "url must be"),
    "url of another kind": ({"url": 7}, "must be <class 'str'>"),
    "unreadable url": ({"url": "postgresql://[::1"}, "url of the journal"),
    "another database": ({"url": "mysql://localhost/journal"}, "must begin with sqlite"),
    "another driver": ({"url": "postgresql+psycopg2://localhost/journal"}, "must begin with"),
    "in memory": ({"url": "sqlite://"}, "must name a file"),
    "in memory by name": ({"url": ":memory:"}, "must name a file"),
    "with options": ({"url": "sqlite:///a.db?mode=ro"}, "must name a file"),
    "schema of SQLite": ({"url": "a.db", "schema": "books"}, "schema must be empty"),
    "negative timeout": ({"url": "a.db", "timeout-s": -1}, "timeout_s must be"),
    "timeout as text": ({"url": "a.db", "timeout-s": "30"}, "timeout_s must be"),
    "unknown setting": ({"url": "a.db", "path": "a.db"}, "settings of sql"),
}


@pytest.mark.parametrize("case", _IMPOSSIBLE)
def test_impossible_settings_are_refused(case, spec, tmp_path, monkeypatch):
    """A setting that cannot be is the configuration's fault, and makes no file."""
    monkeypatch.chdir(tmp_path)
    settings, message = _IMPOSSIBLE[case]

    with pytest.raises(PolicyError, match=message):
        spec.build(settings)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_refused(spec, tmp_path):
    """A file cannot be made where there is no folder, and the message names the folder."""
    with pytest.raises(AdapterError, match=r"folder of the journal must exist, got .*nowhere"):
        spec.build({"url": str(tmp_path / "nowhere" / "journal.db")})


def test_file_that_is_no_database_is_refused(spec, sqlite_url):
    """Another kind of file is refused and left as it is."""
    Path(sqlite_url).write_bytes(b"customer;amount\n" * 1_000)

    with pytest.raises(AdapterError, match="not a database"):
        spec.build({"url": sqlite_url})
    assert Path(sqlite_url).read_bytes() == b"customer;amount\n" * 1_000


_FOREIGN = {
    "tables": "CREATE TABLE invoices (number TEXT)",
    "tables with our names": "CREATE TABLE events (id); CREATE TABLE account_events (id);"
    " CREATE TABLE journal (id)",
    "an application of its own": "PRAGMA application_id = 7",
}


@pytest.mark.parametrize("foreign", _FOREIGN)
def test_foreign_sqlite_file_is_refused(foreign, spec, sqlite_url):
    """A database of another program is refused and left as it is."""
    with contextlib.closing(sqlite3.connect(sqlite_url)) as connection:
        connection.executescript(_FOREIGN[foreign])
        before = connection.execute("SELECT name FROM sqlite_master").fetchall()

    with pytest.raises(AdapterError, match="must be empty or a journal"):
        spec.build({"url": sqlite_url})
    with contextlib.closing(sqlite3.connect(sqlite_url)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == before
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["events"], "must be empty or a journal"),
        (["events", "account_events", "journal"], "must have the tables of one"),
    ],
)
def test_foreign_postgresql_tables_are_refused(names, message, postgresql_url, spec, execute):
    """Tables of another program that have our names are refused; a schema is the way out."""
    execute(postgresql_url, *(f"CREATE TABLE {name} (id bigint)" for name in names))

    with pytest.raises(AdapterError, match=message):
        spec.build({"url": postgresql_url})


def test_postgresql_role_that_may_only_append(postgresql_url, opened, execute):
    """The rights that the manual names are enough to append, and not enough to change anything."""
    opened(postgresql_url)
    execute(
        postgresql_url,
        "CREATE ROLE clerk LOGIN",
        "GRANT SELECT, INSERT ON events, account_events TO clerk",
        "GRANT SELECT, UPDATE ON journal TO clerk",
    )
    clerk = postgresql_url.replace("postgres@", "clerk@")
    store = opened(clerk)

    assert store.append(sample_events()).added == store.verify().events
    with pytest.raises(ProgrammingError, match="permission denied"):
        execute(clerk, "UPDATE events SET body = ''")


def test_unique_key_has_the_last_word(sqlite_url, opened, execute):
    """Were there a second writer in spite of the lock, the second row of a version is refused."""
    store = opened(sqlite_url)
    execute(
        sqlite_url,
        "CREATE TRIGGER second_writer AFTER INSERT ON events BEGIN"
        " INSERT INTO account_events (account, version, seq) VALUES ('MIRA|C-017', 1, 1); END",
    )

    with pytest.raises(ConcurrencyError, match="must have one writer per account"):
        store.append(sample_events()[:1])
    assert list(store.events()) == []


def test_missing_sqlalchemy_names_its_extra(spec, sqlite_url, monkeypatch):
    """Without SQLAlchemy the message has the command that brings it."""
    for name in ("store", "database", "schema"):
        monkeypatch.delitem(sys.modules, f"receivables_plugins.sql.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'receivables\[sql\]'"):
        spec.build({"url": sqlite_url})


def test_missing_psycopg_names_its_extra(spec, monkeypatch):
    """Without psycopg the message has the command that brings it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'receivables\[postgresql\]'"):
        spec.build({"url": "postgresql://localhost/journal"})


def test_postgresql_journal_lives_in_its_schema(postgresql_url, opened, execute):
    """With a schema, a journal stands beside whatever else the database holds."""
    execute(postgresql_url, "CREATE TABLE events (id bigint)")
    opened(postgresql_url, schema="receivables").append(sample_events())

    assert tuple(opened(postgresql_url, schema="receivables").events()) == sample_events()


def test_newer_layout_is_refused(url, opened, spec, execute):
    """A journal that a newer version has changed is refused, with the way out."""
    opened(url)
    execute(url, "UPDATE journal SET layout = 2")

    with pytest.raises(AdapterError, match=r"layout .* must be 1, got \[2\]. A newer version"):
        spec.build({"url": url})


def test_postgresql_that_does_not_answer_is_reported(spec, tmp_path):
    """The message has the reason, and never the password."""
    url = f"postgresql://books:s3cret@/journal?host={tmp_path}"

    with pytest.raises(AdapterError, match="must be a database that answers") as caught:
        spec.build({"url": url})
    assert "s3cret" not in str(caught.value)


def test_settings_never_show_the_password(spec):
    """The settings, printed, keep the URL to themselves."""
    assert "s3cret" not in repr(spec.settings(url="postgresql://books:s3cret@host/journal"))


def test_journal_is_made_once(url, spec):
    """Of many who open a journal that is not there yet, one makes it and all get it."""
    start = threading.Barrier(6)

    def opened_at_once():
        start.wait()
        with contextlib.closing(spec.build({"url": url})) as store:
            return store.verify().events

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(opened_at_once) for _ in range(6)]

    assert [future.result() for future in futures] == [0] * 6


def test_locked_sqlite_is_reported(sqlite_url, opened):
    """A writer waits as long as it was told, and then says what it waited for."""
    store = opened(sqlite_url, timeout_s=0)
    with contextlib.closing(sqlite3.connect(sqlite_url)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(AdapterError, match="must be free within 0 s, got database is locked"):
            store.append(sample_events())
    assert store.append(sample_events()).added == len(sample_events())


def test_locked_postgresql_is_reported(postgresql, postgresql_url, opened):
    """The same holds for another program's lock in PostgreSQL."""
    import psycopg  # noqa: PLC0415  # an extra

    store = opened(postgresql_url, timeout_s=1)
    with psycopg.connect(postgresql_url) as other:
        other.execute("SELECT * FROM journal FOR UPDATE")

        with pytest.raises(AdapterError, match="must be free within 1 s"):
            store.append(sample_events())
    assert store.append(sample_events()).added == len(sample_events())


def test_closed_store_is_refused(url, opened):
    """After `close` nothing is opened again by accident."""
    store = opened(url)
    store.close()

    with pytest.raises(AdapterError, match="must be open"):
        store.append(sample_events())


def test_reader_does_not_stop_a_writer(url, opened):
    """Who reads sees the journal as it was when the reading began; a writer goes on meanwhile."""
    store = opened(url)
    store.append(sample_events()[:3])
    reading = store.events()
    first = next(reading)
    store.append(sample_events()[3:])

    assert (first, *reading) == sample_events()[:3]


def test_event_with_nul_in_its_name_is_refused(url, opened):
    """What PostgreSQL cannot hold is refused everywhere, before anything is written."""
    import attrs  # noqa: PLC0415  # only here

    store = opened(url)
    broken = attrs.evolve(sample_events()[3], event="a\0b")

    with pytest.raises(DocumentError, match="must not contain NUL"):
        store.append([broken])
    assert list(store.events()) == []


def test_nul_in_a_free_text_is_kept(url, opened):
    """A text inside an event may be any Unicode."""
    import attrs  # noqa: PLC0415  # only here

    store = opened(url)
    event = attrs.evolve(sample_events()[3], reason="a\0b\u2028\U0010ffff")
    store.append([event])

    assert list(store.events()) == [event]


def test_journal_is_durable_by_default(sqlite_url, opened):
    """The file is in WAL mode, and says whose it is."""
    opened(sqlite_url).append(sample_events())

    with contextlib.closing(sqlite3.connect(sqlite_url)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA application_id").fetchone() == (0x52435642,)


def test_importing_the_plug_in_loads_no_database(root):
    """SQLAlchemy is loaded when a store is built, and not before."""
    code = "import receivables_plugins.sql, sys; print('sqlalchemy' in sys.modules)"
    path = {**os.environ, "PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
