"""Which persons of one controller's registry are in the leak: the story, over one case folder."""

from etanche.casefile import KeyOptions
from etanche.linking.explaining import Explained, WhyRequest, explain
from etanche.linking.exporting import ExportRequest, export
from etanche.linking.finding import Asked, FindRequest, find
from etanche.linking.handing import Handed, HandoverRequest, hand_over
from etanche.linking.labels import Answer, Question
from etanche.linking.listing import written
from etanche.linking.models import read as read_model
from etanche.linking.paper import answers as answers_of
from etanche.linking.requests import Linked, LinkRequest
from etanche.linking.reviewing import Review, ReviewRequest, reviewed
from etanche.linking.sealing import outside
from etanche.linking.story import link_registry
from etanche.linking.waterfall import html as page
from etanche.linking.waterfall import level_words
from etanche.linking.within_story import PersonsRequest, persons_of_case

__all__ = ["Answer", "Asked", "FindRequest", "Handed", "HandoverRequest", "find", "hand_over"]
__all__ += ["Explained", "ExportRequest", "KeyOptions", "LinkRequest", "Linked", "Question", "Review"]
__all__ += ["ReviewRequest", "WhyRequest", "answers_of", "explain", "export", "level_words", "link_registry"]
__all__ += ["PersonsRequest", "outside", "page", "persons_of_case", "read_model", "reviewed", "written"]
