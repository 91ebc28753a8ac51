-- mean of every part of the rewards, step by step
SELECT step, substr(metric, length('reward_part.') + 1) AS part, value AS mean FROM (
  SELECT step, unnest(map_keys(metrics)) AS metric, unnest(map_values(metrics)) AS value
  FROM steps WHERE role = 'POLICY')
WHERE starts_with(metric, 'reward_part.') ORDER BY step, part
