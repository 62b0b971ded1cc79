"""What a movement says comes to its place in the entry."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.money import money
from receivables.receipts.model import ReceiptMethod, ReturnInfo


def test_transfer(whole, read):
    """Amount, days, code, references, payer, line and raw records of a received transfer."""
    found = read(whole).rows[0]
    detail = found.details[0]

    assert (found.account, found.statement) == ("BE68539007547034", "2026-10-30/217")
    assert (found.amount_minor, found.currency) == (100_00, "EUR")
    assert found.booking_date == found.value_date == dt.date(2026, 10, 31)
    assert (found.bank_reference, found.bank_code) == ("REF-A-0001", "00150000")
    assert found.method is ReceiptMethod.CREDIT_TRANSFER
    assert detail.remittance.references == ("090933755493",)
    assert detail.remittance.end_to_end == "E2E-17"
    assert detail.payer.name == "CLIENT UN SPRL ET FILS, NEGOCIANTS EN VINS"
    assert detail.payer.account == "BE43068999999501"
    assert str(found.source) == "october.cod:3"
    assert found.raw.split("\n") == whole.decode().split("\r\n")[2:7]


def test_statement(whole, read, statements):
    """The statement has its number, its day of creation and both balances, and adds up."""
    (found,) = statements(read(whole))

    assert (found.sequence, found.created_at, found.is_copy) == (217, "2026-10-31", False)
    assert [(one.type, one.amount_minor, one.date) for one in found.balances] == [
        ("OPBD", 1000_00, dt.date(2026, 10, 30)),
        ("CLBD", 1357_50, dt.date(2026, 10, 31)),
    ]
    assert (found.entries, found.credits_minor, found.debits_minor) == (4, 400_00, 42_50)
    assert found.difference_minor == 0


def test_batch_is_counted_once(whole, read):
    """A globalized movement is one entry, and its details are its transactions."""
    found = read(whole).rows[1]

    assert found.amount_minor == 300_00
    assert [one.amount_minor for one in found.details] == [180_00, 120_00]
    assert [one.payer.name for one in found.details] == ["CLIENT DEUX", "CLIENT TROIS"]
    assert [one.remittance.text for one in found.details] == [("A1",), ("A2",)]
    assert [one.references for one in found.details] == [
        (("AcctSvcrRef", "REF-B1"),),
        (("AcctSvcrRef", "REF-B2"),),
    ]


def test_returned_direct_debit(whole, read):
    """An unpaid direct debit says so, with its mandate and its text."""
    found = read(whole).rows[2]
    detail = found.details[0]

    assert (found.amount_minor, found.method) == (-40_00, ReceiptMethod.DIRECT_DEBIT)
    assert found.is_return
    assert detail.returned == ReturnInfo(text="unpaid direct debit")
    assert ("MndtId", "MANDAT-7") in detail.references


@pytest.mark.parametrize(("sign", "minor"), [("0", 100_00), ("1", -100_00)])
def test_signs(sign, minor, one, movement):
    """0 is a credit, 1 a debit."""
    assert minor == one(movement(sign=sign)).amount_minor


def test_days(one, movement):
    """Entry date and value date are day, month, year; a value date of zeros is not known yet."""
    found = one(movement(day="020326", value="010226"))
    unknown = one(movement(value="000000"))

    assert (found.booking_date, found.value_date) == (dt.date(2026, 3, 2), dt.date(2026, 2, 1))
    assert unknown.value_date is None


def test_free_text_runs_on(one, movement, second, third):
    """The places of the three records are one text; a word may be cut at the end of each."""
    text = (
        f"{'FACTURE 2026-117 ET SUIVANTES, MOINS AVOIR DU 3 OCTOB':<53}{'RE, AVEC MERCI':<53}2026"
    )
    found = one(
        movement(said=f"0{text[:53]}", more="1"),
        second(text[53:106], more="1"),
        third(said=text[106:]),
    )

    assert found.details[0].remittance.text == (
        "FACTURE 2026-117 ET SUIVANTES, MOINS AVOIR DU 3 OCTOBRE, AVEC MERCI 2026",
    )


REFERENCES = {
    "101090933755493": ("090933755493",),
    "102090933755493": ("090933755493",),
    "100RF18539007547034": ("RF18539007547034",),
    "101000000000000": (),
    "101            ": (),
}


@pytest.mark.parametrize("said", REFERENCES)
def test_structured_references(said, one, movement):
    """Belgian communications and references of ISO 11649 are references, as they came."""
    remittance = one(movement(said=f"1{said}")).details[0].remittance

    assert REFERENCES[said] == remittance.references
    assert remittance.text == ()


def test_other_structures(one, movement, second):
    """A number is kept by its name, a terminal by its place; what is not known is text."""
    number = one(movement(said="1103CHQ 0042")).details[0]
    card = f"114{'3':<27}{'VINS DE LA':<16}{'GENT':<10}"
    terminal = one(movement(said=f"1{card[:53]}", more="1"), second(card[53:])).details[0]
    unknown = one(movement(said="1999SOMETHING NEW")).details[0]
    figures = one(movement(said=f"1106{'0' * 40}")).details[0]

    assert number.references == (("number", "CHQ 0042"),)
    assert terminal.remittance.text == ("VINS DE LA GENT",)
    assert unknown.remittance.text == ("SOMETHING NEW",)
    assert figures.remittance.is_empty


def _debit(second, third, movement, *, refusal="0", r=" ", reason="    ", code="00550000"):
    said = (
        f"127311026110{'BE00ZZZ0000001':<35}{'MANDAT-7':<35}{'FACTURE 9':<62}{r}{reason}"
    ).replace("110BE", f"11{refusal}BE", 1)
    return (
        movement(said=f"1{said[:53]}", code=code, more="1"),
        second(said[53:106], more="1"),
        third(said=said[106:]),
    )


@pytest.mark.parametrize(
    ("words", "returned"),
    [
        ({}, None),
        ({"refusal": "3"}, ReturnInfo(text="debtor disagrees")),
        ({"r": "2", "reason": "AM04"}, ReturnInfo(code="AM04", text="return")),
        (
            {"refusal": "4", "r": "1", "reason": "AC04"},
            ReturnInfo(code="AC04", text="reject, problem with the debtor's account"),
        ),
        (
            {"code": "00503000", "reason": "MD06"},
            ReturnInfo(code="MD06", text="unpaid direct debit"),
        ),
    ],
)
def test_sepa_direct_debit(words, returned, one, movement, second, third):
    """Communication 127 has creditor, mandate and text, and says why a debit was not paid."""
    detail = one(*_debit(second, third, movement, **words)).details[0]

    assert returned == detail.returned
    assert detail.references == (("CdtrSchmeId", "BE00ZZZ0000001"), ("MndtId", "MANDAT-7"))
    assert detail.remittance.text == ("FACTURE 9",)


@pytest.mark.parametrize(
    ("r", "reason", "code"), [("2", "MS03", "MS03"), ("4", "3246", None), ("", "", None)]
)
def test_reason_of_record_22(r, reason, code, one, movement, second):
    """A reason is taken where it looks like one: banks had other things in its place."""
    found = one(movement(more="1"), second(r=r, reason=reason)).details[0].returned

    assert code == (None if found is None else found.code)


def test_old_direct_debit(one, movement, second):
    """Communication 107, of before SEPA, has the number of the mandate, a text and a refusal."""
    said = f"107{'740316202802':<12}031106{'FACTURE 7':<30}D{'00123456789':<11}"
    detail = one(movement(said=f"1{said[:53]}", more="1"), second(said[53:])).details[0]

    assert detail.references == (("MndtId", "740316202802"),)
    assert detail.returned == ReturnInfo(text="payer disagrees")
    assert detail.remittance.text == ("FACTURE 7",)


def test_charges_are_inside_the_amount(one, movement, second):
    """Details of type 8 part one amount: the charges are told, and added to nothing."""
    said = f"105{100_00 * 10:015}{120_00 * 10:015}{'000083333300'}USD{'000000000000'}BE{0:015}"
    found = one(
        movement(98_00, "0", code="34150000", level="1"),
        movement(100_00, f"1{said[:53]}", place="00010001", code="84150100", more="1"),
        second(said[53:], place="00010001"),
        movement(2_00, "0", place="00010002", sign="1", code="84137013", level="1"),
    )
    (detail,) = found.details

    assert (found.amount_minor, detail.amount_minor, detail.charges_minor) == (98_00, 98_00, 2_00)
    assert detail.instructed == money("120.00", "USD")


def test_costs_have_no_charges(one, movement):
    """A movement that is a cost is no amount less charges."""
    found = one(
        movement(9_68, sign="1", code="33537000", level="1"),
        movement(8_00, place="00010001", sign="1", code="83537100"),
        movement(1_68, place="00010002", sign="1", code="83537011", level="1"),
    )

    assert [one.charges_minor for one in found.details] == [0]


def test_details_of_a_detail_part_it(one, movement):
    """Details of type 9 belong to the one of type 7 before them."""
    found = one(
        movement(98_00, code="20150000", level="1"),
        movement(98_00, place="00010001", code="70150000", level="2"),
        movement(100_00, place="00010002", code="90150100"),
        movement(2_00, place="00010003", sign="1", code="90137013", level="2"),
        movement(0, place="00010004", code="60150000", level="1"),
    )

    assert [(one.amount_minor, one.charges_minor) for one in found.details] == [
        (98_00, 2_00),
        (0, 0),
    ]


def test_details_that_do_not_add_up(movement, statement, read):
    """Details that differ from their movement are a warning, and the movement counts."""
    collected = read(
        statement(
            movement(100_00, code="20150000", level="1"),
            movement(60_00, place="00010001", code="60150000", level="1"),
        )
    )

    assert [one.code for one in collected.report.problems] == ["entry.details-differ"]
    assert collected.rows[0].amount_minor == 100_00


def test_information_records(one, movement, third, notice, notice_second):
    """The bank's own words are the text of the entry; those for whom it was paid are named."""
    found = one(
        movement(more="1"),
        third(link="1"),
        notice("1009FILIALE DEUX", link="1"),
        notice(
            "0PAYE PAR CARTE, BON DE COMMANDE NUMERO 4711 DU MOIS D'OCTOBRE 2026 SUIVANT A",
            link="1",
        ),
        notice("0CCORD", link="1"),
        notice("1002VOIR ANNEXE", more="1"),
        notice_second(" SEPAREE"),
    )

    assert found.details[0].payer.ultimate_name == "FILIALE DEUX"
    assert found.text.startswith("PAYE PAR CARTE, BON DE COMMANDE NUMERO 4711 DU MOIS")
    assert found.text.endswith("CCORD VOIR ANNEXE SEPAREE")


