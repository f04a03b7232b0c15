"""How good are the predictions? Writes docs/accuracy.md and its figures from the measurements in ../shared.

Run: python docs/accuracy.py --shared ../shared -o docs/accuracy.md [--keep FOLDER]

The evaluations take some ten minutes of one core; with --keep their outcomes stay in a folder and are not run again.
Needs the extra `plot`. The page holds errors and no measurement.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import accuracy_figures as figures
from accuracy_numbers import binomial_range, by, held, mape, setup_error, setup_error_interval
from accuracy_runs import NOISES, SHOTS, Outcome, collected

from costmodel.calibration import CHOICES

TEMPLATE: Final = Path(__file__).with_name("accuracy_template.txt")
MODELS: Final = ("calibration", "affine", "flops")
FEW: Final = {1: 0.15, 3: 0.125, 5: 0.11, 8: 0.105}
"""The errors that were asked for with so many measured networks."""


def percent(fraction: float) -> str:
    """A fraction in percent.

    >>> percent(0.0735)
    '7.3 %'
    """
    return f"{100 * fraction:.1f} %"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; numbers stand right."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))


def against(limit: float | None, error: float) -> str:
    """The limit, and whether it is reached."""
    return "" if limit is None else f"{percent(limit)}, {'reached' if error <= limit else '**not reached**'}"


def coverage(outcomes: Sequence[Outcome]) -> str:
    """How many intervals held what was measured, and what a binomial distribution of as many trials would."""
    found = held(outcomes)
    if not found:
        return "-"
    low, high = binomial_range(len(found))
    fraction = sum(found) / len(found)
    outside = "" if low <= fraction <= high else "**"
    return f"{outside}{percent(fraction)}{outside} ({percent(low)} to {percent(high)})"


def of(outcomes: Iterable[Outcome], keep: Callable[[Outcome], bool]) -> dict[str, list[Outcome]]:
    """The outcomes that are kept, by model."""
    kept = [each for each in outcomes if keep(each)]
    return {model: [each for each in kept if each.model == model] for model in MODELS}


def line(
    name: str,
    models: dict[str, list[Outcome]],
    limit: float | None,
    error: Callable[[Sequence[Outcome]], float] = setup_error,
) -> list[str]:
    """A row: the errors of the three models, the limit, the coverage."""
    found = {model: error(rows) for model, rows in models.items()}
    count = len(by(models["calibration"], lambda one: one.place))
    return [
        name, str(count), str(len(models["calibration"])), percent(found["calibration"]),
        against(limit, found["calibration"]), percent(found["affine"]), percent(found["flops"]),
        coverage(models["calibration"]),
    ]  # fmt: skip


HEADS: Final = ("", "setups", "times", "calibration", "asked for", "a + b MACs", "b MACs", "held by 90 % intervals")


def ncnn(outcomes: Sequence[Outcome]) -> str:
    """The errors on ncnn's devices by kind of setup."""
    kinds: dict[str, tuple[Callable[[Outcome], bool], float | None]] = {
        "processors, float, one thread": (lambda one: one.group == "cpu-float" and one.threads == 1, 0.075),
        "one to four threads": (lambda one: one.group == "cpu-float" and one.threads <= 4, 0.09),
        "all": (lambda one: one.group == "cpu-float", 0.10),
        "processors, int8": (lambda one: one.group == "cpu-integer", 0.095),
        "GPUs (Vulkan), float": (lambda one: one.group == "gpu-float", 0.18),
        "GPUs (Vulkan), int8": (lambda one: one.group == "gpu-integer", None),
    }
    return table(HEADS, [line(name, of(outcomes, keep), limit) for name, (keep, limit) in kinds.items()])


def without_prior(found: dict[str, list[Outcome]]) -> str:
    """The errors on phones, layers and blocks, without a prior."""
    kinds: list[tuple[str, str, Callable[[Outcome], bool], float]] = [
        ("Pixel 1, float32, one network left out", "pixel", lambda one: one.setup["device"].endswith("1"), 0.04),
        (
            "Pixel 3, float32",
            "pixel",
            lambda one: "3" in one.setup["device"] and one.setup["precision"] == "fp32",
            0.04,
        ),
        ("Pixel 3, uint8", "pixel", lambda one: one.setup["precision"] == "uint8", 0.055),
        ("linear layers, Tesla T4, a fifth left out", "linear", lambda one: "T4" in one.setup["device"], 0.12),
        ("linear layers, Tesla V100", "linear", lambda one: "V100" in one.setup["device"], 0.12),
        ("blocks, Samsung Note10, one resolution left out", "blocks", lambda _: True, 0.07),
    ]
    return table(HEADS, [line(name, of(found[run], keep), limit) for name, run, keep, limit in kinds])


