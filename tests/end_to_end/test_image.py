"""``firtree image`` as a person runs it: good files, bad ones, keys and entries."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

import commands
from commands import FIRTREE
from firtree.cli.files import file_octets
from firtree.errors import UnavailableError
from firtree.exchange.image_wire import CheckWire
from firtree.images.checker import check
from otafiles import (
    IMAGE,
    a_header,
    a_key,
    certificate_pem,
    der,
    key_pem,
    raw,
    signed_file,
    unsigned_file,
    zigbee_file,
)
from tables import a_row, a_table

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH = sha256(IMAGE).hexdigest()
FACTS = (
    *("--manufacturer", "A1B3", "--model", "0A02", "--firmware", "24000100"),
    *("--min-hardware", "0101", "--max-hardware", "0103", "--text", "Alder ESME"),
)
METER = ("--device-type", "ESME", *FACTS)
SECRET = a_key().private_numbers().private_value
PEM_LINE = key_pem().splitlines()[1].decode()


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


class Folder(NamedTuple):
    """A folder in which commands are run."""

    path: Path

    def __call__(self, *arguments: str, **environ: str) -> Ran:
        """Run firtree; whatever it does, it shows no traceback and no key."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FIRTREE_")}
        done = commands.run(
            *arguments, folder=self.path, environ={**kept, "NO_COLOR": "1", **environ}
        )
        assert "Traceback" not in done.stderr, done.stderr
        check_no_key(done.stdout + done.stderr)
        return Ran(done.returncode, done.stdout, done.stderr)

    def good(self, *arguments: str, **environ: str) -> str:
        """Run a command that succeeds; give what it wrote."""
        ran = self(*arguments, **environ)
        assert ran.code == 0, ran.err
        return ran.out

    def refused(self, *arguments: str, code: int = 1, **environ: str) -> str:
        """Run a command that fails; give the one line it said before its hint."""
        ran = self(*arguments, **environ)
        assert ran.code == code, ran
        line, hint = ran.err.splitlines()
        assert line.startswith("firtree: ")
        assert hint.startswith("firtree: hint: ")
        return line.removeprefix("firtree: ")

    def write(self, name: str, octets: bytes, mode: int = 0o600) -> str:
        """Write a file; give its name."""
        (self.path / name).write_bytes(octets)
        (self.path / name).chmod(mode)
        return name

    def read(self, name: str) -> bytes:
        """Read a file."""
        return (self.path / name).read_bytes()

    def names(self) -> set[str]:
        """List the files."""
        return {path.name for path in self.path.iterdir()}


def check_no_key(written: str) -> None:
    """Check that nothing of the key stands in what was written."""
    for form in (PEM_LINE, f"{SECRET:x}", str(SECRET), "PRIVATE"):
        assert form not in written


@pytest.fixture
def run(tmp_path: Path) -> Folder:
    """Give an empty folder."""
    return Folder(tmp_path)


def test_a_meters_file_is_told_in_full(run: Folder) -> None:
    run.write("meter.ota", signed_file())
    run.write("supplier.crt", certificate_pem())

    out = run.good(
        *("image", "check", "meter.ota", "--device-type", "esme"),
        *("--hash", HASH.upper(), "--certificate", "supplier.crt"),
    )

    for told in (
        *("GBCS image", "A1B3", "0A020101 to 0A020103", "24000100", HASH),
        *("'Alder ESME'", "signature verified", "as asked: image hash"),
    ):
        assert told in out


def test_json_has_the_names_that_programs_rely_on(run: Folder) -> None:
    run.write("meter.ota", signed_file())
    asked = ("image", "check", "meter.ota", "--device-type", "ESME", "--hash", HASH)

    found: dict[str, Any] = json.loads(run.good(*asked, "--json"))

    assert found["format"] == "gbcs"
    assert found["manufacturer"] == "A1B3"
    assert found["model"] == "0A020101-0A020103"
    assert found["firmware_version"] == "24000100"
    assert found["manufacturer_image"] == {
        "offset": 60,
        "size": len(IMAGE),
        "sha256": HASH,
    }
    assert found["trailer"] == {
        "offset": 60 + len(IMAGE),
        "flag": "00",
        "length": 64,
        "signature": raw(IMAGE).hex(),
        "verified": None,
    }
    assert found["header"]["field_control"] == "0004"
    assert found["findings"] == []
    assert found["matches"] == [
        {
            "field": "image_hash",
            "expected": HASH,
            "found": HASH,
            "matches": True,
            "mistake": None,
        }
    ]
    assert found["holds"] is True


