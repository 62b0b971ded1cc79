"""Fitting: scorecards from data, how well they do, and what in the data gives the outcome away."""
