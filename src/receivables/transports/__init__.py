"""How adapters reach other systems: a request goes in, a response comes out, and nothing else.

An adapter takes a `Transport` and never opens a connection by itself, so that the same code meets a
fake server, a recording or the real system.  `receivables.transports.http` has the real one.
"""

from receivables.transports.model import Request, Response, Runtime, Secret, Transport
from receivables.transports.retrying import Retrying, RetryPolicy
from receivables.transports.tokens import BearerTokens, Token

__all__ = [
    "BearerTokens",
    "Request",
    "Response",
    "RetryPolicy",
    "Retrying",
    "Runtime",
    "Secret",
    "Token",
    "Transport",
]
