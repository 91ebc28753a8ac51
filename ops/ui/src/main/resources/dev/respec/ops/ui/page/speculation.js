import { Chart } from '/page/chart.js';
import { pivot, series } from '/page/curves.js';
import { fill, h, table } from '/page/dom.js';
import { number, setting, whole } from '/page/format.js';
import { percent, sample, sumByName } from '/page/origins.js';
import { settingsTable } from '/page/settings.js';
import { ask } from '/page/stream.js';

const QUERIES = ['acceptance-by-position', 'settings-by-batch', 'acceptance-by-version', 'measured-gains', 'token-origins', 'token-origins-by-drafter'];

/** What speculation gains and why: the answers of queries that ship, and the tables of the controller. */
export function speculationView(content, { stream, run }) {
  const asking = new AbortController();
  const settings = h('section', {});
  const answers = h('section', {}, h('p', {}, 'Reading …'));
  const charts = [];
  fill(content, h('h1', {}, 'Speculation'), answers, settings);
  const load = async () => {
    try {
      const [positions, batches, versions, gains, origins, originsByDrafter] = await Promise.all(
        QUERIES.map((query) => ask(`/api/runs/${run}/queries/${query}`, asking.signal)));
      charts.splice(0).forEach((chart) => chart.remove());
      const shown = [positionChart(positions), ...batchCharts(batches), originChart(originsByDrafter, run)];
      charts.push(...shown);
      fill(answers, h('div', { class: 'charts' }, shown.map((chart) => chart.element)),
        originTable(origins), gainTable(gains), batchTable(batches), positionTable(positions), versionTable(versions));
      shown.forEach((chart) => chart.set(chart.initial));
    } catch (error) {
      if (error.name !== 'AbortError') fill(answers, h('p', { class: 'failed', role: 'alert' }, error.message));
    }
  };
  const forget = stream.listen(({ rows }) => fill(settings, settingsTable(rows.settings)));
  const refresh = h('button', { type: 'button', click: load }, 'Read again');
  content.querySelector('h1').after(h('p', {}, refresh));
  load();
  return () => { asking.abort(); forget(); charts.forEach((chart) => chart.remove()); };
}

function pivotChart(options, rows, key, x, y) {
  const { names, data } = pivot(rows, key, x, y);
  const chart = new Chart({ ...options, series: series(names) });
  chart.initial = data;
  return chart;
}

function positionChart(rows) {
  return pivotChart({ title: 'Acceptance by position', xLabel: 'position in the draft',
    caption: 'Percentage of the drafts of at least k tokens whose first k were accepted.' },
  rows, (row) => row.drafter, (row) => row.position, (row) => 100 * row.acceptance);
}

function batchCharts(rows) {
  const used = rows.filter((row) => row.verify_steps >= 30);
  return [pivotChart({ title: 'Tokens per second by batch', xLabel: 'active batch',
    caption: 'Of the steps of each setting at each active batch; settings with fewer than 30 steps are left out.' },
  used, setting, (row) => row.active_batch, (row) => row.tokens_per_second)];
}

function originChart(rows, run) {
  const byVersion = [...new Set(rows.map((row) => row.drafter_version))].flatMap((version) =>
    sumByName(rows.filter((row) => row.drafter_version === version)).map((row) => ({ ...row, version })));
  return pivotChart({ title: 'Tokens by origin and drafter version', xLabel: 'drafter version',
    caption: 'Percentage of the tokens of the rollouts whose newest drafter had this version.',
    open: (version) => { location.hash = `#/rollouts/${run}?drafter=${version}`; } },
  byVersion, (row) => row.name, (row) => row.version, (row) => 100 * row.share);
}

function originTable(rows) {
  if (rows.length === 0) return h('p', { class: 'hint' }, 'No rollout of this run says which of its tokens were drafted.');
  return table('Tokens of training rollouts by origin', [
    { name: 'origin', value: (row) => [sample(row), ` ${row.name}`] },
    { name: 'tokens', numeric: true, value: (row) => whole(row.tokens) },
    { name: 'share', numeric: true, value: (row) => percent(row.share) }], sumByName(rows));
}

function gainTable(rows) {
  if (rows.length === 0) return h('p', { class: 'hint' }, 'No setting was compared with another one yet.');
  return table('Settings compared in turns: the setting against its rival over the same sequences', [
    { name: 'active batch', numeric: true, value: (row) => `≤ ${row.active_batch}` },
    { name: 'setting', value: (row) => row.setting }, { name: 'rival', value: (row) => row.rival },
    { name: 'speed of the rival over the setting', numeric: true, value: (row) => `×${number(row.speed_ratio, 2)}` },
    { name: 'pairs of turns', numeric: true, value: (row) => whole(row.pairs) }], rows);
}

function batchTable(rows) {
  return table('Time and tokens by active batch and setting', [
    { name: 'active batch', numeric: true, value: (row) => whole(row.active_batch) },
    { name: 'setting', value: setting },
    { name: 'verify steps', numeric: true, value: (row) => whole(row.verify_steps) },
    { name: 'acceptance length', numeric: true, value: (row) => number(row.acceptance_length, 2) },
    { name: 'tokens/s', numeric: true, value: (row) => whole(row.tokens_per_second) }], rows);
}

function positionTable(rows) {
  return table('Acceptance by position', [
    { name: 'drafter', value: (row) => row.drafter }, { name: 'position', numeric: true, value: (row) => whole(row.position) },
    { name: 'drafted', numeric: true, value: (row) => whole(row.drafted) },
    { name: 'accepted', numeric: true, value: (row) => whole(row.accepted) },
    { name: 'acceptance', numeric: true, value: (row) => number(row.acceptance) }], rows);
}

function versionTable(rows) {
  return table('Acceptance by version', [
    { name: 'policy', numeric: true, value: (row) => whole(row.policy_version) },
    { name: 'drafter version', numeric: true, value: (row) => whole(row.drafter_version) },
    { name: 'drafter', value: (row) => row.drafter },
    { name: 'acceptance length', numeric: true, value: (row) => number(row.acceptance_length, 2) },
    { name: 'acceptance rate', numeric: true, value: (row) => number(row.acceptance_rate) },
    { name: 'tokens', numeric: true, value: (row) => whole(row.tokens) }], rows);
}
