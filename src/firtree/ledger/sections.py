"""The body of a statement: five sections that can be disclosed and erased one by one.

Format (final): commitment ``c = HMAC-SHA256(salt, "firtree/v1/" ‖ name ‖ LF ‖
octets)``; body ``= SHA-256(c_head ‖ c_core ‖ c_fir ‖ c_people ‖ c_private)``.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from firtree.errors import VerificationError
from firtree.ledger.canonical import not_canonical

SECTIONS = ("head", "core", "fir", "people", "private")
SALT_OCTETS = 32
SALTS_OCTETS = SALT_OCTETS * len(SECTIONS)


class Sections(NamedTuple):
    """The octets of the five sections, in their order; an empty one has none."""

    head: bytes
    core: bytes = b""
    fir: bytes = b""
    people: bytes = b""
    private: bytes = b""


Disclosed = tuple[bytes | None, bytes | None, bytes | None, bytes | None, bytes | None]


class Body(NamedTuple):
    """Sections with their salts and commitments.

    Attributes:
        sections: None in place of the octets of a section that was erased or is
            not disclosed.
        salts: five salts of 32 octets, joined; zeros for an erased section.
        commitments: five commitments of 32 octets, joined; these always stay.
    """

    sections: Disclosed
    salts: bytes
    commitments: bytes

    @property
    def digest(self) -> bytes:
        """The body hash that the leaf names, 32 octets."""
        return sha256(self.commitments).digest()


def sealed(sections: Sections, salts: bytes) -> Body:
    """Commit to all five sections.

    Args:
        sections: the octets.
        salts: 160 random octets, 32 for each section.
    """
    if len(salts) != SALTS_OCTETS:
        raise ValueError(f"{SALTS_OCTETS} octets of salt, not {len(salts)}")
    commitments = b"".join(_commitments(sections, salts))
    return Body(sections, salts, commitments)


def verify_body(body: Body, digest: bytes) -> None:
    """Check that a body is the one a leaf names, and every section present in it.

    Raises:
        VerificationError: commitments lead to another digest, or a section's octets
            and salt do not lead to its commitment, or are not canonical JSON.
    """
    sections, salts, commitments = body
    if sha256(commitments).digest() != digest:
        raise VerificationError("the commitments are not those of the statement's leaf")
    all_found = _commitments(sections, salts)
    if b"".join(all_found) != commitments:
        _compare(all_found, commitments)
    for name, octets in zip(SECTIONS, sections, strict=True):
        if octets and (wrong := not_canonical(octets)):
            raise VerificationError(f"section {name!r} {wrong}")


def _compare(all_found: Sequence[bytes], commitments: bytes) -> None:
    """Compare the commitments of sections that are there with those that bind them."""
    for (start, stop, _), name, found in zip(_PLACES, SECTIONS, all_found, strict=True):
        if found and found != commitments[start:stop]:
            raise VerificationError(f"section {name!r} does not match its commitment")


def _commitments(sections: Disclosed, salts: bytes) -> list[bytes]:
    """Commit to each section; to one that is not there with no octets.

    HMAC as RFC 2104 has it, in two hashes: to set one up with a library takes longer
    than to work it out.
    """
    inner, outer = salts.translate(_INNER), salts.translate(_OUTER)
    return [
        b""
        if octets is None
        else sha256(
            outer[start:stop]
            + _OUTER_REST
            + sha256(inner[start:stop] + rest + octets).digest()
        ).digest()
        for (start, stop, rest), octets in zip(_PLACES, sections, strict=True)
    ]


def _pad(octet: int) -> tuple[bytes, bytes]:
    """Give what combines octets of a key with a pad, and the pad behind a key."""
    combined = bytes(each ^ octet for each in range(256))
    return combined, bytes([octet]) * (_BLOCK_OCTETS - SALT_OCTETS)


_BLOCK_OCTETS = 64  # of SHA-256
_INNER, _INNER_REST = _pad(0x36)
_OUTER, _OUTER_REST = _pad(0x5C)
# For each section, where its salt begins and ends, and what stands between the salt and
# its octets.
_PLACES = tuple(
    (start, start + SALT_OCTETS, _INNER_REST + b"firtree/v1/" + name.encode() + b"\n")
    for start, name in zip(range(0, SALTS_OCTETS, SALT_OCTETS), SECTIONS, strict=True)
)


def erased(body: Body, name: str) -> Body:
    """Destroy a section's octets and salt; leaf and proofs stay valid."""
    place = SECTIONS.index(name)
    start = place * SALT_OCTETS
    salts = body.salts[:start] + bytes(SALT_OCTETS) + body.salts[start + SALT_OCTETS :]
    head, core, fir, people, private = (
        None if number == place else octets
        for number, octets in enumerate(body.sections)
    )
    return Body((head, core, fir, people, private), salts, body.commitments)
