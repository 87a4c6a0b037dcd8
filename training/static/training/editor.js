// The strategy's text in an editor, where scripts run; the form's own text area stays what is sent.

import {
  EditorState, EditorView, HighlightStyle, autocompletion, bracketMatching, completionKeymap, defaultKeymap,
  drawSelection, highlightActiveLine, history, historyKeymap, hoverTooltip, indentOnInput, indentService, indentUnit, keymap,
  lineNumbers, lintGutter, lintKeymap, setDiagnostics, syntaxHighlighting, tags, yaml,
} from "./vendor/codemirror/codemirror.min.js";
import { completionsAt, schema, toldAt } from "./grammar.js";

const area = () => document.getElementById("id_strategy_yaml");
const NAME = "Strategy in YAML";

const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--accent)" },
  { tag: tags.comment, color: "var(--ink-soft)", fontStyle: "italic" },
  { tag: [tags.string, tags.attributeValue], color: "var(--chart-4)" },
  { tag: [tags.separator, tags.squareBracket, tags.brace], color: "var(--ink-soft)" },
]);
const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "0.8125rem", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--ink-soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent-wash) 45%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-wash)",
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)", color: "var(--accent-ink)",
  },
  ".cm-told": { maxWidth: "26rem", padding: "0.4rem 0.6rem", whiteSpace: "pre-wrap", fontFamily: "var(--sans)" },
  ".cm-completionInfo": { whiteSpace: "pre-wrap", fontFamily: "var(--sans)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)" },
});

function extensions() {
  return [
    lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), indentOnInput(),
    indentUnit.of("  "), indentService.of(deeper), yaml(), syntaxHighlighting(colours), look,
    autocompletion({ override: [completionsAt] }),
    hoverTooltip(async (view, at) => {
      const found = await toldAt(view.state, at);
      return found && { pos: found.from, end: found.to, above: true, create: () => ({ dom: told(found.words) }) };
    }),
    keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
    EditorView.contentAttributes.of({ "aria-label": NAME, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => update.docChanged && send()),
  ];
}

/** Below a key without a value its own keys begin; below anything else what stands beside it. */
function deeper(context, pos) {
  const { text } = context.lineAt(pos, -1);
  const begin = /^\s*(- +(?=[\w.-]+:))*/.exec(text)[0].length;
  return /:\s*(#.*)?$/.test(text) ? begin + 2 : begin;
}

function told(words) {
  const box = document.createElement("div");
  box.className = "cm-told";
  box.textContent = words;
  return box;
}

// In a shadow of its own: its styles are sheets that a script makes, which the page's policy allows.
const host = document.createElement("div");
host.className = "editor";
host.attachShadow({ mode: "open" });
const view = new EditorView({
  state: EditorState.create({ doc: area().value, extensions: extensions() }),
  parent: host.shadowRoot,
  root: host.shadowRoot,
});
document.getElementById("text").after(host);
host.addEventListener("keydown", (event) => event.stopPropagation()); // what is typed is no shortcut

host.addEventListener("focusin", schema, { once: true }); // it is there when something is typed

let isSending = false;

/** Into the form, as if it were typed there. */
function send() {
  if (area().value === view.state.doc.toString()) return;
  isSending = true;
  area().value = view.state.doc.toString();
  area().dispatchEvent(new Event("input", { bubbles: true }));
  isSending = false;
}

/** From the form: another strategy, or what was kept of a text. It can be undone. */
function receive() {
  const text = area().value;
  if (isSending || text === view.state.doc.toString()) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

/** The text area is behind the editor: sent with the form, and nobody's to come to. */
function cover() {
  area().classList.add("behind-editor");
  area().tabIndex = -1;
  area().setAttribute("aria-hidden", "true");
}

function markFaults() {
  const diagnostics = [...document.querySelectorAll("#check [data-line]")].map((button) => {
    const number = Math.min(Number(button.dataset.line), view.state.doc.lines);
    const { from, to, text } = view.state.doc.line(number);
    const item = button.closest("li");
    return {
      from: from + text.length - text.trimStart().length,
      to,
      severity: button.closest(".error") ? "error" : "warning",
      message: [...item.querySelectorAll("code, span")].map((part) => part.textContent).join(": "),
    };
  });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

cover();
markFaults();
document.addEventListener("input", ({ target }) => target === area() && receive());
document.addEventListener("show-line", (event) => {
  event.preventDefault();
  const { from, to } = view.state.doc.line(Math.min(event.detail, view.state.doc.lines));
  view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
});
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "text") {
    cover();
    receive();
  }
  if (detail.target.id === "check") markFaults();
});
