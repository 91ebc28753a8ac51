SELECT regexp_replace(stage, '-\d+$', '') AS stage, origin_topic AS topic, count(*) AS records,
  arg_max(reason, kafka_timestamp) AS reason, epoch_ms(max(failed_at)) AS newest
FROM dead_letters GROUP BY ALL ORDER BY newest DESC
