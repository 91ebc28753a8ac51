-- cost-profiles: one row a measured batch and setting
SELECT model_id, device_class, engine_class, measured_at, c.active_batch AS active_batch,
  c.setting.drafter AS drafter, c.setting.draft_length AS draft_length, c.setting.branching AS branching,
  c.setting.verified_tokens AS verified_tokens, c.verify_milliseconds AS verify_milliseconds,
  c.draft_milliseconds AS draft_milliseconds, c.other_milliseconds AS other_milliseconds,
  c.context_tokens AS context_tokens, candidates, batches, run_id,
  kafka_partition, kafka_offset, kafka_timestamp
FROM (SELECT *, unnest(costs) AS c FROM source)
