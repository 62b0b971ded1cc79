"""The settings of a folder (`receivables.toml`) as values; every mistake is a `PolicyError`."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

import attrs

from receivables import limits
from receivables.accounting.loading import chart, posting_rules
from receivables.accounting.model import Chart
from receivables.accounting.posting import PostingRules
from receivables.aging.model import AgeBasis, AgingScheme, Credits, Undated
from receivables.allocation.model import Tolerance
from receivables.collection import (
    RequestPolicy,
    WarningPolicy,
    WorklistPolicy,
    request_policy,
    warning_policy,
    worklist_policy,
)
from receivables.collection.policies import STANDARD as USUAL_WORKLIST
from receivables.credit_settings import (
    CreditSettings,
    LossSettings,
    credit_settings,
    loss_settings,
)
from receivables.disputes import DisputePolicy, dispute_policy
from receivables.dunning import (
    STANDARD,
    DunningProcedure,
    ProcedureChoice,
    load_choice,
    load_procedure,
    load_procedures,
    packaged_procedures,
)
from receivables.errors import PolicyError, ReceivablesError
from receivables.interest import AgreedRate, jurisdiction
from receivables.ledger.returns import ReopenedDue
from receivables.letters import Texts
from receivables.matching.model import MatchingPolicy, ShortageRule
from receivables.measures import MeasurePolicy
from receivables.money import Money, digits, money
from receivables.parties import Address, Creditor, Identifier
from receivables.promises import PromisePolicy
from receivables.receipts.settling import SettlingPolicy
from receivables.terms import PaymentTerms, load_terms

__all__ = [
    "SETTINGS_NAME",
    "AccountingSettings",
    "FolderSettings",
    "InterestSettings",
    "ServiceSettings",
    "SourceSettings",
    "parse_settings",
]

SETTINGS_NAME: Final = "receivables.toml"

_KINDS: Final[Mapping[type, str]] = MappingProxyType(
    {bool: "true or false", dict: "a table", int: "a whole number", list: "a list", str: "a text"}
)
_PLAIN: Final[Mapping[object, type[Any]]] = MappingProxyType({"bool": bool, "int": int, "str": str})
"""Types of fields, as they are annotated, whose values in the file are checked by their kind."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_AGING: Final = AgingScheme(30, 60, 90)
_MATCHING: Final = MatchingPolicy()
_CHART: Final = "generic"
_RATES: Final = "statutory"
_URL: Final = "sqlite:///receivables.db"


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _frozen_mapping(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class SourceSettings:
    """Which adapter reads which files, with its own settings."""

    adapter: str
    files: tuple[str, ...] = attrs.field(converter=_texts)
    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen_mapping)
    after: dt.date | None = None
    """Bank entries booked on or before this day, and payments of processors, are in the accounting
    export already."""


@attrs.frozen(kw_only=True)
class ServiceSettings:
    """Which adapter reaches which other system, with its own settings; secrets are named, not given."""

    adapter: str
    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen_mapping, repr=False)


