"""Peak activation memory, against a simulation that allocates and frees, and against published figures."""

from math import prod

import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from costmodel import Builder, Network, symbols, zoo
from costmodel.errors import CostModelError
from costmodel.layers import (
    Add,
    Composite,
    Concat,
    Conv2d,
    DepthwiseSeparableConv2d,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Identity,
    Linear,
    MaxPool2d,
    MultiHeadAttention,
    ReLU,
    Softmax,
    Split,
)
from costmodel.network import Node, PeakMemory, Step, liveness, peak_memory
from tests.network.graphs import chain, networks


class Allocator:
    """Runs a network's nodes one after another, allocating a block for every tensor that needs one of its own.

    A composite layer's parts run one after another.

    A tensor is needed while a node still has to read it, and to the end if it is an output of the network. A block is
    freed after a step when none of the tensors in it is needed any more. Views lie in their input's block; with
    `in_place`, so does the output of a layer that overwrites its input when nothing else there is needed.
    """

    def __init__(self, network: Network, *, in_place: bool) -> None:
        self.network, self.in_place = network, in_place
        self.reads_left = dict.fromkeys(network.shapes, 0)
        self.steps = [part for step in network.steps for part in in_parts(step)]
        for step in self.steps:
            self.reads_left.update({name: 0 for name in step.outputs if name not in self.reads_left})
            for name in step.inputs:
                self.reads_left[name] += 1
        self.kept = set(network.outputs) | {name for name in network.inputs if not self.reads_left[name]}
        self.blocks: list[tuple[set[str], int]] = []

    def run(self) -> list[int]:
        """Elements allocated while each node runs."""
        for name, shape in self.network.inputs.items():
            self.blocks.append(({name}, prod(shape)))
        moments = []
        for step in self.steps:
            for name in step.inputs:
                self.reads_left[name] -= 1
            block = next(tensors for tensors, _ in self.blocks if step.inputs[0] in tensors)
            layer = step.node.layer
            if layer.view or (self.in_place and layer.in_place and not self.is_needed(block)):
                block.update(step.outputs)
            else:
                shapes = zip(step.outputs, step.output_shapes, strict=True)
                self.blocks += [({name}, prod(shape)) for name, shape in shapes]
            moments.append(sum(size for _, size in self.blocks))
            self.blocks = [(tensors, size) for tensors, size in self.blocks if self.is_needed(tensors)]
        return moments

    def is_needed(self, tensors: set[str]) -> bool:
        return any(self.reads_left[name] or name in self.kept for name in tensors)


def in_parts(step: Step) -> list[Step]:
    """The step, or one for each layer that a composite one consists of."""
    if not isinstance(step.node.layer, Composite):
        return [step]
    tensors, steps = [*step.inputs], []
    *inner, last = step.node.layer.expand(step.input_shapes)
    for part, name in [*((part, f"{step.node.name} inside {index}") for index, part in enumerate(inner)), (last, "")]:
        tensors.append(name or step.node.name)
        node = Node(name=step.node.name, layer=part.layer, inputs=tuple(tensors[index] for index in part.reads))
        steps.append(Step(node, node.inputs, (tensors[-1],), part.input_shapes, (part.output_shape,), {}))
    return steps


class TestAgainstASimulation:
    @given(network=networks(max_nodes=20), in_place=st.booleans())
    def test_the_elements_alive_at_every_step(self, network: Network, in_place: bool) -> None:
        found = liveness(network, in_place=in_place)
        parts = [part for step in network.steps for part in in_parts(step)]
        assert [name for name, _ in found] == [part.node.name for part in parts]
        assert [elements for _, elements in found] == Allocator(network, in_place=in_place).run()

    @given(networks())
    def test_the_peak_is_the_largest_of_them(self, network: Network) -> None:
        moments = Allocator(network, in_place=True).run()
        peak = peak_memory(network)
        parts = [part for step in network.steps for part in in_parts(step)]
        assert peak == PeakMemory(max(moments), parts[moments.index(max(moments))].node.name)
        assert network.cost().peak_memory_bytes == 4 * peak.elements

    @given(networks())
    def test_overwriting_whole_tensors_never_needs_more(self, network: Network) -> None:
        """Overwriting a part of a split tensor can: it keeps the whole."""
        assume(not any(isinstance(node.layer, Split) for node in network.nodes))
        assert peak_memory(network).elements <= peak_memory(network, in_place=False).elements

    @pytest.mark.parametrize("name", ["resnet18", "squeezenet1_0", "mobilenet_v2", "shufflenet_v1"])
    def test_published_networks(self, name: str) -> None:
        network = zoo.find(name)()
        assert peak_memory(network).elements == max(Allocator(network, in_place=True).run())


