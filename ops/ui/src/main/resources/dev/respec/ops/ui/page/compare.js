import { Chart, smoothingControl } from '/page/chart.js';
import { STEP_CHARTS } from '/page/curves.js';
import { fill, h, table } from '/page/dom.js';
import { number } from '/page/format.js';
import { ask } from '/page/stream.js';

const COLOURS = 8;

/** Several runs over each other: first what was set differently, then the curves, then the numbers. */
export function compareView(content, { run, runs, parameters }) {
  const asking = new AbortController();
  const asked = parameters.getAll('run').map(Number).filter((each) => runs[each]);
  const chosen = asked.length ? asked : runs.length > 1 ? [run, ...runs.keys()].filter((each, i, all) => all.indexOf(each) === i).slice(0, 4) : [run];
  const charts = [];
  const result = h('section', {}, h('p', {}, 'Reading …'));
  const again = h('button', { type: 'button', click: () => dispatchEvent(new HashChangeEvent('hashchange')) }, 'Read again');
  fill(content, h('h1', {}, 'Compare'), choice(runs, chosen, run), again, result);
  if (chosen.length < 2) {
    fill(result, h('p', {}, runs.length < 2 ? 'One run is served. Name more of them: respec ui --data-dir DIR --data-dir DIR.' : 'Choose at least two runs.'));
    return () => {};
  }
  Promise.all([ask(`/api/compare?${new URLSearchParams(chosen.map((each) => ['run', each]))}`, asking.signal),
    ...chosen.flatMap((each) => ['steps', 'lengths'].map((feed) => ask(`/api/runs/${each}/rows/${feed}`, asking.signal)))])
    .then(([comparison, ...rows]) => {
      const names = chosen.map((each) => runs[each].run ?? runs[each].folder);
      const labels = names.map((name, i) => (names.indexOf(name) === i ? name : `${name} (${i + 1})`));
      charts.push(...STEP_CHARTS.flatMap((each) => each.curves.map((curve) => overlaid(each, curve, labels, rows))));
      fill(result, differences(comparison, labels),
        h('h2', {}, 'Curves'), smoothingControl(charts), h('div', { class: 'charts' }, charts.map((chart) => chart.element)),
        finals(comparison.summaries, labels, rows));
      charts.forEach((chart) => chart.set(chart.initial));
    })
    .catch((error) => { if (error.name !== 'AbortError') fill(result, h('p', { class: 'failed', role: 'alert' }, error.message)); });
  return () => { asking.abort(); charts.forEach((chart) => chart.remove()); };
}

function choice(runs, chosen, run) {
  const form = h('form', { class: 'choice', change: () => {
    const query = new URLSearchParams([...new FormData(form)]);
    location.hash = `#/compare/${run}?${query}`;
  } }, h('fieldset', {}, h('legend', {}, 'Runs'), runs.map((each) => h('label', {},
    h('input', { type: 'checkbox', name: 'run', value: each.number, checked: chosen.includes(each.number) }), ` ${each.run ?? ''}, ${each.folder}`))));
  return form;
}

function overlaid(options, [name, value], labels, rows) {
  const feed = options.feed === 'lengths' ? 1 : 0;
  const of = labels.map((label, i) => new Map(rows[2 * i + feed].map((row) => [row.step, value(row) ?? null])));
  const steps = [...new Set(of.flatMap((each) => [...each.keys()]))].sort((a, b) => a - b);
  const chart = new Chart({ title: options.curves.length > 1 ? `${options.title}: ${name}` : options.title, caption: options.caption,
    xLabel: 'training step', group: 'compare', series: labels.map((label, i) => ({ name: label, colour: `c${(i % COLOURS) + 1}` })) });
  chart.initial = [steps, ...of.map((each) => steps.map((step) => each.get(step) ?? null))];
  return chart;
}

function differences({ settings, unknown_settings: unknown }, labels) {
  const note = unknown.length === 0 ? null
    : h('p', { class: 'hint' }, `The settings of ${unknown.map((i) => labels[i]).join(', ')} are not known here: topics do not hold them.`);
  if (settings.length === 0) return [note, labels.length - unknown.length < 2 ? null : h('p', {}, 'The settings of these runs are the same.')];
  return [note, h('h2', {}, 'Different settings'), table('Settings that are not the same', [
    { name: 'setting', value: (row) => h('code', {}, row.key) },
    ...labels.map((label, i) => ({ name: label, value: (row) => (unknown.includes(i) ? 'unknown' : row.values[i] === '' ? '(empty)' : row.values[i]) }))], settings)];
}

const FINALS = [
  ['steps', (summary) => summary.steps], ['wall time, s', (summary) => summary.wall_seconds], ['training time, s', (summary) => summary.training_seconds],
  ['held-out pass@1 before, sampled', (summary) => summary.evaluation?.before.sampled_pass_at_1],
  ['held-out pass@1 after, sampled', (summary) => summary.evaluation?.after.sampled_pass_at_1],
  ['held-out pass@1 after, greedy', (summary) => summary.evaluation?.after.greedy_pass_at_1],
  ['rollouts scored', (summary) => summary.rollouts.scored], ['mean tokens', (summary) => summary.rollouts.mean_tokens],
  ['gain of speculation during the run', (summary) => summary.adaptive_gain_during_run?.gain],
  ['acceptance length', (summary) => summary.acceptance_length.mean], ['staleness, most', (summary) => summary.staleness.max],
  ['share of generation', (summary) => summary.time_share.generation], ['share of training', (summary) => summary.time_share.training],
];

function finals(summaries, labels, rows) {
  const last = (i, metric) => rows[2 * i].at(-1)?.metrics[metric] ?? null;
  const lines = [
    ...FINALS.map(([name, value]) => ({ name, values: summaries.map((summary) => (summary ? value(summary) ?? null : null)) })),
    { name: 'reward of the last step', values: labels.map((label, i) => last(i, 'reward_mean')) },
    { name: 'pass rate of the last step', values: labels.map((label, i) => last(i, 'pass_rate')) },
  ];
  return [h('h2', {}, 'Final numbers'), table('Final numbers; – where a run is not finished or did not measure it', [
    { name: 'figure', value: (row) => row.name },
    ...labels.map((label, i) => ({ name: label, numeric: true, value: (row) => number(row.values[i]) }))], lines)];
}
