-- alarms of drafter health: which drafter, which version, since when, how far its acceptance fell
SELECT a.drafter AS drafter, a.branching AS branching, a.drafter_version AS drafter_version, a.alarm AS alarm,
  a.raised_at AS raised_at, nullif(a.rests_until, a.raised_at) AS rests_until, a.acceptance_length AS acceptance_length,
  a.acceptance_length_before AS acceptance_length_before, max(decided_at) AS stood_at
FROM (SELECT decided_at, unnest(alarms) AS a FROM settings) GROUP BY ALL ORDER BY raised_at
