"""`serve`: the archive as a web page, and as JSON for programs."""

from __future__ import annotations

import errno
import socket
from typing import Annotated

import typer

from archive.errors import MachineTrouble, UsageError
from docarchive.cli.context import ArchiveOption, configuration, existing_layout

HOST, PORT = "127.0.0.1", 8788

GRACE_SECONDS = 5
"""What is being answered when the page is ended may come to its end."""
MOST_CONNECTIONS = 200


def add_to(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    archive: ArchiveOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="0 takes a free one.")] = PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; whoever reaches it reads the archive.")
    ] = HOST,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name it is asked by, besides localhost; repeatable."),
    ] = None,
) -> None:
    """Serve the archive as a web page that is only read, until interrupted; its address is printed.

    Runs that are published meanwhile are seen at once.

    Example: docarchive serve --port 8788
    """
    layout = existing_layout(archive)
    sites = configuration(archive).sites
    listening = _listening(host, port)
    import uvicorn

    from archive.asking.memory_bound import bound_memory
    from archive.web.app import web_app
    from docarchive.showing import handed

    bound_memory()
    names = [*(allow_host or ()), *([] if host in ("0.0.0.0", "::") else [_in_url(host)])]  # noqa: S104 - compared
    app = web_app(layout, handed(layout, sites), hosts=names)
    with app.state.shared.asked():  # what is damaged is told at once
        pass
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    typer.echo(f"http://{_in_url(host)}:{listening.getsockname()[1]}/")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        app.state.shared.close()


def _listening(host: str, port: int) -> socket.socket:
    """Return the socket, so that the port is known before anything is loaded. Raises UsageError, MachineTrouble."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except socket.gaierror as error:
        raise UsageError(f"--host {host} is no address of this machine; leave it out, or name one") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {host} is taken; choose another with --port, 0 takes a free one"
            ) from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise UsageError(f"--host {host} is no address of this machine; leave it out, or name one") from error
        raise MachineTrouble(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
        ) from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
