"""For counsel only: the offences that aim at the controller or its processor, which no complaint names by itself."""

from etanche.respond.document import PRIVILEGED, Document

DOCUMENT = Document(order=36, folder=PRIVILEGED)
