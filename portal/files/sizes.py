"""How large a file is, in words."""

from django.utils.formats import number_format


def size_words(size: int) -> str:
    """A size in bytes as the page's script says it too: "85 kB", "3.4 MB"."""
    if size < 100_000:
        return f"{number_format(round(size / 1e3))}\xa0kB"
    return f"{number_format(round(size / 1e6, 1), 1)}\xa0MB"
