"""Credit policies as data: what a check looks at, from where on it warns, holds or refuses.

A rule that a policy does not name is off.

>>> policy = CreditPolicy.from_table({
...     "version": "2026-11",
...     "rules": {"limit": {"warn": 9000, "hold": 10000}, "oldest-item": {"hold": 30}},
... }, name="house")
>>> policy.title, sorted(rule.value for rule in policy.rules)
('house 2026-11', ['limit', 'oldest-item'])
>>> credit_policy("standard").rules[CreditRule.NO_LIMIT].outcome
<CheckOutcome.HOLD: 'hold'>
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables import limits
from receivables.casework.credit import CheckOutcome, CreditRule, SuspensionReason
from receivables.casework.losses import InsolvencyKind
from receivables.credit._credit_tables import amounts_table, built
from receivables.credit.model import ExposurePolicy, StackRule
from receivables.errors import PolicyError
from receivables.receipts.model import ReturnReason

__all__ = [
    "SUSPENSION_REASONS",
    "CreditPolicy",
    "RuleAmounts",
    "RuleLevels",
    "RuleNames",
    "RuleTerms",
    "credit_policies",
    "credit_policy",
    "load_credit_policy",
]

_FIGURE_MAX: Final = 10**9
_VALID_DAYS_MAX: Final = 3_650
_FILE_MAX: Final = 1_000_000
"""Characters of one file; a policy has a few thousand."""

_BAD_MONEY: Final = frozenset(
    {
        ReturnReason.INSUFFICIENT_FUNDS,
        ReturnReason.ACCOUNT_CLOSED,
        ReturnReason.ACCOUNT_BLOCKED,
        ReturnReason.MANDATE_REVOKED,
        ReturnReason.REFUND_REQUESTED,
        ReturnReason.STOPPED,
        ReturnReason.FRAUD,
        ReturnReason.UNSPECIFIED,
    }
)
"""The reasons that say something of whether a customer pays; a wrong account number does not."""

SUSPENSION_REASONS: Final[Mapping[CreditRule, SuspensionReason]] = MappingProxyType(
    {
        CreditRule.LIMIT: SuspensionReason.LIMIT_EXCEEDED,
        CreditRule.GROUP_LIMIT: SuspensionReason.LIMIT_EXCEEDED,
        CreditRule.OLDEST_ITEM: SuspensionReason.PAST_DUE,
        CreditRule.DAYS_PAST_DUE: SuspensionReason.PAST_DUE,
        CreditRule.SHARE_PAST_DUE: SuspensionReason.PAST_DUE,
        CreditRule.DUNNING_LEVEL: SuspensionReason.PAST_DUE,
        CreditRule.BROKEN_PROMISE: SuspensionReason.BROKEN_PROMISE,
        CreditRule.RETURNED_PAYMENT: SuspensionReason.RETURNED_PAYMENT,
        CreditRule.REVIEW_EXPIRED: SuspensionReason.REVIEW_EXPIRED,
        CreditRule.INSURANCE_LAPSED: SuspensionReason.INSURANCE_WITHDRAWN,
        CreditRule.INSOLVENCY: SuspensionReason.INSOLVENCY,
    }
)
"""The rules that may suspend a customer's credit by themselves, and the reason that they give."""


def _outcome(value: CheckOutcome | str) -> CheckOutcome:
    try:
        return CheckOutcome(value)
    except ValueError:
        known = ", ".join(one.value for one in CheckOutcome)
        msg = f"outcome must be among {known}, got {value!r}"
        raise PolicyError(msg) from None


def _optional_outcome(value: CheckOutcome | str | None) -> CheckOutcome | None:
    return None if value is None else _outcome(value)


def _reasons(values: Iterable[ReturnReason | str]) -> frozenset[ReturnReason]:
    if isinstance(values, str):
        msg = f"reasons must be a list, got the text {values!r}"
        raise PolicyError(msg)
    try:
        return frozenset(ReturnReason(value) for value in values)
    except ValueError as error:
        known = ", ".join(one.value for one in ReturnReason)
        msg = f"reasons must be among {known}, got {error}"
        raise PolicyError(msg) from None


