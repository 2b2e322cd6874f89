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

import pytest

import plain_http
from firtree import wiring
from firtree.errors import VerificationError
from firtree.ledger.notes import Note, Signer, Verifier
from firtree.ledger.policy import TrustedLog
from firtree.settings import Settings
from firtree.wiring import fencing, rotation
from firtree.wiring.backup import back_up
from firtree.wiring.keyfile import OLD_KEY_FILE, signer_of
from firtree.wiring.restoring import restore_as_new
from firtree.wiring.witness import make_witness
from running import firtree, free_port, run, wait_for
from witnessed import NAMES, READY, SIZE, House

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def test_after_a_rotation_both_keys_sign_and_witnesses_cosign(house: House) -> None:
    house.start(*house.witnesses.values(), house.server)
    wait_for(lambda: house.serves(SIZE))
    rotated = rotation.rotate_key(house.settings, both_for_days=30)
    assert rotated.new is not None

    # The policy of before the rotation still lets readers in.
    wait_for(lambda: house.serves(SIZE + 1))
    answer = plain_http.get(f"{house.server.url}/log/checkpoint")
    note = Note.parse(answer.content)

    assert [line.name for line in note.signatures[:2]] == [house.log.name] * 2
    assert {line.name for line in note.signatures[2:]} == {
        key.name for key in house.keys.values()
    }
    assert len(note.signatures) == 4
    new, old = TrustedLog(rotated.new), TrustedLog(house.log)
    for logs in ((old,), (new,), (new, old)):
        found = house.policy._replace(logs=logs).verify(note)
        assert found.checkpoint.size == SIZE + 1
        assert set(found.times) == set(NAMES)
        assert found.at == min(found.times.values())
    # One wrong signature of a known key spoils the note, whoever else has signed it.
    for place in range(4):
        wrong = note.signatures[place]
        octets = wrong.octets[:-1] + bytes([wrong.octets[-1] ^ 1])
        spoiled = list(note.signatures)
        spoiled[place] = wrong._replace(octets=octets)
        with pytest.raises(VerificationError):
            house.policy._replace(logs=(new, old)).verify(
                note._replace(signatures=tuple(spoiled))
            )


def test_what_was_cosigned_before_a_rotation_is_served_to_who_knows_either_key(
    house: House,
) -> None:
    house.start(*house.witnesses.values(), house.server)
    wait_for(lambda: house.serves(SIZE))
    dry = run(*("log", "rotate-key", "--data", house.settings.data, "--dry-run"))
    assert "w1.example and w2.example cosign it: what is signed after 20" in dry.stdout

    done = run(*("log", "rotate-key", "--data", house.settings.data, "--both-for", "0"))

    assert "w1.example and w2.example cosign it, and cosign nothing new before" in (
        done.stdout
    )
    new = signer_of(house.settings).verifier
    wait_for(lambda: "it may not trust the log's key" in str(told(house, "w1")))
    assert_served_to(house, SIZE, new, house.log)
    # Neither a restart nor the loss of the old key takes it from its readers.
    (Path(house.settings.data) / OLD_KEY_FILE).unlink()
    house.server.stop()
    house.start(house.server)
    assert_served_to(house, SIZE, new, house.log)
    house.record()
    assert_served_to(house, SIZE, new, house.log)

    for name in NAMES:
        firtree("witness", "trust", "--dir", house.file.parent / name, str(new))
    house.policy = house.policy._replace(logs=(TrustedLog(house.log), TrustedLog(new)))
    wait_for(lambda: house.serves(SIZE + 2), seconds=40)
    assert_served_to(house, SIZE + 2, new)
    with pytest.raises(VerificationError):
        assert_served_to(house, SIZE + 2, house.log)


def assert_served_to(house: House, size: int, *keys: Verifier) -> None:
    """Check that readers who know one of some keys alone, or all, read the size."""
    note = Note.parse(plain_http.get(f"{house.server.url}/log/checkpoint").content)
    for known in (*((key,) for key in keys), keys):
        logs = tuple(TrustedLog(key) for key in known)
        found = house.policy._replace(logs=logs).verify(note)
        assert found.checkpoint.size == size
        assert set(found.times) == set(NAMES)


def test_a_log_begun_anew_has_none_of_the_cosignatures_of_the_old_one(
    house: House, tmp_path: Path
) -> None:
    house.start(*house.witnesses.values(), house.server)
    wait_for(lambda: house.serves(SIZE))
    back_up(house.settings, tmp_path / "b.db", lambda *_told: None)
    house.server.stop()
    house.settings = Settings(data=str(tmp_path / "new"))
    restore_as_new(
        tmp_path / "b.db", house.settings, origin="", progress=lambda *_told: None
    )
    key = signer_of(house.settings).verifier
    house.policy = house.policy._replace(logs=(TrustedLog(key),))
    house.file.write_bytes(house.policy.encode())
    server = house.a_server()
    house.start(server)

    assert house.checkpoint(server) is None  # nobody has cosigned it yet
    for name in NAMES:
        firtree("witness", "trust", "--dir", house.file.parent / name, str(key))
    wait_for(lambda: house.serves(SIZE, server), seconds=40)


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

    answer = plain_http.get(f"{house.server.url}/log/checkpoint")

    assert answer.status_code == 503
    assert "cosigned by enough witnesses yet" in answer.json()["detail"]
    assert plain_http.get(house.server.url + READY).status_code == 200


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
