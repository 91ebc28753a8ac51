-- worker-status: every status a worker left
SELECT worker_id, state, policy_version, drafter_version, active_sequences, waiting_sequences,
  setting.drafter AS drafter, setting.draft_length AS draft_length, setting.branching AS branching,
  setting.verified_tokens AS verified_tokens, settings_version, tokens_per_second,
  emitted_tokens, heartbeat_at, incarnation, held_request_ids, finished_request_ids, refused_requests,
  engine_silent_milliseconds, run_id, kafka_partition, kafka_offset, kafka_timestamp
FROM source
