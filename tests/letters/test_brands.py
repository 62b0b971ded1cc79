"""Texts are found by brand and by whom they are for, and a set of them is checked as a whole."""

import attrs
import pytest

from receivables.errors import PolicyError, TranslationMissingError
from receivables.letters import (
    Audience,
    LetterText,
    ReplyText,
    Source,
    TextFindingKind,
    Texts,
    check_texts,
    load_text,
    load_texts,
    packaged_texts,
    required_of,
)

_TEXT = LetterText(
    kind="reminder-1",
    locale="fr",
    subject="{total}",
    salutation="Bonjour,",
    before=["Merci."],
    closing="À bientôt",
)


def _texts(*changes):
    return Texts([attrs.evolve(_TEXT, **change) for change in changes])


_FOUND = {
    "the brand's own": ([{}, {"brand": "pro"}], "pro", "fr-FR", ("fr", "pro")),
    "the brand's before an exact common one": (
        [{"locale": "fr-FR"}, {"brand": "pro"}],
        "pro",
        "fr-FR",
        ("fr", "pro"),
    ),
    "the brand's exact one first": (
        [{"brand": "pro"}, {"brand": "pro", "locale": "fr-FR"}],
        "pro",
        "fr-FR",
        ("fr-FR", "pro"),
    ),
    "the common one": ([{}, {"brand": "pro"}], "", "fr-FR", ("fr", "")),
    "the common one for another brand": ([{}, {"brand": "pro"}], "eco", "fr-FR", ("fr", "")),
}


@pytest.mark.parametrize(("changes", "brand", "locale", "found"), _FOUND.values(), ids=_FOUND)
def test_brand_comes_first(changes, brand, locale, found):
    """A brand's own text is preferred, in its locale or its language, and then the common one."""
    texts = _texts(*changes)
    text = texts.find("reminder-1", locale, brand)

    assert found == (text.locale, text.brand)
    assert text == texts.of_brand(brand).find("reminder-1", locale)


def test_another_brand_is_no_stand_in():
    """Nobody writes in another brand's name."""
    with pytest.raises(TranslationMissingError, match="got 'fr'"):
        _texts({"brand": "pro"}).find("reminder-1", "fr", "eco")


def test_updated_texts_keep_the_brand():
    """Whichever of the two has a brand, the sum writes as it."""
    branded = _texts({"brand": "pro"}).of_brand("pro")

    assert packaged_texts().updated(branded).find("reminder-1", "fr-CA").brand == "pro"
    assert branded.updated(_texts({})).brand == "pro"


_BUSINESS = {"audience": "business"}
_CONSUMER = {"kind": "reminder-1-consumer"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ([{}], "reminder-1"),
        ([{}, _CONSUMER], "reminder-1-consumer"),
        ([_BUSINESS, _CONSUMER], "reminder-1-consumer"),
        ([{**_BUSINESS, "locale": "fr-FR"}, _CONSUMER], "reminder-1-consumer"),
    ],
)
def test_consumer_gets_words_for_consumers(changes, kind):
    """The text for consumers comes first; else one that is for all."""
    assert kind == _texts(*changes).find("reminder-1", "fr-FR", to_consumer=True).kind


@pytest.mark.parametrize("changes", [[_BUSINESS], [{}, {**_BUSINESS, "locale": "fr-FR"}]])
def test_consumer_gets_no_words_for_business(changes):
    """A text for business only stops the letter, even where the language has a general one."""
    with pytest.raises(TranslationMissingError, match="to a consumer must have a text"):
        _texts(*changes).find("reminder-1", "fr-FR", to_consumer=True)


def test_text_for_consumers_is_not_for_business():
    """The name of the kind and the audience agree."""
    with pytest.raises(PolicyError, match="must be consumers, got business"):
        _texts({**_CONSUMER, **_BUSINESS})


_FILE = """
kind = "reminder-1"
locale = "fr"
brand = "pro"
audience = "business"
subject = "{total}"
salutation = "Bonjour,"
before = ["Merci."]
closing = "À bientôt"
sources = []
"""


