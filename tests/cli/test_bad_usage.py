"""Names that do not exist are refused with the nearest ones (status 1); wrong usage is status 2."""

import pytest

from tests.cli.conftest import Run

NAMED = ("calibrate", "--device", "a board", "-o", "x.toml", "--prior", "population")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("summary", "resnet5"), "there is no zoo network named 'resnet5'; the nearest are resnet50"),
        (
            ("summary", "resnet50", "--set", "widt=1"),
            "there is no parameter of resnet50 named 'widt'; the nearest are width",
        ),
        (("summary", "resnet50", "--set", "self=1"), "there is no parameter of resnet50 named 'self'"),
        (("summary", "resnet50", "--set", "width=0"), "parameter 'width' must be a number above 0"),
        (("summary", "resnet50", "--set", "width=1e400"), "parameter 'width' must be a number above 0"),
        (("summary", "resnet50", "--set", "resolution=4294967296"), "parameter 'resolution' must be at most 2**31"),
        (("summary", "resnet50", "--batch", "0"), "parameter 'batch' must be a positive integer"),
        (("summary", "resnet50", "--batch", "1.5"), "parameter 'batch' must be a positive integer"),
        (
            ("summary", "resnet", "--set", "depth=51"),
            "parameter 'depth' must be one of 18, 34, 50, 101, 152 (got '51')",
        ),
        (("summary", "mobilenet_v2", "--set", "rounding=off"), "parameter 'rounding' must be one of auto, none, exact"),
        (("summary", "vgg16", "--set", "resolution=8"), "pool4: max_pool2d 'kernel' must fit its padded input"),
        (("summary", "resnet50", "--convention", "two-per-macs"), "the nearest are two-per-mac"),
        (("summary", "net.onnx"), "net.onnx cannot be read"),
        (("summary", "net.txt"), "must be a file of a network"),
        (("summary", "some/net"), "must be a file of a network"),
        (("summary", ""), "there is no zoo network named ''"),
        (("formula", "conv2"), "there is no layer kind or zoo network named 'conv2'; the nearest are conv2d"),
        (("formula", "mobilenet_v"), "the nearest are mobilenet_v"),
        (
            ("formula", "conv2d", "--quantity", "mac"),
            "there is no quantity of conv2d named 'mac'; the nearest are macs",
        ),
        (("formula", "resnet50", "--quantity", "param"), "the nearest are params"),
        (("formula", "mobilenet_v1", "--symbols", "wdth"), "the nearest are width"),
        (("formula", "resnet", "--symbols", "depth"), "parameter 'depth' must be one of"),
        (("predict", "resnet50", "--device", "pixel1"), "there is no device named 'pixel1'; the nearest are pixel-1"),
        (("predict", "resnet50", "--device", "none.toml"), "none.toml cannot be read: No such file or directory"),
        (("predict", "resnet50", "--device", "v100", "--data-type", "int4"), "has no published peak for int4"),
        (("predict", "resnet50", "--device", "horowitz-45nm"), "has no published peak for float32"),
        (
            ("predict", "resnet50", "--device", "v100", "--data-type", "int3"),
            "there is no data type named 'int3'; the nearest are int",
        ),
        (("evaluate", "none.csv"), "none.csv cannot be read: No such file or directory"),
        (("calibrate", "none.csv", "-o", "x.toml"), "none.csv cannot be read: No such file or directory"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_does_not_exist_is_refused_in_one_sentence(
    costmodel: Run, command: tuple[str, ...], sentence: str, form: tuple[str, ...]
) -> None:
    done = costmodel(*command, *form)
    assert (done.status, done.output, done.errors.count("\n")) == (1, "", 1)
    assert done.errors.startswith("costmodel: ")
    assert sentence in done.errors


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ((), "Usage: costmodel"),
        (("sumary", "resnet50"), "No such command 'sumary'"),
        (("summary",), "Missing argument"),
        (("summary", "resnet50", "--jso"), "No such option"),
        (("summary", "resnet50", "--set", "width"), "--set takes NAME=VALUE (got 'width')"),
        (("summary", "resnet50", "--set", "=1"), "--set takes NAME=VALUE"),
        (("summary", "resnet50", "--set", "width="), "--set takes NAME=VALUE"),
        (("summary", "resnet50", "--set", "width=1", "--set", "width=2"), "--set sets 'width' twice"),
        (("summary", "resnet50", "--batch", "2", "--set", "batch=3"), "give one of them"),
        (("summary", "resnet50", "--depth", "0"), "--depth"),
        (("summary", "resnet50", "--depth", "one"), "--depth"),
        (("formula", "conv2d", "--symbols", "c_i"), "--symbols and --set are for networks"),
        (("formula", "conv2d", "--set", "c_i=1"), "--symbols and --set are for networks"),
        (("formula", "conv2d", "--format", "pdf"), "--format takes text, latex or both"),
        (("formula", "vgg16", "--symbols", "width", "--set", "width=1"), "leaves 'width' open"),
        (("predict", "resnet50"), "Missing option '--device'"),
        (("calibrate", "times.csv"), "Missing option"),
        (
            ("calibrate", "-o", "x.toml"),
            "give MEASUREMENTS.csv; or, where nothing was measured, the device's name with",
        ),
        ((*NAMED, "times.csv"), "--device names a device of which nothing was measured"),
        ((*NAMED, "--setup", "device=mine"), "--device and --setup device=NAME both name the device"),
        ((*NAMED, "--models", "."), "--models finds the networks of measurements, and --device has none"),
        ((*NAMED, "--prior", "none"), "without measurements only --prior population says something"),
    ],
)
def test_wrong_usage_has_status_2(costmodel: Run, command: tuple[str, ...], sentence: str) -> None:
    done = costmodel(*command)
    assert done.status == 2
    assert done.output == ""
    assert sentence in " ".join(done.errors.replace("│", " ").split())


def test_help_and_version_are_no_mistakes(costmodel: Run) -> None:
    from costmodel import __version__

    assert costmodel("--version").output == f"costmodel {__version__}\n"
    for command in ((), ("summary",), ("formula",), ("predict",), ("calibrate",), ("evaluate",), ("zoo",)):
        done = costmodel(*command, "--help")
        assert (done.status, done.errors) == (0, "")
        assert done.output.lstrip().startswith("Usage: costmodel")
