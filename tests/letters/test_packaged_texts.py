"""The packaged texts say what the law of their locale says, in its typography."""

import re

import pytest

from receivables.i18n import letter_label
from receivables.letters import KINDS, Audience, check_texts, known_letters, packaged_texts

_TEXTS = {text.name: text for text in packaged_texts().by_key.values()}
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
_FRENCH = [text for text in packaged_texts().by_key.values() if text.locale[:2] == "fr"]


def _words(kind, locale):
    text = " ".join(packaged_texts().by_key[kind, locale, ""].lines)
    return re.sub(r"[\u00a0\u202f]", " ", text).replace("’", "'")


def _unmarked(text):
    return [
        line for line in text.lines if re.search(r"[^\u00a0\u202f\d][:;!?»](?!\w)|«[^\u00a0]", line)
    ]


def test_every_kind_is_in_every_locale():
    """The notices are in all three languages, and where the law differs."""
    assert all(set(_LOCALES) <= set(known_letters()[kind]) for kind in _KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["fr", "fr-CA", "fr-FR"])
def test_every_kind_is_in_french(kind, locale):
    """Whatever is written can be written to a business and to a consumer, in France and in Québec."""
    texts = packaged_texts()
    found = texts.find(kind, locale)
    to_consumers = texts.find(kind, locale, to_consumer=True)

    assert found.locale in {"fr", locale}
    assert to_consumers.audience is Audience.ALL
    assert (found.reply is not None) is KINDS[kind].has_reply


def test_texts_have_no_fault():
    """Every placeholder is known, nothing is markup, no line is too long."""
    found = check_texts(packaged_texts(), locales=["fr", "fr-CA", "fr-FR"])

    assert [one.message for one in found if one.finding.is_fault] == []


def test_every_kind_about_an_account_is_in_every_language():
    """Statements and confirmations are in all three languages, and where the words differ."""
    found = {kind: set(known_letters()[kind]) for kind in _ACCOUNT_KINDS}

    assert {kind.removesuffix("-consumer") for kind in known_letters()} == set(KINDS)
    assert all(locales >= set(_ACCOUNT_LOCALES) for locales in found.values())


@pytest.mark.parametrize("kind", _ACCOUNT_KINDS)
def test_french_texts_about_an_account_are_typeset(kind):
    """A colon has its no-break space on both sides of the Atlantic, and other high signs are avoided."""
    for locale in ("fr", "fr-CA"):
        lines = " ".join(packaged_texts().by_key[kind, locale, ""].lines)

        assert not re.search(r"[^\u00a0]:|[;!?«»]", lines)


@pytest.mark.parametrize("kind", [kind for kind in _ACCOUNT_KINDS if kind != "statement"])
@pytest.mark.parametrize("locale", _ACCOUNT_LOCALES)
def test_confirmation_is_no_request_for_payment(kind, locale):
    """A confirmation says so, and sends the answer to whom it names, by a day."""
    text = packaged_texts().by_key[kind, locale, ""]
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
            len(packaged_texts().by_key[kind, locale, ""].reply.choices)
            for locale in _ACCOUNT_LOCALES
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


@pytest.mark.parametrize("text", _FRENCH, ids=lambda text: text.name)
def test_french_signs_have_their_no_break_spaces(text):
    """France: high signs and quotation marks are never parted from their words."""
    if text.locale != "fr-CA":
        assert _unmarked(text) == []


@pytest.mark.parametrize("text", _FRENCH, ids=lambda text: text.name)
def test_quebec_has_spaces_before_colons_only(text):
    """In Québec a colon has its no-break space, and guillemets; other high signs have none."""
    if text.locale == "fr-CA":
        lines = " ".join(text.lines)

        assert not re.search(r"[^\u00a0]:|[\s\u202f][;!?]|«[^\u00a0]|[^\u00a0]»", lines)


@pytest.mark.parametrize("text", _FRENCH, ids=lambda text: text.name)
def test_quebec_pays_and_france_settles(text):
    """Usage: a *règlement* and a *pièce* in France are a *paiement* and a *facture* in Québec."""
    words = " ".join(text.lines)
    strange = "règlement|régler|pièce|e-mail|relance" if text.locale == "fr-CA" else "courriel"

    assert not re.search(strange, words, re.IGNORECASE)


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
    assert "{total}, dont {principal} en principal" in words
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


