"""The Spanish texts say what the law of Spain or of Mexico says, each in its own words."""

import re
from importlib import resources

import pytest

from receivables.casework import NonPaymentReason
from receivables.i18n import words as catalogue
from receivables.letters import load_text, load_texts
from receivables.letters.kinds import CONSUMER, KINDS

_FOLDER = resources.files("receivables.letters") / "texts"
_FILES = {
    file.name: file.read_text(encoding="utf-8")
    for file in sorted(_FOLDER.iterdir(), key=lambda file: file.name)
    if re.search(r"\.es(-[A-Z]{2})?\.toml$", file.name)
}
_TEXTS = {name.removesuffix(".toml"): load_text(_FILES[name], name=name) for name in _FILES}
_SET = load_texts(_FILES)
_LOCALES = ("es-ES", "es-MX")

_LOCAL_KINDS = (
    "courtesy-reminder",
    "reminder-1",
    "reminder-2",
    "final-reminder",
    "formal-notice",
    "agency-hand-over",
    "hold-notice",
    "payment-plan-agreement",
    "statement",
)
"""What depends on the law or the usage of a country, so that each has its own."""

_CONSUMER_KINDS = (
    "reminder-2",
    "final-reminder",
    "formal-notice",
    "agency-hand-over",
    "payment-plan-agreement",
)
"""What is written to consumers in other words."""

_BUSINESS_ONLY = {
    "es": {"reminder-2", "final-reminder", "formal-notice"},
    "es-ES": {
        "reminder-2",
        "final-reminder",
        "formal-notice",
        "agency-hand-over",
        "payment-plan-agreement",
    },
    "es-MX": {
        "reminder-2",
        "final-reminder",
        "formal-notice",
        "agency-hand-over",
        "payment-plan-agreement",
    },
}
"""What speaks of interest or compensation between businesses, and never goes to a consumer."""

_FORBIDDEN = {
    "a list of debtors": r"ASNEF|moros[oa]s?\b|fichero|solvencia|buró|historial|central de riesgos",
    "legal action that was not taken": r"hemos (demandado|presentado|iniciado)|ha sido demandad",
    "penalty": r"penal|delito|denuncia|cárcel|prisión|policía|multa|sanci[óo]n",
    "seizure": r"embarg|secuestr|alguacil|actuario|incautar",
    "the look of a court": r"\b(citatorio|emplazamiento|sentencia|mandamiento|cédula)\b",
    "pressure": r"inmediat|última oportunidad|consecuencias|de lo contrario|so pena|apercib",
    "a certainty that nobody has": r"(le|les) demandaremos|acudiremos|presentaremos|emprenderemos",
    "the law of others": r"2011/7|441-10|BGB|\bAct\b|Code\b",
}
"""Claims that no text makes, with what they look like."""

_LAWS = {
    "Spain": (
        "es-ES",
        r"3/2004|1/2025|€|Código Civil|Enjuiciamiento|monitorio|Burofax|acreedores|municipal|litigios|rectificativa|albarán|Muy señores",
    ),
    "Mexico": (
        "es-MX",
        r"CFDI|\bRFC\b|Código de Comercio|seis por ciento|Profeco|moratori|mercantil|privacidad|cobranza|parcialidad|\bmontos?\b",
    ),
}
"""Words of one country's law and trade, and the only locale that may have them."""

_ABROAD = {
    "es": r"\babon(e|en|ar)\b|albarán|vosotros|vuestr",
    "es-ES": r"\bmontos?\b|cobranza|moratori|vosotros|vuestr",
    "es-MX": r"\bimportes?\b|intereses de demora|\babon(e|en|ar)\b|albarán|vosotros|vuestr|burofax",
}
"""Words that a locale does not have."""

_REASONS = (
    "no puede pagar",
    "error de facturación",
    "servicio sin terminar",
    "calidad",
    "disputa comercial",
    "falta un documento",
    "cambio de administrador",
    "va a pagar",
)

_all = pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
_SPOKEN = [text for text in _TEXTS.values() if text.kind.startswith("phone-script")]
_WRITTEN = [text for text in _TEXTS.values() if not text.kind.startswith("phone-script")]
_TO_CONSUMERS = [text for text in _WRITTEN if text.kind.endswith(CONSUMER)]


