-- scored-rollouts: one row a rewarded rollout; rollout_id is null in the row that closes an incomplete group
SELECT rollout.rollout_id AS rollout_id, request_id, rollout.sample_index AS sample_index,
  rollout.prompt_id AS prompt_id, rollout.worker_id AS worker_id, rollout.task AS task, rollout.answer AS answer,
  rollout.prompt AS prompt, rollout.response AS response, len(rollout.response_tokens) AS response_length,
  reward, reward_parts, reward_function, reward_error, advantage,
  "group".status AS group_status, "group".group_size AS group_size, "group".rollout_count AS rollout_count,
  "group".reward_mean AS reward_mean, "group".reward_deviation AS reward_deviation,
  list_min(list_transform(rollout.policy_spans, lambda span: span.policy_version)) AS oldest_policy_version,
  rollout.admitted_at_version AS admitted_at_version, rollout.drafter_version AS drafter_version,
  rollout.finish_reason AS finish_reason, missing_samples, scored_at, kafka_partition, kafka_offset
FROM source
