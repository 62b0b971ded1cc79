"""What the Moneris adapters share: texts without card numbers, moments, the day of a batch."""

from __future__ import annotations

import datetime as dt
from typing import Final

from receivables.cards import holds_card_number, masked
from receivables.reading import ReadNotes

__all__ = ["PROCESSOR", "batch_day", "clean", "moment_of"]

PROCESSOR: Final = "moneris"


def clean(text: str, *, notes: ReadNotes, field: str, line: int | None = None) -> str:
    """A text as it may be kept: a card number in it is masked, and noted as ``card.number``."""
    if not holds_card_number(text):
        return text
    msg = "text must hold no card number, got one, which was masked"
    notes.error("card.number", msg, line=line, field=field)
    return masked(text)


def moment_of(text: object) -> dt.datetime | None:
    """A moment as the service writes it; None where it is none or has no zone.

    >>> moment_of("2026-10-05T03:30:00.250Z").isoformat()
    '2026-10-05T03:30:00.250000+00:00'
    """
    if not isinstance(text, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def batch_day(moment: dt.datetime, *, zone: dt.tzinfo, closes_at: str) -> dt.date:
    """The day of the batch that takes in what happened at a moment.

    >>> import zoneinfo
    >>> toronto = zoneinfo.ZoneInfo("America/Toronto")
    >>> late = dt.datetime(2026, 10, 6, 3, 30, tzinfo=dt.UTC)  # 23:30 on the fifth in Toronto
    >>> batch_day(late, zone=toronto, closes_at="23:00").isoformat()
    '2026-10-06'
    """
    local = moment.astimezone(zone)
    is_late = f"{local:%H:%M}" >= closes_at
    return local.date() + dt.timedelta(days=int(is_late))
