"""Records that may be one customer: found by what they share, with reasons and a score.

It is a search and no rule over terms: there is one implementation, for values.

>>> one = Customer(customer="C-1", name="Quincaillerie Tremblay inc.", country="CA")
>>> two = Customer(customer="C-2", name="QUINCAILLERIE TREMBLAY", country="CA")
>>> [(found.customers, found.score) for found in duplicates([one, two])]
[(('C-1', 'C-2'), 60)]
"""

from __future__ import annotations

import enum
import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables._collecting import collecting_paused
from receivables.customers._names import MASK, company_words, folded, table_values, whole
from receivables.customers.model import FieldChange
from receivables.errors import DocumentError, PolicyError
from receivables.matching.rules import abbreviates, plain_reference
from receivables.parties import Customer, CustomerId, Identifier

__all__ = [
    "DuplicateCandidate",
    "DuplicatePolicy",
    "DuplicateReason",
    "DuplicateSign",
    "MergeConflict",
    "MergeProposal",
    "duplicates",
    "merge_proposal",
]


class DuplicateSign(enum.Enum):
    """What two records have in common, or what speaks against their being one."""

    IDENTIFIER_EQUAL = "identifier-equal"
    COMPANY_NUMBER_EQUAL = "company-number-equal"
    """Identifiers of two schemes that hold the same number: a SIRET, and the VAT number of its SIREN."""
    IBAN_EQUAL = "iban-equal"
    NAME_EQUAL = "name-equal"
    """The same words, whatever their order, their writing and the legal form."""
    NAME_SIMILAR = "name-similar"
    ALIAS_EQUAL = "alias-equal"
    ADDRESS_EQUAL = "address-equal"
    EMAIL_EQUAL = "email-equal"
    EMAIL_DOMAIN_EQUAL = "email-domain-equal"
    PHONE_EQUAL = "phone-equal"
    COUNTRY_DIFFERS = "country-differs"
    IDENTIFIER_DIFFERS = "identifier-differs"
    """Both have an identifier of one scheme, and they are not the same."""


_WEIGHTS: Final[Mapping[DuplicateSign, int]] = MappingProxyType(
    {
        DuplicateSign.IDENTIFIER_EQUAL: 80,
        DuplicateSign.COMPANY_NUMBER_EQUAL: 60,
        DuplicateSign.IBAN_EQUAL: 60,
        DuplicateSign.NAME_EQUAL: 60,
        DuplicateSign.NAME_SIMILAR: 40,
        DuplicateSign.ALIAS_EQUAL: 50,
        DuplicateSign.ADDRESS_EQUAL: 30,
        DuplicateSign.EMAIL_EQUAL: 50,
        DuplicateSign.EMAIL_DOMAIN_EQUAL: 20,
        DuplicateSign.PHONE_EQUAL: 30,
        DuplicateSign.COUNTRY_DIFFERS: -20,
        DuplicateSign.IDENTIFIER_DIFFERS: -40,
    }
)


def _weights(values: Mapping[DuplicateSign | str, int]) -> Mapping[DuplicateSign, int]:
    try:
        given = {DuplicateSign(sign): weight for sign, weight in values.items()}
    except ValueError as error:
        known = ", ".join(sign.value for sign in DuplicateSign)
        msg = f"weights must be of {known}, got {error}"
        raise PolicyError(msg) from None
    if odd := [weight for weight in given.values() if type(weight) is not int]:
        msg = f"weights must be whole numbers, got {odd}"
        raise PolicyError(msg)
    return MappingProxyType({**_WEIGHTS, **given})


