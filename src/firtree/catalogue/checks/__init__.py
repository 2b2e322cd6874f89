"""The checks on a submission: every rule that fails is found, all at once.

Pure: what a rule needs to know is the entry, the day, and the entries around it.
``docs/checks.md`` explains each code.  Whether to refuse, to ask for a confirmation
or only to note a finding is the caller's act; nothing here raises.
"""

from firtree.catalogue.checks import assurance, identity, image, people, steps
from firtree.catalogue.checks.codes import CODES
from firtree.catalogue.checks.finding import Column, Finding, Severity
from firtree.catalogue.checks.neighbours import Neighbours
from firtree.catalogue.checks.surroundings import Surroundings
from firtree.catalogue.entry import Entry

__all__ = [
    "CODES",
    "Column",
    "Finding",
    "Neighbours",
    "Severity",
    "Surroundings",
    "findings",
]

_RULES = (
    *identity.RULES,
    *image.RULES,
    *steps.RULES,
    *assurance.RULES,
    *people.RULES,
)
_RANK = {code: rank for rank, code in enumerate(CODES)}


def findings(entry: Entry, around: Surroundings) -> tuple[Finding, ...]:
    """Hold an entry against every rule.

    Args:
        entry: the entry as submitted or recorded.  An id of 0 or less stands for a
            draft whose CPL Entry ID is not known yet.
        around: what the rules need to know besides.

    Returns:
        All findings, in the order of :data:`CODES`; empty where all is well.  The
        order of the entries around makes no difference.

    Cost: that of what is found, where ``Neighbours`` are shared; else O(entries and
    declared edges of the hardware model).  On a circle of declared edges it is O(what
    the circle leads to).
    """
    found = [finding for rule in _RULES for finding in rule(entry, around)]
    return tuple(sorted(found, key=lambda finding: _RANK[finding.code]))
