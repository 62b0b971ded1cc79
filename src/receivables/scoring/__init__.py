"""Scoring: how customers pay, what their accounts say, and scorecards as data that anyone can read."""
