"""Which persons of one controller's registry are in the leak: the story, over one case folder."""

from etanche.casefile import KeyOptions
from etanche.linking.requests import Linked, LinkRequest
from etanche.linking.story import link_registry

__all__ = ["KeyOptions", "LinkRequest", "Linked", "link_registry"]
