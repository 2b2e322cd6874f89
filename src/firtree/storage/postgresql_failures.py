"""What PostgreSQL's errors mean for whoever reads or records."""

from contextlib import AbstractContextManager

import psycopg

from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    UnavailableError,
    VerificationError,
)
from firtree.storage.failures import ANEW, Unit, doubtful, translated


def translated_postgresql(unit: Unit) -> AbstractContextManager[None]:
    """Turn the errors of PostgreSQL's driver into ours."""
    return translated(
        psycopg.Error, lambda error: _damage(error) or _known(error, unit)
    )


def _damage(error: BaseException | None) -> FirtreeError | None:
    absent = psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn
    if not isinstance(error, absent):
        return None
    told = str(error).partition("\n")[0]
    return VerificationError(f"the register's database is damaged: {told}", hint=ANEW)


def _known(error: BaseException | None, unit: Unit) -> FirtreeError | None:
    """Tell what of PostgreSQL's errors is not a fault of this program."""
    match error:
        case psycopg.errors.LockNotAvailable():
            return UnavailableError(
                f"another process is writing to the register{unit.undone}",
                hint="try again",
            )
        case psycopg.errors.DiskFull():
            return UnavailableError(
                f"the database's disk is full{unit.undone}",
                hint="free some space, then run the same again",
            )
        case psycopg.errors.InsufficientPrivilege():
            return InvalidInputError(
                "the database's role may not do this",
                hint="grant it CREATE on the schema, or use another role",
            )
        case psycopg.OperationalError() | psycopg.InterfaceError():
            if unit.is_doubtful:
                return doubtful()
            return UnavailableError(
                f"the database cannot be reached{unit.undone}",
                hint="check that PostgreSQL runs and FIRTREE_DATABASE is right",
            )
    return None
