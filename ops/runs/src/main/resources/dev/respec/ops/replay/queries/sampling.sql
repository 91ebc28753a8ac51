-- what dynamic sampling cost in every training step: prompts answered, used and set aside
SELECT step, requests AS used, len(list_filter(dropped_request_ids, lambda entry: entry LIKE '% equal-rewards')) AS set_aside,
  requests + set_aside AS answered, round(answered / requests, 3) AS answered_per_used,
  metrics['sampling_limit_reached'] = 1 AS at_limit, metrics['pass_rate'] AS pass_rate,
  metrics['groups_zero_variance'] AS equal_rewards_used
FROM steps WHERE role = 'POLICY' ORDER BY step
