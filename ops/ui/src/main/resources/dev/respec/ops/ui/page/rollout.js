import { fill, h, table } from '/page/dom.js';
import { number, whole } from '/page/format.js';
import { legend, originName, spanOfTokens } from '/page/origins.js';
import { ask } from '/page/stream.js';

/** One rollout: its tokens with what is known of each, and its group. */
export function rolloutView(content, { run, parameters }) {
  const asking = new AbortController();
  const id = parameters.get('id') ?? '';
  fill(content, h('p', {}, 'Reading …'));
  ask(`/api/runs/${run}/rollout?id=${encodeURIComponent(id)}`, asking.signal)
    .then((rollout) => show(content, rollout, run))
    .catch((error) => { if (error.name !== 'AbortError') fill(content, h('p', { class: 'failed', role: 'alert' }, error.message)); });
  return () => asking.abort();
}

function show(content, rollout, run) {
  const evaluates = rollout.purpose === 'EVALUATION';
  const step = new URLSearchParams({ ...(evaluates ? { purpose: 'evaluation' } : {}), step: rollout.step });
  const copy = h('button', { type: 'button', click: () => copyText(copy, JSON.stringify(rollout, null, 2)) }, 'Copy as JSON');
  fill(content,
    h('p', {}, h('a', { href: `#/rollouts/${run}${evaluates ? '?purpose=evaluation' : ''}` }, evaluates ? '‹ all rollouts of evaluations' : '‹ all rollouts'),
      hasStep(rollout) ? [' · ', h('a', { href: `#/rollouts/${run}?${step}` }, `rollouts of ${evaluates ? 'the evaluation after ' : ''}step ${rollout.step}`)] : null),
    h('h1', {}, 'Rollout ', h('small', {}, rollout.rollout_id)), facts(rollout), copy,
    h('h2', {}, 'Prompt'), h('pre', { class: 'prompt' }, rollout.prompt),
    h('h2', {}, 'Response'), tokens(rollout),
    h('h2', {}, 'Group'), group(rollout, run));
}

/** An evaluation has one of 0: the policy that the run started with. */
const hasStep = (rollout) => rollout.step !== undefined;

async function copyText(button, text) {
  await navigator.clipboard.writeText(text);
  button.textContent = 'Copied';
}

function facts(rollout) {
  const drafted = rollout.drafted_tokens ? `${whole(rollout.accepted_draft_tokens)} of ${whole(rollout.drafted_tokens)}` : 'none';
  const parts = Object.entries(rollout.reward_parts ?? {}).map(([name, value]) => `${name} ${number(value)}`).join(', ');
  const all = [
    ['Reward', number(rollout.reward), parts], ['Advantage', number(rollout.advantage, 2)],
    ['Answer', rollout.answer], ['Tokens', whole(rollout.response_length), `after ${whole(rollout.prompt_length)} of the prompt`],
    ['Finished by', rollout.finish_reason.toLowerCase()], ['Drafts accepted', drafted],
    ['Acceptance length', number(rollout.acceptance_length, 2)], ['Verify steps', whole(rollout.verify_steps)],
    ['Decoding', `${number(rollout.decode_milliseconds / 1000, 2)} s`, `on ${rollout.worker_id}`],
    rollout.purpose === 'EVALUATION' ? ['Evaluates', hasStep(rollout) ? `the policy after step ${rollout.step}` : 'the policy']
      : ['Trained in', hasStep(rollout) ? `step ${rollout.step}` : 'no step'],
  ];
  return h('div', {}, rollout.reward_error ? h('p', { class: 'failed' }, `Reward failed: ${rollout.reward_error}`) : null,
    h('dl', { class: 'tiles' }, all.map(([name, value, more]) =>
      h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value, more ? h('small', {}, ` ${more}`) : null)))));
}

