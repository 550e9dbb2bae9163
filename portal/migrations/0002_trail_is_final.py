"""The audit trail can be added to, and nothing else: the database itself refuses changes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION portal_trail_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail cannot be changed';
END
$$;
CREATE TRIGGER portal_trail_is_final BEFORE UPDATE OR DELETE ON portal_event
    FOR EACH ROW EXECUTE FUNCTION portal_trail_is_final();
"""
BACKWARD = """
DROP TRIGGER portal_trail_is_final ON portal_event;
DROP FUNCTION portal_trail_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
