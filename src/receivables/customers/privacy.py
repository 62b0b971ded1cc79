"""What is known of a person: found wherever it stands, handed over, masked.

>>> moment = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
>>> ana = Contact(name="Ana Díaz", email="ana@norte.example", phone="+34 600 123 456")
>>> register = CustomerRegister().take_over(
...     [Customer(customer="C-017", name="Aceros del Norte SL", contacts=[ana])],
...     on=dt.date(2026, 1, 1), at=moment, by="L. Roy", source="opening; Ana Diaz confirmed it")
>>> subject = DataSubject(names=["ana diaz"])
>>> [(one.field, one.value) for one in find_person(subject, register=register)][:2]
[('customer.contacts[0].name', 'Ana Díaz'), ('customer.contacts[0].email', 'ana@norte.example')]
>>> masked = mask_person(register, subject, by="A. Ito", at=moment, why="she asked for it")
>>> find_person(subject, register=masked)
()
>>> masked.history("C-017")[0].why, masked.history("C-017")[0].by
('opening; [masked] confirmed it', 'L. Roy')
"""

from __future__ import annotations

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from receivables.customers._names import MASK, folded, texts
from receivables.customers.model import ChangeEvidence, FieldChange, ProposalDecision
from receivables.customers.plain import record_to_plain
from receivables.customers.register import (
    CustomerMasked,
    CustomerRegister,
    CustomerReviewed,
    CustomerTakenOver,
    ProposalRecorded,
    RegisterEntry,
)
from receivables.errors import PolicyError
from receivables.matching.rules import plain_reference
from receivables.parties import Address, Contact, Customer, Identifier

__all__ = ["MASK", "DataSubject", "PersonFinding", "export_person", "find_person", "mask_person"]

_NOTHING: Final[Mapping[str, Iterable[object]]] = MappingProxyType({})
_PHONE_MIN: Final = 7
_PHONE_COMPARED: Final = 9
_NUMBER_MIN: Final = 6
"""Signs of an account or an identifier that is looked for inside of longer texts."""
_NAME_WORDS_MIN: Final = 2
"""Words of a name that is looked for inside of longer texts; one word must be the whole text."""

_KEPT: Final = frozenset(
    {"by", "customer", "proposal", "merged_into", "policy", "field", "scheme", "kind"}
)
"""Fields of a register that say who did what to which record: they are the audit trail."""

_PERSONAL: Final = ("name", "address", "contacts", "identifiers", "ibans", "aliases")
"""Fields of a customer who is a person."""


@attrs.frozen(kw_only=True)
class DataSubject:
    """A person, by all that they are known by; `customers` are the records that are this person.

    Names are compared without case and accents, with the family name before or after; a name of one
    word is found where it is the whole text.  Raises `PolicyError` where nothing is said.
    """

    names: tuple[str, ...] = attrs.field(default=(), converter=texts)
    emails: tuple[str, ...] = attrs.field(default=(), converter=texts)
    phones: tuple[str, ...] = attrs.field(default=(), converter=texts)
    numbers: tuple[str, ...] = attrs.field(default=(), converter=texts)
    """Accounts and identifiers."""
    customers: tuple[str, ...] = attrs.field(default=(), converter=texts)

    def __attrs_post_init__(self) -> None:
        given = (*self.names, *self.emails, *self.phones, *self.numbers, *self.customers)
        if not any(map(folded, given)):
            msg = "a person must be known by something, got nothing"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class PersonFinding:
    """One text about a person: where it stands, in which record, in which field, and how it was known."""

    where: str
    """``register``, or the name of what was looked through besides."""
    record: str
    field: str
    value: str
    known_by: str
    """``name``, ``email``, ``phone``, ``number``, or ``person`` where the whole value is theirs."""


_MARKS: Final = r"[\u0300-\u036f]*"
"""Accents of a letter, in a text whose accents stand apart."""
_BETWEEN: Final = rf"{_MARKS}[\W_]+"


