"""Balance confirmations: what an auditor asks our customers, what they answer, and how it differs.

The three forms are those of ISA 505, *External Confirmations*: a positive request asks for an answer
in any case, a negative one only where the customer disagrees, and a blank one leaves the amount for
the customer to fill in (ISA 505, definitions and application material).

A difference is itemized by the customer's own list where there is one; what the list does not explain
stays visible, as a difference of unknown cause.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from receivables.days import check_day
from receivables.documents.model import OpenItem
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.objects import Ledger
from receivables.matching.rules import document_keys, plain_reference
from receivables.money import Money, digits, exact, to_minor
from receivables.parties import Address, CreditorId, CustomerId
from receivables.problems import Place
from receivables.statements.model import StatementForm, StatementOfAccount
from receivables.statements.objects import statement_of_account

__all__ = [
    "BalanceConfirmation",
    "ConfirmationCause",
    "ConfirmationDifference",
    "ConfirmationForm",
    "ConfirmationOutcome",
    "ConfirmationReply",
    "ConfirmationResult",
    "ConfirmedBalance",
    "ReplyItem",
    "ReplyTo",
    "balance_confirmation",
    "compare_reply",
]


class ConfirmationForm(enum.Enum):
    """What the customer is asked."""

    POSITIVE = "positive"
    """To answer in any case whether the balance is right."""
    NEGATIVE = "negative"
    """To answer only if it is not."""
    BLANK = "blank"
    """To say what the balance is, which the letter does not."""


class ConfirmationOutcome(enum.Enum):
    """What a reply means for a balance."""

    AGREED = "agreed"
    DIFFERENT = "different"
    UNANSWERED = "unanswered"
    """Nothing was said of it.  Silence on a negative form is no explicit evidence either."""


class ConfirmationCause(enum.Enum):
    """Why a document, or a balance, differs between our books and the customer's."""

    TIMING = "timing"
    """Booked by both, on different sides of the day."""
    MISSING_THERE = "missing-there"
    """We have it, and the customer's list does not."""
    MISSING_HERE = "missing-here"
    """The customer's list has it, and we do not."""
    AMOUNT = "amount"
    CURRENCY = "currency"
    """On both sides, in different currencies."""
    UNKNOWN = "unknown"
    """What no document explains."""


def _monies(values: Iterable[Money]) -> tuple[Money, ...]:
    return tuple(exact(value) for value in values)


def _reply_items(values: Iterable[ReplyItem]) -> tuple[ReplyItem, ...]:
    return tuple(values)


def _differences(values: Iterable[ConfirmationDifference]) -> tuple[ConfirmationDifference, ...]:
    return tuple(values)


def _balances(values: Iterable[ConfirmedBalance]) -> tuple[ConfirmedBalance, ...]:
    return tuple(values)


