"""Posting rules as data: which accounts each kind of event debits and credits, and house switches.

A row is found by the kind of an event and a case of it, and is written in words::

    ("ReceiptRecorded", "cheque"): "debit cheques amount", "credit item amount"

Each posting says a side, a target and the name of an amount.  A target is a role of the chart, one of
the switches of `PostingRules` (``write-offs``, ``cheques``…), or one of these: ``item``, the account
on which the item stands; ``new-item``, that of the item which a residual opens.  Amounts are never
negative; where what is posted is, the row is turned around.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.accounting.model import Role
from receivables.errors import PolicyError

__all__ = [
    "ITEM",
    "NEW_ITEM",
    "STANDARD_ROWS",
    "OutgoingRate",
    "Posting",
    "PostingRules",
    "RateDay",
    "TaxPart",
]

ITEM: Final = "item"
"""The target that stands for the account on which an item stands."""

NEW_ITEM: Final = "new-item"
"""The target that stands for the account of the item that a residual opens."""

_SIDES: Final = {"debit": 1, "credit": -1}
_AMOUNTS: Final = ("amount", "net", "tax", "fee", "items", "lines", "taxes", "extra", "rest")


class TaxPart(enum.Enum):
    """What becomes of the part of a difference that a residual says is tax."""

    STATED = "stated"
    """It corrects the tax account."""
    NONE = "none"
    """Nothing: the whole difference is posted without tax."""


class OutgoingRate(enum.Enum):
    """At which rate money in a foreign currency leaves the bank."""

    SPOT = "spot"
    """At the rate of the day it leaves; the difference is realized."""
    CARRYING = "carrying"
    """At the carrying amount of the credit that it pays back; no difference arises."""


class RateDay(enum.Enum):
    """Which day's rate a document without a rate of its own is booked at."""

    DOCUMENT_DATE = "document-date"
    POSTING_DATE = "posting-date"


@attrs.frozen
class Posting:
    """One line of a rule: debit (1) or credit (-1) a target with a named amount.

    >>> Posting.parse("debit bank amount")
    Posting(target=<Role.BANK: 'bank'>, amount='amount', sign=1)
    """

    target: Role | str
    amount: str = attrs.field(validator=attrs.validators.in_(_AMOUNTS))
    sign: int = attrs.field(validator=attrs.validators.in_((1, -1)))

    @classmethod
    def parse(cls, text: str) -> Posting:
        """A posting from its words; raises `PolicyError` for a side, target or amount unknown."""
        side, _, rest = text.partition(" ")
        target, _, amount = rest.partition(" ")
        if side not in _SIDES or amount not in _AMOUNTS:
            msg = (
                f"a posting must be a side, a target and one of {', '.join(_AMOUNTS)}, got {text!r}"
            )
            raise PolicyError(msg)
        return cls(_target(target), amount, _SIDES[side])

    def __str__(self) -> str:
        side = "debit" if self.sign > 0 else "credit"
        target = self.target.value if isinstance(self.target, Role) else self.target
        return f"{side} {target} {self.amount}"

    def mirrored(self) -> Posting:
        """The posting on the other side."""
        return attrs.evolve(self, sign=-self.sign)


def _target(name: str) -> Role | str:
    if name in (ITEM, NEW_ITEM) or name in _SWITCH_NAMES:
        return name
    try:
        return Role(name)
    except ValueError:
        msg = f"target of a posting must be a role, a switch, {ITEM} or {NEW_ITEM}, got {name!r}"
        raise PolicyError(msg) from None


_SWITCH_NAMES: Final = frozenset(
    {"credit-notes", "write-offs", "cheques", "returned-cheques", "cards"}
)

_MONEY: Final = ("unsaid", "credit-transfer", "direct-debit")
_BANK_RETURN: Final = (
    *("debit item amount", "credit bank amount"),
    *("debit bank-charge fee", "credit bank fee"),
)

