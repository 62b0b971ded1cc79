"""The packaged texts say what the law of their locale says, in its typography."""

import re

import pytest

from receivables.i18n import letter_label
from receivables.letters import known_letters, packaged_texts

_TEXTS = {f"{kind} {locale}": text for (kind, locale), text in packaged_texts().by_key.items()}
_LOCALES = ("en", "en-CA", "es", "es-ES", "fr", "fr-CA", "fr-FR")
_KINDS = ("formal-notice", "reminder-1", "reminder-2")
"""Notices: what they say depends on the law, so that every locale has its own."""
_ACCOUNT_KINDS = (
    "balance-confirmation",
    "balance-confirmation-blank",
    "balance-confirmation-negative",
    "statement",
)
_ACCOUNT_LOCALES = ("en", "es", "fr", "fr-CA")


def _words(kind, locale):
    text = " ".join(packaged_texts().by_key[kind, locale].lines)
    return re.sub(r"[\u00a0\u202f]", " ", text).replace("’", "'")


def _unmarked(text):
    return [
        line for line in text.lines if re.search(r"[^\u00a0\u202f\d][:;!?»](?!\w)|«[^\u00a0]", line)
    ]


def test_every_kind_is_in_every_locale():
    """The notices are in all three languages, and where the law differs."""
    assert dict.fromkeys(_KINDS, _LOCALES) == {kind: known_letters()[kind] for kind in _KINDS}


def test_every_kind_about_an_account_is_in_every_language():
    """Statements and confirmations are in all three languages, and where the words differ."""
    found = {kind: set(known_letters()[kind]) for kind in _ACCOUNT_KINDS}

    assert set(known_letters()) == {*_KINDS, *_ACCOUNT_KINDS}
    assert all(locales >= set(_ACCOUNT_LOCALES) for locales in found.values())


@pytest.mark.parametrize("kind", _ACCOUNT_KINDS)
def test_french_texts_about_an_account_are_typeset(kind):
    """A colon has its no-break space on both sides of the Atlantic, and other high signs are avoided."""
    for locale in ("fr", "fr-CA"):
        lines = " ".join(packaged_texts().by_key[kind, locale].lines)

        assert not re.search(r"[^\u00a0]:|[;!?«»]", lines)


@pytest.mark.parametrize("kind", [kind for kind in _ACCOUNT_KINDS if kind != "statement"])
@pytest.mark.parametrize("locale", _ACCOUNT_LOCALES)
def test_confirmation_is_no_request_for_payment(kind, locale):
    """A confirmation says so, and sends the answer to whom it names, by a day."""
    text = packaged_texts().by_key[kind, locale]
    words = _words(kind, locale)

    assert re.search(
        r"not a request for payment|pas une demande de paiement|no es una solicitud", words
    )
    assert {"{reply_to}", "{reply_by}", "{reply_reference}"} <= set(re.findall(r"{\w+}", words))
    assert text.reply is not None
    assert [source.unverified for source in text.sources if "505" in source.text] == [True]


def test_only_the_positive_form_can_be_agreed_with():
    """The negative form has one box, and the blank form none."""
    counts = {
        kind: {
            len(packaged_texts().by_key[kind, locale].reply.choices) for locale in _ACCOUNT_LOCALES
        }
        for kind in _ACCOUNT_KINDS
        if kind != "statement"
    }

    assert counts == {
        "balance-confirmation": {2},
        "balance-confirmation-blank": {0},
        "balance-confirmation-negative": {1},
    }


@pytest.mark.parametrize(
    ("locale", "word"), [("es", "Estado de cuenta"), ("es-ES", "Extracto de cuenta")]
)
def test_spain_has_its_own_word_for_a_statement(locale, word):
    """An *extracto* in Spain is an *estado de cuenta* in Latin America."""
    assert packaged_texts().find("statement", locale).subject.startswith(word)
    assert letter_label("statement", locale) == word


@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
def test_every_text_names_its_sources(text):
    """What a letter says of the law, or leaves unsaid, has a source."""
    assert text.sources


@pytest.mark.parametrize("locale", ["fr", "fr-FR"])
@pytest.mark.parametrize("kind", _KINDS)
def test_french_signs_have_their_no_break_spaces(kind, locale):
    """High signs and quotation marks are never parted from their words."""
    assert _unmarked(packaged_texts().by_key[kind, locale]) == []


@pytest.mark.parametrize("kind", _KINDS)
def test_quebec_has_spaces_before_colons_only(kind):
    """In Québec a colon has its no-break space; other high signs have none."""
    lines = " ".join(packaged_texts().by_key[kind, "fr-CA"].lines)

    assert not re.search(r"[^\u00a0]:|\s[;!?]", lines)


@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
def test_amounts_and_apostrophes_are_typeset(text):
    """An amount keeps its sign, an article its number, and no apostrophe is straight."""
    lines = "\n".join(text.lines)

    assert not re.search(r"\d €|\bL\. \d|(article|Ley|artículos) \d", lines)
    assert "'" not in lines


def test_french_second_reminder_recalls_the_law():
    """France: penalties without a reminder, and 40 € for each invoice (C. com. art. L441-10 II)."""
    words = _words("reminder-2", "fr-FR")

    assert "L. 441-10 du Code de commerce" in words
    assert "sans qu'un rappel soit nécessaire" in words
    assert "40 €" in words
    assert "chaque facture" in words


def test_french_formal_notice_is_one():
    """France: the words that make a formal notice, a deadline, and the principal apart."""
    words = _words("formal-notice", "fr-FR")

    assert "nous vous mettons en demeure" in words
    assert "vaut mise en demeure au sens de l'article 1344 du Code civil" in words
    assert "{total} en principal" in words
    assert "les pénalités de retard" in words
    assert "40 € par facture" in words


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("locale", ["fr", "fr-CA", "en", "en-CA", "es"])
def test_law_of_the_union_stays_there(kind, locale):
    """Outside France and Spain no letter claims 40 €, nor an article of theirs."""
    assert not re.search(r"40 €|441-10|1344|3/2004", _words(kind, locale))


@pytest.mark.parametrize("locale", ["fr-CA", "en-CA"])
@pytest.mark.parametrize("kind", ["reminder-2", "formal-notice"])
def test_canadian_interest_is_annual(kind, locale):
    """Canada: interest is claimed at an annual rate agreed in writing (Interest Act s. 4)."""
    assert re.search(
        r"annual rate agreed in writing|taux annuel convenu par écrit", _words(kind, locale)
    )


@pytest.mark.parametrize("kind", ["reminder-2", "formal-notice"])
def test_spanish_law_is_named(kind):
    """Spain: articles 5, 7 and 8 of Ley 3/2004, and 40 € for each late payment."""
    words = _words(kind, "es-ES")

    assert "artículos 5, 7 y 8 de la Ley 3/2004" in words
    assert "40 € por costes de cobro por cada pago atrasado" in words


@pytest.mark.parametrize("locale", _LOCALES)
def test_first_reminder_is_courteous(locale):
    """A first reminder speaks neither of interest nor of the law."""
    words = _words("reminder-1", locale)

    assert not re.search(r"inter[eé]s|intérêt|40 €|demeure de|Ley|Code|law", words)


def test_what_nobody_checked_stays_marked():
    """Sources that were cited from memory are marked."""
    unverified = {
        source.text
        for text in packaged_texts().by_key.values()
        for source in text.sources
        if source.unverified
    }

    assert "C. com. art. D441-5 (40 €, as codified)" in unverified
    assert "C. civ. art. 1344 (interpellation suffisante)" not in unverified
