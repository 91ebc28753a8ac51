SELECT a.drafter AS drafter, a.branching AS branching, a.tree_tokens AS tree_tokens, a.drafter_version AS version,
  a.alarm AS alarm, a.acceptance_length AS length, a.acceptance_length_before AS length_before,
  epoch_ms(a.raised_at) AS raised, epoch_ms(a.rests_until) AS rests_until
FROM (SELECT unnest(alarms) AS a FROM (
  SELECT DISTINCT ON (model_id, engine_class) alarms FROM settings
  ORDER BY model_id, engine_class, kafka_timestamp DESC, kafka_offset DESC)) ORDER BY raised
