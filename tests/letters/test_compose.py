"""A notice becomes a letter: whose, to whom, about what, until when."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.casework import NonPaymentReason
from receivables.errors import DocumentError, PolicyError, TranslationMissingError
from receivables.ledger.model import NoticedItem, NoticeSent
from receivables.letters import (
    Labelled,
    Texts,
    compose,
    compose_script,
    load_texts,
    packaged_texts,
)
from receivables.parties import Address, Contact, Creditor, Customer, Identifier, Role
from receivables.testing.letter_renderer import LETTERS, sample_letter

_AS_OF = dt.date(2026, 11, 2)
_LYON = Creditor(
    creditor="MIRA",
    name="Mira Outillage SAS",
    country="FR",
    address=Address(lines=["12 rue de la Fosse"], postal_code="44000", city="Nantes"),
    identifiers=[Identifier("fr.siret", "73282932000074"), Identifier("iban", "FR76")],
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    phone="02 40 00 00 00",
    legal_form="SAS au capital de 250 000 €",
)
_CUSTOMER = Customer(
    customer="C-017",
    name="Quincaillerie de l’Erdre",
    locale="fr-FR",
    country="FR",
    address=Address(lines=["8 allée des Tanneurs"], postal_code="44240", city="Sucé"),
    contacts=[Contact(name="Comptabilité", email="ap@erdre.example")],
)
_ITEM = NoticedItem(
    item="2026-0117",
    level=2,
    open_minor=120_000,
    document_date=dt.date(2026, 8, 31),
    due_date=dt.date(2026, 9, 30),
)
_LATER = attrs.evolve(_ITEM, item="2026-0118", open_minor=35_50, due_date=dt.date(2026, 11, 1))
_NOTICE = NoticeSent(
    event="notice:1",
    effective_on=_AS_OF,
    recorded_at=dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC),
    creditor="MIRA",
    customer="C-017",
    currency="EUR",
    procedure="standard",
    procedure_version="1",
    level=2,
    letter="reminder-2",
    items=[_ITEM, _LATER],
)


def _compose(notice=_NOTICE, *, creditor=_LYON, customer=_CUSTOMER, **more):
    return compose(notice, creditor=creditor, customer=customer, as_of=_AS_OF, **more)


def _blanks(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_letter_says_what_is_owed_and_until_when():
    """The subject has the total and the deadline, eight days after the letter."""
    letter = _compose()

    assert _blanks(letter.subject) == (
        "Deuxième relance : 1 235,50 € à régler au plus tard le 10 novembre 2026"
    )
    assert "échue depuis le 30 septembre 2026" in _blanks(letter.before[0])
    assert letter.place_and_date == "Nantes, le 2\u00a0novembre 2026"


def test_table_has_a_row_for_each_item():
    """A row has the item, its dates, how late it is, what is open, and the sum so far."""
    rows = [(*row.cells, row.running) for row in _compose().table.rows]

    assert [[_blanks(cell) for cell in row] for row in rows] == [
        ["2026-0117", "31 août 2026", "30 sept. 2026", "33", "1 200,00 €", "1 200,00 €"],
        ["2026-0118", "31 août 2026", "1er nov. 2026", "1", "35,50 €", "1 235,50 €"],
    ]


def test_credits_are_deducted_in_sight():
    """Where credits were set against the items, the letter shows the sum, the credits, the rest."""
    letter = _compose(attrs.evolve(_NOTICE, credit_minor=-23_550))

    assert [_blanks(total.text) for total in letter.table.totals] == [
        "1 235,50 €",
        "-235,50 €",
        "1 000,00 €",
    ]
    assert "1 000,00 €" in _blanks(letter.subject)


def test_without_credits_there_is_one_total():
    """A total that says everything stands alone."""
    assert [total.label for total in _compose().table.totals] == ["Total réclamé"]


def test_payment_details_quote_the_document():
    """One item is paid by its own number, several by the customer's."""
    one = _compose(attrs.evolve(_NOTICE, items=[_ITEM])).payment[-1]
    several = _compose().payment[-1]

    assert Labelled("Référence à rappeler", "2026-0117") == one
    assert Labelled("Référence à rappeler", "C-017") == several


