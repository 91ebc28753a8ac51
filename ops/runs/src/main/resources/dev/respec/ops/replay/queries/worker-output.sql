-- what each worker generated, and how fast
SELECT worker_id, count(*) AS rollouts, sum(response_length)::BIGINT AS tokens,
  avg(acceptance_length) AS acceptance_length, median(decode_milliseconds) AS median_decode_milliseconds,
  min(started_at) AS first_started, max(finished_at) AS last_finished
FROM rollouts GROUP BY worker_id ORDER BY tokens DESC
