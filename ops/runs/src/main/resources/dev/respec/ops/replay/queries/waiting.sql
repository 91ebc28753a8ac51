-- seconds from a request's admission to the start and the first token of its first sample; requests asked more than once
WITH asked AS (
    SELECT request_id, min(admitted_at) AS admitted_at, count(*) - 1 AS repeats FROM requests GROUP BY request_id),
  begun AS (
    SELECT request_id, min(started_at) AS started_at,
      min(started_at + to_microseconds((1000 * prefill_milliseconds)::BIGINT)) AS first_token_at
    FROM rollouts GROUP BY request_id),
  waits AS (
    SELECT repeats, epoch(started_at - admitted_at) AS start, epoch(first_token_at - admitted_at) AS first_token
    FROM asked JOIN begun USING (request_id))
SELECT count(*) AS requests, sum(repeats)::BIGINT AS repeats,
  quantile_cont(start, 0.5) AS start_median, quantile_cont(start, 0.95) AS start_p95, max(start) AS start_most,
  quantile_cont(first_token, 0.5) AS first_token_median, quantile_cont(first_token, 0.95) AS first_token_p95,
  quantile_cont(first_token, 0.99) AS first_token_p99, max(first_token) AS first_token_most
FROM waits