_ROWS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("DocumentIssued", "invoice"): (
        *("debit item items", "credit revenue lines", "credit tax taxes"),
    ),
    ("DocumentIssued", "debit-note"): (
        *("debit item items", "credit revenue lines", "credit tax taxes"),
    ),
    ("DocumentIssued", "credit-note"): (
        *("credit item items", "debit credit-notes lines", "debit tax taxes"),
    ),
    **{
        ("ReceiptRecorded", method): ("debit bank amount", "credit item amount")
        for method in _MONEY
    },
    ("ReceiptRecorded", "cheque"): ("debit cheques amount", "credit item amount"),
    ("ReceiptRecorded", "card"): ("debit cards amount", "credit item amount"),
    ("ReceiptRecorded", "cash"): ("debit cash amount", "credit item amount"),
    ("ReceiptRecorded", "bill-of-exchange"): (
        *("debit bills-receivable amount", "credit item amount"),
    ),
    ("ReceiptRecorded", "intercompany"): ("debit intercompany amount", "credit item amount"),
    **{("ReceiptReturned", method): _BANK_RETURN for method in _MONEY},
    ("ReceiptReturned", "cheque"): (
        *("debit item amount", "credit returned-cheques amount"),
        *("debit bank-charge fee", "credit bank fee"),
    ),
    ("ReceiptReturned", "card"): (
        *("debit item amount", "credit cards amount"),
        *("debit processor-fee fee", "credit cards fee"),
    ),
    ("ReceiptReturned", "cash"): (
        *("debit item amount", "credit cash amount"),
        *("debit bank-charge fee", "credit bank fee"),
    ),
    ("ReceiptReturned", "bill-of-exchange"): (
        *("debit item amount", "credit bills-receivable amount"),
        *("debit bank-charge fee", "credit bank fee"),
    ),
    ("ReceiptReturned", "intercompany"): (
        *("debit item amount", "credit intercompany amount"),
        *("debit bank-charge fee", "credit bank fee"),
    ),
    ("Allocated", "settled-in-source"): ("debit settled-in-source amount",),
    ("Allocated", "settlement-discount"): ("debit settlement-discount net", "debit tax tax"),
    ("Allocated", "small-difference"): ("debit difference-loss net", "debit tax tax"),
    ("Allocated", "small-difference credit"): ("credit difference-gain net", "credit tax tax"),
    ("Allocated", "bank-charge"): ("debit bank-charge net", "debit tax tax"),
    ("Allocated", "collection-fee"): ("debit collection-fee net", "debit tax tax"),
    ("Allocated", "cash-rounding"): ("debit cash-rounding-loss amount",),
    ("Allocated", "cash-rounding credit"): ("credit cash-rounding-gain amount",),
    ("Allocated", "withholding-tax"): ("debit withholding-tax amount",),
    ("Allocated", "retention"): ("debit new-item amount",),
    ("Allocated", "deduction"): ("debit new-item amount",),
    ("Allocated", "write-off"): ("debit write-offs net", "debit tax tax"),
    ("Allocated", "recovery"): ("debit recovery-income net", "debit tax tax"),
    ("Allocated", "refund"): ("debit bank amount",),
    ("Allocated", "intercompany"): ("debit intercompany amount",),
    ("by hand", "doubtful"): ("debit disputed-receivable amount", "credit receivable amount"),
    ("by hand", "disputed"): ("debit disputed-receivable amount", "credit receivable amount"),
    ("by hand", "allowance"): ("debit allowance-expense amount", "credit allowance amount"),
    ("by hand", "allowance credit"): ("debit allowance amount", "credit allowance-release amount"),
    ("by hand", "write-off"): (
        *("debit write-offs net", "debit tax tax", "credit disputed-receivable amount"),
    ),
    ("by hand", "write-off of a current claim"): (
        *("debit write-offs net", "debit tax tax", "credit receivable amount"),
    ),
    ("by hand", "tax-relief"): ("debit tax amount", "credit write-offs amount"),
    ("by hand", "recovery"): (
        *("debit bank amount", "credit recovery-income net", "credit tax tax"),
    ),
    ("by hand", "payout"): (
        "debit bank rest",
        "debit processor-fee fee",
        "credit processor amount",
    ),
    ("by hand", "cheques-deposited"): ("debit bank amount", "credit cheques amount"),
    ("by hand", "bill-accepted"): ("debit bills-receivable amount", "credit receivable amount"),
    ("by hand", "bill-collected"): (
        *("debit bank rest", "debit bank-charge fee", "credit bills-receivable amount"),
    ),
    ("by hand", "advance-cleared"): ("debit advance amount", "credit receivable amount"),
    ("by hand", "factored"): (
        *("debit factor extra", "debit bank rest", "debit factoring-fee fee"),
        "credit receivable amount",
    ),
    ("by hand", "interest-accrued"): (
        "debit accrued-income amount",
        "credit interest-income amount",
    ),
    ("by hand", "received-for-affiliate"): ("debit bank amount", "credit intercompany amount"),
    ("by hand", "received-by-affiliate"): ("debit intercompany amount", "credit receivable amount"),
}

