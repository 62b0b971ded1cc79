"""A check says allowed or not, why, until when, what is due, and keeps what it looked at."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest

from receivables.conduct import (
    ConductPolicy,
    ConductRule,
    DebtFacts,
    RuleKind,
    check,
    pack,
    packs,
    packs_for,
    validation_period,
)
from receivables.conduct._speaking import SPEAKING
from receivables.days import BusinessCalendar
from receivables.errors import DocumentError, PolicyError
from receivables.parties import Address

from .worlds import (
    AGREED,
    a_quebecer,
    an_american,
    calls,
    day,
    in_france,
    in_ontario,
    logged,
    planned,
    spoke,
)

TUESDAY = dt.date(2026, 4, 7)
OPEN = ConductPolicy(calendar=BusinessCalendar())


def ask(contact, *history, customer=None, facts=AGREED, policy=None):
    """The answer for a consumer in the United States, unless it is told otherwise."""
    known = customer or an_american()
    return check(contact, history=history, customer=known, facts=facts, policy=policy)


def test_every_kind_of_rule_says_something():
    """No kind of rule is without its function."""
    assert set(RuleKind) == set(SPEAKING)


# Whom Regulation F binds.


@pytest.mark.parametrize(
    ("actor", "is_consumer", "binds"),
    [
        ("agency", True, True),
        ("lawyer", True, True),
        ("creditor", True, False),
        ("agency", False, False),
    ],
)
def test_regulation_f_is_for_collectors_and_consumers(actor, is_consumer, binds):
    """1006.2(h), (i): the creditor's own people and debts between businesses are outside."""
    customer = an_american(is_consumer=is_consumer)

    found = ask(planned(TUESDAY, actor=actor, local_time="23:00"), customer=customer)

    assert binds is not found.allowed
    assert binds is any(rule.startswith("us.") for rule in found.proof.asked)


def test_calls_of_the_creditor_do_not_count_for_the_agency():
    """The limit is on the calls that a debt collector places."""
    assert ask(planned(TUESDAY), *calls([TUESDAY] * 9, actor="creditor")).allowed


# How often.


def test_each_debt_has_a_count_of_its_own():
    """1006.14(b)(4): seven calls about one debt leave another one free."""
    about_one = calls([TUESDAY] * 7, items=["F-1"])

    assert ask(planned(TUESDAY, items=["F-2"]), *about_one).allowed
    assert ["us.seven-in-seven"] == spoke(ask(planned(TUESDAY, items=["F-1"]), *about_one))
    assert ["us.seven-in-seven"] == spoke(ask(planned(TUESDAY, items=["F-2", "F-1"]), *about_one))


def test_a_call_about_everything_counts_for_each_debt():
    """A note that names no item is about all that is owed, and so is a contact."""
    about_all = calls([TUESDAY] * 7)

    assert not ask(planned(TUESDAY, items=["F-2"]), *about_all).allowed
    assert not ask(planned(TUESDAY), *calls([TUESDAY] * 7, items=["F-1"])).allowed


def test_the_oldest_call_has_to_leave_the_seven_days():
    """The eighth call is allowed when the first of seven is eight days old."""
    days = [dt.date(2026, 4, number) for number in (1, 2, 3, 3, 3, 6, 7)]

    found = ask(planned(TUESDAY), *calls(days))

    assert (dt.date(2026, 4, 8), "08:00") == (found.until.on, found.until.local_time)


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_conversation_gives_seven_days_of_rest(direction):
    """1006.14(b)(2)(i)(B): its day is the first of them, and who began does not matter."""
    talk = logged("2026-04-01", outcome="reached", direction=direction)

    assert not ask(planned("2026-04-07"), talk).allowed
    assert ask(planned("2026-04-08"), talk).allowed
    assert "2026-04-08 08:00" == str(ask(planned("2026-04-07"), talk).until)


def test_a_talk_with_the_attorney_is_none_with_the_debtor():
    """1006.14(b)(3)(iii): contacts with the attorney do not count, and may go on."""
    facts = attrs.evolve(AGREED, attorneys=["Me Roy"])
    talks = calls([TUESDAY] * 8, outcome="reached", person="Me Roy")

    assert ask(planned(TUESDAY), *talks, facts=facts).allowed
    assert ask(planned(TUESDAY, person="Me Roy"), *calls([TUESDAY] * 8), facts=facts).allowed


