-- evaluations: one row a data set and mode (GREEDY, SAMPLED) of each evaluation of the policy while it was trained
SELECT step, policy_version, data_set, mode, metrics['pass@1'] AS pass_at_1, metrics['reward_mean'] AS reward_mean,
  metrics['response_length_mean'] AS response_length_mean, samples, prompts, refused_prompts, unanswered_prompts,
  repeated_requests, metrics, tokens, deciding_metric, best, ends_run,
  date_diff('millisecond', started_at, finished_at) / 1000.0 AS seconds, started_at, finished_at, request_ids, run_id,
  kafka_partition, kafka_offset, kafka_timestamp
FROM source
