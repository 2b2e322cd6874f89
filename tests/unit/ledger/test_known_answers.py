"""Formats of the log against answers that were made independently."""

from __future__ import annotations

import ast
import json
import random
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from firtree.errors import VerificationError
from firtree.ledger.leaf import LEAF_OCTETS, Leaf
from firtree.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, root_of
from firtree.ledger.notes import Checkpoint, Signer, Verifier
from firtree.ledger.sections import (
    SECTIONS,
    Body,
    Sections,
    erased,
    sealed,
    verify_body,
)
from firtree.ledger.statemap import StateMap, map_key
from firtree.ledger.tiles import full_leaf_tiles, higher_tiles, tile_path

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors/log/log.json").read_text(encoding="utf-8")
)
PACK_CHECK = files("firtree.exchange.evidence") / "check.py.txt"
MAP = VECTORS["map"]
CHECKPOINTS = VECTORS["checkpoints"]
ENTRIES: list[tuple[bytes, bytes]] = [
    (map_key(kind, name), sha256(listed.encode()).digest())
    for kind, name, listed in MAP["entries"]
]


def numbered(size: int) -> list[bytes]:
    """Hash the leaves ``leaf 0``, ``leaf 1`` and so on."""
    return [leaf_hash(f"leaf {n}".encode()) for n in range(size)]


# trees


def test_roots_of_the_small_tree_are_known() -> None:
    small = VECTORS["rfc6962"]["small"]
    hashes = [leaf_hash(bytes.fromhex(entry)) for entry in small["entries"]]

    assert [each.hex() for each in hashes] == small["leaf_hashes"]
    roots = [root_of(hashes[:size]).hex() for size in range(len(hashes) + 1)]
    assert roots == small["roots"]
    assert roots[0] == EMPTY_ROOT.hex()


def test_roots_of_large_trees_are_known_however_they_grow() -> None:
    known = {row["size"]: row["root"] for row in VECTORS["rfc6962"]["large"]["roots"]}
    hashes = numbered(max(known))
    frontier, found = Frontier(), {}
    for size in sorted(known):
        frontier, _ = frontier.grown(hashes[frontier.size : size])
        found[size] = frontier.root.hex()

    assert found == known
    assert max(known) == 65537


