"""What a server answers about a device is checked against the log, if one asks so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import msgspec
import pytest

from afar import environ, firtree, good, serving
from firtree.catalogue.answer import Device
from firtree.client.proven import Asker, check_answer
from firtree.devices import DeviceType
from firtree.errors import NotFoundError, VerificationError
from firtree.exchange.reach import ReachWire
from firtree.exchange.wire import AssessmentWire
from firtree.ledger.notes import Signer
from firtree.ledger.policy import Policy, TrustedLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEVICE = Device(
    device_type=DeviceType.ESME,
    manufacturer="A1B3",
    model="0A02010A",
    firmware="24000100",
)
OPTIONS = ("--manufacturer", DEVICE.manufacturer, "--model", DEVICE.model)
ALL = ReachWire()
OTHER = Policy((TrustedLog(Signer("log.example", bytes(32)).verifier),), (), (), "none")
UNLISTED = {
    "unlisted firmware": (*OPTIONS, "--firmware", "99000100"),
    "a misread version": (*OPTIONS, "--firmware", "00040024"),
    "firmware of other hardware": (
        *("--manufacturer", "A1B3", "--model", "0A0201FF"),
        *("--firmware", "24000100"),
    ),
    "an unknown maker": (
        *("--manufacturer", "FFFF", "--model", "0A0201FF"),
        *("--firmware", "24000100"),
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a register, and the policy of whoever trusts it."""
    path = tmp_path_factory.mktemp("proven")
    good(path, "demo", "--data", "register", "--entries", "60")
    (path / "policy").write_text(good(path, "log", "policy", "--data", "register"))
    return path


