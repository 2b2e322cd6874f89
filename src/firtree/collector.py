"""When the garbage collector works: not where it would walk over much for nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the collector from walking over what is made, while it is made.

    A batch, or the table it comes from, is a few hundred thousand tuples without
    cycles, and looking through them again and again takes a quarter to half of the
    time; of importing the program it takes a sixth.
    """
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()


def calm_collector() -> None:
    """Let the collector look at young objects only, and seldom at those.

    What a server keeps in memory lives long; going through all of it would stop a
    server with many models in memory for most of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1000)
