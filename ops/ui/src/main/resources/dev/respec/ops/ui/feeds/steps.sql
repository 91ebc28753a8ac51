SELECT step, version, requests, len(dropped_request_ids) AS dropped, metrics, phases, epoch_ms(started_at) AS started,
  epoch_ms(finished_at) AS finished
FROM new_rows WHERE role = 'POLICY' ORDER BY row_number
