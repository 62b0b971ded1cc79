"""The labels of aging buckets as words for people, with their days as values.

>>> bucket_phrase("31-60").text, str(bucket_phrase("31-60"))
('{low}-{high}', '31-60')
"""

from __future__ import annotations

import re
from typing import Final

from receivables.tables import Cell, Phrase

__all__ = ["bucket_cell", "bucket_phrase"]

# A scheme says its labels once, in English; these are the shapes that they have.
_SHAPES: Final = (
    ("not yet due", re.compile(r"not yet due")),
    ("due in {days}", re.compile(r"due in (?P<days>\d+)")),
    ("due in {days} or more", re.compile(r"due in (?P<days>\d+) or more")),
    ("due in {low}-{high}", re.compile(r"due in (?P<low>\d+)-(?P<high>\d+)")),
    ("{days}", re.compile(r"(?P<days>\d+)")),
    ("{low}-{high}", re.compile(r"(?P<low>\d+)-(?P<high>\d+)")),
    ("over {days}", re.compile(r"over (?P<days>\d+)")),
)


def bucket_phrase(label: str) -> Phrase:
    """The label of a bucket as a phrase; another text is a phrase without values.

    >>> bucket_phrase("over 90")
    Phrase(text='over {days}', values=mappingproxy({'days': '90'}), context='bucket')
    """
    for message, shape in _SHAPES:
        if match := shape.fullmatch(label):
            return Phrase(message, match.groupdict(), context="bucket")
    return Phrase(label, context="bucket")


def bucket_cell(label: str) -> Cell:
    """The same for a table; a text of another shape is somebody's own name, and stays as it is.

    >>> bucket_cell("insured by 4711")
    'insured by 4711'
    """
    if label == "all":
        return Phrase("all")
    phrase = bucket_phrase(label)
    return phrase if phrase.values or label == "not yet due" else label
