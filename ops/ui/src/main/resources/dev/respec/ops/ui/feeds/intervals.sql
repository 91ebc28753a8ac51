SELECT worker_id AS worker, epoch_ms(interval_start) AS started, epoch_ms(interval_end) AS finished,
  sum(emitted_tokens)::BIGINT AS tokens,
  sum(emitted_tokens) / nullif((epoch_ms(interval_end) - epoch_ms(interval_start)) / 1000, 0) AS tokens_per_second,
  sum(sequence_steps) / nullif(sum(verify_steps), 0) AS active_batch
FROM new_rows GROUP BY worker_id, interval_start, interval_end, kafka_partition, kafka_offset ORDER BY min(row_number)
