// Keeps an open page current. A message of the stream patches what it says; when more has happened
// than it can say, the fragment that shows it is fetched anew. Nothing is kept that could grow.

import { announce } from "./dashboard.js";
import "./stream.js";
import {
  writeDone,
  writeDuration,
  writeGrouped,
  writeMetric,
  writePercent,
  writeTheEpoch,
} from "./words.js";

// Between two fetches of one fragment; the first one after a while comes at once.
const TURN_MS = 900; // when something happened to its operation
const SHARED_MS = 5_000; // what is above the rows of all
const CURVE_MS = 15_000; // when only numbers moved, or a checkpoint was saved
const TRIES = 2; // to reach the site, before it is said to be away
const POLL_MS = 15_000; // without a stream, when the server has refused one

// -- Fetching a fragment: soon, but not too often; and one at a time, since the answer replaces the
// element, and with it what waits there to be asked next.

const fetches = new Map(); // by element id: when the last one was, and the one that is due

function refresh(element, everyMs, caused = {}) {
  if (element.closest("details:not([open])")) return; // nobody sees it
  const id = element.id;
  const { last = 0, due = Infinity, timer } = fetches.get(id) ?? {};
  const at = Math.max(performance.now(), last + everyMs);
  if (at >= due) return;
  clearTimeout(timer);
  const fetch = () => {
    fetches.set(id, { last: performance.now() });
    const current = document.getElementById(id);
    if (!current) return fetches.delete(id);
    if (current.matches(".htmx-request")) return refresh(current, TURN_MS, caused);
    if (caused.byReload) current.dataset.reloading = "";
    htmx.trigger(current, "changed");
  };
  fetches.set(id, { last, due: at, timer: setTimeout(fetch, at - performance.now()) });
}

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  event.preventDefault(); // a message is data, never markup
  const element = event.target;
  const { type, data } = event.detail;
  if (type === "database") return tellOfDatabase(JSON.parse(data));
  if (type === "reload") {
    document.dispatchEvent(new CustomEvent("reloadtold"));
    return refresh(element, TURN_MS, { byReload: true });
  }
  if (!type.startsWith("operation-")) return refresh(element, SHARED_MS);
  const told = JSON.parse(data);
  if (element.matches(".htmx-request")) element.dataset.overtaken = "";
  if ("name" in element.dataset) patch(element, told);
  document.dispatchEvent(new CustomEvent("operationtold", { detail: told }));
  if (String(told.last_event) !== element.dataset.event) {
    refresh(element, told.is_routine ? CURVE_MS : TURN_MS);
  } else if ("live" in element.dataset) refresh(element, CURVE_MS);
});

function tellOfDatabase({ is_away: isAway }) {
  document.getElementById("away").hidden = !isAway;
}

// Refused, as the 21st stream of a user is: the page asks by itself until it is let in.
let polling;

function poll() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[sse-swap*=reload], [sse-swap*=operations]")) {
    refresh(element, TURN_MS, { byReload: true });
  }
}

document.addEventListener("htmx:sseError", ({ detail: { source } }) => {
  if (source.readyState === EventSource.CLOSED) polling ??= setInterval(poll, POLL_MS);
  missed ??= new Date();
  if (++tries >= TRIES) lookForSite();
});
document.addEventListener("htmx:sseOpen", () => {
  clearInterval(polling);
  polling = undefined;
  tellOfSite({ isAway: false });
});

// -- Whether there is a site at all: it is said after two tries in vain, and since when.

let missed;
let tries = 0;

/** A refused stream is no absence: whoever answers at all is there. */
async function lookForSite() {
  const { probe } = document.getElementById("offline").dataset;
  const answer = await fetch(probe, { method: "HEAD" }).catch(() => undefined);
  if (tries) tellOfSite({ isAway: !answer || answer.status >= 500 });
}

