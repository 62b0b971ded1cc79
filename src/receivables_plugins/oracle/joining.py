"""What the tables of Receivables say together: documents, receipts, and what settles them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from receivables.documents import (
    CreditNote,
    DebitNote,
    Document,
    Installment,
    Invoice,
    ItemId,
)
from receivables.errors import DocumentError
from receivables.money import ExchangeRate, Money, from_minor, minor_of
from receivables.parties import Address, Channel, Contact, Customer
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Receipt, Remittance
from receivables_plugins.oracle.gathering import SETTLING, Application, CashReceipt, Gathering, Part
from receivables_plugins.oracle.settings import EbsSettings
from receivables_plugins.oracle.settling import Movement, Schedule, allocations
from receivables_plugins.oracle.tables import Table

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["Joining"]

_CLASSES: Final[Mapping[str, type[Document]]] = MappingProxyType(
    {"credit-note": CreditNote, "debit-note": DebitNote, "invoice": Invoice}
)
_PLAIN: Final = frozenset({"INV", "DM", "CM"})
"""Classes that our kinds say in full; others go along as a dimension."""
_REVERSED: Final = frozenset({"REV", "NSF", "STOP"})
_SCHEDULES: Final = "AR_PAYMENT_SCHEDULES_ALL"
_APPLICATIONS: Final = "AR_RECEIVABLE_APPLICATIONS_ALL"
_LONE: Final = ("AR_ADJUSTMENTS_ALL", _APPLICATIONS, "RA_CUSTOMER_TRX_ALL")
"""Tables that say nothing of a balance by themselves."""


class Joining:
    """Takes tables in any order, and gives their records once all are there."""

    def __init__(self, settings: EbsSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._rows = Gathering(settings, notes)
        self._schedules: dict[str, Schedule] = {}
        self._unknown_customers: set[str] = set()

    def take(self, table: Table) -> None:
        """Take the rows of a table."""
        self._rows.take(table)

    def records(self) -> Iterator[LedgerRecord]:
        """Customers, documents, receipts, then what settles them."""
        if not self._rows.tables:
            return
        self._check_tables()
        yield from self._customers()
        yield from self._documents()
        yield from self._receipts()
        movements = self._movements()
        self._check_remaining(movements)
        yield from allocations(
            self._schedules,
            movements,
            creditor=self._settings.creditor,
            notes=self._notes,
            day=self._settings.as_of,
        )

    def _check_tables(self) -> None:
        rows, notes = self._rows, self._notes
        has_items = rows.tables & {_SCHEDULES, "AR_CASH_RECEIPTS_ALL"}
        for table in [] if has_items else sorted(rows.tables.intersection(_LONE)):
            msg = f"{table} must be read together with {_SCHEDULES}, got it alone"
            notes.error("oracle.table-alone", msg)
        if rows.tables == {"HZ_PARTIES"}:
            notes.error("oracle.table-alone", "HZ_PARTIES must come with HZ_CUST_ACCOUNTS")
        if rows.monies and not rows.tables & {_SCHEDULES, _APPLICATIONS}:
            msg = "what receipts paid is in other tables, so that each is shown as not applied"
            notes.warn("oracle.table-alone", msg)
        if len(rows.orgs) > 1 and not self._settings.orgs:
            msg = f"tables have {len(rows.orgs)} operating units (ORG_ID), read as one creditor"
            notes.warn("oracle.several-orgs", msg)
        if rows.miscellaneous:
            msg = (
                f"{rows.miscellaneous} miscellaneous receipts are no receivables and were left out"
            )
            notes.warn("oracle.receipt-miscellaneous", msg)

    # Customers

    def _customers(self) -> Iterator[Customer]:
        for name, account in self._rows.accounts.items():
            party = self._rows.parties.get(account["PARTY_ID"], {})
            said = {column: text or party.get(column, "") for column, text in account.items()}
            number = said["ACCOUNT_NUMBER"]
            by_number = self._settings.customers == "number" and number
            names = (number, said["ACCOUNT_NAME"])
            yield Customer(
                customer=number if by_number else name,
                name=said["PARTY_NAME"] or said["ACCOUNT_NAME"] or number or name,
                country=said["COUNTRY"] if len(said["COUNTRY"]) == 2 else "",  # noqa: PLR2004  # ISO 3166
                address=_address(said),
                contacts=_contacts(said),
                aliases=tuple(each for each in names if each and each != said["PARTY_NAME"]),
                is_consumer=said["PARTY_TYPE"] == "PERSON",
            )

    def _customer(self, name: str, *, line: int, field: str | None) -> str:
        """How a customer is called; its account number has to be in the tables for that."""
        if self._settings.customers == "id" or not name:
            return name
        number = self._rows.accounts.get(name, {}).get("ACCOUNT_NUMBER", "")
        if not number and name not in self._unknown_customers:
            self._unknown_customers.add(name)
            msg = f"customer {name} must be in HZ_CUST_ACCOUNTS, got no number of it"
            self._notes.error("customer.unknown", msg, line=line, field=field)
        return number or name

    # Documents

    def _documents(self) -> Iterator[Document]:
        found: dict[tuple[str, str], list[Part]] = {}
        for part in self._rows.parts.values():
            if part.kind != "receipt":
                key = part.transaction or f"{part.code} {part.number}"
                found.setdefault((key, part.number), []).append(part)
        names = self._names(list(found))
        for (key, number), parts in found.items():
            if self._is_there(parts[0]):
                document = self._document(sorted(parts, key=_sequence), key, names[key, number])
                if document is not None:
                    yield document

    def _is_there(self, part: Part) -> bool:
        """Whether a document is complete, and there on the day that is asked for."""
        if part.transaction in self._rows.incomplete:
            msg = f"{part.number} is not complete (COMPLETE_FLAG), and was left out"
            self._notes.warn("oracle.incomplete", msg, line=part.line, field=part.field)
            return False
        return self._settings.as_of is None or part.gl_date <= self._settings.as_of

    def _names(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """What each transaction is called: the same number twice goes to the one that came first."""
        if self._settings.numbers == "id":
            return {key: key[0] for key in keys}
        names: dict[tuple[str, str], str] = {}
        taken: set[str] = set()
        for key in sorted(keys, key=_age):
            transaction, number = key
            names[key] = f"{number}~{transaction}" if number in taken else number
            if number in taken:
                msg = f"number {number!r} is of several transactions; read as {names[key]!r}"
                self._notes.warn("oracle.number-repeated", msg)
            taken.add(names[key])
        return names

    def _document(self, parts: list[Part], key: str, name: str) -> Document | None:
        first = parts[0]
        kind = self._kind(first, sum(part.original_minor for part in parts))
        parts = self._with_all_installments(parts)
        try:
            document = self._built(parts, kind, key, name)
        except DocumentError as error:
            self._notes.error("document.unbalanced", str(error), line=first.line, field=first.field)
            return None
        self._keep(document, parts)
        return document

    def _built(self, parts: list[Part], kind: type[Document], key: str, name: str) -> Document:
        first = parts[0]
        sign = -1 if kind is CreditNote else 1
        self._check_parts(parts, sign)
        total = from_minor(sign * sum(part.original_minor for part in parts), first.currency)
        amounts = [total] if len(parts) == 1 else _amounts(parts, sign)
        corrects, references = self._rows.headers.get(key, ("", ()))
        more = (first.number,) if name != first.number else ()
        document = kind(
            number=name,
            creditor=self._settings.creditor,
            customer=self._customer(first.customer, line=first.line, field=first.field),
            document_date=first.trx_date or first.gl_date,
            posting_date=first.gl_date,
            due_date=first.due_date if len(parts) == 1 else None,
            total=total,
            installments=[
                Installment(part.due_date, amount)
                for part, amount in zip(parts, amounts, strict=True)
            ],
            references=(*more, *references, *_schedule_names(parts)),
            source=Place(self._notes.source, line=first.line, field=first.field),
            exchange_rate=self._rate(first),
            dimensions=() if first.code in _PLAIN else (("oracle-class", first.code),),
        )
        if isinstance(document, CreditNote) and corrects:
            return attrs.evolve(document, corrects=self._rows.numbers.get(corrects, ""))
        return document

    def _kind(self, part: Part, total_minor: int) -> type[Document]:
        """What the class says, unless the sign says otherwise: a negative invoice is a credit."""
        kind = _CLASSES[part.kind]
        is_credit = kind is CreditNote
        if (total_minor > 0 and is_credit) or (total_minor < 0 and not is_credit):
            kind = DebitNote if is_credit else CreditNote
            msg = f"{part.number} of class {part.code} has the sign of a {kind.kind.value}, and is one"
            self._notes.warn("oracle.sign-reversed", msg, line=part.line, field=part.field)
        return kind

    def _check_parts(self, parts: list[Part], sign: int) -> None:
        first = parts[0]
        for part in parts[1:]:
            if (part.customer, part.currency, part.code) != (
                first.customer,
                first.currency,
                first.code,
            ):
                msg = f"installments of {first.number} must agree on customer, class and currency"
                raise DocumentError(msg)
        if any(part.original_minor * sign < 0 for part in parts):
            msg = f"installments of {first.number} must have one sign, got two"
            raise DocumentError(msg)

    def _with_all_installments(self, parts: list[Part]) -> list[Part]:
        """Installments in their places; one that is not in the extract stands there with nothing."""
        first = parts[0]
        if len(parts) == first.sequence == first.due_dates == 1:
            return parts
        count = max(first.due_dates, *(part.sequence for part in parts), len(parts))
        by_place = {part.sequence: part for part in parts}
        if len(by_place) < len(parts):
            return parts
        if count > len(parts):
            msg = f"{first.number} must have {count} installments, got {len(parts)}; others are closed"
            self._notes.warn("oracle.installment-missing", msg, line=first.line, field=first.field)
        empty = attrs.evolve(first, schedule="", original_minor=0, remaining_minor=0)
        return [by_place.get(place, empty) for place in range(1, count + 1)]

    def _keep(self, document: Document, parts: Sequence[Part]) -> None:
        for place, part in enumerate(parts, start=1):
            item = document.number if len(parts) == 1 else f"{document.number}/{place}"
            if part.schedule:
                self._schedules[part.schedule] = _schedule(part, item, document)

    def _rate(self, part: Part) -> ExchangeRate | None:
        base, quote = part.currency, self._settings.currency
        if not part.rate or not quote or base == quote:
            return None
        day = part.rate_date or part.gl_date
        return ExchangeRate(base=base, quote=quote, rate=part.rate, date=day)

    # Receipts

    def _receipts(self) -> Iterator[Receipt]:
        known: set[str] = set()
        for part in self._rows.parts.values():
            if part.kind == "receipt":
                known.add(part.receipt)
                money = self._rows.monies.get(part.receipt)
                yield from self._receipt(part, money)
        for money in self._rows.monies.values():
            if (
                money.receipt not in known
                and f"receipt {money.receipt}" not in self._rows.unconfirmed
            ):
                yield from self._receipt(self._part_of(money), money)

    def _part_of(self, money: CashReceipt) -> Part:
        """A receipt that has no schedule among the tables, as if it had one."""
        return Part(
            schedule=f"receipt {money.receipt}",
            code="PMT",
            kind="receipt",
            customer=money.customer,
            transaction="",
            receipt=money.receipt,
            number=money.number,
            currency=money.currency,
            original_minor=-money.amount_minor,
            remaining_minor=0,
            adjusted_minor=0,
            sequence=1,
            due_dates=1,
            trx_date=money.received_on,
            due_date=None,
            gl_date=money.received_on or money.deposited_on or dt.date.min,
            settled_on=None,
            rate=None,
            rate_date=None,
            line=money.line,
            field=money.field,
        )

    def _receipt(self, part: Part, money: CashReceipt | None) -> Iterator[Receipt]:
        if self._settings.as_of and part.gl_date > self._settings.as_of:
            return
        identity = f"receipt-{part.receipt or part.schedule}"
        number = part.number or (money.number if money else "")
        has_schedule = part.schedule in self._rows.parts
        schedule = Schedule(
            schedule=part.schedule,
            item=ItemId(identity),
            document=identity,
            customer=self._customer(part.customer, line=part.line, field=part.field),
            currency=part.currency,
            original_minor=part.original_minor,
            remaining_minor=part.remaining_minor if has_schedule else None,
            posted_on=part.gl_date,
            line=part.line,
            field=part.field,
            label=f"receipt {number}",
        )
        if not part.original_minor:
            return  # a receipt of nothing: it only sets transactions off against each other
        self._schedules[part.schedule] = schedule
        text = tuple(each for each in (number, money.text if money else "") if each)
        yield Receipt(
            receipt=identity,
            creditor=self._settings.creditor,
            amount=from_minor(-part.original_minor, part.currency),
            booking_date=part.gl_date,
            value_date=money.deposited_on if money else None,
            customer=schedule.customer,
            remittance=Remittance(text=text),
            source=Place(self._notes.source, line=part.line, field=part.field),
            exchange_rate=self._rate(part),
        )

    # What settles what

    def _movements(self) -> dict[str, list[Movement]]:
        found: dict[str, list[Movement]] = {}
        joined = _APPLICATIONS in self._rows.tables
        if joined:
            for one in self._applied():
                found.setdefault(one.schedule, []).append(one)
        if "AR_ADJUSTMENTS_ALL" in self._rows.tables and joined:
            for one in self._adjusted():
                found.setdefault(one.schedule, []).append(one)
        for part in self._rows.parts.values():
            schedule = self._schedules.get(part.schedule)
            rest = self._undated(part, schedule, joined=joined) if schedule else None
            if rest is not None:
                found.setdefault(part.schedule, []).append(rest)
        self._reverse_receipts(found)
        return found

    def _applied(self) -> Iterator[Movement]:
        by_receipt, by_transaction = self._sources()
        for one in self._rows.applications:
            source = (
                one.source or by_receipt.get(one.receipt) or by_transaction.get(one.transaction)
            )
            source = source or f"receipt {one.receipt}"
            is_pending = {source, f"receipt {one.receipt}"} & self._rows.unconfirmed
            if one.status in SETTLING and not is_pending:
                yield from self._both_sides(one, source)

    def _sources(self) -> tuple[dict[str, str], dict[str, str]]:
        """The schedules of receipts and of credit memos, where an application names none itself."""
        parts = self._rows.parts.values()
        by_receipt = {part.receipt: part.schedule for part in parts if part.receipt}
        by_transaction = {
            part.transaction: part.schedule
            for part in parts
            if part.kind == "credit-note" and part.transaction
        }
        return by_receipt, by_transaction

    def _both_sides(self, one: Application, source: str) -> Iterator[Movement]:
        """What an application takes off the receipt, or the credit, and off what it pays."""
        giver, taker = self._schedules.get(source), self._schedules.get(one.target)
        label = f"application {one.name}"

        def moved(schedule: str, minor: int, partner: str) -> Movement:
            return Movement(
                schedule=schedule,
                on=one.on,
                amount_minor=minor,
                label=label,
                partner=partner,
                line=one.line,
                field=one.field,
            )

        if giver is not None:
            amount = one.amount if one.amount_from is None else one.amount_from
            is_foreign = taker is not None and taker.currency != giver.currency
            if one.amount_from is None and is_foreign:
                msg = f"{label} must have AMOUNT_APPLIED_FROM, because the currencies differ"
                self._notes.error("oracle.cross-currency", msg, line=one.line, field=one.field)
                return
            minor = self._minor(amount, giver.currency, one)
            yield moved(source, minor, one.target)
        if taker is not None:
            minor = self._minor(one.amount + one.discount, taker.currency, one)
            yield moved(one.target, -minor, source)

    def _minor(self, amount: Decimal, currency: str, one: Application) -> int:
        try:
            return minor_of(amount, currency)
        except DocumentError as error:
            self._notes.error("amount.inexact", str(error), line=one.line, field=one.field)
            return 0

    def _adjusted(self) -> Iterator[Movement]:
        for one in self._rows.adjustments.values():
            schedule = self._schedules.get(one.schedule)
            if schedule is None:
                continue
            try:
                minor = minor_of(one.amount, schedule.currency)
            except DocumentError as error:
                self._notes.error("amount.inexact", str(error), line=one.line, field=one.field)
                continue
            yield Movement(
                schedule=one.schedule,
                on=one.on,
                amount_minor=minor,
                label=f"adjustment {one.name}",
                line=one.line,
                field=one.field,
            )

    def _undated(self, part: Part, schedule: Schedule, *, joined: bool) -> Movement | None:
        """What a schedule says of itself where the tables that say it by day are not there."""
        minor = 0
        if not joined:
            minor = part.remaining_minor - part.original_minor
        elif "AR_ADJUSTMENTS_ALL" not in self._rows.tables:
            minor = part.adjusted_minor
        if not minor:
            return None
        on = part.settled_on
        if on is None:
            msg = f"snapshot-date must be given, because {schedule.item} is settled on a day unsaid"
            self._notes.error("settings.invalid", msg, line=part.line, field=part.field)
            on = part.gl_date
        elif part.remaining_minor or joined:
            msg = f"day on which a part of {schedule.item} was settled is not said; {on} was taken"
            self._notes.warn("oracle.settled-day-unknown", msg, line=part.line, field=part.field)
        return Movement(
            schedule=part.schedule,
            on=max(on, schedule.posted_on),
            amount_minor=minor,
            label=f"schedule {part.schedule}",
            is_total=True,
            line=part.line,
            field=part.field,
        )

    def _reverse_receipts(self, found: dict[str, list[Movement]]) -> None:
        """Take off a receipt that was reversed what no application takes off it."""
        mirrored = self._mirrored()
        for name, schedule in self._schedules.items():
            identity = schedule.item.removeprefix("receipt-")
            if schedule.item == identity:
                continue
            money = self._rows.monies.get(identity)
            on = mirrored.get(identity)
            if on is None and money and money.status in _REVERSED:
                on = money.reversed_on or schedule.posted_on
            left = schedule.original_minor + sum(one.amount_minor for one in found.get(name, ()))
            if on is not None and left < 0:
                one = Movement(
                    schedule=name,
                    on=on,
                    amount_minor=-left,
                    label="reversal",
                    line=schedule.line,
                    field=schedule.field,
                )
                found.setdefault(name, []).append(one)

    def _mirrored(self) -> dict[str, dt.date]:
        """The day of the last row of each receipt whose rows, of whatever status, come to nothing."""
        sums: dict[str, Decimal] = {}
        days: dict[str, dt.date] = {}
        parked: set[str] = set()
        for one in self._rows.applications:
            if one.receipt:
                amount = one.amount if one.amount_from is None else one.amount_from
                sums[one.receipt] = sums.get(one.receipt, Decimal(0)) + amount
                days[one.receipt] = max(days.get(one.receipt, one.on), one.on)
                if one.status not in SETTLING:
                    parked.add(one.receipt)
        return {name: days[name] for name in parked if not sums[name]}

    def _check_remaining(self, movements: dict[str, list[Movement]]) -> None:
        for name, schedule in self._schedules.items():
            if schedule.remaining_minor is None:
                continue
            moved = sum(one.amount_minor for one in movements.get(name, ()))
            left = schedule.original_minor + moved
            if left != schedule.remaining_minor:
                msg = f"payment schedule {name} must leave {schedule.remaining_minor} minor units open"
                self._notes.error(
                    "oracle.remaining-differs",
                    f"{msg}, got {left} after what the tables apply to it",
                    line=schedule.line,
                    field=schedule.field,
                )


def _amounts(parts: list[Part], sign: int) -> list[Money]:
    return [from_minor(sign * part.original_minor, part.currency) for part in parts]


def _sequence(part: Part) -> int:
    return part.sequence


def _age(key: tuple[str, str]) -> tuple[int, str]:
    """Transactions are numbered as they are made, so that the lowest number came first."""
    transaction = key[0]
    return (int(transaction) if transaction.isascii() and transaction.isdigit() else 0, transaction)


def _schedule_names(parts: list[Part]) -> Iterator[str]:
    """The system's own names of the installments, in a form that no payer writes by chance."""
    return (f"payment-schedule:{part.schedule}" for part in parts if part.schedule)


def _schedule(part: Part, item: str, document: Document) -> Schedule:
    return Schedule(
        schedule=part.schedule,
        item=ItemId(item),
        document=document.number,
        customer=document.customer,
        currency=part.currency,
        original_minor=part.original_minor,
        remaining_minor=part.remaining_minor,
        posted_on=document.posting_date,
        due_date=part.due_date,
        line=part.line,
        field=part.field,
        label=f"credit note {document.number}" if part.original_minor < 0 else "",
    )


def _address(said: Mapping[str, str]) -> Address:
    lines = (said["ADDRESS1"], said["ADDRESS2"], said["ADDRESS3"], said["ADDRESS4"])
    return Address(
        lines=tuple(line for line in lines if line),
        postal_code=said["POSTAL_CODE"],
        city=said["CITY"],
        region=said["STATE"] or said["PROVINCE"],
        country=said["COUNTRY"] if len(said["COUNTRY"]) == 2 else "",  # noqa: PLR2004  # ISO 3166
    )


def _contacts(said: Mapping[str, str]) -> list[Contact]:
    email = said["EMAIL_ADDRESS"]
    if not email:
        return []
    return [Contact(name=said["PARTY_NAME"], channel=Channel.EMAIL, email=email)]
