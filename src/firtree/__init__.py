"""A register of meter firmware that nobody can quietly edit."""

__version__ = "0.1.0"
