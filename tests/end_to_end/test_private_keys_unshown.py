"""A private key that is given in place of a public one is not told to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands import run
from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.notes import Signer

if TYPE_CHECKING:
    from pathlib import Path

SEED = bytes(range(200, 232))
SECRETS = (
    Signer("log.example/l", SEED).write_secret(),
    Cosigner("w1.example/w", SEED).write_secret(),
)


@pytest.mark.parametrize("secret", SECRETS, ids=["log", "witness"])
@pytest.mark.parametrize(
    "command",
    [
        "log check --policy log.key answer.proof",
        "watch http://127.0.0.1:9 --state s --policy log.key",
        "log mirror http://127.0.0.1:9 there --policy log.key",
        "log mirror http://127.0.0.1:9 there --key {}",
        "witness trust --dir w {}",
        "witness trust --dir w --policy log.key",
        "witness distrust --dir w {}",
    ],
)
def test_no_part_of_a_private_key_is_told(
    command: str, secret: str, tmp_path: Path
) -> None:
    (tmp_path / "log.key").write_text(f"{secret}\n")
    (tmp_path / "answer.proof").write_text("{}")

    done = run(*(part.format(secret) for part in command.split()), folder=tmp_path)

    assert done.returncode != 0
    assert "found a private key, which belongs to nobody else and" in done.stderr
    encoded = secret.rpartition("+")[2]
    assert all(
        encoded[start : start + 5] not in done.stdout + done.stderr
        for start in range(len(encoded) - 4)
    )
