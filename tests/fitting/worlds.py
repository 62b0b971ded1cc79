"""Made-up books of customers for the tests of fitting."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd


def customers(rows=1_200, *, seed=1, bad_share=0.15):
    """Customers whose failure comes from margin, cover, sector and a quotient of two figures."""
    luck = np.random.default_rng(seed)
    margin = luck.normal(5, 6, rows)
    cover = np.exp(luck.normal(0, 1, rows))
    sales = np.exp(luck.normal(10, 1, rows))
    costs = sales * np.exp(luck.normal(-0.05, 0.12, rows))
    sector = luck.choice(["retail", "trade", "building", "hotels"], rows, p=[0.4, 0.3, 0.2, 0.1])
    risk = -0.15 * margin - 0.5 * np.log(cover) + 8 * np.log(costs / sales)
    risk += np.select([sector == "building", sector == "hotels"], [0.8, 1.2], 0.0)
    risk += luck.logistic(0, 1, rows)
    failed = (risk > np.quantile(risk, 1 - bad_share)).astype(int)
    return pd.DataFrame(
        {
            "margin": margin.round(2),
            "cover": cover.round(3),
            "sales": sales.round(0),
            "costs": costs.round(0),
            "sector": sector,
            "noise": luck.normal(0, 1, rows).round(3),
            "failed": failed,
        }
    )


def dated(rows=1_200, *, seed=1):
    """The same, observed on days of two years."""
    frame = customers(rows, seed=seed)
    first = dt.date(2024, 1, 1)
    frame["observed"] = [first + dt.timedelta(days=(7 * n) % 730) for n in range(rows)]
    return frame


def leaking(rows=1_200, *, seed=1):
    """The same, with a figure that is mostly missing where the customer failed."""
    frame = customers(rows, seed=seed)
    luck = np.random.default_rng(seed + 1)
    chance = np.where(frame["failed"] == 1, 0.7, 0.05)
    figure = pd.Series(luck.normal(0, 1, rows).round(3))
    frame["rating"] = figure.where(luck.random(rows) > chance)
    return frame
