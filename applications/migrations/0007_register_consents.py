"""Tells datashare of the consents that were given before it kept its own list of them."""

from django.db import migrations

_REGISTER = """
INSERT INTO datashare_givenconsent
    (digest, person_index, case_no, kinds, given_at, ends_at, ended_because)
SELECT c.digest, m.id_index, COALESCE(a.case_no, a.ref::text),
       ARRAY['annual_recheck', 'eligibility_check', 'household_draft'], c.given_at,
       COALESCE(c.withdrawn_at, CASE WHEN a.state = 'withdrawn' THEN a.closed_at END),
       CASE WHEN c.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN a.state = 'withdrawn' AND a.closed_at IS NOT NULL THEN 'case_ended'
            ELSE '' END
FROM applications_consent c
JOIN applications_member m ON m.id = c.member_id
JOIN applications_application a ON a.id = m.application_id
WHERE c.given_at IS NOT NULL
ON CONFLICT (digest) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0003_evidence_archive"),
        ("datashare", "0002_given_consent"),
    ]

    operations = [migrations.RunSQL(_REGISTER, migrations.RunSQL.noop)]
