"""What a receipt names: document numbers and references in its remittance, and how they are written."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import attrs

from receivables.matching._index import Index, Scope
from receivables.matching._numbers import (
    Group,
    Window,
    cuts,
    groups_of,
    known_number,
    misspellings,
    number_of,
    plain_text,
    windows,
)
from receivables.matching.facts import Facts
from receivables.matching.model import Evidence, EvidenceKind
from receivables.matching.rules import plain_reference
from receivables.receipts.creditor_references import ReferenceScheme, read_reference
from receivables.receipts.model import Receipt

__all__ = ["Mention", "Mentions", "Named", "named_in", "read_mentions"]

_DATE: Final = re.compile(r"(?<![0-9])[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:20)?[0-9]{2}(?![0-9])")
_CONNECTS: Final = re.compile(
    r"\s*(?:-|\.\.+|(?:A|AU|TO|AL|BIS|HASTA|THRU|THROUGH|JUSQU'?A)\s)\s*(?P<letters>[A-Z]{0,5})[ /.-]*"
)
"""What stands between the first and the last number of a range, the letters of the last included."""
_JOINS: Final = re.compile(r"\s*(?:[+,;/&.-]|ET|UND|AND|Y|E)?\s*(?:[A-Z]{1,5}[ /.-]*)?")
"""What stands between the numbers of a list."""
_PAYLOADS: Final[Mapping[ReferenceScheme, tuple[int, int | None]]] = {
    ReferenceScheme.ISO_11649: (4, None),
    ReferenceScheme.FI_RF: (4, -1),
    ReferenceScheme.OGM_VCS: (0, -2),
    ReferenceScheme.SE_OCR_LENGTH: (0, -2),
}
"""What of a structured reference is not its check; all but the last digit, where nothing is said."""
_INSIDE_MIN: Final = 4
_RANGE_MAX: Final = 200
_PARTS_MAX: Final = 5
"""Groups of figures that a payer parts a number into, at most: ``FA 20 26 - 01 17``."""
_LOOSE_MIN: Final = 2
_MISSPELT_MIN: Final = 5
"""Figures of a number in which a wrong one is still recognized."""


class Mention(NamedTuple):
    """A number that was found, as it was written, and the open items that it may be."""

    kind: EvidenceKind
    shown: str
    places: tuple[int, ...]
    start: int = 0
    end: int = 0


class _Loose(NamedTuple):
    """Figures that are no whole number of a document."""

    figures: str
    start: int
    end: int
    is_date: bool


@attrs.define
class Mentions:
    """Everything that a receipt names."""

    found: list[Mention] = attrs.field(factory=list)
    loose: list[_Loose] = attrs.field(factory=list)
    settled: list[str] = attrs.field(factory=list)
    stated: dict[int, int] = attrs.field(factory=dict)
    """What the payer says it pays, by place."""
    unknown: list[Window] = attrs.field(factory=list)
    """Figures that have the length of a number, and are none."""
    text: str = ""
    unread: int = 0

    def has(self, kind: EvidenceKind) -> bool:
        """Whether anything is named in a way."""
        return any(mention.kind is kind for mention in self.found)


def read_mentions(receipt: Receipt, index: Index, facts: Facts, *, shortest: int) -> Mentions:
    """Read what a receipt names, whoever paid it."""
    mentions = Mentions()
    remittance = receipt.remittance
    for reference in remittance.references:
        _reference(reference, index, mentions)
    for document in remittance.documents:
        _document(document.number, document.amount_minor, index, mentions)
    texts = [*remittance.text, remittance.end_to_end]
    _text(" ".join(filter(None, texts)), index, mentions, shortest=shortest)
    if len(remittance.text) > 1 and mentions.loose:
        _text_over_lines(remittance.text, index, mentions, shortest=shortest)
    if len(facts):
        _confirmed(texts, index, facts, mentions)
    return mentions


def _reference(reference: str, index: Index, mentions: Mentions) -> None:
    places = index.by_reference.get(plain_reference(reference))
    if places:
        mentions.found.append(
            Mention(EvidenceKind.STRUCTURED_REFERENCE, reference, _open(places, index))
        )
    elif not _inside(reference, index, mentions):
        _document(reference, None, index, mentions)


def _inside(reference: str, index: Index, mentions: Mentions) -> bool:
    """Take a document number out of a structured reference whose check digits hold."""
    for reading in read_reference(reference):
        start, end = _PAYLOADS.get(reading.scheme, (0, -1))
        figures = number_of(reading.reference[start:end]).figures if reading.is_valid else ""
        places = _open(index.by_figures.get(figures), index) if len(figures) >= _INSIDE_MIN else ()
        if places:
            kind = EvidenceKind.STRUCTURED_REFERENCE
            mentions.found.append(Mention(kind, reference, places))
            return True
    return False


def _document(number: str, stated: int | None, index: Index, mentions: Mentions) -> None:
    written = number_of(number)
    figures = written.figures or written.letters
    every = index.by_figures.get(figures) or index.by_figures.get(written.short)
    places = [place for place in every if _is_of(place, written.letters, index)]
    places = places or list(index.by_reference.get(plain_reference(number)))
    live = _open(places, index)
    if live:
        mentions.found.append(Mention(EvidenceKind.REFERRED_DOCUMENT, number, live))
        if stated is not None and len({index.items[place].document for place in live}) == 1:
            mentions.stated[live[0]] = stated
    elif places or index.is_settled(figures):
        mentions.settled.append(number)
    else:
        mentions.unread += 1


def _is_of(place: int, letters: str, index: Index) -> bool:
    own = known_number(index.items[place].document).letters
    return not own or not letters or own in letters or letters in own


def _open(places: Iterable[int], index: Index) -> tuple[int, ...]:
    return tuple(place for place in places if index.open_minor[place])


def _text(text: str, index: Index, mentions: Mentions, *, shortest: int) -> None:
    mentions.text = text = plain_text(text)
    groups = groups_of(text)
    dates = [found.span() for found in _DATE.finditer(text)]
    at = 0
    while at < len(groups):
        if not groups[at].is_figures:
            at += 1
            continue
        for window in windows(groups, at, longest=index.longest):
            if _window(window, groups, index, mentions, shortest=shortest):
                at = window.last + 1
                break
        else:
            mentions.unknown += [
                window
                for window in windows(groups, at, longest=index.longest)
                if len(window.figures) in index.lengths
            ]
            _loose(groups[at], index, mentions, dates)
            at += 1


def _window(
    window: Window, groups: list[Group], index: Index, mentions: Mentions, *, shortest: int
) -> bool:
    """Take a window for a mention, if it is one."""
    start, end = groups[window.first].start, groups[window.last].end
    kind, places = _by_number(window, index, shortest=shortest)
    if not places and index.by_reference:
        kind, places = EvidenceKind.ORDER_IN_TEXT, _by_reference(window, groups, index, shortest)
    if not places:
        settled = index.settled(window, shortest)
        if settled:
            mentions.settled.append(settled)
        return bool(settled)
    live = _open(places, index)
    if live:
        shown = index.items[live[0]].document
        if kind is not EvidenceKind.DOCUMENT_IN_TEXT:
            shown = "".join(group.text for group in groups[window.first : window.last + 1])
        mentions.found.append(Mention(kind, shown, live, start, end))
    else:
        mentions.settled.append(index.items[places[0]].document)
    return True


def _by_number(
    window: Window, index: Index, *, shortest: int
) -> tuple[EvidenceKind, Sequence[int]]:
    """The items whose number a window is: as it is printed, or with something left out."""
    printed: list[int] = []
    shortened: list[int] = []
    if window.parts > _PARTS_MAX:
        return EvidenceKind.DOCUMENT_IN_TEXT, ()
    for figures in dict.fromkeys((window.figures, window.short)):
        for place in index.by_figures.get(figures):
            number = known_number(index.items[place].document)
            if window.inside and window.inside not in number.letters:
                continue
            is_led = (window.lead + window.inside).endswith(number.letters)
            length = window.written + (len(number.letters) if is_led else 0)
            if length < shortest or not (
                is_led or (len(figures) >= shortest and not window.inside)
            ):
                continue
            is_whole = is_led and window.figures == number.figures
            (printed if is_whole else shortened).append(place)
    if printed:
        return EvidenceKind.DOCUMENT_IN_TEXT, printed
    return EvidenceKind.DOCUMENT_SHORTENED, shortened


def _by_reference(
    window: Window, groups: list[Group], index: Index, shortest: int
) -> Sequence[int]:
    plain = "".join(group.text for group in groups[window.first : window.last + 1])
    for key in (window.lead + plain, plain):
        if len(key) >= shortest and (places := index.by_reference.get(key)):
            return places
    return ()


def _loose(
    group: Group, index: Index, mentions: Mentions, dates: Sequence[tuple[int, int]]
) -> None:
    """Keep figures for the payer's own documents, or take them apart where numbers run together."""
    for piece in cuts(group.text, index.usual_lengths):
        figures = piece.lstrip("0")
        if places := _open(index.by_figures.get(figures), index):
            mentions.found.append(
                Mention(EvidenceKind.DOCUMENT_SHORTENED, piece, places, group.start, group.end)
            )
    is_date = any(start <= group.start < end for start, end in dates)
    mentions.loose.append(_Loose(group.text, group.start, group.end, is_date))