def test_a_name_that_is_not_utf_8_is_no_obstacle(run: Folder) -> None:
    name = os.fsdecode(b"meter\xff.ota")
    run.write(name, signed_file())

    assert "meter?.ota: GBCS image" in run.good("image", "check", name)
    assert json.loads(run.good("image", "check", name, "--json"))["holds"]


def test_json_tells_findings_with_code_severity_text_and_offset(run: Folder) -> None:
    run.write("meter.ota", unsigned_file())

    ran = run("image", "check", "meter.ota", "--device-type", "ESME", "--json")

    assert ran.code == 1
    (found,) = json.loads(ran.out)["findings"]
    assert found.keys() == {"code", "severity", "text", "offset"}
    assert (found["code"], found["severity"]) == ("trailer-missing", "refuse")
    assert found["offset"] == 60 + len(IMAGE)


def test_a_zigbee_file_is_told_by_its_sub_elements(run: Folder) -> None:
    run.write("lamp.ota", zigbee_file())

    out = run.good("image", "check", "lamp.ota")
    found = msgspec.json.decode(
        run.good("image", "check", "lamp.ota", "--json"), type=CheckWire
    )

    assert "ZigBee file of sub-elements" in out
    assert found.format == "zigbee"
    assert [one.tag for one in found.elements] == ["0000", "0003"]


def test_the_classic_mistake_is_named_in_the_one_line(run: Folder) -> None:
    run.write("meter.ota", signed_file())
    whole = sha256(signed_file()).hexdigest()

    said = run.refused(
        "image", "check", "meter.ota", "--device-type", "ESME", "--hash", whole
    )

    assert said.endswith("what was given is the hash of the whole file")


def a_pipe(path: Path) -> None:
    """Make a pipe that nobody writes to."""
    os.mkfifo(path)


@pytest.mark.parametrize("change", [b"", b"another file, of another length"])
def test_a_file_written_to_while_it_is_read_is_not_judged(
    tmp_path: Path, change: bytes
) -> None:
    file = tmp_path / "meter.ota"
    file.write_bytes(signed_file())

    with (
        pytest.raises(UnavailableError, match="was written to while it was read"),
        file_octets(str(file), most=1000, what="an OTA file") as octets,
    ):
        file.write_bytes(change)
        check(octets)


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda path: path.mkdir(), 1, "expected an OTA file, found a folder"),
        (a_pipe, 1, "expected an OTA file, found a pipe or a device"),
        (lambda path: path.write_bytes(b""), 1, "found no such octets in 0 octets"),
        (
            lambda path: path.write_bytes(bytes(11 << 20)),
            *(1, "of at most 10,240,000 octets, found 11,534,336"),
        ),
        (lambda _path: None, 1, "there is no file bad.ota"),
        (lambda path: path.symlink_to("bad.ota"), 75, "cannot be read: Too many"),
    ],
)
def test_what_is_no_file_to_be_read_is_one_clear_line(
    run: Folder, make: Any, code: int, said: str
) -> None:
    make(run.path / "bad.ota")

    assert said in run.refused("image", "check", "bad.ota", code=code)