_Rows = Mapping[tuple[str, str], tuple[Posting, ...]]


def _postings(row: Iterable[Posting | str]) -> tuple[Posting, ...]:
    return tuple(Posting.parse(each) if isinstance(each, str) else each for each in row)


def _rows(rows: Mapping[tuple[str, str], Iterable[Posting | str]]) -> _Rows:
    return MappingProxyType({key: _postings(row) for key, row in rows.items()})


STANDARD_ROWS: Final[_Rows] = _rows(_ROWS)
"""The rows that hold where `PostingRules.rows` has none of its own."""

_CONTROL_ROLES: Final = tuple(role for role in Role if role.is_control)


def _control(instance: PostingRules, attribute: attrs.Attribute[Role], value: object) -> None:
    del instance
    if not (isinstance(value, Role) and value.is_control):
        known = ", ".join(role.value for role in _CONTROL_ROLES)
        msg = f"{attribute.name} must be a role of the sub-ledger ({known}), got {value!r}"
        raise PolicyError(msg)


def _any_role(instance: PostingRules, attribute: attrs.Attribute[Role], value: object) -> None:
    del instance
    if not isinstance(value, Role):
        msg = f"{attribute.name} must be a role, got {value!r}"
        raise PolicyError(msg)


def _category_roles(values: Mapping[str, Role]) -> Mapping[str, Role]:
    return MappingProxyType(dict(values))


_CATEGORIES: Final = {
    "late-interest": Role.INTEREST_INCOME,
    "compensation": Role.COMPENSATION_INCOME,
    "dunning-fee": Role.FEE_INCOME,
    "return-fee": Role.FEE_INCOME,
}