def test_brand_and_audience_are_read_from_the_file():
    """Both keys may be left out, and are what they say."""
    text = load_text(_FILE, name="own.toml")

    assert (text.brand, text.audience) == ("pro", Audience.BUSINESS)
    assert text.name == "reminder-1 fr pro"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"pro"', '"Pro Line"', "brand must look like"),
        ('"business"', '"everybody"', "not a valid Audience"),
        ('"pro"', "3", "brand of own.toml must be a str"),
        ("Merci.", "<b>Merci</b>", "words without markup, got '<b>'"),
        ("Merci.", "<%= merci %>", "words without markup"),
        ("Merci.", "Merci&nbsp;!", "words without markup, got '&nbsp;'"),
        ("Merci.", "$(reboot)", "words without markup"),
        ("Merci.", "{{ total }}", "between braces only"),
        ("Merci.", "{% if x %}", "between braces only"),
        ("Merci.", "x" * 2_001, "at most 2000 characters, got 2001"),
        ("Bonjour,", "x" * 201, "at most 200 characters, got 201"),
    ],
)
def test_text_is_refused(old, new, reason):
    """What would be executed or taken for markup elsewhere, and what is too long, is refused."""
    with pytest.raises(PolicyError, match=reason) as raised:
        load_text(_FILE.replace(old, new), name="own.toml")

    assert "own.toml" in str(raised.value)


def test_two_brands_have_two_texts():
    """One text per kind, locale and brand."""
    texts = load_texts({"a": _FILE, "b": _FILE.replace("pro", "eco")})

    assert [text.brand for text in texts.by_key.values()] == ["eco", "pro"]
    with pytest.raises(PolicyError, match="got two of reminder-1 fr pro"):
        load_texts({"a": _FILE, "b": _FILE})


def _findings(*changes, locales=("fr",), kinds=("reminder-1",)):
    found = check_texts(_texts(*changes), locales=locales, kinds=kinds)
    return [one.finding.name for one in found]


_FINDINGS = {
    "nothing": ([{}], []),
    "no text": ([{"locale": "en"}], ["MISSING"]),
    "business only": ([_BUSINESS], ["MISSING_FOR_CONSUMERS"]),
    "unknown": ([{"before": ["{sum}"]}], ["UNKNOWN_PLACEHOLDER"]),
    "missing": ([{"subject": "Hello"}], ["MISSING_PLACEHOLDER"]),
    "braces": ([{"before": ["{total!r}"]}], ["BRACES"]),
    "markup": ([{"before": ["<p>"]}], ["MARKUP"]),
    "length": ([{"subject": "{total}" + "x" * 200}], ["LENGTH"]),
    "unverified": ([{"sources": [Source("BGB 286", unverified=True)]}], ["UNVERIFIED"]),
    "own kind": ([{}, {"kind": "season-greetings"}], ["OWN_KIND"]),
    "several": (
        [{"subject": "<b>", "before": ["{sum}"]}],
        ["UNKNOWN_PLACEHOLDER", "MISSING_PLACEHOLDER", "MARKUP"],
    ),
}


@pytest.mark.parametrize(("changes", "findings"), _FINDINGS.values(), ids=_FINDINGS)
def test_set_is_checked(changes, findings):
    """Everything that is to be said of a set is found at once."""
    assert findings == _findings(*changes)


def test_every_packaged_kind_is_asked_for_unless_some_are_named():
    """A set of one text lacks all the others."""
    found = check_texts(_texts({}), locales=["fr-FR"])

    assert len([one for one in found if one.finding is TextFindingKind.MISSING]) == 23
    assert all(one.finding.is_fault for one in found)


def test_reply_is_asked_for_where_the_kind_has_one():
    """A payment plan without a slip to sign is no agreement."""
    kind = "payment-plan-agreement"
    line = " ".join(f"{{{name}}}" for name in sorted(required_of(kind)))
    bare = {"kind": kind, "subject": line}

    assert _findings(bare, kinds=[kind]) == ["NO_REPLY"]
    assert _findings({**bare, "reply": ReplyText(title="Oui")}, kinds=[kind]) == []


def test_locale_that_is_none_is_refused():
    """A misspelt locale is no missing text."""
    with pytest.raises(PolicyError, match="locale must look like"):
        check_texts(_texts({}), locales=["fr_FR"])
