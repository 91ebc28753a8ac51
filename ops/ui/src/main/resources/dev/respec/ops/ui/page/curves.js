import { setting } from '/page/format.js';

const FEWEST_STEPS = 30; // an interval with fewer says nothing about a setting
const COLOURS = 8;

const metric = (name) => (row) => row.metrics?.[name] ?? null;

/** Charts over the training step: each curve is a value of a row of `steps`. */
export const STEP_CHARTS = [
  { title: 'Reward', caption: "Mean reward of a step's rollouts, and the share of them that are right.",
    curves: [['reward', metric('reward_mean'), 'c1'], ['pass rate', metric('pass_rate'), 'c2']] },
  { title: 'Response length', feed: 'lengths', caption: 'Tokens of the rollouts that each step trained on.',
    curves: [['mean', (row) => row.mean, 'c1'], ['90th percentile', (row) => row.high, 'c2']] },
  { title: 'Staleness', caption: 'Trainer version minus the version that sampled a token.',
    curves: [['mean', metric('staleness_mean'), 'c1'], ['oldest token', metric('staleness_max'), 'c2']] },
  { title: 'Loss', caption: 'Policy loss of each step.', curves: [['loss', metric('loss'), 'c5']] },
  { title: 'Entropy', caption: 'Mean entropy of the policy over the response tokens, in nats.',
    curves: [['entropy', metric('entropy'), 'c3']] },
  { title: 'Sampler against trainer', caption: 'KL divergence between the policy that sampled and the one that is trained.',
    curves: [['divergence', metric('kl_sampler_trainer'), 'c6']] },
  { title: 'Learning rate', caption: 'Of each step of the policy.', curves: [['learning rate', metric('learning_rate'), 'c4']] },
];

/** Seconds of each phase of a step; the phases follow from the rows. */
export function phaseNames(steps) {
  return [...new Set(steps.flatMap((row) => Object.keys(row.phases ?? {})))].sort();
}

export function columns(rows, x, curves) {
  return [rows.map(x), ...curves.map(([, value]) => rows.map((row) => value(row) ?? null))];
}

/** Minutes since the first interval, as the report counts them. */
export function minutes(rows) {
  const origin = rows.intervals.length ? Math.min(...rows.intervals.slice(0, 50).map((row) => row.started)) : rows.steps[0]?.started ?? 0;
  return (milliseconds) => (milliseconds - origin) / 60000;
}

export function intervalColumns(rows, values) {
  const minute = minutes(rows);
  const sorted = [...rows.intervals].sort((a, b) => a.finished - b.finished);
  return [sorted.map((row) => minute(row.finished)), ...values.map((value) => sorted.map((row) => value(row) ?? null))];
}

/** The settings that emitted most tokens, plain decoding left out. */
export function mostUsedSettings(drafting, most) {
  const tokens = new Map();
  for (const row of drafting) tokens.set(setting(row), (tokens.get(setting(row)) ?? 0) + row.tokens);
  return [...tokens].sort((a, b) => b[1] - a[1]).slice(0, most).map(([name]) => name).sort();
}

/** Tokens per sequence step, of each setting, over the minutes of the run. */
export function acceptanceLengths(rows, names) {
  const minute = minutes(rows);
  const times = [...new Set(rows.drafting.map((row) => row.finished))].sort((a, b) => a - b);
  const at = new Map(times.map((time, i) => [time, i]));
  const sums = names.map(() => times.map(() => [0, 0]));
  for (const row of rows.drafting) {
    const curve = names.indexOf(setting(row));
    if (curve < 0) continue;
    const sum = sums[curve][at.get(row.finished)];
    sum[0] += row.tokens;
    sum[1] += row.sequence_steps;
  }
  return [times.map(minute), ...sums.map((curve) => curve.map(([tokens, steps]) => (steps < FEWEST_STEPS ? null : tokens / steps)))];
}

/** The score that decides, of each data set and mode, by the training steps done before; pass@1 of one that lacks it. */
export function evaluationCurves(rows) {
  const deciding = rows.find((row) => row.deciding_metric)?.deciding_metric ?? 'pass@1';
  const metricOf = (row) => (row.metrics[deciding] === undefined ? 'pass@1' : deciding);
  const name = (row) => `${row.data_set}, ${row.mode.toLowerCase()}: ${metricOf(row)}`;
  return pivot(rows, name, (row) => row.step, (row) => row.metrics[metricOf(row)] ?? null);
}

/** A curve for each key of the rows, over x. */
export function pivot(rows, key, x, y) {
  const names = [...new Set(rows.map(key))].sort();
  const at = [...new Set(rows.map(x))].sort((a, b) => a - b);
  const value = new Map(rows.map((row) => [`${key(row)} ${x(row)}`, y(row)]));
  return { names, data: [at, ...names.map((name) => at.map((each) => value.get(`${name} ${each}`) ?? null))] };
}

export const series = (names) => names.map((name, i) => ({ name, colour: `c${(i % COLOURS) + 1}` }));
