"""Customers with names that can be taken for each other, and who pays for whom.

Surnames are put together from syllables, bank codes begin with 9999, so that nobody real is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import isqrt
from typing import Final

import attrs

from receivables.parties import Customer, CustomerId, PayerGroup
from receivables.testing._cash_noise import CashNoise, CashShape, happens
from receivables.testing._dice import Dice, Quantiles, Weights
from receivables.testing._digits import french_account, iban, spanish_account
from receivables.testing._market import plain

__all__ = ["PayerUnit", "Payers", "bank_name", "build_payers", "customer_sizes"]

_HEADS: Final = (
    *("Bri", "Car", "Dol", "Flan", "Gué", "Hal", "Jau", "Ker", "Lan", "Mor"),
    *("Nor", "Par", "Quin", "Roc", "Sol", "Tré", "Val", "Yv", "Zan", "Ber"),
)
_MIDDLES: Final = ("", "va", "mi", "do", "le", "ra", "ne", "sto", "ga", "li", "be", "ti")
_ENDS: Final = (
    *("ault", "nel", "gnac", "son", "rand", "let"),
    *("vane", "court", "ville", "mer", "tin", "rdy"),
)
_TOWNS: Final = (
    *("Nantes", "Rennes", "Angers", "Lyon", "Lille", "Bordeaux", "Toulouse", "Dijon", "Quimper"),
    *("Brest", "Caen", "Rouen", "Amiens", "Reims", "Metz", "Nancy", "Tours", "Poitiers", "Limoges"),
)
_NAME_MAX: Final = 35
_NEVER_GROUPED: Final = 4
"""The largest customers pay for themselves."""
_ROOTS: Final = 8
_FINE_BITS: Final = 32
_WEIGHT_BITS: Final = 60
_WHOLE: Final = 10_000
_FIRST: Final = 10
_LINE: Final = 64
_SAMPLE: Final = 8


@attrs.frozen(kw_only=True)
class _Country:
    code: str
    locale: str
    language: str
    kinds: tuple[str, ...]
    tails: tuple[str, ...]
    forms: tuple[str, ...]


_COUNTRIES: Final = Weights(
    (
        60,
        _Country(
            code="FR",
            locale="fr-FR",
            language="fr",
            kinds=(
                *("Transports", "Menuiserie", "Imprimerie", "Boulangerie", "Garage", "Clinique"),
                *("Librairie", "Laboratoires", "Ateliers", "Établissements", "Société", ""),
            ),
            tails=("", "", "et Fils", "Distribution", "Industrie", "Services", "et Associés"),
            forms=("SARL", "SAS", "SA", "SASU", ""),
        ),
    ),
    (
        15,
        _Country(
            code="ES",
            locale="es-ES",
            language="es",
            kinds=("Talleres", "Transportes", "Muebles", "Hotel", "Suministros", ""),
            tails=("", "e Hijos", "Distribución", "Servicios", "Ibérica"),
            forms=("S.L.", "S.A.", "S.L.U."),
        ),
    ),
    (
        25,
        _Country(
            code="DE",
            locale="en",
            language="en",
            kinds=("Hotel", "Möbelhaus", "Spedition", "Maschinenbau", "Kontor", "Gebrüder", ""),
            tails=("", "Trading", "Logistics", "International", "& Partner", "Components"),
            forms=("GmbH", "GmbH & Co. KG", "AG", "Ltd", "BV"),
        ),
    ),
)


@attrs.frozen(kw_only=True)
class PayerUnit:
    """Who pays for one customer, or for the members of a group, and when it does."""

    payer: int
    """The payer's place among the customers."""
    members: tuple[int, ...]
    sizes: tuple[int, ...]
    """How many items of each member are open."""
    language: str
    currency: str
    lateness: int
    """Its median of days past due."""
    terms: int
    weekday: int
    orders: int
    """In which way it numbers its orders."""

    @property
    def size(self) -> int:
        """How many items it may have to pay."""
        return sum(self.sizes)


@attrs.frozen(kw_only=True)
class Payers:
    """The customers, their groups, and who pays."""

    customers: tuple[Customer, ...]
    groups: tuple[PayerGroup, ...]
    units: tuple[PayerUnit, ...]


