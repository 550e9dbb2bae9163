"""The portal's worker, killed at a step of a closing: `celery -A tests.orders.doomed worker`; DIES_AT names it."""

import os
import signal
from collections.abc import Callable
from typing import Any

from celery.signals import worker_init

from portal import celery_app as app

__all__ = ["app"]


def dies(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def and_dies(act: Callable[..., Any]) -> Callable[..., Any]:
    def both(*args: Any, **kwargs: Any) -> None:
        act(*args, **kwargs)
        dies()

    return both


@worker_init.connect
def doom(**kwargs: object) -> None:
    import orders.papers
    import warranty.card
    from orders.actions import papers
    from portal.outbox import delivery
    from warranty import actions as cards

    steps: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "before the protocol is drawn": (orders.papers, "draw", dies),
        "once the protocol's file is kept": (papers, "_hand_out", dies),
        "once the protocol is attached": (papers, "draw_protocol", and_dies(papers.draw_protocol)),
        "before the card is drawn": (warranty.card, "draw", dies),
        "once the card's file is kept": (cards, "_hand_out", dies),
        "once an e-mail is claimed": (delivery, "claim", and_dies(delivery.claim)),
        "once an e-mail is taken": (delivery, "_sent", dies),
    }
    setattr(*steps[os.environ["DIES_AT"]])
