// Draws each <figure data-chart="id"> from the JSON of that id (training/views/charts.py), and again
// when the theme changes.

import { EPOCHS, axis, color, onThemeChange } from "../operations/plot.js";

const HEIGHT = 280;

const number = (value) => (value == null ? "–" : value.toPrecision(4));

const COLOURS = 5;
const STROKES = [[], [10, 4], [4, 4], [12, 3, 2, 3]]; // as training.css draws the swatches

function options(chart, width) {
  const isTime = chart.axis === "time";
  const when = (value) => (isTime ? new Date(value * 1000).toISOString().slice(0, 10) : `${value} epochs`);
  return {
    width, height: HEIGHT,
    scales: { x: { time: isTime } },
    axes: [axis(isTime ? {} : { incrs: EPOCHS }), axis({ size: 64 })],
    cursor: { drag: { x: true, y: false } },
    series: [
      { label: isTime ? "Day" : "Epoch", value: (_, value) => (value == null ? "–" : when(value)) },
      ...chart.series.map((series) => ({
        label: series.label,
        stroke: color(`--chart-${(series.place - 1) % COLOURS + 1}`), width: 1.6, spanGaps: true,
        dash: STROKES[Math.floor((series.place - 1) / COLOURS)],
        points: { show: chart.x.length < 3 }, value: (_, value) => number(value),
      })),
    ],
  };
}

function draw(figure) {
  const chart = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  if (!chart.x.length) {
    figure.textContent = "No epoch has been trained yet.";
    return;
  }
  figure.replaceChildren();
  const plot = new uPlot(
    options(chart, figure.clientWidth), [chart.x, ...chart.series.map((series) => series.values)], figure,
  );
  figure.plot = plot;
}

const figures = () => [...document.querySelectorAll("[data-chart]")];
const resized = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    target.plot?.setSize({ width: contentRect.width, height: HEIGHT });
  }
});

/** Those that are new on the page: what came of an operation comes with its end. */
function drawNew() {
  for (const figure of figures().filter((each) => !each.plot)) {
    draw(figure);
    resized.observe(figure);
  }
}

drawNew();
document.addEventListener("htmx:afterSettle", drawNew);
onThemeChange(() => figures().forEach(draw));
