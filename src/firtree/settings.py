"""What an operator can set: one frozen type, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from firtree.errors import InvalidInputError
from firtree.text import shown, whole_number

_PREFIX = "FIRTREE_"
# Used by tests and the build, not by the program.
_NOT_SETTINGS = {"FIRTREE_REFERENCE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked.  Nothing else reads the environment.

    Args:
        data: folder of the register: its database, and its signing key.
        database: empty = SQLite in the data folder; or a ``postgresql://`` URL.
        lock_wait_s: how long a writer waits for another, seconds.
        models_kept: how many hardware models are kept in memory, about 30 kB each.
    """

    data: str = "./var"
    database: str = field(default="", repr=False)  # it may hold a password
    lock_wait_s: float = 5.0
    models_kept: int = 8192

    def __post_init__(self) -> None:
        if self.database and not self.database.startswith(
            ("postgresql://", "postgres://", "postgresql+psycopg://")
        ):
            raise InvalidInputError(
                "FIRTREE_DATABASE: expected a postgresql:// URL, found another form",
                hint="leave it empty to use SQLite in the data folder",
            )
        if not 0 < self.lock_wait_s <= 3600:
            raise InvalidInputError(
                f"FIRTREE_LOCK_WAIT_S: expected 0 to 3600 seconds, "
                f"found {self.lock_wait_s:g}"
            )
        if not 1 <= self.models_kept <= 10_000_000:
            raise InvalidInputError(
                f"FIRTREE_MODELS_KEPT: expected 1 to 10000000, found {self.models_kept}"
            )

    @property
    def database_shown(self) -> str:
        """Where the register is kept, without a password."""
        if not self.database:
            return self.data
        place = self.database.rpartition("@")[2].rpartition("://")[2]
        return "PostgreSQL " + place.partition("?")[0]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read ``FIRTREE_DATA``, ``FIRTREE_DATABASE`` and so on.

        Raises:
            InvalidInputError: a value does not parse, or a variable has our prefix
                but names no setting (a typing slip, most likely).
        """
        known = {_PREFIX + one.name.upper(): one for one in fields(cls)}
        given = {n for n in environ if n.startswith(_PREFIX)} - _NOT_SETTINGS
        if unknown := given - set(known):
            raise InvalidInputError(
                f"no such setting: {min(unknown)}",
                hint=f"settings are {', '.join(sorted(known))}",
            )
        default = cls()
        values: dict[str, object] = {}
        for name in sorted(given):
            usual = getattr(default, known[name].name)
            read = whole_number if isinstance(usual, int) else type(usual)
            try:
                values[known[name].name] = read(environ[name])
            except ValueError:
                raise InvalidInputError(
                    f"{name}: expected a number, found {shown(environ[name])}"
                ) from None
        return cls(**values)  # type: ignore[arg-type]
