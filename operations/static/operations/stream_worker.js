// One stream for all tabs of a user: a browser has six connections to one host, and each tab with
// one of its own would take one of them. A SharedWorker; its pages speak to it by stream.js.

const RELOAD = "reload"; // the first message of a stream: from then on nothing is missed

const tabs = new Map(); // what each listens to, by its port
let source;
let databaseTold; // whether it is away is told when that changes, and to a tab that comes later

onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => ACTS[data.act](port, data);
};

const ACTS = {
  open(port, { url }) {
    tabs.set(port, new Set());
    if (!source || source.readyState === EventSource.CLOSED) connect(url);
    port.postMessage({ is: source.readyState });
  },
  listen(port, { type }) {
    tabs.get(port)?.add(type);
    if (!source.heard.has(type)) hear(type);
    if (source.readyState !== EventSource.OPEN) return;
    if (type === RELOAD) port.postMessage({ type, data: "{}" });
    if (type === "database" && databaseTold) port.postMessage({ type, data: databaseTold });
  },
  leave(port) {
    tabs.delete(port);
    if (!tabs.size) source?.close();
  },
};

function connect(url) {
  source = new EventSource(url);
  source.heard = new Set();
  databaseTold = undefined;
  source.onopen = source.onerror = ({ target }) => tellAll({ is: target.readyState });
  for (const type of new Set([...tabs.values()].flatMap((types) => [...types]))) hear(type);
}

function hear(type) {
  source.heard.add(type);
  source.addEventListener(type, ({ data }) => {
    if (type === "database") databaseTold = data;
    tellAll({ type, data });
  });
}

function tellAll(told) {
  for (const [port, types] of tabs) if (!told.type || types.has(told.type)) port.postMessage(told);
}
