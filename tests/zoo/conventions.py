"""Counts of a part of a network other than the library's own: what explains contradicting publications."""

from __future__ import annotations

from fractions import Fraction

from costmodel import parse, symbols, zoo
from costmodel.algebra.types import Dim
from tests.zoo.published import (
    Count,
    Part,
    activations,
    flops,
    macs,
    params,
    params_without_batch_norm,
    stored,
    weights,
)


def without_first_convolution(part: Part) -> Dim:
    return macs(part.without("conv1"))


def without_classifier(part: Part) -> Dim:
    return macs(part.without("fc"))


def of_convolutions(part: Part) -> Dim:
    return macs(part) - macs(part.of("linear"))


def without_projections(part: Part) -> Dim:
    return macs(part.without("downsample"))


def with_inputs_of_convolutions(part: Part) -> Dim:
    return activations(part) + sum(node.input_elements for node in part.of("conv2d").nodes)


def with_three_per_batch_norm_channel(part: Part) -> Dim:
    return params(part) + sum(node.buffers // 2 for node in part.nodes)


def of_the_mxnet_op_counter(part: Part) -> Dim:
    """Multiplications: one for each batch-norm element, and for a linear output one less than its inputs."""
    outputs = sum(node.symbols["c_o"] for node in part.of("linear").nodes)
    return macs(part) - outputs + sum(node.output_elements for node in part.of("batch_norm").nodes)


def of_the_tensorflow_profiler(part: Part) -> Dim:
    """Half of its operations: two for each multiply-accumulate, three for each weight under L2 regularization."""
    return macs(part) + Fraction(3, 2) * weights(part.of("conv2d", "pointwise_conv2d", "linear"))


def with_half_for_each_batch_norm_element(part: Part) -> Dim:
    """Half of the operations where a convolution with batch-norm folded into it adds a bias."""
    return macs(part) + Fraction(1, 2) * sum(node.output_elements for node in part.of("batch_norm").nodes)


def with_three_for_each_batch_norm_element(part: Part) -> Dim:
    """And with the additions of the shortcuts."""
    elements = sum(node.output_elements for node in part.of("batch_norm").nodes)
    return macs(part) + 3 * elements + sum(node.output_elements for node in part.of("add").nodes)


def _with_1280_hidden_features(part: Part, of: Count, biases: int) -> Dim:
    (hidden,) = (node for node in part.nodes if node.name == "hidden")
    inputs, features = hidden.symbols["c_i"], hidden.symbols["c_o"]
    return of(part) + (1280 - features) * (inputs + biases + 1000)


def macs_with_1280_hidden_features(part: Part) -> Dim:
    """Of MobileNetV3 small: 1280 features before the classifier, as the large one has, instead of 1024."""
    return _with_1280_hidden_features(part, macs, 0)


def params_with_1280_hidden_features(part: Part) -> Dim:
    """The same, and a bias for each feature."""
    return _with_1280_hidden_features(part, params, 1)


def with_squeeze_and_excitation(part: Part) -> Dim:
    """Two linear layers, of c/16 and c outputs, on the c channels of every unit."""
    channels = [node.output_shapes[0][1] for node in part.of("add", "concat").nodes]
    return macs(part) + sum(2 * c * c // 16 for c in channels)


def widened_by_the_root_of_2(_: Part) -> Dim:
    width = symbols("width")
    polynomial = zoo.shufflenet_v1(shallow=True, width=width).cost().macs
    return Fraction(str(polynomial.subs(width, parse("0.70711"))))


def with_the_first_convolution_of_half_width(part: Part) -> Dim:
    """12 channels instead of 6, which the first unit's 15 inner channels read, and 6 fewer that it adds."""
    return macs(part) + 6 * 27 * 112 * 112 + 6 * 15 * 56 * 56 - 6 * (15 // 3) * 28 * 28


def of_3_groups_at_half_width(_: Part) -> Dim:
    return zoo.shufflenet_v1(groups=3, width="0.5").cost().macs


def of_8_groups(_: Part) -> Dim:
    return zoo.shufflenet_v1(groups=8).cost().macs


def with_the_first_convolution_of_the_papers_table(part: Part) -> Dim:
    """Of GoogLeNet: 2,688 weights, as 1x7 and 7x1 on the 3 channels of the input would have, instead of 9,408."""
    return macs(part) - (7 * 7 - 2 * 7) * 3 * 64 * 112 * 112


def at_resolution_227(_: Part) -> Dim:
    return zoo.squeezenet1_0(resolution=227).cost().macs


def of_138_million_weights(_: Part) -> Dim:
    return 4 * 138 * 10**6


COMMON: tuple[Count, ...] = (
    *(macs, flops, without_first_convolution, without_classifier, of_convolutions),
    *(of_the_mxnet_op_counter, of_the_tensorflow_profiler),
    *(params, stored, weights, params_without_batch_norm, with_three_per_batch_norm_channel),
)
"""The conventions that must fail before a figure may be called a misprint."""

CONVENTIONS: dict[str, Count] = {
    count.__name__: count
    for count in (
        *COMMON,
        without_projections,
        with_half_for_each_batch_norm_element,
        with_three_for_each_batch_norm_element,
        macs_with_1280_hidden_features,
        params_with_1280_hidden_features,
        with_inputs_of_convolutions,
        with_squeeze_and_excitation,
        widened_by_the_root_of_2,
        with_the_first_convolution_of_half_width,
        of_3_groups_at_half_width,
        of_8_groups,
        with_the_first_convolution_of_the_papers_table,
        at_resolution_227,
        of_138_million_weights,
    )
}
