"""Segments: who buys how recently, how often and for how much, and who carries the shop.

One idea: equal customers get equal scores, and every cell of the grid belongs to exactly one segment.
"""

from __future__ import annotations

from sellerlab.segments.clusters import Centres, Clusters, clusters
from sellerlab.segments.concentration import Concentration, WhaleCurve, concentration, gini, hhi, whale_curve
from sellerlab.segments.grid import Rfm, rfm
from sellerlab.segments.migration import Migration, migration
from sellerlab.segments.related import Related, related
from sellerlab.segments.scores import ACTIONS, BANDS, GRID, MINIMUM, fifths, grid_table
from sellerlab.segments.switching import Switching, switching

__all__ = [
    "ACTIONS",
    "BANDS",
    "GRID",
    "MINIMUM",
    "Centres",
    "Clusters",
    "Concentration",
    "Migration",
    "Related",
    "Rfm",
    "Switching",
    "WhaleCurve",
    "clusters",
    "concentration",
    "fifths",
    "gini",
    "grid_table",
    "hhi",
    "migration",
    "related",
    "rfm",
    "switching",
    "whale_curve",
]
