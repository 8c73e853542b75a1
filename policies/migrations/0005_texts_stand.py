"""A text that somebody has acknowledged is neither changed nor removed."""

from django.db import migrations

_FORWARD = """
CREATE OR REPLACE FUNCTION policies_documenttext_check_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM policies_acknowledgement a WHERE a.text_id = OLD.id) THEN
        RAISE EXCEPTION 'a text that somebody acknowledged is not changed any more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_documenttext_stands';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER policies_documenttext_stands BEFORE UPDATE ON policies_documenttext FOR EACH ROW
    WHEN ((OLD.document_version_id, OLD.readership, OLD.language, OLD.title, OLD.text, OLD.plain)
        IS DISTINCT FROM (NEW.document_version_id, NEW.readership, NEW.language, NEW.title, NEW.text, NEW.plain))
    EXECUTE FUNCTION policies_documenttext_check_stands();
"""
_BACKWARD = """
DROP TRIGGER IF EXISTS policies_documenttext_stands ON policies_documenttext;
DROP FUNCTION IF EXISTS policies_documenttext_check_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_readers")]
    operations = [migrations.RunSQL(_FORWARD, _BACKWARD)]