def _text_over_lines(
    lines: Sequence[str], index: Index, mentions: Mentions, *, shortest: int
) -> None:
    """Read the lines once more as if a number had been cut where a line ends."""
    joined = Mentions()
    _text("".join(lines), index, joined, shortest=shortest)
    known = {mention.places for mention in mentions.found}
    more = [mention for mention in joined.found if mention.places not in known]
    if more:
        mentions.found += [mention._replace(start=0, end=0) for mention in more]
        still = {loose.figures for loose in joined.loose}
        mentions.loose = [loose for loose in mentions.loose if loose.figures in still]


def _confirmed(texts: Iterable[str], index: Index, facts: Facts, mentions: Mentions) -> None:
    """References that a person confirmed to stand for a document."""
    for text in texts:
        for word in text.split():
            for number in sorted(facts.documents_of_reference(plain_reference(word))):
                _document(number, None, index, mentions)


@attrs.define
class Named:
    """What a receipt names among the items of one scope."""

    sure: dict[int, Evidence] = attrs.field(factory=dict)
    """Items that are named, and only they can be meant."""
    options: list[tuple[Evidence, tuple[int, ...]]] = attrs.field(factory=list)
    """Figures that may be one of several items, or of none."""
    strangers: dict[int, Evidence] = attrs.field(factory=dict)
    """Items of customers outside of the scope."""
    unread: int = 0
    """Figures of which nothing was made."""
    listed: int = 0
    """Those of them that stand in a list with what was understood, like another number."""

    @property
    def places(self) -> set[int]:
        """Every item that may be meant."""
        found = set(self.sure)
        for _, places in self.options:
            found.update(places)
        return found


