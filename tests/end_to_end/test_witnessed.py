"""A real server sends its checkpoints to real witnesses, all of them on loopback."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from comers import a_reader
from firtree import wiring
from firtree.ledger.cosignatures import CosignatureVerifier
from firtree.ledger.notes import Note, Signer, Verifier
from firtree.ledger.policy import Cosigned, Group, Policy, TrustedLog, Witness
from firtree.settings import Settings
from firtree.wiring import fencing
from firtree.wiring.witness import make_witness, open_witness
from registers import ALDER, record
from running import Server, firtree, free_port, run, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("w1", "w2")
READY = "/health/ready"
# Opening, party, and the head of the access log, which notes the token's making.
SIZE = 3


class House:
    """A register in a folder, its witnesses, and the servers of all of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.settings = Settings(data=str(folder / "data"))
        wiring.make(self.settings)
        with wiring.opened(self.settings) as parts:
            self.log: Verifier = parts.signer.verifier
            self._token = a_reader(parts, self.settings)
        self.stack = stack
        self.witnesses = {name: self._witness(folder / name) for name in NAMES}
        self.keys = {name: self._key(folder / name) for name in NAMES}
        self.file = folder / "witnesses.policy"
        self.policy = self.write_policy(
            {name: server.url for name, server in self.witnesses.items()}, least=2
        )
        self.server = self.a_server()

    def _witness(self, folder: Path) -> Server:
        make_witness(folder, f"{folder.name}.example")
        with open_witness(folder).store.writing() as tx:
            tx.trust(self.log)
        return Server("witness", "serve", "--dir", folder, health="/health")

    def _key(self, folder: Path) -> CosignatureVerifier:
        return open_witness(folder).cosigner.verifier

    def write_policy(self, urls: dict[str, str], *, least: int) -> Policy:
        """Write the keeper's policy file."""
        policy = Policy(
            logs=(TrustedLog(self.log),),
            witnesses=tuple(
                Witness(name, self.keys[name], url) for name, url in urls.items()
            ),
            groups=(Group("enough", least, tuple(urls)),),
            quorum="enough",
        )
        self.file.write_bytes(policy.encode())
        return policy

    def a_server(self) -> Server:
        """Make a server of the register."""
        return Server(
            *("serve", "--data", self.settings.data),
            health=READY,
            environ=self.environ,
        )

    @property
    def environ(self) -> dict[str, str]:
        """Give the settings as variables."""
        return {"FIRTREE_WITNESS_POLICY": str(self.file)}

    def start(self, *servers: Server) -> None:
        """Start servers; they are stopped at the end."""
        for server in servers:
            self.stack.enter_context(server)

    def record(self) -> int:
        """Record something from another process; give the size."""
        with wiring.opened(self.settings) as parts:
            return record(parts.recorder, ALDER).size

    def checkpoint(self, server: Server | None = None) -> Cosigned | None:
        """Give the checkpoint that is served, after checking it with the policy."""
        answer = httpx.get(f"{(server or self.server).url}/log/checkpoint", timeout=5)
        if answer.status_code == 503:
            return None
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return self.policy.verify(Note.parse(answer.content))

    def committed(self) -> object:
        """Ask for the log size that answers are given at."""
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"{self.server.url}/api/v1/changes"
        return httpx.get(url, headers=headers, timeout=5).json()["log"]["size"]

    def serves(self, size: int, server: Server | None = None) -> bool:
        """Tell whether the checkpoint of a size is served."""
        found = self.checkpoint(server)
        return found is not None and found.checkpoint.size == size


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Make a register and two witnesses; none of them serves yet."""
    with ExitStack() as stack:
        yield House(tmp_path, stack)


def test_what_the_quorum_has_cosigned_is_served_though_a_witness_goes_away(
    house: House,
) -> None:
    house.start(*house.witnesses.values(), house.server)
    wait_for(lambda: house.serves(SIZE))
    found = house.checkpoint()
    assert found is not None
    assert set(found.times) == set(NAMES)

    size = house.record()
    wait_for(lambda: house.serves(size))

    house.witnesses["w2"].kill()
    begun = time.monotonic()
    later = house.record()
    assert house.committed() == later
    assert time.monotonic() - begun < 5
    wait_for(lambda: told(house, "w2")["error"])
    assert house.serves(size)
    assert told(house, "w1")["size"] == later
    shown = firtree(
        "witness", "status", "--data", house.settings.data, environ=house.environ
    )
    assert f"log: size {later}; cosigned by enough witnesses: size {size}" in shown
    assert f"w2: size {size}, {later - size} behind, cosigned 2" in shown
    assert "it cannot be reached" in shown

    house.witnesses["w2"].start()
    wait_for(lambda: house.serves(later), seconds=40)
    assert told(house, "w2")["error"] == ""


def told(house: House, name: str) -> dict[str, object]:
    """Ask for the state of a witness."""
    text = firtree(
        *("witness", "status", "--data", house.settings.data, "--json"),
        environ=house.environ,
    )
    found: list[dict[str, object]] = json.loads(text)["witnesses"]
    return next(each for each in found if each["name"] == name)


def test_of_two_servers_one_sends_and_the_other_takes_over(house: House) -> None:
    second = house.a_server()
    house.start(*house.witnesses.values(), house.server, second)
    wait_for(lambda: house.serves(SIZE, second))

    house.server.stop()
    size = house.record()
    wait_for(lambda: house.serves(size, second))

    second.stop()
    house.start(house.server)
    size = house.record()
    wait_for(lambda: house.serves(size))


def test_a_hostile_witness_slows_nothing(house: House) -> None:
    reached = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as hostile:

        def drip() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = hostile.accept()
                    reached.set()
                    threading.Thread(target=dripping, args=[connection]).start()

        def dripping(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                for _ in range(40):
                    connection.sendall(b"x")
                    time.sleep(0.25)

        threading.Thread(target=drip, daemon=True).start()
        urls = {
            "w1": house.witnesses["w1"].url,
            "w2": f"http://127.0.0.1:{hostile.getsockname()[1]}/",
        }
        house.policy = house.write_policy(urls, least=1)
        house.start(house.witnesses["w1"], house.server)
        wait_for(lambda: house.serves(SIZE))
        assert reached.is_set()

        begun = time.monotonic()
        size = house.record()
        assert house.committed() == size
        assert time.monotonic() - begun < 5
        wait_for(lambda: house.serves(size), seconds=30)
        house.server.stop()


def test_an_old_copy_of_a_register_is_not_served_when_witnesses_have_seen_more(
    house: House, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(house.settings.data, copy)
    fencing.accept(Settings(data=str(copy)))
    house.start(*house.witnesses.values(), house.server)
    size = house.record()
    wait_for(lambda: house.serves(size))
    house.witnesses["w2"].stop()

    refused = run(
        *("serve", "--data", copy, "--port", str(free_port())), environ=house.environ
    )

    assert refused.returncode == 1
    assert "the register went back: its log has 2 statements, but witness w1 has" in (
        refused.stderr
    )
    assert "Traceback" not in refused.stderr


def test_before_the_first_cosignature_the_checkpoint_is_not_served(
    house: House,
) -> None:
    house.start(house.server)

    answer = httpx.get(f"{house.server.url}/log/checkpoint")

    assert answer.status_code == 503
    assert "cosigned by enough witnesses yet" in answer.json()["detail"]
    assert httpx.get(house.server.url + READY).status_code == 200


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (None, "there is no policy file"),
        ("quorum x\n", "line 1: expected the name of a witness or group above"),
        (
            f"log {Signer('log.example', bytes(32)).verifier}\nquorum none\n",
            "expected a log line with the key of firtree.local/register-",
        ),
        ("witness w1 KEY ftp://w.example\nquorum w1\n", "http or https address of"),
        ("witness w1 KEY https://a:b@w.example\nquorum w1\n", "without a password"),
    ],
)
def test_a_policy_that_cannot_be_used_is_told_before_serving(
    tmp_path: Path, policy: str | None, told: str
) -> None:
    data, file = tmp_path / "data", tmp_path / "p"
    wiring.make(Settings(data=str(data)))
    if policy is not None:
        key = make_witness(tmp_path / "w", "w.example").verifier
        file.write_text(policy.replace("KEY", str(key)), encoding="utf-8")

    refused = run(
        *("serve", "--data", data, "--port", str(free_port())),
        environ={"FIRTREE_WITNESS_POLICY": str(file)},
    )

    assert refused.returncode == 1
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_without_witnesses_the_status_says_so(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    wiring.make(Settings(data=data))

    assert "no witnesses are set" in firtree("witness", "status", "--data", data)
    told = json.loads(firtree("witness", "status", "--data", data, "--json"))
    assert told == {"size": 1, "served": 1, "quorum": None, "witnesses": []}
