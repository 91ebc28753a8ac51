-- how many versions behind the trainer the rollouts of each step were, oldest token counted
SELECT step, count(*) AS rollouts, avg(step - 1 - oldest_policy_version) AS mean,
  max(step - 1 - oldest_policy_version) AS most
FROM (SELECT step, unnest(request_ids) AS request_id FROM steps WHERE role = 'POLICY')
  JOIN (SELECT DISTINCT ON (rollout_id) request_id, rollout_id, oldest_policy_version FROM scores
    WHERE rollout_id IS NOT NULL) USING (request_id)
GROUP BY step ORDER BY step
