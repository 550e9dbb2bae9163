"""A published checklist is what an order began with: the database itself refuses changes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION services_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published checklist cannot be changed';
END
$$;
CREATE TRIGGER services_version_is_final BEFORE UPDATE OR DELETE ON services_checklistversion
    FOR EACH ROW EXECUTE FUNCTION services_version_is_final();
"""
BACKWARD = """
DROP TRIGGER services_version_is_final ON services_checklistversion;
DROP FUNCTION services_version_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
