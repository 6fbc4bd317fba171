"""Learning with differential privacy: noisy marginals, and one distribution that agrees with them.

rows ─► domains ─► bins ─► pairs chosen ─► noisy tables ─► graphical model ─► expressions
        └───────── every arrow is paid from one budget, told by an accountant ─────────┘
"""

from understudy.learning.private.budget import Budget, epsilon_of, shares
from understudy.learning.private.declared import bare, declared
from understudy.learning.private.domains import Public
from understudy.learning.private.table import fit_private

__all__ = ["Budget", "Public", "bare", "declared", "epsilon_of", "fit_private", "shares"]
