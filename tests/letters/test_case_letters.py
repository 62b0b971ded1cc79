"""Promises, plans, disputes, copies, changes and hand-overs become letters."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.casework import (
    Dispute,
    DisputedPart,
    DisputeOutcome,
    PaymentPlan,
    PlanInstallment,
    PromiseToPay,
    Referral,
    ReferralKind,
    ReferredItem,
)
from receivables.documents import Invoice
from receivables.documents.objects import open_items
from receivables.errors import DocumentError, PolicyError
from receivables.letters import (
    compose_dispute_answer,
    compose_duplicate,
    compose_hand_over,
    compose_hold,
    compose_limit_change,
    compose_plan,
    compose_promise,
    compose_promise_script,
    compose_release,
    compose_terms_change,
)
from receivables.money import money
from receivables.parties import Contact, Creditor, Customer
from receivables.terms import parse_terms

_DAY = dt.date(2026, 11, 2)
_CREDITOR = Creditor(
    creditor="MIRA", name="Mira Outillage SAS", country="FR", iban="FR7630006000011234567890189"
)
_CUSTOMER = Customer(
    customer="C-017",
    name="Quincaillerie de l’Erdre",
    locale="fr-FR",
    country="FR",
    contacts=[Contact(name="Comptabilité", email="ap@erdre.example")],
)
_WHO = {"creditor": _CREDITOR, "customer": _CUSTOMER, "dated": _DAY}
_PROMISE = PromiseToPay(
    promise="P-1",
    customer="C-017",
    amount=money("500.00", "EUR"),
    due_on=dt.date(2026, 11, 20),
    items=["F-1"],
)
_DISPUTE = Dispute(
    dispute="D-1",
    customer="C-017",
    parts=[
        DisputedPart(item="F-1", amount=money("120.00", "EUR")),
        DisputedPart(item="F-2", amount=money("30.00", "EUR")),
    ],
    reason="quality",
    owner="quality",
)
_REFERRAL = Referral(
    referral="RF-1",
    customer="C-017",
    kind="agency",
    to="Recova",
    items=[ReferredItem(item="F-1", amount=money("800.00", "EUR"))],
)


def _blanks(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _rows(table):
    return [[_blanks(cell) for cell in row.cells] for row in table.rows]


def _totals(table):
    return [(total.label, _blanks(total.text)) for total in table.totals]


def _invoice(number="F-1", *, due_date=dt.date(2026, 9, 30), amount="800", currency="EUR"):
    return Invoice(
        number=number,
        creditor="MIRA",
        customer="C-017",
        document_date=dt.date(2026, 8, 31),
        due_date=due_date,
        total=money(amount, currency),
    )


def test_promise_is_confirmed_as_it_was_understood():
    """The letter says how much, by which day, and when it was said; its item is listed."""
    letter = compose_promise(
        _PROMISE, promised_on=dt.date(2026, 10, 30), items=open_items(_invoice()), **_WHO
    )

    assert _blanks(letter.subject) == "Votre promesse de règlement de 500,00 €"
    assert "entretien du 30 octobre 2026" in _blanks(letter.before[0])
    assert "au plus tard le 20 novembre 2026" in _blanks(letter.before[0])
    assert _rows(letter.table)[0][0] == "F-1"
    assert letter.payment[-1].text == "F-1"
    assert letter.file_stem == "MIRA_C-017_P-1_2026-11-02_promise-confirmation"


def test_promise_needs_no_items():
    """A promise about whatever is owed has no table, and is paid by the customer's number."""
    promise = attrs.evolve(_PROMISE, items=[])
    letter = compose_promise(promise, promised_on=_DAY, **_WHO)

    assert letter.table.rows == ()
    assert letter.payment[-1].text == "C-017"


def test_broken_promise_is_spoken_about():
    """The script says what was promised for which day, and is sent to nobody."""
    letter = compose_promise_script(_PROMISE, promised_on=dt.date(2026, 10, 30), **_WHO)

    assert "500,00 € pour le 20 novembre 2026" in _blanks(letter.before[1])
    assert letter.email_to == ""
    assert letter.reply is not None


