"""Laws of signed notes, cosignatures and policies, whatever they are given."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.cosignatures import CosignatureVerifier, Cosigner
from firtree.ledger.notes import Checkpoint, Note, Signature, Signer, Verifier
from firtree.ledger.policy import Group, Policy, TrustedLog, Witness

LOG = Signer("log.example/a", bytes(32))
COSIGNERS = [Cosigner(f"w{n}.example", bytes([n]) * 32) for n in range(1, 6)]
TEXT = str(Checkpoint("log.example/a", 7, bytes(32)))
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTE = Note.parse(LOG.sign(TEXT)).with_signatures(
    each.cosign(TEXT, AT) for each in COSIGNERS[:2]
)
AWKWARD = "aZ09+/=— \n\n\t\r\0\x7f\x85\xa0é\u2028\u200b\ud800"
awkward = st.text(AWKWARD, max_size=40)


def spoilt(good: str, signs: str) -> st.SearchStrategy[str]:
    """Give a text with a few characters put in, over or left out."""
    place = st.integers(0, len(good))
    piece = st.sampled_from(["", *signs]) | st.just(good[:40])

    def spoil(changes: list[tuple[int, str, int]]) -> str:
        text = good
        for at, put, over in changes:
            text = text[:at] + put + text[at + over :]
        return text

    changes = st.tuples(place, piece, st.integers(0, 2))
    return st.lists(changes, max_size=3).map(spoil)


@given(awkward | spoilt(str(NOTE), AWKWARD))
@example("\n\n— a AAAAAAE=\n")
@example("a\n\n— a\x85b AAAAAAE=\n")
@example("a\n\n— a AAAAAAE=\u2028— b AAAAAAE=\n")
def test_a_note_has_one_spelling_and_is_read_or_refused(text: str) -> None:
    try:
        note = Note.parse(text)
    except VerificationError:
        return

    assert str(note) == text
    assert note == Note.parse(text.encode())
    assert note.text.endswith("\n")
    assert note.signatures


@given(spoilt(str(NOTE), AWKWARD))
def test_a_spoilt_note_verifies_only_for_the_same_text(text: str) -> None:
    with suppress(VerificationError):
        assert LOG.verifier.verify(text) == TEXT
    with suppress(VerificationError):
        note = Note.parse(text)
        if COSIGNERS[0].verifier.cosigned_at(note) is not None:
            assert note.text == TEXT


@given(awkward | spoilt(TEXT, AWKWARD))
def test_a_checkpoint_is_read_or_refused(text: str) -> None:
    with suppress(VerificationError):
        found = Checkpoint.parse(text)
        assert text.startswith(str(found))


# What str.isprintable takes.
printable = st.characters(exclude_categories=("C", "Z"), include_characters=" ")


@given(
    st.text(printable, min_size=1, max_size=60),
    st.integers(0, 2**40),
    st.integers(0, 4),
)
def test_what_was_cosigned_verifies(text: str, seconds: int, number: int) -> None:
    at = datetime.fromtimestamp(seconds % 2**37, UTC)
    line = COSIGNERS[number].cosign(text + "\n", at)
    note = Note.parse(str(Note(text + "\n", (line,))))

    times = [each.verifier.cosigned_at(note) for each in COSIGNERS]
    assert times == [at if n == number else None for n in range(5)]
    changed = note._replace(text=text + ".\n")
    with suppress(VerificationError):
        raise AssertionError(COSIGNERS[number].verifier.cosigned_at(changed))


@given(st.binary(min_size=72, max_size=72))
def test_no_octets_are_a_cosignature_by_chance(octets: bytes) -> None:
    verifier = COSIGNERS[0].verifier
    note = Note(TEXT, (Signature(verifier.name, verifier.key_id, octets),))

    with suppress(VerificationError):
        raise AssertionError(verifier.cosigned_at(note))


@given(awkward | spoilt(str(LOG.verifier), AWKWARD))
def test_a_verifier_key_has_one_spelling(text: str) -> None:
    for kind in (Verifier, CosignatureVerifier):
        with suppress(ValueError):
            assert str(kind.parse(text)) == text


# policies


names = st.text("aB0~#é\udcff", min_size=1, max_size=6).filter(
    lambda name: name != "none"
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Give any policy."""
    known = draw(st.lists(names, unique=True, min_size=1, max_size=9))
    count = draw(st.integers(1, min(5, len(known))))
    url = st.sampled_from(["", "https://w.example/é"])
    witnesses = [
        Witness(name, cosigner.verifier, draw(url))
        for name, cosigner in zip(known[:count], COSIGNERS, strict=False)
    ]
    free, groups = known[:count], []
    for name in known[count:]:
        members = draw(st.lists(st.sampled_from(free), unique=True, min_size=1))
        least = draw(st.integers(1, len(members)))
        groups.append(Group(name, least, tuple(members)))
        free = [each for each in free if each not in members] + [name]
    logs = [TrustedLog(LOG.verifier, draw(url))] if draw(st.booleans()) else []
    quorum = draw(st.sampled_from(["none", *known]))
    return Policy(tuple(logs), tuple(witnesses), tuple(groups), quorum)


def met(policy: Policy, name: str, witnesses: set[str]) -> bool:
    """Tell naively whether a witness or group has witnessed."""
    for group in policy.groups:
        if group.name == name:
            count = sum(met(policy, each, witnesses) for each in group.members)
            return count >= group.least
    return name in witnesses


@given(policies())
def test_a_policy_is_read_as_it_was_written(policy: Policy) -> None:
    assert Policy.parse(policy.encode()) == policy


@given(policies(), st.sets(st.integers(0, 4)))
def test_a_quorum_is_what_its_groups_say(policy: Policy, chosen: set[int]) -> None:
    witnesses = {w.name for n, w in enumerate(policy.witnesses) if n in chosen}
    expected = policy.quorum == "none" or met(policy, policy.quorum, witnesses)

    assert policy.is_met(witnesses) is expected


@given(policies(), st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_quorum_is_met_from_its_time_on_and_not_later(
    policy: Policy, seconds: list[int]
) -> None:
    times = {
        w.name: datetime.fromtimestamp(second, UTC)
        for w, second in zip(policy.witnesses, seconds, strict=False)
        if second
    }
    at = policy.met_at(times)

    if at is None:
        assert policy.quorum == "none" or not policy.is_met(times)
        return
    assert policy.is_met({name for name, time in times.items() if time >= at})
    assert not policy.is_met({name for name, time in times.items() if time > at})


SAMPLE = Policy(
    (TrustedLog(LOG.verifier),),
    tuple(Witness(f"w{n}", each.verifier) for n, each in enumerate(COSIGNERS)),
    (Group("g", 2, ("w0", "w1", "w2")), Group("h", 1, ("w3",))),
    "g",
).encode()


@given(
    spoilt(SAMPLE.decode(), "qg2 \t\n\r\0#é").map(str.encode) | st.binary(max_size=40)
)
def test_a_policy_is_read_or_refused_with_the_lines(octets: bytes) -> None:
    problems = None
    try:
        policy = Policy.parse(octets)
        assert Policy.parse(policy.encode()) == policy
    except InvalidInputError as error:
        problems = error.problems

    count = octets.count(b"\n") + 1
    lines = {"the policy", *(f"line {n}" for n in range(1, count + 1))}
    assert problems is None or problems
    assert {problem.where for problem in problems or ()} <= lines
