"""From settings to a running service.

    serve(settings) ... blocks until a signal ends it; answers the exit code
                        0 drained, 1 the workers cannot start, 130 killed by a second signal
    bind(settings) .... the listening socket, or a `ConfigError` that says what to do
    welcome(...) ...... what is printed when all workers are ready

One worker a core on Linux and macOS; one process on Windows, where connections cannot be handed over.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import click

from ...config.config import Settings, variable
from ...domain.shared.errors import ConfigError
from .supervisor import Supervisor

BACKLOG = 1024
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def serve(settings: Settings, announce: Callable[[str], None] = click.echo) -> int:
    """Serve until a signal ends it; `announce` gets the lines for the person who started it."""
    with bind(settings) as listener:
        ready = welcome(url_of(listener))
        if not hasattr(socket, "send_fds"):
            return serve_alone(settings, listener, lambda: announce(ready))
        return asyncio.run(Supervisor(settings, listener, lambda: announce(ready)).run())


def serve_alone(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> int:
    """One process that does everything."""
    from .alone import run

    return run(settings, listener, announce)


def bind(settings: Settings) -> socket.socket:
    """The listening socket. Port 0 takes any free one."""
    host, port = settings.api_host, settings.api_port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise ConfigError(f"{variable('api_host')} is {host!r}, which is no address of this machine.") from None
    except OSError as error:
        raise ConfigError(f"{host}:{port} cannot be served: {reason(error)}") from None


def reason(error: OSError) -> str:
    """Why a port cannot be had, and what helps."""
    other = f"--port 8080, or {variable('api_port')}=8080."
    if error.errno == errno.EADDRINUSE:
        return f"another program has the port. Stop it, or take another port: {other}"
    if error.errno == errno.EACCES:
        return f"this user may not open the port. Take another one: {other}"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine does not have the address. 127.0.0.1 serves this machine, 0.0.0.0 all networks."
    return f"{error.strerror}."


def url_of(listener: socket.socket) -> str:
    """Where a client on this machine finds the service."""
    host, port = listener.getsockname()[:2]
    host = ANY.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def welcome(url: str) -> str:
    """The lines that say: it runs, and what to try next.

    >>> print(welcome("http://127.0.0.1:8000"))
    Ready: http://127.0.0.1:8000 (documentation and examples: http://127.0.0.1:8000/docs)
    Try:   curl --data-binary @PHOTO http://127.0.0.1:8000/v1/assessments
    """
    return (
        f"Ready: {url} (documentation and examples: {url}/docs)\nTry:   curl --data-binary @PHOTO {url}/v1/assessments"
    )
