"""The HTML of a shown table: plain, accessible, and at home on a light page, a dark one and paper."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from receivables.showing._shown import Shown, ShownLine

__all__ = ["fragment_of", "page_of"]

# Colours are the page's own: rules and weights tell things apart, so that nothing is lost in dark
# mode, on paper, or to a reader who sees no colours.
_STYLE: Final = """\
.receivables-table{overflow-x:auto;margin:.5em 0}
.receivables-table table{border-collapse:collapse;color:inherit;background:transparent;\
font-variant-numeric:tabular-nums lining-nums;line-height:1.35}
.receivables-table caption{text-align:left;caption-side:top;padding:.2em .6em .5em;color:inherit}
.receivables-table caption b{display:block;font-size:1.1em}
.receivables-table :is(th,td){padding:.22em .6em;text-align:left;vertical-align:baseline;\
border:0;background:transparent;color:inherit;white-space:nowrap}
.receivables-table th[scope=row]{font-weight:inherit}
.receivables-table thead th{border-bottom:2px solid currentColor;vertical-align:bottom;\
white-space:normal;font-weight:600}
.receivables-table tbody tr+tr>*{border-top:1px solid rgba(128,128,128,.35)}
.receivables-table tfoot tr:first-child>*{border-top:2px solid currentColor}
.receivables-table tfoot :is(th,td){font-weight:600}
.receivables-table .n{text-align:right}
.receivables-table .h{padding-right:.95em}
.receivables-table p{margin:.3em .6em;font-size:.9em}
@media print{.receivables-table{overflow:visible;color:#000}\
.receivables-table thead{display:table-header-group}\
.receivables-table tfoot{display:table-row-group}\
.receivables-table tr{break-inside:avoid}}
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_RIGHT: Final = ' style="text-align:right"'


def fragment_of(shown: Shown) -> str:
    """A `div` with the style, the table and its notes, every text escaped."""
    parts = [
        f'<div class="receivables-table" lang="{_escaped(shown.locale)}">',
        f"<style>{_STYLE}</style>",
        "<table>",
        _caption(shown),
        f"<thead>\n<tr>{''.join(_headings(shown))}</tr>\n</thead>",
        _body(shown, shown.lines, "tbody"),
        _body(shown, shown.totals, "tfoot") if shown.totals else "",
        "</table>",
        *(f"<p>{_escaped(note)}</p>" for note in shown.notes),
        "</div>",
    ]
    return "\n".join(filter(None, parts))


def page_of(shown: Shown) -> str:
    """A whole page around the table."""
    return (
        f'<!DOCTYPE html>\n<html lang="{_escaped(shown.locale)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_escaped(shown.title)}</title>\n"
        "<style>body{font-family:system-ui,sans-serif;margin:1.5em}</style>\n"
        f"</head>\n<body>\n{fragment_of(shown)}\n</body>\n</html>\n"
    )


def _escaped(text: str) -> str:
    return html.escape(text)


def _caption(shown: Shown) -> str:
    return f"<caption><b>{_escaped(shown.title)}</b>{_escaped(' · '.join(shown.details))}</caption>"


def _headings(shown: Shown) -> Iterable[str]:
    for text, is_right in zip(shown.headings, shown.right, strict=True):
        side = f' class="n"{_RIGHT}' if is_right else ""
        yield f'<th scope="col"{side}>{_escaped(text)}</th>'


def _body(shown: Shown, lines: Iterable[ShownLine], tag: str) -> str:
    rows = "\n".join(f"<tr>{''.join(_cells(shown, line))}</tr>" for line in lines)
    return f"<{tag}>\n{rows}\n</{tag}>"


def _cells(shown: Shown, line: ShownLine) -> Iterable[str]:
    # The first column says what a row is about; what it says is isolated, so that a name that is
    # written from right to left turns nothing else around.
    for at, text in enumerate(line.cells):
        if shown.right[at]:
            yield _number(text, is_first=at == 0, is_negative=line.negative[at], shown=shown)
        elif at == 0:
            yield f'<th scope="row"><bdi>{_escaped(text)}</bdi></th>'
        else:
            yield f"<td><bdi>{_escaped(text)}</bdi></td>"


def _number(text: str, *, is_first: bool, is_negative: bool, shown: Shown) -> str:
    tag = 'th scope="row"' if is_first else "td"
    is_bracketed = is_negative and text.startswith("(")
    # Figures stand under figures, whether a bracket follows them or not; a voice says the minus.
    hangs = " h" if shown.has_brackets and not is_bracketed else ""
    said = f' aria-label="-{_escaped(text.strip("()"))}"' if is_bracketed else ""
    return f'<{tag} class="n{hangs}"{_RIGHT}{said}>{_escaped(text)}</{tag[:2]}>'
