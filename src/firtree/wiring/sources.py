"""Chooses the register one asks by what ``--from`` names."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from firtree.access import KEEPER
from firtree.catalogue.answer import Device
from firtree.client.kept import KeptSource
from firtree.client.mirror_state import STATE_FILE
from firtree.errors import InvalidInputError
from firtree.exchange.files import Progress, silent
from firtree.exchange.wire import AssessmentWire
from firtree.ledger.policy import Policy
from firtree.library.publishing import Publication
from firtree.library.sources import Provenance, Publisher, Source
from firtree.settings import Settings
from firtree.wiring import clock, opened


@contextmanager
def opened_source(
    settings: Settings, place: str, *, progress: Progress = silent
) -> Iterator[Source]:
    """Open the register that a place holds.

    Args:
        settings: of this run; the token is for servers alone.
        place: a server's address, a mirror, a data folder, or a table of entries;
            empty = the data folder of the settings.
        progress: told (what, done, of how many).

    Raises:
        FirtreeError: there is no such thing, or it cannot be opened.
    """
    if "://" in place:
        with _server(settings, place, progress) as source:
            yield source
        return
    if place and Path(place).is_file():
        from firtree.client.table import TableSource  # noqa: PLC0415

        yield TableSource(Path(place), now=clock, progress=progress)
        return
    if place and (Path(place) / STATE_FILE).is_file():
        from firtree.wiring.mirrors import opened_mirror  # noqa: PLC0415

        with opened_mirror(Path(place), progress=progress) as source:
            yield source
        return
    folder = dataclasses.replace(settings, data=place) if place else settings
    with _folder(folder, progress) as source:
        yield source


def proven(
    settings: Settings, place: str, device: Device, policy: Policy
) -> tuple[AssessmentWire, Provenance]:
    """Ask a server about a device, and check its answer against the log.

    Args:
        settings: of this run; the token is for the server.
        place: its address.
        device: which.
        policy: whom the reader trusts.

    Raises:
        InvalidInputError: the address is none, or the policy another log's.
        VerificationError: the answer is not proven, or does not follow from what is.
        FirtreeError: the server cannot be asked.
    """
    from firtree.client.proven import proven_answer  # noqa: PLC0415
    from firtree.wiring.mirrors import connected  # noqa: PLC0415

    with connected(settings, place) as connection:
        return proven_answer(connection, device, policy, clock())


@contextmanager
def opened_publisher(settings: Settings, place: str) -> Iterator[Publisher]:
    """Open the register, or a mirror of it, whose publications are made again.

    Args:
        settings: of this run.
        place: a mirror or a data folder; empty = the data folder of the settings.

    Raises:
        InvalidInputError: the place is a server or a table, which cannot be asked so.
        FirtreeError: there is no such thing, or it cannot be opened.
    """
    if "://" in place:
        raise InvalidInputError(
            f"--from: expected a mirror or a data folder, found the server {place}",
            hint=f"make a mirror, which is verified: firtree log mirror {place} DIR",
        )
    if place and Path(place).is_file():
        raise InvalidInputError(
            f"--from: expected a mirror or a data folder, found the file {place}",
            hint="name the folder of the register or of a mirror",
        )
    if place and (Path(place) / STATE_FILE).is_file():
        from firtree.wiring.mirrors import mirrored_publisher  # noqa: PLC0415

        with mirrored_publisher(Path(place)) as publisher:
            yield publisher
        return
    folder = dataclasses.replace(settings, data=place) if place else settings
    with opened(folder) as parts:
        yield Publisher(
            parts.register,
            parts.signer,
            Provenance(kind="folder", place=folder.database_shown),
        )


@contextmanager
def _folder(settings: Settings, progress: Progress) -> Iterator[Source]:
    with opened(settings) as parts:
        yield KeptSource(
            parts.lookup,
            KEEPER,
            partial(Publication, parts.register, parts.signer),
            provenance=Provenance(kind="folder", place=settings.database_shown),
            progress=progress,
        )


@contextmanager
def _server(settings: Settings, place: str, progress: Progress) -> Iterator[Source]:
    # httpx takes a tenth of a second to import, and only servers need it.
    from firtree.client.server import ServerSource  # noqa: PLC0415
    from firtree.wiring.mirrors import connected  # noqa: PLC0415

    with connected(settings, place) as connection:
        yield ServerSource(connection, progress=progress)
