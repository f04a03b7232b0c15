"""Calibration: coefficients fitted to measured times, with their errors on what the fit has not seen."""

from costmodel.calibration.device import CalibratedDevice, calibrate
from costmodel.calibration.features import MODEL, TERMS, Term, features
from costmodel.calibration.fit import Fit, fit
from costmodel.calibration.leaving import WAYS
from costmodel.calibration.measurements import Measurements, Row, Setup, parse_measurements, read_measurements
from costmodel.calibration.model import Coefficient, Prediction
from costmodel.calibration.predict import calibrated_latency, predict
from costmodel.calibration.selection import Dropped, choose_terms
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.targets import READERS, Finder, Reader, finder
from costmodel.calibration.validation import BASELINES, Errors, Evaluation, Point, evaluate

__all__ = [
    "BASELINES",
    "MODEL",
    "READERS",
    "TERMS",
    "WAYS",
    "CalibratedDevice",
    "Coefficient",
    "Dropped",
    "Errors",
    "Evaluation",
    "Finder",
    "Fit",
    "Measurements",
    "Point",
    "Prediction",
    "Reader",
    "Row",
    "Setup",
    "Table",
    "Term",
    "calibrate",
    "calibrated_latency",
    "choose_terms",
    "evaluate",
    "features",
    "finder",
    "fit",
    "parse_measurements",
    "predict",
    "read_measurements",
    "tabulate",
]
