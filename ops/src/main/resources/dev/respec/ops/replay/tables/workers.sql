-- worker-status: every status a worker left
SELECT worker_id, state, policy_version, drafter_version, active_sequences, waiting_sequences,
  setting.drafter AS drafter, setting.draft_length AS draft_length, settings_version, tokens_per_second,
  emitted_tokens, heartbeat_at
FROM source
