SELECT step, policy_version AS version, data_set, mode, metrics, deciding_metric, best
FROM new_rows ORDER BY row_number