@attrs.frozen(kw_only=True)
class AccountingSettings:
    """How the journal is made: chart, posting rules, the currency of the books, files of rates."""

    chart: Chart
    rules: PostingRules
    functional_currency: str
    rates: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Files of exchange rates below the folder (`receivables.currencies.load_rates`)."""


@attrs.frozen(kw_only=True)
class InterestSettings:
    """By which law interest is charged, and when what is charged is due."""

    jurisdiction: str
    agreed: AgreedRate | None = None
    payable_days: int = 0
    rates: str = _RATES
    """The rate source that knows the reference rates."""


def _usual_accounting(settings: FolderSettings) -> AccountingSettings:
    return AccountingSettings(
        chart=chart(_CHART),
        rules=posting_rules(_CHART),
        functional_currency=settings.creditor.currency,
    )


def _services(values: Iterable[ServiceSettings]) -> tuple[ServiceSettings, ...]:
    return tuple(values)


def _sources(values: Iterable[SourceSettings]) -> tuple[SourceSettings, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class FolderSettings:
    """Everything that a folder's settings file says, with the defaults for what it does not."""

    creditor: Creditor
    ledger: tuple[SourceSettings, ...] = attrs.field(default=(), converter=_sources)
    statements: tuple[SourceSettings, ...] = attrs.field(default=(), converter=_sources)
    advices: tuple[SourceSettings, ...] = attrs.field(default=(), converter=_sources)
    """Files that explain the entries of statements: remittances, lockboxes, returns."""
    payouts: tuple[SourceSettings, ...] = attrs.field(default=(), converter=_sources)
    """Reports of payment processors: movements, payouts, disputes."""
    settling: SettlingPolicy = attrs.field(factory=SettlingPolicy)
    """How payouts are recognized among bank entries."""
    services: tuple[ServiceSettings, ...] = attrs.field(default=(), converter=_services)
    """Accounting systems to read over their interfaces."""
    payout_services: tuple[ServiceSettings, ...] = attrs.field(default=(), converter=_services)
    """Payment processors to read over their interfaces."""
    posting: tuple[ServiceSettings, ...] = attrs.field(default=(), converter=_services)
    """Systems that entries, receipts and documents are booked in."""
    default_terms: PaymentTerms | None = None
    calendar: str = ""
    """The name of a calendar, for terms that move to a business day."""
    aging: AgingScheme = _AGING
    matching: MatchingPolicy = _MATCHING
    dunning: DunningProcedure | ProcedureChoice = STANDARD
    cycle_releases: bool = True
    """Whether a cycle releases the run of its day; else a person does, and it writes the letters."""
    promises: PromisePolicy = attrs.field(factory=PromisePolicy)
    measures: MeasurePolicy = attrs.field(factory=MeasurePolicy)
    """Which of several meanings each measure of the portfolio has."""
    disputes: DisputePolicy = attrs.field(factory=DisputePolicy)
    worklist: WorklistPolicy = USUAL_WORKLIST
    requests: RequestPolicy = attrs.field(factory=RequestPolicy)
    warnings: WarningPolicy = attrs.field(factory=WarningPolicy)
    credit: CreditSettings = attrs.field(factory=CreditSettings)
    credit_information: tuple[SourceSettings, ...] = attrs.field(default=(), converter=_sources)
    """Files of scores, financial statements, limits, orders, insolvencies."""
    losses: LossSettings = attrs.field(factory=LossSettings)
    deadline_days: int = 8
    text_files: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Files of letter texts below the folder, which take the place of the packaged ones."""
    renderer_settings: Mapping[str, Mapping[str, Any]] = attrs.field(
        factory=dict, converter=_frozen_mapping
    )
    """The settings of renderers, by their names."""
    payment_codes: bool = False
    """Whether notices carry a code that a banking app reads (EPC069-12, or a Swiss QR-bill)."""
    brand: str = ""
    """The brand whose letter texts come first."""
    texts: Texts | None = attrs.field(default=None, repr=False)
    """The letter texts with those of the files and the brand; None for the packaged ones alone."""
    reopened_due: ReopenedDue = ReopenedDue.ORIGINAL
    renderers: tuple[str, ...] = attrs.field(default=("typst", "eml"), converter=_texts)
    reports: tuple[str, ...] = attrs.field(default=("aging-csv", "excel", "html"), converter=_texts)
    accounting: AccountingSettings = attrs.field(
        default=attrs.Factory(_usual_accounting, takes_self=True)
    )
    interest: InterestSettings | None = None
    store: SourceSettings = attrs.field(
        factory=lambda: SourceSettings(adapter="sql", files=(), settings={"url": _URL})
    )


def parse_settings(text: str, *, source: str = SETTINGS_NAME) -> FolderSettings:
    """Read a settings file's text; raises `PolicyError` naming the table and the key.

    >>> parse_settings('creditor = {creditor = "MIRA", name = "Mirabelle"}').creditor.name
    'Mirabelle'
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{source} must be TOML, got {error}"
        raise PolicyError(msg) from error
    reader = _Tables(source, tables)
    reader.only(
        "creditor",
        "ledger",
        "statements",
        "advices",
        "payouts",
        "settling",
        "services",
        "payout_services",
        "posting",
        "terms",
        "aging",
        "matching",
        "dunning",
        "promises",
        "measures",
        "disputes",
        "worklist",
        "requests",
        "warnings",
        "credit",
        "credit_information",
        "allowance",
        "write_offs",
        "letters",
        "journal",
        "returns",
        "accounting",
        "interest",
    )
    creditor = _creditor(reader.table("creditor"))
    return FolderSettings(
        creditor=creditor,
        accounting=_accounting(reader.table("accounting"), creditor.currency),
        ledger=[_source(table, "source") for table in reader.tables("ledger")],
        statements=[_source(table, "reader", "after") for table in reader.tables("statements")],
        advices=[_source(table, "reader") for table in reader.tables("advices")],
        payouts=[_source(table, "reader", "after") for table in reader.tables("payouts")],
        settling=reader.table("settling").build(SettlingPolicy),
        services=[_service(table, "service") for table in reader.tables("services")],
        payout_services=[_service(table, "service") for table in reader.tables("payout_services")],
        posting=_targets(reader.tables("posting")),
        default_terms=_terms(reader.table("terms")),
        calendar=reader.table("terms").get("calendar", str, ""),
        aging=_aging(reader.table("aging")),
        matching=_matching(reader.table("matching")),
        dunning=_dunning(reader.table("dunning")),
        cycle_releases=_cycle_releases(reader.table("dunning")),
        promises=_promises(reader.table("promises")),
        measures=_policy(reader, "measures", MeasurePolicy.from_table),
        disputes=_policy(reader, "disputes", dispute_policy),
        worklist=_policy(reader, "worklist", worklist_policy),
        requests=_policy(reader, "requests", request_policy),
        warnings=_policy(reader, "warnings", warning_policy),
        credit=credit_settings(reader.table("credit").plain, name=f"{source}: credit"),
        credit_information=[
            _source(table, "source") for table in reader.tables("credit_information")
        ],
        losses=loss_settings(
            reader.table("allowance").plain, reader.table("write_offs").plain, name=source
        ),
        **_letters(reader.table("letters")),
        store=_store(reader.table("journal")),
        reopened_due=_reopened_due(reader.table("returns")),
        interest=_interest(reader.table("interest")),
    )


