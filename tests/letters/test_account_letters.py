"""Statements and confirmations become letters: tables, balances, replies, in the reader's language."""

import datetime as dt
import re

import attrs
import pytest

from receivables.aging import AgingScheme, Undated
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import Invoice
from receivables.errors import DocumentError, TranslationMissingError
from receivables.ledger import DocumentIssued, Ledger, ReceiptRecorded
from receivables.letters import (
    compose_confirmation,
    compose_statement,
    load_texts,
    packaged_texts,
)
from receivables.money import money
from receivables.parties import Address, Contact, Creditor, Customer, PayerGroup
from receivables.receipts import Receipt
from receivables.statements import (
    BalanceConfirmation,
    ConfirmationForm,
    ReplyTo,
    group_statement,
    statement_of_account,
)

_LEARNED = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
_AS_OF = dt.date(2026, 10, 31)
_CREDITOR = Creditor(
    creditor="MIRA",
    name="Mira Outillage SAS",
    country="FR",
    address=Address(lines=["12 rue de la Fosse"], postal_code="44000", city="Nantes"),
    iban="FR7630006000011234567890189",
)
_CUSTOMER = Customer(
    customer="C-1",
    name="Quincaillerie de l’Erdre",
    locale="fr-FR",
    country="FR",
    address=Address(lines=["8 allée des Tanneurs"], postal_code="44240", city="Sucé"),
    contacts=[Contact(name="Comptabilité", email="ap@erdre.example")],
)
_AUDITOR = ReplyTo(
    name="Audit & Cie",
    address=Address(lines=["1 place Graslin"], postal_code="44000", city="Nantes", country="FR"),
    email="confirm@audit.example",
    reference="A-17",
)


def _invoice(number, amount, *, customer="C-1", currency="EUR"):
    document = Invoice(
        number=number,
        creditor="MIRA",
        customer=customer,
        document_date=dt.date(2026, 8, 31),
        due_date=dt.date(2026, 9, 30),
        total=money(amount, currency),
    )
    return DocumentIssued.of(document, recorded_at=_LEARNED)


def _receipt(name, amount, *, customer="C-1"):
    receipt = Receipt(
        receipt=name,
        creditor="MIRA",
        customer=customer,
        amount=money(amount, "EUR"),
        booking_date=dt.date(2026, 10, 5),
    )
    return ReceiptRecorded.of(receipt, recorded_at=_LEARNED)


def _paid(ledger, legs, *residuals):
    allocation = Allocation(
        allocation="A-1",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg(item, minor) for item, minor in legs.items()],
        residuals=residuals,
    )
    day = dt.date(2026, 10, 6)
    return ledger.record(ledger.allocated(allocation, effective_on=day, recorded_at=_LEARNED))


@pytest.fixture
def ledger():
    """An invoice paid in part with a discount, money that is not applied, and one in dollars."""
    events = (
        _invoice("F-1", "1234.50"),
        _invoice("US-1", "70", currency="USD"),
        _receipt("R-1", "98"),
        _receipt("receipt-0123456789abcdef01234567", "20"),
    )
    discount = Residual(ResidualKind.SETTLEMENT_DISCOUNT, 200, item="F-1")
    return _paid(Ledger().record(*events), {"F-1": 10_000, "R-1": -9_800}, discount)


def _statement(ledger, **more):
    return statement_of_account(ledger, "MIRA", "C-1", as_of=_AS_OF, **more)


def _compose(ledger, *, customer=_CUSTOMER, scheme=None, since=None, **more):
    asked = {} if scheme is None else {"scheme": scheme}
    statement = _statement(ledger, since=since, **asked)
    return compose_statement(statement, creditor=_CREDITOR, customer=customer, **more)


def _confirm(ledger, *, form=ConfirmationForm.POSITIVE, customer=_CUSTOMER, **more):
    given = {"reply_to": _AUDITOR, "reply_by": dt.date(2026, 11, 30), **more}
    confirmation = BalanceConfirmation(statement=_statement(ledger), form=form, **given)
    return compose_confirmation(
        confirmation, creditor=_CREDITOR, customer=customer, dated=dt.date(2026, 11, 5)
    )


