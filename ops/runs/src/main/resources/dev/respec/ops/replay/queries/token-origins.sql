-- tokens of training rollouts by where they came from and what drafted
SELECT span.origin AS origin, span.drafted_by AS drafted_by, sum(span.token_count)::BIGINT AS tokens,
  sum(span.token_count) / sum(sum(span.token_count)) OVER () AS share
FROM (SELECT unnest(origin_spans) AS span FROM scores WHERE rollout_id IS NOT NULL AND purpose = 'TRAINING')
GROUP BY ALL ORDER BY tokens DESC, origin, drafted_by