class _Tables:
    """A TOML table that knows its name, for messages."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self.plain = values
        """The table as it was written, for policies that read their own."""
        self.values = {key.replace("-", "_"): value for key, value in values.items()}

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing here."""
        if unknown := sorted(set(self.values) - set(known)):
            msg = f"{self.name} must have keys among {_listed(known)}, got {_listed(unknown)}"
            raise PolicyError(msg)

    def table(self, key: str) -> _Tables:
        """A table below, empty where there is none."""
        value = self.get(key, dict, {})
        return _Tables(f"{self.name}: {key}", value)

    def tables(self, key: str) -> list[_Tables]:
        """An array of tables below."""
        return [
            _Tables(f"{self.name}: {key}", value)
            for value in self.get(key, list, [])
            if isinstance(value, dict) or self.refuse(key, "a table", value)
        ]

    def get(self, key: str, kind: type[T], default: T) -> T:
        """A value of a kind."""
        value = self.values.get(key, default)
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            self.refuse(key, _KINDS[kind], value)
        return value  # type: ignore[no-any-return]

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        value = self.get(key, list, [])
        if any(not isinstance(one, str) for one in value):
            self.refuse(key, "a list of texts", value)
        return value

    def days(self, key: str, default: int) -> int:
        """A number of days."""
        value = self.get(key, int, default)
        if not 0 <= value <= limits.TERM_DAYS_MAX:
            self.refuse(key, f"0 to {limits.TERM_DAYS_MAX}", value)
        return value

    def build(self, cls: type[T], **more: object) -> T:
        """An attrs value from the keys of the table."""
        fields = attrs.fields(cls)  # type: ignore[arg-type]
        self.only(*(field.name for field in fields))
        for field in fields:
            if field.type in _PLAIN and field.name in self.values and field.name not in more:
                self.get(field.name, _PLAIN[field.type], self.values[field.name])
        try:
            return cls(**{**self.values, **more})
        except (TypeError, ValueError) as error:
            msg = f"{self.name} must be complete and valid, got {error}"
            raise PolicyError(msg) from error

    def refuse(self, key: str, wanted: str, value: object) -> bool:
        """Say what a key must be; raises `PolicyError`."""
        msg = f"{_listed([key])} of {self.name} must be {wanted}, got {value!r}"
        raise PolicyError(msg)


