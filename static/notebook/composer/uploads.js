/* A module's file for a deploy: its bytes and their SHA-256 fill the fields. Where the browser
   cannot compute the hash, the server does. */

import { signed } from "../signs.js";

const LARGEST_SHOWN = 512 * 1024;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function take(file, changed) {
  const said = document.getElementById("wasm-said");
  const most = Number(document.getElementById("composer").dataset.mostWasm);
  const input = document.getElementById("wasm-file");
  if (file.size > most) {
    said.textContent = `${signed(file.name)} has ${file.size} bytes; at most ${most} are taken.`;
    input.value = "";
    return;
  }
  const content = new Uint8Array(await file.arrayBuffer());
  const hash = document.getElementById("field-wasm_hash");
  let told = "The server computes its SHA-256, since this page has no secure connection.";
  hash.value = "";
  if (globalThis.crypto?.subtle) {
    hash.value = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", content)));
    told = `SHA-256 ${hash.value}`;
  }
  const field = document.getElementById("field-wasm_bytes_hex");
  if (content.length <= LARGEST_SHOWN) {
    field.value = hex(content);
    input.value = "";
    if (!hash.value) {
      // Without a hash the file itself is sent, for the server to compute it.
      const transfer = new DataTransfer();
      transfer.items.add(file);
      input.files = transfer.files;
    }
  } else {
    field.value = "";
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    told += ". It is too large to be shown as hexadecimal, and goes with the form; a draft does not keep it.";
  }
  said.textContent = `${signed(file.name)}, ${content.length} bytes. ${told}`;
  changed();
}

export function takeUploads(changed) {
  const input = document.getElementById("wasm-file");
  if (!input) return;
  const place = document.getElementById("wasm-drop").closest(".field");
  input.addEventListener("change", () => { if (input.files[0]) take(input.files[0], changed); });
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.dataset.over = ""; });
  place.addEventListener("dragleave", () => { delete place.dataset.over; });
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    delete place.dataset.over;
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0], changed);
  });
}