def _frozen_amounts(values: Mapping[str, int]) -> Mapping[str, int]:
    if not isinstance(values, Mapping):
        msg = f"amounts must be a table of currencies, got {values!r}"
        raise PolicyError(msg)
    return MappingProxyType(dict(amounts_table(values)))


def _names(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str) or not all(isinstance(one, str) for one in values):
        msg = f"names must be a list of texts, got {values!r}"
        raise PolicyError(msg)
    return frozenset(values)


_SEVERITIES: Final = (CheckOutcome.REFUSE, CheckOutcome.HOLD, CheckOutcome.WARN)
"""The outcomes that a rule may speak with, the worst first."""


def _check_figure(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or abs(value) > _FIGURE_MAX
    ):
        msg = f"{attribute.name} must be a whole number up to {_FIGURE_MAX}, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class RuleLevels:
    """The figures from which on a rule warns, holds and refuses; one that is None is not reached.

    Shares (basis points) and terms speak above their figure; days, counts and levels from it on.
    `minimum` are whole units of money by currency (``*`` for any other) below which what is past due
    does not count; `tolerance` are units on top of a limit.  `within_days` is how far back promises
    and returns count, `reasons` which returns do, and `missing` what is said where nobody ever
    reviewed the customer.  Raises `PolicyError` where a milder figure is above a worse one.

    >>> RuleLevels(warn=9_000, hold=10_000).reached(9_500, is_above=True)
    (<CheckOutcome.WARN: 'warn'>, 9000)
    """

    warn: int | None = attrs.field(default=None, validator=_check_figure)
    hold: int | None = attrs.field(default=None, validator=_check_figure)
    refuse: int | None = attrs.field(default=None, validator=_check_figure)
    within_days: int | None = attrs.field(default=None, validator=_check_figure)
    minimum: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_amounts)
    tolerance: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_amounts)
    reasons: frozenset[ReturnReason] = attrs.field(default=_BAD_MONEY, converter=_reasons)
    missing: CheckOutcome | None = attrs.field(default=None, converter=_optional_outcome)
    insured: CheckOutcome | None = attrs.field(default=None, converter=_optional_outcome)
    steps: tuple[tuple[CheckOutcome, int], ...] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: self._made_steps(), takes_self=True),
    )
    """The outcomes that it has a figure for, the worst first."""

    def __attrs_post_init__(self) -> None:
        figures = [figure for _, figure in reversed(self.steps)]
        if figures != sorted(figures):
            msg = f"warn, hold and refuse must rise, got {figures}"
            raise PolicyError(msg)
        if not figures and self.missing is None and self.insured is None:
            msg = "warn, hold or refuse must be given, got none of them"
            raise PolicyError(msg)
        if self.within_days is not None and not 1 <= self.within_days <= limits.TERM_DAYS_MAX:
            msg = f"within_days must be 1 to {limits.TERM_DAYS_MAX}, got {self.within_days}"
            raise PolicyError(msg)

    def _made_steps(self) -> tuple[tuple[CheckOutcome, int], ...]:
        values = (self.refuse, self.hold, self.warn)
        return tuple(
            (outcome, value)
            for outcome, value in zip(_SEVERITIES, values, strict=True)
            if value is not None
        )

    def reached(self, figure: int, *, is_above: bool) -> tuple[CheckOutcome, int] | None:
        """The worst outcome that a figure reaches, with its threshold; None where it reaches none."""
        for outcome, threshold in self.steps:
            if figure > threshold or (figure == threshold and not is_above):
                return outcome, threshold
        return None


@attrs.frozen(kw_only=True)
class RuleAmounts:
    """The amounts above which a rule warns, holds and refuses: whole units of money by currency.

    ``*`` is for every currency that is not named; one of which nothing is said is not reached.

    >>> RuleAmounts(hold={"EUR": 5_000}).hold["EUR"]
    5000
    """

    warn: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_amounts)
    hold: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_amounts)
    refuse: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_amounts)

    def __attrs_post_init__(self) -> None:
        for mild, worse in ((self.warn, self.hold), (self.warn, self.refuse)):
            _check_rising(mild, worse)
        _check_rising(self.hold, self.refuse)
        if not (self.warn or self.hold or self.refuse):
            msg = "warn, hold or refuse must be given, got none of them"
            raise PolicyError(msg)


