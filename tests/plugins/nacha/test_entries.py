"""What the reader ``nacha`` makes of entries and their addenda."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts import AdviceKind, Payer, ReceiptMethod, ReturnReason
from receivables.receipts.returns import return_reason


def _only(read, content):
    collected = read(content)
    assert collected.report.errors == ()
    return collected.rows[0]


def test_a_credit_is_a_remittance_of_the_company(read, file, batch, entry):
    """A credit is money from the company of the batch to the account of the entry."""
    advice = _only(read, file(batch(entry(1234_56))))

    assert (AdviceKind.REMITTANCE, 1234_56, "USD") == (
        advice.kind,
        advice.amount_minor,
        advice.currency,
    )
    assert Payer(name="NORTHWIND FOODS") == advice.payer
    assert ("123456789", "INV-2001") == (advice.account, advice.remittance.end_to_end)
    assert dt.date(2026, 10, 31) == advice.date
    assert ReceiptMethod.CREDIT_TRANSFER is advice.method


def test_a_debit_is_a_collection_from_the_individual(read, file, batch, entry):
    """A debit is money that the company collects from the account of the entry."""
    advice = _only(read, file(batch(entry(80_00, code="27"), sec="PPD")))

    assert AdviceKind.COLLECTION is advice.kind
    assert Payer(name="HARBOUR SUPPLY", account="123456789") == advice.payer
    assert ReceiptMethod.DIRECT_DEBIT is advice.method


def test_a_return_names_its_reason_and_the_original_trace(read, file, batch, entry, returned):
    """Addenda 99 makes a return, with the code of the scheme and the trace of what comes back."""
    records = (entry(80_00, code="26"), returned("R02", text="MOVED AWAY"))
    advice = _only(read, file(batch(*records, sec="PPD")))

    assert (AdviceKind.RETURN, 80_00) == (advice.kind, advice.amount_minor)
    assert ("R02", "MOVED AWAY") == (advice.returned.code, advice.returned.text)
    assert ("original-trace", "123456780000042") == advice.references[0]
    assert ReturnReason.ACCOUNT_CLOSED is return_reason(advice.return_scheme, advice.returned.code)


def test_a_returned_credit_was_a_payment_of_ours(read, file, batch, entry, returned):
    """A credit that comes back is negative: it was no money towards us."""
    collected = read(file(batch(entry(80_00, code="21"), returned("R03"))))

    assert -80_00 == collected.rows[0].amount_minor
    assert (0, 80_00, 0) == (
        collected.rows[1].credits_minor,
        collected.rows[1].debits_minor,
        collected.rows[1].difference_minor,
    )


def test_a_return_without_addenda_is_warned_about(read, file, batch, entry):
    """A code of a return without its addenda says nothing of the reason."""
    collected = read(file(batch(entry(80_00, code="26"))))

    assert ["nacha.reason-missing"] == [one.code for one in collected.report.problems]
    assert AdviceKind.RETURN is collected.rows[0].kind
    assert collected.report.complete


def test_a_contested_return_has_the_traces_before(read, file, batch, entry, returned):
    """Dishonored and contested returns name the steps before in the place of the text."""
    earlier = "164" + "779999990000301" + "165" + "01" + "889999990000302" + "166" + "67"
    records = (entry(80_00, code="26"), returned("R73", text=earlier))
    references = dict(_only(read, file(batch(*records))).references)

    assert "779999990000301" == references["return-trace"]
    assert ("01", "889999990000302", "67") == (
        references["return-code"],
        references["dishonored-trace"],
        references["dishonored-code"],
    )


@pytest.mark.parametrize(
    ("code", "data", "expected"),
    [
        ("C01", "998877", {"corrected-account": "998877"}),
        ("C02", "031300012", {"corrected-routing": "031300012"}),
        (
            "C03",
            "031300012 998877",
            {"corrected-routing": "031300012", "corrected-account": "998877"},
        ),
        ("C04", "HARBOR SUPPLY", {"corrected-name": "HARBOR SUPPLY"}),
        ("C05", "37", {"corrected-transaction-code": "37"}),
        ("C06", "998877 37", {"corrected-account": "998877", "corrected-transaction-code": "37"}),
        (
            "C07",
            "031300012998877       37",
            {
                "corrected-routing": "031300012",
                "corrected-account": "998877",
                "corrected-transaction-code": "37",
            },
        ),
        ("C14", "PPD", {}),
    ],
)
def test_a_change_says_what_is_right(read, file, batch, entry, returned, code, data, expected):
    """Addenda 98 is a change, and its corrected data are named where the code says which they are."""
    records = (entry(0, code="21"), returned(code, type_="98", text=data))
    advice = _only(read, file(batch(*records, sec="COR")))
    found = {name: value for name, value in advice.references if name.startswith("corrected")}

    assert AdviceKind.CHANGE is advice.kind
    assert (code, data) == (advice.returned.code, advice.returned.text)
    assert expected == found


def test_addenda_are_joined_as_they_were_cut(read, file, batch, entry, addenda):
    """A text over several addenda was cut every 80 characters: nothing is trimmed between them."""
    first, second = "PAYMENT OF INVOICES".ljust(77) + "INV", "OICE 2002 AND 2003"
    records = (entry(10_00), addenda(first), addenda(second, number=2))

    assert (first + second,) == _only(read, file(batch(*records))).remittance.text


def test_an_820_in_the_addenda_is_read(read, file, batch, entry, addenda):
    """Segments of X12, cut anywhere, become the documents that are paid."""
    said = (
        r"ST*820*0001\BPR*C*4512.65*C*ACH*CTX\TRN*1*T-77\N1*PR*NORTHWIND FOODS LTD\ENT*1"
        r"\RMR*IV*26801*PI*4408.75*4650.41*97.9\DTM*003*20260904\ADX*-143.76*59*CM*26801"
        r"\RMR*IV*26927*PI*103.90\SE*9*0001" + "\\"
    )
    cut = [said[start : start + 80] for start in range(0, len(said), 80)]
    addendas = [addenda(piece, number=number) for number, piece in enumerate(cut, start=1)]
    advice = _only(read, file(batch(entry(4512_65), *addendas, sec="CTX")))
    first, second = advice.remittance.documents

    assert ("26801", 4408_75, 4650_41, 97_90, 143_76, "59", dt.date(2026, 9, 4)) == (
        first.number,
        first.amount_minor,
        first.gross_minor,
        first.discount_minor,
        first.adjustment_minor,
        first.adjustment_reason,
        first.date,
    )
    assert ("26927", 103_90) == (second.number, second.amount_minor)
    assert ("TRN", "T-77") in advice.references
    assert Payer(name="NORTHWIND FOODS", ultimate_name="NORTHWIND FOODS LTD") == advice.payer
    assert () == advice.remittance.text


def test_open_items_that_are_not_the_entry_are_warned_about(read, file, batch, entry, addenda):
    """The amount of the entry is the money: a remittance of another sum is a warning."""
    collected = read(file(batch(entry(10_00), addenda("RMR*IV*2001*PI*9.50\\"))))

    assert ["entry.details-differ"] == [one.code for one in collected.report.problems]
    assert collected.report.complete


@pytest.mark.parametrize(
    ("sec", "code", "method"),
    [
        ("ARC", "27", ReceiptMethod.CHEQUE),
        ("POS", "27", ReceiptMethod.CARD),
        ("WEB", "27", ReceiptMethod.DIRECT_DEBIT),
        ("PPD", "22", ReceiptMethod.CREDIT_TRANSFER),
    ],
)
def test_the_class_says_how_it_was_paid(read, file, batch, entry, sec, code, method):
    """Cheques that became debits, cards and transfers are told apart by the entry class."""
    assert method is _only(read, file(batch(entry(5_00, code=code), sec=sec))).method


def test_a_converted_cheque_has_its_number(read, file, batch, entry):
    """The reference of such a debit is the number of the cheque."""
    advice = _only(read, file(batch(entry(5_00, code="27", id_="100234"), sec="BOC")))

    assert ("cheque", "100234") == advice.references[0]


@pytest.mark.parametrize(("code", "kind"), [("23", "remittance"), ("28", "collection")])
def test_a_prenote_moves_nothing(read, file, batch, entry, code, kind):
    """A prenote is read with an amount of zero, and its code says what it is."""
    advice = _only(read, file(batch(entry(0, code=code))))

    assert (kind, 0) == (advice.kind.value, advice.amount_minor)
    assert ("transaction-code", code) in advice.references


def test_the_names_of_an_international_entry_stand_in_addenda(read, file, batch):
    """IAT has the receiver in addenda 10, the originator in 11 and the text in 17."""
    entry = (
        "622" + "231380104" + "0007" + " " * 13 + f"{10_00:010}" + f"{'DE89370400440532013000':35}"
    )
    records = (
        entry + " " * 4 + "1" + "031300010000001",
        "710BUS" + "0" * 18 + f"{'F-TRACE-9':22}" + f"{'MIRABELLE SAS':35}" + " " * 6 + "0000001",
        "711" + f"{'MULLER GMBH':35}" + f"{'HAUPTSTRASSE 1':35}" + " " * 14 + "0000001",
        "717" + f"{'INVOICE 2001':80}" + "00010000001",
    )
    advice = _only(read, file(batch(*records, sec="IAT", company="")))

    assert ("MULLER GMBH", "DE89370400440532013000") == (advice.payer.name, advice.account)
    assert ("INVOICE 2001",) == advice.remittance.text
    assert ("foreign-trace", "F-TRACE-9") in advice.references


def test_accounting_entries_are_read_in_their_own_layout(read):
    """ADV has amounts of twelve figures and totals of twenty, and says what an operator settles."""
    header = (
        f"5280{'RIVER BANK':16}{'':20}1234567890ADV{'SETTLEMENT':10}{'':6}261031   003130001{1:07}"
    )
    entries = [
        f"6{code}{'231380104'}{'44-5678-99':15}{cents:012}{'12104288':9}{'00001':5} "
        f"{'RIVER BANK':22}  0011000010500{number:03}"[:94]
        for number, (code, cents) in enumerate([("81", 500_00), ("82", 25_00)], start=1)
    ]
    totals = f"{25_00:020}{500_00:020}"
    control = f"8280{2:06}{2 * 23138010:010}{totals}{'RIVER BANK':19}03130001{1:07}"
    end = f"9{1:06}{1:06}{2:08}{2 * 23138010:010}{totals}{'':23}"
    content = "\n".join([header, *entries, control, end]).encode()
    collected = read(content)

    assert () == collected.report.errors
    assert [500_00, -25_00] == [one.amount_minor for one in collected.rows[:2]]
    assert {AdviceKind.DEPOSIT} == {one.kind for one in collected.rows[:2]}


@pytest.mark.parametrize(
    ("sec", "code", "kind"), [("ACK", "24", AdviceKind.STATUS), ("DNE", "21", AdviceKind.CHANGE)]
)
def test_notices_move_nothing(read, file, batch, entry, addenda, sec, code, kind):
    """Acknowledgments and notices of death are no payments, whatever their code."""
    advice = _only(read, file(batch(entry(0, code=code), addenda("AS AGREED"), sec=sec)))

    assert kind is advice.kind
    assert ("AS AGREED",) == advice.remittance.text
