"""Writes the journal as an hledger file."""