def test_other_bank_details_stand_below_the_account():
    """A sort code or a transit number has its own label, and the reference comes last."""
    creditor = attrs.evolve(_LYON, bank_details={"Transit": "12345-678"})
    payment = [(part.label, part.text) for part in _compose(creditor=creditor).payment]

    assert ("Transit", "12345-678") == payment[-2]


def test_account_is_grouped():
    """An IBAN is printed in groups of four; what the creditor lacks is left out."""
    iban = next(part.text for part in _compose().payment if part.label == "IBAN")
    labels = [part.label for part in _compose(creditor=attrs.evolve(_LYON, iban="")).payment]

    assert _blanks(iban) == "FR76 3000 6000 0112 3456 7890 189"
    assert "IBAN" not in labels


def test_letterhead_has_what_the_law_wants():
    """The foot of the page has the form, the capital and the numbers of the creditor."""
    assert _compose().legal == (
        "Mira Outillage SAS · SAS au capital de 250 000 € · SIRET 73282932000074",
    )


def test_recipient_is_the_desk_that_pays():
    """The contact of accounts payable stands below the name, and gets the e-mail."""
    letter = _compose()

    assert letter.recipient == (
        "Quincaillerie de l’Erdre",
        "Comptabilité",
        "8 allée des Tanneurs",
        "44240 Sucé",
    )
    assert letter.email_to == "ap@erdre.example"


@pytest.mark.parametrize(
    "contact",
    [
        Contact(name="Sales", role=Role.SALES, email="sales@erdre.example"),
        Contact(name="AP", email=""),
        Contact(name="AP", email="ap@erdre.example\nBcc: all@erdre.example"),
        Contact(name="AP", email="ap@erdre.example, boss@erdre.example"),
        Contact(name="AP", email="not an address"),
    ],
    ids=["another desk", "none", "header", "two", "no address"],
)
def test_what_is_not_one_address_of_that_desk_is_left_out(contact):
    """A draft opens without a recipient rather than with a wrong one."""
    assert _compose(customer=attrs.evolve(_CUSTOMER, contacts=[contact])).email_to == ""


def test_language_of_the_contact_comes_first():
    """A desk that reads another language gets its letters in it."""
    contact = Contact(name="Cuentas", locale="es")
    letter = _compose(customer=attrs.evolve(_CUSTOMER, contacts=[contact]))

    assert letter.locale == "es"
    assert letter.salutation.startswith("Estimad")


def test_region_without_a_text_keeps_its_formats():
    """A German customer who reads English gets the general text, with his own decimal comma."""
    letter = _compose(customer=attrs.evolve(_CUSTOMER, locale="en-DE"))

    assert _blanks(letter.subject) == ("Second reminder: 1.235,50 € to be paid by 10 November 2026")


def test_foreign_letter_names_both_countries():
    """A letter that crosses a border says in its own language where it goes and comes from."""
    abroad = attrs.evolve(_CUSTOMER, locale="en", country="DE")
    letter = _compose(customer=abroad)

    assert letter.recipient[-1] == "GERMANY"
    assert "FRANCE" in letter.sender


@pytest.mark.parametrize("locale", ["de", "it-IT", "nl"])
def test_language_without_a_text_is_refused(locale):
    """Nobody gets a letter in a language that he may not read."""
    with pytest.raises(TranslationMissingError, match=f"got '{locale}'"):
        _compose(customer=attrs.evolve(_CUSTOMER, locale=locale))


def test_unknown_kind_is_refused():
    """A procedure that names a letter nobody wrote is at fault."""
    with pytest.raises(TranslationMissingError, match="'reminder-7' must be in one of no locale"):
        _compose(attrs.evolve(_NOTICE, letter="reminder-7"))


@pytest.mark.parametrize(
    "other",
    [
        {"customer": attrs.evolve(_CUSTOMER, customer="C-018")},
        {"creditor": attrs.evolve(_LYON, creditor="OTHER")},
    ],
    ids=["customer", "creditor"],
)
def test_notice_of_somebody_else_is_refused(other):
    """A letter is never sent to another customer, nor in another's name."""
    with pytest.raises(DocumentError, match="notice must be of"):
        _compose(**other)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_deadline_is_in_the_future_and_in_sight(days):
    """A deadline is one day to a year away."""
    with pytest.raises(PolicyError, match="deadline_days must be 1 to 365"):
        _compose(deadline_days=days)


