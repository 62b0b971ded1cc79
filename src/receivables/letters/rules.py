"""The rules of letters: the placeholder check, envelope lines, payment details, names of files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from receivables.errors import PolicyError
from receivables.i18n import country_name, placeholders
from receivables.letters.model import LetterText, placeholders_of, plain, required_of
from receivables.parties import Address, Identifier

__all__ = [
    "check_text",
    "city_lines",
    "envelope_lines",
    "faults_of",
    "file_stem",
    "grouped_iban",
    "identifier_line",
]

_CITY_LINES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Canada Post, addressing guidelines: two blanks before the postal code.
        "CA": "{city} {region}  {postal_code}",
        "GB": "{city}\n{postal_code}",
        "IE": "{city}\n{postal_code}",
        "US": "{city}, {region} {postal_code}",
    }
)
_LABELS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        # Canada Revenue Agency: "numéro d’entreprise (NE)".
        ("ca.bn", "fr"): "NE",
    }
)
"""What an identifier is called where its scheme has another name in a language."""

_MARKUP: Final = re.compile(r"</?[A-Za-z!?%][^>]*>?|&#?\w+;|\$\(|`")
"""What is markup or a command somewhere, and would be printed as it is here."""

_HEADLINE_MAX: Final = 200
"""Characters of a subject, a salutation, a closing or a mention of delivery: two lines of print."""

_PARAGRAPH_MAX: Final = 2_000
"""Characters of a paragraph: more is half a page without a break."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")
_STEM_MAX: Final = 140


def check_text(text: LetterText) -> LetterText:
    """Return the text, or raise `PolicyError` for the first of its faults."""
    for _, fault in faults_of(text):
        raise PolicyError(fault)
    return text


def faults_of(text: LetterText) -> Iterator[tuple[str, str]]:
    """What is wrong with a text, each with its code and its sentence: nothing, where it may be sent.

    The codes are ``braces``, ``markup``, ``length``, ``unknown-placeholder`` and
    ``missing-placeholder``.
    """
    try:
        used = frozenset[str]().union(*(placeholders(line) for line in text.lines))
        in_balance = placeholders(text.reply.balance) if text.reply else frozenset()
    except PolicyError as error:
        yield "braces", f"text {text.name} must have names between braces only, got: {error}"
        return
    allowed = placeholders_of(text.kind)
    if unknown := sorted(used - allowed.keys()):
        known = ", ".join(allowed)
        yield (
            "unknown-placeholder",
            f"placeholders of {text.name} must be among {known}, got {', '.join(unknown)}",
        )
    if text.reply is not None and in_balance - {"currency"}:
        yield (
            "unknown-placeholder",
            f"balance of the reply of {text.name} must use {{currency}} only, got {text.reply.balance!r}",
        )
    if missing := sorted(required_of(text.kind) - used):
        yield (
            "missing-placeholder",
            f"text {text.name} must use {{{'}, {'.join(missing)}}}, got a text without",
        )
    yield from _faults_of_lines(text)


def _faults_of_lines(text: LetterText) -> Iterator[tuple[str, str]]:
    for line in text.lines:
        if found := _MARKUP.search(line):
            yield "markup", f"text {text.name} must be words without markup, got {found[0]!r}"
        longest = _HEADLINE_MAX if line in text.headlines else _PARAGRAPH_MAX
        if len(line) > longest:
            yield (
                "length",
                f"lines of {text.name} must have at most {longest} characters, got {len(line)}",
            )


def city_lines(address: Address) -> tuple[str, ...]:
    """The lines of postal code and city, in the order of the country.

    >>> city_lines(Address(postal_code="44000", city="Nantes", country="FR"))
    ('44000 Nantes',)
    >>> city_lines(Address(postal_code="H2X 1Y4", city="Montréal", region="QC", country="CA"))
    ('Montréal QC  H2X 1Y4',)
    """
    shape = _CITY_LINES.get(address.country, "{postal_code} {city}")
    filled = shape.format(city=address.city, region=address.region, postal_code=address.postal_code)
    # A part that is not known leaves its punctuation behind.
    return tuple(line for part in filled.split("\n") if (line := part.strip(" ,")))


def envelope_lines(
    name: str, address: Address, *, from_country: str, locale: str
) -> tuple[str, ...]:
    """A party as it stands on an envelope; the country only where it is not the sender's.

    The lines of the address are taken as they are, and the city is added unless they have it.

    >>> berlin = Address(lines=["Lindenstr. 5"], postal_code="10969", city="Berlin", country="DE")
    >>> envelope_lines("Kraus GmbH", berlin, from_country="FR", locale="fr-FR")
    ('Kraus GmbH', 'Lindenstr. 5', '10969 Berlin', 'ALLEMAGNE')
    """
    lines = [name, *address.lines]
    last = " ".join(address.lines[-2:]).casefold()
    if not (address.city and address.city.casefold() in last and address.postal_code in last):
        lines += city_lines(address)
    if address.country and address.country != from_country:
        lines.append(country_name(address.country, locale).upper())
    return tuple(line for text in lines if (line := plain(text)))


def grouped_iban(iban: str) -> str:
    """An IBAN in groups of four (ISO 13616, printed form), kept on one line.

    >>> grouped_iban("FR7630006000011234567890189").replace("\u00a0", " ")
    'FR76 3000 6000 0112 3456 7890 189'
    """
    bare = "".join(iban.split()).upper()
    return "\u00a0".join(bare[start : start + 4] for start in range(0, len(bare), 4))


def identifier_line(identifier: Identifier, locale: str = "") -> str:
    """An identifier as it stands at the foot of a letter in a locale.

    >>> identifier_line(Identifier("fr.siret", "73282932000074"))
    'SIRET 73282932000074'
    >>> identifier_line(Identifier("ca.bn", "123026635"), "fr-CA")
    'NE 123026635'
    """
    scheme = identifier.scheme
    label = _LABELS.get((scheme, locale[:2])) or scheme.rpartition(".")[2].upper()
    return f"{label} {plain(identifier.value)}"


def file_stem(*parts: str) -> str:
    """A name for a file that is safe on every system, and different for different parts.

    >>> file_stem("MIRA", "C-017", "EUR", "2026-11-02", "reminder-1")
    'MIRA_C-017_EUR_2026-11-02_reminder-1'
    """
    safe = [_UNSAFE.sub("-", part).strip("-.") for part in parts]
    stem = "_".join(filter(None, safe)) or "letter"
    if safe == list(parts) and all(safe) and len(stem) <= _STEM_MAX:
        return stem
    # What was replaced, left out or cut off could make two letters one file.
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem[:_STEM_MAX]}-{digest}"
