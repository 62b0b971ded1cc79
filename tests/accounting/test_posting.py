"""Which accounts each event debits and credits, by switches and rows that are data."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.accounting import Posting, PostingRules, Role, TaxPart, chart, journal
from receivables.accounting._posts import NOT_POSTED, POSTED
from receivables.accounting.posting import STANDARD_ROWS
from receivables.allocation import Residual, ResidualKind
from receivables.documents import CreditNote, DebitNote, ItemKind
from receivables.errors import EventError, PolicyError
from receivables.ledger import DocumentCancelled, Event, ItemHeld, ReceiptIdentified
from receivables.ledger.model import LIFE_CYCLES
from receivables.money import money
from receivables.receipts import ReceiptMethod

DAY = dt.date(2026, 3, 2)
MOMENT = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)
LATER = dt.date(2026, 3, 20)


def test_every_kind_of_event_is_posted_or_listed():
    """Every event of a life cycle either has accounting or is named as having none."""
    named = {
        trigger.split()[0] for cycle in LIFE_CYCLES.values() for _, trigger in cycle.transitions
    }

    assert {kind.__name__ for kind in (*POSTED, *NOT_POSTED)} == named


def test_an_unknown_kind_of_event_is_refused():
    """An event that nobody has thought of is an error, and not an omission."""

    @attrs.frozen(kw_only=True)
    class Forgotten(Event):
        pass

    event = Forgotten(event="e-1", effective_on=DAY, recorded_at=MOMENT)

    with pytest.raises(EventError, match="got Forgotten"):
        journal([event], chart=chart("fr-pcg"), functional_currency="EUR")


def test_every_kind_and_method_has_a_row():
    """No document, method or residual is without a row, but for those that exchange accounts settle."""
    cases = {
        *(("DocumentIssued", kind.value) for kind in (ItemKind.INVOICE, ItemKind.DEBIT_NOTE)),
        ("DocumentIssued", "credit-note"),
        *(
            (kind, method.value)
            for kind in ("ReceiptRecorded", "ReceiptReturned")
            for method in ReceiptMethod
        ),
        *(
            ("Allocated", kind.value)
            for kind in ResidualKind
            if kind is not ResidualKind.CONVERSION
        ),
    }

    assert cases <= STANDARD_ROWS.keys()


def test_an_invoice_by_lines(house):
    """Net amounts go by category, taxes by code, dimensions with them, the claim to the customer."""
    mine = house("ca-generic", functional="CAD")
    lines = [
        mine.line("100.00", tax="5.00", code="TPS", category="services"),
        mine.line("50.00", tax="4.99", code="QST", dimensions=[("project", "P-9")]),
    ]
    mine.invoice(lines=lines, dimensions=[("center", "S-1"), ("project", "P-1")])

    (entry,) = mine.journal

    assert [
        (line.account.number, line.amount_minor, dict(line.dimensions)) for line in entry.lines
    ] == [
        ("1100", 15999, {"center": "S-1", "project": "P-1"}),
        ("4001", -10000, {"center": "S-1", "project": "P-1"}),
        ("4000", -5000, {"center": "S-1", "project": "P-9"}),
        ("2210", -500, {"center": "S-1", "project": "P-1"}),
        ("2230", -499, {"center": "S-1", "project": "P-1"}),
    ]
    assert (entry.creditor, entry.document, entry.lines[0].customer) == ("MIRA", "F-1", "C-1")


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (DebitNote, {"411": 12000, "707": -10000, "44571": -2000}),
        (CreditNote, {"411": -12000, "707": 10000, "44571": 2000}),
    ],
)
def test_notes(cls, expected, house):
    """A debit note adds to the claim, a credit note takes revenue and tax back."""
    mine = house()
    mine.invoice(cls=cls, lines=[mine.line("100.00", tax="20.00")])

    assert mine.posted() == expected


def test_a_document_without_lines_is_revenue(house):
    """What a document does not break down goes to revenue, tax included."""
    mine = house()
    mine.invoice("120.00")

    assert mine.posted() == {"411": 12000, "707": -12000}


def test_an_unknown_category_is_refused(house):
    """A category that neither chart nor rules know is no silent revenue."""
    mine = house()
    mine.invoice(lines=[mine.line("100.00", category="moonshine")])

    with pytest.raises(PolicyError, match="got 'moonshine'"):
        _ = mine.journal


def test_a_category_of_the_house(house):
    """A chart of one's own gives a category an account."""
    mine = house()
    mine.chart = mine.chart.with_accounts(
        categories={"moonshine": chart("fr-pcg").account(Role.CASH)}
    )
    mine.invoice(lines=[mine.line("100.00", category="moonshine")])

    assert mine.posted() == {"411": 10000, "53": -10000}


