SELECT model_id AS model, engine_class AS engine, version, epoch_ms(decided_at) AS decided,
  max_active_batch, drafter, draft_length, branching, verified_tokens, predicted_gain, predicted_acceptance_length,
  reason, len(trials) AS trials
FROM new_rows ORDER BY row_number
