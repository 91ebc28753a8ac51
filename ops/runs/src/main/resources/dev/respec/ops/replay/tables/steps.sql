-- training-steps: one row a step of the trainer (role POLICY) or a round of the learner (role DRAFTER)
SELECT role, step, version, len(request_ids) AS requests, request_ids, dropped_request_ids, metrics, phases,
  metrics['reward_mean'] AS reward_mean, metrics['pass_rate'] AS pass_rate, metrics['loss'] AS loss,
  metrics['staleness_mean'] AS staleness_mean, metrics['acceptance_length'] AS acceptance_length,
  started_at, finished_at, source_offsets, run_id, kafka_partition, kafka_offset, kafka_timestamp
FROM source
