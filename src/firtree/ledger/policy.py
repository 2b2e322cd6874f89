"""Whom a reader trusts: logs, witnesses and their quorum (c2sp.org/tlog-policy).

A policy file has one thing on each line; ``#`` begins a comment line::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

A group or quorum names only what stands above it, and a name is a member of one group
at most, so that no witness counts twice.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from firtree.errors import InvalidInputError, Problem, VerificationError
from firtree.ledger.cosignatures import CosignatureVerifier
from firtree.ledger.notes import Checkpoint, Note, Verifier, verify_checkpoint
from firtree.text import PRIVATE_KEY, counted, shown

NO_QUORUM = "none"
POLICY_OCTETS_MOST = 256 << 10
# Of logs, of witnesses, and of groups; the specification asks for 32 at least.
EACH_MOST = 256
# How far the clocks of those who cosign and of those who read may be apart.
CLOCKS_APART_MOST = timedelta(minutes=10)
# More than that are not told: the file is of another kind.
PROBLEMS_MOST = 20

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"[ \t]+")
_Key = TypeVar("_Key", Verifier, CosignatureVerifier)
_DECIMAL = re.compile(r"[1-9][0-9]{0,8}\Z")


class TrustedLog(NamedTuple):
    """A log that is accepted.

    Attributes:
        verifier: its key; a log may have several, each on a line of its own.
        url: where it is asked; empty = not said.
    """

    verifier: Verifier
    url: str = ""


class Witness(NamedTuple):
    """A witness that is known.

    Attributes:
        name: in this policy alone.
        verifier: its key.
        url: where checkpoints are sent (the submission prefix); empty = not said.
    """

    name: str
    verifier: CosignatureVerifier
    url: str = ""


class Group(NamedTuple):
    """Some witnesses or groups, of which enough must have cosigned.

    Attributes:
        name: in this policy alone.
        least: how many, 1 to the number of members.
        members: names of witnesses and groups that stand above it.
    """

    name: str
    least: int
    members: tuple[str, ...]


class Cosigned(NamedTuple):
    """A checkpoint that meets a policy.

    Attributes:
        checkpoint: what it says.
        times: when each witness cosigned it, by the witness's name in the policy.
        at: the time as of which the quorum says so: enough witnesses cosigned it then
            or later.  None where the policy asks for no witness.
    """

    checkpoint: Checkpoint
    times: Mapping[str, datetime]
    at: datetime | None

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether its time lies in the future, farther than clocks may be apart.

        Such a time says nothing of how old a checkpoint is: it would be young for ever.
        """
        return self.at is not None and self.at - now > CLOCKS_APART_MOST


