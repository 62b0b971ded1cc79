"""What a movement says comes to its place in the entry."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.money import money
from receivables.receipts.model import ReceiptMethod, ReturnInfo


def test_transfer(whole, read):
    """Amount, days, concepts, references, text, line and raw records of a received transfer."""
    found = read(whole).rows[0]
    detail = found.details[0]

    assert (found.amount_minor, found.currency) == (100_00, "EUR")
    assert found.account == "ES9121000418450200051332"
    assert found.statement == "2026-10-01/2026-10-31/EUR"
    assert found.booking_date == found.value_date == dt.date(2026, 10, 5)
    assert (found.bank_code, found.method) == ("04-007", ReceiptMethod.CREDIT_TRANSFER)
    assert detail.amount_minor == 100_00
    assert detail.remittance.references == ("PEDIDO 2026-117",)
    assert detail.remittance.text == ("CLIENTE UNO SL FACTURA 2026-117",)
    assert detail.references == (("document", "0000004711"),)
    assert str(found.source) == "october.n43:2"
    assert found.raw.split("\n") == whole.decode().split("\r\n")[1:3]


def test_statement(whole, read, statements):
    """The statement has both balances with their days, and adds up."""
    (found,) = statements(read(whole))

    assert [(one.type, one.amount_minor, one.date) for one in found.balances] == [
        ("OPBD", 1000_00, dt.date(2026, 10, 1)),
        ("CLBD", 1325_50, dt.date(2026, 10, 31)),
    ]
    assert (found.entries, found.credits_minor, found.debits_minor) == (4, 365_50, 40_00)
    assert found.difference_minor == 0


def test_days_are_of_the_values_not_of_the_names(one, movement):
    """Operation and value date are year, month, day, each in its own place."""
    found = one(movement(day="260203", value="991231"))

    assert (found.booking_date, found.value_date) == (dt.date(2026, 2, 3), dt.date(1999, 12, 31))


@pytest.mark.parametrize(
    ("sign", "amount", "minor"), [("1", 5, -5), ("2", 5, 5), ("0", 0, 0), ("1", 0, 0), ("2", 0, 0)]
)
def test_signs(sign, amount, minor, one, movement):
    """1 is a debit, 2 a credit, and zero may have either sign or none."""
    assert minor == one(movement(amount, sign=sign)).amount_minor


@pytest.mark.parametrize(
    ("number", "code", "minor"),
    [("978", "EUR", 1200), ("392", "JPY", 12), ("414", "KWD", 12000)],
)
def test_currencies_have_their_own_minor_units(
    number, code, minor, head, movement, foot, file, read
):
    """The format has two decimals for every currency, and the currency has its own."""
    content = file(head(currency=number), movement(12_00), foot(currency=number))
    found = read(content).rows[0]

    assert (code, minor) == (found.currency, found.amount_minor)


def test_yen_with_a_fraction_is_no_amount(head, movement, foot, file, read):
    """What the currency cannot say is refused, and not rounded."""
    content = file(head(currency="392"), movement(1250), foot(currency="392", credited=1250))
    codes = {problem.code for problem in read(content).report.problems}

    assert codes == {"amount.inexact", "statement.unbalanced"}


def test_words_run_on_between_the_fields_of_a_record(one, movement, text):
    """A word that the first field cuts is whole again; each record is a text of its own."""
    found = one(
        movement(),
        text("COMPRA EN LA TIENDA DE LA CALLE DE MIRABELLE SL"),
        text("PEDIDO   9", 2),
        text("", 3),
    )

    assert found.details[0].remittance.text == (
        "COMPRA EN LA TIENDA DE LA CALLE DE MIRABELLE SL",
        "PEDIDO 9",
    )


def test_words_without_figures_are_no_references(one, movement):
    """A word in the place of a reference is kept by its name, and is no structured reference."""
    detail = one(movement(first="TRANSFERENCI", second="A48000017")).details[0]

    assert detail.remittance.references == ("A48000017",)
    assert detail.references == (("reference-1", "TRANSFERENCI"),)


def test_amount_in_another_currency(one, movement):
    """Record 24 has the amount as it was sent."""
    found = one(movement(), f"2401840{120_00:014}")

    assert found.details[0].instructed == money("120.00", "USD")


METHODS = {
    ("04", "2", ""): ReceiptMethod.CREDIT_TRANSFER,
    ("11", "2", ""): ReceiptMethod.CASH,
    ("12", "2", ""): ReceiptMethod.CARD,
    ("06", "2", "REMESA EFECTOS"): ReceiptMethod.BILL_OF_EXCHANGE,
    ("06", "2", "REMESA RECIBOS"): ReceiptMethod.DIRECT_DEBIT,
    ("06", "2", "REMESA"): ReceiptMethod.UNSAID,
    ("02", "2", "INGRESO EFECTIVO"): ReceiptMethod.CASH,
    ("02", "2", "INGRESO TALÓN"): ReceiptMethod.CHEQUE,
    ("14", "1", "DEVOLUCION CHEQUE"): ReceiptMethod.CHEQUE,
    ("17", "1", "COMISION CHEQUE"): ReceiptMethod.UNSAID,
}


@pytest.mark.parametrize("case", METHODS, ids="-".join)
def test_methods(case, one, movement, text):
    """The common concept says how money came, and the text where the concept leaves it open."""
    common, sign, words = case

    assert METHODS[case] is one(movement(common=common, sign=sign), text(words)).method


RETURNS = {
    ("14", "1", "IMPAGADO"): ReturnInfo(text="IMPAGADO"),
    ("14", "2", "TRANSFERENCIA DEVUELTA"): ReturnInfo(text="TRANSFERENCIA DEVUELTA"),
    ("03", "1", "DEV. RECIBO MS03"): ReturnInfo(code="MS03", text="DEV. RECIBO MS03"),
    ("06", "1", "DEVOLUCION ADEUDO"): ReturnInfo(text="DEVOLUCION ADEUDO"),
    ("04", "1", "DEVOLUCION TRANSF"): ReturnInfo(text="DEVOLUCION TRANSF"),
    ("04", "2", "PAGO DEVOLUCION"): None,
    ("99", "1", "COMISION DEVOLUCION"): None,
    ("17", "1", "GASTOS DEVOLUCION"): None,
    ("03", "1", "RECIBO DE LUZ"): None,
}


@pytest.mark.parametrize("case", RETURNS, ids="-".join)
def test_returns(case, one, movement, text):
    """Concept 14 is a return; a debit of another concept is one where its text says so."""
    common, sign, words = case
    found = one(movement(common=common, sign=sign), text(words))

    assert RETURNS[case] == found.details[0].returned
    assert found.is_return is (RETURNS[case] is not None)


def _sepa(text):
    return [
        text(f"{'CLIENTE UNO SL':<66}A48000017"),
        text(f"{'E2E-2026-117':<35}{'FILIAL DOS SL':<41}", 2),
        text(f"SALASUPP{'FACTURA 2026-1':<68}", 3),
        text("17 Y MAS", 4),
        text("GRACIAS", 5),
    ]


def test_sepa_records_are_fields_where_the_settings_say_so(one, movement, text):
    """Name, reference and text of a SEPA transfer are read apart."""
    detail = one(movement(), *_sepa(text), sepa_records=True).details[0]

    assert (detail.payer.name, detail.payer.ultimate_name) == ("CLIENTE UNO SL", "FILIAL DOS SL")
    assert detail.remittance.end_to_end == "E2E-2026-117"
    assert detail.remittance.text == ("FACTURA 2026-1 17 Y MAS", "GRACIAS")


def test_sepa_records_are_texts_otherwise(one, movement, text):
    """Nothing in the file says that five records are fields, so they are not guessed to be."""
    detail = one(movement(), *_sepa(text)).details[0]

    assert detail.payer.name == detail.remittance.end_to_end == ""
    assert len(detail.remittance.text) == 5


def test_a_placeholder_is_no_reference(one, movement, text):
    """NOTPROVIDED is a word of the scheme, not of the payer."""
    records = _sepa(text)
    records[1] = text("NOTPROVIDED", 2)

    assert one(movement(), *records, sepa_records=True).details[0].remittance.end_to_end == ""


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "cp850"])
def test_encodings(encoding, head, movement, text, foot, file, read):
    """Windows-1252 and UTF-8 are told apart; any other is declared."""
    content = file(head(), movement(), text("PEÑA"), foot()).decode("latin-1").encode(encoding)
    found = read(content, encoding=encoding if encoding == "cp850" else "").rows[0]

    assert found.details[0].remittance.text == ("PEÑA",)


FORMS = {
    "line feeds": lambda content: content.replace(b"\r\n", b"\n"),
    "carriage returns": lambda content: content.replace(b"\r\n", b"\r"),
    "no line ends": lambda content: content.replace(b"\r\n", b""),
    "blanks cut off": lambda content: b"\n".join(one.rstrip() for one in content.splitlines()),
    "blank lines": lambda content: content.replace(b"\r\n", b"\r\n\r\n"),
    "a mark of its encoding": lambda content: b"\xef\xbb\xbf" + content,
    "an end-of-file character": lambda content: content + b"\x1a",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_figures(form, whole, read):
    """Line ends, blanks and marks change no figure and no text."""
    collected = read(FORMS[form](whole))

    assert collected.report.problems == ()
    assert [(row.account, row.statement) for row in collected.rows] == [
        (row.account, row.statement) for row in read(whole).rows
    ]
    assert [row.details for row in collected.rows[:4]] == [
        row.details for row in read(whole).rows[:4]
    ]


def test_several_accounts_and_files(whole, head, movement, foot, file, read, statements):
    """Each account has its statement, in one file or in several that were put together."""
    second = file(head(number="0200099999"), movement(), foot(number="0200099999"))
    together = statements(read(whole + second))

    assert len({one.account for one in together}) == 2
    assert [one.difference_minor for one in together] == [0, 0]
