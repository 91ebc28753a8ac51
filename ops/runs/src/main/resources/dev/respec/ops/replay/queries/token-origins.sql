-- tokens of training rollouts by where they came from and what drafted
SELECT origin, drafted_by, tokens, tokens / sum(tokens) OVER () AS share
FROM (SELECT span.origin AS origin, span.drafted_by AS drafted_by, sum(span.token_count)::BIGINT AS tokens
  FROM (SELECT unnest(origin_spans) AS span FROM scores WHERE rollout_id IS NOT NULL AND purpose = 'TRAINING')
  GROUP BY ALL)
ORDER BY tokens DESC, origin, drafted_by
