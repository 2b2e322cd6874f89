"""Changes of the settings that touch safety, noted when a server starts."""

from collections.abc import Mapping

from firtree.library.accounts.access_log import Event, Note, note
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.ports import Setting


def note_settings(gate: Gate, current: Mapping[str, str]) -> int:
    """Note each setting that is not as at the last start, with its old and new value.

    Args:
        gate: what is needed.
        current: settings that touch safety, none of them secret, as texts.

    Returns:
        How many had changed; 0 at the very first start.
    """
    with gate.accounts.reading() as tx:
        if {each.name: each.value for each in tx.settings()} == dict(current):
            return 0
    with gate.accounts.writing() as tx:
        before = {each.name: each.value for each in tx.settings()}
        changed = 0
        for name, value in current.items():
            if before.get(name) == value:
                continue
            tx.put(Setting(name, value))
            if before:
                told = f"{name}: {before.get(name, '(none)')} → {value}"
                note(tx, gate.now(), Note(Event.SETTING_CHANGED, detail=told))
                changed += 1
    return changed
