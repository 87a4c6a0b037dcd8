// What may stand where in a strategy, by its JSON schema (docs/strategy.schema.json).

import { syntaxTree } from "./vendor/codemirror/codemirror.min.js";

let asked;
export const schema = () => (asked ??= fetch(new URL("./strategy.schema.json", import.meta.url)).then((answer) => answer.json()));

const KEY = /^(\s*)((?:- +)*)([A-Za-z_][\w.-]*)(\s*:)(?:\s+|$)(.*)$/;
const indentOf = (text) => text.length - text.trimStart().length;

/** Of a line: where its key stands, after the dashes of a list. */
function read(text) {
  const found = KEY.exec(text);
  if (!found) return null;
  const [, space, dashes, key, , value] = found;
  return { at: space.length + dashes.length, list: dashes.length > 0, key, value: value.replace(/\s+#.*$/, "").trim() };
}

/** Keys above a place at this indent, outermost first; "-" for an item of a list. */
function pathAbove(doc, number, indent) {
  const path = [];
  const own = doc.line(number).text.trimStart();
  let limit = indent;
  if (own.startsWith("- ")) {
    path.unshift("-");
    limit = indentOf(doc.line(number).text);
  }
  for (let above = number - 1; above > 0 && limit >= 0; above -= 1) {
    const text = doc.line(above).text;
    if (!text.trim() || text.trimStart().startsWith("#")) continue;
    const line = read(text);
    if (line && line.at < limit) {
      path.unshift(line.key);
      limit = line.at;
    } else if (path[0] === "-" && line && !line.list && line.at === limit) {
      path.unshift(line.key); // a list as far left as its key
    }
    if (line?.list && line.at === limit && path[0] !== "-") {
      path.unshift("-");
      limit = indentOf(text);
    }
    if (limit === 0 && path[0] !== "-") break;
  }
  return path;
}

/** Keys with their values beside this line, at its indent. */
function beside(doc, number, indent) {
  const found = new Map();
  for (const step of [-1, 1]) {
    for (let at = number + (step === 1 ? 0 : -1); at > 0 && at <= doc.lines; at += step) {
      const text = doc.line(at).text;
      if (!text.trim() || text.trimStart().startsWith("#")) continue;
      const line = read(text);
      if (!line || line.at < indent || (step === 1 && line.list && at !== number && line.at === indent)) break;
      if (line.at === indent) found.set(line.key, line.value);
      if (step === -1 && line.list && line.at === indent) break;
    }
  }
  return found;
}

/** Every shape that a node can have, its references followed. */
function shapes(node, all) {
  if (!node || typeof node !== "object") return [];
  if (node.$ref) {
    const { $ref, ...more } = node;
    return shapes({ ...all.$defs[$ref.split("/").pop()], ...more }, all);
  }
  const parts = node.anyOf ?? node.oneOf;
  return parts ? parts.flatMap((part) => shapes({ ...(node.description && { description: node.description }), ...part }, all)) : [node];
}

function below(node, key) {
  if (key === "-") return node.items ?? null;
  const pattern = Object.entries(node.patternProperties ?? {}).find(([form]) => new RegExp(form).test(key));
  const other = typeof node.additionalProperties === "object" ? node.additionalProperties : null;
  return node.properties?.[key] ?? pattern?.[1] ?? other;
}

/** Of the shapes those that what stands beside leaves: `type: rsi` is one of thirty indicators. */
function fitting(nodes, known) {
  return nodes.filter((node) =>
    Object.entries(node.properties ?? {}).every(([key, { const: only }]) => only === undefined || !known.has(key) || !known.get(key) || known.get(key).replace(/["']/g, "") === only));
}

async function at(path, known) {
  const all = await schema();
  const nodes = path.reduce((found, key) => found.flatMap((node) => shapes(below(node, key), all)), shapes(all, all));
  return { all, nodes: fitting(nodes, known) };
}

function words(node) {
  const limits = [
    node.default !== undefined && node.default !== null && `Default: ${JSON.stringify(node.default)}`,
    node.minimum !== undefined && `at least ${node.minimum}`,
    node.exclusiveMinimum !== undefined && `more than ${node.exclusiveMinimum}`,
    node.maximum !== undefined && `at most ${node.maximum}`,
    node.enum && `one of ${node.enum.join(", ")}`,
  ].filter(Boolean);
  return [node.description?.replaceAll("\n", " "), limits.join(", ")].filter(Boolean).join("\n");
}

const ofShape = (node) => node.enum ?? (node.const !== undefined ? [node.const] : node.type === "boolean" ? [true, false] : []);

/** A source of completions, as CodeMirror asks for them. */
export async function completionsAt(context) {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (/(^|\s)#/.test(before)) return null;
  const braces = around(context.state, context.pos, "FlowMapping");
  if (braces) {
    const here = { path: pathOf(context.state, braces), known: pairsOf(context.state, braces) };
    const typed = /[{,]\s*(?:([\w.-]+)\s*:\s+)?([\w.-]*)$/.exec(context.state.sliceDoc(braces.from, context.pos));
    return typed && (typed[1] ? values(context, here, typed[1]) : keys(context, here, typed[2]));
  }
  const found = read(`${before} `);
  const typed = /^(\s*)((?:- +)*)([\w.-]*)$/.exec(before);
  if (!found && !typed) return null;
  const indent = found ? found.at : typed[1].length + typed[2].length;
  const path = pathAbove(context.state.doc, line.number, indent);
  const here = { path, known: beside(context.state.doc, line.number, indent) };
  return found ? values(context, here, found.key) : keys(context, here, typed[3]);
}

async function keys(context, { path, known }, typed) {
  if (!typed && !context.explicit) return null;
  const { all, nodes } = await at(path, known);
  const options = new Map();
  for (const [key, node] of nodes.flatMap(({ properties }) => Object.entries(properties ?? {}))) {
    if (known.has(key) && key !== typed) continue;
    const shaped = shapes(node, all);
    const nests = shaped.some((shape) => shape.properties || shape.patternProperties);
    options.set(key, { label: key, apply: nests ? `${key}:` : `${key}: `, type: "property", info: shaped.map(words).find(Boolean) });
  }
  return { from: context.pos - typed.length, options: [...options.values()], validFor: /^[\w.-]*$/ };
}

async function values(context, { path, known }, key) {
  const others = new Map([...known].filter(([name]) => name !== key));
  const { all, nodes } = await at(path, others);
  const options = new Map();
  for (const node of nodes) {
    for (const shape of shapes(below(node, key), all)) {
      const info = shape.const === undefined ? undefined : node.description?.replaceAll("\n", " ");
      for (const value of ofShape(shape)) options.set(String(value), { label: String(value), type: "enum", info });
    }
  }
  const word = context.matchBefore(/[\w.-]*$/);
  if (!options.size || (word.from === word.to && !context.explicit)) return null;
  return { from: word.from, options: [...options.values()], validFor: /^[\w.-]*$/ };
}

/** What the schema says of the key at a place, and where that key stands; null of anything else. */
export async function toldAt(state, pos) {
  const key = around(state, pos, "Key");
  const mapping = key?.parent.parent;
  if (!mapping) return null;
  const { all, nodes } = await at(pathOf(state, mapping), pairsOf(state, mapping));
  const told = nodes.flatMap((node) => shapes(below(node, state.sliceDoc(key.from, key.to)), all));
  const inside = key.parent.getChild("BlockMapping") ?? key.parent.getChild("FlowMapping");
  const fit = inside ? fitting(told, pairsOf(state, inside)) : told;
  const text = [...new Set((fit.length ? fit : told).map(words))].filter(Boolean).slice(0, 2).join("\n");
  return text ? { from: key.from, to: key.to, words: text } : null;
}

/** The nearest node of this name that holds a place. */
function around(state, pos, name) {
  for (const side of [-1, 1]) {
    let node = syntaxTree(state).resolveInner(pos, side);
    while (node && node.name !== name) node = node.parent;
    if (node && (name !== "FlowMapping" || (node.from < pos && (pos < node.to || state.sliceDoc(node.to - 1, node.to) !== "}")))) return node;
  }
  return null;
}

function pathOf(state, node) {
  const path = [];
  for (let up = node.parent; up; up = up.parent) {
    const key = up.name === "Pair" && up.getChild("Key");
    if (key) path.unshift(state.sliceDoc(key.from, key.to));
    if (up.name === "Item") path.unshift("-");
  }
  return path;
}

/** Keys with their values, as they are written. */
function pairsOf(state, mapping) {
  const found = new Map();
  for (const pair of mapping.getChildren("Pair")) {
    const key = pair.getChild("Key");
    if (key) found.set(state.sliceDoc(key.from, key.to), state.sliceDoc(key.to, pair.to).replace(/^\s*:\s*/, ""));
  }
  return found;
}