def test_a_cancelled_document_is_mirrored_on_its_own_day(house):
    """The mirror has every line of the document with the other sign."""
    mine = house()
    mine.invoice(lines=[mine.line("100.00", tax="20.00")])
    mine.record(
        DocumentCancelled(
            event="c-1",
            effective_on=LATER,
            recorded_at=MOMENT,
            creditor="MIRA",
            customer="C-1",
            number="F-1",
        )
    )

    issued, cancelled = mine.journal

    assert [line.amount_minor for line in cancelled.lines] == [
        -line.amount_minor for line in issued.lines
    ]
    assert cancelled.date == LATER


@pytest.mark.parametrize(
    ("method", "number"),
    [
        (ReceiptMethod.UNSAID, "512"),
        (ReceiptMethod.CREDIT_TRANSFER, "512"),
        (ReceiptMethod.DIRECT_DEBIT, "512"),
        (ReceiptMethod.CHEQUE, "5112"),
        (ReceiptMethod.CARD, "467"),
        (ReceiptMethod.CASH, "53"),
        (ReceiptMethod.BILL_OF_EXCHANGE, "413"),
        (ReceiptMethod.INTERCOMPANY, "451"),
    ],
)
def test_money_stands_where_its_method_says(method, number, house):
    """Each method has its account, and an affiliate is the counterparty of what it took for us."""
    mine = house()
    mine.receipt("10.00", method=method, affiliate="SUD")

    assert mine.posted() == {number: 1000, "411": -1000}
    taken = mine.journal.entries[0].lines[0].counterparty == "SUD"
    assert taken == (method is ReceiptMethod.INTERCOMPANY)


def test_a_receipt_goes_to_the_account_of_its_bank(house):
    """The chart of a house may name an account for each of its bank accounts."""
    mine = house()
    mine.chart = mine.chart.with_accounts(banks={"FR76": attrs.evolve(_bank(mine), number="5121")})
    mine.receipt("10.00", account="FR76")
    mine.receipt("10.00", name="R-2", account="DE11")

    assert mine.posted() == {"5121": 1000, "512": 1000, "411": -2000}


def _bank(mine):
    return mine.chart.account(Role.BANK)


@pytest.mark.parametrize(
    ("rules", "said", "number"),
    [
        ({}, {}, "411"),
        ({"unapplied": Role.ADVANCE}, {}, "4191"),
        ({}, {"is_advance": True}, "4191"),
        ({"advances": Role.RECEIVABLE}, {"is_advance": True}, "411"),
        ({}, {"customer": ""}, "471"),
        ({"unidentified": Role.RECEIVABLE}, {"customer": ""}, "411"),
    ],
)
def test_where_unapplied_cash_stands(rules, said, number, house):
    """Unapplied, paid in advance, or of an unknown payer: each has its switch."""
    mine = house(rules=PostingRules(**rules))
    mine.receipt("10.00", **said)

    assert mine.posted()[number] == -1000