function tellOfSite({ isAway }) {
  const offline = document.getElementById("offline");
  if (isAway && offline.hidden) {
    offline.querySelector("time").textContent = missed.toTimeString().slice(0, 8);
    offline.querySelector("time").dateTime = missed.toISOString();
  }
  offline.hidden = !isAway;
  if (!isAway) [missed, tries] = [undefined, 0];
}

// What was there already is not swapped: a reader may be in the middle of it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  if (!("reloading" in target.dataset)) return;
  delete target.dataset.reloading;
  const version = `data-version="${target.dataset.version}"`;
  if (event.detail.serverResponse.includes(version)) event.detail.shouldSwap = false;
});

// What was read before a message came, and comes after it, would hide what that has said.
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (!("overtaken" in target.dataset)) return;
  delete target.dataset.overtaken;
  refresh(target, TURN_MS);
});

// What was unfolded stays so, and a change of status is told.
let before = {};
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const unfolded = [...target.querySelectorAll("details[open][id]")].map(({ id }) => id);
  before = { id: target.id, status: target.dataset.status, unfolded };
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of before.unfolded ?? []) document.getElementById(id)?.setAttribute("open", "");
  const now = document.getElementById(before.id);
  if (before.status && now && now.dataset.status !== before.status) announceStatus(now);
  before = {};
});

function announceStatus(element) {
  announce(`${element.dataset.name}: ${element.dataset.status}`);
}

// What is folded is not fetched, until it is unfolded.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.open) return;
    for (const element of target.querySelectorAll("[id][hx-trigger^=changed]")) refresh(element, 0);
  },
  true,
);

// -- What a message says by itself. A type of operation has keys of its own in its progress: their
// places name the key, and how its value is written.

const WRITTEN = {
  grouped: writeGrouped,
  metric: writeMetric,
  epoch: writeTheEpoch,
  done: writeDone,
};

function patch(element, told) {
  tellOfBeat(element);
  const { progress } = told;
  const set = (key, words) => {
    for (const place of element.querySelectorAll(`[data-live="${key}"]`)) place.textContent = words;
  };
  for (const meter of element.querySelectorAll('progress[data-live="percent"]')) {
    meter.value = progress.percent ?? 0;
  }
  set("percent-words", writePercent(progress.percent));
  set("phase", told.phase ?? "");
  for (const place of element.querySelectorAll("[data-live-as]")) {
    place.textContent = WRITTEN[place.dataset.liveAs](progress[place.dataset.live]);
  }
  const remains = told.phase && progress.eta_seconds;
  set("eta", remains ? `${writeDuration(progress.eta_seconds)} left` : "");
  for (const time of element.querySelectorAll('[data-live="heartbeat"] time')) {
    time.dateTime = told.heartbeat_at;
  }
  if (told.status !== element.dataset.status) {
    element.dataset.status = told.status;
    announceStatus(element);
  }
}

// -- Times that go on.

function tick() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-ago], time[data-since]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const words = writeDuration(seconds, { whole: true });
    const written = "ago" in time.dataset ? `${words} ago` : words;
    if (time.textContent !== written) time.textContent = written;
  }
}
setInterval(tick, 1000);

// A worker that is alive beats every few seconds, and each beat is told: when two are missed, that
// is said. No clock but this page's own is asked.
let beatAt = performance.now();

function tellOfSilence() {
  if (polling || !document.getElementById("offline").hidden) return; // no beat is told
  for (const silence of document.querySelectorAll("[data-silent-after][hidden]")) {
    if (performance.now() - beatAt < 1000 * Number(silence.dataset.silentAfter)) continue;
    const beat = silence.parentElement.querySelector('[data-live="heartbeat"] time');
    silence.querySelector("time").dateTime = beat.dateTime;
    silence.parentElement.querySelector('[data-live="eta"]').textContent = "";
    silence.hidden = false;
  }
}

function tellOfBeat(element) {
  beatAt = performance.now();
  for (const silence of element.querySelectorAll("[data-silent-after]")) silence.hidden = true;
}

setInterval(tellOfSilence, 1000);
document.addEventListener("visibilitychange", () => (beatAt = performance.now()));
