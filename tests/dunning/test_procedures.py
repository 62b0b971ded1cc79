"""Procedures as data: what is refused, what files may say, and where the packaged ones come from."""

from __future__ import annotations

import pytest

from receivables.dunning import (
    CourtesyReminder,
    CourtesyThreshold,
    DunningLevel,
    DunningProcedure,
    Stage,
    load_choice,
    load_procedure,
    load_procedures,
    packaged_procedure,
    packaged_procedures,
)
from receivables.errors import PolicyError
from receivables.letters.kinds import KINDS
from receivables.parties import Channel

from .worlds import a_business, in_town


def test_the_stage_follows_from_the_letter():
    """A level says what it is by its letter, unless its stage is given."""
    said = [
        DunningLevel(days_past_due=1, letter=letter).stage
        for letter in ("reminder-1", "final-reminder", "formal-notice")
    ]
    registered = DunningLevel(days_past_due=1, letter="reminder-2", stage="registered-letter")

    assert [Stage.REMINDER, Stage.FINAL_REMINDER, Stage.FORMAL_NOTICE] == said
    assert registered.stage is Stage.REGISTERED_LETTER


FIRST = {"days_past_due": 1, "letter": "reminder-1"}
COURT = {"days_past_due": 9, "stage": "court"}

IMPOSSIBLE_LEVELS = [
    ({"letter": "courtesy-reminder"}, "use CourtesyReminder"),
    ({"letter": ""}, "letter must be named"),
    ({"fees_minor": {"EUR": -1}}, "fees_minor must not be negative"),
    ({"fees_minor": {"ABC": 1}}, "ISO 4217"),
    ({"deadline_days": 0}, "deadline_days must be 1"),
    ({"stage": "letter"}, "not a valid Stage"),
]


@pytest.mark.parametrize(("fields", "reason"), IMPOSSIBLE_LEVELS)
def test_impossible_levels_are_refused(fields, reason):
    """A level is a notice with a letter, or a referral; its fees are amounts."""
    with pytest.raises(ValueError, match=reason):
        DunningLevel(**{**FIRST, **fields})


IMPOSSIBLE = [
    ({"levels": [COURT]}, "first level must be a notice"),
    ({"levels": [FIRST, COURT, {**FIRST, "days_past_due": 20}]}, "on the last level only"),
    ({"grace_days": -1}, "grace_days must be 0"),
    (
        {"fees_allowed": False, "levels": [{**FIRST, "fees_minor": {"EUR": 1}}]},
        "fees are not allowed",
    ),
    (
        {"interest_allowed": False, "levels": [{**FIRST, "charges_interest": True}]},
        "interest is not allowed",
    ),
]


@pytest.mark.parametrize(("fields", "reason"), IMPOSSIBLE)
def test_impossible_ladders_are_refused(fields, reason):
    """A referral comes last, and nothing is charged that the procedure forbids."""
    given = {"name": "x", "version": "1", "levels": [FIRST], **fields}
    given["levels"] = [DunningLevel(**level) for level in given["levels"]]

    with pytest.raises(PolicyError, match=reason):
        DunningProcedure(**given)


def test_a_threshold_differs_by_place():
    """The first threshold that fits the place counts, and other currencies have none."""
    courtesy = packaged_procedure("france-business").courtesy

    least = {
        town: courtesy.least_minor(in_town(town), currency="EUR") for town in ("75011", "44000")
    }
    assert {"75011": 1_000_000, "44000": 500_000} == least
    assert courtesy.least_minor(a_business(), currency="EUR") == 500_000
    assert courtesy.least_minor(in_town("75011"), currency="USD") is None


def test_a_threshold_may_ask_for_a_region():
    """A region, or a country, may decide as well as a postal code."""
    threshold = CourtesyThreshold(amount_minor=1, currency="CAD", country="CA", regions=["QC"])
    reminder = CourtesyReminder(days_before_due=5, thresholds=[threshold])

    assert threshold.fits(country="CA", region="QC", postal_code="")
    assert reminder.least_minor(in_town("75011"), currency="CAD") is None
    with pytest.raises(PolicyError, match="amount_minor must not be negative"):
        CourtesyThreshold(amount_minor=-1, currency="EUR")


HOUSE = """
name = "house"
version = "3"
ladder = "ours"
title = "Our own"
per = "document"
grace-days = 2
minimums = { EUR = "10.00", JPY = 500 }
notes = ["agreed with sales"]

[courtesy]
days-before-due = 5
channel = "email"
thresholds = [{ amount = "1000", currency = "EUR", postal-prefixes = ["75"] }]

[[levels]]
days-past-due = 8
letter = "reminder-1"
channel = "text-message"

[[levels]]
days-past-due = 30
days-after-previous = 14
letter = "formal-notice"
fees = { EUR = "15.00" }
charges-interest = true
deadline-days = 8

[sources]
"levels.2" = { source = "our terms, section 7", unverified = true }
"""


