"""How a mailbox of Microsoft 365 is reached: by a token, or by an application of its own."""

from __future__ import annotations

import attrs

from receivables.errors import PolicyError

__all__ = ["GraphSettings"]


@attrs.frozen(kw_only=True)
class GraphSettings:
    """The names of secrets, never secrets themselves, and the mailbox.

    Either `token` (a bearer token that somebody got for the mailbox), or `tenant`, `client_id` and
    `client_secret` (the client-credentials grant, which needs a mailbox by name).  Raises
    `PolicyError` for both or neither.
    """

    token: str = ""
    """The name of the secret that holds a bearer token."""
    tenant: str = ""
    client_id: str = ""
    client_secret: str = ""
    """The name of the secret that holds the application's secret."""
    sender: str = ""
    """The mailbox of messages that do not say theirs."""
    url: str = "https://graph.microsoft.com/v1.0"
    login_url: str = "https://login.microsoftonline.com"

    def __attrs_post_init__(self) -> None:
        application = (self.tenant, self.client_id, self.client_secret)
        if bool(self.token) == all(application) or (self.token and any(application)):
            msg = "token, or tenant with client_id and client_secret, must be given, got both or neither"
            raise PolicyError(msg)
        for name in ("url", "login_url"):
            if not getattr(self, name).startswith("https://"):
                msg = f"{name} must begin with https://, got {getattr(self, name)!r}"
                raise PolicyError(msg)
