"""Short words, amounts, dates and labels in English, French and Spanish, equal in rank.

>>> words("fr-CA").text("heading", "open amount")
'Restant dû'
>>> words("de")
Traceback (most recent call last):
    ...
receivables.errors.TranslationMissingError: locale must be one of en, es, fr or a region of them, got 'de'
"""

from receivables.i18n.catalog import LANGUAGES, Catalog, locale_chain, words
from receivables.i18n.formats import (
    DATE_STYLES,
    country_name,
    format_amount,
    format_date,
    format_decimal,
    format_money,
    format_number,
    format_share,
    locale_data,
)
from receivables.i18n.labels import (
    bucket_labels,
    capitalized,
    kind_label,
    letter_label,
    movement_label,
)
from receivables.i18n.substitution import placeholders, substitute

__all__ = [
    "DATE_STYLES",
    "LANGUAGES",
    "Catalog",
    "bucket_labels",
    "capitalized",
    "country_name",
    "format_amount",
    "format_date",
    "format_decimal",
    "format_money",
    "format_number",
    "format_share",
    "kind_label",
    "letter_label",
    "locale_chain",
    "locale_data",
    "movement_label",
    "placeholders",
    "substitute",
    "words",
]
