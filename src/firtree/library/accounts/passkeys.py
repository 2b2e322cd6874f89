"""Passkeys: WebAuthn credentials, added, used and removed (W3C, Web Authentication 3).

A passkey is asked to verify the person (PIN, finger, face), so it is two factors in one
and makes a session *strong*.  A challenge is good once, for a few minutes, and for who
asked for it.  py_webauthn checks what authenticators answer.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from firtree.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from firtree.library.accounts.access_log import Event, Note, note
from firtree.library.accounts.gate import Client, Gate
from firtree.library.accounts.ports import AccountsWriting, Challenge, Passkey, Person
from firtree.library.accounts.secret import short
from firtree.library.accounts.sessions import (
    SignedIn,
    begin,
    check_fresh,
    end_all,
    rotated,
)
from firtree.library.accounts.signing_in import refusal, refused
from firtree.library.accounts.throttling import (
    note_passkey_refused,
    passkey_asked,
    passkey_used,
)
from firtree.library.accounts.visitor import Visitor

CHALLENGE_OCTETS = 32
PASSKEYS_MOST = 20
NAME_MOST = 60
_CREDENTIAL_MOST = 1023
_SIGN_IN, _ADD = "sign-in", "add"


class Site(NamedTuple):
    """Which web site a passkey is for.

    Attributes:
        host: relying party id, the host's name without port.
        origin: scheme, host and port as a browser writes them.
    """

    host: str
    origin: str


class Answer(NamedTuple):
    """A checked answer of a new passkey."""

    id: bytes
    public_key: bytes
    sign_count: int


def ask_for_new(
    gate: Gate, owner: bytes, site: Site, *, email: str, handle: bytes, person: int = 0
) -> dict[str, Any]:
    """Make the options by which a browser makes a passkey.

    Args:
        gate: what is needed.
        owner: key of the session or invitation that may answer.
        site: which web site.
        email: by which the browser lists the passkey.
        handle: of the person.
        person: whose passkeys are named, so that a device that holds one makes no
            other; 0 = nobody's, where it is not known yet who asks.
    """
    # It takes 0.3 s to import, and most processes never need it.
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import structs  # noqa: PLC0415

    with gate.accounts.writing() as tx:
        known = tx.passkeys(person) if person else []
        challenge = _challenge(tx, gate, _ADD, owner)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="firtree",
        user_name=email,
        user_id=handle,
        challenge=challenge,
        timeout=_milliseconds(gate.limits.challenge),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=key.id) for key in known
        ],
    )
    return _plain(options)


def check_new(
    gate: Gate, owner: bytes, site: Site, answer: Mapping[str, Any]
) -> Answer:
    """Check what a browser answered with a new passkey.

    Its challenge is used up, whatever comes of the answer.

    Raises:
        InvalidInputError: it is no good answer to a challenge of ours.
    """
    import webauthn  # noqa: PLC0415

    challenge = _answered(gate, _ADD, owner, answer)
    try:
        found = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    # What a stranger sent is parsed there: what it breaks on is the stranger's fault.
    except Exception as error:  # noqa: BLE001
        raise _wrong(type(error).__name__) from None
    if len(found.credential_id) > _CREDENTIAL_MOST:
        raise _wrong("a longer credential id")
    return Answer(found.credential_id, found.credential_public_key, found.sign_count)


def add(
    gate: Gate,
    visitor: Visitor,
    answer: Mapping[str, Any],
    name: str,
    site: Site,
    *,
    address: str = "",
) -> SignedIn:
    """Add a passkey to one's own account; the session gets a new secret, and is strong.

    Args:
        gate: what is needed.
        visitor: whose.
        answer: what the browser answered.
        name: as the owner calls it.
        site: which web site it is for.
        address: from where, shortened.

    Raises:
        NotSignedInError: the person signed in too long ago.
        InvalidInputError: the answer or the name is not good.
    """
    checked = check_new(gate, visitor.key, site, answer)
    with gate.accounts.writing() as tx:
        session = check_fresh(tx, gate, visitor)
        if len(tx.passkeys(visitor.person)) >= PASSKEYS_MOST:
            raise InvalidInputError(
                f"an account has {PASSKEYS_MOST} passkeys at most", hint="remove one"
            )
        added = keep(tx, gate, visitor.person, checked, name)
        told = Note(Event.PASSKEY_ADDED, visitor.person, visitor.party, 0, address)
        note(tx, gate.now(), told._replace(detail=name_of(added)))
        return rotated(tx, gate, session, session._replace(strong=True))


def keep(
    tx: AccountsWriting, gate: Gate, person: int, checked: Answer, name: str
) -> Passkey:
    """Keep a passkey that was checked.

    Raises:
        ConflictError: it is kept already.
    """
    if tx.passkey(checked.id) is not None:
        raise ConflictError("this passkey is known already")
    shown = "".join(c for c in name.strip() if c.isprintable())[:NAME_MOST]
    added = Passkey(
        checked.id,
        person,
        checked.public_key,
        checked.sign_count,
        shown or "passkey",
        gate.now(),
    )
    tx.put(added)
    return added


def remove(gate: Gate, visitor: Visitor, named: str, *, address: str = "") -> SignedIn:
    """Remove one of one's own passkeys; all other sessions end.

    They, and this session, may have come in by it.  So this one gets a new secret and
    is no longer strong: the next passkey used makes it so again.

    Raises:
        NotFoundError: there is none of that name.
        InvalidInputError: it is the last way in.
    """
    with gate.accounts.writing() as tx:
        session = check_fresh(tx, gate, visitor)
        keys = tx.passkeys(visitor.person)
        chosen = [key for key in keys if name_of(key) == named]
        if not chosen:
            raise NotFoundError("there is no such passkey")
        if len(keys) == 1 and tx.password(visitor.person) is None:
            raise InvalidInputError(
                "this passkey is the only way into the account",
                hint="add another, or set a password, first",
            )
        tx.remove(chosen[0])
        told = Note(Event.PASSKEY_REMOVED, visitor.person, visitor.party, 0, address)
        note(tx, gate.now(), told._replace(detail=named))
        end_all(tx, visitor.person, but=session.id)
        return rotated(tx, gate, session, session._replace(strong=False))


def name_of(passkey: Passkey) -> str:
    """Give a name by which its owner can choose a passkey."""
    return short(sha256(passkey.id).digest())


def ask_to_sign_in(gate: Gate, site: Site, client: Client) -> dict[str, Any]:
    """Make the options by which a browser shows which passkeys it has.

    Raises:
        ThrottledError: too many were asked for from there.
    """
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import structs  # noqa: PLC0415

    with gate.accounts.writing() as tx:
        tries = passkey_asked(tx, gate.now(), client)
    tries.check()
    with gate.accounts.writing() as tx:
        challenge = _challenge(tx, gate, _SIGN_IN, b"")
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=_milliseconds(gate.limits.challenge),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return _plain(options)


def sign_in_by_passkey(
    gate: Gate, answer: Mapping[str, Any], client: Client, site: Site
) -> SignedIn:
    """Sign in somebody whose passkey answers a challenge of ours.

    Raises:
        NotSignedInError: it is no passkey of somebody who may come in.
        InvalidInputError: it is no answer to a challenge of ours.
    """
    challenge = _answered(gate, _SIGN_IN, b"", answer)
    with gate.accounts.writing() as tx:
        passkey = tx.passkey(_credential(answer))
        person = tx.person(passkey.person) if passkey else None
        count = _used(answer, challenge, passkey, person, site)
        if passkey is not None and person is not None and count is not None:
            tx.put(passkey._replace(sign_count=count, used_at=gate.now()))
            passkey_used(tx, client)
            return begin(tx, gate, person, client, way="passkey")
        told = refused(person, client, "passkey")
        note_passkey_refused(tx, gate.now(), client, told)
    raise refusal()


def _used(
    answer: Mapping[str, Any],
    challenge: bytes,
    passkey: Passkey | None,
    person: Person | None,
    site: Site,
) -> int | None:
    """Check the use of a passkey; give its new count, or None where it is not good."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

    if passkey is None or person is None or person.disabled_at is not None:
        return None
    try:
        found = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        handle = answer["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != person.handle:
            return None
    except Exception:  # noqa: BLE001 - as in check_new
        return None
    return found.new_sign_count


def _challenge(tx: AccountsWriting, gate: Gate, purpose: str, owner: bytes) -> bytes:
    challenge = gate.entropy(CHALLENGE_OCTETS)
    expires = gate.now() + gate.limits.challenge
    tx.put(Challenge(sha256(challenge).digest(), purpose, owner, expires))
    return challenge


def _answered(
    gate: Gate, purpose: str, owner: bytes, answer: Mapping[str, Any]
) -> bytes:
    """Find the challenge that an answer names, and use it up for good."""
    from webauthn.helpers import (  # noqa: PLC0415
        base64url_to_bytes,
        parse_client_data_json,
    )

    try:
        data = base64url_to_bytes(answer["response"]["clientDataJSON"])
        challenge = parse_client_data_json(data).challenge
    except Exception as error:  # noqa: BLE001 - as in check_new
        raise _wrong(type(error).__name__) from None
    # In a transaction of its own: what goes wrong later does not bring it back.
    with gate.accounts.writing() as tx:
        kept = tx.challenge(sha256(challenge).digest())
        if kept is not None:
            tx.remove(kept)
    if kept is None:
        raise _wrong("one to another challenge")
    if (kept.purpose, kept.owner) != (purpose, owner) or kept.expires_at <= gate.now():
        raise _wrong("one that came too late, or from elsewhere")
    return challenge


def _credential(answer: Mapping[str, Any]) -> bytes:
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

    try:
        return base64url_to_bytes(str(answer["rawId"]))[: _CREDENTIAL_MOST + 1]
    except Exception as error:  # noqa: BLE001 - as in check_new
        raise _wrong(type(error).__name__) from None


def _wrong(found: str) -> InvalidInputError:
    problem = Problem("passkey", "passkey", "an answer to the question asked", found)
    return InvalidInputError(
        str(problem), problems=(problem,), hint="reload the page and try again"
    )


def _plain(options: Any) -> dict[str, Any]:  # noqa: ANN401 - of either kind
    from webauthn import options_to_json  # noqa: PLC0415

    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain


def _milliseconds(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)
