"""The types of statements, one module for each; a new one is a module and a line here.

register-opened    the first: origin and key of the log
maker-recorded     a maker with its contact, in full
entry-recorded     an entry, in full: its newest statement alone determines it
party-recorded     a party, in full: kinds, codes, mandates, keys, contacts
succession-recorded  what one party held goes to another
access-log-head    how far the chained access log had come on a day
key-rotated        the log's key gives way to a new one
section-erased     octets and salt of a section are destroyed
"""

from typing import Any

from firtree.catalogue.entry import Entry
from firtree.parties import Maker
from firtree.parties.party import Party, Succession
from firtree.statements.types import (
    access_log,
    entry,
    erasure,
    key_rotation,
    maker,
    opening,
    party,
    succession,
)
from firtree.statements.types.access_log import AccessLogHead
from firtree.statements.types.erasure import Erasure
from firtree.statements.types.form import Form, StatementType
from firtree.statements.types.key_rotation import KeyRotation
from firtree.statements.types.opening import Opening

Subject = (
    Opening | Maker | Entry | Party | Succession | AccessLogHead | KeyRotation | Erasure
)

_ALL: tuple[Form[Any], ...] = (
    opening.FORM,
    maker.FORM,
    entry.FORM,
    party.FORM,
    succession.FORM,
    access_log.FORM,
    key_rotation.FORM,
    erasure.FORM,
)
BY_SUBJECT: dict[type, Form[Any]] = {form.subject: form for form in _ALL}
BY_TYPE: dict[StatementType, Form[Any]] = {form.statement_type: form for form in _ALL}
