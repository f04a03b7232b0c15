"""What exporters spell out is found where it is all that is computed, and nowhere else."""

from __future__ import annotations

import pytest

from costmodel import Builder, Layer, Network
from costmodel.latency import FusionRules, Kernel, lower, parse_rules
from costmodel.layers import (
    GELU,
    Add,
    AvgPool2d,
    BatchNorm,
    Clip,
    Constant,
    Conv2d,
    Divide,
    Erf,
    HardSwish,
    LayerNorm,
    MatMul,
    Multiply,
    Pad,
    Parameter,
    Power,
    ReLU,
    Sigmoid,
    SiLU,
    Slice,
    Softmax,
    Sqrt,
    Square,
    Subtract,
    Tanh,
)
from costmodel.layers.reduce import ReduceMean
from costmodel.network import Tensor

SHAPE = (2, 6, 8)
CONV = Conv2d(out_channels=8, kernel=3, padding=1, bias=False)


class Writing:
    """A network that is written operation by operation, as exporters do."""

    def __init__(self, shape: tuple[int, ...] = SHAPE) -> None:
        self.b = Builder("spelled out")
        self.x = self.b.input("x", shape)

    def number(self) -> Tensor:
        return self.b.add(Constant(shape=()))

    def __call__(self, layer: Layer, *inputs: Tensor) -> Tensor:
        return self.b.add(layer, *inputs)

    def kernels(self, *outputs: Tensor, rules: str | FusionRules = "fused") -> tuple[Kernel, ...]:
        return lower(self.b.build(*outputs), rules=rules)


def alone(layer: Layer, shape: tuple[int, ...] = SHAPE) -> tuple[Kernel, ...]:
    b = Builder("twin")
    return lower(b.build(b.input("x", shape).then(layer)))


def amounts(kernel: Kernel) -> tuple[object, ...]:
    return kernel.kernel_class, kernel.layer.kind, kernel.other, kernel.transcendentals, kernel.traffic_bytes


class TestSpelledOut:
    """Each is one kernel, with the operations and bytes of the layer that it is."""

    @pytest.mark.parametrize("swapped", [False, True])
    def test_silu(self, *, swapped: bool) -> None:
        w = Writing()
        s = w(Sigmoid(), w.x)
        (kernel,) = w.kernels(w(Multiply(), *((s, w.x) if swapped else (w.x, s))))
        assert amounts(kernel) == amounts(*alone(SiLU()))
        assert kernel.nodes == ("sigmoid", "multiply")

    @pytest.mark.parametrize("order", ["times x, by 6", "by 6, times x"])
    def test_hard_swish(self, order: str) -> None:
        w = Writing()
        c = w(Clip(min=0, max=6), w(Add(), w.x, w.number()))
        if order == "times x, by 6":
            y = w(Divide(), w(Multiply(), w.x, c), w.number())
        else:
            y = w(Multiply(), w.x, w(Divide(), c, w.number()))
        (kernel,) = w.kernels(y)
        assert amounts(kernel) == amounts(*alone(HardSwish()))

    @pytest.mark.parametrize("half", ["last", "first", "inside"])
    def test_gelu(self, half: str) -> None:
        w = Writing()
        a = w(Add(), w(Erf(), w(Divide(), w.x, w.number())), w.number())
        if half == "last":
            y = w(Multiply(), w(Multiply(), w.x, a), w.number())
        elif half == "first":
            y = w(Multiply(), w(Multiply(), w.x, w.number()), a)
        else:
            y = w(Multiply(), w.x, w(Multiply(), a, w.number()))
        (kernel,) = w.kernels(y)
        assert amounts(kernel) == amounts(*alone(GELU()))

    def test_gelu_by_tanh(self) -> None:
        w = Writing()
        cube = w(Multiply(), w(Square(), w.x), w.x)
        u = w(Add(), w.x, w(Multiply(), cube, w.number()))
        t = w(Tanh(), w(Multiply(), u, w.number()))
        a = w(Add(), t, w.number())
        (kernel,) = w.kernels(w(Multiply(), w(Multiply(), w.x, w.number()), a))
        assert amounts(kernel) == amounts(*alone(GELU(approximation="tanh")))

    @pytest.mark.parametrize("square", ["square", "power", "product"])
    def test_layer_norm_with_its_weights(self, square: str) -> None:
        w = Writing()
        mean = ReduceMean(axes=(-1,))
        d = w(Subtract(), w.x, w(mean, w.x))
        squares = {"square": lambda: w(Square(), d), "power": lambda: w(Power(), d, w.number())}
        q = squares.get(square, lambda: w(Multiply(), d, d))()
        n = w(Divide(), d, w(Sqrt(), w(Add(), w(mean, q), w.number())))
        scale, shift = (w.b.add(Parameter(shape=(8,))) for _ in range(2))
        (kernel,) = w.kernels(w(Add(), w(Multiply(), n, scale), shift))
        (twin,) = alone(LayerNorm())
        assert (kernel.kernel_class, kernel.layer.kind) == ("norm", "layer_norm")
        assert kernel.traffic_bytes == twin.traffic_bytes
        assert kernel.weight_bytes == 2 * 8 * 4

    @pytest.mark.parametrize("scaled", ["no", "scores", "both"])
    def test_attention(self, scaled: str) -> None:
        w = Writing((2, 3, 6, 8))
        k, v = w.b.input("k", (2, 3, 8, 6)), w.b.input("v", (2, 3, 6, 8))
        q = w(Multiply(), w.x, w.number()) if scaled == "both" else w.x
        s = w(MatMul(), q, w(Multiply(), k, w.number()) if scaled == "both" else k)
        s = w(Divide(), s, w.number()) if scaled == "scores" else s
        (kernel,) = w.kernels(w(MatMul(), w(Softmax(), s), v))
        assert (kernel.kernel_class, kernel.layer.kind) == ("matmul", "attention")
        assert kernel.input_bytes == 3 * 2 * 3 * 6 * 8 * 4
        assert kernel.input_shapes == ((2, 3, 6, 8), (2, 3, 8, 6), (2, 3, 6, 8))
        assert kernel.macs == 2 * 2 * 3 * 6 * 6 * 8

    def test_joins_as_the_layer_does(self) -> None:
        w = Writing((1, 4, 9, 9))
        y = w.x.then(CONV, name="conv")
        (kernel,) = w.kernels(w(Multiply(), y, w(Sigmoid(), y)))
        assert kernel.joined == ("silu",)
        assert kernel.activation == "silu"
        assert kernel.joined_input_bytes == 0

    def test_a_padding_runs_within_the_convolution(self) -> None:
        w = Writing((1, 4, 9, 9))
        conv = CONV.model_copy(update={"padding": ((0, 0), (0, 0))})
        y = w.x.then(Pad(pads=((0, 0), (0, 0), (1, 1), (1, 1))), conv, ReLU())
        (kernel,) = w.kernels(y, rules="tflite")
        assert (kernel.kernel_class, kernel.layer.kind, kernel.joined) == ("conv", "conv2d", ("relu",))
        assert kernel.input_bytes == 4 * 81 * 4


