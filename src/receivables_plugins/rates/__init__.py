"""Dated tables of reference rates, each row with its source and status."""
