"""Hand out statements, each as far as the asker may see it, for mirrors."""

from firtree.access import Principal, Right, scope_of
from firtree.library.ports import Register
from firtree.statements.disclosure import DisclosedStatement, disclosed


def disclosed_statements(
    principal: Principal, register: Register, start: int, stop: int
) -> list[DisclosedStatement]:
    """Give statements ``start`` to ``stop`` - 1, as far as a principal may see them.

    Args:
        principal: who asks.
        register: which.
        start: number of the first one looked at.
        stop: number before which to stop; at most the log size.

    Returns:
        Those within its reach, in log order.

    Raises:
        NotFoundError: the principal may not read entries.

    Cost: all of them are in memory, some 4 kB each.
    """
    scope = scope_of(principal, Right.READ_ENTRIES)
    with register.reading() as tx:
        rows = (disclosed(row, scope) for row in tx.statements(start, stop))
        return [row for row in rows if row is not None]
