// Builds the pages: sources here, what the server sends in ../dist. `node build.mjs check` says whether dist is what the sources give.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const isCheck = process.argv[2] === "check";
const dist = join(here, "..", "dist");
const out = isCheck ? mkdtempSync(join(tmpdir(), "ringbolt-pages-")) : dist;
rmSync(join(out, "assets"), { recursive: true, force: true });
mkdirSync(join(out, "assets"), { recursive: true });
const packages = new Set();

/** Writes a file under a name with the hash of its content, and gives that name. */
function put(stem, ending, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const name = `${stem}-${hash}.${ending}`;
  writeFileSync(join(out, "assets", name), content);
  return name;
}

/** One file of one entry and all that it needs. */
async function bundle(entry, define = {}) {
  const result = await build({
    entryPoints: [join(here, "src", entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: out,
    absWorkingDir: here,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "text" },
    logLevel: "warning",
    define: { "process.env.NODE_ENV": '"production"', ...define },
  });
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)?.at(-1);
    if (found) packages.add(input.slice(0, input.lastIndexOf(found)) + found);
  }
  return result.outputFiles[0].text;
}

/** The licence of every package that is shipped. */
function licenses() {
  const texts = new Map();
  for (const folder of packages) {
    const at = join(here, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
    const file = readdirSync(at).find((file) => /^(licen[cs]e|copying)/i.test(file));
    const text = file ? readFileSync(join(at, file), "utf8").trim() : "The package has no text of its licence.";
    texts.set(`${name} ${version}`, `${name} ${version} (${typeof license === "string" ? license : "see below"})\n\n${text}\n`);
  }
  const line = "-".repeat(80);
  return `What the pages of Ringbolt are built with.\n${line}\n${[...texts.keys()].sort().map((key) => texts.get(key)).join(`${line}\n`)}`;
}

const text = (name) => JSON.stringify(name);
const diagram = put("diagram", "js", await bundle("diagram_bundle.ts"));
const forms = put("forms", "js", await bundle("forms_bundle.ts"));
const formsCss = put("forms", "css", await bundle("forms.css"));
// The licences are complete once everything was bundled, so what names them is bundled twice.
await bundle("main.tsx", { DIAGRAM_JS: '""', FORMS_JS: '""', FORMS_CSS: '""', LICENSES: '""', LIVE_JS: '""' });
const licensesTxt = put("licenses", "txt", licenses());
const live = put("live", "js", await bundle("live_worker.ts"));
const app = put("app", "js", await bundle("main.tsx", { LIVE_JS: text(live), DIAGRAM_JS: text(diagram), FORMS_JS: text(forms), FORMS_CSS: text(formsCss), LICENSES: text(licensesTxt) }));
const css = put("app", "css", await bundle("app.css"));
const icon = put("icon", "svg", readFileSync(join(here, "src", "icon.svg")));
const tryJs = put("try", "js", await bundle("try.js"));
const tryCss = put("try", "css", await bundle("try.css"));

const fill = (page, names) => Object.entries(names).reduce((page, [key, value]) => page.replaceAll(`{${key}}`, value), readFileSync(join(here, "src", page), "utf8"));
const pages = { "try.html": fill("try.html", { js: tryJs, css: tryCss, icon }) };
const index = fill("index.html", { js: app, css, icon });
const stamp = createHash("sha256").update(index).update(pages["try.html"]).digest("hex").slice(0, 12);
pages["index.html"] = index.replaceAll("{build}", stamp);
for (const [name, content] of Object.entries(pages)) writeFileSync(join(out, name), content);
writeFileSync(join(out, "build"), stamp);

if (isCheck) {
  const files = (at) => ["build", "index.html", "try.html", ...readdirSync(join(at, "assets")).sort().map((name) => `assets/${name}`)];
  const differ = [...new Set([...files(out), ...files(dist)])].filter((name) => {
    const [made, kept] = [join(out, name), join(dist, name)];
    return !existsSync(made) || !existsSync(kept) || !readFileSync(made).equals(readFileSync(kept));
  });
  rmSync(out, { recursive: true });
  if (differ.length) {
    console.error(`gateway/web/dist is not what its sources give (gateway/web/build.sh builds it):\n  ${differ.join("\n  ")}`);
    process.exit(1);
  }
  console.log("gateway/web/dist is what its sources give");
}
