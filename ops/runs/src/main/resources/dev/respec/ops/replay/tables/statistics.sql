-- acceptance-stats: one row an interval, worker, active batch and setting
SELECT worker_id, model_id, device_class, engine_class, interval_start, interval_end, policy_version, drafter_version,
  s.active_batch AS active_batch, s.setting.drafter AS drafter, s.setting.draft_length AS draft_length,
  s.setting.branching AS branching, s.setting.verified_tokens AS verified_tokens,
  s.verify_steps AS verify_steps, s.sequence_steps AS sequence_steps, s.drafted_tokens AS drafted_tokens,
  s.emitted_tokens AS emitted_tokens, s.accepted_by_position AS accepted_by_position,
  s.drafted_by_position AS drafted_by_position, s.draft_milliseconds AS draft_milliseconds,
  s.verify_milliseconds AS verify_milliseconds, s.other_milliseconds AS other_milliseconds,
  s.context_tokens AS context_tokens, pairs, idle_with_requests_waiting_milliseconds, run_id,
  kafka_partition, kafka_offset, kafka_timestamp
FROM (SELECT *, unnest(settings) AS s FROM source)
