import { Chart, smoothingControl } from '/page/chart.js';
import { STEP_CHARTS, acceptanceLengths, columns, evaluationCurves, intervalColumns, mostUsedSettings, phaseNames, series } from '/page/curves.js';
import { fill, h, refill, table } from '/page/dom.js';
import { ago, bytes, duration, number, setting, whole } from '/page/format.js';
import { settingsTable } from '/page/settings.js';

const PACE_STEPS = 10;
const SHOWN_STEPS = 20;

/** Everything about one run, as it comes. */
export function runView(content, { stream, run }) {
  const openStep = (step) => { location.hash = `#/rollouts/${run}?step=${step}`; };
  const openEvaluation = (step) => { location.hash = `#/rollouts/${run}?purpose=evaluation&step=${step}`; };
  const stepCharts = STEP_CHARTS.map((each) => ({ ...each, chart: new Chart({
    ...each, xLabel: 'training step', group: 'step', open: openStep,
    series: each.curves.map(([name, , colour]) => ({ name, colour })),
  }) }));
  const drafter = new Chart({ title: 'Drafter', xLabel: 'drafter update', group: 'round',
    caption: 'Share of draft tokens accepted on rollouts kept out of its training: the candidate against the one in force.',
    series: series(['candidate', 'current']) });
  const speed = new Chart({ title: 'Throughput', xLabel: 'minutes', group: 'time',
    caption: 'Tokens per second that the workers emitted, by interval.', series: series(['tokens per second']) });
  const active = new Chart({ title: 'Active sequences', xLabel: 'minutes', group: 'time',
    caption: 'Sequences that a verify step served: what the setting is chosen by.', series: [{ name: 'sequences', colour: 'c3' }] });
  const grown = h('div', { class: 'grown' });
  const fixed = [...stepCharts.map((each) => each.chart), drafter, speed, active];
  const charts = [...fixed];
  const parts = Object.fromEntries(['warnings', 'tiles', 'health', 'letters', 'steps', 'settings'].map((name) => [name, h('section', {})]));
  const allSteps = h('input', { type: 'checkbox', change: () => update(stream) });
  fill(content, h('h1', {}, 'Run'), parts.warnings, parts.tiles, parts.letters,
    h('section', {}, h('h2', {}, 'Curves'), smoothingControl(charts),
      h('p', { class: 'hint' }, 'Drag over a chart to zoom, double-click to see all. Click a point to see the rollouts of its step.'),
      h('div', { class: 'charts' }, fixed.map((chart) => chart.element), grown)),
    h('section', {}, h('h2', {}, 'Steps'), h('label', {}, allSteps, ' all steps'), parts.steps),
    h('section', {}, h('h2', {}, 'Stages'), parts.health), parts.settings);
  const dynamic = new Map();

  /** A chart whose curves depend on the run: made again if another curve appears. */
  function drawDynamic(key, options, data) {
    const names = options.series.map((each) => each.name).join();
    let known = dynamic.get(key);
    if (known?.names !== names) {
      known?.chart.remove();
      const chart = new Chart(options);
      if (known) known.chart.element.replaceWith(chart.element);
      else grown.append(chart.element);
      if (known) charts.splice(charts.indexOf(known.chart), 1);
      charts.push(chart);
      known = { names, chart };
      dynamic.set(key, known);
    }
    known.chart.set(data);
  }

  function update({ rows, state }) {
    if (state.error) {
      refill(parts.tiles, state.error, () => h('p', { class: 'failed', role: 'alert' }, state.error));
      return;
    }
    if (state.notice) {
      refill(parts.tiles, state.notice, () => h('p', {}, `${state.notice} …`));
      return;
    }
    refill(parts.warnings, JSON.stringify(state.warnings ?? []), () => (state.warnings ?? []).map((line) =>
      h('p', { class: 'failed', role: 'alert' }, line)));
    tiles(parts.tiles, rows, state);
    letters(parts.letters, state);
    health(parts.health, state);
    for (const each of stepCharts) each.chart.set(columns(rows[each.feed ?? 'steps'], (row) => row.step, each.curves));
    drafter.set(columns(rows.rounds, (row) => row.step, [['', (row) => row.metrics.candidate_acceptance], ['', (row) => row.metrics.current_acceptance]]));
    speed.set(intervalColumns(rows, [(row) => row.tokens_per_second]));
    active.set(intervalColumns(rows, [(row) => row.active_batch]));
    const phases = phaseNames(rows.steps);
    drawDynamic('phases', { title: 'Step time by phase', caption: 'Seconds that the trainer spent on each step, by phase.',
      xLabel: 'training step', group: 'step', open: openStep, series: series(phases) },
    columns(rows.steps, (row) => row.step, phases.map((phase) => [phase, (row) => (row.phases[phase] ?? 0) / 1000])));
    const names = mostUsedSettings(rows.drafting, 4);
    drawDynamic('lengths', { title: 'Acceptance length', caption: 'Tokens that a sequence emits per verify step, of the settings that emitted most.',
      xLabel: 'minutes', group: 'time', series: series(names) }, acceptanceLengths(rows, names));
    const evaluations = evaluationCurves(rows.evaluations);
    if (evaluations.names.length) {
      drawDynamic('evaluations', { title: 'Evaluations', caption: 'Score of the policy on data that it is not trained on, by the training steps done before.',
        xLabel: 'training step', open: openEvaluation, series: series(evaluations.names) }, evaluations.data);
    }
    refill(parts.steps, `${rows.steps.length} ${allSteps.checked}`, () => stepTable(rows.steps, allSteps.checked, run));
    refill(parts.settings, String(rows.settings.length), () => settingsTable(rows.settings));
  }

  const forget = stream.listen(update);
  return () => {
    forget();
    charts.forEach((chart) => chart.remove());
  };
}

