"""Invents a register to try firtree out with: makers and entries that do not exist."""

from firtree.library.demo.invent import invent
from firtree.library.demo.showcase import SHOWCASE, Showcase

__all__ = ["SHOWCASE", "Showcase", "invent"]
