"""Letters as files: PDF against what other systems call, and the other forms against PDF.

Ours is as it ships: tagged, PDF/A-3a and PDF/UA-1, a compiler that is kept.  The peers get the same
letters as HTML and make plain PDF of them: wkhtmltopdf a process a letter, as Odoo and ERPNext call
it, WeasyPrint in this process.  Both sides of a row make the same number of letters, few of them
where the peer is slow; seconds for a thousand follow by rule of three.
"""

from __future__ import annotations

import datetime as dt
import functools
import html
import io
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import attrs
import pypdf

from benchmarks._harness import Benchmark, Skipped
from receivables.letters import Labelled, Letter, LetterRow, LetterTable
from receivables.letters.payment_codes import CreditTransfer, PaymentCode
from receivables.papers import (
    Rendered,
    RenderedTogether,
    Renderers,
    render_batch,
    render_together,
)
from receivables.plugins import Plugins, load_plugins
from receivables_plugins import docx, text, typst

__all__ = ["benchmarks"]

_FEW: Final = 40
"""Letters for wkhtmltopdf, which takes a third of a second each."""
_SOME: Final = 60
"""Letters for WeasyPrint."""
_MANY: Final = 200
"""Letters for our own forms."""
_STREAMED: Final = 10_000


_WKHTMLTOPDF: Final = (
    "wkhtmltopdf",
    "--quiet",
    "--encoding",
    "utf-8",
    "--page-size",
    "A4",
    "-",
    "-",
)


@attrs.frozen
class _SkippedRow(Skipped):
    """One row whose peer is not here."""

    name: str


def benchmarks() -> Iterable[Benchmark | Skipped]:
    """Every form of a letter; a row whose peer is missing says so."""
    yield from _against_wkhtmltopdf()
    yield from _against_weasyprint()
    yield from _own_forms()
    yield _batch()


def _against_wkhtmltopdf() -> Iterator[Benchmark | Skipped]:
    if shutil.which(_WKHTMLTOPDF[0]) is None:
        yield _SkippedRow("letters", "wkhtmltopdf is not installed", "letters as PDF")
        return
    rows: dict[str, tuple[Callable[[], list[bytes]], float | None]] = {
        "letters as PDF": (lambda: _one_by_one("typst", _FEW), None),
        "letters as PDF, two threads": (lambda: _batched("typst", _FEW, workers=2), None),
        "letters as PDF, in one file": (lambda: _together(_FEW), 1 / 25),
    }
    for name, (ours, limit) in rows.items():
        yield Benchmark(
            name=name,
            size=_FEW,
            ours=ours,
            peer_name="wkhtmltopdf, a process a letter",
            peer=lambda: [_by_wkhtmltopdf(letter) for letter in _letters(_FEW)],
            limit=limit,
            check=_say_the_same if "one file" not in name else _say_the_same_together,
            runs=3,
        )


def _against_weasyprint() -> Iterator[Benchmark | Skipped]:
    try:
        import weasyprint  # noqa: F401, PLC0415  # a row is skipped, and not the module
    except ImportError:
        yield _SkippedRow("letters", "weasyprint is not installed", "letters as PDF")
        return
    yield Benchmark(
        name="letters as PDF",
        size=_SOME,
        ours=lambda: _one_by_one("typst", _SOME),
        peer_name="WeasyPrint",
        peer=lambda: [_by_weasyprint(letter) for letter in _letters(_SOME)],
        limit=1 / 3,
        check=_say_the_same,
        runs=3,
    )


def _own_forms() -> Iterator[Benchmark]:
    rows: dict[str, tuple[Callable[[], Any], float | None]] = {
        "letters as PDF, fifty a file": (lambda: _together(_MANY), None),
        "letters as PDF, two threads": (lambda: _batched("typst", _MANY, workers=2), None),
        "letters as PDF, with payment code": (lambda: _one_by_one("typst", _MANY, code=True), 3.0),
        "letters as Word files": (lambda: _one_by_one("docx", _MANY), 3.0),
        "letters as plain text": (lambda: _one_by_one("text", _MANY), 0.2),
    }
    for name, (ours, limit) in rows.items():
        yield Benchmark(
            name=name,
            size=_MANY,
            ours=ours,
            peer_name="the same as PDF, one by one",
            peer=lambda: _one_by_one("typst", _MANY),
            limit=limit,
            runs=3,
        )


