"""The plain form of events: nothing is lost, equal events are equal bytes, the rest is refused."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import limits
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.documents.model import (
    CreditNote,
    DebitNote,
    DiscountOffer,
    Document,
    Installment,
    Invoice,
    Tax,
)
from receivables.documents.model import Line as DocumentLine
from receivables.errors import DocumentError
from receivables.ledger.casework import CaseEvent
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    NoticedItem,
    NoticeSent,
    PeriodClosed,
    PeriodReopened,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.wire import (
    FORMAT_VERSION,
    KINDS,
    canonical,
    from_plain,
    from_text,
    to_plain,
    to_text,
)
from receivables.money import ExchangeRate, from_minor, money, to_minor
from receivables.problems import Place
from receivables.receipts.facts import Fact, FactKind
from receivables.receipts.model import (
    Payer,
    Receipt,
    ReceiptMethod,
    ReferredDocument,
    Remittance,
    ReturnReason,
)
from receivables.testing.event_store import sample_events

from .case_events import CASE_EVENTS
from .credit_events import CREDIT_EVENTS
from .payout_events import PAYOUT_EVENTS
from .posting_events import POSTING_EVENTS

_HOMES = tuple(
    f"receivables.ledger.{name}" for name in ("model", "casework", "credit", "payouts", "postings")
)
_FORMS = Path(__file__).with_name("format-1.jsonl")

texts = st.text(max_size=12)
names = st.text(min_size=1, max_size=12)
numbers = names.filter(lambda text: text == text.strip() and text)
creditors = names.filter(lambda text: "|" not in text)
days = st.dates()
moments = st.datetimes().map(lambda moment: moment.replace(tzinfo=dt.UTC, fold=0))
currencies = st.sampled_from(["EUR", "JPY", "KWD", "CAD", "MXN"])
minors = st.integers(min_value=1, max_value=10**12)
sources = st.none() | st.builds(
    Place, texts, line=st.none() | st.integers(1, 10**6), field=st.none() | texts
)


def _tuples(strategy, max_size=3):
    return st.lists(strategy, max_size=max_size).map(tuple)


_pairs = _tuples(st.tuples(texts, texts), 2)


@st.composite
def _rates(draw, currency):
    quote = draw(currencies)
    positive = st.decimals("0.0001", 1000, places=4)
    rate = ExchangeRate(
        base=currency, quote=quote, rate=draw(positive), date=draw(days), source=draw(texts)
    )
    return draw(st.none() | st.just(rate))


@st.composite
def _discounts(draw, minor, currency):
    if minor < 2 or draw(st.booleans()):
        return ()
    amount = draw(st.integers(1, minor - 1))
    tax = draw(st.integers(0, amount))
    return (
        DiscountOffer(
            until=draw(days), amount=from_minor(amount, currency), tax=from_minor(tax, currency)
        ),
    )


@st.composite
def _lines(draw, currency):
    amounts = minors.map(lambda minor: from_minor(minor, currency))
    bps = st.none() | st.integers(0, 5_000)
    tax = st.builds(Tax, code=texts, base=amounts, amount=amounts, rate_bps=bps)
    line = st.builds(
        DocumentLine,
        description=texts,
        net=amounts,
        quantity=st.decimals(allow_nan=False, allow_infinity=False),
        taxes=_tuples(tax, 2),
        category=texts,
        dimensions=_pairs,
    )
    return draw(_tuples(line, 2))


@st.composite
def _learned(draw):
    kind = draw(st.sampled_from(FactKind))
    is_bps = kind is FactKind.DEDUCTION_HABIT
    value = draw(st.integers(1, 10_000).map(str) if is_bps else names)
    return Fact(
        kind=kind,
        value=value,
        customer=draw(names),
        learned_on=draw(days),
        source=draw(texts),
        meaning=draw(texts),
    )


@st.composite
def _documents(draw):
    kind = draw(st.sampled_from([Invoice, DebitNote, CreditNote]))
    currency = draw(currencies)
    lines = draw(_lines(currency))
    total = sum(line.gross_minor for line in lines) or draw(minors)
    first = draw(st.integers(0, total))
    parts = [first, total - first] if draw(st.booleans()) else [total]
    due = st.none() | days
    fields = {
        "number": draw(numbers),
        "creditor": draw(creditors),
        "customer": draw(names),
        "document_date": draw(days),
        "posting_date": draw(days),
        "lines": lines,
        "total": from_minor(total, currency),
        "due_date": draw(due),
        "installments": [
            Installment(
                draw(due),
                from_minor(part, currency),
                discounts=draw(_discounts(part, currency)),
                is_retention=draw(st.booleans()),
            )
            for part in parts
        ],
        "exchange_rate": draw(_rates(currency)),
        "delivery_date": draw(due),
        "received_on": draw(due),
        "dimensions": draw(_pairs),
        "terms": draw(texts),
        "references": draw(_tuples(texts)),
        "source": draw(sources),
    }
    if kind is CreditNote:
        fields["corrects"] = draw(texts)
    if kind is DebitNote:
        fields["concerns"] = draw(_tuples(texts))
    return kind(**fields)


@st.composite
def _receipts(draw):
    referred = st.builds(
        ReferredDocument, number=texts, kind=texts, amount_minor=st.none() | st.integers()
    )
    remittance = st.builds(
        Remittance,
        references=_tuples(texts),
        documents=_tuples(referred),
        text=_tuples(texts),
        end_to_end=texts,
    )
    currency = draw(currencies)
    return Receipt(
        receipt=draw(names),
        creditor=draw(creditors),
        amount=from_minor(draw(minors), currency),
        method=draw(st.sampled_from(ReceiptMethod)),
        exchange_rate=draw(_rates(currency)),
        affiliate=draw(texts),
        is_advance=draw(st.booleans()),
        booking_date=draw(days),
        value_date=draw(st.none() | days),
        customer=draw(texts),
        payer=draw(st.builds(Payer, name=texts, account=texts, ultimate_name=texts)),
        remittance=draw(remittance),
        account=draw(texts),
        source=draw(sources),
    )


@st.composite
def _allocations(draw):
    parts = st.lists(st.integers(-(10**12), 10**12).filter(bool), min_size=1, max_size=4)
    amounts = draw(parts)
    total = sum(amounts)
    residual = Residual(
        draw(st.sampled_from([kind for kind in ResidualKind if total > 0 or not kind.opens_item])),
        total or 1,
        tax_minor=draw(st.sampled_from([0, total // 2])) if total > 1 else 0,
        item=draw(texts),
        counterparty=draw(texts),
        reason=draw(texts),
        due_date=draw(st.none() | days),
    )
    residuals = (residual,) if total else ()
    return Allocation(
        allocation=draw(names),
        creditor=draw(creditors),
        currency=draw(currencies),
        legs=[Leg(f"item-{index}", amount) for index, amount in enumerate(amounts)],
        residuals=residuals,
        reason=draw(texts),
    )


_facts = {"event": names, "effective_on": days, "recorded_at": moments}
_on_account = {**_facts, "creditor": creditors, "customer": names}
_amounts = st.none() | st.builds(from_minor, minors, currencies)
_noticed = st.builds(
    NoticedItem,
    item=names,
    level=st.integers(0, limits.LEVELS_MAX),
    open_minor=st.integers(),
    document_date=days,
    due_date=st.none() | days,
    held_minor=st.integers(),
)
EVENTS = {
    **CASE_EVENTS,
    **CREDIT_EVENTS,
    **PAYOUT_EVENTS,
    **POSTING_EVENTS,
    DocumentIssued: st.builds(DocumentIssued, **_facts, document=_documents()),
    DocumentCancelled: st.builds(DocumentCancelled, **_on_account, number=texts, reason=texts),
    ReceiptRecorded: st.builds(ReceiptRecorded, **_facts, receipt=_receipts()),
    ReceiptIdentified: st.builds(ReceiptIdentified, **_on_account, receipt=names, reason=texts),
    ReceiptReturned: st.builds(
        ReceiptReturned,
        **_on_account,
        receipt=names,
        reason_code=texts,
        amount=_amounts,
        reason=st.sampled_from(ReturnReason),
        fee=_amounts,
    ),
    FactLearned: st.builds(FactLearned, **_facts, creditor=creditors, fact=_learned()),
    FactWithdrawn: st.builds(FactWithdrawn, **_on_account, fact=names, reason=texts),
    ItemHeld: st.builds(ItemHeld, **_on_account, item=names, until=st.none() | days, reason=texts),
    ItemReleased: st.builds(ItemReleased, **_on_account, item=names, reason=texts),
    DueDateChanged: st.builds(
        DueDateChanged, **_on_account, item=names, due_date=days, reason=texts
    ),
    PeriodClosed: st.builds(
        PeriodClosed, **_facts, creditor=creditors, through=days, by=texts, reason=texts
    ),
    PeriodReopened: st.builds(
        PeriodReopened, **_facts, creditor=creditors, opens_on=days, by=texts, reason=texts
    ),
    Allocated: st.builds(Allocated, **_facts, allocation=_allocations(), customers=_tuples(names)),
    Unallocated: st.builds(
        Unallocated,
        **_facts,
        creditor=creditors,
        customers=_tuples(names),
        allocation=names,
        reason=texts,
    ),
    NoticeSent: st.builds(
        NoticeSent,
        **_on_account,
        currency=currencies,
        procedure=texts,
        procedure_version=texts,
        level=st.integers(0, limits.LEVELS_MAX),
        letter=texts,
        items=_tuples(_noticed),
        credit_minor=st.integers(max_value=0),
        stage=texts,
        document=texts,
        charges=_tuples(texts),
        ladder=texts,
        run=texts,
        released_by=texts,
    ),
}
events = st.one_of(*EVENTS.values())


def _leaves(plain):
    if isinstance(plain, dict):
        return [leaf for value in plain.values() for leaf in _leaves(value)] + list(plain)
    if isinstance(plain, list):
        return [leaf for value in plain for leaf in _leaves(value)]
    return [plain]


def test_every_kind_has_a_plain_form():
    """No kind of event was forgotten, here or in the strategies."""
    kinds = [*Event.__subclasses__(), *CaseEvent.__subclasses__()]
    names = {kind.__name__ for kind in kinds if kind.__module__ in _HOMES} - {"CaseEvent"}

    assert set(KINDS) == names == {kind.__name__ for kind in EVENTS}
    assert {type(event).__name__ for event in sample_events()} == names


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_plain_form_comes_back_equal(kind, data):
    """Law: from_plain(to_plain(e)) == e, and what equality leaves out comes back too."""
    event = data.draw(EVENTS[kind])

    for checked in (True, False):
        back = from_plain(to_plain(event), checked=checked)
        assert back == event
        assert repr(back) == repr(event)


@given(event=events)
def test_text_comes_back_equal(event):
    """Law: from_text(to_text(e)) == e, checked or not, on one line."""
    text = to_text(event)

    assert from_text(text) == from_text(text, checked=False) == event
    assert "\n" not in text


@given(event=events)
def test_plain_form_is_plain(event):
    """It is made of dictionaries, lists, texts, integers, booleans and None, and of nothing else."""
    assert {type(leaf) for leaf in _leaves(to_plain(event))} <= {str, int, bool, type(None)}


@given(event=events)
def test_making_and_reading_leaves_the_plain_form_alone(event):
    """A plain form may be read twice."""
    plain = to_plain(event)
    before = json.dumps(plain)
    from_plain(plain)
    from_plain(plain, checked=False)

    assert json.dumps(plain) == before


@given(event=events, moment=moments, source=sources)
def test_canonical_is_the_content(event, moment, source):
    """Law: equal but for when and where it was learned, equal bytes."""
    again = attrs.evolve(from_text(to_text(event)), recorded_at=moment)
    if isinstance(again, DocumentIssued):
        again = attrs.evolve(again, document=attrs.evolve(again.document, source=source))

    assert canonical(again) == canonical(event)


@given(first=events, second=events)
def test_canonical_tells_events_apart(first, second):
    """Law: equal bytes, equal events (but for `recorded_at`)."""
    is_same = first == attrs.evolve(second, recorded_at=first.recorded_at)

    assert (canonical(first) == canonical(second)) == is_same


@given(
    first=st.decimals(allow_nan=False, allow_infinity=False),
    second=st.decimals(allow_nan=False, allow_infinity=False, places=2),
)
def test_equal_quantities_have_equal_content(first, second):
    """1, 1.0 and 10E-1 are one quantity; no digit is rounded away."""
    sign, places, exponent = first.as_tuple()
    longer = Decimal((sign, (*places, 0), exponent - 1))

    assert canonical(_with_quantity(first)) == canonical(_with_quantity(longer))
    is_same = canonical(_with_quantity(first)) == canonical(_with_quantity(second))
    assert is_same == (first == second)


def _with_quantity(value):
    line = DocumentLine(description="", net=money(1, "EUR"), quantity=value)
    day = dt.date(2026, 9, 30)
    invoice = Invoice(number="1", creditor="M", customer="C", document_date=day, lines=[line])
    return DocumentIssued.of(invoice, recorded_at=dt.datetime(2026, 9, 30, tzinfo=dt.UTC))


def test_canonical_is_sorted_compact_utf_8():
    """The bytes are what any other program would make of the same content."""
    event = sample_events()[0]
    plain = to_plain(event)
    del plain["recorded_at"], plain["document"]["source"]
    plain["document"]["lines"][0]["quantity"] = "15e-1"

    expected = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(event) == expected.encode()


def test_texts_of_moments_sort_as_the_moments_do():
    """Every moment has six decimals and the same zone."""
    moment = dt.datetime(2026, 9, 30, 8, tzinfo=dt.UTC)
    event = attrs.evolve(sample_events()[3], recorded_at=moment)

    assert to_plain(event)["recorded_at"] == "2026-09-30T08:00:00.000000+00:00"


def test_forms_kept_in_the_past_can_be_read():
    """Journals live longer than releases: the first format stays readable, byte for byte."""
    kept = _FORMS.read_text(encoding="utf-8").splitlines()

    assert tuple(map(from_text, kept)) == sample_events()
    assert [to_text(event) for event in sample_events()] == kept


def test_older_form_without_a_later_field_takes_its_default():
    """A field that came with a default is read as that default, checked or not."""
    plain = to_plain(sample_events()[3])
    del plain["reason"]

    for checked in (True, False):
        assert from_plain(plain, checked=checked) == attrs.evolve(sample_events()[3], reason="")


def _changed(**changes):
    return {**to_plain(sample_events()[0]), **changes}


def _document(**changes):
    return _changed(document={**to_plain(sample_events()[0])["document"], **changes})


_REFUSED = {
    "no format": ({}, "format of a plain event must be 1, got None"),
    "newer format": (_changed(format=FORMAT_VERSION + 1), "must be 1, got 2"),
    "format as text": (_changed(format="1"), "must be 1, got '1'"),
    "format as truth": (_changed(format=True), "must be 1, got True"),
    "unknown kind": (_changed(kind="InvoiceIssued"), "kind of a plain event must be one of"),
    "kind that is a list": (_changed(kind=[]), "kind of a plain event must be one of"),
    "unknown field": (_changed(color="red"), "fields of DocumentIssued must be known, got color"),
    "missing field": ({"format": 1, "kind": "DocumentIssued"}, "must be complete"),
    "day that is no day": (_changed(effective_on="2026-02-30"), "effective_on of DocumentIssued"),
    "day as a number": (_changed(effective_on=20260230), "effective_on of DocumentIssued"),
    "moment without zone": (_changed(recorded_at="2026-02-03T08:00:00"), "not in UTC"),
    "moment elsewhere": (_changed(recorded_at="2026-02-03T08:00:00+01:00"), "not in UTC"),
    "name as a number": (_changed(event=7), "event of DocumentIssued"),
    "document as text": (_changed(document="2026-0117"), "document of DocumentIssued"),
    "unknown document": (_document(kind="quote"), "kind of a plain document must be one of"),
    "number that is none": (_document(number=" "), "number must be text"),
    "list as text": (_document(references="RF18"), "references of Invoice"),
    "amount as a number": (_document(total=1200), "total of Invoice"),
    "amount with a fraction": (_document(total={"currency": "EUR", "minor": 0.5}), "total of"),
    "amount as truth": (_document(total={"currency": "EUR", "minor": True}), "total of"),
    "amount of no currency": (_document(total={"currency": "XXX", "minor": 1}), "currency must be"),
    "amount with more": (_document(total={"currency": "EUR", "minor": 1, "x": 1}), "total of"),
    "amount beyond bounds": (_document(total={"currency": "EUR", "minor": 10**16}), "at most"),
    "total that is wrong": (_document(total={"currency": "EUR", "minor": 1}), "sum of the lines"),
    "installments of less": (_document(installments=[]), "installments must be 1 to"),
}


@pytest.mark.parametrize("case", _REFUSED)
def test_wrong_form_is_refused(case):
    """What is not a plain event, or not a possible one, is a fault of the document."""
    plain, message = _REFUSED[case]

    with pytest.raises(DocumentError, match=message):
        from_plain(plain)


@pytest.mark.parametrize("quantity", ["NaN", "-Infinity", "1,5", "", 1])
def test_quantity_that_is_no_number_is_refused(quantity):
    """A quantity is a finite number, as a text."""
    lines = to_plain(sample_events()[0])["document"]["lines"]
    lines[0]["quantity"] = quantity

    with pytest.raises(DocumentError, match="quantity of Line"):
        from_plain(_document(lines=lines))


@pytest.mark.parametrize(
    "plain", [{}, _changed(format=2), _changed(kind="Invoice"), _changed(document={})]
)
def test_unchecked_form_is_still_refused_where_it_cannot_be_read(plain):
    """Without checks, a version, a kind and a shape are asked for nevertheless."""
    with pytest.raises(DocumentError):
        from_plain(plain, checked=False)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"format": 1', "9" * 5_000])
def test_text_that_is_no_object_is_refused(text):
    """A text that is no JSON object is a fault of the document."""
    with pytest.raises(DocumentError, match="plain event must be"):
        from_text(text)


def test_document_of_no_kind_is_refused():
    """`Document` itself is what its kinds share, and no kind."""
    day = dt.date(2026, 9, 30)
    bare = Document(
        number="1", creditor="M", customer="C", document_date=day, total=money(1, "EUR")
    )
    event = attrs.evolve(sample_events()[0], document=bare)

    with pytest.raises(DocumentError, match="document must be one of Invoice, DebitNote"):
        to_plain(event)


def test_event_of_a_strange_kind_is_refused():
    """An event that is not ours has no plain form."""

    @attrs.frozen(kw_only=True)
    class Strange(Event):
        """An event that nobody knows."""

    learned = dt.datetime(2026, 9, 30, tzinfo=dt.UTC)
    with pytest.raises(DocumentError, match="event must be one of"):
        to_plain(Strange(event="s", effective_on=learned.date(), recorded_at=learned))


def test_text_that_is_no_unicode_is_refused():
    """A lone surrogate cannot be kept by any store."""
    event = attrs.evolve(sample_events()[3], reason="\ud800")

    for write in (to_text, canonical):
        with pytest.raises(DocumentError, match="must be Unicode"):
            write(event)


@pytest.mark.parametrize("quantity", ["NaN", "Infinity"])
def test_infinite_quantity_is_refused(quantity):
    """A quantity that is no finite number is refused before it is written."""
    event = _with_quantity(Decimal(quantity))

    for write in (to_plain, canonical):
        with pytest.raises(DocumentError, match="quantity must be a finite number"):
            write(event)


def test_amounts_are_minor_units():
    """An amount is an integer, whatever the decimals of its currency."""
    total = to_plain(sample_events()[2])["document"]["total"]

    assert total == {"currency": "JPY", "minor": 9}
    assert to_minor(sample_events()[2].document.total) == 9
