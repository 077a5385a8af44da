/* Filling the source editor from chosen or dropped files, a folder or a zip. What would be refused
   is named before anything is sent: too many files, too much text, a file that is no text, a path
   that leads out of the package. */

import { Unzip, UnzipInflate } from "../../vendor/codemirror-6/codemirror.min.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const PASSED_OVER = /(^|\/)(\.git|\.DS_Store|__MACOSX|node_modules|target|\.zig-cache|zig-out)(\/|$)/;

const MOST_NAMED = 5;
const UNSEEN_IN_A_PATH = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const bytesOf = (text) => new TextEncoder().encode(text).length;

/* Why the rules would refuse a path, or nothing. They stand in `core/decide/source_paths.py`, whose
   judgement is the one that counts. */
export function whyRefused(path) {
  if (path.includes("\\")) return "it holds a backslash";
  if (path.includes(":")) return "it holds a colon";
  if (/["<>|?*]/.test(path)) return 'it holds one of " < > | ? *';
  if (UNSEEN_IN_A_PATH.test(path)) return "it holds a control or invisible character";
  if (path !== path.normalize("NFC")) return "it is not in Unicode normal form NFC";
  if (bytesOf(path) > 512) return "it is longer than 512 bytes";
  const segments = path.split("/");
  if (path.startsWith("/")) return "it is absolute";
  if (segments.length > 16) return "it is more than 16 folders deep";
  if (segments.some((one) => ["", ".", ".."].includes(one))) return "it holds an empty, . or .. segment";
  if (segments.some((one) => one.startsWith("-"))) return "a segment starts with -";
  if (segments.some((one) => one !== one.trim())) return "a segment starts or ends with white space";
  if (segments.some((one) => bytesOf(one) > 200)) return "a segment is longer than 200 bytes";
  return "";
}

function refusePaths(paths) {
  const named = paths.map((path) => [path, whyRefused(path)]).filter(([, why]) => why);
  if (named.length === 0) return;
  const told = named.slice(0, MOST_NAMED).map(([path, why]) => `${path} (${why})`).join("; ");
  const more = named.length > MOST_NAMED ? `; and ${named.length - MOST_NAMED} more` : "";
  throw new FillingError(`${named.length === 1 ? "This path" : "These paths"} would be refused: ${told}${more}.`);
}

export class FillingError extends Error {}

const sized = (bytes) => (bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`);

class Package {
  constructor(limits) {
    this.limits = limits;
    this.files = new Map();
    this.total = 0;
  }

  /* How many bytes of one more file may still come. */
  room() {
    return Math.min(this.limits.file, this.limits.total - this.total);
  }

  expectRoomFor(path) {
    if (this.files.has(path)) throw new FillingError(`Two files have the path ${path}.`);
    if (this.files.size >= this.limits.files) throw new FillingError(`There are more than ${this.limits.files} files.`);
  }

  refuseSize(path, bytes) {
    throw new FillingError(
      bytes > this.limits.file
        ? `${path} is larger than ${sized(this.limits.file)}.`
        : `The files are together larger than ${sized(this.limits.total)}.`,
    );
  }

  put(path, bytes) {
    this.expectRoomFor(path);
    if (bytes.length > this.room()) this.refuseSize(path, bytes.length);
    this.total += bytes.length;
    try {
      const text = utf8.decode(bytes);
      if (text.includes("\0")) throw new TypeError();
      this.files.set(path, text);
    } catch {
      throw new FillingError(`${path} is no text in UTF-8. Sources are texts only.`);
    }
  }

  /* Paths as they are in the package: without the folder that holds them all. */
  pairs() {
    const paths = [...this.files.keys()].sort();
    if (paths.length === 0) throw new FillingError("There is no file in it.");
    const top = `${paths[0].split("/")[0]}/`;
    // A path that leads out begins with no folder of the package.
    const isFolder = !["", ".", ".."].includes(top.slice(0, -1));
    const cut = isFolder && paths.every((path) => path.startsWith(top)) ? top.length : 0;
    refusePaths(paths.map((path) => path.slice(cut)));
    return paths.map((path) => [path.slice(cut), this.files.get(path)]);
  }
}

async function readZip(file, into) {
  const waiting = [];
  const unzip = new Unzip((entry) => {
    if (entry.name.endsWith("/") || PASSED_OVER.test(entry.name)) return;
    into.expectRoomFor(entry.name);
    const pieces = [];
    let size = 0;
    entry.ondata = (error, piece, last) => {
      // An error that is thrown here comes back here, as if the archive were damaged.
      if (error instanceof FillingError) throw error;
      if (error) throw new FillingError(`${file.name} cannot be unpacked: ${entry.name} is damaged.`);
      size += piece.length;
      // What is counted is what comes out, not what the archive says of itself.
      if (size > into.room()) into.refuseSize(entry.name, size);
      pieces.push(piece.slice());
      if (last) waiting.push([entry.name, pieces, size]);
    };
    entry.start();
    for (const [name, parts, length] of waiting.splice(0)) into.put(name, joined(parts, length));
  });
  unzip.register(UnzipInflate);
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    try {
      // In small pieces, so that an entry that swells is stopped while it is small.
      for (let at = 0; value && at < value.length; at += 4096) unzip.push(value.subarray(at, at + 4096), false);
      if (done) unzip.push(new Uint8Array(0), true);
    } catch (error) {
      throw error instanceof FillingError ? error : new FillingError(`${file.name} is no zip that can be read.`);
    }
    for (const [name, parts, length] of waiting.splice(0)) into.put(name, joined(parts, length));
    if (done) return;
  }
}

function joined(pieces, size) {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function readFile(file, path, into) {
  if (PASSED_OVER.test(path)) return;
  into.expectRoomFor(path);
  if (file.size > into.room()) into.refuseSize(path, file.size);
  into.put(path, new Uint8Array(await file.arrayBuffer()));
}

/* Chosen files: a zip alone is unpacked, a folder's files come with their paths. */
export async function fromFiles(files, limits) {
  const into = new Package(limits);
  if (files.length === 1 && /\.zip$/i.test(files[0].name)) await readZip(files[0], into);
  else for (const file of files) await readFile(file, file.webkitRelativePath || file.name, into);
  return into.pairs();
}

/* Dropped files and folders. The entries must be taken before the first wait. */
export async function fromDrop(transfer, limits) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return fromFiles([...transfer.files], limits);
  const into = new Package(limits);
  const walk = async (entry, before) => {
    const path = before + entry.name;
    if (PASSED_OVER.test(path)) return;
    if (entry.isFile) {
      await readFile(await new Promise((take, fail) => entry.file(take, fail)), path, into);
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((take, fail) => reader.readEntries(take, fail));
      if (some.length === 0) return;
      for (const one of some) await walk(one, `${path}/`);
    }
  };
  for (const entry of entries) await walk(entry, "");
  return into.pairs();
}

/* The file that says how to build, where it can be told. */
export function manifestAmong(paths) {
  if (paths.includes("Cargo.toml")) return "Cargo.toml";
  const likely = paths.filter((path) => /\.(wat|zig|c)$/.test(path));
  const main = likely.filter((path) => /(^|\/)(main|root|lib)\.\w+$/.test(path));
  return likely.length === 1 ? likely[0] : main.length === 1 ? main[0] : "";
}
