// Makes ../codemirror.min.js and ../LICENSE of the packages that package-lock.json pins.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/* The pages' policy allows no style element. style-mod makes constructed sheets, which the policy
   does allow, only below a shadow root; with this one condition less it makes them everywhere. */
const constructedSheets = {
  name: "constructed-sheets",
  setup(building) {
    building.onLoad({ filter: /style-mod\/src\/style-mod\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace("!root.head && root.adoptedStyleSheets", "root.adoptedStyleSheets");
      if (contents === text) throw new Error("style-mod has changed: see what it does with styles now");
      return { contents };
    });
  },
};

const folder = import.meta.dirname;
const out = process.argv[2] ?? join(folder, "..");
const result = await build({
  entryPoints: [join(folder, "editor.js")],
  outfile: join(out, "codemirror.min.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  metafile: true,
  plugins: [constructedSheets],
});

const packages = new Set(
  Object.keys(result.metafile.inputs)
    .map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);
const licences = [];
for (const name of [...packages].sort()) {
  const at = join(folder, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(at, "package.json"), "utf8"));
  const text = (await readFile(join(at, "LICENSE"), "utf8")).trim();
  licences.push(`${name} ${version} (${license})\n\n${text}\n`);
}
const rule = `\n${"-".repeat(80)}\n\n`;
await writeFile(join(out, "LICENSE"), licences.join(rule));
