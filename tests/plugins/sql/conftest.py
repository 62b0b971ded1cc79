"""A PostgreSQL server of the suite's own, and an empty journal in either database."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from receivables_plugins.sql import receivables_stores

_START_S = 60
_numbers = itertools.count(1)


class _NoServerError(Exception):
    """The server cannot be started on this machine."""


@pytest.fixture(scope="session")
def spec():
    """The descriptor of the store."""
    (spec,) = receivables_stores()
    return spec


@pytest.fixture(scope="session")
def postgresql():
    """The connection parameters of a server that lives as long as the session.

    Its programs come with the wheel `pgserver`, or from the system where there is no such wheel for
    this Python.  It listens on a socket in its own folder only, and runs as nobody where the suite
    runs as root, because PostgreSQL refuses to run as root.
    """
    pytest.importorskip("psycopg")
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(_server())
        except _NoServerError as error:
            pytest.skip(f"needs a PostgreSQL server, got {error}")


@contextlib.contextmanager
def _server():
    # Not below pytest's own folder: only its owner may enter that, and socket names must be short.
    folder = Path(tempfile.mkdtemp(prefix="journal-"))
    owner = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        programs = _programs()
        if owner:
            shutil.chown(folder, owner["user"])
            programs = _readable_copy(programs, folder)
        _initialize(programs, folder, owner)
        with (folder / "log").open("wb") as log:
            process = _start(programs, folder, owner, log)
        try:
            yield _wait(process, folder)
        finally:
            process.send_signal(signal.SIGINT)  # Disconnects its clients, then ends cleanly.
            process.wait(_START_S)
    finally:
        shutil.rmtree(folder)


def _programs():
    found = importlib.util.find_spec("pgserver")
    if found is not None:
        return Path(found.submodule_search_locations[0], "pginstall", "bin")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not installed:
        reason = "neither the wheel pgserver nor an installed one"
        raise _NoServerError(reason)
    return installed[-1]


def _readable_copy(programs, folder):
    """The programs of a wheel where nobody can read them: a checkout may be root's alone."""
    if programs.is_relative_to("/usr"):
        return programs
    wheel = programs.parent.parent
    libraries = wheel.with_name(f"{wheel.name}.libs")  # Found by their place beside the programs.
    copy = folder / "wheel"
    shutil.copytree(programs.parent, copy / wheel.name / programs.parent.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / wheel.name / programs.parent.name / programs.name


def _initialize(programs, folder, owner):
    command = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"]
    try:
        subprocess.run(
            [*command, "-E", "UTF8"], cwd=folder, capture_output=True, check=True, **owner
        )
    except subprocess.CalledProcessError as error:
        raise _NoServerError(error.stderr.decode(errors="replace")) from error
    except OSError as error:
        raise _NoServerError(str(error)) from error


def _start(programs, folder, owner, log):
    command = [programs / "postgres", "-D", folder / "data", "-k", folder]
    return subprocess.Popen(
        [*command, "-c", "listen_addresses="], cwd=folder, stdout=log, stderr=log, **owner
    )


def _wait(process, folder):
    import psycopg  # noqa: PLC0415  # an extra

    parameters = {"host": str(folder), "user": "postgres", "dbname": "postgres"}
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(**parameters).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return parameters
    raise _NoServerError((folder / "log").read_text(errors="replace"))


@pytest.fixture
def postgresql_url(postgresql):
    """The URL of an empty database."""
    import psycopg  # noqa: PLC0415  # an extra

    name = f"journal_{next(_numbers)}"
    with psycopg.connect(**postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql://{postgresql['user']}@/{name}?host={postgresql['host']}"


@pytest.fixture
def sqlite_url(tmp_path):
    """The path of a SQLite file that is not there yet."""
    return str(tmp_path / "journal.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """An empty journal in either database."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def opened(spec):
    """Opens a journal, and closes it after the test."""
    with contextlib.ExitStack() as stack:

        def opened(url, **settings):
            store = spec.build({"url": url, **settings})
            return stack.enter_context(contextlib.closing(store))

        yield opened


@pytest.fixture
def execute():
    """Executes a statement behind the store's back."""
    return _execute


def _execute(url, *statements):
    import sqlalchemy as sa  # noqa: PLC0415  # an extra

    full = url if "://" in url else f"sqlite:///{url}"
    engine = sa.create_engine(full.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