def test_what_is_logged_later_says_nothing_about_before():
    """A check of the past looks at what had happened then, and not at the contact itself."""
    later = logged("2026-04-08", "K-9", outcome="reached")
    at_noon = logged(TUESDAY, "K-8", outcome="reached", local_time="12:00")
    itself = logged(TUESDAY, "K-7", outcome="reached", local_time="11:00")

    assert ask(planned(TUESDAY, contact="K-7"), later, at_noon, itself).allowed
    assert not ask(planned(TUESDAY, local_time="12:30"), at_noon).allowed


def test_ontario_counts_three_contacts_after_the_first_talk():
    """Reg. 74, s. 22: of every kind but letters, and not before the first conversation."""
    letter = logged("2026-03-02", "K-0", channel="post", outcome="sent")
    messages = calls(["2026-04-03", "2026-04-04", "2026-04-06"], outcome="message-left")
    talk = logged("2026-03-20", "K-t", outcome="reached")

    def asked(*history):
        return ask(planned(TUESDAY), *history, customer=in_ontario(), facts=None, policy=OPEN)

    assert asked(letter, *messages).allowed
    assert ["ontario.three-in-seven"] == spoke(asked(letter, talk, *messages))
    assert "2026-04-10 07:00" == str(asked(letter, talk, *messages).until)


# When.


def test_a_whole_day_may_be_asked():
    """Without a time the answer names the hours; a day without any is refused until the next."""
    found = ask(planned(TUESDAY, local_time=""))
    sunday = ask(planned("2026-11-08", local_time=""), customer=a_quebecer(), policy=OPEN)

    assert ["08:00 to 21:00 at the debtor's place"] == [
        duty.text for duty in found.duties if duty.rule == "us.hours"
    ]
    assert (False, "2026-11-09") == (sunday.allowed, str(sunday.until))


def test_after_hours_is_free_the_next_morning():
    """The earliest moment is the next opening: today's, tomorrow's, or after the holidays."""
    calendar = BusinessCalendar(holidays=[dt.date(2026, 12, 25)])
    policy = ConductPolicy(calendar=calendar)
    evening = planned("2026-12-24", local_time="20:30")

    assert "2026-04-07 08:00" == str(ask(planned(TUESDAY, local_time="07:00")).until)
    assert "2026-04-08 08:00" == str(ask(planned(TUESDAY, local_time="21:30")).until)
    assert "2026-12-28 08:00" == str(ask(evening, customer=a_quebecer(), policy=policy).until)


@pytest.mark.parametrize("saturdays", [False, True])
def test_saturdays_in_quebec_are_a_setting(saturdays):
    """Versions of s. 34(4) differ: a Saturday is closed until the policy opens it."""
    policy = ConductPolicy(calendar=BusinessCalendar(), saturdays=saturdays)

    found = ask(planned("2026-11-07"), customer=a_quebecer(), policy=policy)

    assert saturdays is found.allowed
    assert saturdays or "versions of the text differ" in found.refusals[0].text


def test_ontario_on_a_sunday_afternoon():
    """From 13:00 to 17:00 on Sundays."""
    asked = {
        time: ask(
            planned("2026-11-08", local_time=time), customer=in_ontario(), policy=OPEN
        ).allowed
        for time in ("11:00", "13:00", "17:00", "17:01")
    }

    assert {"11:00": False, "13:00": True, "17:00": True, "17:01": False} == asked


def test_missing_holidays_are_said():
    """A rule that depends on holidays says when nobody gave any."""
    found = ask(planned("2026-11-04"), customer=a_quebecer())

    assert "conduct.no-holidays" in [reason.rule for reason in found.reasons]


@pytest.mark.parametrize(("on", "allowed"), [("2026-11-06", False), ("2026-11-07", True)])
def test_a_notice_comes_before_the_first_word_in_quebec(on, allowed):
    """R-2.2, s. 34(1): spoken to from the fifth day after the notice was sent."""
    notice = logged("2026-11-02", channel="registered-post", outcome="sent")
    policy = attrs.evolve(OPEN, saturdays=True)

    found = ask(planned(on), notice, customer=a_quebecer(), facts=None, policy=policy)

    assert allowed is found.allowed
    assert allowed or "2026-11-07 08:00" == str(found.until)


