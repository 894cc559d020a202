"""Running the house: gunicorn's web processes, and one worker process beside them (never in their threads)."""

import os
import subprocess
import sys
import threading
import time
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from lti_tool.core.log import log
from lti_tool.core.settings import Settings
from lti_tool.paths import folder
from lti_tool.web.templating import compile_templates

RESTART_AFTER_SECONDS = 1.0
LOOK_EVERY_SECONDS = 1.0
LATER_SECONDS = 0.0005
"""So long a process leaves a new connection to others for each one that it holds, of which `LATEST` count."""
LATEST = 8


class FairWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's threads, of which the process that holds the fewest connections answers the door first.

    All processes hear a new connection at once, and one that is awake takes several before another has woken up. They
    are kept (by browsers, by a proxy), so one process would work while others idle.
    """

    def accept(self, listener: Any) -> None:
        """Accept a connection, unless a process with fewer has done so meanwhile."""
        time.sleep(self.later(self.cfg.workers, self.nr_conns))
        super().accept(listener)

    @staticmethod
    def later(workers: int, held: int) -> float:
        """How many seconds a process that holds so many connections leaves a new one to the others."""
        return LATER_SECONDS * min(held, LATEST) if workers > 1 else 0.0


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our configuration file and without a command line of its own."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        path = folder("config") / "gunicorn.conf.py"
        found: dict[str, Any] = {}
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), found)  # noqa: S102 - our own file
        given = {name: value for name, value in found.items() if name in self.cfg.settings}
        for name, value in {**given, **self.options}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from lti_tool.wsgi import app  # noqa: PLC0415 - after the fork, so that no connection is shared

        return app


def serve(settings: Settings, bind: str, workers: int, certfile: str | None, keyfile: str | None) -> None:
    """Serve until SIGTERM or SIGINT, with a worker beside that is started again when it dies."""
    compile_templates()
    helper = _Beside()
    options = {"bind": bind, "workers": workers, "threads": settings.threads, "certfile": certfile, "keyfile": keyfile}
    options |= {"when_ready": lambda _server: helper.start(), "on_exit": lambda _server: helper.stop()}
    _Gunicorn({name: value for name, value in options.items() if value is not None}).run()


class _Beside:
    """The worker process beside the web processes."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.is_stopping = False

    def start(self) -> None:
        threading.Thread(target=self._keep_running, daemon=True).start()

    def _keep_running(self) -> None:
        while not self.is_stopping:
            command = [sys.executable, "-m", "lti_tool", "worker", "--parent", str(os.getpid())]
            self.process = subprocess.Popen(command)  # noqa: S603 - ourselves
            status = self.process.wait()
            if not self.is_stopping:
                log.error("worker_ended", status=status)
                time.sleep(RESTART_AFTER_SECONDS)

    def stop(self) -> None:
        self.is_stopping = True
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


def end_with(parent: int) -> None:
    """End this process (by SIGTERM to itself) when `parent` is gone, so that no worker is left alone after a kill."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), 15)

    threading.Thread(target=watch, daemon=True).start()