def test_items_without_due_dates_are_no_reason_for_a_due_date():
    """A text that names the oldest due date is not written where there is none."""
    undated = attrs.evolve(_NOTICE, items=[attrs.evolve(_ITEM, due_date=None)])

    with pytest.raises(DocumentError, match="oldest_due_date must be given"):
        _compose(undated)


def test_item_without_a_due_date_has_an_empty_cell():
    """One item without a due date leaves the others theirs."""
    mixed = attrs.evolve(_NOTICE, items=[attrs.evolve(_ITEM, due_date=None), _LATER])

    assert _compose(mixed).table.rows[0].cells[2:4] == ("", "")


def test_texts_of_one_s_own():
    """An adopter's text takes the place of the packaged one."""
    own = load_texts(
        {
            "own.toml": """
            kind = "reminder-2"
            locale = "fr-FR"
            subject = "{customer} {currency} {item_count} {deadline_days}"
            salutation = "{customer_name}"
            before = ["{total} {deadline} {date} {reference}"]
            closing = "{creditor_name}"
            sources = []
            """
        }
    )
    letter = _compose(texts=packaged_texts().updated(own))

    assert letter.subject == "C-017 EUR 2 8"
    assert (letter.salutation, letter.closing) == (_CUSTOMER.name, _LYON.name)
    assert _blanks(letter.before[0]).endswith("2 novembre 2026 C-017/2026-11-02/2")


@given(name=st.text(min_size=1, max_size=60))
def test_any_name_gives_plain_lines(name):
    """Whatever a customer is called, no line of the letter holds a control character."""
    letter = _compose(customer=attrs.evolve(_CUSTOMER, name=name))

    assert not any(char < " " for line in (*letter.recipient, letter.subject) for char in line)


def test_name_that_looks_like_a_placeholder_stays():
    """What a customer is called is never filled in."""
    letter = _compose(customer=attrs.evolve(_CUSTOMER, name="{total} {x}"))

    assert letter.recipient[0] == "{total} {x}"


def test_same_notice_gives_the_same_letter():
    """Composing reads no clock."""
    assert _compose() == _compose()


@pytest.mark.parametrize(("kind", "locale"), LETTERS)
def test_every_known_letter_can_be_composed(kind, locale):
    """Each kind, in each locale that has it, has all the words it needs."""
    assert (sample_letter(kind, locale).kind, sample_letter(kind, locale).locale) == (kind, locale)


@pytest.mark.parametrize("kind", ["statement", "balance-confirmation"])
def test_notice_cannot_be_a_statement(kind):
    """A procedure that names a letter about an account is at fault."""
    with pytest.raises(PolicyError, match="placeholders must be among"):
        _compose(attrs.evolve(_NOTICE, letter=kind))


_HELD = attrs.evolve(_NOTICE, items=[_ITEM, attrs.evolve(_LATER, held_minor=10_00)])


def test_what_is_held_back_is_in_sight():
    """Where a part is disputed or promised, the table has what is open, held back and asked for."""
    table = _compose(_HELD).table

    assert table.headings[-3:] == ("Restant dû", "Suspendu", "Réclamé")
    assert [_blanks(row.running) for row in table.rows] == ["1 200,00 €", "1 225,50 €"]
    assert [_blanks(cell) for cell in table.rows[1].cells[-3:]] == [
        "35,50 €",
        "-10,00 €",
        "25,50 €",
    ]
    assert [_blanks(cell) for cell in table.rows[0].cells[-2:]] == ["", "1 200,00 €"]
    assert [_blanks(total.text) for total in table.totals] == [
        "1 235,50 €",
        "-10,00 €",
        "1 225,50 €",
    ]


_CHARGED = attrs.evolve(
    _NOTICE,
    letter="formal-notice",
    charges=["FEE-1"],
    items=[
        _ITEM,
        attrs.evolve(_ITEM, item="INT-1", level=0, open_minor=12_34),
        attrs.evolve(_ITEM, item="CMP-1", level=0, open_minor=40_00),
        attrs.evolve(_ITEM, item="FEE-1", level=0, open_minor=5_00),
    ],
)
_CATEGORIES = {"2026-0117": "hardware", "INT-1": "late-interest", "CMP-1": "compensation"}


