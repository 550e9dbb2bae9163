"""The one exception for a step that is not allowed."""

from typing import Any


class Refused(Exception):
    """An act that the rules do not allow now. `sentence` is for the person who tried."""

    def __init__(self, sentence: Any):
        self.sentence = sentence
        super().__init__(str(sentence))
