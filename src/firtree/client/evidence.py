"""Two notes of one log that contradict each other, kept so that others can judge."""

from datetime import UTC, datetime
from pathlib import Path

from firtree.client.log_files import sync_folder, writable
from firtree.errors import VerificationError
from firtree.exchange.whole import whole_file

EVIDENCE_FOLDER = "evidence"


def contradiction(
    folder: Path, kept: bytes, found: bytes, told: str, now: datetime
) -> VerificationError:
    """Keep two notes, and give the error that says so.

    Args:
        folder: of the mirror.
        kept: the note that was relied on so far.
        found: the note that does not go with it.
        told: what is wrong.
        now: the time; it names the files.

    Raises:
        UnavailableError: they cannot be written.
    """
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    place = folder / EVIDENCE_FOLDER
    with writable(place):
        place.mkdir(mode=0o700, exist_ok=True)
        for name, note in (("kept", kept), ("found", found)):
            with whole_file(place / f"{stamp}-{name}.note") as part:
                part.write_bytes(note)
        sync_folder(place)
    return VerificationError(
        told,
        hint=f"use no answer of this server; show the two notes in {place} to the "
        "keeper, the witnesses and the Security Sub-Committee",
    )
