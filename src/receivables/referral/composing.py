"""The file of a referral as a letter, in the language of the creditor: for PDF, Word and paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from receivables.collection import LogEntry
from receivables.i18n import Catalog, format_date, format_decimal, format_money, words
from receivables.letters import Letter, LetterRow, LetterTable, compose_report
from receivables.letters.model import plain
from receivables.letters.rules import envelope_lines, identifier_line
from receivables.referral.model import Doubt, FileItem, FileTotal, ReferralFile

__all__ = ["compose_file"]

_PRACTICE: Final = "practice"
"""What asks for evidence where no article does."""


def compose_file(file: ReferralFile, *, locale: str = "") -> Letter:
    """The whole file as one letter to who gets it: the claim, the interest, the payments, the log.

    It is in the creditor's language, unless a `locale` is given.  Amounts stand with their
    currency; what is missing or doubtful is listed, because nobody is helped by hiding it.

    Raises `TranslationMissingError` for a language without words.
    """
    desk = _Desk(file=file, locale=locale or file.creditor.locale)
    referral = file.referral
    return compose_report(
        file.creditor,
        to=(referral.to,),
        dated=file.as_of,
        locale=desk.locale,
        reference=referral.referral,
        subject=desk.word("file {reference}", reference=referral.referral),
        before=tuple(desk.opening()),
        tables=(desk.debtor(), *desk.claims(), desk.totals()),
        after=tuple(desk.listed()),
        annex_title=desk.word("details"),
        annex=tuple(table for table in desk.details() if table.rows),
    )


@attrs.frozen
class _Desk:
    """One file in one language."""

    file: ReferralFile
    locale: str

    def word(self, message: str, **values: str) -> str:
        return self._words.text("report", message, **values)

    @property
    def _words(self) -> Catalog:
        return words(self.locale)

    def heading(self, message: str) -> str:
        return self._words.text("heading", message)

    def money(self, minor: int, currency: str) -> str:
        return format_money(minor, currency, self.locale)

    def day(self, day: dt.date | None) -> str:
        return "" if day is None else format_date(day, self.locale, "medium")

    def opening(self) -> Iterator[str]:
        file = self.file
        customer, day = plain(file.customer.name), format_date(file.as_of, self.locale)
        yield self.word("we hand you our claims on {customer}, {date}", customer=customer, date=day)
        if file.referral.mandate:
            yield self.word("mandate {mandate}", mandate=plain(file.referral.mandate))

    def debtor(self) -> LetterTable:
        customer = self.file.customer
        address = envelope_lines(
            customer.name, customer.address, from_country="", locale=self.locale
        )
        reached = [part for one in customer.contacts for part in (one.email, one.phone) if part]
        rows = (
            (self.heading("customer"), customer.customer),
            (self.word("address"), ", ".join(address)),
            (self.word("numbers"), ", ".join(map(identifier_line, customer.identifiers))),
            (self.word("reached at"), ", ".join(reached)),
        )
        return _table(
            self.word("debtor"), ("", ""), [row for row in rows if row[1]], numbers=0, wide=1
        )

    def claims(self) -> Iterator[LetterTable]:
        names = ("document", "document date", "due date", "amount", "open amount")
        headings = (*map(self.heading, names), self.heading("interest"))
        for total in self.file.totals:
            items = [item for item in self.file.items if item.currency == total.currency]
            caption = self.word("claims in {currency}", currency=total.currency)
            yield _table(caption, headings, map(self._claim, items), numbers=3)

    def _claim(self, item: FileItem) -> tuple[str, ...]:
        minors = (item.amount_minor, item.open_minor, item.interest_minor)
        amounts = (self.money(minor, item.currency) for minor in minors)
        return (item.item, self.day(item.document_date), self.day(item.due_date), *amounts)

    def totals(self) -> LetterTable:
        claimed = ("principal", "late interest", "compensation for recovery costs", "fees")
        labels = [*(self._words.text("claimed", one) for one in claimed), self.word("claim")]
        headings = (self.heading("currency"), *labels)
        return _table("", headings, map(self._total, self.file.totals), numbers=5)

    def _total(self, one: FileTotal) -> tuple[str, ...]:
        minors = (
            *(one.principal_minor, one.interest_minor, one.compensation_minor),
            *(one.charges_minor, one.claim_minor),
        )
        return (one.currency, *(self.money(minor, one.currency) for minor in minors))

    def listed(self) -> Iterator[str]:
        names = [plain(one.name) for one in self.file.evidence]
        if names:
            yield self.word("enclosed: {names}", names=", ".join(names))
        doubts = [self._doubt(one) for one in self.file.doubts]
        if doubts:
            yield self.word("to be cleared up: {doubts}", doubts="; ".join(doubts))

    def _doubt(self, one: Doubt) -> str:
        detail = one.detail
        if one.evidence is not None:
            article = "" if detail.startswith(_PRACTICE) else f" ({detail})"
            detail = f"{self._words.text('evidence kind', one.evidence.value)}{article}"
        return " ".join(part for part in (self.word(one.kind.value), one.item, detail) if part)

    def details(self) -> Iterator[LetterTable]:
        interest = ("item", "from", "to", "days", "rate", "balance", "interest")
        yield _table(
            self.word("interest"),
            [self.word(one) for one in interest],
            (row for item in self.file.items for row in self._segments(item)),
            numbers=4,
        )
        paid = [self.heading("item"), self.heading("date"), self.heading("amount")]
        yield _table(self.word("payments"), paid, self._payments(), numbers=1)
        said = [self.heading("date"), self.word("channel"), self.word("outcome"), self.word("said")]
        yield _table(self.word("log"), said, map(self._entry, self.file.log), numbers=0, wide=3)

    def _segments(self, item: FileItem) -> Iterator[tuple[str, ...]]:
        for one in item.interest.segments if item.interest else ():
            # What counts is rounded once, and stands in the table of claims.
            minor = round(one.amount_minor)
            rate = format_decimal(one.rate, self.locale)
            yield (
                *(item.item, self.day(one.first), self.day(one.last), str(one.days)),
                self._words.text("letter", "{number}%", number=rate),
                self.money(one.balance_minor, item.currency),
                self.money(minor, item.currency),
            )

    def _payments(self) -> Iterator[tuple[str, ...]]:
        for item in self.file.items:
            for one in item.payments:
                yield (item.item, self.day(one.day), self.money(one.amount_minor, item.currency))

    def _entry(self, entry: LogEntry) -> tuple[str, ...]:
        channel = self._words.text("channel", entry.channel.value) if entry.channel else ""
        outcome = self._words.text("contact outcome", entry.outcome.value)
        return (self.day(entry.on), channel, outcome, entry.said)


def _table(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: int,
    wide: int = 0,
) -> LetterTable:
    return LetterTable(
        caption=caption,
        headings=[plain(one) for one in headings],
        rows=[LetterRow(cells=[plain(cell) for cell in row]) for row in rows],
        number_columns=numbers,
        wide_column=wide,
    )
