"""What ``firtree lookup`` tells people: the answer, the way, and whom to ask."""

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING

from firtree.cli.options import HASH_DIGITS
from firtree.cli.sources import told
from firtree.exchange.wire import (
    AssessmentWire,
    ConditionWire,
    ContactWire,
    NotesWire,
    StepWire,
)
from firtree.library.sources import Provenance
from firtree.text import begun

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS = {
    "current": "green",
    "behind": "yellow",
    "removed": "red",
    "unlisted-firmware": "magenta",
    "unknown-model": "magenta",
    "stop": "bold red",
    "caution": "yellow",
    "info": "cyan",
}
_LEVELS = {"stop": "Stop", "caution": "Caution", "info": "Information"}
_STATES = {"met": "met", "unmet": "not met", "unknown": "not known"}
_INDENT = "  "
_WIDE = 120  # columns, in which a whole hash has room


def show_answer(answer: AssessmentWire, provenance: Provenance) -> None:
    """Write an answer to standard output; what to do and whom to ask come last."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    _show_standing(console, answer)
    _show_steps(console, answer)
    for warning in answer.warnings:
        level = _LEVELS[warning.level]
        console.print(f"[{_COLOURS[warning.level]}]{level}:[/] {escape(warning.text)}")
    for number, advice in enumerate(answer.advice, 1):
        console.print(f"{number}. {escape(advice.text)}")
    if ways := _contact_words(answer.contact):
        console.print(escape(f"Whom to ask: {ways}"))
    if answer.log.size:
        console.print(f"answered at log size {answer.log.size:,}", style="dim")
    for line in told(provenance):
        console.print(escape(line), style="dim")


def _show_standing(console: "Console", answer: AssessmentWire) -> None:
    from rich.markup import escape

    device = answer.device
    kind = f"{device.device_type} " if device.device_type else ""
    console.print(
        escape(
            f"{kind}{device.manufacturer} {device.model}, firmware {device.firmware}"
        )
    )
    console.print(f"[bold {_COLOURS[answer.standing]}]{answer.standing_text}[/]")
    if answer.entry is not None:
        console.print(f"runs entry {answer.entry}")
    if answer.target is not None and answer.target != answer.entry:
        console.print(_target_words(answer))
    for reason in answer.reasons:
        console.print(f"  {escape(reason.text)}", style="dim")


def _target_words(answer: AssessmentWire) -> str:
    """Say what the target is for; R8: that of unlisted firmware is no advice."""
    if answer.entry is None:
        partial = any(warning.code == "partial-view" for warning in answer.warnings)
        seen = "that can be seen here" if partial else "listed"
        return (
            f"newest {seen}: entry {answer.target}, for information only, "
            "not a recommendation"
        )
    if answer.pathway and any(advice.code == "roll-back" for advice in answer.advice):
        return f"should go back to entry {answer.target}"
    return f"should run entry {answer.target}"


def _show_steps(console: "Console", answer: AssessmentWire) -> None:
    from rich.table import Table

    if not answer.steps:
        if answer.blocked_route is not None:
            route = " → ".join(str(step) for step in answer.blocked_route.pathway)
            console.print(
                f"the declared way {route} is blocked by entry "
                f"{answer.blocked_route.blocked_by}"
            )
        return
    table = Table("step", "entry", "firmware", "released", "urgency")
    table.add_column("image hash", no_wrap=True)
    most = None if console.width >= _WIDE else HASH_DIGITS
    for number, step in enumerate(answer.steps, 1):
        table.add_row(
            str(number),
            str(step.entry),
            step.firmware_version,
            str(step.release_date or ""),
            step.urgency or "",
            begun(step.image_hash or "", most),
        )
    console.print(table)
    for step in answer.steps:
        _show_changes(console, step)


def _show_changes(console: "Console", step: StepWire) -> None:
    """Say what a step asks for and what changes with it."""
    from rich.text import Text

    lines = [
        *map(_condition_words, step.conditions),
        *(_notes_lines(step.notes) if step.notes else ()),
    ]
    must = " (may not be skipped)" if step.mandatory else ""
    if lines or must:
        console.print(f"entry {step.entry}{must}{':' if lines else ''}")
    for line in lines:
        # Not rich's own padding, which fills each line with blanks.
        text = fill(
            line,
            console.width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            break_long_words=False,
        )
        console.print(Text(text), soft_wrap=True)


def _condition_words(condition: ConditionWire) -> str:
    return f"Condition ({_STATES[condition.state]}): {condition.text}"


def _notes_lines(notes: NotesWire) -> Iterator[str]:
    if notes.summary:
        yield notes.summary
    for title, items in (
        ("Security", notes.security),
        ("Fixes", notes.fixes),
        ("New", notes.features),
        ("Known issues", notes.known_issues),
        ("Issue Resolution Proposals", notes.irps),
    ):
        if items:
            yield f"{title}: {'; '.join(items)}"
    if notes.reference:
        yield f"Full notes: {notes.reference}"


def _contact_words(contact: ContactWire | None) -> str:
    """Give the ways to the maker; empty where there is none."""
    if contact is None:
        return ""
    reached = [way for way in (contact.email, contact.phone, contact.url) if way]
    if not reached:
        return ""
    day = contact.confirmed_on
    since = f"last confirmed {day}" if day else "never confirmed"
    return ", ".join([*([contact.role] if contact.role else []), *reached, since])