def _name(text):
    return f"{text.kind}.{text.locale}"


def _words(text):
    reply = text.reply.balance if text.reply else ""
    return re.sub(r"[\u00a0\u202f]", " ", " ".join((*text.lines, reply)))


def _own_words(text):
    """What the text says by itself, without the names of its placeholders."""
    return re.sub(r"\{\w+\}", "…", _words(text))


def _of(kind, locale):
    return _words(_TEXTS[f"{kind}.{locale}"])


@pytest.mark.parametrize("to_consumer", [False, True])
@pytest.mark.parametrize("locale", ["es", *_LOCALES, "es-AR"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found(kind, locale, to_consumer):
    """No letter is missing in Spain, in Mexico or elsewhere in Spanish, for whomever it is."""
    text = _SET.find(kind, locale, to_consumer=to_consumer)

    assert text.kind.removesuffix(CONSUMER) == kind


@pytest.mark.parametrize("locale", _LOCALES)
@pytest.mark.parametrize("kind", _LOCAL_KINDS)
def test_what_depends_on_the_country_has_its_own_text(kind, locale):
    """Where law or usage differs, the text is that of the country."""
    assert _SET.find(kind, locale).locale == locale


@pytest.mark.parametrize("locale", ["es", *_LOCALES])
@pytest.mark.parametrize("kind", _CONSUMER_KINDS)
def test_consumers_have_their_own_text(kind, locale):
    """What the law of businesses shapes is written in other words to a consumer."""
    text = _SET.find(kind, locale, to_consumer=True)

    assert (text.kind, text.locale) == (kind + CONSUMER, locale)


@pytest.mark.parametrize("locale", ["es", *_LOCALES])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if not KINDS[kind].is_spoken])
def test_no_consumer_is_several_gentlemen(kind, locale):
    """A consumer is one person, who is neither a company nor spoken to as one."""
    text = _SET.find(kind, locale, to_consumer=True)

    assert text.salutation == "Estimado cliente:"
    assert not re.search(r"ustedes|\b[Ll]es (rogamos|agradeceremos|damos)", _words(text))


@_all
def test_file_is_named_after_its_text(text):
    """A text is found where its name says that it is."""
    assert _name(text) in _TEXTS


@_all
def test_kind_is_known_and_says_what_it_must(text):
    """Every required placeholder is used, and no other than those of the kind."""
    kind = KINDS[text.kind.removesuffix(CONSUMER)]
    used = set(re.findall(r"\{(\w+)\}", " ".join(text.lines)))

    assert kind.required <= used <= kind.placeholders.keys()
    assert kind.has_reply == (text.reply is not None)


def test_business_texts_are_marked():
    """A text that cites law for businesses only is marked, and no other is."""
    found = {locale: set() for locale in _BUSINESS_ONLY}
    for text in _TEXTS.values():
        if text.audience.value == "business":
            found[text.locale].add(text.kind)

    assert found == _BUSINESS_ONLY


@pytest.mark.parametrize("pattern", _FORBIDDEN.values(), ids=_FORBIDDEN)
def test_forbidden_claims_are_absent(pattern):
    """Nothing is said to a customer that is false, or that the law forbids."""
    guilty = [
        _name(text) for text in _WRITTEN if re.search(pattern, _own_words(text), re.IGNORECASE)
    ]

    assert guilty == []


@pytest.mark.parametrize(("locale", "pattern"), _LAWS.values(), ids=_LAWS)
def test_law_stays_in_its_country(locale, pattern):
    """No text cites the law of the other country, and the base text cites none."""
    abroad = {name for name, text in _TEXTS.items() if re.search(pattern, _words(text))}

    assert abroad
    assert {_TEXTS[name].locale for name in abroad} == {locale}


@pytest.mark.parametrize("locale", [locale for locale, _ in _LAWS.values()])
def test_sources_stay_in_their_country(locale):
    """No source of a Spanish letter is Mexican law, and the other way round."""
    other = {
        "es-ES": r"México|Federa|CONDUSEF|Mercantiles",
        "es-MX": r"Ley 3/2004|Enjuiciamiento|LOPDGDD|TRLGDCU|TJUE",
    }
    texts = [text for text in _TEXTS.values() if text.locale == locale]
    sources = {source.text for text in texts for source in text.sources}

    assert not [source for source in sources if re.search(other[locale], source)]


