SELECT step, avg(response_length) AS mean,
  list_sort(list(response_length))[least(count(*), floor(0.9 * count(*))::BIGINT + 1)] AS high
FROM (SELECT step, row_number, unnest(request_ids) AS request_id FROM new_rows WHERE role = 'POLICY')
  JOIN scores USING (request_id)
WHERE rollout_id IS NOT NULL GROUP BY step, row_number ORDER BY row_number
