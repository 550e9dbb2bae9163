"""Messages to people: the row, the templates, one module per channel, the workers."""