@pytest.fixture(scope="module", params=["administrator", "supplier", "manufacturer"])
def place(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Serve it, to somebody of each kind."""
    with serving(folder, email=f"{request.param}@demo.example") as address:
        yield address


def asked(folder: Path, place: str, *device: str) -> Any:
    """Look a device up, with and without a check; the answer is the same."""
    found = {}
    for policy in ((), ("--policy", "policy")):
        arguments = ("lookup", "--from", place, *device, *policy, "--json")
        found[policy] = json.loads(good(folder, *arguments))
    plain, checked = found.values()
    source = checked.pop("source")
    assert "checked against the log firtree.local/demo-" in source["notes"][0]
    assert "not witnessed" in source["notes"][1]
    assert "the server's word" in plain.pop("source")["notes"][0]
    assert plain == checked
    return checked


def test_the_answer_for_every_entry_is_proven(folder: Path, place: str) -> None:
    headers = {"Authorization": f"Bearer {environ()['FIRTREE_TOKEN']}"}
    policy = Policy.parse((folder / "policy").read_bytes())
    with httpx.Client(base_url=place, headers=headers) as http:
        entries = http.get("/api/v1/entries?limit=200").json()["entries"]
        end = http.get("/api/v1/statements?start=0").text.splitlines()[-1]
        told = json.loads(end)
        asker = Asker(told["asker"], msgspec.convert(told["reach"], ReachWire))
        for one in entries:
            device = Device(
                device_type=DeviceType(one["device_type"]),
                manufacturer=one["manufacturer"],
                model=one["model"],
                firmware=one["firmware"],
            )
            names = ("device_type", "manufacturer", "model", "firmware")
            asked_of = {"proof": "1", **{name: one[name] for name in names}}
            octets = http.get("/api/v1/assessment", params=asked_of).content
            answer = msgspec.json.decode(octets, type=AssessmentWire)
            check_answer(answer, device, policy, asker, datetime.now(UTC))

    assert len(entries) >= 3


def test_that_something_is_not_listed_is_proven_too(folder: Path) -> None:
    # Who may see all is also shown where the absence of a model ends.
    with serving(folder) as place:
        standings = [
            asked(folder, place, *one)["standing"] for one in UNLISTED.values()
        ]

    assert standings == ["unlisted-firmware"] * 2 + ["unknown-model"] * 2


@pytest.fixture(scope="module")
def supplied(folder: Path) -> Iterator[str]:
    """Serve it to a supplier."""
    with serving(folder, email="supplier@demo.example") as address:
        yield address


class Given(NamedTuple):
    """An answer that a server gave, and whom its reader trusts."""

    answer: AssessmentWire
    policy: Policy

    def check(
        self, answer: AssessmentWire | None = None, asker: Asker | None = None
    ) -> None:
        """Check it, or another one, for whoever asked."""
        check_answer(
            answer or self.answer,
            DEVICE,
            self.policy,
            asker or Asker("", ALL),
            datetime.now(UTC),
        )


@pytest.fixture(scope="module")
def given(folder: Path, supplied: str) -> Given:
    """Ask about a device."""
    headers = {"Authorization": f"Bearer {environ()['FIRTREE_TOKEN']}"}
    asked_of = {
        "device_type": "ESME",
        "manufacturer": DEVICE.manufacturer,
        "model": DEVICE.model,
        "firmware": DEVICE.firmware,
        "proof": "1",
    }
    url = f"{supplied}/api/v1/assessment"
    octets = httpx.get(url, params=asked_of, headers=headers).content
    answer: AssessmentWire = msgspec.json.decode(octets, type=AssessmentWire)
    return Given(answer, Policy.parse((folder / "policy").read_bytes()))


def test_each_field_of_an_answer_is_compared(given: Given) -> None:
    given.check()
    changes: dict[str, Any] = {
        "standing": "current",
        "target": 1,
        "pathway": (),
        "steps": given.answer.steps[:-1],
        "warnings": given.answer.warnings[1:],
        "contact": None,
    }
    for field, value in changes.items():
        forged = msgspec.structs.replace(given.answer, **{field: value})
        with pytest.raises(VerificationError, match=f"it differs in {field}$"):
            given.check(forged)


def test_an_answer_without_its_proof_or_with_another_is_refused(given: Given) -> None:
    proof = given.answer.proof
    assert not isinstance(proof, msgspec.UnsetType)
    of_size = msgspec.structs.replace(
        given.answer, log=msgspec.structs.replace(given.answer.log, size=7)
    )
    left_out = msgspec.structs.replace(proof, statements=proof.statements[:-1])
    listed = msgspec.structs.replace(
        proof, lists=tuple(one for one in proof.lists if one.kind != "model")
    )
    for forged, told in (
        (msgspec.structs.replace(given.answer, proof=msgspec.UNSET), "gave no proof"),
        (of_size, "is of log size 7, but proven under a checkpoint of 80"),
        (
            msgspec.structs.replace(given.answer, proof=left_out),
            "listed, but not shown",
        ),
        (msgspec.structs.replace(given.answer, proof=listed), "does not show the"),
    ):
        with pytest.raises(VerificationError, match=told):
            given.check(forged)


def test_that_a_model_is_absent_may_be_left_out_of_a_proof(given: Given) -> None:
    proof = given.answer.proof
    assert not isinstance(proof, msgspec.UnsetType)
    nothing = msgspec.structs.replace(proof, lists=(), statements=())
    unknown = msgspec.structs.replace(
        given.answer, standing="unknown-model", proof=nothing
    )

    with pytest.raises(NotFoundError, match="and did not prove it"):
        given.check(unknown)


def test_who_may_see_less_is_told_what_cannot_be_proven(given: Given) -> None:
    nothing = ReachWire(makers=())

    with pytest.raises(NotFoundError, match="not among what you may see"):
        given.check(asker=Asker("", nothing))


def test_the_policy_of_another_log_is_told(folder: Path, supplied: str) -> None:
    (folder / "other").write_bytes(OTHER.encode())
    asking = ("lookup", *OPTIONS, "--firmware", "24000100")

    wrong = firtree(folder, *asking, "--from", supplied, "--policy", "other")

    assert wrong.code == 1
    assert "the policy is for 'log.example', and this is of the log 'fir" in wrong.line
    for more in (("--data", "register"), ("--from", supplied, "--at", "3")):
        usage = firtree(folder, *asking, *more, "--policy", "policy")
        assert usage.code == 2
        assert "--policy: " in usage.err
