-- sd-settings: one row an entry of each table of settings
SELECT model_id, device_class, engine_class, version, decided_at, t.max_active_batch AS max_active_batch,
  t.setting.drafter AS drafter, t.setting.draft_length AS draft_length, t.setting.branching AS branching,
  t.setting.verified_tokens AS verified_tokens, t.predicted_gain AS predicted_gain,
  t.predicted_acceptance_length AS predicted_acceptance_length, t.reason AS reason,
  t.trials AS trials, alarms, run_id,
  kafka_partition, kafka_offset, kafka_timestamp
FROM (SELECT *, unnest("table") AS t FROM source)
