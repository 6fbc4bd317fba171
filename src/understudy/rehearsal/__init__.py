"""A few rows tried on the live target and rolled back; what became of them is turned into lessons for planning.

sample ── rows of every table, with the parents they refer to
trial ─── into the target's transaction, table by table; refused rows set aside
reasons ─ what refused rows have in common that the others have not
rewrites  columns that come back otherwise: set, computed, folded, numbered
effects ─ what a trigger does outside the transaction, read from its text: said, never tried
"""

from understudy.rehearsal.effects import Effect, effects
from understudy.rehearsal.outcome import Outcome
from understudy.rehearsal.trial import rehearse

__all__ = ["Effect", "Outcome", "effects", "rehearse"]