def test_tiles_are_known() -> None:
    vectors = VECTORS["tiles"]
    size = vectors["size"]
    hashes = numbered(size)
    _, gained = Frontier().grown(hashes)
    tiles = {(0, n): hashes[n * 256 : n * 256 + 256] for n in range(-(-size // 256))}
    full = full_leaf_tiles(0, hashes)
    assert [(t.level, t.number, t.start) for t in full] == [(0, 0, 0), (0, 1, 0)]
    for piece in (*full, *higher_tiles(gained)):
        tiles[piece.level, piece.number] = list(piece.hashes)

    for known in vectors["tiles"]:
        found = tiles.pop((known["level"], known["number"]))
        assert len(found) == known["width"]
        assert sha256(b"".join(found)).hexdigest() == known["sha256"]
        path = tile_path(known["level"], known["number"], known["width"])
        assert path == known["path"]
    assert tiles == {}


def test_widths_of_tiles_of_each_level_are_known() -> None:
    for row in VECTORS["tiles"]["levels"]:
        _, gained = Frontier().grown([bytes(32)] * row["size"])
        counts = {0: row["size"]} if row["size"] else {}
        for each in gained:
            counts[each.level] = counts.get(each.level, 0) + 1
        assert [
            {"level": level, "full": count // 256, "partial_width": count % 256}
            for level, count in counts.items()
        ] == row["levels"]


def test_paths_of_tiles_are_known() -> None:
    for row in VECTORS["tiles"]["paths"]:
        assert tile_path(row["level"], row["number"], row["width"]) == row["path"]


# sections and leaves


def octets_of(section: dict[str, Any]) -> bytes:
    """Repeat the text of a section."""
    repeated: bytes = section["text"].encode() * section["times"]
    return repeated


# Octets that are committed to like any other, but no statement's.
NO_JSON = {"octets that look like the prefix", "large"}


@pytest.mark.parametrize(
    "known", VECTORS["sections"]["bodies"], ids=lambda b: b["name"]
)
def test_sections_and_bodies_are_known(known: dict[str, Any]) -> None:
    sections = [octets_of(section) for section in known["sections"]]
    salts = bytes.fromhex("".join(section["salt"] for section in known["sections"]))
    body = sealed(Sections(*sections), salts)

    assert list(SECTIONS) == VECTORS["sections"]["order"]
    assert [section["section"] for section in known["sections"]] == list(SECTIONS)
    assert body.commitments.hex() == "".join(s["commitment"] for s in known["sections"])
    assert body.digest.hex() == known["body"]
    if known["name"] in NO_JSON:
        with pytest.raises(VerificationError, match=r"section '\w+' cannot be read"):
            verify_body(body, body.digest)
    else:
        verify_body(body, body.digest)


NOT_CANONICAL = {
    "a key twice": '{"a":1,"a":2}',
    "a key twice, with the same value": '{"a":{"b":1,"b":1}}',
    "keys out of order": '{"b":1,"a":2}',
    "keys in the order of UTF-16": '{"\U0001f332":1,"\ufffd":2}',
    "a blank": '{"a": 1}',
    "a line feed behind it": '{"a":1}\n',
    "an escape without need": r'{"a":"\u0041"}',
    "a slash escaped": r'{"a":"\/"}',
    "capitals in an escape": r'{"a":"\u001F"}',
    "a float": '{"a":1.0}',
    "an exponent": '{"a":1e2}',
    "nought below nought": '{"a":-0}',
    "no number": '{"a":NaN}',
    "two values": "{}{}",
    "half a pair": r'{"a":"\ud83c"}',
    "too deep": "[" * 100_000 + "]" * 100_000,
}


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_a_section_that_is_not_canonical_is_refused(name: str) -> None:
    octets = NOT_CANONICAL[name].encode()
    body = sealed(Sections(b"{}", octets), bytes(range(160)))

    with pytest.raises(VerificationError, match=r"section 'core' (is not|cannot be)"):
        verify_body(body, body.digest)
    verify_body(erased(body, "core"), body.digest)


def test_the_check_in_an_evidence_pack_holds_the_same_for_canonical() -> None:
    tree = ast.parse(PACK_CHECK.read_text(encoding="utf-8"))
    [rule] = [n for n in tree.body if getattr(n, "name", "") == "is_canonical"]
    names: dict[str, Any] = {"json": json}
    exec(compile(ast.Module([rule], []), "check.py", "exec"), names)  # noqa: S102

    assert names["is_canonical"]('{"a":["é\\n\\u001f/",0,null]}')
    for text in NOT_CANONICAL.values():
        with suppress(ValueError, RecursionError):
            assert not names["is_canonical"](text)


def a_body() -> Body:
    """Seal five sections that differ."""
    return sealed(Sections(b'"h"', b'"c"', b'"f"', b'"p"', b""), bytes(range(160)))


@pytest.mark.parametrize("name", SECTIONS)
def test_an_erased_section_leaves_the_rest_provable(name: str) -> None:
    body = a_body()
    after = erased(body, name)
    place = SECTIONS.index(name)

    verify_body(after, body.digest)
    assert after.sections[place] is None
    assert after.salts[place * 32 : place * 32 + 32] == bytes(32)
    assert after.commitments == body.commitments
    kept = [n for n in range(5) if n != place]
    assert [after.sections[n] for n in kept] == [body.sections[n] for n in kept]


@pytest.mark.parametrize("place", range(5))
def test_a_changed_section_is_refused_by_name(place: int) -> None:
    body = a_body()
    octets = [each or b"" for each in body.sections]
    octets[place] = b"other"
    salts = bytearray(body.salts)
    salts[place * 32] ^= 1
    changed = [
        body._replace(sections=Sections(*octets)),
        body._replace(salts=bytes(salts)),
    ]

    for each in changed:
        with pytest.raises(VerificationError, match=f"section '{SECTIONS[place]}'"):
            verify_body(each, body.digest)


def test_commitments_of_another_statement_are_refused() -> None:
    body = a_body()
    commitments = bytes([body.commitments[0] ^ 1]) + body.commitments[1:]

    with pytest.raises(VerificationError, match="not those of the statement's leaf"):
        verify_body(body._replace(commitments=commitments), body.digest)


@pytest.mark.parametrize("size", [0, 32, 159, 161])
def test_salts_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="160 octets of salt"):
        sealed(Sections(b"h"), bytes(size))


def test_leaves_are_known() -> None:
    hashes = []
    for known in VECTORS["leaves"]:
        octets = known["leaf"].encode()
        leaf = Leaf.parse(octets)
        assert len(octets) == known["octets"] == LEAF_OCTETS
        assert leaf.at == datetime.fromisoformat(known["at"])
        assert leaf.body.hex() == known["body"]
        assert leaf.state.hex() == known["state"]
        assert leaf.encode() == octets
        hashes.append(leaf_hash(octets))
        assert hashes[-1].hex() == known["leaf_hash"]
        assert root_of(hashes).hex() == known["root"]


def test_states_of_leaves_are_those_of_their_lists() -> None:
    for known in VECTORS["leaves"]:
        state = StateMap().updated(
            (map_key(kind, name), sha256(listed.encode()).digest())
            for kind, name, listed in known["map"]
        )
        assert state.root.hex() == known["state"]


GOOD = VECTORS["leaves"][0]["leaf"]
BAD_LEAVES = {
    "a blank": GOOD.replace(",", ", ", 1),
    "a line feed at the end": GOOD + "\n",
    "something before": " " + GOOD,
    "another version": GOOD.replace('"v":1', '"v":2'),
    "another order": GOOD.replace('"v":1,', "").replace('"}', '","v":1}'),
    "another key": GOOD[:-1] + ',"more":1}',
    "upper case": GOOD.replace("2cab264f", "2CAB264F"),
    "milliseconds": GOOD.replace(".123456Z", ".123Z"),
    "another zone": GOOD.replace(".123456Z", ".123456+00:00"),
    "a 13th month": GOOD.replace("2026-11-22", "2026-13-22"),
    "30 February": GOOD.replace("2026-11-22", "2026-02-30"),
    "hour 24": GOOD.replace("T12:", "T24:"),
    "a leap second": GOOD.replace("T12:00:00", "T12:59:60"),
    "digits that are not of ASCII": GOOD.replace("2026", "٢٠٢٦"),
    "63 digits": GOOD.replace('"body":"2', '"body":"'),
    "nothing": "",
}


@pytest.mark.parametrize("name", BAD_LEAVES)
def test_a_leaf_is_read_strictly(name: str) -> None:
    with pytest.raises(VerificationError, match="leaf"):
        Leaf.parse(BAD_LEAVES[name].encode())


# the state map


def test_keys_of_the_map_are_known() -> None:
    for known in MAP["keys"]:
        key = map_key(known["kind"], known["name"])
        value = sha256(known["list"].encode()).digest()
        assert key.hex() == known["key"]
        assert value.hex() == known["value"]
        assert StateMap().updated([(key, value)]).root.hex() == known["leaf_hash"]


@pytest.mark.parametrize("known", MAP["roots"], ids=lambda r: str(r["size"]))
def test_roots_of_the_map_are_known_in_any_order_and_split(
    known: dict[str, Any],
) -> None:
    chance = random.Random(known["size"])  # noqa: S311 - the same order each time
    entries = ENTRIES[: known["size"]]
    for pieces in (1, 2, 7, len(entries) or 1):
        chance.shuffle(entries)
        state = StateMap()
        for first in range(pieces):
            state = state.updated(entries[first::pieces])
        assert state.root.hex() == known["root"]


def test_changes_of_the_map_are_known_and_old_maps_stay() -> None:
    start = StateMap().updated(ENTRIES[: MAP["changes"]["start_size"]])
    kept = [(start, start.root)]
    state = start
    for step in MAP["changes"]["steps"]:
        kind, name, listed = step["set"]
        state = state.updated([(map_key(kind, name), sha256(listed.encode()).digest())])
        assert state.root.hex() == step["root"]
        kept.append((state, state.root))

    assert [old.root for old, _ in kept] == [root for _, root in kept]
    again = start.updated(ENTRIES[10:100])
    assert again.root == StateMap().updated(ENTRIES[:100]).root
    assert start.root == kept[0][1]


def test_keys_that_share_many_bits_have_known_roots() -> None:
    for known in MAP["deep"]:
        pairs = [(bytes.fromhex(k), bytes.fromhex(v)) for k, v in known["pairs"]]
        for ordered in (pairs, pairs[::-1]):
            assert StateMap().updated(ordered).root.hex() == known["root"]
            state = StateMap()
            for pair in ordered:
                state = state.updated([pair])
            assert state.root.hex() == known["root"]


def test_the_last_value_of_a_key_wins() -> None:
    [(key, value), (_, other)] = ENTRIES[:2]

    twice = StateMap().updated([(key, value), (key, other)])

    assert twice.root == StateMap().updated([(key, other)]).root
    assert twice.updated([]).root == twice.root


# notes and checkpoints

SIGNERS = [Signer(s["name"], bytes.fromhex(s["seed"])) for s in CHECKPOINTS["signers"]]


def test_verifier_keys_are_known() -> None:
    for known, signer in zip(CHECKPOINTS["signers"], SIGNERS, strict=True):
        assert signer.verifier.public.hex() == known["public_key"]
        assert str(signer.verifier) == known["verifier_key"]


@pytest.mark.parametrize("known", CHECKPOINTS["notes"], ids=lambda n: str(n["size"]))
def test_checkpoints_are_known(known: dict[str, Any]) -> None:
    root = bytes.fromhex(known["root"])
    checkpoint = Checkpoint(known["origin"], known["size"], root)

    assert str(checkpoint) == known["text"]
    assert Checkpoint.parse(known["text"]) == checkpoint
    assert root_of(numbered(known["size"])) == root
    for number, signer in enumerate(SIGNERS):
        if known["signers"] == [number]:
            assert signer.sign(known["text"]) == known["note"]
        if number in known["signers"]:
            assert signer.verifier.verify(known["note"]) == known["text"]
        else:
            with pytest.raises(VerificationError, match="bears no signature"):
                signer.verifier.verify(known["note"])


def test_the_example_of_the_specification_verifies() -> None:
    known = CHECKPOINTS["specification"]
    verifier = Verifier.parse(known["verifier_key"])

    assert str(verifier) == known["verifier_key"]
    assert verifier.verify(known["note"]) == known["text"]
