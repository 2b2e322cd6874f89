"""Prove what the register says: single statements, and lists with what they name.

What an asker may not see is not proven to it either, as if it were not there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

from firtree.access import Principal, Right, Scope, scope_of
from firtree.devices import ModelKey
from firtree.errors import NotFoundError
from firtree.ledger.logproof import LogProof
from firtree.ledger.mapproofs import prove
from firtree.ledger.proofs import Subtrees, inclusion_proof
from firtree.ledger.statemap import StateMap, map_key
from firtree.library.ports import End, Reading, Register
from firtree.library.statemaps import StateMaps
from firtree.library.tree import subtrees_in
from firtree.library.views import missing
from firtree.statements.disclosure import disclosed
from firtree.statements.fold import Names, key_of_name
from firtree.statements.stateproof import (
    ProvenList,
    ProvenStatement,
    StateProof,
    read_list,
)
from firtree.statements.types.entry import model_name
from firtree.statements.types.maker import maker_name
from firtree.statements.types.party import party_name


class Proofs:
    """Proves what one register says.  Safe to share between threads.

    Args:
        register: where it is kept.
        checkpoint: gives the signed checkpoint of a transaction's end.
    """

    def __init__(self, register: Register, checkpoint: Callable[[End], str]) -> None:
        self._register = register
        self._checkpoint = checkpoint
        self._maps = StateMaps(register)

    def statement(
        self, principal: Principal, index: int, size: int
    ) -> tuple[ProvenStatement, str]:
        """Give a statement as far as somebody may see it, and prove that it is there.

        Args:
            principal: who asks.
            index: place of the statement, counted from 0.
            size: log size at the end of a transaction, of the checkpoint to be used.

        Returns:
            The statement, and the checkpoint.

        Raises:
            NotFoundError: there is no such statement under the checkpoint, or it is
                not the principal's to see.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        with self._register.reading() as tx:
            asked = [index] if index < size else []
            found = list(_proven(tx, asked, scope, size, subtrees_in(tx)))
            end = tx.end_of_size(size)
        if not found or end is None:
            # Statements about parties are for those who see every party.
            what = f"statement {index}"
            raise NotFoundError(missing(what, partial=not scope.parties))
        return found[0], self._checkpoint(end)

    def of_entry(
        self, principal: Principal, key: ModelKey, number: int, size: int
    ) -> StateProof:
        """Prove that an entry is listed under its hardware model, with its statement.

        Args:
            principal: who asks, and may see the entry.
            key: of the entry's hardware model.
            number: of the entry's newest statement at the size.
            size: log size at the end of a transaction.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        return self._state(scope, [("model", model_name(key))], size, [number])

    def of_list(self, principal: Principal, key: ModelKey, size: int) -> StateProof:
        """Prove the list of a hardware model alone, without the statements it names.

        Args:
            principal: who asks; what is out of its reach is left out.
            key: of the hardware model.
            size: log size at the end of a transaction.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        names = [("model", model_name(key))] if scope.covers(key) else []
        return self._state(scope, names, size, [])

    def of_model(self, principal: Principal, key: ModelKey, size: int) -> StateProof:
        """Prove all entries of a hardware model and its maker, or that there are none.

        Args:
            principal: who asks; what is out of its reach is left out.
            key: of the hardware model.
            size: log size at the end of a transaction.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        names: list[Names] = []
        if scope.covers(key):
            names.append(("model", model_name(key)))
        if scope.covers_maker(key.manufacturer):
            names.append(("party", maker_name(key.manufacturer)))
        return self._state(scope, names, size)

    def of_party(self, principal: Principal, party_id: int, size: int) -> StateProof:
        """Prove the newest statement about a party: its keys, holdings and grants.

        Args:
            principal: who asks, and may see the party.
            party_id: of the party.
            size: log size at the end of a transaction.
        """
        scope = scope_of(principal, Right.READ_PARTIES)
        return self._state(scope, [("party", party_name(party_id))], size)

    def _state(
        self,
        scope: Scope,
        names: Sequence[Names],
        size: int,
        shown: Sequence[int] | None = None,
    ) -> StateProof:
        """Prove lists of the state map.

        Args:
            scope: of the asker.
            names: which lists.
            size: log size at the end of a transaction.
            shown: numbers of the statements to be shown; None = all that are listed.
        """
        state = self._maps.at(size)
        with self._register.reading() as tx:
            end = tx.end_of_size(size)
            if end is None:
                raise NotFoundError("the register is empty")
            subtree = subtrees_in(tx)
            lists = [
                found
                for each in names
                if (found := _list(tx, state, each, size, scope)) is not None
            ]
            numbers = sorted(_numbers(lists)) if shown is None else shown
            statements = tuple(_proven(tx, numbers, scope, size, subtree))
            [leaf] = tx.leaves(size - 1, size)
            hashes = inclusion_proof(size - 1, size, subtree)
        log_proof = LogProof(size - 1, hashes, self._checkpoint(end))
        return StateProof(log_proof, leaf, tuple(lists), statements)


def _list(
    tx: Reading, state: StateMap, names: Names, size: int, scope: Scope
) -> ProvenList | None:
    """Prove a list or its absence; None where that would show what is out of reach."""
    key = map_key(*names)
    octets = tx.lists_at([key], size).get(key)
    _, end = state.path(key)
    if end not in {None, key} and not _covers_list(tx, end or b"", scope):
        return None
    proof = prove(state, key, lambda at: sha256(tx.lists_at([at], size)[at]).digest())
    return ProvenList(*names, octets, proof)


def _covers_list(tx: Reading, key: bytes, scope: Scope) -> bool:
    """Tell whether a scope covers what a list of the state map is about."""
    for kind, name in tx.map_lists([key]):
        if kind == "model":
            return scope.covers(key_of_name(name))
        if kind == "party" and name.startswith(maker_name("")):
            return scope.covers_maker(name.removeprefix(maker_name("")))
        return scope.parties
    return False


def _numbers(lists: Iterable[ProvenList]) -> set[int]:
    return {item.number for one in lists for item in read_list(one.octets or b"[]")}


def _proven(
    tx: Reading, numbers: Iterable[int], scope: Scope, size: int, subtree: Subtrees
) -> Iterator[ProvenStatement]:
    """Yield statements that a scope covers, each with its place in the tree."""
    for number in numbers:
        for row in tx.statements(number, number + 1):
            if (found := disclosed(row, scope)) is not None:
                yield ProvenStatement(found, inclusion_proof(number, size, subtree))