function secondsLeft(steps, wanted) {
  const recent = steps.slice(-PACE_STEPS);
  const last = recent.at(-1);
  if (recent.length < 2) return null;
  return (wanted - last.step) * (last.finished - recent[0].finished) / (last.step - recent[0].step) / 1000;
}

function tile(name, value, more = '') {
  return h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value, more ? h('small', {}, ` ${more}`) : null));
}

function tiles(part, rows, state) {
  const last = rows.steps.at(-1);
  const totals = state.totals ?? {};
  const workers = state.workers ?? [];
  const left = state.going_on ? secondsLeft(rows.steps, state.steps) : null;
  const sum = (name) => workers.reduce((all, worker) => all + (worker[name] ?? 0), 0);
  const evaluation = state.summary?.evaluation;
  refill(part, JSON.stringify([state, last?.step]), () => [
    h('dl', { class: 'tiles' },
      tile('Step', `${last?.step ?? 0} of ${state.steps}`),
      state.cluster && !state.going_on ? null : tile(state.going_on ? 'Time left' : 'Took', state.going_on ? (last?.step >= state.steps ? 'measuring' : duration(left)) : duration(state.wall_seconds)),
      tile('Reward', number(last?.metrics.reward_mean ?? null)),
      tile('Pass rate', number(last?.metrics.pass_rate ?? null)),
      tile('Rollouts', whole(totals.rollouts ?? null)),
      tile('Groups', whole(totals.admitted_groups ?? null), `${whole(totals.open_groups ?? null)} not scored`
        + (state.going_on ? `, ${whole(sum('held_requests'))} at workers` : '')),
      state.going_on ? tile('Sequences', whole(sum('active_sequences')), `${whole(sum('waiting_sequences'))} waiting`) : null,
      tile('Versions', `policy ${totals.policy_version ?? 0}`, `drafter ${totals.drafter_version ?? 0}`),
      evaluation ? tile('Held-out pass@1', number(evaluation.after.sampled_pass_at_1), `before ${number(evaluation.before.sampled_pass_at_1)}`) : null),
    h('progress', { max: state.steps, value: last?.step ?? 0, 'aria-label': 'Training steps done' }),
    h('p', { class: 'hint' }, state.cluster ? `${state.run} on ${state.folder}` : `${state.run}, seed ${state.seed}, data in ${state.folder}`),
  ]);
}

