/** Follows one run: keeps every row that the server has sent, and tells its listeners. One connection per run. */
export class RunStream {
  static #feeds = ['steps', 'lengths', 'rounds', 'intervals', 'drafting', 'settings', 'evaluations'];

  constructor(number) {
    this.number = number;
    this.rows = {};
    this.state = null;
    this.status = 'connecting';
    this.#reset();
    this.listeners = new Set();
    this.source = new EventSource(`/api/runs/${number}/events`);
    for (const feed of RunStream.#feeds) {
      this.source.addEventListener(feed, (event) => {
        for (const row of JSON.parse(event.data)) this.rows[feed].push(row);
      });
    }
    this.source.addEventListener('reset', () => this.#reset());
    this.source.addEventListener('state', (event) => {
      this.state = JSON.parse(event.data);
      this.#tell('live');
    });
    this.source.addEventListener('closed', () => {
      this.source.close();
      this.#tell('closed');
    });
    this.source.addEventListener('error', () =>
      this.#tell(this.source.readyState === EventSource.CLOSED ? 'closed' : 'lost'));
  }

  #reset() {
    for (const feed of RunStream.#feeds) this.rows[feed] = [];
  }

  #tell(status) {
    this.status = status;
    for (const listener of this.listeners) listener(this);
  }

  listen(listener) {
    this.listeners.add(listener);
    if (this.state) listener(this);
    return () => this.listeners.delete(listener);
  }

  close() {
    this.source.close();
  }
}

/** Asks the server; waits while the run is being read. */
export async function ask(path, signal) {
  for (;;) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Error(await response.text());
    if (response.status !== 202) return response.json();
    const state = await response.json();
    if (state.error) throw new Error(state.error);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
