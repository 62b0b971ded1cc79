"""Labels of the library's own values in the reader's language: aging buckets, kinds, letters."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from receivables.aging.labels import bucket_phrase
from receivables.i18n.catalog import words

if TYPE_CHECKING:
    from receivables.aging.model import AgingScheme
    from receivables.documents.model import ItemKind
    from receivables.statements.model import StatementMovementKind

__all__ = ["bucket_labels", "capitalized", "kind_label", "letter_label", "movement_label"]


def capitalized(text: str) -> str:
    """A text with a large first letter, the rest as it is.

    >>> capitalized("due date"), capitalized("DSO"), capitalized("1-30 days")
    ('Due date', 'DSO', '1-30 days')
    """
    return text[:1].upper() + text[1:]


@functools.lru_cache(maxsize=1_024)
def bucket_labels(scheme: AgingScheme, locale: str) -> tuple[str, ...]:
    r"""The labels of an aging scheme, one per bucket, in the language of a locale.

    >>> from receivables.aging.model import AgingScheme
    >>> bucket_labels(AgingScheme(30, 60, 90), "fr")
    ('non échu', '1-30\xa0j', '31-60\xa0j', '61-90\xa0j', 'plus de 90\xa0j')
    """
    catalog = words(locale)
    phrases = map(bucket_phrase, scheme.labels)
    # A shape that the table of shapes lacks is a missing translation, and the catalogue says so.
    return tuple(
        catalog.text(
            one.context, one.text, **{name: str(each) for name, each in one.values.items()}
        )
        for one in phrases
    )


def kind_label(kind: ItemKind, locale: str) -> str:
    """The name of an item's kind.

    >>> from receivables.documents.model import ItemKind
    >>> kind_label(ItemKind.CREDIT_NOTE, "fr")
    'avoir'
    """
    return words(locale).text("kind", kind.value.replace("-", " "))


def letter_label(kind: str, locale: str) -> str:
    """The name of a packaged kind of letter; to consumers it is called the same.

    >>> letter_label("formal-notice", "fr")
    'Mise en demeure'
    """
    return words(locale).text("letter kind", kind.removesuffix("-consumer"))


def movement_label(kind: StatementMovementKind, locale: str) -> str:
    """The name of a movement on a statement of account.

    >>> from receivables.statements.model import StatementMovementKind
    >>> movement_label(StatementMovementKind.SETTLEMENT_DISCOUNT, "fr")
    'escompte'
    """
    return words(locale).text("movement", kind.value.replace("-", " "))
