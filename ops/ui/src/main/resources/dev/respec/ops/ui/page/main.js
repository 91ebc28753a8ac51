import { h, fill } from '/page/dom.js';
import { RunStream, ask } from '/page/stream.js';
import { runView } from '/page/run.js';
import { rolloutsView } from '/page/rollouts.js';
import { rolloutView } from '/page/rollout.js';
import { speculationView } from '/page/speculation.js';
import { compareView } from '/page/compare.js';

const VIEWS = {
  run: { name: 'Run', show: runView },
  rollouts: { name: 'Rollouts', show: rolloutsView },
  rollout: { show: rolloutView, under: 'rollouts' },
  speculation: { name: 'Speculation', show: speculationView },
  compare: { name: 'Compare', show: compareView },
};
const STATUS = {
  connecting: 'connecting …',
  lost: 'connection lost, trying again …',
  closed: 'The page is not served any more. See the run with: respec ui',
};

const content = document.getElementById('content');
const connection = document.getElementById('connection');
const runChoice = document.getElementById('run');
let runs = [];
let stream = null;
let leave = () => {};

/** #/VIEW/RUN?PARAMETERS */
function place() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view, number] = path.split('/');
  return {
    view: view in VIEWS ? view : 'run',
    run: Math.min(runs.length - 1, Number.parseInt(number, 10) || 0),
    parameters: new URLSearchParams(query),
  };
}

function follow(number) {
  if (stream?.number === number) return;
  stream?.close();
  stream = new RunStream(number);
  stream.listen(showConnection);
}

function showConnection() {
  const state = stream.state;
  const text = stream.status === 'live' ? state?.error ?? state?.notice ?? (state?.going_on ? 'live' : 'not running') : STATUS[stream.status];
  const failed = stream.status === 'closed' || Boolean(state?.error);
  if (connection.textContent !== text) connection.textContent = text;
  connection.className = failed ? 'failed' : state?.going_on && stream.status === 'live' ? 'going-on' : '';
}

function show() {
  if (location.hash === '#content') return;
  const { view, run, parameters } = place();
  follow(run);
  runChoice.value = String(run);
  const current = VIEWS[view].under ?? view;
  fill(document.getElementById('views'), Object.entries(VIEWS).filter(([, each]) => each.name).map(([key, each]) =>
    h('li', {}, h('a', { href: `#/${key}/${run}`, 'aria-current': key === current ? 'page' : null }, each.name))));
  document.title = `${VIEWS[current].name} ${runs[run]?.run ?? ''} – respec`;
  leave();
  content.replaceChildren();
  leave = VIEWS[view].show(content, { stream, run, runs, parameters }) ?? (() => {});
}

async function start() {
  connection.textContent = STATUS.connecting;
  try {
    runs = await ask('/api/runs');
  } catch (error) {
    connection.textContent = error.message;
    return;
  }
  fill(runChoice, runs.map((each) => h('option', { value: each.number }, each.run ? `${each.run}, ${each.folder}` : each.folder)));
  runChoice.addEventListener('change', () => { location.hash = `#/${place().view === 'rollout' ? 'rollouts' : place().view}/${runChoice.value}`; });
  addEventListener('hashchange', show);
  show();
}

start();
