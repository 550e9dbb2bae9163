"""The questions of the first start-up: what the owner tells when ordering, and the protocol of the visit."""

from services.shipped.build import (
    BY_OWNER,
    OPTIONAL,
    choose,
    day,
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

HEATING = {
    "floor": ("ogrzewanie podłogowe", "podlahové vytápění", "underfloor heating"),
    "radiators": ("grzejniki", "radiátory", "radiators"),
    "mixed": ("podłogówka i grzejniki", "podlahové vytápění a radiátory", "underfloor heating and radiators"),
    "fan_coils": ("klimakonwektory", "fancoily", "fan coils"),
}
GAS_PIPES = {"3/8": ("3/8″",), "1/2": ("1/2″",), "5/8": ("5/8″",), "3/4": ("3/4″",), "7/8": ("7/8″",)}
LIQUID_PIPES = {"1/4": ("1/4″",), "3/8": ("3/8″",), "1/2": ("1/2″",)}
REFRIGERANTS = {
    "r32": ("R32",),
    "r290": ("R290",),
    "r410a": ("R410A",),
    "r454b": ("R454B",),
    "other": ("inny", "jiné", "another"),
}
MEDIA = {
    "treated": ("woda uzdatniona", "upravená voda", "treated water"),
    "water": ("woda wodociągowa", "voda z vodovodu", "tap water"),
    "glycol": ("roztwór glikolu", "roztok glykolu", "glycol mixture"),
}
FROST_PROTECTION = {
    "valves": ("zawory przeciwzamrożeniowe", "protimrazové ventily", "anti-freeze valves"),
    "glycol": ("roztwór glikolu", "roztok glykolu", "glycol mixture"),
    "power": ("zasilanie awaryjne", "záložní napájení", "backup power"),
    "none": ("brak", "žádná", "none"),
}
SUPPLIES = {
    "one": ("jednofazowe 230 V", "jednofázové 230 V", "single-phase, 230 V"),
    "three": ("trójfazowe 400 V", "třífázové 400 V", "three-phase, 400 V"),
}
BREAKERS = {"b": ("B",), "c": ("C",), "d": ("D",)}
RCDS = {
    "a": ("typ A", "typ A", "type A"),
    "f": ("typ F", "typ F", "type F"),
    "b": ("typ B", "typ B", "type B"),
    "none": ("brak", "není", "none"),
}
RESULTS = {
    "clean": ("uruchomione bez uwag", "spuštěno bez připomínek", "started up without remarks"),
    "advice": ("uruchomione z zaleceniami", "spuštěno s doporučeními", "started up with recommendations"),
}

GROUPS = [
    group(
        100,
        ("Instalacja i jej wykonawca", "Instalace a její zhotovitel", "The installation and its installer"),
        text(
            101,
            (
                "Firma, która wykonała instalację",
                "Firma, která instalaci provedla",
                "Company that did the installation",
            ),
            **BY_OWNER,
        ),
        text(
            102,
            ("Telefon do wykonawcy instalacji", "Telefon na montážní firmu", "Phone number of the installer"),
            help=(
                "Serwisant może mieć pytania przed przyjazdem.",
                "Technik se může chtít před příjezdem na něco zeptat.",
                "The engineer may have questions before the visit.",
            ),
            **BY_OWNER,
        ),
        day(
            103,
            ("Data zakończenia montażu", "Datum dokončení montáže", "Day the installation was finished"),
            **BY_OWNER,
        ),
        choose(104, ("Rodzaj ogrzewania", "Otopná soustava", "Kind of heating"), HEATING, **BY_OWNER),
        measure(
            105,
            ("Powierzchnia ogrzewana", "Vytápěná plocha", "Heated floor area"),
            "m²",
            "10",
            "100000",
            **BY_OWNER,
            **OPTIONAL,
        ),
        yes_no(
            106,
            (
                "Zasilanie elektryczne urządzenia jest podłączone i sprawdzone przez elektryka",
                "Elektrický přívod k zařízení je zapojený a elektrikář jej zkontroloval",
                "The power supply is connected and an electrician has checked it",
            ),
            **BY_OWNER,
        ),
        yes_no(
            107,
            (
                "Instalacja grzewcza jest napełniona, odpowietrzona i szczelna",
                "Otopná soustava je napuštěná, odvzdušněná a těsná",
                "The heating system is filled, vented and without leaks",
            ),
            **BY_OWNER,
        ),
        words(
            108,
            (
                "Czego jeszcze brakuje i kiedy będzie gotowe?",
                "Co ještě chybí a kdy to bude hotové?",
                "What is still missing, and when will it be ready?",
            ),
            **BY_OWNER,
            **if_no(107),
        ),
        text(
            109,
            ("Sprzedawca urządzenia", "Prodejce zařízení", "Company that sold the device"),
            help=(
                "Znajdzie się na karcie gwarancyjnej.",
                "Bude uveden v záručním listu.",
                "It stands on the warranty card.",
            ),
            **BY_OWNER,
            **OPTIONAL,
        ),
        text(
            110,
            ("Numer faktury zakupu", "Číslo faktury", "Number of the purchase invoice"),
            help=(
                "Znajdzie się na karcie gwarancyjnej.",
                "Bude uvedeno v záručním listu.",
                "It stands on the warranty card.",
            ),
            **BY_OWNER,
            **OPTIONAL,
        ),
    ),
    group(
        200,
        ("Zdjęcia gotowej instalacji", "Fotografie hotové instalace", "Photos of the finished installation"),
        photos(
            201,
            (
                "Jednostka zewnętrzna z otoczeniem",
                "Venkovní jednotka s okolím",
                "The outdoor unit and what surrounds it",
            ),
            help=(
                "Widać fundament lub konsolę, odpływ skroplin i odległości od ścian.",
                "Je vidět základ nebo konzole, odvod kondenzátu a vzdálenosti od stěn.",
                "Show the base or bracket, the condensate drain and the distance to the walls.",
            ),
            **BY_OWNER,
        ),
        photos(
            202,
            ("Kotłownia: hydraulika", "Technická místnost: hydraulika", "The plant room: pipes and fittings"),
            help=(
                "Filtr, naczynie wzbiorcze, zawór bezpieczeństwa, bufor i zasobnik ciepłej wody.",
                "Filtr, expanzní nádoba, pojistný ventil, akumulační nádrž a zásobník teplé vody.",
                "Filter, expansion vessel, safety valve, buffer and hot-water tank.",
            ),
            **BY_OWNER,
        ),
        photos(
            203,
            (
                "Rozdzielnica z zabezpieczeniami pompy ciepła",
                "Rozvaděč s jištěním tepelného čerpadla",
                "The distribution board with the breakers of the heat pump",
            ),
            **BY_OWNER,
        ),
        photos(
            204,
            (
                "Tabliczki znamionowe wszystkich jednostek",
                "Výrobní štítky všech jednotek",
                "The nameplates of all units",
            ),
            **BY_OWNER,
        ),
        photos(205, ("Inne zdjęcia", "Další fotografie", "Other photos"), **BY_OWNER, **OPTIONAL),
    ),
    group(
        500,
        ("Instalacja chłodnicza", "Chladivový okruh", "Refrigeration circuit"),
        fgas(
            500,
            (
                "Podać nr certyfikatu f-gaz wykonawcy instalacji chłodniczej",
                "Uveďte číslo certifikátu pro F-plyny zhotovitele chladivového okruhu",
                "Number of the F-gas certificate of whoever built the refrigeration circuit",
            ),
            help=("Na przykład FGAZ-O/01/12345/22.", "Například FGAZ-O/01/12345/22.", "Such as FGAZ-O/01/12345/22."),
            **BY_OWNER,
        ),
        yes_no(
            501,
            (
                "Zastosowano materiały przewodów i armatury dopuszczone do instalacji chłodniczych",
                "Použité potrubí a armatury jsou schválené pro chladicí okruhy",
                "The pipes and fittings are of materials approved for refrigeration",
            ),
            **BY_OWNER,
        ),
        words(
            502,
            (
                "Jakie materiały zastosowano i dlaczego?",
                "Jaké materiály byly použity a proč?",
                "Which materials were used, and why?",
            ),
            **BY_OWNER,
            **if_no(501),
        ),
        photos(
            503,
            (
                "Zdjęcia przewodów chłodniczych przed zakryciem",
                "Fotografie chladivového potrubí před zakrytím",
                "Photos of the refrigerant pipes before they were covered",
            ),
            **BY_OWNER,
            **OPTIONAL,
        ),
        only="split",
    ),
    group(
        600,
        ("Prace chłodnicze", "Chladivové práce", "Refrigeration work"),
        measure(
            601,
            ("Długość przewodów (w jedną stronę)", "Délka potrubí (jedním směrem)", "Length of the pipes (one way)"),
            "m",
            "1",
            "100",
        ),
        measure(
            602,
            ("Różnica wysokości jednostek", "Výškový rozdíl jednotek", "Height between the units"),
            "m",
            "0",
            "50",
        ),
        choose(603, ("Przewód gazowy", "Plynové potrubí", "Gas pipe"), GAS_PIPES),
        choose(604, ("Przewód cieczowy", "Kapalinové potrubí", "Liquid pipe"), LIQUID_PIPES),
        choose(605, ("Czynnik chłodniczy", "Chladivo", "Refrigerant"), REFRIGERANTS),
        text(606, ("Jaki czynnik?", "Jaké chladivo?", "Which refrigerant?"), **when(605, "other")),
        measure(
            607,
            ("Próba azotem: ciśnienie", "Zkouška dusíkem: tlak", "Nitrogen test: pressure"),
            "bar",
            "5",
            "60",
            help=(
                "Suchy azot; ciśnienie według instrukcji urządzenia.",
                "Suchý dusík; tlak podle návodu k zařízení.",
                "Dry nitrogen, at the pressure in the manual.",
            ),
        ),
        measure(608, ("Próba azotem: czas", "Zkouška dusíkem: doba", "Nitrogen test: duration"), "min", "10", "2880"),
        yes_no(
            609,
            ("Ciśnienie próby nie spadło", "Zkušební tlak neklesl", "The test pressure did not fall"),
            help=(
                "Po uwzględnieniu zmiany temperatury.",
                "Po započtení změny teploty.",
                "After allowing for a change of temperature.",
            ),
        ),
        words(
            610,
            (
                "Gdzie był wyciek i jak go usunięto?",
                "Kde byla netěsnost a jak byla odstraněna?",
                "Where was the leak, and how was it repaired?",
            ),
            **if_no(609),
        ),
        measure(
            611,
            ("Próżnia: osiągnięte ciśnienie", "Vakuum: dosažený tlak", "Vacuum: pressure reached"),
            "Pa",
            "0",
            "2000",
            help=(
                "Zwykle najwyżej 80 Pa; decyduje instrukcja urządzenia.",
                "Zpravidla nejvýše 80 Pa; rozhoduje návod k zařízení.",
                "Usually 80 Pa at most; the manual decides.",
            ),
        ),
        measure(
            612,
            ("Próżnia: czas", "Vakuum: doba", "Vacuum: duration"),
            "min",
            "10",
            "1440",
            help=("Zwykle co najmniej 30 minut.", "Zpravidla nejméně 30 minut.", "Usually at least 30 minutes."),
        ),
        measure(
            613,
            ("Dodany czynnik", "Doplněné chladivo", "Refrigerant added"),
            "g",
            "0",
            "20000",
            help=("0, jeśli nic nie dodano.", "0, pokud nebylo nic doplněno.", "0 if none was added."),
        ),
        yes_no(
            614,
            (
                "Po otwarciu zaworów połączenia sprawdzono detektorem; są szczelne",
                "Po otevření ventilů byly spoje zkontrolovány detektorem a jsou těsné",
                "After the valves were opened the joints were checked with a detector and are tight",
            ),
        ),
        fgas(
            615,
            (
                "Nr certyfikatu f-gaz osoby, która wykonała prace",
                "Číslo certifikátu pro F-plyny osoby, která práce provedla",
                "Number of the F-gas certificate of whoever did the work",
            ),
        ),
        only="split",
    ),
    group(
        700,
        ("Hydraulika", "Hydraulika", "Water side"),
        measure(
            701,
            ("Ciśnienie w instalacji na zimno", "Tlak v soustavě za studena", "System pressure, cold"),
            "bar",
            "0.3",
            "6",
            help=("Zwykle 1,2–2,0 bar.", "Zpravidla 1,2–2,0 bar.", "Usually 1.2 to 2.0 bar."),
        ),
        measure(
            702,
            ("Pojemność naczynia wzbiorczego", "Objem expanzní nádoby", "Size of the expansion vessel"),
            "l",
            "1",
            "1000",
        ),
        measure(
            703,
            ("Ciśnienie wstępne naczynia wzbiorczego", "Přetlak plynu v expanzní nádobě", "Its gas pressure"),
            "bar",
            "0.2",
            "6",
            help=(
                "Mierzone przy naczyniu odciętym i opróżnionym z wody.",
                "Měřeno na odpojené nádobě bez vody.",
                "Measured with the vessel shut off and drained.",
            ),
        ),
        yes_no(
            704,
            (
                "Zawór bezpieczeństwa jest zamontowany, bez zaworu odcinającego przed nim",
                "Pojistný ventil je namontovaný a není před ním uzavírací armatura",
                "A safety valve is fitted, and nothing can shut it off",
            ),
        ),
        yes_no(
            705,
            (
                "Filtr lub separator magnetyczny jest zamontowany i czysty",
                "Filtr nebo magnetický odlučovač je namontovaný a čistý",
                "A filter or magnetic separator is fitted and clean",
            ),
        ),
        words(
            706,
            (
                "Czego brakuje i co ustalono z właścicielem?",
                "Co chybí a na čem jste se s majitelem dohodli?",
                "What is missing, and what did you agree with the owner?",
            ),
            **if_no(705),
        ),
        measure(
            707,
            ("Przepływ wody", "Průtok vody", "Water flow"),
            "l/min",
            "1",
            "400",
            help=(
                "Nie mniej niż w instrukcji, także przy odszranianiu; zwykle co najmniej 12 l/min.",
                "Ne méně, než uvádí návod, i při odtávání; zpravidla nejméně 12 l/min.",
                "Not below the manual's figure, during defrosting too; usually at least 12 l/min.",
            ),
        ),
        yes_no(708, ("Jest bufor", "Je instalovaná akumulační nádrž", "There is a buffer tank")),
        measure(
            709,
            ("Pojemność bufora", "Objem akumulační nádrže", "Size of the buffer tank"),
            "l",
            "5",
            "10000",
            **if_yes(708),
        ),
        choose(710, ("Czym napełniono instalację", "Čím je soustava napuštěná", "The system is filled with"), MEDIA),
        measure(
            711, ("Stężenie glikolu", "Koncentrace glykolu", "Share of glycol"), "%", "5", "60", **when(710, "glycol")
        ),
        yes_no(
            712,
            (
                "Instalacja jest odpowietrzona i szczelna",
                "Soustava je odvzdušněná a těsná",
                "The system is vented and without leaks",
            ),
        ),
    ),
    group(
        800,
        ("Ochrona przed zamarzaniem", "Ochrana proti zamrznutí", "Protection from frost"),
        choose(
            801,
            (
                "Zabezpieczenie przewodów wody na zewnątrz",
                "Zabezpečení vodního potrubí venku",
                "The water pipes outdoors are protected by",
            ),
            FROST_PROTECTION,
            help=(
                "Gdy zabraknie prądu w mróz, woda w urządzeniu nie może zamarznąć.",
                "Při výpadku proudu v mrazu nesmí voda v zařízení zamrznout.",
                "When the power fails in frost, the water in the unit must not freeze.",
            ),
        ),
        words(
            802,
            (
                "Co ustalono z właścicielem?",
                "Na čem jste se s majitelem dohodli?",
                "What did you agree with the owner?",
            ),
            **when(801, "none"),
        ),
        yes_no(
            803,
            (
                "Przewody na zewnątrz mają izolację odporną na UV i wilgoć",
                "Venkovní potrubí má izolaci odolnou proti UV záření a vlhkosti",
                "The pipes outdoors have insulation that stands sun and moisture",
            ),
        ),
        only="monobloc",
    ),
    group(
        900,
        ("Elektryka", "Elektroinstalace", "Electrics"),
        choose(901, ("Zasilanie", "Napájení", "Power supply"), SUPPLIES),
        measure(
            902,
            ("Napięcie L–N", "Napětí L–N", "Voltage L–N"),
            "V",
            "180",
            "270",
            help=(
                "Dopuszczalne 207–253 V; przy trzech fazach najniższe z trzech.",
                "Přípustné je 207–253 V; u tří fází nejnižší ze tří.",
                "207 to 253 V is allowed; with three phases the lowest of them.",
            ),
        ),
        measure(
            903,
            ("Wyłącznik nadprądowy: prąd znamionowy", "Jistič: jmenovitý proud", "Breaker: rated current"),
            "A",
            "6",
            "125",
        ),
        choose(
            904,
            ("Wyłącznik nadprądowy: charakterystyka", "Jistič: charakteristika", "Breaker: characteristic"),
            BREAKERS,
        ),
        choose(905, ("Wyłącznik różnicowoprądowy", "Proudový chránič", "Residual-current device"), RCDS),
        yes_no(
            906,
            (
                "Ciągłość przewodu ochronnego PE sprawdzona",
                "Spojitost ochranného vodiče PE ověřena",
                "The continuity of the protective earth was checked",
            ),
        ),
        measure(907, ("Rezystancja uziemienia", "Zemní odpor", "Earth resistance"), "Ω", "0", "500", **OPTIONAL),
        yes_no(
            908,
            (
                "Przekrój przewodów i zabezpieczenia zgodne z instrukcją",
                "Průřez vodičů a jištění odpovídají návodu",
                "Cable sizes and breakers are as in the manual",
            ),
        ),
        words(
            909,
            ("Co jest niezgodne?", "Co návodu neodpovídá?", "What differs?"),
            **if_no(908),
        ),
    ),
    group(
        1000,
        ("Próba pracy", "Zkušební provoz", "Trial run"),
        measure(1001, ("Czas próby", "Doba zkoušky", "Duration"), "min", "10", "1440"),
        measure(1002, ("Temperatura zewnętrzna", "Venkovní teplota", "Outdoor temperature"), "°C", "-30", "45"),
        measure(1003, ("Temperatura zasilania", "Teplota přívodu", "Supply temperature"), "°C", "5", "80"),
        measure(
            1004,
            ("Temperatura powrotu", "Teplota zpátečky", "Return temperature"),
            "°C",
            "5",
            "80",
            help=(
                "Przy grzaniu zwykle 5–8 °C niższa od zasilania.",
                "Při topení bývá o 5–8 °C nižší než přívod.",
                "When heating, usually 5 to 8 °C below the supply.",
            ),
        ),
        measure(1005, ("Pobierany prąd", "Odebíraný proud", "Current drawn"), "A", "0.1", "100"),
        yes_no(
            1006,
            (
                "Podczas próby pojawiły się kody błędów",
                "Během zkoušky se objevily chybové kódy",
                "Error codes came up during the run",
            ),
        ),
        text(
            1007,
            (
                "Jakie kody i co z nimi zrobiono?",
                "Jaké kódy a jak byly vyřešeny?",
                "Which codes, and what was done about them?",
            ),
            **if_yes(1006),
        ),
        yes_no(1008, ("Skropliny odpływają swobodnie", "Kondenzát volně odtéká", "The condensate drains freely")),
        yes_no(
            1009,
            (
                "Urządzenie pracuje bez nietypowych hałasów i drgań",
                "Zařízení běží bez neobvyklého hluku a vibrací",
                "The device runs without unusual noise or vibration",
            ),
        ),
    ),
    group(
        1100,
        ("Nastawy", "Nastavení", "Settings"),
        text(
            1101,
            ("Krzywa grzewcza", "Topná křivka", "Heating curve"),
            help=(
                "Tak jak w sterowniku, na przykład 0,6 albo 35 °C przy −20 °C.",
                "Tak jak v regulátoru, například 0,6 nebo 35 °C při −20 °C.",
                "As in the controller, such as 0.6, or 35 °C at −20 °C.",
            ),
        ),
        measure(
            1102,
            ("Punkt biwalentny", "Bod bivalence", "Bivalent point"),
            "°C",
            "-30",
            "15",
            help=(
                "Poniżej tej temperatury włącza się grzałka.",
                "Pod touto teplotou se zapíná elektrický dohřev.",
                "Below this temperature the backup heater comes on.",
            ),
            **OPTIONAL,
        ),
        yes_no(
            1103,
            (
                "Urządzenie przygotowuje ciepłą wodę użytkową",
                "Zařízení ohřívá teplou vodu",
                "The device makes domestic hot water",
            ),
        ),
        measure(
            1104,
            ("Temperatura ciepłej wody", "Teplota teplé vody", "Temperature of the hot water"),
            "°C",
            "30",
            "70",
            **if_yes(1103),
        ),
        yes_no(
            1105,
            (
                "Dezynfekcja termiczna (legionella) włączona",
                "Termická dezinfekce (legionella) zapnutá",
                "Thermal disinfection (legionella) is switched on",
            ),
            **if_yes(1103),
        ),
        measure(
            1106,
            ("Dezynfekcja: temperatura", "Dezinfekce: teplota", "Disinfection: temperature"),
            "°C",
            "55",
            "80",
            **if_yes(1105),
        ),
        yes_no(
            1107,
            (
                "Urządzenie jest połączone z internetem",
                "Zařízení je připojené k internetu",
                "The device is connected to the internet",
            ),
            **OPTIONAL,
        ),
    ),
    group(
        1200,
        ("Przekazanie użytkownikowi", "Předání uživateli", "Handing over to the user"),
        yes_no(
            1201,
            (
                "Użytkownik wie, jak obsługiwać urządzenie i czyścić filtr",
                "Uživatel ví, jak zařízení obsluhovat a čistit filtr",
                "The user knows how to operate the device and clean the filter",
            ),
        ),
        text(1202, ("Kogo przeszkolono", "Kdo byl zaškolen", "Who was shown"), **if_yes(1201)),
        words(
            1203,
            ("Dlaczego nie i kiedy to nastąpi?", "Proč ne a kdy k tomu dojde?", "Why not, and when will it be done?"),
            **if_no(1201),
        ),
        yes_no(
            1204,
            (
                "Instrukcja i dokumenty zostały przekazane",
                "Návod a dokumenty byly předány",
                "The manual and the papers were handed over",
            ),
        ),
    ),
    group(
        1300,
        ("Wynik", "Výsledek", "Result"),
        choose(1301, ("Wynik uruchomienia", "Výsledek spuštění", "Result of the start-up"), RESULTS),
        words(
            1302,
            ("Zalecenia dla właściciela", "Doporučení pro majitele", "Recommendations for the owner"),
            **when(1301, "advice"),
        ),
        photos(
            1303,
            ("Zdjęcia po uruchomieniu", "Fotografie po spuštění", "Photos after the start-up"),
            help=(
                "Urządzenie i ekran sterownika z parametrami pracy.",
                "Zařízení a displej regulátoru s provozními hodnotami.",
                "The device, and the controller's screen with its readings.",
            ),
        ),
        words(1304, ("Uwagi", "Poznámky", "Remarks"), **OPTIONAL),
    ),
]