class _Terms:
    """What a person is known by, ready to be compared."""

    def __init__(self, subject: DataSubject) -> None:
        names = [_tokens(name) for name in subject.names]
        self._single = {words[0] for words in names if len(words) == 1}
        long = [words for words in names if len(words) >= _NAME_WORDS_MIN]
        # In the order in which they are looked for: as they were given first, then turned round.
        turned = [[*long], [*map(_turned, long)], [*map(_turned_back, long)]]
        self._names = tuple(dict.fromkeys(" ".join(name) for names in turned for name in names))
        self._emails = {folded(email) for email in subject.emails if folded(email)}
        self._phones = {found for found in map(_phone, subject.phones) if found}
        self._numbers = {found for found in map(plain_reference, subject.numbers) if found}
        self._patterns = [re.compile(text, re.IGNORECASE) for text in self._expressions()]

    def _expressions(self) -> Iterator[str]:
        for email in sorted(self._emails, key=lambda one: (-len(one), one)):
            yield rf"(?<![\w.+-]){re.escape(email)}(?![\w-])"
        for name in sorted(self._names, key=len, reverse=True):
            words = (_MARKS.join(map(re.escape, word)) for word in name.split())
            yield rf"(?<!\w){_BETWEEN.join(words)}{_MARKS}(?!\w)"
        for number in sorted(self._numbers, key=lambda one: (-len(one), one)):
            if len(number) >= _NUMBER_MIN:
                yield r"[ .-]?".join(map(re.escape, number))
        if self._phones:
            yield _PHONE_RUN.pattern

    def known_by(self, text: str) -> str:
        """How a text is about the person; empty where it is not."""
        plain = folded(text)
        if any(_holds(plain, email) for email in self._emails):
            return "email"
        words = f" {' '.join(_tokens(text))} "
        if words.strip() in self._single or any(f" {name} " in words for name in self._names):
            return "name"
        if self._phones and any(_phone(run) in self._phones for run in _PHONE_RUN.findall(text)):
            return "phone"
        return "number" if self._numbers and self._has_number(text) else ""

    def _has_number(self, text: str) -> bool:
        plain = plain_reference(text)
        return plain in self._numbers or any(
            len(number) >= _NUMBER_MIN and number in plain for number in self._numbers
        )

    def masked(self, text: str) -> str:
        """A text without the person: all of it, where a part cannot be told from the rest."""
        if not self.known_by(text):
            return text
        plain = unicodedata.normalize("NFD", text)
        for pattern in self._patterns:
            plain = pattern.sub(self._replaced, plain)
        result = unicodedata.normalize("NFC", plain)
        return MASK if self.known_by(result) else result

    def _replaced(self, found: re.Match[str]) -> str:
        is_other_phone = (
            found.re.pattern == _PHONE_RUN.pattern and _phone(found[0]) not in self._phones
        )
        return found[0] if is_other_phone else MASK


_PHONE_RUN: Final = re.compile(r"\+?[0-9](?:[ \u00a0./()-]{0,2}[0-9]){6,}")


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded(text))


def _turned(words: list[str]) -> list[str]:
    return [words[-1], *words[:-1]]


def _turned_back(words: list[str]) -> list[str]:
    return [*words[1:], words[0]]


def _phone(text: str) -> str:
    figures = "".join(filter(str.isdecimal, text))
    return figures[-_PHONE_COMPARED:] if len(figures) >= _PHONE_MIN else ""


def _holds(text: str, email: str) -> bool:
    return email in text and bool(re.search(rf"(?<![\w.+-]){re.escape(email)}(?![\w-])", text))


def _contacts_in(value: object) -> Iterator[Contact]:
    """Every contact inside of a value."""
    for _, each in _parts(value, ""):
        if isinstance(each, Contact):
            yield each


def _parts(
    value: object, path: str, kept: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Any]]:
    """Every text and every contact inside of a value with its path, by the fields of attrs classes."""
    if isinstance(value, str | Contact):
        yield path, value
    elif isinstance(value, enum.Enum | type):
        return
    elif attrs.has(type(value)):
        for field in attrs.fields(cast("type[Any]", type(value))):
            if field.name not in kept:
                name = f"{path}.{field.name}" if path else field.name
                yield from _parts(getattr(value, field.name), name, kept)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _parts(key, f"{path} (key)", kept)
            yield from _parts(each, f"{path}[{key!r}]", kept)
    elif isinstance(value, tuple | list | set | frozenset):
        for number, each in enumerate(value):
            yield from _parts(each, f"{path}[{number}]", kept)


