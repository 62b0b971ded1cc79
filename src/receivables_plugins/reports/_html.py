"""An aging as one page: pictures first, then every customer, a section for each currency.

The page needs nothing else: no script, no font, no picture from elsewhere, and its content security
policy forbids all of them.  Whatever a name holds is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Final

import attrs
from babel.numbers import format_decimal, format_percent

from receivables.aging.model import Aging, AgingRow
from receivables.i18n import format_money
from receivables.money import digits

from ._bars import Scale, bar, share
from ._style import style
from ._view import View, in_units, one_line

__all__ = ["HtmlWriter", "Section", "head", "section"]

_LARGEST: Final = 10
"""Customers in the picture: more than ten bars are a table, and there is one."""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


class HtmlWriter:
    """Writes a self-contained page in UTF-8."""

    media_type = "text/html"
    suffix = ".html"

    def write(self, aging: Aging, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write; equal agings give equal bytes."""
        view = View(aging, names=names, locale=locale)
        return "\n".join(_page(view)).encode()


def head(view: View, title: str) -> Iterator[str]:
    """The beginning of a page, up to its body: it may load nothing, and is for nobody's index."""
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escape(view.locale)}"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
    yield f"<title>{escape(title)}</title><style>{style(view.scheme)}</style></head>"


def _page(view: View) -> Iterator[str]:
    yield from head(view, f"{view.title} · {view.as_of.value}")
    yield f"<body><header><h1>{escape(view.title)}</h1>"
    yield '<dl class="facts">'
    for fact in (view.as_of, *view.method):
        yield f"<div><dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}</dd></div>"
    yield "</dl></header><main>"
    if not view.aging.rows:
        yield f"<p>{escape(view.say('nothing is open'))}</p>"
    for currency, total in view.aging.totals.items():
        rows = [row for row in view.aging.rows if row.currency == currency]
        yield from section(Section(view=view, total=total, rows=rows))
    yield "</main></body></html>"
    yield ""


@attrs.frozen(kw_only=True)
class Section:
    """What is owed in one currency; nothing of another is ever added to it."""

    view: View
    total: AgingRow
    rows: Sequence[AgingRow]

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the buckets and, last, of credits."""
        return (*self.view.buckets, self.view.heading("credits"))

    def money(self, amount_minor: int) -> str:
        """An amount with the sign of the currency."""
        return format_money(amount_minor, self.currency, self.view.locale)

    def number(self, amount_minor: int) -> str:
        """An amount for a column whose heading names the currency."""
        places = digits(self.currency)
        pattern = f"#,##0.{'0' * places}" if places else "#,##0"
        amount = in_units(amount_minor, self.currency)
        return str(format_decimal(amount, format=pattern, locale=self.view.region))

    def percent(self, part_minor: int, whole_minor: int) -> str:
        """A part of a whole in percent, half up."""
        hundredths = Decimal(share(part_minor, whole_minor, of=100)).scaleb(-2)
        return str(format_percent(hundredths, locale=self.view.region))

    def who(self, row: AgingRow) -> str:
        """The customer by name, or by identifier where no name is known."""
        return self.view.name(row.customer) or one_line(row.customer)

    @property
    def largest(self) -> list[AgingRow]:
        """The customers who owe most, the largest first; equal balances stay in their order."""
        owing = [row for row in self.rows if row.total_minor > 0]
        return sorted(owing, key=lambda row: -row.total_minor)[:_LARGEST]


def section(section: Section) -> Iterator[str]:
    """The bars, the key and the table of one currency."""
    code = escape(section.currency)
    say = section.view.say
    yield f'<section aria-labelledby="s-{code}"><h2 id="s-{code}">{code}</h2><figure>'
    yield f"<h3>{escape(say('all customers'))}</h3>"
    yield from _bars(section, [section.total], names=[section.view.total(section.currency)])
    yield from _key(section)
    if largest := section.largest:
        yield f"<h3>{escape(say('largest balances'))}</h3>"
        yield from _bars(section, largest, names=[section.who(row) for row in largest])
    yield "</figure>"
    yield from _table(section)
    yield "</section>"


def _bars(section: Section, rows: Sequence[AgingRow], *, names: Sequence[str]) -> Iterator[str]:
    scale = Scale.of(rows)
    yield '<ul class="bars">'
    for row, name in zip(rows, names, strict=True):
        total = section.money(row.total_minor)
        yield f'<li><span class="who"><bdi>{escape(name)}</bdi></span>'
        title = f"{name}: {total}"
        yield from bar(row, scale, title=title, words=section)
        yield f'<span class="sum">{escape(total)}</span></li>'
    yield "</ul>"


def _key(section: Section) -> Iterator[str]:
    """What each colour stands for, with its amount and its share of what is owed."""
    total = section.total
    amounts = (*total.buckets_minor, total.credits_minor)
    owed = sum(amount for amount in amounts if amount > 0)
    yield '<dl class="key">'
    for index, (label, amount) in enumerate(zip(section.labels, amounts, strict=True)):
        swatch = f'<svg width="14" height="14" aria-hidden="true"><rect class="b{index}" '
        swatch += 'width="14" height="14"/></svg>'
        part = f" <small>{section.percent(amount, owed)}</small>" if amount > 0 else ""
        yield f"<div>{swatch}<dt>{escape(label)}</dt>"
        yield f"<dd>{escape(section.money(amount))}{part}</dd></div>"
    yield "</dl>"


def _table(section: Section) -> Iterator[str]:
    view = section.view
    caption = f"{view.say('balances by customer')} ({section.currency})"
    headings = (*section.labels, view.heading("total"), view.heading("items"))
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
    yield f"<caption>{escape(caption)}</caption><thead><tr>"
    for heading in (view.heading("customer"), *headings):
        yield f'<th scope="col">{escape(heading)}</th>'
    yield "</tr></thead><tbody>"
    several = len({row.creditor for row in view.aging.rows}) > 1
    for row in section.rows:
        yield "<tr>" + _customer(section, row, with_creditor=several)
        yield "".join(_cells(section, row)) + "</tr>"
    yield f'</tbody><tfoot><tr><th scope="row">{escape(view.total(section.currency))}</th>'
    yield "".join(_cells(section, section.total)) + "</tr></tfoot></table></div>"


def _customer(section: Section, row: AgingRow, *, with_creditor: bool) -> str:
    name = section.who(row)
    known = [one_line(row.creditor)] if with_creditor else []
    if name != one_line(row.customer):
        known.append(one_line(row.customer))
    small = "".join(f" <small><bdi>{escape(text)}</bdi></small>" for text in known if text)
    return f'<th scope="row"><bdi>{escape(name)}</bdi>{small}</th>'


def _cells(section: Section, row: AgingRow) -> Iterator[str]:
    for amount_minor in (*row.buckets_minor, row.credits_minor):
        shade = "" if amount_minor else ' class="none"'
        yield f"<td{shade}>{escape(section.number(amount_minor))}</td>"
    yield f'<td class="sum">{escape(section.number(row.total_minor))}</td>'
    yield f"<td>{row.items}</td>"
