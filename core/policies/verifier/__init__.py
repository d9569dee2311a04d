"""The verifier: from one answer's text to its chance of being right, without asking an LLM.

A LightGBM classifier learned from logged answers with labels, as the outcome-supervised verifiers
of Cobbe et al. (2021, section 4.2), over features that can be read off a text: `features` has
them. `core.policies.budget` votes with its chances.
"""

from core.policies.verifier.model import Verifier

__all__ = ["Verifier"]
