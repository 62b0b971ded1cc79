"""Writes the journal as a beancount file."""
