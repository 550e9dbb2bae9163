"""Small drawings that stand in the line of a text: shapes for statuses, icons for actions. Drawn for this portal."""

from django.utils.safestring import SafeString

# The one place that decides which tones there are and which shape each has; the colours are in css/.
SHAPES = {
    "done": '<path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.7 5.3-4.5 4.6-2.9-2.8 1.1-1.2 1.8 1.7 3.4-3.5Z"/>',
    "attention": '<path d="M8 1.2 15.4 14H.6ZM7.1 5.6l.3 4.2h1.2l.3-4.2Zm.9 5.2a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Z"/>',
    "problem": '<path d="M4.9 1h6.2L15 4.9v6.2L11.1 15H4.9L1 11.1V4.9Zm.9 3.6L4.6 5.8 6.8 8l-2.2 2.2 1.2 1.2L8 9.2'
    'l2.2 2.2 1.2-1.2L9.2 8l2.2-2.2-1.2-1.2L8 6.8Z"/>',
    "progress": '<path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.8a5.2 5.2 0 0 1 0 10.4Z"/>',
    "neutral": '<path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z"/>',
}
ICONS = {
    "home": '<path d="m3 11 9-7 9 7M5.5 9.5V20h13V9.5M10 20v-6h4v6"/>',
    "device": '<rect x="2.5" y="5" width="19" height="13" rx="1.5"/><circle cx="9" cy="11.5" r="4"/>'
    '<path d="M9 7.5v8M5 11.5h8M16.5 9h2.5m-2.5 2.5H19M16.5 14H19M5 18v2m14-2v2"/>',
    "order": '<path d="M6 3h9l4 4v14H6ZM15 3v4h4M9 12h7m-7 4h5"/>',
    "file": '<path d="M6 3h8l4 4v14H6ZM14 3v4h4"/>',
    "camera": '<path d="M3 8h4l2-3h6l2 3h4v11H3Z"/><circle cx="12" cy="13" r="3.5"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "right": '<path d="M5 12h14m-6-6 6 6-6 6"/>',
    "left": '<path d="M19 12H5m6 6-6-6 6-6"/>',
    "down": '<path d="m6 9 6 6 6-6"/>',
    "download": '<path d="M12 4v11m-5-5 5 5 5-5M5 20h14"/>',
    "language": '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c6 5 6 12 0 17-6-5-6-12 0-17Z"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 20.5c1-4.5 4-6.5 8-6.5s7 2 8 6.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "phone": '<path d="M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2'
    'v3c0 1.5-1.5 3-3 3C10 20.5 3.5 14 3 6c0-1.5 1.5-3 3-3Z"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="1.5"/><path d="m3.5 7 8.5 6 8.5-6"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "edit": '<path d="m4 20 1-4L16 5l3 3L8 19ZM14 7l3 3"/>',
}


def shape(tone: str) -> SafeString:
    """The shape of a tone as inline SVG; an unknown tone is a KeyError."""
    return _shapes[tone]


def icon(name: str) -> SafeString:
    """An icon by name as inline SVG; an unknown name is a KeyError."""
    return _icons[name]


_shapes = {
    tone: SafeString(f'<svg viewBox="0 0 16 16" aria-hidden="true">{path}</svg>') for tone, path in SHAPES.items()
}
_icons = {
    name: SafeString(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{path}</svg>')
    for name, path in ICONS.items()
}