@pytest.mark.parametrize("text", _TO_CONSUMERS, ids=_name)
def test_consumers_are_asked_for_the_debt_alone(text):
    """Neither the fixed sum nor the interest between businesses is asked of a consumer."""
    claims = r"40|3/2004|costes? de cobro|intereses de demora|moratori|gastos de cobr|artículo 362"

    assert not re.search(claims, _own_words(text))


@_all
def test_words_are_those_of_the_locale(text):
    """An *importe* is a *monto* in Mexico, and nobody there is asked to *abonar* a whole debt."""
    assert not re.search(_ABROAD[text.locale], _own_words(text), re.IGNORECASE)


@pytest.mark.parametrize("text", _WRITTEN, ids=_name)
def test_letters_begin_and_end_as_usual(text):
    """The salutation is that of the country, and every letter ends alike."""
    to_company_in_spain = text.locale == "es-ES" and not text.kind.endswith(CONSUMER)
    salutation = "Muy señores nuestros:" if to_company_in_spain else "Estimado cliente:"

    assert (text.salutation, text.closing) == (salutation, "Atentamente,")


@pytest.mark.parametrize("text", _WRITTEN, ids=_name)
def test_number_agrees_with_the_salutation(text):
    """Several gentlemen are *ustedes*, and a customer is *usted*."""
    words = _own_words(text)
    if text.salutation == "Muy señores nuestros:":
        assert not re.search(r"\b[Ll]e (rogamos|agradeceremos|damos|informamos)|\busted\b", words)
    else:
        assert not re.search(r"\b[Ll]es\b|\bustedes\b", words)


@_all
def test_signs_are_typeset(text):
    """No blank stands before a sign, questions are opened, and numbers keep their units."""
    lines = "\n".join(text.lines)

    assert not re.search(r"\s[:;!?.,»]|«\s|['\"“”—–]", lines)
    assert lines.count("¿") == lines.count("?")
    assert lines.count("¡") == lines.count("!")
    assert lines.count("«") == lines.count("»")
    assert not re.search(r"\d €|(Ley|Orgánica|artículos?) \d|_days\} días|\d días", lines)


@_all
def test_accents_are_written(text):
    """Words that are often seen without their accent have it, and *solo* has none."""
    words = _own_words(text)

    assert not re.search(
        r"\b(mas tardar|segun|todavia|accion|informacion|numero|articulo|dia|dias|asi|tambien|sólo)\b",
        words,
        re.IGNORECASE,
    )


@_all
def test_paragraphs_are_short(text):
    """A paragraph that nobody reads says nothing."""
    assert max(map(len, text.lines)) <= 480


@_all
def test_sources_are_named_once(text):
    """Every text names where it has its statements from, and names nothing twice."""
    named = [source.text for source in text.sources]

    assert named
    assert len(named) == len(set(named))


@pytest.mark.parametrize("kind", ["reminder-2", "final-reminder", "formal-notice"])
def test_spanish_notices_state_the_rights_of_the_law(kind):
    """Interest without notice, 40 € for each late payment, and neither where nobody is at fault."""
    words = _of(kind, "es-ES")

    assert "artículos 5, 7 y 8 de la Ley 3/2004, de 29 de diciembre" in words
    assert "40 € por costes de cobro por cada pago atrasado" in words
    assert "salvo que el deudor no sea responsable del retraso" in words


@pytest.mark.parametrize("kind", ["formal-notice", "formal-notice-consumer"])
def test_spanish_formal_notice_offers_to_negotiate(kind):
    """Burofax, an invitation to negotiate its object, 30 days from receipt, confidentiality."""
    text = _TEXTS[f"{kind}.es-ES"]
    words = _words(text)

    assert text.delivery == "Burofax con acuse de recibo y certificación de contenido"
    assert re.search(r"les? invitamos a negociar directamente con nosotros el pago", words)
    assert "treinta días naturales siguientes a la recepción" in words
    assert "confidenciales conforme a su artículo 9" in words
    assert "podremos acudir a los tribunales" in words


def test_spanish_formal_notice_keeps_the_interest():
    """What is paid as principal settles no interest that was reserved (C. civil 1110)."""
    words = _of("formal-notice", "es-ES")

    assert "quedan reservados, también cuando cobremos el principal" in words
    assert "{principal} corresponden al principal" in words


