// How numbers are written, as the templates write them.

export function writeDuration(seconds, { whole = false } = {}) {
  const s = Math.max(seconds, 0);
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  if (s < 10 && !whole) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two((s / 60) % 60)} min`;
  return `${Math.floor(s / 86400)} d ${two((s / 3600) % 24)} h`;
}

/** Of what is counted from 0: the 5th is 4. */
export function writeOrdinal(index) {
  const number = index + 1;
  const isTeen = [11, 12, 13].includes(number % 100);
  const ending = (!isTeen && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th";
  return number.toLocaleString("en") + ending;
}

export function writeMetric(value) {
  return value.toPrecision(4);
}
