// The price with what was done on it: one candle beside the other, so that no weekend is a hole.
// Whole, it is a line; where each bar has a candle of its own, candles. Dragging asks the server for
// that part, at its full resolution; a click looks into a bar.

import { axis, color } from "../operations/plot.js";

const HEIGHT = 340;
const STRIP = 8; // pixels: how high the positions are, below the price
const MARK = 6; // pixels
const CANDLES_FROM = 4; // pixels between two bars: nearer ones are drawn as a line
const CLICK = 4; // pixels that a click may move
const DAY = 86400; // seconds
const PARTS = { train: "--chart-1", validation: "--chart-3", test: "--chart-5" };
const SIDES = { 1: "--chart-4", [-1]: "--chart-2" };
const DECISIONS = { buy: "--chart-4", sell: "--chart-2", hold: "--line-strong" };

const text = (time) => new Date(time * 1000).toISOString().replace(".000Z", "Z");
const shown = (time) => (time == null ? "–" : text(time).replace("T00:00:00Z", "").replace("T", " ").replace(":00Z", ""));
const number = (value) => (value == null ? "–" : Number(value.toPrecision(7)).toLocaleString("en"));

/** The row of the candle that a time is in; beyond both ends the nearest. */
function rowOf(times, time) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle] <= time) low = middle; else high = middle - 1;
  }
  return low;
}

function faint(css, share) {
  return css.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);
}

/** What is behind the price: the parts, and their names. */
function drawParts(plot, data, colors) {
  const { ctx, bbox } = plot;
  const { times } = data.candles;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  for (const [name, first, last] of data.parts) {
    if (last < times[0] || first > times.at(-1)) continue;
    const from = plot.valToPos(rowOf(times, first) - 0.5, "x", true);
    const to = plot.valToPos(rowOf(times, last) + 0.5, "x", true);
    ctx.fillStyle = faint(colors[name], 0.12);
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    ctx.fillStyle = colors.ink;
    if (to - from > 60 * devicePixelRatio) {
      ctx.fillText(name, Math.max(from, bbox.left) + 4 * devicePixelRatio, bbox.top + 3 * devicePixelRatio);
    }
  }
}

function drawCandles(plot, data, colors) {
  const { open, high, low, close } = data.candles;
  const step = plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true);
  const { ctx } = plot;
  const at = (value) => Math.round(plot.valToPos(value, "y", true));
  if (step < CANDLES_FROM * devicePixelRatio) {
    ctx.beginPath();
    close.forEach((value, row) => ctx.lineTo(plot.valToPos(row, "x", true), at(value)));
    ctx.strokeStyle = colors.ink;
    ctx.lineWidth = 1.4 * devicePixelRatio;
    ctx.stroke();
    return;
  }
  const breadth = Math.min(0.7 * step, 24 * devicePixelRatio);
  close.forEach((value, row) => {
    const x = plot.valToPos(row, "x", true);
    ctx.fillStyle = value >= open[row] ? colors.up : colors.down;
    ctx.fillRect(Math.round(x) - 0.5, at(high[row]), 1, Math.max(1, at(low[row]) - at(high[row])));
    const [top, bottom] = [at(Math.max(open[row], value)), at(Math.min(open[row], value))];
    ctx.fillRect(x - breadth / 2, top, breadth, Math.max(1, bottom - top));
  });
}

/** Below the price: the positions, and on single bars the decisions. */
function drawStrips(plot, data, colors) {
  const { ctx, bbox } = plot;
  const { times } = data.candles;
  const height = STRIP * devicePixelRatio;
  const bottom = bbox.top + bbox.height;
  for (const trade of data.trades) {
    const from = plot.valToPos(rowOf(times, trade.entry_time), "x", true);
    const to = plot.valToPos(rowOf(times, trade.exit_time), "x", true);
    ctx.fillStyle = colors[trade.side];
    ctx.fillRect(from, bottom - height, Math.max(1, to - from), height);
  }
  data.decisions.forEach((decision, row) => {
    if (!decision) return;
    ctx.fillStyle = colors[decision];
    const half = decision === "hold" ? 1 : 2;
    ctx.fillRect(plot.valToPos(row, "x", true) - half, bottom - 2.2 * height, 2 * half, height);
  });
}

