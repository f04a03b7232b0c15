"""The text format: what is read, and one sentence, with its line, for what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import FileFormatError
from costmodel.interop.ncnn.param import MAX_BLOBS, MAX_LAYERS, parse_param

SMALL = """7767517
3 3
Input         data  0 1 data -23330=4,3,2,4,5 0=2 1=4 2=5
InnerProduct  ip    1 1 data fc 0=10 1=1 2=400 9=2 -23310=1,1.000000e-01
Softmax       prob  1 1 fc prob 0=0
"""


def layer(line: str) -> str:
    """A file of an input and this layer, which writes one blob."""
    return f"7767517\n2 2\nInput in 0 1 x 0=4\n{line}\n"


class TestWhatIsRead:
    def test_a_layer_has_a_type_a_name_and_blobs(self) -> None:
        entry = parse_param(SMALL.encode())[1]
        assert (entry.type, entry.name, entry.inputs, entry.outputs) == ("InnerProduct", "ip", ("data",), ("fc",))

    def test_parameters_are_numbers_and_arrays_by_key(self) -> None:
        assert parse_param(SMALL.encode())[1].parameters.values == {0: 10, 1: 1, 2: 400, 9: 2, 10: (0.1,)}

    def test_a_shape_is_given_from_the_outermost_axis_on(self) -> None:
        assert [entry.hints for entry in parse_param(SMALL.encode())] == [((5, 4, 2),), (None,), (None,)]

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("3=1,2,3", (1, 2, 3)),
            ("-23303=3,1,2,3", (1, 2, 3)),
            ("-23303=0", ()),
            ("3=1.5e-3", 0.0015),
            ("3=-233", -233),
            ("3=ij,jk->ik", "ij,jk->ik"),
            ('3="0w,*(0h, 2)"', "0w,*(0h, 2)"),
        ],
    )
    def test_every_way_to_write_a_value(self, text: str, value: object) -> None:
        assert parse_param(layer(f"Foo foo 1 1 x y {text}").encode())[1].parameters.values[3] == value

    def test_blank_lines_and_windows_line_ends_are_no_layers(self) -> None:
        spaced = parse_param(SMALL.replace("\n", "\r\n\r\n").encode())
        assert [(entry.type, entry.hints) for entry in spaced] == [
            (entry.type, entry.hints) for entry in parse_param(SMALL.encode())
        ]


LONG = "9" * 5000
REFUSED = {
    "an empty file": ("", "magic number 7767517, and this is empty"),
    "another magic number": ("7767518\n1 1\nInput in 0 1 x 0=4\n", "magic number 7767517 (got '7767518')"),
    "a file of the oldest format": ("3 3\nInput data data 0 1 data\n", "magic number 7767517"),
    "the magic number alone": ("7767517\n", "it ends before"),
    "counts that are words": ("7767517\na b\n", "line 2: must be the numbers of layers and blobs"),
    "one count": ("7767517\n3\n", "line 2: must be the numbers of layers and blobs"),
    "counts of thousands of digits": (f"7767517\n{LONG} 1\n", "line 2: must be the numbers of layers and blobs"),
    "no layer": ("7767517\n0 0\n", "line 2: a .param file must have 1 to"),
    "too many layers": (f"7767517\n{MAX_LAYERS + 1} 1\n", "line 2: a .param file must have 1 to"),
    "too many blobs": (f"7767517\n1 {MAX_BLOBS + 1}\n", "line 2: a .param file must have 1 to"),
    "a file cut off": ("\n".join(SMALL.split("\n")[:4]), "as many layers as it says (got 2 for 3)"),
    "a layer more than it says": (f"{SMALL}ReLU r 1 1 prob out\n", "as many layers as it says (got 4 for 3)"),
    "fewer blobs than it says": (SMALL.replace("3 3", "3 4"), "as many blobs as it says (got 3 for 4)"),
    "a line cut off": (layer("ReLU r 1"), "line 4: must begin with a layer's type"),
    "a number of inputs that is none": (layer("ReLU r x 1 x y"), "line 4: must begin with a layer's type"),
    "a negative number of inputs": (layer("ReLU r -1 1 x y"), "line 4: must begin with a layer's type"),
    "fewer blobs named than counted": (layer("ReLU r 1 1 x 0=1"), "line 4, ReLU r: must name its 1 input"),
    "millions of blobs counted": (layer("ReLU r 99999999 1 x y"), "line 4, ReLU r: must name its 99999999 input"),
    "a blob that is not written yet": (
        "7767517\n3 3\nInput in 0 1 x 0=4\nReLU a 1 1 z y\nReLU b 1 1 y z\n",
        "line 4, ReLU a: input 'z' must be the output of a layer before it",
    ),
    "a layer that reads itself": (layer("ReLU r 1 1 y y"), "input 'y' must be the output of a layer before it"),
    "a blob written twice": (layer("ReLU r 1 1 x x"), "output 'x' must not be the output of another layer"),
    "two layers of one name": (layer("ReLU in 1 1 x y"), "line 4, ReLU in: two layers have this name"),
    "no key": (layer("ReLU r 1 1 x y 5"), "line 4, ReLU r: parameters must be key=value (got 5)"),
    "a key beyond 31": (layer("ReLU r 1 1 x y 32=1"), "a key must be one of 0 to 31"),
    "a negative key": (layer("ReLU r 1 1 x y -1=1"), "a key must be one of 0 to 31"),
    "an array's key beyond 31": (layer("ReLU r 1 1 x y -23332=1,1"), "a key must be one of 0 to 31"),
    "a key given twice": (layer("ReLU r 1 1 x y 3=1 -23303=1,1"), "parameter 3 must be given once"),
    "an array of another length": (layer("ReLU r 1 1 x y -23303=3,1,2"), "must begin with its number of elements, 2"),
    "an array without a length": (layer("ReLU r 1 1 x y -23303="), "must begin with its number of elements"),
    "no value": (layer("ReLU r 1 1 x y 0="), "parameter 0 must be a finite number (got '')"),
    "an integer of 33 bits": (layer("ReLU r 1 1 x y 0=4294967296"), "parameter 0 must have 32 bits"),
    "a number of thousands of digits": (layer(f"ReLU r 1 1 x y 0={LONG}"), "parameter 0 must be a finite number"),
    "a number that is none": (layer("ReLU r 1 1 x y 0=-nan"), "parameter 0 must be a finite number (got '-nan')"),
    "an infinite number": (layer("ReLU r 1 1 x y 0=1e999"), "parameter 0 must be a finite number (got '1e999')"),
    "digits of another script": (layer("ReLU r 1 1 x y 0=\u0661"), "parameter 0 must be a finite number"),
    "a text too long": (layer(f'ReLU r 1 1 x y 0="{"a" * 300}"'), "a text of at most 255 printable characters"),
    "a name too long": (layer(f"ReLU {'r' * 300} 1 1 x y"), "a name must have at most 255 characters"),
    "a name that cannot be printed": (layer("ReLU r\x00 1 1 x y"), "all printable"),
    "a shape of five axes": (layer("ReLU r 1 1 x y -23330=4,5,1,1,1"), "a shape must be 1 to 3 axes"),
    "a shape of size 0": (layer("ReLU r 1 1 x y -23330=4,1,0,1,1"), "a shape must be 1 to 3 axes"),
    "a negative shape": (layer("ReLU r 1 1 x y -23330=4,1,-4,1,1"), "a shape must be 1 to 3 axes"),
    "shapes for other outputs": (
        layer("ReLU r 1 1 x y -23330=8,1,4,1,1,1,4,1,1"),
        "four integers for each of 1 outputs",
    ),
}


class TestWhatIsRefused:
    @pytest.mark.parametrize("what", REFUSED)
    def test_each_in_one_sentence(self, what: str) -> None:
        text, sentence = REFUSED[what]
        with pytest.raises(FileFormatError) as caught:
            parse_param(text.encode())
        message = str(caught.value)
        assert sentence in message
        assert "\n" not in message
        assert len(message) < 500

    def test_text_that_is_not_utf_8(self) -> None:
        with pytest.raises(FileFormatError, match=r"must be text in UTF-8, and byte 9 is not"):
            parse_param(b"7767517\n1\xff 1\n")


def refusal(raw: bytes) -> str:
    """The sentence with which bytes are refused, "" where they are read."""
    try:
        parse_param(raw)
    except FileFormatError as problem:
        return str(problem)
    return ""


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert "\n" not in refusal(raw)


@given(st.text(max_size=200))
def test_any_layers_are_read_or_refused(text: str) -> None:
    assert "\n" not in refusal(layer(text).encode("utf-8", "surrogatepass"))
