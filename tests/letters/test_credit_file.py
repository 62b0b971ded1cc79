"""The credit file is one page, in three languages, and says what it leaves out."""

import datetime as dt
import importlib.util
import re
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import attrs
import pytest

from receivables.casework.credit import CreditReview, LimitKind, ReviewAction, SuspensionReason
from receivables.casework.losses import InsolvencyKind
from receivables.credit.insurance import InsuranceStep
from receivables.credit.limit_policies import CapKind, PaymentTerm
from receivables.credit.model import ComponentKind
from receivables.credit.recommendations import FailureSign, ReasonCode, RecommendationReason
from receivables.credit.reviewing import ReviewReason, ReviewReasonKind
from receivables.errors import CurrencyMismatchError, DocumentError, TranslationMissingError
from receivables.i18n import LANGUAGES, words
from receivables.letters.credit_file import (
    CreditFile,
    FileCaseKind,
    ScoreLine,
    compose_credit_file,
)
from receivables.letters.credit_words import (
    CREDIT_SENTENCES,
    action_label,
    cap_label,
    component_label,
    credit_sentence,
    explain_recommendation,
    explain_review,
    limit_label,
    payment_label,
    percent,
    zone_label,
)
from receivables.letters.plain_text import letter_text
from receivables.plugins import load_plugins
from receivables.scoring.behaviour_card import behaviour_card
from receivables.scoring.failure import failure_score_of_ratios
from receivables.scoring.failure_models import MODELS, CompanyKind, ZoneStanding
from receivables.scoring.scorecards import score
from receivables.testing.letter_renderer import sample_letter
from receivables_plugins import docx, typst


def _sibling(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


files = _sibling("credit_files")
approve = _sibling("approve_credit_files")


def _pages(content):
    pypdf = pytest.importorskip("pypdf")
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages]


@pytest.fixture(scope="module", params=["a4", "us-letter"])
def renderer(request):
    """The renderer of PDF, on each paper."""
    pytest.importorskip("typst")
    settings = {"paper": request.param, "duplex": False}
    return load_plugins(only=[], extra={"typst": typst}).build("letter-renderer", "typst", settings)


@pytest.mark.parametrize("locale", files.LOCALES.values())
@pytest.mark.parametrize("name", files.FILES)
def test_it_is_one_page(name, locale, renderer):
    """Whatever is known of a customer, and however long its words, it is one page."""
    letter = compose_credit_file(files.FILES[name](locale))

    (page,) = _pages(renderer.render(letter))

    assert "1/1" in page
    assert all(table.caption in page for table in (letter.table, *letter.tables))


def test_it_is_the_same_tomorrow(renderer):
    """Equal files are equal bytes."""
    first, second = (compose_credit_file(files.usual("fr-FR")) for _ in range(2))

    assert renderer.render(first) == renderer.render(second)


def test_several_sheets_are_one_file(renderer):
    """Sheets printed together have page numbers of their own."""
    letters = [compose_credit_file(files.usual(locale)) for locale in files.LOCALES.values()]

    pages = _pages(renderer.render_together(letters, title="Committee"))

    assert 3 == len(pages)
    assert all("1/1" in page for page in pages)


@pytest.mark.parametrize("locale", files.LOCALES.values())
def test_file_is_as_approved(locale):
    """The file of each language is the approved one; `approve_credit_files.py` writes it anew."""
    path = approve.FOLDER / f"credit-file.{locale}.txt"

    assert path.read_text(encoding="utf-8") == approve.printed(locale)


@pytest.mark.parametrize("locale", files.LOCALES.values())
def test_what_is_left_out_is_said(locale):
    """A list that is cut ends with how much more there is, and what is kept with it is all."""
    file = files.crowded(locale)
    letter = compose_credit_file(file)

    tables = {table.caption: table for table in (letter.table, *letter.tables)}
    say = words(locale).text
    for caption, lines in [("deadlines", file.deadlines), ("cases", file.cases)]:
        rows = tables[say("credit file", caption)].rows
        more = len(lines) - (len(rows) - 1)
        assert say("credit file", "and {count} more", count=more) == rows[-1].cells[0]
    reasons = len(file.recommendation.reasons)
    assert f"– {say('credit file', 'and {count} more', count=reasons - 6)}" in letter.before


