"""Conformance of letter renderers: subclass `LetterRendererTests` and give it two fixtures.

A test module of a plug-in says what it brings and how its file is read back::

    class TestMyRenderer(LetterRendererTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def look(self):
            return lambda content: Seen(text=my_reader(content))

>>> sample_letter("reminder-1", "en").subject
'Payment reminder: €3,941.07'
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, Attachment, LetterRenderer
from receivables.documents.model import ItemId
from receivables.errors import ReceivablesError
from receivables.ledger.model import NoticedItem
from receivables.letters import (
    Labelled,
    Letter,
    LetterRow,
    LetterTable,
    ReplySlip,
    known_letters,
)
from receivables.parties import (
    Address,
    Contact,
    Creditor,
    CreditorId,
    Customer,
    CustomerId,
    Identifier,
)
from receivables.statements import ReplyTo
from receivables.testing._abilities import AbilityTests
from receivables.testing._letter_scenes import LetterScene

__all__ = [
    "HOSTILE_TEXTS",
    "LETTERS",
    "LetterRendererTests",
    "LookAtLetter",
    "Seen",
    "sample_letter",
]

LETTERS: Final = tuple(
    (kind, locale) for kind, locales in known_letters().items() for locale in locales
)
"""Every packaged kind of letter in every locale that has it."""

HOSTILE_TEXTS: Final = (
    '#read("/etc/passwd")',
    '#import "@preview/tablex:0.0.8": *',
    "#let x = 1; #x",
    "$x^2$ _a_ *b* `c` ~ \\ \\u{41}",
    "= a heading, - a list, // a comment /* another */",
    "<label> @reference https://example.org",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)> &amp; &#65;",
    "{total} {{7*7}} {creditor_name} %s %(x)s ${HOME}",
    "\\input{/etc/passwd} \\write18{ls}",
    "=HYPERLINK(A1)",
    "-- ",
    "“quoted”, 'single', \"double\"",
    "Łódź, Ðorđe, Ελλάς, Ærø, Çelik, Ñuñez, œuvre",
)
"""Texts that a careless renderer evaluates, or takes for markup."""

_AS_OF: Final = dt.date(2026, 11, 2)
_CREDITOR: Final = Creditor(
    creditor=CreditorId("MIRA"),
    name="Mira Outillage SAS",
    locale="fr-FR",
    country="FR",
    address=Address(lines=["12 rue de la Fosse"], postal_code="44000", city="Nantes"),
    identifiers=[Identifier("fr.siret", "73282932000074")],
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    email="ar@mira.example",
    legal_form="SAS au capital de 250 000 €",
)
_CUSTOMER: Final = Customer(
    customer=CustomerId("C-017"),
    name="Société Hélène & Fils",
    country="FR",
    address=Address(lines=["8 allée des Tanneurs"], postal_code="59000", city="Lille"),
    contacts=[Contact(name="Comptabilité", email="ap@helene.example")],
)


@attrs.frozen(kw_only=True)
class Seen:
    """What a reader of a file sees: its text, and what the file says about itself."""

    text: str
    attachments: tuple[Attachment, ...] = attrs.field(default=(), converter=tuple)
    language: str = ""
    """The language that the file declares, where its format can."""
    tagged: bool = False
    """Whether a screen reader finds paragraphs, headings and tables in it."""
    pdf_a: str = ""
    """The part and level of PDF/A that the file declares, such as ``3A``."""


LookAtLetter: TypeAlias = Callable[[bytes], Seen]


def sample_letter(kind: str, locale: str, *, items: int = 3, credit_minor: int = 0) -> Letter:
    """A packaged letter about some items of 31 August 2026 and after, dated 2 November 2026."""
    scene = LetterScene(
        creditor=_CREDITOR,
        customer=attrs.evolve(_CUSTOMER, locale=locale),
        currency="EUR",
        dated=_AS_OF,
        items=[_item(number) for number in range(items)],
        credit_minor=credit_minor,
        auditor=_AUDITOR,
    )
    return scene.letter(kind)


_AUDITOR: Final = ReplyTo(
    name="Audit & Associés",
    address=Address(lines=["1 place Graslin"], postal_code="44000", city="Nantes", country="FR"),
    email="confirmations@audit.example",
    reference="MIRA-2026-017",
)


def _item(number: int) -> NoticedItem:
    day = dt.timedelta(days=number % 28)
    return NoticedItem(
        item=ItemId(f"2026-{100 + number:04}"),
        level=1,
        open_minor=123_450 + number * 7_919,
        document_date=dt.date(2026, 8, 1) + day,
        due_date=dt.date(2026, 8, 31) + day,
    )


class LetterRendererTests(AbilityTests):
    """What every letter renderer must do; give the fixtures `spec` and `look`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "attachments": ("test_attachments_come_back",),
            "deterministic": ("test_same_letter_gives_same_bytes",),
            "pdf-a": ("test_file_is_made_to_be_kept",),
            "tagged": ("test_file_can_be_read_aloud",),
            "together": ("test_letters_share_a_file",),
        }
    )
    """Each ability that a renderer may declare, and the test that asks for it."""

    @pytest.fixture
    def look(self) -> LookAtLetter:
        """How a file of the renderer is read back."""
        raise NotImplementedError

    @pytest.fixture
    def renderer(self, spec: AdapterSpec[Any]) -> LetterRenderer:
        """The renderer with its default settings."""
        renderer: LetterRenderer = spec.build()
        return renderer

    def test_file_says_what_it_is(self, renderer: LetterRenderer) -> None:
        """The media type and the suffix name a kind of file."""
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", renderer.media_type)
        assert re.fullmatch(r"\.[a-z0-9]+", renderer.suffix)

    @pytest.mark.parametrize(("kind", "locale"), LETTERS)
    def test_every_packaged_letter_is_rendered(
        self, renderer: LetterRenderer, look: LookAtLetter, kind: str, locale: str
    ) -> None:
        """Every word and every amount of a packaged letter stands in the file."""
        letter = sample_letter(kind, locale, credit_minor=-500)
        text = _bare(look(renderer.render(letter)).text)

        for wanted in (*_said(letter), *_words_above(letter)):
            assert _bare(wanted) in text

    @pytest.mark.parametrize("hostile", HOSTILE_TEXTS)
    def test_hostile_text_is_printed_literally(
        self, renderer: LetterRenderer, look: LookAtLetter, hostile: str
    ) -> None:
        """Text is never markup, wherever it stands, and is printed as it is."""
        letter = _hostile(hostile)
        text = _bare(look(renderer.render(letter)).text)

        assert text.count(_bare(hostile)) >= len(_said(letter)) // 2
        assert "root:" not in text

    def test_letter_without_a_table_is_rendered(
        self, renderer: LetterRenderer, look: LookAtLetter
    ) -> None:
        """A letter without items is a letter."""
        letter = attrs.evolve(sample_letter("reminder-1", "en"), table=LetterTable(), payment=())
        text = _bare(look(renderer.render(letter)).text)

        assert _bare(letter.closing) in text

    def test_long_table_is_whole(self, renderer: LetterRenderer, look: LookAtLetter) -> None:
        """Five hundred items are five hundred rows, in their order."""
        letter = sample_letter("reminder-2", "es", items=500)
        text = look(renderer.render(letter)).text

        wanted = [row.cells[0] for row in letter.table.rows]
        assert wanted == [found for found in re.findall(r"2026-0\d{3}", text) if found in wanted]

    def test_attachments_are_refused_unless_declared(
        self, spec: AdapterSpec[Any], renderer: LetterRenderer
    ) -> None:
        """A renderer that cannot carry attachments refuses them, and drops none in silence."""
        if "attachments" in spec.capabilities:
            pytest.skip(f"{spec.name} declares attachments")
        with pytest.raises(ReceivablesError):
            renderer.render(sample_letter("reminder-1", "en"), attachments=[_ATTACHMENTS[0]])

    def test_attachments_come_back(
        self, spec: AdapterSpec[Any], renderer: LetterRenderer, look: LookAtLetter
    ) -> None:
        """What is attached comes back whole, with its name and kind, in its order."""
        _ask(spec, "attachments")
        content = renderer.render(sample_letter("reminder-1", "fr"), attachments=_ATTACHMENTS)

        assert look(content).attachments == _ATTACHMENTS

    def test_same_letter_gives_same_bytes(
        self, spec: AdapterSpec[Any], renderer: LetterRenderer
    ) -> None:
        """Equal letters give equal files, from the same renderer and from another."""
        _ask(spec, "deterministic")
        carried = _ATTACHMENTS if "attachments" in spec.capabilities else ()
        first = renderer.render(sample_letter("formal-notice", "fr-FR"), attachments=carried)
        renderer.render(sample_letter("reminder-1", "en"))

        again = sample_letter("formal-notice", "fr-FR")
        assert renderer.render(again, attachments=carried) == first
        assert spec.build().render(again, attachments=carried) == first

    def test_file_is_made_to_be_kept(
        self, spec: AdapterSpec[Any], renderer: LetterRenderer, look: LookAtLetter
    ) -> None:
        """The file declares a part and level of PDF/A (ISO 19005)."""
        _ask(spec, "pdf-a")
        seen = look(renderer.render(sample_letter("reminder-1", "fr-CA")))

        assert re.fullmatch(r"[1-4][ABUEF]?", seen.pdf_a)

    def test_file_can_be_read_aloud(
        self, spec: AdapterSpec[Any], renderer: LetterRenderer, look: LookAtLetter
    ) -> None:
        """The file is tagged and names its language."""
        _ask(spec, "tagged")
        seen = look(renderer.render(sample_letter("reminder-1", "fr-CA")))

        assert seen.tagged
        assert seen.language == "fr-CA"

    def test_letters_share_a_file(
        self,
        spec: AdapterSpec[Any],
        renderer: Any,  # noqa: ANN401  # a renderer with one method more
        look: LookAtLetter,
    ) -> None:
        """Letters in one file are all there, in their order, and none at all are refused."""
        _ask(spec, "together")
        letters = [sample_letter("reminder-2", locale) for locale in ("en", "fr", "es")]
        text = _bare(look(renderer.render_together(letters, title="Three letters")).text)

        places = [text.index(_bare(letter.subject)) for letter in letters]
        assert places == sorted(places)
        for letter in letters:
            assert all(_bare(wanted) in text for wanted in _said(letter))
        with pytest.raises(ReceivablesError):
            renderer.render_together([], title="Nothing")


