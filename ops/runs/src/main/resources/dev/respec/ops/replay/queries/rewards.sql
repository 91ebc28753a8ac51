-- reward, pass rate and loss of every training step
SELECT step, reward_mean, pass_rate, loss, staleness_mean, acceptance_length, requests,
  len(dropped_request_ids) AS dropped, (epoch_ms(finished_at) - epoch_ms(started_at)) / 1000 AS seconds
FROM steps WHERE role = 'POLICY' ORDER BY step
