"""The audit trail cannot be emptied at one stroke either. Only the database of the tests says that it may be."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION portal_trail_is_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('obok.tests', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'the audit trail cannot be changed';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER portal_trail_is_not_emptied BEFORE TRUNCATE ON portal_event
    FOR EACH STATEMENT EXECUTE FUNCTION portal_trail_is_not_emptied();
"""
BACKWARD = """
DROP TRIGGER portal_trail_is_not_emptied ON portal_event;
DROP FUNCTION portal_trail_is_not_emptied();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_export_right")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
