"""Fusion rules: what a runtime runs as one kernel, as data that a user can write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr, StringConstraints, model_validator

from costmodel.latency.layout import Layout
from costmodel.latency.pattern_files import with_named
from costmodel.latency.patterns import CLASSES, FROZEN, Form, Pattern, Split, Text, Words, check_kinds
from costmodel.layers.base import Flag

FORMAT_VERSION: Final = 1
"""The format of rules files that this library reads."""

IN_PLACE: Final = "in_place"
"""Stands for every kind that works in place, which activations do."""

FOLDABLE: Final = ("batch_norm", "multiply", "divide", "add", "subtract")
"""Kinds that may be folded into the weights of a kernel."""


class Join(BaseModel):
    """Operations of some `kinds` that run within the kernel which writes their input, before it is written.

    They join kernels of the classes, or that begin with the kinds, named in `to`, where nothing else reads that input
    and the output has its size. Of an operation with several inputs, `operand` says what the others may be: tensors
    that are computed, stored ones, or any. One that `folds` goes into the kernel's weights and its bias.
    """

    model_config = FROZEN

    kinds: Annotated[Words, Field(min_length=1)]
    to: Annotated[Words, Field(min_length=1)]
    operand: Literal["any", "computed", "stored"] = "any"
    folds: Flag = False
    repeat: Flag = False
    """Whether several may join, one after another."""
    blocked: Flag = False
    """Whether they join only in the rules' blocked layout."""

    @model_validator(mode="after")
    def _of_known_names(self) -> Self:
        check_kinds("kinds", self.kinds, {IN_PLACE})
        check_kinds("to", self.to, CLASSES)
        wrong = [kind for kind in self.kinds if kind not in FOLDABLE]
        if self.folds and wrong:
            raise ValueError(f"only {', '.join(FOLDABLE)} can be folded into weights (got {wrong[0]!r})")
        return self


class FusionRules(BaseModel):
    """What a runtime does with a network's operations before it runs them.

    First `patterns` are found, in their order; a name stands for those of `pattern_names`. Then each operation, in the
    order of execution, is free, joins the kernel that writes its input by one of `joins`, or starts a kernel, or as
    many as `splits` says. The joins are in order: what has joined by one is not followed by an earlier one.

    Views, permutations that move axes of one element and dropout at inference are free, but for those that `copies`
    names; `free` names more. Where tensors are `strided`, permutations and expansions are views, and reshaping what has
    been permuted is a copy. With `folds_constants`, what is computed of stored tensors alone is computed beforehand;
    with `merges_equal`, operations without weights that are equal are done once (of neither a product of matrices, so
    that the multiply-accumulates stay those of the network); with `merges_slices`, slices that follow each other are
    one copy. `winograd` says whether dense 3x3 convolutions of stride 1 are done by Winograd's algorithm, which
    multiplies less. `layout` is one in which some operations want their inputs. `runtimes` are the names of runtimes in
    measurement files that these rules are for.

    >>> from costmodel import zoo
    >>> from costmodel.latency import lower
    >>> rules = FusionRules(name="mine", joins=(Join(kinds=("relu",), to=("conv",)),))
    >>> [kernel.nodes for kernel in lower(zoo.vgg(depth=11), rules=rules)][0]
    ('conv1_1', 'conv1_1.relu')
    """

    model_config = FROZEN

    version: Literal[1] = FORMAT_VERSION
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    title: Text | None = None
    source: Text | None = None
    runtimes: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    patterns: Annotated[tuple[Pattern, ...], BeforeValidator(with_named), Field(max_length=200)] = ()
    joins: Annotated[tuple[Join, ...], Field(max_length=100)] = ()
    splits: Annotated[tuple[Split, ...], Field(max_length=100)] = ()
    free: Words = ()
    copies: Words = ()
    strided: Flag = False
    folds_constants: Flag = False
    merges_equal: Flag = False
    merges_slices: Flag = False
    winograd: Flag = False
    layout: Layout | None = None
    _forms: dict[str, tuple[Form, ...]] = PrivateAttr()
    _splits: dict[str, Split] = PrivateAttr()
    _joins: dict[str, tuple[tuple[int, Join], ...]] = PrivateAttr()

    @model_validator(mode="after")
    def _of_known_kinds(self) -> Self:
        check_kinds("free", self.free)
        check_kinds("copies", self.copies)
        both = set(self.free) & set(self.copies)
        if both:
            raise ValueError(f"a kind must be free or a copy, not both (got {min(both)!r})")
        return self

    def model_post_init(self, context: Any, /) -> None:
        """What the rules say of each kind, looked up once for every network."""
        forms = [pattern.form for pattern in self.patterns]
        roots = {kind for form in forms for kind in form.lines[-1].kinds}
        self._forms = {kind: tuple(form for form in forms if kind in form.lines[-1].kinds) for kind in roots}
        self._splits = {split.kind: split for split in self.splits}
        stages = tuple(enumerate(self.joins))
        named = {kind for join in self.joins for kind in join.kinds}
        self._joins = {kind: tuple(each for each in stages if kind in each[1].kinds) for kind in named}

    @property
    def forms_by_last_kind(self) -> Mapping[str, tuple[Form, ...]]:
        """The patterns by the kind of their last operation."""
        return self._forms

    @property
    def splits_by_kind(self) -> Mapping[str, Split]:
        """What a kind runs as where it joins no kernel."""
        return self._splits

    @property
    def joins_by_kind(self) -> Mapping[str, tuple[tuple[int, Join], ...]]:
        """The rules by which an operation of a kind may join a kernel, with their places in the order."""
        return self._joins
