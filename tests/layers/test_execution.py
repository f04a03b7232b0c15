"""Every layer kind's shapes, ledger, parameters and buffers are what executing the layer takes."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.layers import kinds, parse_layer
from tests.conftest import EVERY
from tests.layers.strategies import STRATEGIES
from tests.reference.execution import EXECUTORS, run

KINDS = sorted(name for name, layer in kinds().items() if layer.__module__.startswith("costmodel."))


@pytest.mark.parametrize("kind", KINDS)
@EVERY
@given(data=st.data())
def test_the_closed_forms_are_what_execution_counts(kind: str, data: st.DataObject) -> None:
    assert kind in STRATEGIES, f"kind '{kind}' has no strategy in tests/layers/strategies.py"
    assert kind in EXECUTORS, f"kind '{kind}' has no execution in tests/reference/execution"
    fields, shapes = data.draw(STRATEGIES[kind], label="fields, input shapes")
    values = np.random.default_rng(0)

    cost = parse_layer({"kind": kind, **fields}).cost(*shapes)
    execution = run(kind, fields, [values.standard_normal(shape) for shape in shapes])

    assert cost.output_shapes == tuple(output.shape for output in execution.outputs)
    assert cost.ledger._asdict() == asdict(execution.tally)
    assert (cost.params, cost.buffers) == (execution.params, execution.buffers)
    assert {type(count) for count in (*cost.ledger, cost.params, cost.buffers)} == {int}


def test_no_strategy_or_execution_is_left_of_a_kind_that_is_gone() -> None:
    assert set(STRATEGIES) == set(EXECUTORS) == set(KINDS)