def test_principal_interest_compensation_and_fees_stand_apart():
    """What is claimed besides the price is marked in the table, and summed by itself."""
    letter = _compose(_CHARGED, categories=_CATEGORIES)

    assert [row.cells[0] for row in letter.table.rows] == [
        "2026-0117",
        "INT-1 (intérêts de retard)",
        "CMP-1 (indemnité pour frais de recouvrement)",
        "FEE-1 (frais)",
    ]
    assert [(total.label, _blanks(total.text)) for total in letter.table.totals] == [
        ("Principal", "1 200,00 €"),
        ("Intérêts de retard", "12,34 €"),
        ("Indemnités pour frais de recouvrement", "40,00 €"),
        ("Frais", "5,00 €"),
        ("Total réclamé", "1 257,34 €"),
    ]
    assert "1 257,34 €, dont 1 200,00 € en principal" in _blanks(letter.before[0])


def test_deductions_from_the_principal_stand_below_it():
    """The principal that the letter names is a row of the table, after what is deducted from it."""
    held = [attrs.evolve(_ITEM, held_minor=100_00), *_CHARGED.items[1:]]
    notice = attrs.evolve(_CHARGED, items=held, credit_minor=-50_00)

    letter = _compose(notice, categories=_CATEGORIES)

    assert [(_blanks(total.label), _blanks(total.text)) for total in letter.table.totals] == [
        ("Principal", "1 200,00 €"),
        ("À déduire : montants contestés ou promis", "-100,00 €"),
        ("À déduire : avoirs et encaissements", "-50,00 €"),
        ("Principal réclamé", "1 050,00 €"),
        ("Intérêts de retard", "12,34 €"),
        ("Indemnités pour frais de recouvrement", "40,00 €"),
        ("Frais", "5,00 €"),
        ("Total réclamé", "1 107,34 €"),
    ]
    assert "1 107,34 €, dont 1 050,00 € en principal" in _blanks(letter.before[0])


def test_charge_that_is_disputed_is_deducted_below_the_charges():
    """What is held back of a charge is not deducted from the principal."""
    items = [_ITEM, attrs.evolve(_CHARGED.items[2], held_minor=40_00)]
    table = _compose(attrs.evolve(_CHARGED, items=items), categories=_CATEGORIES).table

    assert [(_blanks(total.label), _blanks(total.text)) for total in table.totals] == [
        ("Principal", "1 200,00 €"),
        ("Indemnités pour frais de recouvrement", "40,00 €"),
        ("À déduire : montants contestés ou promis", "-40,00 €"),
        ("Total réclamé", "1 200,00 €"),
    ]


@pytest.mark.parametrize("name", ["Nordik inc.", "Nordik SA"])
def test_name_that_ends_with_a_full_stop_ends_a_sentence(name):
    """No sentence ends with two full stops."""
    creditor = attrs.evolve(_LYON, name=name)
    text = attrs.evolve(
        packaged_texts().find("reminder-1", "fr"), kind="reminder-2", after=["De {creditor_name}."]
    )
    letter = _compose(creditor=creditor, texts=Texts([text]))

    assert letter.after == (f"De {name.rstrip('.')}.",)


def test_fee_of_an_earlier_notice_is_known_by_its_category():
    """A fee that was charged before is no principal."""
    table = _compose(_CHARGED, categories={**_CATEGORIES, "2026-0117": "dunning-fee"}).table

    assert [total.label for total in table.totals][-2:] == ["Frais", "Total réclamé"]
    assert "Principal" not in [total.label for total in table.totals]


@given(
    amounts=st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), min_size=1),
    credit_minor=st.integers(-(10**9), 0),
    category=st.sampled_from(["", "late-interest", "compensation", "dunning-fee"]),
)
def test_totals_add_up(amounts, credit_minor, category):
    """What the rows have open, less what is held back and the credits, is what is claimed."""
    items = [
        attrs.evolve(
            _ITEM, item=f"F-{number}", open_minor=open_minor, held_minor=min(held, open_minor)
        )
        for number, (open_minor, held) in enumerate(amounts)
    ]
    notice = attrs.evolve(_NOTICE, items=items, credit_minor=credit_minor)
    table = _compose(notice, categories={"F-0": category}).table
    totals = [(total.label, _minor(total.text)) for total in table.totals]

    deducted = sum(minor for label, minor in totals if label.startswith("À déduire"))
    label, claimed_minor = totals[-1]
    assert label == "Total réclamé"
    assert claimed_minor == sum(item.open_minor for item in items) + deducted
    assert claimed_minor == notice.total_minor
    assert _minor(table.rows[-1].running) == notice.total_minor - credit_minor