def _codes(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ReplyTo:
    """Who gets the answer: mostly the auditor, so that it does not pass through our hands."""

    name: str
    address: Address = attrs.field(factory=Address)
    email: str = ""
    reference: str = ""
    """What the answer must quote."""


@attrs.frozen(kw_only=True)
class BalanceConfirmation:
    """A request to confirm what is open on a day, with the list of open items behind it.

    `currencies` are those that are asked about although nothing is open in them: that an account is
    empty can be confirmed too.  Raises `DocumentError` where the statement is not one of open items,
    and `PolicyError` for an answer that is due on the day of the balance or before.
    """

    statement: StatementOfAccount = attrs.field()
    form: ConfirmationForm
    reply_to: ReplyTo
    reply_by: dt.date | None = attrs.field(default=None)
    currencies: tuple[str, ...] = attrs.field(default=(), converter=_codes)

    @statement.validator
    def _check_statement(self, _attribute: object, value: StatementOfAccount) -> None:
        if value.form is not StatementForm.OPEN_ITEM:
            msg = f"statement must be of open items, got a {value.form.value} one"
            raise DocumentError(msg)

    @reply_by.validator
    def _check_reply_by(self, _attribute: object, value: dt.date | None) -> None:
        if value is not None:
            check_day(value, name="reply_by")
            if value <= self.statement.as_of:
                msg = f"reply_by must be after {self.statement.as_of}, got {value}"
                raise PolicyError(msg)

    @currencies.validator
    def _check_currencies(self, _attribute: object, value: tuple[str, ...]) -> None:
        for code in value:
            digits(code)

    @property
    def creditor(self) -> CreditorId:
        """Whose books it is about."""
        return self.statement.creditor

    @property
    def customer(self) -> CustomerId:
        """Who is asked."""
        return self.statement.customer

    @property
    def as_of(self) -> dt.date:
        """The day of the balance."""
        return self.statement.as_of

    @property
    def balances(self) -> Mapping[str, int]:
        """What is to be confirmed in each currency, in minor units; a credit is negative."""
        totals = {code: total.closing_minor for code, total in self.statement.totals.items()}
        return {code: totals.get(code, 0) for code in sorted({*totals, *self.currencies})}


@attrs.frozen(kw_only=True)
class ReplyItem:
    """One row of the customer's own list: what they owe on a document, negative where they paid."""

    document: str
    amount: Money = attrs.field(converter=exact)
    document_date: dt.date | None = None


@attrs.frozen(kw_only=True)
class ConfirmationReply:
    """What came back, as it was said.

    Amounts are seen from our books, whatever the customer's own sign: what they owe is positive.
    Raises `DocumentError` for two balances in one currency.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    as_of: dt.date
    received_on: dt.date
    agrees: bool | None = None
    """The box that was ticked; None where none was."""
    balances: tuple[Money, ...] = attrs.field(default=(), converter=_monies)
    items: tuple[ReplyItem, ...] = attrs.field(default=(), converter=_reply_items)
    respondent: str = ""
    remarks: str = ""
    source: Place | None = attrs.field(default=None, eq=False)

    @balances.validator
    def _check_balances(self, _attribute: object, value: tuple[Money, ...]) -> None:
        codes = [amount.currency.code for amount in value]
        if len(set(codes)) != len(codes):
            msg = f"balances must be one per currency, got {', '.join(codes)}"
            raise DocumentError(msg)

    @property
    def balances_minor(self) -> Mapping[str, int]:
        """What the customer says they owe in each currency: as stated, or else the sum of the list."""
        listed: dict[str, int] = defaultdict(int)
        for item in self.items:
            listed[item.amount.currency.code] += to_minor(item.amount)
        return {**listed, **{each.currency.code: to_minor(each) for each in self.balances}}


@attrs.frozen(kw_only=True)
class ConfirmationDifference:
    """One thing that differs: ours less theirs is what it explains."""

    cause: ConfirmationCause
    currency: str
    document: str
    our_minor: int
    their_minor: int

    @property
    def amount_minor(self) -> int:
        """Ours less theirs."""
        return self.our_minor - self.their_minor


@attrs.frozen(kw_only=True)
class ConfirmedBalance:
    """Our balance and theirs in one currency; the differences add up to ours less theirs."""

    currency: str
    outcome: ConfirmationOutcome
    our_minor: int
    their_minor: int | None
    """None where they did not say."""
    differences: tuple[ConfirmationDifference, ...] = attrs.field(
        default=(), converter=_differences
    )

    @property
    def difference_minor(self) -> int | None:
        """Ours less theirs; None where they did not say."""
        return None if self.their_minor is None else self.our_minor - self.their_minor


@attrs.frozen(kw_only=True)
class ConfirmationResult:
    """A confirmation beside its reply, balance by balance."""

    confirmation: BalanceConfirmation
    reply: ConfirmationReply | None
    balances: tuple[ConfirmedBalance, ...] = attrs.field(converter=_balances)

    @property
    def outcome(self) -> ConfirmationOutcome:
        """Different where any balance is, unanswered where any is, else agreed."""
        found = {balance.outcome for balance in self.balances}
        worst = (ConfirmationOutcome.DIFFERENT, ConfirmationOutcome.UNANSWERED)
        return next((each for each in worst if each in found), ConfirmationOutcome.AGREED)


def balance_confirmation(
    ledger: Ledger,
    creditor: str,
    customer: str,
    *,
    as_of: dt.date,
    reply_to: ReplyTo,
    form: ConfirmationForm = ConfirmationForm.POSITIVE,
    reply_by: dt.date | None = None,
    currencies: Iterable[str] = (),
) -> BalanceConfirmation:
    """The request to confirm what a customer owes at the end of a day, as known now.

    Build a `BalanceConfirmation` on a statement of your own for a payer group, another aging, or
    what was known at a moment.

    >>> from receivables.ledger import Ledger
    >>> asked = balance_confirmation(Ledger(), "MIRA", "C-017", as_of=dt.date(2026, 12, 31),
    ...                              reply_to=ReplyTo(name="Audit & Cie"), currencies=["EUR"])
    >>> dict(asked.balances)
    {'EUR': 0}
    """
    return BalanceConfirmation(
        statement=statement_of_account(ledger, creditor, customer, as_of=as_of),
        form=form,
        reply_to=reply_to,
        reply_by=reply_by,
        currencies=currencies,
    )


def compare_reply(
    confirmation: BalanceConfirmation,
    reply: ConfirmationReply | None,
    *,
    ledger: Ledger | None = None,
    until: dt.date | None = None,
) -> ConfirmationResult:
    """Compare a reply, or the lack of one, with our balances.

    With a ledger and a later day, what that day shows to be a matter of timing is told apart: a
    document of ours that was settled since, or one of theirs that came on the account since.

    Raises `DocumentError` for the reply of another customer or day, `PolicyError` where a ledger
    comes without a later day.
    """
    if reply is not None:
        _check_reply(confirmation, reply)
    later = _later(confirmation, ledger, until)
    theirs = {} if reply is None else reply.balances_minor
    codes = sorted({*confirmation.balances, *theirs})
    differences = _by_currency(confirmation, reply, later)
    return ConfirmationResult(
        confirmation=confirmation,
        reply=reply,
        balances=[_balance(code, confirmation, reply, differences.get(code, [])) for code in codes],
    )


def _check_reply(confirmation: BalanceConfirmation, reply: ConfirmationReply) -> None:
    asked = (confirmation.creditor, confirmation.customer, confirmation.as_of)
    got = (reply.creditor, reply.customer, reply.as_of)
    if asked != got:
        msg = f"reply must be of {' '.join(map(str, asked))}, got {' '.join(map(str, got))}"
        raise DocumentError(msg)


def _balance(
    currency: str,
    confirmation: BalanceConfirmation,
    reply: ConfirmationReply | None,
    itemized: Sequence[ConfirmationDifference],
) -> ConfirmedBalance:
    ours = confirmation.balances.get(currency, 0)
    theirs = None if reply is None else reply.balances_minor.get(currency)
    if theirs is None and _is_agreed(confirmation, reply):
        theirs = ours
    if theirs is None:
        refused = reply is not None and reply.agrees is False
        outcome = ConfirmationOutcome.DIFFERENT if refused else ConfirmationOutcome.UNANSWERED
        return ConfirmedBalance(
            currency=currency, outcome=outcome, our_minor=ours, their_minor=None
        )
    rest = ours - theirs - sum(each.amount_minor for each in itemized)
    unknown = [_unknown(currency, rest)] if rest else []
    return ConfirmedBalance(
        currency=currency,
        outcome=ConfirmationOutcome.AGREED if ours == theirs else ConfirmationOutcome.DIFFERENT,
        our_minor=ours,
        their_minor=theirs,
        differences=[*itemized, *unknown],
    )


def _is_agreed(confirmation: BalanceConfirmation, reply: ConfirmationReply | None) -> bool:
    # A tick on a blank form says nothing: there was no amount to agree with.
    is_blank = confirmation.form is ConfirmationForm.BLANK
    return reply is not None and reply.agrees is True and not is_blank


def _unknown(currency: str, amount_minor: int) -> ConfirmationDifference:
    return ConfirmationDifference(
        cause=ConfirmationCause.UNKNOWN,
        currency=currency,
        document="",
        our_minor=amount_minor,
        their_minor=0,
    )


@attrs.frozen(kw_only=True)
class _Later:
    """What a later day shows: what is open of our documents then, and what came since."""

    opened: Mapping[tuple[str, str], int]
    """What is open of a document on the later day, by document and currency."""
    since: Sequence[OpenItem]
    """The items that came on the account after the day of the confirmation."""


def _later(
    confirmation: BalanceConfirmation, ledger: Ledger | None, until: dt.date | None
) -> _Later | None:
    if ledger is None and until is None:
        return None
    if ledger is None or until is None or until <= confirmation.as_of:
        msg = f"until must be a day after {confirmation.as_of}, beside a ledger, got {until}"
        raise PolicyError(msg)
    known = {each.item.item for part in confirmation.statement.parts for each in part.items}
    opened: dict[tuple[str, str], int] = defaultdict(int)
    since: list[OpenItem] = []
    columns = ledger.to_columns().items
    for item, posted in zip(columns["item"], columns["effective_on"], strict=True):
        seen = ledger.item(confirmation.creditor, str(item), as_of=until)
        if seen is None or seen.customer not in confirmation.statement.customers:
            continue
        if item in known:
            opened[seen.document, seen.currency] += seen.open_minor
        elif isinstance(posted, dt.date) and posted > confirmation.as_of:
            since.append(seen)
    return _Later(opened=opened, since=since)


@attrs.frozen(kw_only=True)
class _Ours:
    """Our open documents by currency and number, and every form that a customer may write."""

    minor: Mapping[tuple[str, str], int]
    exact: Mapping[str, frozenset[str]]
    loose: Mapping[str, frozenset[str]]

    def find(self, text: str) -> str:
        """Our number of a document that the customer names; empty where none or several fit."""
        found = self.exact.get(plain_reference(text), frozenset())
        if not found:
            keys = document_keys(text)
            found = frozenset[str]().union(*(self.loose.get(key, ()) for key in keys))
        return next(iter(found)) if len(found) == 1 else ""


def _ours(confirmation: BalanceConfirmation) -> _Ours:
    minor: dict[tuple[str, str], int] = defaultdict(int)
    exactly: dict[str, set[str]] = defaultdict(set)
    loosely: dict[str, set[str]] = defaultdict(set)
    for part in confirmation.statement.parts:
        for each in part.items:
            item = each.item
            minor[item.document, item.currency] += item.open_minor
            for name in (item.item, item.document, *item.references):
                exactly[plain_reference(name)].add(item.document)
            for key in document_keys(item.document):
                loosely[key].add(item.document)
    return _Ours(minor=minor, exact=_frozen(exactly), loose=_frozen(loosely))


def _frozen(index: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(names) for key, names in index.items()}


def _by_currency(
    confirmation: BalanceConfirmation, reply: ConfirmationReply | None, later: _Later | None
) -> dict[str, list[ConfirmationDifference]]:
    found: dict[str, list[ConfirmationDifference]] = defaultdict(list)
    if reply is not None and reply.items:
        for difference in _itemized(confirmation, reply, later):
            found[difference.currency].append(difference)
    return found


def _itemized(
    confirmation: BalanceConfirmation, reply: ConfirmationReply, later: _Later | None
) -> Iterator[ConfirmationDifference]:
    """Every document on which the two lists differ, ours first, in the order of the lists."""
    ours = _ours(confirmation)
    theirs: dict[tuple[str, str], int] = defaultdict(int)
    for item in reply.items:
        # A document that we do not have keeps the name that the customer gave it.
        name = ours.find(item.document) or item.document
        theirs[name, item.amount.currency.code] += to_minor(item.amount)
    listed = {currency for _, currency in theirs}
    for key in dict.fromkeys((*ours.minor, *theirs)):
        difference = _difference(key, ours.minor.get(key), theirs.get(key))
        if difference is None or (key[1] not in listed and key[1] not in reply.balances_minor):
            continue
        if _is_in_another_currency(key, ours.minor, theirs):
            yield attrs.evolve(difference, cause=ConfirmationCause.CURRENCY)
        elif later is not None and _is_timing(difference, later):
            yield attrs.evolve(difference, cause=ConfirmationCause.TIMING)
        else:
            yield difference


def _difference(
    key: tuple[str, str], ours: int | None, theirs: int | None
) -> ConfirmationDifference | None:
    if (ours or 0) == (theirs or 0):
        return None
    cause = ConfirmationCause.AMOUNT
    if ours is None or theirs is None:
        cause = ConfirmationCause.MISSING_HERE if ours is None else ConfirmationCause.MISSING_THERE
    return ConfirmationDifference(
        cause=cause,
        currency=key[1],
        document=key[0],
        our_minor=ours or 0,
        their_minor=theirs or 0,
    )


def _is_in_another_currency(
    key: tuple[str, str],
    ours: Mapping[tuple[str, str], int],
    theirs: Mapping[tuple[str, str], int],
) -> bool:
    there = theirs if key not in theirs else ours
    both = key in ours and key in theirs
    return not both and any(name == key[0] and code != key[1] for name, code in there)


def _is_timing(difference: ConfirmationDifference, later: _Later) -> bool:
    """Whether the later day shows what they showed already, or has what we did not have yet."""
    key = (difference.document, difference.currency)
    if key in later.opened:
        return later.opened[key] == difference.their_minor
    if difference.cause is not ConfirmationCause.MISSING_HERE:
        return False
    same = [
        item
        for item in later.since
        if (item.currency, item.amount_minor) == (difference.currency, difference.their_minor)
    ]
    keys = document_keys(difference.document)
    is_money = difference.their_minor < 0
    return any(is_money or keys & document_keys(item.document) for item in same)
