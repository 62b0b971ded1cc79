"""What the reader ``cpa005`` makes of segments, headers and trailers."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts import AdviceBatch, AdviceKind, Payer, PaymentAdvice, ReturnReason
from receivables.receipts.returns import return_reason
from receivables_plugins.cpa005 import receivables_advice_readers

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "bank"


def _codes(collected):
    return {one.code for one in collected.report.problems}


def test_a_debit_is_a_collection_with_our_reference(read, file, segment):
    """The cross-reference is ours, and comes back; the payer is who is debited."""
    advice = read(file(["D", segment(123_45, sundry="OCTOBER")])).rows[0]

    assert (AdviceKind.COLLECTION, 123_45, "CAD", dt.date(2026, 10, 31)) == (
        advice.kind,
        advice.amount_minor,
        advice.currency,
        advice.date,
    )
    assert Payer(name="NORTHWIND FOODS", account="7654321") == advice.payer
    assert ("INV-2001", ("OCTOBER",)) == (advice.remittance.end_to_end, advice.remittance.text)
    assert {"transaction-type": "450", "routing": "000412345"}.items() <= (
        dict(advice.references).items()
    )


def test_a_credit_is_paid_by_the_originator(read, file, segment):
    """A credit goes to the account of the segment, from who sent the file."""
    advice = read(file(["C", segment(10_00)])).rows[0]

    assert (AdviceKind.REMITTANCE, "7654321") == (advice.kind, advice.account)
    assert Payer(name="MAPLE GOODS INC") == advice.payer


def test_a_returned_debit_has_its_reason(read, file, segment):
    """J is a debit that came back: the type is the reason, and the reference is still ours."""
    record = [
        "J",
        segment(10_00, type_="905", stored="450", original="2" * 22, flags="00100000000"),
    ]
    advice = read(file(record)).rows[0]

    assert (AdviceKind.RETURN, 10_00, "cpa005", "905") == (
        advice.kind,
        advice.amount_minor,
        advice.return_scheme,
        advice.returned.code,
    )
    assert ReturnReason.ACCOUNT_CLOSED is return_reason("cpa005", advice.returned.code)
    assert "INV-2001" == advice.remittance.end_to_end
    assert {
        "original-trace": "2" * 22,
        "transaction-type": "450",
        "invalid-fields": "00100000000",
    }.items() <= dict(advice.references).items()


@pytest.mark.parametrize(
    ("type_", "cents"), [("I", -10_00), ("J", 10_00), ("E", -10_00), ("F", 10_00)]
)
def test_what_comes_back_has_the_sign_of_the_first_way(read, file, segment, type_, cents):
    """A credit that comes back, or is reversed, was a payment of ours."""
    collected = read(file([type_, segment(10_00, type_="902")]))

    assert () == collected.report.problems
    assert (AdviceKind.RETURN, cents) == (collected.rows[0].kind, collected.rows[0].amount_minor)
    assert (0, 0) == (collected.rows[1].difference_minor, collected.rows[1].difference_count)
    assert collected.rows[0].returned.code or collected.rows[0].returned.text


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda text: text.replace("Z000000003", "Z000000004"), {"cpa005.sequence-broken"}),
        (lambda text: text.replace("D000000002", "D00000000X"), {"cpa005.sequence-broken"}),
        (lambda text: text[: text.index("Z000000003")], {"file.truncated"}),
        (lambda text: text[text.index("D000000002") :], {"cpa005.header-missing"}),
        (lambda text: text.replace("D0000000025550", "D0000000025551"), {"cpa005.header-differs"}),
        (
            lambda text: text.replace("4500000001000", "45000000O1000"),
            {"amount.invalid", "cpa005.total-differs", "cpa005.count-differs"},
        ),
        (lambda text: text.replace("026304000412345", "026366000412345"), {"date.invalid"}),
        (lambda text: text.replace("126304000412345", "126304000412345"), set()),
        (lambda text: text.replace("026304000412345", "126304000412345"), {"date.invalid"}),
        (lambda text: text.replace("000102630400320", "000102636700320"), {"date.invalid"}),
        (lambda text: text.replace("CAD", "CAX"), {"currency.unknown"} | {"cpa005.total-differs"}),
        (lambda text: text.replace("CAD", "   "), set()),
        (
            lambda text: text.replace("D000000002", "X000000002"),
            {"cpa005.record-unknown", "cpa005.total-differs", "cpa005.count-differs"},
        ),
        (lambda text: "Q" + text, {"file.format"}),
    ],
)
def test_damage_is_said(read, file, segment, change, codes):
    """Each kind of damage has its code, and what can be read is read."""
    text = file(["D", segment(10_00), segment(5_00)]).decode()
    found = _codes(read(change(text).encode()))

    assert codes == found - ({"cpa005.count-differs"} if "currency.unknown" in codes else set())


@pytest.mark.parametrize("total", ["DJ", "CI", "E", "F"])
def test_every_total_is_proved(read, file, segment, total):
    """Value and number of debits, credits and reversals must be what came."""
    content = file(["D", segment(10_00)], ["C", segment(5_00)], **{total: (9, 9)})

    assert {"cpa005.total-differs", "cpa005.count-differs"} == _codes(read(content))


def test_a_count_of_records_is_a_warning(read, file, segment):
    """Some programs count logical records and not transactions, which is said and no more."""
    collected = read(file(["D", segment(10_00), segment(5_00)], DJ=(15_00, 1)))

    assert {"cpa005.count-differs"} == _codes(collected)
    assert collected.report.complete
    assert (0, None) == (collected.rows[-1].difference_minor, collected.rows[-1].difference_count)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_line_ends_do_not_matter(read, file, segment, end):
    """The same records with any line ends, or none, are the same advices."""
    records = [["D", *(segment(cents) for cents in range(1, 5))]] * 3

    assert read(file(*records)).rows == read(file(*records, end=end)).rows


def test_blanks_at_the_end_may_be_missing(read, file, segment):
    """A trimmed line has the same segments; one that ends within a segment has lost a value."""
    lines = file(["D", segment(10_00)]).decode().splitlines()
    trimmed = "\n".join(line.rstrip() for line in lines).encode()
    cut = "\n".join([lines[0], lines[1][:150], lines[2]]).encode()

    assert () == read(trimmed).report.problems
    assert "cpa005.segment-length" in _codes(read(cut))


def test_files_may_follow_each_other(read, file, segment):
    """Files that were joined have a batch each."""
    collected = read(file(["D", segment(1_00)]) + file(["D", segment(2_00)], number="0002"))
    batches = [one for one in collected.rows if isinstance(one, AdviceBatch)]

    assert () == collected.report.problems
    assert ["5550001112/0001/2026-10-31", "5550001112/0002/2026-10-31"] == [
        one.batch for one in batches
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file.empty"), (b"\n \n", "file.empty"), (b"hello", "file.format")],
)
def test_what_is_no_such_file_is_refused(read, content, code):
    """Nothing and other texts are one problem."""
    assert {code} == _codes(read(content))


def test_settings_are_checked():
    """A currency must be one of ISO 4217."""
    (spec,) = receivables_advice_readers()

    with pytest.raises(PolicyError):
        spec.build({"currency": "dollars"})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from([b"", b"A0000000015550001112"]), noise=st.binary(max_size=400))
def test_any_bytes_are_read(read, head, noise):
    """No bytes raise, and none but a whole file is complete."""
    assert not read(head + noise).report.complete


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(0, 10**10 - 1), min_size=1, max_size=12))
def test_sums_are_conserved(read, file, segment, amounts):
    """What the segments say is what the batch adds up to, and the trailer holds."""
    segments = [segment(cents) for cents in amounts]
    records = [["D", *segments[start : start + 6]] for start in range(0, len(segments), 6)]
    collected = read(file(*records))
    advices = [one.amount_minor for one in collected.rows if isinstance(one, PaymentAdvice)]

    assert () == collected.report.problems
    assert amounts == advices
    assert (sum(amounts), 0) == (
        collected.rows[-1].credits_minor,
        collected.rows[-1].difference_minor,
    )


def _rows():
    if not FOLDER.is_dir():
        return []
    lines = (FOLDER / "expected.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["format"] == "cpa005"]


@pytest.mark.parametrize("row", _rows() or [None], ids=lambda row: row["file"] if row else "absent")
def test_files_of_others_have_the_figures_expected(reader, row):
    """Transactions, currency and sums are those of the program that wrote the file."""
    if row is None:
        pytest.skip("shared corpora are not beside this checkout")
    path = FOLDER / row["file"]
    with path.open("rb") as stream:
        assert reader.recognizes(stream.read(4096), name=path.name)
        stream.seek(0)
        collected = reader.read(stream, name=path.name).collect()
    advices = [one for one in collected.rows if isinstance(one, PaymentAdvice)]
    sums = {
        kind: sum(one.amount_minor for one in advices if one.kind is kind)
        for kind in (AdviceKind.COLLECTION, AdviceKind.REMITTANCE)
    }

    assert collected.report.complete
    assert _codes(collected) <= {"cpa005.count-differs"}
    assert (row["n_transactions"], {row["currency"]}) == (
        len(advices),
        {one.currency for one in advices},
    )
    assert [int(Decimal(row[name]) * 100) for name in ("sum_debits", "sum_credits")] == (
        list(sums.values())
    )
