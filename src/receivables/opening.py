"""Opening a folder: its settings, its journal, and every file that the settings name.

This is where files are read; what is made of them is a `Book`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs

from receivables.adapters import (
    AdapterSpec,
    CreditRecord,
    EventStore,
    LedgerQuery,
    LedgerRecord,
    LedgerService,
    PayoutRecord,
    PayoutService,
)
from receivables.aging.model import AgeBasis, AgingScheme, Undated
from receivables.book import Book
from receivables.credit_importing import import_credit
from receivables.currencies import ExchangeRates, load_rates
from receivables.days import BusinessCalendar
from receivables.documents import Document
from receivables.errors import MissingExtraError, PolicyError
from receivables.importing import import_records
from receivables.interest import RateTable
from receivables.ledger.model import DocumentIssued
from receivables.ledger.objects import Ledger
from receivables.ledger.payouts import PayoutSettled
from receivables.letters import load_texts, packaged_texts
from receivables.parties import Creditor, CreditorId, Customer, check_identifiers
from receivables.plugins import Plugins, load_plugins
from receivables.problems import Place, Problem, Severity
from receivables.reading import Read, ReadReport
from receivables.receipts.advices import PaymentAdvice
from receivables.receipts.model import BankEntry, Receipt
from receivables.receipts.objects import receipts_from
from receivables.receipts.payouts import Payout, ProcessorDispute
from receivables.receiving import StatementFile, receive
from receivables.returning import apply_payouts, apply_returns, apply_taken_back
from receivables.scoring.scorecards import Scorecard, load_scorecard
from receivables.settings import (
    SETTINGS_NAME,
    FolderSettings,
    ServiceSettings,
    SourceSettings,
    parse_settings,
)
from receivables.transports.model import Runtime

__all__ = ["open_folder", "open_store", "read_journal", "read_settings"]

T = TypeVar("T")

_SQLITE: Final = "sqlite:///"
_HEAD_BYTES: Final = 4096
_OVERLAP: Final = dt.timedelta(days=7)
"""How far before a document came to the ledger a service is asked for what was settled since."""
_PAYOUT_DAYS: Final = dt.timedelta(days=31)
"""How far back a payment processor is asked, from the first entry that it may have paid out."""
_FILE_KINDS: Final = (
    "ledger-source",
    "statement-reader",
    "advice-reader",
    "credit-source",
    "payout-reader",
)
"""The kinds of adapters that read files of a folder."""


def open_folder(
    folder: str | Path,
    *,
    plugins: Plugins | Iterable[str] | None = None,
    ledger: Ledger | None = None,
    recorded_at: dt.datetime | None = None,
    runtime: Runtime | None = None,
    accept_incomplete: bool = False,
) -> Book:
    """Open a folder: its settings, and every file that they name.

    What is read is recorded in the book at `recorded_at` (now, where it is not given), on top of
    `ledger` (empty, where it is not given); nothing is written.  A folder without a settings file
    is read by whatever adapter recognizes each file.  `plugins` are the loaded ones, or the names of
    those to load; all, where none are given.  `accept_incomplete` lets the book be aged, dunned and
    posted in spite of errors in what was read.  `runtime` is the way to
    the services that the settings name; without one they are not read, which is a warning
    ``service.unread``, and what the ledger holds of them counts.  Raises `PolicyError` for a folder that is not
    there and for impossible settings; what is wrong in the files is in the book's `problems`.
    """
    root = Path(folder)
    loaded = plugins if isinstance(plugins, Plugins) else load_plugins(only=plugins)
    settings = read_settings(root, plugins=loaded)
    moment = recorded_at or dt.datetime.now(dt.UTC)
    opening = _Opening(root, loaded, settings, moment, runtime)
    book = opening.book(Ledger() if ledger is None else ledger)
    return book.accepting_incomplete() if accept_incomplete else book


def open_store(folder: str | Path, settings: FolderSettings, plugins: Plugins) -> EventStore:
    """Open the journal of a folder, made where it is not there yet.

    A relative path of a SQLite file is below the folder.
    """
    given = dict(settings.store.settings)
    if path := _sqlite_file(Path(folder), settings):
        given["url"] = f"{_SQLITE}{path}"
    store: EventStore = plugins.build("store", settings.store.adapter, given)
    return store


def _sqlite_file(folder: Path, settings: FolderSettings) -> Path | None:
    """The file of a SQLite journal; None for another database, or one in memory."""
    url = str(settings.store.settings.get("url", ""))
    name = url.removeprefix(_SQLITE)
    return (folder / name).resolve() if url.startswith(_SQLITE) and name else None


def read_journal(folder: str | Path, *, plugins: Plugins) -> Ledger:
    """The ledger that a folder's journal holds; an empty one where there is no journal yet."""
    settings = read_settings(folder, plugins=plugins)
    path = _sqlite_file(Path(folder), settings)
    if path is not None and not path.exists():
        return Ledger()
    store = open_store(folder, settings, plugins)
    try:
        return Ledger.replay(store.events())
    finally:
        store.close()


