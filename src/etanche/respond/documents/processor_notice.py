"""The processor's notice to a controller (GDPR 33(2)): what the processor knows, and what it does not know yet."""

from etanche.respond.document import Document

DOCUMENT = Document(
    order=12, duty="processor_tells_controller", applies=lambda dossier: dossier.controller.says("processor")
)
