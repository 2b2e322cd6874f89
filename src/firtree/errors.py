"""Every error this package raises on purpose, in one tree.

    FirtreeError
        InvalidInputError      the caller must change what was sent
        NotFoundError          it is not here (or not for this caller)
        ConflictError          read again, then decide again
        VerificationError      the bytes are not what they claim: do not use them
        NotSignedInError       sign in, or send a token that is good
        NotAllowedError        allowed, but not in this way: come in another way
        UnavailableError       nothing is wrong with the request; try later
            ThrottledError     too much was asked: wait as long as it says
            DoubtfulError      it may have been done: look before trying again

A class exists only where a caller would act differently.  Anything else that
escapes (KeyError, sqlite3.Error, ...) is a bug and is reported as one.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self


class Problem(NamedTuple):
    """One thing wrong with one place of what was sent.

    Attributes:
        where: the place, in words a person can follow (``line 7, column 'Status'``).
        pointer: the same place for programs: a column or parameter name.
        expected: what would have been right.
        found: what was there, cut to a readable length.
    """

    where: str
    pointer: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}"


class FirtreeError(Exception):
    """Base of every deliberate error.

    Attributes:
        code: stable name for programs, documented, never given a new meaning.
        hint: the next thing to try, for people; empty if there is none.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InvalidInputError(FirtreeError):
    """What was sent breaks a rule; sending it again will fail again.

    Attributes:
        problems: every place that is wrong, all found in one go; may be empty
            where the message says it all.
    """

    code = "invalid-input"

    def __init__(
        self, message: str, *, hint: str = "", problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems

    @classmethod
    def of(cls, problems: Sequence[Problem], what: str) -> Self:
        """Tell of several places of one thing, of which nothing was recorded."""
        places = "one place" if len(problems) == 1 else f"{len(problems)} places"
        message = f"{what} is wrong in {places}; nothing was recorded"
        return cls(message, problems=tuple(problems))


class NotFoundError(FirtreeError):
    """It is not here, or the caller has no right to know that it is."""

    code = "not-found"


class ConflictError(FirtreeError):
    """What was decided on has changed meanwhile."""

    code = "conflict"


class VerificationError(FirtreeError):
    """The bytes are not what they claim to be."""

    code = "verification-failed"


class NotSignedInError(FirtreeError):
    """Nobody is signed in, or what was shown for it is not good (any more)."""

    code = "not-signed-in"


class NotAllowedError(FirtreeError):
    """The caller may do this, but not in the way it came in."""

    code = "not-allowed"


class UnavailableError(FirtreeError):
    """Nothing is wrong with the request; the same may succeed later."""

    code = "unavailable"


class ThrottledError(UnavailableError):
    """Too much was asked in a short time.

    Attributes:
        wait_s: after how many seconds to try again, at least 1.
    """

    code = "throttled"

    def __init__(self, message: str, *, wait_s: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.wait_s = max(1, wait_s)


class DoubtfulError(UnavailableError):
    """A commit failed in a way that leaves open whether it was done."""

    code = "doubtful"
