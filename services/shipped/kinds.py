"""The four kinds of services."""

from typing import Any

from services.languages import columns
from services.shipped.build import Texts, texts

BOTH = ["monobloc", "split"]


def kind(name: Texts, hint: Texts, **facts: Any) -> dict[str, Any]:
    return {**columns("name", texts(name)), **columns("hint", texts(hint)), "device_kinds": BOTH, **facts}


KINDS: dict[str, dict[str, Any]] = {
    "first_start_up": kind(
        ("Pierwsze uruchomienie", "První spuštění", "First start-up"),
        (
            "Zanim zlecisz pierwsze uruchomienie, zrób zdjęcia gotowej instalacji i dodaj je do zlecenia. Zdjęcia są "
            "konieczne: bez nich partner serwisowy nie przyjmie zlecenia uruchomienia. Jeśli ich nie masz, poproś "
            "o nie wykonawcę instalacji – na prośbę partnera serwisowego ma on obowiązek je przesłać.",
            "Než objednáte první spuštění, vyfoťte hotovou instalaci a fotografie přidejte k zakázce. Fotografie jsou "
            "nutné: bez nich servisní partner zakázku na spuštění nepřijme. Pokud je nemáte, požádejte o ně "
            "montážní firmu – na žádost servisního partnera je povinna je zaslat.",
            "Before you order the first start-up, take photos of the finished installation and add them to the order. "
            "They are needed: without them the service partner will not accept the order. If you have none, ask "
            "your installer, who has to send them when the service partner asks for them.",
        ),
        outcome="start_up",
        photos_needed=True,
        duration_minutes=240,
        once_per_device=True,
    ),
    "inspection": kind(
        ("Przegląd okresowy", "Pravidelná prohlídka", "Periodic inspection"),
        (
            "Przegląd co 12 miesięcy jest warunkiem gwarancji i utrzymuje sprawność urządzenia. Przegląd jest płatny; "
            "cenę poda partner serwisowy.",
            "Prohlídka jednou za 12 měsíců je podmínkou záruky a udržuje účinnost zařízení. Prohlídka je placená; "
            "cenu vám sdělí servisní partner.",
            "An inspection every 12 months is a condition of the warranty and keeps the device efficient. You pay "
            "for it; the service partner tells you the price.",
        ),
        outcome="inspection",
        duration_minutes=120,
        min_months_since_last=3,
        needs_start_up=True,
    ),
    "repair": kind(
        ("Naprawa", "Oprava", "Repair"),
        (
            "Opisz, co się dzieje, i podaj kod błędu z wyświetlacza, jeśli jest widoczny. Zdjęcie lub dwa pomogą "
            "serwisantowi zabrać właściwe części.",
            "Popište, co se děje, a uveďte chybový kód z displeje, pokud je vidět. Jedna nebo dvě fotografie pomohou "
            "technikovi vzít s sebou správné díly.",
            "Describe what happens, and give the error code on the display if there is one. A photo or two help the "
            "engineer to bring the right parts.",
        ),
        duration_minutes=120,
        answer_hours=4,
    ),
    "installation_check": kind(
        ("Kontrola instalacji", "Kontrola instalace", "Check of the installation"),
        (
            "Partner serwisowy sprawdzi na miejscu, czy instalacja jest gotowa do pierwszego uruchomienia, i powie, "
            "co jeszcze trzeba zrobić.",
            "Servisní partner na místě ověří, zda je instalace připravená k prvnímu spuštění, a řekne, co je ještě "
            "potřeba udělat.",
            "The service partner checks on site whether the installation is ready for the first start-up, and says "
            "what is left to do.",
        ),
        duration_minutes=90,
    ),
}
