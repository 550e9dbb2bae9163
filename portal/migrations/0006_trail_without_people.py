"""While somebody's data are being erased, names and words may be taken out of the trail; its rows stay.

The door is `portal.privacy.erasing`: a setting of one transaction.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION portal_is_erasing() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('obok.erasing', true) IS NOT DISTINCT FROM 'on'
$$;
CREATE OR REPLACE FUNCTION portal_trail_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['data', 'reason'];
BEGIN
    IF TG_OP = 'UPDATE' AND portal_is_erasing()
        AND to_jsonb(NEW) - may_change IS NOT DISTINCT FROM to_jsonb(OLD) - may_change
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail cannot be changed';
END
$$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION portal_trail_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail cannot be changed';
END
$$;
DROP FUNCTION portal_is_erasing();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0005_trail_is_not_emptied")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
