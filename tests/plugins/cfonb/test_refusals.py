"""What cannot be taken is a problem with its place; what stands beside it is kept."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.cfonb import receivables_statement_readers
from receivables_plugins.cfonb.advices import Cfonb240Reader
from receivables_plugins.cfonb.statements import Cfonb120Reader

REFUSED = {
    "no sign": ({"amount": "00000000000123"}, "entry.direction-invalid", "amount"),
    "blank": ({"amount": " " * 14}, "amount.invalid", "amount"),
    "letters": ({"amount": "00000000X0012C"}, "amount.invalid", "amount"),
    "other digits": ({"amount": "\u0661" * 13 + "A"}, "amount.invalid", "amount"),
    "unknown sign": ({"amount": "0000000000012?"}, "amount.invalid", "amount"),
    "no decimals": ({"unit": "EUR "}, "amount.invalid", "decimals"),
    "credit without a day": ({"date": "      ", "value": ""}, "date.missing", "booking-date"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_movement(reason, read, file, opening, movement, complement, closing):
    """The movement is left out with its complements; the next one is read."""
    changed, code, field = REFUSED[reason]
    records = [
        opening(),
        movement(**changed),
        complement("LIB", "LEFT OUT"),
        movement(),
        closing(100_00),
    ]
    collected = read(file(*records, encoding="utf-8"))
    (problem,) = collected.report.errors

    assert [100_00] == [row.amount_minor for row in collected.rows if isinstance(row, BankEntry)]
    assert (code, field, 2) == (problem.code, problem.place.field, problem.place.line)


UNITS = {
    "currency.unknown": {"unit": "EUX2"},
    "currency.missing": {"unit": "   2"},
    "amount.inexact": {"unit": "JPY2"},
    "amount.limit": {"unit": "KWD0", "amount": "9999999999999I"},
}


@pytest.mark.parametrize("code", UNITS)
def test_refused_unit(code, read, file, opening, movement, closing, codes):
    """An amount that its currency cannot have is refused, and never rounded."""
    unit = UNITS[code]["unit"]
    amount = UNITS[code].get("amount", "0000000000012C")
    nothing = {"unit": unit, "amount": "0000000000000{"}
    collected = read(
        file(opening(**nothing), movement(unit=unit, amount=amount), closing(**nothing))
    )

    assert code in codes(collected)
    assert [] == [row for row in collected.rows if isinstance(row, BankEntry)]


def test_impossible_day(read, file, opening, movement, closing):
    """An entry with an impossible date is kept without it, and the read is not complete."""
    collected = read(file(opening(), movement(date="310226"), closing(100_00)))
    (problem,) = collected.report.problems

    assert collected.rows[0].booking_date is None
    assert ("date.invalid", 2, "booking-date") == (
        problem.code,
        problem.place.line,
        problem.place.field,
    )


def test_undated_debit_is_a_warning(read, file, opening, movement, closing, codes):
    """A debit without any day is known less, and kept."""
    collected = read(file(opening(), movement(-1_00, date="      ", value=""), closing(-1_00)))

    assert ["date.missing"] == codes(collected)
    assert collected.report.complete


ORDERS = {
    "movement before a statement": "MC",
    "complement before a movement": "OXMC",
    "statement in a statement": "OMOMC",
    "end without a statement": "OMCC",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_order(order, read, file, opening, movement, complement, closing, codes):
    """A record out of place is an error; no movement is dropped for it."""
    made = {
        "O": opening(),
        "M": movement(),
        "X": complement("LIB", "LOST"),
        "C": closing(100_00),
    }
    collected = read(file(*(made[one] for one in order)))
    entries = [row for row in collected.rows if isinstance(row, BankEntry)]

    assert order.count("M") == len(entries)
    assert "cfonb120.record-order" in codes(collected)


def test_movement_of_another_account(read, file, opening, movement, closing, codes):
    """A movement of another account does not count in the statement that is open."""
    records = [opening(), movement(), movement(7_00, account="98765432109"), closing(100_00)]
    collected = read(file(*records))
    statements = [row for row in collected.rows if isinstance(row, BankStatement)]

    assert [100_00, 7_00] == [one.credits_minor for one in statements]
    assert ["cfonb120.record-order", "cfonb120.record-order", "file.truncated"] == codes(collected)


def test_complement_of_another_account(read, file, opening, movement, complement, closing, codes):
    """A complement of another account says nothing about the movement before it."""
    records = [opening(), movement(), complement("LIB", "ELSE", account="98765432109")]
    collected = read(file(*records, closing(100_00)))

    assert ["cfonb120.record-order"] == codes(collected)
    assert () == collected.rows[0].details


def test_other_bank_is_a_warning(read, file, opening, movement, closing, codes):
    """Another bank code on the same account is said, and does not part the statement."""
    collected = read(file(opening(), movement(bank="30007"), closing(100_00)))

    assert ["cfonb120.bank-differs"] == codes(collected)
    assert 0 == collected.rows[-1].difference_minor


@pytest.mark.parametrize("record", ["04300", "09" + "0" * 118, "04" + "0" * 119])
def test_unreadable_record(record, read, file, opening, movement, closing):
    """A record that is too short, too long or unknown is an error with its line."""
    collected = read(file(opening(), record, movement(), closing(100_00)))
    error = collected.report.errors[0]

    assert ("cfonb120.record-invalid", 2) == (error.code, error.place.line)
    assert [100_00] == [row.amount_minor for row in collected.rows if isinstance(row, BankEntry)]


def test_complements_of_an_unreadable_record_are_said_once(
    read, file, opening, complement, closing, codes
):
    """What belongs to a record that cannot be read is not an error of its own."""
    collected = read(file(opening(), "04300", complement("LIB", "ONE"), closing()))

    assert ["cfonb120.record-invalid"] == codes(collected)


def test_cut_blanks(read, opening, movement, complement, closing):
    """Blanks at the ends of lines may have been cut off, and blank lines put between."""
    records = [opening(), "", movement(), complement("LIB", "FACTURE 117"), "   ", closing(100_00)]
    collected = read("\n".join(record.rstrip() for record in records).encode())

    assert collected.report.complete
    assert "FACTURE 117" == collected.rows[0].details[0].remittance.text[1]


def test_lines_anywhere(read, file, opening, movement, closing):
    """A run of records may be broken anywhere."""
    run = file(opening(), *[movement(1)] * 40, closing(40), end="")
    broken = b"\r\n".join(run[start : start + 777] for start in range(0, len(run), 777))
    several = b"\n".join(run[start : start + 360] for start in range(0, len(run), 360))

    for content in (broken, several, run + b"\n\x1a"):
        collected = read(content)
        assert collected.report.complete
        assert 40 == collected.rows[-1].entries


def test_numbers_of_a_run(read, file, opening, movement, closing):
    """Without line ends the number of a record stands for its line."""
    assert 2 == read(file(opening(), movement(), closing(100_00), end="")).rows[0].source.line


def test_cut_file(read, file, opening, movement, codes):
    """A file without its end is truncated; its last movement may lack complements, and is left out."""
    collected = read(file(opening(), movement(), movement()))

    assert ["file.truncated"] == codes(collected)
    assert [1, None] == [collected.rows[-1].entries, collected.rows[-1].closing_minor]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file.empty"), (b"\r\n \r\n", "file.empty"), (b":20:STARTUMS\r\n", "file.format")],
    ids=["nothing", "blanks", "another format"],
)
def test_no_such_file(content, code, read, read_240, codes):
    """Nothing and something else are told apart, once."""
    assert [code] == codes(read(content))
    assert [code] == codes(read_240(content))


def test_unknown_settings():
    """A country without such accounts, and an encoding that does not exist, are refused."""
    (spec,) = receivables_statement_readers()

    for settings_ in ({"country": "BE"}, {"encoding": "nonsense"}, {"colour": "red"}):
        with pytest.raises(PolicyError):
            spec.build(settings_)


def test_declared_encoding(read, file, opening, movement, closing):
    """An encoding that is declared is used."""
    content = file(opening(), movement(label="INTÉRÊTS"), closing(100_00), encoding="cp850")

    assert "INTÉRÊTS" == read(content, encoding="cp850").rows[0].text


def test_endless_complements(file, opening, movement, complement):
    """A movement with complements without end is refused, and takes little memory."""
    content = file(opening(), movement(), *[complement("LIB", "AND ON")] * 30_000)
    tracemalloc.start()
    try:
        read = Cfonb120Reader().read(io.BytesIO(content), name="endless.txt")
        rows = list(read)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert "file.too-large" in {problem.code for problem in read.report.problems}
    assert len(rows) == 1
    assert peak < 8_000_000


_PIECE = st.one_of(
    st.binary(max_size=130),
    st.sampled_from([b"01", b"04", b"05", b"07", b"31", b"34", b"39", b"\r\n", b" " * 40]),
    st.sampled_from([b"0" * 33, b"EUR2", b"{", b"\xe9", b"\x1a", b"311026"]),
)


@settings(max_examples=50)
@given(pieces=st.lists(_PIECE, max_size=30))
def test_any_bytes(pieces):
    """Any bytes give rows and problems, and never an exception."""
    content = b"".join(pieces)
    for reader in (Cfonb120Reader(), Cfonb240Reader()):
        reader.recognizes(content, name="any")
        collected = reader.read(io.BytesIO(content), name="any").collect()

        assert collected.report.rows or not collected.report.complete
