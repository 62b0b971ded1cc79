"""Disputes and deductions: what is contested, by whom it is answered, what it holds back."""
