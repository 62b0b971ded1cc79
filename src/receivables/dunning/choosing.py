"""Which procedure a customer gets: rules as data, the first that fits wins, and it says why.

>>> from receivables.dunning.model import STANDARD, DunningLevel
>>> gentle = DunningProcedure(name="gentle", version="1",
...                           levels=[DunningLevel(days_past_due=15, letter="reminder-1")])
>>> choice = ProcedureChoice(
...     rules=[ChoiceRule(name="key accounts", procedure=gentle, segments=["key-account"])],
...     default=STANDARD)
>>> made = choice.choose(Customer(customer="C-1", name="Bois SA", segment="key-account"),
...                      currency="EUR", amount_minor=120_000)
>>> made.procedure.name, made.rule, made.why
('gentle', 'key accounts', 'segment is key-account')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import attrs

from receivables.dunning.model import DunningProcedure
from receivables.errors import PolicyError
from receivables.money import digits
from receivables.parties import Customer

__all__ = ["ChoiceRule", "MadeChoice", "ProcedureChoice"]


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _amounts(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(values.items())))


@attrs.frozen(kw_only=True)
class ChoiceRule:
    """Customers of which kind get a procedure; every condition that is given must hold.

    `languages` are those of the customer's locale (``fr``, or ``fr-CA``).  `least_minor` is, per
    currency in minor units, what must be past due; in a currency that it does not name the rule does
    not fit.  A customer that nobody knows fits no rule that asks about it.  Raises `PolicyError` for
    a rule without a condition, which is the default's part.
    """

    name: str
    procedure: DunningProcedure
    segments: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    countries: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    regions: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    languages: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    is_consumer: bool | None = None
    least_minor: Mapping[str, int] = attrs.field(factory=dict, converter=_amounts)

    def __attrs_post_init__(self) -> None:
        for currency in self.least_minor:
            digits(currency)
        conditions = (self.segments, self.countries, self.regions, self.languages, self.least_minor)
        if not any(conditions) and self.is_consumer is None:
            msg = f"rule {self.name!r} must have a condition, got none; use the default"
            raise PolicyError(msg)

    def why(self, customer: Customer | None, *, currency: str, amount_minor: int) -> str | None:
        """Why the rule fits, in words; None where it does not."""
        words = []
        for fits, word in self._conditions(customer, currency, amount_minor):
            if not fits:
                return None
            words.append(word)
        return ", ".join(words)

    def _conditions(
        self, customer: Customer | None, currency: str, amount_minor: int
    ) -> Iterator[tuple[bool, str]]:
        asked: tuple[tuple[tuple[str, ...], str], ...] = (
            (self.segments, "segment"),
            (self.countries, "country"),
            (self.regions, "region"),
            (self.languages, "language"),
        )
        for wanted, name in asked:
            if wanted:
                found = next((one for one in _said(customer, name) if one in wanted), None)
                yield found is not None, f"{name} is {found}"
        if self.is_consumer is not None:
            kind = "a consumer" if self.is_consumer else "a business"
            yield customer is not None and customer.is_consumer is self.is_consumer, f"it is {kind}"
        if self.least_minor:
            least = self.least_minor.get(currency)
            is_enough = least is not None and amount_minor >= least
            yield is_enough, f"{amount_minor} minor units of {currency} are {least} or more"


def _said(customer: Customer | None, name: str) -> tuple[str, ...]:
    """What a customer says to a condition; a locale says its language too."""
    if customer is None:
        return ()
    if name == "segment":
        return (customer.segment,)
    if name == "country":
        return (customer.address.country or customer.country,)
    if name == "region":
        return (customer.address.region,)
    return (customer.locale, customer.locale.partition("-")[0])


@attrs.frozen(kw_only=True)
class MadeChoice:
    """The procedure that a customer gets, the rule that chose it, and why."""

    procedure: DunningProcedure
    rule: str
    why: str


def _rules(values: Iterable[ChoiceRule]) -> tuple[ChoiceRule, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ProcedureChoice:
    """Rules in their order, and the procedure of whoever fits none.

    Procedures that a customer may change between share a ladder, so that it goes on where it
    stood; with ladders of their own, each begins at its first level.
    """

    rules: tuple[ChoiceRule, ...] = attrs.field(converter=_rules)
    default: DunningProcedure

    def choose(
        self, customer: Customer | None, *, currency: str, amount_minor: int = 0
    ) -> MadeChoice:
        """The procedure of a customer with an amount past due, in minor units of a currency."""
        for rule in self.rules:
            why = rule.why(customer, currency=currency, amount_minor=amount_minor)
            if why is not None:
                return MadeChoice(procedure=rule.procedure, rule=rule.name, why=why)
        return MadeChoice(procedure=self.default, rule="", why="no rule fits")

    @property
    def procedures(self) -> tuple[DunningProcedure, ...]:
        """Every procedure that may be chosen, the default last, each once."""
        found = [*(rule.procedure for rule in self.rules), self.default]
        return tuple(one for index, one in enumerate(found) if one not in found[:index])

    @property
    def charges_interest(self) -> bool:
        """Whether one of its procedures does."""
        return any(procedure.charges_interest for procedure in self.procedures)