def test_no_time_helps_where_no_notice_went_out():
    """Until a notice is sent there is no first allowed moment."""
    found = ask(planned("2026-11-06"), customer=a_quebecer(), facts=None, policy=OPEN)

    assert (["quebec.notice-first"], None) == (spoke(found), found.until)


# What the customer asked for.


@pytest.mark.parametrize(
    ("wish", "channel", "rules"),
    [
        ("cease", "phone", ["house.cease", "us.cease"]),
        ("cease", "post", ["house.cease", "us.cease"]),
        ("written-only", "phone", ["house.written-only", "us.written-only"]),
        ("written-only", "post", []),
        ("attorney", "email", ["house.attorney", "us.attorney"]),
        ("no-email", "email", ["house.no-email", "us.no-email"]),
        ("no-email", "text-message", []),
        ("no-text-message", "text-message", ["house.no-text-message", "us.no-text-message"]),
        ("not-at-work", "phone", []),
    ],
)
def test_wishes_are_kept(wish, channel, rules):
    """Each wish stops the channels that it is about, by law and by courtesy."""
    letter = logged(
        "2026-03-02", channel="post", direction="inbound", outcome="delivered", wishes=[wish]
    )

    found = ask(planned(TUESDAY, channel=channel), letter)

    assert rules == spoke(found)
    assert found.until is None


def test_a_wish_is_kept_between_businesses_too():
    """What the customer asked for holds for the creditor's own people."""
    asked = logged("2026-03-02", actor="creditor", outcome="reached", wishes=["written-only"])

    found = ask(planned(TUESDAY, actor="creditor"), asked, customer=in_france())

    assert (["house.written-only"], "asked") == (spoke(found), found.refusals[0].effect.value)


def test_a_spoken_wish_is_no_written_one():
    """1006.6(c) and R-2.2, s. 3(2) want it in writing; our own courtesy does not."""
    asked = logged("2026-03-02", outcome="reached", wishes=["cease"])

    assert ["house.cease"] == spoke(ask(planned(TUESDAY), asked))


def test_a_later_consent_lifts_a_wish_while_it_lasts():
    """Who asks to be called may be called, whatever was asked before."""
    asked = logged("2026-03-02", "K-1", actor="creditor", outcome="sent", wishes=["written-only"])
    back = logged(
        "2026-04-06",
        "K-2",
        actor="creditor",
        channel="email",
        direction="inbound",
        outcome="delivered",
        wishes=["call-back"],
        consent_until=TUESDAY,
    )
    contact = planned(TUESDAY, actor="creditor")
    tomorrow = attrs.evolve(contact, on=dt.date(2026, 4, 8))

    assert ask(contact, asked, back, customer=in_france()).allowed
    assert not ask(tomorrow, asked, back, customer=in_france()).allowed


def test_a_consent_lasts_as_long_as_it_says_outside_regulation_f():
    """The limit of seven days is that of the rules on calls, and not of a wish."""
    asked = logged(
        "2026-03-02",
        actor="creditor",
        outcome="reached",
        wishes=["written-only", "call-back"],
        consent_until=dt.date(2026, 4, 30),
    )

    assert ask(planned(TUESDAY, actor="creditor"), asked, customer=in_france()).allowed


def test_the_last_word_may_be_said():
    """1006.6(c)(2): that efforts end, or that a remedy is used."""
    asked = logged("2026-03-02", channel="post", outcome="delivered", wishes=["cease"])

    assert ask(planned(TUESDAY, channel="post", purpose="closing"), asked).allowed


def test_work_is_left_alone_where_that_was_asked():
    """1006.6(b)(3), and no e-mail to an address of the employer at all (1006.22(f)(3))."""
    asked = logged("2026-03-02", outcome="reached", wishes=["not-at-work"])

    assert ask(planned(TUESDAY), asked).allowed
    assert ["house.not-at-work", "us.not-at-work"] == spoke(
        ask(planned(TUESDAY, is_workplace=True), asked)
    )
    assert ["us.work-email"] == spoke(ask(planned(TUESDAY, channel="email", is_workplace=True)))