def test_letter_about_a_promise_is_no_script():
    """What is sent is not read aloud."""
    with pytest.raises(PolicyError, match="kind must be one that is spoken"):
        compose_promise_script(_PROMISE, promised_on=_DAY, kind="promise-confirmation", **_WHO)


def _plan(*installments, **more):
    given = {"accept_by": dt.date(2026, 11, 16), "rate_bps": 825, **more}
    return PaymentPlan(
        plan="PL-1", customer="C-017", items=["F-1"], installments=installments, **given
    )


def _installment(day, principal, interest="0", currency="EUR"):
    return PlanInstallment(
        due_on=day, principal=money(principal, currency), interest=money(interest, currency)
    )


_DECEMBER, _JANUARY = dt.date(2026, 12, 1), dt.date(2027, 1, 1)


def test_plan_has_a_table_of_its_installments():
    """Principal and interest stand apart, with the sum down to each row and at the end."""
    plan = _plan(_installment(_DECEMBER, "400", "3"), _installment(_JANUARY, "400", "1.50"))
    table = compose_plan(plan, **_WHO).table

    assert table.caption == "Échéances en EUR"
    assert _rows(table) == [
        ["1", "1er déc. 2026", "400,00 €", "3,00 €", "403,00 €"],
        ["2", "1er janv. 2027", "400,00 €", "1,50 €", "401,50 €"],
    ]
    assert [_blanks(row.running) for row in table.rows] == ["403,00 €", "804,50 €"]
    assert _totals(table) == [
        ("Principal", "800,00 €"),
        ("Intérêts", "4,50 €"),
        ("Total à régler", "804,50 €"),
    ]


def test_plan_without_interest_has_amounts_only():
    """Columns that would be empty are left out."""
    table = compose_plan(_plan(_installment(_DECEMBER, "400"), rate_bps=0), **_WHO).table

    assert table.headings == ("Échéance n°", "Date d’échéance", "Montant")
    assert _totals(table) == [("Total à régler", "400,00 €")]


def test_each_currency_of_a_plan_has_its_table():
    """No sum mixes two currencies."""
    plan = _plan(_installment(_DECEMBER, "400"), _installment(_DECEMBER, "70", currency="USD"))
    letter = compose_plan(plan, **_WHO)

    assert [table.caption for table in (letter.table, *letter.tables)] == [
        "Échéances en EUR",
        "Échéances en USD",
    ]
    assert _blanks(letter.subject) == "Échéancier de règlement : 400,00 €, 70,00 $US"


def test_plan_is_signed_and_sent_back():
    """The slip goes to the creditor, and says what is acknowledged; the letter, when it breaks."""
    letter = compose_plan(_plan(_installment(_DECEMBER, "400", "3")), **_WHO)

    assert letter.reply.to[0] == "Mira Outillage SAS"
    assert "Nous reconnaissons devoir la somme de 403,00 €" in _blanks(letter.reply.paragraphs[2])
    assert "3,00 € d’intérêts, au taux annuel de 8,25 %" in _blanks(letter.before[0])
    assert "défaut de paiement de 1 échéance(s), constaté plus de 5 jours" in _blanks(
        letter.after[1]
    )
    assert "jusqu’au 16 novembre 2026" in _blanks(letter.after[2])


def test_plan_that_can_be_accepted_for_ever_needs_another_text():
    """A text that names the last day to accept needs one."""
    with pytest.raises(DocumentError, match="accept_by must be given"):
        compose_plan(_plan(_installment(_DECEMBER, "400"), accept_by=None), **_WHO)


@given(amounts=st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**6)), min_size=1))
def test_installments_add_up(amounts):
    """The last running sum is the total, whatever the installments."""
    plan = _plan(
        *(
            _installment(_DECEMBER + dt.timedelta(days=number), principal, interest)
            for number, (principal, interest) in enumerate(amounts)
        )
    )
    table = compose_plan(plan, **_WHO).table

    assert table.rows[-1].running == table.totals[-1].text
    assert len(table.rows) == len(amounts)


def _answer(outcome, accepted=(), **more):
    return compose_dispute_answer(_DISPUTE, DisputeOutcome(outcome), accepted, **{**_WHO, **more})