@attrs.frozen(kw_only=True)
class PostingRules:
    """How a house posts: the switches on which houses differ, and rows of its own.

    `unapplied`, `advances` and `unidentified` say where money stands that no document has taken:
    unapplied cash of a known customer, advance payments, and receipts of unknown payers.
    `retentions` and `deductions` are the accounts of what customers keep back.  `write_offs` is
    `Role.WRITE_OFF`, or `Role.ALLOWANCE` where the allowance bears the loss.

    >>> PostingRules(unapplied=Role.ADVANCE).row("Allocated", "refund", negative=True)
    (Posting(target=<Role.BANK: 'bank'>, amount='amount', sign=-1),)
    """

    unapplied: Role = attrs.field(default=Role.RECEIVABLE, validator=_control)
    advances: Role = attrs.field(default=Role.ADVANCE, validator=_control)
    unidentified: Role = attrs.field(default=Role.UNIDENTIFIED, validator=_control)
    retentions: Role = attrs.field(default=Role.RETENTION_RECEIVABLE, validator=_control)
    deductions: Role = attrs.field(default=Role.RECEIVABLE, validator=_control)
    credit_notes: Role = attrs.field(default=Role.REVENUE, validator=_any_role)
    """Where the lines of a credit note go that name no category."""
    write_offs: Role = attrs.field(default=Role.WRITE_OFF, validator=_any_role)
    cheques: Role = attrs.field(default=Role.CHEQUES, validator=_any_role)
    """Where a cheque stands when it comes in; `Role.BANK` where deposits are not posted."""
    returned_cheques: Role = attrs.field(default=Role.BANK, validator=_any_role)
    cards: Role = attrs.field(default=Role.PROCESSOR, validator=_any_role)
    discount_tax: TaxPart = TaxPart.STATED
    difference_tax: TaxPart = TaxPart.STATED
    """What becomes of the tax in small differences and bank charges."""
    write_off_tax: TaxPart = TaxPart.STATED
    refunds_at: OutgoingRate = OutgoingRate.SPOT
    returns_at: OutgoingRate = OutgoingRate.CARRYING
    documents_at: RateDay = RateDay.DOCUMENT_DATE
    categories: Mapping[str, Role] = attrs.field(default=_CATEGORIES, converter=_category_roles)
    """The role of a line's category, where the chart has no account of that name."""
    rows: _Rows = attrs.field(factory=dict, converter=_rows)
    """Rows that stand instead of the standard ones."""

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> PostingRules:
        """Rules from a TOML table: a switch per key, and tables ``categories`` and ``rows``.

        Raises `PolicyError` naming the key that is unknown or of the wrong kind.

        >>> rules = PostingRules.from_table({
        ...     "unapplied": "advance",
        ...     "rows": {"ReceiptRecorded": {"cheque": ["debit bank amount", "credit item amount"]}}})
        >>> rules.unapplied, len(rules.rows)
        (<Role.ADVANCE: 'advance'>, 1)
        """
        switches: dict[str, Any] = {
            key.replace("-", "_"): _value(key, value) for key, value in table.items()
        }
        return cls(**switches)

    def row(self, kind: str, case: str, *, negative: bool = False) -> tuple[Posting, ...]:
        """The postings of a case; of a negative one, its own row or the usual one turned around.

        Raises `PolicyError` where there is none.
        """
        if negative and (own := self._row(kind, f"{case} credit")) is not None:
            return own
        found = self._row(kind, case)
        if found is None:
            msg = f"posting rules must have a row for {kind} {case}, got none"
            raise PolicyError(msg)
        return tuple(posting.mirrored() for posting in found) if negative else found

    def role(self, target: Role | str) -> Role:
        """The role that a target means: itself, or what a switch says."""
        if isinstance(target, Role):
            return target
        found = getattr(self, target.replace("-", "_"))
        assert isinstance(found, Role)  # noqa: S101  # `Posting` lets no other switch pass
        return found

    def _row(self, kind: str, case: str) -> tuple[Posting, ...] | None:
        key = (kind, case)
        return self.rows[key] if key in self.rows else STANDARD_ROWS.get(key)


_KINDS: Final[Mapping[str, type[enum.Enum]]] = {
    **dict.fromkeys(("unapplied", "advances", "unidentified", "retentions", "deductions"), Role),
    **dict.fromkeys(("credit-notes", "write-offs", "cheques", "returned-cheques", "cards"), Role),
    **dict.fromkeys(("discount-tax", "difference-tax", "write-off-tax"), TaxPart),
    **dict.fromkeys(("refunds-at", "returns-at"), OutgoingRate),
    "documents-at": RateDay,
}


def _value(key: str, value: Any) -> object:  # noqa: ANN401  # whatever a TOML file holds
    try:
        if key == "categories":
            return {**_CATEGORIES, **{name: Role(role) for name, role in value.items()}}
        if key == "rows":
            return {
                (kind, case): row for kind, cases in value.items() for case, row in cases.items()
            }
        return _KINDS[key](value)
    except (AttributeError, KeyError, ValueError) as error:
        known = ", ".join((*_KINDS, "categories", "rows"))
        msg = f"posting rules must be valid values of {known}, got {key} = {value!r}"
        raise PolicyError(msg) from error