def read_settings(folder: str | Path, *, plugins: Plugins) -> FolderSettings:
    """The settings of a folder, or what its files tell where it has no settings file."""
    root = Path(folder)
    if not root.is_dir():
        msg = f"folder must be an existing folder, got {str(root)!r}"
        raise PolicyError(msg)
    path = root / SETTINGS_NAME
    if path.is_file():
        return _with_texts(parse_settings(_text_of(path), source=str(path)), root)
    return _recognized(root, plugins)


def _with_texts(settings: FolderSettings, root: Path) -> FolderSettings:
    """The settings with the letter texts of the folder in the place of the packaged ones."""
    if not settings.text_files and not settings.brand:
        return settings
    texts = packaged_texts()
    for pattern in settings.text_files:
        paths = _matching_files(root, pattern, name="texts")
        if not paths:
            msg = f"texts must name files below the folder, got {pattern!r}"
            raise PolicyError(msg)
        files = {path.relative_to(root).as_posix(): _text_of(path) for path in paths}
        texts = texts.updated(load_texts(files))
    brands = sorted({text.brand for text in texts.by_key.values()} - {""})
    if settings.brand and settings.brand not in brands:
        msg = f"brand must be that of a text ({', '.join(brands) or 'none has one'}), got {settings.brand!r}"
        raise PolicyError(msg)
    return attrs.evolve(settings, texts=texts.of_brand(settings.brand))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        msg = f"{path} must be UTF-8, got {error}"
        raise PolicyError(msg) from error


def _matching_files(root: Path, pattern: str, *, name: str) -> list[Path]:
    """The files below a folder that a pattern means, in their order; `name` is for the message."""
    try:
        return sorted(path for path in root.glob(pattern) if path.is_file())
    except (NotImplementedError, ValueError) as error:
        msg = f"{name} must be patterns of files below the folder, got {pattern!r}: {error}"
        raise PolicyError(msg) from error


def _recognized(root: Path, plugins: Plugins) -> FolderSettings:
    """Settings for a folder without a settings file: every file goes to who recognizes it."""
    found: dict[str, list[SourceSettings]] = {kind: [] for kind in _FILE_KINDS}
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
        claims = list(_claims(head, path.name, plugins))
        if len(claims) > 1:
            claims = _proved(path, claims, plugins) or claims
        if len(claims) > 1:
            msg = f"{path} must be of one format, got {' and '.join(name for _, name in claims)}"
            raise PolicyError(msg)
        for kind, name in claims:
            file = path.relative_to(root).as_posix()
            found[kind].append(SourceSettings(adapter=name, files=[file]))
    if not any(found.values()):
        msg = f"folder must hold {SETTINGS_NAME} or files that an adapter recognizes, got {str(root)!r}"
        raise PolicyError(msg)
    creditor = Creditor(creditor=CreditorId("OWN"), name=root.resolve().name)
    return FolderSettings(
        creditor=creditor,
        ledger=found["ledger-source"],
        statements=found["statement-reader"],
        advices=found["advice-reader"],
        payouts=found["payout-reader"],
        credit_information=found["credit-source"],
        aging=AgingScheme(30, 60, 90, undated=Undated.DOCUMENT_DATE),
    )


