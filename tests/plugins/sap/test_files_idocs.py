"""IDocs of billing and accounting documents, as XML and as flat files."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, Document, Invoice
from receivables.errors import PolicyError
from receivables.money import money
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances
from receivables_plugins.sap.idocs import IdocSource
from receivables_plugins.sap.idocs_flat import LAYOUTS
from receivables_plugins.sap.idocs_settings import SapIdocSettings

BILLING = (
    ("E1EDK01", {"CURCY": "EUR", "ZTERM": "0001", "BSART": "INVO", "BELNR": "0090000007"}),
    ("E1EDK02", {"QUALF": "009", "BELNR": "0090000007", "DATUM": "20260131"}),
    ("E1EDK02", {"QUALF": "001", "BELNR": "PO-4711"}),
    ("E1EDK03", {"IDDAT": "026", "DATUM": "20260131"}),
    ("E1EDKA1", {"PARVW": "AG", "PARTN": "0000000099", "NAME1": "Sold To"}),
    (
        "E1EDKA1",
        {
            "PARVW": "RG",
            "PARTN": "0000000042",
            "NAME1": "Brasserie",
            "ORT01": "Nantes",
            "LAND1": "FR",
        },
    ),
    ("E1EDK18", {"QUALF": "001", "TAGE": "14", "PRZNT": "2.000"}),
    ("E1EDK18", {"QUALF": "003", "TAGE": "30"}),
    ("E1EDP01", {"POSEX": "000010", "NETWR": "100.00"}),
    ("E1EDS01", {"SUMID": "005", "SUMME": " 20.00"}),
    ("E1EDS01", {"SUMID": "010", "SUMME": "100.00"}),
    ("E1EDS01", {"SUMID": "011", "SUMME": "120.00"}),
)


def _xml(*idocs, kind="INVOIC", root="INVOIC02"):
    made = ""
    for segments in idocs:
        inner = "".join(
            f"<{name} SEGMENT='1'>{''.join(f'<{key}>{value}</{key}>' for key, value in fields.items())}</{name}>"
            for name, fields in segments
        )
        made += f"<IDOC BEGIN='1'><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>{kind}</MESTYP></EDI_DC40>{inner}</IDOC>"
    return f"<?xml version='1.0'?><{root}>{made}</{root}>".encode()


def _flat(*idocs, version="005"):
    """The same in records of fixed width, named as a release names them."""
    lines = []
    for segments in idocs:
        control = {
            "TABNAM": "EDI_DC40",
            "MANDT": "100",
            "DOCNUM": "1",
            "IDOCTYP": "INVOIC02",
            "MESTYP": "INVOIC",
        }
        lines.append(_fields("EDI_DC40", control).ljust(524))
        for number, (name, fields) in enumerate(segments, start=1):
            head = f"E2{name[2:]}{version}".ljust(30) + f"100{1:016}{number:06}{0:06}01"
            lines.append((head + _fields(name, fields)).ljust(1063))
    return "\r\n".join(lines).encode()


def _fields(name, fields):
    return "".join(fields.get(field, "").ljust(width)[:width] for field, width in LAYOUTS[name])


def _without(*dropped, **changed):
    """The billing document without some sums, or with other fields in some segments."""
    found = [one for one in BILLING if one[1].get("SUMID") not in dropped and one[0] not in dropped]
    return [(name, fields | changed.get(name, {})) for name, fields in found]


def _read(content, **said):
    source = IdocSource(SapIdocSettings(**{"creditor": "MIRA", **said}))
    return source.read(io.BytesIO(content), name="a.idoc").collect()


def _of(read, kind):
    return [row for row in read.rows if isinstance(row, kind)]


def _codes(read):
    return [problem.code for problem in read.report.problems]


@pytest.mark.parametrize("made", [_xml, _flat])
def test_billing_document_is_an_invoice_of_its_payer(made):
    """Number, payer, net days and amount billed come out of either form."""
    read = _read(made(BILLING))
    [customer], [invoice] = _of(read, Customer), _of(read, Invoice)

    assert read.report.problems == ()
    assert (customer.customer, customer.address.city) == ("0000000042", "Nantes")
    assert (invoice.number, invoice.total) == ("0090000007", money("120.00", "EUR"))
    assert (invoice.document_date, invoice.due_date) == (dt.date(2026, 1, 31), dt.date(2026, 3, 2))
    assert invoice.references == ("PO-4711",)


def test_two_forms_give_equal_records():
    """What a record says does not depend on how it came."""
    assert _read(_xml(BILLING)).rows == _read(_flat(BILLING)).rows


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param(BILLING, id="net, tax and billed"),
        pytest.param(_without("010", "005"), id="the amount billed alone"),
        pytest.param(_without("011"), id="the net sum, which the items prove"),
        pytest.param(
            [*_without("010", "011"), ("E1EDS01", {"SUMID": "010", "SUMME": "120.00"}),
             ("E1EDS01", {"SUMID": "011", "SUMME": "100.00"})], id="the two the other way round",
        ),
        pytest.param([*_without("011", "005"), ("E1EDK04", {"MWSBT": "20.00"})], id="tax by code"),
    ],
)  # fmt: skip
def test_amount_billed_is_the_net_sum_and_the_tax(segments):
    """Whichever of the sums it is, it is proved."""
    assert balances(_read(_xml(segments)).rows) == {"EUR": 120_00}


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (_without("005"), "sap.idoc-total"),
        (_without("011", "005"), "sap.idoc-total"),
        (_without(E1EDK01={"BSART": "ZZZZ"}), "document.type-unknown"),
        (_without(E1EDK01={"CURCY": "XQX"}), "currency.unknown"),
        (_without("E1EDKA1"), "customer.missing"),
        (_without(E1EDS01={"SUMME": "12,00"}), "amount.invalid"),
        (_without("010", "005", E1EDS01={"SUMME": "120.00-"}), "amount.sign"),
        (_without("E1EDK02", "E1EDK03"), "date.missing"),
        (_without(E1EDK03={"DATUM": "20260230"}), "date.invalid"),
    ],
)
def test_what_is_not_proved_is_refused(segments, code):
    """An error each, and nothing is guessed."""
    read = _read(_xml(segments))

    assert _codes(read) == [code]
    assert _of(read, Document) == []


def test_declared_sum_is_taken():
    """Where nothing proves it, the settings say which sum is billed."""
    assert balances(_read(_xml(_without("005")), billed="011").rows) == {"EUR": 120_00}


@pytest.mark.parametrize("amount", ["120.00", "120.00-", " 120.00-"])
def test_credit_memo_lowers_the_balance(amount):
    """With or without its trailing minus."""
    credit = [
        *_without("010", "011", "005", E1EDK01={"BSART": "CRME"}),
        ("E1EDS01", {"SUMID": "011", "SUMME": amount}),
    ]

    assert [row.total for row in _of(_read(_xml(credit)), CreditNote)] == [money("120.00", "EUR")]


def test_document_that_came_twice_counts_once():
    """Sent again it is a warning, with another amount an error."""
    other = [*_without("011", "010"), ("E1EDS01", {"SUMID": "011", "SUMME": "99.00"})]

    again, changed = _read(_xml(BILLING, BILLING)), _read(_xml(BILLING, other))

    assert (again.report.complete, changed.report.complete) == (True, False)
    assert len(_of(again, Invoice)) == len(_of(changed, Invoice)) == 1


HEAD = {
    "BUKRS": "1000",
    "BELNR": "0100000001",
    "GJAHR": "2022",
    "BLART": "RV",
    "BLDAT": "20221230",
    "BUDAT": "20221230",
    "WAERS": "EUR",
}
LINE = {
    "BUZEI": "001",
    "AUGDT": "00000000",
    "BSCHL": "01",
    "KOART": "D",
    "SHKZG": "S",
    "WRBTR": " 50.80",
}
PARTY = {"KUNNR": "0000000042", "ZFBDT": "20221230", "ZBD1T": "17"}


def _accounting(*lines):
    """Accounting documents of one customer line each, and a line of the general ledger."""
    made = ""
    for head, line, party in lines:

        def text(fields):
            return "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())

        ledger = "<E1FISEG><BUZEI>002</BUZEI><KOART>S</KOART><SHKZG>H</SHKZG><WRBTR> 50.80</WRBTR></E1FISEG>"
        made += f"<IDOC><E1FIKPF>{text(head)}<E1FISEG>{text(line)}<E1FINBU>{text(party)}</E1FINBU></E1FISEG>{ledger}</E1FIKPF></IDOC>"
    return f"<FIDCCP02>{made}</FIDCCP02>".encode()


def test_customer_line_of_an_accounting_document_is_an_item():
    """The vector of the reference, with its leading blank and its days that are none."""
    [invoice] = _of(_read(_accounting((HEAD, LINE, PARTY))), Invoice)

    assert (invoice.number, invoice.total) == ("0100000001-2022-001", money("50.80", "EUR"))
    assert invoice.due_date == dt.date(2023, 1, 16)


def test_cleared_lines_are_settled_by_their_clearing_document():
    """The invoice and its payment, cleared by the payment."""
    cleared = {"AUGDT": "20230120", "AUGBL": "0001001550"}
    payment = HEAD | {"BELNR": "0001001550", "BLART": "DZ", "BUDAT": "20230120"}
    read = _read(
        _accounting(
            (HEAD, LINE | cleared, PARTY),
            (payment, LINE | cleared | {"SHKZG": "H", "BSCHL": "15"}, PARTY),
        )
    )

    assert len(_of(read, Receipt)) == 1
    assert _of(read, SourceAllocation)[0].settled_on == dt.date(2023, 1, 20)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"BSCHL": "01", "WRBTR": "3500"}, 3_500_00),
        ({"BSCHL": "11", "WRBTR": "3500"}, -3_500_00),
        ({"BSCHL": "01", "WRBTR": "3500-"}, -3_500_00),
        ({"BSCHL": "40", "WRBTR": "3500"}, None),
    ],
)
def test_side_is_said_by_the_minus_or_the_posting_key(line, expected):
    """Where no segment has a debit/credit code; a key of the general ledger is no customer's."""
    read = _read(_accounting((HEAD, {"BUZEI": "001", **line}, PARTY)))

    assert balances(read.rows).get("EUR") == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (_xml(BILLING, kind="ORDERS"), "sap.idoc-type"),
        (_flat(BILLING).split(b"\r\n", 1)[1], "file.format"),
        (_flat(BILLING)[:570], "row.length"),
        (b"<INVOIC02></INVOIC02>", "file.empty"),
        (_xml(BILLING)[:-20], "file.truncated"),
        (b"<!DOCTYPE a><INVOIC02/>", "xml.forbidden"),
    ],
)
def test_files_that_are_no_idocs_of_ours_are_refused(content, code):
    """Another message, or a file that is not whole, is an error."""
    read = _read(content)

    assert code in _codes(read)
    assert not read.report.complete