def test_spanish_consumer_is_put_in_default():
    """A consumer is in default from a demand on, and owes the legal interest at most."""
    words = _of("formal-notice-consumer", "es-ES")

    assert "requerimiento extrajudicial de pago a los efectos del artículo 1100" in words
    assert "salvo que se haya pactado otra cosa" in words


def test_spanish_plan_bears_interest_on_what_is_overdue():
    """A missed installment bears interest by itself (Ley 3/2004 art. 6)."""
    assert "únicamente sobre las cantidades vencidas (artículo 6 de la Ley 3/2004" in _of(
        "payment-plan-agreement", "es-ES"
    )


@pytest.mark.parametrize("kind", ["reminder-2", "final-reminder", "formal-notice"])
def test_mexican_interest_is_as_agreed(kind):
    """Agreed interest, or else six per cent a year; costs only as agreed."""
    words = _of(kind, "es-MX")

    assert "el interés pactado para ese caso o, en su defecto, el seis por ciento anual" in words
    assert "362 del Código de Comercio" in words
    assert "gastos de cobranza se reclaman únicamente en la medida en que se hayan pactado" in words


@pytest.mark.parametrize(
    "kind", ["courtesy-reminder", "dispute-answer-valid", "duplicate-cover", "statement"]
)
def test_mexican_invoices_are_cfdi(kind):
    """An invoice is an XML file with a printed form, and a credit note is one of another type."""
    assert "CFDI" in _of(kind, "es-MX")


@pytest.mark.parametrize("locale", ["es", *_LOCALES])
@pytest.mark.parametrize("kind", ["courtesy-reminder", "reminder-1", "promise-confirmation"])
def test_courteous_letters_speak_of_no_law(kind, locale):
    """Before anything is late for long, neither interest nor law is mentioned."""
    words = _words(_SET.find(kind, locale))

    assert not re.search(r"inter[eé]s|\bley\b|tribunal|artículo|requer", words, re.IGNORECASE)


@pytest.mark.parametrize("locale", ["es", *_LOCALES])
def test_formal_notice_to_a_consumer_is_no_document_of_a_court(locale):
    """A letter says who it is from, so that nobody takes it for something else."""
    assert "No es un documento judicial." in _of("formal-notice-consumer", locale)


@pytest.mark.parametrize("text", _SPOKEN, ids=_name)
def test_scripts_are_calls(text):
    """A call names who calls, its purpose, the reasons to note, a date and an amount, and an end."""
    words = _words(text)

    assert "me llamo [su nombre] y llamo de {creditor_name}" in words
    assert all(reason in words for reason in _REASONS)
    assert "[cantidad] el [fecha]" in words
    assert "nada sobre la cuenta" in words
    assert "nunca amenace" in words
    assert text.closing.startswith("Cierre: «")


@pytest.mark.parametrize("text", _SPOKEN, ids=_name)
def test_scripts_quote_what_is_said(text):
    """What is said stands between quotation marks, and speaks of no court and no agency."""
    said = " ".join(re.findall(r"«([^»]*)»", _words(text)))

    assert "Buenos días" in said
    assert "Que tenga un buen día" in said
    assert not re.search(r"tribunal|juzgado|agencia|abogad|demanda|impagados", said)


def test_scripts_name_the_reasons_of_the_note():
    """The words that a caller is to use are those of the form to fill in."""
    reasons = [reason for reason in NonPaymentReason if reason is not NonPaymentReason.OTHER]
    told = [catalogue("es").text("non-payment reason", reason.value) for reason in reasons]

    assert sorted(reason.lower() for reason in told) == sorted(_REASONS)


@_all
def test_what_nobody_read_stays_marked(text):
    """Statutes that were not read for these texts are marked as such."""
    known = re.compile(
        r"LOPDGDD|RGPD|85\.3|Ley 7/2017|Concursal|1619|505|284 Bis|Protección|CONDUSEF|Código de Comercio|"
        r"Civil Federal|Fiscal|Mercantiles|art\. 362 covers|this wording"
    )
    marks = {source.unverified for source in text.sources if known.search(source.text)}

    assert marks <= {True}
