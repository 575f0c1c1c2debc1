// Python for a page: starts the worker at the first run, ends it where a run does not end, and says what went on in sentences.
const base = new URL("./", import.meta.url);

export class Python {
  /** @param {{ say: (sentence: string, share?: number) => void, blocked: (why: string) => void }} page */
  constructor(page) {
    this.page = page;
    this.waiting = null;
    this.count = 0;
  }

  #start() {
    if (this.worker) return;
    this.loaded = {};
    this.ready = false;
    this.page.say("Python is starting …", 0);
    try {
      this.worker = new Worker(new URL("worker.js", base), { type: "module" });
    } catch (error) {
      this.#fail(String(error));
      return;
    }
    const worker = this.worker;
    worker.onmessage = ({ data }) => { if (worker === this.worker) this.#hear(data); };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.worker && !this.ready) this.#fail(event.message ?? "");
    };
  }

  #fail(why) {
    this.#end();
    this.page.blocked(why);
    this.#finish({ sentence: "Python could not be started here." });
  }

  #end() {
    this.worker?.terminate();
    this.worker = null;
    this.ready = false;
    clearTimeout(this.limit);
  }

  #finish(answer) {
    clearTimeout(this.limit);
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.resolve(answer);
  }

  #hear(data) {
    if (data.loaded) {
      const size = this.sizes?.[data.loaded];
      if (size) this.loaded[data.loaded] = data.whole ? size : Math.min(size, (this.loaded[data.loaded] ?? 0) + data.bytes);
      const all = Object.values(this.sizes ?? {}).reduce((a, b) => a + b, 0);
      const here = Object.values(this.loaded).reduce((a, b) => a + b, 0);
      if (!this.ready && all) this.page.say(here < all ? "Loading Python, once for all visits …" : "Starting Python …", 0.9 * here / all);
    } else if (data.ready) {
      this.ready = true;
      this.version = data.version;
      this.page.say(`${data.version}, ready after ${data.ready.toFixed(1)} s.`, 1);
      this.#watch();
    } else if (data.broken) {
      if (!this.ready) this.#fail(data.broken);
    } else if (data.id !== this.count) {
      // An answer to a run that was stopped.
    } else if (data.now) {
      this.now = data.now;
    } else if (data.died) {
      this.#end();
      this.#finish({ sentence: "Python itself has ended. What you typed is kept; the next run starts it anew." });
    } else if (data.result) {
      this.#finish(data.result);
    }
  }

  // The clock of a run starts when Python is ready.
  #watch() {
    clearTimeout(this.limit);
    if (!this.waiting || !this.ready) return;
    const { seconds } = this.waiting;
    this.limit = setTimeout(() => this.stop(`Stopped after ${seconds} seconds, in ${this.now ?? "a cell"}: is there a loop that does not end?`), seconds * 1000);
  }

  /** Runs cells and checks; resolves with the runner's result, or with { sentence } where there is none. */
  run(request, seconds, sizes) {
    this.sizes = sizes;
    this.now = null;
    const id = ++this.count;
    return new Promise((resolve) => {
      this.waiting = { resolve, seconds };
      this.#start();
      this.worker?.postMessage({ id, request });
      this.#watch();
    });
  }

  /** Ends what runs. Python has to start again afterwards, from the browser's own copies. */
  stop(sentence = "Stopped.") {
    this.#end();
    this.#finish({ sentence: `${sentence} What you typed is kept; the next run starts Python anew.` });
  }
}
