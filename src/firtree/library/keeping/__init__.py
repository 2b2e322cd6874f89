"""Keeping a register whole: folding anew, checking, backing up, erasing."""
