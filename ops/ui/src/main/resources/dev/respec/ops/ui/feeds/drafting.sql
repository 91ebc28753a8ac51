SELECT epoch_ms(interval_end) AS finished, drafter, draft_length, branching, verified_tokens,
  sum(emitted_tokens)::BIGINT AS tokens, sum(sequence_steps)::BIGINT AS sequence_steps
FROM new_rows WHERE draft_length > 0
GROUP BY interval_end, kafka_partition, kafka_offset, drafter, draft_length, branching, verified_tokens
ORDER BY min(row_number)
