"""Whatever ``--from`` names, the same question has the same answer."""

from __future__ import annotations

import json
import socket
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from afar import firtree, free_port, good, hostile, saying, serving
from firtree.ledger.notes import Checkpoint
from otafiles import IMAGE, key_pem, signed_file
from registers import SIGNER
from tables import a_row, a_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HASH = sha256(IMAGE).hexdigest()
DEVICE = ("--manufacturer", "A1B3", "--model", "0A02010A", "--firmware", "24000100")
CHECK = ("image", "check", "meter.ota", "--entry", "1042", "--from")
ROW = a_row(
    1042,
    Manufacturer_Code="A1B3",
    Model_Identifier="0A02",
    Firmware_Version="24000100",
    Manufacturer_Image_Hash=HASH,
    Min_Hardware="0101",
    Max_Hardware="0103",
)
KINDS = ("folder", "server", "workbook")
BEARER = "not-to-be-shown"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a register, its workbook, and a file to check."""
    path = tmp_path_factory.mktemp("sources")
    good(path, "demo", "--data", "register", "--entries", "60")
    (path / "more.csv").write_bytes(a_table(ROW))
    good(path, "import", "more.csv", "--data", "register")
    good(path, "export", "--data", "register", "-o", "fir.xlsx")
    (path / "meter.ota").write_bytes(signed_file())
    (path / "meter.bin").write_bytes(IMAGE)
    (path / "supplier.key").write_bytes(key_pem())
    (path / "supplier.key").chmod(0o600)
    (path / "meters.txt").write_text("90-B3-D5-1F-30-00-00-01\n")
    (path / "token").write_text(BEARER + "\n")
    return path


@pytest.fixture(scope="module")
def places(folder: Path) -> Iterator[dict[str, str]]:
    """Give what ``--from`` may name, while the register is served."""
    with serving(folder) as address:
        yield {"folder": "register", "server": address, "workbook": "fir.xlsx"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_is_assessed_alike(
    kind: str, folder: Path, places: dict[str, str]
) -> None:
    asked = ("lookup", *DEVICE, "--from", places[kind])

    expected = json.loads(
        good(folder, "lookup", *DEVICE, "--data", "register", "--json")
    )
    found = json.loads(good(folder, *asked, "--json"))
    shown = good(folder, *asked)

    source = found.pop("source", None)
    assert (source is None) == (kind == "folder")
    if source is not None:
        assert source["place"] == places[kind]
    if kind == "workbook":
        assert found.pop("log") == {"size": 0, "checkpoint": ""}
        assert "no log stands behind it" in shown
        del expected["log"]
    assert found == expected
    assert "Update available" in shown
    assert (f"asked: {kind.replace('workbook', 'table')}" in shown) == (
        kind != "folder"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_checked_against_an_entry_alike(
    kind: str, folder: Path, places: dict[str, str]
) -> None:
    expected = good(folder, *CHECK, "register")

    assert good(folder, *CHECK, places[kind]) == expected
    assert "as asked: image hash is " in expected


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_that_is_not_there_is_told_alike(
    kind: str, folder: Path, places: dict[str, str]
) -> None:
    missing = firtree(
        folder, "image", "check", "meter.ota", "--entry", "7777", "--from", places[kind]
    )

    assert missing.code == 1
    assert "no entry 7777" in missing.line


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_built_from_an_entry_alike(
    kind: str, folder: Path, places: dict[str, str]
) -> None:
    good(
        folder,
        *("image", "build", "meter.bin", "--entry", "1042", "--from", places[kind]),
        *("--key", "supplier.key", "--out", f"{kind}.ota", "--text", "Alder ESME"),
    )

    assert (folder / f"{kind}.ota").read_bytes() == signed_file()


@pytest.mark.parametrize("kind", KINDS)
def test_an_activation_takes_its_hash_from_an_entry_alike(
    kind: str, folder: Path, places: dict[str, str]
) -> None:
    good(
        folder,
        *("duis", "activate", "--entry", "1042", "--from", places[kind]),
        *("--devices", "meters.txt", "--originator", "90-B3-D5-1F-30-01-00-00"),
        *("--counters", f"{kind}.json", "--out", f"out-{kind}"),
    )

    (request,) = (folder / f"out-{kind}").glob("*.xml")
    assert HASH.upper() in request.read_text().upper()


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "xlsx"])
def test_a_server_gives_out_what_the_register_does(
    form: str, folder: Path, places: dict[str, str]
) -> None:
    asked = ("export", "--format", form, "--overwrite", "-o")

    good(folder, *asked, f"own.{form}", "--data", "register")
    told = json.loads(
        good(folder, *asked, f"far.{form}", "--from", places["server"], "--json")
    )

    own, far = (folder / f"{name}.{form}" for name in ("own", "far"))
    assert told["publication"].endswith(f"-{told['log']['size']}")
    assert told["source"]["kind"] == "server"
    (note,) = told["source"]["notes"]
    assert "the server's word, not checked against the log" in note
    if form == "xlsx":
        good(folder, "verify", str(far), "--data", "register")
    else:
        assert own.read_bytes() == far.read_bytes()


def test_an_export_goes_to_standard_output(
    folder: Path, places: dict[str, str]
) -> None:
    asked = ("export", "--format", "csv", "--at", "2")

    own = good(folder, *asked, "--data", "register")
    far = good(folder, *asked, "--from", places["server"])

    assert own == far
    assert own.startswith("CPL Entry ID,")


def test_a_past_state_is_asked_for_over_the_network(
    folder: Path, places: dict[str, str]
) -> None:
    asked = ("lookup", *DEVICE, "--at", "3", "--json")

    expected = json.loads(good(folder, *asked, "--data", "register"))
    found = json.loads(good(folder, *asked, "--from", places["server"]))

    del found["source"]
    assert found == expected
    assert found["standing"] == "unknown-model"


@pytest.mark.parametrize(
    ("place", "arguments", "code", "said"),
    [
        ("server", ("lookup", *DEVICE, "--at", "x"), 1, "at: expected a date"),
        ("server", ("export", "-o", "a.csv", "--at", "99"), 1, "at: expected a log"),
        ("server", ("export", "-o", "a.csv", "--private"), 1, "--private: expected"),
        ("workbook", ("lookup", *DEVICE, "--at", "3"), 1, "a table has no past"),
        ("workbook", ("export", "-o", "a.csv"), 1, "found a table: fir.xlsx"),
        ("nowhere", ("lookup", *DEVICE), 1, "there is no register in nowhere"),
        ("http://fir.example", ("lookup", *DEVICE), 1, "expected an https:// address"),
        ("https://a:b@fir.example", ("lookup", *DEVICE), 1, "without a name or"),
        ("server", ("lookup", *DEVICE, "--token-file", "no"), 1, "no file no"),
        ("server", ("lookup", *DEVICE, "--token-file", "meter.ota"), 1, "meter.ota: "),
    ],
)
def test_what_cannot_be_asked_is_one_clear_line(  # noqa: PLR0917 - fixtures
    place: str,
    arguments: Sequence[str],
    code: int,
    said: str,
    folder: Path,
    places: dict[str, str],
) -> None:
    ran = firtree(folder, *arguments, "--from", places.get(place, place))

    assert ran.code == code
    assert said in ran.line
    assert not (folder / "a.csv").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("lookup", *DEVICE, "--from", "register", "--data", "register"),
        ("lookup", *DEVICE, "--from", ""),
        ("image", "check", "meter.ota", "--from", "register"),
        (
            *("duis", "activate", "--hash", HASH, "--from", "register"),
            *("--devices", "meters.txt", "--originator", "90-B3-D5-1F-30-01-00-00"),
            *("--counters", "c.json", "--out", "o"),
        ),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    arguments: Sequence[str], folder: Path
) -> None:
    ran = firtree(folder, *arguments)

    assert ran.code == 2
    assert "--from" in ran.err


def test_a_token_is_sent_and_never_shown(folder: Path) -> None:
    asked: list[bytes] = []

    def refuse(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        saying(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")(
            connection, request
        )

    with hostile(refuse) as address:
        by_file = firtree(folder, *CHECK, address, "--token-file", "token")
        by_setting = firtree(folder, *CHECK, address, FIRTREE_TOKEN=BEARER)

    for ran in (by_file, by_setting):
        assert ran.code == 1
        assert BEARER not in ran.out + ran.err
        assert "--token-file" in ran.err
    assert len(asked) == 2
    assert all(f"Authorization: Bearer {BEARER}\r\n".encode() in one for one in asked)


def test_half_an_export_leaves_no_file(folder: Path) -> None:
    text = Checkpoint(SIGNER.name, 1, bytes(32))
    checkpoint = SIGNER.sign(str(text)).encode()

    def half(connection: socket.socket, request: bytes) -> None:
        if b"/log/checkpoint" in request:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d"
            connection.sendall(head % len(checkpoint) + b"\r\n\r\n" + checkpoint)
            return
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"
            b'Content-Disposition: attachment; filename="fir-1-1.csv"\r\n'
            b"Content-Length: 1000\r\n\r\nCPL Entry ID,"
        )

    before = {path.name for path in folder.iterdir()}
    with hostile(half) as address:
        ran = firtree(folder, "export", "-o", "half.csv", "--from", address)

    assert ran.code == 75
    assert "broke off" in ran.line
    assert {path.name for path in folder.iterdir()} == before


def test_nobody_there_is_told_in_one_line(folder: Path) -> None:
    ran = firtree(folder, *CHECK, f"http://127.0.0.1:{free_port()}")

    assert ran.code == 75
    assert "cannot be reached" in ran.line
