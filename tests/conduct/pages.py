"""What the page of conduct says, drawn from the packs and the periods that ship along."""

from __future__ import annotations

from receivables.conduct import limitation_periods, packs

HEAD = """\
# Conduct

Who may be contacted, when, how often and with which words is law, and law is data here: each pack is a TOML file of `receivables.conduct`, and `pack(name)` reads it.
Each rule stands with its article and with how far that was checked.
Nothing on this page is legal advice; read the article before you call.
How to ask the rules is told in [Check a contact](../how-to/check-conduct.md).
This page is drawn from the packs; a test compares it with them.

## How sure it is

| status | means |
| --- | --- |
| `verified` | read in a source |
| `verified-single-source` | read in one source |
| `unverified` | known, but not read in a source |

What a rule means when it speaks:

| effect | means |
| --- | --- |
| `forbidden` | the contact is refused |
| `presumed` | the contact is refused, because it is presumed to be a violation; the contrary may be shown |
| `asked` | the contact is refused, because the customer asked for that; no law says so |
| `noted` | the contact is allowed, and the figures are worth a look |

A rule of the kind `mention` or `validation-notice` asks for something, and a rule of the kind `act` without days is a reminder for people: no figure of a contact shows it.
"""


def rule_row(rule):
    """A rule in one row: what, whom it binds, where it stands, how sure that is."""
    who = ", ".join(sorted(one.value for one in rule.actors)) or "everybody"
    whom = ", ".join(sorted(one.value for one in rule.debtors)) or "everybody"
    cells = (
        f"`{rule.id}`",
        rule.kind.value,
        rule.effect.value,
        who,
        whom,
        rule.text,
        rule.article,
        rule.status.value,
    )
    return f"| {' | '.join(cells)} |"


def wording_row(rule):
    """A claim in one row."""
    whom = ", ".join(sorted(one.value for one in rule.debtors)) or "everybody"
    letters = ", ".join(sorted(rule.letters)) or "every letter"
    cells = (
        f"`{rule.id}`",
        "required" if rule.is_required else "forbidden",
        rule.claim,
        whom,
        letters,
        rule.article,
        rule.status.value,
    )
    return f"| {' | '.join(cells)} |"


def pack_section(one):
    """A section of the page: title, rules, wording, notes."""
    lines = [f"### {one.name}", "", f"{one.title}, as of {one.version.isoformat()}.", ""]
    if one.rules:
        lines += [
            "| rule | kind | effect | who is bound | who is protected | what | where it stands | status |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *map(rule_row, one.rules),
            "",
        ]
    if one.wording:
        lines += [
            "| wording | is | claim | who is protected | in | where it stands | status |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *map(wording_row, one.wording),
            "",
        ]
    lines += [f"- {note}" for note in one.notes]
    return "\n".join(lines).rstrip() + "\n"


def period_row(one):
    """A period in one row."""
    start = ", from the end of the year" if one.from_year_end else ""
    roll = ", to the next working day" if one.rolls else ""
    cells = (
        one.jurisdiction,
        ", ".join(sorted(debtor.value for debtor in one.debtors)),
        f"{one.years} {'year' if one.years == 1 else 'years'}{start}{roll}",
        one.article,
        "; ".join(f"{kind.value} ({article})" for kind, article in one.restarts.items()) or "-",
        "; ".join(f"{kind.value} ({article})" for kind, article in one.suspends.items()) or "-",
        ", ".join(sorted(kind.value for kind in one.nothing)) or "-",
        one.status.value,
    )
    return f"| {' | '.join(cells)} |"


def period_section():
    """The periods of limitation, with what was written beside them."""
    lines = [
        "## Periods of limitation",
        "",
        "Until when a claim can be brought to court (`limitation`, `legal_deadlines`).",
        "The periods of the states of the United States are not here.",
        "",
        "| jurisdiction | debtor | period | where it stands | begins anew with | held by | changes nothing | status |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(period_row, limitation_periods()),
        "",
        *(f"- {one.jurisdiction}: {note}" for one in limitation_periods() for note in one.notes),
    ]
    return "\n".join(lines) + "\n"


def conduct_page():
    """The page ``reference/conduct.md``."""
    sections = [pack_section(one) for one in packs().values()]
    return "\n".join([HEAD, "## Packs\n", *sections, period_section()])