function drawTrades(plot, data, colors) {
  const { ctx } = plot;
  const { times } = data.candles;
  const mark = MARK * devicePixelRatio;
  ctx.lineWidth = 1.6 * devicePixelRatio;
  for (const trade of data.trades) {
    ctx.fillStyle = ctx.strokeStyle = colors[trade.side];
    if (trade.entry_time >= times[0]) {
      const [x, y] = [plot.valToPos(rowOf(times, trade.entry_time), "x", true), plot.valToPos(trade.entry_price, "y", true)];
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(x + mark * 0.8, y + trade.side * mark * 1.5);
      ctx.lineTo(x - mark * 0.8, y + trade.side * mark * 1.5);
      ctx.fill();
    }
    if (trade.exit_time <= times.at(-1)) {
      ctx.beginPath();
      ctx.arc(
        plot.valToPos(rowOf(times, trade.exit_time), "x", true), plot.valToPos(trade.exit_price, "y", true),
        mark * 0.6, 0, 2 * Math.PI,
      );
      ctx.stroke();
    }
  }
}

function drawAll(plot, data, colors) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  drawParts(plot, data, colors);
  drawCandles(plot, data, colors);
  drawStrips(plot, data, colors);
  drawTrades(plot, data, colors);
  ctx.restore();
}

/** Prices keep clear of the strips below them, and of the parts' names above. */
function range(_, low, high) {
  const space = high - low || Math.abs(high) || 1;
  return [low - space * 0.12, high + space * 0.08];
}

function options(figure, data, where) {
  const { candles } = data;
  const colors = { ink: color("--ink-soft"), up: color("--chart-4"), down: color("--failed") };
  for (const names of [PARTS, SIDES, DECISIONS]) {
    for (const [name, property] of Object.entries(names)) colors[name] = color(property);
  }
  const series = (label) => ({ label, paths: () => null, points: { show: false }, value: (_, value) => number(value) });
  return {
    width: where.clientWidth, height: HEIGHT,
    scales: { x: { time: false, range: (_, low, high) => [low - 0.7, high + 0.7] }, y: { range } },
    axes: [
      axis({ values: (_, rows) => rows.map((row) => (Number.isInteger(row) && row in candles.times ? shown(candles.times[row]) : "")), space: 90 }),
      axis({ size: 64 }),
    ],
    cursor: { drag: { x: true, y: false, setScale: false, dist: CLICK } },
    series: [
      { label: "Bar", value: (_, row) => (row == null ? "–" : shown(candles.times[row])) },
      series("Open"), series("High"), series("Low"), series("Close"),
      { ...series("Decision"), scale: "none", value: (_, __, ___, row) => data.decisions[row] || "–" },
    ],
    hooks: {
      draw: [(plot) => drawAll(plot, data, colors)],
      setSelect: [(plot) => zoom(figure, data, plot)],
    },
  };
}

/** The part that was dragged over, to the ends of its last candle. */
function zoom(figure, data, plot) {
  if (plot.select.width <= CLICK) return;
  const { times } = data.candles;
  const [first, last] = [plot.select.left, plot.select.left + plot.select.width].map((x) =>
    Math.min(Math.max(Math.round(plot.posToVal(x, "x")), 0), times.length - 1));
  const end = last + 1 < times.length ? times[last + 1] - 1 : data.last;
  const isDaily = times.every((time) => time % DAY === 0);
  const [from, to] = [times[first], end].map((time) => (isDaily ? text(time).slice(0, 10) : text(time)));
  ask(figure, data, { from, to });
}

function ask(figure, data, asked) {
  const address = figure.querySelector("form.picture-options").action;
  const query = new URLSearchParams({ symbol: data.symbol, ...asked });
  htmx.ajax("GET", `${address}?${query}`, { target: `#${figure.id}`, swap: "outerHTML" });
}

function lookInto(figure, data, time) {
  const form = figure.querySelector("#price-bar form");
  const query = new URLSearchParams({ symbol: data.symbol, at: text(time) });
  htmx.ajax("GET", `${form.action}?${query}`, { target: "#price-bar", swap: "outerHTML" });
}

export function draw(figure, data) {
  const where = figure.querySelector(".drawn");
  if (!data.candles.times.length) return;
  where.classList.add("chart", "pannable");
  where.replaceChildren();
  const { times, open, high, low, close } = data.candles;
  const plot = new uPlot(
    options(figure, data, where), [times.map((_, row) => row), open, high, low, close, times.map(() => null)], where,
  );
  figure.plot = plot;
  plot.over.addEventListener("click", (event) => {
    const row = Math.round(plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x"));
    if (row in times) lookInto(figure, data, times[row]);
  });
  if (figure.listens) return;
  figure.listens = true;
  new ResizeObserver(([{ contentRect }]) => {
    figure.plot.setSize({ width: contentRect.width, height: HEIGHT });
  }).observe(where);
}
