"""How messages leave the house: one module per channel, each with `send(message) -> the provider's number`.

A channel raises `Undeliverable` where another try would be in vain, and anything else where it may help.
"""


class Undeliverable(Exception):
    """Refused for good. `sentence` is English source text for a clerk; `detail` is what the provider said."""

    def __init__(self, sentence: str, detail: str = ""):
        self.sentence = sentence
        self.detail = detail
        super().__init__(f"{sentence} {detail}".strip())
