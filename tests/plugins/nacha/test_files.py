"""Controls, damage and forms of NACHA files."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.receipts import AdviceBatch, PaymentAdvice
from receivables_plugins.nacha.reader import NachaReader


def _codes(collected):
    return {one.code for one in collected.report.problems}


@pytest.mark.parametrize(
    ("false", "code"),
    [
        ({"count": 9}, "nacha.count-differs"),
        ({"hash_": 9}, "nacha.hash-differs"),
        ({"debits": 9}, "nacha.debits-differ"),
        ({"credits": 9}, "nacha.credits-differ"),
    ],
)
@pytest.mark.parametrize("where", ["batch", "file"])
def test_a_control_that_does_not_hold_is_an_error(read, file, batch, entry, false, code, where):
    """Counts, hash, debits and credits of a batch and of a file are proved, and never repaired."""
    if where == "batch":
        true = {"count": 1, "hash_": 23138010, "debits": 0, "credits": 10_00}
        content = file(batch(entry(10_00), **false), **true)
    else:
        content = file(batch(entry(10_00)), **false)
    collected = read(content)

    assert {code} == _codes(collected)
    assert not collected.report.complete


def test_the_number_of_batches_is_proved(read, file, batch, entry):
    """A batch that was lost is missed in the file control."""
    assert {"nacha.batches-differ"} == _codes(read(file(batch(entry(10_00)), batches=2)))


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda lines: lines[:-1], {"file.truncated"}),
        (lambda lines: [*lines[:1], *lines[2:]], {"nacha.header-missing", "nacha.batches-differ"}),
        (lambda lines: [*lines[:3], *lines[4:]], {"nacha.control-missing"}),
        (lambda lines: [*lines[:3], "X" * 94, *lines[3:]], {"nacha.record-unknown"}),
        (
            lambda lines: [*lines[:2], lines[2].replace("0000001000", "00000O1000"), *lines[3:]],
            {"amount.invalid", "nacha.credits-differ"},
        ),
        (
            lambda lines: [*lines[:2], "601" + lines[2][3:], *lines[3:]],
            {"nacha.code-unknown", "nacha.credits-differ"},
        ),
        (
            lambda lines: [*lines[:2], lines[2][:3] + "23138010X" + lines[2][12:], *lines[3:]],
            {"identifier.invalid"},
        ),
        (lambda lines: [*lines[:2], lines[2][:80], *lines[3:]], {"nacha.record-length"}),
        (
            lambda lines: [*lines[:2], "705 lost".ljust(94), *lines[2:]],
            {"nacha.addenda-misplaced", "nacha.count-differs"},
        ),
        (
            lambda lines: [lines[0], lines[1].replace("261031", "261301"), *lines[2:]],
            {"date.invalid"},
        ),
    ],
    ids=[
        "no file control",
        "no batch header",
        "no batch control",
        "unknown record",
        "amount with a letter",
        "unknown code",
        "wrong check digit",
        "short entry",
        "addenda without entry",
        "no such day",
    ],
)
def test_damage_is_said(read, file, batch, entry, change, codes):
    """Each kind of damage has its code, and what can be read is read."""
    lines = file(batch(entry(10_00))).decode().split("\n")[:5]

    assert codes == _codes(read("\n".join(change(lines)).encode()))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_line_ends_do_not_matter(read, file, batch, entry, addenda, end):
    """The same records with any line ends, or none, are the same advices."""
    records = batch(entry(10_00), addenda("INVOICE 2001"))

    assert read(file(records)).rows == read(file(records, end=end)).rows


def test_a_large_file_without_line_ends_is_read(read, file, batch, entry):
    """What has no lines is cut every 94 characters, however large."""
    records = batch(*(entry(1_00, trace=number) for number in range(1, 12_001)))
    collected = read(file(records, end=""))

    assert collected.report.problems == ()
    assert 12_001 == collected.report.rows


def test_short_and_long_lines_are_read(read, file, batch, entry):
    """Blanks at the end may be missing, or too many."""
    lines = file(batch(entry(10_00))).decode().splitlines()
    content = "\n".join([lines[0].rstrip(), lines[1] + "   ", *lines[2:4], lines[4].rstrip()])

    assert () == read(content.encode()).report.problems


def test_files_may_follow_each_other(read, file, batch, entry):
    """Files that were joined are read one by one, and their batches are told apart."""
    content = file(batch(entry(10_00))) + file(batch(entry(20_00))).replace(b"0915A", b"0915B")
    collected = read(content)
    batches = [one for one in collected.rows if isinstance(one, AdviceBatch)]

    assert () == collected.report.problems
    assert 2 == len({one.batch for one in batches})
    assert "2026-10-31T09:15" == batches[0].created_at


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello", b"\0" * 200, b"\xff" * 5000])
def test_what_is_no_such_file_is_refused(read, content):
    """Nothing and other texts are one problem."""
    assert {"file.empty"} | {"file.format"} >= _codes(read(content))
    assert not read(content).report.complete


def test_addenda_without_end_do_not_fill_the_memory(read, file, batch, entry, addenda):
    """More addenda than four figures count are an error, are counted, and are not kept."""
    records = batch(entry(10_00), *[addenda("X")] * 10_050)
    collected = read(file(records))

    assert {"file.too-large"} == _codes(collected)
    assert 9_999 == collected.rows[0].raw.count("\n")


def test_memory_stays_flat(file, batch, entry):
    """Ten times the entries take no more memory to stream."""

    def peak(entries):
        content = file(batch(*[entry(1_00)] * entries))
        stream = io.BytesIO(content)
        tracemalloc.start()
        for _ in NachaReader().read(stream, name="large.ach"):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(30_000) < peak(6_000) * 1.5


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from([b"", b"5220", b"101 031300012 "]), noise=st.binary(max_size=400))
def test_any_bytes_are_read(read, head, noise):
    """No bytes raise, and none but a whole file is complete."""
    collected = read(head + noise)

    assert not collected.report.complete


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(0, 10**10 - 1), min_size=1, max_size=20))
def test_sums_are_conserved(read, file, batch, entry, amounts):
    """What the entries say is what the batch adds up to, and the controls hold."""
    collected = read(file(batch(*(entry(cents) for cents in amounts))))
    advices = [one.amount_minor for one in collected.rows if isinstance(one, PaymentAdvice)]

    assert amounts == advices
    assert (sum(amounts), 0) == (
        collected.rows[-1].credits_minor,
        collected.rows[-1].difference_minor,
    )
    assert () == collected.report.problems