def test_a_file_cut_short_is_one_clear_line(run: Folder) -> None:
    for size in (1, 3, 4, 55, 59, 60, 61, 200):
        run.write("cut.ota", signed_file()[:size])
        said = run.refused("image", "check", "cut.ota", "--device-type", "ESME")
        assert "more)" not in said
        assert "fetch the file again" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--hash", "12"), "64 hexadecimal digits, not 2"),
        (("--hash", "O" * 64), "the digit 0 is meant"),
        (("--entry", "1", "--from", "meter.ota"), "meter.ota: "),
        (("--entry", "1", "--from", "nowhere"), "nowhere"),
        (("--certificate", "meter.ota"), "an X.509 certificate"),
        (("--certificate", "nowhere"), "there is no file nowhere"),
        (("--certificate", "supplier.key"), "not a private key"),
    ],
)
def test_a_wrong_option_is_one_clear_line(
    run: Folder, arguments: Sequence[str], said: str
) -> None:
    run.write("meter.ota", signed_file())
    run.write("supplier.key", key_pem())

    assert said in run.refused("image", "check", "meter.ota", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "meter.ota", "--device-type", "LAMP"),
        ("check", "meter.ota", "--entry", "1", "--hash", HASH),
        ("check", "meter.ota", "--from", "var"),
        ("build", "image.bin"),
        ("build", "image.bin", *METER),
        ("build", "image.bin", *METER, "--key", "k", "--to-sign", "t"),
        ("build", "image.bin", *METER, "--signature", "s"),
        ("build", "image.bin", "--device-type", "PPMID", *FACTS, "--key", "k"),
        ("build", "image.bin", *METER[:2], "--key", "k"),
        (
            *("build", "image.bin", *METER, "--key", "k"),
            *("--passphrase-env", "A", "--passphrase-file", "b"),
        ),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    run: Folder, arguments: Sequence[str]
) -> None:
    run.write("image.bin", IMAGE)

    ran = run("image", *arguments)

    assert ran.code == 2
    assert ran.err.splitlines()[-1].startswith("Error: ")


@pytest.fixture
def with_entry(run: Folder) -> Folder:
    """Give a folder with a register that has the entry of the file, 1042."""
    row = a_row(
        1042,
        Device_Type="ESME",
        Manufacturer_Code="A1B3",
        Model_Identifier="0A02",
        Hardware_Version="01",
        Hardware_Revision="02",
        Firmware_Version="24000100",
        Manufacturer_Image_Hash=HASH,
        Min_Hardware="0101",
        Max_Hardware="0103",
    )
    run.good("init", "--data", "register")
    run.write("cpl.csv", a_table(row))
    run.good("import", "cpl.csv", "--data", "register")
    return run


ENTRY = ("--entry", "1042", "--from", "register")


def test_a_file_is_compared_with_an_entry_of_a_register(with_entry: Folder) -> None:
    with_entry.write("meter.ota", signed_file())
    other = a_header(len(IMAGE) + 66, file_version=0x00010024) + signed_file()[60:]
    with_entry.write("other.ota", other)

    found = json.loads(with_entry.good("image", "check", "meter.ota", *ENTRY, "--json"))
    said = with_entry.refused("image", "check", "other.ota", *ENTRY)
    missing = with_entry.refused(
        "image", "check", "meter.ota", "--entry", "7", "--from", "register"
    )

    assert found["device_type"] == "ESME"
    assert {one["field"] for one in found["matches"]} >= {
        *("manufacturer", "model", "hardware", "firmware_version", "image_hash"),
        *("min_hardware", "max_hardware"),
    }
    assert "FirmwareVersion should be 24000100" in said
    assert missing == "there is no entry 7"


def test_a_file_is_compared_with_a_row_of_a_table(with_entry: Folder) -> None:
    with_entry.write("meter.ota", signed_file())
    check = ("image", "check", "meter.ota", "--entry")
    bad = a_table(a_row(1042, Manufacturer_Image_Hash="12"), a_row(9002))
    with_entry.write("bad.csv", bad)

    out = with_entry.good(*check, "1042", "--from", "cpl.csv")
    missing = with_entry.refused(*check, "7", "--from", "cpl.csv")
    unusable = with_entry.refused(*check, "1042", "--from", "bad.csv")

    assert f"as asked: image hash is {HASH}" in out
    assert missing == "cpl.csv has no entry 7"
    assert "the row of entry 1042 cannot be used: line 2" in unusable


def test_a_file_is_compared_with_a_published_workbook(with_entry: Folder) -> None:
    with_entry.write("meter.ota", signed_file())
    with_entry.good("export", "--data", "register", "-o", "fir.xlsx")

    out = with_entry.good(
        "image", "check", "meter.ota", "--entry", "1042", "--from", "fir.xlsx"
    )

    assert f"as asked: image hash is {HASH}" in out


def test_a_file_is_built_from_an_entry_and_a_key(with_entry: Folder) -> None:
    with_entry.write("image.bin", IMAGE)
    with_entry.write("supplier.key", key_pem())

    with_entry.good(
        *("image", "build", "image.bin", *ENTRY, "--key", "supplier.key"),
        *("--text", "Alder ESME", "--out", "meter.ota"),
    )

    assert with_entry.read("meter.ota") == signed_file()


