"""A writer that is killed leaves the journal as it was before its batch, or after it."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time

import pytest

_BATCH = 3_000
_KILLS = 6

# Says when it starts to append, so that the moment of the kill is counted from there.
_WRITER = """
import datetime as dt, sys
from receivables.documents import Invoice
from receivables.ledger import DocumentIssued
from receivables.money import money
from receivables_plugins.sql import receivables_stores

url, batch, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
day = dt.date(2026, 9, 30)
total = money("120.00", "EUR")
events = [
    DocumentIssued.of(
        Invoice(number=f"{batch}-{n}", creditor="MIRA", customer=f"C-{n % 50}", document_date=day,
                total=total),
        recorded_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    for n in range(size)
]
store = receivables_stores()[0].build({"url": url})
print("start", flush=True)
store.append(events)
print("done", flush=True)
"""


def _append_and_kill(root, url, batch, delay_s):
    """Kill a writer some time after it begins to append; whether it had said that it was done."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, url, str(batch), str(_BATCH)],
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        assert writer.stdout.readline() == "start\n"
        time.sleep(delay_s)
        writer.kill()
        return writer.stdout.read() == "done\n"


def _seconds_of_an_append(root, url):
    """How long an append takes on this machine now, from its start to its end."""
    writer = [sys.executable, "-c", _WRITER, url, "whole", str(_BATCH)]
    env = {**os.environ, "PYTHONPATH": str(root / "src")}
    with subprocess.Popen(writer, env=env, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        start = time.monotonic()
        process.stdout.readline()
        return time.monotonic() - start


def test_killed_writer_leaves_all_or_nothing(url, root, spec):
    """However late the kill comes, each batch is there whole or not at all, and the chain holds."""
    whole_s = _seconds_of_an_append(root, url)
    appended = 1
    # Random moments, most of them late: that is when rows and head are being written.
    moments = [whole_s * random.uniform(0.3, 1.1) for _ in range(_KILLS)]  # noqa: S311  # no secret
    for batch, delay_s in enumerate(moments):
        said_done = _append_and_kill(root, url, batch, delay_s)
        with contextlib.closing(spec.build({"url": url})) as store:
            verified = store.verify()

        assert verified.problems == (), f"killed after {delay_s} s of {whole_s} s"
        assert verified.events in {appended * _BATCH, (appended + 1) * _BATCH}
        assert verified.events == (appended + 1) * _BATCH or not said_done
        appended = verified.events // _BATCH


@pytest.mark.slow
@pytest.mark.parametrize("tenth", range(12))
def test_writer_killed_at_every_tenth(tenth, url, root, spec):
    """The same, at every tenth of the time that an append takes."""
    whole_s = _seconds_of_an_append(root, url)
    _append_and_kill(root, url, 0, whole_s * tenth / 10)
    with contextlib.closing(spec.build({"url": url})) as store:
        verified = store.verify()

    assert verified.problems == ()
    assert verified.events in {_BATCH, 2 * _BATCH}
