"""The directory: contacts and activities out of the exports of a CRM, and activities as files for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, Final

import attrs

from receivables.adapters import DirectoryRecord
from receivables.contacts import Activity, ActivityKind, DirectoryEntry
from receivables.parties import Channel, Contact, CustomerId, Role
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables_plugins.crm.people import is_marked, locale_of, plain_words, role_of
from receivables_plugins.crm.settings import CrmSettings
from receivables_plugins.crm.sheets import (
    Doubts,
    Line,
    Sheet,
    cells_under,
    merged_ids,
    moment,
    open_sheet,
)
from receivables_plugins.crm.writing import files_of

__all__ = ["CrmDirectory"]

_ACTIVITIES: Final = {
    "call": ActivityKind.CALL,
    "phonecall": ActivityKind.CALL,
    "email": ActivityKind.EMAIL,
    "incomingemail": ActivityKind.EMAIL,
    "listemail": ActivityKind.EMAIL,
    "letter": ActivityKind.LETTER,
    "meeting": ActivityKind.MEETING,
    "appointment": ActivityKind.MEETING,
    "event": ActivityKind.MEETING,
    "note": ActivityKind.NOTE,
    "annotation": ActivityKind.NOTE,
    "task": ActivityKind.TASK,
    "todo": ActivityKind.TASK,
}
_DONE: Final = frozenset(
    [
        "completed",
        "complete",
        "done",
        "closed",
        "termine",
        "terminee",
        "completado",
        "completada",
        "1",
    ]
)
_ID_LENGTHS: Final = (15, 18)


class CrmDirectory:
    """The people and the activities of one CRM; what was read last says which account a customer is."""

    def __init__(self, crm: str, settings: CrmSettings) -> None:
        self._crm = crm
        self._settings = settings
        self._accounts: dict[str, str] = {}
        """The first account of each customer."""
        for account, customer in settings.mapping.items():
            self._accounts.setdefault(customer, account)

    def read(self, files: Mapping[str, BinaryIO]) -> Read[DirectoryRecord]:
        """Read the exports: accounts and users, then contacts, then activities, whatever their order.

        An account without a customer is a warning, and what belongs to it is left out: it is as a
        rule somebody who was never sold to.
        """
        notes = ReadNotes(next(iter(files), self._crm))
        return Read(self._rows(files, notes), notes)

    def _rows(self, files: Mapping[str, BinaryIO], notes: ReadNotes) -> Iterator[DirectoryRecord]:
        sheets = self._sheets(files, notes)
        reading = _Reading(self._crm, self._settings)
        for kind in ("mapping", "accounts", "users", "links"):
            for sheet in sheets.get(kind, ()):
                reading.learn(sheet)
        self._accounts = {**reading.accounts_by_customer(), **self._accounts}
        for sheet in sheets.get("contacts", ()):
            yield from reading.contacts(sheet)
        for sheet in sheets.get("activities", ()):
            reading.gather(sheet)
        yield from reading.activities()

    def _sheets(self, files: Mapping[str, BinaryIO], notes: ReadNotes) -> dict[str, list[Sheet]]:
        """The files by what they hold."""
        if not files:
            notes.error("file.missing", "the files of a directory must be given, got none")
        if (wanted := self._settings.mapping_file) and wanted not in files:
            notes.error(
                "file.missing", f"files must hold the mapping {wanted!r}, got none of that name"
            )
        sheets: dict[str, list[Sheet]] = {}
        for name, stream in files.items():
            sheet = open_sheet(self._crm, name, stream, settings=self._settings, notes=notes)
            if sheet is not None:
                sheets.setdefault(sheet.kind, []).append(sheet)
        return sheets

    def write(self, activities: Iterable[Activity]) -> Iterator[tuple[str, bytes]]:
        """The files with which the CRM takes in activities, one for each kind of its records.

        Raises `DocumentError` for a customer whose account is not known: read the directory first, or
        say it in the settings.  A cell that would begin a formula begins with an apostrophe.
        """
        yield from files_of(
            self._crm, activities, accounts=self._accounts, key_column=self._settings.key_column
        )


@attrs.define
class _Gathered:
    """What several files say of one activity."""

    doubts: Doubts
    line: int
    default: str
    cells: dict[str, str]
    links: dict[str, str] = attrs.field(factory=dict)


class _Reading:
    """One read: what is known of accounts and people, and what was noted already."""

    def __init__(self, crm: str, settings: CrmSettings) -> None:
        self._crm = crm
        self._settings = settings
        self._customers: dict[str, str] = {
            self._key(account): customer for account, customer in settings.mapping.items()
        }
        self._written: dict[str, str] = {}
        """The first account of each customer, as the CRM writes it."""
        self._users: dict[str, str] = {}
        self._contact_accounts: dict[str, list[str]] = {}
        self._activity_links: dict[str, dict[str, str]] = {}
        self._noted: set[str] = set()
        self._seen: dict[str, int] = {}
        self._gathered: dict[str, _Gathered] = {}
        self._roles = {plain_words(title): Role(role) for title, role in settings.roles.items()}

    def _key(self, text: str) -> str:
        """An identifier as it is compared: Salesforce writes one record with 15 signs or with 18."""
        text = text.strip().strip("{}")
        if self._crm == "salesforce" and len(text) == _ID_LENGTHS[1] and text.isalnum():
            return text[: _ID_LENGTHS[0]]
        return text.casefold() if self._crm == "dynamics" else text

    def accounts_by_customer(self) -> dict[str, str]:
        """The first account of each customer."""
        return dict(self._written)

    # What is learned first.

    def learn(self, sheet: Sheet) -> None:
        """Take in a file that only explains others."""
        take = {
            "mapping": self._learn_mapping,
            "accounts": self._learn_account,
            "users": self._learn_user,
            "links": self._learn_link,
        }[sheet.kind]
        if sheet.kind == "mapping" and not self._has_mapping_columns(sheet):
            return
        for line in sheet.rows():
            take(line, sheet.doubts)

    def _has_mapping_columns(self, sheet: Sheet) -> bool:
        wanted = (self._settings.mapping_account, self._settings.mapping_customer)
        missing = [name for name in wanted if name not in sheet.headings]
        for name in missing:
            sheet.doubts.error(
                "column.missing", f"file must have the column {name!r}", line=1, field=name
            )
        return not missing

    def _learn_mapping(self, line: Line, doubts: Doubts) -> None:
        account = cells_under(line, self._settings.mapping_account)
        customer = cells_under(line, self._settings.mapping_customer)
        if account and customer:
            self._map(account, customer, line, doubts)

    def _map(self, account: str, customer: str, line: Line, doubts: Doubts) -> None:
        known = self._customers.setdefault(self._key(account), customer)
        self._written.setdefault(customer, account.strip())
        if known != customer:
            msg = f"account {account} must be one customer, got {known} and {customer}"
            doubts.error(f"{self._crm}.mapping-ambiguous", msg, line=line.number)

    def _learn_account(self, line: Line, doubts: Doubts) -> None:
        column = self._settings.customer_column
        account = line.get("id")
        if is_marked(line.get("deleted")) or not account:
            return
        if column and cells_under(line, column):
            self._map(account, cells_under(line, column), line, doubts)

    def _learn_user(self, line: Line, _doubts: Doubts) -> None:
        both = f"{line.get('first')} {line.get('last')}".strip()
        name = line.get("name") or both or line.get("email")
        self._users[self._key(line.get("id"))] = name

    def _learn_link(self, line: Line, _doubts: Doubts) -> None:
        if is_marked(line.get("deleted")):
            return
        activity, contact, account = (line.get(n) for n in ("activity", "contact", "account"))
        if activity:
            links = self._activity_links.setdefault(activity, {})
            links.update({k: v for k, v in (("contact", contact), ("account", account)) if v})
        elif contact and account:
            self._contact_accounts.setdefault(self._key(contact), []).append(account)

    # Contacts.

    def contacts(self, sheet: Sheet) -> Iterator[DirectoryEntry]:
        """The contacts of a file, without those that were deleted or merged into others."""
        lines: Iterable[Line] = sheet.rows()
        merged: set[str] = set()
        if sheet.has("merged-ids"):
            # A record may name those merged into it after they came, so that all are read first.
            lines = list(lines)
            merged = merged_ids(line.get("merged-ids") for line in lines)
        for line in lines:
            if is_marked(line.get("deleted")) or line.get("id") in merged:
                continue
            entry = self._contact(line, sheet)
            if entry is not None and self._is_first(entry, line, sheet.doubts):
                yield entry

    def _contact(self, line: Line, sheet: Sheet) -> DirectoryEntry | None:
        identity = line.get("id")
        if not identity:
            sheet.doubts.error(
                f"{self._crm}.id-missing", "contact must have an id, got none", line=line.number
            )
            return None
        accounts = [part for part in re.split(r"[;]+", line.get("account")) if part.strip()]
        accounts += self._contact_accounts.get(self._key(identity), [])
        self._contact_accounts[self._key(identity)] = accounts
        customer = self._customer(accounts, line, sheet.doubts, f"contact {identity}")
        if customer is None:
            return None
        return self._entry(identity, customer, line, sheet)

    def _entry(self, identity: str, customer: str, line: Line, sheet: Sheet) -> DirectoryEntry:
        doubts = sheet.doubts
        name = line.get("name") or f"{line.get('first')} {line.get('last')}".strip()
        email, phone = line.get("email"), line.get("phone") or line.get("mobile")
        channel = Channel.EMAIL if email else Channel.PHONE if phone else Channel.POST
        state = self._mark(line, "state", doubts)
        return DirectoryEntry(
            entry=identity,
            customer=CustomerId(customer),
            contact=Contact(
                name=name or email or identity,
                role=self._role(line, doubts),
                channel=channel,
                locale=self._locale(line, doubts),
                email=email,
                phone=phone,
            ),
            title=line.get("title"),
            has_opted_out_of_email=self._mark(line, "no-email", doubts),
            has_opted_out_of_calls=self._mark(line, "no-calls", doubts),
            is_active=not (state or self._mark(line, "left", doubts)),
            source=Place(sheet.name, line=line.number),
        )

    def _mark(self, line: Line, name: str, doubts: Doubts) -> bool:
        """A mark; one that cannot be read counts as set, which is the careful side."""
        text = line.get(name)
        if not text:
            return False
        marked = is_marked(text)
        if marked is None:
            msg = f"{name} must be yes or no, got {text!r}, which is taken for yes"
            doubts.warn(f"{self._crm}.mark-unknown", msg, line=line.number, field=name)
            return True
        return marked

    def _role(self, line: Line, doubts: Doubts) -> Role:
        title = line.get("title")
        said = self._roles.get(plain_words(title)) if self._roles else None
        known = said or role_of(title)
        if known is not None:
            return known
        if self._settings.default_role:
            return Role(self._settings.default_role)
        msg = f"title must say a role or default-role be set, got {title!r}, which is taken for management"
        doubts.warn(f"{self._crm}.role-unknown", msg, line=line.number, field="title")
        return Role.MANAGEMENT

    def _locale(self, line: Line, doubts: Doubts) -> str | None:
        column = self._settings.language_column
        text = cells_under(line, column) if column else line.get("language")
        found = locale_of(text) if text else self._settings.default_locale
        if text and found is None:
            doubts.warn(
                f"{self._crm}.language-unknown",
                f"language must be known, got {text!r}",
                line=line.number,
            )
        return found or self._settings.default_locale

    def _is_first(self, entry: DirectoryEntry, line: Line, doubts: Doubts) -> bool:
        said = hash(entry)
        if entry.entry not in self._seen:
            self._seen[entry.entry] = said
            return True
        code = f"{self._crm}.duplicate"
        msg = f"contact must stand once, got {entry.entry} twice"
        if self._seen[entry.entry] == said:
            doubts.warn(code, msg, line=line.number)
        else:
            doubts.error(code, f"{msg}, and not the same", line=line.number)
        return False

    def _customer(self, accounts: list[str], line: Line, doubts: Doubts, what: str) -> str | None:
        """The customer of the first account that has one; what has none is said once per account."""
        found = [self._customers[key] for key in map(self._key, accounts) if key in self._customers]
        several = list(dict.fromkeys(found))
        if len(several) > 1:
            msg = (
                f"{what} must belong to one customer, got {', '.join(several)}; the first is taken"
            )
            doubts.warn(f"{self._crm}.several-customers", msg, line=line.number)
        if several:
            return several[0]
        account = accounts[0] if accounts else ""
        if account not in self._noted:
            self._noted.add(account)
            which = f"account {account} of {what}" if account else f"account of {what}"
            msg = f"{which} must have a customer, got none; what belongs to it is left out"
            doubts.warn(f"{self._crm}.account-unmapped", msg, line=line.number)
        return None

    # Activities.

    def gather(self, sheet: Sheet) -> None:
        """Take in the activities of a file; several files may speak of one."""
        default = "" if sheet.table is None else sheet.table.activity
        for line in sheet.rows():
            identity = line.get("id")
            if is_marked(line.get("deleted")):
                continue
            if not identity:
                sheet.doubts.error(
                    f"{self._crm}.id-missing",
                    "activity must have an id, got none",
                    line=line.number,
                )
                continue
            filled = {name: text for name, text in line.cells.items() if text}
            known = self._gathered.get(identity)
            if known is None:
                self._gathered[identity] = _Gathered(sheet.doubts, line.number, default, filled)
                continue
            known.cells = {**filled, **known.cells}
            known.default = known.default or default

    def activities(self) -> Iterator[Activity]:
        """The activities, once every file has spoken."""
        for identity, gathered in self._gathered.items():
            gathered.cells.update(self._activity_links.get(identity, {}))
            activity = self._activity(identity, gathered)
            if activity is not None:
                yield activity

    def _activity(self, identity: str, gathered: _Gathered) -> Activity | None:
        cells, doubts = gathered.cells, gathered.doubts
        line = Line(gathered.line, cells)
        people = [part for part in re.split(r"[;]+", cells.get("contact", "")) if part.strip()]
        accounts = [part for part in re.split(r"[;]+", cells.get("account", "")) if part.strip()]
        what = cells.get("what", "")
        accounts += [what] if what and self._key(what) in self._customers else []
        regarding = [
            account for account in accounts if self._key(account) in self._contact_accounts
        ]
        people += regarding
        for person in people:
            accounts += self._contact_accounts.get(self._key(person), [])
        accounts = [account for account in accounts if account not in regarding]
        customer = self._customer(accounts, line, doubts, f"activity {identity}")
        if customer is None:
            return None
        at = moment(cells.get("at", ""), self._settings)
        if at is None:
            msg = f"activity {identity} must have a moment that can be read in one way, got {cells.get('at', '')!r}"
            doubts.error("date.invalid", msg, line=gathered.line, field="at")
            return None
        return self._built(identity, customer, gathered, at, people[0] if people else "")

    def _built(
        self, identity: str, customer: str, gathered: _Gathered, at: dt.datetime, person: str
    ) -> Activity:
        cells, doubts = gathered.cells, gathered.doubts
        by = cells.get("by", "")
        return Activity(
            activity=cells.get("key") or identity,
            customer=CustomerId(customer),
            kind=self._kind(cells, gathered),
            subject=cells.get("subject", ""),
            at=at,
            body=cells.get("body", ""),
            entry=person.strip(),
            outcome=cells.get("outcome", ""),
            by=self._users.get(self._key(by), by),
            is_done=_is_done(cells),
            source=Place(doubts.source, line=gathered.line),
        )

    def _kind(self, cells: Mapping[str, str], gathered: _Gathered) -> ActivityKind:
        said = plain_words(cells.get("type", "")).replace(" ", "")
        kind = _ACTIVITIES.get(said) or _ACTIVITIES.get(gathered.default)
        if kind is None:
            msg = f"type of an activity must be known, got {cells.get('type', '')!r}, which is taken for a note"
            gathered.doubts.warn(f"{self._crm}.type-unknown", msg, line=gathered.line, field="type")
            return ActivityKind.NOTE
        return kind


def _is_done(cells: Mapping[str, str]) -> bool:
    """Whether an activity is over: what says nothing of it, is."""
    if "closed" in cells:
        return bool(is_marked(cells["closed"]))
    if "status" in cells:
        return plain_words(cells["status"]) in _DONE
    return True
