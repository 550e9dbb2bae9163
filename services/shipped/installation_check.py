"""The questions of a check of the installation before the first start-up."""

from services.shipped.build import BY_OWNER, OPTIONAL, choose, group, if_no, photos, when, words, yes_no

RESULTS = {
    "ready": ("gotowa do uruchomienia", "připravená ke spuštění", "ready for the start-up"),
    "not_ready": ("wymaga poprawek", "vyžaduje úpravy", "needs corrections"),
}

GROUPS = [
    group(
        100,
        ("O instalacji", "O instalaci", "About the installation"),
        words(101, ("Co mamy sprawdzić?", "Co máme zkontrolovat?", "What should we look at?"), **BY_OWNER),
        photos(
            102, ("Zdjęcia instalacji", "Fotografie instalace", "Photos of the installation"), **BY_OWNER, **OPTIONAL
        ),
    ),
    group(
        200,
        ("Sprawdzone na miejscu", "Zkontrolováno na místě", "Checked on site"),
        yes_no(
            201,
            (
                "Miejsce i odległości zgodne z instrukcją",
                "Umístění a vzdálenosti odpovídají návodu",
                "Place and distances are as in the manual",
            ),
        ),
        words(202, ("Co jest niezgodne?", "Co návodu neodpovídá?", "What differs?"), **if_no(201)),
        yes_no(
            203,
            (
                "Hydraulika kompletna: filtr, naczynie, zawór bezpieczeństwa",
                "Hydraulika je úplná: filtr, expanzní nádoba, pojistný ventil",
                "The water side is complete: filter, vessel, safety valve",
            ),
        ),
        words(204, ("Czego brakuje?", "Co chybí?", "What is missing?"), **if_no(203)),
        yes_no(
            205,
            (
                "Zasilanie i zabezpieczenia zgodne z instrukcją",
                "Napájení a jištění odpovídají návodu",
                "Power supply and breakers are as in the manual",
            ),
        ),
        words(206, ("Co jest niezgodne?", "Co návodu neodpovídá?", "What differs?"), **if_no(205)),
        yes_no(207, ("Odpływ skroplin gotowy", "Odvod kondenzátu je hotový", "The condensate drain is ready")),
        photos(208, ("Zdjęcia", "Fotografie", "Photos")),
    ),
    group(
        300,
        ("Wynik", "Výsledek", "Result"),
        choose(301, ("Instalacja jest", "Instalace je", "The installation is"), RESULTS),
        words(
            302,
            ("Co trzeba poprawić?", "Co je potřeba upravit?", "What has to be corrected?"),
            **when(301, "not_ready"),
        ),
        words(303, ("Uwagi", "Poznámky", "Remarks"), **OPTIONAL),
    ),
]
