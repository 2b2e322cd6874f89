"""An authenticator in software, as W3C Web Authentication describes one (section 6)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from firtree.library.accounts.passkeys import Site

SITE = Site("localhost", "http://localhost:8000")
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Holds one passkey; what it answers can be bent out of shape.

    Args:
        credential: its id.
    """

    def __init__(self, credential: bytes = b"\x07" * 32) -> None:
        self.credential = credential
        self.key = ec.derive_private_key(
            int.from_bytes(sha256(credential).digest()) >> 1, ec.SECP256R1()
        )
        self.handle = b""
        self.count = 0

    def create(
        self, options: dict[str, Any], site: Site = SITE, flags: int = _VERIFIED
    ) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        self.handle = _octets(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32),
            -3: numbers.y.to_bytes(32),
        }
        attested = (
            bytes(16)
            + len(self.credential).to_bytes(2)
            + self.credential
            + encode_cbor(cose)
        )
        data = self._data(site, flags | _ATTESTED) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client("webauthn.create", options["challenge"], site)
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "attestationObject": bytes_to_base64url(attestation),
        }
        return self._credential(response)

    def get(
        self, options: dict[str, Any], site: Site = SITE, flags: int = _VERIFIED
    ) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``."""
        self.count += 1
        data = self._data(site, flags)
        client = _client("webauthn.get", options["challenge"], site)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": bytes_to_base64url(self.handle),
        }
        return self._credential(response)

    def _data(self, site: Site, flags: int) -> bytes:
        host = sha256(site.host.encode()).digest()
        return host + bytes([_PRESENT | flags]) + self.count.to_bytes(4)

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        name = bytes_to_base64url(self.credential)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def _client(kind: str, challenge: str, site: Site) -> bytes:
    said = {"type": kind, "challenge": challenge, "origin": site.origin}
    return json.dumps(said).encode()


def _octets(text: str) -> bytes:
    return base64url_to_bytes(text)
