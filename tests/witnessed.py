"""A register, its witnesses, and the servers of all of them, on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plain_http
from comers import a_reader
from firtree import wiring
from firtree.ledger.notes import Note, Verifier
from firtree.ledger.policy import Cosigned, Group, Policy, TrustedLog, Witness
from firtree.settings import Settings
from firtree.wiring.witness import make_witness, open_witness
from registers import ALDER, record
from running import Server

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from firtree.ledger.cosignatures import CosignatureVerifier

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
        answer = plain_http.get(
            f"{(server or self.server).url}/log/checkpoint", timeout=5
        )
        if answer.status_code == 503:
            return None
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return self.policy.verify(Note.parse(answer.content))

    def committed(self) -> object:
        """Ask for the log size that answers are given at."""
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"{self.server.url}/api/v1/changes"
        return plain_http.get(url, headers=headers, timeout=5).json()["log"]["size"]

    def serves(self, size: int, server: Server | None = None) -> bool:
        """Tell whether the checkpoint of a size is served."""
        found = self.checkpoint(server)
        return found is not None and found.checkpoint.size == size
