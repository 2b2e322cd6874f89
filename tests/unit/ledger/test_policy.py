"""Policies: the example of the specification, the quorum, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import combinations

import pytest

from firtree.errors import InvalidInputError, VerificationError
from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.ledger.policy import EACH_MOST, POLICY_OCTETS_MOST, Group, Policy

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seed(name: str) -> bytes:
    """Give the secret of a test's key."""
    return sha256(name.encode()).digest()


ORIGIN = "log.example/firtree-4c1f0a"
LOG, NEXT_LOG = Signer(ORIGIN, seed("log")), Signer(ORIGIN, seed("next"))
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
COSIGNERS = {name: Cosigner(f"{name}.example", seed(name)) for name in NAMES}
TEXT = str(Checkpoint(ORIGIN, 7, seed("root")))
NOTE = Note.parse(LOG.sign(TEXT))

# The example of c2sp.org/tlog-policy, with keys in place of the elided ones.
EXAMPLE = f"""\
log {LOG.verifier}

witness X1 {COSIGNERS["X1"].verifier}
witness X2 {COSIGNERS["X2"].verifier}
witness X3 {COSIGNERS["X3"].verifier}
group X-witnesses 2 X1 X2 X3

witness Y1 {COSIGNERS["Y1"].verifier}
witness Y2 {COSIGNERS["Y2"].verifier}
witness Y3 {COSIGNERS["Y3"].verifier}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
POLICY = Policy.parse(EXAMPLE.encode())


def cosigned(*names: str, at: datetime = NOON, note: Note = NOTE) -> Note:
    """Add cosignatures to a note."""
    return note.with_signatures(COSIGNERS[n].cosign(note.text, at) for n in names)


@pytest.mark.parametrize("count", range(7))
def test_the_quorum_of_the_example_is_two_of_x_and_one_of_y(count: int) -> None:
    for names in combinations(NAMES, count):
        enough = sum(n[0] == "X" for n in names) >= 2 and any(
            n[0] == "Y" for n in names
        )
        assert POLICY.is_met(names) is enough
        if enough:
            found = POLICY.verify(cosigned(*names))
            assert found.checkpoint == Checkpoint.parse(TEXT)
            assert found.times == dict.fromkeys(names, NOON)
            assert found.at == NOON
        else:
            with pytest.raises(VerificationError, match="quorum 'X-and-Y' is not met"):
                POLICY.verify(cosigned(*names))


def test_who_cosigned_is_told_where_it_is_not_enough() -> None:
    with pytest.raises(VerificationError, match="cosigned by: X1, Y2"):
        POLICY.verify(cosigned("Y2", "X1"))
    with pytest.raises(VerificationError, match="cosigned by: none"):
        POLICY.verify(NOTE)


def test_the_quorum_counts_from_the_last_cosignature_that_is_needed() -> None:
    note = cosigned("X1", at=NOON)
    note = cosigned("X2", at=NOON + MINUTE, note=note)
    note = cosigned("X3", at=NOON + 2 * MINUTE, note=note)
    note = cosigned("Y1", at=NOON + 3 * MINUTE, note=note)
    note = cosigned("X3", at=NOON - MINUTE, note=note)

    found = POLICY.verify(note)

    assert found.times["X3"] == NOON + 2 * MINUTE
    assert found.at == NOON + MINUTE
    assert POLICY.met_at({"X1": NOON, "Y1": NOON}) is None


def test_a_wrong_cosignature_spoils_the_note() -> None:
    wrong = COSIGNERS["X3"].cosign(TEXT + "more\n", NOON)

    with pytest.raises(VerificationError, match=r"wrong signature of X3\.example"):
        POLICY.verify(cosigned("X1", "X2", "Y1").with_signatures([wrong]))


def test_cosignatures_without_the_logs_own_are_no_checkpoint() -> None:
    bare = cosigned("X1", "X2", "Y1")
    bare = bare._replace(signatures=bare.signatures[1:])

    with pytest.raises(VerificationError, match=f"no signature of {ORIGIN}"):
        POLICY.verify(bare)


def test_a_log_may_have_two_keys() -> None:
    policy = Policy.parse(f"log {NEXT_LOG.verifier}\n{EXAMPLE}".encode())
    new = cosigned("X1", "X2", "Y1", note=Note.parse(NEXT_LOG.sign(TEXT)))

    assert policy.verify(new) == policy.verify(cosigned("X1", "X2", "Y1"))
    with pytest.raises(VerificationError, match="no signature"):
        POLICY.verify(new)


def test_a_policy_may_ask_for_no_witness() -> None:
    policy = Policy.parse(
        f"log {LOG.verifier} https://log.example/\nquorum none\n".encode()
    )

    found = policy.verify(NOTE)

    assert (found.times, found.at) == ({}, None)
    assert policy.logs[0].url == "https://log.example/"


def test_a_policy_may_know_no_log() -> None:
    with pytest.raises(VerificationError, match="no key is known of the log"):
        Policy.parse(b"quorum none\n").verify(NOTE)


def test_a_single_witness_may_be_the_quorum() -> None:
    policy = POLICY._replace(groups=(), quorum="X1")

    assert policy.verify(cosigned("X1")).at == NOON
    with pytest.raises(VerificationError, match="quorum 'X1' is not met"):
        policy.verify(cosigned("X2", "Y1"))


def test_blanks_comments_and_other_octets_are_as_the_specification_says() -> None:
    vkey = str(COSIGNERS["X1"].verifier)
    policy = Policy.parse(
        b"# K\xff\n \t# quorum none\n\n\t \n"
        b" witness\tK  " + vkey.encode() + b" \t https://w.example/\xc3\xa9 \n"
        b"witness \xe2\x84\xaa " + str(COSIGNERS["X2"].verifier).encode() + b"\n"
        b"witness \xff " + str(COSIGNERS["X3"].verifier).encode() + b"\n"
        b"group all all K \xe2\x84\xaa\n"
        b"group any 2 \xff all\n"
        b"group \xc2\xa0 all any\n"
        b"quorum \xc2\xa0\n"
    )

    assert [w.name for w in policy.witnesses] == ["K", "\u212a", "\udcff"]
    assert policy.witnesses[0].url == "https://w.example/é"
    assert policy.groups[0] == Group("all", 2, ("K", "\u212a"))
    assert policy.groups[2] == Group("\u00a0", 1, ("any",))
    assert policy.is_met({"K", "\u212a", "\udcff"})
    assert not policy.is_met({"K", "\udcff"})
    assert Policy.parse(policy.encode()) == policy


X1 = f"witness X1 {COSIGNERS['X1'].verifier}\n"
X2 = f"witness X2 {COSIGNERS['X2'].verifier}\n"
OTHER_NAME = Cosigner("another.example", seed("X1")).verifier
LOG_LINE = f"log {LOG.verifier}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the policy: expected one line 'quorum …'.*, found none"),
        (X1, "the policy: expected one line 'quorum"),
        ("quorum none", "line 1: expected a line feed at the end"),
        ("quorum none\nquorum none\n", "line 2: expected one quorum line only"),
        (f"quorum X1\n{X1}", "line 1: expected the name of a witness or group above"),
        ("quorum none X\n", "line 1: expected quorum <name>, found 2 items"),
        ("quorum\n", "line 1: expected quorum <name>, found 0 items"),
        ("Quorum none\n", "line 1: expected log, witness, group, quorum or #, found"),
        ("quorum none\r\n", r"line 1: .*\(lines end with a line feed alone\)"),
        ("quorum\0none\n", "line 1: expected no control .*, found octet 00"),
        ("# \x7f\nquorum none\n", "line 1: expected no control .*, found octet 7f"),
        ("quorum\u00a0none\n", "line 1: expected log, witness"),
        (f"{X1}{X2}group G 3 X1 X2\n", "line 3: expected all, any, or .* from 1 to 2"),
        (f"{X1}group G 0 X1\n", "line 2: expected all, any, or .* 1 to 1, found '0'"),
        (f"{X1}group G 01 X1\n", "line 2: expected all, any, or .*, found '01'"),
        (f"{X1}group G ANY X1\n", "line 2: expected all, any"),
        (f"{X1}group G any\n", "line 2: expected group <name>"),
        (f"{X1}group G any none\n", "line 2: expected the name of a witness or group"),
        (f"{X1}group G any G\n", "line 2: expected the name of a witness or group"),
        (f"{X1}group G any X1 X1\n", "line 2: .* no group yet, found 'X1' a second"),
        (
            f"{X1}group G any X1\ngroup H any X1\n",
            "line 3: .*of no group yet, found 'X1'",
        ),
        (f"{X1}group X1 any X1\n", "line 2: expected a name that nothing else has"),
        (f"{X1}group none any X1\n", "line 2: expected a name that nothing else has"),
        (X1.replace("X1 ", "none ", 1), "line 1: expected a name that nothing else"),
        (X1 + X2.replace("X2 ", "X1 ", 1), "line 2: expected a name that nothing"),
        (f"{X1}witness X2 {OTHER_NAME}\n", "line 2: expected a key that no other"),
        (LOG_LINE + LOG_LINE, "line 2: expected a key that no other log has"),
        (f"witness {COSIGNERS['X1'].verifier}\n", "line 1: expected witness <name>"),
        (f"witness X1 {LOG.verifier}\n", "line 1: expected a key of .* 04, not 01"),
        (
            f"log {COSIGNERS['X1'].verifier}\n",
            "line 1: expected a key of .* 01, not 04",
        ),
        ("log a+b\n", "line 1: expected a verifier key: name"),
        (f"log {LOG.verifier} u v\n", "line 1: expected log <vkey>"),
        ("log\n", "line 1: expected log <vkey>"),
        ("#" * POLICY_OCTETS_MOST + "\n", "the policy: expected at most 262144 octets"),
    ],
)
def test_another_policy_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Policy.parse(text.encode())

    assert refused.match("the policy is wrong in ")
    assert any(re.search(told, str(p)) for p in refused.value.problems), [
        str(p) for p in refused.value.problems
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "log {}",
        "log {vkey} {}",
        "witness X1 {}",
        "witness {} {}",
        "group {} 1 X1",
        "group G {} X1",
        "group G 1 {}",
        "quorum {}",
        "\t{} {}",
    ],
)
def test_of_a_private_key_in_a_line_nothing_is_told(line: str) -> None:
    key = LOG.write_secret()
    text = line.format(key, key, vkey=LOG.verifier)

    for ended in ("\n", ""):
        with pytest.raises(InvalidInputError) as refused:
            Policy.parse(f"{text}{ended}".encode())

        [problem] = refused.value.problems
        assert str(problem) == (
            "line 1: expected verifier keys, which are public, found a private key, "
            "which belongs to nobody else and is not shown"
        )


def test_every_wrong_line_is_told_at_once() -> None:
    with pytest.raises(InvalidInputError, match="wrong in 3 places") as refused:
        Policy.parse(f"log\n{X1}group G any Z\nquorum G\n".encode())

    assert [p.where for p in refused.value.problems] == ["line 1", "line 3", "line 4"]
    with pytest.raises(InvalidInputError, match="wrong in 20 places"):
        Policy.parse(b"log\n" * 1000)


def test_32_of_each_kind_are_taken_and_a_flood_is_refused() -> None:
    def flood(count: int) -> bytes:
        lines = [f"log {Signer(ORIGIN, seed(f'l{n}')).verifier}" for n in range(count)]
        for n in range(count):
            lines.append(f"witness w{n} {Cosigner('w', seed(f'w{n}')).verifier}")
            lines.append(f"group g{n} any w{n}")
        return "\n".join([*lines, "quorum g0", ""]).encode()

    policy = Policy.parse(flood(32))
    assert len(policy.logs) == len(policy.witnesses) == len(policy.groups) == 32
    with pytest.raises(InvalidInputError) as refused:
        Policy.parse(flood(EACH_MOST + 1))
    assert {p.expected for p in refused.value.problems[:1]} == {"at most 256 of a kind"}


def test_a_policy_is_written_as_it_is_read() -> None:
    text = POLICY.encode().decode()

    assert text.splitlines() == sorted(
        (line for line in EXAMPLE.splitlines() if line),
        key=lambda line: ["log", "witness", "group", "quorum"].index(line.split()[0]),
    )
    assert Policy.parse(text.encode()) == POLICY