def customer_sizes(shape: CashShape, *, items: int, customers: int | None = None) -> list[int]:
    """How many items each customer has, the largest first; each has one at least.

    There are as many customers as give the share of those with one item, unless their number is
    given.

    >>> customer_sizes(CashShape(), customers=5, items=20)
    [9, 4, 3, 2, 2]
    """
    weights = _weights(customers or max(2, items // 4), shape.zipf_256ths)
    count = customers or _count(weights, shape, items)
    first, rest = weights[:_FIRST], weights[_FIRST:count]
    if rest:
        total = sum(first) + sum(rest)
        among = shape.ten_largest - shape.largest
        first = [
            shape.largest * total // _WHOLE,
            *_scaled(first[1:], among * total // _WHOLE),
        ]
        rest = _scaled(rest, (_WHOLE - shape.ten_largest) * total // _WHOLE)
    weights = [*first[:count], *rest]
    total = sum(weights)
    sizes = [max(1, (2 * weight * items + total) // (2 * total)) for weight in weights]
    return _made_up(sizes, items)


def _count(weights: Sequence[int], shape: CashShape, items: int) -> int:
    """The fewest customers of whom the wanted share have one item.

    That is a weight of less than one and a half; the larger ones are counted by a sample.
    """
    sums = list(accumulate(weights, initial=0))
    first = sum(weights[:_FIRST])
    left = items * (_WHOLE - shape.ten_largest) // _WHOLE

    def has_too_few(count: int) -> bool:
        half = 3 * (sums[count] - first) // (2 * left)
        with_more = sum(1 for weight in weights[:count:_SAMPLE] if weight >= half) * _SAMPLE
        return (count - with_more) * _WHOLE < shape.one_item * count

    low, high = 2 * _FIRST, len(weights)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if has_too_few(middle) else (low, middle)
    return min(low, len(weights))


def _scaled(weights: Sequence[int], total: int) -> list[int]:
    now = sum(weights)
    return [weight * total // now for weight in weights]


def _made_up(sizes: list[int], items: int) -> list[int]:
    """Make the sizes add up, at the expense of the largest that can bear it."""
    missing = items - sum(sizes)
    for place, size in enumerate(sizes):
        change = max(missing, 1 - size)
        sizes[place] += change
        missing -= change
        if not missing:
            break
    return sizes


def _weights(count: int, power_256ths: int) -> list[int]:
    """The weights of ranks from 1 on: exact for some, on a line between them for the others."""
    weights: list[int] = []
    rank, weight = 1, _zipf(1, power_256ths)
    while len(weights) < count:
        step = 1 + rank // _LINE
        after = _zipf(rank + step, power_256ths)
        weights += [weight - (weight - after) * place // step for place in range(step)]
        rank, weight = rank + step, after
    return weights[:count]


def _zipf(rank: int, power_256ths: int) -> int:
    """2**60, divided by a rank to a power, in integers: a float may differ between machines.

    Eight square roots are the 256th root, with 32 bits behind the point.
    """
    root = rank << (_FINE_BITS << _ROOTS)
    for _ in range(_ROOTS):
        root = isqrt(root)
    whole, part = divmod(power_256ths, 1 << _ROOTS)
    divisor: int = rank**whole * root**part
    return (1 << (_WEIGHT_BITS + _FINE_BITS * part)) // divisor


def build_payers(
    seed: int, *, items: int, customers: int | None, shape: CashShape, noise: CashNoise
) -> Payers:
    """Invent customers, the largest first, and group some of them under head offices."""
    sizes = customer_sizes(shape, customers=customers, items=items)
    count = len(sizes)
    groups = _draw_groups(Dice(seed, "groups"), count, shape)
    names = _Names(Dice(seed, "names"), noise)
    dice = Dice(seed, "customers")
    heads = {member: group for group in groups for member in group}
    made: list[Customer] = []
    languages: list[str] = []
    for index in range(count):
        group = heads.get(index, ())
        country = _COUNTRIES.draw(dice)
        name = names.draw(country, like=made[group[0]].name if index in group[1:] else "")
        made.append(_customer(country, name, index=index, group=group, items=sizes[index]))
        languages.append(country.language)
    units = _units(Dice(seed, "units"), groups, sizes, languages, shape)
    return Payers(
        customers=tuple(made),
        groups=tuple(_payer_group(group, made) for group in groups),
        units=tuple(units),
    )


def _draw_groups(dice: Dice, count: int, shape: CashShape) -> list[tuple[int, ...]]:
    """The members of each group, the head office first; no customer is in two."""
    wanted = count * shape.branches // _WHOLE
    sizes = Weights(*shape.group_sizes)
    free = list(range(_NEVER_GROUPED, count))
    groups: list[tuple[int, ...]] = []
    while wanted > 1:
        size = min(dice.between(*sizes.draw(dice)), max(2, wanted), len(free))
        members = []
        for _ in range(size):
            place = dice.below(len(free))
            free[place], free[-1] = free[-1], free[place]
            members.append(free.pop())
        groups.append(tuple(sorted(members)))
        wanted -= size
    return groups


def _payer_group(group: Sequence[int], customers: Sequence[Customer]) -> PayerGroup:
    head = customers[group[0]]
    return PayerGroup(
        name=head.payer_group,
        payer=head.customer,
        members=tuple(customers[member].customer for member in group),
    )


class _Names:
    """Names that were given, so that the next one can be nearly the same as one of them."""

    def __init__(self, dice: Dice, noise: CashNoise) -> None:
        self._dice = dice
        self._noise = noise
        self._given: set[str] = set()
        self._surnames: list[str] = []

    def draw(self, country: _Country, *, like: str = "") -> str:
        """A name that nobody has yet; a branch is called like its head office, and its town."""
        dice = self._dice
        if like:
            return self._unique(f"{like} {dice.pick(_TOWNS)}")
        if self._surnames and happens(dice, self._noise.confusable):
            surname = dice.pick(self._surnames)
        else:
            surname = f"{dice.pick(_HEADS)}{dice.pick(_MIDDLES)}{dice.pick(_ENDS)}"
        self._surnames.append(surname)
        parts = (dice.pick(country.kinds), surname, dice.pick(country.tails))
        return self._unique(" ".join(filter(None, (*parts, dice.pick(country.forms)))))

    def _unique(self, name: str) -> str:
        number = 2
        unique = name
        while unique in self._given:
            town = self._dice.pick(_TOWNS)
            unique = f"{name} {town}" if number == 2 else f"{name} {town} {number}"  # noqa: PLR2004  # the second of a name
            number += 1
        self._given.add(unique)
        return unique


def _customer(
    country: _Country, name: str, *, index: int, group: Sequence[int], items: int
) -> Customer:
    pays = not group or group[0] == index
    return Customer(
        customer=CustomerId(f"C-{index + 1:05d}"),
        name=name,
        locale=country.locale,
        country=country.code,
        ibans=(_account(country.code, index),) if pays and items else (),
        payer_group=f"G-{group[0] + 1:05d}" if group else "",
    )


def _account(country: str, index: int) -> str:
    number = 500_000 + 37 * index
    if country == "ES":
        return iban("ES", spanish_account(bank="9999", branch="0001", account=f"{number:010d}"))
    if country == "DE":
        return iban("DE", f"99999999{number:010d}")
    return iban("FR", french_account(bank="99999", branch="00001", account=f"{number:011d}"))


def _units(
    dice: Dice,
    groups: Sequence[tuple[int, ...]],
    sizes: Sequence[int],
    languages: Sequence[str],
    shape: CashShape,
) -> list[PayerUnit]:
    of_head = {group[0]: group for group in groups}
    branches = {member for group in groups for member in group[1:]}
    draw = _Habits(dice, shape)
    return [
        draw.unit(
            index,
            members=of_head.get(index, (index,)),
            sizes=sizes,
            language=languages[index],
        )
        for index in range(len(sizes))
        if index not in branches
    ]


class _Habits:
    """Draws what is a payer's own: currency, terms, days."""

    def __init__(self, dice: Dice, shape: CashShape) -> None:
        self._dice = dice
        self._shape = shape
        self._lateness = Quantiles(*shape.lateness)
        self._terms = Weights(*shape.terms)
        self._weekdays = Weights(*zip(shape.weekdays, range(7), strict=True))
        self._currencies = Weights(*shape.currencies)
        # The largest customer pays in the creditor's currency, so the others make up for it.
        self._foreign = shape.foreign * _WHOLE // (_WHOLE - shape.largest)
        self._items = self._foreign_items = 0

    def unit(
        self, index: int, *, members: tuple[int, ...], sizes: Sequence[int], language: str
    ) -> PayerUnit:
        dice = self._dice
        is_slow = happens(dice, self._shape.slow)
        is_foreign = index > 0 and self._is_foreign(sum(sizes[member] for member in members))
        return PayerUnit(
            payer=index,
            members=members,
            sizes=tuple(sizes[member] for member in members),
            language=language,
            currency=self._currencies.draw(dice) if is_foreign else "EUR",
            lateness=self._lateness.draw(dice) + (self._shape.slow_days if is_slow else 0),
            terms=self._terms.draw(dice),
            weekday=self._weekdays.draw(dice),
            orders=dice.below(4),
        )

    def _is_foreign(self, size: int) -> bool:
        """By chance, and rather so where too few items are foreign yet."""
        lacks = self._foreign_items * _WHOLE < self._items * self._foreign
        is_foreign = happens(self._dice, self._foreign * 2 if lacks else self._foreign // 2)
        self._items += size
        self._foreign_items += size if is_foreign else 0
        return is_foreign


def bank_name(customer: Customer) -> str:
    """A customer's name as a bank prints it: capitals without accents, 35 characters.

    >>> bank_name(Customer(customer="C-1", name="Établissements Guévault"))
    'ETABLISSEMENTS GUEVAULT'
    """
    return plain(customer.name)[:_NAME_MAX].rstrip()
