"""Modules for the tests, and what PyTorch says of them."""

import warnings
from collections.abc import Callable
from typing import Any

from tests.interop.torch.installed import FlopCounterMode, functional, nn, torch


class Function(nn.Module):
    """A function as a module, with what it needs as attributes."""

    def __init__(self, function: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: Any) -> Any:
        return self.function(self, *inputs) if self._modules or self._parameters else self.function(*inputs)


def parameter(*shape: int) -> Any:
    return nn.Parameter(torch.zeros(shape))


class Residual(nn.Module):
    """Two convolutions with batch-norms around which the input is added (arXiv 1512.03385)."""

    def __init__(self, c_i: int, c_o: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_i, c_o, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_o)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(c_o, c_o, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_o)
        self.downsample = nn.Sequential(nn.Conv2d(c_i, c_o, 1, stride, bias=False), nn.BatchNorm2d(c_o))

    def forward(self, x: Any) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += self.downsample(x)
        return self.relu(y)


class ResNet(nn.Module):
    """A stem, two residual blocks, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, 2, 3)
        self.layer1 = nn.Sequential(Residual(8, 8, 1), Residual(8, 16, 2))
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        y = functional.max_pool2d(self.stem(x).relu(), 3, 2, 1)
        return self.fc(functional.adaptive_avg_pool2d(self.layer1(y), 1).flatten(1))


class Separable(nn.Module):
    """A depthwise, a grouped and a pointwise convolution, and channels that are shuffled between."""

    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(8, 16, 3, padding=1, groups=8)
        self.grouped = nn.Conv2d(16, 16, 3, padding=2, dilation=2, groups=4, bias=False)
        self.pointwise = nn.Conv2d(16, 4, 1)

    def forward(self, x: Any) -> Any:
        y = functional.relu6(self.depthwise(x))
        n, c, h, w = y.shape
        y = y.view(n, 4, c // 4, h, w).transpose(1, 2).reshape(n, -1, h, w)
        return self.pointwise(functional.hardswish(self.grouped(y)))


class UNet(nn.Module):
    """One step down and one up, with a skip connection (arXiv 1505.04597)."""

    def __init__(self) -> None:
        super().__init__()
        self.down = self._block(3, 8)
        self.bottom = self._block(8, 16)
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.top = self._block(16, 8)
        self.out = nn.Conv2d(8, 2, 1)

    def _block(self, c_i: int, c_o: int) -> Any:
        return nn.Sequential(nn.Conv2d(c_i, c_o, 3, padding=1), nn.BatchNorm2d(c_o), nn.ReLU(inplace=True))

    def forward(self, x: Any) -> Any:
        skip = self.down(x)
        y = self.up(self.bottom(functional.max_pool2d(skip, 2)))
        y = functional.interpolate(y, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        return self.out(self.top(torch.cat((skip, y), 1)))


class Attention(nn.Module):
    """Causal attention with grouped queries and rotated positions (arXiv 2305.13245, 2104.09864)."""

    def __init__(self, size: int, heads: int, kv_heads: int) -> None:
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads
        self.q = nn.Linear(size, size, bias=False)
        self.kv = nn.Linear(size, 2 * size // heads * kv_heads, bias=False)
        self.out = nn.Linear(size, size, bias=False)

    def forward(self, x: Any, cos: Any, sin: Any) -> Any:
        n, length, size = x.shape
        d = size // self.heads
        q = self.q(x).view(n, length, self.heads, d).transpose(1, 2)
        k, v = self.kv(x).view(n, length, 2, self.kv_heads, d).permute(2, 0, 3, 1, 4)
        q, k = (self._rotated(each, cos, sin) for each in (q, k))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return self.out(y.transpose(1, 2).reshape(n, length, size))

    @staticmethod
    def _rotated(x: Any, cos: Any, sin: Any) -> Any:
        a, b = x.chunk(2, dim=-1)
        return x * cos + torch.cat((-b, a), dim=-1) * sin


class GPT(nn.Module):
    """A small language model whose output weights are its embedding's."""

    def __init__(
        self, vocabulary: int = 50, size: int = 32, layers: int = 2, heads: int = 4, kv_heads: int = 2
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, size)
        self.attention = nn.ModuleList(Attention(size, 4, 2) for _ in range(layers))
        self.norms = nn.ModuleList(nn.RMSNorm(size) for _ in range(2 * layers))
        self.mlp = nn.ModuleList(
            nn.Sequential(nn.Linear(size, 64), nn.GELU(), nn.Linear(64, size)) for _ in range(layers)
        )
        self.head = nn.Linear(size, vocabulary, bias=False)
        self.head.weight = self.embed.weight
        d = size // 4
        self.register_buffer("frequencies", 10_000 ** -(torch.arange(0, d, 2) / d), persistent=False)

    def forward(self, tokens: Any) -> Any:
        angles = torch.outer(torch.arange(tokens.shape[1]), self.frequencies)
        angles = torch.cat((angles, angles), dim=-1)
        x = self.embed(tokens)
        for index, (attention, mlp) in enumerate(zip(self.attention, self.mlp, strict=True)):
            x = x + attention(self.norms[2 * index](x), angles.cos(), angles.sin())
            x = x + mlp(self.norms[2 * index + 1](x))
        return self.head(x)


class ViT(nn.Module):
    """Patches, a class token and learned positions before an encoder (arXiv 2010.11929)."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.token = parameter(1, 1, 32)
        self.positions = parameter(1, 17, 32)
        layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, norm_first=True, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        y = self.patches(x).flatten(2).transpose(1, 2)
        y = torch.cat((self.token.expand(y.shape[0], -1, -1), y), dim=1) + self.positions
        return self.head(self.encoder(y)[:, 0])


class Windows(nn.Module):
    """Attention within shifted windows, with a mask and learned biases (arXiv 2103.14030)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.table = parameter(49, 2)
        self.register_buffer("places", torch.zeros(256, dtype=torch.long))

    def forward(self, x: Any) -> Any:
        n, h_i, w_i, c = x.shape
        x = functional.pad(x, (0, 0, 0, -w_i % 4, 0, -h_i % 4))
        _, h, w, _ = x.shape
        regions = x.new_zeros((h, w))
        regions[-4:, :] = 1
        regions[:, -4:] = 2
        x = torch.roll(x, (-2, -2), (1, 2))
        x = x.view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
        q, k, v = self.qkv(x).reshape(x.shape[0], 16, 3, 2, 4).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / 2
        scores = scores + self.table[self.places].view(16, 16, 2).permute(2, 0, 1)
        x = self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, 16, c))
        x = x.view(n, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        return x[:, :h_i, :w_i].contiguous()


class Tied(nn.Module):
    """Two linear layers with one matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 64, bias=False), nn.Linear(64, 64, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x: Any) -> Any:
        return self.second(self.first(x))


class Twice(nn.Module):
    """One linear layer that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 64, bias=False)

    def forward(self, x: Any) -> Any:
        return self.layer(self.layer(x))


def counted_by_torch(module: Any, *inputs: Any) -> int:
    """FlopCounterMode's operations, two for each multiply-accumulate, halved."""
    given = [torch.zeros(each) if isinstance(each, tuple) else each for each in inputs]
    with FlopCounterMode(display=False) as counter, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of kernels that PyTorch does not have
        module.eval()(*given)
    return int(counter.get_total_flops()) // 2


def elements(module: Any) -> int:
    """The elements of a module's parameters, shared ones once."""
    return sum(each.numel() for each in module.parameters())


def tokens(*shape: int) -> Any:
    return torch.zeros(shape, dtype=torch.long)
