"""A kind of service says which certificates it needs: those that the portal asked for by itself until now.

The warning before the first start-up says what happens without photos in capitals, where the office has not changed it.
"""

import json
from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

import services.models.kind

SHIPPED = Path(__file__).with_name("shipped.json")
WARNING = {
    "hint_pl": (
        "PRZED WEZWANIEM PARTNERA SERWISOWEGO NALEŻY ZROBIĆ ZDJĘCIA GOTOWEJ INSTALACJI. NA PROŚBĘ PARTNERA "
        "WYKONAWCA INSTALACJI MA OBOWIĄZEK JE PRZESŁAĆ, POD RYGOREM NIEPRZYJĘCIA ZLECENIA URUCHOMIENIA.\n\n"
        "Dodaj zdjęcia do zlecenia. Jeśli ich nie masz, poproś o nie wykonawcę instalacji."
    ),
    "hint_cs": (
        "NEŽ ZAVOLÁTE SERVISNÍHO PARTNERA, JE NUTNÉ VYFOTIT HOTOVOU INSTALACI. NA ŽÁDOST PARTNERA JE MONTÁŽNÍ FIRMA "
        "POVINNA FOTOGRAFIE ZASLAT, JINAK NEBUDE ZAKÁZKA NA SPUŠTĚNÍ PŘIJATA.\n\n"
        "Přidejte fotografie k zakázce. Pokud je nemáte, požádejte o ně montážní firmu."
    ),
    "hint_en": (
        "BEFORE THE SERVICE PARTNER IS CALLED, PHOTOS OF THE FINISHED INSTALLATION MUST BE TAKEN. WHEN THE PARTNER "
        "ASKS FOR THEM, THE INSTALLER MUST SEND THEM, OR THE ORDER FOR THE START-UP IS NOT ACCEPTED.\n\n"
        "Add the photos to the order. If you have none, ask your installer for them."
    ),
}


def warn_in_capitals(apps, schema_editor):
    former = json.loads(SHIPPED.read_text(encoding="utf-8"))["kinds"]["first_start_up"]
    kinds = apps.get_model("services", "ServiceKind").objects.filter(code="first_start_up")
    for name, words in WARNING.items():
        kinds.filter(**{name: former[name]}).update(**{name: words})


CERTIFICATE = [("fgas", "F-gas certificate"), ("training", "the maker's training")]


class Migration(migrations.Migration):
    dependencies = [("services", "0003_shipped")]

    operations = [
        migrations.AddField(
            model_name="servicekind",
            name="certificates",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=CERTIFICATE, max_length=10),
                blank=True,
                default=list,
                help_text="Each of these must be valid. None chosen: any valid certificate will do.",
                size=None,
                verbose_name="certificates of the partner",
            ),
        ),
        migrations.AddField(
            model_name="servicekind",
            name="split_certificates",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=CERTIFICATE, max_length=10),
                blank=True,
                default=services.models.kind.for_splits,
                help_text=(
                    "Needed besides those above where the device is a split, whose refrigeration circuit may be opened."
                ),
                size=None,
                verbose_name="certificates of the partner for a split",
            ),
        ),
        migrations.RunPython(warn_in_capitals, migrations.RunPython.noop),
    ]