class Policy(NamedTuple):
    """A policy, checked.

    Attributes:
        logs, witnesses, groups: as they stand in the file.
        quorum: name of a witness or group; ``none`` = no witness is asked for.
    """

    logs: tuple[TrustedLog, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NO_QUORUM

    @classmethod
    def parse(cls, octets: bytes, name: str = "") -> "Policy":
        """Read a policy file.

        Args:
            octets: what it holds.
            name: of the file, for the error; empty = it is known which one is meant.

        Raises:
            InvalidInputError: with every line that is wrong.
        """
        reader = _Reader()
        reader.read(octets)
        if reader.problems:
            places = counted(len(reader.problems), "place")
            raise InvalidInputError(
                f"{name and f'{name}: '}the policy is wrong in {places}",
                hint="its form is that of c2sp.org/tlog-policy",
                problems=tuple(reader.problems),
            )
        return cls(
            tuple(reader.logs),
            tuple(reader.witnesses),
            tuple(reader.groups),
            reader.quorum,
        )

    def encode(self) -> bytes:
        """Write the policy file; reading it gives the same policy."""
        lines = [_line("log", log.verifier, log.url) for log in self.logs]
        lines += [_line("witness", w.name, w.verifier, w.url) for w in self.witnesses]
        lines += [_line("group", g.name, _least(g), *g.members) for g in self.groups]
        lines.append(_line("quorum", self.quorum))
        return "".join(lines).encode(errors="surrogateescape")

    def is_met(self, witnesses: Collection[str]) -> bool:
        """Tell whether the cosignatures of these witnesses suffice.

        Args:
            witnesses: names in this policy.
        """
        if self.quorum == NO_QUORUM:
            return True
        met = set(witnesses)
        for group in self.groups:  # members stand above their group
            if len(met.intersection(group.members)) >= group.least:
                met.add(group.name)
        return self.quorum in met

    def cosigned_at(self, note: Note) -> dict[str, datetime]:
        """Say when each witness has cosigned a note, by its name in the policy.

        Raises:
            VerificationError: it bears a wrong cosignature of one of them.
        """
        found = ((w.name, w.verifier.cosigned_at(note)) for w in self.witnesses)
        return {name: at for name, at in found if at is not None}

    def met_at(self, times: Mapping[str, datetime]) -> datetime | None:
        """Give the latest time at or after which enough witnesses have cosigned.

        None where there are not enough, and where the policy asks for no witness.
        """
        if self.quorum == NO_QUORUM:
            return None
        for at in sorted(set(times.values()), reverse=True):
            if self.is_met({name for name, time in times.items() if time >= at}):
                return at
        return None

    def check_fits(self, note: Note) -> None:
        """Check that a note is of a log of this policy, signed with a key it names.

        Where it is not, the policy is most likely the wrong one, or too old.

        Raises:
            InvalidInputError: it is of another log, or signed with other keys.
            VerificationError: it is no checkpoint, or a signature is wrong.
        """
        origin = Checkpoint.parse(note.text).origin
        own = [log.verifier for log in self.logs if log.verifier.name == origin]
        if not own:
            names = sorted({shown(log.verifier.name) for log in self.logs})
            raise InvalidInputError(
                f"the policy is for {' and '.join(names) or 'no log'}, and this is of "
                f"the log {shown(origin)}",
                hint="give the policy of that log; its keeper tells it on a way of its "
                "own (firtree log policy)",
            )
        if not any(key.has_signed(note) for key in own):
            raise InvalidInputError(
                f"the policy has no key that has signed this: it trusts "
                f"{', '.join(map(str, own))}",
                hint="get the newest one from the log's keeper, on a way of its own; "
                "if that one does not fit either, this is not of that log",
            )

    def verify(self, note: Note) -> Cosigned:
        """Check that a note is a checkpoint of a known log that enough have cosigned.

        Raises:
            VerificationError: it is none, or not signed or cosigned so.
        """
        keys = [log.verifier for log in self.logs]
        checkpoint = verify_checkpoint(note, keys)
        times = self.cosigned_at(note)
        if not self.is_met(times):
            known = ", ".join(sorted(times)) or "none"
            raise VerificationError(
                f"the quorum {shown(self.quorum)} is not met; cosigned by: {known}"
            )
        return Cosigned(checkpoint, times, self.met_at(times))


def _line(*items: object) -> str:
    return " ".join(str(item) for item in items if item != "") + "\n"


def _least(group: Group) -> str:
    if group.least == len(group.members):
        return "all"
    return "any" if group.least == 1 else str(group.least)


class _LineError(Exception):
    """A line is wrong."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.found = found


class _Reader:
    """Reads a policy file line by line, and goes on after a line that is wrong."""

    def __init__(self) -> None:
        self.logs: list[TrustedLog] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum = ""
        self.problems: list[Problem] = []
        self._defined: set[str] = set()
        self._members: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()
        self._kinds: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }

    def read(self, octets: bytes) -> None:
        if len(octets) > POLICY_OCTETS_MOST:
            found = f"{len(octets)} octets"
            self._wrong(0, f"at most {POLICY_OCTETS_MOST} octets", found)
            return
        lines = octets.split(b"\n")
        for number, line in enumerate(lines, 1):
            if len(self.problems) == PROBLEMS_MOST:
                return
            try:
                self._read_line(line, ended=number < len(lines))
            except _LineError as wrong:
                self._wrong(number, wrong.expected, wrong.found)
        if not self.quorum and not self.problems:
            self._wrong(0, "one line 'quorum …' after what it names", "none")

    def _wrong(self, line: int, expected: str, found: str) -> None:
        where = f"line {line}" if line else "the policy"
        self.problems.append(Problem(where, where, expected, found))

    def _read_line(self, line: bytes, *, ended: bool) -> None:
        if (control := _FORBIDDEN.search(line)) is not None:
            code = control[0].hex()
            hint = " (lines end with a line feed alone)" if code == "0d" else ""
            raise _LineError(f"no control characters but tabs{hint}", f"octet {code}")
        # Names are octets: those that are not UTF-8 are kept as they are.
        text = line.decode(errors="surrogateescape").strip(" \t")
        if not text or text.startswith("#"):
            return
        if PRIVATE_KEY in text:
            raise _LineError("verifier keys, which are public", shown(text))
        if not ended:
            raise _LineError(
                "a line feed at the end of the last line", "the file's end"
            )
        kind, *items = _BLANKS.split(text)
        if (read := self._kinds.get(kind)) is None:
            raise _LineError("log, witness, group, quorum or #", shown(kind))
        read(items)

    def _log(self, items: list[str]) -> None:
        _check_count(items, 1, 2, "log <vkey> [<url>]")
        _check_room(self.logs)
        verifier = _key(Verifier.parse, items[0])
        self._check_key("log", verifier.public)
        self.logs.append(TrustedLog(verifier, *items[1:]))

    def _witness(self, items: list[str]) -> None:
        _check_count(items, 2, 3, "witness <name> <vkey> [<url>]")
        _check_room(self.witnesses)
        verifier = _key(CosignatureVerifier.parse, items[1])
        self._check_key("witness", verifier.public)
        self._define(items[0])
        self.witnesses.append(Witness(items[0], verifier, *items[2:]))

    def _group(self, items: list[str]) -> None:
        _check_count(items, 3, None, "group <name> all|any|<k> <name>...")
        _check_room(self.groups)
        name, threshold, *members = items
        least = _threshold(threshold, len(members))
        for member in members:
            self._check_defined(member)
        again = sorted(m for m, count in Counter(members).items() if count > 1)
        if again := again or sorted(self._members.intersection(members)):
            found = f"{shown(again[0])} a second time"
            raise _LineError("names that are members of no group yet", found)
        self._define(name)
        self._members.update(members)
        self.groups.append(Group(name, least, tuple(members)))

    def _quorum(self, items: list[str]) -> None:
        _check_count(items, 1, 1, "quorum <name>")
        if self.quorum:
            raise _LineError("one quorum line only", "a second one")
        if items[0] != NO_QUORUM:
            self._check_defined(items[0])
        self.quorum = items[0]

    def _define(self, name: str) -> None:
        if name == NO_QUORUM or name in self._defined:
            raise _LineError("a name that nothing else has", shown(name))
        self._defined.add(name)

    def _check_defined(self, name: str) -> None:
        if name not in self._defined:
            raise _LineError("the name of a witness or group above", shown(name))

    def _check_key(self, kind: str, public: bytes) -> None:
        if (kind, public) in self._keys:
            raise _LineError(f"a key that no other {kind} has", "one that stands above")
        self._keys.add((kind, public))


def _key(parse: Callable[[str], _Key], text: str) -> _Key:
    try:
        return parse(text)
    except ValueError as error:
        raise _LineError(str(error), shown(text)) from None


def _check_count(items: list[str], least: int, most: int | None, form: str) -> None:
    if len(items) < least or (most is not None and len(items) > most):
        raise _LineError(form, f"{counted(len(items), 'item')} after the first word")


def _check_room(known: Collection[object]) -> None:
    if len(known) >= EACH_MOST:
        raise _LineError(f"at most {EACH_MOST} of a kind", "one more")


def _threshold(text: str, count: int) -> int:
    if text in {"all", "any"}:
        return count if text == "all" else 1
    if not _DECIMAL.match(text) or int(text) > count:
        raise _LineError(f"all, any, or a number from 1 to {count}", shown(text))
    return int(text)
