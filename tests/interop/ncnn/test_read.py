"""Reading files: what is asked for and not in the file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel import symbols
from costmodel.errors import CostModelError, FileFormatError, ReadingError, UnsupportedError
from costmodel.interop import Call
from costmodel.interop.ncnn import RULES, blob_shapes, read_ncnn
from costmodel.interop.ncnn.read import MAX_BYTES
from costmodel.layers import LeakyReLU
from tests.interop.ncnn.files import one_layer, write

CONVOLUTION = "Convolution conv 1 1 in0 y 0=8 1=3 4=1 5=1 6=216 9=1"
OPEN = f"7767517\n2 2\nInput in0 0 1 in0\n{CONVOLUTION}\n"


class TestWhatTheFileLeavesOpen:
    def test_sizes_are_symbols_and_channels_follow_from_the_weights(self, tmp_path: Path) -> None:
        assert read_ncnn(write(tmp_path, OPEN)).inputs == {"in0": (1, 3, *symbols("h w"))}

    def test_sizes_can_be_given_by_name(self, tmp_path: Path) -> None:
        network = read_ncnn(write(tmp_path, OPEN), sizes={"h": 5, "w": "2*k", "batch": 4})
        assert network.inputs == {"in0": (4, 3, 5, 2 * symbols("k"))}

    def test_shapes_can_be_given(self, tmp_path: Path) -> None:
        network = read_ncnn(write(tmp_path, OPEN), input_shapes={"in0": (3, 5, 7)}, batch=2)
        assert network.cost().macs == 2 * 216 * 5 * 7

    def test_a_size_that_is_not_open_is_refused(self, tmp_path: Path) -> None:
        path = write(tmp_path, one_layer(CONVOLUTION, [(3, 5, 7)]))
        with pytest.raises(ReadingError, match=r"no size that the file leaves open named 'h'"):
            read_ncnn(path, sizes={"h": 5})

    def test_what_only_multiples_fit_is_asked_for(self, tmp_path: Path) -> None:
        """A map is halved, doubled, and joined with the input: any even size does, and nothing says which is meant."""
        path = write(
            tmp_path,
            "7767517\n5 6\nInput in 0 1 x\nSplit two 1 2 x a b\nConvolution c 1 1 a d 0=3 1=3 3=2 4=1 6=81\n"
            "Interp up 1 1 d e 0=1 1=2.0 2=2.0\nConcat cat 2 1 b e f\n",
        )
        hint = r"the file gives no shape for input 'x': say what it is, with --set h=224 --set w=224"
        with pytest.raises(ReadingError, match=hint):
            read_ncnn(path)
        network = read_ncnn(path, sizes={"h": "2*k", "w": "2*m"})
        assert blob_shapes(path, input_shapes={"x": (3, "2*k", "2*m")})["f"] == (
            1,
            6,
            2 * symbols("k"),
            2 * symbols("m"),
        )
        assert network.cost().macs == 81 * symbols("k") * symbols("m")

    @pytest.mark.parametrize(
        ("line", "shape"),
        [
            ("InnerProduct ip 1 1 in0 y 0=10 1=1 2=400", (40,)),
            ("Gemm gemm 1 1 in0 y 3=1 5=1 6=1 8=7 9=6 10=4", (symbols("h"), 6)),
            ("Embed embed 1 1 in0 y 0=4 1=10 3=40", (symbols("w"),)),
            ("Convolution1D conv 1 1 in0 y 0=4 1=3 6=36", (3, symbols("w"))),
            ("ConvolutionDepthWise conv 1 1 in0 y 0=6 1=3 6=54 7=6", (6, *symbols("h w"))),
            ("LSTM lstm 1 1 in0 y 0=128 1=131584", (symbols("h"), 257)),
            ("ReLU relu 1 1 in0 y", symbols("c h w")),
        ],
    )
    def test_what_reads_it_says_how_many_axes_it_has(self, tmp_path: Path, line: str, shape: object) -> None:
        path = write(tmp_path, f"7767517\n2 2\nInput in0 0 1 in0\n{line}\n")
        assert read_ncnn(path).inputs["in0"][1:] == shape

    def test_first_states_are_as_large_as_the_layer_says(self, tmp_path: Path) -> None:
        text = "Input x 0 1 x\nInput h 0 1 h\nInput c 0 1 c\nLSTM lstm 3 3 x h c y p q 0=3 1=192 2=2 3=4\n"
        network = read_ncnn(write(tmp_path, f"7767517\n4 6\n{text}"))
        assert list(network.inputs.values()) == [(1, symbols("h"), 6), (1, 2, 3), (1, 2, 4)]


class TestTheBatch:
    def test_it_is_in_front_of_every_blob(self, tmp_path: Path) -> None:
        path = write(tmp_path, one_layer("Flatten flat 1 1 in0 y", [(3, 5, 7)]))
        assert blob_shapes(path, batch="n") == {"in0": (symbols("n"), 3, 5, 7), "y": (symbols("n"), 105)}

    def test_stored_blobs_are_repeated_along_it(self, tmp_path: Path) -> None:
        text = "7767517\n3 3\nInput in 0 1 x 0=4 1=9\nMemoryData token 0 1 t 0=4 1=1\nConcat cat 2 1 t x y\n"
        path = write(tmp_path, text)
        cost = read_ncnn(path, batch=5).cost()
        assert (cost.params, blob_shapes(path, batch=5)["y"]) == (4, (5, 10, 4))


class TestSizesOfTheBatch:
    def test_is_given_once(self, tmp_path: Path) -> None:
        path = write(tmp_path, OPEN)
        with pytest.raises(ReadingError, match=r"'batch' must be given once \(got 2, and 4 in 'sizes'\)"):
            read_ncnn(path, batch=2, sizes={"batch": 4})
        assert read_ncnn(path, sizes={"batch": 4}).cost() == read_ncnn(path, batch=4).cost()

    def test_may_be_a_symbol_that_the_sizes_give_a_value(self, tmp_path: Path) -> None:
        path = write(tmp_path, OPEN)
        four = read_ncnn(path, batch=4).cost()
        assert read_ncnn(path, batch="n", sizes={"n": 4}).cost() == four
        assert read_ncnn(path, batch="2*batch", sizes={"batch": 2}).cost() == four
        assert blob_shapes(path, batch="n", sizes={"n": 4}) == blob_shapes(path, sizes={"batch": 4})


class TestProblemsThatNoSizeSolves:
    def test_are_said_without_a_hint_at_the_size(self, tmp_path: Path) -> None:
        path = write(tmp_path, "7767517\n2 2\nInput in 0 1 x\nInterp up 1 1 x y 0=7\n")
        with pytest.raises(ReadingError, match=r"nearest\), 2 \(linear\) or 3 \(cubic\)$"):
            read_ncnn(path)
        with pytest.raises(ReadingError, match=r"no size that the file leaves open named 'k'"):
            read_ncnn(write(tmp_path, OPEN), sizes={"k": 4})


class TestWeightsFromAnotherLayer:
    STORED = (
        "7767517\n3 3\nInput in 0 1 x 0=11 1=9 2=3\nMemoryData w 0 1 w 0=3 1=3 11=3 2=4\n"
        "Convolution conv 2 1 x w y 4=1 19=1\n"
    )

    def test_stored_ones_belong_to_the_network_once(self, tmp_path: Path) -> None:
        cost = read_ncnn(write(tmp_path, self.STORED), batch=2).cost()
        assert (cost.macs, cost.params) == (2 * 9 * 11 * 4 * 27, 4 * 27)

    def test_computed_ones_are_those_of_one_image(self, tmp_path: Path) -> None:
        path = write(tmp_path, self.STORED.replace("MemoryData", "Input"))
        assert read_ncnn(path).cost().macs == 9 * 11 * 4 * 27
        with pytest.raises(ReadingError, match="takes weights that are computed, which has a rule for a batch of 1"):
            read_ncnn(path, batch=2)


class TestLayersWithoutARule:
    TEXT = "7767517\n3 3\nInput in 0 1 x 0=4\nMagic magic 1 1 x y -23330=4,1,6,1,1\nReLU relu 1 1 y z\n"

    def test_are_refused_by_name(self, tmp_path: Path) -> None:
        with pytest.raises(UnsupportedError, match=r"magic \(Magic\): there is no rule .*RULES.register\('Magic'\)"):
            read_ncnn(write(tmp_path, self.TEXT))

    def test_are_left_uncounted_where_the_file_has_their_shapes(self, tmp_path: Path) -> None:
        cost = read_ncnn(write(tmp_path, self.TEXT), partial=True).cost()
        assert cost.ledger.comparisons == 6
        assert [node.name for node in cost.nodes if node.kind == "uncounted"] == ["magic"]

    def test_get_a_rule_in_five_lines(self, tmp_path: Path) -> None:
        @RULES.register("Magic")
        def magic(call: Call) -> LeakyReLU:
            return LeakyReLU(slope=call.real("0"))

        try:
            text = self.TEXT.replace(" -23330=4,1,6,1,1", " 0=0.5")
            assert read_ncnn(write(tmp_path, text)).cost().ledger.comparisons == 8
        finally:
            RULES.forget("Magic")


@pytest.mark.parametrize(
    ("line", "weights"),
    [
        ("LSTM r 1 1 in0 y 0=4 1=96", 6 * 16 + 4 * 4 + 4 * 16),
        ("LSTM r 1 1 in0 y 0=4 1=192 2=2", 2 * (6 * 16 + 4 * 4 + 4 * 16)),
        ("LSTM r 1 1 in0 y 0=3 1=96 3=4", 6 * 16 + 4 * 4 + 3 * 16 + 4 * 3),
        ("GRU r 1 1 in0 y 0=4 1=72", 6 * 12 + 4 * 4 + 4 * 12),
        ("RNN r 1 1 in0 y 0=4 1=24", 6 * 4 + 4 * 1 + 4 * 4),
    ],
)
def test_recurrent_layers_store_what_ncnn_says_they_do(tmp_path: Path, line: str, weights: int) -> None:
    """The shapes of xc, bias_c, hc and hr in ncnn's docs/developer-guide/operators.md."""
    assert read_ncnn(write(tmp_path, one_layer(line, [(5, 6)]))).cost().params == weights


