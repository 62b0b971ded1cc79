"""Pictures of results, by Altair: safe for the colour-blind, readable in print, titled in the reader's language.

Every function takes a result and returns a chart of Altair, which a notebook shows by itself; `save`,
`to_svg` and `to_png` write it without a network.  They need the extra ``plot``.
"""

from receivables.pictures._aging import aging_bars
from receivables.pictures._cash import cash_bands
from receivables.pictures._concentration import concentration_curve
from receivables.pictures._look import Theme
from receivables.pictures._payments import payment_chances
from receivables.pictures._rates import roll_rate_map, vintage_curves
from receivables.pictures._saving import save, to_png, to_svg
from receivables.pictures._scores import score_waterfall
from receivables.pictures._series import measure_lines

__all__ = [
    "Theme",
    "aging_bars",
    "cash_bands",
    "concentration_curve",
    "measure_lines",
    "payment_chances",
    "roll_rate_map",
    "save",
    "score_waterfall",
    "to_png",
    "to_svg",
    "vintage_curves",
]
