-- weight-updates: one row a published version
SELECT role, version, base_version, format, uri, step, policy_version,
  list_sum(list_transform(files, lambda file: file.bytes)) AS bytes, metrics, published_at, files, source_offsets,
  run_id, kafka_partition, kafka_offset, kafka_timestamp
FROM source
