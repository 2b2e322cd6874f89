"""What an operator can set: one frozen type, read once from the environment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Self

from firtree.errors import InvalidInputError
from firtree.text import shown, whole_number

if TYPE_CHECKING:
    from sqlalchemy import URL

_PREFIX = "FIRTREE_"
# Used by tests and the build, not by the program.
_NOT_SETTINGS = {"FIRTREE_REFERENCE"}
_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked.  Nothing else reads the environment.

    Args:
        data: folder of the register: its database, and its signing key.
        database: empty = SQLite in the data folder; or a ``postgresql://`` URL.
        lock_wait_s: how long a writer waits for another, seconds.
        models_kept: how many hardware models are kept in memory, about 15 kB each.
    """

    data: str = "./var"
    database: str = field(default="", repr=False)  # it may hold a password
    lock_wait_s: float = 5.0
    models_kept: int = 8192

    def __post_init__(self) -> None:
        if self.database:
            _url(self.database)
        if not 0 < self.lock_wait_s <= 3600:
            raise InvalidInputError(
                f"FIRTREE_LOCK_WAIT_S: expected more than 0, at most 3600 "
                f"seconds, found {self.lock_wait_s:g}"
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
        url = _url(self.database)
        host = url.host or ""
        place = f"[{host}]" if ":" in host else host
        port = f":{url.port}" if url.port else ""
        return f"PostgreSQL {place}{port}/{url.database or ''}"

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
            read = _READERS[type(usual)]
            try:
                values[known[name].name] = read(environ[name])
            except ValueError:
                raise InvalidInputError(
                    f"{name}: expected a number, found {shown(environ[name])}"
                ) from None
        return cls(**values)  # type: ignore[arg-type]


def _url(text: str) -> "URL":
    """Read the URL of a database; what is wrong with it is told without showing it."""
    # Whoever uses SQLite in the data folder does not wait for this import here.
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(text)
        fits = text.startswith(_SCHEMES) and 1 <= (url.port or 5432) <= 65535
    except (ArgumentError, ValueError):
        fits = False
    # A sign of a password that was not escaped: its rest is taken for the host's.
    if not fits or "@" in f"{url.host}{url.database}":
        raise InvalidInputError(
            "FIRTREE_DATABASE: expected a postgresql:// URL, found another form",
            hint="leave it empty to use SQLite in the data folder; "
            "in a password write @ as %40, / as %2F",
        )
    return url


def _decimal(text: str) -> float:
    """Read a number in plain ASCII digits, with one point at most."""
    if not _DECIMAL.match(text):
        raise ValueError("a number such as 5 or 0.5")
    return float(text)


_READERS: dict[type, Callable[[str], object]] = {
    str: str,
    int: whole_number,
    float: _decimal,
}
