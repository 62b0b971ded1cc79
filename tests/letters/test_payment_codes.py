"""Payment codes: what the guidelines allow is made as they say, and nothing else is."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import DocumentError, PolicyError
from receivables.letters.payment_codes import (
    SWISS_HEADINGS,
    CreditTransfer,
    PaymentCode,
    SwissBill,
    SwissParty,
    payment_code,
)
from receivables.parties import Address, Creditor, Customer
from receivables.receipts.creditor_references import ReferenceScheme, make_reference

_RED_CROSS = {"name": "Red Cross of Belgium", "iban": "BE72 0000 0000 1616", "bic": "BPOTBEB1"}
_SCHNEIDER = SwissParty(
    name="Robert Schneider AG",
    street="Rue du Lac",
    house_number="1268",
    postal_code="2501",
    city="Biel",
    country="CH",
)
_RUTSCHMANN = SwissParty(
    name="Pia-Maria Rutschmann-Schnyder",
    street="Grosse Marktgasse",
    house_number="28",
    postal_code="9400",
    city="Rorschach",
    country="CH",
)
_QR_IBAN = "CH44 3199 9123 0008 8901 2"
_IBAN = "CH58 0079 1123 0008 8901 2"
_QRR = "21 00000 00003 13947 14300 09017"
_RF = "RF18 5390 0754 7034"


def test_transfer_of_the_guidelines():
    """The example of EPC069-12 (version 2.1, page 3) is written element by element."""
    transfer = CreditTransfer(
        **_RED_CROSS,
        amount_minor=100,
        purpose="CHAR",
        message="Urgency fund",
        information="Sample EPC QR code",
    )

    assert transfer.payload.split("\n") == [
        *("BCD", "002", "1", "SCT", "BPOTBEB1", "Red Cross of Belgium", "BE72000000001616"),
        *("EUR1.00", "CHAR", "", "Urgency fund", "Sample EPC QR code"),
    ]


def test_nothing_follows_the_last_element():
    """Elements that are left out at the end leave no line behind."""
    transfer = CreditTransfer(name="Mira", iban="FR7630006000011234567890189")

    assert transfer.payload == "BCD\n002\n1\nSCT\n\nMira\nFR7630006000011234567890189"


def test_reference_takes_the_place_of_the_message():
    """A creditor reference stands in its own element, without blanks."""
    transfer = CreditTransfer(**_RED_CROSS, amount_minor=1, reference=_RF)

    assert transfer.payload.split("\n")[7:] == ["EUR0.01", "", "RF18539007547034"]


_REFUSED_TRANSFERS = {
    "no name": ({"name": " "}, "name must be 1 to 70 characters"),
    "long name": ({"name": "x" * 71}, "name must be 1 to 70 characters"),
    "name of two lines": ({"name": "Mira\nBCD"}, "name must be one line"),
    "iban with a wrong digit": ({"iban": "BE73000000001616"}, "iban must be an IBAN"),
    "iban that is none": ({"iban": "123"}, "iban must be an IBAN"),
    "account outside SEPA": ({"iban": "MU17BOMM0101101030300200000MUR"}, "of a country of SEPA"),
    "no bic abroad": (
        {"iban": "GB82WEST12345698765432", "bic": ""},
        "bic must be given for an account in GB",
    ),
    "bic that is none": ({"bic": "BPOT"}, "bic must be a BIC"),
    "nothing to pay": ({"amount_minor": 0}, "amount_minor must be 1 to"),
    "too much": ({"amount_minor": 100_000_000_000}, "amount_minor must be 1 to 99999999999"),
    "long purpose": ({"purpose": "CHARITY"}, "purpose must be a code"),
    "wrong reference": ({"reference": "RF19539007547034"}, "reference must be one of ISO 11649"),
    "both": ({"reference": _RF, "message": "x"}, "message must be empty beside a reference"),
    "long message": ({"message": "x" * 141}, "message must be 0 to 140 characters"),
    "message of two lines": ({"message": "a\u2028b"}, "message must be one line"),
    "too many bytes": ({"message": "株" * 100}, "payload must be at most 331 bytes"),
}


@pytest.mark.parametrize(("changes", "reason"), _REFUSED_TRANSFERS.values(), ids=_REFUSED_TRANSFERS)
def test_transfer_is_refused(changes, reason):
    """What a banking app would refuse is refused before it is printed, and the field is named."""
    with pytest.raises(DocumentError, match=reason):
        CreditTransfer(**{**_RED_CROSS, **changes})


def test_bill_of_the_guidelines():
    """The example of the Swiss guidelines (annex A) is written element by element."""
    bill = SwissBill(
        iban=_QR_IBAN,
        creditor=_SCHNEIDER,
        currency="CHF",
        amount_minor=194_975,
        debtor=_RUTSCHMANN,
        reference=_QRR,
        message="Order of 15 June 2020",
    )

    assert bill.payload.split("\n") == [
        *("SPC", "0200", "1", "CH4431999123000889012"),
        *("S", "Robert Schneider AG", "Rue du Lac", "1268", "2501", "Biel", "CH"),
        *[""] * 7,
        *("1949.75", "CHF"),
        *("S", "Pia-Maria Rutschmann-Schnyder", "Grosse Marktgasse", "28", "9400", "Rorschach"),
        *("CH", "QRR", "210000000003139471430009017", "Order of 15 June 2020", "EPD"),
    ]


@pytest.mark.parametrize(
    ("iban", "reference", "kind"),
    [(_QR_IBAN, _QRR, "QRR"), (_IBAN, _RF, "SCOR"), (_IBAN, "", "NON")],
)
def test_account_decides_on_the_reference(iban, reference, kind):
    """A QR-IBAN takes a QR reference, another account one of ISO 11649 or none."""
    bill = SwissBill(iban=iban, creditor=_SCHNEIDER, reference=reference)

    assert bill.payload.split("\n")[27] == bill.reference_type == kind


def test_zeros_of_a_reference_come_back():
    """A QR reference that lost its zeros on paper has 27 digits in the code."""
    whole = make_reference(ReferenceScheme.QRR, "2600000017")
    bill = SwissBill(iban=_QR_IBAN, creditor=_SCHNEIDER, reference=whole.lstrip("0"))

    assert bill.payload.split("\n")[28] == whole
    assert len(whole) == 27


_REFUSED_BILLS = {
    "foreign account": ({"iban": "FR7630006000011234567890189"}, "iban must be one of Switzerland"),
    "other currency": ({"currency": "USD"}, "currency must be CHF or EUR"),
    "QR-IBAN without": ({"iban": _QR_IBAN}, "reference must be a QR reference for a QR-IBAN"),
    "QR-IBAN with RF": ({"iban": _QR_IBAN, "reference": _RF}, "must be a QR reference"),
    "IBAN with QRR": ({"reference": _QRR}, "reference must be one of ISO 11649, or empty"),
    "nothing to pay": ({"amount_minor": 0}, "amount_minor must be 1 to"),
    "too much": ({"amount_minor": 100_000_000_000}, "amount_minor must be 1 to"),
    "long message": ({"message": "x" * 141}, "message must be 0 to 140"),
    "letters it does not know": ({"message": "株"}, "message must be of the letters"),
}


@pytest.mark.parametrize(("changes", "reason"), _REFUSED_BILLS.values(), ids=_REFUSED_BILLS)
def test_bill_is_refused(changes, reason):
    """What a bank would refuse is refused before it is printed, and the field is named."""
    with pytest.raises(DocumentError, match=reason):
        SwissBill(**{"iban": _IBAN, "creditor": _SCHNEIDER, **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ""}, "name must be 1 to 70"),
        ({"postal_code": ""}, "postal_code must be 1 to 16"),
        ({"city": "x" * 36}, "city must be 1 to 35"),
        ({"country": ""}, "country must be two letters"),
        ({"country": "CHE"}, "country must be two letters"),
        ({"street": "Ελλάς"}, "street must be of the letters"),
    ],
)
def test_party_is_refused(changes, reason):
    """A structured address has all its parts, in letters that banks can read."""
    with pytest.raises(DocumentError, match=reason):
        attrs.evolve(_SCHNEIDER, **changes)


@pytest.mark.parametrize(
    ("line", "street", "number"),
    [
        ("Rue du Lac 1268", "Rue du Lac", "1268"),
        ("Bahnhofstrasse 12a", "Bahnhofstrasse", "12a"),
        ("12 bis, rue de la Fosse", "rue de la Fosse", "12 bis"),
        ("Postfach", "Postfach", ""),
        ("", "", ""),
    ],
)
def test_house_number_is_taken_apart(line, street, number):
    """A structured address has the number of the house in an element of its own."""
    address = Address(lines=["c/o Muster", line], postal_code="2501", city="Biel", country="CH")
    if not any(sign.isdigit() for sign in line):
        address = attrs.evolve(address, lines=[line])
    party = SwissParty.of("Mira", address)

    assert (party.street, party.house_number) == (street, number)


def test_party_abroad_says_its_country():
    """The country is printed for parties outside Switzerland and Liechtenstein."""
    party = attrs.evolve(_SCHNEIDER, country="FR", postal_code="44000", city="Nantes")

    assert party.lines[-1] == "FR-44000 Nantes"
    assert _SCHNEIDER.lines[-1] == "2501 Biel"


def test_slip_prints_what_the_code_says():
    """The form shows account, reference and amount in groups, as people read them."""
    bill = SwissBill(iban=_IBAN, creditor=_SCHNEIDER, amount_minor=123_456_705, reference=_RF)
    slip = PaymentCode.of_bill(bill, caption="Pay", language="it").slip

    assert slip.account[0] == "CH58 0079 1123 0008 8901 2"
    assert (slip.amount, slip.reference) == ("1 234 567.05", _RF)
    assert slip.headings["receipt"] == "Ricevuta"
    assert slip.debtor == ()


def test_every_language_has_every_heading():
    """No form is printed half in another language."""
    names = {frozenset(headings) for headings in SWISS_HEADINGS.values()}

    assert len(names) == 1


def test_language_of_the_form_is_checked():
    """The guidelines know four languages, and no other is made up."""
    bill = SwissBill(iban=_IBAN, creditor=_SCHNEIDER)

    with pytest.raises(PolicyError, match="language must be one of de, en, fr, it"):
        PaymentCode.of_bill(bill, caption="Pagar", language="es")


_MIRA = Creditor(creditor="MIRA", name="Mira", country="FR", iban="FR7630006000011234567890189")
_SWISS = Creditor(
    creditor="CH",
    name="Schneider",
    country="CH",
    iban=_IBAN,
    address=Address(lines=["Rue du Lac 1268"], postal_code="2501", city="Biel"),
)
_HELENE = Customer(customer="C-017", name="Hélène", country="FR")
_ASKED = {"currency": "EUR", "amount_minor": 100, "reference": "C-017", "caption": "Pay"}

_CHOICES = {
    "euros": (_MIRA, {}, "epc"),
    "francs in Switzerland": (_SWISS, {"currency": "CHF"}, "swiss"),
    "euros in Switzerland": (_SWISS, {}, "swiss"),
    "francs in France": (_MIRA, {"currency": "CHF"}, None),
    "dollars in Switzerland": (_SWISS, {"currency": "USD"}, None),
    "nothing asked": (_MIRA, {"amount_minor": 0}, None),
    "a credit": (_MIRA, {"amount_minor": -5}, None),
    "no account": (attrs.evolve(_MIRA, iban=""), {}, None),
    "outside SEPA": (attrs.evolve(_MIRA, iban="MU17BOMM0101101030300200000MUR"), {}, None),
    "no BIC in Britain": (attrs.evolve(_MIRA, iban="GB82WEST12345698765432"), {}, None),
    "BIC in Britain": (
        attrs.evolve(_MIRA, iban="GB82WEST12345698765432", bic="WESTGB22"),
        {},
        "epc",
    ),
    "QR-IBAN without its reference": (attrs.evolve(_SWISS, iban=_QR_IBAN), {}, None),
    "QR-IBAN with it": (attrs.evolve(_SWISS, iban=_QR_IBAN), {"reference": _QRR}, "swiss"),
}


@pytest.mark.parametrize(("creditor", "changes", "style"), _CHOICES.values(), ids=_CHOICES)
def test_code_that_helps_is_chosen(creditor, changes, style):
    """A letter has the code that the banks of both sides read, and none where none would help."""
    code = payment_code(creditor, _HELENE, **{**_ASKED, **changes})

    assert (code and code.style) == style


def test_reference_is_structured_where_it_is_one():
    """What the payer quotes is in the element that banks hand on unchanged."""
    plain = payment_code(_MIRA, _HELENE, **_ASKED).payload.split("\n")
    structured = payment_code(_MIRA, _HELENE, **{**_ASKED, "reference": _RF}).payload.split("\n")

    assert plain[9:] == ["", "C-017"]
    assert structured[9:] == ["RF18539007547034"]


def test_debtor_without_an_address_writes_it():
    """A customer whose address is not whole leaves the box on the form empty."""
    code = payment_code(_SWISS, _HELENE, **_ASKED)

    assert code.slip.debtor == ()


@pytest.mark.parametrize(
    "creditor",
    [
        attrs.evolve(_MIRA, iban="FR7630006000011234567890188"),
        attrs.evolve(_SWISS, address=Address()),
    ],
)
def test_creditor_at_fault_is_named(creditor):
    """An account or an address that cannot be is the configuration's fault, and not the letter's."""
    with pytest.raises(PolicyError, match=f"creditor {creditor.creditor} must have"):
        payment_code(creditor, _HELENE, **_ASKED)


_NAMES = st.text(st.characters(codec="latin-1", exclude_categories=["C", "Z"]), min_size=1)


@given(name=_NAMES.filter(lambda name: len(name) <= 60), cents=st.integers(1, 10**10))
def test_transfer_reads_back(name, cents):
    """Law: what a transfer was made of can be read off its payload, line by line."""
    transfer = CreditTransfer(name=name, iban=_MIRA.iban, amount_minor=cents, message=name)
    lines = transfer.payload.split("\n")

    assert (lines[5], lines[10]) == (name, name)
    assert int(lines[7].removeprefix("EUR").replace(".", "")) == cents


@given(cents=st.integers(1, 99_999_999_999))
def test_bill_has_31_elements(cents):
    """Law: every element of a bill is on its own line, whatever is left out."""
    lines = SwissBill(iban=_IBAN, creditor=_SCHNEIDER, amount_minor=cents).payload.split("\n")

    assert len(lines) == 31
    assert int(lines[18].replace(".", "")) == cents


def test_another_library_agrees_on_a_transfer():
    """The code that segno makes of the same transfer says the same, as an independent reader sees it."""
    segno = pytest.importorskip("segno")
    zxing = pytest.importorskip("zxingcpp")
    helpers = pytest.importorskip("segno.helpers")
    np = pytest.importorskip("numpy")
    transfer = CreditTransfer(**_RED_CROSS, amount_minor=12_345, message="Hélène 2026-0100")
    theirs = helpers.make_epc_qr(
        name=transfer.name,
        iban=transfer.iban,
        bic=transfer.bic,
        amount="123.45",
        text=transfer.message,
        encoding="utf-8",
    )
    ours = segno.make_qr(transfer.payload, error="m", encoding="utf-8")
    read = [_read(zxing, np, code) for code in (ours, theirs)]

    assert read[0] == transfer.payload
    assert read[1] == transfer.payload


def _read(zxing, np, code):
    rows = code.matrix_iter(scale=4, border=4)
    picture = np.array([[0 if dark else 255 for dark in row] for row in rows], dtype=np.uint8)
    (found,) = zxing.read_barcodes(picture)
    return found.text


def test_another_library_agrees_on_a_bill():
    """The library `qrbill` writes the same elements for the same bill."""
    qrbill = pytest.importorskip("qrbill")
    bill = SwissBill(
        iban=_QR_IBAN,
        creditor=_SCHNEIDER,
        amount_minor=194_975,
        debtor=_RUTSCHMANN,
        reference=_QRR,
        message="Order of 15 June 2020",
    )
    theirs = qrbill.QRBill(
        account=bill.iban,
        creditor=_as_theirs(_SCHNEIDER),
        debtor=_as_theirs(_RUTSCHMANN),
        amount="1949.75",
        reference_number=bill.reference,
        additional_information=bill.message,
    )

    assert theirs.qr_data().replace("\r\n", "\n").rstrip("\n") == bill.payload


def _as_theirs(party):
    return {
        "name": party.name,
        "street": party.street,
        "house_num": party.house_number,
        "pcode": party.postal_code,
        "city": party.city,
        "country": party.country,
    }