def _widened(
    subject: DataSubject, register: CustomerRegister | None, also: Mapping[str, Iterable[object]]
) -> DataSubject:
    """The subject with what their own records and contacts say; what others share is left out."""
    records = [] if register is None else _records(register)
    terms = _Terms(subject)
    contacts = [one for record in records for one in record.contacts]
    contacts += [one for values in also.values() for value in values for one in _contacts_in(value)]
    own = [
        one for record in records if record.customer in subject.customers for one in record.contacts
    ]
    theirs = [*own, *(one for one in contacts if _is_theirs(one, terms))]
    mine = {folded(one.name) for one in theirs}
    others = [one for one in contacts if folded(one.name) not in mine]
    shared = {text for one in others for text in (folded(one.email), _phone(one.phone)) if text}
    persons = [record for record in records if record.customer in subject.customers]
    emails = [one.email for one in theirs if one.email and folded(one.email) not in shared]
    phones = [one.phone for one in theirs if _phone(one.phone) and _phone(one.phone) not in shared]
    return attrs.evolve(
        subject,
        names=_said(
            subject.names,
            (n for r in persons for n in (r.name, *r.aliases)),
            (o.name for o in theirs),
        ),
        emails=_said(subject.emails, emails),
        phones=_said(subject.phones, phones),
        numbers=_said(
            subject.numbers,
            (number for r in persons for number in (*r.ibans, *(i.value for i in r.identifiers))),
        ),
    )


def _said(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts for text in part if text and text != MASK))


def _is_theirs(contact: Contact, terms: _Terms) -> bool:
    return any(
        terms.known_by(text) for text in (contact.name, contact.email, contact.phone) if text
    )


def _records(register: CustomerRegister) -> list[Customer]:
    """Every record in every version that the register has, proposed ones included."""
    found = []
    for entry in register.entries:
        if isinstance(entry, CustomerTakenOver):
            found.append(entry.customer)
        elif isinstance(entry, ProposalRecorded):
            found += [_version(entry, side) for side in ("before", "after")]
    return found


def _version(entry: ProposalRecorded, side: str) -> Customer:
    """What a proposal says of a record, and nothing else of it."""
    values = {change.field: getattr(change, side) for change in entry.proposal.changes}
    return Customer(**{"name": "", **values}, customer=entry.proposal.customer)


def find_person(
    subject: DataSubject,
    *,
    register: CustomerRegister | None = None,
    also: Mapping[str, Iterable[object]] = _NOTHING,
) -> tuple[PersonFinding, ...]:
    """Everything about a person, in a register and in whatever is given besides.

    `also` names lists of values of any attrs classes: the events of a ledger, the entries of a
    directory.  A contact that is theirs is found whole, and what it says (its e-mail address, its
    telephone number) is looked for as well, unless other contacts share it.  Who proposed or approved
    a change is the audit trail, and is not looked through.
    """
    also = {name: list(values) for name, values in also.items()}
    known = _widened(subject, register, also)
    terms = _Terms(known)
    found: list[PersonFinding] = []
    if register is not None:
        for number, entry in enumerate(register.entries, start=1):
            found += _in_entry(entry, number, known, terms)
    for where, values in also.items():
        for number, value in enumerate(values, start=1):
            found += _in_value(value, where, _record_name(value, number), terms)
    return tuple(found)


def _record_name(value: object, number: int) -> str:
    for name in ("event", "activity", "entry", "customer"):
        if isinstance(text := getattr(value, name, None), str):
            return text
    return str(number)


def _in_entry(
    entry: RegisterEntry, number: int, subject: DataSubject, terms: _Terms
) -> Iterator[PersonFinding]:
    record = f"entry {number}"
    if isinstance(entry, CustomerMasked):
        yield from _in_value(entry.why, "register", record, terms, path="why")
        return
    whole = _customer_of(entry) in subject.customers
    if isinstance(entry, CustomerTakenOver):
        yield from _in_fields(entry.customer, "customer", record, terms, whole=whole)
        yield from _in_value(entry.source, "register", record, terms, path="source")
    elif isinstance(entry, ProposalRecorded):
        for change in entry.proposal.changes:
            for side in ("before", "after"):
                path = f"{change.field}.{side}"
                part = getattr(change, side)
                if whole and change.field in _PERSONAL:
                    yield from _whole(part, path, record)
                else:
                    yield from _in_value(part, "register", record, terms, path=path)
        rest = (entry.proposal.why, entry.proposal.evidence)
        yield from _in_value(rest, "register", record, terms, path="proposal")
    else:
        yield from _in_value(entry, "register", record, terms)


