-- the longest responses of training
SELECT rollout_id, response_length, finish_reason, round(reward, 4) AS reward, oldest_policy_version AS version, prompt,
  response
FROM scores WHERE rollout_id IS NOT NULL AND purpose = 'TRAINING' ORDER BY response_length DESC, rollout_id LIMIT 20
