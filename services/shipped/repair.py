"""The questions of a repair."""

from services.shipped.build import (
    BY_OWNER,
    OPTIONAL,
    choose,
    fgas,
    group,
    if_yes,
    measure,
    photos,
    text,
    when,
    words,
    yes_no,
)

RESULTS = {
    "works": ("urządzenie działa", "zařízení funguje", "the device works"),
    "again": ("potrzebna kolejna wizyta", "je potřeba další návštěva", "another visit is needed"),
}

GROUPS = [
    group(
        100,
        ("Co się dzieje", "Co se děje", "What happens"),
        words(
            101,
            ("Opis usterki", "Popis závady", "Description of the fault"),
            **BY_OWNER,
            help=(
                "Od kiedy, jak często i przy jakiej pogodzie.",
                "Od kdy, jak často a za jakého počasí.",
                "Since when, how often, and in which weather.",
            ),
        ),
        text(
            102,
            ("Kod błędu na wyświetlaczu", "Chybový kód na displeji", "Error code on the display"),
            **BY_OWNER,
            **OPTIONAL,
        ),
        yes_no(
            103, ("Czy urządzenie jeszcze grzeje?", "Topí zařízení ještě?", "Does the device still heat?"), **BY_OWNER
        ),
        photos(
            104,
            (
                "Zdjęcia usterki lub wyświetlacza",
                "Fotografie závady nebo displeje",
                "Photos of the fault or the display",
            ),
            **BY_OWNER,
            **OPTIONAL,
        ),
    ),
    group(
        200,
        ("Naprawa", "Oprava", "Repair"),
        words(201, ("Przyczyna usterki", "Příčina závady", "Cause of the fault")),
        words(202, ("Co zrobiono", "Co bylo provedeno", "What was done")),
        yes_no(203, ("Wymieniono części", "Byly vyměněny díly", "Parts were replaced")),
        words(
            204,
            ("Jakie części (nazwa, numer)", "Jaké díly (název, číslo)", "Which parts (name, number)"),
            **if_yes(203),
        ),
    ),
    group(
        500,
        ("Obieg chłodniczy", "Chladivový okruh", "Refrigeration circuit"),
        yes_no(501, ("Otwarto obieg chłodniczy", "Chladivový okruh byl otevřen", "The circuit was opened")),
        measure(
            502, ("Odzyskany czynnik", "Odsáté chladivo", "Refrigerant recovered"), "g", "0", "20000", **if_yes(501)
        ),
        measure(503, ("Dodany czynnik", "Doplněné chladivo", "Refrigerant added"), "g", "0", "20000", **if_yes(501)),
        fgas(
            504,
            (
                "Nr certyfikatu f-gaz osoby, która wykonała prace",
                "Číslo certifikátu pro F-plyny osoby, která práce provedla",
                "Number of the F-gas certificate of whoever did the work",
            ),
            **if_yes(501),
        ),
    ),
    group(
        600,
        ("Wynik", "Výsledek", "Result"),
        choose(601, ("Wynik naprawy", "Výsledek opravy", "Result of the repair"), RESULTS),
        words(
            602,
            ("Co jeszcze trzeba zrobić?", "Co je ještě potřeba udělat?", "What is left to do?"),
            **when(601, "again"),
        ),
        photos(603, ("Zdjęcia", "Fotografie", "Photos"), **OPTIONAL),
    ),
]
