"""The questions of the periodic inspection: what the owner noticed, and the protocol of the visit."""

from services.shipped.build import (
    BY_OWNER,
    OPTIONAL,
    choose,
    fgas,
    group,
    if_no,
    if_yes,
    measure,
    photos,
    text,
    when,
    words,
    yes_no,
)
from services.shipped.start_up import FROST_PROTECTION

EXCHANGER = {
    "clean": ("czysty", "čistý", "clean"),
    "cleaned": ("oczyszczony podczas przeglądu", "vyčištěný při prohlídce", "cleaned during the visit"),
    "damaged": ("uszkodzony", "poškozený", "damaged"),
}
CONDITION = {
    "good": ("dobry", "dobrý", "good"),
    "attention": ("wymaga prac", "vyžaduje další práce", "needs further work"),
    "stopped": ("urządzenie wyłączone z pracy", "zařízení je odstavené", "the device was taken out of use"),
}

GROUPS = [
    group(
        100,
        ("Przed wizytą", "Před návštěvou", "Before the visit"),
        yes_no(
            101,
            (
                "Czy od ostatniego przeglądu były błędy lub zakłócenia?",
                "Objevily se od poslední prohlídky chyby nebo poruchy?",
                "Were there errors or faults since the last inspection?",
            ),
            **BY_OWNER,
        ),
        words(
            102,
            ("Co się działo i kiedy?", "Co se dělo a kdy?", "What happened, and when?"),
            help=(
                "Jeśli był kod błędu, podaj go.",
                "Pokud se zobrazil chybový kód, uveďte jej.",
                "Give the error code if there was one.",
            ),
            **BY_OWNER,
            **if_yes(101),
        ),
        yes_no(
            103,
            (
                "Czy zmieniono coś w instalacji grzewczej lub elektrycznej?",
                "Změnilo se něco v otopné soustavě nebo elektroinstalaci?",
                "Has anything changed in the heating system or the electrics?",
            ),
            **BY_OWNER,
        ),
        words(104, ("Co zmieniono?", "Co se změnilo?", "What has changed?"), **BY_OWNER, **if_yes(103)),
        photos(
            105,
            ("Zdjęcia, które mogą pomóc", "Fotografie, které mohou pomoci", "Photos that may help"),
            **BY_OWNER,
            **OPTIONAL,
        ),
    ),
    group(
        200,
        ("Jednostka zewnętrzna", "Venkovní jednotka", "Outdoor unit"),
        choose(201, ("Wymiennik (lamele)", "Výměník (lamely)", "Heat exchanger (fins)"), EXCHANGER),
        words(
            202,
            ("Na czym polega uszkodzenie?", "V čem poškození spočívá?", "What is the damage?"),
            **when(201, "damaged"),
        ),
        yes_no(203, ("Skropliny odpływają swobodnie", "Kondenzát volně odtéká", "The condensate drains freely")),
        yes_no(
            204,
            (
                "Wentylator pracuje cicho i bez oporów",
                "Ventilátor běží tiše a volně",
                "The fan runs quietly and freely",
            ),
        ),
        yes_no(
            205,
            (
                "Mocowanie i amortyzatory są w dobrym stanie",
                "Upevnění a tlumiče jsou v dobrém stavu",
                "Mounting and dampers are in good order",
            ),
        ),
    ),
    group(
        300,
        ("Hydraulika", "Hydraulika", "Water side"),
        measure(
            301,
            ("Ciśnienie w instalacji", "Tlak v soustavě", "System pressure"),
            "bar",
            "0",
            "6",
            help=("Zastane na miejscu.", "Při příjezdu.", "As found."),
        ),
        measure(
            302,
            ("Ciśnienie po uzupełnieniu", "Tlak po doplnění", "Pressure after topping up"),
            "bar",
            "0.3",
            "6",
            **OPTIONAL,
        ),
        measure(
            303,
            (
                "Ciśnienie wstępne naczynia wzbiorczego",
                "Přetlak plynu v expanzní nádobě",
                "Gas pressure of the expansion vessel",
            ),
            "bar",
            "0",
            "6",
        ),
        yes_no(
            304,
            (
                "Filtr lub separator magnetyczny oczyszczony",
                "Filtr nebo magnetický odlučovač vyčištěn",
                "The filter or magnetic separator was cleaned",
            ),
        ),
        words(305, ("Dlaczego nie?", "Proč ne?", "Why not?"), **if_no(304)),
        yes_no(306, ("Zawór bezpieczeństwa działa", "Pojistný ventil funguje", "The safety valve works")),
        measure(
            307,
            ("Przepływ wody", "Průtok vody", "Water flow"),
            "l/min",
            "0",
            "400",
            help=(
                "Nie mniej niż w instrukcji; zwykle co najmniej 12 l/min.",
                "Ne méně, než uvádí návod; zpravidla nejméně 12 l/min.",
                "Not below the manual's figure; usually at least 12 l/min.",
            ),
        ),
        yes_no(308, ("Instalacja jest szczelna", "Soustava je těsná", "The system has no leaks")),
        words(
            309,
            (
                "Gdzie jest wyciek i co zrobiono?",
                "Kde je netěsnost a co bylo uděláno?",
                "Where is the leak, and what was done?",
            ),
            **if_no(308),
        ),
    ),
    group(
        400,
        ("Ochrona przed zamarzaniem", "Ochrana proti zamrznutí", "Protection from frost"),
        choose(
            401,
            (
                "Zabezpieczenie przewodów wody na zewnątrz",
                "Zabezpečení vodního potrubí venku",
                "The water pipes outdoors are protected by",
            ),
            FROST_PROTECTION,
        ),
        measure(
            402,
            ("Temperatura zamarzania roztworu", "Bod tuhnutí roztoku", "Freezing point of the mixture"),
            "°C",
            "-50",
            "0",
            **when(401, "glycol"),
        ),
        yes_no(
            403,
            (
                "Izolacja przewodów na zewnątrz jest cała",
                "Izolace venkovního potrubí je neporušená",
                "The insulation of the pipes outdoors is whole",
            ),
        ),
        only="monobloc",
    ),
    group(
        500,
        ("Obieg chłodniczy", "Chladivový okruh", "Refrigeration circuit"),
        yes_no(
            501,
            (
                "Kontrola szczelności: nie wykryto wycieku",
                "Kontrola těsnosti: únik nezjištěn",
                "Leak check: no leak was found",
            ),
        ),
        words(
            502,
            (
                "Gdzie był wyciek i co zrobiono?",
                "Kde byl únik a co bylo uděláno?",
                "Where was the leak, and what was done?",
            ),
            **if_no(501),
        ),
        measure(503, ("Dodany czynnik", "Doplněné chladivo", "Refrigerant added"), "g", "0", "20000", **if_no(501)),
        yes_no(
            504,
            (
                "Izolacja przewodów chłodniczych jest cała",
                "Izolace chladivového potrubí je neporušená",
                "The insulation of the refrigerant pipes is whole",
            ),
        ),
        fgas(
            505,
            (
                "Nr certyfikatu f-gaz osoby, która sprawdziła szczelność",
                "Číslo certifikátu pro F-plyny osoby, která kontrolovala těsnost",
                "Number of the F-gas certificate of whoever checked for leaks",
            ),
        ),
        only="split",
    ),
    group(
        700,
        ("Elektryka", "Elektroinstalace", "Electrics"),
        yes_no(
            701,
            (
                "Zaciski dokręcone, przewody bez uszkodzeń",
                "Svorky dotažené, vodiče nepoškozené",
                "Terminals are tight, cables undamaged",
            ),
        ),
        measure(
            702,
            ("Napięcie L–N", "Napětí L–N", "Voltage L–N"),
            "V",
            "180",
            "270",
            help=("Dopuszczalne 207–253 V.", "Přípustné je 207–253 V.", "207 to 253 V is allowed."),
        ),
        yes_no(
            703,
            (
                "Wyłącznik różnicowoprądowy zadziałał przy próbie",
                "Proudový chránič při zkoušce vypnul",
                "The residual-current device tripped when tested",
            ),
        ),
    ),
    group(
        800,
        ("Parametry pracy", "Provozní hodnoty", "Readings"),
        measure(801, ("Temperatura zewnętrzna", "Venkovní teplota", "Outdoor temperature"), "°C", "-30", "45"),
        measure(802, ("Temperatura zasilania", "Teplota přívodu", "Supply temperature"), "°C", "5", "80"),
        measure(803, ("Temperatura powrotu", "Teplota zpátečky", "Return temperature"), "°C", "5", "80"),
        measure(804, ("Pobierany prąd", "Odebíraný proud", "Current drawn"), "A", "0", "100"),
        measure(
            805,
            ("Godziny pracy sprężarki", "Provozní hodiny kompresoru", "Hours of the compressor"),
            "h",
            "0",
            "500000",
        ),
        measure(
            806,
            ("Liczba startów sprężarki", "Počet startů kompresoru", "Starts of the compressor"),
            "",
            "0",
            "10000000",
            **OPTIONAL,
        ),
    ),
    group(
        900,
        ("Historia błędów", "Historie chyb", "Error history"),
        yes_no(901, ("W pamięci są błędy", "V paměti jsou chyby", "The memory holds errors")),
        words(902, ("Kody i przyczyny", "Kódy a příčiny", "Codes and causes"), **if_yes(901)),
        yes_no(903, ("Pamięć błędów skasowana", "Paměť chyb vymazána", "The memory was cleared"), **if_yes(901)),
    ),
    group(
        1000,
        ("Nastawy", "Nastavení", "Settings"),
        yes_no(1001, ("Zmieniono nastawy", "Nastavení bylo změněno", "Settings were changed")),
        text(1002, ("Jakie i dlaczego?", "Jaké a proč?", "Which, and why?"), **if_yes(1001)),
    ),
    group(
        1100,
        ("Ocena", "Hodnocení", "Result"),
        choose(1101, ("Stan urządzenia", "Stav zařízení", "Condition of the device"), CONDITION),
        words(
            1102,
            ("Co trzeba zrobić i do kiedy?", "Co je potřeba udělat a do kdy?", "What has to be done, and by when?"),
            **when(1101, "attention", "stopped"),
        ),
        photos(1103, ("Zdjęcia z przeglądu", "Fotografie z prohlídky", "Photos of the inspection")),
        words(1104, ("Uwagi", "Poznámky", "Remarks"), **OPTIONAL),
    ),
]
