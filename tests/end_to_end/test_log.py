"""The log over HTTP: tiles, entry bundles and proofs, read as a stranger would."""

from __future__ import annotations

import gzip
from base64 import b64decode
from functools import cache
from typing import TYPE_CHECKING

import pytest

from entries import an_entry
from firtree.access import PUBLIC
from firtree.ledger.leaf import Leaf
from firtree.ledger.merkle import leaf_hash, root_of
from firtree.ledger.proofs import (
    subtrees_of,
    tree_hash,
    verify_consistency,
    verify_inclusion,
)
from firtree.ledger.tiles import TileName, split_bundle, tile_path
from firtree.web.api.log import takes_gzip
from registers import checkpoint_of
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from litestar.types import ASGIApp

FOR_EVER = "public, max-age=31536000, immutable"
# Log sizes at the ends of the transactions that are recorded.
ENDS = (1, 4, 255, 256, 257, 300, 600)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register of a little more than two full tiles."""
    made = Served(tmp_path_factory.mktemp("log") / "register.db")
    size = 1
    for end in ENDS[1:]:
        made.record(*(an_entry(number) for number in range(size, end)))
        size = end
    yield made
    made.close()


@cache
def stranger(served: Served) -> ASGIApp:
    """Give the application as somebody meets it who has not signed in."""
    return served.app_for(PUBLIC)


def get(served: Served, path: str, **named: str) -> httpx.Response:
    """Ask as somebody who has not signed in."""
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    return ask(stranger(served), "GET", f"/log/{path}", headers=headers)


def hashes_of(octets: bytes) -> list[bytes]:
    """Split a tile."""
    return [octets[start : start + 32] for start in range(0, len(octets), 32)]


def every_leaf(served: Served) -> list[bytes]:
    """Read the leaves of all entry bundles."""
    bundles = [
        get(served, tile_path("entries", number, width)).content
        for number, width in ((0, 256), (1, 256), (2, 88))
    ]
    return [leaf for bundle in bundles for leaf in split_bundle(bundle)]


def test_a_stranger_reads_the_whole_log_and_finds_the_checkpoints_root(
    served: Served,
) -> None:
    answer = get(served, "checkpoint")
    checkpoint = checkpoint_of(answer.text)
    leaves = every_leaf(served)

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.size == len(leaves) == 600
    assert root_of([leaf_hash(leaf) for leaf in leaves]) == checkpoint.root
    assert len({Leaf.parse(leaf).at for leaf in leaves}) == len(ENDS)


def test_the_root_follows_from_tiles_alone(served: Served) -> None:
    size = 600

    def tile(level: int, number: int) -> bytes:
        width = min((size >> 8 * level) - number * 256, 256)
        answer = get(served, tile_path(level, number, width))
        assert answer.status_code == 200
        return answer.content

    root = tree_hash(size, subtrees_of(tile))

    assert root == checkpoint_of(get(served, "checkpoint").text).root


def test_tiles_hold_the_hashes_of_leaves_and_of_full_tiles(served: Served) -> None:
    leaves = [leaf_hash(leaf) for leaf in every_leaf(served)]

    assert hashes_of(get(served, "tile/0/000").content) == leaves[:256]
    assert hashes_of(get(served, "tile/0/001").content) == leaves[256:512]
    assert hashes_of(get(served, "tile/0/002.p/88").content) == leaves[512:]
    assert hashes_of(get(served, "tile/1/000.p/2").content) == [
        root_of(leaves[:256]),
        root_of(leaves[256:512]),
    ]


@pytest.mark.parametrize("kind", ["0", "entries"])
def test_a_partial_tile_is_served_for_each_size_that_had_a_checkpoint(
    served: Served, kind: str
) -> None:
    found = [
        number * 256 + width
        for number in range(3)
        for width in (1, 2, 3, 4, 43, 44, 45, 87, 88, 89, 254, 255)
        if get(served, tile_path(kind, number, width)).status_code == 200
    ]

    assert found == [end for end in ENDS if end % 256]


def test_a_partial_tile_of_a_higher_level_is_served_as_soon_as_it_was_needed(
    served: Served,
) -> None:
    assert get(served, "tile/1/000.p/1").status_code == 200
    assert get(served, "tile/1/000.p/2").status_code == 200
    assert get(served, "tile/1/000.p/3").status_code == 404
    assert get(served, "tile/2/000.p/1").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/003",
        "tile/0/002",  # not full yet
        "tile/0/002.p/89",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/x000/001",
        "tile/0/0001",
        "tile/0/1",
        "tile/0/001/002",
        "tile/00/000",
        "tile/64/000",
        "tile/63/000",
        "tile/63/000.p/1",
        "tile/entries/003",
        "tile/entries/x999/x999/x999/x999/x999/x999/999",
        "tile/leaves/000",
        "tile/0",
        "tile/0/000.q/5",
        "tile/0/٠٠٠",
        "tile/0/000%0a",
        "tile//000",
    ],
)
def test_what_is_not_there_yet_is_not_kept_as_missing(
    served: Served, path: str
) -> None:
    answer = get(served, path)

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["code"] in {"not-found", "http-404"}


def test_tiles_are_kept_for_ever_and_the_checkpoint_is_not(served: Served) -> None:
    for path in ("tile/0/000", "tile/0/002.p/88", "tile/entries/000"):
        answer = get(served, path)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == FOR_EVER
        assert "set-cookie" not in answer.headers
    assert get(served, "checkpoint").headers["cache-control"] == "no-cache"


def test_entry_bundles_are_compressed_for_who_takes_it(served: Served) -> None:
    plain = get(served, "tile/entries/000", accept_encoding="identity")
    packed = get(served, "tile/entries/000", accept_encoding="gzip")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx has unpacked it
    sent = int(packed.headers["content-length"])
    assert sent == len(gzip.compress(plain.content, mtime=0))
    assert sent < 0.7 * len(plain.content)
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    hashes = get(served, "tile/0/000", accept_encoding="gzip")
    assert "content-encoding" not in hashes.headers


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("identity, GZIP;q=0.5", True),
        ("br;q=1.0, *;q=0.1", True),
        ("*", True),
        ("gzip;q=1", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("x-gzip2", False),
    ],
)
def test_accept_encoding_is_read_as_http_says(accepted: str, *, takes: bool) -> None:
    assert takes_gzip(accepted) == takes


def unpacked(hashes: list[str]) -> list[bytes]:
    """Read hashes of a proof."""
    return [b64decode(each) for each in hashes]


@pytest.mark.parametrize("size", [*ENDS, 100])
def test_inclusion_is_proven_at_every_size(served: Served, size: int) -> None:
    leaves = [leaf_hash(leaf) for leaf in every_leaf(served)]
    for index in sorted({0, size // 2, size - 1}):
        answer = get(served, f"proof/inclusion?index={index}&size={size}")
        found = answer.json()

        assert (found["index"], found["size"]) == (index, size)
        assert answer.headers["cache-control"] == FOR_EVER
        root, leaf = b64decode(found["root"]), b64decode(found["leaf_hash"])
        assert (root, leaf) == (root_of(leaves[:size]), leaves[index])
        proof = unpacked(found["hashes"])
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)


def test_without_a_size_the_newest_is_meant(served: Served) -> None:
    inclusion = get(served, "proof/inclusion?index=5")
    consistency = get(served, "proof/consistency?from=5")

    assert inclusion.json()["size"] == consistency.json()["to"] == 600
    assert inclusion.headers["cache-control"] == "no-cache"
    assert consistency.headers["cache-control"] == "no-cache"


def test_consistency_is_proven_between_all_checkpoints(served: Served) -> None:
    leaves = [leaf_hash(leaf) for leaf in every_leaf(served)]
    for new in ENDS:
        for old in (0, *(end for end in ENDS if end <= new)):
            found = get(served, f"proof/consistency?from={old}&to={new}").json()
            roots = [b64decode(found[name]) for name in ("from_root", "to_root")]
            assert roots == [root_of(leaves[:old]), root_of(leaves[:new])]
            verify_consistency(
                old=found["from"],
                new=found["to"],
                proof=unpacked(found["hashes"]),
                old_root=roots[0],
                new_root=roots[1],
            )


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("proof/inclusion?index=600", "index"),
        ("proof/inclusion?index=4&size=4", "index"),
        ("proof/inclusion?index=0&size=601", "size"),
        ("proof/inclusion?index=0&size=0", "size"),
        ("proof/inclusion?index=-1", "index"),
        ("proof/inclusion?index=x", "index"),
        ("proof/inclusion", "index"),
        ("proof/consistency?from=5&to=4", "from"),
        ("proof/consistency?from=0&to=601", "to"),
        ("proof/consistency?from=601", "from"),
        ("proof/consistency", "from"),
        ("proof/consistency?from=1&old=1", "old"),
    ],
)
def test_a_proof_that_cannot_be_given_names_the_parameter(
    served: Served, path: str, pointer: str
) -> None:
    answer = get(served, path)

    assert answer.status_code == 422
    pointers = [one["pointer"] for one in answer.json()["errors"]]
    assert pointers == [pointer]


def test_tile_names_know_the_sizes_that_need_them() -> None:
    assert TileName.parse("tile/0/x001/x234/067.p/5").sizes == (
        1234067 * 256 + 5,
        1234067 * 256 + 6,
    )
    assert TileName(1, 0, 17).sizes == (17 * 256, 18 * 256)
    assert TileName(None, 0, 3).sizes == (3, 4)
    assert str(TileName(None, 1234067)) == "tile/entries/x001/x234/067"
