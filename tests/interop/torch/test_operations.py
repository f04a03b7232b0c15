"""Operations of PyTorch by themselves: shapes as running has them, multiply-accumulates of FlopCounterMode."""

from typing import Any

import pytest

from costmodel.interop.torch import from_torch
from tests.interop.torch.installed import functional, nn, torch
from tests.interop.torch.modules import Function, counted_by_torch, parameter

IMAGE, ROWS, VECTOR = (2, 6, 8, 9), (4, 6), (6,)
INDICES = torch.tensor([0, 2, 1])


def written(a: Any) -> Any:
    """Zeros of which a part is computed."""
    y = torch.zeros(4, 8)
    y[:, 1:7] = a
    y[0] += 1
    return y * 2


OPERATIONS: dict[str, tuple[Any, ...]] = {
    # convolutions and pooling
    "conv without a batch": (nn.Conv2d(6, 4, 3), (6, 8, 9)),
    "conv padded to its size": (nn.Conv2d(6, 4, 4, padding="same", dilation=2), IMAGE),
    "conv padded by reflection": (nn.Conv2d(6, 4, 3, padding=1, padding_mode="reflect"), IMAGE),
    "conv with computed weights": (Function(lambda x, w: functional.conv2d(x, w, groups=2)), IMAGE, (4, 3, 3, 3)),
    "conv with a fixed kernel": (
        Function(lambda x: functional.conv2d(x, torch.ones(6, 1, 3, 3) / 9, groups=6)), IMAGE
    ),
    "transposed conv in one dimension": (nn.ConvTranspose1d(6, 4, 3, 2, output_padding=1, groups=2), (2, 6, 7)),
    "transposed conv in three": (nn.ConvTranspose3d(2, 4, 2, 2, bias=False), (1, 2, 3, 4, 5)),
    "max pooling rounded up": (nn.MaxPool2d(3, 2, 1, ceil_mode=True), IMAGE),
    "max pooling with places": (Function(lambda x: functional.max_pool2d(x, 2, return_indices=True)), IMAGE),
    "average pooling in one dimension": (nn.AvgPool1d(3, 2, 1), (2, 6, 9)),
    "adaptive pooling": (nn.AdaptiveAvgPool2d((3, None)), IMAGE),
    "adaptive max pooling": (nn.AdaptiveMaxPool1d(4), (2, 6, 9)),
    "Lp pooling": (nn.LPPool2d(2, 3), IMAGE),
    "unfold": (nn.Unfold(3, padding=1, stride=2), IMAGE),
    "fold": (nn.Fold((8, 9), 3, padding=1), (2, 54, 72)),
    # products
    "matmul of stacks": (Function(torch.matmul), (3, 1, 4, 5), (2, 5, 6)),
    "matmul of a vector": (Function(torch.matmul), (4, 6), VECTOR),
    "addmm of stored weights": (
        Function(lambda m, x: torch.addmm(m.b, x, m.w), b=parameter(3), w=parameter(6, 3)), ROWS
    ),
    "baddbmm with factors": (
        Function(lambda c, a, b: torch.baddbmm(c, a, b, beta=0.5, alpha=2)), (2, 3, 5), (2, 3, 4), (2, 4, 5)
    ),
    "einsum of three": (Function(lambda a, b, c: torch.einsum("ij,jk,kl->il", a, b, c)), (2, 3), (3, 4), (4, 5)),
    "tensordot": (Function(lambda a, b: torch.tensordot(a, b, dims=([2, 1], [0, 1]))), (2, 3, 4), (4, 3, 5)),
    "outer": (Function(torch.outer), (3,), (4,)),
    "linear of computed weights": (Function(functional.linear), (2, 3, 6), (5, 6), (5,)),
    "a quarter of stored weights": (Function(lambda m, x: functional.linear(x, m.w[:3]), w=parameter(12, 6)), ROWS),
    "transposed stored weights": (Function(lambda m, x: x @ m.w.T, w=parameter(5, 6)), ROWS),
    "bilinear sums": (Function(lambda a, b: (a.unsqueeze(1) * b.unsqueeze(2)).sum((1, 2))), ROWS, ROWS),
    # normalizations
    "group norm": (nn.GroupNorm(3, 6), IMAGE),
    "group norm without weights": (nn.GroupNorm(3, 6, affine=False), IMAGE),
    "instance norm": (nn.InstanceNorm2d(6, affine=True), IMAGE),
    "instance norm with statistics": (nn.InstanceNorm2d(6, track_running_stats=True), IMAGE),
    "layer norm without a shift": (nn.LayerNorm((8, 9), bias=False), IMAGE),
    "RMS norm": (nn.RMSNorm(9), IMAGE),
    "batch-norm without weights": (nn.BatchNorm1d(6, affine=False), (2, 6, 9)),
    "batch-norm of rows": (nn.BatchNorm1d(6), ROWS),
    "local response norm": (nn.LocalResponseNorm(3), IMAGE),
    "normalized vectors": (Function(lambda x: functional.normalize(x, dim=-1)), ROWS),
    "cosine similarity": (Function(functional.cosine_similarity), ROWS, ROWS),
    # activations
    **{
        f"activation {kind.__name__}": (kind(), IMAGE)
        for kind in (
            nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.SiLU, nn.Sigmoid, nn.Tanh, nn.Hardsigmoid,
            nn.Hardswish, nn.Hardtanh, nn.Softplus, nn.Softsign, nn.Mish, nn.LogSigmoid, nn.PReLU, nn.RReLU,
            nn.Hardshrink, nn.Softshrink, nn.Tanhshrink, nn.Identity, nn.Dropout,
        )
    },
    "softmin": (nn.Softmin(1), IMAGE),
    "log-softmax": (nn.LogSoftmax(1), IMAGE),
    "gated linear unit": (nn.GLU(1), IMAGE),
    "GELU by tanh": (nn.GELU(approximate="tanh"), IMAGE),
    "threshold": (nn.Threshold(0.1, 0), IMAGE),
    "slopes for each channel": (nn.PReLU(6), IMAGE),
    # element by element
    "arithmetic": (Function(lambda a, b: (a + 2 * b - 1) / (a.abs() + 1) % 3 // 2), ROWS, VECTOR),
    "a number less a tensor": (Function(lambda a: 1 - a), ROWS),
    "alpha": (Function(lambda a, b: torch.add(a, b, alpha=3)), ROWS, VECTOR),
    "powers": (Function(lambda a: a**2 + a**3 + a**0.5 + a**-1 + 2**a + a**a + a**1.7), ROWS),
    "functions": (
        Function(lambda a: a.exp().log1p().sin().cos().erf().sqrt().rsqrt().reciprocal().neg().floor().sign()), ROWS
    ),
    "bounds": (Function(lambda a: a.clamp(0).clamp(max=1).clamp(-1, 1).clamp(min=a)), ROWS),
    "extremes of two": (Function(lambda a, b: torch.maximum(a, b) + torch.min(a, b)), ROWS, VECTOR),
    "comparisons": (Function(lambda a, b: (a > b) & (a != 0) | ~(a <= 1)), ROWS, VECTOR),
    "where": (Function(lambda a, b: torch.where(a > 0, a, b) + torch.where(a > 0, a, 0.0)), ROWS, VECTOR),
    "masked fill": (Function(lambda a: a.masked_fill(a > 0, -1e9)), ROWS),
    "addcmul": (Function(lambda a, b: torch.addcmul(a, a, b, value=2)), ROWS, VECTOR),
    "lerp": (Function(lambda a, b: torch.lerp(a, b, 0.3)), ROWS, VECTOR),
    "casts": (Function(lambda a: a.half().to(torch.int32).float().type_as(a)), ROWS),
    # folds
    "sums": (Function(lambda a: a.sum() + a.sum(0) + a.mean(1, keepdim=True) + a.prod(0)), ROWS),
    "extremes": (Function(lambda a: a.max() + a.amax(0) + a.min(1, keepdim=True).values + a.max(0)[0]), ROWS),
    "places of extremes": (Function(lambda a: (a.argmax(), a.argmin(1), a.max(1)[1])), ROWS),
    "spreads": (Function(lambda a: (a.var(0), a.std((0, 1)), torch.var_mean(a, 1, keepdim=True))), ROWS),
    "norms": (Function(lambda a: a.norm() + torch.linalg.vector_norm(a, 1, 1).sum()), ROWS),
    "logsumexp": (Function(lambda a: a.logsumexp(1)), ROWS),
    "truth of all": (Function(lambda a: ((a > 0).all(1), (a > 0).any())), ROWS),
    "running sums": (Function(lambda a: a.cumsum(1)), ROWS),
    "the largest": (Function(lambda a: a.topk(2, 1)), ROWS),
    "sorted": (Function(lambda a: (a.sort(0), a.argsort(1))), ROWS),
    # shapes
    "views": (Function(lambda a: a.view(2, -1).reshape(3, 4, 2).flatten(1).unflatten(1, (4, -1)).squeeze(1)), ROWS),
    "orders": (Function(lambda a: a.permute(1, 0, 3, 2).transpose(0, -1).movedim(0, 2).mT.swapaxes(0, 1)), IMAGE),
    "repeats": (Function(lambda a: a.repeat(2, 1, 3).tile(1, 1, 2) + a.unsqueeze(0).expand(2, -1, 6).sum()), ROWS),
    "repeats in place": (Function(lambda a: a.repeat_interleave(3, dim=1)), ROWS),
    "joins": (Function(lambda a, b: (torch.cat((a, b), -1), torch.stack((a, b), 1), torch.hstack((a, b)))), ROWS, ROWS),
    "parts": (Function(lambda a: (*a.split(4, 1), *a.chunk(3, 1), *a.split([1, 3], 0), *a.unbind(0))), ROWS),
    "uneven parts": (Function(lambda a: torch.tensor_split(a, 4, 1)), ROWS),
    "slices": (Function(lambda a: a[:, 1:-1, ::2, -3:].narrow(1, 0, 2) + a[0, 0, 0, 0]), IMAGE),
    "new axes": (Function(lambda a: a[:, None, ..., None, 2]), ROWS),
    "rolled": (Function(lambda a: a.roll((1, -2), (2, 3)).flip(1)), IMAGE),
    "triangles": (Function(lambda a: a.tril() + a.triu(1)), ROWS),
    "pads": (Function(lambda a: functional.pad(functional.pad(a, (1, 2, 0, -1)), (1, 1, 1, 1), mode="reflect")), IMAGE),
    "pads by the edge": (nn.ReplicationPad2d((1, 0, 2, 1)), IMAGE),
    "windows of a tensor": (Function(lambda a: a.unfold(2, 3, 2)), IMAGE),
    "pixel shuffle": (nn.PixelShuffle(2), (1, 8, 3, 4)),
    "pixel unshuffle": (nn.PixelUnshuffle(2), (1, 2, 6, 4)),
    "channel shuffle": (nn.ChannelShuffle(3), IMAGE),
    # choosing
    "embedding": (nn.Embedding(10, 4), torch.tensor([[1, 2], [3, 4]])),
    "rows": (Function(lambda a: a[INDICES] + a.index_select(0, INDICES)), ROWS),
    "columns": (Function(lambda a: a[:, [0, 2]]), ROWS),
    "pairs of indices": (Function(lambda a: a[:, INDICES, INDICES] + a[:, INDICES[:, None], INDICES].sum(1)), IMAGE),
    "separate indices": (Function(lambda a: a[INDICES % 2, :, INDICES]), IMAGE),
    "computed indices": (Function(lambda a: a[a.argmax(0)]), ROWS),
    "gather": (Function(lambda a: a.gather(1, a.argsort(1)[:, :2])), ROWS),
    "scatter": (Function(lambda a: a.scatter(1, a.argsort(1)[:, :2], 1.0).scatter_add(0, a.argsort(0), a)), ROWS),
    "one hot": (Function(lambda a: functional.one_hot(a.argmax(1), 8)), ROWS),
    # written in place
    "in place": (Function(lambda a: functional.relu(a.add(1).mul_(2), inplace=True).clamp_(max=3)), ROWS),
    "part of a tensor": (Function(written), ROWS),
    "elements of a tensor": (Function(lambda a: a.clone().index_put_((INDICES,), a[:3])), ROWS),
    # made from sizes
    "constants": (Function(lambda a: a + torch.arange(a.shape[1]) + torch.ones_like(a) + a.new_zeros(6)), ROWS),
    "grids": (
        Function(lambda a: a + torch.meshgrid(torch.arange(4.0), torch.linspace(0, 1, 6), indexing="ij")[0]), ROWS
    ),
    "identity matrix": (Function(lambda a: a + torch.eye(4, 6)), ROWS),
    # resampling
    "nearest": (nn.Upsample(scale_factor=2), IMAGE),
    "by a fraction": (Function(lambda a: functional.interpolate(a, scale_factor=0.7, mode="bilinear")), IMAGE),
    "cubic": (nn.Upsample(size=(5, 7), mode="bicubic"), IMAGE),
    "linear": (nn.Upsample(scale_factor=3, mode="linear"), (2, 3, 5)),
    "grid sample": (Function(lambda a, g: functional.grid_sample(a, g, align_corners=False)), IMAGE, (2, 3, 4, 2)),
    # attention
    "attention with a mask": (
        nn.MultiheadAttention(8, 2, batch_first=True), (2, 5, 8), (2, 7, 8), (2, 7, 8)
    ),
    "recurrence both ways": (nn.GRU(6, 4, 2, bidirectional=True, batch_first=True), (2, 5, 6)),
}  # fmt: skip

NOT_COUNTED = {"matmul of a vector", "recurrence both ways"}
"""FlopCounterMode leaves these out, or a part of them; tests of whole modules have the counts of recurrence."""


def shapes_of(outputs: Any) -> list[tuple[int, ...]]:
    """The shapes of all tensors that a module returns."""
    leaves = torch.utils._pytree.tree_leaves(outputs)
    return [tuple(leaf.shape) for leaf in leaves if isinstance(leaf, torch.Tensor)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation(name: str) -> None:
    module, *inputs = OPERATIONS[name]
    network = from_torch(module, *inputs)
    given = [torch.zeros(each) if isinstance(each, tuple) else each for each in inputs]
    expected = shapes_of(module.eval()(*given))
    found = {network.shapes[output] for output in network.outputs}
    assert found == set(expected)
    if name not in NOT_COUNTED:
        assert network.cost().macs == counted_by_torch(module, *inputs)


def test_what_is_written_into_a_part_is_not_lost() -> None:
    cost = from_torch(Function(written), (4, 6)).cost()
    assert cost.ledger.additions == 8
    assert cost.ledger.multiplications == 4 * 8
