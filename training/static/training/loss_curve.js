// The loss curve of an operation across all of its attempts. It is read whole once, then grows by
// what is new; what it holds is bounded, because the server thins a long history.

import { EPOCHS, axis, color, onThemeChange } from "../operations/plot.js";
import { writeMetric } from "../operations/words.js";

const APPEND_MS = 2_000;
const WHOLE_MS = 2_000; // when something has happened
const AGAIN_MS = 15_000; // with what a client that was too slow to hear of it has missed
const THINNED_MS = 10_000; // a thinned curve is read whole each time
const MOST_POINTS = 1_000; // beyond it the server thins
const FEW_POINTS = 60; // below it each has a dot
const HEIGHT = 300;

const place = document.getElementById("chart");
const controls = document.querySelector("[data-chart-controls]");
const isLog = controls.querySelector("[data-chart-log]");
const smoothing = controls.querySelector("[data-chart-smoothing]");

const MARKERS = {
  cancel: { glyph: "■", color: "--cancelled" },
  kill: { glyph: "✖", color: "--failed" },
  failure: { glyph: "✖", color: "--failed" },
  shutdown: { glyph: "◆", color: "--pending" },
  resume: { glyph: "▶", color: "--running" },
};

let curve;
let plot;

// -- Reading

/** Rejects where there is no answer to draw: nobody there, or an error. */
async function read(after) {
  const query = after === undefined ? "" : `?after=${after}`;
  const answer = await fetch(place.dataset.url + query, { headers: { Accept: "application/json" } });
  if (answer.redirected) return; // to the sign-in
  if (!answer.ok) throw new Error(`the curve was answered ${answer.status}`);
  const told = await answer.json();
  if (after === undefined) curve = told;
  else append(told);
  draw();
}

function append(told) {
  for (const column of ["epochs", "train_loss", "val_loss", "replayed", "mismatched"]) {
    told[column] = [...curve[column], ...told[column]];
  }
  curve = { ...curve, ...told };
}

// One read at a time: an answer that is late is neither overtaken nor appended twice.
let reading;
let due;
let readAt = 0;
let wholeAt = 0;
let shownEvent = Number(document.getElementById("header").dataset.event);

async function readNow({ whole }) {
  readAt = performance.now();
  if (whole) wholeAt = readAt;
  try {
    await read(whole ? undefined : curve.epochs.at(-1));
  } catch {
    readSoon(true);
  }
}

function readSoon(isEvent) {
  const isLong = curve?.is_thinned || curve?.epochs.length > MOST_POINTS;
  const whole = isEvent || !curve || isLong;
  const every = isEvent || !curve ? WHOLE_MS : isLong ? THINNED_MS : APPEND_MS;
  const at = Math.max(readAt + every, performance.now());
  if (due) {
    due.whole ||= whole;
    if (at >= due.at) return;
    clearTimeout(due.timer);
  }
  due = { at, whole: due?.whole || whole };
  due.timer = setTimeout(readDue, at - performance.now());
}

async function readDue() {
  await reading;
  const now = due;
  due = undefined;
  if (now && !document.hidden) reading = readNow(now);
}

document.addEventListener("operationtold", ({ detail }) => {
  const isNew = detail.last_event !== shownEvent;
  shownEvent = detail.last_event;
  const isEvent = isNew && (!detail.is_routine || performance.now() > wholeAt + AGAIN_MS);
  const isAhead = detail.progress.epoch + 1 > (curve?.epochs.at(-1) ?? 0);
  if (isNew || isAhead) readSoon(isEvent);
});
document.addEventListener("reloadtold", () => readSoon(true)); // what happened before is not told
document.addEventListener("visibilitychange", () => document.hidden || readSoon(true));

// -- Drawing

/** Exponential moving average, weighted as if it had begun long ago. */
function smoothed(values, weight) {
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + value;
    weights = weight * weights + 1;
    return sum / weights;
  });
}

function columns() {
  const weight = Number(smoothing.value);
  return [curve.epochs, smoothed(curve.train_loss, weight), smoothed(curve.val_loss, weight)];
}

function draw() {
  tellLegend();
  const wanted = isLog.checked ? 3 : 1;
  if (plot && plot.scales.y.distr === wanted) return plot.setData(columns());
  plot?.destroy();
  place.replaceChildren();
  if (!curve.epochs.length) {
    plot = undefined;
    place.textContent = "The curve begins with the first completed epoch.";
    return;
  }
  plot = new uPlot(options(wanted), columns(), place);
}

