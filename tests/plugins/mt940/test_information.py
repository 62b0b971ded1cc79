"""The information of an entry (``:86:``) in the forms that banks give it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.receipts.model import ReceiptMethod, ReferredDocument
from receivables_plugins.mt940.forms import InformationReader
from receivables_plugins.mt940.german import SubfieldReader


@pytest.fixture(scope="module")
def told(first):
    """Read an information of these lines, and return the entry."""

    def run(*lines, mark="C"):
        return first(f":61:261031{mark}5,00NTRFNONREF", f":86:{lines[0]}", *lines[1:])

    return run


def test_german_subfields(told):
    """Code, text of the booking, reference, text, account and name."""
    entry = told(
        "166?00GUTSCHRIFT?109251?20EREF+E2E-4711?21SVWZ+RE 2026-0815 vom 03.10?22.2026"
        "?30COBADEFFXXX?31DE12500105170648489890?32Johannes Maximilian Mustern?33ame"
    )
    (detail,) = entry.details

    assert ("NTRF+166", "GUTSCHRIFT") == (entry.bank_code, entry.text)
    assert "E2E-4711" == detail.remittance.end_to_end
    assert ("RE 2026-0815 vom 03.10.2026",) == detail.remittance.text
    assert "DE12500105170648489890" == detail.payer.account
    assert "Johannes Maximilian Mustername" == detail.payer.name


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ("?20SVWZ+Invoice 12345678901234?21567", "Invoice 12345678901234567"),
        ("?20SVWZ+Invoice 4711?21and thanks", "Invoice 4711 and thanks"),
        ("?20Invoice 4711?21and thanks?60again", "Invoice 4711 and thanks again"),
        ("?20S?21VWZ+Invoice 4711", "Invoice 4711"),
        ("?20EREF+A KREF+B SVWZ+Invoice 4711", "Invoice 4711"),
        ("?20SVWZ+Is it 5 + 4?21 = 9?", "Is it 5 + 4  = 9?"),
    ],
)
def test_pieces_are_put_together(pieces, text, told):
    """A whole piece goes on; a shorter one has lost a blank; a keyword may stand anywhere."""
    assert (text,) == told(f"166?00GUTSCHRIFT{pieces}?32N. Body").details[0].remittance.text


def test_keywords_of_sepa(told):
    """Each keyword has its place; a value goes on in the pieces without one."""
    entry = told(
        "171?00LASTSCHRIFT?20EREF+TRX-0A4A47C3-F846-4729?21-8A1B?22KREF+PMT-1?23MREF+M-7",
        "?24CRED+DE98ZZZ09999999999?25SVWZ+Rate 7?26ABWA+Tochter AG?31DE12?32Mutter AG",
    )
    (detail,) = entry.details

    assert "TRX-0A4A47C3-F846-4729-8A1B" == detail.remittance.end_to_end
    assert ("PmtInfId", "MndtId", "CdtrSchmeId") == tuple(name for name, _ in detail.references)
    assert ("Mutter AG", "Tochter AG") == (detail.payer.name, detail.payer.ultimate_name)
    assert entry.method is ReceiptMethod.DIRECT_DEBIT


def test_a_creditor_reference_is_structured_where_its_digits_are_right(told):
    """A text that is an ISO 11649 reference, and nothing else, is one."""
    right = told("166?20SVWZ+RF18 5390 0754 7034").details[0].remittance
    wrong = told("166?20SVWZ+RF19 5390 0754 7034").details[0].remittance

    assert (("RF18539007547034",), ()) == (right.references, wrong.references)


@pytest.mark.parametrize("placeholder", ["NOTPROVIDED", "NONREF"])
def test_a_placeholder_is_no_reference(placeholder, told):
    """A reference that says that there is none is none."""
    assert not told(f"166?20EREF+{placeholder}?21SVWZ+7").details[0].remittance.end_to_end


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        ("109", "?20SVWZ+RETOURE?34912", "912"),
        ("108", "?20SVWZ+Rueckgabe AC04 Konto aufgeloest?34902", "AC04"),
        ("109", "?20SVWZ+SONSTIGE GRUENDE", ""),
        ("159", "?20EREF+E-1?21MTLG:Grund nicht spezifiziert?34914", "914"),
    ],
)
def test_german_returns(code, reason, expected, told):
    """A returned debit says why in a code of ISO 20022, of the bank, or in words."""
    returned = told(f"{code}?00RETOURE{reason}", mark="D").details[0].returned

    assert expected == returned.code
    assert returned.text.startswith("RETOURE")


def test_the_amount_before_charges(told):
    """OAMT has the amount that was collected, COAM what the banks took for it."""
    (detail,) = told("109?00RETOURE?20OAMT+4,50?21COAM+0,50?22SVWZ+x", mark="D").details

    assert ("4.50", 50) == (str(detail.instructed.amount), detail.charges_minor)


def test_dutch_words(told):
    """Words between slashes; a cut in the middle of a word leaves no blank."""
    (detail,) = told(
        "/TRTP/SEPA OVERBOEKING/IBAN/NL91BANK0417164300/BIC/BANKNL2A/NAME/N. Bo",
        "dy/REMI/Factuur 2026/0815 en 0816, met vriendelijke groet/EREF/NOTPRO",
        "VIDED",
    ).details

    assert ("N. Body", "NL91BANK0417164300") == (detail.payer.name, detail.payer.account)
    assert ("Factuur 2026/0815 en 0816, met vriendelijke groet",) == detail.remittance.text
    assert "" == detail.remittance.end_to_end


def test_dutch_returns(told):
    """RTRN has the reason of ISO 20022."""
    entry = told("/RTYP/SEPA Incasso Terugboeking/MARF/M-7/RTRN/AC01/NAME/N. Body/REMI/7", mark="D")

    assert "AC01" == entry.details[0].returned.code
    assert (("MndtId", "M-7"),) == entry.details[0].references


def test_ing_has_the_other_side_in_one(told):
    """CNTP has account, bank, name and city; USTD is no part of the text."""
    (detail,) = told(
        "/EREF/E-7//CNTP/NL71BANK0841238000/BANKNL2A/N. Body B.V./Delft//REMI/USTD//Nr. 7/"
    ).details

    assert ("N. Body B.V.", "NL71BANK0841238000") == (detail.payer.name, detail.payer.account)
    assert (("Nr. 7",), "E-7") == (detail.remittance.text, detail.remittance.end_to_end)


@pytest.mark.parametrize(
    "remitted",
    ["REMI/STRD/CUR/9001123412341234/", "REMI/Issuer: CUR Ref: 9001123412341234"],
)
def test_dutch_structured_references(remitted, told):
    """A reference with its issuer is a structured one."""
    remittance = told(f"/NAME/N. Body/{remitted}").details[0].remittance

    assert ("9001123412341234",) == remittance.references


def test_a_document_that_is_named(told):
    """INV is followed by the number of an invoice."""
    remittance = told("/NAME/N. Body/REMI//INV/1511682351 1.12.2026/EREF/E-7").details[0].remittance

    assert (ReferredDocument(number="1511682351", kind="CINV"),) == remittance.documents


def test_words_without_a_name_of_their_own(told):
    """Where only the party is named, account, name and text follow in order."""
    (detail,) = told("/ORDP/530500003804588", "/N. Body d.o.o.", "/747//747", "/Faktura 7").details

    assert ("N. Body d.o.o.", "530500003804588") == (detail.payer.name, detail.payer.account)
    assert ("747//747/Faktura 7",) == detail.remittance.text


def test_the_batch_and_an_original_amount(told):
    """NRTX counts the transactions; what follows an original amount is text."""
    entry = told("/OCMT/USD2853,12/", "PAYMENT OF INVOICE 7", "/NRTX/162/")

    assert 162 == entry.batch_count
    assert ("PAYMENT OF INVOICE 7",) == entry.details[0].remittance.text
    assert "USD" == entry.details[0].instructed.currency.code


def test_plain_lines(told):
    """What has no structure is text; 999 before it is a code."""
    plain = told("For your invoice", ":86:4711", "thanks")
    coded = told("999SCHECK-NR. 7")

    assert ("For your invoice 4711 thanks",) == plain.details[0].remittance.text
    assert ("NTRF+999", ("SCHECK-NR. 7",)) == (coded.bank_code, coded.details[0].remittance.text)


def test_lines_of_a_banks_own(first):
    """NS has two digits before each text: 15 and 16 the name, 34 the account."""
    (detail,) = first(
        ":61:261031C5,00S051", ":NS:01Invoice 4711", "02and thanks", "15N. Bo", "16dy", "3412345"
    ).details

    assert ("Invoice 4711", "and thanks") == detail.remittance.text
    assert ("N. Body", "12345") == (detail.payer.name, detail.payer.account)


def _said(information):
    """What an information says, without what it leaves empty."""
    return {name: value for name, value in vars(information).items() if value}


_PIECES = st.text("ABC +0 ", min_size=0, max_size=27).flatmap(
    lambda text: st.sampled_from(["", "EREF+", "SVWZ+", "MREF+", "IBAN+"]).map(
        lambda keyword: (keyword + text)[:27]
    )
)


@given(st.lists(_PIECES, min_size=1, max_size=9))
def test_the_usual_form_is_read_as_any_form(pieces):
    """The same sub-fields behind another separator, which has no short cut, say the same."""
    text = "".join(f"?2{number}{piece}" for number, piece in enumerate(pieces))
    reader = SubfieldReader()
    usual = reader.read(f"166?00GUTSCHRIFT{text}?31DE12?32N. Body")
    other = reader.read(f"166?00GUTSCHRIFT{text}?31DE12?32N. Body".replace("?", ">"))

    assert _said(other) == _said(usual)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_is_an_information(lines):
    """No text makes the reading of an information fail."""
    for start in ("", "166?20", "000>", "/TRTP/", "/ORDP/", "/RTRN/", ":NS:", "/OCMT/"):
        InformationReader().read([start + lines[0], *lines[1:]])


_WORDS = st.sampled_from(["TRTP", "IBAN", "NAME", "REMI", "EREF", "ULTD", "MARF", "x", "", "7 "])


@given(st.lists(st.lists(_WORDS, max_size=8), min_size=2, max_size=4))
def test_what_was_read_before_changes_nothing(texts):
    """A reader that has read the informations of others reads the next as a new one does."""
    used = InformationReader()
    for words in texts:
        line = "/NAME/N. Body/" + "/".join(words)

        assert _said(InformationReader().read([line])) == _said(used.read([line]))