def _check_rising(mild: Mapping[str, int], worse: Mapping[str, int]) -> None:
    for currency, amount in worse.items():
        if currency in mild and mild[currency] > amount:
            msg = f"warn, hold and refuse must rise, got {mild[currency]} and {amount} {currency}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class RuleNames:
    """What a rule says of names: countries, risk classes, kinds of proceedings, reasons.

    `allow` are the names that it has nothing against, `outcome` is what it says of every name that no
    list has, and `missing` what it says where there is no name at all.  Raises `PolicyError` for a
    name on two lists.

    >>> RuleNames(allow=["CA", "FR"], refuse=["XX"], outcome="warn").of("BE")
    <CheckOutcome.WARN: 'warn'>
    """

    allow: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    warn: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    hold: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    refuse: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    outcome: CheckOutcome | None = attrs.field(default=None, converter=_optional_outcome)
    missing: CheckOutcome | None = attrs.field(default=None, converter=_optional_outcome)

    def __attrs_post_init__(self) -> None:
        lists = (self.allow, self.warn, self.hold, self.refuse)
        every = [name for one in lists for name in one]
        if twice := sorted(name for name in set(every) if every.count(name) > 1):
            msg = f"names must be on one list each, got {', '.join(twice)} on several"
            raise PolicyError(msg)
        if not every and self.outcome is None and self.missing is None:
            msg = "names or an outcome must be given, got neither"
            raise PolicyError(msg)

    def of(self, name: str) -> CheckOutcome:
        """What is said of a name."""
        for outcome, names in (
            (CheckOutcome.REFUSE, self.refuse),
            (CheckOutcome.HOLD, self.hold),
            (CheckOutcome.WARN, self.warn),
            (CheckOutcome.ALLOW, self.allow),
        ):
            if name in names:
                return outcome
        return self.outcome or CheckOutcome.ALLOW


RuleTerms: TypeAlias = RuleLevels | RuleAmounts | RuleNames
"""What a policy says of one rule."""


@attrs.frozen
class _Shape:
    """What the terms of a rule are made of."""

    kind: type[RuleLevels | RuleAmounts | RuleNames]
    options: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """The names that its lists may have; any where it is empty."""


_LEVELS: Final = frozenset({"warn", "hold", "refuse"})
_LISTS: Final = _LEVELS | {"allow", "outcome"}
_LIMIT: Final = _Shape(RuleLevels, _LEVELS | {"tolerance"})

_SHAPES: Final[Mapping[CreditRule, _Shape]] = MappingProxyType(
    {
        CreditRule.LIMIT: _LIMIT,
        CreditRule.GROUP_LIMIT: _LIMIT,
        CreditRule.COUNTRY_LIMIT: _LIMIT,
        CreditRule.COVER: _Shape(RuleAmounts, _LEVELS),
        CreditRule.OLDEST_ITEM: _Shape(RuleLevels, _LEVELS | {"minimum"}),
        CreditRule.DAYS_PAST_DUE: _Shape(RuleLevels, _LEVELS | {"minimum"}),
        CreditRule.SHARE_PAST_DUE: _Shape(RuleLevels, _LEVELS | {"minimum"}),
        CreditRule.DUNNING_LEVEL: _Shape(RuleLevels, _LEVELS),
        CreditRule.BROKEN_PROMISE: _Shape(RuleLevels, _LEVELS | {"within_days"}),
        CreditRule.RETURNED_PAYMENT: _Shape(RuleLevels, _LEVELS | {"within_days", "reasons"}),
        CreditRule.REVIEW_EXPIRED: _Shape(RuleLevels, _LEVELS | {"missing"}),
        CreditRule.INSURANCE_LAPSED: _Shape(RuleLevels, _LEVELS),
        CreditRule.COUNTRY: _Shape(RuleNames, _LISTS | {"missing"}),
        CreditRule.INSOLVENCY: _Shape(
            RuleNames, _LISTS, frozenset(kind.value for kind in InsolvencyKind)
        ),
        CreditRule.SUSPENDED: _Shape(
            RuleNames, _LISTS, frozenset(reason.value for reason in SuspensionReason)
        ),
        CreditRule.NO_LIMIT: _Shape(RuleNames, frozenset({"outcome"})),
        CreditRule.RISK_CLASS: _Shape(RuleNames, _LISTS | {"missing"}),
        CreditRule.TERMS: _Shape(RuleLevels, _LEVELS | {"insured"}),
    }
)
"""What may be said of each rule; a test compares it with the rules."""

