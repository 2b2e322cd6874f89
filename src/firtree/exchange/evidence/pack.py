"""The evidence pack as a zip file; what is the same gives the same octets."""

import base64
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

from firtree.exchange.evidence.page import File, write_page
from firtree.exchange.proof_file import Checked, ProofFileWire, write_proof_file
from firtree.exchange.to_wire import entry_wire
from firtree.ledger.notes import Note, Verifier
from firtree.ledger.sections import SALT_OCTETS, SECTIONS
from firtree.statements.stateproof import Recorded

PAGE = "evidence.html"
# Ed25519 in a SubjectPublicKeyInfo (RFC 8410, section 4), before the key's 32 octets.
_SPKI = bytes.fromhex("302a300506032b6570032100")
_CHECK = Path(__file__).with_name("check.py.txt")


class _Member(NamedTuple):
    """A file of the pack; an empty meaning = one of many, told of together."""

    name: str
    octets: bytes
    meaning: str


def write_pack(wire: ProofFileWire, checked: Checked, verifier: Verifier) -> bytes:
    """Write the pack.

    Args:
        wire: the proof.
        checked: the same, verified.
        verifier: the key of the log.
    """
    members = [*_proofs(wire, verifier), *_data(checked)]
    told = [File(one.name, one.meaning) for one in members if one.meaning]
    told += [
        File("statements/…", "each statement: its leaf, and its open parts with salts"),
        File("SHA256SUMS", "fingerprints of all files"),
    ]
    page = write_page(checked, wire.answers, verifier, [File(PAGE, "this page"), *told])
    members.insert(0, _Member(PAGE, page.encode(), ""))
    sums = "".join(f"{sha256(m.octets).hexdigest()}  {m.name}\n" for m in members)
    members.append(_Member("SHA256SUMS", sums.encode(), ""))
    return _zipped(members, checked.shown.last_at)


def _proofs(wire: ProofFileWire, verifier: Verifier) -> Iterator[_Member]:
    log_proof = wire.proof.log_proof
    note = Note.parse(log_proof.partition("\n\n")[2])
    [signature, *_] = note.signatures_of(verifier.name, verifier.key_id)
    pem = base64.b64encode(_SPKI + verifier.public).decode()
    yield _Member("proof.json", write_proof_file(wire), "question, answers and proof")
    yield _Member(
        "last.tlog-proof",
        log_proof.encode(),
        "that the last statement is in the log (c2sp.org/tlog-proof)",
    )
    signed = "the checkpoint (c2sp.org/tlog-checkpoint)"
    yield _Member("checkpoint.txt", str(note).encode(), signed)
    yield _Member(
        "checkpoint-text.txt", note.text.encode(), "what of it the log has signed"
    )
    yield _Member("checkpoint-signature.bin", signature, "the log’s Ed25519 signature")
    yield _Member(
        "log-key.txt", f"{verifier}\n".encode(), "the log’s public key, to be compared"
    )
    yield _Member(
        "log-key.pem",
        f"-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n".encode(),
        "the same key, as openssl reads it",
    )
    yield _Member(
        "check.py",
        _CHECK.read_bytes(),
        "checks the signature, the proofs and the files",
    )


def _data(checked: Checked) -> Iterator[_Member]:
    wires = [entry_wire(entry) for entry in checked.entries]
    octets = msgspec.json.format(msgspec.json.encode(wires), indent=1) + b"\n"
    yield _Member("entries.json", octets, "every entry of the hardware model, as data")
    for number, recorded in sorted(checked.shown.statements.items()):
        yield from _statement(f"statements/{number}", recorded)


def _statement(folder: str, recorded: Recorded) -> Iterator[_Member]:
    statement = recorded.statement
    yield _Member(f"{folder}/leaf.json", statement.leaf, "")
    for place, (name, octets) in enumerate(
        zip(SECTIONS, statement.body.sections, strict=True)
    ):
        if octets:
            start = place * SALT_OCTETS
            salt = statement.body.salts[start : start + SALT_OCTETS]
            yield _Member(f"{folder}/{name}.json", octets, "")
            yield _Member(f"{folder}/{name}.salt", f"{salt.hex()}\n".encode(), "")


def _zipped(members: list[_Member], at: datetime) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as pack:
        for member in members:
            info = ZipInfo(member.name, at.timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            pack.writestr(info, member.octets)
    return out.getvalue()