REFUSED = {
    "weights that are more than the shapes need": (
        one_layer("Convolution c 1 1 in0 y 0=8 1=3 6=217", [(3, 5, 7)]),
        "c (Convolution): has 217 weights in the file, and its shapes need 216",
    ),
    "no outputs": (one_layer("Convolution c 1 1 in0 y 0=0 1=3 6=216", [(3, 5, 7)]), "parameter 0 (num_output) must be"),
    "a negative kernel": (one_layer("Convolution c 1 1 in0 y 0=8 1=-3 6=216", [(3, 5, 7)]), "parameter 1 (kernel_w)"),
    "a kernel larger than the input": (one_layer("Convolution c 1 1 in0 y 0=8 1=9 6=1944", [(3, 5, 7)]), "must fit"),
    "paddings of which some are 'same'": (
        one_layer("Convolution c 1 1 in0 y 0=8 1=3 4=-233 14=0 6=216", [(3, 5, 7)]),
        "must have paddings of at least 0, or all of them -233 or all -234",
    ),
    "groups that do not divide": (
        one_layer("ConvolutionDepthWise c 1 1 in0 y 0=8 1=3 6=216 7=2", [(3, 5, 7)]),
        "divide",
    ),
    "an activation that is none": (one_layer(f"{CONVOLUTION} ".replace("9=1", "9=12"), [(3, 5, 7)]), "activation_type"),
    "a text for a number": (
        one_layer("Convolution c 1 1 in0 y 0=abc 1=3", [(3, 5, 7)]),
        "must be an integer (got 'abc')",
    ),
    "a fraction for an integer": (
        one_layer("Convolution c 1 1 in0 y 0=8.5", [(3, 5, 7)]),
        "must be an integer (got 8.5)",
    ),
    "an unknown parameter": (
        one_layer("Convolution c 1 1 in0 y 0=8 1=3 6=216 27=1", [(3, 5, 7)]),
        "has a parameter 27",
    ),
    "a layer with too few inputs": ("7767517\n1 1\nReLU r 0 1 y\n", "takes 1 input (got 0)"),
    "a split of nothing": ("7767517\n1 2\nSplit s 0 2 y z\n", "needs at least 1 inputs"),
    "a layer with other outputs": (one_layer("ReLU r 1 2 in0 y z", [(3, 5, 7)]), "must have 1 outputs (got 2)"),
    "an input with a size of -4": ("7767517\n1 1\nInput in 0 1 x 0=-4\n", "must have sizes of at least 1"),
    "an input with channels and no height": ("7767517\n1 1\nInput in 0 1 x 0=4 2=3\n", "must have sizes of at least 1"),
    "an input with two shapes": ("7767517\n1 1\nInput in 0 1 x 0=4 -23330=4,1,5,1,1\n", "two shapes, 4 and 5"),
    "a stored tensor without a shape": ("7767517\n1 1\nMemoryData m 0 1 x\n", "must have a shape"),
    "a shape that does not hold the elements": (one_layer("Reshape r 1 1 in0 y 0=4", [(3, 5, 7)]), "cannot give 3x5x7"),
    "a shape of 0": (one_layer("Reshape r 1 1 in0 y 0=-1 1=-1", [(3, 5, 7)]), "of which one may be -1"),
    "a tensor of 2**120 elements": (
        one_layer("Tile t 1 1 in0 y -23302=4,2147483647,2147483647,2147483647,2147483647", [(7,)]),
        "at most 2**",
    ),
    "an expression without an end": (one_layer('Reshape r 1 1 in0 y 6="+(0w,"', [(3, 5, 7)]), "cannot be read"),
    "an expression of depth 80": (one_layer(f'Reshape r 1 1 in0 y 6="{"neg(" * 60}"', [(3, 5, 7)]), "cannot be read"),
    "an expression that divides by 0": (one_layer('Reshape r 1 1 in0 y 6="//(0w,0)"', [(3, 5, 7)]), "cannot be read"),
    "an expression of no input": (one_layer('Reshape r 1 1 in0 y 6="7w"', [(3, 5, 7)]), "needs at least 8 inputs"),
}


