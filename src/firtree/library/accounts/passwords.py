"""Passwords: which are taken, how they are kept and compared.

Kept as argon2id with the parameters RFC 9106, section 4, recommends where memory is
short (64 MiB, three passes, four lanes), which are argon2-cffi's own.  Comparing is
slow on purpose, and takes as long where there is nothing to compare with.
"""

import re
import threading
from collections.abc import Callable, Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from firtree.errors import InvalidInputError, Problem

# NIST SP 800-63B-4, 3.1.1.2: at least 15 where it may be the only factor.
LEAST = 15
MOST = 256
# What takes fewer guesses than this is refused: 10^10, zxcvbn's best score.
GUESSES_LOG10 = 10
# Words of ours that no password is made safe by (ASVS 6.1.2).
OWN_WORDS = (
    "firtree firmware fir cpl secas dcc smets gbcs duis sec meter meters smart "
    "metering register library administrator password"
).split()
# Each takes 64 MiB: strangers must not decide how much memory is used at once.
_AT_ONCE = 2
_SALT_OCTETS = 16
_WORD_LEAST = 3
# What must be left where words of ours and of the person are taken out.
_REST = 8
# The estimate takes time that grows with the square of the length.
_JUDGED = 72


class Passwords:
    """Hashes and compares passwords.  Safe to share between threads.

    Args:
        entropy: gives that many random octets, for salts.
        hasher: argon2 with its parameters.
    """

    def __init__(
        self, entropy: Callable[[int], bytes], hasher: PasswordHasher | None = None
    ) -> None:
        self._entropy = entropy
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._making = threading.Lock()
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """Hash a password, with a salt of its own."""
        with self._turns:
            return self._hasher.hash(password, salt=self._entropy(_SALT_OCTETS))

    def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one kept.

        Args:
            kept: its hash; None = there is none, and the same work is done.
            password: as it was typed.
        """
        # Where it is still to be made, known people wait for it like unknown ones.
        nobodys = self._nobodys or self._made()
        with self._turns:
            try:
                self._hasher.verify(kept or nobodys, password)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def _made(self) -> str:
        """Make what unknown people are compared with, once."""
        with self._making:
            if not self._nobodys:
                self._nobodys = self.hash(self._entropy(_SALT_OCTETS).hex())
            return self._nobodys

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def warm(self) -> None:
        """Make what unknown people are compared with, before the first one comes.

        It takes some tenths of a second of every core, and need not be waited for.
        """
        threading.Thread(target=self._made, daemon=True).start()


def check_password(password: str, known: Iterable[str]) -> None:
    """Check that a new password is long enough and hard to guess.

    There are no rules on kinds of characters (NIST SP 800-63B-4, 3.1.1.2).  How many
    guesses it takes is estimated with lists of common passwords, names and words.

    Args:
        password: exactly as it came; it is compared so too.
        known: what is known of the person: e-mail, name, parties.

    Raises:
        InvalidInputError: says what to change.
    """
    if not LEAST <= len(password) <= MOST:
        raise _refused(f"{LEAST} to {MOST} characters", str(len(password)))
    # It takes a tenth of a second to import, and few processes need it.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    words = [*OWN_WORDS, *(word for text in known for word in _parts(text))]
    found = zxcvbn(password[:_JUDGED], user_inputs=words, max_length=_JUDGED)
    if found["guesses_log10"] < GUESSES_LOG10 or len(_rest(password, words)) < _REST:
        raise _refused("something hard to guess", "a common or predictable password")


def _rest(password: str, words: Iterable[str]) -> str:
    """Give what is left of a password without known words."""
    plain = password.casefold()
    for word in sorted({word.casefold() for word in words}, key=len, reverse=True):
        plain = plain.replace(word, "")
    return plain


def _parts(text: str) -> list[str]:
    """Give a text and its words of three characters or more."""
    parts = [part for part in re.split(r"[^\w]+", text) if len(part) >= _WORD_LEAST]
    return [text, *parts]


def _refused(expected: str, found: str) -> InvalidInputError:
    problem = Problem("password", "password", expected, found)
    return InvalidInputError(
        str(problem), problems=(problem,), hint="several unrelated words do well"
    )