def test_an_inconvenient_time_stays_free():
    """An hour around the time that the customer called inconvenient."""
    asked = logged(
        "2026-03-02", outcome="reached", local_time="11:30", wishes=["inconvenient-time"]
    )

    found = ask(planned(TUESDAY), asked)

    assert ["house.inconvenient-time", "us.inconvenient-time"] == spoke(found)
    assert "2026-04-07 12:30" == str(found.until)
    assert ask(planned(TUESDAY, local_time="10:30"), asked).allowed


def test_late_in_the_evening_the_next_day_begins():
    """An hour after 23:30 is another day."""
    asked = logged(
        "2026-03-02", outcome="reached", local_time="23:30", wishes=["inconvenient-time"]
    )

    found = ask(planned(TUESDAY, actor="creditor", local_time="23:40"), asked, customer=in_france())

    assert "2026-04-08 00:00" == str(found.until)


# What is in it.


@pytest.mark.parametrize(
    ("customer", "contact", "facts", "rules"),
    [
        (in_france(), {"actor": "creditor", "charges": ["collection-fee"]}, {}, ["france.fees-before-title"]),
        (in_france(), {"actor": "creditor", "charges": ["collection-fee"]}, {"has_title": True}, []),
        (in_france(), {"actor": "creditor", "charges": ["compensation"]}, {}, []),
        (in_france(is_consumer=True), {"actor": "creditor", "charges": ["compensation"]}, {}, ["france.fixed-sum-consumer"]),
        (in_france(), {"actor": "creditor", "charges": ["interest"]}, {}, []),
        (a_quebecer(), {"on": dt.date(2026, 11, 4), "charges": ["collection-fee"]}, {}, ["quebec.fees"]),
        (an_american(), {"charges": ["collection-fee"]}, {}, ["us.fees"]),
        (an_american(), {"threatens_action": True}, {"is_time_barred": True}, ["us.time-barred"]),
        (an_american(), {"threatens_action": True}, {}, []),
        (an_american(), {}, {"is_time_barred": True}, []),
    ],
)  # fmt: skip
def test_what_may_not_be_asked_for(customer, contact, facts, rules):
    """Fees before a title, the fixed sum of consumers, threats on debts that are time-barred."""
    known = attrs.evolve(AGREED, **facts)
    asked = attrs.evolve(planned(TUESDAY), **contact)

    assert rules == spoke(ask(asked, customer=customer, facts=known, policy=OPEN))


@pytest.mark.parametrize(
    ("languages", "asked", "allowed"),
    [
        (["fr-CA"], "", True),
        (["fr", "en"], "", True),
        (["en"], "", False),
        (["en-CA"], "en", True),
        (["es"], "en", False),
    ],
)
def test_letters_to_quebec_are_in_french(languages, asked, allowed):
    """The charter: French, or French and another, unless the customer asked for another."""
    letter = planned("2026-11-04", actor="creditor", channel="post", languages=languages)
    facts = DebtFacts(language_asked=asked)

    found = ask(letter, customer=a_quebecer(), facts=facts)

    assert allowed is found.allowed
    assert allowed or ["quebec.french"] == spoke(found)


def test_a_letter_whose_language_is_not_said_has_a_duty():
    """What cannot be judged is asked for."""
    found = ask(planned("2026-11-04", actor="creditor", channel="post"), customer=a_quebecer())

    assert "language" in [duty.mention for duty in found.duties]


def test_a_contested_debt_rests_until_it_is_proved():
    """1006.38(d)(2): no collection between a dispute in time and its verification."""
    sent = dt.date(2026, 3, 2)
    facts = DebtFacts(validation_sent=sent, contested_on=dt.date(2026, 3, 20))
    proved = attrs.evolve(facts, verified_on=dt.date(2026, 4, 1))
    late = attrs.evolve(facts, contested_on=dt.date(2026, 4, 9), validation_sent=sent)

    assert ["us.contested"] == spoke(ask(planned(TUESDAY), facts=facts))
    assert ask(planned(TUESDAY), facts=proved).allowed
    assert ask(planned("2026-04-10"), facts=late).allowed


