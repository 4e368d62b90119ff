"""Tasks by the hundred thousand, written by the database itself, for the queue's figures and plans.

Every household has two people, an open task at each of the five departments and one at its street
or the centre. Triggers are off meanwhile and what they keep is written in one statement each; that
nothing differs from what they would have written is checked by ``queue_counts.drift``.
"""

from datetime import date
from typing import Any

from django.db import connection, transaction

MARK = "BQ"  # the case numbers of what is written here
PER_CASE = 6
DAYS = 45  # days due: a third late, two thirds ahead

_SURNAMES = (
    "王 wang", "李 li", "张 zhang", "刘 liu", "陈 chen", "杨 yang", "黄 huang", "赵 zhao", "吴 wu",
    "周 zhou", "徐 xu", "孙 sun", "马 ma", "朱 zhu", "胡 hu", "郭 guo", "何 he", "林 lin", "罗 luo",
    "高 gao", "郑 zheng", "梁 liang", "谢 xie", "宋 song", "唐 tang", "许 xu", "韩 han", "冯 feng",
    "邓 deng", "曹 cao",
)  # fmt: skip
_GIVEN = (
    "伟 wei", "芳 fang", "娜 na", "敏 min", "静 jing", "丽 li", "强 qiang", "磊 lei", "军 jun",
    "洋 yang", "勇 yong", "艳 yan", "杰 jie", "娟 juan", "涛 tao", "明 ming", "超 chao", "秀 xiu",
    "霞 xia", "平 ping", "刚 gang", "桂 gui", "英 ying", "华 hua", "玉 yu", "兰 lan", "红 hong",
    "建 jian", "国 guo", "福 fu", "广 guang",
)  # fmt: skip

_CASES = """
INSERT INTO applications_application (
    ref, case_no, unified_no, programme, category, channel, state, state_since, created_at,
    submitted_at, accepted_at, created_by_id, street_id, declared, wishes, pending_sources, visits,
    papers, step, version, origin
)
SELECT gen_random_uuid(), format('%(mark)s2026-%%s', lpad(n::text, 7, '0')), '', 'public_rental',
    'urban_low_income', CASE WHEN n %% 5 = 0 THEN 'window' ELSE 'online' END, 'joint_review', now(),
    now(), now(), now(), %(user)s, s.ids[1 + n %% array_length(s.ids, 1)], '\\x', '{}', false, 0, 0,
    'check', 0, 'own'
FROM generate_series(1, %(cases)s) AS n,
    (SELECT array_agg(id ORDER BY code) AS ids FROM accounts_bureau WHERE kind = 'street') AS s
"""
_MEMBERS = """
INSERT INTO applications_member (
    application_id, position, name, name_key, id_number, id_index, id_tail, relation, is_applicant,
    origin, excluded, excluded_reason, left_because, holding
)
SELECT a.id, p, s[1] || g[1] || h[1],
    s[2] || ' ' || g[2] || ' ' || h[2] || ' ' || left(s[2], 1) || left(g[2], 1) || left(h[2], 1),
    '\\x', md5('q' || a.id || '-' || p) || md5('r' || a.id || '-' || p), '',
    CASE p WHEN 0 THEN '01' ELSE '10' END, p = 0, 'register', false, '', '', true
FROM applications_application a, generate_series(0, 1) AS p,
    LATERAL (SELECT abs(hashint8(a.id * 2 + p)) AS seed) AS d,
    LATERAL (SELECT string_to_array((%(surnames)s::text[])[1 + seed %% %(n_surnames)s], ' ') AS s)
        AS x,
    LATERAL (SELECT string_to_array((%(given)s::text[])[1 + seed / 97 %% %(n_given)s], ' ') AS g)
        AS y,
    LATERAL (SELECT string_to_array((%(given)s::text[])[1 + seed / 7919 %% %(n_given)s], ' ') AS h)
        AS z
WHERE a.case_no LIKE '%(mark)s%%'
"""
_TASKS = """
INSERT INTO applications_reviewtask (
    application_id, stage, bureau_id, round, state, state_since, opened_at, due_on, findings,
    street_id, channel, doubt
)
SELECT a.id, CASE WHEN t < 5 THEN 'joint' WHEN a.id %% 2 = 0 THEN 'street' ELSE 'district' END,
    CASE WHEN t < 5 THEN b.ids[t + 1] WHEN a.id %% 2 = 0 THEN a.street_id ELSE b.centre END,
    1, 'open', now(), now(),
    %(today)s::date - %(days)s / 3 + (abs(hashint8(a.id * 8 + t)) %% %(days)s)::int,
    CASE WHEN (a.id + t) %% 4 = 0 THEN '["INCOME"]'::jsonb ELSE '[]'::jsonb END,
    a.street_id, a.channel, (a.id + t) %% 4 = 0
FROM applications_application a, generate_series(0, 5) AS t, (
    SELECT array_agg(id ORDER BY code) FILTER (WHERE kind IN (
        'real_estate', 'civil_affairs', 'human_resources', 'floating_population', 'housing'
    )) AS ids, max(id) FILTER (WHERE kind = 'centre') AS centre FROM accounts_bureau
) AS b
WHERE a.case_no LIKE '%(mark)s%%'
"""
_COUNTS_OF = """
INSERT INTO applications_queuecount (bureau_id, stage, state, doubt, channel, street, due_on, n)
SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, count(*)
FROM applications_reviewtask WHERE state IN ('open', 'claimed') {where} GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_COUNTS = _COUNTS_OF.format(
    where="AND application_id IN"
    " (SELECT id FROM applications_application WHERE case_no LIKE '%(mark)s%%')"
)
_WORDS = """
INSERT INTO applications_searchword (application_id, member_id, word)
SELECT id, NULL, reverse(lower(case_no)) FROM applications_application
WHERE case_no LIKE '%(mark)s%%'
UNION ALL
SELECT m.application_id, m.id, w.word FROM applications_member m
JOIN applications_application a ON a.id = m.application_id,
    LATERAL string_to_array(m.name_key, ' ') AS k,
    LATERAL (VALUES (m.name), (k[4]), (k[1] || k[2] || k[3]), (k[2] || k[3]), (k[3])) AS w (word)
