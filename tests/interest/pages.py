"""What the page of jurisdictions says, drawn from the packs and the rates that ship along."""

from __future__ import annotations

import datetime as dt

from receivables.interest import jurisdictions

_UNDATED = {
    "reference": lambda law: f"`{law.reference}`",
    "reference_day": lambda law: law.reference_day.value,
    "is_frozen": lambda law: "for the life of the debt" if law.is_frozen else "set anew",
    "agreed": lambda law: law.agreed.value,
    "rate_step": lambda law: f"up to {law.rate_step} points",
    "unstated_yearly_cap": lambda law: f"{law.unstated_yearly_cap} %",
    "needs_notice": lambda law: "yes" if law.needs_notice else "no",
    "day_count": lambda law: law.day_count.value,
    "day_span": lambda law: law.day_span.value,
    "compounding": lambda law: law.compounding.value,
    "years_max": lambda law: f"{law.years_max}",
    "base": lambda law: law.base.value,
    "minimum": lambda law: f"{law.minimum} {law.currency}",
    "compensation": lambda _law: "none",
}
"""How each field that stands in the provenance of a pack is shown."""


def pack_rows(law):
    """The rows of a pack: rule, value, article, status."""
    rows = [
        (name.replace("_", " "), _UNDATED[name](law), row.article, row.status.value)
        for name, row in law.provenance.items()
    ]
    whole = "" if law.reference else " in all"
    rows += [
        (
            f"margin from {row.valid_from}",
            f"{row.percent} points{whole}",
            row.article,
            row.status.value,
        )
        for row in law.margins
    ]
    if law.floor:
        floor = law.floor
        rows.append(
            ("floor", f"{floor.multiple} x `{floor.series}`", floor.article, floor.status.value)
        )
    rows += [
        (
            f"cap over {row.over:,} {law.currency}",
            _percent(row.percent),
            row.article,
            row.status.value,
        )
        for row in law.caps
    ]
    rows += [
        (f"compensation from {row.valid_from}", _sums(row, law), row.article, row.status.value)
        for row in law.compensation
    ]
    return rows


def _percent(percent):
    return "none" if percent is None else f"{percent} %"


def _sums(rule, law):
    sums = [
        f"{tier.amount}" + (f" from {tier.from_amount:,}" if tier.from_amount else "")
        for tier in rule.tiers
    ]
    return f"{', '.join(sums)} {law.currency}"


def pack_section(law):
    """A section of the page: title, table, notes."""
    rows = [f"| {' | '.join(row)} |" for row in pack_rows(law)]
    head = ["| rule | value | where it stands | status |", "| --- | --- | --- | --- |"]
    notes = [f"- {note}" for note in law.notes]
    lines = [f"### {law.name}", "", f"{law.title}.", "", *head, *rows]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def series_row(series):
    """A row of the table of rates: name, first and last day, rows, gaps, what was not read."""
    known = [row for row in series.rates if row.rate is not None]
    last = series.last_day(len(series.rates) - 1)
    ends = [series.last_day(index) for index in range(len(series.rates))]
    starts = [row.valid_from for row in series.rates[1:]]
    gaps = sum(
        end + dt.timedelta(days=1) < start for end, start in zip(ends, starts, strict=False)
    ) + (len(series.rates) - len(known))
    weak = sum(not row.status.is_verified for row in known)
    return f"| `{series.name}` | {series.rates[0].valid_from} | {last} | {len(known)} | {gaps} | {weak} |"


def drawn(series):
    """Every section and row that the page must have."""
    sections = [pack_section(law) for law in jurisdictions().values()]
    return sections, [series_row(one) for one in series]
