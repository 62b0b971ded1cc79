"""Matching receipts with open items: every claim weighed, the whole batch assigned at once.

A search has one implementation, for values.  What is certain is taken first, whatever its day; what
it uses is no longer offered, so that a receipt that was in doubt may have one answer left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables._collecting import collecting_paused
from receivables.allocation.model import Leg
from receivables.documents.model import ItemId, OpenItem
from receivables.matching._claims import Case, Claim
from receivables.matching._index import Index
from receivables.matching._mentions import Mention, Mentions, named_in, read_mentions
from receivables.matching._payers import KnownPayer, Payers
from receivables.matching.assigning import MILLION, Option, assign
from receivables.matching.facts import Facts
from receivables.matching.model import (
    BASIS_POINTS,
    Evidence,
    EvidenceKind,
    MatchingPolicy,
    MatchProposal,
    Outcome,
    Proposals,
)
from receivables.matching.weights import NO_CLAIM, WEIGHTS, odds, score, significant_figures
from receivables.money import to_minor
from receivables.parties import UNIDENTIFIED, Customer, CustomerId
from receivables.receipts.facts import Fact
from receivables.receipts.model import Receipt

__all__ = ["match"]

_K: Final = EvidenceKind
_STRONGER: Final = 10_000
"""A claim with so many times the odds of another does not feel it."""
_OPTIONS: Final = 4
"""Claims of one receipt that are weighed against those of others."""
_SHARE_MIN: Final = 20_000
"""Below this share, in millionths, a claim keeps nobody else from an item."""
_LISTED_MIN: Final = 50_000
_LISTED: Final = 5
_PER_BP: Final = MILLION // BASIS_POINTS
_GROUP_MAX: Final = 7
"""Receipts weighed together; more are taken in turn, the surest first, and none is certain."""
_AGAIN_NAMED: Final = 1_000
"""A document named once more by a later receipt of the same amount: a payment made twice."""
_AGAIN: Final = 300_000
_NEVER: Final = frozenset(
    {
        _K.PAYER_DIFFERS,
        _K.OTHERS_NAMED,
        _K.AMOUNT_SHORT,
        _K.AMOUNT_REPEATED,
        _K.AMOUNT_OF_SEVERAL_SUBSETS,
        _K.EQUAL_ELSEWHERE,
    }
)
"""Evidence that leaves a choice to a person, however likely one answer is."""
_CHOSEN: Final = frozenset({_K.AMOUNT_OF_SOME, _K.AMOUNT_OF_RUN})
"""Sets that are one of very many, which chance finds where a name misleads."""
_LOOSE_FITS: Final = frozenset({_K.AMOUNT_PARTIAL, _K.AMOUNT_OVER, _K.AMOUNT_LESS_CHARGE})
"""Amounts that do not fit to the cent: a number that was not understood may be what is missing."""
_SHORTFALLS: Final = frozenset({_K.AMOUNT_PARTIAL, _K.AMOUNT_SHORT})
_NAMED: Final = frozenset(
    {
        _K.STRUCTURED_REFERENCE,
        _K.REFERRED_DOCUMENT,
        _K.DOCUMENT_IN_TEXT,
        _K.DOCUMENT_SHORTENED,
        _K.DOCUMENT_MISSPELT,
        _K.DOCUMENT_IN_RANGE,
        _K.ORDER_IN_TEXT,
    }
)


def match(
    receipts: Iterable[Receipt],
    *,
    items: Iterable[OpenItem],
    customers: Iterable[Customer] = (),
    settled: Iterable[str] = (),
    policy: MatchingPolicy | None = None,
    facts: Iterable[Fact] = (),
) -> Proposals:
    """Propose what each receipt pays.

    `items` are the creditor's open items; `settled` names documents that are settled already, so
    that a second payment of one is recognized as such; `facts` are what was learned of the payers.
    All receipts are whole: what was applied before is not proposed again.  Python's garbage collector
    is paused meanwhile.

    >>> import datetime as dt
    >>> from receivables.documents import Invoice, open_items
    >>> from receivables.money import money
    >>> from receivables.receipts import Remittance
    >>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
    ...                   document_date=dt.date(2026, 9, 30), total=money("1200.00", "EUR"))
    >>> receipt = Receipt(receipt="r-1", creditor="MIRA", amount=money("1200.00", "EUR"),
    ...                   booking_date=dt.date(2026, 10, 28),
    ...                   remittance=Remittance(text=["REGLT FACT 2026 0117"]))
    >>> proposal, = match([receipt], items=open_items(invoice))
    >>> proposal.outcome, [evidence.kind.value for evidence in proposal.evidence]
    (<Outcome.CERTAIN: 'certain'>, ['document-in-text', 'amount-exact', 'payer-unknown'])
    """
    known = Facts(facts)
    with collecting_paused():
        index = Index(items, settled)
        run = _Run(index, Payers(customers, known), known, policy or MatchingPolicy())
        ordered = sorted(receipts, key=lambda receipt: (receipt.booking_date, receipt.receipt))
        return Proposals(tuple(run.proposals(ordered)))


@attrs.frozen
class _Weighed:
    """A claim with its odds against none."""

    claim: Claim
    odds: int


@attrs.frozen
class _Outlook:
    """One receipt with everything it could pay, the most likely first."""

    receipt: Receipt
    payer: KnownPayer
    weighed: tuple[_Weighed, ...] = ()
    background: tuple[Evidence, ...] = ()
    """What is known where no claim is taken: who paid, what is settled, what was tried."""
    reach: frozenset[CustomerId] = frozenset()
    """The customers whose items it looked at."""


@attrs.frozen
class _Decision:
    """What one receipt gets, and how likely that is."""

    weighed: _Weighed | None = None
    share: int = 0
    """Millionths."""
    is_contested: bool = False


@attrs.define
class _Run:
    index: Index
    payers: Payers
    facts: Facts
    policy: MatchingPolicy
    weights: Mapping[EvidenceKind, int] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.weights = {**WEIGHTS, **self.policy.weights}

    def proposals(self, receipts: Sequence[Receipt]) -> Iterator[MatchProposal]:
        """Decide in rounds: what is certain is used up, and whoever looked at it looks again."""
        made: dict[int, MatchProposal] = {}
        outlooks: dict[int, _Outlook] = {}
        dirty = list(range(len(receipts)))
        while dirty:
            for at in dirty:
                outlooks[at] = self._outlook(receipts[at])
            self._bring_together(outlooks)
            decided = self._decide(outlooks)
            touched: set[CustomerId] = set()
            for at, decision in decided.items():
                made[at] = self._proposal(outlooks[at], decision)
                if made[at].outcome is Outcome.CERTAIN and decision.weighed is not None:
                    touched |= self._use(decision.weighed.claim)
                    del outlooks[at]
            dirty = [at for at, one in outlooks.items() if not touched.isdisjoint(one.reach)]
        return (made[at] for at in range(len(receipts)))

    def _use(self, claim: Claim) -> set[CustomerId]:
        """Take a claim's items away; whose they are."""
        for place, minor in claim.takes:
            self.index.open_minor[place] -= minor
        return {self.index.items[place].customer for place, _ in claim.parts}

    # One receipt

    def _outlook(self, receipt: Receipt) -> _Outlook:
        payer = self.payers.of(receipt)
        mentions = read_mentions(
            receipt, self.index, self.facts, shortest=self.policy.shortest_reference
        )
        weighed: list[_Weighed] = []
        background = list(payer.evidence) or [Evidence(_K.PAYER_UNKNOWN)]
        if mentions.settled:
            background.append(Evidence(_K.ALREADY_SETTLED, ", ".join(mentions.settled)))
        reach: set[CustomerId] = set()
        for group, told in self._scopes(receipt, payer, mentions):
            reach |= group
            case = self._case(receipt, group, mentions)
            for claim in case.collect():
                claim.evidence += told
                if self._counts(claim):
                    weighed.append(self._weigh(claim))
            background += case.tried
        if not weighed and not payer.customers:
            weighed = self._of_anybody(receipt, reach)
        weighed.sort(key=lambda one: (-one.odds, one.claim.parts))
        best = tuple(weighed[: _LISTED + 1])
        return _Outlook(receipt, payer, best, tuple(background), frozenset(reach))

    def _case(self, receipt: Receipt, group: frozenset[CustomerId], mentions: Mentions) -> Case:
        scope = self.index.scope(group, receipt.currency)
        return Case(
            index=self.index,
            scope=scope,
            policy=self.policy,
            facts=self.facts,
            amount=to_minor(receipt.amount),
            day=receipt.booking_date,
            text=mentions.text,
            named=named_in(mentions, scope, self.index),
            mentions=mentions,
            customers=group,
            is_foreign=_is_foreign(receipt),
        )

    def _scopes(
        self, receipt: Receipt, payer: KnownPayer, mentions: Mentions
    ) -> Iterator[tuple[frozenset[CustomerId], list[Evidence]]]:
        """Whose items to look at: the payer's, and those of who owns what is named."""
        if payer.customers:
            yield payer.group, list(payer.evidence)
        owners = dict.fromkeys(
            self.index.items[place].customer
            for mention in sorted(mentions.found, key=_strength)
            for place in mention.places
            if self.index.items[place].currency == receipt.currency
        )
        if payer.customers:
            differs = Evidence(_K.PAYER_DIFFERS, ", ".join(sorted(payer.customers)))
            told = [*payer.evidence, differs]
        else:
            told = [Evidence(_K.PAYER_UNKNOWN)]
        others = [owner for owner in owners if owner not in payer.group][:_OPTIONS]
        for group in dict.fromkeys(self.payers.group_of([owner]) for owner in others):
            yield group, told

    def _of_anybody(self, receipt: Receipt, reach: set[CustomerId]) -> list[_Weighed]:
        """The one item of all customers that has the amount, where nothing else is known."""
        amount = to_minor(receipt.amount)
        place = self.index.with_amount(receipt.currency, amount)
        if place is None or self.index.items[place].posting_date > receipt.booking_date:
            return []
        reach.add(self.index.items[place].customer)
        evidence = [Evidence(_K.AMOUNT_UNIQUE, "1"), Evidence(_K.PAYER_UNKNOWN)]
        claim = Claim(
            ((place, amount),), evidence, choices=len(self.index.items), fitted_minor=amount
        )
        return [self._weigh(claim)] if self._counts(claim) else []

    def _counts(self, claim: Claim) -> bool:
        """Whether a claim stands on no evidence that the policy leaves out."""
        return self.policy.without.isdisjoint(one.kind for one in claim.evidence)

    def _weigh(self, claim: Claim) -> _Weighed:
        claim.score = score(
            (one.kind for one in claim.evidence),
            weights=self.weights,
            figures=significant_figures(claim.fitted_minor),
            choices=claim.choices,
        )
        return _Weighed(claim, odds(claim.score))

    # The batch

    def _bring_together(self, outlooks: dict[int, _Outlook]) -> None:
        """Find receipts that pay documents together: one is short by what another names one with."""
        parts = _single_parts(outlooks)
        for at, outlook in list(outlooks.items()):
            for one in outlook.weighed:
                shared = self._shared(at, one.claim, to_minor(outlook.receipt.amount), parts)
                if shared is not None:
                    claim, others = shared
                    outlooks[at] = _with_claim(outlook, self._weigh(claim))
                    for other in others:
                        outlooks[other] = self._confirmed_part(outlooks[other], claim)
                    break

    def _shared(
        self,
        at: int,
        claim: Claim,
        amount: int,
        parts: Mapping[int, Sequence[tuple[int, int]]],
    ) -> tuple[Claim, list[int]] | None:
        """What a receipt pays where other receipts pay the rest of one or more of its documents."""
        opens = self.index.open_minor
        diff = sum(opens[place] for place in claim.short_of) - amount
        rests = [
            (place, other, minor)
            for place in claim.short_of
            for other, minor in parts.get(place, ())
            if other != at and minor < opens[place]
        ]
        found = next(([rest] for rest in rests if rest[2] == diff), None)
        if found is None and len(rests) > 1 and sum(minor for _, _, minor in rests) == diff:
            found = rests
        if found is None or len({place for place, _, _ in found}) != len(found):
            return None
        taken = {place: minor for place, _, minor in found}
        whole = [(place, opens[place] - taken.get(place, 0)) for place in claim.short_of]
        told = [one for one in claim.evidence if one.kind not in _SHORTFALLS]
        detail = ", ".join(self.index.items[place].document for place in taken)
        evidence = [*told, Evidence(_K.AMOUNT_SHARED, detail)]
        shared = Claim(tuple(sorted(whole)), evidence, fitted_minor=diff)
        return shared, [other for _, other, _ in found]

    def _confirmed_part(self, outlook: _Outlook, shared: Claim) -> _Outlook:
        """A receipt for the rest of a document, once another receipt pays the rest of it."""
        weighed = []
        for one in outlook.weighed:
            claim, places = one.claim, shared.places
            is_part = any(each.kind is _K.AMOUNT_PARTIAL for each in claim.evidence)
            if is_part and claim.places <= places:
                told = [each for each in claim.evidence if each.kind not in _SHORTFALLS]
                why = Evidence(_K.AMOUNT_SHARED, self.index.items[claim.parts[0][0]].document)
                claim = attrs.evolve(
                    claim, evidence=[*told, why], fitted_minor=shared.fitted_minor, short_of=()
                )
            weighed.append(self._weigh(claim))
        weighed.sort(key=lambda one: (-one.odds, one.claim.parts))
        return attrs.evolve(outlook, weighed=tuple(weighed))

    def _decide(self, outlooks: Mapping[int, _Outlook]) -> dict[int, _Decision]:
        decided = {at: _alone(outlook.weighed) for at, outlook in outlooks.items()}
        for group in self._contests(outlooks):
            decided.update(self._contest(group, outlooks))
        return decided

    def _contests(self, outlooks: Mapping[int, _Outlook]) -> list[list[int]]:
        """Receipts that want more of an item than is open, those connected together."""
        wants: dict[int, dict[int, int]] = {}
        for at, outlook in outlooks.items():
            total = _total(outlook.weighed)
            for one in outlook.weighed[:_OPTIONS]:
                if one.odds * MILLION >= _SHARE_MIN * total:
                    for place, minor in one.claim.takes:
                        of_place = wants.setdefault(place, {})
                        of_place[at] = max(of_place.get(at, 0), abs(minor))
        leaders: dict[int, int] = {}
        for place, by_receipt in wants.items():
            is_much = sum(by_receipt.values()) > abs(self.index.open_minor[place])
            if len(by_receipt) > 1 and is_much:
                first, *others = by_receipt
                for other in others:
                    leaders[_leader(leaders, other)] = _leader(leaders, first)
        groups: dict[int, list[int]] = {}
        for at in sorted({*leaders, *leaders.values()}):
            groups.setdefault(_leader(leaders, at), []).append(at)
        return list(groups.values())

    def _contest(
        self, group: Sequence[int], outlooks: Mapping[int, _Outlook]
    ) -> Iterator[tuple[int, _Decision]]:
        """Give each of some receipts what makes the best total."""
        wishes = _wishes([outlooks[at] for at in group])
        taken = {place for options in wishes for one in options for place, _ in one.takes}
        open_minor = {place: self.index.open_minor[place] for place in taken}
        found = assign(wishes, open_minor, none=NO_CLAIM) if len(group) <= _GROUP_MAX else None
        if found is None:
            yield from self._in_turn(group, outlooks)
            return
        for at, assigned in zip(group, found, strict=True):
            if assigned.option is None:
                yield at, _Decision(is_contested=True)
            else:
                weighed = outlooks[at].weighed
                share = _right(weighed, assigned.shares, assigned.option)
                yield at, _Decision(weighed[assigned.option], share, is_contested=True)

    def _in_turn(
        self, group: Sequence[int], outlooks: Mapping[int, _Outlook]
    ) -> Iterator[tuple[int, _Decision]]:
        """Too many to weigh together: the surest first, and nobody gets what another one has.

        A rival with a claim that is nearly as strong halves the share; a much weaker one does not
        count, as it would not in the sum over all ways.
        """
        left: dict[int, int] = {}
        best = {at: max((one.odds for one in outlooks[at].weighed), default=0) for at in group}
        ranked = sorted(group, key=lambda at: (-best[at], at))
        for rank, at in enumerate(ranked):
            alone = _alone(outlooks[at].weighed)
            takes = () if alone.weighed is None else alone.weighed.claim.takes
            for place, _ in takes:
                left.setdefault(place, self.index.open_minor[place])
            if alone.weighed is None or any(
                abs(minor) > abs(left[place]) for place, minor in takes
            ):
                yield at, _Decision(is_contested=True)
                continue
            for place, minor in takes:
                left[place] -= minor
            least = alone.weighed.odds // _STRONGER
            is_wanted = any(
                _wants_one(outlooks[other], takes, least) for other in ranked[rank + 1 :]
            )
            share = min(alone.share, MILLION // 2) if is_wanted else alone.share
            yield at, _Decision(alone.weighed, share, is_contested=is_wanted)

    # The proposal

    def _proposal(self, outlook: _Outlook, decision: _Decision) -> MatchProposal:
        weighed, bp = decision.weighed, min(decision.share // _PER_BP, BASIS_POINTS - 1)
        rest = self._alternatives(outlook, weighed)
        if weighed is None or bp < self.policy.propose_from_bp:
            listed = [] if weighed is None else [self._documents(weighed.claim)]
            every = [*listed, *rest]
            outcome = Outcome.AMBIGUOUS if len(every) > 1 else Outcome.UNMATCHED
            return self._made(outlook, outcome, alternatives=every, probability_bp=bp)
        if self._is_open(weighed.claim):
            return self._made(
                outlook,
                Outcome.AMBIGUOUS,
                evidence=weighed.claim.evidence,
                alternatives=[self._documents(weighed.claim), *rest],
                probability_bp=bp,
            )
        amount = to_minor(outlook.receipt.amount)
        certain = bp >= self._threshold(weighed.claim) and self._may_apply(
            weighed.claim, outlook.payer, amount
        )
        evidence = list(weighed.claim.evidence)
        if decision.is_contested:
            evidence.append(Evidence(_K.CONTESTED))
        return self._made(
            outlook,
            Outcome.CERTAIN if certain else Outcome.PROPOSED,
            claim=weighed.claim,
            evidence=evidence,
            alternatives=rest,
            probability_bp=bp,
        )

    def _is_open(self, claim: Claim) -> bool:
        """Whether it stays open how much is for which item, so that no amounts are proposed.

        Several documents are named and it is not said which of them falls short; an item that is not
        named has an equal; the amount is enough for another document as well; or it does not fit,
        and there is a number in the text that was not understood.
        """
        kinds = {one.kind for one in claim.evidence}
        documents = {self.index.items[place].document for place, _ in claim.parts}
        shares_out = _K.AMOUNT_LESS_CHARGE in kinds and len(documents) > 1
        is_loose = _K.NUMBERS_UNREAD in kinds and bool(kinds & _LOOSE_FITS)
        has_equal = not kinds.isdisjoint({_K.EQUAL_ELSEWHERE, _K.AMOUNT_REPEATED})
        is_open = _K.AMOUNT_SHORT in kinds or claim.may_pay_more or has_equal
        return is_open or shares_out or is_loose

    def _threshold(self, claim: Claim) -> int:
        """From which probability a claim is applied: an overpayment as the policy says, if it does."""
        is_over = any(one.kind is _K.AMOUNT_OVER for one in claim.evidence)
        lets_it = is_over and self.policy.apply_overpayment
        return self.policy.propose_from_bp if lets_it else self.policy.apply_from_bp

    def _may_apply(self, claim: Claim, payer: KnownPayer, amount: int) -> bool:
        """Whether the policy lets a claim of its kind be applied by itself at all."""
        kinds = {one.kind for one in claim.evidence}
        if not kinds.isdisjoint(_NEVER):
            return False
        if _K.AMOUNT_PARTIAL in kinds:
            return self.policy.apply_partial and bool(payer.customers)
        if _K.AMOUNT_OVER in kinds:
            named = sum(minor for _, minor in claim.parts)
            little = named * self.policy.overpayment_bps // BASIS_POINTS
            is_little = amount - named <= little
            return bool(payer.customers) and (self.policy.apply_overpayment or is_little)
        if kinds.isdisjoint(_NAMED):
            if payer.kind in {_K.PAYER_NAME, _K.PAYER_NAME_CUT} and len(payer.customers) == 1:
                return self.policy.apply_amount_of_name and kinds.isdisjoint(_CHOSEN)
            return self.policy.apply_amount_of_known_account and payer.is_sure
        return True

    def _alternatives(self, outlook: _Outlook, chosen: _Weighed | None) -> list[tuple[ItemId, ...]]:
        total = _total(outlook.weighed)
        return [
            self._documents(one.claim)
            for one in outlook.weighed[: _LISTED + 1]
            if one is not chosen and one.odds * MILLION >= _LISTED_MIN * total
        ]

    def _documents(self, claim: Claim) -> tuple[ItemId, ...]:
        return tuple(self.index.items[place].item for place, _ in claim.parts)

    def _made(  # the parts of a proposal, each by name
        self,
        outlook: _Outlook,
        outcome: Outcome,
        *,
        claim: Claim | None = None,
        evidence: Iterable[Evidence] = (),
        alternatives: Iterable[tuple[ItemId, ...]] = (),
        probability_bp: int = 0,
    ) -> MatchProposal:
        receipt = outlook.receipt
        parts = () if claim is None else claim.parts
        owners = frozenset(self.index.items[place].customer for place, _ in parts)
        return MatchProposal(
            receipt=receipt.receipt,
            creditor=receipt.creditor,
            outcome=outcome,
            amount_minor=to_minor(receipt.amount),
            currency=receipt.currency,
            customer=_owner(owners, outlook.payer),
            parts=[Leg(self.index.items[place].item, minor) for place, minor in parts],
            evidence=list(evidence) or outlook.background,
            alternatives=alternatives,
            probability_bp=probability_bp,
            residuals=() if claim is None else claim.residuals,
        )


def _strength(mention: Mention) -> int:
    """Numbers as we print them first, then shortened ones."""
    return mention.kind is _K.DOCUMENT_SHORTENED


def _single_parts(outlooks: Mapping[int, _Outlook]) -> dict[int, list[tuple[int, int]]]:
    """By item: the receipts that name it alone and are less than it is, with their amounts."""
    parts: dict[int, list[tuple[int, int]]] = {}
    for at, outlook in outlooks.items():
        for one in outlook.weighed[:1]:
            if len(one.claim.short_of) == 1 and len(one.claim.parts) == 1:
                ((place, minor),) = one.claim.parts
                parts.setdefault(place, []).append((at, minor))
    return parts


def _with_claim(outlook: _Outlook, more: _Weighed) -> _Outlook:
    others = [one for one in outlook.weighed if one.claim.parts != more.claim.parts]
    weighed = sorted([*others, more], key=lambda one: (-one.odds, one.claim.parts))
    return attrs.evolve(outlook, weighed=tuple(weighed))


def _alone(weighed: Sequence[_Weighed]) -> _Decision:
    """The most likely claim of a receipt that nobody contests."""
    if not weighed:
        return _Decision()
    total = _total(weighed)
    return _Decision(
        weighed[0], _right(weighed, [one.odds * MILLION // total for one in weighed], 0)
    )


def _total(weighed: Iterable[_Weighed]) -> int:
    """The odds of all claims, and of none of them."""
    return NO_CLAIM + sum(one.odds for one in weighed)


def _right(weighed: Sequence[_Weighed], shares: Sequence[int], at: int) -> int:
    """How likely the parts of a claim are right: where it is, or one that has all of them."""
    parts = set(weighed[at].claim.parts)
    return sum(
        share
        for one, share in zip(weighed, shares, strict=False)
        if parts.issubset(one.claim.parts)
    )


def _wishes(outlooks: Sequence[_Outlook]) -> list[list[Option]]:
    """The claims of some receipts; one that an earlier receipt has as well counts for less."""
    seen: set[tuple[tuple[int, int], ...]] = set()
    seen_named: set[tuple[tuple[int, int], ...]] = set()
    wishes: list[list[Option]] = []
    for outlook in outlooks:
        options = []
        named: set[tuple[tuple[int, int], ...]] = set()
        for one in outlook.weighed[:_OPTIONS]:
            is_named = not _NAMED.isdisjoint(each.kind for each in one.claim.evidence)
            again = MILLION
            if is_named and one.claim.takes in seen_named:
                again = _AGAIN_NAMED
            elif not is_named and one.claim.takes in seen:
                again = _AGAIN
            if is_named:
                named.add(one.claim.takes)
            options.append(Option(one.odds * again // MILLION, one.claim.takes))
        seen.update(option.takes for option in options)
        seen_named |= named
        wishes.append(options)
    return wishes


def _wants_one(outlook: _Outlook, parts: Iterable[tuple[int, int]], least: int) -> bool:
    """Whether a receipt has a claim to one of some items that is not far weaker."""
    wanted = {place for place, _ in parts}
    return any(
        one.odds >= least and not wanted.isdisjoint(one.claim.places)
        for one in outlook.weighed[:_OPTIONS]
    )


def _leader(leaders: dict[int, int], at: int) -> int:
    while leaders.get(at, at) != at:
        at = leaders[at]
    return at


def _is_foreign(receipt: Receipt) -> bool:
    """Whether the payer's account is in another country than the creditor's."""
    payer, own = receipt.payer.account[:2], receipt.account[:2]
    return payer.isalpha() and own.isalpha() and payer.upper() != own.upper()


def _only(customers: frozenset[CustomerId]) -> CustomerId:
    return next(iter(customers)) if len(customers) == 1 else UNIDENTIFIED


def _owner(owners: frozenset[CustomerId], payer: KnownPayer) -> CustomerId:
    """Whose receipt it is: the payer where known, else whoever owns all that it pays."""
    if (payer_alone := _only(payer.customers)) and owners <= payer.group:
        return payer_alone
    return _only(owners) or _only(payer.customers)
