"""The server: reads only, answers this machine only unless told otherwise, and nothing outside its study.

The standard library's server is enough: a page asks once in two seconds. What a browser could be tricked into is
closed: names other than this machine's are refused (DNS rebinding), a page runs its own script alone
(Content-Security-Policy), nothing but GET and HEAD is answered, and a picture is one of those that the study lists.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from yololab.errors import YololabError
from yololab.report.contents import read_contents
from yololab.report.run_contents import read_run
from yololab.report.run_page import to_page as run_page
from yololab.report.study_page import to_page as study_page
from yololab.run.folder import RUN_ID, RunFolder
from yololab.serve.live_page import live_page
from yololab.serve.live_state import LiveState

LOOPBACK = ("127.0.0.1", "localhost", "::1")
HTML, JSON, JPEG = "text/html; charset=utf-8", "application/json", "image/jpeg"
POLICY = re.compile(r'Content-Security-Policy" content="([^"]*)"')


class StudyServer(ThreadingHTTPServer):
    """Serves one study until it is shut down; `port` 0 takes a free one. OSError where the port is taken."""

    daemon_threads = True

    def __init__(self, study: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.live = LiveState(study)
        self.lock = threading.Lock()
        self.is_local = host in LOOPBACK
        super().__init__((host, port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went away is no error; anything else is told as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: StudyServer
    server_version, sys_version = "yololab", ""

    def do_GET(self) -> None:  # the base class's name
        """Answer a page, the state or a picture."""
        if self.server.is_local and self._host() not in LOOPBACK:
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"this name is not this machine's\n")
            return
        try:
            found = self._found(unquote(urlsplit(self.path).path))
        except YololabError as error:
            self._send(HTTPStatus.CONFLICT, "text/plain; charset=utf-8", f"{error}\n".encode())
            return
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is no such page\n")
        else:
            self._send(HTTPStatus.OK, *found)

    do_HEAD = do_GET  # noqa: N815

    def _found(self, path: str) -> tuple[str, bytes] | None:
        parts = path.strip("/").split("/")
        live, study = self.server.live, self.server.live.study
        pages: dict[str, Callable[[], tuple[str, bytes]]] = {
            "": lambda: (HTML, live_page(study.name).encode()),
            "state.json": lambda: (JSON, json.dumps(live.now(), allow_nan=False).encode()),
            "report": lambda: (HTML, study_page(read_contents(study)).encode()),
        }
        with self.server.lock:  # statistics of a large study are computed once at a time
            if len(parts) == 1 and parts[0] in pages:
                return pages[parts[0]]()
            if parts[0] == "run" and len(parts) == 2 and self._is_run(parts[1]):
                return HTML, run_page(read_run(RunFolder(study / parts[1]))).encode()
            if parts[0] == "picture" and len(parts) == 4:
                content = live.picture(parts[1], "/".join(parts[2:]))
                return None if content is None else (JPEG, content)
        return None

    def _is_run(self, name: str) -> bool:
        path = self.server.live.study / name
        return RUN_ID.fullmatch(name) is not None and path.is_dir() and not path.is_symlink()

    def _host(self) -> str:
        name = self.headers.get("Host", "")
        return name[1 : name.find("]")] if name.startswith("[") else name.rpartition(":")[0] or name

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        policy = POLICY.search(content[:2000].decode("utf-8", "ignore")) if kind == HTML else None
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Security-Policy": (policy.group(1) if policy else "default-src 'none'")
            + "; frame-ancestors 'none'",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a page asks every two seconds."""
