"""Words are looked up exactly, then by language, and never in another language."""

import pytest

from receivables.errors import PolicyError, TranslationMissingError
from receivables.i18n import LANGUAGES, letter_label, locale_chain, words
from receivables.letters import known_letters


@pytest.mark.parametrize("locale", ["fr", "fr-FR", "fr-BE"])
def test_region_has_the_words_of_its_language(locale):
    """A region without words of its own speaks its language."""
    assert words(locale).text("kind", "credit note") == "avoir"


def test_region_has_words_of_its_own():
    """Spain says otherwise than Spanish in general, and everything else alike."""
    spain, general = words("es-ES"), words("es")

    assert spain.text("kind", "credit note") == "factura rectificativa"
    assert spain.text("heading", "customer") == general.text("heading", "customer")


@pytest.mark.parametrize("locale", ["de", "de-CH", "xx", "it"])
def test_other_languages_are_refused(locale):
    """A language without words raises; English is no stand-in."""
    with pytest.raises(TranslationMissingError, match=f"got '{locale}'"):
        words(locale)


@pytest.mark.parametrize("locale", ["", "FR", "fr_CA", "fr-ca", "fra", "fr-CAN", "../fr", "fr\n"])
def test_what_is_no_locale_is_refused(locale):
    """A locale is two letters, and perhaps a region."""
    with pytest.raises(PolicyError, match="locale must look like"):
        locale_chain(locale)


def test_missing_word_is_refused():
    """A word that the catalogue lacks raises, and names its context."""
    with pytest.raises(TranslationMissingError, match="'heading', 'colour'"):
        words("fr").text("heading", "colour")


def test_contexts_keep_words_apart():
    """The same message in another context is another word."""
    catalog = words("fr")

    assert catalog.text("heading", "unapplied cash") != catalog.text("kind", "unapplied cash")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", known_letters())
def test_every_packaged_letter_has_a_name(kind, language):
    """Reports can name each kind of letter."""
    assert letter_label(kind, language)
