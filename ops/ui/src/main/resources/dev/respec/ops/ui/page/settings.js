import { h, table } from '/page/dom.js';
import { number, setting, whole } from '/page/format.js';

/** Tables of settings, one after the other, as lists of rows of the same version and model. */
export function settingTables(rows) {
  const tables = [];
  for (const row of rows) {
    const last = tables.at(-1);
    if (last && last[0].version === row.version && last[0].model === row.model && last[0].engine === row.engine) last.push(row);
    else tables.push([row]);
  }
  return tables;
}

/** What changed between two tables of settings, by batch. */
export function settingChanges(rows) {
  const before = new Map();
  const changes = [];
  for (const tableRows of settingTables(rows)) {
    for (const row of tableRows) {
      const key = `${row.model} ${row.engine} ${row.max_active_batch}`;
      const now = setting(row);
      if (before.get(key) !== now) changes.push({ ...row, from: before.get(key) ?? '–', to: now });
      before.set(key, now);
    }
  }
  return changes.reverse();
}

export function settingsTable(rows) {
  if (rows.length === 0) return h('p', { class: 'hint' }, 'The controller has not decided yet.');
  const newest = settingTables(rows).at(-1);
  return [h('h2', {}, 'Speculation settings'),
    table('Settings in force by active batch', [
      { name: 'active batch', numeric: true, value: (row) => (row === newest.at(-1) ? `≤ ${row.max_active_batch} and more` : `≤ ${row.max_active_batch}`) },
      { name: 'setting', value: setting },
      { name: 'predicted gain', numeric: true, value: (row) => number(row.predicted_gain, 2) },
      { name: 'predicted acceptance length', numeric: true, value: (row) => number(row.predicted_acceptance_length, 2) },
      { name: 'reason', value: (row) => row.reason },
      { name: 'comparisons asked for', numeric: true, value: (row) => whole(row.trials) }], newest),
    table('Changes, newest first', [
      { name: 'time', value: (row) => new Date(row.decided).toLocaleTimeString() },
      { name: 'table', numeric: true, value: (row) => whole(row.version) },
      { name: 'active batch', numeric: true, value: (row) => `≤ ${row.max_active_batch}` },
      { name: 'before', value: (row) => row.from }, { name: 'now', value: (row) => row.to },
      { name: 'reason', value: (row) => row.reason }], settingChanges(rows).slice(0, 200))];
}
