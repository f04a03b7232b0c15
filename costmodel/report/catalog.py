"""What there is: networks of the zoo, devices and layer kinds, each with its source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costmodel.hardware import Energy, Profile, Quantity
from costmodel.layers import Layer
from costmodel.report.formulas import meaning
from costmodel.report.numbers import with_prefix
from costmodel.report.record import Count, Record, count
from costmodel.report.table import Column, Row, Table
from costmodel.zoo.family import Family


class ParameterRecord(Record):
    """A parameter of a zoo network."""

    name: str
    default: Count | bool
    range: str
    meaning: str


class NetworkRecord(Record):
    """A zoo network."""

    name: str
    family: str
    parameters: tuple[ParameterRecord, ...]
    width_rule: str
    source: str


class Networks(Record):
    """Every zoo network."""

    networks: tuple[NetworkRecord, ...]


class QuantityRecord(Record):
    """A published number in its base unit."""

    value: float
    unit: str
    source: str


class DeviceRecord(Record):
    """A built-in device; what nobody has published is None."""

    name: str
    title: str
    operations_per_s: dict[str, QuantityRecord]
    bytes_per_s: QuantityRecord | None
    overhead_s: QuantityRecord | None
    cache_bytes: QuantityRecord | None
    ram_bytes: QuantityRecord | None
    flash_bytes: QuantityRecord | None
    active_w: QuantityRecord | None
    joules_per_mac: dict[str, float]
    joules_per_byte: QuantityRecord | None
    is_calibrated: bool


class Devices(Record):
    """Every built-in device."""

    devices: tuple[DeviceRecord, ...]


class KindRecord(Record):
    """A layer kind: its fields with their defaults as text (None where one is required), its formulas."""

    name: str
    meaning: str
    fields: dict[str, str | None]
    formulas: dict[str, str]
    assumptions: tuple[str, ...]
    source: str


class Kinds(Record):
    """Every layer kind."""

    kinds: tuple[KindRecord, ...]


def list_networks(families: Iterable[Family[Any]]) -> Networks:
    """The zoo's networks with the parameters that each takes."""
    return Networks(networks=tuple(map(_network, families)))


def networks_tables(networks: Networks) -> tuple[Table, ...]:
    """A line for each family with its networks, and then each parameter once."""
    families: dict[str, list[NetworkRecord]] = {}
    for network in networks.networks:
        families.setdefault(network.family, []).append(network)
    rows = []
    meanings: dict[tuple[str, str, str], None] = {}
    for members in families.values():
        first = max(members, key=lambda each: len(each.parameters))
        values = ", ".join(f"{each.name}={_shown(each.default)}" for each in first.parameters)
        rows.append(Row((", ".join(each.name for each in members), values, first.source)))
        meanings.update(dict.fromkeys((each.name, each.meaning, each.range) for each in first.parameters))
    explained = tuple(map(Row, sorted(meanings)))
    note = "a network that is named for a value, such as the depth of resnet18, does not take that parameter"
    return (
        Table((Column("networks"), Column("parameters and defaults"), Column("source")), tuple(rows), notes=(note,)),
        Table((Column("parameter"), Column("meaning"), Column("values")), explained),
    )


def list_devices(profiles: Iterable[Profile]) -> Devices:
    """The devices with what is published about each."""
    return Devices(devices=tuple(map(_device, profiles)))


def devices_tables(devices: Devices) -> tuple[Table, ...]:
    """The devices, a line each, and where their peaks are published."""
    columns = (
        Column("device"), Column("title"), Column("peak", True), Column("of type"), Column("bandwidth", True),
        Column("per kernel", True), Column("calibrated"),
    )  # fmt: skip
    rows, more, sources = [], [], []
    for device in devices.devices:
        data_type, peak = _peak(device)
        published = (peak, device.bytes_per_s, device.overhead_s)
        peak_text, bandwidth, overhead = (with_prefix(each.value, each.unit) if each else "-" for each in published)
        cells = (device.name, device.title, peak_text, data_type, bandwidth, overhead)
        rows.append(Row((*cells, "yes" if device.is_calibrated else "no")))
        more.append(_memories_and_energy(device))
        sources.append(Row((device.name, peak.source if peak else "no peak is published")))
    note = "op: a scalar operation, two in a multiply-accumulate; -: nothing is published; --json has every source"
    return (
        Table(columns, tuple(rows), notes=(note,)),
        Table(_MORE, tuple(row for row in more if set(row.cells[1:]) != {"-"})),
        Table((Column("device"), Column("source of the peak")), tuple(sources)),
    )


