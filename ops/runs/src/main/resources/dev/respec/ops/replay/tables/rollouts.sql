-- rollouts: what the workers wrote, repeats included
SELECT rollout_id, request_id, sample_index, group_size, prompt_id, worker_id, task, answer, prompt, response,
  len(prompt_tokens) AS prompt_length, len(response_tokens) AS response_length,
  list_min(list_transform(policy_spans, lambda span: span.policy_version)) AS oldest_policy_version,
  list_max(list_transform(policy_spans, lambda span: span.policy_version)) AS newest_policy_version,
  admitted_at_version, drafter_version, finish_reason, temperature,
  speculation.verify_steps AS verify_steps, speculation.drafted_tokens AS drafted_tokens,
  speculation.accepted_draft_tokens AS accepted_draft_tokens,
  (speculation.verify_steps + speculation.accepted_draft_tokens) / nullif(speculation.verify_steps, 0)
    AS acceptance_length,
  timings.started_at AS started_at, timings.finished_at AS finished_at,
  timings.prefill_milliseconds AS prefill_milliseconds, timings.decode_milliseconds AS decode_milliseconds,
  prompt_tokens, prompt_text, prompt_pieces, response_tokens, response_text, response_pieces, log_probabilities,
  policy_spans, origin_spans, purpose, metadata, run_id, kafka_partition, kafka_offset, kafka_timestamp
FROM source