def _claims(head: bytes, name: str, plugins: Plugins) -> Iterator[tuple[str, str]]:
    for kind in _FILE_KINDS:
        for adapter, spec in plugins.adapters[kind].items():
            try:
                reader = spec.build(_defaults(spec, Creditor(creditor=CreditorId("OWN"), name="")))
            except PolicyError:
                continue  # an adapter that cannot be built without settings recognizes nothing
            if reader.recognizes(head, name=name):
                yield kind, adapter


def _proved(
    path: Path, claims: Iterable[tuple[str, str]], plugins: Plugins
) -> list[tuple[str, str]]:
    """Of several that recognize a file, those that read records in it: a workbook shows nothing else.

    Ledger sources come first: what names customers, documents and their days is a list of items,
    while what a payer names has no customers in it.
    """
    found = []
    for kind, adapter in claims:
        spec = plugins.adapters[kind][adapter]
        anybody = Creditor(creditor=CreditorId("OWN"), name="", currency="EUR")
        reader = spec.build(_defaults(spec, anybody))
        try:
            with path.open("rb") as stream:
                if any(True for _ in reader.read(stream, name=path.name)):
                    found.append((kind, adapter))
        except MissingExtraError:
            continue  # what cannot be read here proves nothing
    items = [claim for claim in found if claim[0] == _FILE_KINDS[0]]
    return items or found


def _defaults(spec: AdapterSpec[Any], creditor: Creditor) -> dict[str, str]:
    """What every adapter may ask of the creditor: who it is, and its currency."""
    fields = {field.name for field in attrs.fields(spec.settings)}
    offered = {"creditor": str(creditor.creditor), "currency": creditor.currency}
    return {key: value for key, value in offered.items() if key in fields}


def _first_learned(ledger: Ledger) -> dt.date | None:
    """When the first of the documents came to a ledger that are open still, or its last event."""
    open_now = {(item.creditor, item.document) for item in ledger.open_items(as_of=dt.date.max)}
    days = [
        event.recorded_at.date()
        for event in ledger.events
        if isinstance(event, DocumentIssued)
        and (event.document.creditor, event.document.number) in open_now
    ]
    last = ledger.last_recorded_at
    return min([*days, last.date()]) if last is not None else None


def _without_own(records: Iterable[LedgerRecord], ledger: Ledger) -> Iterator[LedgerRecord]:
    """Records without our own documents that another system has booked and gives back.

    It says less of them (no lines, other terms); what was recorded here stays.
    """
    own = {
        (event.document.creditor, event.document.number): event.document
        for event in ledger.events
        if isinstance(event, DocumentIssued)
        and event.document.lines
        and all(line.category for line in event.document.lines)
    }
    for record in records:
        mine = own.get((record.creditor, record.number)) if isinstance(record, Document) else None
        said = (type(record), getattr(record, "customer", ""), getattr(record, "total", None))
        if mine is None or said != (type(mine), mine.customer, mine.total):
            yield record


def _unknown_or_other(receipts: Iterable[Receipt], ledger: Ledger) -> Iterator[Receipt]:
    """Payments by processors that are new, or of another amount than the ledger has them.

    Another report of a known payment may date it in another time zone, or say less of its payer;
    what was recorded first stays.
    """
    known = ledger.receipts()
    for each in receipts:
        found = known.get((each.creditor, each.receipt))
        if found is None or found.amount != each.amount:
            yield each