def _minor(text):
    digits = "".join(char for char in text if char.isdigit())
    return -int(digits) if "-" in text else int(digits)


def test_before_the_due_date_nothing_is_late():
    """A courtesy has no column for delays, and its total is to be paid, not claimed."""
    ahead = attrs.evolve(
        _NOTICE,
        letter="courtesy-reminder",
        items=[attrs.evolve(_ITEM, level=1, due_date=dt.date(2026, 11, 30))],
    )
    letter = _compose(ahead)

    assert "Jours de retard" not in letter.table.headings
    assert [total.label for total in letter.table.totals] == ["Total à régler"]
    assert "30 novembre 2026" in _blanks(letter.before[0])


def test_each_document_has_its_own_file():
    """Where a procedure writes for each document, two letters of a day have two names."""
    letter = _compose(attrs.evolve(_NOTICE, document="2026-0117"))

    assert letter.file_stem == "MIRA_C-017_EUR_2026-0117_2026-11-02_reminder-2"


def _script(**more):
    given = {"kind": "phone-script-final", "creditor": _LYON, "customer": _CUSTOMER, **more}
    return compose_script(_NOTICE, as_of=_AS_OF, **given)


def test_script_is_for_the_caller():
    """A script says whom to call on which number, and no e-mail opens for it."""
    contact = Contact(name="Mme Roy", phone="02 40 11 22 33", email="ap@erdre.example")
    letter = _script(customer=attrs.evolve(_CUSTOMER, contacts=[contact]))

    assert letter.recipient == ("Quincaillerie de l’Erdre", "Mme Roy", "02 40 11 22 33")
    assert letter.email_to == ""
    assert _blanks(letter.table.totals[-1].text) == "1 235,50 €"


def test_script_ends_with_the_reasons_to_choose_from():
    """The note of a call has the vocabulary of the contact log, in the language of the script."""
    note = _script().reply

    assert len(note.choices) == len(NonPaymentReason)
    assert "Erreur de facturation" in note.choices
    assert note.fields[:2] == ("Interlocuteur", "Montant promis")


def test_letter_is_no_script():
    """What is sent is not read aloud."""
    with pytest.raises(PolicyError, match="kind must be one that is spoken, got 'reminder-2'"):
        _script(kind="reminder-2")


_CONSUMER = attrs.evolve(_CUSTOMER, is_consumer=True)


def test_consumer_gets_the_words_for_consumers():
    """A consumer is told of no 40 €, whatever the procedure calls the letter."""
    letter = _compose(customer=_CONSUMER)
    words = " ".join((*letter.before, *letter.after))

    assert letter.kind == "reminder-2-consumer"
    assert letter.file_stem.endswith("reminder-2-consumer")
    assert "40" not in words
    assert "médiateur de la consommation" in words


def test_business_text_never_goes_to_a_consumer():
    """Where the only text is for business, there is no letter."""
    plain = packaged_texts().by_key.values()
    texts = Texts([text for text in plain if not text.kind.endswith("-consumer")])

    with pytest.raises(TranslationMissingError, match="to a consumer must have a text"):
        _compose(customer=_CONSUMER, texts=texts)


_ODD = st.text(max_size=30) | st.sampled_from(
    ["\x00\r\n", "x" * 20_000, "{total}", "\u202e\ud800", "<b>"]
)


@given(name=_ODD, city=_ODD, contact=_ODD, item=_ODD.filter(bool), line=_ODD)
def test_composing_never_fails_on_odd_texts(name, city, contact, item, line):
    """Control characters and endless names make a letter with plain, short lines."""
    address = Address(lines=[line, line], city=city, postal_code=line, region=line)
    creditor = attrs.evolve(_LYON, name=name, address=address, legal_form=line, iban=line, bic=line)
    customer = attrs.evolve(
        _CUSTOMER, name=name, address=address, contacts=[Contact(name=contact, phone=line)]
    )
    notice = attrs.evolve(_NOTICE, items=[attrs.evolve(_ITEM, item=item)])
    letter = _compose(notice, creditor=creditor, customer=customer)

    assert all(len(text) <= 3_000 for text in (*letter.recipient, *letter.before, letter.subject))
