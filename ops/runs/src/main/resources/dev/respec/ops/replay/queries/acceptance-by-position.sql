-- share of the drafts of at least k tokens whose first k were accepted, by drafter
SELECT drafter, position, sum(drafted)::BIGINT AS drafted, sum(accepted)::BIGINT AS accepted,
  sum(accepted) / nullif(sum(drafted), 0) AS acceptance
FROM (SELECT drafter, unnest(range(1, len(drafted_by_position) + 1)) AS position,
    unnest(drafted_by_position) AS drafted, unnest(accepted_by_position) AS accepted
  FROM statistics WHERE draft_length > 0)
GROUP BY drafter, position ORDER BY drafter, position
