"""Reasons and signs in plain English, until a catalogue says them in the reader's language.

>>> from receivables.collection.model import WorkReason, WorkReasonKind
>>> sentence(WorkReason(kind=WorkReasonKind.AGE, points=15, days=42))
'the oldest amount is 42 days past due (15 points)'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from receivables.collection.model import WorkLine, WorkReason, WorkReasonKind
from receivables.money import digits

__all__ = ["amount_text", "sentence", "why"]


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount as plain text, the currency first.

    >>> amount_text(-120_050, "EUR")
    'EUR -1,200.50'
    """
    places = digits(currency)
    whole, rest = divmod(abs(amount_minor), 10**places)
    decimals = f".{rest:0{places}}" if places else ""
    return f"{currency} {'-' if amount_minor < 0 else ''}{whole:,}{decimals}"


def sentence(reason: WorkReason) -> str:
    """What a reason says, and how many points it gives."""
    return f"{_SENTENCES[reason.kind](reason)} ({reason.points} points)"


def why(line: WorkLine) -> tuple[str, ...]:
    """Why a line stands where it stands, the weightiest reason first, and whether it may be done."""
    said = [sentence(reason) for reason in line.reasons]
    if line.barred is not None:
        again = "" if line.barred.again_on is None else f" before {line.barred.again_on}"
        said.append(f"not to be contacted{again}: {line.barred.reason}")
    return tuple(said)


def _when(reason: WorkReason) -> str:
    days = reason.days or 0
    if not days:
        return "today"
    return f"{_days(days)} ago" if days > 0 else f"in {_days(-days)}"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _amount(reason: WorkReason) -> str:
    if reason.amount_minor is None or not reason.currency:
        return ""
    return f" of {amount_text(reason.amount_minor, reason.currency)}"


def _named(reason: WorkReason) -> str:
    return f" {reason.reference}" if reason.reference else ""


def _owed(reason: WorkReason) -> str:
    return f"{amount_text(reason.amount_minor or 0, reason.currency)} is past due"


def _aged(reason: WorkReason) -> str:
    return f"the oldest amount is {_days(reason.days or 0)} past due"


def _deadline(reason: WorkReason) -> str:
    return f"the deadline {reason.text}{_named(reason)}{_amount(reason)} is {_when(reason)}"


def _promise(reason: WorkReason) -> str:
    return f"the promise{_named(reason)}{_amount(reason)} was due {_when(reason)}"


def _installment(reason: WorkReason) -> str:
    return f"an installment of plan{_named(reason)}{_amount(reason)} was due {_when(reason)}"


def _stake(reason: WorkReason) -> str:
    return f"{amount_text(reason.amount_minor or 0, reason.currency)} is promised or falls due soon"


def _action(reason: WorkReason) -> str:
    what = f": {reason.text}" if reason.text else ""
    return f"the next step was due {_when(reason)}{what}"


def _request(reason: WorkReason) -> str:
    return f"the request{_named(reason)} ({reason.text}) was to be answered {_when(reason)}"


def _dispute(reason: WorkReason) -> str:
    return f"the dispute{_named(reason)} ({reason.text}) was to be answered {_when(reason)}"


def _risk(reason: WorkReason) -> str:
    return f"the risk class is {reason.text}"


def _broken(reason: WorkReason) -> str:
    count = reason.count or 0
    return f"{count} promise{'' if count == 1 else 's'} broken"


def _limit(reason: WorkReason) -> str:
    used = reason.bps or 0
    return f"{used // 100}.{used % 100:02} % of the credit limit is used"


_SENTENCES: Final[Mapping[WorkReasonKind, Callable[[WorkReason], str]]] = MappingProxyType(
    {
        WorkReasonKind.AMOUNT: _owed,
        WorkReasonKind.AGE: _aged,
        WorkReasonKind.DEADLINE: _deadline,
        WorkReasonKind.PROMISE_DUE: _promise,
        WorkReasonKind.INSTALLMENT_DUE: _installment,
        WorkReasonKind.STAKE: _stake,
        WorkReasonKind.NEXT_ACTION: _action,
        WorkReasonKind.REQUEST: _request,
        WorkReasonKind.DISPUTE: _dispute,
        WorkReasonKind.RISK: _risk,
        WorkReasonKind.BROKEN_PROMISE: _broken,
        WorkReasonKind.LIMIT: _limit,
    }
)
"""How each kind of reason is said; a test compares it with the kinds."""
