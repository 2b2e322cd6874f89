"""Texts that a spreadsheet program would run: made harmless in CSV, and undone.

A text that begins with ``=``, ``+``, ``-``, ``@``, their wide forms, a tab or a CR,
behind any number of apostrophes, gets one apostrophe more; reading takes it away.
"""

import re

_STARTS = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
_RISKY = re.compile(f"'*[{_STARTS}]")
_HARMLESS = re.compile(f"'+[{_STARTS}]")


def harmless(text: str) -> str:
    """Give the text of a CSV cell that no spreadsheet program runs."""
    return f"'{text}" if _RISKY.match(text) else text


def meant(text: str) -> str:
    """Give the text that was made harmless."""
    return text[1:] if _HARMLESS.match(text) else text
