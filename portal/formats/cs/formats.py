"""Dates as they are written here: 21.02.2023."""

# Lists, pages and letters write days alike; Django's own lists take the long names.
SHORT_DATE_FORMAT = DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT = "d.m.Y H:i"
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"]
