"""The style of the page: light and dark, screen and paper, without anything from elsewhere."""

from __future__ import annotations

from typing import Final

from receivables.aging.model import AgingScheme

from ._palette import colours, ink_on

__all__ = ["style"]

_STYLE: Final = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;
--band:#f6f8fa;--credit:#8c959f;--edge:#57606a;--good:#116329;--bad:#a40e26;
--cash:#6aaed6;--l0:#0072b2;--l1:#00724f;--l2:#b64a00;--l3:#7f4fa0}
@media(prefers-color-scheme:dark){:root{--paper:#15191e;--ink:#e6edf3;--soft:#9ba5b0;
--line:#3b434d;--band:#1d232a;--credit:#6e7781;--edge:#c9d1d9;--good:#56d364;--bad:#ff7b72;
--cash:#3b78a8;--l0:#56b4e9;--l1:#4fd1a5;--l2:#ff9e57;--l3:#c9a4ec}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:78rem;background:var(--paper);
color:var(--ink);font:16px/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
figure{margin:0}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.35rem;margin:2.5rem 0 .75rem;padding-top:1rem;border-top:2px solid var(--line)}
h3,caption{font-size:1rem;font-weight:600;margin:1.5rem 0 .5rem;text-align:left}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:0;color:var(--soft)}
.facts div{display:flex;gap:.5rem}
.facts dd,.key dd{margin:0;color:var(--ink)}
.key{display:flex;flex-wrap:wrap;gap:.35rem 1.5rem;margin:.75rem 0 0}
.key div{display:flex;align-items:center;gap:.5rem}
.key dd{font-variant-numeric:tabular-nums;font-weight:600}
.key small{color:var(--soft);font-weight:400}
.key svg{flex:none}
.bars{list-style:none;margin:0;padding:0}
.bars li{display:grid;grid-template-columns:minmax(7rem,17rem) 1fr minmax(7rem,auto);gap:.75rem;
align-items:center;padding:.15rem 0}
.bars .who{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bars .sum{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{display:block;overflow:visible}
.bar text{font-size:12px;text-anchor:middle;dominant-baseline:central}
rect{stroke:var(--edge);stroke-width:.75}
.zero{stroke:var(--edge);stroke-width:1}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:right;
vertical-align:baseline;font-variant-numeric:tabular-nums;white-space:nowrap}
th:first-child{text-align:left;white-space:normal;min-width:12rem}
th:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead th{border-bottom:2px solid var(--edge);vertical-align:bottom;white-space:normal}
small{white-space:nowrap}
tbody th{font-weight:400}
tbody tr:nth-child(even){background:var(--band)}
tfoot th,tfoot td{border-top:2px solid var(--edge);border-bottom:0;font-weight:700}
td small,th small{color:var(--soft)}
.none{color:var(--soft)}
.sum{font-weight:600}
.whose{font-size:1.2rem;margin:0 0 .5rem}
td.text,th.text{text-align:left}
td.good{color:var(--good);font-weight:700}td.bad{color:var(--bad);font-weight:700}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.75rem;margin:0}
.figures div{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem}
.figures dt{color:var(--soft);font-size:.85rem}
.figures dd{margin:.15rem 0 0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums}
.chart{display:block;width:100%;max-width:60rem;height:auto}
.chart text{font-size:11px;fill:var(--soft)}.chart .tick{text-anchor:end}.chart .day{text-anchor:middle}
.grid{stroke:var(--line);stroke-width:1}
polyline,line.l0,line.l1,line.l2,line.l3{fill:none;stroke-width:2.25}
.l0,.p0{stroke:var(--l0)}.l1,.p1{stroke:var(--l1);stroke-dasharray:7 4}
.l2,.p2{stroke:var(--l2);stroke-dasharray:2 4}.l3,.p3{stroke:var(--l3);stroke-dasharray:10 3 2 3}
circle{fill:var(--paper);stroke-width:2;stroke-dasharray:none!important}
rect.cash{fill:var(--cash)}.band{stroke:var(--ink);stroke-width:1.5;fill:none}
@media(max-width:40rem){.bars li{grid-template-columns:1fr auto;gap:0 .75rem;padding-bottom:.6rem}.bars .bar{grid-column:1/-1}
.bars li .bar{order:3}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--band:#f4f4f4;--edge:#444;
--good:#0b4a1f;--bad:#7d0a1c;--cash:#9ec9e2;--l0:#00517f;--l1:#00523a;--l2:#8a3800;--l3:#5c3577}
@page{size:landscape;margin:12mm}
body{max-width:none;padding:0;font-size:10pt}
h2,h3,caption{break-after:avoid}.bars li,tr,figure,.figures div{break-inside:avoid}thead{display:table-header-group}
tfoot{display:table-row-group}.wide{overflow:visible}table{font-size:8.5pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def style(scheme: AgingScheme) -> str:
    """The style sheet, with the colours of a scheme's buckets and the ink that is read on each."""
    painted = "".join(
        f".b{index}{{fill:{colour}}}.i{index}{{fill:{ink_on(colour)}}}"
        for index, colour in enumerate(colours(scheme))
    )
    credit = len(scheme.labels)
    return f"{_STYLE}{painted}.b{credit}{{fill:var(--credit)}}"