def test_who_contested_in_quebec_is_written_to_by_the_creditor():
    """R-2.2, s. 3(2.1): nobody speaks to them; the agent does not communicate at all (34(2.1))."""
    facts = attrs.evolve(AGREED, contested_on=dt.date(2026, 10, 1))

    def rules(**fields):
        contact = planned("2026-11-04", languages=["fr"], **fields)
        return spoke(ask(contact, customer=a_quebecer(), facts=facts, policy=OPEN))

    assert ["quebec.contested"] == rules(actor="creditor")
    assert [] == rules(actor="creditor", channel="post")
    assert ["quebec.contested-agent"] == rules(channel="post")


# What is due.


def test_the_validation_notice_is_due_in_five_days():
    """1006.34(a)(1): with the first communication, or within five days of it; then nothing more."""
    first = logged("2026-04-01", outcome="reached")
    soon = planned("2026-04-06", channel="post")
    late = planned("2026-04-07", channel="post")

    (duty,) = [
        one for one in ask(soon, first, facts=None).duties if one.mention == "validation-notice"
    ]
    assert dt.date(2026, 4, 6) == duty.by
    assert ["us.validation-notice"] == spoke(ask(late, first, facts=None))
    assert ask(attrs.evolve(late, purpose="notice"), first, facts=None).allowed


def test_nothing_overshadows_the_validation_period():
    """1006.38(b)(1): no day of payment before it ends, and no threat."""
    sent = dt.date(2026, 3, 2)
    facts = DebtFacts(validation_sent=sent)
    end = validation_period(sent).end
    pressing = planned("2026-03-20", channel="post", pay_by=end)
    patient = attrs.evolve(pressing, pay_by=end + dt.timedelta(days=1))

    found = ask(pressing, facts=facts)
    assert (["us.overshadowing"], end + dt.timedelta(days=1)) == (spoke(found), found.until.on)
    assert ask(patient, facts=facts).allowed
    assert not ask(attrs.evolve(patient, threatens_action=True), facts=facts).allowed


@pytest.mark.parametrize(
    ("channel", "history", "mentions"),
    [
        ("phone", [], {"mini-miranda", "same-language", "identity"}),
        ("email", ["sent"], {"from-a-debt-collector", "same-language", "opt-out"}),
        ("text-message", ["message-left"], {"mini-miranda", "same-language", "opt-out"}),
    ],
)
def test_what_has_to_be_said(channel, history, mentions):
    """1006.18(e) and 1006.6(e): another thing in the first communication than in later ones."""
    notes = [logged("2026-03-02", outcome=one) for one in history]

    found = ask(planned(TUESDAY, channel=channel), *notes)

    assert mentions == {duty.mention for duty in found.duties}


def test_france_has_no_number_and_shows_the_figures():
    """C. pén. 222-33-2-2 sets no cap: the contacts of thirty days are shown, and nothing refused."""
    found = ask(
        planned(TUESDAY, actor="creditor"),
        *calls([TUESDAY] * 12, actor="creditor"),
        customer=in_france(),
    )

    (reason,) = [one for one in found.reasons if one.rule == "france.harassment"]
    assert found.allowed
    assert reason.text.startswith("12 contacts from 2026-03-09 to 2026-04-07")


# Exceptions, places, proof.


def test_a_rule_may_be_set_aside_with_a_reason():
    """The reason is kept with the rule, and the others still speak."""
    asked = planned("2026-11-04", is_workplace=True)
    aside = attrs.evolve(asked, set_aside={"quebec.workplace": "no other number, first time"})

    assert ["quebec.workplace"] == spoke(ask(asked, customer=a_quebecer(), policy=OPEN))
    found = ask(aside, customer=a_quebecer(), policy=OPEN)
    assert (True, "no other number, first time") == (found.allowed, found.reasons[0].set_aside)


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "names"),
    [
        ("US", "", "", ["house", "us-regulation-f"]),
        ("CA", "qc", "", ["house", "canada", "quebec"]),
        ("CA", "", "h2x 1y4", ["house", "canada", "quebec"]),
        ("CA", "Ontario", "H2X", ["house", "canada", "canada-ontario"]),
        ("CA", "AB", "", ["house", "canada"]),
        ("FR", "", "", ["house", "france"]),
        ("BE", "", "", ["house"]),
    ],
)
def test_the_place_chooses_the_packs(country, region, postal_code, names):
    """Country, then region, then what a postal code says."""
    address = Address(region=region, postal_code=postal_code, country=country)

    found = packs_for(an_american(country="", address=address))

    assert names == [one.name for one in found]


