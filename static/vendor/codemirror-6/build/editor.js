// What the notebook's editor uses of its libraries, as one module. No code of ours.
export { EditorState, Compartment } from "@codemirror/state";
export {
  EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter,
  highlightSpecialChars, drawSelection,
} from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
export {
  StreamLanguage, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
export { search, searchKeymap, highlightSelectionMatches } from "@codemirror/search";
export { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
export { classHighlighter } from "@lezer/highlight";
export { rust } from "@codemirror/lang-rust";
export { cpp } from "@codemirror/lang-cpp";
export { json } from "@codemirror/lang-json";
export { wast } from "@codemirror/lang-wast";
export { toml } from "@codemirror/legacy-modes/mode/toml";
export { Unzip, UnzipInflate } from "fflate";
