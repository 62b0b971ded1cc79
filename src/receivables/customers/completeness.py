"""How complete a record is: what is missing of it, and why that matters.

>>> found = completeness(Customer(customer="C-017", name="Roy SARL", country="FR"))
>>> found.score, [one.need for one in found.missing][:3]
(15, ['address', 'email', 'identifier'])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.customers._names import MASK, table_values, texts, whole
from receivables.errors import PolicyError
from receivables.parties import Contact, Customer, CustomerId, Role

__all__ = [
    "NEEDS",
    "Completeness",
    "CompletenessPolicy",
    "CompletenessRule",
    "MissingDatum",
    "completeness",
]

_Need = Callable[[Customer, str], object]


def _contacts(customer: Customer, role: str) -> list[Contact]:
    """The contacts of a role; of any, where none is named."""
    return [one for one in customer.contacts if not role or one.role.value == role]


def _any_contact(customer: Customer, role: str, field: str) -> bool:
    return any(_is_said(getattr(one, field)) for one in _contacts(customer, role))


def _is_said(text: str) -> bool:
    return bool(text.strip()) and text != MASK


def _identifier(customer: Customer, scheme: str) -> bool:
    return any(
        _is_said(one.value) and (not scheme or one.scheme == scheme) for one in customer.identifiers
    )


NEEDS: Final[Mapping[str, _Need]] = MappingProxyType(
    {
        "name": lambda customer, _of: _is_said(customer.name),
        "country": lambda customer, _of: customer.country or customer.address.country,
        "address": lambda customer, _of: any(map(_is_said, customer.address.lines)),
        "postal-code": lambda customer, _of: _is_said(customer.address.postal_code),
        "city": lambda customer, _of: _is_said(customer.address.city),
        "region": lambda customer, _of: _is_said(customer.address.region),
        "contact": _contacts,
        "email": lambda customer, role: _any_contact(customer, role, "email"),
        "phone": lambda customer, role: _any_contact(customer, role, "phone"),
        "identifier": _identifier,
        "iban": lambda customer, _of: any(map(_is_said, customer.ibans)),
        "terms": lambda customer, _of: customer.terms,
        "time-zone": lambda customer, _of: customer.time_zone,
        "segment": lambda customer, _of: customer.segment,
        "owner": lambda customer, role: customer.owner(role) if role else customer.owners,
    }
)
"""What a rule can ask for, and how a record is looked at; some of them take a role or a scheme."""

_TAKES_ROLE: Final = frozenset({"contact", "email", "phone"})


@attrs.frozen(kw_only=True)
class CompletenessRule:
    """One thing that a record must have: what it weighs, for whom it holds, why it matters.

    `of` is the role of a contact or of an owner, or the scheme of an identifier; any of them where it
    is empty.  `countries`, `segments` are all of them where they are empty.  Raises `PolicyError` for
    a need that is none, and for a role that is none.
    """

    need: str = attrs.field(validator=attrs.validators.in_(NEEDS))
    of: str = attrs.field(default="")
    weight: int = attrs.field(validator=whole)
    why: str
    countries: tuple[str, ...] = attrs.field(default=(), converter=texts)
    except_countries: tuple[str, ...] = attrs.field(default=(), converter=texts)
    segments: tuple[str, ...] = attrs.field(default=(), converter=texts)
    consumers: bool = True
    """Whether it holds for consumers too."""

    @of.validator
    def _check_of(self, _attribute: object, value: str) -> None:
        roles = [role.value for role in Role]
        if value and self.need in _TAKES_ROLE and value not in roles:
            msg = f"of a rule for {self.need} must be among {', '.join(roles)}, got {value!r}"
            raise PolicyError(msg)

    def speaks(self, customer: Customer) -> bool:
        """Whether it asks something of a customer."""
        country = customer.country or customer.address.country
        return (
            (not self.countries or country in self.countries)
            and country not in self.except_countries
            and (not self.segments or customer.segment in self.segments)
            and (self.consumers or not customer.is_consumer)
        )

    def holds(self, customer: Customer) -> bool:
        """Whether a customer has what it asks for."""
        return bool(NEEDS[self.need](customer, self.of))


# Places without postal codes (Universal Postal Union, list of member countries' addressing): the
# common ones; a house adds its own.
_WITHOUT_POSTAL_CODE: Final = ("AE", "HK", "QA", "BS", "AG", "PA")

_RULES: Final = (
    CompletenessRule(need="name", weight=10, why="nobody can be invoiced without a name"),
    CompletenessRule(need="country", weight=5, why="the law, the tax and the postage depend on it"),
    CompletenessRule(need="address", weight=15, why="letters and formal notices need an address"),
    CompletenessRule(
        need="postal-code",
        weight=10,
        except_countries=_WITHOUT_POSTAL_CODE,
        why="letters come back without it",
    ),
    CompletenessRule(need="city", weight=10, why="letters need it"),
    CompletenessRule(
        need="email",
        of="accounts-payable",
        weight=15,
        why="dunning by e-mail goes to whoever pays invoices",
    ),
    CompletenessRule(
        need="phone",
        of="accounts-payable",
        weight=10,
        why="collectors call whoever pays invoices",
    ),
    CompletenessRule(
        need="identifier",
        weight=15,
        consumers=False,
        why="a court, an insurer and a tax office know a company by its number",
    ),
    CompletenessRule(need="terms", weight=5, why="documents without a due date take its terms"),
    CompletenessRule(
        need="iban", weight=5, why="a receipt is recognized by the account it comes from"
    ),
)


def _rules(values: Iterable[CompletenessRule]) -> tuple[CompletenessRule, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CompletenessPolicy:
    """What records must have, and what each thing weighs.

    >>> CompletenessPolicy.from_table({"rules": [
    ...     {"need": "email", "of": "accounts-payable", "weight": 3, "why": "we dun by e-mail"},
    ...     {"need": "identifier", "of": "fr.siret", "weight": 1, "countries": ["FR"], "why": "court"},
    ... ]}).rules[1].countries
    ('FR',)
    """

    name: str = "standard"
    version: str = "1"
    rules: tuple[CompletenessRule, ...] = attrs.field(default=_RULES, converter=_rules)

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], *, name: str = "completeness"
    ) -> CompletenessPolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be."""
        values = table_values(table, cls, name=name)
        rows = values.get("rules", ())
        try:
            if "rules" in values:
                values["rules"] = [
                    CompletenessRule(**table_values(row, CompletenessRule, name=f"{name}: rules"))
                    for row in rows
                ]
            return cls(**values)
        except (TypeError, ValueError, AttributeError) as error:
            msg = f"{name} must be valid, got {error}"
            raise PolicyError(msg) from error


