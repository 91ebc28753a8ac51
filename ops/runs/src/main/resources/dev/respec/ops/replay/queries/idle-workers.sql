-- share of the training time in which a worker had nothing to generate while a request that it took later lay in the queue
WITH training AS (
    SELECT started_at, finished_at FROM steps WHERE role = 'POLICY'),
  intervals AS (
    SELECT DISTINCT worker_id, interval_start, interval_end, kafka_partition, kafka_offset,
      idle_with_requests_waiting_milliseconds / 1000 AS idle
    FROM statistics)
SELECT worker_id, sum(idle) AS idle_seconds,
  (SELECT sum(epoch(finished_at - started_at)) FROM training) AS training_seconds,
  sum(idle) / (SELECT sum(epoch(finished_at - started_at)) FROM training) AS share
FROM intervals
WHERE EXISTS (FROM training WHERE interval_start < finished_at AND interval_end > started_at)
GROUP BY worker_id ORDER BY worker_id