def test_customer_who_is_right_is_told_so():
    """Everything is accepted, nothing is asked for."""
    letter = _answer("valid")

    assert "pour la somme de 150,00 €" in _blanks(letter.before[1])
    assert _totals(letter.table) == [("Montant restant dû", "0,00 €")]
    assert letter.payment == ()


def test_customer_who_is_wrong_is_asked_again():
    """Nothing is accepted: all of it stays owed, by a day."""
    letter = _answer("invalid", deadline_days=10)

    assert "La somme de 150,00 € reste donc due" in _blanks(letter.before[1])
    assert "12 novembre 2026" in _blanks(letter.after[0])
    assert letter.payment[-1].text == "C-017"


def test_what_is_right_and_what_is_not_stand_item_by_item():
    """A split has what is accepted, what stays owed, and their sum is what was contested."""
    letter = _answer("split", [DisputedPart(item="F-2", amount=money("30.00", "EUR"))])

    assert _rows(letter.table) == [
        ["F-1", "120,00 €", "0,00 €", "120,00 €"],
        ["F-2", "30,00 €", "30,00 €", "0,00 €"],
    ]
    assert _totals(letter.table) == [("Montant restant dû", "120,00 €")]
    assert letter.payment[-1].text == "F-1"


_WRONG_ANSWERS = {
    "withdrawn": ("withdrawn", (), PolicyError, "must be valid, invalid or split"),
    "more than contested": ("split", [("F-2", "31.00", "EUR")], DocumentError, "at most"),
    "another currency": ("split", [("F-2", "1.00", "USD")], DocumentError, "at most"),
    "another item": ("split", [("F-9", "1.00", "EUR")], DocumentError, "got F-9"),
}


@pytest.mark.parametrize(
    ("outcome", "accepted", "error", "reason"), _WRONG_ANSWERS.values(), ids=_WRONG_ANSWERS
)
def test_answer_is_refused(outcome, accepted, error, reason):
    """Nobody is promised more than was contested, nor gets a letter about nothing."""
    parts = [DisputedPart(item=item, amount=money(*amount)) for item, *amount in accepted]

    with pytest.raises(error, match=reason):
        _answer(outcome, parts)


def test_copies_are_listed():
    """Each document has its kind, number, dates and amount; a credit note is negative."""
    letter = compose_duplicate([_invoice(), _invoice("F-2", amount="20")], **_WHO)

    assert _rows(letter.table)[0] == [
        "Facture F-1",
        "31 août 2026",
        "30 sept. 2026",
        "800,00 €",
    ]
    assert "F-1, F-2" in letter.before[0]


def test_a_hundred_copies_fit_into_a_sentence():
    """A list that is too long for a sentence ends with an ellipsis; the table has them all."""
    letter = compose_duplicate([_invoice(f"2026-{number:06}") for number in range(100)], **_WHO)

    assert letter.before[0].endswith("….")
    assert len(letter.table.rows) == 100


def test_copies_of_nothing_are_refused():
    """A cover needs something to cover."""
    with pytest.raises(DocumentError, match="documents must be one or more"):
        compose_duplicate([], **_WHO)


def test_terms_are_told_in_the_language_of_the_letter():
    """Terms as values are written in French; terms as text stand as they are."""
    letter = compose_terms_change(
        old_terms=parse_terms("45 days end of month"),
        new_terms="comptant",
        effective_on=_JANUARY,
        **_WHO,
    )

    assert "jusqu’ici « 45 fin de mois », deviennent « comptant »" in _blanks(letter.before[0])


def test_limit_is_told_with_the_old_one():
    """The customer can compare."""
    letter = compose_limit_change(
        old_limit=money("50000", "EUR"),
        new_limit=money("30000", "EUR"),
        effective_on=_DECEMBER,
        **_WHO,
    )

    assert "est de 50 000,00 €, sera de 30 000,00 €" in _blanks(letter.before[0])


def test_first_limit_is_no_change():
    """A text that names the old limit needs one."""
    with pytest.raises(DocumentError, match="old_limit must be given"):
        compose_limit_change(old_limit=None, new_limit=money("1", "EUR"), effective_on=_DAY, **_WHO)


