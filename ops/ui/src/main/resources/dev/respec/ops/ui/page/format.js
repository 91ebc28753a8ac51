const MISSING = '–';

export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return MISSING;
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const size = Math.abs(value);
  if (size !== 0 && (size < 10 ** -digits || size >= 1e7)) return value.toExponential(2);
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function whole(value) {
  return value === null || value === undefined ? MISSING : Math.round(value).toLocaleString('en');
}

export function bytes(value) {
  if (!value) return MISSING;
  return value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(1)} GiB` : `${Math.round(value / 2 ** 20)} MiB`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export function ago(milliseconds) {
  return milliseconds ? `${duration(Math.max(0, (Date.now() - milliseconds) / 1000))} ago` : MISSING;
}

/** As the command line writes a setting: off, suffix:4, eagle3:4x3/12. */
export function setting(row) {
  if (!row.draft_length) return 'off';
  const chain = `${row.drafter}:${row.draft_length}`;
  return row.branching > 1 ? `${chain}x${row.branching}/${row.verified_tokens}` : chain;
}
