"""Memory: peaks and weights against figures that others published, and against the peak of unfused nodes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Network, symbols, zoo
from costmodel.hardware import find_profile, parse_profile
from costmodel.latency import FusionRules, Latency, Memory, estimate, kernel_moments, lower, stored_bytes
from costmodel.layers import Add, Concat, Conv2d, Dropout, Embedding, Flatten, Linear, MultiHeadAttention, ReLU
from costmodel.network import peak_memory

FLASH = [
    # STMicroelectronics, stm32ai-modelzoo at commit 6f10965e, image_classification/mobilenetv1 and mobilenetv2,
    # README.md: weights in flash of ImageNet networks, int8, X-CUBE-AI 10.0, printed in KiB to two decimals
    (zoo.mobilenet_v1, 0.25, 467.33),
    (zoo.mobilenet_v1, 0.5, 1314.0),
    (zoo.mobilenet_v1, 1, 4157.09),
    (zoo.mobilenet_v2, 0.35, 1654.5),
    (zoo.mobilenet_v2, 1, 3458.97),
    (zoo.mobilenet_v2, 1.4, 6015.34),
]
ACTIVATIONS = [
    # the same pages: activation RAM on an STM32H7 in KiB, with the buffers of its kernels
    (zoo.mobilenet_v1, 0.25, 224, 272.96),
    (zoo.mobilenet_v1, 0.5, 224, 431.07),
    (zoo.mobilenet_v1, 1, 224, 1331.13),
    (zoo.mobilenet_v1, 0.25, 96, 66.96),
    (zoo.mobilenet_v2, 0.35, 128, 237.32),
    (zoo.mobilenet_v2, 0.35, 224, 832.64),
    (zoo.mobilenet_v2, 1, 224, 1727.02),
    (zoo.mobilenet_v2, 1.4, 224, 2332.2),
]


def memory(network: Network, device: str = "cortex-m7", data_type: str = "int8") -> Memory:
    return Memory(network, lower(network), find_profile(device), data_type, data_type)


class TestPublished:
    """What others have printed for the same networks."""

    @pytest.mark.parametrize(("family", "width", "kib"), FLASH)
    def test_weights_in_flash_to_the_last_digit(self, family: type[Network], width: float, kib: float) -> None:
        assert round(memory(family(width=width)).weight_bytes / 1024, 2) == kib

    @pytest.mark.parametrize(("family", "width", "resolution", "kib"), ACTIVATIONS)
    def test_activations_in_ram(self, family: type[Network], width: float, resolution: int, kib: float) -> None:
        """That runtime overlaps inputs with outputs and adds buffers: its figures lie on both sides of the liveness."""
        found = memory(family(width=width, resolution=resolution)).activation_bytes / 1024
        assert 0.73 < kib / found < 1.25

    def test_peak_of_mobilenet_v2(self) -> None:
        """MCUNetV2 (arXiv 2110.15352), figure 1: 1372 kB in int8, where depthwise convolutions overwrite their input.

        Then the worst moment is the expansion before. Without that it is the depthwise convolution.
        """
        network = zoo.mobilenet_v2()
        moments = {moment.node: sum(moment.sizes) for moment in kernel_moments(network, lower(network))}
        assert moments["block2.expand"] == 1372 * 1024
        assert memory(network).activation_bytes == moments["block2.depthwise"] == (96 * 112**2 + 96 * 56**2)

    def test_first_convolution_of_mobilenet_v2(self) -> None:
        """3 x 224 x 224 and 32 x 112 x 112 elements: 539 kB, as readers of that paper compute it."""
        network = zoo.mobilenet_v2()
        first = kernel_moments(network, lower(network))[0]
        assert sum(first.sizes) // 1024 == 539


class TestLiveness:
    """Which tensors are alive while a kernel runs."""

    @pytest.mark.parametrize(
        "family",
        [zoo.mobilenet_v2, zoo.resnet50, zoo.googlenet, zoo.densenet, zoo.vit_b_16, zoo.squeezenet1_1, zoo.lenet_5],
    )
    def test_without_fusion_it_is_the_peak_of_the_nodes(self, family: type[Network]) -> None:
        network = family()
        unfused = Memory(network, lower(network, rules="unfused"), find_profile("v100"), "int8", "int8")
        assert unfused.activation_bytes == peak_memory(network).elements

    @given(st.lists(st.sampled_from(["conv", "relu", "add", "branch"]), min_size=1, max_size=12))
    def test_fusing_never_needs_more(self, steps: list[str]) -> None:
        b = Builder("random")
        x = held = b.input("x", (1, 4, 8, 8))
        for step in steps:
            if step == "branch":
                held = x
            elif step == "add":
                x = b.add(Add(), x, held)
            else:
                x = x.then(ReLU() if step == "relu" else Conv2d(out_channels=4, kernel=3, padding=1))
        network = b.build(x)
        peaks = [
            Memory(network, lower(network, rules=rules), find_profile("v100")).activation_bytes
            for rules in ("unfused", "tensorrt")
        ]
        assert peaks[1] <= peaks[0]

    def test_what_is_joined_in_place_is_held_whole(self) -> None:
        """TensorRT's parts of a concatenation lie where it does: 16 channels are read, 4 are written."""
        b = Builder("dense")
        x = b.input("x", (1, 4, 10, 10))
        parts = [x.then(Conv2d(out_channels=8, kernel=1), name=name) for name in ("left", "right")]
        y = b.add(Concat(), *parts).then(Conv2d(out_channels=4, kernel=1), name="last")
        network = b.build(y)
        last = kernel_moments(network, lower(network, rules="tensorrt"))[-1]
        assert (last.node, sum(last.sizes)) == ("last", (16 + 4) * 100)

    def test_a_residual_is_held(self) -> None:
        """While the second convolution runs there are its input, its output and the input of the block."""
        b = Builder("residual")
        x = b.input("x", (1, 8, 10, 10))
        y = x.then(Conv2d(out_channels=8, kernel=3, padding=1), name="first")
        y = y.then(Conv2d(out_channels=8, kernel=3, padding=1), name="second")
        network = b.build(b.add(Add(), x, y, name="sum"))
        moments = kernel_moments(network, lower(network, rules="tensorrt"))
        assert [(each.node, each.sizes) for each in moments] == [("first", [800, 800]), ("second", [800, 800, 800])]

    def test_views_and_dropout_have_no_memory_of_their_own(self) -> None:
        b = Builder("views")
        x = b.input("x", (1, 4, 5)).then(Flatten(), Dropout(), Linear(out_features=3))
        network = b.build(x)
        assert [moment.sizes for moment in kernel_moments(network, lower(network))] == [[20, 3]]

    def test_an_activation_overwrites_what_nothing_else_reads(self) -> None:
        b = Builder("relu")
        network = b.build(b.input("x", (1, 7)).then(ReLU()))
        assert [moment.sizes for moment in kernel_moments(network, lower(network))] == [[7]]

    def test_equal_activations_that_a_runtime_merges_are_one_tensor(self) -> None:
        b = Builder("merged")
        x = b.input("x", (1, 3, 8, 8)).then(Conv2d(out_channels=4, kernel=3, padding=1), name="conv")
        heads = [x.then(ReLU(), Conv2d(out_channels=2, kernel=1)) for _ in range(3)]
        network = b.build(*heads)
        first = kernel_moments(network, lower(network, rules="onnxruntime"))[0]
        assert first.sizes == [3 * 64, 4 * 64]

    def test_a_view_that_a_runtime_copies_lies_beside_what_it_copies(self) -> None:
        b = Builder("copy")
        network = b.build(b.input("x", (2, 3, 5)).then(Flatten()))
        assert kernel_moments(network, lower(network)) == ()
        (copy,) = kernel_moments(network, lower(network, rules=FusionRules(name="copying", copies=("flatten",))))
        assert copy.sizes == [30, 30]

    def test_attention_holds_query_key_and_value(self) -> None:
        """The score's kernel reads three tensors of 5 x 8 and writes one."""
        b = Builder("attention")
        x = b.input("x", (1, 5, 8))
        network = b.build(b.add(MultiHeadAttention(heads=2), x))
        assert max(sum(moment.sizes) for moment in kernel_moments(network, lower(network))) == 4 * 40