class TestSomethingElse:
    """What looks alike is left as it is."""

    def test_what_lies_between_is_read_by_another(self) -> None:
        w = Writing()
        s = w(Sigmoid(), w.x)
        kernels = w.kernels(w(Multiply(), w.x, s), w(Tanh(), s))
        assert [kernel.layer.kind for kernel in kernels] == ["sigmoid", "multiply", "tanh"]

    def test_what_lies_between_is_an_output(self) -> None:
        w = Writing()
        s = w(Sigmoid(), w.x)
        assert len(w.kernels(w(Multiply(), w.x, s), s)) == 2

    def test_half_of_a_tensor_is_not_the_other(self) -> None:
        """A gated linear unit multiplies one half with the sigmoid of the other."""
        w = Writing()
        a, b = (w(Slice(axes=(1,), starts=(start,), lengths=(3,), steps=(1,)), w.x) for start in (0, 3))
        assert len(w.kernels(w(Multiply(), a, w(Sigmoid(), b)))) == 2

    def test_a_tensor_is_no_number(self) -> None:
        w = Writing()
        scale = w.b.add(Parameter(shape=(8,)))
        y = w(Divide(), w(Clip(min=0, max=6), w(Add(), w.x, scale)), w.number())
        assert len(w.kernels(y)) == 3

    def test_two_lines_are_two_operations(self) -> None:
        """x + x of one convolution is no sum of two; its products are counted once."""
        w = Writing((1, 8, 9, 9))
        y = w.x.then(CONV)
        twice = parse_rules("""
            version = 1
            name = "twice"
            patterns = [{operations = ["a = conv2d(x)", "b = conv2d(x)", "y = add(a, b)"]}]
        """)
        kernels = w.kernels(w(Add(), y, y), rules=twice)
        assert [kernel.macs for kernel in kernels] == [8 * 8 * 9 * 81, 0]

    def test_an_exponent_that_is_computed(self) -> None:
        w = Writing()
        q = w(Power(), w.x, w(Tanh(), w.x))
        assert "rms_norm" not in {kernel.layer.kind for kernel in w.kernels(q)}