def test_a_place_without_rules_is_said():
    """No pack of a place is not the same as no rule."""
    found = ask(planned(TUESDAY), customer=an_american(country="BE"))

    assert (True, ["conduct.no-pack"]) == (found.allowed, [one.rule for one in found.reasons])


def test_packs_of_one_s_own_may_be_asked():
    """The policy names the packs; nothing is added to them."""
    policy = ConductPolicy(packs=[pack("france")])

    assert ("france",) == tuple(ask(planned(TUESDAY), policy=policy).proof.packs)


def test_the_proof_is_plain():
    """JSON keeps all of it: the contact, the versions, the window, the calls with their days."""
    found = ask(
        planned(TUESDAY), *calls(["2026-04-01"] * 7), *calls([TUESDAY], outcome="not-connected")
    )

    kept = json.loads(json.dumps(found.to_mapping()))

    assert kept["proof"]["packs"]["us-regulation-f"] == pack("us-regulation-f").version.isoformat()
    assert kept["until"] == "2026-04-08 08:00"
    (seen,) = [one for one in kept["proof"]["evidence"] if one["rule"] == "us.seven-in-seven"]
    assert ("2026-04-01", "2026-04-07", 7) == (seen["first"], seen["last"], len(seen["counted"]))
    assert ["not connected"] == [one["left_out"] for one in seen["left_out"]]


def test_a_refusal_can_be_read_aloud():
    """Each refusal names its article and its figures."""
    lines = str(ask(planned(TUESDAY), *calls(["2026-04-01"] * 7))).splitlines()

    assert "refused until 2026-04-08 08:00" == lines[0]
    assert (
        "12 CFR 1006.14(b)(2)(i)(A): 7 counted from 2026-04-01 to 2026-04-07, at most 7 in 7 days (presumed)"
        == lines[1]
    )


def test_what_rests_on_memory_is_said():
    """A rule whose article was not read marks the answer."""
    mexican = an_american(country="MX")

    found = ask(planned(TUESDAY, local_time="23:00"), customer=mexican)

    assert "mexico.hours" in found.unverified


@pytest.mark.parametrize(
    ("question", "error", "words"),
    [
        (lambda: ask(planned(TUESDAY), logged(TUESDAY, customer="C-2")), DocumentError, "history must be of customer C-017"),
        (lambda: ask(planned(TUESDAY, set_aside={"us.hour": "x"})), PolicyError, "set_aside must name rules of the packs, got us.hour"),
        (lambda: planned(TUESDAY, set_aside={"us.hours": " "}), PolicyError, "set_aside must give a reason"),
        (lambda: planned(TUESDAY, local_time="9:00"), PolicyError, "local_time must look like"),
        (lambda: planned(TUESDAY, items="F-1"), PolicyError, "texts must be a list"),
        (lambda: planned(dt.datetime(2026, 4, 7, tzinfo=dt.UTC)), PolicyError, "on must be a date"),
        (lambda: planned(TUESDAY, channel="fax"), ValueError, "fax"),
    ],
)  # fmt: skip
def test_impossible_questions_are_refused(question, error, words):
    """A note of another customer, an unknown rule, a reason that is none, a time of another form."""
    with pytest.raises(error, match=words):
        question()


@pytest.mark.parametrize("name", packs())
def test_rules_of_a_pack_carry_its_evidence(name):
    """Each rule has an article, a source, and how far it was checked."""
    for rule in (*pack(name).rules, *pack(name).wording):
        assert all((rule.article, rule.source, rule.status)), rule.id
        assert rule.status.is_verified or rule.id in pack(name).unverified


def test_a_day_that_never_opens_has_no_end():
    """Where no day is ever open, no time helps."""
    rule = ConductRule(
        id="own.never",
        kind="hours",
        article="our own",
        text="never",
        source="house",
        status="verified",
        windows=pack("us-regulation-f").rules[2].windows,
        unsure_weekdays=range(7),
    )
    policy = ConductPolicy(packs=[attrs.evolve(pack("france"), rules=[rule])])

    assert ask(planned(day("2026-04-07")), policy=policy).until is None
