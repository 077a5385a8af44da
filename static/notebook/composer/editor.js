/* The source editor: in the place of the text areas, one tab for each file, with colours. It keeps
   the texts; what is sent is taken from it. Filling it from a folder or a zip is `filling.js`'s. */

import {
  EditorState, EditorView, StreamLanguage, bracketMatching, classHighlighter, closeBrackets,
  closeBracketsKeymap, cpp, defaultKeymap, drawSelection, highlightActiveLine,
  highlightActiveLineGutter, highlightSelectionMatches, highlightSpecialChars, history,
  historyKeymap, indentOnInput, indentUnit, indentWithTab, json, keymap, lineNumbers, rust, search,
  searchKeymap, syntaxHighlighting, toml, wast,
} from "../../vendor/codemirror-6/codemirror.min.js";
import { UNSEEN, sign, signed } from "../signs.js";
import { zig } from "./zig.js";

const LANGUAGES = [
  [/\.rs$/, () => rust()],
  [/\.zig$/, () => StreamLanguage.define(zig)],
  [/\.[ch]$/, () => cpp()],
  [/\.wat$/, () => wast()],
  [/\.(toml|lock)$/, () => StreamLanguage.define(toml)],
  [/\.json$/, () => json()],
];

const languageOf = (path) => LANGUAGES.find(([ending]) => ending.test(path))?.[1]() ?? [];

/* A browser that types over a selection by itself carries its looks over, as inline styles that the
   page's policy refuses. A text that is composed, as Chinese is, is the browser's to replace. */
function typeOverSelection(event, view) {
  const { main } = view.state.selection;
  const typed = event.inputType === "insertText" && event.data !== null && !event.isComposing;
  if (!typed || view.state.selection.ranges.every((range) => range.empty)) return false;
  const text = event.data;
  const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, main.from, main.to, text, insert))) view.dispatch(insert());
  event.preventDefault();
  return true;
}

/* What is not seen is shown as on every page; the text itself stays as it is. */
function signOf(code) {
  const shown = document.createElement("span");
  shown.className = "cm-specialChar";
  shown.textContent = sign(code);
  return shown;
}

const specialChars = highlightSpecialChars({ addSpecialChars: UNSEEN, render: signOf });

const shared = [
  lineNumbers(), highlightActiveLineGutter(), specialChars, history(), drawSelection(),
  indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), search({ top: true }),
  EditorView.domEventHandlers({ beforeinput: typeOverSelection }),
  highlightSelectionMatches(), syntaxHighlighting(classHighlighter), indentUnit.of("    "),
  EditorState.tabSize.of(4), EditorView.lineWrapping,
  keymap.of([
    ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, indentWithTab,
  ]),
];

/* A text whose lines all end in CR LF keeps them; one that is not touched keeps any. */
function lineEndOf(text) {
  const all = text.match(/\r\n?|\n/g) ?? [];
  return all.length > 0 && all.every((end) => end === "\r\n") ? "\r\n" : "\n";
}

let made = 0;

class SourceFile {
  constructor(path, text) {
    made += 1;
    this.id = `file-${made}`;
    this.path = path;
    this.text = text;
    this.state = null;
    this.tab = document.createElement("button");
  }
}

export class SourceEditor {
  /* `place` is the element that holds the text areas; `changed` is called after every change. */
  constructor(place, changed) {
    this.place = place;
    this.changed = changed;
    this.files = [...place.querySelectorAll(".source-file")].map(
      (one) => new SourceFile(one.querySelector("input").value, one.querySelector("textarea").value),
    );
    if (this.files.length === 0) this.files = [new SourceFile("", "")];
    place.querySelector(".plain-files").remove();
    place.querySelector(".editor").hidden = false;
    this.tabs = place.querySelector(".tabs");
    this.path = place.querySelector(".path-of-file");
    this.panel = place.querySelector(".panel-of-file");
    this.said = place.querySelector(".said-of-files");
    this.view = new EditorView({ parent: this.panel });
    this.listen();
    this.show(this.files[0]);
  }

