"""Every way in which one receipt could pay open items, with the evidence for each.

A claim is a set of items and amounts.  Claims come from what the receipt names, and from what the
payer owes; the same set found twice is one claim with the stronger evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

import attrs

from receivables.allocation.model import Residual, ResidualKind
from receivables.documents.model import ItemId
from receivables.matching._index import Index, Scope
from receivables.matching._mentions import Mentions, Named
from receivables.matching.facts import Facts
from receivables.matching.model import Evidence, EvidenceKind, MatchingPolicy
from receivables.matching.searching import SearchOutcome, subsets_adding_up
from receivables.money import to_minor
from receivables.parties import CustomerId

__all__ = ["Case", "Claim"]

_K: Final = EvidenceKind
_TOLD: Final = {_K.STRUCTURED_REFERENCE, _K.REFERRED_DOCUMENT, _K.DOCUMENT_IN_TEXT}
_EXACT: Final = {_K.AMOUNT_EXACT, _K.AMOUNT_STATED}
_LIVE_MAX: Final = 600
"""Items of a payer that are looked through for runs; the oldest of them, where it owes more."""
_CREDITS_MAX: Final = 12
_OPTIONS_MAX: Final = 24
_RUNS_MAX: Final = 60
_WHOLE_BPS: Final = 10_000
_SMALL_SETS_MAX: Final = 40
"""Items among which every pair is looked at."""
_TRIPLES_MAX: Final = 24
"""The same for triples."""
_TRIPLE: Final = 3
_ANSWERS_MAX: Final = 3
"""Subsets that are kept; more only say that chance found them."""


@attrs.define
class Claim:
    """Items with the amounts that a receipt would pay of them, and why it should be so."""

    parts: tuple[tuple[int, int], ...]
    evidence: list[Evidence]
    choices: int = 1
    """Among how many candidates of its kind chance could have found it."""
    residuals: tuple[Residual, ...] = ()
    fitted_minor: int = 0
    """The amount that had to fit to the cent: all of it, or what the named items leave."""
    score: int = 0
    closes: tuple[tuple[int, int], ...] = ()
    """What it takes of each item, where residuals take a part of it beside the money."""
    may_pay_more: bool = False
    """Whether what it leaves of the amount is enough for another item of the payer."""
    short_of: tuple[int, ...] = ()
    """The places of all items that are named, where the amount is less than they are."""

    @property
    def takes(self) -> tuple[tuple[int, int], ...]:
        """What is gone of each item once it is applied: the money, and what residuals close."""
        return self.closes or self.parts

    @property
    def places(self) -> frozenset[int]:
        """The places of its items."""
        return frozenset(place for place, _ in self.parts)


@attrs.define
class Case:
    """One receipt before the items of one scope."""

    index: Index
    scope: Scope
    policy: MatchingPolicy
    facts: Facts
    amount: int
    day: dt.date
    text: str
    named: Named
    mentions: Mentions
    customers: frozenset[CustomerId]
    is_foreign: bool = False
    claims: dict[tuple[tuple[int, int], ...], Claim] = attrs.field(factory=dict)
    tried: list[Evidence] = attrs.field(factory=list)

    def collect(self) -> list[Claim]:
        """Every claim there is."""
        live = self.scope.live(self.day, most=_LIVE_MAX)
        self._by_name(live)
        if EvidenceKind.AMOUNT_UNIQUE not in self.policy.without and not self._is_told():
            self._by_amount(live)
        return list(self.claims.values())

    def _is_told(self) -> bool:
        """Whether the payer names, as we print them, items that are the amount to the cent.

        What else could make up the amount is then not asked: it would be chance.
        """
        return not self.named.options and any(
            not _TOLD.isdisjoint(one.kind for one in claim.evidence)
            and not _EXACT.isdisjoint(one.kind for one in claim.evidence)
            and len(claim.parts) == len(self.named.sure)
            for claim in self.claims.values()
        )

    # What is named

    def _by_name(self, live: Sequence[int]) -> None:
        named = self.named
        sure = [place for place in named.sure if self._is_live(place)]
        if not sure and not named.options:
            return
        if self.mentions.stated and self._stated(sure):
            return
        opens = self.index.open_minor
        base = sum(opens[place] for place in sure)
        if sure:
            self._explain(sure, [], live)
        self._with_options(sure, base, live)
        if len(sure) > 1 and base > self.amount:
            self._some_of(sure)

    def _stated(self, sure: Sequence[int]) -> bool:
        """The payer says how much it pays for each document."""
        stated = self.mentions.stated
        if set(stated) != set(sure):
            return False
        signed = {
            place: minor if self.index.open_minor[place] > 0 else -minor
            for place, minor in stated.items()
        }
        fits = all(
            0
            < signed[place] * _sign(self.index.open_minor[place])
            <= abs(self.index.open_minor[place])
            for place in signed
        )
        if not fits or sum(signed.values()) != self.amount:
            return False
        evidence = [*self._names(sure), Evidence(_K.AMOUNT_STATED, str(len(signed)))]
        self._add(Claim(tuple(sorted(signed.items())), evidence, fitted_minor=self.amount))
        return True

    def _with_options(self, sure: list[int], base: int, live: Sequence[int]) -> None:
        """Figures that may be one of several items: those that make up the amount are meant."""
        options = [
            (evidence, [place for place in places if place not in sure and self._is_live(place)])
            for evidence, places in self.named.options
        ]
        options = [(evidence, places) for evidence, places in options if places]
        if not options:
            return
        if len(options) == 1:
            only, places = options[0]
            for place in places[:_OPTIONS_MAX]:
                self._explain([*sure, place], [only], live, choices=len(places), is_option=True)
            return
        pool = list(dict.fromkeys(place for _, places in options for place in places))
        rest = self.amount - base
        if rest == 0 or len(pool) > _OPTIONS_MAX * 2:
            return
        found = subsets_adding_up(
            [self.index.open_minor[place] for place in pool],
            rest,
            budget=self.policy.search_budget,
            most=8,
        )
        for subset in found.subsets:
            chosen = [pool[at] for at in subset]
            used = [one for one, places in options if not set(places).isdisjoint(chosen)]
            if len(used) < len(chosen):
                continue
            evidence = [*self._names(sure), *used, *self._left_out(options, chosen)]
            self._whole([*sure, *chosen], [*evidence, Evidence(_K.AMOUNT_EXACT, str(len(chosen)))])
        if len(options) * len(pool) <= _OPTIONS_MAX and all(len(each) == 1 for _, each in options):
            self._explain([*sure, *pool], [one for one, _ in options], live, is_option=True)

    def _left_out(
        self, options: Iterable[tuple[Evidence, list[int]]], chosen: Iterable[int]
    ) -> Iterator[Evidence]:
        left = [one.detail for one, places in options if set(places).isdisjoint(chosen)]
        if left:
            yield Evidence(_K.NUMBERS_UNREAD, ", ".join(left))

    def _explain(
        self,
        places: list[int],
        more: list[Evidence],
        live: Sequence[int],
        *,
        choices: int = 1,
        is_option: bool = False,
    ) -> None:
        """How the amount goes with the items that are named: exactly, less something, or more."""
        opens = self.index.open_minor
        diff = sum(opens[place] for place in places) - self.amount
        evidence = [*self._names(places), *more]
        if diff == 0:
            self._whole(places, [*evidence, Evidence(_K.AMOUNT_EXACT, str(len(places)))], choices)
        elif diff > 0:
            self._fallen_short(places, diff, evidence, choices, live)
        elif not is_option or choices == 1:
            self._beyond(places, -diff, evidence, live)

    def _fallen_short(
        self,
        places: list[int],
        diff: int,
        evidence: list[Evidence],
        choices: int,
        live: Sequence[int],
    ) -> None:
        named_credits = self._credits(places, diff, live)
        for credit in named_credits:
            detail = ", ".join(self.index.items[place].document for place in credit)
            self._whole(
                [*places, *credit],
                [*evidence, Evidence(_K.AMOUNT_LESS_CREDIT, detail)],
                choices * len(named_credits),
                fitted_minor=diff,
            )
        for why, residuals in self._shortages(places, diff):
            self._less(places, residuals, [*evidence, why], choices)
        debits = [place for place in places if self.index.open_minor[place] > 0]
        one = len({self.index.items[place].document for place in debits}) == 1
        kind = _K.AMOUNT_PARTIAL if one else _K.AMOUNT_SHORT
        evidence = [*evidence, Evidence(kind), *self._not_understood(more_than=len(places))]
        claim = Claim(self._oldest_first(places), evidence, choices)
        claim.short_of = tuple(places)
        self._add(claim)

    def _beyond(
        self, places: list[int], rest: int, evidence: list[Evidence], live: Sequence[int]
    ) -> None:
        """The amount is more than what is named: other items, or an overpayment."""
        own = set(places)
        others = [place for place in live if place not in own]
        for chosen, kind, choices in self._sets(others, rest):
            unnamed = [Evidence(_K.OTHERS_UNNAMED, str(len(chosen))), kind]
            unnamed += self._equals(chosen, others)
            self._whole([*places, *chosen], [*evidence, *unnamed], choices, fitted_minor=rest)
        if sum(self.index.open_minor[place] for place in places) > 0:
            over = [Evidence(_K.AMOUNT_OVER), *self._not_understood(more_than=len(places))]
            parts = tuple(sorted((place, self.index.open_minor[place]) for place in places))
            claim = Claim(parts, [*evidence, *over], fitted_minor=self.amount)
            claim.may_pay_more = any(0 < self.index.open_minor[place] <= rest for place in others)
            self._add(claim)

    def _not_understood(self, *, more_than: int) -> list[Evidence]:
        """Numbers of the text that nothing was made of, so that something else may be paid as well."""
        used = len(self.named.sure)
        open_options = len(self.named.options) - max(more_than - used, 0)
        unread = self.named.listed + max(open_options, 0)
        return [Evidence(_K.NUMBERS_UNREAD, str(unread))] if unread else []

    def _some_of(self, sure: Sequence[int]) -> None:
        """Some of what is named makes up the amount: an installment, or a number read wrongly."""
        amounts = [self.index.open_minor[place] for place in sure]
        found = subsets_adding_up(amounts, self.amount, budget=self.policy.search_budget, most=3)
        for subset in found.subsets:
            chosen = [sure[at] for at in subset]
            documents = {self.index.items[place].document for place in chosen}
            left = {self.index.items[place].document for place in sure} - documents
            evidence = [*self._names(chosen), Evidence(_K.AMOUNT_EXACT, str(len(chosen)))]
            if left:
                evidence.append(Evidence(_K.OTHERS_NAMED, ", ".join(sorted(left))))
            self._whole(chosen, evidence, len(found.subsets))

    # What the payer owes

    def _by_amount(self, live: Sequence[int]) -> None:
        sure = [place for place in self.named.sure if self._is_live(place)]
        against = self._against(sure)
        equal = self.scope.with_amount(self.amount, self.day)
        kind = _K.AMOUNT_UNIQUE if len(equal) == 1 else _K.AMOUNT_REPEATED
        for rank, place in enumerate(equal[:_CREDITS_MAX]):
            evidence = [*against, Evidence(kind, str(len(equal)))]
            if len(equal) > 1 and rank == 0:
                evidence.append(Evidence(_K.OLDEST_FIRST))
            self._whole([place], evidence, len(equal))
        for chosen, why, choices in self._sets(live, self.amount, singles=False):
            evidence = [*against, why, *self._equals(chosen, live)]
            self._whole(list(chosen), evidence, choices)
        if len(equal) == 0:
            self._discounted_or_charged(live, against)

    def _against(self, sure: Sequence[int]) -> list[Evidence]:
        """What speaks against a claim that does not pay what is named."""
        numbers = sorted({self.index.items[place].document for place in sure})
        found = [Evidence(_K.OTHERS_NAMED, ", ".join(numbers))] if numbers else []
        if self.mentions.settled:
            found.append(Evidence(_K.ALREADY_SETTLED, ", ".join(self.mentions.settled)))
        unread = self.named.unread + len(self.named.options)
        return [*found, Evidence(_K.NUMBERS_UNREAD, str(unread))] if unread else found

    def _sets(
        self, live: Sequence[int], amount: int, *, singles: bool = True
    ) -> Iterator[tuple[tuple[int, ...], Evidence, int]]:
        """Sets of items that make up an amount: one, all, all due up to a day, a run, or any."""
        opens = self.index.open_minor
        if singles:
            equal = [place for place in live if opens[place] == amount]
            kind = _K.AMOUNT_UNIQUE if len(equal) == 1 else _K.AMOUNT_REPEATED
            for place in equal[:4]:
                yield (place,), Evidence(kind, str(len(equal))), len(live)
        seen: set[frozenset[int]] = set()
        for chosen, kind in self._runs(live, amount):
            if len(chosen) > 1 and frozenset(chosen) not in seen:
                seen.add(frozenset(chosen))
                yield chosen, Evidence(kind, str(len(chosen))), len(live)
        yield from self._subsets(live, amount, seen)

    def _equals(self, chosen: Iterable[int], live: Sequence[int]) -> list[Evidence]:
        """Whether an item that was chosen by its amount has an equal that was not."""
        opens = self.index.open_minor
        own = set(chosen)
        amounts = {opens[place] for place in own}
        rivals = [place for place in live if place not in own and opens[place] in amounts]
        if not rivals:
            return []
        return [Evidence(_K.EQUAL_ELSEWHERE, self.index.items[rivals[0]].document)]

    def _runs(
        self, live: Sequence[int], amount: int
    ) -> Iterator[tuple[tuple[int, ...], EvidenceKind]]:
        """Items that follow one another by due date; debits alone, and with all credits."""
        opens = self.index.open_minor
        debits = [place for place in live if opens[place] > 0]
        for pool in (list(live), debits) if len(debits) != len(live) else (debits,):
            total = 0
            for count, place in enumerate(pool, start=1):
                total += opens[place]
                is_last = count == len(pool)
                if total == amount and (
                    is_last or self.index.due(pool[count]) > self.index.due(place)
                ):
                    yield tuple(pool[:count]), _K.AMOUNT_OF_ALL if is_last else _K.AMOUNT_OF_ALL_DUE
        pool = debits[:_RUNS_MAX]
        for start in range(len(pool)):
            total = 0
            for end in range(start, len(pool)):
                total += opens[pool[end]]
                if total >= amount:
                    if total == amount:
                        yield tuple(pool[start : end + 1]), _K.AMOUNT_OF_RUN
                    break

    def _subsets(
        self, live: Sequence[int], amount: int, seen: set[frozenset[int]]
    ) -> Iterator[tuple[tuple[int, ...], Evidence, int]]:
        """Any two or three items, and any subset of the first due."""
        pool = list(live[:_SMALL_SETS_MAX])
        found = [(subset, _ways(len(pool), len(subset))) for subset in self._small(pool, amount)]
        few = list(live[: self.policy.search_items])
        if len(few) > _TRIPLE:
            search = subsets_adding_up(
                [self.index.open_minor[place] for place in few],
                amount,
                budget=self.policy.search_budget,
                most=_ANSWERS_MAX,
            )
            if search.outcome is SearchOutcome.GAVE_UP:
                self.tried.append(Evidence(_K.AMOUNT_SEARCH_ENDED, str(search.steps)))
            for subset in search.subsets:
                places = tuple(sorted(few[at] for at in subset))
                found.append((places, 2 ** len(few)))
        answers = {frozenset(places): (places, ways) for places, ways in reversed(found)}
        several = len(answers) > 1
        kind = _K.AMOUNT_OF_SEVERAL_SUBSETS if several else _K.AMOUNT_OF_SOME
        for key, (places, ways) in answers.items():
            if len(places) > 1 and key not in seen:
                yield places, Evidence(kind, str(len(places))), ways

    def _small(self, pool: Sequence[int], amount: int) -> Iterator[tuple[int, ...]]:
        """Every pair and every triple that makes up an amount, up to a few."""
        opens = [self.index.open_minor[place] for place in pool]
        where: dict[int, int] = {}
        count = 0
        for third, place in enumerate(pool):
            rest = amount - opens[third]
            if rest in where:
                yield tuple(sorted((pool[where[rest]], place)))
                count += 1
            for second in range(third if third < _TRIPLES_MAX else 0):
                first = where.get(rest - opens[second], third)
                if first < second:
                    yield tuple(sorted((pool[first], pool[second], place)))
                    count += 1
            if count >= _ANSWERS_MAX:
                return
            where.setdefault(opens[third], third)

    def _discounted_or_charged(self, live: Sequence[int], against: list[Evidence]) -> None:
        """One item less its discount, or less what the policy or a fact lets a payer keep."""
        keeps = self.policy.shortages or self.policy.tolerance_minor or len(self.facts)
        for place in live:
            diff = self.index.open_minor[place] - self.amount
            if diff > 0 and (keeps or self.index.items[place].discounts):
                for why, residuals in self._shortages([place], diff):
                    if why.kind is not _K.AMOUNT_LESS_CHARGE:
                        self._less([place], residuals, [*against, why], len(live))

    # Differences

    def _credits(self, places: list[int], diff: int, live: Sequence[int]) -> list[tuple[int, ...]]:
        """Credits of the payer that are what the amount falls short by: one, or several together."""
        opens = self.index.open_minor
        own = set(places)
        pool = [place for place in live if opens[place] < 0 and place not in own][:_CREDITS_MAX]
        if not pool:
            return []
        found = subsets_adding_up(
            [-opens[place] for place in pool], diff, budget=self.policy.search_budget, most=3
        )
        return [tuple(pool[at] for at in subset) for subset in found.subsets]

    def _shortages(
        self, places: Sequence[int], diff: int
    ) -> Iterator[tuple[Evidence, tuple[Residual, ...]]]:
        """What a shortfall is: a discount, a deduction by rule, a bank's charge, or tolerated."""
        if (discounts := self._discounts(places, diff)) is not None:
            yield Evidence(_K.AMOUNT_LESS_DISCOUNT, str(len(discounts))), discounts
        currency = self.index.items[places[0]].currency
        due = sum(self.index.open_minor[place] for place in places)
        item = ItemId(self.index.items[places[-1]].item)
        for rule in self.policy.shortages:
            if rule.fits(text=self.text, short_minor=diff, due_minor=due, currency=currency):
                residual = Residual(rule.kind, diff, item=item, reason=rule.reason)
                yield (
                    Evidence(_K.AMOUNT_LESS_DEDUCTION, rule.reason or rule.kind.value),
                    (residual,),
                )
                break
        for bps, reason in self.facts.deductions_of(self.customers).items():
            if diff == (due * bps + _WHOLE_BPS // 2) // _WHOLE_BPS:
                residual = Residual(ResidualKind.DEDUCTION, diff, item=item, reason=reason)
                yield Evidence(_K.AMOUNT_LESS_DEDUCTION, reason or str(bps)), (residual,)
        if diff <= min(self.policy.tolerance_minor, due * self.policy.tolerance_bps // _WHOLE_BPS):
            yield (
                Evidence(_K.AMOUNT_WITHIN_TOLERANCE, str(diff)),
                (Residual(ResidualKind.SMALL_DIFFERENCE, diff, item=item),),
            )
        if self.is_foreign and diff <= self.policy.charge_minor:
            residual = Residual(ResidualKind.BANK_CHARGE, diff, item=item)
            yield Evidence(_K.AMOUNT_LESS_CHARGE, str(diff)), (residual,)

    def _discounts(self, places: Sequence[int], diff: int) -> tuple[Residual, ...] | None:
        """The settlement discounts, of all items or of one, that the amount falls short by."""
        grace = dt.timedelta(days=self.policy.discount_grace_days)
        offered: list[Residual] = []
        for place in places:
            item = self.index.items[place]
            best = max(
                (offer for offer in item.discounts if self.day <= offer.until + grace),
                key=lambda offer: to_minor(offer.amount),
                default=None,
            )
            if best is not None and 0 < to_minor(best.amount) < self.index.open_minor[place]:
                offered.append(
                    Residual(
                        ResidualKind.SETTLEMENT_DISCOUNT,
                        to_minor(best.amount),
                        tax_minor=to_minor(best.tax),
                        item=item.item,
                    )
                )
        for count in {len(offered), 1}:
            for chosen in combinations(offered, count) if count else ():
                if sum(one.amount_minor for one in chosen) == diff:
                    return chosen
        return None

    # Claims

    def _names(self, places: Iterable[int]) -> list[Evidence]:
        """How the items of a claim are named, and what else is."""
        own = set(places)
        evidence = [self.named.sure[place] for place in own if place in self.named.sure]
        return list(dict.fromkeys(sorted(evidence, key=lambda one: (one.kind.value, one.detail))))

    def _is_live(self, place: int) -> bool:
        return bool(self.index.open_minor[place])

    def _oldest_first(self, places: Iterable[int]) -> tuple[tuple[int, int], ...]:
        """Credits whole, then the debits as far as the money goes."""
        opens = self.index.open_minor
        parts = [(place, opens[place]) for place in places if opens[place] < 0]
        left = self.amount - sum(amount for _, amount in parts)
        debits = [place for place in places if opens[place] > 0]
        for place in sorted(debits, key=lambda place: (self.index.due(place), place)):
            part = min(left, opens[place])
            if part > 0:
                parts.append((place, part))
                left -= part
        return tuple(sorted(parts))

    def _whole(
        self,
        places: Iterable[int],
        evidence: list[Evidence],
        choices: int = 1,
        *,
        fitted_minor: int = 0,
    ) -> None:
        opens = self.index.open_minor
        parts = tuple(sorted((place, opens[place]) for place in places))
        self._add(Claim(parts, evidence, choices, fitted_minor=fitted_minor or self.amount))

    def _less(
        self,
        places: Sequence[int],
        residuals: tuple[Residual, ...],
        evidence: list[Evidence],
        choices: int,
    ) -> None:
        """Whole items, of which something that is no money closes a part."""
        off: dict[ItemId, int] = {}
        for one in residuals:
            off[one.item] = off.get(one.item, 0) + one.amount_minor
        parts = []
        for place in places:
            part = self.index.open_minor[place] - off.get(self.index.items[place].item, 0)
            if part <= 0 < self.index.open_minor[place]:
                return
            parts.append((place, part))
        fitted = sum(one.amount_minor for one in residuals)
        claim = Claim(tuple(sorted(parts)), evidence, choices, residuals, fitted)
        claim.closes = tuple(sorted((place, self.index.open_minor[place]) for place in places))
        self._add(claim)

    def _add(self, claim: Claim) -> None:
        """Keep a claim; the same parts found twice keep what was found first, which names more."""
        if claim.parts:
            self.claims.setdefault(claim.parts, claim)


def _sign(amount_minor: int) -> int:
    return 1 if amount_minor > 0 else -1


def _ways(items: int, chosen: int) -> int:
    """How many subsets of a size there are, at most."""
    ways = 1
    for at in range(min(chosen, items - chosen)):
        ways = ways * (items - at) // (at + 1)
    return ways
