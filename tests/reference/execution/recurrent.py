"""Recurrent layers, step by step: every cell sees the input, and what it said the step before."""

from collections.abc import Callable, Sequence

import numpy as np

from .activation import logistic
from .fields import Fields, flag, integer
from .registry import executes
from .tally import Array, Machine

States = tuple[Array, ...]
Cell = Callable[[Array, States], States]
"""A function of an input and the states that returns the next states, that of the output first."""


class Gates:
    """Matrices and biases of a cell's gates."""

    def __init__(self, machine: Machine, fields: Fields, gates: int, c_i: int, c_r: int, *, apart: int = -1) -> None:
        self.machine = machine
        self.c_h = integer(fields, "hidden_size")
        self.w = [machine.parameter(self.c_h, c_i) for _ in range(gates)]
        self.u = [machine.parameter(self.c_h, c_r) for _ in range(gates)]
        has_bias = flag(fields, "bias", True)
        joined = flag(fields, "joined_biases", False)
        counts = [0 if not has_bias else 1 if joined and gate != apart else 2 for gate in range(gates)]
        self.biases = [[machine.parameter(self.c_h) for _ in range(count)] for count in counts]

    def of_input(self, gate: int, x: Array, into: Array | float = 0.0) -> Array:
        """W x, added to what is there."""
        start = np.zeros((len(x), self.c_h)) + into
        return self.machine.multiply_accumulate(start, x[:, np.newaxis], self.w[gate], axis=-1)

    def of_state(self, gate: int, h: Array, into: Array | float = 0.0) -> Array:
        """U h, added to what is there."""
        start = np.zeros((len(h), self.c_h)) + into
        return self.machine.multiply_accumulate(start, h[:, np.newaxis], self.u[gate], axis=-1)

    def shifted(self, gate: int, y: Array, which: Sequence[int] = (0, 1)) -> Array:
        """y with the gate's biases."""
        for index in which:
            if index < len(self.biases[gate]):
                y = self.machine.add(y, self.biases[gate][index])
        return y

    def both(self, gate: int, x: Array, h: Array) -> Array:
        """W x + U h, one long sum, with both biases."""
        return self.shifted(gate, self.of_state(gate, h, into=self.of_input(gate, x)))


def rnn_cell(machine: Machine, fields: Fields, c_i: int) -> Cell:
    """tanh or max(0, .) of one gate."""
    gates = Gates(machine, fields, 1, c_i, integer(fields, "hidden_size"))

    def step(x: Array, states: States) -> States:
        y = gates.both(0, x, states[0])
        if fields.get("activation", "tanh") == "relu":
            return (machine.maximum(y, 0.0),)
        return (machine.transcendental(np.tanh, y),)

    return step


def gru_cell(machine: Machine, fields: Fields, c_i: int) -> Cell:
    """Cho et al.: a reset and an update gate; the reset gate before or after the product with the state."""
    apart = 2 if fields.get("reset", "after") == "after" else -1
    gates = Gates(machine, fields, 3, c_i, integer(fields, "hidden_size"), apart=apart)

    def new(x: Array, h: Array, r: Array) -> Array:
        if fields.get("reset", "after") == "before":
            return gates.both(2, x, machine.multiply(r, h))
        of_input = gates.shifted(2, gates.of_input(2, x), [0])
        of_state = gates.shifted(2, gates.of_state(2, h), [1])
        return machine.add(of_input, machine.multiply(r, of_state))

    def step(x: Array, states: States) -> States:
        (h,) = states
        r = logistic(machine, gates.both(0, x, h))
        z = logistic(machine, gates.both(1, x, h))
        g = machine.transcendental(np.tanh, new(x, h, r))
        return (machine.add(machine.multiply(machine.add(-z, 1.0), g), machine.multiply(z, h)),)

    return step


def lstm_cell(machine: Machine, fields: Fields, c_i: int) -> Cell:
    """Input, forget and output gates around a cell, which they may see; the output may be projected."""
    c_h = integer(fields, "hidden_size")
    c_r = c_h if fields.get("projection") is None else integer(fields, "projection")
    gates = Gates(machine, fields, 4, c_i, c_r)
    peeps = [machine.parameter(c_h) for _ in range(3)] if flag(fields, "peepholes", False) else []
    projection = None if fields.get("projection") is None else machine.parameter(c_r, c_h)

    def gate(index: int, x: Array, h: Array, c: Array) -> Array:
        y = gates.both(index, x, h)
        if peeps:
            y = machine.add(y, machine.multiply(c, peeps[index]))
        return logistic(machine, y)

    def step(x: Array, states: States) -> States:
        h, c = states
        i, f = gate(0, x, h, c), gate(1, x, h, c)
        g = machine.transcendental(np.tanh, gates.both(3, x, h))
        c = machine.add(machine.multiply(f, c), machine.multiply(i, g))
        h = machine.multiply(gate(2, x, h, c), machine.transcendental(np.tanh, c))
        if projection is not None:
            h = machine.multiply_accumulate(np.zeros((len(h), c_r)), h[:, np.newaxis], projection, axis=-1)
        return h, c

    return step


CELLS = {"rnn": rnn_cell, "gru": gru_cell, "lstm": lstm_cell}


def recurrence(machine: Machine, fields: Fields, kind: str, sizes: Sequence[int], inputs: States) -> tuple[Array, ...]:
    """Layers above each other, each forward and, if asked for, backward through the sequence."""
    x, *given = inputs
    if flag(fields, "batch_first", False):
        x = x.swapaxes(0, 1)
    directions = 2 if flag(fields, "bidirectional", False) else 1
    passes = integer(fields, "layers", 1) * directions
    first = given or [np.zeros((passes, x.shape[1], size)) for size in sizes]
    last: list[States] = []
    for _ in range(integer(fields, "layers", 1)):
        read = []
        for direction in range(directions):
            cell = CELLS[kind](machine, fields, x.shape[-1])
            states = tuple(state[len(last)] for state in first)
            said = []
            for step in x[::-1] if direction else x:
                states = cell(step, states)
                said.append(states[0])
            read.append(np.stack(said[::-1] if direction else said))
            last.append(states)
        x = np.concatenate(read, axis=-1)
    y = x.swapaxes(0, 1) if flag(fields, "batch_first", False) else x
    return (y, *(np.stack(state) for state in zip(*last, strict=True)))


@executes("rnn")
def rnn(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """A plain recurrent network."""
    return recurrence(machine, fields, "rnn", [integer(fields, "hidden_size")], inputs)


@executes("gru")
def gru(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Gated recurrent units."""
    return recurrence(machine, fields, "gru", [integer(fields, "hidden_size")], inputs)


@executes("lstm")
def lstm(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Long short-term memory."""
    c_h = integer(fields, "hidden_size")
    c_r = c_h if fields.get("projection") is None else integer(fields, "projection")
    return recurrence(machine, fields, "lstm", [c_r, c_h], inputs)