/** Each token is a cell, shown by its origin or its probability; a label begins each policy version. */
function tokens(rollout) {
  const told = h('p', { class: 'token-facts', role: 'status' }, 'Point at a token, or move with the arrow keys, to see its origin and log-probability.');
  const spans = rollout.policy_spans ?? [];
  const origins = spanOfTokens(rollout);
  const versionAt = (i) => spans.find((span) => i >= span.first_token && i < span.first_token + span.token_count)?.policy_version;
  const tell = (cell) => {
    const i = Number(cell.dataset.token);
    const logProbability = rollout.log_probabilities?.[i];
    told.textContent = `Token ${i + 1}, id ${rollout.response_tokens[i]}: ${origins ? `${origins[i].name}, ` : ''}`
      + `log-probability ${number(logProbability, 4)} (probability ${number(Math.exp(logProbability), 4)}), policy version ${versionAt(i) ?? '–'}`;
    cell.title = told.textContent;
  };
  const cells = rollout.response_tokens.map((token, i) => {
    const begins = spans.length > 1 && spans.some((span) => span.first_token === i);
    return [begins ? h('span', { class: 'version' }, `v${versionAt(i)}`) : null,
      h('span', { class: `token ${origins ? origins[i].class : 'o-unknown'} p${shade(rollout.log_probabilities?.[i])}`, 'data-token': String(i) },
        shown(rollout.pieces[i], token))];
  });
  const text = h('div', { class: `tokens by-${origins ? 'origin' : 'probability'}`, tabindex: '0', role: 'group', 'aria-label': 'Tokens of the response',
    mouseover: (event) => { if (event.target.dataset.token) tell(event.target); },
    keydown: (event) => move(event, text, tell) }, cells);
  const colours = h('select', { change: (event) => {
    text.classList.toggle('by-origin', event.target.value === 'origin');
    text.classList.toggle('by-probability', event.target.value !== 'origin');
  } }, h('option', { value: 'origin', selected: Boolean(origins), disabled: !origins }, 'origin'),
  h('option', { value: 'probability', selected: !origins }, 'probability'));
  return [h('p', { class: 'hint' }, `Policy version ${spans.map((span) => `${span.policy_version} (${whole(span.token_count)} tokens)`).join(', then ')}. `
    + 'By probability, coloured tokens had one below 0.9, red ones below 0.05.'),
  h('p', {}, h('label', {}, 'Colours show ', colours)),
  origins ? legend(rollout.origin_spans.map((span) => ({ ...span, tokens: span.token_count })))
    : h('p', { class: 'hint' }, 'The worker or the scorer of this rollout did not record which tokens were drafted.'),
  text, told, origins ? spanList(rollout) : null];
}

/** The same for those who cannot see colours and lines: the response in pieces, each with its origin. */
function spanList(rollout) {
  const list = h('details', { class: 'spans', toggle: () => {
    if (!list.open || list.querySelector('table')) return;
    let first = 0;
    const rows = rollout.origin_spans.map((span) => {
      const row = { ...span, first };
      first += span.token_count;
      return row;
    });
    list.append(table('Response by origin', [
      { name: 'tokens', numeric: true, value: (row) => (row.token_count === 1 ? `${row.first + 1}` : `${row.first + 1}–${row.first + row.token_count}`) },
      { name: 'origin', value: originName },
      { name: 'text', value: (row) => h('span', { class: 'text' }, rollout.response_tokens.slice(row.first, row.first + row.token_count)
        .map((token, i) => shown(rollout.pieces[row.first + i], token)).join('')) }], rows));
  } }, h('summary', {}, 'Response by origin, as a table'));
  return list;
}

function move(event, text, tell) {
  const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  if (!(event.key in moves)) return;
  event.preventDefault();
  const all = [...text.querySelectorAll('.token')];
  const at = all.findIndex((cell) => cell.classList.contains('current'));
  all[at]?.classList.remove('current');
  const next = all[Math.max(0, Math.min(all.length - 1, at + moves[event.key]))];
  if (!next) return;
  next.classList.add('current');
  next.scrollIntoView({ block: 'nearest' });
  tell(next);
}

function shade(logProbability) {
  const probability = Math.exp(logProbability ?? 0);
  return [0.9, 0.5, 0.2, 0.05].findIndex((bound) => probability >= bound) >= 0
    ? [0.9, 0.5, 0.2, 0.05].findIndex((bound) => probability >= bound) : 4;
}

function shown(piece, token) {
  if (piece === null || piece === undefined) return ` ${token} `;
  return piece === '' ? `⟨${token}⟩` : piece.replaceAll('\n', '↵\n');
}

function group(rollout, run) {
  return table(`The ${rollout.group.length} rollouts of ${rollout.request_id}`, [
    { name: 'sample', numeric: true, value: (row) => (row.rollout_id === rollout.rollout_id ? `${row.sample_index} (this one)`
      : h('a', { href: `#/rollout/${run}?id=${encodeURIComponent(row.rollout_id)}` }, String(row.sample_index))) },
    { name: 'reward', numeric: true, value: (row) => number(row.reward) },
    { name: 'advantage', numeric: true, value: (row) => number(row.advantage, 2) },
    { name: 'tokens', numeric: true, value: (row) => whole(row.response_length) },
    { name: 'finish', value: (row) => row.finish_reason.toLowerCase() },
    { name: 'response', value: (row) => h('span', { class: 'text' }, row.response) }], rollout.group,
  (row) => ({ class: row.rollout_id === rollout.rollout_id ? 'this' : null }));
}
