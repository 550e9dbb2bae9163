"""Dates and large numbers as they are written here: 21 Feb 2023, 100 000."""

# Lists, pages and letters write days alike; Django's own lists take the long names.
SHORT_DATE_FORMAT = DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT = "j M Y, H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]
# No comma: whoever types a number may use it for the decimal point.
THOUSAND_SEPARATOR = "\xa0"
NUMBER_GROUPING = 3
