"""A closed protocol stays as it was signed: the database itself refuses changes. Only its PDF is still to come."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION orders_protocol_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR OLD.pdf_id IS NOT NULL
        OR to_jsonb(NEW) - 'pdf_id' IS DISTINCT FROM to_jsonb(OLD) - 'pdf_id'
    ) THEN
        RAISE EXCEPTION 'a closed protocol cannot be changed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER orders_protocol_is_final BEFORE UPDATE OR DELETE ON orders_protocol
    FOR EACH ROW EXECUTE FUNCTION orders_protocol_is_final();
"""
BACKWARD = """
DROP TRIGGER orders_protocol_is_final ON orders_protocol;
DROP FUNCTION orders_protocol_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_services")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
