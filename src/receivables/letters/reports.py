"""A letter to somebody who is no customer: an agency, a court, an insurer, with tables to read.

>>> from receivables.testing.builders import a_creditor
>>> letter = compose_report(a_creditor(), to=["Recouvrement Atlantique"], dated=dt.date(2026, 11, 2),
...                         reference="X-1", subject="Dossier X-1", before=["Voici le dossier."])
>>> letter.recipient, letter.locale, letter.kind
(('Recouvrement Atlantique',), 'fr-FR', 'report')
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from receivables.errors import DocumentError
from receivables.letters._desk import Desk
from receivables.letters._sheet import stacked
from receivables.letters.model import Labelled, Letter, LetterTable, plain
from receivables.letters.rules import file_stem
from receivables.parties import Creditor, Customer

__all__ = ["compose_report"]

_KIND: Final = "report"


def compose_report(  # noqa: PLR0913  # the parts of a letter, each by its name
    creditor: Creditor,
    *,
    to: Sequence[str],
    dated: dt.date,
    reference: str,
    subject: str,
    locale: str = "",
    before: Iterable[str] = (),
    tables: Iterable[LetterTable] = (),
    after: Iterable[str] = (),
    annex_title: str = "",
    annex: Iterable[LetterTable] = (),
) -> Letter:
    """Compose a letter of the creditor to whoever stands in the lines of `to`, in its own words.

    It is in the creditor's language unless a `locale` is given; words and lines come as they will
    be read.  Raises `DocumentError` where nobody is addressed or the subject is empty.
    """
    if not to:
        msg = "to must say who is written to, got nobody"
        raise DocumentError(msg)
    reader = Customer(customer=reference, name=to[0], locale=locale or creditor.locale)
    desk = Desk.of(creditor, reader, dated=dated)
    return Letter(
        kind=_KIND,
        locale=desk.locale,
        date=dated,
        sender=desk.sender,
        recipient=[plain(line) for line in to],
        place_and_date=desk.place_and_date,
        reference=Labelled(desk.word("letter", "our reference:"), plain(reference)),
        subject_label=desk.word("letter", "subject:"),
        subject=plain(subject),
        salutation=desk.word("report", "salutation"),
        before=[plain(line) for line in before],
        **stacked(tables),
        after=[plain(line) for line in after],
        closing=desk.word("report", "closing"),
        signature=(plain(creditor.name),),
        legal=(desk.legal_line,),
        annex_title=annex_title,
        annex=annex,
        page_label=desk.word("letter", "page"),
        file_stem=file_stem(creditor.creditor, reference, dated.isoformat(), _KIND),
    )