def test_an_identified_receipt_moves_to_its_customer(house):
    """What stood on 471 goes to 411 on the day that the payer is known."""
    mine = house()
    mine.receipt("10.00", customer="")
    mine.record(_identified(LATER))

    assert mine.posted("ReceiptIdentified") == {"471": 1000, "411": -1000}
    assert [line.customer for line in mine.journal.entries[-1].lines] == ["", "C-1"]


def _identified(day):
    return ReceiptIdentified(
        event="i-1",
        effective_on=day,
        recorded_at=MOMENT,
        creditor="MIRA",
        receipt="R-1",
        customer="C-1",
    )


def test_what_went_back_before_the_payer_was_known_follows(house):
    """A part returned later, and a payer known from an earlier day: 471 is empty on every day."""
    mine = house()
    mine.receipt("10.00", customer="")
    mine.send_back(day=LATER, customer="", amount=money("3.00", "EUR"))
    mine.record(_identified(DAY))

    for day in (DAY, LATER):
        assert mine.journal.balances(as_of=day)["MIRA", "471"] == 0
    assert mine.posted() == {"512": 700, "411": -700}


def test_what_turns_out_to_have_gone_back_before_follows_too(house):
    """A part returned on a day before the payer was known, and recorded after: 471 is empty again."""
    mine = house()
    mine.receipt("10.00", customer="")
    mine.record(_identified(LATER))
    mine.send_back(day=DAY, customer="", amount=money("3.00", "EUR"))

    assert mine.journal.balances(as_of=DAY)["MIRA", "471"] == -700
    assert mine.posted() == {"512": 700, "411": -700}


@pytest.mark.parametrize(
    ("residual", "expected"),
    [
        (Residual(ResidualKind.SETTLED_IN_SOURCE, 600), {"472": 600}),
        (
            Residual(ResidualKind.SETTLEMENT_DISCOUNT, 600, tax_minor=100),
            {"665": 500, "44571": 100},
        ),
        (Residual(ResidualKind.SMALL_DIFFERENCE, 600), {"658": 600}),
        (Residual(ResidualKind.BANK_CHARGE, 600), {"627": 600}),
        (Residual(ResidualKind.CASH_ROUNDING, 600), {"658": 600}),
        (Residual(ResidualKind.WITHHOLDING_TAX, 600), {"447": 600}),
        (Residual(ResidualKind.RETENTION, 600, item="F-1"), {"4117": 600}),
        (Residual(ResidualKind.WRITE_OFF, 600, tax_minor=100), {"654": 500, "44571": 100}),
        (Residual(ResidualKind.INTERCOMPANY, 600), {"451": 600}),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Residual) else "",
)
def test_each_residual_has_its_account_and_its_tax(residual, expected, house):
    """What else settled a claim is debited where its kind belongs, less the tax it corrects."""
    mine = house()
    mine.invoice("120.00")
    mine.receipt("114.00")
    mine.allocate({"F-1": 12000, "R-1": -11400}, residual)

    assert mine.posted("Allocated") == {"411": -600, **expected}


@pytest.mark.parametrize(
    ("residual", "expected"),
    [
        (Residual(ResidualKind.SMALL_DIFFERENCE, -600), {"758": -600}),
        (Residual(ResidualKind.CASH_ROUNDING, -600), {"758": -600}),
        (Residual(ResidualKind.REFUND, -600), {"512": -600}),
        (Residual(ResidualKind.RECOVERY, -600, tax_minor=-100), {"7583": -500, "44571": -100}),
        (Residual(ResidualKind.INTERCOMPANY, -600), {"451": -600}),
        (Residual(ResidualKind.BANK_CHARGE, -600), {"627": -600}),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Residual) else "",
)
def test_what_was_paid_too_much(residual, expected, house):
    """A negative residual credits its own account, or turns the usual posting around."""
    mine = house()
    mine.receipt("6.00")
    mine.allocate({"R-1": -600}, residual)

    assert mine.posted("Allocated") == {"411": 600, **expected}


