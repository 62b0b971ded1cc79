"""A letter is plain text, and says so when it is not."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import DocumentError, PolicyError
from receivables.letters import Labelled, LetterRow, LetterTable
from receivables.letters.model import plain
from receivables.letters.rules import city_lines, envelope_lines, file_stem, identifier_line
from receivables.parties import Address, Identifier
from receivables.testing.letter_renderer import sample_letter

_LETTER = sample_letter("reminder-1", "en")

_REFUSED = {
    "line end in a subject": ({"subject": "Hello\r\nBcc: all@example.com"}, "subject must be"),
    "empty subject": ({"subject": ""}, "subject must say"),
    "control character": ({"before": ("a\x00b",)}, "before must be lines"),
    "two lines in one": ({"sender": ("a\nb",)}, "sender must be lines"),
    "line separator": ({"closing": "a\u2028b"}, "closing must be lines"),
    "override of direction": ({"signature": ("\u202egnp.exe",)}, "signature must be lines"),
    "half a character": ({"legal": ("\ud800",)}, "legal must be lines"),
    "number": ({"salutation": 1}, "salutation must be text"),
    "too long": ({"after": ("x" * 10_001,)}, "at most 10000 characters"),
    "two addresses": ({"email_to": "a@example.com, b@example.com"}, "one e-mail address"),
    "address with a header": ({"email_to": "a@example.com\nBcc: b@example.com"}, "one e-mail"),
    "address in other letters": ({"email_to": "é@example.com"}, "one e-mail address"),
    "path": ({"file_stem": "../letter"}, "file_stem must be"),
    "empty stem": ({"file_stem": ""}, "file_stem must be"),
}


@pytest.mark.parametrize(("changes", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_letter_is_refused(changes, reason):
    """What no paper and no mail program could show as it is, is no letter."""
    with pytest.raises(DocumentError, match=reason):
        attrs.evolve(_LETTER, **changes)


def test_locale_of_a_letter_is_checked():
    """A letter is in a language."""
    with pytest.raises(PolicyError, match="locale must look like"):
        attrs.evolve(_LETTER, locale="english")


def test_lone_text_is_one_line():
    """A text where lines are wanted is one line, and not its letters."""
    assert attrs.evolve(_LETTER, after="Thank you").after == ("Thank you",)


def test_row_has_a_cell_for_each_heading():
    """A table is rectangular."""
    with pytest.raises(DocumentError, match="cells of a row must be 2, got 1"):
        LetterTable(headings=("a", "b"), rows=[LetterRow(cells=("1",))])


def test_total_is_plain_too():
    """A label is text like any other."""
    with pytest.raises(DocumentError, match="label must be lines"):
        Labelled("a\tb", "c")


@given(text=st.text(max_size=80))
def test_plain_is_accepted(text):
    """What `plain` returns can stand in a letter."""
    assert Labelled("", plain(text)).text == plain(text)


_CITIES = {
    "FR": (("44000", "Nantes", ""), ("44000 Nantes",)),
    "ES": (("28014", "Madrid", ""), ("28014 Madrid",)),
    "CA": (("H3A 1H6", "Montréal", "QC"), ("Montréal QC  H3A 1H6",)),
    "US": (("60601", "Chicago", "IL"), ("Chicago, IL 60601",)),
    "GB": (("SW1A 1AA", "London", ""), ("London", "SW1A 1AA")),
    "DE": (("", "Berlin", ""), ("Berlin",)),
    "": (("", "", ""), ()),
}


@pytest.mark.parametrize(
    ("country", "parts", "expected"),
    [(country, parts, expected) for country, (parts, expected) in _CITIES.items()],
    ids=_CITIES,
)
def test_city_stands_as_in_its_country(country, parts, expected):
    """Postal code and city have the order of the country, and nothing is left of what is absent."""
    postal_code, city, region = parts
    address = Address(postal_code=postal_code, city=city, region=region, country=country)

    assert expected == city_lines(address)


def test_city_is_not_said_twice():
    """An address whose lines have the city already gets none."""
    address = Address(lines=["8 rue X", "44000 NANTES"], postal_code="44000", city="Nantes")

    assert envelope_lines("A", address, from_country="FR", locale="fr") == (
        "A",
        "8 rue X",
        "44000 NANTES",
    )


def test_identifier_is_named_by_its_scheme():
    """The scheme without its country is what the number is called."""
    assert identifier_line(Identifier("lei", "5299")) == "LEI 5299"


_PARTS = st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=2)


@given(left=_PARTS, right=_PARTS)
def test_different_letters_have_different_files(left, right):
    """Whatever the numbers look like, two customers never share a file."""
    assert (file_stem("C", *left) == file_stem("C", *right)) == (left == right)


@given(parts=st.lists(st.text(max_size=200), max_size=3))
def test_every_stem_names_a_file(parts):
    """A stem is accepted by a letter, whatever it is made of."""
    assert attrs.evolve(_LETTER, file_stem=file_stem(*parts)).file_stem
