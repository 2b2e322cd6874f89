"""No secret leaves its place: what a whole server writes is looked through."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

import commands
import plain_http
from accounts import PASSWORD
from commands import FIRTREE
from firtree.library.accounts.access_log import verify_chain
from firtree.settings import Settings
from firtree.wiring import opened
from firtree.wiring.accounts import gate_of

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTING_S = 60
WRONG = "a wrong lemon sings loudly"
MAIL = "root@admin.example"


def run(*arguments: str) -> str:
    """Run a command; give what it printed."""
    done = commands.run(*arguments)
    done.check_returncode()
    return done.stdout


@contextmanager
def serving(data: str, said: Path) -> Iterator[str]:
    """Serve a register, with all that can be logged; keep what is written."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {"PATH": "/usr/bin:/bin", "FIRTREE_LOG_REQUESTS": "yes"}
    environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2] / "src")
    with said.open("wb") as output:
        server = subprocess.Popen(
            [FIRTREE, "serve", "--data", data, "--port", str(port)],
            stdout=output,
            stderr=output,
            env=environ,
        )
        try:
            base = f"http://localhost:{port}"
            _wait(base, server)
            yield base
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _wait(base: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTING_S
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended"
        try:
            if plain_http.get(base + "/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def csrf_of(page: httpx.Response) -> str:
    """Give the token of a page's forms."""
    match = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert match is not None, page.text
    return match[1]


def test_no_secret_is_written_anywhere(tmp_path: Path) -> None:
    data, said = str(tmp_path / "data"), tmp_path / "said"
    link = re.search(r"/invitation/(\w{43})", run("init", "--data", data))
    assert link is not None
    secrets = [link[1], PASSWORD, WRONG]
    with serving(data, said) as base, plain_http.client(base_url=base) as client:
        own = {"Origin": base, "Sec-Fetch-Site": "same-origin"}
        page = client.get(f"/invitation/{link[1]}")
        given = {"code": link[1], "email": MAIL, "name": "Root", "password": PASSWORD}
        form = {**given, "csrf": csrf_of(page)}
        assert client.post("/invitation", data=form, headers=own).status_code == 303
        secrets += [csrf_of(client.get("/account")), *client.cookies.values()]
        client.post(
            "/sign-out", data={"csrf": csrf_of(client.get("/account"))}, headers=own
        )
        for password in (WRONG, PASSWORD):
            page = client.get("/sign-in")
            form = {"csrf": csrf_of(page), "email": MAIL, "password": password}
            client.post("/sign-in", data=form, headers=own)
        secrets += client.cookies.values()
        token = run("token", "new", "--data", data, "--email", MAIL).strip()
        shown = {"Authorization": f"Bearer {token}"}
        secrets += [token, token[8:51]]
        with plain_http.client(base_url=base) as program:
            good = program.get("/api/v1/entries", headers=shown)
            assert good.status_code == 200
            bad = {"Authorization": f"Bearer {token}x"}
            assert program.get("/api/v1/entries", headers=bad).status_code == 401
            program.get(f"/invitation/{token}", headers={"Accept": "text/html"})
            program.get(f"/{token}/%0aFORGED?secret={token}", headers=shown)
            program.post("/api/v1/assessments", content=b"{", headers=shown)
            program.get("/export/fir.csv", headers=shown)
        time.sleep(2)  # what is written later is written by then
    written = said.read_text()
    lines = [line for line in written.splitlines() if not line.startswith("firtree:")]

    assert len(lines) >= 12
    assert all(line.startswith('{"at":"') for line in lines), written
    for secret in filter(None, secrets):
        assert secret not in written
        for path in Path(data).iterdir():
            assert secret.encode() not in path.read_bytes(), path.name
    assert MAIL not in written
    settings = Settings(data=data)
    with opened(settings) as parts, gate_of(parts, settings).accounts.reading() as tx:
        events = [row.event for row in tx.all_noted()]
        verify_chain(tx.all_noted(), {})
    assert {"signed in", "sign-in refused", "token used", "downloaded"} <= set(events)
    assert "changed" in run("access-log", "--data", data, "--verify")
