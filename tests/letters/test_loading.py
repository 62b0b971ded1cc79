"""Texts of one's own are checked before a letter is written with them."""

import pytest

from receivables.errors import PolicyError, TranslationMissingError
from receivables.letters import load_text, load_texts, packaged_texts

_GOOD = """
kind = "reminder-2"
locale = "fr-FR"
subject = "{total}"
salutation = "Bonjour,"
before = ["Merci de régler {total} avant le {deadline}."]
after = []
closing = "Cordialement"
sources = []
"""

_REFUSED = {
    "not TOML": ("kind = ", "must be TOML"),
    "unknown key": (f'{_GOOD}\nscript = "x"', "keys of own.toml must be among"),
    "missing key": (_GOOD.replace('closing = "Cordialement"', ""), "must have the keys closing"),
    "unknown placeholder": (_GOOD.replace("{total}", "{sum}"), "among .*, got sum"),
    "missing placeholder": (_GOOD.replace("{deadline}", "demain"), "must use {deadline}"),
    "look inside": (_GOOD.replace("{total}", "{total.real}"), "braces must hold"),
    "format": (_GOOD.replace("{total}", "{total:>999999999}"), "braces must hold"),
    "paragraph of two lines": (_GOOD.replace("Merci ", "Merci\\n"), "lines of plain text"),
    "control character": (_GOOD.replace("Bonjour", "Bon\\u0007jour"), "lines of plain text"),
    "number for a text": (_GOOD.replace('"Bonjour,"', "1"), "salutation of own.toml must be a str"),
    "text for paragraphs": (_GOOD.replace("after = []", 'after = "x"'), "must be a list"),
    "number in a list": (_GOOD.replace("after = []", "after = [1]"), "lines of plain text"),
    "bad locale": (_GOOD.replace("fr-FR", "french"), "locale must look like"),
    "bad kind": (_GOOD.replace('"reminder-2"', '"Reminder 2"'), "kind must look like"),
    "bad source": (_GOOD.replace("sources = []", "sources = [{page = 1}]"), "letter text"),
    "too many paragraphs": (_GOOD.replace("after = []", f"after = {['x'] * 41}"), "at most 40"),
    "too long a paragraph": (_GOOD.replace("Merci", "M" * 10_001), "at most 10000"),
    "reply that is no table": (_GOOD.replace("after", 'reply = "x"\nafter'), "must be a dict"),
    "unknown key of a reply": (
        f'{_GOOD}\n[reply]\ntitle = "x"\ncolor = 1',
        "reply of own.toml must be",
    ),
    "reply without a title": (f"{_GOOD}\n[reply]\nfields = []", "must hold a letter text"),
    "text for choices": (f'{_GOOD}\n[reply]\ntitle = "x"\nchoices = "y"', "must be a list"),
    "list for a title": (f"{_GOOD}\n[reply]\ntitle = []", "must be a str"),
    "placeholder of a reply": (f'{_GOOD}\n[reply]\ntitle = "{{sum}}"', "got sum"),
    "balance of a reply": (
        f'{_GOOD}\n[reply]\ntitle = "x"\nbalance = "{{total}}"',
        "must use {currency} only",
    ),
    "too long a file": (_GOOD + "#" * 65_536, "at most 65536"),
}


@pytest.mark.parametrize(("contents", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_text_is_refused(contents, reason):
    """A text that could surprise its reader is refused when it is loaded, with its name."""
    with pytest.raises(PolicyError, match=reason) as raised:
        load_text(contents, name="own.toml")

    assert "own.toml" in str(raised.value) or "reminder-2 fr-FR" in str(raised.value)


def test_text_is_loaded():
    """A text is what its file says."""
    text = load_text(_GOOD, name="own.toml")

    assert (text.kind, text.locale, text.closing) == ("reminder-2", "fr-FR", "Cordialement")


def test_reply_is_loaded():
    """A reply is what its table says, and may use the placeholders of its kind."""
    text = load_text(
        f'{_GOOD}\n[reply]\ntitle = "{{total}}"\nbalance = "in {{currency}}"', name="x"
    )

    assert (text.reply.title, text.reply.balance, text.reply.choices) == (
        "{total}",
        "in {currency}",
        (),
    )


def test_placeholders_are_those_of_the_kind():
    """What a statement can say is not what a notice can say."""
    with pytest.raises(PolicyError, match=r"must be among .*as_of.*, got deadline, total"):
        load_text(_GOOD.replace("reminder-2", "statement"), name="own.toml")


def test_two_texts_for_one_letter_are_refused():
    """Which of two texts would be sent is never a matter of luck."""
    with pytest.raises(PolicyError, match="got two of reminder-2 fr-FR"):
        load_texts({"a.toml": _GOOD, "b.toml": _GOOD})


def test_own_texts_take_the_place_of_packaged_ones():
    """Only the kind and locale that are given change."""
    texts = packaged_texts().updated(load_texts({"own.toml": _GOOD}))

    assert texts.find("reminder-2", "fr-FR").closing == "Cordialement"
    assert texts.find("reminder-2", "fr-CA") is packaged_texts().find("reminder-2", "fr-CA")


@pytest.mark.parametrize(
    ("locale", "found"),
    [("fr-FR", "fr-FR"), ("fr-BE", "fr"), ("en-IE", "en"), ("es-PE", "es"), ("fr", "fr")],
)
def test_text_is_found_exactly_and_then_by_language(locale, found):
    """The law differs where the language does not, so that the exact locale comes first."""
    assert found == packaged_texts().find("formal-notice", locale).locale


@pytest.mark.parametrize(("kind", "locale"), [("reminder-1", "de"), ("reminder-9", "fr")])
def test_missing_text_is_refused(kind, locale):
    """A letter is never written in another language, nor of another kind."""
    with pytest.raises(TranslationMissingError, match=locale):
        packaged_texts().find(kind, locale)