function options(distr) {
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [18, 24, 0, 0], // to the right for half of the last number
    scales: { x: { time: false, range: xRange }, y: { distr } },
    axes: [
      axis({ incrs: EPOCHS }),
      axis({ size: 56, values: (_, ticks) => ticks.map((tick) => tick && Number(tick.toPrecision(4))) }),
    ],
    series: [
      { label: "Epochs done", value: (_, value) => value ?? "—" },
      series("Training loss", color("--chart-2"), [6, 4]),
      series("Validation loss", color("--chart-1")),
    ],
    cursor: { drag: { x: true, y: false } },
    hooks: { draw: [drawMarks] },
  };
}

function series(label, stroke, dash) {
  const value = (_, number) => (number === null ? "—" : writeMetric(number));
  const points = { show: () => curve.epochs.length < FEW_POINTS, size: 4 };
  return { label, stroke, dash, width: 1.75, value, points };
}

function xRange(_, low, high) {
  const all = [low, high, ...curve.markers.map((marker) => marker.at)];
  const first = Math.min(...all);
  const last = Math.max(...all);
  return first === last ? [first - 1, last + 1] : [first, last];
}

function drawMarks(u) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left - 6 * ratio, 0, width + 12 * ratio, top + height + 1);
  ctx.clip();
  ctx.textAlign = "center";
  ctx.font = `${11 * ratio}px sans-serif`;
  const x = (at) => u.valToPos(at, "x", true);
  const y = (value) => u.valToPos(value, "y", true);

  ctx.fillStyle = color("--ink-soft");
  for (const at of curve.checkpoints) ctx.fillRect(x(at), top + height - 6 * ratio, ratio, 6 * ratio);

  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  for (const marker of curve.markers) {
    const { glyph, color: name } = MARKERS[marker.kind];
    ctx.strokeStyle = ctx.fillStyle = color(name);
    ctx.beginPath();
    ctx.moveTo(x(marker.at), top);
    ctx.lineTo(x(marker.at), top + height);
    ctx.stroke();
    ctx.fillText(glyph, x(marker.at), top - (marker.kind === "resume" ? 2 : 9) * ratio);
  }
  ctx.setLineDash([]);

  const wrong = new Set(curve.mismatched);
  const again = new Set(curve.replayed);
  ctx.lineWidth = 1.25 * ratio;
  u.data[0].forEach((epoch, index) => {
    if (!again.has(epoch) || u.data[2][index] === null) return;
    ctx.strokeStyle = color(wrong.has(epoch) ? "--failed" : "--completed");
    circle(ctx, x(epoch), y(u.data[2][index]), 3.5 * ratio);
  });

  const best = u.data[0].indexOf(curve.best);
  if (best >= 0 && u.data[2][best] !== null) {
    ctx.strokeStyle = color("--ink");
    ctx.lineWidth = 2 * ratio;
    circle(ctx, x(curve.best), y(u.data[2][best]), 5.5 * ratio);
  }
  ctx.restore();
}

function circle(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.stroke();
}

function tellLegend() {
  const kinds = new Set(curve.markers.map((marker) => marker.kind));
  const words = [...kinds].map((kind) => `${MARKERS[kind].glyph} ${kind}`);
  if (curve.checkpoints.length) words.push("❘ checkpoint");
  if (curve.best !== null) words.push(`◯ ${curve.best_words}`);
  if (curve.replayed.length) {
    words.push(`○ trained again${curve.mismatched.length ? ", DIFFERENT" : ", verified"}`);
  }
  if (curve.is_thinned) words.push("some epochs left out");
  const legend = document.querySelector("[data-chart-legend]");
  legend.textContent = words.join("   ");
  legend.hidden = !words.length;
  const marks = curve.markers.map((marker) => `${marker.words}, at ${marker.at}`);
  place.setAttribute("aria-label", ["The loss of each epoch", ...marks].join("; "));
}

function redraw() {
  plot?.destroy();
  plot = undefined;
  if (curve) draw();
}

isLog.addEventListener("change", redraw);
smoothing.addEventListener("input", () => curve && draw());
onThemeChange(redraw);
new ResizeObserver(() => {
  if (plot && plot.width !== place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT });
}).observe(place);

reading = readNow({ whole: true });
