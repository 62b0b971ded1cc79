"""The English texts say what the law of their country says, in its spelling, and nothing else."""

import re
from importlib import resources

import pytest

from receivables.errors import TranslationMissingError
from receivables.letters import load_text, load_texts
from receivables.letters.kinds import CONSUMER, KINDS

_FOLDER = resources.files("receivables.letters") / "texts"
_FILES = {
    file.name: file.read_text(encoding="utf-8")
    for file in sorted(_FOLDER.iterdir(), key=lambda file: file.name)
    if re.search(r"\.en(-[A-Z]{2})?\.toml$", file.name)
}
_TEXTS = {name.removesuffix(".toml"): load_text(_FILES[name], name=name) for name in _FILES}
_SET = load_texts(_FILES)
_LOCALES = ("en-US", "en-CA", "en-GB")

_LOCAL_KINDS = (
    "courtesy-reminder",
    "reminder-1",
    "reminder-2",
    "final-reminder",
    "formal-notice",
    "agency-hand-over",
    "hold-notice",
    "payment-plan-agreement",
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
    "en": {"reminder-2", "final-reminder", "formal-notice"},
    "en-CA": {"reminder-2", "final-reminder", "formal-notice"},
    "en-GB": {
        "reminder-2",
        "final-reminder",
        "formal-notice",
        "agency-hand-over",
        "payment-plan-agreement",
    },
    "en-US": {
        "reminder-2",
        "final-reminder",
        "formal-notice",
        "agency-hand-over",
        "payment-plan-agreement",
        "terms-change",
        "limit-change",
    },
}
"""What speaks of interest, compensation or trade credit, and never goes to a consumer."""

_FORBIDDEN = {
    "legal action that was not taken": r"legal action has|has been (filed|sued)|have (filed|issued|started) (a |court|legal)",
    "arrest or penalty": r"arrest|criminal|prosecut|penal|jail|prison|police",
    "the look of a court": r"\b(summons|subpoena|writ|plaintiff|defendant|final judg(e)?ment)\b",
    "exposure": r"credit (bureau|rating|score|report)|publish|your employer|black ?list",
    "pressure": r"\bimmediately\b|\bseize|garnish|bailiff|sheriff|last chance|or else|consequences",
    "a certainty that nobody has": r"we will (sue|take you to court|(start|commence|issue) (court|legal|proceedings|a claim))",
    "the law of the Union": r"€|2011/7|441-10|Ley|BGB",
}
"""Claims that no text makes, with what they look like."""

_LAWS = {
    "the United Kingdom": (
        "en-GB",
        r"£|Bank of England|Act 1998|Pre-Action|MoneyHelper|StepChange|Citizens Advice|breathing space",
    ),
    "the United States": (
        "en-US",
        r"state law|bankruptcy|U\.S\.C|\bCFR\b|attorney|within 60\s?days",
    ),
    "Canada": ("en-CA", r"Québec|Interest Act(?! 1998)|annual rate"),
}
"""Words of one country's law, and the only locale that may have them."""

_AMERICAN = r"\bchecks?\b|\bfavor|\binstallment|\bhonor|\bcanceled|\blabor\b|organiz|recogniz"
_BRITISH = r"\bcheques?\b|\bfavour|\binstalment|\bhonour|\bcancelled|\blabour\b|organis|recognis"
_SPELLING = {"en": _BRITISH, "en-US": _BRITISH, "en-CA": _AMERICAN, "en-GB": _AMERICAN}
"""Spellings that a locale does not have."""

_MANNERS = {
    ("en-US", False): ("Dear Accounts Payable:", "Sincerely,"),
    ("en-US", True): ("Dear {customer_name}:", "Sincerely,"),
    ("en-GB", False): ("Dear Sir or Madam,", "Yours faithfully,"),
    ("en-GB", True): ("Dear {customer_name},", "Yours sincerely,"),
    ("en-CA", False): ("Dear Sir or Madam,", "Yours faithfully,"),
    ("en-CA", True): ("Dear {customer_name},", "Yours sincerely,"),
    ("en", False): ("Dear Sir or Madam,", "Yours faithfully,"),
    ("en", True): ("Dear {customer_name},", "Yours sincerely,"),
}
"""How a letter begins and ends, by locale and whether it is to a consumer."""

_REASONS = (
    "cannot pay",
    "billing error",
    "service not finished",
    "quality",
    "commercial dispute",
    "document missing",
    "change of managing agent",
    "will pay",
)

_all = pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
_SPOKEN = [text for text in _TEXTS.values() if text.kind.startswith("phone-script")]
_WRITTEN = [text for text in _TEXTS.values() if not text.kind.startswith("phone-script")]
_TO_CONSUMERS = [text for text in _WRITTEN if text.kind.endswith(CONSUMER)]


