// Draws <figure data-candles> from the JSON of "candles" (training/market_data/looking/candles.py):
// one candle beside the other, so that no weekend is a hole; the volume below; gaps as dashed lines.

import { axis, color, onThemeChange } from "../operations/plot.js";

const HEIGHT = 320;
const VOLUME_SHARE = 0.2; // of the height

const figure = document.querySelector("[data-candles]");
const drawn = figure && JSON.parse(document.getElementById("candles").textContent);

const DAY = 86400;
const isDaily = drawn && drawn.times.every((time) => time % DAY === 0);
const when = (row) => {
  const time = drawn.times[row];
  if (time === undefined) return "";
  const text = new Date(time * 1000).toISOString();
  return isDaily ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
};
const number = (value) => (value == null ? "–" : `${value}`);
const quantity = (value) => value?.toLocaleString("en", { maximumFractionDigits: 8 }) ?? "–";

function width(plot) {
  return Math.max(1, Math.min(0.7 * (plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true)), 24));
}

function drawVolume(plot, x, breadth, row) {
  const most = plot.most ??= Math.max(...drawn.volume, 1e-300);
  const height = (drawn.volume[row] / most) * VOLUME_SHARE * plot.bbox.height;
  plot.ctx.fillStyle = plot.colors.line;
  plot.ctx.fillRect(x - breadth / 2, plot.bbox.top + plot.bbox.height - height, breadth, height);
}

function drawCandle(plot, x, breadth, row) {
  const at = (value) => Math.round(plot.valToPos(value, "y", true));
  const [open, close] = [at(drawn.open[row]), at(drawn.close[row])];
  const high = at(drawn.high[row]);
  plot.ctx.fillStyle = drawn.close[row] >= drawn.open[row] ? plot.colors.up : plot.colors.down;
  plot.ctx.fillRect(Math.round(x) - 0.5, high, 1, Math.max(1, at(drawn.low[row]) - high));
  plot.ctx.fillRect(x - breadth / 2, Math.min(open, close), breadth, Math.max(1, Math.abs(open - close)));
}

function drawGap(plot, row) {
  const x = Math.round(plot.valToPos(row - 0.5, "x", true)) + 0.5;
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, plot.bbox.top);
  plot.ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
  plot.ctx.stroke();
}

function drawAll(plot) {
  const { ctx, bbox } = plot;
  const breadth = width(plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  drawn.times.forEach((_, row) => {
    const x = plot.valToPos(row, "x", true);
    drawVolume(plot, x, breadth, row);
    drawCandle(plot, x, breadth, row);
  });
  ctx.strokeStyle = plot.colors.gap;
  ctx.setLineDash([4, 4]);
  drawn.gaps.forEach((row) => drawGap(plot, row));
  ctx.restore();
}

/** Prices keep clear of the volume below them. */
function range(_, low, high) {
  const space = high - low || Math.abs(high) || 1;
  return [low - space * VOLUME_SHARE * 1.3, high + space * 0.05];
}

const series = (label, more = {}) => ({
  label, paths: () => null, points: { show: false }, value: (_, value) => number(value), ...more,
});

function options() {
  return {
    width: figure.clientWidth, height: HEIGHT,
    scales: { x: { time: false, range: (_, low, high) => [low - 0.7, high + 0.7] }, y: { range } },
    axes: [
      axis({ values: (_, rows) => rows.map((row) => (Number.isInteger(row) ? when(row) : "")), space: 90 }),
      axis({ size: 64 }),
    ],
    cursor: { drag: { x: true, y: false } },
    series: [
      { label: "Bar", value: (_, row) => (row == null ? "–" : when(row)) },
      series("Open"), series("High"), series("Low"), series("Close"),
      series("Volume", { scale: "volume", value: (_, value) => quantity(value) }),
    ],
    hooks: { draw: [drawAll] },
  };
}

function draw() {
  figure.replaceChildren();
  const rows = drawn.times.map((_, row) => row);
  const columns = [drawn.open, drawn.high, drawn.low, drawn.close, drawn.volume];
  const colors = {
    up: color("--chart-4"), down: color("--failed"), line: color("--line"), gap: color("--ink-soft"),
  };
  const made = options();
  made.hooks.init = [(plot) => { plot.colors = colors; }];
  figure.plot = new uPlot(made, [rows, ...columns], figure);
}

if (figure) {
  draw();
  onThemeChange(draw);
  new ResizeObserver(([{ contentRect }]) => {
    figure.plot.setSize({ width: contentRect.width, height: HEIGHT });
  }).observe(figure);
}