def _listed(keys: Iterable[str]) -> str:
    """Keys as they are written in the file."""
    return ", ".join(key.replace("_", "-") for key in keys)


def _creditor(table: _Tables) -> Creditor:
    address = table.table("address")
    lines = tuple(address.get("lines", list, []))
    identifiers = [each.build(Identifier) for each in table.tables("identifiers")]
    return table.build(
        Creditor, address=address.build(Address, lines=lines), identifiers=identifiers
    )


def _source(table: _Tables, key: str, *more: str) -> SourceSettings:
    table.only(key, "files", "settings", *more)
    after = table.values.get("after")
    if after is not None and type(after) is not dt.date:
        msg = f"after of {table.name} must be a date, got {after!r}"
        raise PolicyError(msg)
    files = table.get("files", list, [])
    if not files:
        msg = f"files of {table.name} must name at least one file, got none"
        raise PolicyError(msg)
    return SourceSettings(
        adapter=_name(table, key),
        files=files,
        settings=table.get("settings", dict, {}),
        after=after,
    )


def _service(table: _Tables, key: str) -> ServiceSettings:
    table.only(key, "settings")
    return ServiceSettings(adapter=_name(table, key), settings=table.get("settings", dict, {}))


def _name(table: _Tables, key: str) -> str:
    """The name of an adapter, which must be there."""
    name = table.get(key, str, "")
    if not name:
        table.refuse(key, "the name of an adapter", name)
    return name


def _targets(tables: Iterable[_Tables]) -> list[ServiceSettings]:
    """The targets, each once: what is sent is known by the name of its target."""
    found: dict[str, ServiceSettings] = {}
    for table in tables:
        target = _service(table, "target")
        if target.adapter in found:
            table.refuse("target", "another one in each table", target.adapter)
        found[target.adapter] = target
    return list(found.values())


def _terms(table: _Tables) -> PaymentTerms | None:
    table.only("default", "calendar")
    given = table.values.get("default", "")
    if not isinstance(given, str | Mapping):
        msg = f"default of {table.name} must be a text or a table, got {given!r}"
        raise PolicyError(msg)
    return load_terms(given) if given else None


def _accounting(table: _Tables, currency: str) -> AccountingSettings:
    table.only("chart", "variants", "functional_currency", "rates")
    name = table.get("chart", str, _CHART)
    functional = table.get("functional_currency", str, currency)
    try:
        digits(functional)
    except ReceivablesError as error:
        msg = f"functional-currency of {table.name} must be a currency, got {error}"
        raise PolicyError(msg) from error
    return AccountingSettings(
        chart=chart(name, variants=table.get("variants", list, [])),
        rules=posting_rules(name),
        functional_currency=functional,
        rates=table.get("rates", list, []),
    )


def _interest(table: _Tables) -> InterestSettings | None:
    if not table.values:
        return None
    table.only("jurisdiction", "agreed", "payable_days", "rates")
    name = table.get("jurisdiction", str, "")
    try:
        jurisdiction(name)
    except PolicyError as error:
        msg = f"{table.name} must name its law: {error}"
        raise PolicyError(msg) from error
    agreed = table.table("agreed")
    return InterestSettings(
        jurisdiction=name,
        agreed=agreed.build(AgreedRate) if agreed.values else None,
        payable_days=table.days("payable_days", 0),
        rates=table.get("rates", str, _RATES),
    )


def _reopened_due(table: _Tables) -> ReopenedDue:
    table.only("due")
    try:
        return ReopenedDue(table.get("due", str, ReopenedDue.ORIGINAL.value))
    except ValueError as error:
        msg = f"due of {table.name} must be one of {', '.join(each.value for each in ReopenedDue)}, got {error}"
        raise PolicyError(msg) from error


def _aging(table: _Tables) -> AgingScheme:
    table.only("bounds", "basis", "credits", "undated")
    try:
        return AgingScheme(
            *table.get("bounds", list, [30, 60, 90]),
            basis=AgeBasis(table.get("basis", str, "due-date")),
            credits=Credits(table.get("credits", str, "apart")),
            undated=Undated(table.get("undated", str, "refuse")),
        )
    except (TypeError, ValueError) as error:
        msg = f"{table.name} must be valid, got {error}"
        raise PolicyError(msg) from error


