// The connection of a page to the stream: shared with the user's other tabs where the browser can,
// given back while nobody sees the page.

const HIDDEN_MS = 5_000; // a tab nobody sees gives its connection back after this

/** As much of an EventSource as a page needs, by the worker that all tabs of the user share. */
class SharedSource extends EventTarget {
  readyState = EventSource.CONNECTING;
  constructor(url) {
    super();
    const worker = new URL("stream_worker.js", import.meta.url);
    this.port = new SharedWorker(worker, { name: `stream of ${document.body.dataset.user}` }).port;
    this.port.onmessage = ({ data }) => this.take(data);
    this.port.postMessage({ act: "open", url: new URL(url, location).href });
  }
  addEventListener(type, listener) {
    super.addEventListener(type, listener);
    this.port.postMessage({ act: "listen", type });
  }
  take({ is, type, data }) {
    if (type) return this.dispatchEvent(new MessageEvent(type, { data }));
    if (this.readyState === EventSource.CLOSED) return; // left
    this.readyState = is;
    if (is === EventSource.OPEN) this.onopen?.();
    else if (this.isAnswered) this.onerror?.(new Event("error"));
    this.isAnswered = true; // at first it is only told where the stream stands
  }
  close() {
    this.readyState = EventSource.CLOSED;
    this.port.postMessage({ act: "leave" });
    this.port.close();
  }
}

const Source = "SharedWorker" in window ? SharedSource : EventSource;

class PausableSource {
  constructor(url) {
    this.url = url;
    this.listeners = [];
    if (!document.hidden) this.resume();
  }
  addEventListener(type, listener) {
    this.listeners.push([type, listener]);
    this.source?.addEventListener(type, listener);
  }
  removeEventListener(type, listener) {
    this.listeners = this.listeners.filter(([t, l]) => t !== type || l !== listener);
    this.source?.removeEventListener(type, listener);
  }
  resume() {
    this.source = new Source(this.url);
    this.source.onopen = () => this.onopen?.();
    this.source.onerror = (event) => this.onerror?.(event);
    for (const [type, listener] of this.listeners) this.source.addEventListener(type, listener);
  }
  close() {
    this.source?.close();
  }
  get readyState() {
    return this.source?.readyState ?? EventSource.CLOSED;
  }
}

let connection;
let hiding;

htmx.createEventSource = (url) => {
  connection?.close();
  return (connection = new PausableSource(url));
};

document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(() => connection?.close(), HIDDEN_MS);
  else if (connection?.readyState === EventSource.CLOSED) connection.resume();
});
addEventListener("pagehide", () => connection?.close());
addEventListener("pageshow", (event) => event.persisted && connection?.resume());
