// Equity over drawdown, one time axis: what is pointed at or zoomed in one is in the other, too.

import { axis, color } from "../operations/plot.js";

const HEIGHTS = { equity: 260, drawdown: 130 };
const SIZE = 60; // of the value axes, so that the two stand below each other

const day = (time) => (time == null ? "–" : new Date(time * 1000).toISOString().slice(0, 16).replace("T00:00", "").replace("T", " "));
const times = (value) => (value == null ? "–" : value.toFixed(3));
const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(1)} %`);

/** The two plots' scales of time follow each other. */
function follow(plots) {
  return (plot) => {
    const { min, max } = plot.scales.x;
    for (const other of plots) {
      if (other !== plot && (other.scales.x.min !== min || other.scales.x.max !== max)) {
        other.setScale("x", { min, max });
      }
    }
  };
}

function options(figure, name, series, plots, more = {}) {
  const where = figure.querySelector(".drawn");
  return {
    width: where.clientWidth, height: HEIGHTS[name],
    cursor: { drag: { x: true, y: false }, sync: { key: "account" } },
    series: [{ label: "Period", value: (_, value) => day(value) }, ...series],
    hooks: { setScale: [(plot, key) => key === "x" && follow(plots)(plot)] },
    ...more,
  };
}

const chosen = (figure, name) => figure.querySelector(`[name=${name}]`).checked;

export function draw(figure, data) {
  const where = figure.querySelector(".drawn");
  const plots = [];
  const isLogarithmic = chosen(figure, "logarithmic");
  const line = (label, colour, more = {}) => ({
    label, stroke: color(colour), width: 1.6, points: { show: false }, value: (_, value) => times(value), ...more,
  });
  where.classList.add("chart");
  where.replaceChildren();
  plots.push(new uPlot(options(figure, "equity", [
    line("Model", "--chart-1"), line("Buy and hold", "--line-strong", { show: chosen(figure, "held") }),
  ], plots, {
    scales: { y: isLogarithmic ? { distr: 3, range: (_, low, high) => [low * 0.97, high * 1.03] } : {} }, axes: [axis(), axis({ size: SIZE })],
  }), [data.times, isLogarithmic ? positive(data.equity) : data.equity,
    isLogarithmic ? positive(data.buy_and_hold) : data.buy_and_hold], where));
  plots.push(new uPlot(options(figure, "drawdown", [
    line("Drawdown", "--chart-2", {
      fill: faint(color("--chart-2")), value: (_, value) => percent(value), fillTo: 0,
    }),
  ], plots, {
    axes: [axis(), axis({ size: SIZE, values: (_, values) => values.map(percent) })],
  }), [data.times, data.drawdown.map((value) => (value == null ? null : -value))], where));
  figure.plots = plots;
  listen(figure, data, where);
}

/** A logarithm has no place for what is gone. */
const positive = (values) => values.map((value) => (value > 0 ? value : null));

/** The same colour, to be seen through. */
const faint = (css) => css.replace(/^rgb\((.*)\)$/, "rgba($1, 0.15)");

function listen(figure, data, where) {
  if (figure.listens) return;
  figure.listens = true;
  figure.querySelector(".picture-options").addEventListener("change", () => draw(figure, data));
  new ResizeObserver(([{ contentRect }]) => {
    for (const [place, name] of Object.keys(HEIGHTS).entries()) {
      figure.plots[place].setSize({ width: contentRect.width, height: HEIGHTS[name] });
    }
  }).observe(where);
}