function letters(part, state) {
  const all = state.dead_letters ?? [];
  refill(part, JSON.stringify(all), () => (all.length === 0 ? [] : [
    h('h2', {}, 'Dead letters'),
    table('Records that could not be used', [
      { name: 'stage', value: (row) => row.stage }, { name: 'topic', value: (row) => row.topic },
      { name: 'records', numeric: true, value: (row) => whole(row.records) }, { name: 'newest reason', value: (row) => row.reason },
      { name: 'newest', value: (row) => ago(row.newest) }], all)]));
}

function health(part, state) {
  const totals = state.totals ?? {};
  const workers = state.workers ?? [];
  const what = {
    worker: () => workers.map((each) => `${each.worker} ${each.state.toLowerCase()}, policy ${each.policy_version}, drafter ${each.drafter_version},`
      + ` ${whole(each.tokens_per_second)} tokens/s, ${setting(each)}, heartbeat ${ago(each.heartbeat)}`).join('; '),
    scorer: () => `${whole(totals.open_groups)} groups not scored, last score ${ago(totals.scored_at)}`,
    controller: () => `last decision ${ago(totals.decided_at)}`,
    learner: () => `drafter ${totals.drafter_version ?? 0}, last round ${ago(totals.learned_at)}`,
    trainer: () => `policy ${totals.policy_version ?? 0}, last step ${ago(totals.trained_at)}`,
  };
  const processes = state.processes?.length ? state.processes : Object.keys(what).map((name) => ({ name }));
  refill(part, JSON.stringify([state, Math.floor(Date.now() / 5000)]), () => table('Processes of the run', [
    { name: 'stage', value: (row) => row.name },
    { name: 'state', value: (row) => h('span', { class: `state ${row.state ?? ''}` }, row.state ?? 'unknown') },
    { name: 'restarts', numeric: true, value: (row) => whole(row.restarts) },
    { name: 'memory', numeric: true, value: (row) => bytes(row.memory_bytes) },
    { name: 'up since', value: (row) => (row.started && row.state === 'up' ? ago(Date.parse(row.started)) : '–') },
    { name: 'last heard of', value: (row) => what[row.name]?.() ?? '' }], processes));
}

function stepTable(steps, all, run) {
  const metric = (name, digits) => ({ name: name.replaceAll('_', ' '), numeric: true, value: (row) => number(row.metrics[name] ?? null, digits) });
  const shown = [...(all ? steps : steps.slice(-SHOWN_STEPS))].reverse();
  return table(`Training steps, newest first${all || steps.length <= SHOWN_STEPS ? '' : `: ${SHOWN_STEPS} of ${steps.length}`}`, [
    { name: 'step', numeric: true, value: (row) => h('a', { href: `#/rollouts/${run}?step=${row.step}`, 'aria-label': `Rollouts of step ${row.step}` }, String(row.step)) },
    { ...metric('reward_mean', 3), name: 'reward' }, metric('pass_rate', 3),
    { ...metric('response_length_mean', 0), name: 'length', value: (row) => whole(row.metrics.response_length_mean) },
    { ...metric('acceptance_length', 2), name: 'acceptance' }, { ...metric('staleness_max', 0), name: 'staleness' },
    metric('loss', 4), { ...metric('kl_sampler_trainer', 5), name: 'KL' }, metric('entropy', 3),
    { name: 'seconds', numeric: true, value: (row) => number((row.finished - row.started) / 1000, 1) },
    { name: 'groups', numeric: true, value: (row) => whole(row.requests) },
    ...(steps.some((row) => row.metrics.prompts_per_used) ? [{ ...metric('prompts_per_used', 2), name: 'asked' }] : []),
    { name: 'dropped', numeric: true, value: (row) => whole(row.dropped) },
    { name: 'version', numeric: true, value: (row) => whole(row.version) }], shown);
}
