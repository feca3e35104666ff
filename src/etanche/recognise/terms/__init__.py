"""Medicines, chemicals and disorders in French text: what a letter or a comment says of somebody's health.

Rules, in the order in which they apply:

1. Lists written for étanche by chapter of the CIM-10 and class of the ATC, and the official medicines, come first
   (`vocabulary`).
2. The form of a word tells where no list does: INN stems, medical endings (`morphology`).
3. What is found goes on over its adjectives and parts of the body, and is dropped where it is a name (`reading`).

    >>> [(f.kind.value, f.start, f.end) for f in find("Cirrhose hépatique sous furosémide")]
    [('disease', 0, 18), ('medicine', 24, 34)]
"""

from etanche.recognise.terms.reading import find
from etanche.recognise.terms.vocabulary import sources

__all__ = ["find", "sources"]