def _customer_of(entry: RegisterEntry) -> str:
    if isinstance(entry, CustomerTakenOver):
        return entry.customer.customer
    if isinstance(entry, ProposalRecorded):
        return entry.proposal.customer
    return entry.customer if isinstance(entry, CustomerReviewed) else ""


def _in_fields(
    customer: Customer, path: str, record: str, terms: _Terms, *, whole: bool
) -> Iterator[PersonFinding]:
    for field in attrs.fields(Customer):
        value = getattr(customer, field.name)
        place = f"{path}.{field.name}"
        if field.name == "customer":
            continue
        if whole and field.name in _PERSONAL:
            yield from _whole(value, place, record)
        else:
            yield from _in_value(value, "register", record, terms, path=place)


def _whole(value: object, path: str, record: str) -> Iterator[PersonFinding]:
    """Every text of a value that is the person's as a whole."""
    for place, part in _parts(value, path):
        each = _contact_texts(place, part) if isinstance(part, Contact) else [(place, part)]
        for name, text in each:
            is_open = text and text != MASK and not name.endswith((".country", ".scheme"))
            if is_open:
                yield PersonFinding(
                    where="register", record=record, field=name, value=text, known_by="person"
                )


def _contact_texts(path: str, contact: Contact) -> list[tuple[str, str]]:
    return [(f"{path}.{name}", getattr(contact, name)) for name in ("name", "email", "phone")]


def _in_value(
    value: object, where: str, record: str, terms: _Terms, *, path: str = ""
) -> Iterator[PersonFinding]:
    for place, part in _parts(value, path, _KEPT if where == "register" else frozenset()):
        theirs = isinstance(part, Contact) and _is_theirs(part, terms)
        each = _contact_texts(place, part) if isinstance(part, Contact) else [(place, part)]
        for name, text in each:
            known_by = terms.known_by(text) if text else ""
            if known_by or (theirs and text):
                yield PersonFinding(
                    where=where,
                    record=record,
                    field=name,
                    value=text,
                    known_by=known_by or "person",
                )


def export_person(
    subject: DataSubject,
    *,
    register: CustomerRegister | None = None,
    also: Mapping[str, Iterable[object]] = _NOTHING,
) -> dict[str, Any]:
    """What is known of a person as a plain form for JSON: each finding, and their own records in full.

    It is what a person may ask for (Regulation (EU) 2016/679, articles 15 and 20); what it says of
    other people has to be looked at before it is handed over.
    """
    findings = find_person(subject, register=register, also=also)
    records = [] if register is None else _standing(register, subject)
    return {
        "format": 1,
        "subject": {
            field.name: list(getattr(subject, field.name)) for field in attrs.fields(DataSubject)
        },
        "findings": [attrs.asdict(one) for one in findings],
        "records": [record_to_plain(record) for record in records],
    }


def _standing(register: CustomerRegister, subject: DataSubject) -> list[Customer]:
    found = (register.customer(name, as_of=dt.date.max) for name in subject.customers)
    return [record for record in found if record is not None]


def mask_person(
    register: CustomerRegister, subject: DataSubject, *, by: str, at: dt.datetime, why: str
) -> CustomerRegister:
    """A register in which a person cannot be found any more, in no version of any record.

    Who changed which field when stays, and so do the identifiers of customers, without which the
    accounts could not be read.  E-mail addresses and telephone numbers become empty, so that nothing
    is sent to a mask.  Proposals on the records that are masked become stale.  The same register
    comes back where there is nothing to mask.
    """
    known = _widened(subject, register, _NOTHING)
    masker = _Masker(known, _Terms(known))
    entries = [masker.entry(entry) for entry in register.entries]
    if not masker.fields:
        return register
    entry = CustomerMasked(
        customers=sorted(masker.customers),
        fields=sorted(masker.fields),
        by=by,
        at=at,
        why=masker.terms.masked(why),  # whoever asks for it is often named in the reason
    )
    return CustomerRegister((*entries, entry), policy=register.policy)


