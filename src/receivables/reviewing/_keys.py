"""What a worksheet keeps for the way back: what was proposed, and where the ledger stood.

A key is text that a person leaves alone: a digest, and what it is the digest of, packed.  Whatever
is not exactly what was written is no key.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import zlib
from typing import Any, Final

import attrs

from receivables.allocation.model import Leg, Residual, ResidualKind
from receivables.errors import ReceivablesError
from receivables.i18n import words
from receivables.ledger.objects import Ledger
from receivables.matching.model import Evidence, EvidenceKind, MatchProposal, Outcome

__all__ = ["Key", "head_of"]

_VERSION: Final = 1
_DIGEST: Final = 16
_UNPACKED_MAX: Final = 16_000_000
"""Bytes of an unpacked key; a proposal of a hundred thousand items has about a third of them."""


def head_of(ledger: Ledger) -> str:
    """Where a ledger stands: how many events it has, and a digest of their names in order."""
    names = "\n".join(event.event for event in ledger.events)
    return f"{len(ledger)}:{_digest(names.encode('utf-8', 'replace'))}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGEST]


@attrs.frozen(kw_only=True)
class Key:
    """What was proposed for a receipt, in a worksheet of a locale, at a head of the ledger."""

    proposal: MatchProposal
    locale: str
    head: str

    def to_text(self) -> str:
        """The key as one word; equal keys give equal words."""
        said = {
            "version": _VERSION,
            "locale": self.locale,
            "head": self.head,
            "proposal": _to_plain(self.proposal),
        }
        content = json.dumps(said, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
        packed = zlib.compress(content.encode(), 9)
        return f"{_digest(packed)}:{base64.b64encode(packed).decode()}"

    @classmethod
    def from_text(cls, text: str) -> Key | None:
        """The key of a word; None where it is not one that `to_text` wrote."""
        digest, _, packed = text.strip().partition(":")
        try:
            content = base64.b64decode(packed, validate=True)
            if digest != _digest(content):
                return None
            said = json.loads(zlib.decompressobj().decompress(content, _UNPACKED_MAX))
            if said["version"] != _VERSION:
                return None
            words(said["locale"])
            proposal = _from_plain(said["proposal"])
            return cls(proposal=proposal, locale=said["locale"], head=str(said["head"]))
        except (
            binascii.Error,
            zlib.error,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
            ReceivablesError,
        ):
            return None


def _to_plain(proposal: MatchProposal) -> dict[str, Any]:
    return {
        "receipt": proposal.receipt,
        "creditor": proposal.creditor,
        "outcome": proposal.outcome.value,
        "amount": proposal.amount_minor,
        "currency": proposal.currency,
        "customer": proposal.customer,
        "parts": [[part.item, part.amount_minor, part.currency] for part in proposal.parts],
        "evidence": [[each.kind.value, each.detail] for each in proposal.evidence],
        "alternatives": [list(items) for items in proposal.alternatives],
        "sure": proposal.probability_bp,
        "residuals": [_residual_to_plain(residual) for residual in proposal.residuals],
    }


def _residual_to_plain(residual: Residual) -> dict[str, Any]:
    return {
        "kind": residual.kind.value,
        "amount": residual.amount_minor,
        "tax": residual.tax_minor,
        "item": residual.item,
        "currency": residual.currency,
        "counterparty": residual.counterparty,
        "reason": residual.reason,
        "due": residual.due_date and residual.due_date.isoformat(),
    }


def _from_plain(said: dict[str, Any]) -> MatchProposal:
    return MatchProposal(
        receipt=said["receipt"],
        creditor=said["creditor"],
        outcome=Outcome(said["outcome"]),
        amount_minor=said["amount"],
        currency=said["currency"],
        customer=said["customer"],
        parts=[Leg(item, amount, currency=currency) for item, amount, currency in said["parts"]],
        evidence=[Evidence(EvidenceKind(kind), detail) for kind, detail in said["evidence"]],
        alternatives=said["alternatives"],
        probability_bp=said["sure"],
        residuals=[_residual_from_plain(residual) for residual in said["residuals"]],
    )


def _residual_from_plain(said: dict[str, Any]) -> Residual:
    return Residual(
        ResidualKind(said["kind"]),
        said["amount"],
        tax_minor=said["tax"],
        item=said["item"],
        currency=said["currency"],
        counterparty=said["counterparty"],
        reason=said["reason"],
        due_date=said["due"] and dt.date.fromisoformat(said["due"]),
    )