def _blanks(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _rows(table):
    return [[_blanks(cell) for cell in row.cells] for row in table.rows]


def _totals(table):
    return [(total.label, _blanks(total.text)) for total in table.totals]


def test_statement_says_whose_account_and_of_which_day(ledger):
    """The subject has the day of the balance, and the letter is dated on it unless told otherwise."""
    letter = _compose(ledger)
    later = _compose(ledger, dated=dt.date(2026, 11, 3))

    assert _blanks(letter.subject) == "Relevé de compte au 31 octobre 2026"
    assert "votre compte C-1" in letter.before[0]
    assert letter.date == _AS_OF
    assert later.place_and_date == "Nantes, le 3\u00a0novembre 2026"
    assert letter.file_stem == "MIRA_C-1_2026-10-31_statement"
    assert letter.email_to == "ap@erdre.example"


def test_open_items_stand_with_what_settled_them(ledger):
    """A row per item, and below it what was paid and kept, with the day."""
    table = _compose(ledger).tables[0]

    assert table.caption == "Compte en EUR"
    assert _rows(table) == [
        ["Facture F-1", "31 août 2026", "30 sept. 2026", "31", "1 234,50", "100,00", "1 134,50"],
        ["– Règlement reçu R-1", "6 oct. 2026", "", "", "", "98,00", ""],
        ["– Escompte", "6 oct. 2026", "", "", "", "2,00", ""],
    ]
    assert [row.is_detail for row in table.rows] == [False, True, True]
    assert _blanks(table.rows[-1].running) == "1 134,50 €"


def test_unapplied_cash_stands_apart(ledger):
    """Money that is not applied has a table of its own, without the name that the library made up."""
    documents, cash, *_ = _compose(ledger).tables

    assert _totals(documents) == [("Total des pièces", "1 134,50 €")]
    assert cash.caption == "Encaissements non affectés en EUR"
    assert _rows(cash) == [["Règlement reçu", "5 oct. 2026", "-20,00", "", "-20,00"]]
    assert _totals(cash) == [
        ("Encaissements non affectés", "-20,00 €"),
        ("Solde restant dû", "1 114,50 €"),
    ]


def test_each_currency_has_its_tables_and_its_aging(ledger):
    """No table holds two currencies, and each currency is aged by itself."""
    tables = _compose(ledger).tables

    assert [table.caption for table in tables] == [
        "Compte en EUR",
        "Encaissements non affectés en EUR",
        "Balance âgée en EUR",
        "Compte en USD",
        "Balance âgée en USD",
    ]
    assert _rows(tables[2]) == [["0,00", "0,00", "1 134,50", "0,00", "0,00", "-20,00", "1 114,50"]]


def test_many_buckets_stand_below_each_other(ledger):
    """An aging that is too wide for a sheet is turned."""
    scheme = AgingScheme(10, 20, 30, 60, 90, 180, undated=Undated.DOCUMENT_DATE)
    table = _compose(ledger, scheme=scheme).tables[2]

    assert table.headings == ("Tranche", "Montant")
    assert len(table.rows) == scheme.bucket_count + 2


def test_running_balance_has_debits_and_credits(ledger):
    """Every movement with the balance after it, from the opening to the closing balance."""
    table = _compose(ledger, since=dt.date(2026, 10, 1)).tables[0]

    assert _blanks(table.caption) == "Compte en EUR du 1er oct. 2026 au 31 oct. 2026"
    assert _rows(table) == [
        ["1er oct. 2026", "Solde initial", "", "", "1 234,50"],
        ["5 oct. 2026", "Règlement reçu R-1", "", "98,00", "1 136,50"],
        ["5 oct. 2026", "Règlement reçu", "", "20,00", "1 116,50"],
        ["6 oct. 2026", "Escompte F-1", "", "2,00", "1 114,50"],
    ]
    assert _totals(table) == [("Solde restant dû", "1 114,50 €")]


def test_a_reversal_says_so(ledger):
    """What was undone is told by its name and as undone."""
    undo = ledger.unallocated(
        "MIRA", "A-1", effective_on=dt.date(2026, 10, 9), recorded_at=_LEARNED
    )
    table = _compose(ledger.record(undo), since=dt.date(2026, 10, 7)).tables[0]

    assert _rows(table)[-1][1:] == ["Escompte, contre-passation F-1", "2,00", "", "1 116,50"]


def test_running_balance_from_the_beginning_has_no_opening(ledger):
    """A statement of everything starts with the first movement."""
    statement = _statement(ledger, since=dt.date(1, 1, 1))
    letter = compose_statement(
        attrs.evolve(statement, since=None), creditor=_CREDITOR, customer=_CUSTOMER
    )

    assert _blanks(letter.tables[0].caption) == "Compte en EUR jusqu’au 31 oct. 2026"
    assert _rows(letter.tables[0])[0][1] == "Facture F-1"


def test_a_credit_balance_is_in_the_customer_s_favor():
    """A credit is named as one and shown without its sign, and nobody is asked to pay it."""
    letter = _compose(Ledger().record(_receipt("R-1", "80")))

    assert _totals(letter.tables[0])[-1] == ("Solde en votre faveur", "80,00 €")
    assert letter.payment == ()
    assert "IBAN" in [
        part.label for part in _compose(Ledger().record(_invoice("F-1", "1"))).payment
    ]


def test_an_empty_account_says_so():
    """A customer of whom nothing is open gets a statement that says it."""
    (table,) = _compose(Ledger()).tables

    assert _totals(table) == [("Compte soldé", "0,00 €")]


def test_a_group_has_its_customers_by_name_and_their_sum(ledger):
    """Every table says whose it is, and one shows the balance of each customer and of all."""
    ledger = ledger.record(_invoice("B-1", "10", customer="C-2"))
    group = PayerGroup(name="G", payer="C-1", members=["C-2"])
    statement = group_statement(ledger, "MIRA", group, as_of=_AS_OF)
    letter = compose_statement(
        statement, creditor=_CREDITOR, customer=_CUSTOMER, names={"C-2": "Filiale"}
    )
    captions = [table.caption.replace("\u00a0", " ") for table in letter.tables]

    assert "Quincaillerie de l’Erdre : Compte en EUR" in captions
    assert "Filiale : Compte en EUR" in captions
    summary = letter.tables[captions.index("Ensemble des comptes en EUR")]
    assert _rows(summary) == [
        ["C-1", "Quincaillerie de l’Erdre", "1 114,50"],
        ["C-2", "Filiale", "10,00"],
    ]
    assert _totals(summary) == [("Solde restant dû", "1 124,50 €")]


def test_a_transfer_names_the_other_account_only_where_it_is_given():
    """Who else is concerned is for the caller to say; an identifier alone is told to nobody."""
    events = (_invoice("F-1", "50", customer="C-2"), _receipt("R-1", "50"))
    ledger = _paid(Ledger().record(*events), {"F-1": 5_000, "R-1": -5_000})
    since = dt.date(2026, 10, 6)
    bare = _compose(ledger, since=since).tables[0]
    named = _compose(ledger, since=since, names={"C-2": "Filiale"}).tables[0]

    assert _rows(bare)[-1][1] == "Imputation sur un autre compte"
    assert _rows(named)[-1][1] == "Imputation sur un autre compte Filiale"


@pytest.mark.parametrize("locale", ["en", "en-GB", "es", "es-ES", "es-MX", "fr", "fr-CA", "fr-FR"])
def test_letters_are_in_the_language_of_the_reader(ledger, locale):
    """Every letter about an account has all its words in every locale."""
    customer = attrs.evolve(_CUSTOMER, locale=locale)

    assert _compose(ledger, customer=customer).locale == locale
    assert _compose(ledger, customer=customer, since=_AS_OF).locale == locale
    for form in ConfirmationForm:
        assert _confirm(ledger, form=form, customer=customer).locale == locale


def test_language_without_a_text_is_refused(ledger):
    """Nobody gets a statement in a language that he may not read."""
    with pytest.raises(TranslationMissingError):
        _compose(ledger, customer=attrs.evolve(_CUSTOMER, locale="it-IT"))


@pytest.mark.parametrize(
    "other", [{"customer": "C-2"}, {"creditor": "OTHER"}], ids=["customer", "creditor"]
)
def test_statement_of_somebody_else_is_refused(ledger, other):
    """A statement is never sent to another customer."""
    statement = attrs.evolve(_statement(ledger), **other)

    with pytest.raises(DocumentError, match="statement must be of MIRA and C-1"):
        compose_statement(statement, creditor=_CREDITOR, customer=_CUSTOMER)


_OWN = """
kind = "statement"
locale = "fr"
subject = "{as_of} {balances} {since}"
salutation = "{customer_name}"
before = ["{creditor_name} {date} {reference}"]
closing = "{customer}"
sources = []
"""


def test_own_text_may_use_every_placeholder(ledger):
    """Balances are told currency by currency, and the period where there is one."""
    texts = packaged_texts().updated(load_texts({"own.toml": _OWN.replace(" {since}", "")}))

    assert _blanks(_compose(ledger, texts=texts).subject) == (
        "31 octobre 2026 1 114,50 €, 70,00 $US"
    )
    assert "0,00" in _compose(Ledger(), texts=texts).subject


def test_text_that_names_the_period_needs_one(ledger):
    """A text about a period is not for a statement without."""
    texts = packaged_texts().updated(load_texts({"own.toml": _OWN}))

    assert "1er" in _compose(ledger, texts=texts, since=dt.date(2026, 10, 1)).subject
    with pytest.raises(DocumentError, match="since must be given"):
        _compose(ledger, texts=texts)


def test_confirmation_shows_the_balances_and_whose_they_are(ledger):
    """A balance per currency, and in whose favor it is, by name."""
    (table,) = _confirm(ledger).tables

    assert _rows(table) == [
        ["Compte en EUR", "en faveur de Mira Outillage SAS", "1 114,50 €"],
        ["Compte en USD", "en faveur de Mira Outillage SAS", "70,00 $US"],
    ]


def test_a_credit_balance_is_confirmed_in_favor_of_the_customer():
    """A credit is shown without its sign, in favor of the other side."""
    (table,) = _confirm(Ledger().record(_receipt("R-1", "80"))).tables

    assert _rows(table)[0][1:] == ["en faveur de Quincaillerie de l’Erdre", "80,00 €"]


def test_reply_goes_to_the_auditor(ledger):
    """The reply is addressed to whom the confirmation names, and quotes what it must."""
    letter = _confirm(ledger)
    reply = letter.reply

    assert reply.to == ("Audit & Cie", "1 place Graslin", "44000 Nantes", "confirm@audit.example")
    assert _blanks(reply.paragraphs[0]) == "Référence à rappeler : A-17"
    assert _blanks(reply.paragraphs[2]) == "1 114,50 € en faveur de Mira Outillage SAS"
    assert len(reply.choices) == 2
    assert reply.fields[:2] == (
        "Notre solde en EUR, et en faveur de qui",
        "Notre solde en USD, et en faveur de qui",
    )
    assert "Audit & Cie" in letter.after[0]
    assert "30 novembre 2026" in _blanks(letter.after[0])


def test_reply_without_a_reference_quotes_ours(ledger):
    """An answer can always be told apart."""
    reply = _confirm(ledger, reply_to=ReplyTo(name="Audit & Cie")).reply

    assert reply.paragraphs[0].endswith("C-1/2026-10-31")


def test_annex_lists_the_open_items(ledger):
    """The items behind the balance come after everything else, without an aging."""
    letter = _confirm(ledger)

    assert _blanks(letter.annex_title) == "Annexe : postes ouverts"
    assert [table.caption for table in letter.annex] == [
        "Compte en EUR",
        "Encaissements non affectés en EUR",
        "Compte en USD",
    ]


def test_blank_form_says_no_amount(ledger):
    """Nothing on a blank form tells the balance: no table, no annex, no amount in the reply."""
    letter = _confirm(ledger, form=ConfirmationForm.BLANK)
    said = (letter.subject, *letter.before, *letter.after, *letter.reply.paragraphs)

    assert (letter.tables, letter.annex, letter.annex_title) == ((), (), "")
    assert not re.search(r"\d,\d\d", " ".join(said))
    assert [field for field in letter.reply.fields if "EUR" in field or "USD" in field]


def test_an_empty_account_is_confirmed_in_the_creditor_s_currency():
    """A letter about nothing still asks about something."""
    letter = _confirm(Ledger())

    assert _rows(letter.tables[0]) == [["Compte en EUR", "", "0,00 €"]]
    assert letter.reply.fields[0] == "Notre solde en EUR, et en faveur de qui"


def test_confirmation_asks_by_a_day(ledger):
    """A text that names the last day needs one."""
    with pytest.raises(DocumentError, match="reply_by must be given"):
        _confirm(ledger, reply_by=None)


@pytest.mark.parametrize("form", ConfirmationForm)
def test_confirmation_asks_for_no_payment(ledger, form):
    """No bank details stand on a confirmation."""
    assert _confirm(ledger, form=form).payment == ()
