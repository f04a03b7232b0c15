"""Calibration: coefficients fitted to measured times, with their errors on what the fit has not seen."""

from costmodel.calibration.device import CalibratedDevice, calibrate
from costmodel.calibration.doubts import doubts, unpredicted
from costmodel.calibration.errors import Errors, Evaluation, Point
from costmodel.calibration.explain import Explanation, Part, explain
from costmodel.calibration.few_shot import CHOICES, FewShot
from costmodel.calibration.fit import Fit, fit
from costmodel.calibration.leaving import WAYS
from costmodel.calibration.measurements import Measurements, Row, Setup, parse_measurements, read_measurements
from costmodel.calibration.model import Coefficient, Prediction
from costmodel.calibration.population import Population
from costmodel.calibration.population_file import write_populations
from costmodel.calibration.populations import learn_populations
from costmodel.calibration.predict import calibrated_latency, predict
from costmodel.calibration.reading import Reading, estimate_doubts, prior_doubts
from costmodel.calibration.suggestions import Suggestion, next_to_measure, suggestions
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.targets import READERS, Finder, Reader, finder
from costmodel.calibration.terms import MODEL, TERMS, Term, features
from costmodel.calibration.unmeasured import first_estimate
from costmodel.calibration.validation import BASELINES, PRIORS, evaluate, learning_curve

__all__ = [
    "BASELINES",
    "CHOICES",
    "MODEL",
    "PRIORS",
    "READERS",
    "TERMS",
    "WAYS",
    "CalibratedDevice",
    "Coefficient",
    "Errors",
    "Evaluation",
    "Explanation",
    "FewShot",
    "Finder",
    "Fit",
    "Measurements",
    "Part",
    "Point",
    "Population",
    "Prediction",
    "Reader",
    "Reading",
    "Row",
    "Setup",
    "Suggestion",
    "Table",
    "Term",
    "calibrate",
    "calibrated_latency",
    "doubts",
    "estimate_doubts",
    "evaluate",
    "explain",
    "features",
    "finder",
    "first_estimate",
    "fit",
    "learn_populations",
    "learning_curve",
    "next_to_measure",
    "parse_measurements",
    "predict",
    "prior_doubts",
    "read_measurements",
    "suggestions",
    "tabulate",
    "unpredicted",
    "write_populations",
]
