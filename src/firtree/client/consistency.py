"""That a log which is watched has only grown since a checkpoint that was kept."""

from firtree.client.answers import Fetch, json_of
from firtree.errors import VerificationError
from firtree.exchange.proof_wire import ConsistencyWire
from firtree.ledger.notes import Checkpoint, Note
from firtree.ledger.proofs import verify_consistency
from firtree.text import base64_octets, counted, shown


def check_continued(fetch: Fetch, kept_note: bytes, new: Checkpoint) -> None:
    """Check that the log continues the checkpoint that was kept.

    Args:
        fetch: asks the server for the proof.
        kept_note: the checkpoint, verified when it was kept; empty = none was.
        new: the checkpoint of now, verified.

    Raises:
        VerificationError: it does not, or went back.
        UnavailableError: the server cannot answer now.
    """
    if not kept_note:
        return
    old = Checkpoint.parse(Note.parse(kept_note).text)
    if old.origin != new.origin:
        raise VerificationError(
            f"the log is {shown(new.origin)}, and was {shown(old.origin)} last time"
        )
    if new.size < old.size:
        raise VerificationError(
            f"the log went back: it had {old.size} statements last time, and is shown "
            f"with {new.size} now"
        )
    if new.size == old.size:
        if new.root != old.root:
            raise VerificationError(
                f"the log has two histories: two checkpoints of size {new.size} differ"
            )
        return
    parameters = {"from": str(old.size), "to": str(new.size)}
    wire: ConsistencyWire = json_of(
        fetch, "/log/proof/consistency", ConsistencyWire, parameters
    )
    try:
        verify_consistency(
            old=old.size,
            new=new.size,
            proof=[base64_octets(each) for each in wire.hashes],
            old_root=old.root,
            new_root=new.root,
        )
    except (ValueError, VerificationError) as error:
        raise VerificationError(
            f"the log of {counted(new.size, 'statement')} does not continue that of "
            f"{old.size:,} "
            f"that was shown last time: {error}"
        ) from None
