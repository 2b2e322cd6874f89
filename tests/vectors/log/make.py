"""Make the known answers for the log formats: ``python make.py`` rewrites ``log.json``.

Independent of the library on purpose: it needs the standard library and
``cryptography``, and each function states a definition, not an algorithm. Nothing is
incremental and nothing is cached.

Rules:

* Merkle trees: RFC 6962, section 2.1.
* Checkpoints, notes and tiles: c2sp.org/tlog-checkpoint, c2sp.org/signed-note and
  c2sp.org/tlog-tiles.
* Sections, leaves and the state map: ``docs/formats/`` of this project.
* All inputs are fixed: the same program writes the same octets.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Json: TypeAlias = "str | int | list[Json] | dict[str, Json] | None"
Pairs: TypeAlias = dict[bytes, bytes]

SECTIONS = ("head", "core", "fir", "people", "private")
EMPTY_SUBTREE = bytes(32)
KEY_BITS = 256
TILE_WIDTH = 256
LONGEST_HEX = 6000  # Octets; a longer tile is given by its length and digest.
LINE_WIDTH = 100


def sha256(*parts: bytes) -> bytes:
    """Hash the concatenation of the parts."""
    return hashlib.sha256(b"".join(parts)).digest()


# RFC 6962, section 2.1


def split_point(size: int) -> int:
    """Find k, the largest power of two smaller than the size (at least 2)."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def tree_hash(entries: Sequence[bytes]) -> bytes:
    """Compute MTH(D[n]), the Merkle tree hash of the entries (section 2.1)."""
    if not entries:
        return sha256()
    if len(entries) == 1:
        return sha256(b"\x00", entries[0])
    k = split_point(len(entries))
    return sha256(b"\x01", tree_hash(entries[:k]), tree_hash(entries[k:]))


