"""Reports: a template notebook run on a shop's own data, printed as one HTML page.

`monthly` makes the report. `load` and the functions of `sections` are what the template notebook itself
calls: they read its data, show a result, and print how everything was computed.
"""

from __future__ import annotations

from sellerlab.report.inputs import Inputs, load
from sellerlab.report.parameters import MonthlyParameters
from sellerlab.report.run import Report, ReportError, monthly
from sellerlab.report.sections import Note, cover, front_page, method, present, rows

__all__ = [
    "Inputs",
    "MonthlyParameters",
    "Note",
    "Report",
    "ReportError",
    "cover",
    "front_page",
    "load",
    "method",
    "monthly",
    "present",
    "rows",
]