@pytest.mark.parametrize(
    ("rules", "number"), [({}, "411"), ({"deductions": Role.DISPUTED_RECEIVABLE}, "416")]
)
def test_where_deductions_stand(rules, number, house):
    """A deduction stays on the claim, or goes among the doubtful and disputed ones."""
    mine = house(rules=PostingRules(**rules))
    mine.invoice("120.00")
    mine.receipt("114.00")
    mine.allocate({"F-1": 12000, "R-1": -11400}, Residual(ResidualKind.DEDUCTION, 600, item="F-1"))

    assert mine.posted()[number] == 600


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, {"665": 500, "44571": 100 - 2000}),
        ({"discount_tax": TaxPart.NONE}, {"665": 600, "44571": -2000}),
    ],
)
def test_the_tax_of_a_discount(rules, expected, house):
    """The discount lowers the tax as stated, or the tax stays as it is."""
    mine = house(rules=PostingRules(**rules))
    mine.invoice(lines=[mine.line("100.00", tax="20.00")])
    mine.receipt("114.00")
    discount = Residual(ResidualKind.SETTLEMENT_DISCOUNT, 600, tax_minor=100)
    mine.allocate({"F-1": 12000, "R-1": -11400}, discount)

    found = mine.posted()
    assert {number: found[number] for number in expected} == expected


def test_the_tax_of_a_discount_goes_to_the_taxes_of_the_document(house):
    """Two taxes share what a discount corrects, in proportion, to the cent."""
    mine = house("ca-generic", functional="CAD")
    lines = [mine.line("100.00", tax="5.00", code="GST"), mine.line("0.00", tax="9.98", code="QST")]
    mine.invoice(lines=lines)
    discount = Residual(ResidualKind.SETTLEMENT_DISCOUNT, 229, tax_minor=29, item="F-1")
    mine.receipt("112.69")
    mine.allocate({"F-1": 11498, "R-1": -11269}, discount)

    found = mine.posted("Allocated")

    assert (found["2210"], found["2230"], found["4020"]) == (10, 19, 200)


def test_a_write_off_may_be_borne_by_the_allowance(house):
    """The generic chart writes off against the allowance."""
    mine = house("generic")
    mine.invoice("120.00")
    mine.allocate({"F-1": 12000}, Residual(ResidualKind.WRITE_OFF, 12000, tax_minor=2000))

    assert mine.posted("Allocated") == {"1190": 10000, "2200": 2000, "1100": -12000}


def test_a_refund_leaves_from_the_bank_that_is_named(house):
    """The counterparty of a refund may name the house's own bank account."""
    mine = house()
    mine.chart = mine.chart.with_accounts(banks={"FR76": attrs.evolve(_bank(mine), number="5121")})
    mine.receipt("6.00")
    mine.allocate({"R-1": -600}, Residual(ResidualKind.REFUND, -600, counterparty="FR76"))

    assert mine.posted("Allocated") == {"411": 600, "5121": -600}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (ReceiptMethod.DIRECT_DEBIT, {"411": 1000, "512": -1150, "627": 150}),
        (ReceiptMethod.CHEQUE, {"411": 1000, "512": -1150, "627": 150}),
        (ReceiptMethod.CARD, {"411": 1000, "467": -1150, "6278": 150}),
        (ReceiptMethod.CASH, {"411": 1000, "53": -1000, "512": -150, "627": 150}),
    ],
)
def test_a_return_takes_money_and_fee_where_they_came_from(method, expected, house):
    """What went back leaves the account of its method; the fee is a charge of the bank."""
    mine = house()
    mine.receipt("10.00", method=method)
    mine.send_back(fee=money("1.50", "EUR"))

    assert mine.posted("ReceiptReturned") == expected


def test_a_cheque_that_is_still_in_transit(house):
    """A switch takes a returned cheque off the cheques instead of the bank."""
    mine = house(rules=PostingRules(returned_cheques=Role.CHEQUES))
    mine.receipt("10.00", method=ReceiptMethod.CHEQUE)
    mine.send_back()

    assert mine.posted() == {}


