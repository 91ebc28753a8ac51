import { h } from '/page/dom.js';
import { whole } from '/page/format.js';

/** By origin and what drafted: the name, and the class that gives colour and line. */
const KINDS = {
  'PLAIN NONE': ['plain: no draft', 'o-plain'],
  'DRAFTED SUFFIX': ['accepted draft: suffix', 'o-suffix'],
  'DRAFTED EAGLE3_CHAIN': ['accepted draft: EAGLE-3 chain', 'o-chain'],
  'DRAFTED EAGLE3_TREE': ['accepted draft: EAGLE-3 tree', 'o-tree'],
  'DRAFTED MODEL': ['accepted draft: smaller model', 'o-model'],
};
const OWN = { PLAIN: ['plain: no draft', 'o-plain'], RECOVERED: ['recovered after a rejected draft', 'o-recovered'],
  BONUS: ['bonus after an accepted draft', 'o-bonus'], DRAFTED: ['accepted draft: another drafter', 'o-other'] };
const UNKNOWN = ['not recorded', 'o-unknown'];
const ORDER = ['o-plain', 'o-suffix', 'o-chain', 'o-tree', 'o-model', 'o-other', 'o-recovered', 'o-bonus', 'o-unknown'];

const kind = (origin, draftedBy) => KINDS[`${origin} ${draftedBy}`] ?? OWN[origin] ?? UNKNOWN;

export const originName = (row) => kind(row.origin, row.drafted_by)[0];
export const originClass = (row) => kind(row.origin, row.drafted_by)[1];

/** The span of each token; null where the worker did not record them, or they do not cover the response. */
export function spanOfTokens(rollout) {
  const spans = rollout.origin_spans ?? [];
  const of = [];
  let first = 0;
  for (const span of spans) {
    const shown = { ...span, first, name: originName(span), class: originClass(span) };
    for (let i = 0; i < span.token_count; i++) of.push(shown);
    first += span.token_count;
  }
  return of.length === rollout.response_tokens.length && of.length > 0 ? of : null;
}

/** Rows {origin, drafted_by, tokens} as one row a name, in the order of the legend: {name, class, tokens, share}. */
export function sumByName(rows) {
  const sums = new Map();
  let all = 0;
  for (const row of rows) {
    const known = sums.get(originName(row)) ?? { name: originName(row), class: originClass(row), tokens: 0 };
    known.tokens += row.tokens;
    sums.set(known.name, known);
    all += row.tokens;
  }
  return [...sums.values()].map((row) => ({ ...row, share: row.tokens / all }))
    .sort((a, b) => ORDER.indexOf(a.class) - ORDER.indexOf(b.class));
}

export const sample = (row) => h('span', { class: `sample ${row.class}`, 'aria-hidden': 'true' });

export const percent = (share) => (share === null || share === undefined ? '–' : `${(100 * share).toFixed(1)} %`);

/** What the colours mean, with how many tokens came each way. */
export function legend(rows) {
  return h('ul', { class: 'legend', 'aria-label': 'Tokens of the response by origin' }, sumByName(rows).map((row) =>
    h('li', {}, sample(row), ` ${row.name}: ${whole(row.tokens)} (${percent(row.share)})`)));
}
