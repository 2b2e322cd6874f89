"""Serve the log's tree: tiles, entry bundles and proofs (c2sp.org/tlog-tiles).

Tiles are final as soon as they are there.  A partial one is served for each size that
had a checkpoint, and for no other.
"""

from functools import partial

from firtree.access import Principal, Right, scope_of
from firtree.errors import InvalidInputError, NotFoundError, Problem
from firtree.ledger.merkle import HASH_OCTETS, leaf_hash
from firtree.ledger.proofs import (
    Consistency,
    Inclusion,
    Subtrees,
    consistency_proof,
    inclusion_proof,
    subtrees_of,
    tree_hash,
)
from firtree.ledger.tiles import TILE_WIDTH, TileName, entry_bundle
from firtree.library.ports import Reading, Register


class Tree:
    """Serves the tree of one register's log.  Safe to share between threads.

    Args:
        register: where it is kept.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def tile(self, principal: Principal, name: TileName) -> bytes:
        """Give a tile or an entry bundle.

        Raises:
            NotFoundError: it is not there yet, or it is a partial one of a size that
                had no checkpoint.
        """
        scope_of(principal, Right.READ_LOG)
        level, number, width = name
        with self._register.reading() as tx:
            if not _is_served(tx, name):
                raise NotFoundError(
                    f"there is no {name}",
                    hint="ask for what the size of a checkpoint needs",
                )
            if level is None:
                first = number * TILE_WIDTH
                return entry_bundle(tx.leaves(first, first + width))
            return tile_of(tx, level, number)[: width * HASH_OCTETS]

    def inclusion(
        self, principal: Principal, index: int, size: int | None = None
    ) -> Inclusion:
        """Prove that a leaf is in the log.

        Args:
            principal: who asks.
            index: place of the leaf, counted from 0.
            size: log size under which; None = the newest.

        Raises:
            InvalidInputError: there is no such size yet, or no such leaf in it.
        """
        scope_of(principal, Right.READ_LOG)
        with self._register.reading() as tx:
            newest = tx.head().size
            size = newest if size is None else size
            _check("size", size, least=1, most=newest)
            _check("index", index, least=0, most=size - 1)
            subtree = subtrees_in(tx)
            return Inclusion(
                index,
                size,
                subtree(0, index),
                tree_hash(size, subtree),
                inclusion_proof(index, size, subtree),
            )

    def consistency(
        self, principal: Principal, old: int, new: int | None = None
    ) -> Consistency:
        """Prove that the log of a size continues that of an earlier one.

        Args:
            principal: who asks.
            old: log size, from 0 on.
            new: log size; None = the newest.

        Raises:
            InvalidInputError: there is no such size yet, or they go back.
        """
        scope_of(principal, Right.READ_LOG)
        with self._register.reading() as tx:
            newest = tx.head().size
            new = newest if new is None else new
            _check("to", new, least=0, most=newest)
            _check("from", old, least=0, most=new)
            subtree = subtrees_in(tx)
            return Consistency(
                old,
                new,
                tree_hash(old, subtree),
                tree_hash(new, subtree),
                consistency_proof(old, new, subtree),
            )


def subtrees_in(tx: Reading) -> Subtrees:
    """Give hashes of full subtrees of the log, from its tiles."""
    return subtrees_of(partial(tile_of, tx), tx.head().frontier)


def tile_of(tx: Reading, level: int, number: int) -> bytes:
    """Give the hashes of a tile, joined, as many as there are."""
    kept = tx.tile(level, number)
    if kept or level:
        return kept
    # The open tile of level 0 follows from the last statements.
    first = number * TILE_WIDTH
    return b"".join(map(leaf_hash, tx.leaves(first, first + TILE_WIDTH)))


def _is_served(tx: Reading, name: TileName) -> bool:
    least, beyond = name.sizes
    if least > tx.head().size:
        return False
    if name.width == TILE_WIDTH:
        return True
    end = tx.end_of_size(beyond - 1)
    return end is not None and end.size >= least


def _check(name: str, value: int, *, least: int, most: int) -> None:
    if not least <= value <= most:
        expected = f"a whole number from {least} to {most}"
        problem = Problem(name, name, expected, str(value))
        raise InvalidInputError(str(problem), problems=(problem,))