  listen() {
    this.tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) this.show(this.fileOf(tab));
    });
    this.tabs.addEventListener("keydown", (event) => this.onTabKey(event));
    this.path.addEventListener("input", () => {
      this.current.path = this.path.value;
      this.drawTabs();
      this.changed();
    });
    this.path.addEventListener("change", () => this.show(this.current, { anew: true }));
    this.place.querySelector(".add-file").addEventListener("click", () => {
      this.add("", "");
      this.path.focus();
    });
    this.place.querySelector(".remove-file").addEventListener("click", () => {
      this.remove(this.current);
      this.tabs.querySelector("[aria-selected=true]").focus();
    });
  }

  fileOf(tab) {
    return this.files.find((file) => file.id === tab.dataset.file);
  }

  onTabKey(event) {
    const at = this.files.indexOf(this.current);
    const last = this.files.length - 1;
    const to = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) this.show(this.files[to]);
    else if (event.key === "Delete") this.remove(this.current);
    else if (event.key === "F2") { this.path.focus(); this.path.select(); event.preventDefault(); return; }
    else return;
    event.preventDefault();
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  add(path, text) {
    const file = new SourceFile(path, text);
    this.files.push(file);
    this.show(file);
    this.changed();
    return file;
  }

  remove(file) {
    const at = this.files.indexOf(file);
    this.files.splice(at, 1);
    if (this.files.length === 0) this.files.push(new SourceFile("", ""));
    this.show(this.files[Math.min(at, this.files.length - 1)]);
    this.tell(`${file.path || "The file"} was removed.`);
    this.changed();
  }

  /* Put other files in the place of these: pairs of path and text. */
  fill(pairs) {
    this.files = pairs.map(([path, text]) => new SourceFile(path, text));
    this.show(this.files[0]);
    this.changed();
  }

  get isBlank() {
    return this.files.every((file) => !file.path && !file.text);
  }

  get pairs() {
    return this.files.map((file) => [file.path, file.text]);
  }

  tell(words) {
    this.said.textContent = signed(words);
  }

  stateOf(file) {
    const end = lineEndOf(file.text);
    return EditorState.create({
      doc: file.text,
      extensions: [
        shared,
        EditorState.lineSeparator.of(end),
        languageOf(file.path),
        EditorView.contentAttributes.of({
          "aria-label": `Text of ${signed(file.path) || "the new file"}`,
          "aria-describedby": "editor-keys",
          spellcheck: "false",
          autocapitalize: "none",
        }),
        EditorView.updateListener.of((update) => {
          file.state = update.state;
          if (!update.docChanged) return;
          file.text = update.state.sliceDoc();
          this.changed();
        }),
      ],
    });
  }

  show(file, { anew = false } = {}) {
    this.current = file;
    // A lone CR would be read as a line's end and not come back: such a text is edited as it reads.
    if (anew || !file.state) file.state = this.stateOf(file);
    this.view.setState(file.state);
    this.path.value = file.path;
    this.panel.setAttribute("aria-labelledby", `tab-${file.id}`);
    this.drawTabs();
  }

  /* Each file keeps its tab, and a tab its place: one that is drawn anew would lose the focus, or a
     click that is on its way. */
  drawTabs() {
    const tabs = this.files.map((file) => this.drawn(file));
    for (const gone of [...this.tabs.children].filter((tab) => !tabs.includes(tab))) gone.remove();
    tabs.forEach((tab, at) => {
      if (this.tabs.children[at] !== tab) this.tabs.insertBefore(tab, this.tabs.children[at] ?? null);
    });
    // The row of tabs alone: scrollIntoView would move the page, too, under who reads elsewhere.
    const tab = this.current.tab.getBoundingClientRect();
    const row = this.tabs.getBoundingClientRect();
    if (tab.left < row.left) this.tabs.scrollBy({ left: tab.left - row.left });
    else if (tab.right > row.right) this.tabs.scrollBy({ left: tab.right - row.right });
  }

  drawn(file) {
    const { tab } = file;
    const selected = file === this.current;
    tab.type = "button";
    tab.id = `tab-${file.id}`;
    tab.dataset.file = file.id;
    tab.textContent = signed(file.path) || "new file";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(selected));
    tab.setAttribute("aria-controls", "panel-of-file");
    tab.tabIndex = selected ? 0 : -1;
    const twice = file.path && this.files.some((one) => one !== file && one.path === file.path);
    tab.toggleAttribute("data-twice", Boolean(twice));
    tab.title = twice ? "Two files have this path." : "";
    return tab;
  }
}
