"""Writes the journal as a CSV file."""
