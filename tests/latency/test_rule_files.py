"""Rules of runtimes: those that are built in, what a file may say, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import zoo
from costmodel.errors import CostModelError, FileFormatError, UnknownNameError
from costmodel.latency import (
    FusionRules,
    find_rules,
    is_known_runtime,
    lower,
    parse_rules,
    pattern_names,
    read_rules,
    rule_names,
    rules_for,
)
from costmodel.toml_files import MAX_BYTES

HEAD = 'version = 1\nname = "mine"\n'
JOIN = '[[joins]]\nkinds = ["relu"]\nto = ["conv"]\n'


class TestBuiltIn:
    def test_are_named_as_their_files_and_say_where_they_come_from(self) -> None:
        assert rule_names() == (
            "fused", "ncnn", "onnxruntime", "pytorch", "tensorrt", "tflite", "torch-compile", "unfused",
        )  # fmt: skip
        for name in rule_names():
            rules = find_rules(name)
            assert rules.name == name
            assert rules.title
            assert rules.source

    def test_a_runtime_has_one_set_of_rules(self) -> None:
        names = [runtime for name in rule_names() for runtime in find_rules(name).runtimes]
        assert len(set(names)) == len(names)

    def test_an_unknown_one_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(UnknownNameError, match="there is no runtime named 'onnx-runtime'; the nearest are onnxrun"):
            find_rules("onnx-runtime")

    def test_a_runtime_s_own_name_is_one_of_its_rules(self) -> None:
        for name in rule_names():
            assert all(find_rules(runtime).name == name for runtime in find_rules(name).runtimes)

    def test_rules_stand_for_themselves(self) -> None:
        rules = find_rules("ncnn")
        assert find_rules(rules) is rules


class TestRuntimesOfMeasurements:
    @pytest.mark.parametrize(
        ("runtime", "name"),
        [
            ("ncnn", "ncnn"),
            ("ncnn 20240410", "ncnn"),
            ("TFLite", "tflite"),
            ("TensorFlow Lite 2.1", "tflite"),
            ("onnxruntime", "onnxruntime"),
            ("onnxruntime 1.32.0", "onnxruntime"),
            ("ONNX Runtime", "onnxruntime"),
            ("torch p2.1.0", "pytorch"),
            ("pytorch 2.4.0", "pytorch"),
            ("PyTorch", "pytorch"),
            ("TensorRT 8", "tensorrt"),
            ("trt10", "tensorrt"),
            ("", "fused"),
            ("OpenVINO", "fused"),
            ("torchscript", "fused"),
            ("pytorch 2.4.0 + torch.compile(dynamo)", "torch-compile"),
            ("TFLite (float, single block benchmark)", "tflite"),
        ],
    )
    def test_with_and_without_a_version(self, runtime: str, name: str) -> None:
        assert rules_for(runtime).name == name
        assert is_known_runtime(runtime) is (name != "fused")


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "'version' must be a positive integer"),
            ('version = 2\nname = "mine"', "this costmodel reads up to 1; upgrade costmodel"),
            ("version = 1", "'name' is required"),
            (HEAD + "colour = 1", "'colour' is not a field of this"),
            (HEAD + "joins = 3", "'joins' must be a list"),
            (HEAD + "[[joins]]\nkinds = ['relu']", "'joins.0.to' is required"),
            (HEAD + "[[joins]]\nkinds = ['rellu']\nto = ['conv']", "'kinds' must be layer kinds"),
            (HEAD + "[[joins]]\nkinds = ['relu']\nto = ['convolution']", "'to' must be layer kinds or classes of kern"),
            (HEAD + "[[joins]]\nkinds = ['relu']\nto = ['conv']\nfolds = true", "can be folded into weights"),
            (HEAD + "[[joins]]\nkinds = ['add']\nto = ['conv']\noperand = 'other'", "'joins.0.operand' "),
            (HEAD + JOIN + "repeat = 1", "'joins.0.repeat' must be"),
            (HEAD + "free = ['concat']\ncopies = ['concat']", "must be free or a copy, not both (got 'concat')"),
            (HEAD + "copies = ['sliced']", "'copies' must be layer kinds"),
            (HEAD + "patterns = ['swish']", "must be operations, or of the names silu, "),
            (HEAD + "patterns = [{operations = ['y = relu(x)']}]", "'patterns.0.operations' "),
            (HEAD + "patterns = [{operations = ['s = tanh(x)', 'y = relu x']}]", "must be operations such as"),
            (
                HEAD + "patterns = [{operations = ['s = tanh(x)', 'y = relu(__import__)(s)']}]",
                "must be operations such",
            ),
            (HEAD + "patterns = [{operations = ['s = tanh(x)', 's = relu(s)']}]", "a name of its own"),
            (HEAD + "patterns = [{operations = ['s = add(a, b, c, d, e)', 'y = relu(s)']}]", "at most 4 inputs"),
            (HEAD + "patterns = 'silu'", "'patterns' must be a list"),
            (HEAD + "patterns = [{operations = ['s = tanh(y)', 'y = relu(s)']}]", "must name a result before"),
            (HEAD + "patterns = [{operations = ['s = tanh(x)', 'y = relu(x)']}]", "s is not used"),
            (HEAD + "patterns = [{operations = ['s = tanh(x)', 'y = relux(s)']}]", "(got 'relux')"),
            (HEAD + "[[patterns]]\nbecomes = 'conv2d'\noperations = ['s = tanh(x)', 'y = relu(s)']", "needs no field"),
            (HEAD + "[[splits]]\nkind = 'silu'\noperations = ['s = sigmoid(z)', 'y = relu(s)']", "and read x"),
            (HEAD + "[[splits]]\nkind = 'silu'\noperations = ['s = tanh|relu(x)', 'y = relu(s)']", "of one kind"),
            (HEAD + "[layout]\nblock = 1\nstarts = ['conv']", "'layout.block' must be greater than or equal to 2"),
            (HEAD + "[layout]\nblock = 8\nstarts = ['convs']", "'starts' must be layer kinds or classes"),
            (HEAD + "free = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
            ("name =", "is not valid TOML"),
        ],
    )
    def test_one_sentence(self, text: str, sentence: str, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(text)
        with pytest.raises(FileFormatError) as caught:
            read_rules(path)
        message = str(caught.value)
        assert sentence in message
        assert "mine.toml" in message
        assert "\n" not in message
        assert len(message) < 600

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + "#" * MAX_BYTES)
        with pytest.raises(FileFormatError, match="which no rules file is"):
            find_rules(path)

    @given(st.text(max_size=200))
    def test_any_text_is_rules_or_one_of_our_errors(self, text: str) -> None:
        with suppress(CostModelError):
            assert parse_rules(HEAD + text).name == "mine"


class TestOfAUser:
    def test_a_file_is_found_by_its_path(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + JOIN)
        assert len(lower(zoo.vgg(depth=11), rules=path)) == len(lower(zoo.vgg(depth=11), rules="unfused")) - 8

    def test_every_name_of_a_pattern_is_known(self) -> None:
        rules = FusionRules.model_validate({"name": "all", "patterns": list(pattern_names())})
        assert len(rules.patterns) > len(pattern_names())