def test_an_image_that_is_not_the_entrys_is_never_signed(with_entry: Folder) -> None:
    with_entry.write("image.bin", IMAGE + b"!")
    with_entry.write("supplier.key", key_pem())
    before = with_entry.names()

    for way in (("--key", "supplier.key"), ("--to-sign", "tbs")):
        said = with_entry.refused("image", "build", "image.bin", *ENTRY, *way)
        assert "Manufacturer Image Hash should be" in said

    assert with_entry.names() == before


def test_a_key_in_hardware_signs_what_is_written_for_it(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.crt", certificate_pem())

    run.good("image", "build", "image.bin", *METER, "--to-sign", "meter.tbs")
    to_sign = run.read("meter.tbs")
    assert run.read("meter.tbs.sha256").decode() == f"{HASH}  meter.tbs\n"

    for number, signature in enumerate((raw(to_sign), der(to_sign))):
        run.write("meter.sig", signature)
        out = run.good(
            *("image", "build", "image.bin", *METER, "--signature", "meter.sig"),
            *("--certificate", "supplier.crt", "--out", f"{number}.ota"),
        )
        assert "signature verified" in out
        assert run.read(f"{number}.ota") == signed_file()


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (raw(IMAGE, 2), "is not one by this certificate"),
        (raw(signed_file()[:-66]), "it is over header and image"),
        (raw(IMAGE)[:40], "a raw signature of 64 octets"),
        (b"", "a raw signature of 64 octets"),
    ],
)
def test_a_wrong_signature_makes_no_file(
    run: Folder, signature: bytes, said: str
) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.crt", certificate_pem())
    run.write("meter.sig", signature)
    before = run.names()

    assert said in run.refused(
        *("image", "build", "image.bin", *METER, "--signature", "meter.sig"),
        *("--certificate", "supplier.crt", "--out", "meter.ota"),
    )
    assert run.names() == before


def test_a_ppmids_file_has_no_trailer_and_a_name_by_zigbee(run: Folder) -> None:
    run.write("image.bin", IMAGE)

    out = run.good(
        *("image", "build", "image.bin", "--device-type", "PPMID", *FACTS, "--json")
    )

    name = f"A1B3-0A02-24000100-{HASH}.zigbee"
    assert json.loads(out)["trailer"] is None
    assert run.read(name) == unsigned_file()


def test_a_file_that_is_there_is_not_replaced_unasked(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.write("meter.ota", b"precious")
    build = (
        *("image", "build", "image.bin", "--device-type", "PPMID", *FACTS),
        *("--out", "meter.ota"),
    )

    assert "there is a file meter.ota already" in run.refused(*build)
    assert run.read("meter.ota") == b"precious"
    run.good(*build, "--overwrite")
    assert run.read("meter.ota") == unsigned_file()
    assert run.names() == {"image.bin", "meter.ota"}


def test_a_folder_that_cannot_be_written_to_is_said(run: Folder) -> None:
    run.write("image.bin", IMAGE)

    said = run.refused(
        *("image", "build", "image.bin", "--device-type", "PPMID", *FACTS),
        *("--out", "nowhere/meter.ota"),
        code=75,
    )

    assert "nowhere/meter.ota cannot be written" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("--firmware", "2400010"), "firmware version: expected 8 hexadecimal digits"),
        (("--model", "0A0201"), "expected 8 hexadecimal digits, or the first 4"),
        (("--hash", "A" * 64), "Manufacturer Image Hash should be"),
        (("--text", "x" * 33), "header string: expected at most 32"),
    ],
)
def test_a_wrong_fact_makes_no_file(
    run: Folder, changes: Sequence[str], said: str
) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.key", key_pem())
    before = run.names()

    assert said in run.refused(
        *("image", "build", "image.bin", *METER, "--key", "supplier.key", *changes)
    )
    assert run.names() == before


