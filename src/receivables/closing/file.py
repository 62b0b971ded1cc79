"""The close file: one archive that can be handed to an auditor, the same bytes for the same close.

It has the checklist with what was found and explained, as a table and as a page to read; the
roll-forward, the open items and their aging as of the last day, the differences of the tie-outs and of
the agreements, the journal entries of the period; and a manifest with the SHA-256 of every part and the
head of the journal of events.  ``sha256sum --check SHA256SUMS`` proves that no part was changed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from receivables.aging.model import AgingScheme, Undated
from receivables.aging.objects import age
from receivables.archives import archive, csv_table, digest, in_units, named_parts, with_sums
from receivables.closing._words import language_of, say
from receivables.closing.checklist import Closing, Finding, FindingItem
from receivables.closing.objects import JournalHead, journal_head
from receivables.documents.model import OpenItem
from receivables.errors import TranslationMissingError
from receivables.money import digits, from_minor

__all__ = ["close_file"]

_MANIFEST: Final = "close.json"
_USUAL: Final = AgingScheme(30, 60, 90, undated=Undated.DOCUMENT_DATE)
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")

_Row = Sequence[object]


def close_file(
    closing: Closing,
    *,
    locale: str = "en",
    scheme: AgingScheme = _USUAL,
    head: JournalHead | None = None,
    parts: Mapping[str, bytes] | None = None,
) -> bytes:
    """The archive of a close, in the language of `locale`; tables have English headings everywhere.

    `head` is where the journal of events ends, computed from the ledger where it is None.  `parts` are
    files of your own, by their names in the archive: the accounting export, an aging as a workbook.
    The archive is not compressed, so that its bytes depend on nothing but its contents.

    Raises `PolicyError` for a part whose name is taken or no plain path, and
    `TranslationMissingError` for a language, or a check without a title in it.
    """
    files = _tables(closing, scheme)
    files["checklist.html"] = _page(closing, locale).encode()
    files = named_parts({**files, _MANIFEST: b""}, parts or {})
    del files[_MANIFEST]
    return archive(with_sums({**files, _MANIFEST: _manifest(closing, files, head)}))


def _manifest(closing: Closing, files: Mapping[str, bytes], head: JournalHead | None) -> bytes:
    papers, event = closing.checklist.papers, closing.event
    end = journal_head(papers.ledger) if head is None else head
    plain = {
        "creditor": papers.creditor,
        "first": papers.first.isoformat(),
        "last": papers.last.isoformat(),
        "closed_by": event.by,
        "closed_at": event.recorded_at.isoformat(),
        "reason": event.reason,
        "event": event.event,
        "journal": {"events": end.events, "head": end.hash},
        "findings": {one.check: one.status.value for one in closing.checklist.findings},
        "parts": {
            name: {"bytes": len(files[name]), "sha256": digest(files[name])}
            for name in sorted(files)
        },
    }
    return (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()


# Tables.


def _tables(closing: Closing, scheme: AgingScheme) -> dict[str, bytes]:
    papers = closing.checklist.papers
    opened = papers.ledger.open_items(as_of=papers.last)
    items = [item for item in opened if item.creditor == papers.creditor]
    aging = age(items, scheme=scheme, as_of=papers.last)
    forward = papers.roll_forward
    files = {
        "checklist.csv": csv_table(_CHECKLIST, _checklist_rows(closing.checklist.findings)),
        "roll-forward.csv": csv_table(_units(forward.columns), _forward_rows(closing)),
        "open-items.csv": csv_table(_OPEN_ITEMS, map(_open_item_row, items)),
        "aging.csv": csv_table(
            _units(aging.columns), (_in_units(row, 3, -1) for row in aging.to_rows())
        ),
    }
    if papers.tie_outs:
        files["tie-out.csv"] = csv_table(_TIE_OUT, _tie_out_rows(closing))
        files["tie-out-differences.csv"] = csv_table(_DIFFERENCES, _difference_rows(closing))
    if papers.agreements:
        files["intercompany.csv"] = csv_table(_AGREEMENTS, _agreement_rows(closing))
    if papers.journal is not None:
        files["journal.csv"] = csv_table(_JOURNAL, _journal_rows(closing))
    return files


def _units(columns: Iterable[str]) -> list[str]:
    return [name.removesuffix("_minor") for name in columns]


def _in_units(row: Sequence[str | int], first: int, last: int) -> list[object]:
    """A row whose third cell is a currency, with the amounts between two places in its units."""
    currency = str(row[2])
    end = len(row) + last if last < 0 else last
    return [
        in_units(int(cell), currency) if first <= place < end else cell
        for place, cell in enumerate(row)
    ]


_CHECKLIST: Final = (
    *("check", "status", "key", "finding", "customer", "amount", "currency"),
    *("reason", "explained_by", "explained_at"),
)


def _checklist_rows(findings: Iterable[Finding]) -> Iterable[_Row]:
    for finding in findings:
        if not finding.items:
            yield (finding.check, finding.status.value, *[""] * (len(_CHECKLIST) - 2))
        for item in finding.items:
            given = item.explanation
            yield (
                finding.check,
                "open" if given is None else "explained",
                item.key,
                _text(item, "en", lambda minor, code: f"{in_units(minor, code):f} {code}"),
                item.customer,
                in_units(item.amount_minor, item.currency) if item.currency else "",
                item.currency,
                *(
                    ("", "", "")
                    if given is None
                    else (given.reason, given.by, given.at.isoformat())
                ),
            )


def _forward_rows(closing: Closing) -> Iterable[_Row]:
    forward = closing.checklist.papers.roll_forward
    width = len(forward.kinds) + 2
    for row in forward.to_rows():
        own = _in_units(row[: 3 + width], 3, 3 + width)
        rest = row[3 + width :]
        currency = str(rest[0]) if rest else ""
        yield [*own, *rest[:1], *(in_units(int(cell), currency) for cell in rest[1:])]


_OPEN_ITEMS: Final = (
    *("item", "document", "kind", "customer", "currency", "amount", "open"),
    *("document_date", "posting_date", "due_date"),
)


def _open_item_row(item: OpenItem) -> _Row:
    return (
        item.item,
        item.document,
        item.kind.value,
        item.customer,
        item.currency,
        in_units(item.amount_minor, item.currency),
        in_units(item.open_minor, item.currency),
        item.document_date,
        item.posting_date,
        item.due_date,
    )


_TIE_OUT: Final = ("as_of", "account", "currency", "sub_ledger", "general_ledger", "difference")


def _tie_out_rows(closing: Closing) -> Iterable[_Row]:
    for tied in closing.checklist.papers.tie_outs:
        for row in tied.rows:
            amounts = (row.sub_ledger_minor, row.general_ledger_minor, row.difference_minor)
            units = [in_units(minor, row.currency) for minor in amounts]
            yield (tied.as_of, row.account, row.currency, *units)


_DIFFERENCES: Final = (
    *("as_of", "cause", "account", "customer", "document", "currency", "difference"),
    *("sub_ledger_dates", "general_ledger_dates", "text"),
)


def _difference_rows(closing: Closing) -> Iterable[_Row]:
    for tied in closing.checklist.papers.tie_outs:
        for one in tied.differences:
            yield (
                tied.as_of,
                one.cause.value,
                one.account,
                one.customer,
                one.document,
                one.currency,
                in_units(one.difference_minor, one.currency),
                " ".join(sorted({str(line.date) for line in one.movements})),
                " ".join(sorted({str(line.date) for line in one.postings})),
                next((line.text for line in one.postings if line.text), ""),
            )


_AGREEMENTS: Final = (
    *("as_of", "entity", "counterparty", "cause", "reference", "currency"),
    *("ours", "theirs", "difference"),
)


def _agreement_rows(closing: Closing) -> Iterable[_Row]:
    """A row per currency and one per difference; the first have no cause."""
    for agreed in closing.checklist.papers.agreements:
        parties = (agreed.as_of, agreed.creditor, agreed.counterparty)
        for row in agreed.rows:
            amounts = (row.ours_minor, row.theirs_minor, row.difference_minor)
            units = [in_units(minor, row.currency) for minor in amounts]
            yield (*parties, "", "", row.currency, *units)
        for one in agreed.differences:
            sums = [sum(line.amount_minor for line in side) for side in (one.ours, one.theirs)]
            units = [in_units(minor, one.currency) for minor in (*sums, one.difference_minor)]
            yield (*parties, one.cause.value, one.reference, one.currency, *units)


_JOURNAL: Final = (
    *("entry", "date", "kind", "document", "account", "account_name", "customer", "item"),
    *("currency", "amount", "functional_currency", "debit", "credit", "text", "event"),
)


def _journal_rows(closing: Closing) -> Iterable[_Row]:
    papers = closing.checklist.papers
    entries = () if papers.journal is None else papers.journal.between(papers.first, papers.last)
    for entry in entries:
        if entry.creditor != papers.creditor:
            continue
        home = entry.functional_currency
        for line in entry.lines:
            yield (
                entry.entry,
                entry.date,
                entry.kind,
                entry.document,
                line.account.number,
                line.account.name,
                line.customer,
                line.item,
                line.currency,
                in_units(line.amount_minor, line.currency),
                home,
                in_units(max(line.functional_minor, 0), home),
                in_units(max(-line.functional_minor, 0), home),
                line.text or entry.text,
                entry.event,
            )


# The page.

_Formatted = Callable[[int, str], str]


def _text(item: FindingItem, language: str, amount: _Formatted) -> str:
    """What a check named, in words; a value that is a word of ours is translated too."""
    text = say(item.text, language)
    values = {name: say(value, language) for name, value in item.values}
    if item.currency:
        values["amount"] = amount(item.amount_minor, item.currency)
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def _page(closing: Closing, locale: str) -> str:
    # Imported here, because only a page that is made for a reader needs the locale data.
    from babel.numbers import format_currency  # noqa: PLC0415

    language = language_of(locale)
    place = locale.replace("-", "_")

    def amount(minor: int, currency: str) -> str:
        value = from_minor(minor, currency).amount
        shown = f"#,##0.{'0' * digits(currency)}".rstrip(".") + " ¤¤"
        return str(format_currency(value, currency, format=shown, locale=place))

    event, papers = closing.event, closing.checklist.papers
    title = say("Closing of {first} to {last}", language)
    title = title.format(first=papers.first, last=papers.last)
    closed = say("Closed by {by} on {at}", language)
    closed = closed.format(by=event.by, at=event.recorded_at.date())
    titles = {check.check: check.titles for check in closing.checklist.checks}
    rows = "".join(
        _section(one, _title(titles[one.check], one.check, language), language, amount)
        for one in closing.checklist.findings
    )
    heading = "".join(
        f"<th>{html.escape(say(name, language))}</th>" for name in ("check", "status")
    )
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(papers.creditor)} · {html.escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f"</head>\n<body>\n<h1>{html.escape(papers.creditor)} · {html.escape(title)}</h1>\n"
        f"<p>{html.escape(closed)}{_reason(event.reason)}</p>\n"
        f"<table>\n<tr>{heading}</tr>\n{rows}</table>\n</body>\n</html>\n"
    )


_STYLE: Final = (
    "body{font:16px/1.4 system-ui,sans-serif;margin:2em;max-width:60em;color:#222}"
    "table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.4em .8em;"
    "border-bottom:1px solid #bbb}ul{margin:.3em 0 0;padding-left:1.2em}small{color:#555}"
)


def _reason(reason: str) -> str:
    return f" · {html.escape(reason)}" if reason else ""


def _title(titles: Mapping[str, str], check: str, language: str) -> str:
    try:
        return titles[language]
    except KeyError:
        msg = f"check {check} must have a title in {language}, got {', '.join(titles) or 'none'}"
        raise TranslationMissingError(msg) from None


def _section(finding: Finding, title: str, language: str, amount: _Formatted) -> str:
    items = "".join(_line(item, language, amount) for item in finding.items)
    listed = f"<ul>{items}</ul>" if items else ""
    status = html.escape(say(finding.status.value, language))
    return f"<tr><td>{html.escape(title)}{listed}</td><td>{status}</td></tr>\n"


def _line(item: FindingItem, language: str, amount: _Formatted) -> str:
    text = html.escape(_text(item, language, amount))
    given = item.explanation
    if given is None:
        return f"<li>{text}</li>"
    who = html.escape(f"{given.reason} ({given.by}, {given.at.date()})")
    return f"<li>{text}<br><small>{who}</small></li>"
