"""Pictures (extra `plot`): Matplotlib figures, returned and never shown."""

from costmodel.report.pictures.contours import contours
from costmodel.report.pictures.pareto import pareto
from costmodel.report.pictures.roofline import roofline
from costmodel.report.pictures.save import save
from costmodel.report.pictures.sensitivity import sensitivity
from costmodel.report.pictures.stages import stages

__all__ = ["contours", "pareto", "roofline", "save", "sensitivity", "stages"]