def _words(text):
    reply = text.reply.balance if text.reply else ""
    return re.sub(r"[\u00a0\u202f]", " ", " ".join((*text.lines, reply)))


def _own_words(text):
    """What the text says by itself, without the names of its placeholders."""
    return re.sub(r"\{\w+\}", "…", _words(text))


def _of(kind, locale):
    return _words(_TEXTS[f"{kind}.{locale}"])


@pytest.mark.parametrize("locale", ["en", *_LOCALES])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found(kind, locale):
    """No letter is missing in the United States, in Canada or in the United Kingdom."""
    assert _SET.find(kind, locale).kind == kind


@pytest.mark.parametrize("locale", _LOCALES)
@pytest.mark.parametrize("kind", _LOCAL_KINDS)
def test_what_depends_on_the_country_has_its_own_text(kind, locale):
    """Where law or usage differs, the text is that of the country."""
    assert _SET.find(kind, locale).locale == locale


@pytest.mark.parametrize("locale", ["en", *_LOCALES])
@pytest.mark.parametrize("kind", _CONSUMER_KINDS)
def test_consumers_have_their_own_text(kind, locale):
    """What the law of businesses shapes is written in other words to a consumer."""
    text = _SET.find(kind, locale, to_consumer=True)

    assert (text.kind, text.locale) == (kind + CONSUMER, locale)


@pytest.mark.parametrize("kind", KINDS)
def test_no_consumer_is_an_accounts_payable_desk(kind):
    """In the United States a consumer is called by name, or gets no letter at all."""
    if kind in {"terms-change", "limit-change"}:
        # Regulation B wants more of a notice to a consumer than a text can know.
        with pytest.raises(TranslationMissingError):
            _SET.find(kind, "en-US", to_consumer=True)
    else:
        text = _SET.find(kind, "en-US", to_consumer=True)

        assert "Accounts Payable" not in text.salutation


@_all
def test_file_is_named_after_its_text(text):
    """A text is found where its name says that it is."""
    assert f"{text.kind}.{text.locale}" in _TEXTS


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
        f"{text.kind} {text.locale}"
        for text in _WRITTEN
        if re.search(pattern, _own_words(text), re.IGNORECASE)
    ]

    assert guilty == []


@pytest.mark.parametrize(("locale", "pattern"), _LAWS.values(), ids=_LAWS)
def test_law_stays_in_its_country(locale, pattern):
    """No text cites the law of another country, and the base text cites none."""
    abroad = {name for name, text in _TEXTS.items() if re.search(pattern, _words(text))}

    assert abroad
    assert {_TEXTS[name].locale for name in abroad} == {locale}


@pytest.mark.parametrize("text", _TO_CONSUMERS, ids=lambda text: f"{text.kind}.{text.locale}")
def test_consumers_are_asked_for_the_debt_alone(text):
    """No statutory interest, fixed sum or recovery cost is asked of a consumer."""
    claims = r"£\d|Act 1998|compensation|statutory|recovery cost|collection cost|late charge"

    assert not re.search(claims, _own_words(text))


@_all
def test_spelling_is_that_of_the_locale(text):
    """A check, a favor and an installment are a cheque, a favour and an instalment elsewhere."""
    assert not re.search(_SPELLING[text.locale], _own_words(text))


@pytest.mark.parametrize(
    ("locale", "word"), [("en-US", "check"), ("en-CA", "cheque"), ("en-GB", "cheque")]
)
def test_payment_is_named_as_people_name_it(locale, word):
    """The word for a bank's form is that of the country."""
    assert re.search(rf"\b{word}\b", _of("reminder-1", locale))


@pytest.mark.parametrize("text", _WRITTEN, ids=lambda text: f"{text.kind}.{text.locale}")
def test_letters_begin_and_end_as_usual(text):
    """The salutation and the closing are those of the country, and a consumer is named."""
    manners = _MANNERS[text.locale, text.kind.endswith(CONSUMER)]

    assert (text.salutation, text.closing) == manners


@_all
def test_signs_are_typeset(text):
    """Apostrophes and quotation marks are curly, numbers keep their units, and no dash is rhetoric."""
    lines = "\n".join(text.lines)

    assert not re.search(r"['\"—–]|\d days|_days\} days|\d %", lines)


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
def test_british_notices_state_the_rights_of_the_act(kind):
    """Interest at base rate and eight per cent, and a fixed sum by the size of the debt (s. 5A)."""
    words = _of(kind, "en-GB")

    assert "8% a year over the Bank of England base rate" in words
    assert "£40, £70 or £100 for each debt" in words
    assert "substantial remedy" in words


