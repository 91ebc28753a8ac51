SELECT DISTINCT ON (worker_id) worker_id AS worker, state, policy_version, drafter_version, active_sequences,
  waiting_sequences, tokens_per_second, emitted_tokens, drafter, draft_length, branching, verified_tokens,
  epoch_ms(heartbeat_at) AS heartbeat, engine_silent_milliseconds, len(held_request_ids) AS held_requests
FROM workers ORDER BY worker_id, kafka_timestamp DESC, kafka_offset DESC