def named_in(mentions: Mentions, scope: Scope, index: Index) -> Named:
    """Bring what a receipt names together with the items of a scope."""
    named = Named(unread=mentions.unread)
    for mention in mentions.found:
        own = [place for place in mention.places if scope.has(place)]
        documents = {index.items[place].document for place in own or mention.places}
        evidence = Evidence(mention.kind, mention.shown)
        if not own:
            if len(documents) == 1:
                named.strangers.update(dict.fromkeys(mention.places, evidence))
        elif len(documents) == 1 or mention.kind is EvidenceKind.ORDER_IN_TEXT:
            for place in own:
                named.sure.setdefault(place, evidence)
        else:
            named.options.append((evidence, tuple(own)))
    for place, evidence in _ranges(mentions, scope, index):
        named.sure.setdefault(place, evidence)
    misspelt = _misspelt(mentions, named, scope, index)
    in_list = _in_list(mentions)
    for loose in mentions.loose:
        if not any(first <= loose.start < last for first, last in misspelt):
            unread = named.unread
            _add_loose(loose, named, scope)
            named.listed += (named.unread - unread) * (loose.start in in_list)
    return named


def _in_list(mentions: Mentions) -> set[int]:
    """Where figures start that are joined to a number that was understood: ``117+4711``."""
    found: set[int] = set()
    marks = _marks(mentions)
    for (_, end, first), (start, _, second) in itertools.pairwise(marks):
        if (first is None) == (second is None) or not _JOINS.fullmatch(mentions.text[end:start]):
            continue
        found.add(start if second is None else next(at for at, till, _ in marks if till == end))
    return found