_POSITIVE: Final = frozenset(_SHAPES) - {CreditRule.REVIEW_EXPIRED, CreditRule.INSURANCE_LAPSED}
"""The rules whose figures are zero or more; the others may speak days before something ends."""

_NEEDS_ONE: Final = frozenset(
    {
        CreditRule.OLDEST_ITEM,
        CreditRule.DAYS_PAST_DUE,
        CreditRule.DUNNING_LEVEL,
        CreditRule.BROKEN_PROMISE,
        CreditRule.RETURNED_PAYMENT,
    }
)
"""The rules that count something: from zero on they would speak of everybody."""


def _rule(name: CreditRule | str) -> CreditRule:
    try:
        return CreditRule(name)
    except ValueError:
        known = ", ".join(rule.value for rule in CreditRule)
        msg = f"a rule must be among {known}, got {name!r}"
        raise PolicyError(msg) from None


def _rules(values: Mapping[CreditRule | str, RuleTerms]) -> Mapping[CreditRule, RuleTerms]:
    found = {_rule(name): terms for name, terms in values.items()}
    for rule, terms in found.items():
        _check_terms(rule, terms)
    # In the order in which the rules are declared, so that findings never depend on a file's order.
    return MappingProxyType({rule: found[rule] for rule in CreditRule if rule in found})


def _check_terms(rule: CreditRule, terms: RuleTerms) -> None:
    shape = _SHAPES[rule]
    if not isinstance(terms, shape.kind):
        msg = f"terms of {rule.value} must be {shape.kind.__name__}, got {type(terms).__name__}"
        raise PolicyError(msg)
    if isinstance(terms, RuleLevels):
        _check_levels(rule, terms)
    if isinstance(terms, RuleNames) and shape.names:
        given = terms.allow | terms.warn | terms.hold | terms.refuse
        if unknown := sorted(given - shape.names):
            known = ", ".join(sorted(shape.names))
            msg = f"names of {rule.value} must be among {known}, got {', '.join(unknown)}"
            raise PolicyError(msg)


def _check_levels(rule: CreditRule, terms: RuleLevels) -> None:
    least = 1 if rule in _NEEDS_ONE else 0
    lowest = min((figure for _, figure in terms.steps), default=least)
    if rule in _POSITIVE and lowest < least:
        msg = f"figures of {rule.value} must be {least} or more, got {lowest}"
        raise PolicyError(msg)
    if "within_days" in _SHAPES[rule].options and terms.within_days is None:
        msg = f"within_days of {rule.value} must be given, got none"
        raise PolicyError(msg)


def _segments(
    values: Mapping[str, Mapping[CreditRule | str, RuleTerms | None]],
) -> Mapping[str, Mapping[CreditRule, RuleTerms | None]]:
    found: dict[str, Mapping[CreditRule, RuleTerms | None]] = {}
    for segment, terms in values.items():
        rules = {_rule(name): one for name, one in terms.items()}
        for rule, one in rules.items():
            if one is not None:
                _check_terms(rule, one)
        found[segment] = MappingProxyType(rules)
    return MappingProxyType(found)


def _suspending(values: Iterable[CreditRule | str]) -> frozenset[CreditRule]:
    if isinstance(values, str):
        msg = f"suspends must be a list of rules, got the text {values!r}"
        raise PolicyError(msg)
    found = frozenset(_rule(value) for value in values)
    if wrong := sorted(rule.value for rule in found - SUSPENSION_REASONS.keys()):
        known = ", ".join(rule.value for rule in SUSPENSION_REASONS)
        msg = f"suspends must be among {known}, got {', '.join(wrong)}"
        raise PolicyError(msg)
    return found


