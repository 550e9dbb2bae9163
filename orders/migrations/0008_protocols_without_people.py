"""While somebody's data are being erased, names, words and pictures may be taken out of a closed protocol."""

from importlib import import_module

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION orders_protocol_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_personal text[] := ARRAY['answers', 'correction', 'signed_name', 'signature_id', 'pdf_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND portal_is_erasing()
        AND to_jsonb(NEW) - is_personal IS NOT DISTINCT FROM to_jsonb(OLD) - is_personal
    THEN
        RETURN NEW;
    END IF;
    IF OLD.closed_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR OLD.pdf_id IS NOT NULL
        OR to_jsonb(NEW) - 'pdf_id' - 'try_after' IS DISTINCT FROM to_jsonb(OLD) - 'pdf_id' - 'try_after'
    ) THEN
        RAISE EXCEPTION 'a closed protocol cannot be changed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
"""
BACKWARD = import_module("orders.migrations.0007_moves_and_papers").GUARD.format(more=" - 'try_after'")


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_moves_and_papers"), ("portal", "0006_trail_without_people")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