def test_a_key_that_others_can_read_is_warned_of(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.key", key_pem(), mode=0o644)

    ran = run("image", "build", "image.bin", *METER, "--key", "supplier.key")

    assert ran.code == 0
    assert "can be read by others" in ran.err


def test_a_certificate_of_another_key_is_refused(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.key", key_pem())
    run.write("supplier.crt", certificate_pem(2))

    assert "is not the key of supplier.crt" in run.refused(
        *("image", "build", "image.bin", *METER, "--key", "supplier.key"),
        *("--certificate", "supplier.crt"),
    )


def encrypted_pem(passphrase: bytes) -> bytes:
    """Write the key under a passphrase."""
    return a_key().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
    )


def test_a_passphrase_comes_from_a_variable_or_a_file(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.key", encrypted_pem(b"open sesame"))
    run.write("phrase", b"open sesame\n")
    build = ("image", "build", "image.bin", *METER, "--key", "supplier.key")

    run.good(*build, "--passphrase-env", "PHRASE", "--out", "1", PHRASE="open sesame")
    run.good(*build, "--passphrase-file", "phrase", "--out", "2")
    wrong = run.refused(*build, "--passphrase-env", "PHRASE", PHRASE="open barley")
    missing = run.refused(*build, "--passphrase-env", "NO_SUCH")
    nobody_to_ask = run.refused(*build)

    assert run.read("1") == run.read("2") == signed_file()
    assert "expected the passphrase of the key, not another" in wrong
    assert "barley" not in wrong
    assert "is not in the environment" in missing
    assert "expected the passphrase of the key" in nobody_to_ask


def test_a_passphrase_is_asked_for_on_a_terminal_and_not_shown(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.write("supplier.key", encrypted_pem(b"open sesame"))
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [FIRTREE, "image", "build", "image.bin", *METER, "--key", "supplier.key"],
        cwd=run.path,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
        start_new_session=True,
    ) as process:
        os.close(follower)
        shown = b""
        while b"Passphrase" not in shown:
            shown += os.read(leader, 1000)
        os.write(leader, b"open sesame\n")
        process.communicate(timeout=60)
        shown += os.read(leader, 1000)
    os.close(leader)

    assert process.returncode == 0
    assert b"sesame" not in shown


def test_a_file_that_is_built_has_usual_rights(run: Folder) -> None:
    run.write("image.bin", IMAGE)
    run.good(
        *("image", "build", "image.bin", "--device-type", "PPMID", *FACTS),
        *("--out", "display.ota"),
    )

    mode = stat.S_IMODE((run.path / "display.ota").stat().st_mode)
    assert mode & 0o600 == 0o600
    assert not mode & 0o111


def test_an_independent_parser_reads_the_header_that_is_built(run: Folder) -> None:
    python = os.environ.get("FIRTREE_ZIGPY_PYTHON")
    if not python:
        pytest.skip("FIRTREE_ZIGPY_PYTHON is not set")
    run.write("image.bin", IMAGE)
    run.write("supplier.key", key_pem())
    run.good(
        *("image", "build", "image.bin", *METER, "--key", "supplier.key"),
        *("--out", "meter.ota"),
    )
    reader = Path(__file__).resolve().parents[2] / "benchmarks" / "zigpy_reader.py"
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}

    done = subprocess.run(
        [python, reader, "1", run.path / "meter.ota"],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )

    (found,) = json.loads(done.stdout)
    assert found.pop("seconds") > 0
    assert found == {
        "manufacturer": "A1B3",
        "image_type": "0A02",
        "file_version": "24000100",
        "total_size": len(signed_file()),
        "hardware": ["0101", "0103"],
        "elements": [],
    }


def test_the_reference_files_are_told(run: Folder, reference: Path) -> None:
    sample = "7542f475e3f12eae887d81e32c46d313741d67076b13caec2f82e00ba5e1bb36"
    for name, kind, trailer in (
        ("rtds-4.9.1-sr11.1-esme.ota", "ESME", "from octet 295: flag octet 00"),
        ("rtds-4.9.1-sr11.4-ppmid.ota", "PPMID", "none"),
    ):
        out = run.good(
            *("image", "check", str(reference / name), "--device-type", kind),
            *("--hash", sample.upper()),
        )
        assert sample in out
        assert any(
            line.split(maxsplit=1) == ["trailer", line.split(maxsplit=1)[1]]
            and trailer in line
            for line in out.splitlines()
            if line.strip().startswith("trailer")
        )