class TestStorage:
    """Bytes of weights as a runtime stores them."""

    def test_batch_norm_becomes_a_bias(self) -> None:
        network = zoo.resnet50()
        batch_norms = sum(node.params + node.buffers for node in network.cost().nodes if node.kind == "batch_norm")
        channels = batch_norms // 4
        stored = network.cost().weight_bytes - 4 * batch_norms + 4 * channels
        assert stored_bytes(network, lower(network), "float32") == stored

    def test_unfused_it_is_what_the_network_stores(self) -> None:
        network = zoo.resnet50()
        assert stored_bytes(network, lower(network, rules="unfused"), "float32") == network.cost().weight_bytes

    def test_biases_of_integers_have_32_bits(self) -> None:
        b = Builder("fc")
        network = b.build(b.input("x", (1, 100)).then(Linear(out_features=10)))
        kernels = lower(network)
        sizes = {name: stored_bytes(network, kernels, name) for name in ("float32", "float16", "int8", "int4")}
        assert sizes == {"float32": 4040, "float16": 2020, "int8": 1040, "int4": 540}

    def test_a_table_is_stored_whole_though_little_of_it_is_read(self) -> None:
        b = Builder("words")
        network = b.build(b.input("tokens", (1, 3)).then(Embedding(num_embeddings=1000, embedding_dim=16)))
        assert stored_bytes(network, lower(network), "int8") == 16_000


