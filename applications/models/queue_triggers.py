"""Triggers that keep the queue's columns, counts and search words (docs/adr/0023).

In the database, so that no way of writing a task or a person, bulk or cascade included, can leave
them behind; each works on the statement's own rows, so that reviewers never wait for each other.
"""

import pgtrigger

# The keys of a count, as columns of a task; a task without a street counts under street 0.
_KEYS = "bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on"
_INTO = (
    "INSERT INTO applications_queuecount"
    " (bureau_id, stage, state, doubt, channel, street, due_on, n)"
)
_OPEN = "state IN ('open', 'claimed')"


def _moved(sign: str, rows: str) -> str:
    return f"""
    {_INTO}
    SELECT {_KEYS}, {sign}count(*) FROM {rows} WHERE {_OPEN} GROUP BY 1, 2, 3, 4, 5, 6, 7;
    RETURN NULL;
    """


_BOTH = f"""
    {_INTO}
    SELECT bureau_id, stage, state, doubt, channel, street, due_on, sum(n) FROM (
        SELECT {_KEYS}, 1 FROM new_rows WHERE {_OPEN}
        UNION ALL
        SELECT {_KEYS}, -1 FROM old_rows WHERE {_OPEN}
    ) AS both_rows (bureau_id, stage, state, doubt, channel, street, due_on, n)
    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0;
    RETURN NULL;
"""


def counting() -> list[pgtrigger.Trigger]:
    """The triggers of ReviewTask that keep the counts: one statement, one row a changed key."""
    return [
        pgtrigger.Trigger(
            name="count_new", level=pgtrigger.Statement, when=pgtrigger.After,
            operation=pgtrigger.Insert, referencing=pgtrigger.Referencing(new="new_rows"),
            func=_moved("", "new_rows"),
        ),
        pgtrigger.Trigger(
            name="count_moved", level=pgtrigger.Statement, when=pgtrigger.After,
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(new="new_rows", old="old_rows"), func=_BOTH,
        ),
        pgtrigger.Trigger(
            name="count_gone", level=pgtrigger.Statement, when=pgtrigger.After,
            operation=pgtrigger.Delete, referencing=pgtrigger.Referencing(old="old_rows"),
            func=_moved("-", "old_rows"),
        ),
    ]  # fmt: skip


# A task carries street, way of applying and doubt itself: its index then answers every filter.
_FILL = """
    NEW.doubt := NEW.findings <> '[]'::jsonb;
    SELECT street_id, channel INTO NEW.street_id, NEW.channel
    FROM applications_application WHERE id = NEW.application_id;
    RETURN NEW;
"""
_FOLLOW = """
    UPDATE applications_reviewtask SET street_id = NEW.street_id
    WHERE application_id = NEW.id AND state IN ('open', 'claimed');
    RETURN NEW;
"""
_CASE_WORD = """
    DELETE FROM applications_searchword WHERE application_id = NEW.id AND member_id IS NULL;
    IF NEW.case_no IS NOT NULL THEN
        INSERT INTO applications_searchword (application_id, word)
        VALUES (NEW.id, reverse(lower(NEW.case_no)));
    END IF;
    RETURN NEW;
"""
# 'chen guang fu cgf' → 陈广福, cgf, chenguangfu, guangfu, fu
_MEMBER_WORDS = """
    parts := string_to_array(NEW.name_key, ' ');
    final := coalesce(array_length(parts, 1), 0);
    DELETE FROM applications_searchword WHERE member_id = NEW.id;
    INSERT INTO applications_searchword (application_id, member_id, word)
    SELECT DISTINCT NEW.application_id, NEW.id,
        left(regexp_replace(word, '[[:space:]·•・.‧-]', '', 'g'), 200)
    FROM (
        SELECT lower(NEW.name)
        UNION ALL SELECT parts[final]
        UNION ALL
        SELECT array_to_string(parts[n:final - 1], '') FROM generate_series(1, final - 1) AS n
        UNION ALL SELECT '#' || NULLIF(NEW.id_tail, '')
    ) AS words (word) WHERE word <> '';
    RETURN NEW;
"""


def filling() -> pgtrigger.Trigger:
    """The trigger of ReviewTask that copies what the queue filters by."""
    return pgtrigger.Trigger(
        name="queue_columns", when=pgtrigger.Before,
        operation=pgtrigger.Insert
        | pgtrigger.UpdateOf("application_id", "findings", "street_id", "channel", "doubt"),
        func=_FILL,
    )  # fmt: skip


def following() -> list[pgtrigger.Trigger]:
    """The triggers of Application: its tasks follow its street, its number is searchable."""
    return [
        pgtrigger.Trigger(
            name="tasks_follow", when=pgtrigger.After,
            operation=pgtrigger.UpdateOf("street_id", "channel"),
            condition=pgtrigger.Q(old__street__df=pgtrigger.F("new__street"))
            | pgtrigger.Q(old__channel__df=pgtrigger.F("new__channel")),
            func=_FOLLOW,
        ),
        pgtrigger.Trigger(
            name="number_word", when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("case_no"), func=_CASE_WORD,
        ),
    ]  # fmt: skip


def naming() -> pgtrigger.Trigger:
    """The trigger of Member that writes the words a person is found by."""
    return pgtrigger.Trigger(
        name="search_words", when=pgtrigger.After,
        operation=pgtrigger.Insert
        | pgtrigger.UpdateOf("application_id", "name", "name_key", "id_tail"),
        declare=[("parts", "text[]"), ("final", "integer")], func=_MEMBER_WORDS,
    )  # fmt: skip