@attrs.frozen(kw_only=True)
class DuplicatePolicy:
    """What each sign weighs, and from which score on two records are shown to a person.

    A name counts as similar from `similar_min` on, 0 to 100.  What more than `block_max` records
    share (a town, a free e-mail host) tells nothing, and brings none of them together.
    """

    name: str = "standard"
    version: str = "1"
    threshold: int = attrs.field(default=50, validator=whole)
    similar_min: int = attrs.field(default=88, validator=whole)
    block_max: int = attrs.field(default=25, validator=whole)
    weights: Mapping[DuplicateSign, int] = attrs.field(factory=dict, converter=_weights)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "duplicates") -> DuplicatePolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be.

        >>> DuplicatePolicy.from_table({"weights": {"phone-equal": 45}}).threshold
        50
        """
        try:
            return cls(**table_values(table, cls, name=name))
        except (TypeError, ValueError, AttributeError) as error:
            msg = f"{name} must be valid, got {error}"
            raise PolicyError(msg) from error


@attrs.frozen(kw_only=True)
class DuplicateReason:
    """One sign, what it weighs, and what it was seen in."""

    sign: DuplicateSign
    weight: int
    detail: str = ""


def _reasons(values: Iterable[DuplicateReason]) -> tuple[DuplicateReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DuplicateCandidate:
    """Two records that may be one customer: a score of 0 to 100, and why."""

    customers: tuple[CustomerId, CustomerId]
    score: int
    reasons: tuple[DuplicateReason, ...] = attrs.field(default=(), converter=_reasons)


@attrs.frozen
class _Keys:
    """One record as it is compared."""

    customer: Customer
    words: tuple[str, ...]
    spelled: str
    name: str
    aliases: frozenset[str]
    identifiers: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    ibans: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]
    address: str


_PHONE_MIN: Final = 7
_PHONE_COMPARED: Final = 9
"""Figures of a telephone number from its end: what stands before is a country or a zero."""
_SIREN: Final = 9
_PREFIX: Final = 4
_RARE_WORDS: Final = 2


def _said(values: Iterable[str]) -> Iterator[str]:
    return (value for value in values if value and value != MASK)


def _keys(customer: Customer) -> _Keys:
    words = company_words(customer.name) if customer.name != MASK else []
    identifiers = [one for one in customer.identifiers if one.value and one.value != MASK]
    phones = ("".join(filter(str.isdigit, one.phone)) for one in customer.contacts)
    address = customer.address
    street = plain_reference(" ".join(_said(address.lines)))
    return _Keys(
        customer,
        tuple(words),
        " ".join(words),
        " ".join(sorted(words)),
        frozenset(" ".join(sorted(company_words(alias))) for alias in _said(customer.aliases)),
        frozenset((one.scheme, plain_reference(one.value)) for one in identifiers),
        frozenset(filter(None, map(_company_number, identifiers))),
        frozenset(plain_reference(iban) for iban in _said(customer.ibans)),
        frozenset(folded(one.email) for one in customer.contacts if one.email),
        frozenset(one[-_PHONE_COMPARED:] for one in phones if len(one) >= _PHONE_MIN),
        f"{plain_reference(address.postal_code)} {street}" if street else "",
    )


def _company_number(identifier: Identifier) -> str:
    """The number of the company in an identifier of one of its establishments or of its taxes."""
    value = plain_reference(identifier.value)
    if identifier.scheme in {"fr.siren", "fr.siret"}:
        return f"FR{value[:_SIREN]}"
    if identifier.scheme == "fr.tva" or (identifier.scheme == "eu.vat" and value.startswith("FR")):
        return f"FR{value[-_SIREN:]}"
    if identifier.scheme == "eu.vat":
        return value
    country, _, kind = identifier.scheme.partition(".")
    is_tax = kind in {"vat", "btw", "nif", "iva", "mwst", "ust", "ust_id_nr"}
    return f"{country.upper()}{value.removeprefix(country.upper())}" if is_tax else ""


def _email_domain(email: str) -> str:
    return email.rpartition("@")[2] if "@" in email else ""


def _blocks(records: list[_Keys]) -> dict[tuple[str, str], list[int]]:
    """Records by what they share: whoever shares nothing is never compared."""
    blocks: dict[tuple[str, str], list[int]] = {}
    counts = Counter(word for record in records for word in set(record.words))
    for place, record in enumerate(records):
        for key in _block_keys(record, counts):
            blocks.setdefault(key, []).append(place)
    return blocks


def _block_keys(record: _Keys, counts: Mapping[str, int]) -> set[tuple[str, str]]:
    keys = {("name", record.name)} if record.name else set()
    keys |= {("name", alias) for alias in record.aliases if alias}
    keys |= {("identifier", f"{scheme} {value}") for scheme, value in record.identifiers}
    keys |= {("number", number) for number in record.numbers}
    keys |= {("iban", iban) for iban in record.ibans}
    keys |= {("email", email) for email in record.emails}
    keys |= {("phone", phone) for phone in record.phones}
    keys |= {("address", record.address)} if record.address else set()
    keys |= {("domain", _email_domain(email)) for email in record.emails}
    rare = sorted(set(record.words), key=lambda word: (counts[word], word))[:_RARE_WORDS]
    # The beginning of a rare word, so that a slip at its end still brings two names together.
    keys |= {("word", word[:_PREFIX]) for word in rare if len(word) >= _PREFIX}
    keys |= {("whole-word", word) for word in rare}
    return keys


def duplicates(
    customers: Iterable[Customer],
    *,
    policy: DuplicatePolicy = DuplicatePolicy(),  # a frozen value
) -> tuple[DuplicateCandidate, ...]:
    """Pairs of records that may be one customer, the likeliest first.

    Similar names are found where the extra ``matching`` is installed; without it, only equal and
    abbreviated ones are.
    """
    similarity = _similarity()
    with collecting_paused():
        records = [_keys(customer) for customer in customers]
        found = []
        for one, other in _pairs(records, policy, similarity):
            reasons = tuple(_signs(records[one], records[other], policy, similarity))
            score = min(100, sum(reason.weight for reason in reasons))
            if score >= policy.threshold and score > 0:
                found.append(_candidate(records[one], records[other], score, reasons))
    return tuple(sorted(found, key=lambda each: (-each.score, each.customers)))


def _candidate(
    one: _Keys, other: _Keys, score: int, reasons: tuple[DuplicateReason, ...]
) -> DuplicateCandidate:
    first, second = sorted([one.customer.customer, other.customer.customer])
    ordered = sorted(reasons, key=lambda reason: -abs(reason.weight))
    return DuplicateCandidate(customers=(first, second), score=score, reasons=ordered)


def _pairs(
    records: list[_Keys], policy: DuplicatePolicy, similarity: Callable[..., Any]
) -> set[tuple[int, int]]:
    """The pairs worth a look; those that share only a word must have similar names as well."""
    pairs: set[tuple[int, int]] = set()
    alike: dict[tuple[int, int], bool] = {}
    for (kind, _), places in _blocks(records).items():
        if not 1 < len(places) <= policy.block_max:
            continue
        for pair in combinations(places, 2):
            if pair in pairs:
                continue
            if kind in {"word", "whole-word"}:
                if pair not in alike:
                    one, other = records[pair[0]], records[pair[1]]
                    alike[pair] = _is_similar(one, other, policy, similarity)
                if not alike[pair]:
                    continue
            pairs.add(pair)
    return pairs


def _is_similar(
    one: _Keys, other: _Keys, policy: DuplicatePolicy, similarity: Callable[..., Any]
) -> bool:
    if similarity(one.spelled, other.spelled) >= policy.similar_min:
        return True
    return abbreviates(one.words, other.words) or abbreviates(other.words, one.words)


def _signs(
    one: _Keys, other: _Keys, policy: DuplicatePolicy, similarity: Callable[..., Any]
) -> Iterator[DuplicateReason]:
    for sign, detail in (
        *_name_signs(one, other, policy, similarity),
        *_number_signs(one, other),
        *_reach_signs(one, other),
    ):
        yield DuplicateReason(sign=sign, weight=policy.weights[sign], detail=detail)


def _name_signs(
    one: _Keys, other: _Keys, policy: DuplicatePolicy, similarity: Callable[..., Any]
) -> Iterator[tuple[DuplicateSign, str]]:
    both = f"{one.customer.name} / {other.customer.name}"
    if one.name and one.name == other.name:
        yield DuplicateSign.NAME_EQUAL, both
    elif shared := ({one.name} | one.aliases) & ({other.name} | other.aliases) - {""}:
        yield DuplicateSign.ALIAS_EQUAL, min(shared)
    elif one.name and other.name and _is_similar(one, other, policy, similarity):
        yield DuplicateSign.NAME_SIMILAR, both
    countries = {one.customer.country, other.customer.country} - {""}
    if len(countries) > 1:
        yield DuplicateSign.COUNTRY_DIFFERS, " / ".join(sorted(countries))


def _number_signs(one: _Keys, other: _Keys) -> Iterator[tuple[DuplicateSign, str]]:
    if shared := one.identifiers & other.identifiers:
        yield DuplicateSign.IDENTIFIER_EQUAL, " ".join(min(shared))
    elif numbers := one.numbers & other.numbers:
        yield DuplicateSign.COMPANY_NUMBER_EQUAL, min(numbers)
    elif schemes := dict(one.identifiers).keys() & dict(other.identifiers).keys():
        yield DuplicateSign.IDENTIFIER_DIFFERS, min(schemes)
    if ibans := one.ibans & other.ibans:
        yield DuplicateSign.IBAN_EQUAL, min(ibans)


def _reach_signs(one: _Keys, other: _Keys) -> Iterator[tuple[DuplicateSign, str]]:
    if one.address and one.address == other.address:
        yield DuplicateSign.ADDRESS_EQUAL, one.address
    if emails := one.emails & other.emails:
        yield DuplicateSign.EMAIL_EQUAL, min(emails)
    elif domains := set(map(_email_domain, one.emails)) & set(map(_email_domain, other.emails)):
        domain = min(domains)
        if domain and domain not in _FREE_HOSTS:
            yield DuplicateSign.EMAIL_DOMAIN_EQUAL, domain
    if phones := one.phones & other.phones:
        yield DuplicateSign.PHONE_EQUAL, min(phones)


_FREE_HOSTS: Final = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.fr", "live.com"),
        *("yahoo.com", "yahoo.fr", "yahoo.es", "icloud.com", "me.com", "aol.com", "gmx.com"),
        *(
            "orange.fr",
            "wanadoo.fr",
            "free.fr",
            "sfr.fr",
            "laposte.net",
            "videotron.ca",
            "bell.net",
        ),
        *(
            "telefonica.net",
            "proton.me",
            "protonmail.com",
            "hotmail.es",
            "outlook.fr",
            "outlook.es",
        ),
    ]
)
"""Hosts where anybody may have an address."""


def _similarity() -> Callable[[str, str], Any]:
    """The token ratio of rapidfuzz, or none where the extra ``matching`` is not installed."""
    try:
        fuzz: Any = importlib.import_module("rapidfuzz.fuzz")
    except ImportError:
        return _no_similarity
    ratio: Callable[[str, str], Any] = fuzz.token_sort_ratio
    return ratio


def _no_similarity(one: str, other: str) -> int:
    return 100 * (one == other)


@attrs.frozen(kw_only=True)
class MergeConflict:
    """A field in which two records say different things: what stays, and what is not taken over."""

    field: str
    kept: Any
    dropped: Any


@attrs.frozen(kw_only=True)
class MergeProposal:
    """What a merge of two records would change; nothing is merged by it.

    `changes` are those of the record that stays, ready for a proposal.  The documents, receipts and
    cases of the other stay where they were recorded: an account is never rewritten.
    """

    keep: CustomerId
    drop: CustomerId
    merged: Customer
    changes: tuple[FieldChange, ...]
    conflicts: tuple[MergeConflict, ...]


_UNITED: Final = ("contacts", "identifiers", "ibans", "owners")
_CHOSEN: Final = ("country", "address", "payer_group", "terms", "segment", "time_zone")


def merge_proposal(keep: Customer, drop: Customer) -> MergeProposal:
    """What merging a record into another would change: what it lacks is taken over, lists are united.

    Where both say something else, what stays is said by the record that stays, and the rest is told.
    The name of the other becomes an alias.  Raises `DocumentError` for a record and itself.

    >>> one = Customer(customer="C-1", name="Roy SARL", terms="net 30")
    >>> two = Customer(customer="C-2", name="Roy", terms="net 60", ibans=["FR76"])
    >>> merge = merge_proposal(one, two)
    >>> [change.field for change in merge.changes], [one.field for one in merge.conflicts]
    (['aliases', 'ibans'], ['terms'])
    """
    if keep.customer == drop.customer:
        msg = f"two records must be merged, got {keep.customer!r} twice"
        raise DocumentError(msg)
    names = [drop.name, *drop.aliases]
    taken: dict[str, Any] = {
        "aliases": _union(keep.aliases, [name for name in names if name and name != keep.name]),
        **{name: _union(getattr(keep, name), getattr(drop, name)) for name in _UNITED},
    }
    conflicts = []
    for name in _CHOSEN:
        ours, theirs = getattr(keep, name), getattr(drop, name)
        empty = attrs.fields_dict(Customer)[name].default
        if ours == empty:
            taken[name] = theirs
        elif theirs not in (empty, ours):
            conflicts.append(MergeConflict(field=name, kept=ours, dropped=theirs))
    for name in ("locale", "is_consumer"):
        if getattr(keep, name) != getattr(drop, name):
            pair = (getattr(keep, name), getattr(drop, name))
            conflicts.append(MergeConflict(field=name, kept=pair[0], dropped=pair[1]))
    changes = tuple(
        FieldChange(field=name, before=getattr(keep, name), after=taken[name])
        for name in sorted(taken)
        if taken[name] != getattr(keep, name)
    )
    return MergeProposal(
        keep=keep.customer,
        drop=drop.customer,
        merged=attrs.evolve(keep, **{change.field: change.after for change in changes}),
        changes=changes,
        conflicts=tuple(conflicts),
    )


def _union(ours: Iterable[Any], theirs: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))