def test_test_idoc_is_left_out():
    """A document sent for a test is none."""
    read = _read(_xml(BILLING).replace(b"<DOCNUM>", b"<TEST>X</TEST><DOCNUM>"))

    assert (_codes(read), _of(read, Document)) == (["sap.idoc-test"], [])


@pytest.mark.parametrize("given", [{"billed": "012"}, {"types": {"X": "refund"}}])
def test_impossible_settings_are_refused(given):
    """The message names what is possible."""
    with pytest.raises(PolicyError):
        SapIdocSettings(**given)


def test_billing_document_of_an_emulator(shared):
    """Its net sum and its amount billed are the other way round, and the tax proves which is which."""
    content = (shared / "mock_sap" / "invoic02.xml").read_bytes()
    read = _read(content)
    [invoice] = _of(read, Invoice)

    assert IdocSource(SapIdocSettings()).recognizes(content[:4096], name="x")
    assert (invoice.number, invoice.customer) == ("0090000007", "1000006")
    assert invoice.total == money("29496.20", "EUR")
    assert read.report.complete


@pytest.mark.parametrize(("side", "amount", "minor"), [("H", "35.00-", -35_00), ("S", "35.00-", 0)])
def test_minus_beside_a_side_agrees_with_it_or_is_refused(side, amount, minor):
    """A credit may say so twice; a debit with a minus is read by nobody."""
    fields = {
        "BUZEI": "001",
        "KOART": "D",
        "KUNNR": "0000000042",
        "BSCHL": "15" if side == "H" else "01",
        "SHKZG": side,
        "WRBTR": amount,
    }
    head = {"BUKRS": "1000", "BELNR": "1", "GJAHR": "2026", "BLART": "DZ", "WAERS": "EUR"}
    head |= {"BUDAT": "20260131", "BLDAT": "20260131"}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    outer = "".join(f"<{name}>{value}</{name}>" for name, value in head.items())
    text = (
        "<?xml version='1.0'?><FIDCCP02><IDOC><EDI_DC40><MESTYP>FIDCC2</MESTYP></EDI_DC40>"
        f"<E1FIKPF>{outer}<E1FISEG>{inner}</E1FISEG></E1FIKPF></IDOC></FIDCCP02>"
    )
    source = IdocSource(SapIdocSettings(creditor="MIRA"))
    read = source.read(io.BytesIO(text.encode()), name="idoc.xml").collect()

    assert balances(read.rows).get("EUR", 0) == minor
    assert read.report.complete is bool(minor)
