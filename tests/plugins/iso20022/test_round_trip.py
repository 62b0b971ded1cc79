"""What is written is read: drawn statements, and another parser's count of the same files."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.money import digits
from receivables.receipts.model import BankEntry

PLACEHOLDERS = {"NOTPROVIDED", "NOT PROVIDED", "NONREF"}
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=40
).map(lambda text: " ".join(text.split()))


@st.composite
def drawn_entries(draw):
    """Entries as plain values: signed minor units, status, day, names and texts."""
    return draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "minor": st.integers(-(10**12), 10**12).filter(bool),
                    "is_booked": st.booleans(),
                    "date": st.dates(),
                    "payer": TEXTS,
                    "texts": st.lists(TEXTS.filter(bool), max_size=3),
                    "end_to_end": TEXTS.filter(lambda text: text not in PLACEHOLDERS),
                }
            ),
            max_size=8,
        )
    )


def _amount(minor, currency):
    return format(Decimal(abs(minor)).scaleb(-digits(currency)), "f")


@pytest.fixture(scope="module")
def written(message, statement, entry, detail, element, balance):
    """Write drawn entries as a statement that balances."""
    from xml.sax.saxutils import escape  # noqa: PLC0415  # of this writer only

    def one(drawn, currency):
        side = "Dbtr" if drawn["minor"] > 0 else "Cdtr"
        remitted = "".join(element("Ustrd", escape(text)) for text in drawn["texts"])
        return entry(
            _amount(drawn["minor"], currency),
            sign="CRDT" if drawn["minor"] > 0 else "DBIT",
            currency=currency,
            status="BOOK" if drawn["is_booked"] else "PDNG",
            date=drawn["date"].isoformat(),
            details=detail(
                element("Refs/EndToEndId", escape(drawn["end_to_end"])),
                element(f"RltdPties/{side}/Nm", escape(drawn["payer"])),
                element("RmtInf", remitted),
            ),
        )

    def write(drawn, currency):
        total = sum(each["minor"] for each in drawn if each["is_booked"])
        sign = "CRDT" if total >= 0 else "DBIT"
        balances = balance("OPBD", "0", currency=currency) + balance(
            "CLBD", _amount(total, currency), sign=sign, currency=currency
        )
        content = message(statement(*(one(each, currency) for each in drawn), balances=balances))
        return content.replace(b"<Ccy>EUR</Ccy>", f"<Ccy>{currency}</Ccy>".encode())

    return write


@given(drawn=drawn_entries(), currency=CURRENCIES)
@settings(max_examples=50)
def test_entries_read_are_entries_written(drawn, currency, written, read):
    """Every value of every entry comes back, and the balances prove them."""
    collected = read(written(drawn, currency))
    *entries, statement = collected.rows
    found = [
        {
            "minor": entry.amount_minor,
            "is_booked": entry.is_booked,
            "date": entry.booking_date,
            "payer": entry.details[0].payer.name,
            "texts": list(entry.details[0].remittance.text),
            "end_to_end": entry.details[0].remittance.end_to_end,
        }
        for entry in entries
    ]

    assert drawn == found
    assert statement.difference_minor == 0
    assert collected.report.problems == ()


@given(drawn=drawn_entries(), currency=CURRENCIES)
@settings(max_examples=20)
def test_another_parser_counts_the_same(drawn, currency, written, read):
    """lxml finds as many entries, and the same sum of their amounts."""
    etree = pytest.importorskip("lxml.etree")
    content = written(drawn, currency)
    found = [row for row in read(content).rows if isinstance(row, BankEntry)]
    counted = [
        Decimal(node.findtext("{*}Amt")) * (1 if node.findtext("{*}CdtDbtInd") == "CRDT" else -1)
        for _, node in etree.iterparse(io.BytesIO(content), tag="{*}Ntry")
    ]

    assert len(counted) == len(found)
    assert sum(counted) == sum(entry.amount.amount for entry in found)


@given(content=st.binary(max_size=300))
@settings(max_examples=50)
def test_any_bytes_give_a_report(content, read):
    """Whatever the bytes are, there is a report, and nothing is complete."""
    assert not read(content).report.complete


@given(data=st.data())
@settings(max_examples=50)
def test_any_damage_gives_a_report(data, message, statement, entry, read):
    """A message with a piece replaced by any bytes is read without an exception."""
    content = message(statement(entry(), entry()))
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    damaged = content[:start] + data.draw(st.binary(max_size=20)) + content[end:]

    assert read(damaged).report.rows >= 0
