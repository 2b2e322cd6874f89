"""What the failure of a unit of work may say: undone for certain, or doubtful."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError

from firtree.errors import DoubtfulError

# What to do about a database that lacks or spoils what was in it.
ANEW = (
    "restore it from a backup (firtree restore); a mirror is made anew with firtree "
    "log mirror into another folder"
)


class Step(Enum):
    """How far a unit of work has come; it decides what a failure may say."""

    READING = auto()
    WRITING = auto()
    COMMITTING = auto()


class Unit:
    """A unit of work, as far as its failures are concerned."""

    def __init__(self, step: Step = Step.READING) -> None:
        self.step = step

    @property
    def undone(self) -> str:
        """What is added to the sentence of a failure that is certain to undo it."""
        return "" if self.step is Step.READING else "; nothing was recorded"

    @property
    def is_doubtful(self) -> bool:
        """Whether a lost answer leaves open if it was done."""
        return self.step is Step.COMMITTING


def doubtful() -> DoubtfulError:
    """Tell that a commit has failed in a way that does not say if it was done."""
    return DoubtfulError(
        "it is not known whether this was recorded",
        hint="run the same again with --dry-run: it shows what is missing",
    )


@contextmanager
def translated(
    errors: type[Exception], known: Callable[[BaseException | None], Exception | None]
) -> Iterator[None]:
    """Turn a driver's errors into ours, whether SQLAlchemy wrapped them or not.

    Args:
        errors: the driver's own base of errors.
        known: gives the error of ours for a driver's; None = it stays as it is.
    """
    try:
        yield
    except (DBAPIError, errors) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if (ours := known(cause)) is not None:
            raise ours from error
        raise
