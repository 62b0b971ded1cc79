"""Proposals with their evidence; what is ambiguous is never applied by itself."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.allocation.model import Leg, Residual, ResidualKind
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId
from receivables.receipts.model import ReceiptId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "BASIS_POINTS",
    "Evidence",
    "EvidenceKind",
    "MatchProposal",
    "MatchingPolicy",
    "Outcome",
    "Proposals",
    "ShortageRule",
]


class Outcome(enum.Enum):
    """What is to be done with a proposal."""

    CERTAIN = "certain"
    """The evidence leaves one answer: it may be applied by itself."""
    PROPOSED = "proposed"
    """One answer, on evidence that a person should see first."""
    AMBIGUOUS = "ambiguous"
    """More than one answer fits, or it stays open how much is for which item; they are listed."""
    UNMATCHED = "unmatched"
    """No answer; the customer may be known all the same."""


class EvidenceKind(enum.Enum):
    """One reason for (or against) a proposal."""

    STRUCTURED_REFERENCE = "structured-reference"
    REFERRED_DOCUMENT = "referred-document"
    DOCUMENT_IN_TEXT = "document-in-text"
    DOCUMENT_SHORTENED = "document-shortened"
    """A number with its prefix or its zeros left out, that one document of the payer goes by."""
    DOCUMENT_MISSPELT = "document-misspelt"
    """A number that differs by one figure, or by two exchanged, from a document of the payer."""
    DOCUMENT_IN_RANGE = "document-in-range"
    """A number between the first and the last that the text names."""
    ORDER_IN_TEXT = "order-in-text"
    """The customer's own order number, or another reference that the document carries."""
    OTHERS_UNNAMED = "others-unnamed"
    """Further documents that the text does not name make up the amount."""
    OTHERS_NAMED = "others-named"
    """The text names open documents that this proposal does not pay."""
    NUMBERS_UNREAD = "numbers-unread"
    """The text has numbers that are none of the payer's documents."""
    PAYER_ACCOUNT = "payer-account"
    PAYER_NAME = "payer-name"
    PAYER_NAME_CUT = "payer-name-cut"
    PAYER_NAME_SIMILAR = "payer-name-similar"
    PAYER_CONFIRMED = "payer-confirmed"
    """The ledger, or a fact that a person confirmed, says whose receipt it is."""
    PAYER_DIFFERS = "payer-differs"
    PAYER_UNKNOWN = "payer-unknown"
    AMOUNT_EXACT = "amount-exact"
    AMOUNT_STATED = "amount-stated"
    """The payer says how much it pays for each document, and that adds up to the receipt."""
    AMOUNT_LESS_CREDIT = "amount-less-credit"
    AMOUNT_LESS_DISCOUNT = "amount-less-discount"
    AMOUNT_LESS_CHARGE = "amount-less-charge"
    AMOUNT_WITHIN_TOLERANCE = "amount-within-tolerance"
    AMOUNT_LESS_DEDUCTION = "amount-less-deduction"
    """The shortfall is a deduction that the payer says, or is known to make."""
    AMOUNT_PARTIAL = "amount-partial"
    AMOUNT_SHORT = "amount-short"
    """Several documents are named, and the amount is less than all of them."""
    AMOUNT_SHARED = "amount-shared"
    """Together with another receipt, which names one of the same documents, it pays them whole."""
    AMOUNT_OVER = "amount-over"
    AMOUNT_UNIQUE = "amount-unique"
    AMOUNT_OF_ALL = "amount-of-all"
    AMOUNT_OF_ALL_DUE = "amount-of-all-due"
    AMOUNT_OF_RUN = "amount-of-run"
    """Documents that follow one another by due date add up to it."""
    AMOUNT_OF_SOME = "amount-of-some"
    """One subset of the payer's documents, and no other, adds up to it."""
    AMOUNT_OF_SEVERAL_SUBSETS = "amount-of-several-subsets"
    AMOUNT_REPEATED = "amount-repeated"
    AMOUNT_SEARCH_ENDED = "amount-search-ended"
    """The search for a subset ended at its budget, so that nothing is known of the rest."""
    EQUAL_ELSEWHERE = "equal-elsewhere"
    """An item that is not named has an equal that could be meant as well."""
    OLDEST_FIRST = "oldest-first"
    """Among equal documents it is the one due first."""
    CONTESTED = "contested"
    """Another receipt has as good a claim to the same documents."""
    ALREADY_SETTLED = "already-settled"
    SAID_BY_PERSON = "said-by-person"
    """A person decided, against what was proposed or without it; where they said so."""


