import uPlot from '/charts/uPlot.esm.js';
import { h, fill } from '/page/dom.js';
import { number } from '/page/format.js';

const HEIGHT = 220;
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]]; // so that colour is not all that tells curves apart
const charts = new Set();
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => charts.forEach((chart) => chart.rebuild()));

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Mean over a centred window; what is missing is passed over. */
function smoothed(values, window) {
  if (window < 2) return values;
  const half = Math.floor(window / 2);
  return values.map((value, i) => {
    if (value === null || value === undefined) return null;
    let sum = 0;
    let count = 0;
    for (let j = Math.max(0, i - half); j <= Math.min(values.length - 1, i + half); j++) {
      if (values[j] !== null && values[j] !== undefined) {
        sum += values[j];
        count++;
      }
    }
    return sum / count;
  });
}

/** Indices of the points without a neighbour to draw a line to. */
function lonePoints(values) {
  const missing = (i) => values[i] === null || values[i] === undefined;
  return [...values.keys()].filter((i) => !missing(i) && missing(i - 1) && missing(i + 1));
}

/**
 * Curves over one axis, with values on hover, zoom by dragging or keys, a logarithmic axis and a table of the values.
 * options: title, caption, xLabel, series [{name, colour}], group (charts that share the cursor), open(x) where a click
 * on a point leads.
 */
export class Chart {
  constructor(options) {
    this.options = options;
    this.data = [[], ...options.series.map(() => [])];
    this.window = 1;
    this.logarithmic = false;
    this.plotHost = h('div', {
      class: 'plot',
      tabindex: '0',
      role: 'img',
      'aria-label': `${options.title}: chart. Left and right arrows move over the points, plus and minus zoom,`
        + ` Escape shows all${options.open ? ', Enter opens its rollouts' : ''}.`,
      keydown: (event) => this.#key(event),
    });
    this.live = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
    const log = h('input', {
      type: 'checkbox',
      change: (event) => {
        this.logarithmic = event.target.checked;
        this.rebuild();
      },
    });
    this.values = h('details', { class: 'values', toggle: () => this.#showTable() }, h('summary', {}, 'Values'));
    this.element = h('figure', { class: 'chart' },
      h('figcaption', {}, h('h3', {}, options.title), h('p', {}, options.caption ?? '')),
      this.plotHost, this.live,
      h('div', { class: 'chart-options' }, h('label', {}, log, ' log scale'),
        h('button', { type: 'button', click: () => this.#reset() }, 'Show all'), this.values));
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.plotHost);
    charts.add(this);
  }

  set(data) {
    if (data[0].length === this.data[0].length && data[0].length > 0
      && data.every((values, i) => Object.is(values.at(-1), this.data[i].at(-1)))) return;
    this.data = data;
    this.#draw();
  }

  smooth(window) {
    this.window = window;
    this.rebuild();
  }

  #shown() {
    const [x, ...all] = this.data;
    const positive = (values) => this.logarithmic ? values.map((value) => (value > 0 ? value : null)) : values;
    return [x, ...all.map((values) => smoothed(positive(values), this.window)), ...all.map(positive)];
  }

  #draw() {
    if (this.data[0].length === 0) {
      this.element.classList.add('empty');
      return;
    }
    this.element.classList.remove('empty');
    if (this.plot) {
      const zoomed = this.zoomed;
      this.plot.setData(this.#shown(), !zoomed);
      if (zoomed) this.plot.setScale('x', zoomed);
    } else {
      this.rebuild();
    }
    if (this.values.open) this.#showTable();
  }

  rebuild() {
    this.plot?.destroy();
    this.plot = null;
    if (this.data[0].length === 0 || this.plotHost.clientWidth === 0) return;
    this.plot = new uPlot(this.#uplotOptions(), this.#shown(), this.plotHost);
    this.plot.over.addEventListener('click', () => this.#open());
    this.plot.over.addEventListener('dblclick', () => { this.zoomed = null; });
  }

  #uplotOptions() {
    const axis = { stroke: colour('text-2'), grid: { stroke: colour('grid'), width: 1 }, ticks: { stroke: colour('grid') } };
    const legend = (self, value) => number(value, 4);
    const shown = this.options.series.map((each, i) => ({
      dash: DASHES[i % DASHES.length],
      label: each.name, stroke: colour(each.colour), width: 2, value: legend,
      points: { show: false, filter: (self, curve) => lonePoints(self.data[curve]) },
      spanGaps: false,
    }));
    const raw = this.options.series.map((each) => ({
      label: `${each.name}, each`, stroke: colour(each.colour), show: this.window > 1, alpha: 0.35, width: 1,
      points: { show: false }, class: 'raw', value: legend,
    }));
    return {
      width: this.plotHost.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false }, y: this.logarithmic ? { distr: 3 } : { range: this.options.range } },
      cursor: { sync: this.options.group ? { key: this.options.group } : undefined, drag: { x: true, y: false } },
      series: [{ label: this.options.xLabel, value: (self, value) => number(value, 2) }, ...shown, ...raw],
      axes: [
        { ...axis, label: this.options.xLabel, labelSize: 18, size: 36, font: '12px system-ui', labelFont: '12px system-ui' },
        { ...axis, size: 60, font: '12px system-ui', values: (self, ticks) => ticks.map((tick) => this.#tick(tick)) },
      ],
      hooks: {
        setSelect: [(self) => {
          if (self.select.width > 0) {
            this.dragged = performance.now();
            this.zoomed = {
              min: self.posToVal(self.select.left, 'x'),
              max: self.posToVal(self.select.left + self.select.width, 'x'),
            };
          }
        }],
      },
    };
  }

  #tick(value) {
    if (value === null) return '';
    const size = Math.abs(value);
    if (size >= 1e5 || (size > 0 && size < 1e-3)) return (+value.toPrecision(3)).toExponential();
    return `${+value.toPrecision(4)}`;
  }

  #resize() {
    if (!this.plot) this.#draw();
    else if (this.plotHost.clientWidth !== this.plot.width) this.plot.setSize({ width: this.plotHost.clientWidth, height: HEIGHT });
  }

  #reset() {
    this.zoomed = null;
    this.plot?.setData(this.#shown(), true);
  }

  #open() {
    if (!this.options.open || performance.now() - (this.dragged ?? -1000) < 300) return;
    const at = this.plot.cursor.idx;
    if (at !== null && at !== undefined) this.options.open(this.data[0][at]);
  }

  #key(event) {
    if (!this.plot) return;
    const x = this.data[0];
    const at = this.plot.cursor.idx ?? x.length;
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key in moves) {
      const next = Math.max(0, Math.min(x.length - 1, at + moves[event.key]));
      this.#point(next);
    } else if (event.key === '+' || event.key === '-') {
      this.#zoomAt(x[Math.min(at, x.length - 1)], event.key === '+' ? 0.5 : 2);
    } else if (event.key === 'Escape') {
      this.#reset();
    } else if (event.key === 'Enter' && this.options.open) {
      this.options.open(x[Math.min(at, x.length - 1)]);
    } else {
      return;
    }
    event.preventDefault();
  }

