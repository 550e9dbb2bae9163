"""Who may see a document: whoever may see the thing that it belongs to.

The ground floor knows no orders or devices; each app registers in its `AppConfig.ready()` a function
(user) -> primary keys of the documents which that person may see through the app. It decides for staff too.
"""

from collections.abc import Callable
from typing import Any

DocumentIds = Callable[[Any], Any]
document_access: list[DocumentIds] = []


def register_access(ids: DocumentIds) -> DocumentIds:
    """`ids` answers with a queryset of document primary keys, e.g. `….values("document_id")`."""
    document_access.append(ids)
    return ids