class TestWhatIsRefused:
    @pytest.mark.parametrize("what", REFUSED)
    def test_each_in_one_sentence(self, what: str, tmp_path: Path) -> None:
        text, sentence = REFUSED[what]
        path = write(tmp_path, text)
        with pytest.raises(CostModelError) as caught:
            read_ncnn(path)
        message = str(caught.value)
        assert sentence in message
        assert message.startswith(f"{path}: ") or "..." in message
        assert "\n" not in message

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="not a file of its own"):
            read_ncnn(tmp_path)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="cannot be read: No such file"):
            read_ncnn(tmp_path / "none.param")

    def test_a_name_that_no_file_has(self) -> None:
        with pytest.raises(FileFormatError, match="cannot be read"):
            read_ncnn("a\x00b.param")

    def test_a_huge_file(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.param"
        with path.open("wb") as stream:
            stream.truncate(MAX_BYTES + 1)
        with pytest.raises(FileFormatError, match=f"larger than {MAX_BYTES} bytes"):
            read_ncnn(path)

    @pytest.mark.parametrize("batch", [0, -1, 1.5, "n +", True, None])
    def test_a_batch_that_is_none(self, tmp_path: Path, batch: object) -> None:
        with pytest.raises(FileFormatError, match="'batch' must be"):
            read_ncnn(write(tmp_path, OPEN), batch=batch)

    def test_a_shape_for_no_input(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match=r"there is no input named 'y' \(the file has in0\)"):
            read_ncnn(write(tmp_path, OPEN), input_shapes={"y": (3, 5, 7)})

    def test_a_shape_of_size_0(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="every size of input 'in0' must be a positive integer"):
            read_ncnn(write(tmp_path, OPEN), input_shapes={"in0": (3, 0, 7)})
