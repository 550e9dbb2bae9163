"""While somebody's data are being erased, the facts of a card may be written without the person, and its PDF goes."""

from django.db import migrations

HEAD = "CREATE OR REPLACE FUNCTION warranty_card_is_final() RETURNS trigger LANGUAGE plpgsql AS $$"
RULES = """
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'an issued warranty card cannot be changed';
    END IF;
    IF OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id THEN
        RAISE EXCEPTION 'the PDF of a warranty card cannot be changed';
    END IF;
    RETURN NEW;
END
$$;
"""
MAY_CHANGE = "may_change text[] := ARRAY['pdf_id', 'withdrawn_at', 'replaced_by_id', 'replaced_at', 'try_after'];"
FORWARD = f"""
{HEAD}
DECLARE
    {MAY_CHANGE}
    is_personal text[] := ARRAY['facts', 'digest', 'pdf_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND portal_is_erasing()
        AND to_jsonb(NEW) - is_personal IS NOT DISTINCT FROM to_jsonb(OLD) - is_personal
    THEN
        RETURN NEW;
    END IF;
    {RULES}
"""
BACKWARD = f"""
{HEAD}
DECLARE
    {MAY_CHANGE}
BEGIN
    {RULES}
"""


class Migration(migrations.Migration):
    dependencies = [("warranty", "0004_counted_by_a_worker"), ("portal", "0006_trail_without_people")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
