"""What each controller of a leak owes, to whom, by when: the story, over one case folder."""

from etanche.casefile import KeyOptions
from etanche.responding.requests import Basis, Responded, RespondRequest
from etanche.responding.story import packs, respond_case, status

__all__ = ["Basis", "KeyOptions", "RespondRequest", "Responded", "packs", "respond_case", "status"]