@attrs.frozen
class Evidence:
    """A kind of evidence and what it was found in: a number, a name, an account."""

    kind: EvidenceKind
    detail: str = ""


BASIS_POINTS: Final = 10_000
"""Basis points of certainty."""


def _frozen_weights(values: Mapping[EvidenceKind | str, int]) -> Mapping[EvidenceKind, int]:
    return MappingProxyType({EvidenceKind(kind): weight for kind, weight in values.items()})


def _kinds(values: Iterable[EvidenceKind | str]) -> frozenset[EvidenceKind]:
    return frozenset(EvidenceKind(value) for value in values)


def _rules(values: Iterable[ShortageRule]) -> tuple[ShortageRule, ...]:
    return tuple(values)


def _upper(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.upper() for value in values)


def _part(amount_minor: int, bps: int) -> int:
    return (amount_minor * bps + BASIS_POINTS // 2) // BASIS_POINTS


@attrs.frozen(kw_only=True)
class ShortageRule:
    """What a shortfall is, by rule: the first rule of a policy that fits decides.

    A rule fits where everything that it says is so: `words` of which one stands in the remittance
    text, `bps` that the shortfall is of what was due (to the cent, rounded half up), and an amount
    between `least_minor` and `most_minor` in `currency`.  It makes a residual of `kind`, with
    `reason`; a kind that stays owed (`ResidualKind.opens_item`) opens an item of its own.

    >>> rule = ShortageRule(kind="deduction", reason="damaged", words=["damage", "avarie"])
    >>> rule.fits(text="RETENUE AVARIE LIVRAISON", short_minor=500, due_minor=10_000, currency="EUR")
    True
    """

    kind: ResidualKind = attrs.field(converter=ResidualKind)
    reason: str = ""
    words: tuple[str, ...] = attrs.field(default=(), converter=_upper)
    bps: int | None = None
    least_minor: int = 1
    most_minor: int | None = None
    currency: str = ""

    def fits(self, *, text: str, short_minor: int, due_minor: int, currency: str) -> bool:
        """Whether the rule says what a shortfall is."""
        if self.currency not in {"", currency} or short_minor < self.least_minor:
            return False
        if self.most_minor is not None and short_minor > self.most_minor:
            return False
        if self.bps is not None and short_minor != _part(due_minor, self.bps):
            return False
        return not self.words or any(word in text.upper() for word in self.words)


@attrs.frozen(kw_only=True)
class MatchingPolicy:
    """How receipts are matched, as data: the evidence that counts, and what may be applied by itself.

    `version` goes into the reason of each allocation, so that a decision can be explained later.
    Probabilities are basis points (9,995 is 99.95 %), budgets are steps of the subset search.
    """

    version: str = "2"
    apply_from_bp: int = 9_900
    """From this probability on a proposal is applied by itself."""
    propose_from_bp: int = attrs.field(default=9_000)
    """From this probability on it is proposed; below, the receipt is unidentified."""
    without: frozenset[EvidenceKind] = attrs.field(default=frozenset(), converter=_kinds)
    """Kinds of evidence that no proposal may stand on; ``amount-unique`` stands for bare amounts."""
    weights: Mapping[EvidenceKind, int] = attrs.field(factory=dict, converter=_frozen_weights)
    """Weights that differ from those the library is shipped with, in hundredths of a ban."""
    apply_partial: bool = True
    """One named document, a known payer, and less money than is open."""
    apply_overpayment: bool = False
    """Named documents, a known payer, and more money than is open; the rest stays unapplied.

    Off, because a receipt for more than it names mostly pays something else as well, under a number
    that was cut off or misspelt.
    """
    overpayment_bps: int = 100
    """An overpayment up to this share of what is named is applied all the same: the payer rounded,
    or paid interest; the rest stays unapplied."""
    apply_amount_of_known_account: bool = True
    """No reference, but the payer's account is known and one answer fits to the cent."""
    apply_amount_of_name: bool = True
    """The same, where the payer is known only by a name that no other has, whole or cut by a bank."""
    shortest_reference: int = 4
    """Characters that a document number in free text must have to count on its own."""
    search_budget: int = 20_000
    """Steps of the search for a subset of a payer's items, per receipt."""
    search_items: int = 14
    """Items among which any subset may be the answer; among more, chance finds too many."""
    charge_minor: int = 5_000
    """The most that a bank takes on the way of a foreign transfer, in minor units."""
    tolerance_bps: int = 0
    """How far the amount may be from what is named, in basis points of it..."""
    tolerance_minor: int = 0
    """...and in minor units; the lower of the two counts, and what is tolerated closes the item."""
    discount_grace_days: int = 0
    """Days after its last day on which a settlement discount still counts as earned."""
    shortages: tuple[ShortageRule, ...] = attrs.field(default=(), converter=_rules)
    """What a shortfall is, by rule; what no rule explains leaves the item open in part."""

    @propose_from_bp.validator
    def _check_thresholds(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= self.apply_from_bp <= BASIS_POINTS:
            msg = f"propose_from_bp must be 0 to apply_from_bp, and that to {BASIS_POINTS}, got {value} and {self.apply_from_bp}"
            raise PolicyError(msg)


def _evidence(values: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(values)


def _legs(values: Iterable[Leg]) -> tuple[Leg, ...]:
    return tuple(values)


def _alternatives(values: Iterable[Iterable[ItemId]]) -> tuple[tuple[ItemId, ...], ...]:
    return tuple(tuple(items) for items in values)


def _residuals(values: Iterable[Residual]) -> tuple[Residual, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class MatchProposal:
    """What one receipt pays, why, and what else it could pay.

    `parts` are signed minor units with the items' own signs; what they do not use of the receipt is
    `unapplied_minor`.  `customer` is whose receipt it is, as far as it is known.
    """

    receipt: ReceiptId
    creditor: CreditorId
    outcome: Outcome
    amount_minor: int
    currency: str
    customer: CustomerId = UNIDENTIFIED
    parts: tuple[Leg, ...] = attrs.field(default=(), converter=_legs)
    evidence: tuple[Evidence, ...] = attrs.field(default=(), converter=_evidence)
    alternatives: tuple[tuple[ItemId, ...], ...] = attrs.field(default=(), converter=_alternatives)
    probability_bp: int = 0
    """How sure it is that these parts are right, in basis points; calibrated, not felt."""
    residuals: tuple[Residual, ...] = attrs.field(default=(), converter=_residuals)
    """What else closes the items, where the amount falls short of them for a known reason."""

    @property
    def unapplied_minor(self) -> int:
        """What the proposal leaves of the receipt."""
        return self.amount_minor - sum(part.amount_minor for part in self.parts)


@attrs.frozen
class Proposals(ShowsTable):
    """The proposals of one run, in the order of the receipts."""

    all: tuple[MatchProposal, ...] = ()

    def __iter__(self) -> Iterator[MatchProposal]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def _with(self, outcome: Outcome) -> tuple[MatchProposal, ...]:
        return tuple(proposal for proposal in self.all if proposal.outcome is outcome)

    @property
    def certain(self) -> tuple[MatchProposal, ...]:
        """Those that may be applied by themselves."""
        return self._with(Outcome.CERTAIN)

    @property
    def proposed(self) -> tuple[MatchProposal, ...]:
        """Those that a person should see first."""
        return self._with(Outcome.PROPOSED)

    @property
    def ambiguous(self) -> tuple[MatchProposal, ...]:
        """Those with more than one answer."""
        return self._with(Outcome.AMBIGUOUS)

    @property
    def unmatched(self) -> tuple[MatchProposal, ...]:
        """Those without an answer."""
        return self._with(Outcome.UNMATCHED)

    def to_table(self) -> ResultTable:
        """A row per receipt: what is proposed for it and how sure that is; totals per currency."""
        from receivables.matching._tables import proposals_table  # noqa: PLC0415  # stands on this

        return proposals_table(self)
