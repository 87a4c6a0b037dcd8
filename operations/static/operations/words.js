// How numbers are written: as the templates write them (`operations/reading/words.py`), so that an
// open page and its reload say the same.

const NOTHING = "—"; // where there is no value

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
  if (index == null) return NOTHING;
  const number = index + 1;
  const isTeen = [11, 12, 13].includes(number % 100);
  const ending = (!isTeen && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th";
  return number.toLocaleString("en") + ending;
}

export function writeTheEpoch(index) {
  return index == null ? "" : `the ${writeOrdinal(index)} epoch`;
}

/** Four significant digits; what is very small or large by its power of ten. */
export function writeMetric(value) {
  if (value == null) return NOTHING;
  const [digits, power] = value.toExponential(3).split("e");
  if (power >= -6 && power < 4) return value.toFixed(3 - power);
  return `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

export function writeGrouped(value) {
  if (value == null) return NOTHING;
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

/** Whole percents that are done. */
export function writePercent(value) {
  return `${Math.floor(value ?? 0)} %`;
}

/** How many are done, where the last one counts from 0. */
export function writeDone(last) {
  return writeGrouped(last == null ? 0 : last + 1);
}
