"""``firtree duis`` as a person runs it: files in, files out, one line for a mistake."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from lxml import etree

from duis_messages import (
    IMAGE_HASH,
    MESSAGES,
    METER,
    OTHER_METER,
    SR,
    USER,
    VERSION,
    alert,
    answer,
    device,
    inventory,
    key_and_certificate,
    ota_file,
    payload,
    response,
)
from firtree import wiring
from firtree.catalogue.entry import Entry, Status
from firtree.cli.main import main
from firtree.library.demo import invent
from firtree.settings import Settings
from registers import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HASH = ("--counter", "1", "--hash", IMAGE_HASH)
SENDING = ("--devices", "list.txt", "--originator", USER, "--out", "out")


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Give what runs ``firtree duis`` in a folder with an image and a list."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "meter.ota").write_bytes(ota_file())
    (tmp_path / "list.txt").write_text(f"{METER}\n{OTHER_METER.lower()}\n")

    def ran(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["firtree", "duis", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return ran


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def text(path: Path, name: str) -> str | None:
    found: str | None = etree.parse(path).findtext(f".//{{{SR}}}{name}")
    return found


@pytest.mark.parametrize(
    "name", ["update", "activate", "read-version", "read", "verify", "sign"]
)
def test_help_shows_an_example_of_every_command(
    run: Callable[..., Ran], name: str
) -> None:
    listed, ran = run("--help"), run(name, "--help")

    assert f"\n  {name} " in listed.out
    assert f"firtree duis {name} " in ran.out.partition("Example:\n")[2]


def test_an_update_is_written_for_a_list(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run("update", "meter.ota", *SENDING, "--counter", 41)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("wrote 1 request 11.1 for 2 devices to out\n")
    (name,) = names(tmp_path / "out")
    assert name == "11.1-90B3D51F30AA0001-41.xml"
    assert text(tmp_path / "out" / name, "DeviceIDList") == f"{METER},{OTHER_METER}"
    assert text(tmp_path / "out" / name, "FirmwareVersion") == VERSION


def test_a_long_list_becomes_several_requests(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run("update", "meter.ota", *SENDING, "--counter", 7, "--most", 1, "--json")

    report = json.loads(ran.out)
    assert (report["requests"], report["devices"], report["written"]) == (2, 2, True)
    assert [one["name"] for one in report["files"]] == names(tmp_path / "out")
    for one in report["files"]:
        assert (tmp_path / "out" / one["name"]).stat().st_size == one["octets"]


def test_ppmids_get_a_request_of_their_own(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "meter.ota").write_bytes(ota_file(signed=False))

    refused = run("update", "meter.ota", *SENDING, "--counter", 1)
    ran = run("update", "meter.ota", *SENDING, "--counter", 1, "--device-type", "ppmid")

    assert refused.code == 1
    assert "The OTA file of ESME ends with a trailer" in refused.err
    assert ran.code == 0
    assert names(tmp_path / "out") == ["11.4-90B3D51F30AA0001-1.xml"]


def test_a_version_that_contradicts_the_image_is_refused_with_both(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run(
        *("update", "meter.ota", *SENDING, "--counter", 1),
        *("--firmware-version", "01060003"),
    )

    assert ran.code == 1
    assert "01060003" in ran.err
    assert VERSION in ran.err
    assert not (tmp_path / "out").exists()


def test_counters_go_on_where_they_stopped(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    for _ in range(2):
        assert run("read-version", *SENDING, "--counters", "counters.json").code == 0

    drawn = [
        int(re.findall(r"-(\d+)\.xml", name)[0]) for name in names(tmp_path / "out")
    ]
    assert len(set(drawn)) == 4
    kept = json.loads((tmp_path / "counters.json").read_text())
    assert kept["next"] == {USER: max(drawn) + 1}


def test_a_dry_run_writes_and_draws_nothing(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run("update", "meter.ota", *SENDING, "--counters", "c.json", "--dry-run")

    assert ran.out == "would write 1 request 11.1 for 2 devices to out\n"
    assert names(tmp_path) == ["list.txt", "meter.ota"]


def test_nothing_that_is_there_is_overwritten(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    there = (
        tmp_path / "out" / f"11.2-90B3D51F30AA0001-{OTHER_METER.replace('-', '')}-6.xml"
    )
    there.write_text("mine")

    ran = run("read-version", *SENDING, "--counter", 5)

    assert ran.code == 1
    assert "is there already; nothing was written" in ran.err
    assert there.read_text() == "mine"
    assert names(tmp_path / "out") == [there.name]


def test_every_wrong_line_of_a_list_is_named(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(f"{METER}\nmeter\n{METER.lower()}\n")

    ran = run("update", "meter.ota", *SENDING, "--counter", 1)

    assert ran.code == 1
    assert "firtree: line 2: expected an EUI-64" in ran.err
    assert (
        f"firtree: line 3: expected each device once, found {METER} as in line 1"
        in (ran.err)
    )
    assert "list.txt: 2 of the lines cannot be used" in ran.err


def test_activations_are_one_for_each_device(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run("activate", "--hash", IMAGE_HASH, *SENDING, "--counter", 5, "--cancel")

    assert ran.out.startswith("wrote 2 requests 11.3 for 2 devices to out\n")
    for name in names(tmp_path / "out"):
        path = tmp_path / "out" / name
        assert text(path, "FirmwareHash") == IMAGE_HASH
        assert text(path, "ExecutionDateTime") == "3000-12-31T00:00:00.00Z"


def test_the_hash_may_come_from_an_entry(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    settings = Settings(data=str(tmp_path / "register"))
    wiring.make(settings, demo=True)
    entries = [
        subject
        for subject in invent(60, seed=1, today=date(2026, 11, 22))
        if isinstance(subject, Entry)
    ]
    with wiring.opened(settings) as parts:
        record(parts.recorder, *entries)
    removed = next(
        one
        for one in entries
        if one.cpl.image_hash
        and one.cpl.status is not Status.ACTIVE
        and one.device_type != "PPMID"
    )
    ppmid = next(one for one in entries if one.device_type == "PPMID")
    asked = ("activate", *SENDING, "--counter", 1, "--data", tmp_path / "register")

    ran = run(*asked, "--entry", removed.id, "--json")
    refused = run(*asked, "--entry", ppmid.id)
    missing = run(*asked, "--entry", 10**9)

    assert json.loads(ran.out)["image_hash"] == removed.cpl.image_hash
    assert f"entry {removed.id} is removed from the CPL" in ran.err
    assert "is for PPMIDs, which activate what they are sent" in refused.err
    assert "there is no entry" in missing.err
    assert (refused.code, missing.code) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("update", "meter.ota", *SENDING), 2, "give --counters FILE, which remembers"),
        (
            ("update", "meter.ota", *SENDING, "--counter", 1, "--counters", "c.json"),
            2,
            "--counter and --counters: give one of the two",
        ),
        (("activate", *SENDING, "--counter", 1), 2, "one of --hash and --entry"),
        (
            ("activate", *SENDING, *HASH, "--cancel", "--at", "2990-01-01T00:00:00Z"),
            2,
            "--at and --cancel exclude each other",
        ),
        (
            ("activate", *SENDING, "--counter", 1, "--hash", "7542"),
            1,
            "--hash: expected",
        ),
        (
            ("read-version", *SENDING, "--counter", 1, "--at", "soon"),
            1,
            "--at: expected",
        ),
        (
            ("read-version", *SENDING, "--counter", 1, "--at", "2020-01-01T00:00:00Z"),
            1,
            "--at: expected a moment to come",
        ),
        (
            ("read-version", *SENDING, "--counter", 1, "--at", "3000-12-31T00:00:00Z"),
            1,
            "before the year 3000",
        ),
        (("update", "nothing.ota", *SENDING, "--counter", 1), 1, "there is no file"),
        (
            ("update", "list.txt", *SENDING, "--counter", 1),
            1,
            "list.txt: Expected an OTA file",
        ),
        (("read", "list.txt"), 1, "list.txt: line 1, column 1: expected well-formed"),
        (("read", "list.txt", "-o", "table.xls"), 1, "ends in .csv or .parquet"),
        (("verify", "list.txt", "--certificate", "list.txt"), 1, "X.509 certificate"),
    ],
)
def test_a_mistake_is_one_line(
    run: Callable[..., Ran], arguments: tuple[object, ...], code: int, complaint: str
) -> None:
    ran = run(*arguments)

    assert ran.code == code
    assert complaint in ran.err
    assert "Traceback" not in ran.err


def test_what_is_no_file_is_refused_and_not_waited_for(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(11 << 20)
    _, certificate = key_and_certificate()
    pem = certificate.public_bytes(Encoding.PEM)
    (tmp_path / "c.pem").write_bytes(pem)

    for name in ("fifo", "folder", "empty", "large", "missing"):
        for asked in (
            ("update", name, *SENDING, "--counter", 1),
            ("read", name),
            ("verify", name, "--certificate", "c.pem"),
            ("read-version", *("--devices", name), *SENDING[2:], "--counter", 1),
            ("read-version", *SENDING, "--counters", name)
            if name in {"folder", "empty"}
            else ("read", name),
        ):
            ran = run(*asked)
            assert ran.code == 1, asked
            assert name in ran.err
            assert len(ran.err.splitlines()) <= 3


def test_responses_are_read_for_people(run: Callable[..., Ran], tmp_path: Path) -> None:
    warning = (
        f"<sr:DSPUpdateFirmwareWarning><sr:InvalidDeviceIDList>{METER}"
        "</sr:InvalidDeviceIDList></sr:DSPUpdateFirmwareWarning>"
    )
    status = (
        "<sr:FirmwareDistributionFailure><sr:UpdateFirmwareRequestID>"
        f"{USER}:{METER}:41</sr:UpdateFirmwareRequestID><sr:MeterIDs>{OTHER_METER}"
        "</sr:MeterIDs></sr:FirmwareDistributionFailure>"
    )
    files = {
        "warning.xml": answer(warning, code="W110101"),
        "alert.xml": alert("N18", status),
        "outcome.xml": answer(payload(MESSAGES["CS06 outcome"]), "11.3"),
        "receipt.xml": response(
            "<sr:DeviceAlertMessage><sr:AlertCode>8F72</sr:AlertCode>"
            f"{payload(MESSAGES['receipt ESME'])}</sr:DeviceAlertMessage>"
        ),
        "inventory.xml": inventory(25),
    }
    for name, octets in files.items():
        (tmp_path / name).write_bytes(octets)

    ran = run("read", *files)

    assert (ran.code, ran.err) == (0, "")
    for said in (
        "warning.xml: W110101 (warning of Service Request 11.1) to 11.1",
        f"1 × invalid: {METER}",
        "N18: FirmwareDistributionFailure",
        f"devices: {OTHER_METER}",
        "CS06 Activate Firmware: response",
        "outcome: Success",
        f"firmware version: {VERSION}",
        f"image hash: {IMAGE_HASH}",
        "00-DB-12-34-00-00-00-13",
        "… and 5 more: -o FILE.csv writes them all",
    ):
        assert said in ran.out


def test_responses_are_read_for_programs(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "inventory.xml").write_bytes(inventory(30))
    (tmp_path / "bad.xml").write_bytes(b"<x/>")
    (tmp_path / "ack.xml").write_bytes(answer("", "11.2", code="E65"))

    ran = run("read", "inventory.xml", "bad.xml", "ack.xml", "--json")

    found = json.loads(ran.out)
    assert ran.code == 1
    assert [one["file"] for one in found["responses"]] == ["inventory.xml", "ack.xml"]
    assert len(found["responses"][0]["devices"]) == 30
    assert found["responses"][1]["response"]["code"] == "E65"
    assert [one["file"] for one in found["problems"]] == ["bad.xml"]
    assert "1 of 3 files cannot be read" in ran.err


def test_an_inventory_becomes_a_table_without_formulas(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    listed = device().replace("A1B3", "=1+1")
    octets = answer(f"<sr:DSPInventory>{listed}{device(1)}</sr:DSPInventory>", "8.2")
    (tmp_path / "one.xml").write_bytes(octets)
    (tmp_path / "more.xml").write_bytes(inventory(6000))

    for name in ("devices.csv", "devices.parquet"):
        ran = run("read", "one.xml", "more.xml", "-o", name)
        assert ran.out.endswith(f"wrote 6,002 devices to {name}\n")

    with (tmp_path / "devices.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = pq.read_table(tmp_path / "devices.parquet").to_pylist()
    assert [row["manufacturer"] for row in rows[:2]] == ["'=1+1", "A1B3"]
    assert [row["manufacturer"] for row in table[:2]] == ["=1+1", "A1B3"]
    assert rows[1:] == table[1:]
    assert rows[1]["firmware_version"] == VERSION


def test_a_table_is_written_whole_or_not_at_all(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "good.xml").write_bytes(inventory(3))
    (tmp_path / "cut.xml").write_bytes(inventory(6000)[:-5])

    refused = run("read", "good.xml", "cut.xml", "-o", "devices.csv")
    first = run("read", "good.xml", "-o", "devices.csv")
    again = run("read", "good.xml", "-o", "devices.csv")

    assert (refused.code, first.code, again.code) == (1, 0, 1)
    assert "is there already" in again.err
    assert [name for name in names(tmp_path) if "devices" in name] == ["devices.csv"]


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_requests_are_signed_and_checked(
    run: Callable[..., Ran], tmp_path: Path, encoding: Encoding
) -> None:
    key, certificate = key_and_certificate()
    secret = key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "user.key").write_bytes(secret)
    (tmp_path / "user.crt").write_bytes(certificate.public_bytes(encoding))
    run("read-version", *SENDING, "--counter", 5)
    written = [f"out/{name}" for name in names(tmp_path / "out")]
    signing = ("--key", "user.key", "--certificate", "user.crt", "--out", "signed")

    signed = run("sign", *written, *signing)
    again = run("sign", *written, *signing)
    twice = run(
        "sign", f"signed/{names(tmp_path / 'signed')[0]}", *signing[:4], "--out", "x"
    )
    names_signed = [f"signed/{name}" for name in names(tmp_path / "signed")]
    checked = run("verify", *names_signed, "--certificate", "user.crt")
    path = tmp_path / names_signed[0]
    path.write_bytes(path.read_bytes().replace(METER.encode(), OTHER_METER.encode()))
    bad = run("verify", *names_signed, "--certificate", "user.crt", "--json")

    assert (signed.code, signed.out) == (0, "signed 2 requests into signed\n")
    assert (again.code, twice.code, checked.code, bad.code) == (1, 1, 0, 1)
    assert "has a signature already" in twice.err
    assert "with certificate 4711" in checked.out
    assert [one["verified"] for one in json.loads(bad.out)["messages"]] == [False, True]
    assert "was changed after it was signed" in bad.err


def test_a_passphrase_is_asked_for_and_no_secret_is_shown(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = key_and_certificate()
    secret = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open")
    )
    (tmp_path / "user.key").write_bytes(secret)
    (tmp_path / "user.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    run("read-version", *SENDING, "--counter", 5)
    written = [f"out/{name}" for name in names(tmp_path / "out")]
    signing = ("--key", "user.key", "--certificate", "user.crt", "--out", "signed")
    said = iter(["wrong", "open"])
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(said))

    wrong = run("sign", *written, *signing)
    right = run("sign", *written, *signing)

    assert (wrong.code, right.code) == (1, 0)
    assert "user.key: the passphrase is wrong" in wrong.err
    number = key.private_numbers().private_value
    for shown in (wrong.err, right.out, right.err):
        assert f"{number:x}" not in shown
        assert str(number) not in shown
        assert "open" not in shown


@pytest.mark.parametrize(
    ("part", "bent", "said"),
    [
        # An unknown curve, and a version that X.509 does not have.
        ("2a8648ce3d030107", "2a8648ce3d03017f", "a key of the curve P-256"),
        ("a003020102", "a003020107", "an X.509 certificate in PEM or DER"),
    ],
)
def test_a_certificate_that_cannot_be_read_is_named(
    run: Callable[..., Ran], tmp_path: Path, part: str, bent: str, said: str
) -> None:
    _, certificate = key_and_certificate()
    octets = certificate.public_bytes(Encoding.DER)
    odd = octets.replace(bytes.fromhex(part), bytes.fromhex(bent), 1)
    (tmp_path / "odd.crt").write_bytes(odd)
    (tmp_path / "one.xml").write_bytes(answer("", "11.2"))

    ran = run("verify", "one.xml", "--certificate", "odd.crt")

    assert ran.code == 1
    assert said in ran.err