def test_an_allocation_without_difference_is_a_transfer(house):
    """It moves between items of one account, and says so."""
    mine = house()
    mine.invoice("10.00")
    mine.receipt("10.00")
    mine.allocate({"F-1": 1000, "R-1": -1000})

    assert [entry.is_transfer for entry in mine.journal] == [False, False, True]


def test_a_hold_has_no_entry(house):
    """Keeping an item out of automatic application changes no balance."""
    mine = house()
    mine.invoice("10.00")
    held = ItemHeld(
        event="h-1",
        effective_on=DAY,
        recorded_at=MOMENT,
        creditor="MIRA",
        customer="C-1",
        item="F-1",
    )
    mine.record(held)

    assert len(mine.journal) == 1


def test_events_must_begin_at_the_beginning(house):
    """A slice of a history, without what it settles, is refused by the name of what is missing."""
    mine = house()
    mine.invoice("10.00")
    mine.receipt("10.00")
    mine.allocate({"F-1": 1000, "R-1": -1000})

    with pytest.raises(EventError, match="events must begin where item 'F-1' of MIRA came"):
        journal(mine.ledger.events[1:], chart=mine.chart, functional_currency="EUR")


def test_an_event_that_comes_twice_is_posted_once(house):
    """The same event read again is the same event."""
    mine = house()
    mine.invoice("10.00")

    made = journal([*mine.ledger.events] * 2, chart=mine.chart, functional_currency="EUR")

    assert len(made) == 1


def test_a_row_of_the_house_stands_instead_of_the_standard_one(house):
    """A house that posts cheques to the bank at once says so in a row."""
    rows = {("ReceiptRecorded", "cheque"): ["debit bank amount", "credit item amount"]}
    mine = house(rules=PostingRules(rows=rows))
    mine.receipt("10.00", method=ReceiptMethod.CHEQUE)

    assert mine.posted() == {"512": 1000, "411": -1000}


def test_rules_compare_by_what_they_say():
    """Two rules that say the same are equal, however they were written."""
    rows = {"ReceiptRecorded": {"cheque": ["debit bank amount", "credit item amount"]}}
    table = {"unapplied": "advance", "discount-tax": "none", "rows": rows}

    rules = PostingRules.from_table(table)

    assert rules == PostingRules(
        unapplied=Role.ADVANCE,
        discount_tax=TaxPart.NONE,
        rows={
            ("ReceiptRecorded", "cheque"): [
                Posting(Role.BANK, "amount", 1),
                Posting("item", "amount", -1),
            ]
        },
    )
    assert str(rules.row("ReceiptRecorded", "cheque")[0]) == "debit bank amount"


@pytest.mark.parametrize(
    "table",
    [
        {"unapplied": "moon"},
        {"moon": "advance"},
        {"unapplied": "bank"},
        {"unapplied": 7},
        {"rows": {"Allocated": {"refund": ["lend bank amount"]}}},
        {"rows": {"Allocated": {"refund": ["debit moon amount"]}}},
        {"rows": {"Allocated": {"refund": ["debit bank moon"]}}},
        {"rows": 7},
        {"categories": {"goods": "moon"}},
    ],
)
def test_rules_that_say_nothing_are_refused(table):
    """Unknown keys, roles, sides, targets and amounts are named."""
    with pytest.raises(PolicyError):
        PostingRules.from_table(table)


def test_a_missing_row_is_named():
    """The rules say which row they lack."""
    with pytest.raises(PolicyError, match="must have a row for by hand picnic, got none"):
        PostingRules().row("by hand", "picnic")


def test_roles_only_where_roles_belong():
    """A switch takes a role, and one of the sub-ledger where items stand."""
    for said in ({"write_offs": "654"}, {"advances": Role.BANK}):
        with pytest.raises(PolicyError):
            PostingRules(**said)
