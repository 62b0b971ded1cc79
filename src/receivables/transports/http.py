"""The real transport, over httpx (extra ``http``), and a runtime that an application can start from."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from receivables import limits
from receivables.errors import (
    MissingExtraError,
    OutcomeUnknownError,
    PolicyError,
    TransportError,
)
from receivables.transports.model import Request, Response, Runtime, Secret
from receivables.transports.retrying import Retrying, RetryPolicy

__all__ = ["HttpTransport", "runtime", "secrets_from"]


_TALKATIVE: Final = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy")
"""Loggers whose small talk shows whole addresses and headers, and with them secrets."""


def _is_loud(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


class HttpTransport:
    """Sends requests over HTTP; redirects are not followed, and certificates are verified.

    `seconds` is how long a response may take.  Raises `TransportError` where the request did not
    leave, and `OutcomeUnknownError` where it may have arrived.
    """

    def __init__(self, *, seconds: int = 60) -> None:
        try:
            import httpx  # noqa: PLC0415  # an extra
        except ModuleNotFoundError:
            raise MissingExtraError.for_extra("http", needed_for="reaching a service") from None
        for name in _TALKATIVE:
            logger = logging.getLogger(name)
            if _is_loud not in logger.filters:
                logger.addFilter(_is_loud)
        self._httpx: Any = httpx
        self._client: Any = httpx.Client(timeout=seconds, follow_redirects=False)

    def __call__(self, request: Request) -> Response:
        """Send one request."""
        httpx = self._httpx
        unsent = (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.LocalProtocolError,
            httpx.PoolTimeout,
        )
        try:
            return self._answer(request)
        except unsent as error:
            msg = f"{request!r} must reach its host, got {type(error).__name__}"
            raise TransportError(msg) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            msg = f"{request!r} must have a URL of HTTP, got {type(error).__name__}"
            raise PolicyError(msg) from None
        except httpx.HTTPError as error:
            msg = f"{request!r} must be answered, got {type(error).__name__}"
            raise OutcomeUnknownError(msg) from None

    def _answer(self, request: Request) -> Response:
        """Send, and take the answer as it comes, so that one without an end is not kept."""
        said = {"headers": list(request.headers), "content": request.body}
        body = bytearray()
        with self._client.stream(request.method, request.url, **said) as answer:
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > limits.RESPONSE_BYTES_MAX:
                    msg = f"{request!r} must be answered by {limits.RESPONSE_BYTES_MAX} bytes or fewer, got more"
                    raise OutcomeUnknownError(msg)
            headers = [(name, value) for name, value in answer.headers.multi_items()]
            return Response(answer.status_code, headers=headers, body=bytes(body))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def secrets_from(given: Mapping[str, str] | Path) -> Mapping[str, Secret]:
    """Secrets from a mapping of names to texts, or from a folder with a file for each.

    A file of secrets holds one, without the line end.  Raises `PolicyError` where it is no text.
    """
    if isinstance(given, Path):
        files = sorted(path for path in given.iterdir() if path.is_file() and path.name[0] != ".")
        given = {path.name: _text_of(path) for path in files}
    return {name: Secret(value) for name, value in given.items()}


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        # The error of the codec would hold what stands in the file.
        msg = f"secret {path.name} must be UTF-8, got other bytes"
        raise PolicyError(msg) from None


def runtime(
    secrets: Mapping[str, Secret] | Path,
    *,
    seconds: int = 60,
    retries: RetryPolicy | None = None,
) -> Runtime:
    """A runtime with the real transport, the clock of this machine, and secrets by their names.

    From a folder with a file for each secret, one that the other system replaces is written back.
    """
    folder = secrets if isinstance(secrets, Path) else None
    kept = dict(secrets_from(folder) if folder is not None else secrets)  # type: ignore[arg-type]  # a folder is read

    def secret(name: str) -> Secret:
        if name not in kept:
            known = ", ".join(sorted(kept)) or "none"
            msg = f"secret must be among {known}, got {name!r}"
            raise PolicyError(msg)
        return kept[name]

    def keep(name: str, secret: Secret) -> None:
        kept[name] = secret
        if folder is not None:
            part = folder / f".{Path(name).name}.part"
            part.touch(mode=0o600)
            part.write_text(secret.reveal(), encoding="utf-8")
            part.replace(folder / Path(name).name)

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    transport = Retrying(HttpTransport(seconds=seconds), sleep=time.sleep, now=now, policy=retries)
    return Runtime(transport=transport, secret=secret, keep_secret=keep, now=now, sleep=time.sleep)
