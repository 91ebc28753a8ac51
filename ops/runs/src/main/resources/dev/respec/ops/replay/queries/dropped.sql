-- requests that were read and not trained on, with the reason
SELECT step, split_part(dropped, ' ', 1) AS request_id, split_part(dropped, ' ', 2) AS reason
FROM (SELECT step, unnest(dropped_request_ids) AS dropped FROM steps WHERE role = 'POLICY') ORDER BY step, request_id
