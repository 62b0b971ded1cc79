"""Labels of the library's own values in the reader's language: aging buckets, kinds, letters."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from receivables.i18n.catalog import Catalog, words

if TYPE_CHECKING:
    from receivables.aging.model import AgingScheme
    from receivables.documents.model import ItemKind
    from receivables.statements.model import StatementMovementKind

__all__ = ["bucket_labels", "kind_label", "letter_label", "movement_label"]

# The scheme says its labels once, in English; these are the shapes that they have.
_SHAPES: Final = (
    ("not yet due", re.compile(r"not yet due")),
    ("due in {days}", re.compile(r"due in (?P<days>\d+)")),
    ("due in {days} or more", re.compile(r"due in (?P<days>\d+) or more")),
    ("due in {low}-{high}", re.compile(r"due in (?P<low>\d+)-(?P<high>\d+)")),
    ("{days}", re.compile(r"(?P<days>\d+)")),
    ("{low}-{high}", re.compile(r"(?P<low>\d+)-(?P<high>\d+)")),
    ("over {days}", re.compile(r"over (?P<days>\d+)")),
)


@functools.lru_cache(maxsize=1_024)
def bucket_labels(scheme: AgingScheme, locale: str) -> tuple[str, ...]:
    r"""The labels of an aging scheme, one per bucket, in the language of a locale.

    >>> from receivables.aging.model import AgingScheme
    >>> bucket_labels(AgingScheme(30, 60, 90), "fr")
    ('non échu', '1-30\xa0j', '31-60\xa0j', '61-90\xa0j', 'plus de 90\xa0j')
    """
    catalog = words(locale)
    return tuple(_translated(label, catalog) for label in scheme.labels)


def _translated(label: str, catalog: Catalog) -> str:
    for message, shape in _SHAPES:
        if match := shape.fullmatch(label):
            return catalog.text("bucket", message, **match.groupdict())
    # A shape that the table lacks is a missing translation, and the catalogue says so.
    return catalog.text("bucket", label)


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
