"""One receipt under review, the rows that it is shown in, and what was decided."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from receivables.allocation.model import Residual
from receivables.documents.model import ItemId
from receivables.errors import IncompleteReadError
from receivables.matching.model import Evidence, MatchProposal, Outcome
from receivables.parties import CustomerId
from receivables.problems import Problem
from receivables.receipts.model import Receipt, ReceiptId

__all__ = ["Decision", "ReviewEntry", "ReviewRow", "Reviewed"]


_NO_ITEM: Final = ItemId("")


class Decision(enum.Enum):
    """What a person says of a receipt."""

    OPEN = ""
    """Nothing yet."""
    APPLY = "apply"
    """It pays what its rows say."""
    LEAVE = "leave"
    """It stays as it is."""


@attrs.frozen(kw_only=True)
class ReviewRow:
    """A receipt and one item that it pays; a receipt that pays nothing has one row.

    A second residual of an item has a row of its own, where `pays_minor` is None.
    """

    receipt: ReceiptId
    booking_date: dt.date
    payer: str
    payer_account: str
    amount_minor: int
    currency: str
    text: str
    """What the payer wrote, its structured references first."""
    outcome: Outcome
    probability_bp: int
    decision: Decision
    customer: CustomerId
    item: ItemId = _NO_ITEM
    pays_minor: int | None = None
    residual: Residual | None = None
    unapplied_minor: int
    """What all rows of the receipt together leave of it."""
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[tuple[ItemId, ...], ...] = ()
    is_first: bool = True
    """Whether it is the first row of its receipt."""


@attrs.frozen(kw_only=True)
class ReviewEntry:
    """A receipt, what it is proposed to pay, and the decision on it."""

    receipt: Receipt
    proposal: MatchProposal
    decision: Decision = Decision.OPEN

    @property
    def rows(self) -> tuple[ReviewRow, ...]:
        """One row per item that the receipt pays, or a single one."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[ReviewRow]:
        first = self._row()
        for number, (item, pays_minor, residual) in enumerate(_lines(self.proposal)):
            yield attrs.evolve(
                first, item=item, pays_minor=pays_minor, residual=residual, is_first=number == 0
            )

    def _row(self) -> ReviewRow:
        receipt, proposal = self.receipt, self.proposal
        return ReviewRow(
            receipt=receipt.receipt,
            booking_date=receipt.booking_date,
            payer=receipt.payer.ultimate_name or receipt.payer.name,
            payer_account=receipt.payer.account,
            amount_minor=proposal.amount_minor,
            currency=proposal.currency,
            text=_said(receipt),
            outcome=proposal.outcome,
            probability_bp=proposal.probability_bp,
            decision=self.decision,
            customer=proposal.customer,
            unapplied_minor=proposal.unapplied_minor,
            evidence=proposal.evidence,
            alternatives=proposal.alternatives,
        )


def _lines(proposal: MatchProposal) -> Iterator[tuple[ItemId, int | None, Residual | None]]:
    """Item, amount and residual of each row; residuals beyond the first of an item come after it."""
    residuals: dict[ItemId, list[Residual]] = {}
    for residual in proposal.residuals:
        residuals.setdefault(residual.item, []).append(residual)
    for part in proposal.parts:
        own = residuals.pop(part.item, [])
        yield part.item, part.amount_minor, own[0] if own else None
        yield from ((part.item, None, more) for more in own[1:])
    rest = [(item, None, one) for item, of_item in residuals.items() for one in of_item]
    yield from rest
    if not proposal.parts and not rest:
        yield _NO_ITEM, None, None


def _said(receipt: Receipt) -> str:
    """Everything that came with the money, without saying anything twice."""
    remittance = receipt.remittance
    numbers = (document.number for document in remittance.documents)
    said = (*remittance.references, *numbers, *remittance.text, remittance.end_to_end)
    return " · ".join(dict.fromkeys(text for text in said if text))


def _proposals(values: Iterable[MatchProposal]) -> tuple[MatchProposal, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Reviewed:
    """What an edited worksheet says: decisions as proposals, and everything that is wrong with it.

    `sound` are the decisions without a fault.  `known` were applied before, exactly as the sheet
    says; `left` are those that nobody decided, or that are to stay as they are.
    """

    source: str
    sound: tuple[MatchProposal, ...] = attrs.field(default=(), converter=_proposals)
    known: tuple[ReceiptId, ...] = ()
    left: tuple[ReceiptId, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the worksheet from being applied as a whole."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def proposals(self) -> tuple[MatchProposal, ...]:
        """What is to be confirmed; raises `IncompleteReadError` where anything is wrong.

        Take `sound` to apply the rows without a fault all the same.
        """
        if self.errors:
            msg = f"review {self.source} must have no error, got {self.errors[0]}"
            raise IncompleteReadError(msg)
        return self.sound
