"""Signs with the keys that a log names at the moment; a rotation elsewhere is noticed.

A key is rotated by a process of its own while servers run.  These look, whenever they
sign a larger size than before or are about to record, whether there was a rotation, and
take up the keys that the log names from the files of their folder.  Where those are not
there, because another host rotated the key, the old one signs on for as long as the
rotation lets it; then nothing is signed or recorded until the new one is in its place.
"""

import logging
from collections.abc import Callable
from datetime import date

from firtree.errors import FirtreeError, UnavailableError
from firtree.ledger.notes import Checkpoint, Signer, Verifier
from firtree.ledger.statemap import map_key
from firtree.library.keeping.keys import LogKeys, keys_of_log
from firtree.library.keeping.seen import Fence
from firtree.library.ports import Head, Reading, Register
from firtree.statements.types.key_rotation import LISTED

_ROTATIONS = map_key(*LISTED)
_NEWEST = "put the newest log.key into the data folder; no restart is needed"
_log = logging.getLogger("firtree.keys")


class CurrentSigner:
    """Implements ``Signing`` with the keys a register has.  Safe between threads.

    Args:
        register: whose log it is.
        keys: of the log.
        find: gives what signs, for the keys of a log; raises a ``FirtreeError`` where
            the files do not have them.
        today: the day, UTC.

    Raises:
        FirtreeError: the files do not have the keys.
    """

    def __init__(
        self,
        register: Register,
        keys: LogKeys,
        find: Callable[[LogKeys], Signer],
        *,
        today: Callable[[], date],
    ) -> None:
        self._register = register
        self._keys = keys
        self._find = find
        self._signer = find(keys)
        self._today = today
        # Up to this log size it is known that there was no other rotation; the first
        # look is at the first signature, since nobody says of which size the keys are.
        self._looked_at = 0
        self._since = -1
        # A rotation is known whose key the files do not have; why nothing is signed.
        self._is_behind = False
        self._refusal = ""
        self._told = ""

    @property
    def name(self) -> str:
        """Origin of the log."""
        return self._signer.name

    @property
    def verifier(self) -> Verifier:
        """The verifier key of the key that signs."""
        return self._signer.verifier

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Verifier keys of all that sign today, the current one first."""
        return self._keys.signing(self._today())

    def sign(self, text: str) -> str:
        """Give the note of a checkpoint's text (see ``Signing``).

        Raises:
            UnavailableError: the keys of this folder do not sign for the log any more.
        """
        size = Checkpoint.parse(text).size
        if size > self._looked_at or self._is_behind:
            try:
                self._look(size)
            except UnavailableError as error:
                # What was committed is signed all the same: a moment ago the keys were
                # right.
                _log.warning("the log's keys cannot be read now: %s", error)
        self._check()
        return self._signer.sign(text)

    def check(self, tx: Reading, head: Head) -> None:
        """Check that what is about to be recorded can be signed.

        Raises:
            UnavailableError: it cannot.
        """
        if head.size > self._looked_at or self._is_behind:
            self._take_up(keys_of_log(tx))
            self._looked_at = max(self._looked_at, head.size)
        self._check()

    def _look(self, size: int) -> None:
        since = self._register.list_since(_ROTATIONS)
        if since != self._since:
            with self._register.reading() as tx:
                self._take_up(keys_of_log(tx))
            if not self._is_behind:
                self._since = since
        self._looked_at = max(self._looked_at, size)

    def _take_up(self, keys: LogKeys) -> None:
        """Take up the keys that the log names, if there are others than before."""
        if keys == self._keys:
            return
        try:
            self._signer = self._find(keys)
        except FirtreeError as error:
            self._is_behind = True
            may = self._signer.verifier in keys.signing(self._today())
            self._refusal = "" if may else str(error)
            self._tell(str(error))
            return
        self._keys, self._is_behind, self._refusal = keys, False, ""
        self._told = ""
        _log.info("the log has a new key: %s", keys.current)

    def _check(self) -> None:
        if self._refusal:
            raise UnavailableError(self._refusal, hint=_NEWEST)

    def _tell(self, what: str) -> None:
        """Tell the operator something, but not the same again and again."""
        if what != self._told:
            self._told = what
            _log.warning("%s", what)


class SignableFence:
    """Implements ``Fence``: nothing is recorded that could not be signed.

    Args:
        fence: what was signed before.
        signer: signs.
    """

    def __init__(self, fence: Fence, signer: CurrentSigner) -> None:
        self._fence = fence
        self._signer = signer

    def check(self, tx: Reading, head: Head) -> None:
        """Look at the keys, then at the fence (see ``Fence``)."""
        self._signer.check(tx, head)
        self._fence.check(tx, head)

    def note(self, size: int, root: bytes) -> None:
        """Remember what is about to be signed (see ``Fence``)."""
        self._fence.note(size, root)
