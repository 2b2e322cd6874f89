"""Checkpoints are sent to witnesses, and served once enough have cosigned them."""
