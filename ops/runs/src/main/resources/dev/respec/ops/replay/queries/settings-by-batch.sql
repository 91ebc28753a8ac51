-- time spent and tokens emitted by active batch and setting
SELECT active_batch, drafter, draft_length, sum(verify_steps)::BIGINT AS verify_steps,
  sum(emitted_tokens) / nullif(sum(sequence_steps), 0) AS acceptance_length,
  sum(emitted_tokens) / nullif(sum(draft_milliseconds + verify_milliseconds + other_milliseconds), 0) * 1000
    AS tokens_per_second
FROM statistics GROUP BY ALL ORDER BY active_batch, tokens_per_second DESC
