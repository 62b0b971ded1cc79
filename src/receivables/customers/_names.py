"""The workshop: how names of people and of companies are compared, and small checks of fields."""

from __future__ import annotations

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.matching.rules import name_words

__all__ = [
    "MASK",
    "check_moment",
    "check_named",
    "company_words",
    "folded",
    "members",
    "same_person",
    "table_values",
    "texts",
    "whole",
]

MASK: Final = "[masked]"
"""What stands where a person's data stood."""

_Member = TypeVar("_Member", bound=enum.Enum)

_LONG_FORMS: Final = tuple(
    tuple(form.split())
    for form in (
        "SOCIEDAD DE RESPONSABILIDAD LIMITADA",
        "SOCIEDAD ANONIMA DE CAPITAL VARIABLE",
        "SOCIETE A RESPONSABILITE LIMITEE",
        "SOCIETE PAR ACTIONS SIMPLIFIEE",
        "SOCIETE EN NOM COLLECTIF",
        "SOCIETE CIVILE IMMOBILIERE",
        "SOCIEDAD ANONIMA",
        "SOCIEDAD LIMITADA",
        "SOCIETE ANONYME",
        "SC DE RL DE CV",
        "S DE RL DE CV",
        "SAPI DE CV",
        "SA DE CV",
        "S DE RL",
    )
)
_FORM_STARTS: Final = frozenset(form[0] for form in _LONG_FORMS)
_SHORT_FORMS: Final = frozenset(
    [
        *("CO", "COMPANY", "COMPAGNIE", "COMPANIA", "INCORPORATED", "INCORPOREE", "LP", "PTY"),
        *("EIRL", "GIE", "SCA", "SCM", "SCOP", "SCP", "SE", "SELARL", "SENC", "SLL", "SLNE", "SLP"),
        *("SPRL", "SCOOP", "SCCL", "CB", "AIE", "UTE", "ULC"),
    ]
)
_ADDRESS: Final = re.compile(r"[^\s<>()@,;:]+@[^\s<>()@,;:]+")
_ALIKE: Final = str.maketrans(
    {
        **dict(zip("\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456", "aeopcxyi", strict=True)),
        **dict(zip("\u03bf\u03b1\u03bd\u0142\u00f8\u0111\u0131", "oavlodi", strict=True)),
        "\u00e6": "ae",
        "\u0153": "oe",
    }
)
"""Letters of other alphabets that look like ours, and those that no decomposition makes plain."""
_JOINING: Final = frozenset(["AND", "ET", "Y", "E"])
_LETTERS_MIN: Final = 2


def folded(text: str) -> str:
    """A text as it is compared: without case, accents, invisible signs and doubled blanks.

    >>> folded("  José\u200b  ROY ") == folded("jose roy")
    True
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = [sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Mn"}]
    return " ".join("".join(kept).split())


def same_person(one: str, other: str) -> bool:
    """Whether two names can be one person's: another spelling makes no second pair of eyes.

    Neither capitals, accents, points and blanks, letters that look alike, nor the order of the words
    make another person, and neither does an e-mail address that is made of the same words.

    >>> same_person("Zoé  Roy", "ROY, ZOE"), same_person("L. Roy", "l.roy@mira.example")
    (True, True)
    >>> same_person("L. Roy", "M. Roy")
    False
    """
    first, second = _parts(one), _parts(other)
    if first[1] and second[1]:
        # The same words at another house are another person, unless the name beside them is one.
        return first[1] == second[1] or not _spelt(first[0]).isdisjoint(_spelt(second[0]))
    return not _called(*first).isdisjoint(_called(*second))


def _parts(text: str) -> tuple[str, str]:
    """A name and the e-mail address that stands in it or is it; each may be empty."""
    plain = folded(folded(text).translate(_ALIKE))
    found = _ADDRESS.search(plain)
    if found is None:
        return plain, ""
    return f"{plain[: found.start()]} {plain[found.end() :]}", found.group()


def _called(name: str, address: str) -> set[str]:
    """What somebody can be called by a name and by what stands before the sign of an address."""
    return _spelt(name) | _spelt(address.partition("@")[0])


def _spelt(text: str) -> set[str]:
    """The words of a text in one order, and all of them in one; the text where it has no words."""
    words = re.findall(r"[^\W_]+", text)
    return {" ".join(sorted(words)), "".join(words)} if words else {text.strip()} - {""}


def company_words(name: str) -> list[str]:
    """The words of a company's name without its legal form, in English, French or Spanish.

    >>> company_words("Aceros del Norte, S. A. de C. V."), company_words("Roy & Fils S. A. R. L.")
    (['ACEROS', 'DEL', 'NORTE'], ['ROY', 'FILS'])
    """
    plain = unicodedata.normalize("NFKD", name.replace(".", " ").upper())
    words = re.findall(r"[A-Z0-9]+", "".join(s for s in plain if not unicodedata.combining(s)))
    whole_words = _joined(words)
    if not _FORM_STARTS.isdisjoint(whole_words):
        for form in _LONG_FORMS:
            whole_words = _without(whole_words, form)
    kept = [word for word in whole_words if word not in _SHORT_FORMS and word not in _JOINING]
    return name_words(" ".join(kept or whole_words or words)) if words else []


def _joined(words: list[str]) -> list[str]:
    """Letters that stand alone, put together: ``S A R L`` is one word."""
    found: list[str] = []
    letters = ""
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            letters += word
            continue
        found += [letters] if len(letters) >= _LETTERS_MIN else list(letters)
        letters = ""
        found += [word] if word else []
    return found


def _without(words: list[str], form: tuple[str, ...]) -> list[str]:
    """The words without a legal form, unless nothing else is left."""
    width = len(form)
    for start in range(len(words) - width + 1):
        if tuple(words[start : start + width]) == form and len(words) > width:
            return [*words[:start], *words[start + width :]]
    return words


def check_named(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a name of which nothing can be seen."""
    if not isinstance(value, str) or not folded(value):
        msg = f"{attribute.name} must be given, got {value!r}"
        raise DocumentError(msg)


def check_moment(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a moment without a zone."""
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        msg = f"{attribute.name} must be a moment with its zone, got {value!r}"
        raise DocumentError(msg)


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """Texts of a list; raises `PolicyError` for one text in its place."""
    if isinstance(values, str):
        msg = f"a list of texts must be given, got the text {values!r}"
        raise PolicyError(msg)
    return tuple(values)


def members(values: Iterable[_Member | str], kind: type[_Member]) -> frozenset[_Member]:
    """Members of an enumeration by their values; raises `PolicyError` saying which there are."""
    try:
        return frozenset(kind(value) for value in texts(values))  # type: ignore[arg-type]
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        msg = f"{kind.__name__} must be among {known}, got {values!r}"
        raise PolicyError(msg) from None


def whole(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is no whole number of zero or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        msg = f"{attribute.name} must be a whole number of zero or more, got {value!r}"
        raise PolicyError(msg)


def table_values(table: object, kind: type[Any], *, name: str) -> dict[str, Any]:
    """The values of a TOML table by the names of fields; raises `PolicyError` for a key that is none."""
    if not isinstance(table, Mapping):
        msg = f"{name} must be a table, got {table!r}"
        raise PolicyError(msg)
    values = {str(key).replace("-", "_"): value for key, value in table.items()}
    known = [field.name for field in attrs.fields(kind) if field.init]
    if unknown := sorted(set(values) - set(known)):
        words = ", ".join(key.replace("_", "-") for key in known)
        msg = f"keys of {name} must be among {words}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    return values