def _batch() -> Benchmark:
    return Benchmark(
        name="a batch of letters as text, streamed",
        size=_STREAMED,
        ours=lambda: _streamed(_STREAMED),
        peer_name="ten batches of a tenth",
        peer=lambda: [_streamed(_STREAMED // 10) for _ in range(10)],
        limit=1.25,
        check=lambda _ours, _peer: _memory_is_flat(),
        runs=3,
    )


@functools.cache
def _plugins() -> Plugins:
    return load_plugins(only=[], extra={"docx": docx, "text": text, "typst": typst})


@functools.cache
def _renderers(name: str) -> Renderers:
    return Renderers.of([name], _plugins())


@functools.cache
def _letters(count: int, *, code: bool = False) -> tuple[Letter, ...]:
    return tuple(_letter(number, code=code) for number in range(count))


def _letter(number: int, *, code: bool = False) -> Letter:
    """A firm reminder about one to six documents, each to another customer."""
    rows = [_row(number, index) for index in range(1 + number % 6)]
    total = f"{1_234 * len(rows) + number:,}.50"
    return Letter(
        kind="reminder-2",
        locale="en-GB",
        date=dt.date(2026, 11, 2),
        sender=("Mira Tools Ltd", "12 Fossgate", "York YO1 9TA", "ar@mira.example"),
        recipient=(f"Customer {number:05} plc", "Accounts payable", "8 Tanner Row", "York YO1 6HX"),
        place_and_date="York, 2 November 2026",
        reference=Labelled("Our reference:", f"C-{number:05}/2026-11-02/2"),
        subject_label="Subject:",
        subject=f"Second reminder: £{total} to be paid by 10 November 2026",
        salutation="Dear Sir or Madam,",
        before=(
            (
                f"According to our records the sum of £{total}, which is set out below, is unpaid. "
                "The oldest part of it fell due on 31 August 2026."
            ),
        ),
        table=LetterTable(
            headings=("Document", "Document date", "Due date", "Days past due", "Open amount"),
            rows=rows,
            number_columns=2,
            totals=[Labelled("Amount claimed", f"£{total}")],
            carried_forward="Carried forward",
            brought_forward="Brought forward",
        ),
        after=(
            "We ask you to pay it by 10 November 2026, that is within eight days of this letter.",
            (
                "Interest and compensation for late payment may be due in addition, under the contract "
                "and the law that governs it."
            ),
            (
                "If your payment is on its way, please disregard this letter. If you dispute a document, "
                "please let us know why."
            ),
        ),
        payment=[
            Labelled("Payable to", "Mira Tools Ltd"),
            Labelled("IBAN", "GB82 WEST 1234 5698 7654 32"),
            Labelled("BIC", "WESTGB22"),
            Labelled("Reference to quote", f"C-{number:05}"),
        ],
        payment_code=_code(number) if code else None,
        closing="Yours faithfully,",
        signature=("Mira Tools Ltd",),
        legal=("Mira Tools Ltd · Registered in England and Wales · No. 01234567",),
        page_label="Page",
        file_stem=f"letter-{number:05}",
    )


def _row(number: int, index: int) -> LetterRow:
    cells = (f"2026-{number * 6 + index:06}", "1 Aug 2026", "31 Aug 2026", "63", "£1,234.50")
    return LetterRow(cells=cells, running=f"£{1_234 * (index + 1):,}.50")


def _code(number: int) -> PaymentCode:
    transfer = CreditTransfer(
        name="Mira Tools Ltd",
        iban="GB82WEST12345698765432",
        bic="WESTGB22",
        amount_minor=123_450,
        message=f"C-{number:05}",
    )
    return PaymentCode.of_transfer(transfer, caption="Scan to pay")


def _one_by_one(name: str, count: int, *, code: bool = False) -> list[bytes]:
    ((_, renderer),) = _renderers(name).built
    return [renderer.render(letter) for letter in _letters(count, code=code)]


def _together(count: int) -> list[bytes]:
    made = render_together(_renderers("typst"), _letters(count), title="Letters", at_most=50)
    return [one.content for one in made if isinstance(one, RenderedTogether)]


def _batched(name: str, count: int, *, workers: int) -> list[bytes]:
    made = render_batch(_renderers(name), _letters(count), workers=workers)
    return [one.files[0][1] for one in made if isinstance(one, Rendered)]


def _streamed(count: int) -> int:
    """Letters are composed, rendered and dropped one after the other."""
    letters = (_letter(number) for number in range(count))
    made = render_batch(_renderers("text"), letters)
    return sum(len(one.files[0][1]) for one in made if isinstance(one, Rendered))


def _memory_is_flat() -> None:
    small, large = _peak(100), _peak(1_000)
    assert large < small * 1.5 + 100_000, f"peaks are {small} bytes and {large} bytes"


def _peak(count: int) -> int:
    tracemalloc.start()
    _streamed(count)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


_STYLE: Final = """
@page { size: A4; margin: 20mm 20mm 26mm 22mm; }
body { font-family: serif; font-size: 10.5pt; text-align: justify; margin: 0; }
.sender { font-size: 9.5pt; height: 35mm; }
.recipient { margin-left: 85mm; height: 35mm; }
.line { overflow: hidden; } .right { float: right; }
h1 { font-size: 10.5pt; }
table { width: 100%; border-collapse: collapse; font-size: 9.5pt; border-bottom: 0.6pt solid; }
th { text-align: left; border-top: 0.6pt solid; border-bottom: 0.6pt solid; }
thead { display: table-header-group; } tr { page-break-inside: avoid; }
.number { text-align: right; } .payment { border: 0; width: auto; }
.foot { font-size: 8pt; color: #595959; margin-top: 20mm; }
"""


def _html(letter: Letter) -> str:
    """The letter as the page that a fair user of the peers would write."""
    numbers_from = len(letter.table.headings) - letter.table.number_columns

    def cells(tag: str, row: Sequence[str]) -> str:
        classes = ("number" if at >= numbers_from else "text" for at in range(len(row)))
        pairs = zip(classes, row, strict=True)
        return "".join(f'<{tag} class="{name}">{html.escape(one)}</{tag}>' for name, one in pairs)

    rows = "".join(f"<tr>{cells('td', row.cells)}</tr>" for row in letter.table.rows)
    totals = "".join(
        f'<tr><td colspan="{len(letter.table.headings) - 1}" class="number">{html.escape(one.label)}'
        f'</td><td class="number"><b>{html.escape(one.text)}</b></td></tr>'
        for one in letter.table.totals
    )
    payment = "".join(
        f"<tr><td>{html.escape(one.label)}</td><td>{html.escape(one.text)}</td></tr>"
        for one in letter.payment
    )
    parts = [
        f'<div class="sender">{_breaks(letter.sender)}</div>',
        f'<div class="recipient">{_breaks(letter.recipient)}</div>',
        (
            f'<p class="line">{letter.reference.label} {html.escape(letter.reference.text)}'
            f'<span class="right">{html.escape(letter.place_and_date)}</span></p>'
        ),
        f"<h1>{letter.subject_label} {html.escape(letter.subject)}</h1>",
        *_said([letter.salutation, *letter.before]),
        f"<table><thead><tr>{cells('th', letter.table.headings)}</tr></thead>{rows}{totals}</table>",
        *_said(letter.after),
        f'<table class="payment">{payment}</table>',
        *_said([letter.closing]),
        f"<p>{_breaks(letter.signature)}</p>",
        f'<p class="foot">{_breaks(letter.legal)}</p>',
    ]
    head = f"<meta charset='utf-8'><title>{html.escape(letter.subject)}</title>"
    body = "".join(parts)
    return f"<!doctype html><html lang='en-GB'><head>{head}<style>{_STYLE}</style></head><body>{body}</body></html>"


def _breaks(lines: Sequence[str]) -> str:
    return "<br>".join(map(html.escape, lines))


def _said(paragraphs: Sequence[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield f"<p>{html.escape(paragraph)}</p>"


def _by_wkhtmltopdf(letter: Letter) -> bytes:
    done = subprocess.run(
        _WKHTMLTOPDF, input=_html(letter).encode(), capture_output=True, check=True
    )
    return done.stdout


def _by_weasyprint(letter: Letter) -> bytes:
    import weasyprint  # noqa: PLC0415  # as above

    content: bytes = weasyprint.HTML(string=_html(letter)).write_pdf()
    return content


def _say_the_same_together(ours: Sequence[bytes], peer: Sequence[bytes]) -> None:
    """The one file says what every letter says, and the peer's first file what the first does."""
    (content,) = ours
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    said = "".join("".join(page.extract_text() for page in pages).split())
    lost = [one.subject for one in _letters(len(peer)) if "".join(one.subject.split()) not in said]
    assert not lost, f"the file lacks {lost[0]!r}"
    _say_the_same(peer, peer)


def _say_the_same(ours: Sequence[bytes], peer: Sequence[bytes]) -> None:
    """Every file of both sides is one page that says what the letter says."""
    assert len(ours) == len(peer)
    letters = _letters(len(ours))
    for letter, *contents in zip(letters[:5], ours, peer, strict=False):
        for content in contents:
            pages = pypdf.PdfReader(io.BytesIO(content)).pages
            said = "".join("".join(page.extract_text() for page in pages).split())
            wanted = (letter.subject, letter.recipient[0], *letter.after, letter.closing)
            lost = [part for part in wanted if "".join(part.split()) not in said]
            assert len(pages) == 1, f"{letter.file_stem} has {len(pages)} pages"
            assert not lost, f"{letter.file_stem} lacks {lost[0]!r}"