def test_language_of_the_reader():
    """It is in the language that is asked for, that of the file, or that of the creditor."""
    file = attrs.evolve(files.usual("es-ES"), locale="")

    locales = [
        compose_credit_file(file).locale,
        compose_credit_file(attrs.evolve(file, locale="es-ES")).locale,
        compose_credit_file(file, locale="en-GB").locale,
    ]

    assert ["fr-FR", "es-ES", "en-GB"] == locales
    with pytest.raises(TranslationMissingError):
        compose_credit_file(file, locale="de")


class _Checked(HTMLParser):
    """What tags a page has, and whether each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert tag == self.open.pop()


def test_notebook():
    """In a notebook it is plain HTML: closed tags, numbers to the right, and nothing from elsewhere."""
    file = files.usual("fr-FR")
    evil = attrs.evolve(file.customer, name="<script>alert(1)</script> & <img src=x>")
    page = _Checked()

    html = attrs.evolve(file, customer=evil)._repr_html_()
    page.feed(html)

    assert [] == page.open
    assert not {"script", "img", "link", "style"} & page.seen
    assert "&lt;script&gt;" in html
    assert ("style", "text-align:right") in page.attributes
    assert {"lang", "style", "scope", "colspan"} >= {name for name, _ in page.attributes}


def test_word_and_text_have_the_same_words():
    """The other renderers take it as well."""
    letter = compose_credit_file(files.usual("fr-FR"))
    build = load_plugins(only=[], extra={"docx": docx}).build("letter-renderer", "docx", {})

    with zipfile.ZipFile(BytesIO(build.render(letter))) as packed:
        document = packed.read("word/document.xml").decode()

    text = letter_text(letter)
    for table in (letter.table, *letter.tables):
        assert table.caption in document
        assert table.caption in text


def _dummy(code):
    return RecommendationReason(
        code=code,
        currency="EUR",
        amount_minor=1_234_56,
        other_minor=9_999_00,
        days=1_250,
        count=3,
        bps=2_500,
        number="1.5",
        on=dt.date(2026, 10, 1),
        text=_TEXTS.get(code, "B"),
        reference="REF",
    )


_TEXTS = {
    ReasonCode.INSOLVENCY: "liquidation",
    ReasonCode.SUSPENSION: "fraud",
    ReasonCode.SUSPENSION_OVER: "past-due",
    ReasonCode.FIGURE_MISSING: "equity",
    ReasonCode.CAP: "combined",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ReasonCode)
def test_every_reason_has_a_sentence(code, language):
    """Each reason is said in each language, with its figures and no placeholder left."""
    assert code in CREDIT_SENTENCES

    said = credit_sentence(_dummy(code), locale=language)

    assert said
    assert not re.search(r"[{}]", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_ours_has_a_translation(language):
    """No value of credit is without a name in a language."""
    catalog = words(language)
    said = [
        *(action_label(one, language) for one in ReviewAction),
        *(cap_label(one, language) for one in CapKind),
        *(component_label(one, language) for one in ComponentKind),
        *(limit_label(one, language) for one in LimitKind),
        *(payment_label(one, 30, language) for one in PaymentTerm),
        *(zone_label(one, language) for one in ZoneStanding),
        *(catalog.text("suspension reason", one.value) for one in SuspensionReason),
        *(catalog.text("insolvency", one.value) for one in InsolvencyKind),
        *(catalog.text("insurance step", one.value) for one in InsuranceStep),
        *(catalog.text("credit file", one.value) for one in FileCaseKind),
        *(
            explain_review(ReviewReason(kind=one, due_on=files.AS_OF), locale=language)
            for one in ReviewReasonKind
        ),
    ]

    assert all(said)


def test_recommendation_in_words():
    """The recommendation first, then every reason."""
    advice = files.usual("en").recommendation

    what, *why = explain_recommendation(advice, locale="en")

    assert "reduce the credit limit to €7,500.00" == what
    assert len(advice.reasons) == len(why)
    assert "3 bad signs cut the limit by 25%" == why[0]


@pytest.mark.parametrize(
    ("bps", "locale", "expected"),
    [(10_000, "en", "100%"), (5, "en", "0.05%"), (3_333, "fr", "33,33\u00a0%")],
)
def test_percent(bps, locale, expected):
    """Decimals stand only where they say something."""
    assert expected == percent(bps, locale)


def test_a_file_is_of_one_customer():
    """A part of another customer, or in another currency, is a mistake."""
    base = files.usual("fr-FR")

    with pytest.raises(DocumentError, match="must be of C-018 alone, got C-017"):
        attrs.evolve(base, customer=attrs.evolve(base.customer, customer="C-018"))
    with pytest.raises(CurrencyMismatchError, match="must be in USD, got EUR"):
        attrs.evolve(base, currency="USD")


def test_a_rating_without_a_recommendation():
    """What is known is said, whether or not somebody recommended anything."""
    base = files.usual("en-GB")
    file = CreditFile(
        creditor=base.creditor,
        customer=base.customer,
        as_of=base.as_of,
        currency="JPY",
        locale="en-GB",
        rating=base.rating,
        cases=base.cases,
        history=[
            files.HistoryLine.of_review(
                CreditReview(review="R", customer="C-017", action="keep"),
                on=base.as_of,
                locale="en",
            )
        ],
    )

    letter = compose_credit_file(file)

    assert "Risk class: C. Amounts in JPY." == letter.before[0]
    cells = [cell for table in letter.tables for row in table.rows for cell in row.cells]
    assert {"€1,200.00", "keep"} <= {*cells}


@pytest.mark.parametrize("paper", ["a4"])
def test_sheets_and_letters_may_be_one_file(paper):
    """A sheet between two letters has its own page, and leaves none blank."""
    pytest.importorskip("typst")
    build = load_plugins(only=[], extra={"typst": typst}).build
    sheet, letter = compose_credit_file(files.usual("fr-FR")), sample_letter("reminder-1", "fr-FR")

    for duplex, expected in [(False, 3), (True, 5)]:
        renderer = build("letter-renderer", "typst", {"paper": paper, "duplex": duplex})
        pages = _pages(renderer.render_together([letter, sheet, letter], title="Post"))
        assert expected == len(pages)


def test_lines_of_a_score():
    """Every characteristic of a score is a line, with its bin and its points in the card's decimals."""
    found = score(dict.fromkeys(behaviour_card().columns), scorecard=behaviour_card())

    lines = ScoreLine.of(found, decimals=1)

    assert len(found.contributions) == len(lines)
    assert [one.bin for one in found.contributions] == [line.value for line in lines]
    assert found.contributions[0].points == lines[0].points * 10


def test_sign_of_a_failure_score():
    """A failure score is shown by the title of its model; what nobody verified says so."""
    ratios = {
        "working_capital_to_assets": "0.2",
        "ebit_to_assets": "0.15",
        "pretax_income_to_current_liabilities": "0.6",
        "sales_to_assets": 1,
    }
    found = failure_score_of_ratios(
        MODELS["springate"], ratios, company=CompanyKind(sector="trade")
    )

    sign = FailureSign.of(found)
    other = FailureSign.of(attrs.evolve(found, model="house", is_verified=False))

    assert ("Springate (1978)", found.value) == (sign.model, sign.value)
    assert ("house", False) == (other.model, other.is_verified)
    letter = compose_credit_file(attrs.evolve(files.bare("en-GB"), failures=[other]))
    assert f"{zone_label(other.zone, 'en')}, unverified" == letter.table.rows[0].cells[1]
