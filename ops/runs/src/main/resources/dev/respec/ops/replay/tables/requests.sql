-- rollout-requests: prompts that were asked
SELECT request_id, request_index, prompt_id, prompt, group_size, sampling.temperature AS temperature,
  sampling.max_tokens AS max_tokens, sampling.top_p AS top_p, sampling.top_k AS top_k, seed, task, answer, metadata, purpose,
  admitted_at_version, admitted_at, run_id, kafka_partition, kafka_offset, kafka_timestamp
FROM source
