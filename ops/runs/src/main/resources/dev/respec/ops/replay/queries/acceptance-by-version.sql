-- acceptance length and rate of speculation by policy and drafter version
SELECT policy_version, drafter_version, drafter,
  sum(emitted_tokens) / nullif(sum(sequence_steps), 0) AS acceptance_length,
  (sum(emitted_tokens) - sum(sequence_steps)) / nullif(sum(drafted_tokens), 0) AS acceptance_rate,
  sum(emitted_tokens)::BIGINT AS tokens
FROM statistics GROUP BY ALL ORDER BY policy_version, drafter_version, drafter
