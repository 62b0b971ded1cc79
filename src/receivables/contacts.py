"""People at a customer as a directory knows them, and what was done with them.

>>> import datetime as dt
>>> entry = DirectoryEntry(entry="003xx01", customer="C-017",
...                        contact=Contact(name="Ana Diaz", email="ana@example.com"))
>>> entry.may_be_written_to
True
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from receivables.errors import DocumentError
from receivables.parties import Contact, CustomerId
from receivables.problems import Place

__all__ = ["Activity", "ActivityKind", "DirectoryEntry"]


@attrs.frozen(kw_only=True)
class DirectoryEntry:
    """A contact in a directory of people, with the customer it belongs to and what it has forbidden."""

    entry: str
    """The directory's own name of the person."""
    customer: CustomerId = attrs.field(converter=CustomerId)
    contact: Contact
    title: str = ""
    """What the person is, in the directory's words; `contact.role` is what we make of it."""
    has_opted_out_of_email: bool = False
    has_opted_out_of_calls: bool = False
    is_active: bool = True
    source: Place | None = attrs.field(default=None, eq=False)

    @property
    def may_be_written_to(self) -> bool:
        """Whether there is an e-mail address that may be used."""
        return bool(self.contact.email) and self.is_active and not self.has_opted_out_of_email


class ActivityKind(enum.Enum):
    """What was done."""

    CALL = "call"
    EMAIL = "email"
    LETTER = "letter"
    MEETING = "meeting"
    NOTE = "note"
    TASK = "task"


@attrs.frozen(kw_only=True)
class Activity:
    """Something that was done, or is to be done, with a customer: what a CRM keeps a record of.

    `activity` names it for good: written twice, it is one record.
    """

    activity: str = attrs.field()
    customer: CustomerId = attrs.field(converter=CustomerId)
    kind: ActivityKind
    subject: str
    at: dt.datetime = attrs.field()
    """When, with its zone."""
    body: str = ""
    entry: str = ""
    """The person in the directory, where it was one."""
    outcome: str = ""
    by: str = ""
    is_done: bool = True
    source: Place | None = attrs.field(default=None, eq=False)

    @activity.validator
    def _check_activity(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "activity must have an identity, got an empty one"
            raise DocumentError(msg)

    @at.validator
    def _check_at(self, _attribute: object, value: dt.datetime) -> None:
        if value.tzinfo is None:
            msg = f"at of activity {self.activity} must have a zone, got {value}"
            raise DocumentError(msg)