_MUST_SAY = (
    ("reminder-2", "fr-FR", "L. 441-10 du Code de commerce"),
    ("final-reminder", "fr-FR", "article 1219 du Code civil"),
    ("final-reminder", "fr-FR", "40 €"),
    ("final-reminder", "fr-CA", "taux annuel convenu par écrit"),
    ("formal-notice", "fr-CA", "nous vous mettons en demeure"),
    ("formal-notice", "fr-CA", "capital"),
    ("formal-notice-consumer", "fr-FR", "article 1344 du Code civil"),
    ("formal-notice-consumer", "fr-FR", "médiateur de la consommation"),
    ("formal-notice-consumer", "fr-FR", "articles 1231-6 et 1344-1"),
    ("reminder-2-consumer", "fr-FR", "articles L. 612-1 et L. 616-1 du Code de la consommation"),
    ("final-reminder-consumer", "fr-FR", "Aucuns frais de recouvrement"),
    ("final-reminder-consumer", "fr-CA", "Aucuns frais de recouvrement"),
    ("formal-notice-consumer", "fr-CA", "Aucuns frais de recouvrement"),
    ("agency-hand-over", "fr-FR", "article R. 124-4 du Code des procédures civiles d'exécution"),
    ("agency-hand-over-consumer", "fr-FR", "restent à notre charge (article L. 111-8"),
    ("hold-notice", "fr-FR", "article 1219 du Code civil"),
    ("payment-plan-agreement", "fr-FR", "article 2240 du Code civil"),
    ("payment-plan-agreement", "fr-CA", "taux annuel de {rate}"),
    ("dispute-answer-invalid-consumer", "fr-FR", "médiateur de la consommation"),
    ("phone-script-reminder", "fr-CA", "service des comptes clients de {creditor_name}"),
)
"""What the law or usage of a locale asks for, from the sources of the text."""

_MUST_NOT_SAY = (
    ("courtesy-reminder", "fr", "pénalité|intérêt|demeure|article|40 €"),
    ("courtesy-reminder", "fr-CA", "pénalité|intérêt|demeure|article"),
    ("reminder-2-consumer", "fr-FR", "441-10|40 €|pénalité"),
    ("final-reminder-consumer", "fr-FR", "441-10|40 €|pénalité"),
    ("formal-notice-consumer", "fr-FR", "441-10|40 €|pénalité"),
    ("final-reminder", "fr", "441-10|40 €|1219|1344"),
    ("formal-notice", "fr-CA", "frais|pénalité|441-10|1344|40 €"),
    ("reminder-2", "fr-CA", "frais|pénalité|441-10|40 €"),
    ("final-reminder", "fr-CA", "frais|pénalité|441-10|1219|40 €"),
    ("formal-notice", "fr-FR", "saisie|huissier|police|pénale"),
    ("statement", "fr", "pénalité|intérêt|40 €"),
    ("hold-notice", "fr-CA", "1219|441-10"),
)
"""What the law of a locale forbids, or is another's."""


@pytest.mark.parametrize(("kind", "locale", "words"), _MUST_SAY)
def test_mention_is_there(kind, locale, words):
    """The mentions that the law asks for stand in the text."""
    assert words in _words(kind, locale)


@pytest.mark.parametrize(("kind", "locale", "words"), _MUST_NOT_SAY)
def test_mention_is_not_there(kind, locale, words):
    """No text claims what the law of its locale does not give."""
    assert not re.search(words, _words(kind, locale))


def test_only_french_law_between_businesses_is_for_businesses():
    """The texts that cite L. 441-10 are marked, and no others are."""
    marked = {text.name for text in _FRENCH if text.audience is Audience.BUSINESS}

    assert marked == {text.name for text in _FRENCH if "441-10" in " ".join(text.lines)}


@pytest.mark.parametrize("text", _FRENCH, ids=lambda text: text.name)
def test_article_cited_has_its_source(text):
    """An article that the reader is told of stands among the sources."""
    sources = " ".join(source.text for source in text.sources).replace("L441", "L. 441")
    sources = re.sub(r"\b([LR])\.? ?(?=\d)", "", sources)
    cited = re.findall(
        r"(?<=[\u00a0 ])\d{3,4}(?:-\d+)?(?=[\u00a0 ).,](?!\d{3}))", " ".join(text.lines)
    )

    assert [number for number in cited if number not in sources] == []


def test_what_nobody_checked_stays_marked():
    """Sources that were cited from memory are marked."""
    unverified = {
        source.text
        for text in packaged_texts().by_key.values()
        for source in text.sources
        if source.unverified
    }

    assert "Code civil du Québec, art. 1591 (exception d'inexécution)" in unverified
    assert "C. civ. art. 1344 (interpellation suffisante)" not in unverified
