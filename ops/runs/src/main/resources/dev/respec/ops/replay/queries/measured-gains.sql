-- speed of a rival over the setting that it took turns with: geometric mean over the pairs of turns
WITH intervals AS (SELECT DISTINCT ON (kafka_partition, kafka_offset) pairs FROM statistics),
  turns AS (SELECT unnest(pairs) AS turn FROM intervals),
  named AS (
    SELECT turn, turn.setting AS setting, turn.rival AS rival FROM turns)
SELECT turn.active_batch AS active_batch,
  CASE WHEN setting.draft_length = 0 THEN 'off' WHEN setting.branching = 1
    THEN setting.drafter || ':' || setting.draft_length
    ELSE setting.drafter || ':' || setting.draft_length || 'x' || setting.branching || '/' || setting.verified_tokens
    END AS setting,
  CASE WHEN rival.draft_length = 0 THEN 'off' WHEN rival.branching = 1
    THEN rival.drafter || ':' || rival.draft_length
    ELSE rival.drafter || ':' || rival.draft_length || 'x' || rival.branching || '/' || rival.verified_tokens
    END AS rival,
  sum(turn.pairs)::BIGINT AS pairs, exp(sum(turn.log_speed_ratios) / sum(turn.pairs)) AS speed_ratio
FROM named GROUP BY ALL HAVING sum(turn.pairs) > 0 ORDER BY 1, 2, 3