def _stack_rule(value: StackRule | str) -> StackRule:
    try:
        return StackRule(value)
    except ValueError:
        known = ", ".join(rule.value for rule in StackRule)
        msg = f"stack must be among {known}, got {value!r}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class CreditPolicy:
    """A credit policy: what counts as exposure, how limits add up, and what each rule says.

    `rules` are those that are on; `segments` say other terms for a segment of customers, rule by
    rule, None where the rule is off for it.  `suspends` are the rules that propose to suspend a
    customer where they would hold or refuse without anything being asked for.  `valid_days` is for
    how many days after its own a decision holds; `counts_disputed` says whether what is contested
    counts as past due.

    Raises `PolicyError` for terms that a rule does not take.
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    version: str = attrs.field(default="1", validator=attrs.validators.instance_of(str))
    note: str = ""
    exposure: ExposurePolicy = attrs.field(factory=ExposurePolicy)
    stack: StackRule = attrs.field(default=StackRule.SUM, converter=_stack_rule)
    rules: Mapping[CreditRule, RuleTerms] = attrs.field(factory=dict, converter=_rules)
    segments: Mapping[str, Mapping[CreditRule, RuleTerms | None]] = attrs.field(
        factory=dict, converter=_segments
    )
    suspends: frozenset[CreditRule] = attrs.field(default=frozenset(), converter=_suspending)
    counts_disputed: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    valid_days: int = attrs.field(default=7)
    _by_segment: Mapping[str, Mapping[CreditRule, RuleTerms]] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: self._merged(), takes_self=True),
    )

    @valid_days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 0 <= value <= _VALID_DAYS_MAX:
            msg = f"valid_days must be 0 to {_VALID_DAYS_MAX}, got {value!r}"
            raise PolicyError(msg)

    def _merged(self) -> Mapping[str, Mapping[CreditRule, RuleTerms]]:
        found = {}
        for segment, terms in self.segments.items():
            merged = {**self.rules, **terms}
            found[segment] = MappingProxyType(
                {rule: one for rule in CreditRule if (one := merged.get(rule)) is not None}
            )
        return MappingProxyType(found)

    @property
    def title(self) -> str:
        """The name and the version, as decisions keep them."""
        return f"{self.name} {self.version}"

    def terms(self, segment: str = "") -> Mapping[CreditRule, RuleTerms]:
        """The rules that are on for a segment of customers, in the order of `CreditRule`."""
        return self._by_segment.get(segment, self.rules)

    def uses(self, *rules: CreditRule) -> bool:
        """Whether one of some rules is on for anybody."""
        return any(
            rule in one for one in (self.rules, *self._by_segment.values()) for rule in rules
        )

    @classmethod
    def from_table(cls, data: Mapping[str, Any], *, name: str = "credit policy") -> CreditPolicy:
        """The policy of a table of a file; raises `PolicyError` naming the key that is wrong.

        ``extends`` names a ready policy to start from: rules that the table names replace its own,
        those in the list ``off`` are taken out.  Words of a key may be joined by hyphens.

        >>> CreditPolicy.from_table({"extends": "standard", "off": ["country"],
        ...                          "rules": {"oldest-item": {"hold": 45}}}, name="house").version
        '1'
        >>> CreditPolicy.from_table({"rules": {"limit": {"within-days": 3}}}, name="house")
        Traceback (most recent call last):
            ...
        receivables.errors.PolicyError: house: keys of limit must be among hold, refuse, tolerance, warn, got within-days
        """
        return built(lambda: _from_table(data, name), name)


def _from_table(data: Mapping[str, Any], name: str) -> CreditPolicy:
    values = _known_keys(data, name)
    extends, off = values.pop("extends", ""), _suspended_names(values.pop("off", ()))
    base = credit_policy(extends) if extends else None
    values.setdefault("name", name)
    if base is not None:
        for field in ("exposure", "stack", "suspends", "counts_disputed", "valid_days"):
            values.setdefault(field, getattr(base, field))
    if not isinstance(values.get("exposure", ExposurePolicy()), ExposurePolicy):
        values["exposure"] = ExposurePolicy.from_table(values["exposure"])
    said = _rule_tables(values.get("rules", {}), "rules")
    kept = {} if base is None else {**base.rules}
    values["rules"] = {rule: one for rule, one in {**kept, **said}.items() if rule not in off}
    segments = {} if base is None else {**base.segments}
    tables = values.get("segments", {})
    _check_table(tables, "segments")
    for segment, table in tables.items():
        segments[segment] = _segment(table, segment)
    values["segments"] = segments
    return CreditPolicy(**values)


def _known_keys(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    _check_table(data, name)
    values = {key.replace("-", "_"): value for key, value in data.items()}
    known = {field.name for field in attrs.fields(CreditPolicy) if field.init} | {"extends", "off"}
    if unknown := sorted(values.keys() - known):
        names = ", ".join(sorted(field.replace("_", "-") for field in known))
        said = ", ".join(key.replace("_", "-") for key in unknown)
        msg = f"keys must be among {names}, got {said}"
        raise PolicyError(msg)
    return values


def _check_table(value: object, name: str) -> None:
    if not isinstance(value, Mapping):
        msg = f"{name} must be a table, got {value!r}"
        raise PolicyError(msg)


def _suspended_names(values: Iterable[str]) -> frozenset[CreditRule]:
    if isinstance(values, str):
        msg = f"off must be a list of rules, got the text {values!r}"
        raise PolicyError(msg)
    return frozenset(_rule(value) for value in values)


def _segment(table: Mapping[str, Any], segment: str) -> Mapping[CreditRule, RuleTerms | None]:
    _check_table(table, f"segment {segment}")
    if unknown := sorted(table.keys() - {"off", "rules"}):
        msg = f"keys of segment {segment} must be among off, rules, got {', '.join(unknown)}"
        raise PolicyError(msg)
    off = dict.fromkeys(_suspended_names(table.get("off", ())))
    return {**off, **_rule_tables(table.get("rules", {}), f"rules of segment {segment}")}


def _rule_tables(tables: Mapping[str, Any], name: str) -> dict[CreditRule, RuleTerms]:
    _check_table(tables, name)
    return {_rule(key): _terms(_rule(key), table) for key, table in tables.items()}


def _terms(rule: CreditRule, table: Mapping[str, Any]) -> RuleTerms:
    _check_table(table, rule.value)
    shape = _SHAPES[rule]
    values = {key.replace("-", "_"): value for key, value in table.items()}
    if unknown := sorted(values.keys() - shape.options):
        known = ", ".join(sorted(option.replace("_", "-") for option in shape.options))
        said = ", ".join(key.replace("_", "-") for key in unknown)
        msg = f"keys of {rule.value} must be among {known}, got {said}"
        raise PolicyError(msg)
    return _in_rule(rule, lambda: shape.kind(**values))


def _in_rule(rule: CreditRule, build: Callable[[], RuleTerms]) -> RuleTerms:
    try:
        terms = build()
        _check_terms(rule, terms)
    except PolicyError as error:
        msg = f"{error} in {rule.value}" if rule.value not in str(error) else str(error)
        raise PolicyError(msg) from error
    return terms


def load_credit_policy(contents: str, *, name: str) -> CreditPolicy:
    """A policy from the contents of a TOML file; raises `PolicyError` naming the file."""
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    try:
        data = tomllib.loads(contents)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    return CreditPolicy.from_table(data, name=name)


@functools.cache
def credit_policies() -> Mapping[str, CreditPolicy]:
    """The policies that come with the library, by name, read when first asked for."""
    folder = resources.files("receivables.credit") / "packs"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    found = [load_credit_policy(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    return MappingProxyType({one.name: one for one in found})


def credit_policy(name: str) -> CreditPolicy:
    """A policy that comes with the library; raises `PolicyError` listing them.

    >>> sorted(credit_policies())
    ['lenient', 'standard', 'strict']
    """
    known = credit_policies()
    if name not in known:
        msg = f"policy must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]
