-- share of the tokens of training rollouts by where they came from, by the newest drafter version that drafted for them
SELECT drafter_version, origin, drafted_by, tokens, tokens / sum(tokens) OVER (PARTITION BY drafter_version) AS share
FROM (SELECT drafter_version, span.origin AS origin, span.drafted_by AS drafted_by,
    sum(span.token_count)::BIGINT AS tokens
  FROM (SELECT drafter_version, unnest(origin_spans) AS span FROM scores
    WHERE rollout_id IS NOT NULL AND purpose = 'TRAINING')
  GROUP BY ALL)
ORDER BY drafter_version, tokens DESC, origin, drafted_by
