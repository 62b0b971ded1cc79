"""Promises to pay and payment plans: judged from the money, never from what was said."""
