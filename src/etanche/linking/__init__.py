"""Which persons of one controller's registry are in the leak: the story, over one case folder."""

from etanche.casefile import KeyOptions
from etanche.linking.labels import Answer, Question
from etanche.linking.paper import answers as answers_of
from etanche.linking.requests import Linked, LinkRequest
from etanche.linking.reviewing import Review, ReviewRequest, reviewed
from etanche.linking.sealing import outside
from etanche.linking.story import link_registry

__all__ = ["Answer", "KeyOptions", "LinkRequest", "Linked", "Question", "Review", "ReviewRequest", "answers_of"]
__all__ += ["link_registry", "outside", "reviewed"]
