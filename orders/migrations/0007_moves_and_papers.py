"""The owner proposes times too; a protocol that cannot be drawn is put off, which its trigger has to allow."""

from django.db import migrations, models

# As 0004 has it; {more} is what else may change of a closed protocol.
GUARD = """
CREATE OR REPLACE FUNCTION orders_protocol_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR OLD.pdf_id IS NOT NULL
        OR to_jsonb(NEW) - 'pdf_id'{more} IS DISTINCT FROM to_jsonb(OLD) - 'pdf_id'{more}
    ) THEN
        RAISE EXCEPTION 'a closed protocol cannot be changed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_service_to_assign_since")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="by_owner",
            field=models.BooleanField(default=False, verbose_name="proposed by the owner"),
        ),
        migrations.AddField(
            model_name="protocol",
            name="try_after",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="words",
            field=models.TextField(blank=True, verbose_name="words about the times"),
        ),
        migrations.AddIndex(
            model_name="protocol",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False), ("pdf", None)),
                fields=["closed_at"],
                name="protocol_undrawn",
            ),
        ),
        migrations.RunSQL(GUARD.format(more=" - 'try_after'"), GUARD.format(more="")),
    ]