_ATTACHMENTS: Final = (
    Attachment(name="Relevé 2026.pdf", media_type="application/pdf", content=b"%PDF-1.7\r\n\x00"),
    Attachment(name="items.csv", media_type="text/csv", content=b"a;b\n\xff\r\n"),
)


def _hostile(text: str) -> Letter:
    row = LetterRow(cells=(text, "1"), running="1")
    table = LetterTable(headings=(text, "n"), rows=[row], totals=[Labelled(text, "1")])
    return attrs.evolve(
        sample_letter("reminder-1", "en"),
        sender=(text, text),
        recipient=(text,),
        subject=text.strip(),
        salutation=text,
        before=(text,),
        table=table,
        after=(text,),
        payment=(Labelled(text, text),),
        closing=text,
        signature=(text,),
        legal=(text,),
        tables=(attrs.evolve(table, caption=text),),
        reply=ReplySlip(title=text, to=text, paragraphs=text, choices=text, fields=text),
        annex_title=text,
        annex=(table,),
    )


def _said(letter: Letter) -> list[str]:
    """What every form of a letter says; the envelope and the subject may be elsewhere than in text."""
    tables = (letter.table, *letter.tables, *letter.annex)
    said = [text for table in tables for text in _said_by_table(table)]
    payment = [text for part in letter.payment for text in (part.label, part.text)]
    prose = [letter.salutation, *letter.before, *letter.after, letter.closing, letter.annex_title]
    slip = letter.reply
    reply = () if slip is None else (slip.title, *slip.to, *slip.paragraphs)
    asked = () if slip is None else (*slip.choices, *slip.fields)
    foot = (*letter.signature, *letter.legal)
    return [*filter(None, (*prose, *said, *payment, *reply, *asked, *foot))]


def _said_by_table(table: LetterTable) -> list[str]:
    cells = [cell for row in table.rows for cell in row.cells]
    pairs = [text for part in table.totals for text in (part.label, part.text)]
    return [table.caption, *cells, *pairs]


def _words_above(letter: Letter) -> list[str]:
    """Headings word by word: they may be broken between words, and stand beside each other."""
    tables = (letter.table, *letter.tables, *letter.annex)
    headings = [heading for table in tables if table.rows for heading in table.headings]
    return [word for heading in headings for word in heading.split(" ")]


def _bare(text: str) -> str:
    """A text without blanks: lines break elsewhere in every format."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
