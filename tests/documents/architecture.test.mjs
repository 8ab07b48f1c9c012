import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = path.join(ROOT, 'docs/ARCHITECTURE.md');
const DRAWING =
  /(?<=<!-- drawing: made by MINIAUTH_RENEW=1 node --test tests\/documents\/architecture.test.mjs -->\n)```mermaid\n[^]*?\n```/;

/** The parts in the drawing, with a short description. Parts that only develop or measure the others are left out. */
const ROOMS = {
  'example-miniapp': 'a page of a mini-program',
  pkg: 'the npm package',
  js: 'its JavaScript',
  src: 'the WebAssembly module',
  'crates/core': 'the rules and the wire',
  'crates/openplatform': 'the gateway’s client',
  'crates/server': 'the HTTP server and its stores',
  'crates/sandbox': 'a local open platform',
  'crates/checker': 'static checks',
  'crates/cli': 'the binary miniauth',
  'crates/platform': 'a reader of platform/',
  platform: 'what is known of the platform',
  simulator: 'a phone in the browser',
};

/** Files that the build generates from one part for another: neither imports the other. */
const MADE = [
  { from: 'pkg', to: 'js', file: 'xtask/src/wasm/bundle.rs', says: 'js/src/entries/' },
  { from: 'js', to: 'src', file: 'js/src/worker/client.js', says: '../../generated/miniauth_bg.js' },
  { from: 'crates/platform', to: 'platform', file: 'crates/platform/src/lib.rs', says: '../data/' },
];

test('the drawing has the arrows that the code has, and no other', async () => {
  const page = await readFile(PAGE, 'utf8');
  assert.match(page, DRAWING);
  const drawn = drawing([...(await crates()), ...(await scripts()), ...(await made())]);
  if (process.env.MINIAUTH_RENEW)
    await writeFile(
      PAGE,
      page.replace(DRAWING, () => drawn),
    );
  else assert.equal(DRAWING.exec(page)[0], drawn, 'docs/ARCHITECTURE.md: the drawing is not of this code');
});

/** Reads the dependencies between crates from Cargo. */
async function crates() {
  const metadata = JSON.parse(
    execFileSync('cargo', ['metadata', '--no-deps', '--locked', '--format-version', '1'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    }),
  );
  const rooms = new Map(
    metadata.packages.map(({ name, manifest_path: manifest }) => [name, path.relative(ROOT, path.dirname(manifest)) || 'src']),
  );
  return metadata.packages.flatMap(({ name, dependencies }) =>
    dependencies
      .filter(({ kind, name: of }) => kind === null && rooms.has(of))
      .map((dependency) => ({ from: rooms.get(name), to: rooms.get(dependency.name) })),
  );
}

/** Reads which folders of JavaScript import from which. */
async function scripts() {
  const files = execFileSync('git', ['ls-files', '*.js', '*.mjs'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const arrows = [];
  for (const file of files.filter((name) => roomOf(name) && !/\/test\//.test(name))) {
    const text = await readFile(path.join(ROOT, file), 'utf8');
    for (const [, from, required] of text.matchAll(/\bfrom '([^']+)'|\brequire\('([^']+)'\)/g)) {
      const name = from ?? required;
      const to =
        name === 'miniauth' || name.startsWith('miniauth/') ? 'pkg' : name.startsWith('.') && roomOf(path.join(path.dirname(file), name));
      if (to) arrows.push({ from: roomOf(file), to });
    }
  }
  return arrows;
}

/** Returns the generated files, after checking that each one's generator still names it. */
async function made() {
  for (const { file, says } of MADE)
    assert.ok((await readFile(path.join(ROOT, file), 'utf8')).includes(says), `${file} has no ${says} any more`);
  return MADE;
}

function roomOf(file) {
  return Object.keys(ROOMS).find((room) => file.startsWith(`${room}/`));
}

function drawing(arrows) {
  const rooms = Object.entries(ROOMS).map(([room, words]) => `  ${room.replaceAll('/', '_')}["${room}<br/>${words}"]`);
  const lines = arrows
    .filter(({ from, to }) => from !== to && ROOMS[from] && ROOMS[to])
    .map(({ from, to }) => `  ${from} --> ${to}`.replaceAll('/', '_'));
  return ['```mermaid', 'flowchart TD', ...rooms, ...[...new Set(lines)].sort(), '```'].join('\n');
}
