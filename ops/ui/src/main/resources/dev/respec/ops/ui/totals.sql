WITH admitted AS (SELECT DISTINCT request_id FROM requests WHERE purpose = 'TRAINING'),
  ended AS (SELECT DISTINCT request_id FROM scores)
SELECT (SELECT count(*) FROM admitted) AS admitted_groups,
  (SELECT count(*) FROM admitted ANTI JOIN ended USING (request_id)) AS open_groups,
  (SELECT count(DISTINCT rollout_id) FROM scores WHERE purpose = 'TRAINING') AS rollouts,
  (SELECT max(version) FROM weight_updates WHERE role = 'POLICY') AS policy_version,
  (SELECT max(version) FROM weight_updates WHERE role = 'DRAFTER') AS drafter_version,
  (SELECT epoch_ms(max(kafka_timestamp)) FROM scores) AS scored_at,
  (SELECT epoch_ms(max(kafka_timestamp)) FROM settings) AS decided_at,
  (SELECT epoch_ms(max(kafka_timestamp)) FROM steps WHERE role = 'POLICY') AS trained_at,
  (SELECT epoch_ms(max(kafka_timestamp)) FROM steps WHERE role = 'DRAFTER') AS learned_at