class TestPublished:
    def test_alexnet(self) -> None:
        """Document 003's AlexNet: the largest input and output together are those of conv1, 3x224x224 and 96x55x55."""
        assert peak_memory(zoo.alexnet()) == PeakMemory(440_928, "conv1")
        assert zoo.alexnet().cost().peak_memory_bytes == 4 * 440_928

    def test_vgg(self) -> None:
        """The two maps of 64x224x224 around conv1_2."""
        assert peak_memory(zoo.find("vgg16")()).elements == 2 * 64 * 224 * 224

    def test_a_residual_block_keeps_its_input(self) -> None:
        """In ResNet-18 the input of a block of stage 1 lives until the sum: three maps of 64x56x56."""
        moments = dict(liveness(zoo.resnet18()))
        assert moments["layer1.1.conv2"] == 3 * 64 * 56 * 56


class TestInSymbols:
    def test_one_term_for_each_power_of_a_symbol(self) -> None:
        """All of ResNet-50's maps grow with the batch: the largest three at once are 64 + 2 x 256 channels wide."""
        batch = symbols("batch")
        peak = peak_memory(zoo.resnet50(batch=batch)).elements
        assert peak == batch * peak_memory(zoo.resnet50()).elements

    @given(networks(max_nodes=12), st.integers(1, 5))
    def test_is_the_largest_for_every_batch(self, network: Network, batch: int) -> None:
        inputs = {name: (symbols("batch"), *shape[1:]) for name, shape in network.inputs.items()}
        try:
            symbolic = Network(**{**dict(network), "inputs": inputs})
            bound = symbolic.bind(batch=batch)
        except CostModelError:
            assume(False)
        found = sp.sympify(peak_memory(symbolic).elements).subs({symbols("batch"): batch})
        assert found == peak_memory(bound).elements


class TestComposites:
    def test_separable_convolutions_write_what_their_parts_do(self) -> None:
        """A depthwise step on 2x4x8x8 elements between an input of as many and an output of 16 channels."""
        layer = DepthwiseSeparableConv2d(out_channels=16, kernel=3, padding=1)
        composite, parts = chain(layer, shape=(2, 4, 8, 8)), chain(*layer.parts(), shape=(2, 4, 8, 8))
        for one, other in ((composite.cost(), parts.cost()), (parts.cost(), composite.cost())):
            assert one.activations == other.activations == 512 + 512 + 2048
            assert (one.input_bytes, one.output_bytes) == (other.input_bytes, other.output_bytes)
            assert one.peak_memory_bytes == other.peak_memory_bytes == 4 * (512 + 2048)

    def test_multi_head_attention_keeps_queries_keys_and_values(self) -> None:
        """Five results of 16 x 64 elements are written; four are alive while attention runs."""
        network = chain(MultiHeadAttention(heads=4), shape=(1, 16, 64))
        assert network.cost().activations == 6 * 16 * 64
        assert network.cost().output_bytes == 4 * 5 * 16 * 64
        assert peak_memory(network).elements == 4 * 16 * 64


