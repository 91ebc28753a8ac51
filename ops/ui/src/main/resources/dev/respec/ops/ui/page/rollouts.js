import { fill, h, table } from '/page/dom.js';
import { number, whole } from '/page/format.js';
import { ask } from '/page/stream.js';

const WAIT_MILLISECONDS = 250;
const FIELDS = [
  { name: 'purpose', label: 'Purpose', options: [['', 'training'], ['evaluation', 'evaluation']] },
  { name: 'prompt', label: 'Prompt contains', type: 'search' }, { name: 'response', label: 'Response contains', type: 'search' },
  { name: 'step', label: 'Training step', type: 'number' }, { name: 'version', label: 'Policy version', type: 'number' },
  { name: 'drafter', label: 'Drafter version', type: 'number' },
  { name: 'drafted_by', label: 'Has tokens drafted by', options: [['', 'anything or nothing'], ['SUFFIX', 'suffix'], ['EAGLE3_CHAIN', 'EAGLE-3 chain'], ['EAGLE3_TREE', 'EAGLE-3 tree'], ['MODEL', 'smaller model'], ['OTHER', 'another drafter']] },
  { name: 'reward_min', label: 'Reward from', type: 'number' }, { name: 'reward_max', label: 'Reward to', type: 'number' },
  { name: 'length_min', label: 'Tokens from', type: 'number' }, { name: 'length_max', label: 'Tokens to', type: 'number' },
  { name: 'finish', label: 'Finished by', options: [['', 'any'], ['STOP', 'stop token'], ['LENGTH', 'length (truncated)'], ['CANCELLED', 'cancelled']] },
  { name: 'order', label: 'Order', options: [['', 'newest first'], ['oldest', 'oldest first'], ['best', 'highest reward'], ['worst', 'lowest reward'], ['longest', 'longest'], ['shortest', 'shortest']] },
];

/** Rollouts of a run by what they are, a page at a time. */
export function rolloutsView(content, { run, parameters }) {
  const result = h('section', { 'aria-live': 'polite' });
  const form = h('form', { class: 'filter', role: 'search', 'aria-label': 'Filter of rollouts',
    submit: (event) => event.preventDefault(), input: () => changed(), reset: () => setTimeout(changed) },
  FIELDS.map((field) => h('label', {}, field.label, control(field, parameters.get(field.name) ?? ''))),
  h('button', { type: 'reset' }, 'Clear'));
  fill(content, h('h1', {}, 'Rollouts'), form, result);
  let page = Number(parameters.get('page') ?? 0);
  let timer = 0;
  let asking = new AbortController();

  const asked = () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
    if (page > 0) query.set('page', String(page));
    return query;
  };
  function changed() {
    page = 0;
    clearTimeout(timer);
    timer = setTimeout(show, WAIT_MILLISECONDS);
  }
  async function show() {
    asking.abort();
    asking = new AbortController();
    const query = asked();
    history.replaceState(null, '', `#/rollouts/${run}${query.size ? `?${query}` : ''}`);
    try {
      const found = await ask(`/api/runs/${run}/rollouts?${query}`, asking.signal);
      fill(result, summary(found, query, run), rolloutTable(found.rows, run), pages(found, (next) => { page = next; show(); }));
    } catch (error) {
      if (error.name !== 'AbortError') fill(result, h('p', { class: 'failed', role: 'alert' }, error.message));
    }
  }
  fill(result, h('p', {}, 'Reading …'));
  show();
  return () => { clearTimeout(timer); asking.abort(); };
}

function control(field, value) {
  if (field.options) {
    return h('select', { name: field.name }, field.options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));
  }
  return h('input', { name: field.name, type: field.type, value, step: field.type === 'number' ? 'any' : null, autocomplete: 'off' });
}

function summary(found, query, run) {
  const exported = new URLSearchParams(query);
  exported.delete('page');
  return h('p', { class: 'found' }, found.total === 0 ? 'No rollout is like that.'
    : `${whole(found.total)} rollouts, ${found.page * found.size + 1} to ${found.page * found.size + found.rows.length} `,
  found.total === 0 ? null : h('a', { href: `/api/runs/${run}/rollouts?${query}`, download: 'rollouts.json' }, 'Save this page as JSON'));
}

function rolloutTable(rows, run) {
  if (rows.length === 0) return null;
  return table('Rollouts', [
    { name: 'rollout', value: (row) => h('a', { href: `#/rollout/${run}?id=${encodeURIComponent(row.rollout_id)}` }, row.rollout_id.split('/').slice(-2).join('/')) },
    { name: 'reward', numeric: true, value: (row) => number(row.reward) },
    { name: 'advantage', numeric: true, value: (row) => number(row.advantage, 2) },
    { name: 'tokens', numeric: true, value: (row) => whole(row.response_length) },
    { name: 'finish', value: (row) => row.finish_reason.toLowerCase() },
    { name: 'version', numeric: true, value: (row) => whole(row.version) },
    { name: 'prompt', value: (row) => h('span', { class: 'text' }, row.prompt) },
    { name: 'response', value: (row) => h('span', { class: 'text' }, row.response) }], rows);
}

function pages(found, go) {
  const last = Math.max(0, Math.ceil(found.total / found.size) - 1);
  if (last === 0) return null;
  return h('nav', { class: 'pages', 'aria-label': 'Pages' },
    h('button', { type: 'button', disabled: found.page === 0, click: () => go(found.page - 1) }, 'Previous'),
    h('span', {}, `page ${found.page + 1} of ${last + 1}`),
    h('button', { type: 'button', disabled: found.page >= last, click: () => go(found.page + 1) }, 'Next'));
}