class TestFitting:
    """The answer for a device."""

    def test_a_microcontroller_keeps_weights_in_flash(self) -> None:
        found = memory(zoo.mobilenet_v1(width=0.25, resolution=128))
        assert (found.fits_ram, found.fits_flash, found.misfits) == (True, True, ())
        assert found.peak_ram_bytes == found.activation_bytes

    def test_what_does_not_fit_is_said(self) -> None:
        latency = estimate(zoo.mobilenet_v1(), "cortex-m7", data_type="int8")
        assert latency.misfits == (
            "activations of 1204224 bytes do not fit the RAM of cortex-m7 (327680 bytes)",
            "weights of 4256864 bytes do not fit the flash of cortex-m7 (1048576 bytes)",
        )
        assert str(latency).endswith("; ".join(latency.misfits))

    def test_without_flash_weights_lie_in_ram(self) -> None:
        found = memory(zoo.vgg16(), "v100", "float32")
        assert found.peak_ram_bytes == found.activation_bytes + 4 * 138_357_544
        assert (found.flash_bytes, found.fits_flash) == (None, None)

    def test_a_large_batch_does_not_fit_a_gpu(self) -> None:
        assert estimate(zoo.vgg16(batch=4096), "t4").misfits[0].startswith("weights and activations of ")

    def test_what_is_not_published_is_not_judged(self) -> None:
        nothing = parse_profile('version = 1\nname = "mine"\ntitle = "Mine"\n')
        found = Memory(zoo.lenet_5(), lower(zoo.lenet_5()), nothing)
        assert (found.ram_bytes, found.fits_ram, found.misfits) == (None, None, ())

    def test_symbols_stay_symbols(self) -> None:
        width, batch = symbols("width batch")
        family = memory(zoo.mobilenet_v1(width=width, batch=batch))
        assert family.fits_ram is None
        at = {width: 2, batch: 3}
        numbers = memory(zoo.mobilenet_v1(width=2, batch=3))
        assert family.activation_bytes.subs(at).doit() == numbers.activation_bytes
        assert family.weight_bytes.subs(at) == numbers.weight_bytes

    def test_kernels_alone_have_no_memory(self) -> None:
        assert Latency("mine", 1.0, ()).misfits == ()

    def test_a_calibrated_device_says_it_too(self) -> None:
        assert zoo.vgg16(batch=512).latency("pixel-1").misfits[0].startswith("weights and activations")
