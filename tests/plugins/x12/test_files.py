"""Forms of files, and bytes that are none."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.reading import ReadNotes
from receivables.receipts import PaymentAdvice
from receivables_plugins.x12.segments import segments

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "bank"


def _codes(collected):
    return {one.code for one in collected.report.problems}


@pytest.mark.parametrize(
    "content",
    [
        b"ISA*00*",
        b"ST*850*0001~BEG*00*SA*1~SE*3*0001~",
        b"hello",
        b"Invoice ST*820",
        b"{1:F01BANK}",
    ],
)
def test_other_content_is_not_recognized(reader, content):
    """Neither other sets nor other texts are taken for an 820."""
    assert not reader.recognizes(content, name="october.edi")


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", {"file.empty"}),
        (b" \n ", {"file.empty"}),
        (b"hello", {"file.format"}),
        (b"GS*RA*A*B~GE*0*~", {"file.empty"}),
        (b"ISA*00*~GS*RA~", {"file.format"}),
    ],
)
def test_what_is_no_such_file_is_refused(read, content, codes):
    """Nothing, other texts and empty envelopes are a problem each."""
    assert codes == _codes(read(content))


def test_a_segment_without_end_does_not_fill_the_memory(read):
    """A segment beyond the limit ends the reading."""
    collected = read(b"BPR*C*5~RMR*IV*1~NTE**" + b"x" * 2_500_000)

    assert "file.too-large" in _codes(collected)


def test_many_sets_stream(read, interchange, remittance):
    """A file larger than a block is read as one of a few lines."""
    sets = [remittance(number=f"{number:04}") for number in range(1, 1201)]
    collected = read(interchange(*sets))
    advices = [one for one in collected.rows if isinstance(one, PaymentAdvice)]

    assert () == collected.report.problems
    assert [4502_65] * 1200 == [one.amount_minor for one in advices]
    assert advices[0].source.line < advices[1].source.line


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from([b"", b"ST*820*1~BPR*", b"ISA*00*"]), noise=st.binary(max_size=400))
def test_any_bytes_are_read(read, head, noise):
    """No bytes raise."""
    read(head + noise)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cents=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=10))
def test_open_items_prove_the_payment(read, interchange, segment_set, cents):
    """Items of any amounts add up to the payment that is their sum."""
    items = [f"RMR*IV*{number}**{Decimal(one) / 100:f}" for number, one in enumerate(cents)]
    collected = read(interchange(segment_set(f"BPR*C*{Decimal(sum(cents)) / 100:f}*C*CHK", *items)))

    assert () == collected.report.problems
    assert (sum(cents), 0) == (
        collected.rows[1].credits_minor - collected.rows[1].debits_minor,
        collected.rows[1].difference_minor,
    )


def test_the_sample_of_others_is_read(reader):
    """The one 820 of the corpus: seven invoices whose payments are the cheque."""
    if not FOLDER.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    (path,) = (FOLDER / "x12-820").rglob("*.edi")
    content = path.read_bytes()
    collected = reader.read(io.BytesIO(content), name=path.name).collect()
    advice, batch = collected.rows

    assert reader.recognizes(content[:4096], name=path.name)
    assert () == collected.report.problems
    assert (21298_97, 0, 7) == (
        advice.amount_minor,
        batch.difference_minor,
        len(advice.remittance.documents),
    )
    assert 4650_41 == advice.remittance.documents[0].gross_minor
    assert not [
        row
        for row in map(json.loads, (FOLDER / "expected.jsonl").read_text().splitlines())
        if row["format"].startswith("x12")
    ]


def test_segments_are_those_of_another_library():
    """The one 820 of the corpus has the segments that pyx12 finds in it."""
    x12file = pytest.importorskip("pyx12.x12file", reason="needs pyx12")
    if not FOLDER.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    (path,) = (FOLDER / "x12-820").rglob("*.edi")
    text = path.read_text()
    theirs = [
        segment.format("\n", "*", ">").strip() for segment in x12file.X12Reader(io.StringIO(text))
    ]
    ours = [raw for _, _, raw in segments(io.BytesIO(text.encode()), ReadNotes("820"))]

    assert theirs == ours
