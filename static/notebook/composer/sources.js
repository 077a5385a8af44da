/* The source files of the form: the editor, and the ways to fill it. */

import { SourceEditor } from "./editor.js";
import { FillingError, fromDrop, fromFiles, manifestAmong } from "./filling.js";

function limitsOf(form) {
  return {
    files: Number(form.dataset.mostFiles),
    file: Number(form.dataset.mostFileBytes),
    total: Number(form.dataset.mostBytes),
  };
}

/* What one file chosen adds to, a folder or a zip replaces; what is there already gives way only
   where it has the same path. */
function fill(editor, pairs) {
  const paths = new Set(pairs.map(([path]) => path));
  const kept = editor.isBlank ? [] : editor.pairs.filter(([path, text]) => (path || text) && !paths.has(path));
  editor.fill([...pairs, ...kept]);
  const manifest = document.getElementById("field-manifest_path");
  if (manifest && !manifest.value) manifest.value = manifestAmong(pairs.map(([path]) => path));
}

export function openSources(place, changed) {
  const editor = new SourceEditor(place, changed);
  const limits = limitsOf(place.closest("form"));
  const tell = (words, bad) => {
    editor.tell(words);
    place.querySelector(".said-of-files").toggleAttribute("data-bad", bad);
  };
  const take = async (reading) => {
    try {
      const pairs = await reading;
      fill(editor, pairs);
      tell(pairs.length === 1 ? `${pairs[0][0]} was added.` : `${pairs.length} files were added.`, false);
    } catch (error) {
      if (!(error instanceof FillingError)) throw error;
      tell(`Nothing was added. ${error.message}`, true);
    }
  };
  for (const id of ["choose-files", "choose-folder"]) {
    const input = place.querySelector(`#${id}`);
    input.addEventListener("change", async () => {
      if (input.files.length > 0) await take(fromFiles([...input.files], limits));
      input.value = "";
    });
  }
  place.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    place.dataset.over = "";
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) delete place.dataset.over;
  });
  place.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    delete place.dataset.over;
    take(fromDrop(event.dataTransfer, limits));
  }, { capture: true });
  return editor;
}
