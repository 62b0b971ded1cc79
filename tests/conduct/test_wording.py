"""The words of letters against the law of the place: forbidden claims, and what is missing."""

from __future__ import annotations

import pytest

from receivables.conduct import check_wording, forbidden_in, packs, required_in
from receivables.errors import PolicyError


def rules(*lines, **where):
    """The rules that found something."""
    return [one.rule.id for one in check_wording(lines, **where)]


@pytest.mark.parametrize(
    ("line", "where", "found"),
    [
        ("L’indemnité forfaitaire de 40 € est due.", {"jurisdiction": "france"}, []),
        ("L’indemnité forfaitaire est due.", {"jurisdiction": "france", "debtor": "consumer"}, ["france.words.fixed-sum"]),
        ("Une somme de 40 € s’ajoute.", {"jurisdiction": "france", "debtor": "consumer"}, ["france.words.fixed-sum"]),
        ("Les frais de relance sont de 15 €.", {"jurisdiction": "france"}, ["france.words.fees"]),
        ("Aucuns frais de relance ne sont dus.", {"jurisdiction": "france"}, []),
        ("COMMANDEMENT DE PAYER", {"jurisdiction": "france"}, ["france.words.official-look"]),
        ("Des frais de recouvrement s’ajoutent.", {"jurisdiction": "quebec"}, ["quebec.words.fees"]),
        ("You may be arrested.", {"jurisdiction": "quebec"}, ["quebec.words.arrest"]),
        ("Cour du Québec, chambre civile", {"jurisdiction": "quebec"}, ["quebec.words.court-look"]),
        ("Nous engagerons une action en justice.", {"jurisdiction": "quebec"}, []),
        ("Nous engagerons une action en justice.", {"jurisdiction": "quebec", "actor": "agency"}, ["quebec.words.proceedings"]),
        ("Interest runs at 2 % a month.", {"jurisdiction": "canada"}, ["canada.words.annual-rate"]),
        ("Interest runs at 18 % a year.", {"jurisdiction": "canada"}, []),
        ("Conforme a la Ley 3/2004", {"jurisdiction": "spain", "debtor": "consumer"}, ["spain.words.fixed-sum"]),
        ("SUMMONS", {"jurisdiction": "us-regulation-f"}, []),
        ("SUMMONS from a debt collector", {"jurisdiction": "us-regulation-f", "actor": "agency", "debtor": "consumer"}, ["us.words.court-look"]),
    ],
)  # fmt: skip
def test_claims_that_are_forbidden(line, where, found):
    """By place, by who owes, by who writes; a denial is no claim."""
    assert found == rules(line, **where)


def test_what_is_missing_in_a_validation_notice():
    """12 CFR 1006.34(c)(3): each statement that is not there is named."""
    where = {
        "jurisdiction": "us-regulation-f",
        "debtor": "consumer",
        "actor": "agency",
        "letter": "validation-notice",
    }
    whole = (
        "We are a debt collector attempting to collect a debt.",
        "Any information we obtain will be used for that purpose.",
        "If you dispute the debt by then, we stop; otherwise we will assume that our information is correct.",
        "You may ask us for the name and address of the original creditor.",
    )

    assert [] == rules(*whole, **where)
    assert ["us.words.original-creditor"] == rules(*whole[:3], **where)
    assert len(required_in(**where)) == len(rules(**where))


def test_what_is_missing_in_a_formal_notice():
    """C. civ. 1344: the words have to be there, whatever their spaces and apostrophes."""
    where = {"jurisdiction": "france", "letter": "formal-notice"}

    assert [] == rules("La présente vaut mise en\u00a0demeure.", **where)
    (found,) = check_wording(["Nous attendons votre règlement."], **where)
    assert "C. civ. 1344 asks for it to say that it is a formal notice" == str(found)


def test_a_finding_can_be_read_aloud():
    """It names the line, the words, what they claim and the article."""
    (found,) = check_wording(["Bonjour,", "Frais de dossier : 5 €"], jurisdiction="france")

    assert (
        "line 2: 'Frais de dossier' claims that the costs of collecting are owed before a title (CPCE L111-8)"
        == str(found)
    )


@pytest.mark.parametrize("name", packs())
def test_rules_are_forbidden_or_required(name):
    """Each wording rule of a pack is one of the two for somebody."""
    known = {
        rule.id
        for debtor in ("business", "consumer")
        for actor in ("creditor", "agency")
        for letter in ("", "validation-notice", "third-party-letter", "formal-notice")
        for choose in (forbidden_in, required_in)
        for rule in choose(name, debtor=debtor, actor=actor, letter=letter)
    }

    assert {rule.id for rule in packs()[name].wording} == known


def test_a_lone_text_is_no_list_of_lines():
    """Its letters would be checked one by one."""
    with pytest.raises(PolicyError, match="lines must be a list of lines"):
        check_wording("Frais de dossier", jurisdiction="france")