def test_a_file_says_everything():
    """Every field of a procedure has its key in a file."""
    read = load_procedure(HOUSE, name="house.toml")

    assert (read.name, read.version, read.counted_in) == ("house", "3", "ours")
    assert (read.per.value, read.grace_days) == ("document", 2)
    assert dict(read.minimums_minor) == {"EUR": 1_000, "JPY": 500}
    assert read.courtesy.thresholds[0].amount_minor == 100_000
    assert read.levels[0].channel is Channel.TEXT_MESSAGE
    assert dict(read.levels[1].fees_minor) == {"EUR": 1_500}
    assert (read.levels[1].charges_interest, read.levels[1].deadline_days) == (True, 8)
    assert read.sources["levels.2"].unverified


MISTAKES = [
    ("levels = 3", "levels of house.toml must be a list, got 3"),
    ("name = 5", "name of house.toml must be text, got 5"),
    ("nam = 'x'", "keys of house.toml must be among .* got nam"),
    ("grace-days = 'x'", "grace-days of house.toml must be a whole number"),
    ("fees-allowed = 1", "fees-allowed of house.toml must be true or false"),
    ("per = 'item'", "house.toml must hold a procedure, got 'item'"),
    ("levels = []", "house.toml must hold a procedure, got levels must be 1 to"),
    ("levels = [1]", r"house.toml: levels.1 must be a table, got 1"),
    ("levels = [{ days-past-due = 5 }]", "levels.1 must hold a level, got letter must be named"),
    ("levels = [{ letter = 'a' }]", "days-past-due of house.toml: levels.1 must be given"),
    ("levels = [{ days = 5 }]", "keys of house.toml: levels.1 must be among .* got days"),
    ("levels = [{ days-past-due = true }]", "days-past-due of house.toml: levels.1"),
    (
        "levels = [{ days-past-due = 1, fees = { EUR = 1.5 } }]",
        r"fees of house.toml: levels.1 must be text",
    ),
    ("minimums = { EUR = '1.005' }", "minimums of house.toml must be an amount of EUR"),
    ("courtesy = 1", "house.toml: courtesy must be a table"),
    ("[courtesy]\ndays-before-due = 0", "must hold a courtesy reminder, got days_before_due"),
    (
        "[courtesy]\ndays-before-due = 1\nthresholds = [{ currency = 'EUR' }]",
        "amount of house.toml: courtesy",
    ),
    ("notes = [1]", "notes of house.toml must be a list of texts"),
    ("[sources]\nlevels = 1", "house.toml: sources.levels must be a table"),
    ("[sources]\nlevels = { source = 'x', unverified = 1 }", "must hold a source"),
    ("name = ", "house.toml must be TOML"),
    ("#" * 1_000_001, "at most 1000000 characters"),
]


@pytest.mark.parametrize(("text", "reason"), MISTAKES)
def test_a_mistake_names_its_key(text, reason):
    """What is wrong with a file is said with the file, the table and the key."""
    with pytest.raises(PolicyError, match=reason):
        load_procedure(text, name="house.toml")


def test_several_procedures_may_stand_in_one_file():
    """Each is a table of its own, and names are not used twice."""
    one = '[[procedure]]\nname = "a"\nlevels = [{ days-past-due = 5, letter = "reminder-1" }]\n'

    assert list(load_procedures(one + one.replace('"a"', '"b"'))) == ["a", "b"]
    with pytest.raises(PolicyError, match=r"name of procedures: procedure.2 must be new, got 'a'"):
        load_procedures(one + one)


def test_rules_are_read_with_their_conditions():
    """A choice names its procedures, and says who gets which."""
    choice = load_choice(
        """
        default = "us"
        [[rule]]
        name = "big"
        procedure = "quebec"
        segments = ["key"]
        countries = ["CA"]
        regions = ["QC"]
        languages = ["fr"]
        consumer = false
        from = { CAD = "1000.00" }
        """
    )

    (rule,) = choice.rules
    assert (rule.name, rule.procedure.name, choice.default.name) == ("big", "quebec", "us")
    assert (rule.segments, rule.languages, rule.is_consumer) == (("key",), ("fr",), False)
    assert dict(rule.least_minor) == {"CAD": 100_000}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('default = "x"', "default of choice must be one of canada, .* got 'x'"),
        ('default = "us"\nrule = [{ procedure = "us" }]', "must hold a rule, .* a condition"),
        ('default = "us"\nrule = [{ procedure = "x" }]', "procedure of choice: rule.1"),
    ],
)
def test_rules_that_choose_nothing_are_refused(text, reason):
    """A rule names a procedure that is there, and a condition."""
    with pytest.raises(PolicyError, match=reason):
        load_choice(text)


@pytest.mark.parametrize("name", packaged_procedures())
def test_packaged_procedures_say_where_they_come_from(name):
    """Each level, and each value beside them, names its source; letters are of known kinds."""
    procedure = packaged_procedure(name)
    expected = {"fees-allowed", "interest-allowed", "minimums"}
    expected |= {f"levels.{index}" for index, _ in enumerate(procedure.levels, 1)}
    expected |= {"courtesy"} if procedure.courtesy else set()

    assert expected <= set(procedure.sources)
    assert all(level.letter in KINDS for level in procedure.levels if level.letter)
    assert procedure.referral_level is not None


def test_an_unknown_packaged_procedure_is_refused():
    """The message lists those that there are."""
    with pytest.raises(PolicyError, match=r"procedure must be one of canada, .* got 'x'"):
        packaged_procedure("x")