def audit_path(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """Compute PATH(m, D[n]), the inclusion proof, lowest node first (section 2.1.1)."""
    if len(entries) == 1:
        return []
    k = split_point(len(entries))
    if index < k:
        return [*audit_path(index, entries[:k]), tree_hash(entries[k:])]
    return [*audit_path(index - k, entries[k:]), tree_hash(entries[:k])]


def consistency_proof(old_size: int, entries: Sequence[bytes]) -> list[bytes]:
    """Compute PROOF(m, D[n]) for 0 < m <= n (section 2.1.2)."""
    return subproof_of_known(old_size, entries)


def subproof_of_known(old_size: int, entries: Sequence[bytes]) -> list[bytes]:
    """Compute SUBPROOF(m, D[n], true): the verifier holds the hash of the old tree."""
    if old_size == len(entries):
        return []
    k = split_point(len(entries))
    if old_size <= k:
        return [*subproof_of_known(old_size, entries[:k]), tree_hash(entries[k:])]
    return [*subproof_of_unknown(old_size - k, entries[k:]), tree_hash(entries[:k])]


def subproof_of_unknown(old_size: int, entries: Sequence[bytes]) -> list[bytes]:
    """Compute SUBPROOF(m, D[n], false): this old subtree's hash must be given."""
    if old_size == len(entries):
        return [tree_hash(entries)]
    k = split_point(len(entries))
    if old_size <= k:
        return [*subproof_of_unknown(old_size, entries[:k]), tree_hash(entries[k:])]
    return [*subproof_of_unknown(old_size - k, entries[k:]), tree_hash(entries[:k])]


# Sections, bodies and leaves


def commitment(section: str, octets: bytes, salt: bytes) -> bytes:
    """Commit to a section: HMAC-SHA256 keyed with its salt."""
    message = b"firtree/v1/" + section.encode("ascii") + b"\n" + octets
    return hmac.new(salt, message, hashlib.sha256).digest()


def leaf_octets(at: str, body: bytes, state: bytes) -> bytes:
    """Write the public leaf of a statement."""
    return (
        f'{{"v":1,"at":"{at}","body":"{body.hex()}","state":"{state.hex()}"}}'.encode()
    )


# The state map


def map_key(kind: str, name: str) -> bytes:
    """Hash the kind and name of a list to its key."""
    return sha256(f"firtree/map/v1\n{kind}\n{name}".encode())


def bit(key: bytes, depth: int) -> int:
    """Read one bit; depth 0 is the most significant bit of the first octet."""
    return key[depth // 8] >> (7 - depth % 8) & 1


def half(pairs: Pairs, depth: int, side: int) -> Pairs:
    """Keep the pairs whose key has this bit at this depth."""
    return {key: value for key, value in pairs.items() if bit(key, depth) == side}


def map_hash(pairs: Pairs, depth: int = 0) -> bytes:
    """Compute the hash of the subtree that holds exactly these pairs."""
    if not pairs:
        return EMPTY_SUBTREE
    if len(pairs) == 1:
        [(key, value)] = pairs.items()
        return sha256(b"\x00", key, value)
    left, right = half(pairs, depth, 0), half(pairs, depth, 1)
    return sha256(b"\x01", map_hash(left, depth + 1), map_hash(right, depth + 1))


def map_siblings(
    pairs: Pairs, wanted: bytes, depth: int = 0
) -> tuple[list[bytes], Pairs]:
    """Walk towards a key.

    Returns:
        The siblings from the root down, and the one pair (or none) at the end.
    """
    if len(pairs) <= 1:
        return [], pairs
    side = bit(wanted, depth)
    siblings, end = map_siblings(half(pairs, depth, side), wanted, depth + 1)
    return [map_hash(half(pairs, depth, 1 - side), depth + 1), *siblings], end


# Signed notes


@dataclass(frozen=True)
class Signer:
    """An Ed25519 note key with its name."""

    name: str
    seed: bytes

    @property
    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public_key(self) -> bytes:
        """The 32 octets of RFC 8032."""
        return self._private_key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """The four octets that begin each signature."""
        return sha256(self.name.encode(), b"\n", b"\x01", self.public_key)[:4]

    @property
    def verifier_key(self) -> str:
        """The text a client is configured with."""
        public_part = base64(b"\x01" + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{public_part}"

    def signature_line(self, text: str) -> str:
        """Sign the text of a note, its last newline included."""
        signature = self._private_key.sign(text.encode())
        return f"\u2014 {self.name} {base64(self.key_id + signature)}\n"


def base64(octets: bytes) -> str:
    """Encode with the standard alphabet and padding (RFC 4648, section 4)."""
    return b64encode(octets).decode("ascii")


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Write the text of a checkpoint, without extension lines."""
    return f"{origin}\n{size}\n{base64(root)}\n"


def signed_note(text: str, signers: Iterable[Signer]) -> str:
    """Append a blank line and one signature line for each signer."""
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


# Tiles


def tile(entries: Sequence[bytes], level: int, number: int) -> list[bytes]:
    """Compute the hashes of a tile: those that a tree of these entries completes."""
    span = TILE_WIDTH**level
    starts = range(number * TILE_WIDTH * span, (number + 1) * TILE_WIDTH * span, span)
    return [
        tree_hash(entries[i : i + span]) for i in starts if i + span <= len(entries)
    ]


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Write the path of a tile, or of a bundle where the level is ``entries``."""
    digits = str(number)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    index = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{index}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tile_rows(size: int) -> list[Json]:
    """List the levels of a tree: the full tiles, the width of the partial one."""
    rows: list[Json] = []
    level = 0
    while size // TILE_WIDTH**level:
        complete = size // TILE_WIDTH**level
        full, width = complete // TILE_WIDTH, complete % TILE_WIDTH
        rows.append({"level": level, "full": full, "partial_width": width})
        level += 1
    return rows


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Prefix each entry with its length, two octets, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


# The vectors


def numbered_leaves(size: int) -> list[bytes]:
    """List the entries ``leaf 0``, ``leaf 1`` and so on."""
    return [f"leaf {n}".encode("ascii") for n in range(size)]


def salt(number: int) -> bytes:
    """Derive a fixed salt; real ones are random."""
    return sha256(b"salt", str(number).encode("ascii"))


def hexes(hashes: Iterable[bytes]) -> list[Json]:
    """Write each hash in lower-case hexadecimal."""
    return [each.hex() for each in hashes]


def rfc6962_vectors() -> Json:
    """Cover the well-known tree of eight leaves, and larger ones."""
    small = [
        bytes.fromhex(text)
        for text in (
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        )
    ]
    sizes = range(1, len(small) + 1)
    large = numbered_leaves(65537)
    return {
        "small": {
            "entries": hexes(small),
            "leaf_hashes": hexes(sha256(b"\x00", entry) for entry in small),
            "roots": hexes(tree_hash(small[:size]) for size in range(len(small) + 1)),
            "inclusion": [
                {
                    "index": index,
                    "size": size,
                    "proof": hexes(audit_path(index, small[:size])),
                }
                for size in sizes
                for index in range(size)
            ],
            "consistency": [
                {
                    "old": old,
                    "size": size,
                    "proof": hexes(consistency_proof(old, small[:size])),
                }
                for size in sizes
                for old in range(1, size + 1)
            ],
        },
        "large": {
            "entry": "leaf <n>, in ASCII, n decimal from 0",
            "roots": [
                {"size": size, "root": tree_hash(large[:size]).hex()}
                for size in (1, 8, 255, 256, 257, 511, 512, 513, 600, 65536, 65537)
            ],
            "inclusion": [
                {
                    "index": index,
                    "size": size,
                    "proof": hexes(audit_path(index, large[:size])),
                }
                for index, size in (
                    (0, 257),
                    (255, 257),
                    (256, 257),
                    (300, 600),
                    (599, 600),
                    (12345, 65537),
                    (65536, 65537),
                )
            ],
            "consistency": [
                {
                    "old": old,
                    "size": size,
                    "proof": hexes(consistency_proof(old, large[:size])),
                }
                for old, size in (
                    (255, 256),
                    (256, 257),
                    (257, 600),
                    (513, 65537),
                    (65536, 65537),
                )
            ],
        },
    }


@dataclass(frozen=True)
class Section:
    """The octets of a section: a text in UTF-8, repeated."""

    text: str
    times: int = 1

    @property
    def octets(self) -> bytes:
        """The text as often as it says."""
        return self.text.encode() * self.times


BODIES: dict[str, tuple[Section, Section, Section, Section, Section]] = {
    "all empty": (Section(""), Section(""), Section(""), Section(""), Section("")),
    "ASCII": (
        Section('{"subject":"121D/0000A101","type":"entry"}'),
        Section('{"device_model":"0000A101","manufacturer":"121D","status":"Current"}'),
        Section('{"release_notes":"https://example.com/notes"}'),
        Section(""),
        Section(""),
    ),
    "UTF-8": (
        Section('{"by":"K\u00f6nig & S\u00f8nner"}'),
        Section('{"note":"\u20ac 5, \u03a9, \u6f22\u5b57, \U0001f332"}'),
        Section('{"note":"e\u0301 is not \u00e9"}'),
        Section('{"contact":"Zo\u00eb \u0160\u0165astn\u00e1"}'),
        Section('{"line":"one\\ntwo","nul":"\\u0000"}'),
    ),
    "octets that look like the prefix": (
        Section("firtree/v1/core\n"),
        Section("\n"),
        Section("\x00"),
        Section(" "),
        Section("{}"),
    ),
    "large": (
        Section('{"type":"entry"}'),
        Section("0123456789abcdef", 4096),
        Section("\u00e9", 70000),
        Section("x", 63),
        Section("evidence\n", 100000),
    ),
    "same octets in every section": (
        Section("[]"),
        Section("[]"),
        Section("[]"),
        Section("[]"),
        Section("[]"),
    ),
}


def body_commitments(sections: Sequence[Section], first_salt: int) -> list[bytes]:
    """Commit to the five sections in their order, with consecutive salts."""
    return [
        commitment(name, section.octets, salt(first_salt + n))
        for n, (name, section) in enumerate(zip(SECTIONS, sections, strict=True))
    ]


def body_hash(example: str) -> bytes:
    """Hash the body of a named example."""
    number = list(BODIES).index(example)
    return sha256(*body_commitments(BODIES[example], number * len(SECTIONS)))


def section_vectors() -> Json:
    """Cover commitments and bodies."""
    bodies: list[Json] = []
    for number, (example, sections) in enumerate(BODIES.items()):
        first_salt = number * len(SECTIONS)
        commitments = body_commitments(sections, first_salt)
        rows: list[Json] = [
            {
                "section": name,
                "text": section.text,
                "times": section.times,
                "octets": len(section.octets),
                "salt": salt(first_salt + n).hex(),
                "commitment": commitments[n].hex(),
            }
            for n, (name, section) in enumerate(zip(SECTIONS, sections, strict=True))
        ]
        bodies.append(
            {"name": example, "sections": rows, "body": body_hash(example).hex()}
        )
    return {"order": list(SECTIONS), "bodies": bodies}


def entry_list(rows: Iterable[tuple[int, int, bytes]]) -> str:
    """Write a model's list: entry id, newest statement, body; sorted by id."""
    return json.dumps(
        [[i, n, body.hex()] for i, n, body in sorted(rows)], separators=(",", ":")
    )


@dataclass(frozen=True)
class MapEntry:
    """One list of the state map, under its kind and name."""

    kind: str
    name: str
    list_text: str

    @property
    def key(self) -> bytes:
        """The key in the map."""
        return map_key(self.kind, self.name)

    @property
    def value(self) -> bytes:
        """The value in the map."""
        return sha256(self.list_text.encode())

    def row(self) -> list[Json]:
        """Write kind, name and list."""
        return [self.kind, self.name, self.list_text]


def map_entry(number: int) -> MapEntry:
    """Invent one list: mostly of models with one entry, some with three."""
    digest = sha256(b"map entry", str(number).encode("ascii"))
    if number % 50 == 1:
        kind = ("party", "deposit", "policy")[number // 50 % 3]
        return MapEntry(kind, f"{kind}-{number}", f'[["{kind}",{number}]]')
    rows = 3 if number % 100 == 0 else 1
    name = f"{digest[:2].hex()}\n{digest[2:6].hex()}".upper()
    ids = [number + 1 + 997 * n for n in range(rows)]
    return MapEntry(
        "model",
        name,
        entry_list((i, 3 * i + 1, sha256(digest, b"%d" % i)) for i in ids),
    )


def pairs_of(entries: Iterable[MapEntry]) -> Pairs:
    """Collect keys and values; the last entry of a key counts."""
    return {entry.key: entry.value for entry in entries}


def map_proof(pairs: Pairs, key: bytes) -> dict[str, Json]:
    """Prove what the map holds under a key, or that it holds nothing."""
    siblings, pair = map_siblings(pairs, key)
    end: Json = None
    for end_key, end_value in pair.items():
        end = {"key": end_key.hex(), "value": end_value.hex()}
    found = pairs.get(key)
    value = None if found is None else found.hex()
    return {"key": key.hex(), "value": value, "siblings": hexes(siblings), "end": end}


def named_proofs(entries: Sequence[MapEntry], size: int) -> list[Json]:
    """Prove some names of the map of this size, present and absent."""
    pairs = pairs_of(entries[:size])
    present = [entry.name for entry in entries[:size] if entry.kind == "model"][:3]
    absent = absent_names(pairs)
    proofs: list[Json] = [
        {
            "size": size,
            "kind": "model",
            "name": name,
            **map_proof(pairs, map_key("model", name)),
        }
        for name in present + absent
    ]
    return proofs


def absent_names(pairs: Pairs) -> list[str]:
    """Find absent names: two that end at another key, two that end at nothing."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for number in range(5000):
        name = f"FFFF\n{number:08X}"
        _, end = map_siblings(pairs, map_key("model", name))
        names = found[bool(end)]
        if len(names) < 2:
            names.append(name)
        if all(len(names) == 2 for names in found.values()):
            break
    return found[True] + found[False]


def flip(key: bytes, depth: int) -> bytes:
    """Invert one bit of a key."""
    mask = 1 << (KEY_BITS - 1 - depth)
    return (int.from_bytes(key, "big") ^ mask).to_bytes(32, "big")


def deep_map_vectors() -> Json:
    """Cover keys that share long prefixes, which no hashing would give."""
    base = sha256(b"deep")
    value = sha256(b"deep value")
    other = sha256(b"other value")
    examples = (
        ({base: value, flip(base, 0): other}, [0, 255]),
        ({base: value, flip(base, 7): other, flip(base, 8): value}, [6, 7, 8, 9]),
        ({base: value, flip(base, 20): other}, [5, 19, 20, 21]),
        ({base: value, flip(base, 255): other}, [0, 254]),
    )
    return [
        {
            "pairs": raw_pairs(pairs),
            "root": map_hash(pairs).hex(),
            "proofs": raw_proofs(pairs, depths),
        }
        for pairs, depths in examples
    ]


def raw_pairs(pairs: Pairs) -> list[Json]:
    """Write keys and values."""
    return [[key.hex(), value.hex()] for key, value in pairs.items()]


def raw_proofs(pairs: Pairs, depths: Iterable[int]) -> list[Json]:
    """Prove the first key, and those that differ from it in the bit at a depth."""
    first = next(iter(pairs))
    return [
        map_proof(pairs, key)
        for key in (first, *(flip(first, depth) for depth in depths))
    ]


def map_vectors() -> Json:
    """Cover keys, roots, changes and proofs of the state map."""
    numbers = sorted(range(1000), key=lambda number: sha256(b"order", b"%d" % number))
    entries = [map_entry(number) for number in numbers]
    sample = [
        MapEntry("model", "121D\n0000A101", entry_list([(7, 0, sha256(b"a"))])),
        MapEntry(
            "model",
            "121D\n0000A102",
            entry_list(
                [(1003, 12, sha256(b"b")), (9, 5, sha256(b"c")), (10, 3, sha256(b"d"))]
            ),
        ),
        MapEntry("model", "121D\n0000A103", "[]"),
        MapEntry("party", "121D", "[]"),
        MapEntry("deposit", "121D\n0000A101", ""),
        MapEntry("policy", "", '{"name":"S\u00f8nner"}'),
    ]
    sizes = (0, 1, 2, 3, 10, 100, 1000)
    return {
        "keys": [
            {
                "kind": entry.kind,
                "name": entry.name,
                "list": entry.list_text,
                "key": entry.key.hex(),
                "value": entry.value.hex(),
                "leaf_hash": sha256(b"\x00", entry.key, entry.value).hex(),
            }
            for entry in sample
        ],
        "entry_columns": ["kind", "name", "list"],
        "entries": [entry.row() for entry in entries],
        "roots": [
            {"size": size, "root": map_hash(pairs_of(entries[:size])).hex()}
            for size in sizes
        ],
        "proofs": [proof for size in sizes for proof in named_proofs(entries, size)],
        "changes": change_vectors(entries[:10]),
        "deep": deep_map_vectors(),
    }


def change_vectors(entries: Sequence[MapEntry]) -> Json:
    """Replace lists one after the other in the map of ten; the root after each."""
    pairs = pairs_of(entries)
    steps: list[Json] = []
    changes = [MapEntry(entry.kind, entry.name, "[]") for entry in entries[:4]]
    for change in [*changes, entries[0]]:
        pairs |= pairs_of([change])
        steps.append({"set": change.row(), "root": map_hash(pairs).hex()})
    return {"start_size": len(entries), "steps": steps}


@dataclass(frozen=True)
class Statement:
    """One statement of the example log: its body, entry and model."""

    body: str
    entry: int
    name: str


def leaf_vectors() -> Json:
    """Cover leaves, in a log of three transactions with four statements."""
    transactions = [
        ("2026-11-22T12:00:00.123456Z", [Statement("all empty", 7, "121D\n0000A101")]),
        (
            "2026-11-22T12:00:01.000000Z",
            [
                Statement("ASCII", 9, "121D\n0000A101"),
                Statement("UTF-8", 10, "10FA\n0000B002"),
            ],
        ),
        ("2027-01-01T00:00:00.000001Z", [Statement("large", 7, "121D\n0000A101")]),
    ]
    lists: dict[str, dict[int, tuple[int, int, bytes]]] = {}
    leaves: list[bytes] = []
    rows: list[Json] = []
    for number, (at, statements) in enumerate(transactions):
        for index, statement in enumerate(statements, start=len(leaves)):
            row = (statement.entry, index, body_hash(statement.body))
            lists.setdefault(statement.name, {})[statement.entry] = row
        entries = [
            MapEntry("model", name, entry_list(found.values()))
            for name, found in lists.items()
        ]
        state = map_hash(pairs_of(entries))
        for statement in statements:
            body = body_hash(statement.body)
            leaf = leaf_octets(at, body, state)
            leaves.append(leaf)
            rows.append(
                {
                    "index": len(leaves) - 1,
                    "transaction": number,
                    "body_name": statement.body,
                    "at": at,
                    "body": body.hex(),
                    "state": state.hex(),
                    "map": [entry.row() for entry in entries],
                    "leaf": leaf.decode(),
                    "octets": len(leaf),
                    "leaf_hash": sha256(b"\x00", leaf).hex(),
                    "root": tree_hash(leaves).hex(),
                }
            )
    return rows


def checkpoint_vectors() -> Json:
    """Cover checkpoints with one and two signatures, and a published example."""
    origin = "log.example/firtree-4c1f0a"
    signer = Signer(origin, sha256(b"key 1"))
    next_signer = Signer(origin, sha256(b"key 2"))
    other_name = Signer("other.example/log", sha256(b"key 1"))
    signers = [signer, next_signer, other_name]
    notes: list[Json] = []
    for size, used in (
        (0, [0]),
        (1, [0]),
        (8, [0]),
        (257, [0]),
        (257, [0, 1]),
        (257, [2, 1]),
    ):
        root = tree_hash(numbered_leaves(size))
        text = checkpoint_text(origin, size, root)
        note = signed_note(text, [signers[n] for n in used])
        notes.append(
            {
                "origin": origin,
                "size": size,
                "root": root.hex(),
                "signers": [*used],
                "text": text,
                "note": note,
            }
        )
    return {
        "signers": [
            {
                "name": each.name,
                "seed": each.seed.hex(),
                "public_key": each.public_key.hex(),
                "key_id": each.key_id.hex(),
                "verifier_key": each.verifier_key,
            }
            for each in signers
        ],
        "notes": notes,
        "specification": specification_note(),
    }


def specification_note() -> Json:
    """Give the example of c2sp.org/signed-note, after checking that it verifies."""
    verifier_key = (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    )
    text = "This is an example message.\n"
    signature = (
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONn"
        "cAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    )
    public_key = b64decode(verifier_key.split("+", 2)[2])[1:]
    Ed25519PublicKey.from_public_bytes(public_key).verify(
        b64decode(signature)[4:], text.encode()
    )
    return {
        "verifier_key": verifier_key,
        "text": text,
        "note": f"{text}\n\u2014 example.com/foo {signature}\n",
    }


def tile_vectors() -> Json:
    """Cover tiles of a tree of 600 leaves, paths, levels and entry bundles."""
    size = 600
    entries = numbered_leaves(size)
    tiles: list[Json] = []
    for level, number in ((0, 0), (0, 1), (0, 2), (1, 0)):
        hashes = tile(entries, level, number)
        octets = b"".join(hashes)
        tiles.append(
            {
                "path": tile_path(level, number, len(hashes)),
                "level": level,
                "number": number,
                "width": len(hashes),
                "octets": len(octets),
                "sha256": sha256(octets).hex(),
                "first": hashes[0].hex(),
                "last": hashes[-1].hex(),
                "hex": octets.hex() if len(octets) <= LONGEST_HEX else None,
            }
        )
    places: list[tuple[int | str, int, int]] = [
        (level, number, 256)
        for level in (0, 1, "entries")
        for number in (0, 5, 999, 1000, 1234067)
    ]
    places += [
        (0, 0, 1),
        (0, 2, 88),
        (1, 0, 2),
        ("entries", 1234067, 255),
        (63, 1000000, 7),
    ]
    return {
        "size": size,
        "entry": "leaf <n>, in ASCII, n decimal from 0",
        "tiles": tiles,
        "paths": [
            {
                "level": level,
                "number": number,
                "width": width,
                "path": tile_path(level, number, width),
            }
            for level, number, width in places
        ],
        "levels": [
            {"size": each, "levels": tile_rows(each)}
            for each in (0, 1, 255, 256, 257, 600, 65535, 65536, 65537, 70000)
        ],
        "bundles": bundle_vectors(entries),
    }


def bundle_vectors(entries: Sequence[bytes]) -> Json:
    """Cover entry bundles: from none to a full one, and long entries."""
    leaf = leaf_octets(
        "2026-11-22T12:00:00.123456Z", body_hash("all empty"), EMPTY_SUBTREE
    )
    examples = {
        "none": [],
        "three": entries[:3],
        "an empty entry between two": [b"a", b"", b"b"],
        "two real leaves": [leaf, leaf],
        "lengths 255, 256 and 300": [b"x" * 255, b"y" * 256, b"z" * 300],
    }
    bundles: list[Json] = []
    for example, chosen in examples.items():
        octets = entry_bundle(chosen)
        row: dict[str, Json] = {
            "name": example,
            "entries": hexes(chosen),
            "octets": len(octets),
        }
        bundles.append(row | {"sha256": sha256(octets).hex(), "hex": octets.hex()})
    large = {
        "tile/entries/000": entry_bundle(entries[:256]),
        "tile/entries/002.p/88": entry_bundle(entries[512:]),
        "one entry of 65535 octets x": entry_bundle([b"x" * 65535]),
    }
    digests: list[Json] = [
        {"name": name, "octets": len(octets), "sha256": sha256(octets).hex()}
        for name, octets in large.items()
    ]
    return {"given": bundles, "large": digests}


# Writing


def render(value: Json, indent: str = "") -> str:
    """Write JSON for reading: what fits on a line stays on one."""
    line = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str | int | None) or len(indent) + len(line) <= LINE_WIDTH:
        return line
    inner = indent + " "
    if isinstance(value, dict):
        items = [
            f"{json.dumps(name)}: {render(each, inner)}" for name, each in value.items()
        ]
        return "{\n" + ",\n".join(inner + item for item in items) + "\n" + indent + "}"
    items = [
        json.dumps(each, ensure_ascii=False) if is_row(each) else render(each, inner)
        for each in value
    ]
    return "[\n" + ",\n".join(inner + item for item in items) + "\n" + indent + "]"


def is_row(value: Json) -> bool:
    """Tell a flat list, which stays on one line however long."""
    return isinstance(value, list) and all(
        isinstance(each, str | int | None) for each in value
    )


def main() -> None:
    """Write ``log.json`` beside this program."""
    vectors: Json = {
        "rfc6962": rfc6962_vectors(),
        "sections": section_vectors(),
        "leaves": leaf_vectors(),
        "map": map_vectors(),
        "checkpoints": checkpoint_vectors(),
        "tiles": tile_vectors(),
    }
    target = Path(__file__).with_name("log.json")
    target.write_text(render(vectors) + "\n", encoding="utf-8", newline="\n")
    print(f"{target.name}: {target.stat().st_size} octets")  # noqa: T201


if __name__ == "__main__":
    main()
