"""The page for an error, in words for people."""

from html import escape


def error_page(status: int, title: str, detail: str, hint: str) -> str:
    """Give the whole page for an error."""
    said = "".join(f"<p>{escape(text)}</p>" for text in (detail, hint) if text)
    return (
        f'<!doctype html><html lang="en-GB"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1>{said}<p>{status}</p></html>"
    )
