"""Allowance: what is expected to be lost on open items, by the rates of a matrix and by judgment."""
