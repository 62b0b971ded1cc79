"""Proposals with their evidence; what is ambiguous is never applied by itself."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import attrs

from receivables.allocation.model import Leg
from receivables.documents.model import ItemId
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId
from receivables.receipts.model import ReceiptId

__all__ = [
    "Evidence",
    "EvidenceKind",
    "MatchProposal",
    "MatchingPolicy",
    "Outcome",
    "Proposals",
]


class Outcome(enum.Enum):
    """What is to be done with a proposal."""

    CERTAIN = "certain"
    """The evidence leaves one answer: it may be applied by itself."""
    PROPOSED = "proposed"
    """One answer, on evidence that a person should see first."""
    AMBIGUOUS = "ambiguous"
    """More than one answer fits; they are listed."""
    UNMATCHED = "unmatched"
    """No answer; the customer may be known all the same."""


class EvidenceKind(enum.Enum):
    """One reason for (or against) a proposal."""

    STRUCTURED_REFERENCE = "structured-reference"
    REFERRED_DOCUMENT = "referred-document"
    DOCUMENT_IN_TEXT = "document-in-text"
    PAYER_ACCOUNT = "payer-account"
    PAYER_NAME = "payer-name"
    PAYER_DIFFERS = "payer-differs"
    PAYER_UNKNOWN = "payer-unknown"
    AMOUNT_EXACT = "amount-exact"
    AMOUNT_LESS_CREDIT = "amount-less-credit"
    AMOUNT_PARTIAL = "amount-partial"
    AMOUNT_OVER = "amount-over"
    AMOUNT_UNIQUE = "amount-unique"
    AMOUNT_OF_ALL = "amount-of-all"
    AMOUNT_OF_ALL_DUE = "amount-of-all-due"
    AMOUNT_REPEATED = "amount-repeated"
    ALREADY_SETTLED = "already-settled"


@attrs.frozen
class Evidence:
    """A kind of evidence and what it was found in: a number, a name, an account."""

    kind: EvidenceKind
    detail: str = ""


@attrs.frozen(kw_only=True)
class MatchingPolicy:
    """What may be applied by itself, as data; everything else is proposed.

    `version` goes into the reason of each allocation, so that a decision can be explained later.
    """

    version: str = "1"
    apply_partial: bool = True
    """One named document, a known payer, and less money than is open."""
    apply_overpayment: bool = False
    """Named documents, a known payer, and more money than is open; the rest stays unapplied.

    Off, because a receipt for more than it names mostly pays something else as well, under a number
    that was cut off or misspelt.
    """
    apply_amount_of_known_account: bool = True
    """No reference, but the payer's account is known and one answer fits to the cent."""
    shortest_reference: int = 4
    """Characters that a document number in free text must have to count."""


def _evidence(values: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(values)


def _legs(values: Iterable[Leg]) -> tuple[Leg, ...]:
    return tuple(values)


def _alternatives(values: Iterable[Iterable[ItemId]]) -> tuple[tuple[ItemId, ...], ...]:
    return tuple(tuple(items) for items in values)


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

    @property
    def unapplied_minor(self) -> int:
        """What the proposal leaves of the receipt."""
        return self.amount_minor - sum(part.amount_minor for part in self.parts)


@attrs.frozen
class Proposals:
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