_MORE = tuple(
    Column(heading, index > 0)
    for index, heading in enumerate(("device", "cache", "RAM", "flash", "power", "of a MAC", "of a byte"))
)


def _memories_and_energy(device: DeviceRecord) -> Row:
    """What a device has of memory, and what it takes: power, or joules."""
    published = (device.cache_bytes, device.ram_bytes, device.flash_bytes, device.active_w)
    macs = device.joules_per_mac
    mac = macs.get("float32", next(iter(macs.values()), None))
    byte = device.joules_per_byte
    energies = (with_prefix(mac, "J") if mac else "-", with_prefix(byte.value, "J") if byte else "-")
    return Row((device.name, *(with_prefix(each.value, each.unit) if each else "-" for each in published), *energies))


def list_kinds(kinds: Iterable[type[Layer]]) -> Kinds:
    """The layer kinds with their fields and formulas."""
    return Kinds(kinds=tuple(map(_kind, kinds)))


def kinds_table(kinds: Kinds) -> Table:
    """The layer kinds, a line each."""
    rows = []
    for kind in kinds.kinds:
        fields = [name if default is None else f"{name}={default}" for name, default in kind.fields.items()]
        rows.append(Row((kind.name, ", ".join(fields), kind.source)))
    note = "`costmodel formula KIND` prints the formulas of a kind"
    return Table((Column("kind"), Column("fields and defaults"), Column("source")), tuple(rows), notes=(note,))


def _network(family: Family[Any]) -> NetworkRecord:
    parameters = tuple(
        ParameterRecord(
            name=name,
            default=default if isinstance(default, (bool, str)) else count(default),
            range=kind.range,
            meaning=kind.meaning,
        )
        for name, (kind, default) in family.parameters.items()
    )
    return NetworkRecord(
        name=family.name,
        family=family.family,
        parameters=parameters,
        width_rule=family.width_rule,
        source=family.source,
    )


def _device(profile: Profile) -> DeviceRecord:
    energy = profile.energy or Energy()
    return DeviceRecord(
        name=profile.name,
        title=profile.title,
        operations_per_s={name: _quantity(peak, "op/s") for name, peak in profile.operations_per_s.items()},
        bytes_per_s=_published(profile.bytes_per_s, "B/s"),
        overhead_s=_published(profile.overhead_s, "s"),
        cache_bytes=_published(profile.cache_bytes, "B"),
        ram_bytes=_published(profile.ram_bytes, "B"),
        flash_bytes=_published(profile.flash_bytes, "B"),
        active_w=_published(energy.active_w, "W"),
        joules_per_mac={name: joules for name in energy.data_types if (joules := energy.mac(name)) is not None},
        joules_per_byte=_published(energy.joules_per_byte, "J/B"),
        is_calibrated=profile.calibration is not None,
    )


def _quantity(quantity: Quantity, unit: str) -> QuantityRecord:
    return QuantityRecord(value=quantity.si, unit=unit, source=quantity.source)


def _published(quantity: Quantity | None, unit: str) -> QuantityRecord | None:
    return _quantity(quantity, unit) if quantity else None


def _peak(device: DeviceRecord) -> tuple[str, QuantityRecord | None]:
    """The data type and the peak to show: float32's, or else the first."""
    peaks = device.operations_per_s
    data_type = "float32" if "float32" in peaks else next(iter(peaks), "")
    return data_type, peaks.get(data_type)


def _kind(layer: type[Layer]) -> KindRecord:
    fields = {name: field for name, field in layer.model_fields.items() if name != "kind"}
    return KindRecord(
        name=layer.kind_name(),
        meaning=meaning(layer),
        fields={name: None if field.is_required() else _shown(field.default) for name, field in fields.items()},
        formulas={name: str(layer.formulas.notation(name)) for name, _ in layer.formulas.items()},
        assumptions=layer.assumptions,
        source=layer.source,
    )


def _shown(value: object) -> str:
    """A value as a spec in JSON would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        inner = [_shown(part) for part in value]
        return inner[0] if len(set(inner)) == 1 else f"[{', '.join(inner)}]"
    return "null" if value is None else str(value)