ACCOUNTS = {
    "BE43068999999501                  EUR": "BE43068999999501",
    "539007547034 EUR0BE": "BE68539007547034",
    "539007547035": "539007547035",
    "000000000000": "",
    "NL02ABNA0123456789                EUR": "NL02ABNA0123456789",
    "NO 1160 0604": "NO11600604",
    "": "",
}


@pytest.mark.parametrize("written", ACCOUNTS)
def test_accounts_of_payers(written, one, movement, third):
    """A Belgian account number becomes its IBAN where its check digits hold."""
    found = one(movement(more="1"), third(account=written))

    assert ACCOUNTS[written] == found.details[0].payer.account


METHODS = {
    "00150000": ReceiptMethod.CREDIT_TRANSFER,
    "00250000": ReceiptMethod.CREDIT_TRANSFER,
    "00352000": ReceiptMethod.CHEQUE,
    "00350000": ReceiptMethod.CARD,
    "00450000": ReceiptMethod.CARD,
    "10550000": ReceiptMethod.DIRECT_DEBIT,
    "00750000": ReceiptMethod.BILL_OF_EXCHANGE,
    "00950000": ReceiptMethod.CASH,
    "00152000": ReceiptMethod.UNSAID,
    "00137000": ReceiptMethod.UNSAID,
    "08002000": ReceiptMethod.UNSAID,
}