WHERE a.case_no LIKE '%(mark)s%%'
"""
_OURS = "(SELECT id FROM applications_application WHERE case_no LIKE '%(mark)s%%')"
_AWAY = (
    f"DELETE FROM applications_searchword WHERE application_id IN {_OURS}",
    f"DELETE FROM applications_reviewtask WHERE application_id IN {_OURS}",
    f"DELETE FROM applications_member WHERE application_id IN {_OURS}",
    "DELETE FROM applications_application WHERE case_no LIKE '%(mark)s%%'",
)
_COUNTED_ANEW = (
    "LOCK TABLE applications_reviewtask IN SHARE ROW EXCLUSIVE MODE",
    "DELETE FROM applications_queuecount",
    _COUNTS_OF.format(where=""),
)
_TABLES = (
    "applications_application", "applications_member", "applications_reviewtask",
    "applications_queuecount", "applications_searchword",
)  # fmt: skip


def write(tasks: int, *, user_id: int, today: date) -> int:
    """Writes about so many open tasks; returns how many."""
    values: dict[str, Any] = {
        "user": user_id, "cases": -(-tasks // PER_CASE), "today": today, "days": DAYS,
        "surnames": list(_SURNAMES), "n_surnames": len(_SURNAMES), "given": list(_GIVEN),
        "n_given": len(_GIVEN),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no key check
        for statement in (_CASES, _MEMBERS, _TASKS):
            cursor.execute(statement.replace("%(mark)s", MARK), values)
        written = cursor.rowcount
        for statement in (_COUNTS, _WORDS):
            cursor.execute(statement.replace("%(mark)s", MARK), values)
    gather()
    return written


def take_away() -> None:
    """Removes what was written, triggers off again, and counts what is left anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (*_AWAY, *_COUNTED_ANEW):
            cursor.execute(statement.replace("%(mark)s", MARK).replace("%%", "%"))
    gather()


def gather() -> None:
    """What autovacuum does some minutes later: the planner learns the new sizes."""
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ANALYZE {table}")