def _matching(table: _Tables) -> MatchingPolicy:
    rules = [each.build(ShortageRule) for each in table.tables("shortages")]
    return table.build(MatchingPolicy, **({"shortages": rules} if rules else {}))


_WHO: Final = "cycle_releases"
_CHOOSING: Final = ("procedures", "rules", "default")


def _cycle_releases(table: _Tables) -> bool:
    return table.get(_WHO, bool, True)  # a default


def _dunning(table: _Tables) -> DunningProcedure | ProcedureChoice:
    """One procedure, by its name or by its own levels, or several and the rules that choose."""
    values = {key: value for key, value in table.values.items() if key != _WHO}
    if not values.keys().isdisjoint(_CHOOSING):
        table.only(*_CHOOSING, _WHO)
        own = load_procedures({"procedure": table.get("procedures", list, [])}, name=table.name)
        known = {STANDARD.name: STANDARD, **packaged_procedures(), **own}
        rules = {"default": table.get("default", str, ""), "rule": table.get("rules", list, [])}
        return load_choice(rules, procedures=known, name=table.name)
    if "levels" in values:
        return load_procedure({"name": "own", **values}, name=table.name)
    if unknown := sorted(values.keys() - {"procedure"}):
        msg = f"{table.name} must have levels beside {_listed(unknown)}, or the name of a procedure alone, got none"
        raise PolicyError(msg)
    known = {STANDARD.name: STANDARD, **packaged_procedures()}
    name = table.get("procedure", str, STANDARD.name)
    if name not in known:
        msg = f"procedure of {table.name} must be one of {', '.join(known)}, or levels must be given, got {name!r}"
        raise PolicyError(msg)
    return known[name]


class _Loader(Protocol[T_co]):
    """What makes a policy from a table."""

    def __call__(self, table: Mapping[str, Any], /, *, name: str) -> T_co: ...


def _policy(reader: _Tables, key: str, load: _Loader[T]) -> T:
    table = reader.table(key)
    return load(table.values, name=table.name)


def _promises(table: _Tables) -> PromisePolicy:
    tolerance = table.table("tolerance")
    tolerance.only("amounts", "bps")
    amounts = tolerance.get("amounts", dict, {})
    tolerance.get("bps", int, 0)
    tolerated = tolerance.build(
        Tolerance, amounts=[_money(tolerance, *pair) for pair in amounts.items()]
    )
    return table.build(PromisePolicy, tolerance=tolerated)


def _money(table: _Tables, code: str, value: object) -> Money:
    if not isinstance(value, str | int) or isinstance(value, bool):
        msg = f"amounts of {table.name} must be text such as '10.00', got {value!r}"
        raise PolicyError(msg)
    try:
        return money(str(value), code)
    except ReceivablesError as error:
        msg = f"amounts of {table.name} must be amounts, got {value!r} for {code}: {error}"
        raise PolicyError(msg) from error


def _letters(table: _Tables) -> dict[str, Any]:
    table.only(
        "renderers", "reports", "deadline_days", "texts", "brand", "settings", "payment_codes"
    )
    given: dict[str, Any] = {}
    for key in ("renderers", "reports"):
        if key in table.values:
            given[key] = table.texts(key)
    given["deadline_days"] = table.days("deadline_days", 8)
    given["text_files"] = table.texts("texts")
    given["brand"] = table.get("brand", str, "")
    given["payment_codes"] = table.get("payment_codes", bool, False)  # a default
    own: dict[str, Any] = table.get("settings", dict, {})
    named = _Tables(f"{table.name}: settings", {})
    for name, values in own.items():  # names of adapters are no keys: their dashes stay
        if not isinstance(values, dict):
            named.refuse(name, "a table", values)
    given["renderer_settings"] = own
    return given


def _store(table: _Tables) -> SourceSettings:
    table.only("store", "settings")
    return SourceSettings(
        adapter=table.get("store", str, "sql"),
        files=(),
        settings=table.get("settings", dict, {"url": _URL}),
    )