def _marks(mentions: Mentions) -> list[tuple[int, int, Mention | None]]:
    """The numbers of a text in their order: those that were understood, and loose figures."""
    marks: list[tuple[int, int, Mention | None]] = [
        *((mention.start, mention.end, mention) for mention in mentions.found if mention.end),
        *((loose.start, loose.end, None) for loose in mentions.loose),
    ]
    return sorted(marks, key=lambda mark: mark[:2])


def _misspelt(
    mentions: Mentions, named: Named, scope: Scope, index: Index
) -> list[tuple[int, int]]:
    """Numbers that are a figure away from one of the scope's; where in the text they stand."""
    spans: list[tuple[int, int]] = []
    for window in mentions.unknown:
        if window.written < _MISSPELT_MIN or any(
            first <= window.start < last for first, last in spans
        ):
            continue
        near = {
            place for each in misspellings(window.figures) for place in index.by_figures.get(each)
        }
        places = sorted(place for place in near if scope.has(place) and index.open_minor[place])
        if places:
            evidence = Evidence(EvidenceKind.DOCUMENT_MISSPELT, window.figures)
            named.options.append((evidence, tuple(places)))
            spans.append((window.start, window.end))
    return spans


def _add_loose(loose: _Loose, named: Named, scope: Scope) -> None:
    stripped = loose.figures.lstrip("0")
    if len(stripped) < _LOOSE_MIN:
        return
    places = scope.ending(stripped) or scope.ending(loose.figures)
    if places:
        evidence = Evidence(EvidenceKind.DOCUMENT_SHORTENED, loose.figures)
        named.options.append((evidence, tuple(sorted(places))))
    elif not loose.is_date and len(stripped) > _LOOSE_MIN:
        named.unread += 1


def _ranges(mentions: Mentions, scope: Scope, index: Index) -> Iterator[tuple[int, Evidence]]:
    """The items between two numbers that a text connects: ``2026-0117 A 2026-0121``."""
    for (_, first_end, first), (second_start, second_end, _) in itertools.pairwise(
        _marks(mentions)
    ):
        between = first and _CONNECTS.fullmatch(mentions.text[first_end:second_start])
        if first is None or not between:
            continue
        low = known_number(index.items[first.places[0]].document)
        if between["letters"] and between["letters"] != low.letters:
            continue
        written = "".join(filter(str.isdigit, mentions.text[second_start:second_end]))
        high = (
            low.figures[: -len(written)] + written if len(written) < len(low.figures) else written
        )
        if not 0 < int(high or 0) - int(low.figures or 0) <= _RANGE_MAX:
            continue
        for number in range(int(low.figures) + 1, int(high) + 1):
            for place in index.by_figures.get(str(number)):
                own = known_number(index.items[place].document).letters
                if scope.has(place) and index.open_minor[place] and own == low.letters:
                    yield place, Evidence(EvidenceKind.DOCUMENT_IN_RANGE, f"{low.figures}-{high}")