@attrs.define
class _Opening:
    """A folder while it is being read: what was found so far."""

    root: Path
    plugins: Plugins
    settings: FolderSettings
    recorded_at: dt.datetime
    runtime: Runtime | None = None
    problems: list[Problem] = attrs.field(factory=list)
    reports: list[ReadReport] = attrs.field(factory=list)

    def book(self, ledger: Ledger) -> Book:
        """Read everything into a book."""
        imported = import_records(
            _without_own(itertools.chain(self._records(), self._service_records(ledger)), ledger),
            ledger=ledger,
            recorded_at=self.recorded_at,
            default_terms=self.settings.default_terms,
            calendar=self._calendar(),
        )
        self.problems.extend(imported.problems)
        banked = receive(
            list(self._statements()),
            self._advices(),
            ledger=imported.ledger,
            creditor=self.settings.creditor.creditor,
        )
        self.problems.extend(banked.problems)
        paid_out = apply_payouts(
            self._payout_records(self._first_unknown(banked.entries, imported.ledger)),
            banked.entries,
            ledger=imported.ledger,
            creditor=self.settings.creditor.creditor,
            recorded_at=self.recorded_at,
            policy=self.settings.settling,
            customer_accounts=[
                each for known in imported.customers.values() for each in known.ibans
            ],
        )
        self.problems.extend(paid_out.problems)
        settled = paid_out.settled
        received = import_records(
            itertools.chain(
                self._receipts(banked.entries, paid_out.not_receipts),
                _unknown_or_other(settled.receipts, paid_out.ledger),
            ),
            ledger=paid_out.ledger,
            recorded_at=self.recorded_at,
            customers=imported.customers,
        )
        self.problems.extend(received.problems)
        returns = [
            each
            for each in settled.entries
            if each.is_booked and each.amount_minor < 0 and each.is_return
        ]
        returned = apply_returns(
            returns,
            ledger=received.ledger,
            creditor=self.settings.creditor.creditor,
            recorded_at=self.recorded_at,
            due=self.settings.reopened_due,
        )
        self.problems.extend(returned.problems)
        returned = apply_taken_back(
            settled.taken_back,
            ledger=returned.ledger,
            creditor=self.settings.creditor.creditor,
            recorded_at=self.recorded_at,
            due=self.settings.reopened_due,
        )
        self.problems.extend(returned.problems)
        credit = import_credit(
            self._credit_records(),
            creditor=self.settings.creditor.creditor,
            ledger=returned.ledger,
            recorded_at=self.recorded_at,
        )
        self.problems.extend(credit.problems)
        self._note_undated(credit.ledger)
        self._check_identifiers(received.customers.values())
        rates = self._rates()
        return Book(
            settings=self.settings,
            customers=received.customers,
            ledger=credit.ledger,
            commitments=credit.commitments,
            scorecard=self._scorecard(),
            statements=banked.statements,
            payouts=settled.payouts,
            card_disputes=settled.disputes,
            returns=tuple(returns),
            advices=banked.unused,
            reports=tuple(self.reports),
            problems=tuple(self.problems),
            rates=rates,
            reference_rates=self._reference_rates(),
        )

    def _scorecard(self) -> Scorecard | None:
        """The scorecard that the settings name, from its file below the folder."""
        name = self.settings.credit.scorecard
        if not name:
            return None
        paths = _matching_files(self.root, name, name="scorecard")
        if len(paths) != 1:
            msg = f"scorecard must name one file below the folder, got {name!r}"
            raise PolicyError(msg)
        return load_scorecard(_text_of(paths[0]), name=name)

    def _calendar(self) -> BusinessCalendar | None:
        """The business calendar that the settings name, for the years around the recording."""
        name = self.settings.calendar
        if not name:
            return None
        year = self.recorded_at.year
        sources = [spec.build() for spec in self.plugins.adapters["calendar"].values()]
        for source in sources:
            if name in source.names():
                found: BusinessCalendar = source.calendar(name, first=year - 20, last=year + 5)
                return found
        msg = f"calendar must be one that an adapter has, got {name!r}"
        raise PolicyError(msg)

    def _reference_rates(self) -> RateTable:
        """The reference rates of interest, where the settings say by which law it is charged."""
        said = self.settings.interest
        if said is None:
            return RateTable()
        return RateTable(self.plugins.build("rate-source", said.rates).series())

    def _rates(self) -> ExchangeRates | None:
        """The exchange rates of every file that the settings name, in one table."""
        tables = []
        for pattern in self.settings.accounting.rates:
            paths = _matching_files(self.root, pattern, name="rates")
            if not paths:
                message = f"no file matches {pattern!r}"
                self.problems.append(Problem("file.missing", message, place=Place(pattern)))
            tables += [
                load_rates(path.read_text(encoding="utf-8"), name=path.name) for path in paths
            ]
        if not tables:
            return None
        first, *others = tables
        for other in others:
            first = first.with_rates(other.rates)
        return first

    def _check_identifiers(self, customers: Iterable[Customer]) -> None:
        """Check the numbers that authorities and banks gave, where the extra for it is there."""
        parties: list[Creditor | Customer] = [self.settings.creditor, *customers]
        for party in parties:
            source = SETTINGS_NAME if isinstance(party, Creditor) else f"customer {party.customer}"
            try:
                self.problems.extend(check_identifiers(party, source=source))
            except PolicyError as error:
                self._warn("identifier.invalid", str(error), place=Place(source))
            except MissingExtraError as error:
                self._warn("identifier.unchecked", str(error), place=Place(source))
                return

    def _warn(self, code: str, message: str, *, place: Place) -> None:
        self.problems.append(Problem(code, message, place=place, severity=Severity.WARNING))

    def _note_undated(self, ledger: Ledger) -> None:
        """Say once that documents have no due date, and what their age is counted from instead."""
        scheme = self.settings.aging
        if scheme.basis is not AgeBasis.DUE_DATE:
            return
        undated = [
            event.document.number
            for event in ledger.events
            if isinstance(event, DocumentIssued)
            and not event.document.kind.is_credit
            and any(part.due_date is None for part in event.document.installments)
        ]
        if not undated:
            return
        refused = scheme.undated is Undated.REFUSE
        way_out = (
            "give terms, or set basis or undated in [aging]"
            if refused
            else "their age counts from the document date, and they are not dunned"
        )
        message = f"{len(undated)} documents have no due date ({undated[0]}, …): {way_out}"
        severity = Severity.ERROR if refused else Severity.WARNING
        place = Place(SETTINGS_NAME, field="aging")
        self.problems.append(Problem("aging.no-due-date", message, place=place, severity=severity))

    def _records(self) -> Iterator[LedgerRecord]:
        for source in self.settings.ledger:
            adapter = self._build("ledger-source", source)
            for path in self._files(source):
                yield from self._read(adapter, path)

    def _service_records(self, ledger: Ledger) -> Iterator[LedgerRecord]:
        """What accounting systems say over their interfaces: customers, then items.

        What was open once and is not any more is asked for from the day on which the oldest item
        that is open here came to the ledger: books are recorded without services too, so that the
        last recording says nothing of when they were asked.
        """
        first = _first_learned(ledger)
        for said in self.settings.services:
            spec = self.plugins.find("ledger-service", said.adapter)
            service: LedgerService | None = self._connected(spec, said)
            if service is None:
                continue
            if "customers" in spec.capabilities:
                yield from self._taken(service.customers(LedgerQuery()))
            is_able = "settled" in spec.capabilities
            since = first - _OVERLAP if first is not None and is_able else None
            yield from self._taken(service.items(LedgerQuery(settled_since=since)))

    def _first_unknown(self, entries: Iterable[BankEntry], ledger: Ledger) -> dt.date:
        """The day of the first credit of the bank that is neither a receipt nor a payout yet."""
        creditor = self.settings.creditor.creditor
        settled = ledger.casework(creditor, as_of=dt.date.max, kinds=(PayoutSettled,))
        known = {name for _, name in ledger.receipts()}
        for event in settled:
            known.update(event.payout.receipts if isinstance(event, PayoutSettled) else ())
        days = (each.booking_date for each in self._receipts(entries, known))
        return min(days, default=dt.date.max)

    def _payout_records(self, first: dt.date) -> Iterator[PayoutRecord]:
        """What processors report in files, and what services say from the month before `first` on."""
        for source in self.settings.payouts:
            adapter = self._build("payout-reader", source)
            for path in self._files(source):
                rows = self._read(adapter, path)
                yield from (row for row in rows if self._is_after(row, source.after))
        for said in self.settings.payout_services:
            spec = self.plugins.find("payout-service", said.adapter)
            service: PayoutService | None = self._connected(spec, said)
            if service is None:
                continue
            until = self.recorded_at.date()
            since = min(until, first) - _PAYOUT_DAYS
            yield from self._taken(service.payouts(since=since, until=until))
            if "disputes" in spec.capabilities:
                yield from self._taken(service.disputes(since=since, until=until))

    def _is_after(self, record: PayoutRecord, after: dt.date | None) -> bool:
        """Whether a record of a processor is not in the accounting export already.

        A payout may reach the bank some days later, where it must be recognized.
        """
        if after is None or isinstance(record, ProcessorDispute):
            return True
        if isinstance(record, Payout):
            return record.paid_on + dt.timedelta(self.settings.settling.days_after) > after
        return record.occurred_on > after

    def _connected(self, spec: AdapterSpec[Any], said: ServiceSettings) -> Any:  # noqa: ANN401  # the protocol of the kind
        """The adapter of a service; None where there is no way to it, which is noted."""
        if spec.connects and self.runtime is None:
            message = f"{spec.name} was not read, because there is no way to it"
            self._warn("service.unread", message, place=Place(SETTINGS_NAME, field=spec.name))
            return None
        settings = {**_defaults(spec, self.settings.creditor), **said.settings}
        return spec.build(settings, runtime=self.runtime)

    def _taken(self, read: Read[T]) -> Iterator[T]:
        yield from read
        self.reports.append(read.report)
        self.problems.extend(read.report.problems)
        if not read.report.complete and not read.report.errors:
            report = read.report
            message = f"{report.source} must give {report.declared_total} rows, got {report.rows}"
            self.problems.append(Problem("service.incomplete", message, place=Place(report.source)))

    def _advices(self) -> Iterator[PaymentAdvice]:
        for source in self.settings.advices:
            adapter = self._build("advice-reader", source)
            for path in self._files(source):
                rows = self._read(adapter, path)
                yield from (row for row in rows if isinstance(row, PaymentAdvice))

    def _credit_records(self) -> Iterator[CreditRecord]:
        for source in self.settings.credit_information:
            adapter = self._build("credit-source", source)
            for path in self._files(source):
                yield from self._read(adapter, path)

    def _statements(self) -> Iterator[StatementFile]:
        for source in self.settings.statements:
            adapter = self._build("statement-reader", source)
            for path in self._files(source):
                name = path.relative_to(self.root).as_posix()
                records = self._read(adapter, path)
                yield StatementFile(name=name, records=records, after=source.after)

    def _receipts(
        self, entries: Iterable[BankEntry], not_receipts: Collection[str]
    ) -> Iterator[Receipt]:
        # Named among all entries, so that what is a payout gives its name to no other one.
        creditor = self.settings.creditor
        receipts = receipts_from(
            entries,
            creditor=creditor.creditor,
            own_accounts=(creditor.iban, *creditor.accounts),
        )
        return (each for each in receipts if each.receipt not in not_receipts)

    def _read(self, adapter: Any, path: Path) -> Iterator[Any]:  # noqa: ANN401  # any adapter's rows
        with path.open("rb") as stream:
            yield from self._taken(
                adapter.read(stream, name=path.relative_to(self.root).as_posix())
            )

    def _build(self, kind: str, source: SourceSettings) -> Any:  # noqa: ANN401  # the protocol of the kind
        spec = self.plugins.find(kind, source.adapter)
        return spec.build({**_defaults(spec, self.settings.creditor), **source.settings})

    def _files(self, source: SourceSettings) -> Iterator[Path]:
        for pattern in source.files:
            found = _matching_files(self.root, pattern, name="files")
            if not found:
                message = f"no file matches {pattern!r}"
                self.problems.append(Problem("file.missing", message, place=Place(pattern)))
            yield from found
