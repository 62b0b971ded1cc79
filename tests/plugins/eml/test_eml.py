"""Letters as draft e-mails: opened, looked at, and sent by a person."""

import email
import re
from email import policy

import attrs
import pytest

from receivables.adapters import Attachment
from receivables.errors import DocumentError
from receivables.letters import Labelled, LetterRow, LetterTable
from receivables.testing.letter_renderer import sample_letter
from receivables_plugins.eml import receivables_letter_renderers

_PDF = Attachment(name="lettre.pdf", media_type="application/pdf", content=b"%PDF-1.7")


@pytest.fixture
def renderer():
    """The renderer."""
    return receivables_letter_renderers()[0].build()


def _parsed(content):
    return email.message_from_bytes(content, policy=policy.default)


def _text(content):
    return _parsed(content).get_content().replace("\r\n", "\n")


def test_message_is_a_draft(renderer):
    """It is marked as not sent, and who sends it and when is left to the mail program."""
    letter = sample_letter("formal-notice", "fr-FR")
    message = _parsed(renderer.render(letter))

    assert message["X-Unsent"] == "1"
    assert message["Subject"] == letter.subject
    assert message["To"] == "ap@helene.example"
    assert [message[name] for name in ("From", "Date", "Message-ID")] == [None, None, None]


def test_message_without_an_address_has_no_recipient(renderer):
    """A letter without an address becomes a draft that cannot be sent by accident."""
    letter = attrs.evolve(sample_letter("reminder-1", "en"), email_to="")

    assert _parsed(renderer.render(letter))["To"] is None


def test_text_is_utf8_in_short_lines(renderer):
    """The text is plain, in UTF-8, in lines that every mail server takes (RFC 5322, 2.1.1)."""
    content = renderer.render(sample_letter("formal-notice", "fr-FR"), attachments=[_PDF])
    part = _parsed(content).get_body()

    assert (part.get_content_type(), part.get_content_charset()) == ("text/plain", "utf-8")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_table_is_aligned(renderer):
    """Amounts end below each other, and lines divide headings, items and total."""
    text = _text(renderer.render(sample_letter("reminder-1", "en")))
    lines = text.splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("Document"))

    assert lines[first : first + 7] == [
        "Document        Document date  Due date      Days past due  Open amount",
        "-----------------------------------------------------------------------",
        "2026-0100       Aug 1, 2026    Aug 31, 2026             63    €1,234.50",
        "2026-0101       Aug 2, 2026    Sep 1, 2026              62    €1,313.69",
        "2026-0102       Aug 3, 2026    Sep 2, 2026              61    €1,392.88",
        "-----------------------------------------------------------------------",
        "Amount claimed                                                €3,941.07",
    ]


def test_wide_characters_take_two_cells(renderer):
    """A table stays aligned where a name is in Chinese characters."""
    table = LetterTable(
        headings=("a", "b"),
        rows=[LetterRow(cells=("株式", "1")), LetterRow(cells=("e\u0301", "10"))],
        totals=[Labelled("sum", "11")],
    )
    letter = attrs.evolve(sample_letter("reminder-1", "en"), table=table)
    text = _text(renderer.render(letter))

    assert "株式   1\ne\u0301     10\n--------\nsum   11\n" in text


def test_what_belongs_on_paper_is_left_out(renderer):
    """A mail does not say that it is a registered letter."""
    letter = sample_letter("formal-notice", "fr-FR")
    text = _text(renderer.render(letter))

    assert letter.delivery
    assert letter.delivery not in text
    assert letter.place_and_date not in text


def test_table_without_headings_is_its_totals(renderer):
    """Totals without items still stand in the text."""
    table = LetterTable(totals=[Labelled("Total", "€1.00")])
    letter = attrs.evolve(sample_letter("reminder-1", "en"), table=table)

    assert re.search(r"^Total +€1\.00$", _text(renderer.render(letter)), re.MULTILINE)


_REFUSED = {
    "name with a header": ({"name": "a.pdf\r\nBcc: all@example.com"}, "must be one line"),
    "name with a line separator": ({"name": "a\u2028b.pdf"}, "must be one line"),
    "no media type": ({"media_type": "pdf"}, "media type of lettre.pdf"),
    "media type with a header": ({"media_type": "text/plain\r\nBcc: x"}, "media type"),
    "message": ({"media_type": "message/rfc822"}, "media type"),
    "several parts": ({"media_type": "multipart/mixed"}, "media type"),
}


@pytest.mark.parametrize(("changes", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_attachment_is_refused(renderer, changes, reason):
    """What is attached cannot add headers or parts."""
    attachment = attrs.evolve(_PDF, **changes)

    with pytest.raises(DocumentError, match=reason):
        renderer.render(sample_letter("reminder-1", "en"), attachments=[attachment])


@pytest.mark.parametrize("name", ["subject", "email_to"])
def test_headers_cannot_be_added(renderer, name):
    """A letter that got past its own checks is refused here all the same."""
    letter = sample_letter("reminder-1", "en")
    object.__setattr__(letter, name, "a@example.com\r\nBcc: all@example.com")

    with pytest.raises(DocumentError, match=f"{name} must be one line"):
        renderer.render(letter)


def test_boundary_depends_on_what_it_divides(renderer):
    """The same message has the same boundary, and another one another."""
    letter = sample_letter("reminder-1", "en")
    other = attrs.evolve(_PDF, content=b"%PDF-2.0")
    boundaries = [
        _parsed(renderer.render(letter, attachments=[attached])).get_boundary()
        for attached in (_PDF, _PDF, other)
    ]

    assert boundaries[0] == boundaries[1] != boundaries[2]


def test_statement_has_its_tables_below_their_captions(renderer):
    """Each table of a statement stands below its caption, detail rows included."""
    text = _text(renderer.render(sample_letter("statement", "en", credit_minor=-500)))
    lines = text.splitlines()
    first = lines.index("Account in EUR")

    assert lines[first + 1].startswith("Document")
    assert any(line.startswith("– Receipt R-1") for line in lines)
    assert "Unapplied cash in EUR" in lines
    assert "Aging in EUR" in lines


def test_reply_can_be_filled_in(renderer):
    """A reply has brackets to tick and lines to write on, before the annex."""
    letter = sample_letter("balance-confirmation", "en")
    text = _text(renderer.render(letter))

    assert [line for line in text.splitlines() if line.startswith("[ ] ")] == [
        f"[ ] {choice}" for choice in letter.reply.choices
    ]
    assert re.search(rf"^{re.escape(letter.reply.fields[0])}: _+$", text, re.MULTILINE)
    assert text.index("Audit & Associés\n1 place Graslin") < text.index("Annex: open items")