class TestByHand:
    def test_a_chain_holds_the_input_and_the_output_of_a_node(self) -> None:
        network = chain(Conv2d(out_channels=8, kernel=1), Conv2d(out_channels=2, kernel=1))
        assert liveness(network) == [("conv2d", 256 + 512), ("conv2d_2", 512 + 128)]

    def test_an_activation_overwrites_its_input(self) -> None:
        network = chain(Conv2d(out_channels=8, kernel=1), ReLU(), Dropout())
        assert [elements for _, elements in liveness(network)] == [768, 512, 512]
        assert [elements for _, elements in liveness(network, in_place=False)] == [768, 1024, 1024]

    def test_it_does_not_where_the_input_is_read_again(self) -> None:
        b = Builder("branch")
        x = b.input("image", (1, 4, 8, 8))
        y = x.then(ReLU(), name="relu")
        network = b.build(b.add(Add(), x, y, name="add"))
        assert liveness(network) == [("relu", 512), ("add", 768)]

    def test_it_does_not_where_the_input_is_an_output_of_the_network(self) -> None:
        b = Builder("outputs")
        x = b.input("image", (1, 4, 8, 8)).then(Conv2d(out_channels=4, kernel=1), name="conv")
        network = b.build(x, x.then(ReLU(), name="relu"))
        assert dict(liveness(network))["relu"] == 512

    def test_it_does_not_where_a_view_of_the_input_is_read_later(self) -> None:
        b = Builder("views")
        x = b.input("image", (1, 4, 8, 8)).then(Conv2d(out_channels=4, kernel=1), name="conv")
        flat = x.then(Flatten(), name="flat")
        y = x.then(ReLU(), name="relu")
        network = b.build(y, flat.then(Linear(out_features=2), name="fc"))
        assert liveness(network) == [("conv", 512), ("flat", 256), ("relu", 512), ("fc", 514)]

    def test_it_does_not_where_the_input_is_a_view_of_what_is_read_later(self) -> None:
        b = Builder("views")
        x = b.input("image", (1, 4, 8, 8)).then(Conv2d(out_channels=4, kernel=1), name="conv")
        y = x.then(Identity(), name="view").then(ReLU(), name="relu")
        network = b.build(b.add(Add(), x, y, name="add"))
        assert liveness(network) == [("conv", 512), ("view", 256), ("relu", 512), ("add", 768)]

    def test_it_does_not_where_another_part_of_the_input_is_read_later(self) -> None:
        b = Builder("parts")
        one, other = b.add_many(Split(sections=2), b.input("image", (1, 4, 8, 8)), name="split")
        other = other.then(ReLU(), name="relu")
        network = b.build(b.add(Concat(), one, other, name="concat"))
        assert liveness(network) == [("split", 256), ("relu", 384), ("concat", 640)]

    def test_views_have_no_memory_of_their_own(self) -> None:
        network = chain(Conv2d(out_channels=4, kernel=1), Identity(), Flatten(), Softmax())
        assert liveness(network) == [("conv2d", 512), ("identity", 256), ("flatten", 256), ("softmax", 512)]

    def test_the_parts_of_a_split_are_freed_together(self) -> None:
        b = Builder("split")
        one, other = b.add_many(Split(sections=2), b.input("image", (1, 4, 8, 8)), name="split")
        one = one.then(GlobalAvgPool(), name="one")
        network = b.build(b.add(Concat(), one, other.then(GlobalAvgPool(), name="other"), name="concat"))
        assert liveness(network) == [("split", 256), ("one", 258), ("other", 260), ("concat", 8)]

    def test_inputs_live_from_the_start(self) -> None:
        b = Builder("late")
        early, late = b.input("early", (1, 4, 8, 8)), b.input("late", (1, 4, 1, 1))
        early = early.then(GlobalAvgPool(), name="pool")
        assert liveness(b.build(early + late)) == [("pool", 264), ("add", 12)]

    def test_a_network_without_nodes_holds_its_inputs(self) -> None:
        b = Builder("empty")
        assert peak_memory(b.build(b.input("image", (1, 3, 8, 8)))) == PeakMemory(192, None)


class TestExpressions:
    def test_the_peak_is_a_maximum_that_agrees_with_numbers(self) -> None:
        r, width = symbols("r width")
        symbolic = zoo.resnet18(resolution=32 * r, width=width).cost().peak_memory_bytes
        assert isinstance(symbolic, sp.Expr)
        for number, multiplier in ((7, 1), (2, sp.Rational(1, 4)), (4, 3)):
            exact = zoo.resnet18(resolution=32 * number, width=int(64 * multiplier) and str(multiplier))
            assert symbolic.subs({r: number, width: multiplier}) == exact.cost().peak_memory_bytes

    def test_a_pool_halves_what_is_alive(self) -> None:
        r = symbols("r")
        network = chain(MaxPool2d(kernel=2), shape=(1, 4, 2 * r, 2 * r))
        assert peak_memory(network) == PeakMemory(20 * r**2, None)