@pytest.mark.parametrize("code", METHODS)
def test_methods(code, one, movement):
    """Family and transaction say how money came."""
    assert METHODS[code] is one(movement(code=code)).method


@pytest.mark.parametrize(
    "code", ["00154000", "00307000", "00503000", "00505000", "00707000", "04307000"]
)
def test_returns_by_their_code(code, one, movement):
    """What is unpaid or comes back is a return, and says so in words."""
    found = one(movement(said="0", code=code, sign="1"))

    assert found.is_return
    assert found.details[0].returned.text


@pytest.mark.parametrize(("code", "is_reversal"), [("00089000", True), ("00199000", False)])
def test_cancellations(code, is_reversal, one, movement):
    """A cancellation is a reversal; a "cancellation or correction" is not known to be one."""
    assert is_reversal is one(movement(code=code)).is_reversal


@pytest.mark.parametrize("client", ["NOTPROVIDED", "NOT PROVIDED", ""])
def test_placeholders_are_no_references(client, one, movement, second):
    """NOTPROVIDED is a word of the scheme, not of the payer."""
    found = one(movement(more="1"), second(client=client))

    assert found.details[0].remittance.end_to_end == ""


def test_first_version(one, head, old, movement, third):
    """In version 1 accounts are Belgian numbers, and the third record has an address."""
    found = one(
        movement(more="1"),
        third(account="539007547034", name=f"{'CLIENT UN':<26}{'RUE HAUTE 1'}"[:35]),
        head=head(version="1"),
        old=old(account="539007547034 EUR", structure=" "),
    )

    assert found.account == found.details[0].payer.account == "BE68539007547034"
    assert found.details[0].payer.name == "CLIENT UN"


