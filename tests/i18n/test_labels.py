"""The library's own values have labels in every language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.aging.model import AgeBasis, AgingScheme
from receivables.documents.model import ItemKind
from receivables.errors import TranslationMissingError
from receivables.i18n import LANGUAGES, bucket_labels, kind_label, movement_label
from receivables.statements import StatementMovementKind


@st.composite
def schemes(draw):
    """Schemes of every basis, with bounds before and after the due date."""
    basis = draw(st.sampled_from(AgeBasis))
    lowest = -90 if basis is AgeBasis.DUE_DATE else 0
    bounds = draw(st.sets(st.integers(lowest, 400), min_size=1, max_size=12))
    return AgingScheme(*sorted(bounds), basis=basis)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", ("not yet due", "1-30", "31-60", "61-90", "over 90")),
        ("fr-CA", ("non échu", "1-30 j", "31-60 j", "61-90 j", "plus de 90 j")),
        ("es", ("no vencido", "1-30 días", "31-60 días", "61-90 días", "más de 90 días")),
    ],
)
def test_buckets(locale, expected):
    """The usual scheme reads as in the trade."""
    labels = bucket_labels(AgingScheme(30, 60, 90), locale)

    assert expected == tuple(label.replace("\u00a0", " ") for label in labels)


@given(scheme=schemes())
def test_english_buckets_are_the_scheme_s_own(scheme):
    """The scheme says its labels once, and English repeats them."""
    assert scheme.labels == bucket_labels(scheme, "en")


@given(scheme=schemes(), locale=st.sampled_from(LANGUAGES))
def test_every_bucket_has_a_label_of_its_own(scheme, locale):
    """Whatever the bounds, each bucket is labelled, and no two alike."""
    labels = bucket_labels(scheme, locale)

    assert len(scheme.labels) == len(set(labels))


def test_buckets_in_another_language_are_refused():
    """A language without words has no labels."""
    with pytest.raises(TranslationMissingError):
        bucket_labels(AgingScheme(30), "de")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_kind_has_a_label_of_its_own(locale):
    """Each kind of item is named, and no two alike."""
    assert len(ItemKind) == len({kind_label(kind, locale) for kind in ItemKind})


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_movement_has_a_label_of_its_own(locale):
    """Each kind of movement on a statement is named, and no two alike."""
    assert len(StatementMovementKind) == len(
        {movement_label(kind, locale) for kind in StatementMovementKind}
    )


@pytest.mark.parametrize("kind", [kind for kind in ItemKind if kind is not ItemKind.UNAPPLIED_CASH])
@pytest.mark.parametrize("locale", [*LANGUAGES, "es-ES"])
def test_a_document_is_called_the_same_as_a_movement(locale, kind):
    """One word per concept: an invoice on a statement is an invoice in a report."""
    assert kind_label(kind, locale) == movement_label(StatementMovementKind(kind.value), locale)
