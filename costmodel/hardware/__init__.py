"""Hardware: profiles of devices, built in or read from a file, and data sheets of the cores that a name names."""

from costmodel.hardware.cores import Chip, ChipCluster, Core, chips, cores
from costmodel.hardware.data_sheets import Cluster, DataSheet, sheet
from costmodel.hardware.energies import DataType, Energy, OnChipMemory
from costmodel.hardware.files import parse_profile, read_profile, to_toml, write_profile
from costmodel.hardware.fitted import Calibration, Coefficient, MeasuredRange, Provenance, ResidualQuantile
from costmodel.hardware.profile import Efficiency, KernelClass, Profile
from costmodel.hardware.quantity import Quantity
from costmodel.hardware.registry import find_profile, profile_names, profiles

__all__ = [
    "Calibration",
    "Chip",
    "ChipCluster",
    "Cluster",
    "Coefficient",
    "Core",
    "DataSheet",
    "DataType",
    "Efficiency",
    "Energy",
    "KernelClass",
    "MeasuredRange",
    "OnChipMemory",
    "Profile",
    "Provenance",
    "Quantity",
    "ResidualQuantile",
    "chips",
    "cores",
    "find_profile",
    "parse_profile",
    "profile_names",
    "profiles",
    "read_profile",
    "sheet",
    "to_toml",
    "write_profile",
]
