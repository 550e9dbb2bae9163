"""Gathers the ground floor's tables for Django."""

from portal.events import Event
from portal.files.models import Document
from portal.numbers import NumberSeries
from portal.outbox.models import Message

__all__ = ["Document", "Event", "Message", "NumberSeries"]
