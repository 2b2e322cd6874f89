"""``firtree log mirror`` with the tokens of two parties, from a server that runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from comers import a_reader, of_a_party
from entries import an_entry
from firtree import wiring
from firtree.parties import PartyKind
from firtree.parties.party import Party
from firtree.settings import Settings
from firtree.wiring.keyfile import signer_of
from registers import ALDER, record
from running import Command, Ran, Server, in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

THEIRS = msgspec.structs.replace(an_entry(1).model, manufacturer="CD02")
ROWAN = Party(id=8, name="Rowan Energy", kinds=(PartyKind.IMPORT_SUPPLIER,))
DEVICE = ("--manufacturer", "CD02", "--model", "010A030B", "--firmware", "00000064")


class Mirrors:
    """A register that is served, and the two parties that mirror it."""

    def __init__(self, folder: Path, command: Command) -> None:
        self.command = command
        self.settings = Settings(data=str(folder / "data"))
        self.mirror = folder / "mirror"
        wiring.make(self.settings)
        with wiring.opened(self.settings) as parts:
            record(parts.recorder, ALDER, *(an_entry(n) for n in range(1, 4)))
            theirs = (an_entry(n, model=THEIRS) for n in range(100, 105))
            record(parts.recorder, *theirs)
            tokens = {
                "alder": a_reader(parts, self.settings),
                "rowan": of_a_party(parts, self.settings, ROWAN),
            }
        for name, token in tokens.items():
            (folder / name).write_text(token, encoding="ascii")
        self.folder = folder
        self.server = Server("serve", "--data", folder / "data", health="/health/ready")

    def record(self, *entries: int) -> None:
        """Record entries of the maker that is not Alder."""
        with wiring.opened(self.settings) as parts:
            record(parts.recorder, *(an_entry(n, model=THEIRS) for n in entries))

    def run(self, party: str, *more: str) -> Ran:
        """Make or refresh the mirror with the token of a party."""
        key = str(signer_of(self.settings).verifier)
        return self.command(
            *("log", "mirror", self.server.url, self.mirror, "--key", key),
            *("--token-file", self.folder / party, *more),
        )

    def lookup(self) -> Ran:
        """Ask the mirror about a device of the other maker."""
        return self.command("lookup", *DEVICE, "--from", self.mirror, "--json")


@pytest.fixture
def mirrors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Mirrors]:
    """Serve such a register."""
    made = Mirrors(tmp_path, in_process(monkeypatch, capsys))
    with made.server:
        yield made


def test_a_partial_mirror_becomes_fuller_and_loses_nothing(mirrors: Mirrors) -> None:
    partly = mirrors.run("alder")
    assert "not wholly disclosed to you: " in partly.out
    assert "not among what you may see" in mirrors.lookup().out

    fuller = mirrors.run("rowan")
    assert fuller.code == 0, fuller.err
    assert "  more is disclosed to you now of " in fuller.out
    assert "that were held before, and was taken in" in fuller.out
    sound = mirrors.command("log", "verify", mirrors.mirror)
    assert sound.code == 0, sound.err
    asked = json.loads(mirrors.lookup().out)
    assert (asked["standing"], asked["target"]) == ("behind", 104)
    again = json.loads(mirrors.run("rowan", "--json").out)
    assert (again["fuller"], again["sees_less"], again["new"]) == (0, False, 0)

    mirrors.record(105)
    less = mirrors.run("alder")
    assert less.code == 0, less.err
    assert "  less is disclosed to you now than this mirror was made with" in less.out
    kept = json.loads(mirrors.lookup().out)
    assert kept["target"] == 104
    assert kept["source"]["partial"]
    assert mirrors.command("log", "verify", mirrors.mirror).code == 0

    again = json.loads(mirrors.run("rowan", "--json").out)
    assert again["fuller"] == 1
    assert json.loads(mirrors.lookup().out)["target"] == 105
    assert mirrors.command("log", "verify", mirrors.mirror).code == 0