def test_separate_application_books_nothing_twice(movement, head, statement, read, statements):
    """Details in a separate application are read; the account's own statement books them."""
    content = statement(
        movement(60_00, code="60150000"),
        movement(40_00, code="60150000", place="00020000"),
        head=head(application="00012"),
    )
    collected = read(content)
    (found,) = statements(collected)

    assert collected.report.problems == ()
    assert [row.is_booked for row in collected.rows[:2]] == [False, False]
    assert found.statement == "2026-10-30/217/00012"
    assert (found.entries, found.booked_entries, found.difference_minor) == (2, 0, None)
    assert {one.type for one in found.balances} == {"INFO"}


def test_separate_application_may_book(movement, head, statement, read, statements):
    """A movement of its own in a separate application is booked, and proved."""
    (found,) = statements(read(statement(movement(), head=head(application="00001"))))

    assert (found.booked_entries, found.difference_minor) == (1, 0)


def test_copies_are_marked(movement, head, statement, read, statements):
    """A D in the record of the file marks a duplicate."""
    assert statements(read(statement(movement(), head=head(mark="D"))))[0].is_copy


def test_sequence_is_the_files_own_or_the_papers(old, movement, statement, read, statements):
    """The number of the file counts; where it is zero, that of the paper statement does."""
    paper = f"{old()[:2]}031{old()[5:125]}000"

    assert statements(read(statement(movement(), old=paper)))[0].sequence == 31


def test_empty_statement_keeps_its_balance(old, statement, read, statements):
    """A statement without movements may have no new balance: it is the old one."""
    collected = read(statement(new="", credits=0))
    (found,) = statements(collected)

    assert collected.report.problems == ()
    assert found.opening_minor == found.closing_minor == 1000_00


def test_several_statements(whole, movement, statement, read, statements):
    """Each statement of a file has its entries, and the next one may be announced."""
    second = whole.replace(b"BE68539007547034", b"BE43068999999501")
    collected = read(statement(movement(), more="1") + second)

    assert [len(collected.rows), len(statements(collected))] == [7, 2]
    assert collected.report.problems == ()


def test_free_communications_are_no_movements(movement, statement, read):
    """A record 4 is to all customers, and counts nowhere."""
    free = f"4 00010000{'':<22}{'BONNE ANNEE':<80}{'':<15}0"

    assert read(statement(movement(), free)).report.problems == ()


FORMS = {
    "line feeds": lambda content: content.replace(b"\r\n", b"\n"),
    "carriage returns": lambda content: content.replace(b"\r\n", b"\r"),
    "no line ends": lambda content: content.replace(b"\r\n", b""),
    "blank lines": lambda content: content.replace(b"\r\n", b"\r\n\r\n"),
    "a mark of its encoding": lambda content: b"\xef\xbb\xbf" + content,
    "an end-of-file character": lambda content: content + b"\x1a",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records(form, whole, read):
    """Line ends and marks change nothing."""
    collected = read(FORMS[form](whole))

    assert collected.report.problems == ()
    assert read(whole).rows == collected.rows


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "cp850"])
def test_encodings(encoding, movement, statement, read):
    """Windows-1252 and UTF-8 are told apart; any other is declared."""
    content = statement(movement(said="0RÉGLÉ")).decode("cp1252").encode(encoding)
    found = read(content, encoding=encoding if encoding == "cp850" else "").rows[0]

    assert found.details[0].remittance.text == ("RÉGLÉ",)