def test_hold_lists_what_is_past_due_only():
    """What is due later is no reason, and no part of the sum."""
    later = _invoice("F-2", due_date=dt.date(2026, 11, 2))
    items = [*open_items(_invoice()), *open_items(later)]
    letter = compose_hold(items, effective_on=_DECEMBER, **_WHO)

    assert [row[0] for row in _rows(letter.table)] == ["F-1"]
    assert "présente 800,00 € échus et impayés" in _blanks(letter.before[0])
    assert letter.payment[-1].text == "F-1"


def test_hold_without_a_reason_is_refused():
    """Nobody is told of a hold for what is not yet due."""
    later = open_items(_invoice(due_date=dt.date(2026, 11, 2)))

    with pytest.raises(DocumentError, match="must have one that is past due"):
        compose_hold(later, effective_on=_DECEMBER, **_WHO)


def test_release_says_from_when():
    """Orders are delivered again from a day on."""
    letter = compose_release(effective_on=_DECEMBER, **_WHO)

    assert _blanks(letter.subject) == "Reprise de vos commandes à compter du 1er décembre 2026"
    assert letter.payment == ()


def test_hand_over_names_the_agency_and_no_account():
    """Who collects says where to pay; our number stands for a mandate without one."""
    letter = compose_hand_over(_REFERRAL, effective_on=_DECEMBER, **_WHO)

    assert letter.subject == "Votre dossier est confié à Recova"
    assert "référence RF-1" in letter.before[0]
    assert _totals(letter.table) == [("Total des pièces", "800,00 €")]
    assert letter.payment == ()


@pytest.mark.parametrize("kind", set(ReferralKind) - {ReferralKind.AGENCY})
def test_other_referrals_have_no_such_letter(kind):
    """A court, an insurer and a lawyer write in their own way, or not at all."""
    with pytest.raises(DocumentError, match="must be agency"):
        compose_hand_over(attrs.evolve(_REFERRAL, kind=kind), effective_on=_DAY, **_WHO)


_OF_ANOTHER = {
    "promise": lambda: compose_promise(
        attrs.evolve(_PROMISE, customer="C-018"), promised_on=_DAY, **_WHO
    ),
    "plan": lambda: compose_plan(
        attrs.evolve(_plan(_installment(_DECEMBER, "1")), customer="C-018"), **_WHO
    ),
    "dispute": lambda: compose_dispute_answer(
        attrs.evolve(_DISPUTE, customer="C-018"), DisputeOutcome.VALID, **_WHO
    ),
    "document": lambda: compose_duplicate([attrs.evolve(_invoice(), customer="C-018")], **_WHO),
    "item": lambda: compose_hold(
        open_items(attrs.evolve(_invoice(), customer="C-018")), effective_on=_DAY, **_WHO
    ),
    "referral": lambda: compose_hand_over(
        attrs.evolve(_REFERRAL, customer="C-018"), effective_on=_DAY, **_WHO
    ),
}


@pytest.mark.parametrize("write", _OF_ANOTHER.values(), ids=_OF_ANOTHER)
def test_case_of_another_customer_is_refused(write):
    """No letter about one customer goes to another."""
    with pytest.raises(DocumentError, match="must be of C-017, got C-018"):
        write()


_ODD = st.text(min_size=1, max_size=30) | st.sampled_from(["\x00\r\n", "y" * 20_000, "{total}"])


@given(name=_ODD, number=_ODD, note=_ODD)
def test_composing_never_fails_on_odd_texts(name, number, note):
    """Control characters and endless names make letters with plain, short lines."""
    who = {**_WHO, "customer": attrs.evolve(_CUSTOMER, name=name)}
    letters = [
        compose_hand_over(
            attrs.evolve(_REFERRAL, to=name, mandate=number), effective_on=_DAY, **who
        ),
        compose_dispute_answer(
            attrs.evolve(_DISPUTE, dispute=number, note=note), DisputeOutcome.VALID, **who
        ),
        compose_promise(
            attrs.evolve(_PROMISE, promise=number, items=[number]), promised_on=_DAY, **who
        ),
        compose_terms_change(old_terms=note, new_terms=name, effective_on=_DAY, **who),
    ]

    lines = [line for letter in letters for line in (letter.subject, *letter.before)]
    assert all(len(line) <= 3_000 and not any(char < " " for char in line) for line in lines)