class _Masker:
    """Masks entries, and remembers which fields of which records it touched."""

    def __init__(self, subject: DataSubject, terms: _Terms) -> None:
        self._subject = subject
        self.terms = self._terms = terms
        self.customers: set[str] = set()
        self.fields: set[str] = set()

    def entry(self, entry: RegisterEntry) -> RegisterEntry:
        """One entry with the same meaning and without the person."""
        owner = _customer_of(entry)
        if isinstance(entry, CustomerTakenOver):
            values = {
                field.name: self._field(owner, field.name, getattr(entry.customer, field.name))
                for field in attrs.fields(Customer)
            }
            source = self._text(owner, "source", entry.source)
            return attrs.evolve(entry, customer=Customer(**values), source=source)
        if isinstance(entry, ProposalRecorded):
            proposal = entry.proposal
            changed = attrs.evolve(
                proposal,
                changes=[self._change(owner, change) for change in proposal.changes],
                why=self._text(owner, "why", proposal.why),
                evidence=self._evidence(owner, proposal.evidence),
            )
            return attrs.evolve(entry, proposal=changed)
        if isinstance(entry, ProposalDecision):
            note = self._text("", "note", entry.note)
            return attrs.evolve(entry, note=note, evidence=self._evidence("", entry.evidence))
        if isinstance(entry, CustomerReviewed):
            return attrs.evolve(entry, note=self._text(owner, "note", entry.note))
        return attrs.evolve(entry, why=self._text("", "why", entry.why))

    def _change(self, owner: str, change: FieldChange) -> FieldChange:
        return attrs.evolve(
            change,
            before=self._field(owner, change.field, change.before),
            after=self._field(owner, change.field, change.after),
        )

    def _evidence(
        self, owner: str, evidence: Iterable[ChangeEvidence]
    ) -> tuple[ChangeEvidence, ...]:
        return tuple(
            attrs.evolve(
                piece,
                text=self._text(owner, "evidence", piece.text),
                reference=self._text(owner, "evidence", piece.reference),
            )
            for piece in evidence
        )

    def _text(self, owner: str, field: str, text: str) -> str:
        masked = self._terms.masked(text)
        self._noted(owner, field, text, masked)
        return masked

    def _noted(self, owner: str, field: str, before: Any, after: Any) -> Any:  # noqa: ANN401  # any value of a field
        if before != after:
            self.fields.add(field)
            if owner:
                self.customers.add(owner)
        return after

    def _field(self, owner: str, field: str, value: Any) -> Any:  # noqa: ANN401  # any value of a field
        if field == "customer":
            return value
        is_person = owner in self._subject.customers and field in _PERSONAL
        change: Callable[[Any], Any] = _blank if is_person else self._value
        return self._noted(owner, field, value, change(value))

    def _value(self, value: Any) -> Any:  # noqa: ANN401  # any value of a field
        if isinstance(value, str):
            return self._terms.masked(value)
        if isinstance(value, Contact):
            return _blank(value) if _is_theirs(value, self._terms) else value
        if isinstance(value, tuple):
            return tuple(self._value(each) for each in value)
        if attrs.has(type(value)) and not isinstance(value, enum.Enum):
            names = [field.name for field in attrs.fields(type(value)) if field.name not in _KEPT]
            return attrs.evolve(
                value, **{name: self._value(getattr(value, name)) for name in names}
            )
        return value


def _blank(value: Any) -> Any:  # noqa: ANN401  # any value of a field
    """A value of a person's own field with nothing of it left but that it was there."""
    if isinstance(value, str):
        return MASK if value else ""
    if isinstance(value, tuple):
        return tuple(map(_blank, value))
    if isinstance(value, Contact):
        return attrs.evolve(value, name=MASK, email="", phone="")
    if isinstance(value, Identifier):
        return attrs.evolve(value, value=MASK)
    if isinstance(value, Address):
        return Address(lines=(MASK,) if value.lines else (), country=value.country)
    return value
