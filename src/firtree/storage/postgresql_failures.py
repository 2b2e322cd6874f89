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

_DAMAGES = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
)
_LOST = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # The server has ended a connection that took too long.
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
)


def translated_postgresql(unit: Unit) -> AbstractContextManager[None]:
    """Turn the errors of PostgreSQL's driver into ours."""
    return translated(
        psycopg.Error,
        lambda error: _damage(error) or _refused(error, unit) or _lost(error, unit),
    )


def _damage(error: BaseException | None) -> FirtreeError | None:
    if not isinstance(error, _DAMAGES):
        return None
    told = str(error).partition("\n")[0]
    return VerificationError(f"the register's database is damaged: {told}", hint=ANEW)


def _refused(error: BaseException | None, unit: Unit) -> FirtreeError | None:
    """Tell what the server refuses that is not a fault of this program."""
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
        case psycopg.errors.ReadOnlySqlTransaction():
            return UnavailableError(
                f"the database is read-only{unit.undone}",
                hint="after a failover, see that FIRTREE_DATABASE names the primary "
                "server; then run the same again",
            )
        case psycopg.errors.InsufficientPrivilege():
            return InvalidInputError(
                "the database's role may not do this",
                hint="grant it CREATE on the schema, or use another role",
            )
    return None


def _lost(error: BaseException | None, unit: Unit) -> FirtreeError | None:
    """Tell that there is no connection, or none any more."""
    if not isinstance(error, _LOST):
        return None
    if unit.is_doubtful:
        return doubtful()
    return UnavailableError(
        f"the database cannot be reached{unit.undone}",
        hint="check that PostgreSQL runs and FIRTREE_DATABASE is right",
    )
