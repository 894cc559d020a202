"""Starts the pretend VLE: `python -m lti_tool.demo_platform --help`."""

import json
import os
import signal
import ssl
import threading
import time
from pathlib import Path
from types import FrameType

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.demo_platform.catalogue import load_catalogue
from lti_tool.demo_platform.site import create_vle
from lti_tool.demo_platform.vle import VleConfig, registration

LOOK_EVERY_SECONDS = 1.0


class QuietHandler(WSGIRequestHandler):
    """Writes no request log: the addresses hold secrets, and the demo's window belongs to the tool."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@click.command(context_settings={"show_default": True})
@click.option("--port", default=5001, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--tool", default="http://localhost:5000", help="Public address of the tool.")
@click.option("--var", "var_dir", type=click.Path(path_type=Path), default=Path("var/demo-vle"), help="Keys go here.")
@click.option("--url", help="Public address of this VLE, if it is not http(s)://localhost:PORT.")
@click.option("--cert", type=click.Path(exists=True, dir_okay=False), help="Certificate file, for https.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False), help="Key file of the certificate.")
@click.option("--empty", is_flag=True, help="Begin without a tool, to connect one by hand.")
@click.option("--parent", type=int, hidden=True, help="End when this process is gone.")
@click.option("--registration", "only_registration", is_flag=True, help="Print the values for a tool, and stop.")
def main(
    port: int,
    host: str,
    tool: str,
    var_dir: Path,
    url: str | None,
    cert: str | None,
    key: str | None,
    empty: bool,
    parent: int | None,
    only_registration: bool,
) -> None:
    """Run the demo VLE.

    Its signing key is made at the first run and kept in the --var folder. For tests,
    `curl -X POST http://127.0.0.1:PORT/demo/rotate-keys` changes it while the VLE runs.
    The tool's keys are fetched with the usual trust store; SSL_CERT_FILE adds a private one.
    """
    if bool(cert) != bool(key):
        raise click.UsageError("--cert and --key go together.")
    own_name = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0") else host  # noqa: S104 – compared, not bound
    try:
        config = VleConfig(url or f"{'https' if cert else 'http'}://{own_name}:{port}", tool, var_dir, is_empty=empty)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
    if only_registration:
        click.echo(json.dumps(registration(config, load_catalogue()), indent=2))
        return
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _serve(config, host, port, (cert, key) if cert and key else None)


def _serve(config: VleConfig, host: str, port: int, files: tuple[str, str] | None) -> None:
    context = None
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    app = create_vle(config)
    server = make_server(host, port, app, threaded=True, request_handler=QuietHandler, ssl_context=context)
    for asked_to_stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_stop, _stop)
    click.echo(
        f"Demo VLE: {config.issuer}/ (tool: {config.tool}; values for it: {config.issuer}/demo/registration.json)"
    )
    try:
        server.serve_forever()
    finally:
        server.server_close()


def _end_with(parent: int) -> None:
    """End this process when `parent` is gone, so that no VLE is left alone after a kill."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
