-- rollout-requests: prompts that were asked
SELECT request_id, request_index, prompt_id, prompt, group_size, sampling.temperature AS temperature,
  sampling.max_tokens AS max_tokens, seed, task, answer, admitted_at_version, admitted_at, kafka_offset
FROM source
