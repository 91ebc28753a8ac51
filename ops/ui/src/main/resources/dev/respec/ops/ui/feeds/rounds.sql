SELECT step, version, metrics, phases, epoch_ms(started_at) AS started, epoch_ms(finished_at) AS finished
FROM new_rows WHERE role = 'DRAFTER' ORDER BY row_number