  #point(index) {
    this.plot.setCursor({ left: this.plot.valToPos(this.data[0][index], 'x'), top: this.plot.over.clientHeight / 2 });
    this.live.textContent = `${this.options.xLabel} ${number(this.data[0][index], 2)}: ` + this.options.series
      .map((each, i) => `${each.name} ${number(this.data[i + 1][index], 4)}`).join(', ');
  }

  #zoomAt(centre, factor) {
    const { min, max } = this.plot.scales.x;
    const all = this.data[0];
    const half = (max - min) * factor / 2;
    this.zoomed = { min: Math.max(all[0], centre - half), max: Math.min(all.at(-1), centre + half) };
    this.plot.setScale('x', this.zoomed);
  }

  #showTable() {
    this.values.querySelector('table')?.remove();
    if (!this.values.open) return;
    const names = [this.options.xLabel, ...this.options.series.map((each) => each.name)];
    this.values.append(h('table', {}, h('thead', {}, h('tr', {}, names.map((name) => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, this.data[0].map((x, i) => h('tr', {}, this.data.map((values) => h('td', { class: 'numeric' }, number(values[i], 4))))))));
  }

  remove() {
    this.observer.disconnect();
    this.plot?.destroy();
    charts.delete(this);
  }
}

/** Smoothing of several charts at once. */
export function smoothingControl(list) {
  const output = h('output', {}, 'none');
  const input = h('input', {
    type: 'range', min: '1', max: '51', step: '2', value: '1', 'aria-label': 'Smoothing in points',
    input: (event) => {
      const window = Number(event.target.value);
      output.textContent = window < 2 ? 'none' : `mean of ${window}`;
      list.forEach((chart) => chart.smooth(window));
    },
  });
  return h('label', { class: 'smoothing' }, 'Smoothing ', input, output);
}
