"""A published rule and an issued card keep their words: the database itself refuses changes, and that they go.

Of a rule only the moment when it was applied may be set; of a card only its PDF, and that it no longer counts.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION warranty_rule_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'applied_at' IS DISTINCT FROM to_jsonb(OLD) - 'applied_at' THEN
        RAISE EXCEPTION 'a published warranty rule cannot be changed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER warranty_rule_is_final BEFORE UPDATE OR DELETE ON warranty_warrantyrule
    FOR EACH ROW EXECUTE FUNCTION warranty_rule_is_final();

CREATE FUNCTION warranty_card_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['pdf_id', 'withdrawn_at', 'replaced_by_id', 'replaced_at', 'try_after'];
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'an issued warranty card cannot be changed';
    END IF;
    IF OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id THEN
        RAISE EXCEPTION 'the PDF of a warranty card cannot be changed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER warranty_card_is_final BEFORE UPDATE OR DELETE ON warranty_warrantycard
    FOR EACH ROW EXECUTE FUNCTION warranty_card_is_final();
"""
BACKWARD = """
DROP TRIGGER warranty_card_is_final ON warranty_warrantycard;
DROP FUNCTION warranty_card_is_final();
DROP TRIGGER warranty_rule_is_final ON warranty_warrantyrule;
DROP FUNCTION warranty_rule_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("warranty", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
