"""Joins the parts of ``firtree erase``: the register, then its files."""

from firtree.access import KEEPER
from firtree.library.keeping.erasing import Plan, plan_erasure
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.statements.types.erasure import Erasure
from firtree.wiring import opened, opened_register


def plan(settings: Settings, number: int, section: str) -> Plan:
    """Tell what an erasure would do (see ``plan_erasure``)."""
    with opened(settings) as parts:
        return plan_erasure(KEEPER, parts.register, number, section)


def erase(settings: Settings, planned: Plan, reason: str) -> int:
    """Erase a section, and see to it that its octets leave the files.

    Returns:
        The number of the statement that says so.

    Raises:
        InvalidInputError: it was erased meanwhile.
        UnavailableError: readers keep the octets in the write-ahead log; the section
            is erased, and ``settle`` has to be tried again.
    """
    erasure = Erasure(statement=planned.number, section=planned.section, reason=reason)
    with opened(settings) as parts:
        statement = Statement(subject=erasure, by=KEEPER.name)
        size = parts.recorder.record([statement], KEEPER).size
        parts.register.settle(planned.salt)
    return size - 1


def settle(settings: Settings) -> bool:
    """Have what was erased before leave the files.

    Octets and salt are not known any more; so it is not enough to look for them.

    Returns:
        Whether it has left them; False = that is the operator's to do.

    Raises:
        UnavailableError: readers still keep the octets in the write-ahead log.
    """
    with opened_register(settings) as register:
        return register.settle()