def test_british_letter_before_action_follows_the_practice_direction():
    """Basis, amount, documents, settlement, and the protocol for those who trade alone."""
    words = _of("formal-notice", "en-GB")

    assert "Practice Direction on Pre-Action Conduct" in words
    assert "negotiation, mediation" in words
    assert "sole trader" in words
    assert "30 days to reply" in words


def test_british_letter_of_claim_to_an_individual_has_its_forms():
    """An individual has 30 days, the forms of the protocol and the names of free advisers."""
    words = _of("formal-notice-consumer", "en-GB")

    assert "Pre-Action Protocol for Debt Claims" in words
    assert "information sheet, a reply form and a financial statement form are enclosed" in words
    assert "within 30 days of the date of this letter" in words
    assert "independent advice" in words


@pytest.mark.parametrize("kind", ["reminder-2", "final-reminder", "formal-notice"])
def test_american_interest_is_as_agreed(kind):
    """There is no statutory late fee between businesses: what was not agreed is not claimed."""
    assert "only where our agreement with you provides for them" in _of(kind, "en-US")


def test_american_letters_do_not_speak_as_a_debt_collector():
    """A creditor that collects its own debt in its own name is none, and does not say that it is."""
    american = [_words(text) for text in _TEXTS.values() if text.locale == "en-US"]

    assert not re.search(r"debt collector|attempt to collect a debt", " ".join(american))


def test_american_hand_over_leaves_the_notice_to_the_collector():
    """The rights of a consumer are told by the collector, and not overshadowed."""
    words = _of("agency-hand-over-consumer", "en-US")

    assert "must send you information about the debt" in words
    assert "Nothing in this letter changes or shortens those rights" in words
    assert not re.search(r"\d+ days|assumed", words)


@pytest.mark.parametrize("kind", ["terms-change", "limit-change"])
def test_american_changes_offer_the_reasons(kind):
    """Trade credit: the reasons of adverse action are given where they are asked for (Regulation B)."""
    assert "within 60 days of this letter, for the reasons" in _of(kind, "en-US")


@pytest.mark.parametrize("kind", ["reminder-2", "final-reminder", "formal-notice"])
def test_canadian_interest_is_annual(kind):
    """Interest is claimed at an annual rate agreed in writing (Interest Act s. 4)."""
    assert "at the annual rate agreed in writing" in _of(kind, "en-CA")


@pytest.mark.parametrize("locale", ["en-CA", "en-US"])
def test_formal_notice_to_a_consumer_is_no_document_of_a_court(locale):
    """A letter says who it is from, so that nobody takes it for something else."""
    assert re.search(
        r"not (a document of|come from) a court", _of("formal-notice-consumer", locale)
    )


@pytest.mark.parametrize("locale", ["en", *_LOCALES])
@pytest.mark.parametrize("kind", ["courtesy-reminder", "reminder-1", "promise-confirmation"])
def test_courteous_letters_speak_of_no_law(kind, locale):
    """Before anything is late for long, neither interest nor law is mentioned."""
    assert not re.search(r"interest|\blaw|\bcourts?\b|\bAct\b", _words(_SET.find(kind, locale)))


@pytest.mark.parametrize("text", _SPOKEN, ids=lambda text: text.kind)
def test_scripts_are_calls(text):
    """A call names who calls, its purpose, the reasons to note, a date and an amount, and an end."""
    words = _words(text)

    assert "my name is [your name], and I am calling from {creditor_name}" in words
    assert all(reason in words for reason in _REASONS)
    assert "[amount] on [date]" in words
    assert "nothing about the account" in words
    assert "never threaten" in words
    assert text.closing.startswith("Closing: “")


@pytest.mark.parametrize("text", _SPOKEN, ids=lambda text: text.kind)
def test_scripts_quote_what_is_said(text):
    """What is said stands between quotation marks, and speaks of no court and no agency."""
    said = " ".join(re.findall(r"“([^”]*)”", _words(text)))

    assert "Hello" in said
    assert "Goodbye" in said
    assert not re.search(r"\bcourts?\b|agenc|lawyer|\bsue\b|\bcredit (record|rating)", said)


@_all
def test_what_nobody_read_stays_marked(text):
    """Statutes that were not read for these texts are marked as such."""
    known = re.compile(r"Protocol|Practice Direction|362\(a\)|U\.C\.C\.|ISA 505|art\. 60F|1026\.2")
    marks = {source.unverified for source in text.sources if known.search(source.text)}

    assert marks <= {True}