def few_shot(outcomes: Sequence[Outcome], choice: str) -> str:
    """The errors with so many measured networks, chosen in a way, beside none and all."""
    rows = []
    for shots in (*SHOTS, None):
        these = [each for each in outcomes if each.shots == shots and each.choice in {choice, ""}]
        models = of(these, lambda _: True)
        error = setup_error(models["calibration"])
        low, high = setup_error_interval(models["calibration"])
        limit = FEW.get(shots) if shots is not None else 0.12
        baselines = [percent(setup_error(models[name])) if models[name] else "-" for name in MODELS[1:]]
        rows.append([
            "all others" if shots is None else str(shots), percent(error), f"{percent(low)} to {percent(high)}",
            against(limit, error), *baselines, coverage(models["calibration"]),
        ])  # fmt: skip
    heads = ("measured", "calibration", "90 % over devices", "asked for", *HEADS[5:])
    return table(heads, rows)


def by_name(outcomes: Sequence[Outcome], label: Callable[[Outcome], str], heading: str) -> str:
    """The mean errors by network or family, the worst first."""
    parts = [(label(rows[0]), of(rows, lambda _: True)) for rows in by(outcomes, label)]
    parts.sort(key=lambda each: (-mape(each[1]["calibration"]), each[0]))
    rows = [[name, str(len(models["calibration"])), *(percent(mape(models[model])) for model in MODELS)]
            for name, models in parts]  # fmt: skip
    return table((heading, "times", *HEADS[3:4], *HEADS[5:7]), rows)


def noise(found: dict[str, list[Outcome]]) -> str:
    """What each half of the devices would choose, and what that gives on the other."""

    def error(value: float, half: int) -> float:
        return setup_error(each for each in found[f"noise {value}, half {half}"] if each.model == "calibration")

    rows = []
    for half in (0, 1):
        chosen = min(NOISES, key=lambda value: error(value, half))
        own = [percent(error(value, half)) for value in NOISES]
        rows.append(["first" if half == 0 else "second", *own, f"{chosen:.1%}", percent(error(chosen, 1 - half))])
    heads = ("half that chooses", *(f"its error with {value:.1%}" for value in NOISES), "chosen", "the other half")
    return table(heads, rows)


def every_setup(outcomes: Sequence[Outcome]) -> str:
    """The mean error of every setup."""
    rows = []
    for part in by(outcomes, lambda one: one.place):
        setup = part[0].setup
        models = of(part, lambda _: True)
        where = setup.get("gpu_name") or f"powersave {setup.get('powersave') or 0}"
        name = setup["device"].split("(")[0].split(",")[0].strip()
        rows.append([
            name, where[:40], setup.get("threads") or "-", setup.get("run_id", ""), setup["precision"],
            str(len(models["calibration"])), *(percent(mape(models[model])) for model in MODELS),
        ])  # fmt: skip
    return table(("device", "processor", "threads", "run", "precision", "times", *HEADS[3:4], *HEADS[5:7]), rows)


def page(found: dict[str, list[Outcome]]) -> str:
    """The page, its tables filled in."""
    floats = [each for each in found["network"] if each.group == "cpu-float"]
    families = [each for each in found["family"] if each.group == "cpu-float"]
    texts = {
        "ncnn": ncnn(found["network"]),
        "without_prior": without_prior(found),
        **{f"few_{choice}": few_shot(found["unseen"], choice) for choice in CHOICES},
        "networks": by_name(floats, lambda one: one.network, "network"),
        "families": by_name(families, lambda one: one.family, "family"),
        "noise": noise(found),
        "setups": every_setup(found["network"]),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in texts.items():
        text = text.replace(f"<<{name}>>", value)
    return text


def draw(found: dict[str, list[Outcome]], folder: Path) -> None:
    """Write the figures."""
    floats = [each for each in found["network"] if each.group == "cpu-float"]
    figures.few_shot(found["unseen"], FEW, folder / "accuracy-few-shot.svg")
    figures.setups(floats, folder / "accuracy-setups.svg")
    figures.residuals([each for each in floats if each.model == "calibration"], folder / "accuracy-residuals.svg")
    figures.pixel([each for each in found["pixel"] if each.model == "calibration"], folder / "accuracy-pixel.svg")


def main() -> None:
    """Evaluate, write the page and draw the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = collected(given.shared, given.keep or Path(folder))
    given.output.write_text(page(found), encoding="utf-8")
    draw(found, given.output.parent / "figures")


if __name__ == "__main__":
    main()
