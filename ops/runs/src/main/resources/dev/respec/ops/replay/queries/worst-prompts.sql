-- prompts of training with the lowest mean reward, the most asked first among equals
SELECT prompt_id, round(avg(reward), 4) AS mean_reward, count(*) AS rollouts, count(DISTINCT request_id) AS requests,
  any_value(answer) AS answer, any_value(prompt) AS prompt
FROM scores WHERE rollout_id IS NOT NULL AND purpose = 'TRAINING'
GROUP BY prompt_id ORDER BY mean_reward, rollouts DESC, prompt_id LIMIT 20