@attrs.frozen(kw_only=True)
class MissingDatum:
    """One thing that a record lacks, what it weighs, and why it matters."""

    need: str
    of: str = ""
    weight: int
    why: str


def _missing(values: Iterable[MissingDatum]) -> tuple[MissingDatum, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Completeness:
    """How complete a record is, of 100, and what it lacks, the weightiest first."""

    customer: CustomerId
    score: int
    missing: tuple[MissingDatum, ...] = attrs.field(default=(), converter=_missing)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def completeness(
    customer: Customer,
    *,
    policy: CompletenessPolicy = CompletenessPolicy(),  # frozen
) -> Completeness:
    """How complete a record is by a policy: the weight of what is there, of 100, rounded down.

    A record of which the policy asks nothing is complete.
    """
    asked = [rule for rule in policy.rules if rule.speaks(customer)]
    missing = [rule for rule in asked if not rule.holds(customer)]
    total = sum(rule.weight for rule in asked)
    lost = sum(rule.weight for rule in missing)
    found = [
        MissingDatum(need=rule.need, of=rule.of, weight=rule.weight, why=rule.why)
        for rule in missing
    ]
    return Completeness(
        customer=customer.customer,
        score=100 * (total - lost) // total if total else 100,
        missing=sorted(found, key=lambda one: -one.weight),
    )
