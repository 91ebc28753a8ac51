-- dead-letters: records that could not be used, of any run
SELECT stage, origin_topic, origin_partition, origin_offset, reason, failed_at, origin_key, origin_value,
  kafka_partition, kafka_offset, kafka_timestamp
FROM source