class TestJoins:
    """What joins what, in which order."""

    def rules(self, text: str) -> FusionRules:
        return parse_rules(f'version = 1\nname = "mine"\n{text}')

    def kinds(self, network: Network, text: str) -> list[tuple[str, ...]]:
        return [(kernel.layer.kind, *kernel.joined) for kernel in lower(network, rules=self.rules(text))]

    def chain(self, *layers: Layer) -> Network:
        b = Builder("chain")
        return b.build(b.input("x", (1, 8, 9, 9)).then(CONV, *layers))

    def test_rules_are_in_the_order_in_which_a_kernel_computes(self) -> None:
        text = """
            [[joins]]
            kinds = ["batch_norm"]
            to = ["conv"]
            folds = true
            [[joins]]
            kinds = ["relu"]
            to = ["conv"]
        """
        assert self.kinds(self.chain(BatchNorm(), ReLU()), text) == [("conv2d", "batch_norm", "relu")]
        assert self.kinds(self.chain(ReLU(), BatchNorm()), text) == [("conv2d", "relu"), ("batch_norm",)]
        assert self.kinds(self.chain(ReLU(), ReLU()), text) == [("conv2d", "relu"), ("relu",)]

    def test_several_join_where_rules_say_so(self) -> None:
        text = '[[joins]]\nkinds = ["in_place"]\nto = ["conv"]\nrepeat = true'
        assert self.kinds(self.chain(ReLU(), Tanh(), BatchNorm()), text) == [
            ("conv2d", "relu", "tanh"),
            ("batch_norm",),
        ]

    def test_a_kernel_is_named_by_its_class_or_its_first_kind(self) -> None:
        network = self.chain(AvgPool2d(kernel=3), ReLU())
        for name in ("pool", "avg_pool2d"):
            text = f'[[joins]]\nkinds = ["relu"]\nto = ["{name}"]'
            assert self.kinds(network, text) == [("conv2d",), ("avg_pool2d", "relu")]

    @pytest.mark.parametrize(
        ("shape", "folds"), [((8, 1, 1), True), ((1, 8, 1, 1), True), ((), True), ((8, 9, 9), False)]
    )
    def test_a_product_folds_that_has_a_number_for_each_channel(self, shape: tuple[int, ...], folds: bool) -> None:
        w = Writing((1, 8, 9, 9))
        y = w(Multiply(), w.x.then(CONV), w.b.add(Parameter(shape=shape)))
        text = '[[joins]]\nkinds = ["multiply"]\nto = ["conv"]\noperand = "stored"\nfolds = true'
        kernels = w.kernels(y, rules=self.rules(text))
        assert len(kernels) == (1 if folds else 2)
        assert not folds or kernels[0].other == 0

    def test_a_sum_folds_into_one_bias(self) -> None:
        w = Writing((1, 8, 9, 9))
        y = w.x.then(CONV, BatchNorm())
        y = w(Add(), y, w.b.add(Parameter(shape=(1, 8, 1, 1))))
        text = '[[joins]]\nkinds = ["batch_norm", "add"]\nto = ["conv"]\noperand = "stored"\nfolds = true'
        (kernel,) = w.kernels(y, rules=self.rules(text))
        assert kernel.weight_bytes == (8 * 8 * 9 + 8) * 4
        assert kernel.other == 8 * 81

    @pytest.mark.parametrize(("operand", "joins"), [("computed", True), ("any", True), ("stored", False)])
    def test_what_else_a_sum_reads(self, operand: str, joins: bool) -> None:
        b = Builder("residual")
        x = b.input("x", (1, 8, 9, 9))
        network = b.build(b.add(Add(), x.then(CONV), x))
        text = f'[[joins]]\nkinds = ["add"]\nto = ["conv"]\noperand = "{operand}"'
        assert (len(lower(network, rules=self.rules(text))) == 1) == joins


def test_a_kind_is_split_where_it_joins_nothing() -> None:
    """ONNX Runtime's hard swish, and TensorFlow Lite's SiLU, are two operations."""
    b = Builder("two")
    network = b.build(b.input("x", SHAPE).then(SiLU(), name="silu"))
    sigmoid, product = lower(network, rules="tflite")
    assert (sigmoid.layer.kind, product.layer.kind) == ("sigmoid", "multiply")
    assert sigmoid.nodes == product.nodes == ("silu",)
    (whole,) = lower(network)
    assert sigmoid.other + product.other == whole.other
    assert product.input_bytes == 2 * sigmoid.input_bytes
