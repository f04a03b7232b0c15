"""What the tests of rewrites share: networks, rewrites, and how a rewritten network is checked."""

from functools import cache

from hypothesis import strategies as st

from costmodel import Network, zoo
from costmodel.algebra import equal
from costmodel.transform import Rewritten

NAMES = (
    "alexnet",
    "alexnet_torchvision",
    "densenet121",
    "document_000",
    "efficientnet_b0",
    "ghostnet",
    "googlenet_paper",
    "lenet_5",
    "mnasnet",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_x_400mf",
    "resnet18",
    "resnext50_32x4d",
    "shufflenet_v1",
    "shufflenet_v2",
    "squeezenet",
    "vgg11_bn",
    "vit",
)
REPLACEMENTS = (
    "conv=depthwise_separable",
    "conv=depthwise_separable:first=true,between=nothing",
    "conv=spatially_separable",
    "conv=spatially_separable:dense,between=nothing",
    "conv=grouped:2",
    "conv=grouped:groups=4,shuffle=true",
    "3x3=kernel:1",
    "conv=kernel:5",
    "conv=kernel:3x5",
    "5x5=3x3",
    "7x7=3x3:stride=last",
    "11x11=stacked:size=3,stride=last,between=nothing",
    "pool=stride",
    "conv=pool",
    "stride=pool:average",
    "fc=global_average_pool",
    "fc=global_average_pool:conv",
)
SCALINGS = (
    "width=1.5",
    "width=0.4",
    "width=2:multiple=8",
    "depth=2",
    "depth=1.3",
    "depth=0.5",
    "resolution=160",
    "resolution=192x256",
    "batch=3",
)
TOTALS = (
    "params",
    "buffers",
    "activations",
    "weight_bytes",
    "input_bytes",
    "output_bytes",
)

texts = st.sampled_from((*REPLACEMENTS, *SCALINGS))


@cache
def network(name: str) -> Network:
    """A network of the zoo, made once."""
    made = zoo.find(name)()
    assert isinstance(made, Network)
    return made


def assert_saves_what_full_counts_say(made: Rewritten) -> None:
    """The saving that is predicted layer by layer is the difference of two full counts, in everything that adds up."""
    before, after = made.before.cost(), made.after.cost()
    saved = made.saved._asdict()
    for entry, amount in before.ledger._asdict().items():
        assert equal(saved.pop(entry), amount - getattr(after.ledger, entry)), entry
    for name in TOTALS:
        assert equal(saved.pop(name), getattr(before, name) - getattr(after, name)), name
    assert not saved
