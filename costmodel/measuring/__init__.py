"""Measuring networks on this machine, under the runtimes that are installed; needs the extra `measure`."""

from costmodel.measuring.cases import Case
from costmodel.measuring.journal import Journal
from costmodel.measuring.machine import processor_name
from costmodel.measuring.rows import COLUMNS, key
from costmodel.measuring.runners import RUNTIMES, Runner, Runtime, Subject, runtime
from costmodel.measuring.session import Measured, Refusal, Session, Work, measure
from costmodel.measuring.suite import operator_suite
from costmodel.measuring.timing import StoppingRule, Timing, repeat
from costmodel.measuring.works import kernel_works, network_work, suite_works

__all__ = [
    "COLUMNS", "RUNTIMES", "Case", "Journal", "Measured", "Refusal", "Runner", "Runtime", "Session", "StoppingRule",
    "Subject", "Timing", "Work", "kernel_works", "key", "measure", "network_work", "operator_suite", "processor_name",
    "repeat", "runtime", "suite_works",
]  # fmt: skip
